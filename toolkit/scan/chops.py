"""Where chops were pressed: in colour by their ink, in grey by their ring alone.

Whose chop it is, nobody can say. It is found so that text below it is called covered rather than altered, so that red
ink beside it is told from its own, and so that a zone that asks for one is judged.

A round chop, the usual one, is a circle that is inked nearly all around, wherever it lies: over text, on another chop,
cut by the edge of the paper (骑缝章). Other frames, oval or square, are looked for in colour alone, as a mark whose
outline is inked nearly all around.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.ink import COLOURED, SeenPage
from toolkit.scan.rendering import Ink
from toolkit.scan.strokes import DARK
from toolkit.verdict import Box

_DPI = 25.4
"""Frames are looked for at a millimetre a pixel: they are 1.2 mm wide."""

_COARSE = 2
"""Millimetres of a pixel of the plane on which rings are first looked for, in a quarter of a quarter of the time."""

_RADII = (14, 26)
"""Millimetres: official chops are 38 to 45 mm wide, those of foreign partners from 30 to 50."""

_LIKELY = 0.5
"""Part of a coarse ring that must have ink before it is looked at closely."""

_ROUND = 0.6
"""Part of the circumference that must have ink within a millimetre, unevenly pressed as it is and cut up by text."""

_NEARLY = 0.9
"""Of rings with nearly the best coverage the widest is the frame: the name inside is a ring as well."""

_BEYOND, _AHEAD = 4, 0.3
"""Millimetres beyond a frame where less of a ring is covered than of the frame's, and by how much."""

_ON_PAGE = 0.25
"""Part of the circumference that must lie on the page: a seam chop shares itself among several."""

_OVER = 0.16
"""Parts of its radius by which a chop's middle may lie above or below the page: a line of print near these edges is
like the flat top of a ring. Seam chops are cut by the other two, which lines do not run along."""

_MOST = 4
"""Chops of each colour that are looked for on a page."""

_LEAST = 30
"""Square millimetres of marks below which no chop is looked for: a quarter of a frame."""

_INKED = 0.12
"""Part of a square millimetre that must be inked for a mark."""

_EDGE = 6
"""Millimetres at the paper's edges in which scanners show dark shadows."""

_FRAME_SIZES = {"red": (12, 56), "blue": (18, 56)}
"""Millimetres of both sides of an oval or square chop: the smallest is a name's, always red, the largest Kazakh and
Russian ones. Blue writing is lower."""

_FRAMED = 0.75
"""Part of an outline that must be inked for a frame: a half circle and the chord that closes it have 0.61."""

_SQUARE, _LONG, _LONGEST = 0.88, 1.12, 1.7
"""Part of its upright rectangle from which an outline is square (an ellipse fills 0.79), length in widths from which it
is oval rather than round, and from which it is neither: a line of writing."""

_ANGLES = np.linspace(0, 2 * np.pi, 160, endpoint=False)
"""Where a ring is looked at closely: a place every millimetre of the widest."""

Marks = NDArray[np.uint8]
"""Where there is ink of one colour, uint8, 0 or 1, a pixel a square millimetre of the page."""


