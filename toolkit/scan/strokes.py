"""Ink on the paper that the record does not have: what it is by size, shape and place.

Not everything is somebody's doing. Dust and halftone dots are small, hairs are thin, streaks of a dirty feeder and
folds run over the whole page, shadows lie at the edges, chops are large and, in colour, not there at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.alignment import Alignment
from toolkit.scan.ink import COLOURED
from toolkit.scan.pieces import pieces
from toolkit.scan.rendering import Ink
from toolkit.verdict import Box

DARK = 0.5
"""Part of the print's contrast from which something is ink: the watermark is 0.14, a fold's shadow 0.3."""

_NEAR_PRINT = 0.1
"""Drawn ink, blurred, from which a place belongs to the print itself."""

_FORGIVEN = 0.2
"""Millimetres around the print that belong to it: toner spreads, and the alignment is off by a tenth of that."""

_EDGE = 6.0
"""Millimetres at the paper's edges in which scanners show shadows, and nothing is printed."""

_SPECK = 0.07
"""Square millimetres up to which ink is a speck: a decimal point of nine points has 0.1."""

_STREAK = 60.0
"""Millimetres from which ink on one line of the image, across or down, is a streak of the scanner: print that it
crosses cuts it up, so that its pieces are counted together. No pen follows a line of pixels so long."""

_STREAKED = 0.5
"""Part of such a line, away from print, that must be dark."""

_FAR = 2**20
"""More than a page has pixels across or down."""

_FOLD = 0.8
"""Part of the page's height or width from which a thin straight piece of ink is a fold or an edge."""

_HOLES = (4.0, 8.5)
"""Millimetres across a hole of a punch: 5 to 6.5, 8 in some binders."""

_MOST = 1500
"""Pieces of ink that are looked at, the largest: a hand leaves some hundred, noise any number."""

