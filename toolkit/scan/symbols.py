"""Finding the QR symbols on a page and reading their digits, by zxing-cpp.

The cascade, each stage only where the ones before read no seal (FINDINGS, "QR"): the grey image; the red channel, in
which a red chop over the symbol vanishes; parts of the red channel enlarged twice, for too few pixels per module.
Nothing else is tried: zbar and OpenCV's detector read nothing beyond these.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from toolkit.scan.page_image import Pixels
from toolkit.seal.symbol import MOST_DIGITS, SymbolUnreadable, from_digits

Corners = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
"""Top left, top right, bottom right, bottom left of the symbol as it was printed, (x, y) in pixels of the image."""

_FEWEST_DIGITS = 100
"""A bare signature of 64 bytes takes 155 digits; a shorter number is a telephone number or a price."""
_MOST_SYMBOLS = 64
"""More symbols than this on one page are wallpaper; the rest is not looked at."""
_FEWEST_MODULES = 21
"""Along an edge of the smallest symbol (ISO/IEC 18004:2015, 6.3.1): an image with fewer pixels holds none."""
_CHOP_LEVEL = 0.63
"""Share of paper white. Red ink keeps 0.75 and more of it in the red channel, toner under it much less. Cut here, 210
of 210 symbols under a chop were read at 150 to 200 dpi, where the plain channel gave 13 to 35 of every 42 (the pages of
benchmarks/symbols.py)."""
_ENLARGE = 2
_MOST_ENLARGED_PIXELS = 40_000_000
"""A page with more pixels has enough of them per module, and enlarging it would take too much memory."""


class Content(Enum):
    """What a symbol holds: digits as a seal does, something else, or nothing that could be decoded."""

    DIGITS = "digits"
    OTHER = "other"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class FoundSymbol:
    """One symbol on a page; ``digits`` is empty unless the content is DIGITS."""

    content: Content
    digits: str
    corners: Corners


def without_seals(page: Image.Image) -> Image.Image:
    """Return a page, grey or RGB, with the middle of every symbol that carries a seal painted over: nobody reads it.

    It is for pages of other formal copies that are attached to one: their seals say nothing of the page that they are
    printed on then. Half of the symbol's edge each way is a quarter of its area, more than level M can mend (15 %).
    """
    found = _read(np.asarray(page.convert("L"))) if min(page.size) >= _FEWEST_MODULES else []
    seals = [symbol for symbol in found if has_seal_form(symbol.digits)]
    if not seals:
        return page
    painted = page.copy()
    for seal in seals:
        across, down = ([corner[axis] for corner in seal.corners] for axis in (0, 1))
        quarter_x, quarter_y = (max(across) - min(across)) // 4, (max(down) - min(down)) // 4
        middle = (min(across) + quarter_x, min(down) + quarter_y, max(across) - quarter_x, max(down) - quarter_y)
        painted.paste("white", middle)
    return painted


def find_symbols(pixels: Pixels) -> tuple[FoundSymbol, ...]:
    """Return every symbol on the page; those with the same digits are one.

    Args:
        pixels: the page, uint8, shape (height, width, 3), RGB, in any rotation.
    """
    if min(pixels.shape[:2]) < _FEWEST_MODULES:
        return ()
    found = _read(_grey(pixels))
    if _is_settled(found):
        return _distinct(found)
    red = np.ascontiguousarray(pixels[:, :, 0])
    found += _read(_without_chops(red))
    if _is_settled(found) or red.size > _MOST_ENLARGED_PIXELS:
        return _distinct(found)
    for left, top, right, bottom in _parts(red.shape[1], red.shape[0]):
        part = Image.fromarray(red[top:bottom, left:right])
        size = (part.width * _ENLARGE, part.height * _ENLARGE)
        enlarged = np.asarray(part.resize(size, Image.Resampling.BICUBIC))
        # As it is first: where modules have few pixels, what is cut off above the ink's level is what tells them apart.
        for look in (enlarged, _without_chops(enlarged)):
            found += [_moved(symbol, left, top) for symbol in _read(look)]
    return _distinct(found)


def is_like_a_seal(text: str) -> bool:
    """Tell whether the text is decimal digits, as many as a seal may have."""
    return _FEWEST_DIGITS <= len(text) <= MOST_DIGITS and text.isascii() and text.isdecimal()


def has_seal_form(digits: str) -> bool:
    """Tell whether the check digits fit and the number begins as a seal's does."""
    try:
        from_digits(digits)
    except SymbolUnreadable:
        return False
    return True


