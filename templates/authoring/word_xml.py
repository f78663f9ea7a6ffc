"""The parts of a Word document that the templates use, as functions that return WordprocessingML (ISO/IEC 29500-1).

Lengths are in millimetres, sizes of type in points; Word counts in twips (1/20 pt), half points and eighths of a point.
Text goes in as a person writes it, template tags included, and is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from zlib import crc32

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def twips(millimetres: float) -> int:
    """Return a length in twips, Word's twentieths of a point."""
    return round(millimetres / 25.4 * 1440)


def run(text: str, properties: str = "") -> str:
    """Return a run; ``properties`` are the children of ``w:rPr``."""
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inner}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'


def field(instruction: str, shown: str) -> str:
    """Return a field such as PAGE; ``shown`` stands in the file until Word counts."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(shown)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def commented(inner: str, number: int) -> str:
    """Return runs with Word's comment of that number on them."""
    return (
        f'<w:commentRangeStart w:id="{number}"/>{inner}<w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="{number}"/></w:r>'
    )


def bookmarked(inner: str, name: str) -> str:
    """Return runs within a bookmark: this is how a table cell becomes the zone of that name."""
    number = crc32(name.encode()) % 1_000_000  # an id of its own for every name, the same in every build
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}<w:bookmarkEnd w:id="{number}"/>'


NEW_PAGE = "<w:pageBreakBefore/>"
"""The property of a paragraph that starts a page."""


def paragraph(text: str = "", style: str = "Normal", *, inner: str | None = None, properties: str = "") -> str:
    """Return a paragraph of one run, or of the runs given as ``inner``; ``properties`` are children of ``w:pPr``."""
    runs = inner if inner is not None else (run(text) if text else "")
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


@dataclass(frozen=True)
class Cell:
    """One table cell.

    ``lines`` become its paragraphs, in ``style``. ``span`` counts grid columns; ``merge`` is ``restart`` or
    ``continue`` for a cell over several rows. ``zone`` names the bookmark that makes the cell a zone. ``edges`` are
    the sides that have a line (of ``tblr``) where they differ from the table's. ``comment`` numbers a Word comment.
    """

    lines: Sequence[str] | str = ""
    style: str = "CellText"
    span: int = 1
    merge: str = ""
    zone: str = ""
    align: str = "center"
    edges: str | None = None
    comment: int | None = None

    def xml(self, width: int, keep: bool) -> str:
        """Return ``w:tc``; ``width`` in twips, ``keep`` keeps its row on the page of the next one."""
        properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
        if self.span > 1:
            properties += f'<w:gridSpan w:val="{self.span}"/>'
        if self.merge:
            properties += f'<w:vMerge w:val="{self.merge}"/>'
        if self.edges is not None:
            sides = (("top", "t"), ("left", "l"), ("bottom", "b"), ("right", "r"))
            lines = (
                f'<w:{side} w:val="{"single" if letter in self.edges else "nil"}" w:sz="6" w:space="0" '
                'w:color="000000"/>'
                for side, letter in sides
            )
            properties += f"<w:tcBorders>{''.join(lines)}</w:tcBorders>"
        if self.align != "top":  # Word's own default
            properties += f'<w:vAlign w:val="{self.align}"/>'
        lines_of_text = [self.lines] if isinstance(self.lines, str) else list(self.lines)
        paragraphs = []
        for number, line in enumerate(lines_of_text):
            inner = run(line) if line else ""
            if number == 0 and self.comment is not None:
                inner = commented(inner, self.comment)
            if number == 0 and self.zone:
                inner = bookmarked(inner, self.zone)
            paragraphs.append(paragraph(style=self.style, inner=inner, properties="<w:keepNext/>" if keep else ""))
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(paragraphs)}</w:tc>"


def label(text: str | Sequence[str], **how: int | str) -> Cell:
    """Return a cell that names a field: centred 黑体. It has no ground of its own, which would hide the watermark."""
    return Cell(text, style="CellLabel", **how)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Row:
    """One table row; ``height`` (mm) is the least it has.

    A header row is repeated on every page; a row that ``keep`` marks stays on one page with the row after it.
    """

    cells: Sequence[Cell]
    height: float = 7.8
    header: bool = False
    keep: bool = False

    def xml(self, widths: Sequence[int]) -> str:
        """Return ``w:tr``; rows are never split over pages.

        Raises:
            ValueError: when the cells do not cover the table's columns.
        """
        if sum(cell.span for cell in self.cells) != len(widths):
            raise ValueError(f"the row {[cell.lines for cell in self.cells]} has not {len(widths)} columns")
        properties = f'<w:cantSplit/><w:trHeight w:val="{twips(self.height)}" w:hRule="atLeast"/>'
        if self.header:
            properties += "<w:tblHeader/>"
        cells, column = "", 0
        for cell in self.cells:
            cells += cell.xml(sum(widths[column : column + cell.span]), self.keep)
            column += cell.span
        return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def tag(text: str, columns: int) -> Row:
    """Return a row that only holds a template tag such as ``{%tr for … %}``; filling takes the whole row away."""
    return Row([Cell(text, span=columns)])


def table(
    widths: Sequence[float], rows: Sequence[Row], *, lines: bool = True, margin: float = 1.5, padding: float = 0
) -> str:
    """Return a table of fixed column widths (mm).

    ``lines`` says whether its grid is drawn; ``margin`` (mm) is between the sides of a cell and its text,
    ``padding`` above and below it.
    """
    columns = [twips(width) for width in widths]
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    # A form has a heavier frame (1 pt) than grid (1/2 pt).
    weights = {"insideH": 4, "insideV": 4}
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{weights.get(side, 8)}" w:space="0" w:color="000000"/>' for side in sides
    )
    grid = "".join(f'<w:gridCol w:w="{column}"/>' for column in columns)
    room = {"top": padding, "left": margin, "bottom": padding, "right": margin}
    margins = "".join(f'<w:{side} w:w="{twips(width)}" w:type="dxa"/>' for side, width in room.items())
    drawn = f"<w:tblBorders>{borders}</w:tblBorders>" if lines else ""
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="left"/>'
        f'{drawn}<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(row.xml(columns) for row in rows)}</w:tbl>"
    )
