"""The description of every page of a PDF, taken before it is watermarked and sealed.

What is not printed is not described (spaces, invisible text, annotations without a look of their own); what is
printed is, so that no two different pages have the same digest. Coordinates are rounded to the nearest 1/100 pt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as raw

from toolkit.errors import InputUnreadable, TypesettingError
from toolkit.formal import pdfium
from toolkit.formal.boxes import union
from toolkit.formal.printed_text import PageText
from toolkit.formal.shapes import PageShapes
from toolkit.messages import Message
from toolkit.page import PageDescription, Picture, Zone
from toolkit.verdict import Box

MOST_PAGES = 500
"""More pages than any form has; the seal counts them and a hostile file stops here."""

_LOOK_SCALE = 150 / 72
"""Resolution at which the look of what cannot be described otherwise is digested: 150 dpi."""

_WITHOUT_INK = (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP)


def describe(pdf: bytes, *, zones: Sequence[Sequence[Zone]], watermark: str) -> tuple[PageDescription, ...]:
    """Return the description of every page; ``zones`` has one sequence for each of them.

    Raises:
        InputUnreadable: when the bytes are not a PDF, or one that needs a password.
        TypesettingError: when a page has something whose print cannot be foreseen: a font that is not embedded, a form
            field, a rotation.
        ValueError: when there are not as many sequences of zones as pages.
    """
    with _opened(pdf) as document:
        if len(zones) != len(document):
            raise ValueError(f"zones for {len(zones)} pages, but the PDF has {len(document)}")
        masked = _has_masks(pdf)
        return tuple(_describe_page(document, index, tuple(own), watermark, masked) for index, own in enumerate(zones))


def describe_page(pdf: bytes, number: int, *, zones: Sequence[Zone], watermark: str) -> PageDescription:
    """Return the description of one page, counted from 1; see ``describe``."""
    with _opened(pdf) as document:
        if not 1 <= number <= len(document):
            raise InputUnreadable(
                Message("the PDF has {pages} pages, and no page {number}", pages=len(document), number=number)
            )
        return _describe_page(document, number - 1, tuple(zones), watermark, _has_masks(pdf))


@contextmanager
def _opened(pdf: bytes) -> Iterator[Any]:
    try:
        document = pypdfium2.PdfDocument(pdf)
        try:
            count = len(document)
            if not 1 <= count <= MOST_PAGES:
                raise InputUnreadable(
                    Message("the PDF has {pages} pages; a form has 1 to {most}", pages=count, most=MOST_PAGES)
                )
            yield document
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise InputUnreadable(
            Message("this is not a PDF that can be read (damaged, cut short or encrypted); make it again")
        ) from error


def _has_masks(pdf: bytes) -> bool:
    # A stream's dictionary is never compressed (ISO 32000-2, 7.5.7), so that a picture's mask shows in the bytes.
    return b"/SMask" in pdf or b"/Mask" in pdf


def _describe_page(document: Any, index: int, zones: tuple[Zone, ...], watermark: str, masked: bool) -> PageDescription:
    page = document[index]
    try:
        number = index + 1
        _refuse_unforeseeable(page, number)
        width, height = page.get_size()
        address = pdfium.handle(page.raw)
        text = PageText(address, number, height)
        runs = text.runs()
        shapes = PageShapes(pdfium.handle(document.raw), address, width, height, masked=masked).read()
        unclear = shapes.unclear + [union(glyph.box for glyph in run.glyphs) for run in runs if not run.face.exact]
        looks = [picture for box in unclear if (picture := _look(page, width, height, box)) is not None]
        return PageDescription(
            width=round(width * 100),
            height=round(height * 100),
            fonts=text.fonts,
            glyphs=tuple(glyph for run in runs for glyph in run.glyphs),
            rules=tuple(shapes.rules),
            pictures=(*shapes.pictures, *looks),
            zones=zones,
            watermark=watermark,
        )
    finally:
        page.close()


def _refuse_unforeseeable(page: Any, number: int) -> None:
    left, bottom, _, _ = page.get_mediabox()
    if page.get_rotation() or (left, bottom) != (0, 0) or page.get_cropbox() != page.get_mediabox():
        raise TypesettingError(
            Message(
                "page {page} of the PDF is rotated or cropped; make it again as an upright page of its full size",
                page=number,
            )
        )
    for index in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        kind = raw.FPDFAnnot_GetSubtype(annotation)
        raw.FPDFPage_CloseAnnot(annotation)
        if kind not in _WITHOUT_INK:
            raise TypesettingError(
                Message(
                    "page {page} of the PDF has a form field or a note on it, which viewers print differently; print it"
                    " into the page first",
                    page=number,
                )
            )


def _look(page: Any, width: float, height: float, box: Box) -> Picture | None:
    """Return the place of something that has no exact description, with the digest of how it looks there."""
    right, bottom = round(width * 100), round(height * 100)
    if box[0] >= right or box[1] >= bottom or box[2] <= 0 or box[3] <= 0:
        return None
    # At least a point each way, so that hairlines are pixels too.
    x0, y0 = max(min(box[0], right - 100), 0), max(min(box[1], bottom - 100), 0)
    x1, y1 = min(max(box[2], x0 + 100), right), min(max(box[3], y0 + 100), bottom)
    crop = (x0 / 100, max(height - y1 / 100, 0), max(width - x1 / 100, 0), y0 / 100)
    bitmap = page.render(scale=_LOOK_SCALE, crop=crop, may_draw_forms=False, no_smoothtext=False)
    try:
        head = b"%d %d " % (bitmap.width, bitmap.height)
        return Picture((x0, y0, x1, y1), hashlib.sha256(head + bytes(bitmap.buffer)).hexdigest())
    finally:
        bitmap.close()
