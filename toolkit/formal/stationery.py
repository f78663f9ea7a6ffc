"""What every side of a print set or draft shares: watermark, notice, and the face of the reference.

Drawn with reportlab once for a watermark's text and kept as a small PDF, from which sides take it by reference.

The watermark is opaque light grey under the text, not transparent grey above it: with transparency Windows viewers
print pages as pictures, text and symbol included, and PDF/A needs a blending space. Black text on 12 % grey stays black
on every printer, and 12 % survives halftoning and a scanner that whitens paper, where 5 % is lost. DeviceGray, so
that a colour printer mixes it from black alone.

Watermark and notice are outlines, so that nothing of them gets among the text that a reader extracts. The reference
is text, in the one embedded face.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from toolkit.errors import TypesettingError
from toolkit.messages import Message

WATERMARK_FACE = "NotoSerifSC-Bold.ttf"
NOTICE_FACE = "NotoSansSC-Medium.ttf"
REFERENCE_FACE = "LiberationSans-Regular.ttf"

WATERMARK_GREY = 0.88
"""DeviceGray of the watermark: 12 % black."""

NOTICE_GREY = 0.25
NOTICE = "请勿在此处盖章"
NOTICE_SIZE = 6.5
"""Points; the smallest at which a 300 dpi scan still shows every stroke of 勿 and 盖."""

DRAFT_NOTICE = "草稿，不作为正式上报材料"
DRAFT_NOTICE_SIZE = 9.0

REFERENCE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-r"
"""All that a reference is made of (seal/reference.py)."""

_WATERMARK_ANGLE = 45.0
_WATERMARK_SPAN = 1.06
"""Length of the watermark in parts of the page's width: it crosses every column and stays clear of the corners."""

_LARGEST_WATERMARK = 120.0
"""Points; a short text (草稿) is not blown up further."""

_SPACING = 0.28
"""Space between the watermark's characters, in parts of their size."""


@lru_cache(maxsize=8)
def stationery(watermark: str, notice: str, notice_size: float, width: float, height: float, fonts: Path) -> bytes:
    """Return a one-page PDF with the forms ``watermark`` and ``notice`` and the face ``Reference``.

    The origin of the notice is the middle of its baseline; ``width`` and ``height`` are the paper's, in points.

    Raises:
        TypesettingError: when a face is missing, or lacks a character.
    """
    buffer = io.BytesIO()
    name = _registered(fonts / REFERENCE_FACE)
    # initialFontName: every page of reportlab begins by naming a font, Helvetica otherwise, which is not embedded.
    canvas = Canvas(buffer, pagesize=(width, height), invariant=1, initialFontName=name, pageCompression=1)
    canvas.beginForm("watermark", 0, 0, width, height)
    _draw_watermark(canvas, watermark, width, height, fonts / WATERMARK_FACE)
    canvas.endForm()
    canvas.beginForm("notice", -width / 2, -notice_size, width / 2, notice_size * 2)
    canvas.setFillGray(NOTICE_GREY)
    length = _length(notice, 0.0)
    canvas.translate(-length * notice_size / 2, 0)
    canvas.scale(notice_size, notice_size)
    _draw_outlines(canvas, notice, 0.0, fonts / NOTICE_FACE)
    canvas.endForm()
    canvas.doForm("watermark")
    canvas.doForm("notice")
    canvas.setFont(name, 6)
    canvas.drawString(0, 0, REFERENCE_CHARACTERS)
    canvas.save()
    return buffer.getvalue()


def watermark_page(watermark: str, width: float, height: float, fonts: Path) -> bytes:
    """Return a one-page PDF with nothing but the watermark, as every side bears it; ``width`` and ``height`` in points.

    Raises:
        TypesettingError: when the face is missing, or lacks a character.
    """
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height), invariant=1, initialFontName=_registered(fonts / REFERENCE_FACE))
    _draw_watermark(canvas, watermark, width, height, fonts / WATERMARK_FACE)
    canvas.save()
    return buffer.getvalue()


