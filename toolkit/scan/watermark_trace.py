"""Whether a page bears the watermark that its record names, all over: a trace of it, or none where it must show.

A printer may wash a light tone out, a photocopier does, and so does a scanner that whitens paper: then nothing can be
said. So the watermark is called missing only where this scan would show it. Of a part of the page the rest of it tells
that: the watermark is plain around, and there is no trace of it. Of a whole page a scan in colour tells it, whose paper
is not whitened, which shows soft edges of the print as light as the watermark is, and nothing of a photocopy.

Measured (benchmarks, tuning set, 45 genuine and 14 pages without watermark; parts of the print's contrast): pages
without 0.0005 at most; with one, flatbed from 0.012, phone from 0.007, feeder from 0.0037, copies and faxes from 0.
Where the page has 0.04 and more, no window of a genuine page had less than 0.4 of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message
from toolkit.scan.boxes import sides
from toolkit.scan.ink import COLOUR_STEP
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.page_image import Pixels
from toolkit.scan.rendering import Ink
from toolkit.verdict import Box, Finding, Reason

_CELL = 0.7
"""Millimetres of a cell, in which noise and halftone dots average out; strokes of the watermark are 2 to 4 mm wide."""

_WINDOW = 21.0
"""Millimetres of a window in which a part of the watermark is looked for: a character of it is 20 to 42 mm wide."""

_AROUND = 15.0
"""Millimetres over which the paper's own darkness is averaged, the watermark's edges apart."""

_EDGE = 8.0
"""Millimetres at the paper's edges that are not looked at: shadows of the scanner."""

_NEAR_PRINT, _PRINTED = 0.4, 0.03
"""Millimetres around print that are left out, and the drawn ink from which something is print."""

_NEAR_INK, _INKED = 0.5, 0.45
"""The same for ink that is not recorded, in parts of the contrast: the watermark has 0.22 at most."""

_TINGED = 0.06
"""How coloured a place is that a chop or a pen touched."""

_FREE = 0.5
"""Part of a cell that must be blank paper."""

_ENOUGH, _ENOUGH_THERE = 60.0, 25.0
"""Square millimetres of contrast between watermark and paper that must be seen on a page, and in a window, before it is
called missing: a page of dense text has 100 to 200, a window of blank paper 70."""

_GONE, _CERTAIN = 0.002, 4.0
"""Darkness up to which there is no trace, a quarter of the faintest, and by how many errors it must be below."""

_PLAIN = 0.04
"""Darkness from which the watermark is plain, so that a part of it without is told."""

_PART_GONE, _PART_LIMIT = 0.12, 0.25
"""Parts of the page's own darkness: there is none up to the first, and with all errors it stays below the second."""

_WHITENED, _WHITE = 0.3, 252
"""Part of a place's pixels, and their level, from which it is whitened: its lightest tones are gone."""

_UNEVEN = 1.35
"""How many times as dark as usual the watermark is in its darkest windows (quantiles 0.95 and 0.7) where compression
keeps it in some places only: 1.56 in a scan in layers (MRC), which had lost a character; 1.01 to 1.19 in four more."""

_LIGHT_TONES = (0.08, 0.2)
"""Drawn ink, blurred, of the edges of print that are as light as the watermark."""

_FILLS = 0.94
"""Part of the image that a scanned page takes, at least. Cameras smooth specks away: two photos of pages whose printer
had made next to nothing of the watermark showed 0.0002 and 0.0009 of it, as pages without any do."""

