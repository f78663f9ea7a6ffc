"""The lines of a Word table: what table and cells ask for, and who wins where neighbours differ (17.4.66)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from toolkit.forms.blocks import Line
from toolkit.forms.looks import Edge
from toolkit.forms.word_properties import edge
from toolkit.forms.word_xml import Element, Unsupported, children, unsupported
from toolkit.messages import Message

_SIDES = {
    **{"w:left": "left", "w:start": "left", "w:right": "right", "w:end": "right", "w:top": "top", "w:bottom": "bottom"},
    **{"w:insideH": "inside_horizontal", "w:insideV": "inside_vertical"},
}


@dataclass(frozen=True, slots=True)
class TableEdges:
    """The lines of a table where no cell says otherwise."""

    left: Edge | None = None
    top: Edge | None = None
    right: Edge | None = None
    bottom: Edge | None = None
    inside_horizontal: Edge | None = None
    inside_vertical: Edge | None = None


@dataclass(slots=True)
class CellEdges:
    """What a cell itself says about its sides; a side that it names may be None, which is no line."""

    said: dict[str, Edge | None] = field(default_factory=dict)

    def copy(self) -> CellEdges:
        """Return what can be extended without changing this."""
        return CellEdges(dict(self.said))

    def extend_downwards(self, below: CellEdges) -> None:
        """Take the lower side from the cell that this one was merged with."""
        if "bottom" in below.said:
            self.said["bottom"] = below.said["bottom"]


def table_edges(element: Element, under: TableEdges) -> TableEdges:
    """Return what a ``w:tblBorders`` says, over what the style said.

    Raises:
        Unsupported: for lines that are not set.
    """
    return replace(under, **_read(element))


def cell_edges(element: Element) -> CellEdges:
    """Return what a ``w:tcBorders`` says.

    Raises:
        Unsupported: for lines that are not set, diagonals among them.
    """
    return CellEdges(_read(element))


GridCell = tuple[int, int, int, CellEdges]
"""Column, column span, row span and own lines of a cell."""


def decided_lines(
    rows: Sequence[Sequence[GridCell]], columns: int, table: TableEdges
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return the horizontal and the vertical lines of a table, pieces of one kind joined."""
    owner: dict[tuple[int, int], tuple[int, int]] = {}  # place on the grid -> the cell that covers it
    edges: dict[tuple[int, int], CellEdges] = {}
    for at, row in enumerate(rows):
        for column, column_span, row_span, own in row:
            edges[at, column] = own
            for down in range(at, min(at + row_span, len(rows))):
                owner.update(((down, across), (at, column)) for across in range(column, column + column_span))

    def decide(
        before: tuple[int, int], after: tuple[int, int], sides: tuple[str, str], inside: Edge | None
    ) -> Edge | None:
        """Decide the line between two neighbouring places of the grid, either of which may lie outside the table."""
        one, other = owner.get(before), owner.get(after)
        if one == other:
            return None  # within one cell, or where there is none
        said = [
            edges[cell].said[side]
            for cell, side in ((one, sides[0]), (other, sides[1]))
            if cell is not None and side in edges[cell].said
        ]
        if said:  # what a cell says wins over the table, and of two cells the stronger line (17.4.66)
            return max(said, key=lambda line: -1.0 if line is None else line.width)
        if one is not None and other is not None:
            return inside
        outer = {"bottom": table.bottom, "top": table.top, "right": table.right, "left": table.left}
        return outer[sides[0] if one is not None else sides[1]]

    height = len(rows)
    horizontal = [
        [decide((at - 1, x), (at, x), ("bottom", "top"), table.inside_horizontal) for x in range(columns)]
        for at in range(height + 1)
    ]
    vertical = [
        [decide((y, at - 1), (y, at), ("right", "left"), table.inside_vertical) for y in range(height)]
        for at in range(columns + 1)
    ]
    return _joined(horizontal), _joined(vertical)


def framed(
    horizontal: tuple[Line, ...], vertical: tuple[Line, ...], rows: int, columns: int
) -> tuple[tuple[Line, ...], tuple[Line, ...], Edge | None]:
    """Return the lines with double ones around the whole table made single, and what these were.

    Raises:
        Unsupported: for double lines elsewhere.
    """
    doubles = [line for line in (*horizontal, *vertical) if line.edge.outer]
    if not doubles:
        return horizontal, vertical, None
    edge = doubles[0].edge
    wanted = {(True, 0, 0, columns), (True, rows, 0, columns), (False, 0, 0, rows), (False, columns, 0, rows)}
    found = {(True, line.at, line.start, line.end) for line in horizontal if line.edge == edge}
    found |= {(False, line.at, line.start, line.end) for line in vertical if line.edge == edge}
    if found != wanted or len(doubles) != len(wanted):
        raise Unsupported(Message("double lines that do not stand around a whole table"))
    single = replace(edge, outer=0.0, gap=0.0)

    def simple(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(replace(line, edge=single) if line.edge == edge else line for line in lines)

    return simple(horizontal), simple(vertical), edge


def _joined(tracks: Sequence[Sequence[Edge | None]]) -> tuple[Line, ...]:
    """Join neighbouring pieces of the same kind on every grid line."""
    lines: list[Line] = []
    for at, track in enumerate(tracks):
        start = 0
        for end in range(1, len(track) + 1):
            if end == len(track) or track[end] != track[start]:
                piece = track[start]
                if piece is not None:
                    lines.append(Line(at, start, end, piece))
                start = end
    return tuple(lines)


def _read(element: Element) -> dict[str, Edge | None]:
    found: dict[str, Edge | None] = {}
    for name, item in children(element):
        line = edge(item)
        if name in _SIDES:
            found[_SIDES[name]] = line
        elif line is not None:
            raise unsupported(item)
    return found