def reference_width(text: str, size: float, fonts: Path) -> float:
    """Return how wide a reference is in points."""
    width: float = pdfmetrics.stringWidth(text, _registered(fonts / REFERENCE_FACE), size)
    return width


def _draw_watermark(canvas: Canvas, text: str, width: float, height: float, face: Path) -> None:
    length = _length(text, _SPACING)
    size = min(_WATERMARK_SPAN * width / length, _LARGEST_WATERMARK)
    canvas.setFillGray(WATERMARK_GREY)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(_WATERMARK_ANGLE)
    # The middle of a Han character is 0.38 em above the baseline (its box is -0.12 to 0.88).
    canvas.translate(-length * size / 2, -0.38 * size)
    canvas.scale(size, size)
    _draw_outlines(canvas, text, _SPACING, face)


def _length(text: str, spacing: float) -> float:
    """Return the length of a text of full-width characters, in parts of its size."""
    return len(text) + spacing * max(len(text) - 1, 0)


def _draw_outlines(canvas: Canvas, text: str, spacing: float, face: Path) -> None:
    """Fill the outlines of a text, one character an em, in a space whose unit is the size."""
    path = canvas.beginPath()
    for index, outline in enumerate(_outlines(text, face)):
        outline.draw(path, index * (1 + spacing))
    # Strokes of Noto's characters overlap: only the non-zero rule fills where they do.
    canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)


class _Outline(BasePen):  # type: ignore[misc]
    """Keeps the outline of one character, its points in parts of the em."""

    def __init__(self, em: int) -> None:
        super().__init__(None)
        self._em = em
        self._steps: list[tuple[tuple[float, float], ...]] = []

    def _moveTo(self, point: tuple[float, float]) -> None:
        self._steps.append((point,))

    def _lineTo(self, point: tuple[float, float]) -> None:
        self._steps.append((point, point))

    def _curveToOne(self, one: tuple[float, float], two: tuple[float, float], end: tuple[float, float]) -> None:
        self._steps.append((one, two, end))

    def _closePath(self) -> None:
        self._steps.append(())

    def draw(self, path: PDFPathObject, x: float) -> None:
        """Add the outline to a path of reportlab, ``x`` ems to the right."""
        for points in self._steps:
            numbers = [value for px, py in points for value in (px / self._em + x, py / self._em)]
            if len(points) == 3:
                path.curveTo(*numbers)
            elif len(points) == 2:
                path.lineTo(*numbers[:2])
            elif points:
                path.moveTo(*numbers)
            else:
                path.close()


def _outlines(text: str, face: Path) -> list[_Outline]:
    try:
        font = TTFont(face, lazy=True)
    except OSError as error:
        raise _face_missing(face) from error
    with font:
        # Names of glyphs are wanted by no one here, and making them up takes twice as long as all the rest.
        font.setGlyphOrder([str(index) for index in range(font["maxp"].numGlyphs)])
        names, glyphs, em = font.getBestCmap(), font["glyf"], font["head"].unitsPerEm
        drawn = []
        for character in text:
            if ord(character) not in names:
                raise TypesettingError(
                    Message(
                        "the watermark has the character “{character}”, which {font} lacks; choose another text",
                        character=character,
                        font=face.name,
                    )
                )
            outline = _Outline(em)
            glyphs[names[ord(character)]].draw(outline, glyphs)
            drawn.append(outline)
        return drawn


@lru_cache(maxsize=8)
def _registered(face: Path) -> str:
    name = "Truecopy" + face.stem
    try:
        pdfmetrics.registerFont(ttfonts.TTFont(name, str(face)))
    except ttfonts.TTFError as error:
        raise _face_missing(face) from error
    return name


def _face_missing(face: Path) -> TypesettingError:
    return TypesettingError(
        Message("the font {file} cannot be read; put the fonts folder back as it was supplied", file=str(face))
    )
