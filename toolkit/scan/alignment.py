"""Lays a scan or photo over its recorded page: a map from every pixel of the page to a place in the image.

The symbol's four corners give a similarity, which is right near the symbol and some millimetres off at the far end of
the page. Blocks of the drawn page are then looked for in the image, by normalised correlation, at 37, 75 and 150 pixels
per inch, and a model is fitted that grows with what is known: affine near the symbol, then a homography (photos,
feeders), a cubic polynomial (lens, curl), and at last a smooth field of what remains (folds, slipping feeders). Fits
are robust: a block that was found in the wrong place, or is not on the paper at all, has no say.

The field is smooth over 15 mm on purpose. What moves within a line (a digit put in) must stay moved.

Places in the image and on the page are continuous: pixel i covers i to i + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.rendering import Ink
from toolkit.verdict import Box

Points = NDArray[np.float64]
"""Places, float64, shape (count, 2): x, y."""

Grey = NDArray[np.uint8]
"""One channel of an image, uint8, shape (height, width)."""

_POINT = 7200
"""1/100 pt in an inch."""

_STEP = 16
"""The map is computed at every 16th pixel of 150 per inch, 2.7 mm, and interpolated: models bend less than that."""

BASE_DPI = 150
"""The resolution at which the finest blocks are matched; a tenth of its pixel is 17 micrometres."""

_LEAST_INK = 0.012
"""Mean ink of a block worth looking for: a character in a 16 mm square."""

_LONELY, _LONELY_SEARCH = 35.0, 9.0
"""Millimetres within which no other block is found, and how far a block is then looked for: a foot line on an empty
page of a photo."""

_HOLD = 16.0
"""Millimetres around a found block, which is 16 mm wide, within which places are known; beyond, they are guessed."""

_SETTLED = 0.5
"""Pixels that blocks lie off, in the median, from which a finer step is not worth its time."""

_LEAST_SCORE = 0.35
"""Correlation from which a block counts as found. Of foreign pages fewer than 1 block in 20 comes so far."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where a page lies in an image.

    ``x`` and ``y`` are float32, shape (height, width) of the page at ``dpi``: the index in the image (as cv2.remap
    takes it) that each pixel of the page is seen at. ``correlation`` is how like the page the image is in blocks of
    16 mm, the median over blocks with ink (genuine 0.5 to 0.98; another page below 0.2). ``residual`` is how far, in
    pixels of 150 dpi and in the median, blocks lay off before the last step. ``image_dpi`` is pixels of the image per
    inch of the page. ``blocks`` counts the blocks with ink, ``found`` those that were found in their place;
    ``anchors`` are the middles of these on the page in 1/100 pt.
    """

    dpi: float
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    correlation: float
    residual: float
    image_dpi: float
    blocks: int
    found: int
    anchors: Points

    def is_held(self, box: Box) -> bool:
        """Tell whether the place of a box of the page, 1/100 pt, is known: a block near it was found in its place."""
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        return bool((np.hypot(*(self.anchors - middle).T) < _HOLD * _POINT / 25.4).any())

    def image_box(self, box: Box) -> Box:
        """Return the pixels of the image around a box of the page in 1/100 pt."""
        height, width = self.x.shape
        scale = self.dpi / _POINT
        columns = np.clip(np.array([box[0], box[2], box[2], box[0]]) * scale, 0, width - 1).astype(int)
        rows = np.clip(np.array([box[1], box[1], box[3], box[3]]) * scale, 0, height - 1).astype(int)
        xs, ys = self.x[rows, columns], self.y[rows, columns]
        return int(xs.min()), int(ys.min()), int(np.ceil(xs.max())) + 1, int(np.ceil(ys.max())) + 1


class _Model:
    """A map from the page, 1/100 pt, to the image, pixels: homography, polynomial, field."""

    def __init__(self, homography: NDArray[np.float64], width: int, height: int) -> None:
        self._homography = homography
        self._middle = np.array([width / 2, height / 2])
        self._half = max(width, height) / 2
        self._size = width, height
        self._coefficients = np.zeros((10, 2))
        self._field: NDArray[np.float32] | None = None

    def __call__(self, page: Points) -> Points:
        projected = np.column_stack([page, np.ones(len(page))]) @ self._homography.T
        image: Points = projected[:, :2] / projected[:, 2:] + self._terms(page) @ self._coefficients
        if self._field is not None:
            rows, columns = self._field.shape[:2]
            at = page / self._size * (columns, rows) - 0.5
            x, y = (np.ascontiguousarray(at[:, axis : axis + 1], np.float32) for axis in (0, 1))
            image = image + cv2.remap(self._field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0]
        return image

    def fit_affine(self, page: Points, image: Points, weights: NDArray[np.float64], reach: float) -> None:
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

    def fit_polynomial(
        self, page: Points, image: Points, weights: NDArray[np.float64], reach: float, terms: int
    ) -> None:
        """Fit what the homography leaves by a polynomial: 3 terms are affine, 6 quadratic, 10 cubic."""
        self._coefficients[:] = 0
        rest = image - self(page)
        solved = _robust(self._terms(page)[:, :terms], rest, weights, reach, ridge=0.002, start=np.zeros_like(rest))
        self._coefficients[:terms] = solved

    def fit_field(self, page: Points, image: Points, weights: NDArray[np.float64], spacing: float) -> None:
        """Add to the field what the model leaves: means weighted by distance, on a grid of ``spacing`` 1/100 pt."""
        columns, rows = (max(round(edge / spacing), 2) for edge in self._size)
        nodes = np.stack(np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5), axis=-1).reshape(-1, 2)
        nodes *= np.array(self._size) / (columns, rows)
        if not len(page):
            return
        rest = image - self(page)
        distance = ((nodes[:, None] - page[None]) ** 2).sum(axis=2)
        near = np.exp(-distance / (2 * (0.75 * spacing) ** 2)) * weights
        field = (near @ rest) / (near.sum(axis=1, keepdims=True) + 0.15)
        grid = field.reshape(rows, columns, 2).astype(np.float32)
        if self._field is not None and self._field.shape == grid.shape:
            grid += self._field
        self._field = grid

    def _terms(self, page: Points) -> Points:
        u, v = ((page - self._middle) / self._half).T
        return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v, u**3, u * u * v, u * v * v, v**3], axis=1)


def align(
    image: Grey, ink: Ink, *, ink_dpi: float, size: tuple[int, int], symbol: Box, corners: Sequence[Sequence[float]]
) -> Alignment:
    """Return where the page lies in the image.

    Args:
        image: the channel that is compared, any rotation.
        ink: the drawn page.
        ink_dpi: pixels per inch of ``ink``; the map has this resolution.
        size: width and height of the page, 1/100 pt.
        symbol: the symbol's box on the page, 1/100 pt, without its quiet zone.
        corners: its corners in the image: upper left, upper right, lower right, lower left as it was printed.
    """
    places = np.array([symbol[:2], (symbol[2], symbol[1]), symbol[2:], (symbol[0], symbol[3])], np.float64)
    seen = np.asarray(corners, np.float64) + 0.5
    model = _Model(_similarity(places, seen), *size)
    pyramid = _Pyramid(image, ink, ink_dpi, size, model)
    middle = places.mean(axis=0)
    anchor = np.ones(4)
    # Millimetres from the symbol up to which blocks are believed to lie within the search, then everywhere.
    for reach in (100, 180, 400):
        circle = (middle, reach * _POINT / 25.4)
        page, at, score = pyramid.blocks(37.5, 48, 24, 14, circle)
        if len(page) >= 4:
            model.fit_affine(
                np.vstack([page, places]),
                np.vstack([at, seen]),
                np.concatenate([score, anchor]),
                pyramid.image_pixels(37.5, 2.0),
            )
    page, at, score = pyramid.blocks(37.5, 40, 28, 10)
    if len(page) >= 12:
        model.fit_homography(np.vstack([page, places]), np.vstack([at, seen]), pyramid.image_pixels(37.5, 1.5))
    for farthest in (8, 5):
        page, at, score = pyramid.blocks(75, 64, 56, farthest)
        if len(page) >= 3:
            terms = 10 if len(page) >= 30 else 3
            tolerance = pyramid.image_pixels(75, 1.5)
            model.fit_polynomial(
                np.vstack([page, places]), np.vstack([at, seen]), np.append(score, anchor), tolerance, terms
            )
        if pyramid.off < _SETTLED:
            break
    else:
        page, at, score = pyramid.blocks(75, 64, 56, 6)
        model.fit_field(page, at, score**2, 64 / BASE_DPI * _POINT)
    page, at, score = pyramid.blocks(BASE_DPI, 96, 96, 5)
    model.fit_field(page, at, score**2, 64 / BASE_DPI * _POINT)
    page, at, score = pyramid.blocks(BASE_DPI, 96, 96 if pyramid.off < _SETTLED else 64, 3)
    model.fit_field(page, at, score**2, 64 / BASE_DPI * _POINT)
    return pyramid.finished()


class _Pyramid:
    """The image and the drawn page at several resolutions, and the blocks found of one in the other."""

    def __init__(self, image: Grey, ink: Ink, ink_dpi: float, size: tuple[int, int], model: _Model) -> None:
        self._ink, self._ink_dpi, self._size, self._model = ink, ink_dpi, size, model
        self._image_dpi = _image_dpi(model, size)
        self._images = {1.0: image}
        self._drawn: dict[float, NDArray[np.float32]] = {}
        self._scores = np.zeros(0)
        self._middles = np.zeros((0, 2))
        self.off = 0.0

    def image_pixels(self, dpi: float, pixels: float) -> float:
        """Return pixels of a resolution in pixels of the image."""
        return pixels * self._image_dpi / dpi

    def blocks(
        self, dpi: float, block: int, spacing: int, search: int, circle: tuple[Points, float] | None = None
    ) -> tuple[Points, Points, NDArray[np.float64]]:
        """Look for the blocks of the page, or for those with their middles in a circle (middle, radius in 1/100 pt).

        Returns:
            Their middles on the page in 1/100 pt, where these were found in the image, and how alike they are.
        """
        page, moved, score = self._matched(dpi, block, spacing, search, circle)
        good = score >= _LEAST_SCORE
        self._scores, self._middles = score, page
        self.off = float(np.median(np.linalg.norm(moved[good], axis=1))) * dpi / _POINT if good.any() else 0.0
        if dpi > 50 and good.any() and not good.all():
            self._find_lonely(dpi, block, page, moved, score, good)
        page, moved = page[good], moved[good]
        return page, self._model(page + moved), score[good]

    def _matched(
        self, dpi: float, block: int, spacing: int, search: int, circle: tuple[Points, float] | None = None
    ) -> tuple[Points, Points, NDArray[np.float64]]:
        drawn = self._page(dpi)
        warped = self._warped(dpi, drawn.shape)
        height, width = drawn.shape
        middles, moved, scores = [], [], []
        half = block // 2
        padded = cv2.copyMakeBorder(warped, search, search, search, search, cv2.BORDER_REPLICATE)
        for y in range(half, max(height - half, half) + 1, spacing):
            for x in range(half, max(width - half, half) + 1, spacing):
                x, y = _heaviest(drawn, x, y, spacing, half)
                if circle and np.hypot(*(np.array((x, y)) * _POINT / dpi - circle[0])) > circle[1]:
                    continue
                template = drawn[y - half : y + half, x - half : x + half]
                if template.shape != (block, block) or template.mean() < _LEAST_INK:
                    continue
                part = padded[y - half : y + half + 2 * search, x - half : x + half + 2 * search]
                result = np.asarray(cv2.matchTemplate(part, template, cv2.TM_CCOEFF_NORMED), np.float32)
                _, peak, _, (px, py) = cv2.minMaxLoc(result)
                inner = 0 < px < 2 * search and 0 < py < 2 * search
                middles.append((x, y))
                moved.append((px - search + _vertex(result[py], px), py - search + _vertex(result[:, px], py)))
                scores.append(peak if inner else 0.0)
        shape = (len(middles), 2)
        unit = _POINT / dpi
        return (
            np.array(middles, np.float64).reshape(shape) * unit,
            np.array(moved, np.float64).reshape(shape) * unit,
            np.nan_to_num(np.array(scores, np.float64)),
        )

    def _find_lonely(
        self,
        dpi: float,
        block: int,
        page: Points,
        moved: Points,
        score: NDArray[np.float64],
        good: NDArray[np.bool_],
    ) -> None:
        """Look farther for blocks that no found one is near, in place: the model is only guessed where they are.

        Near others it is known, and what is not in its place there has been moved or is not printed.
        """
        drawn = self._page(dpi)
        warped = self._warped(dpi, drawn.shape)
        search = round(_LONELY_SEARCH * dpi / 25.4)
        padded = cv2.copyMakeBorder(warped, search, search, search, search, cv2.BORDER_REPLICATE)
        for index in np.flatnonzero(~good):
            if np.hypot(*(page[good] - page[index]).T).min() < _LONELY * _POINT / 25.4:
                continue
            x, y = (round(side * dpi / _POINT) - block // 2 for side in page[index])
            part = padded[y : y + block + 2 * search, x : x + block + 2 * search]
            result = cv2.matchTemplate(part, drawn[y : y + block, x : x + block], cv2.TM_CCOEFF_NORMED)
            _, peak, _, (px, py) = cv2.minMaxLoc(result)
            if peak >= 0.5:
                moved[index] = np.array((px - search, py - search)) * _POINT / dpi
                score[index], good[index] = peak, True

    def finished(self) -> Alignment:
        """Return the map at the drawn page's resolution, and how well it fits."""
        score = self._scores
        x, y = self._map(self._ink_dpi, self._ink.shape)
        return Alignment(
            self._ink_dpi,
            x,
            y,
            correlation=float(np.median(score)) if len(score) else 0.0,
            residual=self.off,
            image_dpi=_image_dpi(self._model, self._size),
            blocks=len(score),
            found=int((score >= _LEAST_SCORE).sum()),
            anchors=self._middles[score >= _LEAST_SCORE],
        )

    def _page(self, dpi: float) -> NDArray[np.float32]:
        """Return the drawn page at a resolution; rows and columns of paper are added until the pixels come out even.

        Without them a page of 1654 pixels would be 1240 of 150 dpi, half a pixel too narrow at its right edge.
        """
        if dpi not in self._drawn:
            ratio = Fraction(dpi / self._ink_dpi).limit_denominator(64)
            height, width = (-(-side // ratio.denominator) for side in self._ink.shape)
            below, right = (
                count * ratio.denominator - side for count, side in zip((height, width), self._ink.shape, strict=True)
            )
            padded = cv2.copyMakeBorder(self._ink, 0, below, 0, right, cv2.BORDER_REPLICATE)
            size = (width * ratio.numerator, height * ratio.numerator)
            self._drawn[dpi] = np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.float32)
        return self._drawn[dpi]

    def _warped(self, dpi: float, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return the image as the page lies by the model so far, as ink (255 minus the level)."""
        factor = max(self._image_dpi / dpi, 1.0)
        coarse = 2.0 ** np.floor(np.log2(factor))
        image = self._reduced(float(coarse))
        x, y = self._map(dpi, shape)
        scale_x, scale_y = self._images[1.0].shape[1] / image.shape[1], self._images[1.0].shape[0] / image.shape[0]
        x, y = (x + 0.5) / np.float32(scale_x) - 0.5, (y + 0.5) / np.float32(scale_y) - 0.5
        warped = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return 255 - warped.astype(np.float32)

    def _reduced(self, factor: float) -> Grey:
        if factor not in self._images:
            image = self._images[1.0]
            size = (max(round(image.shape[1] / factor), 1), max(round(image.shape[0] / factor), 1))
            self._images[factor] = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        return self._images[factor]

    def _map(self, dpi: float, shape: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        step = max(round(_STEP * dpi / BASE_DPI), 4)
        height, width = shape
        columns, rows = -(-width // step) + 2, -(-height // step) + 2
        nodes = np.stack(np.meshgrid(np.arange(columns) - 0.5, np.arange(rows) - 0.5), axis=-1).reshape(-1, 2)
        image = self._model(nodes * (step * _POINT / dpi)).astype(np.float32).reshape(rows, columns, 2) - np.float32(
            0.5
        )
        # The nodes lie in the middles of squares of ``step`` pixels, as cv2.resize has it; the border is cut off again.
        fine = cv2.resize(image, (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
        fine = fine[step : step + height, step : step + width]
        return np.ascontiguousarray(fine[:, :, 0]), np.ascontiguousarray(fine[:, :, 1])


def _similarity(page: Points, image: Points) -> NDArray[np.float64]:
    """Return the similarity that takes the page's places to the image's, least squares, as a 3 x 3 matrix."""
    source, target = page - page.mean(axis=0), image - image.mean(axis=0)
    power = (source**2).sum()
    a = (source * target).sum() / power
    b = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / power
    turn = np.array([[a, -b], [b, a]])
    shift = image.mean(axis=0) - turn @ page.mean(axis=0)
    return np.vstack([np.column_stack([turn, shift]), [0, 0, 1]])


def _image_dpi(model: _Model, size: tuple[int, int]) -> float:
    """Return the pixels of the image per inch of the page: the root of how much larger an area becomes."""
    x, y = size[0] / 2, size[1] / 2
    at = model(np.array([(x, y), (x + _POINT, y), (x, y + _POINT)], np.float64))
    (ax, ay), (bx, by) = at[1] - at[0], at[2] - at[0]
    return float(abs(ax * by - ay * bx) ** 0.5)


def _robust(
    terms: Points,
    values: Points,
    weights: NDArray[np.float64],
    reach: float,
    *,
    ridge: float,
    start: Points,
) -> Points:
    """Return coefficients of a least squares fit in which what lies far off has no say (Tukey's biweight).

    Args:
        terms: shape (count, terms).
        values: shape (count, 2).
        weights: shape (count,).
        reach: distance from which a value has no say, or five times the typical one where that is more.
        ridge: weight against coefficients of second and higher degree.
        start: first guess of the values.
    """
    penalty = np.diag([0.0] * min(3, terms.shape[1]) + [ridge * weights.sum()] * max(terms.shape[1] - 3, 0))
    guess = start
    solved = np.zeros((terms.shape[1], 2))
    for turn in range(10):
        off = np.linalg.norm(values - guess, axis=1)
        if turn < 4:
            # Where a page bends, its far end is off at first, all of it: it must not be taken for blocks gone astray.
            own = weights / (1 + off / (4 * reach))
        else:
            limit = max(reach, 5 * float(np.median(off)))
            own = weights * np.clip(1 - (off / limit) ** 2, 0, 1) ** 2
            if (own > 0).sum() < terms.shape[1] + 1:
                break
        left = terms.T * own
        solved = np.linalg.lstsq(left @ terms + penalty, left @ values, rcond=None)[0]
        guess = terms @ solved
    return solved


def _heaviest(drawn: NDArray[np.float32], x: int, y: int, spacing: int, half: int) -> tuple[int, int]:
    """Return the middle of the ink near a place, so far from the edges that a block around it is on the page.

    Blocks centred on what they are to find see all of a lone line, a page number at the foot above all.
    """
    reach = spacing // 2
    part = drawn[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach]
    moments = cv2.moments(part)
    if moments["m00"] <= 0:
        return x, y
    height, width = drawn.shape
    across = max(x - reach, 0) + moments["m10"] / moments["m00"]
    down = max(y - reach, 0) + moments["m01"] / moments["m00"]
    return min(max(round(across), half), width - half), min(max(round(down), half), height - half)


def _vertex(row: NDArray[np.float32], peak: int) -> float:
    """Return where, relative to a peak, the parabola through it and its neighbours is highest: -0.5 to 0.5."""
    if not 0 < peak < len(row) - 1:
        return 0.0
    before, at, after = (float(row[peak + offset]) for offset in (-1, 0, 1))
    bend = before - 2 * at + after
    return max(-0.5, min(0.5, 0.5 * (before - after) / bend)) if bend < -1e-9 else 0.0
