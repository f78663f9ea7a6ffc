"""Printed lines that the record does not have: straight, level or upright as the page's own, and evenly thick.

A hand that follows a ruler turns it by some degrees and presses unevenly; a fold and a dirty glass run over the whole
page, and an edge of paper is a shadow. What is left are a table's lines that were added or moved.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.rendering import Ink
from toolkit.verdict import Box

_SHORTEST, _LONGEST = 15.0, 0.8
"""Millimetres of the shortest line, and part of the page's width or height from which it is a fold's or a streak."""

_RUN, _FULL = 8.0, 0.9
"""Millimetres of a run of ink, and the part of it that must be dark."""

_JOINED = 6.0
"""Millimetres over which pieces of one line go on: a line of text cuts it up."""

_COVERED = 0.6
"""Part of a line's length that must be inked where it is not hidden by print."""

_THICKEST, _UNEVEN = 0.8, 0.13
"""Millimetres of a line's thickness, and its standard deviation."""

_SLOPE, _BENT = 0.0035, 0.09
"""How far a line may rise for its length (0.2 degrees), and lie off a straight one, mm (standard deviation)."""

_DARK = 0.6
"""Part of the print's contrast that a line must have in its middle: folds have 0.3."""

_STEP = 2
"""Pixels each way that are one where lines are looked for."""

Mask = NDArray[np.uint8]


def added_lines(ink: Ink, added: Mask, *, contrast: float, dpi: float) -> list[Box]:
    """Return the boxes, 1/100 pt, of straight lines among added ink.

    Args:
        ink: what the image shows.
        added: where it is not recorded, uint8, 0 or 1, shape of ``ink``.
        contrast: of the page's print.
        dpi: pixels per inch of both.
    """
    unit, pixel = 7200 / dpi, 25.4 / dpi
    half = (max(added.shape[1] // _STEP, 1), max(added.shape[0] // _STEP, 1))
    some = (cv2.resize(added * np.uint8(255), half, interpolation=cv2.INTER_AREA) > 0).view(np.uint8)
    level = list(_level(ink, added, some, contrast, pixel))
    turned = _level(ink.T, added.T, np.ascontiguousarray(some.T), contrast, pixel)
    upright = [(y0, x0, y1, x1) for x0, y0, x1, y1 in turned]
    return [
        (round(x0 * unit), round(y0 * unit), round(x1 * unit), round(y1 * unit)) for x0, y0, x1, y1 in level + upright
    ]


def _level(ink: Ink, added: Mask, some: Mask, contrast: float, pixel: float) -> Iterator[Box]:
    """Yield the level lines, pixels; ``some`` is ``added`` at half the resolution, ``pixel`` one of ``added`` in mm."""
    run = max(round(_RUN / pixel / _STEP), 3)
    # A line that rises by a pixel within a run is still one.
    near = cv2.dilate(some, np.ones((3, 1), np.uint8)) * np.uint8(255)
    full = (cv2.blur(near, (run, 1), borderType=cv2.BORDER_CONSTANT) >= 255 * _FULL).view(np.uint8)
    if not full.any():
        return
    joined = cv2.dilate(full, np.ones((3, 1), np.uint8))
    joined = cv2.dilate(joined, np.ones((1, run + round(_JOINED / pixel / _STEP)), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for number in range(1, count):
        left, top, wide, high = (int(value) * _STEP for value in stats[number][:4])
        found = _line_in(ink, added, (left, top, left + wide, top + high), contrast, pixel)
        if found is not None and found[2] - found[0] < _LONGEST * added.shape[1]:
            yield found


def _line_in(ink: Ink, added: Mask, box: Box, contrast: float, pixel: float) -> Box | None:
    """Return the line in a box, pixels, if what is inked there is one."""
    left, top, right, bottom = box
    part = added[top:bottom, left:right]
    counts = part.sum(axis=0, dtype=np.int64)
    columns = np.flatnonzero(counts)
    if len(columns) < 2:
        return None
    length = int(columns[-1] - columns[0] + 1)
    thick = counts[columns] * pixel
    if length * pixel < _SHORTEST or len(columns) < _COVERED * length:
        return None
    if float(np.median(thick)) > _THICKEST or float(thick.std()) > _UNEVEN:
        return None
    rows = np.arange(part.shape[0])[:, None]
    middle = (part * rows).sum(axis=0)[columns] / counts[columns]
    slope, start = np.polyfit(columns, middle, 1)
    bent = float(np.std(middle - slope * columns - start)) * pixel
    dark = float(np.median(ink[top:bottom, left:right].max(axis=0)[columns]))
    if abs(slope) > _SLOPE or bent > _BENT or dark < _DARK * contrast:
        return None
    inked = np.flatnonzero(part[:, columns].any(axis=1))
    return left + int(columns[0]), top + int(inked[0]), left + int(columns[-1]) + 1, top + int(inked[-1]) + 1
