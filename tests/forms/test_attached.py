"""Pages of attachments as pictures: their size in pixels and bytes, their colour."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from toolkit.forms.attached import DPI, HEIGHT_MM, WIDTH_MM, page_of, picture_of
from toolkit.resources import shared

A4 = (2480, 3508)  # pixels at 300 dpi


def a_page(size: tuple[int, int] = A4, colour: str = "black") -> Image.Image:
    page = Image.new("RGB", size, "white")
    font = ImageFont.truetype(str(shared("fonts", "NotoSerifSC-Regular.ttf")), 50)
    draw = ImageDraw.Draw(page)
    for line in range(0, size[1] - 200, 90):
        draw.text((200, 100 + line), "新疆天山绿洲农业科学研究院出资证明五十万元" * 2, colour, font)
    return page


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data), formats=("JPEG",))


@pytest.mark.parametrize("size", [A4, (3508, 2480), (7016, 4960), (2480, 9000)])
def test_pages_fit_the_text_area_at_its_resolution_and_keep_their_shape(size: tuple[int, int]) -> None:
    picture = opened(picture_of(page_of(np.asarray(Image.new("L", size, 200).convert("RGB")))))
    width, height = picture.size
    assert width <= round(WIDTH_MM / 25.4 * DPI) and height <= round(HEIGHT_MM / 25.4 * DPI)
    assert width >= round(WIDTH_MM / 25.4 * DPI) - 1 or height >= round(HEIGHT_MM / 25.4 * DPI) - 1
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)


def test_small_pictures_are_not_blown_up() -> None:
    assert opened(picture_of(page_of(np.zeros((30, 40, 3), np.uint8)))).size == (40, 30)


def test_text_stays_what_it_is() -> None:
    page = a_page()
    picture = opened(picture_of(page_of(np.asarray(page))))
    plain = page.convert("L").resize(picture.size, Image.Resampling.LANCZOS)
    assert np.corrcoef(np.asarray(picture).ravel(), np.asarray(plain).ravel())[0, 1] > 0.97


@pytest.mark.parametrize(("colour", "mode"), [("black", "L"), ("#303030", "L"), ("#c01a26", "RGB"), ("#1a40a0", "RGB")])
def test_only_what_has_colour_is_in_colour(colour: str, mode: str) -> None:
    page = a_page()
    ImageDraw.Draw(page).ellipse((1700, 2800, 2100, 3200), outline=colour, width=12)
    assert opened(picture_of(page_of(np.asarray(page)))).mode == mode


def test_a_yellowish_sheet_of_text_is_grey() -> None:
    tint = np.array([252, 251, 247], float) / 255  # the paper of toolkit/simulate.py
    assert opened(picture_of(page_of((np.asarray(a_page()) * tint).astype(np.uint8)))).mode == "L"


def test_even_noise_is_no_heavier_than_a_page_may_be() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*A4[::-1], 3), np.uint8)
    assert len(picture_of(page_of(noise))) < 700_000
