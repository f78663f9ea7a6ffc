"""Where a page lies is known in these tests, since they put it there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from printed_lines import HEIGHT, LINES, SYMBOL, WIDTH, described, fonts, printed, scanned

from toolkit.scan.alignment import Alignment, align
from toolkit.scan.rendering import Ink, Pen, draw_page

DPI = 200


@pytest.fixture(scope="module")
def ink() -> Ink:
    return draw_page(described(LINES), Pen(fonts(), DPI)).ink


def laid(image: np.ndarray, corners: object, ink: Ink) -> Alignment:
    channel = np.ascontiguousarray(image[:, :, 0])
    return align(channel, ink, ink_dpi=DPI, size=(WIDTH, HEIGHT), symbol=SYMBOL, corners=corners)  # type: ignore[arg-type]


@pytest.mark.parametrize(("degrees", "scale"), [(0.0, 1.0), (1.8, 0.94), (-1.3, 0.97)])
def test_finds_a_turned_and_reduced_page_within_half_a_pixel(ink: Ink, degrees: float, scale: float) -> None:
    image, corners = scanned(printed(described(LINES), dpi=DPI), dpi=DPI, degrees=degrees, scale=scale)
    found = laid(image, corners, ink)
    height, width = image.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    for x, y in ((300, 420), (1200, 700), (300, 2100), (1000, 1900)):
        assert np.hypot(*(np.array([found.x[y, x], found.y[y, x]]) - turn @ (x, y, 1))) < 0.5
    assert found.correlation > 0.8


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_finds_a_page_that_lies_on_its_side(ink: Ink, quarters: int) -> None:
    image, corners = scanned(printed(described(LINES), dpi=DPI), dpi=DPI)
    height, width = image.shape[:2]
    for _ in range(quarters):
        corners = [[y, width - 1 - x] for x, y in corners]
        height, width = width, height
    found = laid(np.ascontiguousarray(np.rot90(image, quarters)), corners, ink)
    assert found.correlation > 0.8


def test_follows_perspective_and_a_bend(ink: Ink) -> None:
    image, _ = scanned(printed(described(LINES), dpi=DPI), dpi=DPI, degrees=0, scale=1)
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u, v = x / width - 0.5, y / height - 0.5
    bent_x = ((u / (1 + 0.05 * u + 0.04 * v)) + 0.5) * width + 6 * np.cos(np.pi * v)
    bent_y = ((v / (1 + 0.05 * u + 0.04 * v)) + 0.5) * height + 5 * np.sin(np.pi * u)
    photo = cv2.remap(image, bent_x, bent_y, cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    corners = []
    for px, py in ((SYMBOL[0], SYMBOL[1]), (SYMBOL[2], SYMBOL[1]), (SYMBOL[2], SYMBOL[3]), (SYMBOL[0], SYMBOL[3])):
        off = (bent_x - px * DPI / 7200) ** 2 + (bent_y - py * DPI / 7200) ** 2
        at = np.unravel_index(int(off.argmin()), off.shape)
        corners.append([float(at[1]), float(at[0])])
    found = laid(photo, corners, ink)
    assert found.correlation > 0.8
    for px, py in ((300, 420), (1200, 700), (300, 2100), (1000, 1900)):
        at_x, at_y = round(float(found.x[py, px])), round(float(found.y[py, px]))
        assert np.hypot(bent_x[at_y, at_x] - px, bent_y[at_y, at_x] - py) < 1.2


def test_another_page_does_not_correlate(ink: Ink) -> None:
    image, corners = scanned(printed(described([line[::-1] for line in LINES[::-1]]), dpi=DPI), dpi=DPI)
    found = laid(image, corners, ink)
    assert found.correlation < 0.4


def test_a_box_of_the_page_has_its_place_in_the_image(ink: Ink) -> None:
    image, corners = scanned(printed(described(LINES), dpi=DPI), dpi=DPI, degrees=0, scale=1)
    box = laid(image, corners, ink).image_box((8000, 14000, 9200, 15200))
    assert box == pytest.approx((222, 388, 256, 423), abs=3)


def test_is_exact_to_a_quarter_of_a_pixel_at_the_far_end(ink: Ink) -> None:
    image, corners = scanned(printed(described(LINES), dpi=DPI), dpi=DPI, degrees=0, scale=1, noise=1)
    found = laid(image, corners, ink)
    rows, columns = np.array([400, 1500, 2150]), np.array([250, 700, 1150])
    off = np.hypot(found.x[rows][:, columns] - columns, found.y[rows][:, columns] - rows[:, None])
    assert off.max() < 0.25