@dataclass(frozen=True, slots=True)
class Chop:
    """One chop: ``box`` in 1/100 pt, ``shape`` round, oval or square, ``colour`` red, blue or dark.

    ``covered`` is the part of its frame that is inked, 0 to 1, of what lies on the page.
    """

    box: Box
    shape: str
    colour: str
    covered: float

    @property
    def width(self) -> float:
        """Its longer side in mm."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1]) * 25.4 / 7200


def find_chops(
    seen: SeenPage, soft: Ink, *, contrast: float, dpi: float, left_out: Sequence[Box] = ()
) -> tuple[Chop, ...]:
    """Return the chops on a page.

    Args:
        seen: what the image shows.
        soft: the drawn page, blurred as the image is.
        contrast: of the page's print.
        dpi: pixels per inch of both.
        left_out: places that are not looked at, 1/100 pt.
    """
    size = (max(round(soft.shape[1] * _DPI / dpi), 1), max(round(soft.shape[0] * _DPI / dpi), 1))
    shown = np.ones(size[::-1], np.uint8)
    if seen.outside.any():
        shown = np.asarray(cv2.resize(1 - seen.outside.view(np.uint8), size, interpolation=cv2.INTER_AREA), np.uint8)
    extra = (seen.ink > 0.8 * DARK * contrast) & (
        cv2.dilate((soft >= 0.15).view(np.uint8), np.ones((5, 5), np.uint8)) == 0
    )
    chops: list[Chop] = []
    # A copied chop is grey in a colour scan, too.
    for colour, inked in (("red", seen.red), ("blue", seen.blue), ("dark", extra)):
        if inked is None:
            continue
        there = inked if colour == "dark" else inked > COLOURED
        marks = cv2.resize(there.view(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
        marked = ((marks > 255 * _INKED) & (shown > 0)).astype(np.uint8)
        for box in left_out:
            x0, y0, x1, y1 = (max(round(edge * _DPI / 7200), 0) for edge in box)
            marked[y0:y1, x0:x1] = 0
        if colour == "dark":
            marked[:_EDGE], marked[-_EDGE:], marked[:, :_EDGE], marked[:, -_EDGE:] = 0, 0, 0, 0
        if marked.sum() < _LEAST:
            continue
        if colour != "dark":
            chops += _frames(marked, colour)
        chops += [chop for chop in _rings(marked, shown, colour) if not any(_same(chop.box, own.box) for own in chops)]
    return tuple(chops)


def _rings(marked: Marks, shown: Marks, colour: str) -> list[Chop]:
    """Return the round chops: places where a coarse ring has ink, looked at closely, the best covered first."""
    room = _RADII[1] // _COARSE
    near = np.asarray(cv2.dilate(marked, np.ones((3, 3), np.uint8)), np.uint8)
    wide = _coarse(near, room)
    page = _coarse(shown, room)
    candidates = []
    for radius in range(_RADII[0] // _COARSE, _RADII[1] // _COARSE + 1):
        ring = _ring(radius)
        there = cv2.filter2D(page, -1, ring, borderType=cv2.BORDER_CONSTANT)
        inked = cv2.filter2D(wide, -1, ring, borderType=cv2.BORDER_CONSTANT)
        covered = np.where(there >= _ON_PAGE, inked / np.maximum(there, _ON_PAGE), 0)
        highest = (covered >= _LIKELY) & (covered >= cv2.dilate(covered, np.ones((5, 5), np.uint8)))
        for y, x in np.argwhere(highest):
            middle = ((x - room + 0.5) * _COARSE, (y - room + 0.5) * _COARSE)
            candidates.append((float(covered[y, x]), middle, radius * _COARSE))
    candidates.sort(key=lambda each: -each[0])
    found = [_closely(near, shown, middle, radius) for _, middle, radius in candidates[: 4 * _MOST]]
    rings = sorted((each for each in found if each[0] >= _ROUND), key=lambda each: (-round(each[0], 1), -each[3]))
    chops: list[Chop] = []
    for covered_part, x, y, radius in rings:
        if not -_OVER * radius <= y <= len(near) + _OVER * radius:
            continue
        # The marks were widened by a millimetre on each side.
        box = _on_page(x - radius + 1, y - radius + 1, x + radius, y + radius)
        if len(chops) < _MOST and not any(_same(box, chop.box) for chop in chops):
            chops.append(Chop(box, "round", colour, covered_part))
    return chops


def _closely(near: Marks, shown: Marks, middle: tuple[float, float], about: int) -> tuple[float, int, int, int]:
    """Return how well the best ring near a coarse one is covered, its middle and its radius in mm."""
    radii = np.arange(max(about - 2, _RADII[0]), about + 4 + _BEYOND)
    offsets = np.arange(-2, 3)
    x = np.rint(middle[0] + offsets)[None, :, None, None] + radii[:, None, None, None] * np.cos(_ANGLES)
    y = np.rint(middle[1] + offsets)[None, None, :, None] + radii[:, None, None, None] * np.sin(_ANGLES)
    x, y = np.broadcast_arrays(np.rint(x).astype(int), np.rint(y).astype(int))
    height, width = near.shape
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    there = (inside & (shown[y, x] > 0)).sum(axis=3)
    covered = np.where(there >= _ON_PAGE * len(_ANGLES), (near[y, x] & inside).sum(axis=3) / np.maximum(there, 1), 0)
    # Among text, any ring is covered, and so is the one around it.
    covered = covered[:-_BEYOND] * (covered[:-_BEYOND] - covered[_BEYOND:] > _AHEAD)
    best = covered.max(axis=(1, 2))
    widest = int(np.flatnonzero(best >= _NEARLY * best.max())[-1])
    across, down = np.unravel_index(int(covered[widest].argmax()), covered[widest].shape)
    at = (round(middle[0] + float(offsets[across])), round(middle[1] + float(offsets[down])))
    return float(best[widest]), *at, int(radii[widest])


def _coarse(plane: Marks, room: int) -> NDArray[np.float32]:
    """Return a plane with larger pixels, inked where any of theirs is, and room around it."""
    height, width = plane.shape
    even = cv2.copyMakeBorder(plane, 0, height % _COARSE, 0, width % _COARSE, cv2.BORDER_CONSTANT)
    whole = even.reshape(even.shape[0] // _COARSE, _COARSE, even.shape[1] // _COARSE, _COARSE).max(axis=(1, 3))
    return np.asarray(cv2.copyMakeBorder(whole, room, room, room, room, cv2.BORDER_CONSTANT), np.float32)


def _frames(marked: Marks, colour: str) -> Iterator[Chop]:
    """Yield the chops of any shape that stand by themselves among the marks of one colour."""
    joined = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8), borderValue=0)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    for number in range(1, count):
        left, top, width, height = (int(value) for value in stats[number][:4])
        least, most = _FRAME_SIZES[colour]
        if not (least <= min(width, height) and max(width, height) <= most):
            continue
        own = (marked & (labels == number)).astype(np.uint8)
        points = cv2.findNonZero(own)
        if points is None:
            continue
        hull = cv2.convexHull(points)
        outline = np.zeros_like(own)
        cv2.polylines(outline, [hull], True, 1)
        near = cv2.dilate(own, np.ones((3, 3), np.uint8))
        covered = float(near[outline > 0].mean())
        if covered < _FRAMED:
            continue
        _, (across, down), _ = cv2.minAreaRect(hull)
        filled = cv2.contourArea(hull) / max(across * down, 1)
        long = max(across, down) / max(min(across, down), 1)
        if long > _LONGEST:
            continue
        shape = "square" if filled > _SQUARE else "oval" if long > _LONG else "round"
        yield Chop(_on_page(left, top, left + width, top + height), shape, colour, covered)


def _same(one: Box, other: Box) -> bool:
    """Tell whether two boxes are the same chop: the middle of one in the middle of the other."""
    across, down = (abs(one[axis] + one[axis + 2] - other[axis] - other[axis + 2]) / 2 for axis in (0, 1))
    return max(across, down) < (other[2] - other[0]) / 4


def _on_page(left: int, top: int, right: int, bottom: int) -> Box:
    """Return a box of marks in 1/100 pt."""
    unit = 7200 / _DPI
    return round(left * unit), round(top * unit), round(right * unit), round(bottom * unit)


def _ring(radius: int) -> NDArray[np.float32]:
    """Return a circle one pixel wide that adds up to 1."""
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1), np.uint8)
    cv2.circle(kernel, (radius, radius), radius, 1, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)
