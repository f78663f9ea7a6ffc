"""Tables as Typst source.

Two columns without width stand behind those of the form: in the first a strut gives a row its least height, in the
second a cell over several rows keeps these together (keep with next). Lines are drawn piece by piece, not cell by cell,
since neighbours may differ; Typst repeats them where a table goes over pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.forms.blocks import Cell, Row, Table, Vertical
from toolkit.forms.looks import Align
from toolkit.forms.typst_text import colour, length, second_stroke, stroke

if TYPE_CHECKING:
    from toolkit.forms.typst_source import FormWriter, Frame

_VERTICALS = {Vertical.TOP: "top", Vertical.CENTER: "horizon", Vertical.BOTTOM: "bottom"}
_ALIGNMENTS = {Align.START: "left", Align.CENTER: "center", Align.END: "right"}


def table_source(writer: FormWriter, table: Table, frame: Frame, above: str) -> str:
    """Return a table that stands ``above`` (a Typst length) below what is before it."""
    columns = ",".join(length(width) for width in (*table.columns, 0.0, 0.0))
    heights = ",".join(length(row.height) if row.exact and row.height is not None else "auto" for row in table.rows)
    heads = next((at for at, row in enumerate(table.rows) if not row.header), len(table.rows))
    if heads == len(table.rows):
        heads = 0  # a table of nothing but headers repeats nothing
    rows = [_row(writer, table, at, frame, grouped=heads) for at in range(len(table.rows))]
    parts = [f"table.header({','.join(rows[:heads])})"] if heads else []
    parts += rows[heads:]
    for line in table.horizontal:
        parts.append(f"table.hline(y:{line.at},start:{line.start},end:{line.end},stroke:{stroke(line.edge)})")
    for line in table.vertical:
        parts.append(f"table.vline(x:{line.at},start:{line.start},end:{line.end},stroke:{stroke(line.edge)})")
    body = f"table(columns:({columns}),rows:({heights},),stroke:none,inset:0pt,\n" + ",\n".join(parts) + ")"
    # Wider tables than the text reach over its margins, by as much on both sides when they are centred.
    if table.frame is not None:
        outer, width = second_stroke(table.frame), length(sum(table.columns))
        body = f"block(width:{width},stroke:{outer},outset:{length(table.frame.apart)},{body})"
    slack = frame.width - sum(table.columns)
    left = {Align.START: table.left, Align.CENTER: slack / 2, Align.END: slack}[table.align]
    inset = f"inset:(left:{length(left)},right:{length(min(slack - left, 0.0))})"
    return f"block(above:{above},below:0pt,width:100%,{inset},{body})"


def _row(writer: FormWriter, table: Table, at: int, frame: Frame, *, grouped: int) -> str:
    row = table.rows[at]
    parts = [_cell(writer, table, at, cell, frame) for cell in row.cells]
    width = len(table.columns)
    strut = "" if row.height is None or row.exact else f"block(width:0pt,height:{length(row.height)},breakable:false);"
    # The mark at the row's end shows whether a row that may not be split is higher than a page.
    if frame.running:
        end = "none"
    else:
        name = writer.place(" ".join(filter(None, (cell.text for cell in row.cells))))
        end = f'place(bottom+left,mark("row","{name}"))'
    parts.append(f"table.cell(x:{width},y:{at},{{{strut}{end}}})")
    if at >= grouped and row.keep_next and not (at > grouped and table.rows[at - 1].keep_next):
        last = at
        while table.rows[last].keep_next and last + 1 < len(table.rows):
            last += 1
        if last > at:
            parts.append(f"table.cell(x:{width + 1},y:{at},rowspan:{last - at + 1},breakable:false,none)")
    return ",".join(parts)


def _cell(writer: FormWriter, table: Table, at: int, cell: Cell, frame: Frame) -> str:
    from dataclasses import replace

    left, top, right, bottom = cell.margins
    rows = table.rows[at : at + cell.row_span]
    width = sum(table.columns[cell.column : cell.column + cell.column_span])
    arguments = [
        f"x:{cell.column},y:{at}",
        f"inset:(left:{length(left)},top:{length(top)},right:{length(right)},bottom:{length(bottom)})",
        f"align:start+{_VERTICALS[cell.vertical]}",
    ]
    if cell.column_span > 1:
        arguments.append(f"colspan:{cell.column_span}")
    if cell.row_span > 1:
        arguments.append(f"rowspan:{cell.row_span}")
    if cell.background:
        arguments.append(f"fill:{colour(cell.background)}")
    if not all(row.splits for row in rows) and cell.row_span == 1:
        arguments.append("breakable:false")
    fixed = bool(rows) and all(_exact(row) for row in rows)
    inner = replace(frame, width=width - left - right, boxed=True)
    body = writer.blocks(cell.blocks, inner, in_table=True, fixed=fixed)
    if fixed:
        body = f'fitted("{writer.place(cell.text)}",{{{body}}})'
    # The first mark is where the cell begins, the last in the region where its content ends, be that another page.
    names = [writer.place(anchor) for anchor in cell.anchors]
    begins = "".join(f'place(top+left,dx:{length(-left)},dy:{length(-top)},mark("from","{name}"));' for name in names)
    ends = "".join(f';place(bottom+right,dx:{length(right)},dy:{length(bottom)},mark("to","{name}"))' for name in names)
    return f"table.cell({','.join(arguments)},{{{begins}{body}{ends}}})"


def _exact(row: Row) -> bool:
    return row.exact and row.height is not None
