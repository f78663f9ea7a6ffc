"""The ink that an image shows where the page lies: the paper's own brightness divided out, red chops left out.

Comparison works in the red channel, in which stamp-pad ink is as bright as paper (FINDINGS, "Paper against record").
What is red instead is kept apart, coarsely: it tells where chops are, and whether somebody printed in red.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.alignment import Alignment
from toolkit.scan.page_image import Pixels
from toolkit.scan.rendering import Ink

_REDUCE = 4
"""The paper's brightness is looked for on an image so many times smaller: noise and halftone dots average out."""

_PAPER_WITHIN = 7.0
"""Millimetres within which some bare paper is expected; a filled area larger than this counts as dark paper."""

_COLOURED = 24
"""Difference of channels, of 255, from which something is coloured and not a fringe of the scanner."""

_COLOUR_SHARE = 2e-5
"""Part of the pixels that must be coloured for anything to be: a tenth of a chop."""

_TINT, _TINTED = 2, 0.02
"""Difference of channels, of 255, in such a part of the pixels tells that a device sees colours: grey files have equal
channels, to 1 when saved again in colour; no colour scanner is so neutral all over a page."""

COLOUR_STEP = 2
"""Colours are kept at this part of the resolution: JPEG keeps them no finer (chroma subsampling)."""

COLOURED = 0.18
"""How much darker, in parts of the paper's brightness, other channels are than that of red or blue ink. Fringes reach
0.1."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What the image shows where the page lies.

    ``ink`` is float32, at the alignment's resolution: 0 is the paper around, 1 would be no light at all. ``red`` and
    ``blue`` say how red and how blue the page is, at a ``COLOUR_STEP``-th of that resolution; None where nothing is
    coloured. ``in_colour`` says that the device sees colours, so that what is not coloured here is not on paper.
    ``outside`` marks pixels of the page that the image does not show.
    """

    ink: Ink
    red: Ink | None
    blue: Ink | None
    in_colour: bool
    outside: NDArray[np.bool_]


def seen_page(pixels: Pixels, alignment: Alignment) -> SeenPage:
    """Return the ink of an image, laid as the page lies.

    Args:
        pixels: RGB, uint8, shape (height, width, 3).
        alignment: where the page lies in it.
    """
    channel = laid(np.asarray(cv2.extractChannel(pixels, 0), np.uint8), alignment)
    height, width = pixels.shape[:2]
    across, down = (cv2.inRange(at, -0.5, side - 0.5) for at, side in ((alignment.x, width), (alignment.y, height)))
    outside = np.asarray(cv2.bitwise_and(across, down), np.uint8) == 0
    ink = flattened(channel, alignment.dpi)
    if outside.any():
        ink[outside] = 0
    in_colour, is_coloured = _colourfulness(pixels)
    red, blue = _colours(pixels, alignment) if is_coloured else (None, None)
    return SeenPage(ink, red, blue, in_colour, outside)


def _colourfulness(pixels: Pixels) -> tuple[bool, bool]:
    """Tell whether the device sees colours, and whether anything in the image is coloured."""
    small = _reduced(pixels).astype(np.int16)
    greener, bluer = small[:, :, 0] - small[:, :, 1], small[:, :, 0] - small[:, :, 2]
    spread = np.maximum(np.abs(greener - np.median(greener)), np.abs(bluer - np.median(bluer)))
    is_coloured = bool((spread > _COLOURED).mean() > _COLOUR_SHARE)
    tinted = np.maximum(np.abs(greener), np.abs(bluer)) >= _TINT
    return is_coloured or bool(tinted.mean() > _TINTED), is_coloured


def _reduced(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image or a channel ``_REDUCE`` times smaller; what is over at its right and lower edges is left out."""
    width, height = (max(side // _REDUCE, 1) for side in (levels.shape[1], levels.shape[0]))
    even = levels[: height * _REDUCE, : width * _REDUCE]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _colours(pixels: Pixels, alignment: Alignment) -> tuple[Ink, Ink]:
    """Return how red and how blue the page is: 0 to 1."""
    dpi = alignment.dpi / COLOUR_STEP
    x, y = (np.ascontiguousarray(side[1::COLOUR_STEP, 1::COLOUR_STEP]) for side in (alignment.x, alignment.y))
    factor = alignment.image_dpi / dpi
    if factor > 1.4:
        size = (round(pixels.shape[1] / factor), round(pixels.shape[0] / factor))
        x = (x + 0.5) * np.float32(size[0] / pixels.shape[1]) - np.float32(0.5)
        y = (y + 0.5) * np.float32(size[1] / pixels.shape[0]) - np.float32(0.5)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    colours = cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    tint = np.maximum(np.median(colours[::8, ::8].reshape(-1, 3), axis=0), 1)
    planes = cv2.split(colours)
    brightest = _reduced(np.asarray(cv2.max(cv2.max(planes[0], planes[1]), planes[2]), np.uint8)).astype(np.float32)
    red, green, blue = (plane.astype(np.float32) for plane in planes)
    paper = np.maximum(_paper(brightest, dpi / _REDUCE), 32)
    paper = cv2.resize(paper, (red.shape[1], red.shape[0]), interpolation=cv2.INTER_LINEAR)
    redness = (red * np.float32(tint[1] / tint[0]) - green) / paper
    blueness = (blue * np.float32(tint[0] / tint[2]) - red) / paper
    return np.clip(redness, 0, 1).astype(np.float32), np.clip(blueness, 0, 1).astype(np.float32)


def laid(channel: NDArray[np.uint8], alignment: Alignment) -> NDArray[np.uint8]:
    """Return one channel as the page lies, uint8, shape (height, width) of the page."""
    x, y = alignment.x, alignment.y
    factor = alignment.image_dpi / alignment.dpi
    if factor > 1.4:
        # More pixels than are looked at: averaged first, so that noise goes instead of being picked from.
        size = (round(channel.shape[1] / factor), round(channel.shape[0] / factor))
        reduced = cv2.resize(channel, size, interpolation=cv2.INTER_AREA)
        x = (x + 0.5) * np.float32(size[0] / channel.shape[1]) - np.float32(0.5)
        y = (y + 0.5) * np.float32(size[1] / channel.shape[0]) - np.float32(0.5)
        channel = np.asarray(reduced, np.uint8)
    return np.asarray(cv2.remap(channel, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def flattened(levels: NDArray[np.uint8], dpi: float) -> Ink:
    """Return 1 minus the levels divided by the paper's brightness there."""
    paper = _paper(_reduced(levels).astype(np.float32), dpi / _REDUCE)
    whole = cv2.resize(np.maximum(paper, 24), (levels.shape[1], levels.shape[0]), interpolation=cv2.INTER_LINEAR)
    ink = np.subtract(1, levels / whole, dtype=np.float32)
    return np.clip(ink, 0, 1, out=ink)


def _paper(levels: NDArray[np.float32], dpi: float) -> NDArray[np.float32]:
    """Return the brightness of the paper around each pixel: the brightest nearby, smoothed."""
    width = 2 * round(_PAPER_WITHIN * dpi / 25.4 / 2) + 1
    brightest = cv2.dilate(cv2.blur(levels, (3, 3)), np.ones((width, width), np.uint8))
    return cv2.blur(brightest, (width, width)).astype(np.float32)
