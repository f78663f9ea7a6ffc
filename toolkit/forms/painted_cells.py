"""Where the named cells of a form come to lie when LibreOffice sets it.

LibreOffice can write bookmarks into a PDF as destinations, but those tell where the text of a cell begins, not where
the cell is, and some empty cells have none (7.4). So a second copy of the form is set, in which every named cell is
filled with a colour of its own; a fill moves nothing, and its rectangles are read from the PDF.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from toolkit.errors import TypesettingError
from toolkit.forms.package import parse_xml, write_package
from toolkit.messages import Message
from toolkit.verdict import Box

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DOCUMENT = "word/document.xml"
_BEFORE_SHADING = tuple(_W + tag for tag in ("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders"))
"""The elements of w:tcPr that stand before w:shd (ISO/IEC 29500-1, 17.4.69)."""
_COLOURS = 0x10000

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""


class CellBox(NamedTuple):
    """A table cell with a bookmark in it: the bookmark's name, the page from 1, the cell in 1/100 pt of that page."""

    name: str
    page: int
    box: Box


def paint(parts: Mapping[str, bytes], name: str) -> tuple[bytes, dict[Colour, tuple[str, ...]]]:
    """Fill every table cell that holds a bookmark with a colour that the form does not use.

    Bookmarks whose names start with ``_`` are Word's own. Of nested cells the innermost one counts.

    Returns:
        The .docx, and the names of the bookmarks behind every colour; without named cells no colours.
    """
    root = parse_xml(parts[_DOCUMENT], name)
    names: dict[etree._Element, list[str]] = {}
    for bookmark in root.iter(_W + "bookmarkStart"):
        cell = next(bookmark.iterancestors(_W + "tc"), None)
        zone = bookmark.get(_W + "name", "")
        if cell is not None and zone and not zone.startswith("_"):
            names.setdefault(cell, []).append(zone)
    colours = _unused_colours(parts, len(names), name)
    painted: dict[Colour, tuple[str, ...]] = {}
    for (cell, zones), colour in zip(names.items(), colours, strict=True):
        _fill(cell, f"{colour[0]:02X}{colour[1]:02X}{colour[2]:02X}")
        painted[colour] = tuple(zones)
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return write_package({**parts, _DOCUMENT: document}), painted


def find(pdf: bytes, painted: Mapping[Colour, tuple[str, ...]]) -> tuple[CellBox, ...]:
    """Return the cells that were painted, in the order of their colours; of a cell on two pages the larger part.

    Raises:
        TypesettingError: when a cell is on no page; the message names its bookmark.
    """
    largest: dict[Colour, tuple[int, int, Box]] = {}
    for page, colour, box in _fills(pdf):
        area = (box[2] - box[0]) * (box[3] - box[1])
        if colour in painted and area > largest.get(colour, (0,))[0]:
            largest[colour] = (area, page, box)
    for colour, names in painted.items():
        if colour not in largest:
            raise TypesettingError(
                Message("the cell of the bookmark “{zone}” is not on any page: make it larger", zone=names[0])
            )
    return tuple(CellBox(name, *largest[colour][1:]) for colour, names in painted.items() for name in names)


def _unused_colours(parts: Mapping[str, bytes], count: int, name: str) -> list[Colour]:
    """Return as many colours (AB0000 and up) as are asked for, none of which any part of the form names."""
    text = b"".join(content for part, content in parts.items() if part.endswith(".xml")).upper()
    colours: list[Colour] = []
    for number in range(_COLOURS):
        if len(colours) == count:
            return colours
        if f"AB{number:04X}".encode() not in text:
            colours.append((0xAB, number >> 8, number & 0xFF))
    raise TypesettingError(Message("“{name}” has too many bookmarks in table cells", name=name))


def _fill(cell: etree._Element, colour: str) -> None:
    properties = cell.find(_W + "tcPr")
    if properties is None:
        properties = etree.Element(_W + "tcPr")
        cell.insert(0, properties)
    for shading in properties.findall(_W + "shd"):
        properties.remove(shading)
    place = sum(1 for element in properties if element.tag in _BEFORE_SHADING)
    shading = etree.Element(_W + "shd", {_W + "val": "clear", _W + "color": "auto", _W + "fill": colour})
    properties.insert(place, shading)


def _fills(pdf: bytes) -> Iterator[tuple[int, Colour, Box]]:
    """Yield page, colour and box (1/100 pt, from the top left) of every filled path."""
    import ctypes

    import pypdfium2
    import pypdfium2.raw as raw

    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    with pypdfium2.PdfDocument(pdf) as document:
        for index in range(len(document)):
            page = document[index]
            height = page.get_height()
            for path in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
                if raw.FPDFPageObj_GetFillColor(path, red, green, blue, alpha):
                    left, bottom, right, top = path.get_bounds()
                    edges = (left, height - top, right, height - bottom)
                    x0, y0, x1, y1 = (round(edge * 100) for edge in edges)
                    yield index + 1, (red.value, green.value, blue.value), (x0, y0, x1, y1)
            page.close()
