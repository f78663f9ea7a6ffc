"""Drawings as Typst source: pictures, text boxes, lines and frames, in the line or beside the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.errors import TypesettingError
from toolkit.forms.blocks import Anchored, Drawing, InlinePicture, Outline, Position, TextBox, Vertical
from toolkit.forms.looks import Align, Shape
from toolkit.forms.typst_text import colour, length, stroke
from toolkit.messages import Message

if TYPE_CHECKING:
    from toolkit.forms.typst_source import FormWriter, Frame

_VERTICALS = {Vertical.TOP: "top", Vertical.CENTER: "horizon", Vertical.BOTTOM: "bottom"}
_SHARES = {Align.CENTER: 0.5, Align.END: 1.0}


def drawing_source(writer: FormWriter, drawing: Drawing, frame: Frame, *, kind: str = "box") -> str:
    """Return a drawing as a ``box`` in a line, or as a ``block`` of its own."""
    if isinstance(drawing, InlinePicture):
        return f"{kind}({writer.picture(drawing)})"
    size = f"width:{length(drawing.width)}"
    line = "none" if drawing.edge is None else stroke(drawing.edge)
    fill = "none" if drawing.fill is None else colour(drawing.fill)
    if isinstance(drawing, Outline):
        size += f",height:{length(drawing.height)}"
        if drawing.kind != "line":
            name = "rect" if drawing.kind == "box" else "ellipse"
            return f"{kind}({size},{name}(width:100%,height:100%,stroke:{line},fill:{fill}))"
        left, right = (drawing.height, 0.0) if drawing.rising else (0.0, drawing.height)
        ends = f"start:(0pt,{length(left)}),end:({length(drawing.width)},{length(right)})"
        return f"{kind}({size},place(top+left,line({ends},stroke:{line})))"
    return _text_box(writer, drawing, frame, kind, f"{size},stroke:{line},fill:{fill}")


def _text_box(writer: FormWriter, box: TextBox, frame: Frame, kind: str, look: str) -> str:
    left, top, right, bottom = box.insets
    inner = replace(frame, width=max(box.width - left - right, 1.0), boxed=True)
    body = writer.blocks(box.blocks, inner, fixed=not box.grows)
    inset = f"inset:(left:{length(left)},top:{length(top)},right:{length(right)},bottom:{length(bottom)})"
    if box.grows:
        return f"{kind}({look},{inset},{{{body}}})"
    fitted = f'fitted("{writer.place(box.text)}",{{{body}}})'
    return f"{kind}({look},height:{length(box.height)},{inset},align({_VERTICALS[box.vertical]},{fitted}))"


def anchored_source(writer: FormWriter, anchored: Anchored, shape: Shape, frame: Frame) -> str:
    """Return a drawing that stands beside the lines of a paragraph, from the top of whose block it is placed."""
    drawing = anchored.drawing
    body = drawing_source(writer, drawing, frame, kind="block")
    indent = shape.left - max(-shape.first_line, 0.0)
    height = 0.0 if isinstance(drawing, TextBox) and drawing.grows else drawing.height
    x = _along(anchored.horizontal, drawing.width, frame, across=True)
    y = _along(anchored.vertical, height, frame, across=False)
    if frame.mirrored and anchored.horizontal.origin == "margin" and _is_fixed(anchored.horizontal, frame):
        raise TypesettingError(
            Message("a drawing placed by margins that change sides cannot be set; place it by the page")
        )
    places = (
        f"{length(x)}-here().position().x" if _is_fixed(anchored.horizontal, frame) else length(x - indent),
        f"{length(y)}-here().position().y" if _is_fixed(anchored.vertical, frame) else length(y),
    )
    placed = f"place(top+left,dx:{places[0]},dy:{places[1]},{body})"
    if any("here()" in place for place in places):
        placed = f"context {placed}"
    if anchored.room is None:
        return placed
    return f"block(width:100%,height:{length(y + drawing.height + anchored.room)},breakable:false,{placed})"


def _is_fixed(position: Position, frame: Frame) -> bool:
    """Whether it is counted from the paper's edges; in cells and boxes Word counts from these."""
    return position.origin != "text" and not frame.boxed


def _along(position: Position, size: float, frame: Frame, *, across: bool) -> float:
    sheet = frame.sheet
    begins, room = (0.0, frame.width) if across else (0.0, size)
    if sheet is not None and _is_fixed(position, frame):
        first, second = (
            (sheet.margins.left, sheet.margins.right) if across else (sheet.margins.top, sheet.margins.bottom)
        )
        paper = sheet.width if across else sheet.height
        begins, room = (0.0, paper) if position.origin == "page" else (first, paper - first - second)
    if position.align is None:
        return begins + position.offset
    return begins + (room - size) * _SHARES.get(position.align, 0.0)
