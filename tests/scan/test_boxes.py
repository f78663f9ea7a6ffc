"""Boxes on a page."""

from __future__ import annotations

from toolkit.scan.boxes import around, grown, overlap


def test_boxes_that_only_touch_have_nothing_in_common() -> None:
    assert not overlap((0, 0, 10, 10), (10, 0, 20, 10))
    assert overlap((0, 0, 10, 10), (9, 9, 20, 20))


def test_a_box_grows_on_each_side() -> None:
    assert grown((10, 20, 30, 40), 5) == (5, 15, 35, 45)


def test_the_box_around_boxes() -> None:
    assert around([(3, 4, 5, 6), (1, 5, 2, 9)]) == (1, 4, 5, 9)
