"""Tables of a Word file: their grid, merged cells, margins and heights (ECMA-376 part 1, 17.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from toolkit.forms.blocks import Block, Cell, Floating, Paragraph, Row, Table, Vertical
from toolkit.forms.looks import Align
from toolkit.forms.word_borders import CellEdges, TableEdges, cell_edges, decided_lines, framed, table_edges
from toolkit.forms.word_downwards import turned
from toolkit.forms.word_properties import shading
from toolkit.forms.word_styles import Styles
from toolkit.forms.word_text import Bookmark, TextReader
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    number,
    points,
    switched_on,
    unsupported,
    value,
    written,
)
from toolkit.messages import Message

MAX_NESTING = 10
"""Tables within tables."""
MAX_COLUMNS = 63  # as many as Word takes
_SAME_PLACE = 1.0  # points: grid lines nearer to each other than that are one
_DEFAULT_MARGIN = 5.4  # points, left and right: 108 twips, what the default table style of Word has

_TABLE_IGNORED = {
    *("w:tblStyle", "w:tblLook", "w:tblLayout", "w:tblW", "w:tblOverlap", "w:tblCaption", "w:tblDescription"),
    *("w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblPrChange"),
}
_BETWEEN_CELLS = {
    *("w:trPr", "w:bookmarkEnd", "w:commentRangeStart", "w:commentRangeEnd", "w:sdtPr", "w:sdtEndPr", "w:customXmlPr"),
}
_ROW_IGNORED = {
    *("w:gridAfter", "w:wAfter", "w:cnfStyle", "w:jc", "w:divId", "w:ins", "w:trPrChange"),
}
_CELL_IGNORED = {
    *("w:cnfStyle", "w:tcPrChange", "w:cellIns"),
    "w:noWrap",  # widens a column whose text is longer; LibreOffice, too, breaks the line
}
_UPRIGHT = {"tbRl", "tbRlV", "tbV", "rl"}
_ALIGNMENTS = {
    **{"left": Align.START, "start": Align.START, "center": Align.CENTER, "right": Align.END, "end": Align.END}
}
_VERTICALS = {"top": Vertical.TOP, "center": Vertical.CENTER, "bottom": Vertical.BOTTOM}
# Which bits of w:tblLook (17.4.55) switch which conditional part of a style on.
_CONDITIONS = {"firstRow": "firstRow", "lastRow": "lastRow", "firstCol": "firstColumn", "lastCol": "lastColumn"}
_LOOK_BITS = {"firstRow": 0x20, "lastRow": 0x40, "firstCol": 0x80, "lastCol": 0x100}

BlockReader = Callable[[Element, str | None, int], tuple[Block, ...]]
"""Reads the blocks of a cell: the element, the style of the table around it, and how deep it is nested."""


@dataclass(slots=True)
class _TableProperties:
    """What the table's style and the table itself say, the latter on top."""

    edges: TableEdges = field(default_factory=TableEdges)
    margins: dict[str, float] = field(
        default_factory=lambda: {"left": _DEFAULT_MARGIN, "top": 0.0, "right": _DEFAULT_MARGIN, "bottom": 0.0}
    )
    align: Align = Align.START
    indent: float = 0.0
    background: str | None = None
    floating: Floating | None = None
    before: float = 0.0


@dataclass(slots=True)
class _CellProperties:
    """What a ``w:tcPr`` says; tables have hundreds of cells and a few dozen of these."""

    span: int = 1
    width: float | None = None
    merge: str | None = None  # "restart" or "continue"
    margins: dict[str, float] = field(default_factory=dict)
    edges: CellEdges = field(default_factory=CellEdges)
    vertical: Vertical = Vertical.TOP
    background: str | None = None
    shaded: bool = False  # says so itself
    downwards: bool = False
    hides_mark: bool = False


@dataclass(slots=True)
class _Cell:
    """A cell as it stands in its row, before merging; ``left`` and ``right`` are points from the table's first edge."""

    left: float
    right: float
    merge: str | None
    margins: tuple[float, float, float, float]
    edges: CellEdges
    vertical: Vertical
    background: str | None
    blocks: tuple[Block, ...] = ()
    anchors: list[str] = field(default_factory=list)
    column: int = 0
    column_span: int = 1
    row_span: int = 1


@dataclass(slots=True)
class _Row:
    cells: list[_Cell]
    height: float | None = None
    exact: bool = False
    header: bool = False
    splits: bool = True


@dataclass(frozen=True, slots=True)
class _Around:
    """What the cells of a table share: its grid in points, its style and properties, how deep it is nested."""

    grid: list[float]
    style: str | None
    table: _TableProperties
    depth: int


