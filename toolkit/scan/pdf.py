"""Pages of a PDF as pixels, by PDFium: scans in their own resolution, anything else drawn at 300 dpi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from toolkit.messages import Message
from toolkit.scan.page_image import (
    MAX_PIXELS,
    PageImage,
    Pixels,
    UnreadableImage,
    believable_dpi,
    too_many_pixels,
)

DRAWN_DPI = 300
"""What a page that is not a scan is drawn at: 5.3 pixels per module of 0.45 mm, where 3.4 are enough."""

_MOST_DRAWN = 36_000_000
"""Pixels: A4 at 600 dpi; a larger page is drawn coarser."""
_POINTS_PER_INCH = 72
_EDGE_TOLERANCE = 0.02
"""How far, as a share of the page's side, a scan's edges may be from the page's for it to be "the whole page"."""
_INVISIBLE_TEXT = 3
"""Text rendering mode of the layer that text recognition lays over a scan (ISO 32000-1, table 106)."""
_NESTING = 8
"""How deep forms within forms are looked into for the sizes of their images."""


class _Refused(Exception):
    """A page that is not drawn, with the sentence that says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class OpenedPdf:
    """A PDF that could be opened; ``count`` is the number of its pages. Close it."""

    source: str
    document: pdfium.PdfDocument
    count: int

    @classmethod
    def of(cls, source: str, data: bytes) -> OpenedPdf | UnreadableImage:
        """Open the bytes, or say why they cannot be."""
        try:
            document = pdfium.PdfDocument(data)
            return cls(source, document, len(document))
        except pdfium.PdfiumError as error:
            return UnreadableImage(source, 1, _not_opened(source, data, error))

    def page(self, number: int) -> PageImage | UnreadableImage:
        """Return a page, counted from 1."""
        try:
            page = self.document[number - 1]
        except (pdfium.PdfiumError, IndexError):
            return _damaged(self.source, number)
        try:
            images = _image_objects(self.source, number, page)
            scanned = _as_scanned(page, images[0]) if len(images) == 1 else None
            if scanned is not None:
                return PageImage(self.source, number, scanned, believable_dpi(_dpi(page, scanned)), of=self.count)
            return PageImage(self.source, number, *_drawn(self.source, number, page, images), of=self.count)
        except _Refused as refused:
            return UnreadableImage(self.source, number, refused.message, of=self.count)
        except (pdfium.PdfiumError, ValueError, MemoryError, OverflowError):
            return _damaged(self.source, number)
        finally:
            page.close()

    def close(self) -> None:
        """Close the file."""
        self.document.close()


def _not_opened(source: str, data: bytes, error: pdfium.PdfiumError) -> Message:
    # PDFium's code of the last error may be that of an earlier file, hence the look at the trailer as well.
    if error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY) and b"/Encrypt" in data:
        return Message(
            "{source} is encrypted: remove the password, or print and scan the pages themselves", source=source
        )
    return Message(
        "{source} is a damaged or truncated PDF, or one without pages: scan or copy the file again", source=source
    )


def _damaged(source: str, number: int) -> UnreadableImage:
    message = Message("page {number} of {source} is damaged: scan the page again", number=number, source=source)
    return UnreadableImage(source, number, message)


def _image_objects(source: str, number: int, page: pdfium.PdfPage) -> list[Any]:
    """Return the page's images, or raise when one would take too much memory to decode."""
    images = list(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_NESTING))
    for image in images:
        width, height = image.get_px_size()
        if width * height > MAX_PIXELS:
            raise _Refused(too_many_pixels(source, number, width, height))
    return images


def _as_scanned(page: pdfium.PdfPage, image: Any) -> Pixels | None:
    """Return the pixels of a page that is one upright image (and perhaps a layer of recognised text), else None.

    Five times faster than drawing, and exact: drawing would resample. Only what PDFium hands out as it is shown is
    taken this way: 8-bit grey or RGB JPEG.
    """
    width, height = _unrotated_size(page)
    matrix = image.get_matrix()
    left, bottom, right, top = image.get_bounds()
    x0, y0, x1, y1 = page.get_bbox()
    near_x, near_y = _EDGE_TOLERANCE * width, _EDGE_TOLERANCE * height
    covers = max(abs(left - x0), abs(right - x1)) < near_x and max(abs(bottom - y0), abs(top - y1)) < near_y
    upright = matrix.a > 0 and matrix.d > 0 and abs(matrix.b) + abs(matrix.c) < 1e-3 * matrix.a
    if not (covers and upright and image.get_filters() == ["DCTDecode"] and _nothing_else_shown(page)):
        return None
    pixels = np.array(image.get_bitmap(render=False).to_numpy())
    if pixels.ndim == 2:
        pixels = np.stack([pixels] * 3, axis=-1)
    elif pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    elif pixels.shape[2] == 3:
        pixels = pixels[:, :, ::-1]  # PDFium's order is blue, green, red
    else:
        return None
    return np.ascontiguousarray(np.rot90(pixels, k=-page.get_rotation() // 90))


def _nothing_else_shown(page: pdfium.PdfPage) -> bool:
    others = [thing for thing in page.get_objects(max_depth=_NESTING) if thing.type != pdfium_c.FPDF_PAGEOBJ_IMAGE]
    return pdfium_c.FPDFPage_GetAnnotCount(page) == 0 and all(
        thing.type == pdfium_c.FPDF_PAGEOBJ_FORM
        or (
            thing.type == pdfium_c.FPDF_PAGEOBJ_TEXT
            and pdfium_c.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE_TEXT
        )
        for thing in others
    )


def _unrotated_size(page: pdfium.PdfPage) -> tuple[float, float]:
    width, height = page.get_size()
    return (height, width) if page.get_rotation() % 180 else (width, height)


def _dpi(page: pdfium.PdfPage, pixels: Pixels) -> float:
    return float(pixels.shape[1] / page.get_width() * _POINTS_PER_INCH)


def _drawn(source: str, number: int, page: pdfium.PdfPage, images: list[Any]) -> tuple[Pixels, float | None]:
    """Return the page drawn, and its resolution in pixels per inch.

    A scan that could not be taken as it is (fax, several layers) is drawn in the resolution of its finest image, and
    a page larger than A3 no finer than the bound on pixels allows.
    """
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        raise _Refused(Message("page {number} of {source} has no size: scan again", number=number, source=source))
    finest = max((_placed_dpi(image) for image in images if _fills(image, width * height)), default=0.0)
    dpi = min(max(finest, DRAWN_DPI), 2 * DRAWN_DPI)
    dpi = min(dpi, _POINTS_PER_INCH * (_MOST_DRAWN / (width * height)) ** 0.5)
    if max(width, height) * dpi / _POINTS_PER_INCH > 2**15 - 1:  # beyond what PDFium addresses in one bitmap
        raise _Refused(
            too_many_pixels(source, number, int(width * DRAWN_DPI / 72), int(height * DRAWN_DPI / _POINTS_PER_INCH))
        )
    bitmap = page.render(scale=dpi / _POINTS_PER_INCH, rev_byteorder=True, may_draw_forms=False)
    return np.array(bitmap.to_numpy()[:, :, :3]), believable_dpi(dpi)


def _fills(image: Any, area: float) -> bool:
    left, bottom, right, top = image.get_bounds()
    return bool((right - left) * (top - bottom) > area / 2)


def _placed_dpi(image: Any) -> float:
    left, _, right, _ = image.get_bounds()
    width, height = image.get_px_size()
    return float(min(width, height) / max(right - left, 1e-6) * _POINTS_PER_INCH)
