"""Drawings of a Word file in DrawingML: pictures, text boxes, lines, frames, in a line or anchored (20.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from toolkit.forms.blocks import Anchored, Block, Drawing, InlinePicture, Outline, Position, TextBox, Vertical
from toolkit.forms.looks import Align, Edge
from toolkit.forms.word_properties import MAX_EDGE
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    emu_points,
    named,
    qualified,
    unsupported,
)
from toolkit.messages import Message

if TYPE_CHECKING:
    from toolkit.forms.word_text import Part

MAX_PICTURE_PIXELS = 50_000_000
"""Pixels of one picture; A4 at 600 dpi has 35 million."""
_NO_LINE_ABOVE = 10.0  # points; above a drawing so far below its paragraph's top no line has room
_WHOLE = 100_000  # thousandths of a per cent (22.9.2.9)

_KINDS = {
    **{"line": "line", "straightConnector1": "line", "rect": "box", "ellipse": "ellipse"},
    **{"flowChartProcess": "box", "flowChartConnector": "ellipse"},
}
_VERTICALS = {"t": Vertical.TOP, "ctr": Vertical.CENTER, "b": Vertical.BOTTOM}
_STROKES: dict[str | None, str] = {
    **{None: "solid", "solid": "solid", "dash": "dashed", "sysDash": "dashed", "lgDash": "dashed"},
    **{"dot": "dotted", "sysDot": "dotted"},
}
_ALIGNMENTS = {
    **{"left": Align.START, "center": Align.CENTER, "right": Align.END, "top": Align.START, "bottom": Align.END},
}
ORIGINS = {"page": "page", "margin": "margin", "column": "text", "paragraph": "text", "line": "text"}
"""What positions are measured from (20.4.3.4, 20.4.3.5); the first line stands for the paragraph."""
# The scheme's colours by the names that shapes use for them (20.1.10.54), through the usual map.
_MAPPED = {"tx1": "dk1", "bg1": "lt1", "tx2": "dk2", "bg2": "lt2"}
_WRAPS = {
    **{"wp:wrapNone": "none", "wp:wrapTopAndBottom": "room"},
    **{"wp:wrapSquare": "beside", "wp:wrapTight": "beside", "wp:wrapThrough": "beside"},
}

BlockReader = Callable[[Element], tuple[Block, ...]]
"""Reads the blocks of a text box from its ``w:txbxContent``."""


@dataclass(frozen=True, slots=True)
class DrawingReader:
    """Reads the drawings of one part; ``colours`` are those of the theme by name."""

    part: Part
    colours: Mapping[str, str]
    read_blocks: BlockReader

    def read(self, element: Element) -> Drawing | Anchored:
        """Return what a ``w:drawing`` holds.

        Raises:
            Unsupported: when it asks for what is not set.
        """
        for name, item in children(element):
            if name == "wp:inline":
                return self._drawing(item)
            if name == "wp:anchor":
                return self._anchored(item)
            raise unsupported(item)
        raise unsupported(element)

    def _anchored(self, element: Element) -> Anchored:
        places: dict[str, Position] = {}
        wrap = "none"
        for name, item in children(element):
            if name in {"wp:positionH", "wp:positionV"}:
                places[name] = _position(item)
            elif name in _WRAPS:
                wrap = _WRAPS[name]
        if element.get("simplePos") in {"1", "true"} or len(places) != 2:
            raise Unsupported(Message("a drawing whose place is not said in the usual way"))
        below = emu_points(element.get("distB") or "0", element, least=0)
        return anchored(self._drawing(element), places["wp:positionH"], places["wp:positionV"], wrap, below)

    def _drawing(self, element: Element) -> Drawing:
        extent = child(element, "wp:extent")
        data = element.find(f"{qualified('a:graphic')}/{qualified('a:graphicData')}")
        only = None if data is None else next(iter(children(data)), None)
        if extent is None or only is None:
            raise Unsupported(Message("a drawing that is no picture"))
        name, item = only
        if name == "pic:pic":
            return self._picture(item, extent)
        if name == "wps:wsp":
            return self._shape(item, extent)
        raise Unsupported(Message("a group of shapes, a chart or a diagram (put it in as a picture)"))

    def _picture(self, element: Element, extent: Element) -> InlinePicture:
        fill = child(element, "pic:blipFill")
        blip = child(fill, "a:blip")
        if blip is None or attribute(blip, "r:embed") is None:
            raise Unsupported(Message("a drawing that is no picture"))
        turned = element.find(f".//{qualified('a:xfrm')}")
        if (turned is not None and _is_turned(turned)) or any(name != "a:extLst" for name, _ in children(blip)):
            raise Unsupported(Message("a picture that was turned or recoloured in Word"))
        width, height = (emu_points(extent.get(side), extent) for side in ("cx", "cy"))
        return self.picture(attribute(blip, "r:embed"), width, height, _crop(child(fill, "a:srcRect")))

    def picture(
        self, identifier: str | None, width: float, height: float, crop: tuple[float, float, float, float] | None = None
    ) -> InlinePicture:
        """Return the picture that a relationship leads to, ``crop`` being the shares cut off its four sides.

        Raises:
            Unsupported: when it is not there, or no picture that is set.
        """
        data = self.part.data(identifier)
        if data is None:
            raise Unsupported(Message("a picture that is not in the document"))
        suffix = _suffix(data)
        return InlinePicture(*(data, suffix) if crop is None else (_cropped(data, crop), "png"), width, height)

    def _shape(self, element: Element, extent: Element) -> TextBox | Outline:
        look, body = child(element, "wps:spPr"), child(element, "wps:bodyPr")
        kind = _KINDS.get(_said(child(look, "a:prstGeom"), "prst"))
        turned = child(look, "a:xfrm")
        if kind is None:
            raise Unsupported(Message("a shape that is neither a line, a rectangle nor an ellipse"))
        if turned is not None and turned.get("rot", "0") != "0":
            raise Unsupported(Message("a shape that was turned in Word"))
        width, height = (emu_points(extent.get(side), extent, least=0) for side in ("cx", "cy"))
        edge, fill = self._edge(element, look), self._fill(element, look)
        content = child(child(element, "wps:txbx"), "w:txbxContent")
        if content is None:
            flips = turned is not None and (turned.get("flipV") == "1") != (turned.get("flipH") == "1")
            return Outline(kind, width, height, edge, fill, rising=flips)
        if kind != "box" or body is None or body.get("vert", "horz") != "horz" or body.get("rot", "0") != "0":
            raise Unsupported(Message("text in a shape that is no upright rectangle"))
        insets = (
            emu_points(body.get(side, standard), body, least=0)
            for side, standard in (("lIns", "91440"), ("tIns", "45720"), ("rIns", "91440"), ("bIns", "45720"))
        )
        left, top, right, bottom = insets
        grows = child(body, "a:spAutoFit") is not None
        vertical = _VERTICALS.get(body.get("anchor", "t"), Vertical.TOP)
        return TextBox(
            width, height, self.read_blocks(content), (left, top, right, bottom), vertical, grows, edge, fill
        )

    def _edge(self, element: Element, look: Element | None) -> Edge | None:
        line = child(look, "a:ln")
        if child(line, "a:noFill") is not None:
            return None
        styled = child(child(element, "wps:style"), "a:lnRef")
        solid = child(line, "a:solidFill")
        if solid is None and (styled is None or styled.get("idx") == "0"):
            return None
        colour = self._colour(solid if solid is not None else styled)
        width = 0.75 if line is None or line.get("w") is None else emu_points(line.get("w"), line, least=0)
        dash = child(line, "a:prstDash")
        style = _STROKES.get(None if dash is None else dash.get("val"))
        ends = any(_said(child(line, end), "type") not in {"", "none"} for end in ("a:headEnd", "a:tailEnd"))
        if style is None or ends or width > MAX_EDGE or (line is not None and line.get("cmpd", "sng") != "sng"):
            raise Unsupported(Message("a shape with a line of several strokes, with arrows or dashes of its own"))
        return Edge(width, style, colour)

    def _fill(self, element: Element, look: Element | None) -> str | None:
        if child(look, "a:noFill") is not None:
            return None
        solid = child(look, "a:solidFill")
        if solid is not None:
            return self._colour(solid)
        if any(child(look, name) is not None for name in ("a:gradFill", "a:blipFill", "a:pattFill", "a:grpFill")):
            raise Unsupported(Message("a shape filled with a pattern, a picture or several colours"))
        styled = child(child(element, "wps:style"), "a:fillRef")
        return None if styled is None or styled.get("idx") == "0" else self._colour(styled)

    def _colour(self, element: Element | None) -> str:
        for name, item in children(element):
            if any(True for _ in children(item)):
                raise Unsupported(Message("a shape in a colour that is made lighter, darker or transparent"))
            said = item.get("lastClr" if name == "a:sysClr" else "val") or ""
            if name == "a:schemeClr":
                said = self.colours.get(_MAPPED.get(said, said), "")
            if len(said) == 6 and all(digit in "0123456789abcdefABCDEF" for digit in said):
                return said.upper()
            raise unsupported(item, said)
        return "000000"


def _said(element: Element | None, name: str) -> str:
    return "" if element is None else element.get(name, "")


def anchored(drawing: Drawing, horizontal: Position, vertical: Position, wrap: str, below: float) -> Anchored:
    """Return a drawing at its place; ``wrap`` is ``none``, ``room`` or ``beside``, ``below`` what it keeps free.

    Raises:
        Unsupported: when text would stand above it that belongs to its own paragraph.
    """
    if wrap == "room" and (vertical.origin != "text" or not -1 <= vertical.offset <= _NO_LINE_ABOVE):
        raise Unsupported(
            Message("a drawing with text above it that it is anchored to (put its anchor where it stands)")
        )
    return Anchored(drawing, horizontal, vertical, below if wrap == "room" else None, wrap == "beside")


def _position(element: Element) -> Position:
    origin = ORIGINS.get(element.get("relativeFrom", ""))
    if origin is None:
        raise Unsupported(Message("a drawing placed by “{origin}”", origin=element.get("relativeFrom", "")))
    for name, item in children(element):
        if name == "wp:align" and (item.text or "").strip() in _ALIGNMENTS:
            return Position(origin, align=_ALIGNMENTS[(item.text or "").strip()])
        if name == "wp:posOffset":
            return Position(origin, emu_points(item.text, item, least=None))
        raise unsupported(item)
    raise unsupported(element)


def _is_turned(element: Element) -> bool:
    return element.get("rot", "0") != "0" or "1" in {element.get("flipH"), element.get("flipV")}


def _crop(element: Element | None) -> tuple[float, float, float, float] | None:
    if element is None:
        return None
    try:
        left, top, right, bottom = (int(element.get(side) or 0) / _WHOLE for side in "ltrb")
    except ValueError:
        raise unsupported(element) from None
    if not any((left, top, right, bottom)):
        return None
    if min(left, top, right, bottom) < 0 or left + right > 0.99 or top + bottom > 0.99:
        raise Unsupported(Message("a picture with space cut around it"))
    return left, top, right, bottom


def _cropped(data: bytes, crop: tuple[float, float, float, float]) -> bytes:
    left, top, right, bottom = crop
    with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
        width, height = image.size
        box = (round(left * width), round(top * height), round((1 - right) * width), round((1 - bottom) * height))
        written = BytesIO()
        try:
            image.crop((*box[:2], max(box[2], box[0] + 1), max(box[3], box[1] + 1))).save(written, "PNG")
        except (OSError, ValueError, SyntaxError):
            raise Unsupported(Message("a picture that is damaged")) from None
    return written.getvalue()


def _suffix(data: bytes) -> str:
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            small, form = image.width * image.height <= MAX_PICTURE_PIXELS, image.format
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise Unsupported(Message("a picture that is neither PNG nor JPEG")) from None
    if not small:
        raise Unsupported(Message("a picture of more than {limit} million pixels", limit=MAX_PICTURE_PIXELS // 10**6))
    return "png" if form == "PNG" else "jpg"


def chosen_drawing(element: Element) -> Element:
    """Return the drawing of a ``mc:AlternateContent``: the newer one where it is known, else the older.

    Raises:
        Unsupported: when there is none.
    """
    for name, item in children(element):
        if name == "mc:Choice" and item.get("Requires") in {"wps", "wp14", "w14", "wps wp14"}:
            only = next(iter(children(item)), None)
            if only is not None:
                return only[1]
        elif name == "mc:Fallback":
            only = next(iter(children(item)), None)
            if only is not None and named(only[1]) in {"w:pict", "w:drawing"}:
                return only[1]
    raise Unsupported(Message("a group of shapes, a chart or a diagram (put it in as a picture)"))