class TableReader:
    """Reads the tables of one part; ``edge_at_margin`` says that tables begin at the margin, as since Word 2013."""

    def __init__(self, text: TextReader, styles: Styles, read_blocks: BlockReader, *, edge_at_margin: bool) -> None:
        self._text = text
        self._styles = styles
        self._read_blocks = read_blocks
        self._edge_at_margin = edge_at_margin
        self._cells_said: dict[bytes, _CellProperties] = {}

    def table(self, element: Element, depth: int) -> Table:
        """Return a table that is nested so deep.

        Raises:
            TemplateError: when it holds what is not set.
        """
        try:
            return self._table(element, depth)
        except Unsupported as error:
            if self._text.refusals is None:
                raise self._text.refused(error) from error
            self._text.note(element, error)
            return Table((1.0,), (), (), ())

    def _table(self, element: Element, depth: int) -> Table:
        if depth > MAX_NESTING:
            raise Unsupported(Message("tables nested in tables more than {limit} times", limit=MAX_NESTING))
        own = child(element, "w:tblPr")
        chosen = child(own, "w:tblStyle")
        style = None if chosen is None else value(chosen)
        properties = self._properties(own, style)
        grid = [points(column, "w:w") or 0.0 for column in _found(child(element, "w:tblGrid"), "w:gridCol")]
        around = _Around(grid, style, properties, depth)
        outside = self._text.take_bookmarks()
        rows = [self._row(item, around) for item in self._rows(element)]
        self._text.bookmarks = outside
        if not rows:
            raise Unsupported(Message("a table without rows"))
        columns = _lay_out(rows)
        _merge(rows)
        horizontal, vertical = decided_lines(
            [[(cell.column, cell.column_span, cell.row_span, cell.edges) for cell in row.cells] for row in rows],
            len(columns),
            properties.edges,
        )
        horizontal, vertical, frame = framed(horizontal, vertical, len(rows), len(columns))
        # Up to Word 2010 the text of the first column stood at the margin, since then its border does.
        left = properties.indent - (0.0 if self._edge_at_margin else properties.margins["left"])
        return Table(
            columns=columns,
            rows=tuple(_finished(row, properties) for row in rows),
            horizontal=horizontal,
            vertical=vertical,
            align=properties.align,
            left=left,
            before=properties.before,
            frame=frame,
            floating=properties.floating,
        )

    def _rows(self, element: Element) -> list[Element]:
        rows: list[Element] = []
        for name, item in children(element):
            if name == "w:tr":
                change = child(item, "w:trPr")
                if child(change, "w:del") is None:
                    rows.append(item)
                self._text.tracked |= any(child(change, f"w:{kind}") is not None for kind in ("ins", "del"))
            elif name in {"w:sdt", "w:customXml", "w:sdtContent"}:
                rows.extend(self._rows(item))
            elif name == "w:bookmarkStart":
                self._text.remember(item)
            elif name not in {"w:tblPr", "w:tblGrid"} and name not in _BETWEEN_CELLS:
                raise unsupported(item)
        return rows

    def _properties(self, own: Element | None, style: str | None) -> _TableProperties:
        properties = _TableProperties()
        look = child(own, "w:tblLook")
        layers = [*self._styles.overlay("table", style).table, *([] if own is None else [own])]
        for layer in layers:
            if layer.tag.endswith("}tblStylePr"):
                _refuse_condition(layer, look)
            for name, item in children(layer) if layer.tag.endswith("}tblPr") else ():
                if name == "w:tblBorders":
                    properties.edges = table_edges(item, properties.edges)
                elif name == "w:tblCellMar":
                    properties.margins.update(_margins(item))
                elif name == "w:jc":
                    if value(item) not in _ALIGNMENTS:
                        raise unsupported(item)
                    properties.align = _ALIGNMENTS[value(item)]
                elif name == "w:tblInd":
                    properties.indent = _width(item) or 0.0
                elif name == "w:shd":
                    properties.background = shading(item)
                elif name == "w:bidiVisual" and not switched_on(item):
                    continue
                elif name == "w:tblpPr":
                    _float(item, properties)
                elif name not in _TABLE_IGNORED:
                    raise unsupported(item)
        return properties

    def _row(self, element: Element, around: _Around) -> _Row:
        row = _Row([])
        left, column = self._row_properties(element, around.grid, row)
        found: list[tuple[int, Bookmark]] = []
        for item in self._cells(element):
            left, column = self._cell(item, around, row, left, column)
            found += ((len(row.cells) - 1, bookmark) for bookmark in self._text.take_bookmarks())
        if not row.cells:
            raise Unsupported(Message("a table row without cells"))
        for index, bookmark in found:
            # Where whole cells were marked, Word puts the bookmark into the row's first cell and names the columns.
            first = index if bookmark.first_column is None else bookmark.first_column
            if bookmark.first_column != bookmark.last_column or not 0 <= first < len(row.cells):
                raise Unsupported(Message("the bookmark “{bookmark}” over several cells", bookmark=bookmark.name))
            row.cells[first].anchors.append(bookmark.name)
        return row

    def _row_properties(self, element: Element, grid: list[float], row: _Row) -> tuple[float, int]:
        """Read a row's properties; return where its first cell begins, in points and in columns."""
        skipped, offset = 0, None
        for name, item in children(child(element, "w:trPr")):
            if name == "w:trHeight":
                rule = attribute(item, "w:hRule") or "atLeast"
                row.height = points(item, "w:val") if rule != "auto" else None
                row.exact = rule == "exact"
            elif name == "w:tblHeader":
                row.header = switched_on(item)
            elif name == "w:cantSplit":
                row.splits = not switched_on(item)
            elif name == "w:gridBefore":
                skipped = number(item, "w:val") or 0
            elif name == "w:wBefore":
                offset = _width(item)
            elif name not in _ROW_IGNORED:
                raise unsupported(item)
        return (sum(grid[:skipped]) if offset is None else offset), skipped

    def _cells(self, element: Element) -> list[Element]:
        cells: list[Element] = []
        for name, item in children(element):
            if name == "w:tc":
                cells.append(item)
            elif name in {"w:sdt", "w:customXml", "w:sdtContent"}:
                cells.extend(self._cells(item))
            elif name == "w:bookmarkStart":
                self._text.remember(item)
            elif name == "w:tblPrEx":
                if any(True for _ in children(item)):
                    raise Unsupported(Message("a table row with table properties of its own"))
            elif name not in _BETWEEN_CELLS:
                raise unsupported(item)
        return cells

    def _cell(self, element: Element, around: _Around, row: _Row, left: float, column: int) -> tuple[float, int]:
        """Read a cell that begins there, in points and in columns; return where it ends."""
        own = child(element, "w:tcPr")
        key = written(own)
        said = self._cells_said.get(key)
        if said is None:
            said = self._cells_said[key] = _cell_properties(own)
        if said.span > MAX_COLUMNS or len(row.cells) >= MAX_COLUMNS:
            raise Unsupported(Message("a table of more than {limit} columns", limit=MAX_COLUMNS))
        # What a cell says of its width wins over the table's grid (17.4.71).
        width = said.width or sum(around.grid[column : column + said.span])
        if width <= 0:
            raise Unsupported(Message("a table cell without a width"))
        table = around.table
        margins = {**table.margins, **said.margins} if said.margins else table.margins
        cell = _Cell(
            left,
            left + width,
            said.merge,
            (margins["left"], margins["top"], margins["right"], margins["bottom"]),
            said.edges.copy(),
            said.vertical,
            said.background if said.shaded else table.background,
        )
        row.cells.append(cell)
        cell.blocks = self._read_blocks(element, around.style, around.depth)
        if said.downwards:
            cell.vertical, cell.blocks = turned(cell.vertical, cell.blocks)
        if said.hides_mark:
            only = cell.blocks[0] if len(cell.blocks) == 1 else None
            if isinstance(only, Paragraph) and not only.content:
                cell.blocks = ()
        return cell.right, column + said.span