def _without_chops(red: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the red channel with everything paper-white from where the ink of a red chop begins."""
    white = float(np.percentile(red[::8, ::8], 90))  # paper covers more than a tenth of any page
    return np.minimum(red, np.uint8(white * _CHOP_LEVEL))


def _grey(pixels: Pixels) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).convert("L"))


def _read(grey: NDArray[np.uint8]) -> list[FoundSymbol]:
    """Return the symbols in one grey image, uint8, shape (height, width)."""
    barcodes = zxingcpp.read_barcodes(
        grey,
        formats=zxingcpp.barcode_formats_from_str("QRCode"),
        text_mode=zxingcpp.TextMode.Plain,
        try_invert=False,
        return_errors=True,
    )
    symbols = []
    for barcode in barcodes[:_MOST_SYMBOLS]:
        place = barcode.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        where = tuple((point.x, point.y) for point in corners)
        if not barcode.valid:
            content, digits = Content.DAMAGED, ""
        elif is_like_a_seal(barcode.text):
            content, digits = Content.DIGITS, barcode.text
        else:
            content, digits = Content.OTHER, ""
        symbols.append(FoundSymbol(content, digits, where))  # type: ignore[arg-type]
    return symbols


def _is_settled(found: list[FoundSymbol]) -> bool:
    """Tell whether a seal was read whole; another symbol beside it is no reason to look on, attachments have many."""
    return any(symbol.content is Content.DIGITS and has_seal_form(symbol.digits) for symbol in found)


def _parts(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Return (left, top, right, bottom) of four overlapping parts: a symbol in an outer corner is whole in one.

    Whichever way the page lies, the corner is one of these; the overlap is wider than the largest symbol (38 mm of
    210 mm).
    """
    x, y = width * 6 // 10, height * 6 // 10
    return [(a, b, a + x, b + y) for b in (0, height - y) for a in (0, width - x)]


def _moved(symbol: FoundSymbol, left: int, top: int) -> FoundSymbol:
    """Return the symbol in pixels of the whole page rather than of an enlarged part of it."""
    corners = tuple((x // _ENLARGE + left, y // _ENLARGE + top) for x, y in symbol.corners)
    return FoundSymbol(symbol.content, symbol.digits, corners)  # type: ignore[arg-type]


def _distinct(found: list[FoundSymbol]) -> tuple[FoundSymbol, ...]:
    """Drop what a later stage saw again: equal digits, and symbols in a place where another was already seen."""
    kept: list[FoundSymbol] = []
    for symbol in sorted(found, key=lambda symbol: list(Content).index(symbol.content)):
        same_digits = symbol.digits and any(symbol.digits == other.digits for other in kept)
        same_place = not symbol.digits and any(_is_within(symbol, other) for other in kept)
        if not (same_digits or same_place):
            kept.append(symbol)
    return tuple(kept)


def _is_within(symbol: FoundSymbol, other: FoundSymbol) -> bool:
    """Tell whether the middle of ``symbol`` lies in the box around ``other``."""
    x = sum(corner[0] for corner in symbol.corners) / 4
    y = sum(corner[1] for corner in symbol.corners) / 4
    across = [corner[0] for corner in other.corners]
    down = [corner[1] for corner in other.corners]
    return min(across) <= x <= max(across) and min(down) <= y <= max(down)