_THIN = 0.19
"""Millimetres of mean width up to which ink is a hair or a scratch: a pen draws 0.3, and so do stems of digits."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One piece of ink; ``box`` in 1/100 pt on the page, ``area`` in square mm, ``width`` its mean width in mm."""

    box: Box
    area: float
    width: float
    darkness: float

    @property
    def length(self) -> float:
        """The longer side of the box in mm."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1]) * 25.4 / 7200


@dataclass(frozen=True, slots=True)
class AddedInk:
    """The ink that is not recorded: its pieces, largest first, and its pixels (uint8, 0 or 1)."""

    strokes: tuple[Stroke, ...]
    pixels: NDArray[np.uint8]


def added_ink(
    seen: Ink,
    soft: Ink,
    *,
    contrast: float,
    alignment: Alignment,
    left_out: Sequence[Box],
    outside: NDArray[np.bool_],
) -> AddedInk:
    """Return the ink that is not recorded.

    Args:
        seen: the image's ink.
        soft: the drawn page, blurred as the image is.
        contrast: of the page's print.
        alignment: where the page lies in the image; its resolution is that of both.
        left_out: places that are not looked at, 1/100 pt.
        outside: pixels of the page at which nothing is looked for.
    """
    dpi = alignment.dpi
    pixel = 25.4 / dpi
    reach = max(1, round(_FORGIVEN / pixel))
    printed = cv2.dilate((soft > _NEAR_PRINT).view(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    dark = ((seen > DARK * contrast) & (printed == 0)).astype(np.uint8)
    edge = round(_EDGE / pixel)
    dark[:edge], dark[-edge:], dark[:, :edge], dark[:, -edge:] = 0, 0, 0, 0
    if outside.any():
        wide = cv2.dilate(outside.astype(np.uint8), np.ones((2 * edge + 1, 2 * edge + 1), np.uint8))
        dark[wide > 0] = 0
    for x0, y0, x1, y1 in left_out:
        box = [round(side * dpi / 7200) for side in (x0, y0, x1, y1)]
        dark[max(box[1], 0) : max(box[3], 0), max(box[0], 0) : max(box[2], 0)] = 0
    dark[streaked(dark, np.asarray(printed, np.uint8), alignment)] = 0
    labels, stats = pieces(dark)
    large = [number for number in np.argsort(-stats[:, 4]) if number and stats[number][4] * pixel * pixel >= _SPECK]
    strokes = []
    for number in large[:_MOST]:
        left, top, width, height, amount = (int(value) for value in stats[number])
        area = amount * pixel * pixel
        part = labels[top : top + height, left : left + width] == number
        contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        outline = sum(cv2.arcLength(contour, True) for contour in contours) * pixel
        thick = area / max(outline / 2, pixel)
        length = max(width, height) * pixel
        whole = width > _FOLD * dark.shape[1] or height > _FOLD * dark.shape[0]
        if whole and min(width, height) * pixel < 0.02 * length + 1:
            continue
        if thick < _THIN and length > 1:
            continue
        if _is_hole(width * pixel, height * pixel, area):
            continue
        on_page = tuple(round(side * 7200 / dpi) for side in (left, top, left + width, top + height))
        darkness = float(seen[top : top + height, left : left + width][part].mean()) / contrast
        strokes.append(Stroke(on_page, area, min(thick, 9.9), darkness))  # type: ignore[arg-type]
    return AddedInk(tuple(strokes), np.asarray(dark, np.uint8))


def _is_hole(width: float, height: float, area: float) -> bool:
    """Tell whether a piece of ink, in mm, is a punched hole seen dark: a filled circle."""
    least, most = _HOLES
    return least <= min(width, height) and max(width, height) <= most and area > 0.7 * width * height


def streaked(dark: NDArray[np.uint8], printed: NDArray[np.uint8], alignment: Alignment) -> NDArray[np.bool_]:
    """Return where streaks of the scanner run, shape of the planes.

    Args:
        dark: where there is ink that is not recorded.
        printed: where print is, which says nothing.
        alignment: streaks are straight in the image, however the page lies in it.
    """
    found = np.zeros(dark.shape, np.bool_)
    inked_at = np.flatnonzero(dark.ravel().view(np.bool_))
    if not len(inked_at):
        return found
    unit = alignment.image_dpi / alignment.dpi
    step = 8
    free = printed[::step, ::step] == 0
    for plane, along in ((alignment.x, inked_at // dark.shape[1]), (alignment.y, inked_at % dark.shape[1])):
        own = np.clip(plane.ravel()[inked_at] / unit, 0, 1e5).astype(np.int64)
        all_free = np.clip(plane[::step, ::step][free] / unit, 0, 1e5).astype(np.int64)
        length = max(int(own.max()), int(all_free.max(initial=0))) + 2
        # Every eighth line is looked at: each of the eight has an eighth of what is found there.
        room = np.convolve(np.bincount(all_free, minlength=length) * step * step, np.ones(step) / step, "same")
        streaks = np.zeros(length, np.bool_)
        for first in (0, 1):  # a line may fall between two: it is counted where either has ink
            at = np.unique((own + first) // 2 * _FAR + along) // _FAR
            inked = np.repeat(np.bincount(at, minlength=length), 2)[first : first + length]
            streaks |= inked > np.maximum(_STREAKED * room, _STREAK * alignment.dpi / 25.4)
        if streaks.any():
            near = cv2.dilate(streaks.astype(np.uint8), np.ones((5, 1), np.uint8)).ravel() > 0
            found |= near[np.clip(plane / unit, 0, length - 1).astype(np.int32)]
    return found


def coloured_ink(colour: Ink, dpi: float, left_out: Sequence[Box]) -> AddedInk:
    """Return the pieces of a colour that no record has; ``darkness`` of a piece is how coloured it is.

    Args:
        colour: how red the page is (ink.SeenPage).
        dpi: its pixels per inch.
        left_out: places that are not looked at, 1/100 pt; of a chop, which is round, the ellipse in its box.
    """
    pixel = 25.4 / dpi
    there = (colour > COLOURED).astype(np.uint8)
    for box in left_out:
        x0, y0, x1, y1 = (round(side * dpi / 7200) for side in box)
        there[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = 0
    _, stats = pieces(there)
    large = [number for number in np.argsort(-stats[:, 4]) if number and stats[number][4] * pixel * pixel >= _SPECK]
    strokes = []
    for number in large[:_MOST]:
        left, top, width, height, amount = (int(value) for value in stats[number])
        edges = tuple(round(side * 7200 / dpi) for side in (left, top, left + width, top + height))
        area = amount * pixel * pixel
        amid = float(colour[top : top + height, left : left + width].max())
        strokes.append(Stroke(edges, area, area / (max(width, height) * pixel), amid))  # type: ignore[arg-type]
    return AddedInk(tuple(strokes), there)


def clusters(strokes: Sequence[Stroke], gap: int) -> list[list[Stroke]]:
    """Return strokes in groups whose boxes lie within ``gap`` 1/100 pt of each other."""
    groups: list[tuple[Box, list[Stroke]]] = []
    for stroke in strokes:
        box, members = stroke.box, [stroke]
        rest = []
        for other_box, others in groups:
            if _near(box, other_box, gap):
                box = _union(box, other_box)
                members = members + others
            else:
                rest.append((other_box, others))
        groups = [*rest, (box, members)]
    return [members for _, members in groups]


def around(strokes: Sequence[Stroke]) -> Box:
    """Return the box around strokes, of which there is at least one."""
    box = strokes[0].box
    for stroke in strokes[1:]:
        box = _union(box, stroke.box)
    return box


def _near(one: Box, other: Box, gap: int) -> bool:
    return one[0] - gap < other[2] and other[0] - gap < one[2] and one[1] - gap < other[3] and other[1] - gap < one[3]


def _union(one: Box, other: Box) -> Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
