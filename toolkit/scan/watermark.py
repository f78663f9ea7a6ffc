"""Which watermark a page bears: its light grey layer, correlated with watermarks as they are drawn.

A draft has no seal, so that its watermark is the only mark it can be known by. What is printed over the watermark is
left out of the comparison, rather than compared: text covers half of a page. Measured with toolkit/simulate.py on the
96 different pages and scans of the sample's drafts and formal copies (300 dpi, 200 dpi grey, 150 dpi at 94 % with 2
degrees of skew): the page's own watermark 0.56 to 0.97, another one at most 0.31; all were told right. Pages without
one stay below 0.12. Faxes and scanners that whiten paper wash the watermark out: then the answer is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from toolkit.scan.page_image import Pixels

Plane = NDArray[np.float32]
"""A grey plane, float32, shape (height, width): darkness from 0 (paper) to 1 (black), or weights from 0 to 1."""

LIKE = 0.45
"""Correlation from which a page bears the watermark: midway between the worst own and the best foreign one."""
AHEAD = 0.2
"""How far it must be ahead of every other watermark."""

_FINE_DPI, _STEP = 100, 4
"""Text is told from watermark at 100 dpi and the comparison made at 25, where a stroke of the watermark is 3 pixels."""
_HEIGHT = round(297 / 25.4 * _FINE_DPI)
_PADDED = (320, 256)
"""A4 at 25 dpi is 293 x 207; padded to sizes that the Fourier transform is quick with."""
_TEXT = 0.33
"""Darker than this is print on top: the watermark itself is 0.14 (formal/stationery.py)."""
_PAPER_WITHIN = 9
"""Pixels at 25 dpi: some paper is within 4.5 mm of everywhere on the watermark."""
_ANGLES = (-2, -1, 0, 1, 2)
_SCALES = (0.95, 0.985, 1.0)
_FARTHEST = 16
"""Pixels at 25 dpi that a print may be off its place: 16 mm."""
_EDGES = 0.06
"""Share of the page at each edge that is not compared: shadows of the scanner, symbol and page number."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A watermark ready for comparison: the spectra of its levels, their squares and its weights, for every pose."""

    poses: tuple[tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.complex128]], ...]


def prepare_mark(pixels: Pixels) -> Mark:
    """Return a watermark ready for comparison.

    Args:
        pixels: an A4 page, portrait, with nothing but the watermark on it; any resolution from 100 dpi.
    """
    levels, _ = _light_layer(pixels)
    height, width = levels.shape
    drawn = Image.fromarray(levels)
    poses = []
    for angle in _ANGLES:
        for scale in _SCALES:
            posed = drawn.resize((round(width * scale), round(height * scale)), Image.Resampling.BILINEAR)
            levels = np.asarray(posed.rotate(angle, Image.Resampling.BICUBIC), np.float32)
            weights = np.zeros_like(levels)
            top, left = round(levels.shape[0] * _EDGES), round(levels.shape[1] * _EDGES)
            weights[top:-top, left:-left] = 1
            spectra = [
                np.conj(np.fft.rfft2(plane, _PADDED)) for plane in (weights, levels * weights, levels**2 * weights)
            ]
            poses.append((spectra[0], spectra[1], spectra[2]))
    return Mark(tuple(poses))


def likeness(pixels: Pixels, marks: Sequence[Mark]) -> tuple[float, ...]:
    """Return how like each mark the page's light layer is: the best correlation, -1 to 1, over poses and places."""
    levels, weights = _light_layer(pixels)
    if levels.shape[1] > levels.shape[0]:
        levels, weights = np.rot90(levels), np.rot90(weights)
    best = [-1.0] * len(marks)
    for half_turns in (0, 2):
        page = np.rot90(levels, half_turns)
        valid = np.rot90(weights, half_turns)
        spectra = [np.fft.rfft2(plane, _PADDED) for plane in (valid, page * valid, page**2 * valid)]
        for number, mark in enumerate(marks):
            for pose in mark.poses:
                best[number] = max(best[number], _correlation(spectra, pose))
    return tuple(best)


def borne_mark(pixels: Pixels, marks: Sequence[Mark]) -> int | None:
    """Return the position of the mark that the page bears beyond doubt, or None."""
    likenesses = likeness(pixels, marks)
    ranked = sorted(range(len(marks)), key=lambda number: likenesses[number], reverse=True)
    if not ranked or likenesses[ranked[0]] < LIKE:
        return None
    if len(ranked) > 1 and likenesses[ranked[0]] - likenesses[ranked[1]] < AHEAD:
        return None
    return ranked[0]


def _light_layer(pixels: Pixels) -> tuple[Plane, Plane]:
    """Return darkness at 25 dpi where nothing is printed on top, and how much of each pixel that is (0 to 1)."""
    grey = Image.fromarray(pixels).convert("L")
    scale = _HEIGHT / max(grey.size)
    size = (max(_STEP, round(grey.width * scale)), max(_STEP, round(grey.height * scale)))
    grey = grey.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    paper = grey.reduce(_STEP).filter(ImageFilter.MaxFilter(_PAPER_WITHIN)).filter(ImageFilter.GaussianBlur(4))
    ground = np.asarray(paper.resize(size, Image.Resampling.BILINEAR), np.float32)
    darkness = 1 - np.asarray(grey, np.float32) / np.maximum(ground, 1)
    printed = Image.fromarray(np.where(darkness >= _TEXT, 255, 0).astype(np.uint8)).filter(ImageFilter.MaxFilter(3))
    free = (np.asarray(printed) == 0).astype(np.float32)
    shares = _summed(free)
    levels = _summed(np.clip(darkness, 0, _TEXT) * free) / np.maximum(shares, 1)
    return levels.astype(np.float32), (shares / _STEP**2).astype(np.float32)


def _summed(plane: Plane) -> Plane:
    """Return sums over squares of 4 x 4 pixels."""
    height, width = (side - side % _STEP for side in plane.shape)
    squares = plane[:height, :width].reshape(height // _STEP, _STEP, width // _STEP, _STEP)
    summed: Plane = squares.sum(axis=(1, 3))
    return summed


def _correlation(
    page: Sequence[NDArray[np.complex128]],
    pose: tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.complex128]],
) -> float:
    """Return the best normalised correlation over small shifts, each over the pixels that are valid in both.

    D. Padfield, "Masked object registration in the Fourier domain", IEEE Trans. Image Processing 21 (2012) 2706.
    """
    (valid, levels, squares), (weights, drawn, drawn_squares) = page, pose
    count, own, other, both, own_squares, other_squares = (
        _near(product)
        for product in (
            valid * weights,
            levels * weights,
            valid * drawn,
            levels * drawn,
            squares * weights,
            valid * drawn_squares,
        )
    )
    count = np.maximum(count, 1)
    spread = np.maximum(own_squares - own**2 / count, 1e-3) * np.maximum(other_squares - other**2 / count, 1e-3)
    return float(((both - own * other / count) / np.sqrt(spread)).max())


def _near(product: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the correlation at the shifts that a print may be off its place."""
    shifted = np.fft.irfft2(product, _PADDED)
    rows = np.concatenate([shifted[:_FARTHEST], shifted[-_FARTHEST:]])
    return np.concatenate([rows[:, :_FARTHEST], rows[:, -_FARTHEST:]], axis=1)
