"""Drawings of Word files for tests: DrawingML and VML as Word writes them, shortened to what matters."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from word_files import relation

EMU = 12_700
PICTURE = {"relations": relation("rIdP", "image", "media/a.png")}


def png(width: int = 30, height: int = 20) -> bytes:
    """Return a picture, blue with a red left half."""
    written = BytesIO()
    image = Image.new("RGB", (width, height), "navy")
    image.paste("red", (0, 0, width // 2, height))
    image.save(written, "PNG")
    return written.getvalue()


def graphic(kind: str, inner: str) -> str:
    """Return the data of a drawing; ``kind`` is ``picture`` or ``shape``."""
    uri = {
        "picture": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "shape": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }[kind]
    return f'<a:graphic><a:graphicData uri="{uri}">{inner}</a:graphicData></a:graphic>'


def picture(crop: str = "", turned: str = "") -> str:
    """Return the picture of ``PICTURE``."""
    return graphic(
        "picture",
        f'<pic:pic><pic:blipFill><a:blip r:embed="rIdP"/>{crop}</pic:blipFill><pic:spPr>{turned}</pic:spPr></pic:pic>',
    )


def shape(geometry: str, look: str = "", content: str = "", body: str = "<wps:bodyPr/>", turned: str = "") -> str:
    """Return a shape with a look (fill, line) and the blocks of its text."""
    text = f"<wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx>" if content else ""
    return graphic(
        "shape",
        f'<wps:wsp><wps:cNvSpPr/><wps:spPr>{turned}<a:prstGeom prst="{geometry}"><a:avLst/></a:prstGeom>{look}'
        f"</wps:spPr>{text}{body}</wps:wsp>",
    )


def position(axis: str, origin: str, place: float | str) -> str:
    """Return a place along ``H`` or ``V``: an offset in points, or an alignment."""
    said = (
        f"<wp:align>{place}</wp:align>"
        if isinstance(place, str)
        else f"<wp:posOffset>{round(place * EMU)}</wp:posOffset>"
    )
    return f'<wp:position{axis} relativeFrom="{origin}">{said}</wp:position{axis}>'


def anchored(
    inner: str, size: tuple[float, float], across: str, down: str, wrap: str = "<wp:wrapNone/>", distance: float = 0
) -> str:
    """Return a run with an anchored drawing of that size in points."""
    width, height = (round(side * EMU) for side in size)
    return (
        f'<w:r><w:drawing><wp:anchor distB="{round(distance * EMU)}" simplePos="0" behindDoc="0" layoutInCell="1">'
        f'<wp:simplePos x="0" y="0"/>{across}{down}<wp:extent cx="{width}" cy="{height}"/>{wrap}'
        f'<wp:docPr id="1" name="a"/>{inner}</wp:anchor></w:drawing></w:r>'
    )


def inline(inner: str, size: tuple[float, float]) -> str:
    """Return a run with a drawing that stands in the line."""
    width, height = (round(side * EMU) for side in size)
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="1" name="a"/>{inner}'
        "</wp:inline></w:drawing></w:r>"
    )


def vml(inner: str) -> str:
    """Return a run with a VML drawing."""
    return f"<w:r><w:pict>{inner}</w:pict></w:r>"


SOLID = '<a:solidFill><a:srgbClr val="{}"/></a:solidFill>'
LINE = '<a:ln w="12700">' + SOLID.format("FF0000") + "</a:ln>"
