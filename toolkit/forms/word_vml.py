"""Drawings of a Word file in VML, as Word 97 to 2007 and WPS write them: pictures, text boxes, lines, rectangles.

ECMA-376 part 4, 19.1; lengths and places stand in a ``style`` attribute in the manner of CSS.
"""

from __future__ import annotations

import re

from toolkit.forms.blocks import Anchored, Drawing, Outline, Position, TextBox, Vertical
from toolkit.forms.looks import Align, Edge
from toolkit.forms.word_drawings import ORIGINS, DrawingReader, anchored
from toolkit.forms.word_properties import MAX_EDGE
from toolkit.forms.word_xml import Element, Unsupported, attribute, child, children, named, unsupported
from toolkit.messages import Message

_UNITS = {"pt": 1.0, "": 0.75, "px": 0.75, "in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pc": 12.0, "emu": 1 / 12_700}
_LENGTH = re.compile(r"\s*(-?[0-9]*\.?[0-9]+)\s*(pt|px|in|cm|mm|pc|emu|)\s*", re.ASCII)
_LONGEST = 1584.0  # points: 22 inches, the largest length that Word takes (17.18.103)
_COLOUR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_NAMED = {
    **{"black": "000000", "white": "FFFFFF", "red": "FF0000", "blue": "0000FF", "green": "008000", "gray": "808080"},
    **{"silver": "C0C0C0", "yellow": "FFFF00", "navy": "000080", "window": "FFFFFF", "windowText": "000000"},
}
_ALIGNMENTS = {
    **{"left": Align.START, "center": Align.CENTER, "right": Align.END, "top": Align.START, "bottom": Align.END},
}
_OUTLINES = {"v:rect": "box", "v:oval": "ellipse", "v:line": "line"}
# Which ready-made shapes a v:shape may be of: 202 text box, 75 picture, 1 rectangle, 3 ellipse, 20 and 32 lines.
_TYPES = {"202": "box", "75": "picture", "1": "box", "3": "ellipse", "20": "line", "32": "line"}
_WRAPS = {"topAndBottom": "room", "square": "beside", "tight": "beside", "through": "beside"}
_OFF = {"f", "false", "0"}


def read_vml(element: Element, reader: DrawingReader) -> Drawing | Anchored:
    """Return what a ``w:pict`` holds.

    Raises:
        Unsupported: when it asks for what is not set.
    """
    shapes = [item for name, item in children(element) if name != "v:shapetype"]
    if len(shapes) != 1:
        raise Unsupported(Message("a group of shapes, a chart or a diagram (put it in as a picture)"))
    (shape,) = shapes
    style = _style(shape)
    drawing = _drawing(shape, style, reader)
    if style.get("position") != "absolute":
        return drawing
    wrap = child(shape, "w10:wrap")
    kind = "none" if wrap is None else wrap.get("type", "none")
    horizontal, vertical = (_position(style, axis, shape) for axis in ("horizontal", "vertical"))
    return anchored(drawing, horizontal, vertical, _WRAPS.get(kind, "none"), 0.0)


def _drawing(shape: Element, style: dict[str, str], reader: DrawingReader) -> Drawing:
    name = named(shape)
    kind = _OUTLINES.get(name) or (
        _TYPES.get((shape.get("type") or "").rpartition("_t")[2]) if name == "v:shape" else None
    )
    if kind is None or child(shape, "v:textpath") is not None:
        raise Unsupported(Message("a shape that is neither a line, a rectangle nor an ellipse"))
    if style.get("rotation", "0") not in {"0", ""}:
        raise Unsupported(Message("a shape that was turned in Word"))
    if name == "v:line":
        return _line(shape)
    width, height = (_length(style.get(side), shape, least=0.0) for side in ("width", "height"))
    picture, box = child(shape, "v:imagedata"), child(shape, "v:textbox")
    if picture is not None:
        if any(picture.get(f"crop{side}") for side in ("left", "top", "right", "bottom")):
            raise Unsupported(Message("a picture that was turned or recoloured in Word"))
        return reader.picture(attribute(picture, "r:id"), width, height)
    edge, fill = _edge(shape), _fill(shape)
    content = child(box, "w:txbxContent")
    if box is None or content is None:
        return Outline(
            kind, width, height, edge, fill, rising="y" in style.get("flip", "") != "x" in style.get("flip", "")
        )
    flow = _style(box)
    if kind != "box" or flow.get("layout-flow", "horizontal") != "horizontal":
        raise Unsupported(Message("text in a shape that is no upright rectangle"))
    said = (box.get("inset") or "").split(",")
    standards = ("7.2pt", "3.6pt", "7.2pt", "3.6pt")  # 19.1.2.22: 0.1 and 0.05 inches
    insets = [
        _length((said[at].strip() if at < len(said) else "") or standard, box, least=0.0)
        for at, standard in enumerate(standards)
    ]
    left, top, right, bottom = insets
    anchor = {"middle": Vertical.CENTER, "bottom": Vertical.BOTTOM}.get(style.get("v-text-anchor", ""), Vertical.TOP)
    grows = flow.get("mso-fit-shape-to-text", "f") in {"t", "true"}
    return TextBox(width, height, reader.read_blocks(content), (left, top, right, bottom), anchor, grows, edge, fill)


