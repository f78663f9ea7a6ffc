"""Pages without a symbol: where they lie is known in these tests, since they put them there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from printed_lines import HEIGHT, LINES, WIDTH, described, fonts, printed

from toolkit.scan.placing import find_page
from toolkit.scan.rendering import Ink, Pen, draw_page

DPI = 150
SIZE = (WIDTH, HEIGHT)


def ink_of(lines: tuple[str, ...], repeat: int = 4) -> Ink:
    return draw_page(described(lines, repeat=repeat), Pen(fonts(), DPI)).ink


def tilted(picture: NDArray[np.uint8], quarters: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Lay a page on a dark desk, tilted and turned; return the image, and where the page's corners are in it."""
    height, width = picture.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    laid = np.array([(190, 140), (1220, 90), (1390, 1730), (60, 1810)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, laid)
    image = cv2.warpPerspective(picture, turn, (1450, 1900), flags=cv2.INTER_AREA, borderValue=(60, 70, 80))
    image = cv2.GaussianBlur(image, (0, 0), 1.0)
    for _ in range(quarters):
        laid = np.column_stack([laid[:, 1], image.shape[1] - laid[:, 0]])
        image = np.rot90(image)
    return np.ascontiguousarray(image), laid.astype(np.float64)


@pytest.mark.parametrize("quarters", [0, 1])
def test_finds_a_photographed_page_whichever_way_it_lies(quarters: int) -> None:
    lines = LINES
    image, corners = tilted(printed(described(lines), dpi=DPI), quarters)
    found = find_page(image[:, :, 0].copy(), ink_of(lines), ink_dpi=DPI, size=SIZE)
    assert found is not None
    assert np.linalg.norm(found - corners, axis=1).max() < 6


def test_finds_most_nearly_empty_pages_by_their_edges() -> None:
    lines = ("此页无正文",)
    image, corners = tilted(printed(described(lines, repeat=1), dpi=DPI), 2)
    off = []
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(0, 3, image.shape[:2])
        noisy = np.clip(image[:, :, 0] + noise, 0, 255).astype(np.uint8)
        found = find_page(noisy, ink_of(lines, 1), ink_dpi=DPI, size=SIZE)
        off.append(np.inf if found is None else np.linalg.norm(found - corners, axis=1).max())
    # One line is little to go by: a photo may be laid wrongly, and its page is then not passed.
    assert sorted(off)[3] < 40


def test_finds_a_page_of_which_a_corner_is_not_on_the_image() -> None:
    image, corners = tilted(printed(described(LINES), dpi=DPI), 0)
    found = find_page(image[500:, 400:, 0].copy(), ink_of(LINES), ink_dpi=DPI, size=SIZE)
    assert found is not None
    assert np.linalg.norm(found - (corners - (400, 500)), axis=1).max() < 10


def test_finds_one_of_two_pages_on_an_image() -> None:
    one, corners = tilted(printed(described(LINES), dpi=DPI), 0)
    other, _ = tilted(printed(described([line[::-1] for line in LINES]), dpi=DPI), 0)
    both = np.hstack([other, one])
    found = find_page(both[:, :, 0].copy(), ink_of(LINES), ink_dpi=DPI, size=SIZE)
    assert found is not None
    assert np.linalg.norm(found - (corners + (other.shape[1], 0)), axis=1).max() < 10


def test_finds_nothing_on_another_page_and_on_no_page() -> None:
    other, _ = tilted(printed(described([line[::-1] for line in LINES[::-1]]), dpi=DPI), 0)
    ink = ink_of(LINES)
    assert find_page(other[:, :, 0].copy(), ink, ink_dpi=DPI, size=SIZE) is None
    assert find_page(np.full((1200, 900), 240, np.uint8), ink, ink_dpi=DPI, size=SIZE) is None
    assert find_page(np.zeros((3, 2), np.uint8), ink, ink_dpi=DPI, size=SIZE) is None
