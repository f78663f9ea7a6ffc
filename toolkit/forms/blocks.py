"""A form between Word and the typesetter: what stands on it, with every property worked out.

The reader (``word``) makes it, the writer (``typst_source``) sets it; neither knows the other. Styles, defaults and
themes are resolved: whoever sets a block needs nothing else of the Word file. Lengths are points, colours ``RRGGBB``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from toolkit.forms.looks import Align, Edge, Look, Shape


class Vertical(Enum):
    """Where the content of a cell stands in it."""

    TOP = auto()
    CENTER = auto()
    BOTTOM = auto()


class Number(Enum):
    """How a page number is written."""

    ARABIC = auto()
    ARABIC_BETWEEN_DASHES = auto()
    ROMAN_LOWER = auto()
    ROMAN_UPPER = auto()
    CHINESE = auto()


@dataclass(frozen=True, slots=True)
class Text:
    """Characters of one look, without line ends and tabs."""

    characters: str
    look: Look


@dataclass(frozen=True, slots=True)
class Tab:
    """A jump to the next tab stop, or with ``to`` to the beginning, middle or end of the text's width (w:ptab)."""

    look: Look
    to: Align | None = None
    leader: str = ""


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line within a paragraph."""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The end of a page within a paragraph."""


@dataclass(frozen=True, slots=True)
class PageNumber:
    """The number of this page, or with ``total`` how many pages there are, with ``of_section`` in this section.

    ``number`` None writes it as the section says.
    """

    look: Look
    total: bool = False
    number: Number | None = None
    of_section: bool = False


@dataclass(frozen=True, slots=True)
class InlinePicture:
    """A picture that stands in a line like a character; ``suffix`` is ``png`` or ``jpg``."""

    data: bytes
    suffix: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A line from corner to corner (``kind`` ``line``, ``rising`` from the left below) or a ``box`` or ``ellipse``."""

    kind: str
    width: float
    height: float
    edge: Edge | None = None
    fill: str | None = None
    rising: bool = False


@dataclass(frozen=True, slots=True)
class TextBox:
    """Blocks in a box of its own; with ``grows`` it is as high as they need, else ``height`` is all there is."""

    width: float
    height: float
    blocks: tuple[Block, ...]
    insets: tuple[float, float, float, float]  # left, top, right, bottom
    vertical: Vertical = Vertical.TOP
    grows: bool = False
    edge: Edge | None = None
    fill: str | None = None

    @property
    def text(self) -> str:
        """Its characters, for messages."""
        return " ".join(filter(None, (block.text for block in self.blocks)))


Drawing = InlinePicture | Outline | TextBox


@dataclass(frozen=True, slots=True)
class Position:
    """Where a drawing stands along one axis, by ``offset`` in points, or by ``align`` between the ends of ``origin``.

    ``origin`` is ``page``, ``margin`` (the text area) or ``text``: the column, or the top of the paragraph.
    """

    origin: str = "text"
    offset: float = 0.0
    align: Align | None = None


@dataclass(frozen=True, slots=True)
class Anchored:
    """A drawing that stands beside the lines; with ``room`` the paragraph's text begins so far (points) below it.

    ``beside`` says that Word would set text at its sides, which is not done: it may only stand where there is none.
    """

    drawing: Drawing
    horizontal: Position
    vertical: Position
    room: float | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: ``label`` as it stands in the text, and the blocks at the foot of the page."""

    label: Text | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Stretched:
    """Characters that are set to a width in points, narrower or wider apart (w:fitText)."""

    text: Text
    width: float
    group: str  # what belongs together


@dataclass(frozen=True, slots=True)
class PageOf:
    """The number of the page on which a ``Target`` stands."""

    target: str
    look: Look
    otherwise: str  # what was written there when there is no such target


@dataclass(frozen=True, slots=True)
class Target:
    """A place that page numbers refer to."""

    name: str