def _line(shape: Element) -> Outline:
    ends = [[_length(part, shape) for part in (shape.get(end) or "0,0").split(",")] for end in ("from", "to")]
    if any(len(end) != 2 for end in ends):
        raise unsupported(shape)
    (x0, y0), (x1, y1) = ends
    return Outline("line", abs(x1 - x0), abs(y1 - y0), _edge(shape), None, rising=(x1 > x0) != (y1 > y0) and y0 != y1)


def _position(style: dict[str, str], axis: str, shape: Element) -> Position:
    side = {"horizontal": ("left", "text"), "vertical": ("top", "text")}[axis]
    said = style.get(f"mso-position-{axis}-relative", side[1])
    origin = {"text": "text", **ORIGINS}.get(said)
    if origin is None:
        raise Unsupported(Message("a drawing placed by “{origin}”", origin=said))
    align = style.get(f"mso-position-{axis}", "absolute")
    if align != "absolute":
        if align not in _ALIGNMENTS:
            raise Unsupported(Message("a drawing placed by “{origin}”", origin=align))
        return Position(origin, align=_ALIGNMENTS[align])
    offset = sum(_length(style[name], shape) for name in (side[0], f"margin-{side[0]}") if name in style)
    if named(shape) == "v:line":  # its ends are where it stands
        ends = [(shape.get(end) or "0,0").split(",") for end in ("from", "to")]
        offset += min(_length(end[axis == "vertical"], shape) for end in ends if len(end) == 2)
    return Position(origin, offset)


def _edge(shape: Element) -> Edge | None:
    if shape.get("stroked", "t") in _OFF:
        return None
    stroke = child(shape, "v:stroke")
    dash = "solid" if stroke is None else stroke.get("dashstyle", "solid")
    style = {"solid": "solid", "dash": "dashed", "shortdash": "dashed", "longDash": "dashed"}.get(dash)
    style = "dotted" if dash in {"dot", "shortdot", "1 1"} else style
    width = _length(shape.get("strokeweight") or "0.75pt", shape, least=0.0)
    several = stroke is not None and stroke.get("linestyle", "single") != "single"
    arrows = stroke is not None and any(stroke.get(end, "none") != "none" for end in ("startarrow", "endarrow"))
    if style is None or width > MAX_EDGE or several or arrows:
        raise Unsupported(Message("a shape with a line of several strokes, with arrows or dashes of its own"))
    return Edge(width, style, _colour(shape.get("strokecolor") or "black", shape))


def _fill(shape: Element) -> str | None:
    fill = child(shape, "v:fill")
    if shape.get("filled", "t") in _OFF or (fill is not None and fill.get("on", "t") in _OFF):
        return None
    if fill is not None and (fill.get("type", "solid") != "solid" or fill.get("opacity", "1") not in {"1", "100%"}):
        raise Unsupported(Message("a shape filled with a pattern, a picture or several colours"))
    return _colour(shape.get("fillcolor") or "white", shape)


def _colour(text: str, shape: Element) -> str:
    word = text.split()[0] if text.split() else ""
    if word in _NAMED:
        return _NAMED[word]
    found = _COLOUR.match(word)
    if found is None:
        raise unsupported(shape, text)
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return digits.upper()


def _style(element: Element) -> dict[str, str]:
    pairs = (item.partition(":") for item in (element.get("style") or "").split(";"))
    return {name.strip().lower(): said.strip() for name, _, said in pairs if name.strip()}


def _length(text: str | None, element: Element, *, least: float = -_LONGEST) -> float:
    found = _LENGTH.fullmatch(text or "0")
    if found is None or not least <= (length := float(found[1]) * _UNITS[found[2]]) <= _LONGEST:
        raise unsupported(element, text)
    return length
