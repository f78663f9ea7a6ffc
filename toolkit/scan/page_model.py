"""The map from a page to an image: a homography, a polynomial and a smooth field, fitted to places that are known.

Places in the image and on the page are continuous: pixel i covers i to i + 1.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Places, float64, shape (count, 2): x, y."""

Weights = NDArray[np.float64]
"""How much a place is believed, across and down, float64, shape (count, 2)."""

POINT = 7200
"""1/100 pt in an inch."""

_FAR, _NEAR, _SHARE = 30 * POINT / 25.4, 8 * POINT / 25.4, 0.25
"""Distances over which what the model leaves is alike, 1/100 pt (30 mm: curl and feeders; 8 mm: folds), and the
second's part in it."""

_NOISE = 0.05
"""Variance of a block's place, in parts of that of what the model leaves. Characters lie 0.12 px of 150 dpi off in the
median and 0.49 in the last hundredth, mean of 22 photos and folded pages of the tuning set; with means of near blocks
0.16 and 0.62, with planes around each node 0.15 and 0.60. Half and twice as much noise: 0.02 px less and more."""


class PageModel:
    """A map from the page, 1/100 pt, to the image, pixels: homography, polynomial, field."""

    def __init__(self, homography: NDArray[np.float64], width: int, height: int) -> None:
        self._homography = homography
        self._middle = np.array([width / 2, height / 2])
        self._half = max(width, height) / 2
        self._size = width, height
        self._coefficients = np.zeros((10, 2))
        self._field: NDArray[np.float32] | None = None

    def __call__(self, page: Points) -> Points:
        """Return where places of the page lie in the image."""
        projected = np.column_stack([page, np.ones(len(page))]) @ self._homography.T
        # Of a place behind the camera, which a first guess may have, nothing but a finite number is asked.
        depth = np.where(np.abs(projected[:, 2:]) < 1e-6, 1e-6, projected[:, 2:])
        image: Points = projected[:, :2] / depth + self._terms(page) @ self._coefficients
        if self._field is not None and len(page):  # OpenCV remaps no empty map
            rows, columns = self._field.shape[:2]
            at = page / self._size * (columns, rows) - 0.5
            x, y = (np.ascontiguousarray(at[:, axis : axis + 1], np.float32) for axis in (0, 1))
            image = image + cv2.remap(self._field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0]
        return image

    @property
    def image_dpi(self) -> float:
        """Pixels of the image per inch of the page in its middle: the root of how much larger an area becomes."""
        x, y = self._middle
        at = self(np.array([(x, y), (x + POINT, y), (x, y + POINT)], np.float64))
        (ax, ay), (bx, by) = at[1] - at[0], at[2] - at[0]
        return float(abs(ax * by - ay * bx) ** 0.5)

    def fit_affine(self, page: Points, image: Points, weights: Weights, reach: float) -> None:
        """Replace the homography by the affine map that fits best; ``reach`` in pixels of the image."""
        terms = self._terms(page)[:, :3]
        solved = _robust(terms, image, weights, reach, ridge=0.0, start=self(page))
        unit = np.linalg.inv(np.array([[self._half, 0, self._middle[0]], [0, self._half, self._middle[1]], [0, 0, 1]]))
        self._homography = np.vstack([solved[[1, 2, 0]].T, [0, 0, 1]]) @ unit

    def fit_homography(self, page: Points, image: Points, reach: float) -> None:
        """Replace the homography by the one most blocks agree with, within ``reach`` pixels of the image."""
        found, _ = cv2.findHomography(page, image, cv2.USAC_MAGSAC, reach, maxIters=2000, confidence=0.999)
        if found is not None and np.isfinite(found).all():
            self._homography = np.asarray(found, np.float64)

    def fit_polynomial(self, page: Points, image: Points, weights: Weights, reach: float, terms: int) -> None:
        """Fit what the homography leaves by a polynomial: 3 terms are affine, 6 quadratic, 10 cubic."""
        self._coefficients[:] = 0
        rest = image - self(page)
        solved = _robust(self._terms(page)[:, :terms], rest, weights, reach, ridge=0.002, start=np.zeros_like(rest))
        self._coefficients[:terms] = solved

    def fit_field(self, page: Points, image: Points, weights: Weights, spacing: float) -> None:
        """Add to the field what the model leaves, on a grid of ``spacing`` 1/100 pt.

        Simple kriging (Matheron 1963): where no block is near, the field is level, and towards a margin it goes on as
        it came.
        """
        columns, rows = (max(round(edge / spacing), 2) for edge in self._size)
        nodes = np.stack(np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5), axis=-1).reshape(-1, 2)
        nodes *= np.array(self._size) / (columns, rows)
        if not len(page):
            return
        rest = image - self(page)
        among, to_nodes = _alike(page, page), _alike(nodes, page)
        field = np.empty((len(nodes), 2))
        for axis in (0, 1):
            noise = np.diag(_NOISE / np.maximum(weights[:, axis], 1e-3))
            field[:, axis] = to_nodes @ np.linalg.solve(among + noise, rest[:, axis])
        grid = field.reshape(rows, columns, 2).astype(np.float32)
        if self._field is not None and self._field.shape == grid.shape:
            grid += self._field
        self._field = grid

    def _terms(self, page: Points) -> Points:
        u, v = ((page - self._middle) / self._half).T
        return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v, u**3, u * u * v, u * v * v, v**3], axis=1)


