"""What two boxes have to do with each other; boxes are left, top, right, bottom, in any one unit."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.verdict import Box


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes have more than an edge in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def union(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes, of which there is at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
