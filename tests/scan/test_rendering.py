"""What is drawn from a description must be what PDFium draws of the same page."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pypdfium2
import pytest
from printed_lines import FACE, LINES, described, fonts, printed
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from toolkit.formal.description import describe
from toolkit.page import Glyph, Rule
from toolkit.resources import shared
from toolkit.scan.rendering import Face, Pen, draw_page, is_joined
from toolkit.scan.typeface import Typeface

DPI = 200


def test_draws_what_pdfium_draws() -> None:
    page = described(LINES[:3], repeat=1)
    drawn = draw_page(page, Pen(fonts(), DPI)).ink
    other = 1 - printed(page, dpi=DPI)[:, :, 0].astype(np.float32) / 255
    part = drawn[: other.shape[0], : other.shape[1]]
    other = other[: part.shape[0], : part.shape[1]]
    assert np.corrcoef(part.ravel(), other.ravel())[0, 1] > 0.985
    assert abs(part.sum() / other.sum() - 1) < 0.05


def test_ink_that_leans_out_of_the_advance_is_drawn_where_it_is_printed() -> None:
    name = "LiberationSerif-Italic"
    file = shared("fonts") / f"{name}.ttf"
    pdfmetrics.registerFont(ttfonts.TTFont(name, str(file)))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595.44, 842.04), initialFontName=name)
    canvas.setFont(name, 10)
    canvas.drawString(100, 600, "July, analyses, joyful")
    canvas.save()
    (page,) = describe(buffer.getvalue(), zones=[()], watermark="")
    drawn = draw_page(page, Pen({name: Typeface(file.read_bytes())}, DPI)).ink
    document = pypdfium2.PdfDocument(buffer.getvalue())
    other = document[0].render(scale=3 * DPI / 72, grayscale=True).to_numpy()
    document.close()
    printed_ink = 1 - cv2.resize(other, drawn.shape[::-1], interpolation=cv2.INTER_AREA) / 255
    leaning = [glyph for glyph in page.glyphs if glyph.character in "jy"]
    assert len(leaning) == 4
    for glyph in leaning:
        x0, y0, x1, y1 = (round(edge * DPI / 7200) for edge in glyph.box)
        there = drawn[y0 : y1 + 2, x0:x1].ravel(), printed_ink[y0 : y1 + 2, x0:x1].ravel()
        assert np.corrcoef(*there)[0, 1] > 0.93  # 0.98 and more; drawn from its box's edge, 0.17


def test_a_face_says_its_stroke_and_its_colour() -> None:
    assert Face.parse("Some~30#FF0000") == Face("Some", 30, 0.0)
    assert Face.parse("Some") == Face("Some", 0, 1.0)


def test_a_stroke_makes_a_character_heavier() -> None:
    pen = Pen(fonts(), DPI)
    plain, bold = (pen.draw("未", Face(FACE, stroke, 1.0), 1200, (10, 40), (0, 0, 60, 60)) for stroke in (0, 40))
    assert bold.sum() > 1.2 * plain.sum()


def test_what_has_only_a_digest_is_taken_from_the_raster_or_left_open() -> None:
    page = described(LINES[:1], repeat=1)
    shape = Rule("path:00", (20000, 40000, 30000, 50000), "000000")
    page = type(page)(page.width, page.height, page.fonts, page.glyphs, (shape,), (), (), "")
    pen = Pen(fonts(), 100)
    assert draw_page(page, pen).undrawn == (shape.box,)
    black = np.zeros((1170, 827, 3), np.uint8)
    drawn = draw_page(page, pen, black)
    assert drawn.undrawn == ()
    assert drawn.ink[600, 350] == pytest.approx(1)
    assert drawn.ink[300, 700] == 0


def test_joined_script_and_unknown_fonts_are_not_drawn() -> None:
    pen = Pen(fonts(), 100)
    face = Face(FACE, 0, 1.0)
    assert is_joined("ئ")
    assert not pen.can_draw(Glyph("ئ", 0, 1200, (0, 0, 600, 1200)), face)
    assert not pen.can_draw(Glyph("a", 0, 1200, (0, 0, 600, 1200)), Face("Other", 0, 1.0))
    assert not pen.can_draw(Glyph("a", 0, 1200, (0, 0, 600, 2400)), face)
    assert pen.can_draw(Glyph("a", 0, 1200, (0, 0, 600, 1200)), face)
