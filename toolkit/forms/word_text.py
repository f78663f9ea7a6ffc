"""Paragraphs of a Word file: runs, tabs, breaks, fields and pictures in the order in which they stand."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from toolkit.errors import TemplateError
from toolkit.forms.blocks import (
    Anchored,
    Block,
    Drawing,
    Inline,
    InlinePicture,
    LineBreak,
    Note,
    Outline,
    PageBreak,
    PageNumber,
    Paragraph,
    Stretched,
    Tab,
    Target,
    Text,
    TextBox,
)
from toolkit.forms.looks import Look, Pitch, Shape
from toolkit.forms.package import parse_xml
from toolkit.forms.word_drawings import DrawingReader, chosen_drawing
from toolkit.forms.word_fields import Field, Fields
from toolkit.forms.word_notes import NoteReader
from toolkit.forms.word_numbering import Numbered, Numbering
from toolkit.forms.word_properties import (
    LEADERS,
    TAB_ALIGNMENTS,
    Properties,
    paragraph_properties,
    run_properties,
)
from toolkit.forms.word_styles import ParagraphStyle, Styles, as_shape, overlaid
from toolkit.forms.word_symbols import symbol
from toolkit.forms.word_vml import read_vml
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    named,
    number,
    qualified,
    shortened,
    unsupported,
    written,
)
from toolkit.messages import Message

MAX_CHARACTERS, MAX_PARAGRAPH = 500_000, 20_000
"""Characters of one part, and of one paragraph; the sample of 14 pages has about 9,000 in all. A paragraph whose script
changes with every character takes Typst more than linear time: one of 480,000 was not done after three minutes."""
_DEEPEST_BOX = 3
# Elements that print nothing: comments, checks of spelling, permissions, where pages ended when Word saved.
_SILENT = {
    *("w:commentRangeStart", "w:commentRangeEnd", "w:commentReference", "w:annotationRef", "w:proofErr"),
    *(
        "w:separator",
        "w:continuationSeparator",
        "w:permStart",
        "w:permEnd",
        "w:lastRenderedPageBreak",
        "w:bookmarkEnd",
        "w:pPr",
        "w:rPr",
    ),
    *("w:moveFromRangeStart", "w:moveFromRangeEnd", "w:moveToRangeStart", "w:moveToRangeEnd"),
}
# Elements that only stand around text.
_TRANSPARENT = {"w:hyperlink", "w:smartTag", "w:customXml", "w:sdtContent"}
# Tracked changes are set as accepted: what was put in stands there, what was taken out does not.
_PUT_IN, _TAKEN_OUT = {"w:ins", "w:moveTo"}, {"w:del", "w:moveFrom"}
_TRANSPARENT_IGNORED = {"w:smartTagPr", "w:customXmlPr", "w:sdtPr", "w:sdtEndPr"}
_DRAWN = {"w:drawing", "w:pict", "w:object", "mc:AlternateContent"}
_CHARACTERS = {"w:noBreakHyphen": "\u2011", "w:softHyphen": "\u00ad"}


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a ``w:pPr`` comes to in tables of one style; forms have hundreds of paragraphs and a few dozen of these."""

    direct: Properties
    style: ParagraphStyle
    mark_properties: Properties
    mark: Look
    deleted: bool


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The beginning of a bookmark; the columns are set where Word marked whole cells of a row (17.13.6.2)."""

    name: str
    first_column: int | None
    last_column: int | None


class Refusal(NamedTuple):
    """A construct that is not set: its part and paragraph, counted from 1."""

    part: str
    paragraph: int | None
    construct: Message


class Part:
    """One part that text stands in (document, header, footer) with what its relationships lead to."""

    def __init__(self, path: str, parts: Mapping[str, bytes], name: str) -> None:
        self.path = path
        self._parts = parts
        self._name = name
        self._targets: dict[str, str] = {}
        folder, _, file = path.rpartition("/")
        relationships = parts.get(f"{folder}/_rels/{file}.rels")
        for item in parse_xml(relationships, name) if relationships is not None else ():
            if isinstance(item.tag, str) and item.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, item.get("Target", ""))).lstrip("/")
                self._targets[item.get("Id", "")] = target

    @property
    def root(self) -> Element:
        """The part's XML."""
        return parse_xml(self._parts[self.path], self._name)

    def target(self, identifier: str | None) -> str | None:
        """Return the name of the part that a relationship leads to, None when there is none."""
        target = self._targets.get(identifier or "")
        return target if target in self._parts else None

    def data(self, identifier: str | None) -> bytes | None:
        """Return the bytes that a relationship leads to."""
        target = self.target(identifier)
        return None if target is None else self._parts[target]


