"""Pages for the tests of the comparison: described by hand, printed by reportlab and PDFium, scanned with OpenCV."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from toolkit.page import Glyph, PageDescription, Rule
from toolkit.resources import shared
from toolkit.scan.typeface import Typeface
from toolkit.verdict import Box

WIDTH, HEIGHT = 59544, 84204
"""A4, a hair larger: 1654 x 2339 whole pixels at 200 dpi, to which PDFium would stretch any other page."""
FACE = "NotoSerifSC-Regular"
SYMBOL: Box = (49740, 2268, 57264, 9792)
"""Place of a 10-M symbol on an odd page; its picture does not matter, only its corners."""
KEEP_OUT: Box = (46000, 1700, 57800, 11900)

LINES = (
    "项目名称：绿洲棉田咸淡水轮灌与光伏提水集成技术研究",
    "申请专项经费120.00万元，自筹经费60.00万元，总经费180.00万元。",
    "项目负责人王建国，申报单位新疆天山绿洲农业科学研究院。",
    "执行期限为2025年9月1日至2027年12月31日，共三个年度。",
    "灌溉水利用系数不低于0.85，淡水用量减少30%以上。",
    "示范区面积2000亩，辐射推广5.50万亩，培训农户800人次。",
    "研究内容包括土壤水盐运移机理、灌溉制度与装备集成。",
    "合作单位承担田间试验、品种筛选和技术培训等任务。",
)


def fonts() -> Mapping[str, Typeface]:
    return {FACE: Typeface((shared("fonts") / f"{FACE}.ttf").read_bytes())}


def described(lines: Sequence[str], *, repeat: int = 4, size: int = 1200) -> PageDescription:
    """Return a page of lines, set so that every place is a whole 1/100 pt, with a rule above and below."""
    pdfmetrics.registerFont(ttfonts.TTFont(FACE, str(shared("fonts") / f"{FACE}.ttf")))
    glyphs = []
    for row, line in enumerate(line for _ in range(repeat) for line in lines):
        left, top = 8000, 14000 + 2000 * row
        for character in line:
            width = round(pdfmetrics.stringWidth(character, FACE, size))
            glyphs.append(Glyph(character, 0, size, (left, top, left + width, top + size)))
            left += width
    rules = tuple(Rule("line", (8000, y, 51000, y + 75), "000000") for y in (13000, 79000))
    return PageDescription(WIDTH, HEIGHT, (FACE,), tuple(glyphs), rules, (), (), "")


def printed(page: PageDescription, *, dpi: int = 200) -> NDArray[np.uint8]:
    """Return the page as PDFium draws it: RGB."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH / 100, HEIGHT / 100), initialFontName=FACE)
    for rule in page.rules:
        x0, y0, x1, y1 = (edge / 100 for edge in rule.box)
        canvas.rect(x0, HEIGHT / 100 - y1, x1 - x0, y1 - y0, stroke=0, fill=1)
    for glyph in page.glyphs:
        canvas.setFont(FACE, glyph.size / 100)
        canvas.drawString(glyph.box[0] / 100, (HEIGHT - glyph.box[1] - 0.88 * glyph.size) / 100, glyph.character)
    canvas.save()
    document = pypdfium2.PdfDocument(buffer.getvalue())
    try:
        # PDFium puts characters to whole pixels: drawn three times finer, they are where the description has them.
        drawn = document[0].render(scale=3 * dpi / 72, rev_byteorder=True).to_numpy()[:, :, :3]
        size = (round(drawn.shape[1] / 3), round(drawn.shape[0] / 3))
        return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)
    finally:
        document.close()


def scanned(
    picture: NDArray[np.uint8], *, dpi: int = 200, degrees: float = 0.7, scale: float = 0.99, noise: float = 5.0
) -> tuple[NDArray[np.uint8], list[list[float]]]:
    """Return a picture turned, reduced, blurred and with noise, and where the symbol's corners lie in it."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    moved = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    soft = cv2.GaussianBlur(moved, (0, 0), 0.7).astype(np.float32)
    seen = 25 + 0.85 * soft + np.random.default_rng(7).normal(0, noise, soft.shape)
    x0, y0, x1, y1 = (edge * dpi / 7200 for edge in SYMBOL)
    corners = [[float(v) for v in np.rint(turn @ (x, y, 1) - 0.5)] for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    return np.clip(seen, 0, 255).astype(np.uint8), corners
