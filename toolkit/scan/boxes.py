"""Boxes on a page: left, top, right, bottom in 1/100 pt."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.verdict import Box


def overlap(one: Box, other: Box) -> bool:
    """Tell whether two boxes have a piece in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def grown(box: Box, margin: int) -> Box:
    """Return a box with a margin on each side."""
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def around(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes, of which there is at least one."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def sides(box: Box) -> tuple[int, int]:
    """Return a box's width and height."""
    return box[2] - box[0], box[3] - box[1]