_KEPT = 0.45
"""Part of such tones that must be left, for the scan to keep light tones: of those that whiten, up to 0.2 are."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """A page in cells: ``levels`` and ``mark`` less what is around, and ``free``, the part of each that is looked at.

    All float32, of one shape.
    """

    levels: Ink
    mark: Ink
    free: Ink


def watermark_findings(page: LaidPage, mark: Ink, pixels: Pixels) -> list[Finding]:
    """Return what is to be said of the page's watermark; nothing when it is there.

    Args:
        page: what was compared.
        mark: where the watermark is on the page, 0 to 1, the whole page at any resolution.
        pixels: the image.
    """
    cells = _cells(page, mark)
    darkness, error = _darkness(cells), _error(cells)
    if darkness > _PLAIN * page.contrast:
        gone = _gone_part(cells, darkness)
        if gone is None or _is_whitened(page, gone, pixels):
            return []
        message = Message("the watermark is missing in this part of the page: ask for the page as it was issued")
        return [Finding(Reason.WATERMARK_MISSING, message, box=gone, image_box=page.alignment.image_box(gone))]
    if darkness > _GONE * page.contrast and darkness > _CERTAIN * error:
        return []
    is_seen = float((cells.mark**2 * cells.free).sum()) * _CELL**2 > _ENOUGH
    if is_seen and darkness + _CERTAIN * error < _GONE * page.contrast and _would_show(page, pixels):
        message = Message("the page has no watermark: ask for the page as it was issued")
        return [Finding(Reason.WATERMARK_MISSING, message)]
    message = Message("this scan does not show whether the watermark is there: look at the paper")
    return [Finding(Reason.WATERMARK_UNCLEAR, message)]


def _cells(page: LaidPage, mark: Ink) -> _Cells:
    """Return the page in cells, without what is printed, written, stamped or not shown."""
    height, width = page.seen.ink.shape
    half = (max(width // 2, 1), max(height // 2, 1))
    ink, drawn = (cv2.resize(plane, half, interpolation=cv2.INTER_AREA) for plane in (page.seen.ink, page.soft))
    pixel = 2 * 25.4 / page.dpi
    busy = _wide(drawn > _PRINTED, _NEAR_PRINT / pixel) | _wide(ink > _INKED * page.contrast, _NEAR_INK / pixel)
    busy |= np.asarray(cv2.resize(page.seen.outside.view(np.uint8), half, interpolation=cv2.INTER_NEAREST), np.uint8)
    if page.seen.red is not None and page.seen.blue is not None:
        tinged = _wide(np.maximum(page.seen.red, page.seen.blue) > _TINGED, _NEAR_INK / pixel * 2 / COLOUR_STEP)
        busy |= np.asarray(cv2.resize(tinged, half, interpolation=cv2.INTER_NEAREST), np.uint8)
    filled = [rule.box for rule in page.description.rules if min(sides(rule.box)) > 400]
    pictures = [picture.box for picture in page.description.pictures]
    for box in (page.keep_out, *page.undrawn, *filled, *pictures):
        x0, y0, x1, y1 = (max(round(edge * page.dpi / 7200 / 2), 0) for edge in box)
        busy[y0:y1, x0:x1] = 1
    edge = round(_EDGE / pixel)
    busy[:edge], busy[-edge:], busy[:, :edge], busy[:, -edge:] = 1, 1, 1, 1
    size = (max(round(half[0] * pixel / _CELL), 1), max(round(half[1] * pixel / _CELL), 1))
    blank = (1 - busy).astype(np.float32)
    free = np.asarray(cv2.resize(blank, size, interpolation=cv2.INTER_AREA), np.float32)
    levels = np.asarray(
        cv2.resize(ink * blank, size, interpolation=cv2.INTER_AREA) / np.maximum(free, 0.01), np.float32
    )
    free[free < _FREE] = 0
    coarse = np.asarray(cv2.resize(mark, size, interpolation=cv2.INTER_AREA), np.float32)
    return _Cells(_less_around(levels, free), _less_around(coarse, free), free)


def _wide(there: NDArray[np.bool_], reach: float) -> NDArray[np.uint8]:
    side = 2 * max(round(reach), 1) + 1
    return np.asarray(cv2.dilate(there.view(np.uint8), np.ones((side, side), np.uint8)), np.uint8)


def _less_around(plane: NDArray[np.float32], free: Ink) -> Ink:
    """Return a plane less its mean around, over what is free."""
    around = _summed(plane * free, _AROUND) / np.maximum(_summed(free, _AROUND), 0.01)
    return np.asarray(np.where(free > 0, plane - around, 0), np.float32)


def _summed(plane: NDArray[np.float32], within: float) -> Ink:
    """Return sums over squares, ``within`` in mm."""
    side = 2 * round(within / _CELL / 2) + 1
    summed = cv2.boxFilter(plane, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(summed, np.float32)


def _darkness(cells: _Cells) -> float:
    """Return how dark the watermark is: least squares over the page."""
    weights = cells.mark * cells.free
    return float((weights * cells.levels).sum() / max(float((weights * cells.mark).sum()), 1e-3))


def _error(cells: _Cells) -> float:
    """Return the standard error of the darkness; neighbouring cells are taken to err alike, in squares of 2 x 2."""
    rest = (cells.levels - _darkness(cells) * cells.mark) * cells.free
    variance = float((rest**2).sum() / max(int((cells.free > 0).sum()), 1))
    return 2 * float(np.sqrt(variance / max(float((cells.mark**2 * cells.free).sum()), 1e-3)))


def _gone_part(cells: _Cells, darkness: float) -> Box | None:
    """Return the place with the least of the watermark, 1/100 pt, when there is none of it."""
    weight = np.maximum(_summed(cells.mark**2 * cells.free, _WINDOW), 1e-3)
    there = _summed(cells.mark * cells.levels * cells.free, _WINDOW) / weight
    rest = _summed(cells.levels**2 * cells.free, _WINDOW) - there**2 * weight
    error = 2 * np.sqrt(np.maximum(rest, 0) / np.maximum(_summed(cells.free, _WINDOW), 1) / weight)
    enough = weight * _CELL**2 > _ENOUGH_THERE
    gone = enough & (there < _PART_GONE * darkness) & (there + _CERTAIN * error < _PART_LIMIT * darkness)
    if not gone.any():
        return None
    usual, darkest = np.quantile(there[enough], (0.7, 0.95))
    if darkest > _UNEVEN * usual:
        return None
    _, _, stats, _ = cv2.connectedComponentsWithStats(gone.astype(np.uint8), connectivity=8)
    left, top, width, height, _ = (int(value) for value in max(stats[1:], key=lambda each: each[4]))
    room, unit = _WINDOW / _CELL / 2, _CELL * 7200 / 25.4
    edges = (left + width / 2 - room, top + height / 2 - room, left + width / 2 + room, top + height / 2 + room)
    x0, y0, x1, y1 = (max(round(edge * unit), 0) for edge in edges)
    return x0, y0, x1, y1


def _would_show(page: LaidPage, pixels: Pixels) -> bool:
    """Tell whether this scan shows tones as light as the watermark, and nothing tells of a photocopy."""
    height, width = pixels.shape[:2]
    copied = any(chop.colour == "dark" for chop in page.chops)
    if (
        not page.seen.in_colour
        or copied
        or _share_of_paper(page, width * height) < _FILLS
        or _share_white(pixels[height // 10 : -height // 10, width // 10 :]) > _WHITENED
    ):
        return False
    light = (page.soft > _LIGHT_TONES[0]) & (page.soft < _LIGHT_TONES[1])
    if not light.any():
        return False
    kept = float(page.seen.ink[light].mean()) / (page.contrast * float(page.soft[light].mean()))
    return kept > _KEPT


def _share_of_paper(page: LaidPage, pixels: int) -> float:
    """Return the part of the image's pixels that the page takes: a scanner's image is the page."""
    x, y = (plane[[0, 0, -1, -1], [0, -1, -1, 0]].astype(np.float64) for plane in (page.alignment.x, page.alignment.y))
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2 / pixels


def _is_whitened(page: LaidPage, box: Box, pixels: Pixels) -> bool:
    x0, y0, x1, y1 = (max(edge, 0) for edge in page.alignment.image_box(box))
    return _share_white(pixels[y0:y1, x0:x1]) > _WHITENED


def _share_white(pixels: Pixels) -> float:
    """Return the part of an image that is as white as can be, in its red channel."""
    return float((pixels[::3, ::3, 0] >= _WHITE).mean()) if pixels.size else 1.0
