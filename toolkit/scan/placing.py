"""Finds where a page lies in an image without its symbol: torn off, blotted out, or too far away to go by.

Two guesses, the first that holds is taken. Points of the drawn page that look alike in the image, whichever way it lies
and however it is tilted (SIFT, D. G. Lowe, Int. J. Comput. Vision 60 (2004) 91), through which a homography is laid
(MAGSAC++, D. Barath et al., CVPR 2020). And the edges of the paper, or of the image, with each of their corners for the
page's upper left one: an empty page has too few points. A guess holds when blocks of the page are found where it puts
them; a page that is not on the image has no guess that does.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.block_matching import Blocks, Grey, Pyramid
from toolkit.scan.page_model import PageModel, Points
from toolkit.scan.rendering import Ink

_LONG_SIDE = 1200
"""Pixels along which an image is looked at: a page that fills two thirds of it has 68 an inch."""

_PAGE_DPI = 90
"""Resolution of the drawn page in which points are looked for."""

_MOST_POINTS = 2500
"""Points of an image: as many as a full page of text at that size has."""

_RATIO = 0.85
"""Part of the distance to the second most alike point from which the most alike is no match; text repeats itself."""

_FEWEST = 8
"""Matches that a homography must explain; four are explained by any."""

_HELD, _FEWEST_HELD = 0.4, 3
"""Part of the page's blocks that must be found where a guess puts them, and how many."""

_ALIKE = 0.5
"""Correlation of its blocks at 75 pixels per inch, in the median: lines of other text in the same places have 0.36."""


def find_page(image: Grey, ink: Ink, *, ink_dpi: float, size: tuple[int, int]) -> Points | None:
    """Return where the page's corners lie in the image: upper left, upper right, lower right, lower left.

    Args:
        image: the channel that is compared, any rotation.
        ink: the drawn page, at ``ink_dpi`` pixels per inch.
        ink_dpi: see there.
        size: width and height of the page, 1/100 pt.

    Returns:
        Pixels, float64, shape (4, 2), some outside where the image shows a part; None when this page is not there.
    """
    pyramid = Pyramid(image, ink, ink_dpi)
    corners = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float64)
    guesses: list[tuple[float, PageModel]] = []
    for homography in _guesses(image, ink, ink_dpi, corners):
        model = PageModel(homography, *size)
        held = _settled(pyramid, model)
        if held is not None:
            guesses.append((len(held.score) * held.correlation, model))
            if len(held.score) > 0.7 * held.sought and held.sought >= 8:
                break
    return max(guesses, key=lambda guess: guess[0])[1](corners) if guesses else None


def _settled(pyramid: Pyramid, model: PageModel) -> Blocks | None:
    """Fit a guess to what is found of the page, and return that; None when it does not hold."""
    if not 25 < model.image_dpi < 1500:
        return None
    for search in (14, 8):
        blocks = pyramid.blocks(model, 37.5, 48, 28, search)
        if len(blocks.score) < 2:
            return None
        reach = 1.5 * model.image_dpi / 37.5
        if len(blocks.score) >= 12:
            model.fit_homography(blocks.page, blocks.image, reach)
        elif len(blocks.score) >= 3:
            model.fit_polynomial(blocks.page, blocks.image, blocks.weights, reach, 3)
    found = pyramid.blocks(model, 75, 64, 56, 8)
    held = len(found.score) >= max(_HELD * found.sought, _FEWEST_HELD) and found.correlation >= _ALIKE
    return found if held else None


def _guesses(image: Grey, ink: Ink, ink_dpi: float, corners: Points) -> Iterator[NDArray[np.float64]]:
    """Yield maps from the page, 1/100 pt, to the image, pixels: the likeliest first."""
    scale = min(_LONG_SIDE / max(image.shape), 1.0)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    enlarged = np.diag([small.shape[1] / image.shape[1], small.shape[0] / image.shape[0], 1.0])
    by_points = _by_points(np.asarray(small, np.uint8), ink, ink_dpi)
    if by_points is not None:
        yield np.linalg.inv(enlarged) @ by_points
    for outline in _outlines(np.asarray(small, np.uint8)):
        for turn in range(4):
            target = np.roll(outline, -turn, axis=0).astype(np.float32)
            if _is_page_shaped(target, corners):
                laid = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
                yield np.linalg.inv(enlarged) @ np.asarray(laid, np.float64)


def _by_points(small: Grey, ink: Ink, ink_dpi: float) -> NDArray[np.float64] | None:
    """Return the homography from the page, 1/100 pt, that most points agree with, if enough do."""
    scale = _PAGE_DPI / ink_dpi
    drawn = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    page = cv2.GaussianBlur(cv2.convertScaleAbs(1 - drawn, alpha=255), (0, 0), 0.8)
    sift = cv2.SIFT.create(nfeatures=_MOST_POINTS, contrastThreshold=0.03)
    (own, mine), (theirs, yours) = (sift.detectAndCompute(look, None) for look in (page, small))
    if mine is None or yours is None or len(mine) < _FEWEST or len(yours) < _FEWEST:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(mine, yours, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < _FEWEST:
        return None
    source = np.array([own[match.queryIdx].pt for match in good], np.float64)
    target = np.array([theirs[match.trainIdx].pt for match in good], np.float64)
    found, kept = cv2.findHomography(source, target, cv2.USAC_MAGSAC, 3.0, maxIters=5000, confidence=0.999)
    if found is None or not np.isfinite(found).all() or int(kept.sum()) < _FEWEST:
        return None
    to_points = 7200 / _PAGE_DPI
    return np.asarray(found, np.float64) @ np.diag([1 / to_points, 1 / to_points, 1.0])


def _outlines(small: Grey) -> Iterator[Points]:
    """Yield four corners, clockwise: of the brightest large four-sided thing, and of the image."""
    smooth = cv2.GaussianBlur(small, (0, 0), 4)
    _, bright = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:2]:
        hull = cv2.convexHull(contour)
        if cv2.contourArea(hull) < 0.15 * small.size:
            break
        for part in (0.02, 0.04, 0.07):
            rough = cv2.approxPolyDP(hull, part * cv2.arcLength(hull, True), True)
            if len(rough) == 4:
                yield _clockwise(rough.reshape(4, 2).astype(np.float64))
                break
    height, width = small.shape
    yield np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)


def _clockwise(corners: Points) -> Points:
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    return np.asarray(corners[np.argsort(angles)], np.float64)


def _is_page_shaped(target: NDArray[np.float32], corners: Points) -> bool:
    """Tell whether four corners may be the page's in this order: as long and as wide, a third more or less."""
    edges = np.linalg.norm(target - np.roll(target, -1, axis=0), axis=1)
    across, down = edges[[0, 2]].mean(), edges[[1, 3]].mean()
    wanted = corners[2][1] / corners[2][0]
    return bool(wanted / 1.35 < down / max(across, 1.0) < wanted * 1.35)
