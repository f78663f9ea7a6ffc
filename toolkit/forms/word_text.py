"""Paragraphs of a Word file: runs, tabs, breaks, fields and pictures in the order in which they stand."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from toolkit.errors import TemplateError
from toolkit.forms.blocks import (
    Inline,
    InlinePicture,
    LineBreak,
    Look,
    Number,
    PageBreak,
    PageNumber,
    Paragraph,
    Pitch,
    Tab,
    Text,
)
from toolkit.forms.package import parse_xml
from toolkit.forms.word_numbering import Numbered, Numbering
from toolkit.forms.word_properties import Properties, paragraph_properties, run_properties
from toolkit.forms.word_styles import ParagraphStyle, Styles, as_shape, overlaid
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    emu_points,
    named,
    number,
    qualified,
    shortened,
    unsupported,
)
from toolkit.messages import Message

MAX_PICTURE_PIXELS = 50_000_000
"""Pixels of one picture; A4 at 600 dpi has 35 million."""

# Elements that print nothing: comments, checks of spelling, permissions, where pages ended when Word saved.
_SILENT = {
    *("w:commentRangeStart", "w:commentRangeEnd", "w:commentReference", "w:annotationRef", "w:proofErr"),
    *("w:permStart", "w:permEnd", "w:lastRenderedPageBreak", "w:bookmarkEnd", "w:pPr", "w:rPr"),
    *("w:moveFromRangeStart", "w:moveFromRangeEnd", "w:moveToRangeStart", "w:moveToRangeEnd"),
}
# Elements that only stand around text.
_TRANSPARENT = {"w:hyperlink", "w:smartTag", "w:customXml", "w:sdtContent"}
# Tracked changes are set as accepted: what was put in stands there, what was taken out does not.
_PUT_IN, _TAKEN_OUT = {"w:ins", "w:moveTo"}, {"w:del", "w:moveFrom"}
_TRANSPARENT_IGNORED = {"w:smartTagPr", "w:customXmlPr", "w:sdtPr", "w:sdtEndPr"}
_DRAWN = {"w:drawing", "w:pict", "w:object", "mc:AlternateContent"}
_CHARACTERS = {"w:noBreakHyphen": "\u2011", "w:softHyphen": "\u00ad"}
# 17.16.5: what the fields of page numbers are called, and how the general switch \* writes them.
_PAGE_FIELDS = {"PAGE": False, "NUMPAGES": True, "SECTIONPAGES": True}
NUMBER_FORMATS = {
    **{"decimal": Number.ARABIC, "numberInDash": Number.ARABIC_BETWEEN_DASHES, "lowerRoman": Number.ROMAN_LOWER},
    **{"upperRoman": Number.ROMAN_UPPER, "chineseCounting": Number.CHINESE, "chineseCountingThousand": Number.CHINESE},
}
_FIELD_NUMBERS = {
    **{"Arabic": Number.ARABIC, "ArabicDash": Number.ARABIC_BETWEEN_DASHES, "roman": Number.ROMAN_LOWER},
    **{"Roman": Number.ROMAN_UPPER, "CHINESENUM3": Number.CHINESE, "MERGEFORMAT": None},
}


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


@dataclass(slots=True)
class _Field:
    """A field that is being read: its instruction, and whether its result has begun."""

    instruction: str = ""
    in_result: bool = False
    result: list[Inline] = field(default_factory=list)


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
        self._last_text = ""
        self._fields: list[_Field] = []
        self.bookmarks: list[Bookmark] = []

    def take_bookmarks(self) -> list[Bookmark]:
        """Return the bookmarks that began since the last call."""
        taken, self.bookmarks = self.bookmarks, []
        return taken

    def paragraph(self, element: Element, table_style: str | None) -> Paragraph:
        """Return a paragraph, in a table of that style or outside any.

        Raises:
            TemplateError: when it holds what is not set; the message names its text.
        """
        text = "".join(node.text or "" for node in element.iter(qualified("w:t"))).strip()
        try:
            return self._paragraph(element, table_style)
        except Unsupported as error:
            if self.refusals is None:
                raise self.refused(error, text) from error
            self.note(element, error)
            self._fields.clear()
            return self._paragraph(element.makeelement(element.tag), table_style)
        finally:
            self._last_text = text or self._last_text

    def note(self, element: Element, error: Unsupported) -> None:
        """Note what a paragraph or table holds that is not set."""
        if self.refusals is not None:
            paragraph = element if element.tag == qualified("w:p") else next(element.iter(qualified("w:p")), None)
            every = element.getroottree().iter(qualified("w:p"))
            number = next((index for index, each in enumerate(every, 1) if each is paragraph), None)
            self.refusals.append(Refusal(self._part.path, number, error.construct))

    def refused(self, error: Unsupported, text: str = "") -> TemplateError:
        """Return the error for a construct that stands in a paragraph with that text, or after the last one read."""
        text = text or self._last_text
        return TemplateError(
            Message(
                "“{name}” cannot be set: it holds {construct}, which is not supported yet; near “{text}”",
                name=self._name,
                construct=error.construct,
                text=shortened(text),
            )
        )

    def remember(self, element: Element) -> None:
        """Note the beginning of a bookmark."""
        name = attribute(element, "w:name")
        if name and not name.startswith("_"):  # Word's own, such as _GoBack and _Toc…
            self.bookmarks.append(Bookmark(name, number(element, "w:colFirst"), number(element, "w:colLast")))

    def _paragraph(self, element: Element, table_style: str | None) -> Paragraph:
        own = child(element, "w:pPr")
        direct = paragraph_properties(own)
        style = self._styles.paragraph(direct.get("style"), table_style)
        mark_properties = run_properties(child(own, "w:rPr"), self._styles.theme)
        mark = self._styles.look(style, mark_properties)
        content = tuple(self._inlines(element, style))
        if self._fields:
            self._fields.clear()
            raise Unsupported(Message("a field that goes over several paragraphs"))
        # Indents in characters count those of the paragraph's first run (17.3.1.12 leaves it open; Word does so).
        first = next((piece.look.size for piece in content if isinstance(piece, Text)), mark.size)
        if mark_properties.pop("deleted", False):
            raise Unsupported(Message("a tracked change that joins two paragraphs (accept or reject it in Word)"))
        numbered = self._number(style, direct)
        if numbered is None:
            shape = self._styles.shape(style, direct, first)
        else:
            label = self._styles.look(style, overlaid(mark_properties, numbered.level.run))
            content = (*_labelled(numbered, label), *content)
            shape = as_shape(style.style, self._indented(style, direct, numbered.level.paragraph), first)
        if shape.spacing.pitch is Pitch.EXACT and any(isinstance(piece, InlinePicture) for piece in content):
            raise Unsupported(Message("a picture in lines of exact spacing, which cut it off (choose single spacing)"))
        if shape.right_to_left and any(isinstance(piece, Tab) for piece in content):
            raise Unsupported(Message("tabs in a paragraph from right to left"))
        return Paragraph(shape, content, mark)

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

    def _inlines(self, element: Element, style: ParagraphStyle) -> list[Inline]:
        found: list[Inline] = []
        for name, item in children(element):
            if name == "w:r":
                self._run(item, style, found)
            elif name in _TRANSPARENT:
                found.extend(self._inlines(item, style))
            elif name == "w:sdt":
                if child(child(item, "w:sdtPr"), "w:showingPlcHdr") is not None:
                    raise Unsupported(Message("a content control that nobody filled in"))
                found.extend(self._inlines(item, style))
            elif name == "w:fldSimple":
                self._begin_field(_Field(attribute(item, "w:instr") or "", in_result=True))
                self._inlines(item, style)
                self._end_field(found, style, {})
            elif name == "w:bookmarkStart":
                self.remember(item)
            elif name in _PUT_IN:
                self.tracked = True
                found.extend(self._inlines(item, style))
            elif name in _TAKEN_OUT:
                self.tracked = True
            elif name not in _SILENT and name not in _TRANSPARENT_IGNORED:
                raise unsupported(item, "")
        return found

    def _emit(self, pieces: list[Inline], found: list[Inline]) -> None:
        (self._fields[-1].result if self._fields else found).extend(pieces)

    def _run(self, element: Element, style: ParagraphStyle, found: list[Inline]) -> None:
        direct = run_properties(child(element, "w:rPr"), self._styles.theme)
        look = self._styles.look(style, direct)
        if look.hidden:  # prints nothing in Word either
            return
        for name, item in children(element):
            if name == "w:t":
                # Line ends within w:t are blanks, as in every XML text that Word writes.
                characters = (item.text or "").replace("\n", " ")
                if characters:
                    self._emit([Text(characters.upper() if look.capitals else characters, look)], found)
            elif name in {"w:tab", "w:ptab"}:
                if name == "w:ptab":
                    raise unsupported(item)
                self._emit([Tab(look)], found)
            elif name in {"w:br", "w:cr"}:
                self._emit([_break(item)], found)
            elif name in _CHARACTERS:
                self._emit([Text(_CHARACTERS[name], look)], found)
            elif name == "w:pgNum":
                self._emit([PageNumber(look)], found)
            elif name == "w:fldChar":
                self._field_character(item, found, style, direct)
            elif name == "w:instrText":
                if not self._fields:
                    raise Unsupported(Message("a field that is damaged"))
                self._fields[-1].instruction += item.text or ""
            elif name in _DRAWN:
                self._emit([self._picture(item)], found)
            elif name not in _SILENT:
                raise unsupported(item)

    def _field_character(self, item: Element, found: list[Inline], style: ParagraphStyle, direct: Properties) -> None:
        kind = attribute(item, "w:fldCharType")
        if kind == "begin":
            self._begin_field(_Field())
        elif not self._fields:
            raise Unsupported(Message("a field that is damaged"))
        elif kind == "separate":
            self._fields[-1].in_result = True
        else:
            self._end_field(found, style, direct)

    def _begin_field(self, begun: _Field) -> None:
        if len(self._fields) >= 10:
            raise Unsupported(Message("fields within fields"))
        self._fields.append(begun)

    def _end_field(self, found: list[Inline], style: ParagraphStyle, direct: Properties) -> None:
        """Put in the page number that the field asks for, or the text that a link shows."""
        ended = self._fields.pop()
        words = ended.instruction.replace("\\*", " ").split()
        kind = words[0].upper() if words else ""
        if kind in _PAGE_FIELDS and all(word in _FIELD_NUMBERS for word in words[1:]):
            # The look is that of the result (17.16.18), or of the field's end where there is none.
            shown = next((piece.look for piece in ended.result if isinstance(piece, Text)), None)
            form = next((_FIELD_NUMBERS[word] for word in words[1:] if _FIELD_NUMBERS[word]), None)
            look = shown or self._styles.look(style, direct)
            self._emit([PageNumber(look, _PAGE_FIELDS[kind], form, kind == "SECTIONPAGES")], found)
        elif kind == "HYPERLINK":
            self._emit(ended.result, found)
        else:
            raise Unsupported(Message("the field “{field}”", field=ended.instruction.strip()[:40]))

    def _picture(self, element: Element) -> InlinePicture:
        inline = child(element, "wp:inline")
        if inline is None:
            raise Unsupported(Message("a floating picture, a shape or a text box (set pictures “in line with text”)"))
        extent, blip = child(inline, "wp:extent"), inline.find(f".//{qualified('pic:blipFill')}/{qualified('a:blip')}")
        if extent is None or blip is None:
            raise Unsupported(Message("a drawing that is no picture"))
        self._refuse_edited(inline, blip)
        data = self._part.data(attribute(blip, "r:embed"))
        if data is None:
            raise Unsupported(Message("a picture that is not in the document"))
        width, height = (emu_points(extent.get(side), extent) for side in ("cx", "cy"))
        return InlinePicture(data, _picture_suffix(data), width, height)

    def _refuse_edited(self, inline: Element, blip: Element) -> None:
        crop = inline.find(f".//{qualified('a:srcRect')}")
        turned = inline.find(f".//{qualified('a:xfrm')}")
        cropped = crop is not None and any(crop.get(side, "0") not in {"0", ""} for side in "ltrb")
        rotated = turned is not None and (
            turned.get("rot", "0") != "0" or turned.get("flipH") == "1" or turned.get("flipV") == "1"
        )
        if cropped or rotated or any(name != "a:extLst" for name, _ in children(blip)):
            raise Unsupported(Message("a picture that was cropped, turned or recoloured in Word"))


def _labelled(numbered: Numbered, look: Look) -> list[Inline]:
    pieces: list[Inline] = [Text(numbered.label, look)] if numbered.label else []
    if numbered.suffix == "\t":
        pieces.append(Tab(look))
    elif numbered.suffix:
        pieces.append(Text(numbered.suffix, look))
    return pieces


def _break(element: Element) -> LineBreak | PageBreak:
    kind = attribute(element, "w:type") if named(element) == "w:br" else None
    if kind == "page":
        return PageBreak()
    if kind not in {None, "textWrapping"} or attribute(element, "w:clear") not in {None, "none"}:
        raise unsupported(element, kind)
    return LineBreak()


def _picture_suffix(data: bytes) -> str:
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            small, form = image.width * image.height <= MAX_PICTURE_PIXELS, image.format
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise Unsupported(Message("a picture that is neither PNG nor JPEG")) from None
    if not small:
        raise Unsupported(Message("a picture of more than {limit} million pixels", limit=MAX_PICTURE_PIXELS // 10**6))
    return "png" if form == "PNG" else "jpg"
