"""Finding symbols: every stage of the cascade, several symbols, symbols that are not ours, damaged ones."""

from __future__ import annotations

import time

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from toolkit.scan import symbols
from toolkit.scan.symbols import Content, FoundSymbol, find_symbols
from toolkit.seal.symbol import to_digits

DPI = 300
MODULE = 27 / 57  # mm, the side of a version 10 symbol by its modules
ONE = to_digits(bytes(range(187)))
OTHER = to_digits(bytes(range(1, 188)))


def symbol(content: str, dpi: int = DPI) -> Image.Image:
    """Return a QR that zxing-cpp wrote, not our own writer; 27 mm wide as version 10-M, without quiet zone."""
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = np.asarray(code.to_image(scale=1, add_quiet_zones=False))
    side = round(modules.shape[0] * MODULE / 25.4 * dpi)
    return Image.fromarray(modules).convert("RGB").resize((side, side), Image.Resampling.BOX)


def page(*contents: str, dpi: int = DPI) -> Image.Image:
    """Return a white A4 page with lines of text-like noise and the symbols along its top edge from the right."""
    width, height = round(210 / 25.4 * dpi), round(297 / 25.4 * dpi)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    marks = np.random.default_rng(7)
    for top in range(height // 4, height * 9 // 10, dpi // 6):
        for left in marks.integers(width // 8, width * 7 // 8, 60):
            draw.rectangle((left, top, left + dpi // 40, top + dpi // 12), fill="black")
    edge = width - round(8 / 25.4 * dpi)
    for content in contents:
        drawn = symbol(content, dpi)
        edge -= drawn.width
        image.paste(drawn, (edge, round(8 / 25.4 * dpi)))
        edge -= drawn.width // 2
    return image


def found(image: Image.Image) -> tuple[FoundSymbol, ...]:
    return find_symbols(np.asarray(image))


def digits(image: Image.Image) -> list[str]:
    return [symbol.digits for symbol in found(image)]


def test_symbol_and_its_corners() -> None:
    (symbol,) = found(page(ONE))
    assert (symbol.content, symbol.digits) == (Content.DIGITS, ONE)
    side, edge = 27 / 25.4 * DPI, 8 / 25.4 * DPI
    left, right = 210 / 25.4 * DPI - edge - side, 210 / 25.4 * DPI - edge
    expected = [(left, edge), (right, edge), (right, edge + side), (left, edge + side)]
    assert np.abs(np.array(symbol.corners) - np.array(expected)).max() <= 4


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_page_lies_any_way_round(turns: int) -> None:
    (symbol,) = found(page(ONE, dpi=200).rotate(90 * turns, expand=True))
    assert symbol.digits == ONE
    top_left, top_right = np.array(symbol.corners[0]), np.array(symbol.corners[1])
    direction = [(1, 0), (0, -1), (-1, 0), (0, 1)][turns]  # where "right" of the print points in the image
    assert np.argmax(np.abs(top_right - top_left)) == np.argmax(np.abs(direction))
    assert np.sign((top_right - top_left) @ np.array(direction)) == 1


def test_red_chop_over_the_symbol_is_seen_through() -> None:
    image = page(ONE)
    middle_x, middle_y = image.width - round(21.5 / 25.4 * DPI), round(21.5 / 25.4 * DPI)
    radius = round(20 / 25.4 * DPI)
    red = Image.new("RGB", image.size, (225, 30, 35))
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse((middle_x - radius, middle_y - radius, middle_x + radius, middle_y + radius), fill=235)
    chop = np.minimum(np.asarray(image), np.asarray(Image.composite(red, Image.new("RGB", image.size, "white"), mask)))
    assert [symbol.digits for symbol in symbols._read(np.ascontiguousarray(chop[:, :, 1]))] != [ONE]
    assert [symbol.digits for symbol in find_symbols(chop)] == [ONE]


def test_few_pixels_are_enlarged() -> None:
    """1.5 pixels a module, blurred: what a chat app leaves of a photo."""
    size = (round(210 / 25.4 * 80), round(297 / 25.4 * 80))
    small = page(ONE, dpi=600).resize(size, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.6))
    small = small.rotate(0.7, fillcolor="white", resample=Image.Resampling.BICUBIC)
    assert [symbol.digits for symbol in symbols._read(np.asarray(small.convert("L")))] != [ONE]
    assert digits(small) == [ONE]


def test_every_symbol_on_the_page_is_returned_once() -> None:
    assert sorted(digits(page(ONE, OTHER))) == sorted([ONE, OTHER])
    assert digits(page(ONE, ONE)) == [ONE]


def test_symbol_of_somebody_else_is_told_from_a_seal() -> None:
    both = found(page(ONE, "https://u.wechat.com/abc"))
    assert [(each.content, each.digits) for each in both] == [(Content.DIGITS, ONE), (Content.OTHER, "")]


def test_telephone_number_is_no_seal() -> None:
    assert [symbol.content for symbol in found(page("09913680709"))] == [Content.OTHER]


def test_damaged_symbol_is_told_from_none() -> None:
    image = page(ONE)
    draw = ImageDraw.Draw(image)
    edge = round(8 / 25.4 * DPI)
    for offset in range(90, 230, 20):  # stripes through the data, the finder patterns stay
        draw.rectangle((image.width - edge - 310, edge + offset, image.width - edge, edge + offset + 9), fill="white")
    assert [symbol.content for symbol in found(image)] == [Content.DAMAGED]


def test_page_without_symbol_and_scraps_of_images() -> None:
    assert found(page()) == ()
    assert find_symbols(np.full((1, 1, 3), 255, np.uint8)) == ()
    assert find_symbols(np.zeros((30, 4000, 3), np.uint8)) == ()


def test_speed_at_300_dpi() -> None:
    """Some 0.03 s on the developers' machine; ten times that is a change of algorithm, not a slow day."""
    pixels = np.asarray(page(ONE))
    started = time.process_time()
    find_symbols(pixels)
    assert time.process_time() - started < 0.4