def _cell_properties(own: Element | None) -> _CellProperties:
    """Read a ``w:tcPr``.

    Raises:
        Unsupported: for what is not set.
    """
    said = _CellProperties()
    for name, item in children(own):
        if name == "w:tcBorders":
            said.edges = cell_edges(item)
        elif name == "w:gridSpan":
            said.span = max(number(item, "w:val") or 1, 1)
        elif name == "w:tcW":
            said.width = _width(item)
        elif name == "w:tcMar":
            said.margins.update(_margins(item))
        elif name == "w:vAlign":
            if value(item) not in _VERTICALS:
                raise unsupported(item)
            said.vertical = _VERTICALS[value(item)]
        elif name == "w:shd":
            said.background, said.shaded = shading(item), True
        elif name == "w:vMerge":
            said.merge = attribute(item, "w:val") or "continue"
        elif name == "w:textDirection" and value(item) in {"lrTb", "tb"}:
            continue
        elif name == "w:textDirection" and value(item) in _UPRIGHT:
            said.downwards = True
        elif name == "w:tcFitText" and not switched_on(item):
            continue
        elif name == "w:hideMark":
            said.hides_mark = switched_on(item)
        elif name not in _CELL_IGNORED:
            raise unsupported(item)
    return said


def _lay_out(rows: list[_Row]) -> tuple[float, ...]:
    """Number the columns of all cells on one common grid; return the columns' widths in points."""
    places: list[float] = []
    for place in sorted(place for row in rows for cell in row.cells for place in (cell.left, cell.right)):
        if not places or place - places[-1] > _SAME_PLACE:
            places.append(place)
    if len(places) > MAX_COLUMNS + 1:
        raise Unsupported(Message("a table of more than {limit} columns", limit=MAX_COLUMNS))

    @cache
    def index(place: float) -> int:
        return min(range(len(places)), key=lambda at: abs(places[at] - place))

    for row in rows:
        for cell in row.cells:
            cell.column = index(cell.left)
            cell.column_span = max(index(cell.right) - cell.column, 1)
    return tuple(right - left for left, right in pairwise(places))


