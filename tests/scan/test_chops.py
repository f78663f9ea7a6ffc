"""Chops found by colour, ring and frame, among text and writing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.chops import Chop, find_chops
from toolkit.scan.ink import COLOUR_STEP, SeenPage

DPI = 200
SHAPE = (2339, 1654)
MM = DPI / 25.4


def found(
    red: NDArray[np.float32] | None, ink: NDArray[np.float32] | None = None, **places: object
) -> tuple[Chop, ...]:
    small = None if red is None else cv2.resize(red, (SHAPE[1] // COLOUR_STEP, SHAPE[0] // COLOUR_STEP))
    blank = np.zeros(SHAPE, np.float32)
    seen = SeenPage(blank if ink is None else ink, small, None, True, np.zeros(SHAPE, bool))
    return find_chops(seen, blank, contrast=0.8, dpi=DPI, **places)  # type: ignore[arg-type]


def ring(x: float, y: float, width: float, *, arc: tuple[int, int] = (0, 360)) -> NDArray[np.float32]:
    plane = np.zeros(SHAPE, np.float32)
    cv2.ellipse(plane, (round(x * MM), round(y * MM)), (round(width / 2 * MM),) * 2, 0, *arc, 0.6, round(1.2 * MM))
    return plane


def test_a_ring_is_a_chop_of_its_size_and_place() -> None:
    (chop,) = found(ring(100, 150, 42))
    assert (chop.shape, chop.colour) == ("round", "red")
    assert 40 <= chop.width <= 47
    middle = [(chop.box[axis] + chop.box[axis + 2]) / 2 * 25.4 / 7200 for axis in (0, 1)]
    assert np.allclose(middle, (100, 150), atol=1.5)


def test_a_seam_chop_is_found_by_what_is_on_the_page() -> None:
    (chop,) = found(ring(212, 120, 42))
    assert chop.colour == "red"
    assert chop.box[2] > 59528  # beyond the paper


def test_half_a_ring_is_none() -> None:
    assert found(ring(100, 150, 42, arc=(0, 170))) == ()


def test_a_grey_ring_is_dark() -> None:
    (chop,) = found(None, ring(100, 150, 42))
    assert chop.colour == "dark"


def test_what_is_left_out_is_not_looked_at() -> None:
    assert found(ring(100, 150, 42), left_out=[(21000, 35000, 36000, 50000)]) == ()


def test_writing_is_no_chop() -> None:
    t = np.linspace(0, 30, 400)
    path = np.column_stack([60 * MM + 25 * MM * t / 30 + 20 * np.cos(t * 3), 100 * MM + 40 * np.sin(t * 3)])
    plane = np.zeros(SHAPE, np.float32)
    cv2.polylines(plane, [path.astype(np.int32)], False, 0.6, 4)
    assert found(plane, plane) == ()


def test_nothing_on_an_empty_page() -> None:
    assert found(np.zeros(SHAPE, np.float32)) == ()