def _alike(one: Points, other: Points) -> NDArray[np.float64]:
    """Return how alike what the model leaves is at places, shape (count of one, count of the other)."""
    squared = ((one[:, None] - other[None]) ** 2).sum(axis=2)
    alike: NDArray[np.float64] = np.exp(-squared / (2 * _FAR**2)) + _SHARE * np.exp(-squared / (2 * _NEAR**2))
    return alike


def similarity(page: Points, image: Points) -> NDArray[np.float64]:
    """Return the similarity that takes the page's places to the image's, least squares, as a 3 x 3 matrix."""
    source, target = page - page.mean(axis=0), image - image.mean(axis=0)
    power = (source**2).sum()
    a = (source * target).sum() / power
    b = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / power
    turn = np.array([[a, -b], [b, a]])
    shift = image.mean(axis=0) - turn @ page.mean(axis=0)
    return np.vstack([np.column_stack([turn, shift]), [0, 0, 1]])


def _robust(terms: Points, values: Points, weights: Weights, reach: float, *, ridge: float, start: Points) -> Points:
    """Return coefficients of a least squares fit in which what lies far off has no say (Tukey's biweight).

    Args:
        terms: shape (count, terms).
        values: shape (count, 2).
        weights: shape (count, 2).
        reach: distance from which a value has no say, or five times the typical one where that is more.
        ridge: weight against coefficients of second and higher degree.
        start: first guess of the values.
    """
    count = terms.shape[1]
    guess = start
    solved = np.zeros((count, 2))
    for turn in range(10):
        off = np.linalg.norm(values - guess, axis=1)
        if turn < 4:
            # Where a page bends, its far end is off at first, all of it: it must not be taken for blocks gone astray.
            own = weights / (1 + off / (4 * reach))[:, None]
        else:
            limit = max(reach, 5 * float(np.median(off)))
            own = weights * np.clip(1 - (off / limit) ** 2, 0, 1)[:, None] ** 2
            if (own > 0).all(axis=1).sum() < count + 1:
                break
        for axis in (0, 1):
            penalty = np.diag([1e-9] * min(3, count) + [ridge * weights[:, axis].sum()] * max(count - 3, 0))
            left = terms.T * own[:, axis]
            solved[:, axis] = np.linalg.lstsq(left @ terms + penalty, left @ values[:, axis], rcond=None)[0]
        guess = terms @ solved
    return solved
