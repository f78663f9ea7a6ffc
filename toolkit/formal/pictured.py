"""Which pages are mostly pictures: there the watermark must lie over the content to be seen at all."""

from __future__ import annotations

import pypdfium2

from toolkit.formal import pdfium
from toolkit.formal.pdfium import Affine
from toolkit.page import PageDescription

PICTURED = 0.25
"""Share of the page that its pictures cover, from which the watermark goes over them. A page of an attachment covers
0.52 of A4 at its largest, the figure in the sample's text 0.10: there, the watermark shows around it."""

_DEEPEST = 16
"""Forms within forms that are followed, as for page descriptions (shapes.py)."""


def is_pictured(description: PageDescription) -> bool:
    """Say whether pictures cover a page."""
    boxes = (picture.box for picture in description.pictures)
    covered = sum((right - left) * (bottom - top) for left, top, right, bottom in boxes)
    return covered >= PICTURED * description.width * description.height


def pictured_pages(pdf: bytes) -> frozenset[int]:
    """Return the pages, counted from 1, that pictures cover; descriptions, where there are any, say so sooner.

    Raises:
        pypdfium2.PdfiumError: when the bytes are not a PDF.
    """
    # A stream's dictionary is never compressed (ISO 32000-2, 7.5.7), so that a picture shows in the bytes.
    if b"/Image" not in pdf:
        return frozenset()
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = set()
        for number in range(1, len(document) + 1):
            page = document[number - 1]
            width, height = page.get_size()
            address = pdfium.handle(page.raw)
            items = (pdfium.get_object(address, index) for index in range(pdfium.count_objects(address)))
            if sum(_covered(item, pdfium.IDENTITY, 0) for item in items) >= PICTURED * width * height:
                found.add(number)
            page.close()
        return frozenset(found)
    finally:
        document.close()


def _covered(item: int, outer: Affine, depth: int) -> float:
    """Return the area of the pictures in a page object, in square points."""
    kind = pdfium.get_type(item)
    if kind == pdfium.IMAGE:
        left, bottom, right, top = pdfium.object_bounds(item)
        a, b, c, d, _, _ = outer
        return (right - left) * (top - bottom) * abs(a * d - b * c)
    if kind != pdfium.FORM or depth >= _DEEPEST:
        return 0.0
    inner = pdfium.joined(pdfium.object_matrix(item), outer)
    parts = (pdfium.get_form_object(item, index) for index in range(max(pdfium.count_form_objects(item), 0)))
    return sum(_covered(part, inner, depth + 1) for part in parts)
