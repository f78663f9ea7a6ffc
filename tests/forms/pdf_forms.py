"""PDF forms for tests: a page with labels in the order of reading, and fields between them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from templates.authoring.form_fields import FormField, with_fields
from toolkit.resources import shared

FONT = "NotoSerifSC-Regular"


def plain_page(labels: list[tuple[float, float, str]], *, pages: int = 1) -> bytes:
    """Return A4 pages with labels at places from the lower left."""
    pdfmetrics.registerFont(TTFont(FONT, shared("fonts", f"{FONT}.ttf")))
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=(595.28, 841.89), invariant=1, initialFontName=FONT)
    for _ in range(pages):
        canvas.setFont(FONT, 12)
        for x, y, text in labels:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def a_form(*fields: FormField, labels: list[tuple[float, float, str]] | None = None, pages: int = 1) -> bytes:
    """Return a form with those fields."""
    return with_fields(plain_page(labels or [(80, 500, "项目申报表")], pages=pages), fields)


def a_text(name: str, box: tuple[float, float, float, float] = (150, 496, 400, 514), **how: object) -> FormField:
    """Return a text field in a box of one line."""
    return FormField(name, "Tx", (box,), **how)  # type: ignore[arg-type]


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Return the PDF after something was done to it."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        written = io.BytesIO()
        document.save(written)
        return written.getvalue()