class TextReader:
    """Reads the paragraphs of one part; ``bookmarks`` are those that began since someone last took them."""

    def __init__(
        self, part: Part, styles: Styles, numbering: Numbering, name: str, refusals: list[Refusal] | None = None
    ) -> None:
        """Read paragraphs of ``part``; with ``refusals`` what is not set is noted there and left out, for a linter."""
        self.refusals = refusals
        self.tracked = False
        self._numbering = numbering
        self._part = part
        self._styles = styles
        self._name = name
        self._last: Element | None = None
        self._begun: dict[tuple[bytes, str | None], _Begun] = {}
        self._runs: dict[tuple[bytes, int], tuple[Properties, Look]] = {}
        self._fields = Fields(styles)
        self._drawings = DrawingReader(part, styles.colours, self._boxed)
        self._pending: list[Target] = []
        self._boxes = 0
        self._characters = 0
        self.bookmarks: list[Bookmark] = []
        self.read_blocks: Callable[[Element], tuple[Block, ...]] = _no_blocks
        self.notes: NoteReader | None = None
        self.targets: frozenset[str] = frozenset()

    def take_bookmarks(self) -> list[Bookmark]:
        """Return the bookmarks that began since the last call."""
        taken, self.bookmarks = self.bookmarks, []
        return taken

    def paragraph(self, element: Element, table_style: str | None) -> Paragraph:
        """Return a paragraph, in a table of that style or outside any.

        Raises:
            TemplateError: when it holds what is not set; the message names its text.
        """
        try:
            return self._paragraph(element, table_style)
        except Unsupported as error:
            if self.refusals is None:
                raise self.refused(error, _text(element)) from error
            self.note(element, error)
            self._fields.clear()
            return self._paragraph(element.makeelement(element.tag), table_style)
        finally:
            self._last = element

    def note(self, element: Element, error: Unsupported) -> None:
        """Note what a paragraph or table holds that is not set."""
        if self.refusals is not None:
            paragraph = element if element.tag == qualified("w:p") else next(element.iter(qualified("w:p")), None)
            every = element.getroottree().iter(qualified("w:p"))
            number = next((index for index, each in enumerate(every, 1) if each is paragraph), None)
            self.refusals.append(Refusal(self._part.path, number, error.construct))

    def refused(self, error: Unsupported, text: str = "") -> TemplateError:
        """Return the error for a construct that stands in a paragraph with that text, or after the last one read."""
        text = text or self._text_before()
        return TemplateError(
            Message(
                "“{name}” cannot be set: it holds {construct}, which is not supported yet; near “{text}”",
                name=self._name,
                construct=error.construct,
                text=shortened(text),
            )
        )

    def _text_before(self) -> str:
        """Return the text of the last paragraph read that has any."""
        found = ""
        for each in () if self._last is None else self._last.getroottree().iter(qualified("w:p")):
            found = _text(each) or found
            if each is self._last:
                break
        return found

    def remember(self, element: Element) -> None:
        """Note the beginning of a bookmark."""
        name = attribute(element, "w:name")
        if name in self.targets:
            self._pending.append(Target(name))
        if name and not name.startswith("_"):  # Word's own, such as _GoBack and _Toc…
            self.bookmarks.append(Bookmark(name, number(element, "w:colFirst"), number(element, "w:colLast")))

    def _targets(self) -> list[Inline]:
        pending, self._pending = self._pending, []
        return [*pending]

    def _paragraph(self, element: Element, table_style: str | None) -> Paragraph:
        items = children(element)
        begun = self._beginning(next((item for name, item in items if name == "w:pPr"), None), table_style)
        style, mark = begun.style, begun.mark
        content = (*self._targets(), *self._inlines(items, style))
        self._fields.end_paragraph()
        if begun.deleted:
            raise Unsupported(Message("a tracked change that joins two paragraphs (accept or reject it in Word)"))
        # Indents in characters count those of the paragraph's first run (17.3.1.12 leaves it open; Word does so).
        first = next((piece.look.size for piece in content if isinstance(piece, Text)), mark.size)
        numbered = self._number(style, begun.direct)
        if numbered is None:
            shape = self._styles.shape(style, begun.direct, first)
        else:
            label = self._styles.look(style, overlaid(begun.mark_properties, numbered.level.run))
            content = (*_labelled(numbered, label), *content)
            shape = as_shape(style.style, self._indented(style, begun.direct, numbered.level.paragraph), first)
        _judge(shape, content)
        return Paragraph(shape, content, mark)

    def _beginning(self, own: Element | None, table_style: str | None) -> _Begun:
        key = (written(own), table_style)
        begun = self._begun.get(key)
        if begun is None:
            direct = paragraph_properties(own)
            style = self._styles.paragraph(direct.get("style"), table_style)
            mark_properties = run_properties(child(own, "w:rPr"), self._styles.theme)
            deleted = bool(mark_properties.pop("deleted", False))
            mark = self._styles.look(style, mark_properties)
            begun = self._begun[key] = _Begun(direct, style, mark_properties, mark, deleted)
        return begun

    def _number(self, style: ParagraphStyle, direct: Properties) -> Numbered | None:
        """Return the automatic number of a paragraph, None for none."""
        both = {**style.paragraph, **direct}
        chosen = both.get("list", 0)
        return self._numbering.next(chosen, both.get("level"), style.style) if chosen else None

    def _indented(self, style: ParagraphStyle, direct: Properties, level: Properties) -> Properties:
        """Lay what a list sets between style and paragraph, or below the style where that one chose the list."""
        if "list" not in direct:
            return overlaid(level, style.paragraph, direct)
        # Indents in characters win over those in points: the style's must not outlive the list's.
        sides = [side for side in ("left", "right", "first_line") if side in level]
        below = {name: each for name, each in style.paragraph.items() if name.removesuffix("_characters") not in sides}
        return overlaid(below, level, direct)

    def _inlines(self, items: Sequence[tuple[str, Element]], style: ParagraphStyle) -> list[Inline]:
        found: list[Inline] = []
        for name, item in items:
            if name == "w:r":
                self._run(item, style, found)
            elif name in _TRANSPARENT:
                found.extend(self._inlines(children(item), style))
            elif name == "w:sdt":
                if child(child(item, "w:sdtPr"), "w:showingPlcHdr") is not None:
                    raise Unsupported(Message("a content control that nobody filled in"))
                found.extend(self._inlines(children(item), style))
            elif name == "w:fldSimple":
                self._fields.begin(Field(attribute(item, "w:instr") or ""))
                self._fields.separate()
                found.extend(self._inlines(children(item), style))
                self._fields.end(found, style, {})
            elif name == "w:bookmarkStart":
                self.remember(item)
                self._fields.emit(self._targets(), found)
            elif name in _PUT_IN:
                self.tracked = True
                found.extend(self._inlines(children(item), style))
            elif name in _TAKEN_OUT:
                self.tracked = True
            elif name not in _SILENT and name not in _TRANSPARENT_IGNORED:
                raise unsupported(item, "")
        return found

    def _run(self, element: Element, style: ParagraphStyle, found: list[Inline]) -> None:
        items = children(element)
        own = next((item for name, item in items if name == "w:rPr"), None)
        key = (written(own), id(style))  # styles live as long as their reader
        known = self._runs.get(key)
        if known is None:
            properties = run_properties(own, self._styles.theme)
            known = self._runs[key] = (properties, self._styles.look(style, properties))
        direct, look = known
        if look.hidden:  # prints nothing in Word either
            return
        for name, item in items:
            if name == "w:t":
                # Line ends within w:t are blanks, as in every XML text that Word writes.
                characters = (item.text or "").replace("\n", " ")
                if characters:
                    self._count(len(characters))
                    text = Text(characters.upper() if look.capitals else characters, look)
                    self._fields.emit([_fitted(text, direct, found) if "fit" in direct else text], found)
            elif name == "w:tab":
                self._fields.emit([Tab(look)], found)
            elif name == "w:ptab":
                self._fields.emit([_placed_tab(item, look)], found)
            elif name in {"w:br", "w:cr"}:
                self._fields.emit([_break(item)], found)
            elif name in _CHARACTERS:
                self._fields.emit([Text(_CHARACTERS[name], look)], found)
            elif name == "w:pgNum":
                self._fields.emit([PageNumber(look)], found)
            elif name == "w:fldChar":
                self._fields.character(item, found, style, direct)
            elif name == "w:instrText":
                self._fields.instruct(item.text or "")
            elif name in _DRAWN:
                self._fields.emit([self._drawn(item)], found)
            elif name == "w:sym":
                self._fields.emit([Text(symbol(item), look)], found)
            elif name == "w:footnoteReference":
                self._fields.emit([self._note(item, look)], found)
            elif name == "w:footnoteRef" and self.notes is not None:
                self._fields.emit([Text(self.notes.label, look)] if self.notes.label else [], found)
            elif name not in _SILENT:
                raise unsupported(item)

    def _count(self, characters: int) -> None:
        self._characters += characters
        if self._characters > MAX_CHARACTERS:
            raise TemplateError(
                Message("“{name}” has more than {limit} characters", name=self._name, limit=MAX_CHARACTERS)
            )

    def _note(self, element: Element, look: Look) -> Note:
        if self.notes is None:
            raise Unsupported(Message("a footnote in a header, a footer or another note"))
        return self.notes.note(element, look)

    def _drawn(self, element: Element) -> Drawing | Anchored:
        if named(element) == "mc:AlternateContent":
            element = chosen_drawing(element)
        if named(element) == "w:pict":
            return read_vml(element, self._drawings)
        if named(element) != "w:drawing":
            raise Unsupported(Message("an embedded object (put it in as a picture)"))
        return self._drawings.read(element)

    def _boxed(self, element: Element) -> tuple[Block, ...]:
        """Read the blocks of a text box or note, which stand apart from the paragraph that is being read."""
        if self._boxes >= _DEEPEST_BOX:
            raise Unsupported(Message("text boxes within text boxes"))
        outside, self._fields = self._fields, Fields(self._styles)
        self._boxes += 1
        try:
            return self.read_blocks(element)
        finally:
            self._fields = outside
            self._boxes -= 1


