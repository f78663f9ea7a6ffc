"""Where a round chop was pressed: in colour by its red, in grey by its ring alone.

Found so that text below it is called covered rather than altered; whose chop it is, nobody can say.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.ink import RED, SeenPage
from toolkit.scan.rendering import Ink
from toolkit.scan.strokes import DARK
from toolkit.verdict import Box

_DPI = 25
"""Rings are looked for at a millimetre a pixel: they are 1.2 mm wide."""

_RADII = (14, 26)
"""Pixels, which are millimetres: official chops are 38 to 45 mm wide, those of foreign partners from 30 to 50."""

_ROUND = 0.6
"""Part of the circumference that must have ink within a millimetre, unevenly pressed as it is and cut up by text."""

_MOST = 4
"""Chops that are looked for on a page."""


def chop_boxes(seen: SeenPage, soft: Ink, *, contrast: float, dpi: float) -> list[Box]:
    """Return the boxes around chops, 1/100 pt.

    Args:
        seen: what the image shows.
        soft: the drawn page, blurred as the image is.
        contrast: of the page's print.
        dpi: pixels per inch of both.
    """
    size = (max(round(soft.shape[1] * _DPI / dpi), 1), max(round(soft.shape[0] * _DPI / dpi), 1))
    extra = (seen.ink > 0.8 * DARK * contrast) & (cv2.dilate(soft, np.ones((5, 5), np.uint8)) < 0.15)
    marks = cv2.resize(extra.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    if seen.red is not None:
        # A copied chop is grey in a colour scan, too.
        red = (seen.red > RED).astype(np.float32)
        marks = np.maximum(marks, cv2.resize(red, size, interpolation=cv2.INTER_AREA))
    marked = (marks > 0.12).astype(np.uint8)
    if marked.sum() < _RADII[0]:
        return []
    wide = cv2.dilate(marked, np.ones((3, 3), np.uint8)).astype(np.float32)
    covered = {radius: cv2.filter2D(wide, -1, _ring(radius), borderType=cv2.BORDER_CONSTANT) for radius in _radii()}
    boxes: list[Box] = []
    while len(boxes) < _MOST:
        radius = max(covered, key=lambda each: float(covered[each].max()))
        best = covered[radius]
        y, x = np.unravel_index(int(best.argmax()), best.shape)
        if best[y, x] < _ROUND:
            break
        edges = (x - radius - 1, y - radius - 1, x + radius + 2, y + radius + 2)
        left, top, right, bottom = (round(float(edge) * 7200 / _DPI) for edge in edges)
        boxes.append((left, top, right, bottom))
        for plane in covered.values():
            plane[max(y - radius, 0) : y + radius, max(x - radius, 0) : x + radius] = 0
    return boxes


def _radii() -> range:
    return range(_RADII[0], _RADII[1] + 1)


def _ring(radius: int) -> NDArray[np.float32]:
    """Return a circle one pixel wide that adds up to 1."""
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
    cv2.circle(kernel, (radius, radius), radius, 1, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)
