"""Watermarks told apart on pages drawn here, with Pillow, printed and scanned roughly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from toolkit.resources import shared
from toolkit.scan.watermark import AHEAD, LIKE, Mark, borne_mark, likeness, prepare_mark

DPI = 150
SIZE = (1240, 1754)
TEXTS = ("草稿", "正式上报版", "内部样张")


def watermarked(text: str, level: int = 219) -> Image.Image:
    """Return an A4 page at 150 dpi with a grey diagonal text (219 is 14 % black) and nothing else."""
    page = Image.new("L", SIZE, 255)
    if text:
        size = min(220, int(SIZE[0] * 1.06 / (len(text) * 1.28)))
        font = ImageFont.truetype(str(shared("fonts") / "NotoSerifSC-Bold.ttf"), size)
        drawn = Image.new("L", (int(size * 1.28 * len(text)) + size, size * 2), 0)
        for place, character in enumerate(text):
            ImageDraw.Draw(drawn).text((int(place * size * 1.28), size // 3), character, fill=255, font=font)
        turned = drawn.rotate(45, expand=True)
        page.paste(level, ((SIZE[0] - turned.width) // 2, (SIZE[1] - turned.height) // 2), turned)
    return page


def printed_over(page: Image.Image, lines: int) -> Image.Image:
    """Print lines of short black strokes over the page, as dense as text."""
    draw = ImageDraw.Draw(page)
    random = np.random.default_rng(3)
    for top in np.linspace(280, 1600, lines, dtype=int):
        for left in range(165, 1080, 20):
            for _ in range(4):
                x, y = left + int(random.integers(0, 16)), int(top) + int(random.integers(0, 18))
                draw.line((x, y, x + int(random.integers(2, 10)), y), fill=20, width=2)
    return page


def scanned(
    page: Image.Image, *, angle: float = 0.0, scale: float = 1.0, noise: float = 4.0, turn: int = 0
) -> NDArray[np.uint8]:
    small = page.resize((int(SIZE[0] * scale), int(SIZE[1] * scale)), Image.Resampling.BICUBIC)
    sheet = Image.new("L", SIZE, 255)
    sheet.paste(small, (9, 14))
    sheet = sheet.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.8))
    levels = 20 + np.asarray(sheet.rotate(turn, expand=True), float) * 0.88
    levels += np.random.default_rng(5).normal(0, noise, levels.shape)
    return np.repeat(np.clip(levels, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


@pytest.fixture(scope="module")
def marks() -> list[Mark]:
    return [prepare_mark(np.repeat(np.asarray(watermarked(text))[:, :, None], 3, axis=2)) for text in TEXTS]


@pytest.mark.parametrize("text", TEXTS[:2])
@pytest.mark.parametrize(
    "how",
    [{}, {"angle": 1.6}, {"angle": -2.2, "scale": 0.94}, {"turn": 90}, {"turn": 180}, {"noise": 14.0}],
    ids=["straight", "skewed", "skewed and scaled", "lying", "upside down", "noisy"],
)
def test_the_watermark_that_a_page_bears_is_found(text: str, how: dict[str, float], marks: list[Mark]) -> None:
    page = scanned(printed_over(watermarked(text), 40), **how)  # type: ignore[arg-type]
    assert borne_mark(page, marks) == TEXTS.index(text)


def test_own_and_foreign_watermarks_are_far_apart(marks: list[Mark]) -> None:
    own, *others = likeness(scanned(printed_over(watermarked(TEXTS[0]), 40), angle=0.8), marks)
    assert own > LIKE + 0.1
    assert own - max(others) > AHEAD + 0.1


@pytest.mark.parametrize("lines", [0, 5, 60])
def test_page_without_watermark_bears_none(lines: int, marks: list[Mark]) -> None:
    assert borne_mark(scanned(printed_over(watermarked(""), lines)), marks) is None


def test_watermark_that_nobody_knows_is_none(marks: list[Mark]) -> None:
    assert borne_mark(scanned(printed_over(watermarked("保密副本"), 30)), marks) is None


def test_washed_out_watermark_is_none_rather_than_a_wrong_one(marks: list[Mark]) -> None:
    assert borne_mark(scanned(printed_over(watermarked(TEXTS[0], level=252), 40), noise=10.0), marks) is None


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 4000, 3), (4000, 3, 3), (50, 50, 3)])
def test_scraps_of_images_bear_none(shape: tuple[int, int, int], marks: list[Mark]) -> None:
    assert borne_mark(np.zeros(shape, np.uint8), marks) is None
    assert borne_mark(np.full(shape, 255, np.uint8), marks) is None


def test_no_marks_to_look_for() -> None:
    assert borne_mark(np.full((50, 40, 3), 255, np.uint8), []) is None
