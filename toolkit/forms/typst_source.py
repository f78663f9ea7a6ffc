"""A form as Typst source: the writer behind the reader of Word files. It decides nothing about Word.

Everything is written in Typst's code mode with text as string literals. Spacing between blocks is worked out here and
lines are given their heights (``typst_text.LineBox``), so that a pitch of 26 pt is 26 pt, whatever the font.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import zip_longest

from toolkit.forms.blocks import (
    Anchored,
    Block,
    Form,
    Inline,
    InlinePicture,
    LineBreak,
    Note,
    Number,
    Outline,
    PageBreak,
    PageNumber,
    PageOf,
    Paragraph,
    Running,
    Section,
    Stretched,
    Tab,
    Table,
    Target,
    Text,
    TextBox,
)
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.looks import Align, Edges, Shape, TabStop
from toolkit.forms.typst_drawings import anchored_source, drawing_source
from toolkit.forms.typst_shapes import ALIGNMENTS, joined_borders, shape_source
from toolkit.forms.typst_tables import table_source
from toolkit.forms.typst_text import LineBox, Script, TextWriter, has_han, length, quoted


@dataclass(frozen=True, slots=True)
class TypstSource:
    """The source of a form, the pictures it refers to by name, and the texts that its marks name."""

    text: str
    pictures: dict[str, bytes]
    places: dict[str, str]


def typst_source(form: Form, fonts: FontCatalogue, *, last_if_odd: bool = False) -> TypstSource:
    """Return a form as Typst source in those fonts.

    With ``last_if_odd`` the form's last block, which begins a page, is set only if there is an odd number of pages
    before it; a mark ``padded`` then says so.

    Raises:
        TypesettingError: when a look asks for what the fonts do not have.
    """
    writer = FormWriter(form, TextWriter(fonts))
    last = len(form.sections) - 1
    body = "\n".join(
        writer.section(section, index, last_if_odd=last_if_odd and index == last)
        for index, section in enumerate(form.sections)
    )
    prelude = (files("toolkit.forms") / "prelude.typ").read_text(encoding="utf-8")
    definitions = "\n".join([*writer.text.definitions(), *writer.definitions()])
    return TypstSource(
        f"{prelude}\n{definitions}\n#{{\n{body}\n[#metadata(none)<truecopy-end>]\n}}\n", writer.pictures, writer.places
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """Where blocks stand: the width there in points, the grid that their lines keep to, how numbers are written."""

    width: float
    grid: float | None = None
    number: Number = Number.ARABIC
    running: bool = False  # within a header or footer
    sheet: Section | None = None  # the section that it is of
    boxed: bool = False  # within a cell or text box
    between: float = 0.0  # what the grid adds after every Chinese character
    mirrored: bool = False
    section_pages: str = ""  # the expression that counts the section's pages


@dataclass(slots=True)
class FormWriter:
    """Writes one form; collects the definitions, pictures and marked places on the way."""

    form: Form
    text: TextWriter
    pictures: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    _shapes: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[Shape, LineBox, Edges], str] = field(default_factory=dict)
    _boxes: dict[LineBox, LineBox] = field(default_factory=dict)
    _targets: dict[str, int] = field(default_factory=dict)

    def definitions(self) -> list[str]:
        """Return the lines of source that define the shapes of paragraphs."""
        return [f"#let {name} = {body}" for body, name in self._shapes.items()]

    def place(self, text: str) -> str:
        """Return a name for a mark whose text messages may show."""
        name = f"p{len(self.places)}"
        self.places[name] = text
        return name

    def section(self, section: Section, index: int, *, last_if_odd: bool) -> str:
        """Return a section: its pages and what stands on them."""
        margins = section.margins
        frame = Frame(
            _text_width(section),
            section.grid,
            section.number,
            section_pages=self._section_pages(index),
            sheet=section,
            between=section.between,
            mirrored=self.form.mirrored,
        )
        names = {"header": section.headers, "footer": section.footers}
        definitions = [
            line for kind, running in names.items() for line in self._running_definitions(running, frame, kind)
        ]
        # A header or footer higher than its margin pushes the text away (17.6.11, w:top), so their heights come first.
        sides = ("inside", "outside") if self.form.mirrored else ("left", "right")
        heights = (
            f"top:calc.max({length(margins.top)},{length(margins.header)}+header-height),"
            f"bottom:calc.max({length(margins.bottom)},{length(margins.footer)}+footer-height)"
        )
        page = (
            f"width:{length(section.width)},height:{length(section.height)},"
            f"margin:({sides[0]}:{length(margins.left)},{sides[1]}:{length(margins.right)},{heights}),"
            f"background:{self._running(section, index, 'header')},foreground:{self._running(section, index, 'footer')}"
        )
        lines = [
            "context {",
            *definitions,
            f"set page({page})",
            f"[#metadata(none)<truecopy-section-{index}>]",
            f'mark("section","{index}",(header-height+{length(margins.header)}).pt(),'
            f"(footer-height+{length(margins.footer)}).pt())",
            self.blocks(section.blocks[:-1] if last_if_odd else section.blocks, frame, paged=True),
            "}",
        ]
        if section.first_number is not None:
            lines.insert(-2, f"counter(page).update({section.first_number})")
        if last_if_odd:
            blank = self.blocks(section.blocks[-1:], frame, paged=True)
            # The end stands in a block of its own, since Typst carries bare marks before a page break over it.
            lines.insert(-1, "block(height:0pt)[#metadata(none)<truecopy-last>]")
            lines.insert(-1, f'context if calc.odd(locate(<truecopy-last>).page()) {{{blank}\nmark("padded","")}}')
        if section.starts_on and index:
            lines.insert(0, f'pagebreak(to:"{section.starts_on}",weak:true)')
        return "\n".join(lines)

    def _section_pages(self, index: int) -> str:
        """Return the expression that counts the pages of a section, which begins on a page of its own."""
        last = index == len(self.form.sections) - 1
        end = "<truecopy-end>).page()+1" if last else f"<truecopy-section-{index + 1}>).page()"
        return f"(locate({end}-locate(<truecopy-section-{index}>).page())"

    def _running_definitions(self, running: Running, frame: Frame, kind: str) -> list[str]:
        """Return the lines that define headers or footers by their names, and how high the highest is."""
        inner = replace(frame, grid=None, running=True)
        variants = {"default": running.default, "even": running.even, "first": running.first}
        lines = [
            f"let {kind}-{which} = block(width:{length(frame.width)},{{{self.blocks(blocks, inner)}}})"
            for which, blocks in variants.items()
            if blocks is not None
        ]
        heights = "".join(
            f",measure({kind}-{which}).height" for which, blocks in variants.items() if blocks is not None
        )
        return [*lines, f"let {kind}-height = calc.max(0pt{heights})"]

    def _running(self, section: Section, index: int, kind: str) -> str:
        """Return which header or footer a page has, placed by the distance from the paper's edge that Word measures."""
        running, margins = (
            (section.headers, section.margins) if kind == "header" else (section.footers, section.margins)
        )
        chosen = "none" if running.default is None else f"{kind}-default"
        even = "none" if running.even is None else f"{kind}-even"
        first = "none" if running.first is None else f"{kind}-first"
        if self.form.even_differs and even != chosen:
            chosen = f"if calc.even(counter(page).get().first()) {{{even}}} else {{{chosen}}}"
        if section.first_differs and first != chosen:
            here = f"here().page()==locate(<truecopy-section-{index}>).page()"
            chosen = f"if {here} {{{first}}} else {{{chosen}}}"
        if chosen == "none":
            return "none"
        edge, distance = ("top", margins.header) if kind == "header" else ("bottom", -margins.footer)
        left = length(margins.left)
        if self.form.mirrored:
            left = f"(if calc.odd(here().page()) {{{left}}} else {{{length(margins.right)}}})"
        return f"context place({edge}+left,dx:{left},dy:{length(distance)},{{{chosen}}})"

    def blocks(
        self, blocks: Sequence[Block], frame: Frame, *, paged: bool = False, in_table: bool = False, fixed: bool = False
    ) -> str:
        """Return blocks one below the other; only on a page (``paged``) may they break it.

        Where their height is ``fixed``, the space below the last one may be cut off.
        """
        written: list[str] = []
        before: Block | None = None
        for block, after in zip_longest(blocks, blocks[1:]):
            gap = self._gap(before, block)
            if isinstance(block, Table):
                written.append(
                    self._at_top(
                        before, gap, table_source(self, block, frame, "0pt" if before is None else length(gap))
                    )
                )
            else:
                breaks = paged and block.shape.page_break_before
                if breaks:
                    written.append("pagebreak(weak:true)")
                top = before is None or breaks
                written.append(self._paragraph(block, frame, gap, top, before, after, in_table=in_table))
            before = block
        if isinstance(before, Paragraph) and before.shape.after and not (paged or fixed):
            written.append(f"v({length(before.shape.after)})")
        return "\n".join(written)

    def _at_top(self, before: Block | None, gap: float, source: str) -> str:
        """Put the space before the first block in front of it: Typst drops what is above a first block."""
        return f"v({length(gap)})\n{source}" if before is None and gap else source

    def _gap(self, before: Block | None, block: Block) -> float:
        over = before.shape.after if isinstance(before, Paragraph) else 0.0
        under = block.shape.before if isinstance(block, Paragraph) else block.before
        if isinstance(before, Paragraph) and isinstance(block, Paragraph) and before.shape.style == block.shape.style:
            over = 0.0 if before.shape.contextual_spacing else over
            under = 0.0 if block.shape.contextual_spacing else under
        return over + under if self.form.spacing_adds_up else max(over, under)

    def _paragraph(
        self,
        paragraph: Paragraph,
        frame: Frame,
        gap: float,
        top: bool,
        before: Block | None,
        after: Block | None,
        *,
        in_table: bool,
    ) -> str:
        shape = paragraph.shape
        grid = frame.grid if shape.snap_to_grid and (not in_table or self.form.grid_in_tables) else None
        box = self._box(shape, grid, frame.between if shape.snap_to_grid else 0.0)
        written: list[str] = []
        for index, part in enumerate(_pages(paragraph.content)):
            if index:
                written.append("pagebreak()")
                # What follows a page break goes on like a line within the paragraph.
                shape, gap, top = replace(shape, first_line=0.0, before=0.0), 0.0, True
                if not part:
                    continue  # Word, too, leaves the paragraph's end on the page before
            elif not part and any(isinstance(piece, PageBreak) for piece in paragraph.content):
                continue
            function = self._shape(shape, box, joined_borders(shape, before, after))
            anchors = [anchored_source(self, piece, shape, frame) for piece in part if isinstance(piece, Anchored)]
            part = [piece for piece in part if not isinstance(piece, Anchored)]
            body = self._content(part, shape, frame, box, paragraph)
            if top and gap:
                written.append(f"v({length(gap)})")
            beside = f",beside:{{{';'.join(anchors)}}}" if anchors else ""
            set_block = f"{function}({length(0.0 if top else gap)},{body}{beside})"
            written.append(f"place(top+left,{set_block})" if shape.aside else set_block)
        return "\n".join(written)

    def _box(self, shape: Shape, grid: float | None, between: float) -> LineBox:
        """Return the line box of a shape, the same object for the same one."""
        box = LineBox(shape.spacing, grid, between)
        return self._boxes.setdefault(box, box)

    def _empty(self, paragraph: Paragraph, box: LineBox) -> str:
        """Return what gives an empty paragraph the height of one line in the look of its end."""
        above, below = box.edges(paragraph.mark.size, Script.EAST_ASIAN)
        return f"box(width:0pt,height:{length(above + below)},baseline:{length(below)})"

    def _shape(self, shape: Shape, box: LineBox, borders: Edges) -> str:
        """Return the name of the function ``(above, body)`` that sets a paragraph of that shape."""
        key = (shape, box, borders)
        known = self._known.get(key)
        if known is None:
            source = shape_source(shape, box, borders)
            known = self._known[key] = self._shapes.setdefault(source, f"s{len(self._shapes)}")
        return known

    def _content(
        self, content: Sequence[Inline], shape: Shape, frame: Frame, box: LineBox, paragraph: Paragraph
    ) -> str:
        room = max(frame.width - shape.left - shape.right - max(shape.first_line, 0.0), 1.0)
        end = "linebreak(justify:true)" if shape.align is Align.DISTRIBUTE else "linebreak()"
        east_asian = has_han(paragraph.text)
        by_point = any(stop.align is Align.DECIMAL for stop in shape.tabs)
        lines: list[str] = []
        for number, line in enumerate(_lines(content)):
            groups = _groups(line)
            pieces = [self._pieces(group, frame, box, room, east_asian=east_asian) for group in groups]
            if len(groups) > 1:
                heads = [
                    self._pieces(_to_point(group), frame, box, room, east_asian=east_asian) if by_point else ""
                    for group in groups
                ]
                gaps = [self.text.gap(piece, box) for piece in line if isinstance(piece, Tab)]
                begins = shape.left + (shape.first_line if number == 0 else 0.0)
                fixed = [_fixed_stop(piece, frame.width) for piece in line if isinstance(piece, Tab)]
                lines.append(self._tabbed(shape, begins, pieces, heads if by_point else [], gaps, fixed))
            elif all(isinstance(piece, Target) for piece in line):
                lines.append(";".join(filter(None, (pieces[0], self._empty(paragraph, box)))))
            else:
                lines.append(pieces[0])
        body = f";{end};".join(lines)
        return f"{{{body}{';' + end if content and shape.align is Align.DISTRIBUTE else ''}}}"

    def _pieces(self, content: Sequence[Inline], frame: Frame, box: LineBox, room: float, *, east_asian: bool) -> str:
        """Return what stands in a line between two tabs."""
        written: list[str] = []
        last = ""
        for piece in content:
            if isinstance(piece, Text):
                written.append(self.text.run(piece, box, east_asian=east_asian, room=room, before=last))
            elif isinstance(piece, PageNumber):
                written.append(self.text.page_number(piece, frame.number, box, frame.section_pages))
            elif isinstance(piece, Stretched):
                written.append(self.text.stretched(piece, box, east_asian=east_asian))
            elif isinstance(piece, Note):
                label = "none" if piece.label is None else self.text.run(piece.label, box, east_asian=False, room=room)
                page = frame if frame.sheet is None else replace(frame, width=_text_width(frame.sheet))
                blocks = self.blocks(piece.blocks, replace(page, boxed=True))
                written.append(f"footnote(numbering:_=>{label},{{{blocks}}})")
            elif isinstance(piece, PageOf):
                function = self.text.function(piece.look, Script.WESTERN, box)
                written.append(f"page-of({self._target(piece.target)},{quoted(piece.otherwise)},{function})")
            elif isinstance(piece, Target):
                written.append(f"[#metadata(none){self._target(piece.name)}]")
            elif isinstance(piece, InlinePicture | Outline | TextBox):
                written.append(drawing_source(self, piece, frame))
            last = piece.characters[-1:] if isinstance(piece, Text) else ""
        return ";".join(written)

    def _target(self, name: str) -> str:
        return f"<truecopy-target-{self._targets.setdefault(name, len(self._targets))}>"

    def _tabbed(
        self, shape: Shape, begins: float, pieces: list[str], heads: list[str], gaps: list[str], fixed: list[str]
    ) -> str:
        stops = list(shape.tabs)
        if shape.first_line < 0:  # the hanging indent is a tab stop of its own (17.3.1.12)
            stops = sorted([*stops, TabStop(shape.left)], key=lambda stop: stop.position)
        listed = "".join(f'({length(stop.position)},{ALIGNMENTS[stop.align]},"{stop.leader}"),' for stop in stops)
        contents = "".join(f"{{{piece}}}," for piece in pieces)
        functions = "".join(f"{gap}," for gap in gaps)
        default = length(self.form.default_tab)
        to_point = "".join(f"{{{head}}}," for head in heads)
        own = "".join(f"{stop}," for stop in fixed)
        return f"tabbed({length(begins)},({listed}),{default},({functions}),({contents}),({to_point}),({own}))"

    def picture(self, picture: InlinePicture) -> str:
        """Return a picture in its size."""
        name = f"{len(self.pictures)}.{picture.suffix}"
        self.pictures[name] = picture.data
        return f'image("{name}",width:{length(picture.width)},height:{length(picture.height)},fit:"stretch")'


