"""Lays a scan or photo over its recorded page: a map from every pixel of the page to a place in the image.

The symbol's four corners give a similarity, which is right near the symbol and some millimetres off at the far end of
the page. Blocks of the drawn page are then looked for in the image, by normalised correlation, at 37, 75 and 150 pixels
per inch, and a model is fitted that grows with what is known: affine near the symbol, then a homography (photos,
feeders), a cubic polynomial (lens, curl), and at last a smooth field of what remains (folds, slipping feeders). Fits
are robust: a block that was found in the wrong place, or is not on the paper at all, has no say. Where the symbol
leads nowhere (a steep photo of an empty page), the page is looked for without it (placing.py).

The field is smooth over 15 mm on purpose. What moves within a line (a digit put in) must stay moved.

Places in the image and on the page are continuous: pixel i covers i to i + 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.block_matching import BASE_DPI, Blocks, Grey, Pyramid
from toolkit.scan.page_model import POINT, PageModel, Points, similarity
from toolkit.scan.placing import find_page
from toolkit.scan.rendering import Ink
from toolkit.verdict import Box

_HOLD = 16.0
"""Millimetres around a found block, which is 16 mm wide, within which places are known; beyond, they are guessed."""

_SETTLED = 0.5
"""Pixels that blocks lie off, in the median, from which a finer step is not worth its time."""

_LOST = 0.6
"""Part of the page's blocks below which the symbol led nowhere, and the page is looked for without it."""

_WHOLE = 0.25
"""Part of the page from which a box is wide enough to know perspective by its corners."""


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

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the page, 1/100 pt, to the pixel of ``dpi``."""
        height, width = self.x.shape
        return round(width * POINT / self.dpi), round(height * POINT / self.dpi)

    def is_held(self, box: Box) -> bool:
        """Tell whether the place of a box of the page, 1/100 pt, is known: a block near it was found in its place."""
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        return bool((np.hypot(*(self.anchors - middle).T) < _HOLD * POINT / 25.4).any())

    def image_box(self, box: Box) -> Box:
        """Return the pixels of the image around a box of the page in 1/100 pt."""
        height, width = self.x.shape
        scale = self.dpi / POINT
        columns = np.clip(np.array([box[0], box[2], box[2], box[0]]) * scale, 0, width - 1).astype(int)
        rows = np.clip(np.array([box[1], box[1], box[3], box[3]]) * scale, 0, height - 1).astype(int)
        xs, ys = self.x[rows, columns], self.y[rows, columns]
        return int(xs.min()), int(ys.min()), int(np.ceil(xs.max())) + 1, int(np.ceil(ys.max())) + 1


def align(
    image: Grey, ink: Ink, *, ink_dpi: float, size: tuple[int, int], symbol: Box, corners: Sequence[Sequence[float]]
) -> Alignment:
    """Return where the page lies in the image.

    Args:
        image: the channel that is compared, any rotation.
        ink: the drawn page.
        ink_dpi: pixels per inch of ``ink``; the map has this resolution.
        size: width and height of the page, 1/100 pt.
        symbol: the symbol's box on the page, 1/100 pt, without its quiet zone; or the whole page, where the symbol is
            not known (placing.find_page).
        corners: its corners in the image: upper left, upper right, lower right, lower left as it was printed.
    """
    pyramid = Pyramid(image, ink, ink_dpi)
    places = np.array([symbol[:2], (symbol[2], symbol[1]), symbol[2:], (symbol[0], symbol[3])], np.float64)
    seen = np.asarray(corners, np.float64) + 0.5
    nowhere = np.zeros((0, 2))
    if (symbol[2] - symbol[0]) * (symbol[3] - symbol[1]) > _WHOLE * size[0] * size[1]:
        model = _by_corners(places, seen, size)
        return _refined(pyramid, model, pyramid.blocks(model, 75, 64, 56, 8), (nowhere, nowhere))
    model = _from_symbol(pyramid, places, seen, size)
    coarse = pyramid.blocks(model, 75, 64, 56, 8)
    if len(coarse.score) < _LOST * coarse.sought or coarse.lonely:
        whole = find_page(image, ink, ink_dpi=ink_dpi, size=size)
        if whole is not None:
            page = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float64)
            other = _by_corners(page, whole, size)
            found = pyramid.blocks(other, 75, 64, 56, 8)
            if len(found.score) > len(coarse.score):
                return _refined(pyramid, other, found, (nowhere, nowhere))
    return _refined(pyramid, model, coarse, (places, seen))


def _by_corners(places: Points, seen: Points, size: tuple[int, int]) -> PageModel:
    homography = cv2.getPerspectiveTransform(places.astype(np.float32), seen.astype(np.float32))
    return PageModel(np.asarray(homography, np.float64), *size)


def _from_symbol(pyramid: Pyramid, places: Points, seen: Points, size: tuple[int, int]) -> PageModel:
    """Return the model that grows from the symbol over the page."""
    model = PageModel(similarity(places, seen), *size)
    anchor = np.ones((4, 2))
    # Millimetres from the symbol up to which blocks are believed to lie within the search, then everywhere.
    for reach in (100, 180, 400):
        near = pyramid.blocks(model, 37.5, 48, 24, 14, (places.mean(axis=0), reach * POINT / 25.4))
        if len(near.score) >= 4:
            model.fit_affine(
                np.vstack([near.page, places]),
                np.vstack([near.image, seen]),
                np.vstack([near.weights, anchor]),
                2.0 * model.image_dpi / 37.5,
            )
            if near.far < _SETTLED and reach < 180 and len(near.score) >= 12:
                break
    found = pyramid.blocks(model, 37.5, 40, 28, 10)
    if found.certain.sum() >= 12:
        page, at = found.page[found.certain], found.image[found.certain]
        model.fit_homography(np.vstack([page, places]), np.vstack([at, seen]), 1.5 * model.image_dpi / 37.5)
    return model


def _refined(pyramid: Pyramid, model: PageModel, found: Blocks, known: tuple[Points, Points]) -> Alignment:
    """Fit what bends, then what remains, and return the map.

    Args:
        pyramid: the image and the page.
        model: where the page lies, roughly.
        found: the blocks found by it at 75 pixels per inch.
        known: places of the page, and where they lie in the image.
    """
    places, seen = known
    anchor = np.ones(places.shape)
    for farthest in (5, 6):
        if len(found.score) >= 3:
            terms = 10 if len(found.score) >= 30 else 3
            model.fit_polynomial(
                np.vstack([found.page, places]),
                np.vstack([found.image, seen]),
                np.vstack([found.weights, anchor]),
                1.5 * model.image_dpi / 75,
                terms,
            )
        if found.far < 2 * _SETTLED:
            break
        found = pyramid.blocks(model, 75, 64, 56, farthest)
    else:
        model.fit_field(found.page, found.image, found.weights**2, 64 / BASE_DPI * POINT)
    found = pyramid.blocks(model, BASE_DPI, 96, 96, 5)
    model.fit_field(found.page, found.image, found.weights**2, 64 / BASE_DPI * POINT)
    if found.far >= _SETTLED:
        found = pyramid.blocks(model, BASE_DPI, 96, 64, 3)
        model.fit_field(found.page, found.image, found.weights**2, 64 / BASE_DPI * POINT)
    x, y = pyramid.map(model)
    return Alignment(
        pyramid.ink_dpi,
        x,
        y,
        correlation=found.correlation,
        residual=found.off,
        image_dpi=model.image_dpi,
        blocks=found.sought,
        found=len(found.score),
        anchors=found.page,
    )