Inline = (
    Text
    | Tab
    | LineBreak
    | PageBreak
    | PageNumber
    | InlinePicture
    | Outline
    | TextBox
    | Anchored
    | Note
    | Stretched
    | PageOf
    | Target
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph; ``mark`` is the look of its end, which gives an empty paragraph its height."""

    shape: Shape
    content: tuple[Inline, ...]
    mark: Look

    @property
    def text(self) -> str:
        """Its characters, for messages and searches; tabs and line ends are spaces."""
        return "".join(_characters(piece) for piece in self.content).strip()

    @property
    def inner(self) -> Iterator[tuple[Block, ...]]:
        """The blocks of its text boxes and footnotes."""
        for piece in self.content:
            drawing = piece.drawing if isinstance(piece, Anchored) else piece
            if isinstance(drawing, TextBox | Note):
                yield drawing.blocks


def _characters(piece: Inline) -> str:
    if isinstance(piece, Text):
        return piece.characters
    if isinstance(piece, Stretched):
        return piece.text.characters
    return "" if isinstance(piece, Anchored | Target | Note) else " "


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, already merged: ``column`` and the spans count the table's columns and rows.

    ``anchors`` are the names of the bookmarks in it.
    """

    column: int
    column_span: int
    row_span: int
    blocks: tuple[Block, ...]
    margins: tuple[float, float, float, float]  # left, top, right, bottom
    vertical: Vertical = Vertical.TOP
    background: str | None = None
    anchors: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its characters, for messages."""
        return " ".join(filter(None, (block.text for block in self.blocks)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row; its cells are those that begin in it. ``height`` is exact or the least, None for as high as needed."""

    cells: tuple[Cell, ...]
    height: float | None = None
    exact: bool = False
    header: bool = False
    splits: bool = True
    keep_next: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn piece of a table's grid: ``at`` counts grid lines from the first, ``start`` to ``end`` those crossed."""

    at: int
    start: int
    end: int
    edge: Edge


@dataclass(frozen=True, slots=True)
class Floating:
    """How Word places a table that text flows around; ``from_page`` says that ``left`` counts from the paper's edge."""

    left: float
    from_page: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``left`` is where its first column begins, from the margin, when it is aligned to the start.

    ``horizontal`` and ``vertical`` are its lines, every conflict between neighbours decided.
    """

    columns: tuple[float, ...]
    rows: tuple[Row, ...]
    horizontal: tuple[Line, ...]
    vertical: tuple[Line, ...]
    align: Align = Align.START
    left: float = 0.0
    before: float = 0.0  # points of space above it
    frame: Edge | None = None  # whose second line stands around it (double borders)
    floating: Floating | None = None

    @property
    def text(self) -> str:
        """Its characters, for messages."""
        return " ".join(filter(None, (cell.text for row in self.rows for cell in row.cells)))


Block = Paragraph | Table


@dataclass(frozen=True, slots=True)
class Margins:
    """From the paper's edges to the text; ``header`` and ``footer`` to those."""

    left: float
    top: float
    right: float
    bottom: float
    header: float
    footer: float


@dataclass(frozen=True, slots=True)
class Running:
    """Headers or footers of a section: of its first page, odd (or all) and even pages; None where there is none."""

    default: tuple[Block, ...] | None = None
    even: tuple[Block, ...] | None = None
    first: tuple[Block, ...] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks on pages of one make; ``starts_on`` is ``odd``, ``even`` or None for whichever page comes next."""

    width: float
    height: float
    margins: Margins
    headers: Running
    footers: Running
    blocks: tuple[Block, ...]
    starts_on: str | None = None
    first_differs: bool = False
    first_number: int | None = None
    number: Number = Number.ARABIC
    grid: float | None = None  # points from grid line to grid line (w:docGrid), None for no grid
    between: float = 0.0  # points that the grid adds after every Chinese character


@dataclass(frozen=True, slots=True)
class Form:
    """A whole document; what holds for all of it stands here."""

    sections: tuple[Section, ...]
    even_differs: bool = False
    default_tab: float = 36.0
    spacing_adds_up: bool = False  # w:doNotUseHTMLParagraphAutoSpacing: after + before, not the larger of them
    grid_in_tables: bool = False  # w:adjustLineHeightInTable
    mirrored: bool = False  # left and right margins change places on even pages
    tracked_changes: bool = False  # it is as if they were accepted

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        """Every paragraph, those of headers and footers first in each section, those of text boxes after their own."""
        for section in self.sections:
            for running in (section.headers, section.footers):
                for blocks in (running.default, running.even, running.first):
                    yield from paragraphs_of(blocks or ())
            yield from paragraphs_of(section.blocks)


def paragraphs_of(blocks: Iterable[Block]) -> Iterator[Paragraph]:
    """Yield the paragraphs of blocks, those of tables, text boxes and footnotes among them."""
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row.cells:
                    yield from paragraphs_of(cell.blocks)
        else:
            yield block
            for inner in block.inner:
                yield from paragraphs_of(inner)
