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

_DPI = 50
"""Rings are looked for at half a millimetre a pixel: they are 1.2 mm wide."""

_RADII = (14.0, 26.0)
"""Millimetres: official chops are 38 to 45 mm wide, those of foreign partners from 30 to 50."""

_ROUND = 0.42
"""Part of the circumference that must have ink, unevenly pressed as it is; text that crosses covers a twentieth."""

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
    if seen.red is not None:
        marks = cv2.resize((seen.red > RED).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    else:
        extra = (seen.ink > 0.8 * DARK * contrast) & (cv2.dilate(soft, np.ones((5, 5), np.uint8)) < 0.15)
        marks = cv2.resize(extra.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    marked = (marks > 0.12).astype(np.uint8)
    low, high = (round(radius / 25.4 * _DPI) for radius in _RADII)
    if marked.sum() < low:
        return []
    blurred = cv2.GaussianBlur(marked * np.uint8(255), (3, 3), 0)
    circles = cv2.HoughCircles(blurred, cv2.HOUGH_GRADIENT, 1, low, param1=120, param2=9, minRadius=low, maxRadius=high)
    boxes: list[Box] = []
    if circles is None:
        return boxes
    wide = np.asarray(cv2.dilate(marked, np.ones((3, 3), np.uint8)), np.uint8)
    for x, y, radius in np.reshape(circles, (-1, 3))[:60]:
        best = max((_covered(wide, x, y, radius + offset), radius + offset) for offset in (-1.5, -0.75, 0, 0.75, 1.5))
        if best[0] >= _ROUND and len(boxes) < _MOST:
            edge, unit = best[1] + 1.5, 7200 / _DPI
            boxes.append(
                (round((x - edge) * unit), round((y - edge) * unit), round((x + edge) * unit), round((y + edge) * unit))
            )
    return boxes


def _covered(marked: NDArray[np.uint8], x: float, y: float, radius: float) -> float:
    """Return the part of a circle that has ink; what lies off the page has none."""
    angles = np.arange(0, 2 * np.pi, 0.5 / radius)
    columns = np.rint(x + radius * np.cos(angles)).astype(int)
    rows = np.rint(y + radius * np.sin(angles)).astype(int)
    inside = (columns >= 0) & (rows >= 0) & (columns < marked.shape[1]) & (rows < marked.shape[0])
    return float(marked[rows[inside], columns[inside]].sum() / len(angles))
