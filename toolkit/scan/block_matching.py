"""Blocks of the drawn page, looked for in the image by normalised correlation where the model so far has them."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.page_model import POINT, PageModel, Points, Weights
from toolkit.scan.rendering import Ink

Grey = NDArray[np.uint8]
"""One channel of an image, uint8, shape (height, width)."""

BASE_DPI = 150
"""The resolution at which the finest blocks are matched; a tenth of its pixel is 17 micrometres."""

LEAST_SCORE = 0.35
"""Correlation from which a block counts as found. Of foreign pages fewer than 1 block in 20 comes so far."""

_STEP = 16
"""The map is computed at every 16th pixel of 150 per inch, 2.7 mm, and interpolated: models bend less than that."""

_LEAST_INK = 3.0
"""Mean ink, of 255, of a block worth looking for: a character in a 16 mm square."""

_LONELY, _LONELY_SEARCH = 22.0, 9.0
"""Millimetres within which no other block is found, and how far a block is then looked for: the foot line of a photo
lay up to 5 mm off, 30 mm below the text; 7 of 30 genuine photos of the tuning set were illegible there."""

_FARTHER = 0.03
"""Correlation by which a place at the end of the search must be more alike than the one that was expected."""

_SHARP = 0.06
"""How far correlation falls a pixel beside its peak where a place is certain; along a lone rule it hardly does."""


class Blocks(NamedTuple):
    """Blocks that were found in the image, and how many were looked for.

    ``page`` are their middles in 1/100 pt, ``image`` where these lie in it, ``score`` how alike they are, and
    ``weights`` how much each place is believed across and down: a rule's end tells nothing of where along it one is.
    ``correlation`` is the median of how alike all are that were looked for. ``off`` is how far those found lay from
    where the model had them, pixels, in the median, ``far`` is what a tenth of them exceeds. ``lonely`` counts
    those not found that no found one is near.
    """

    page: Points
    image: Points
    score: NDArray[np.float64]
    weights: Weights
    sought: int
    correlation: float
    off: float
    far: float
    lonely: int

    @property
    def certain(self) -> NDArray[np.bool_]:
        """Which of them are known both across and down."""
        return np.asarray((self.weights > 0.5 * self.score[:, None]).all(axis=1), np.bool_)


class Pyramid:
    """The image and the drawn page at several resolutions, and the blocks found of one in the other."""

    def __init__(self, image: Grey, ink: Ink, ink_dpi: float) -> None:
        """``ink`` is the drawn page, at ``ink_dpi`` pixels per inch."""
        self.ink_dpi = ink_dpi
        self._ink = np.asarray(cv2.convertScaleAbs(ink, alpha=255), np.uint8)
        self._images = {1.0: image}
        self._drawn: dict[float, NDArray[np.uint8]] = {}
        self._inked: dict[tuple[float, int, int], NDArray[np.int64]] = {}

    def blocks(
        self,
        model: PageModel,
        dpi: float,
        block: int,
        spacing: int,
        search: int,
        circle: tuple[Points, float] | None = None,
    ) -> Blocks:
        """Look for the blocks of the page, or for those with their middles in a circle (middle, radius in 1/100 pt).

        Args:
            model: where they are expected.
            dpi: resolution at which to look, pixels per inch of the page.
            block: edge of a block in its pixels; ``spacing`` from one to the next; ``search`` how far to look.
            spacing: see there.
            search: see there.
            circle: see above.
        """
        # As float32: cv2.matchTemplate takes a quarter less time than with the bytes.
        drawn = self._page(dpi).astype(np.float32)
        warped = self._warped(model, dpi, drawn.shape).astype(np.float32)
        places = self._places(dpi, block, spacing, circle)
        middles = np.asarray((places + block / 2) * (POINT / dpi), np.float64)
        inside = self._in_image(model(middles), search * model.image_dpi / dpi)
        places, middles = places[inside], middles[inside]
        padded = cv2.copyMakeBorder(warped, search, search, search, search, cv2.BORDER_REPLICATE)
        cost = _cost(search)
        moved, sharp, scores = np.zeros((len(places), 2)), np.zeros((len(places), 2)), np.zeros(len(places))
        for index, (x, y) in enumerate(places):
            template = drawn[y : y + block, x : x + block]
            part = padded[y : y + block + 2 * search, x : x + block + 2 * search]
            result = np.asarray(cv2.matchTemplate(part, template, cv2.TM_CCOEFF_NORMED), np.float32)
            moved[index], sharp[index], scores[index] = _peak(result - cost, result, search)
        good = scores >= LEAST_SCORE
        lonely = 0
        if dpi > 50 and good.any() and not good.all():
            lonely = self._find_lonely(dpi, block, drawn, warped, places, moved, sharp, scores, good)
        unit = POINT / dpi
        page = middles[good]
        score = scores[good]
        off = np.linalg.norm(moved[good] * (sharp[good] > _SHARP / 2), axis=1)
        far = float(np.quantile(off, 0.9)) if len(off) else 0.0
        weights = np.asarray(score[:, None] * np.clip(sharp[good] / _SHARP, 0.02, 1), np.float64)
        return Blocks(
            page,
            model(page + moved[good] * unit),
            score,
            weights,
            len(places),
            _median(scores),
            _median(off),
            far,
            lonely,
        )

    def map(self, model: PageModel) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the indices in the image (as cv2.remap takes them) of all pixels of the drawn page."""
        return _map(model, self.ink_dpi, self._ink.shape)

    def _in_image(self, image: Points, margin: float) -> NDArray[np.bool_]:
        """Tell which places lie in the image, or at most ``margin`` pixels beside it."""
        height, width = self._images[1.0].shape
        return np.asarray(((image > -margin) & (image < np.array([width, height]) + margin)).all(axis=1), np.bool_)

    def _places(self, dpi: float, block: int, spacing: int, circle: tuple[Points, float] | None) -> NDArray[np.int64]:
        """Return the upper left corners of the blocks that have ink enough, shape (count, 2)."""
        key = (dpi, block, spacing)
        if key not in self._inked:
            self._inked[key] = _inked_blocks(self._page(dpi), block, spacing)
        places = self._inked[key]
        if circle is None:
            return places
        away = (places + block // 2) * (POINT / dpi) - circle[0]
        return places[np.hypot(away[:, 0], away[:, 1]) <= circle[1]]

    def _find_lonely(
        self,
        dpi: float,
        block: int,
        drawn: NDArray[np.float32],
        warped: NDArray[np.float32],
        places: NDArray[np.int64],
        moved: Points,
        sharp: Points,
        scores: NDArray[np.float64],
        good: NDArray[np.bool_],
    ) -> int:
        """Look farther for blocks that no found one is near, in place: the model is only guessed where they are.

        Near others it is known, and what is not in its place there has been moved or is not printed.

        Returns:
            How many were not found so either.
        """
        lonely = 0
        # A foot line is several blocks: the first that is found does not make the others known.
        known = places[good]
        search = round(_LONELY_SEARCH * dpi / 25.4)
        near = _LONELY * dpi / 25.4
        cost = _cost(search)
        padded = cv2.copyMakeBorder(warped, search, search, search, search, cv2.BORDER_REPLICATE)
        for index in np.flatnonzero(~good):
            if np.hypot(*(known - places[index]).T).min() < near:
                continue
            x, y = places[index]
            part = padded[y : y + block + 2 * search, x : x + block + 2 * search]
            template = drawn[y : y + block, x : x + block]
            result = np.asarray(cv2.matchTemplate(part, template, cv2.TM_CCOEFF_NORMED), np.float32)
            place, falls, score = _peak(result - cost, result, search)
            if score >= 0.5:
                moved[index], sharp[index], scores[index], good[index] = place, falls, score, True
            else:
                lonely += 1
        return lonely

    def _page(self, dpi: float) -> NDArray[np.uint8]:
        """Draw the page at a resolution: ``BASE_DPI``, or a half or a quarter of it, each from the one above.

        Rows and columns of paper are added until the pixels come out even. Without them a page of 1654 pixels would be
        1240 of 150 dpi, half a pixel too narrow at its right edge.
        """
        if dpi not in self._drawn:
            if dpi == BASE_DPI:
                ratio = Fraction(BASE_DPI / self.ink_dpi).limit_denominator(64)
                coarsest = (ratio / 4).denominator
                height, width = (-(-side // coarsest) * coarsest for side in self._ink.shape)
                below, right = height - self._ink.shape[0], width - self._ink.shape[1]
                finer = cv2.copyMakeBorder(self._ink, 0, below, 0, right, cv2.BORDER_REPLICATE)
                size = (int(width * ratio), int(height * ratio))
            else:
                finer = self._page(2 * dpi)
                size = (finer.shape[1] // 2, finer.shape[0] // 2)
            self._drawn[dpi] = np.asarray(cv2.resize(finer, size, interpolation=cv2.INTER_AREA), np.uint8)
        return self._drawn[dpi]

    def _warped(self, model: PageModel, dpi: float, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Return the image as the page lies by the model so far, as ink (255 minus the level)."""
        factor = float(2.0 ** np.floor(np.log2(max(model.image_dpi / dpi, 1.0))))
        image = self._reduced(factor)
        x, y = _map(model, dpi, shape, 1 / factor)
        warped = cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.bitwise_not(warped), np.uint8)

    def _reduced(self, factor: float) -> Grey:
        """Return the image a power of two smaller; what is over at its right and lower edges is left out."""
        if factor not in self._images:
            finer = self._reduced(factor / 2)
            width, height = (max(side // 2, 1) for side in (finer.shape[1], finer.shape[0]))
            half = cv2.resize(finer[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
            self._images[factor] = np.asarray(half, np.uint8)
        return self._images[factor]


def _map(
    model: PageModel, dpi: float, shape: tuple[int, ...], scale: float = 1.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the indices, x and y, in the image or in one reduced by ``scale``, of all pixels of the page."""
    step = max(round(_STEP * dpi / BASE_DPI), 4)
    height, width = shape
    columns, rows = -(-width // step) + 2, -(-height // step) + 2
    nodes = np.stack(np.meshgrid(np.arange(columns) - 0.5, np.arange(rows) - 0.5), axis=-1).reshape(-1, 2)
    at = (model(nodes * (step * POINT / dpi)) * scale).astype(np.float32).reshape(rows, columns, 2) - np.float32(0.5)
    # The nodes lie in the middles of squares of ``step`` pixels, as cv2.resize has it; the border is cut off again.
    x, y = (
        cv2.resize(np.ascontiguousarray(at[:, :, axis]), (columns * step, rows * step), interpolation=cv2.INTER_LINEAR)
        for axis in (0, 1)
    )
    within = slice(step, step + height), slice(step, step + width)
    return np.ascontiguousarray(x[within], np.float32), np.ascontiguousarray(y[within], np.float32)


def _inked_blocks(drawn: NDArray[np.uint8], block: int, spacing: int) -> NDArray[np.int64]:
    height, width = drawn.shape
    half = block // 2
    places = []
    for y in range(half, max(height - half, half) + 1, spacing):
        for x in range(half, max(width - half, half) + 1, spacing):
            at = _heaviest(drawn, x, y, spacing, half)
            if at is None:
                continue
            template = drawn[at[1] - half : at[1] + half, at[0] - half : at[0] + half]
            if template.shape == (block, block) and cv2.mean(template)[0] >= _LEAST_INK:
                places.append((at[0] - half, at[1] - half))
    return np.array(places, np.int64).reshape(len(places), 2)


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else 0.0


def _heaviest(drawn: NDArray[np.uint8], x: int, y: int, spacing: int, half: int) -> tuple[int, int] | None:
    """Return the middle of the ink near a place, so far from the edges that a block around it is on the page.

    Blocks centred on what they are to find see all of a lone line, a page number at the foot above all. None where
    there is no ink.
    """
    reach = spacing // 2
    moments = cv2.moments(drawn[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach])
    if moments["m00"] <= 0:
        return None
    height, width = drawn.shape
    across = max(x - reach, 0) + moments["m10"] / moments["m00"]
    down = max(y - reach, 0) + moments["m01"] / moments["m00"]
    return min(max(round(across), half), width - half), min(max(round(down), half), height - half)


def _cost(search: int) -> NDArray[np.float32]:
    """Return what a place costs by its distance, up to ``_FARTHER``: along a rule all places are equally alike."""
    away = np.arange(-search, search + 1, dtype=np.float32) / search
    return np.asarray(_FARTHER * (away[:, None] ** 2 + away**2), np.float32)


def _peak(
    wanted: NDArray[np.float32], alike: NDArray[np.float32], search: int
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Return where a block was found, x and y, how far likeness falls beside it, and how alike it is; 0 at the edge."""
    _, _, _, (x, y) = cv2.minMaxLoc(wanted)
    if not (0 < x < 2 * search and 0 < y < 2 * search) or not np.isfinite(alike[y, x]):
        return (0.0, 0.0), (0.0, 0.0), 0.0
    (across, fall_x), (down, fall_y) = _vertex(alike[y], x), _vertex(alike[:, x], y)
    return (x - search + across, y - search + down), (fall_x, fall_y), float(alike[y, x])


def _vertex(row: NDArray[np.float32], peak: int) -> tuple[float, float]:
    """Return where, relative to a peak, the parabola through it and its neighbours is highest, and how far it falls.

    The place is -0.5 to 0.5; the peak is not the first or the last of the row.
    """
    before, at, after = (float(row[peak + offset]) for offset in (-1, 0, 1))
    fall = at - (before + after) / 2
    return (max(-0.5, min(0.5, 0.25 * (after - before) / fall)) if fall > 1e-9 else 0.0), max(fall, 0.0)
