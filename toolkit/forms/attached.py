"""A page of an attachment made ready to be a picture of a form: of a sane resolution, grey where it has no colour.

What an attachment is made of (forms, scripts, embedded files, layers) is gone by then: it comes as pixels.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

DPI = 200
"""Pixels per inch on the paper: pages are compared at 150 to 250 (scan/comparison.py)."""
WIDTH_MM, HEIGHT_MM = 156.0, 205.0
"""The largest that a page of an attachment is printed: the text area of GB/T 9704-2012 less room for its name.

A page of A4 is printed at 69 %, so that it keeps 138 pixels per inch of its own: 小五 (9 pt) is 17 pixels high.
"""

_QUALITIES = (60, 45, 30)
"""JPEG's, tried until the page is small enough. Printed text has 108 to 211 KiB at 60 (8 simulated scans, 3 to 5 % more
in colour than in grey)."""
_HEAVY = 256 * 1024
"""Bytes from which a page is compressed further: photographs and coarse noise."""
_COLOURED, _COLOUR_SHARE = 32, 1 / 20_000
"""How far the channels of a coloured pixel differ, on a page some 620 pixels wide, and the share of such pixels that
makes a page coloured.

On simulated colour scans of text no pixel passed 6 of 255 but by accident (99.9 % of 4 pages); one chop makes 0.65 %
of a page coloured. A grey page is printed in black toner only, and a colour printer counts it as such.
"""
_COARSE = 620


def page_of(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return a page of an attachment, grey where it has no colour; ``pixels`` are RGB, shape (height, width, 3)."""
    page = Image.fromarray(pixels)
    return page if _has_colour(page) else page.convert("L")


def picture_of(page: Image.Image) -> bytes:
    """Return a page, as it is to be read, as JPEG: never enlarged, since no detail comes of it."""
    width, height = (round(edge / 25.4 * DPI) for edge in (WIDTH_MM, HEIGHT_MM))
    small = page.copy()
    small.thumbnail((width, height), Image.Resampling.BICUBIC)
    for quality in _QUALITIES:
        written = BytesIO()
        small.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= _HEAVY:
            break
    return written.getvalue()


def _has_colour(page: Image.Image) -> bool:
    coarse = np.asarray(page.reduce(max(round(page.width / _COARSE), 1)))
    red, green, blue = coarse[..., 0], coarse[..., 1], coarse[..., 2]  # NumPy takes ten times as long over an axis of 3
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return bool((most - least > _COLOURED).mean() > _COLOUR_SHARE)