def _text(element: Element) -> str:
    return "".join(node.text or "" for node in element.iter(qualified("w:t"))).strip()


def _judge(shape: Shape, content: Sequence[Inline]) -> None:
    """Refuse what a paragraph of that shape may not hold.

    Raises:
        Unsupported: when there is any.
    """
    characters = 0
    for piece in content:
        if isinstance(piece, Text):
            characters += len(piece.characters)
        elif isinstance(piece, InlinePicture | Outline | TextBox) and shape.spacing.pitch is Pitch.EXACT:
            raise Unsupported(Message("a picture in lines of exact spacing, which cut it off (choose single spacing)"))
        elif isinstance(piece, Tab) and shape.right_to_left:
            raise Unsupported(Message("tabs in a paragraph from right to left"))
    if characters > MAX_PARAGRAPH:
        raise Unsupported(Message("a paragraph of more than {limit} characters", limit=MAX_PARAGRAPH))


def _labelled(numbered: Numbered, look: Look) -> list[Inline]:
    pieces: list[Inline] = [Text(numbered.label, look)] if numbered.label else []
    if numbered.suffix == "\t":
        pieces.append(Tab(look))
    elif numbered.suffix:
        pieces.append(Text(numbered.suffix, look))
    return pieces


def _fitted(text: Text, direct: Properties, found: list[Inline]) -> Stretched:
    """Return characters that are set to a width, joined with those before them that belong to the same place."""
    width, group = direct["fit"]
    before = found[-1] if found else None
    if isinstance(before, Stretched) and before.group == group and before.text.look == text.look:
        found.pop()
        return replace(before, text=Text(before.text.characters + text.characters, text.look))
    return Stretched(text, width, group)


def _no_blocks(element: Element) -> tuple[Block, ...]:
    raise unsupported(element, "")


def _placed_tab(element: Element, look: Look) -> Tab:
    align, leader = attribute(element, "w:alignment"), attribute(element, "w:leader")
    if (
        align not in TAB_ALIGNMENTS
        or leader not in LEADERS
        or attribute(element, "w:relativeTo") not in {"margin", None}
    ):
        raise unsupported(element, align)
    return Tab(look, TAB_ALIGNMENTS[align], LEADERS[leader])


def _break(element: Element) -> LineBreak | PageBreak:
    kind = attribute(element, "w:type") if named(element) == "w:br" else None
    if kind == "page":
        return PageBreak()
    if kind not in {None, "textWrapping"} or attribute(element, "w:clear") not in {None, "none"}:
        raise unsupported(element, kind)
    return LineBreak()