def _pages(content: Sequence[Inline]) -> list[list[Inline]]:
    parts: list[list[Inline]] = [[]]
    for piece in content:
        if isinstance(piece, PageBreak):
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _lines(content: Sequence[Inline]) -> list[list[Inline]]:
    lines: list[list[Inline]] = [[]]
    for piece in content:
        if isinstance(piece, LineBreak):
            lines.append([])
        else:
            lines[-1].append(piece)
    return lines


def _groups(line: Sequence[Inline]) -> list[list[Inline]]:
    """Part a line at its tabs."""
    groups: list[list[Inline]] = [[]]
    for piece in line:
        if isinstance(piece, Tab):
            groups.append([])
        else:
            groups[-1].append(piece)
    return groups


def _fixed_stop(tab: Tab, width: float) -> str:
    """Return the stop of a tab that has one of its own."""
    if tab.to is None:
        return "none"
    share = {Align.CENTER: 0.5, Align.END: 1.0}.get(tab.to, 0.0)
    return f'({length(share * width)},{ALIGNMENTS[tab.to]},"{tab.leader}")'


def _to_point(group: Sequence[Inline]) -> list[Inline]:
    """Return what stands before the decimal point."""
    head: list[Inline] = []
    for piece in group:
        if isinstance(piece, Text) and "." in piece.characters:
            return [*head, replace(piece, characters=piece.characters.partition(".")[0])]
        head.append(piece)
    return head


def _text_width(section: Section) -> float:
    return section.width - section.margins.left - section.margins.right