def _merge(rows: list[_Row]) -> None:
    """Join vertically merged cells: the first one grows, those that continue it go."""
    open_cells: dict[tuple[int, int], _Cell] = {}
    for row in rows:
        still_open: dict[tuple[int, int], _Cell] = {}
        kept: list[_Cell] = []
        for cell in row.cells:
            key = (cell.column, cell.column_span)
            above = open_cells.get(key)
            if cell.merge == "continue" and above is not None:
                if any(block.text for block in cell.blocks):
                    raise Unsupported(Message("text in the hidden part of a merged cell"))
                above.row_span += 1
                above.anchors += cell.anchors
                above.edges.extend_downwards(cell.edges)
                still_open[key] = above
            else:
                kept.append(cell)
                if cell.merge is not None:
                    still_open[key] = cell
        row.cells = kept
        open_cells = still_open


def _finished(row: _Row, table: _TableProperties) -> Row:
    cells = tuple(
        Cell(
            column=cell.column,
            column_span=cell.column_span,
            row_span=cell.row_span,
            blocks=cell.blocks,
            margins=cell.margins,
            vertical=cell.vertical,
            background=cell.background,
            anchors=tuple(cell.anchors),
        )
        for cell in row.cells
    )
    first = [cell.blocks[0] for cell in cells if cell.blocks]
    keep_next = bool(first) and all(isinstance(block, Paragraph) and block.shape.keep_next for block in first)
    return Row(cells, row.height, row.exact, row.header, row.splits, keep_next)


def _float(element: Element, properties: _TableProperties) -> None:
    """Read the place of a table that text flows around (17.4.58), down from the paragraph that it is anchored to."""
    across, down = attribute(element, "w:horzAnchor") or "page", attribute(element, "w:vertAnchor") or "page"
    align = attribute(element, "w:tblpXSpec")
    before = points(element, "w:tblpY") or 0.0
    if down != "text" or attribute(element, "w:tblpYSpec") is not None or before < 0:
        raise Unsupported(Message("a table that stands at a place of the page (set its text wrapping to “none”)"))
    if align is not None and align not in _ALIGNMENTS:
        raise unsupported(element, align)
    properties.before = before
    properties.floating = Floating(points(element, "w:tblpX") or 0.0, across == "page")
    if align is not None:
        properties.align = _ALIGNMENTS[align]


def _margins(element: Element) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, item in children(element):
        side = {"w:start": "left", "w:end": "right"}.get(name, name[2:])
        if side not in {"left", "top", "right", "bottom"}:
            raise unsupported(item)
        found[side] = max(_width(item) or 0.0, 0.0)
    return found


def _width(element: Element) -> float | None:
    """Return a width of a table or cell in points; None for widths that follow from others (auto, per cent)."""
    kind = attribute(element, "w:type") or "dxa"
    return points(element, "w:w") if kind == "dxa" else None


def _found(element: Element | None, name: str) -> list[Element]:
    return [item for found, item in children(element) if found == name]


def _refuse_condition(layer: Element, look: Element | None) -> None:
    """Refuse a style's part for first rows and the like where the table switches it on and it would show."""
    kind = attribute(layer, "w:type") or ""
    if look is None or not any(True for name, _ in children(layer) if name in {"w:rPr", "w:tcPr", "w:pPr", "w:tblPr"}):
        return
    if kind in _CONDITIONS:
        said = attribute(look, f"w:{_CONDITIONS[kind]}")
        bits = attribute(look, "w:val") or "0"
        on = said in {"1", "true", "on"} if said is not None else bool(int(bits, 16) & _LOOK_BITS[kind])
    else:
        on = True
    if on:
        raise Unsupported(Message("a table style that sets some rows or columns apart ({part})", part=kind))
