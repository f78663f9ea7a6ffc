"""Finds recorded characters that are printed beside their place, along their line.

What is put into a line, or taken out of it, moves what follows. In its place such text explains nothing, and no rival
does; a few millimetres on it is all there. So every line in which something is unsure is laid anew: each character gets
the place where it is printed, or none, such that characters keep their order, do not overlap, and go on as their
neighbour does where nothing says otherwise (dynamic programming over the offsets, in pixels).

A fold or a slipping feeder moves text as well, by less than `_SLIP`, and all lines around alike: that is the paper's
doing, and nothing is said of it here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.boxes import around
from toolkit.scan.glyphs import Scale, Spot
from toolkit.scan.rendering import origin
from toolkit.verdict import Box

_REACH = 3.0
"""Sizes of type that a character is looked for to each side: three characters put in, or taken out."""

_CHANGE, _ABSENT = 0.2, 0.45
"""What a change of offset costs, and what a character is worth that is printed nowhere, in correlations."""

_LITTLE = 0.3
"""What the correlation of a mark of a few pixels counts, next to that of a character."""

_LEAST = 142
"""Offset from which a character was moved, 1/100 pt: 0.5 mm; the least point put in, of 9 pt type, is 0.8 mm wide."""

_LIKE, _BETTER = 0.85, 0.3
"""Correlation, in parts of the line's own, that a moved character must have, and by how much more than in its place."""

_SLIP, _SLIP_ALIKE, _SLIP_REACH = 425, 85, 7000
"""Offset up to which the paper itself may have moved, how alike lines move then, and how far apart these are, 1/100 pt:
1.5, 0.3 and 25 mm."""

_LONGEST = 250
"""Characters of a line that are looked at: a line of A4 has 60."""


class Move(NamedTuple):
    """Characters of one line that are printed ``by`` 1/100 pt to the right of their place; numbers as in the record.

    ``before`` is the character on the line before them, ``after`` the one behind, None at the line's ends.
    """

    numbers: tuple[int, ...]
    by: int
    box: Box
    before: int | None
    after: int | None


def moves(
    scale: Scale,
    spots: Sequence[Spot],
    lines: Sequence[Sequence[int]],
    unsure: Collection[int],
    little: Collection[str],
) -> list[Move]:
    """Return what was moved along its line.

    Args:
        scale: has the image and draws characters.
        spots: the characters that can be drawn.
        lines: the numbers of the characters of each line, from left to right.
        unsure: the numbers of those that are not printed in their place for certain.
        little: marks of a few pixels, which are no evidence alone.
    """
    by_number = {spot.number: spot for spot in spots}
    found: list[Move] = []
    for line in lines:
        if any(
            number in unsure and by_number[number].glyph.character not in little
            for number in line
            if number in by_number
        ):
            found += _moves_of(scale, [by_number[number] for number in line[:_LONGEST] if number in by_number], little)
    return [move for move in found if not any(_slipped(move, other) for other in found)]


def _slipped(move: Move, other: Move) -> bool:
    """Tell whether another line moved alike, by so little that paper does it."""
    return (
        move is not other
        and abs(move.by) < _SLIP
        and abs(move.by - other.by) < _SLIP_ALIKE
        and move.box[0] < other.box[2]
        and other.box[0] < move.box[2]
        and not (move.box[1] < other.box[3] and other.box[1] < move.box[3])
        and abs(move.box[1] - other.box[1]) < _SLIP_REACH
    )


def _moves_of(scale: Scale, spots: Sequence[Spot], little: Collection[str]) -> list[Move]:
    """Return what was moved in one line."""
    if len({spot.glyph.size for spot in spots}) == 0:
        return []
    pen = scale.pen
    reach = round(pen.pixels(max(spot.glyph.size for spot in spots)) * _REACH)
    scores = np.stack([_scores(scale, spot, reach) for spot in spots])
    places = _laid_anew(scale, spots, scores, reach, little)
    least = pen.pixels(_LEAST)
    own = [float(score[reach - 1 : reach + 2].max()) for score in scores]
    in_place = [own[index] for index, place in enumerate(places) if place is not None and abs(place) < least]
    level = float(np.median(in_place)) if len(in_place) >= 3 else 0.9
    runs: list[list[int]] = []
    for index, place in enumerate(places):
        if place is None or abs(place) < least:
            continue
        last = runs[-1][-1] if runs else None
        if last is not None and last == index - 1 and abs((places[last] or 0) - place) <= 2:
            runs[-1].append(index)
        else:
            runs.append([index])
    found = []
    for run in runs:
        evident = [
            index
            for index in run
            if spots[index].glyph.character not in little
            and scores[index][reach + (places[index] or 0)] > max(_LIKE * level, own[index] + _BETTER)
        ]
        if 2 * len(evident) < sum(spots[index].glyph.character not in little for index in run) or not evident:
            continue
        by = float(np.median([places[index] or 0 for index in run])) / pen.pixels(1)
        found.append(
            Move(
                tuple(spots[index].number for index in run),
                round(by),
                around(spots[index].glyph.box for index in run),
                spots[run[0] - 1].number if run[0] else None,
                spots[run[-1] + 1].number if run[-1] + 1 < len(spots) else None,
            )
        )
    return found


def _scores(scale: Scale, spot: Spot, reach: int) -> NDArray[np.float32]:
    """Return how like a character the image is at each offset along the line, -reach to reach pixels."""
    left, top, right, bottom = spot.window
    at = origin(spot.glyph, spot.face, scale.pen)
    drawn = scale.pen.draw(spot.glyph.character, spot.face, spot.glyph.size, at, spot.window, scale.sigma)
    height, width = scale.seen.shape
    rows = np.clip(np.arange(top - 1, bottom + 1), 0, height - 1)
    columns = np.arange(left - reach, right + reach)
    strip = np.where((columns >= 0) & (columns < width), scale.seen[rows][:, np.clip(columns, 0, width - 1)], 0)
    found = cv2.matchTemplate(strip.astype(np.float32), drawn, cv2.TM_CCOEFF_NORMED)
    best: NDArray[np.float32] = np.nan_to_num(np.asarray(found, np.float32).max(axis=0))
    return np.clip(best, 0, 1)


def _laid_anew(
    scale: Scale, spots: Sequence[Spot], scores: NDArray[np.float32], reach: int, little: Collection[str]
) -> list[int | None]:
    """Return for each character of a line the offset, in pixels, at which it is printed, or None."""
    count = 2 * reach + 1
    steps = np.arange(count)
    # Nothing is in its place until something says so: a line may be moved from its first character on.
    worth = np.where(abs(steps - reach) <= 1, 0.0, -_CHANGE)
    came: list[tuple[NDArray[np.intp], NDArray[np.bool_]]] = []
    end = scale.pen.pixels(spots[0].glyph.box[0])
    for spot, score in zip(spots, scores, strict=True):
        weight = _LITTLE if spot.glyph.character in little else 1.0
        start, width = scale.pen.pixels(spot.glyph.box[0]), scale.pen.pixels(spot.glyph.box[2] - spot.glyph.box[0])
        gap = max(round(start - end), 0) + 1
        stays, from_near = _best_before(worth, gap)
        goes, from_far = _best_before(worth, gap + round(width))
        here, nowhere = stays + weight * score, goes + weight * _ABSENT
        placed = here >= nowhere
        worth = np.where(placed, here, nowhere)
        came.append((np.where(placed, from_near, from_far), placed))
        end = start + width
    state = int(worth.argmax())
    places: list[int | None] = []
    for sources, placed in reversed(came):
        places.append(state - reach if placed[state] else None)
        state = int(sources[state])
    return places[::-1]


def _best_before(worth: NDArray[np.float64], gap: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the best worth with which each offset is reached, and from which offset: at most ``gap`` further right."""
    steps = np.arange(len(worth))
    most = np.maximum.accumulate(worth)
    where = np.maximum.accumulate(np.where(worth >= most, steps, 0))
    limit = np.minimum(steps + gap, len(worth) - 1)
    change, source = most[limit] - _CHANGE, where[limit]
    # A pixel of wandering is free: widths are rounded, and the paper is not quite straight.
    padded = np.pad(worth, 1, constant_values=-np.inf)
    near = np.stack([padded[1:-1], padded[:-2] - 0.01, padded[2:] - 0.01])
    pick = near.argmax(axis=0)
    same = near[pick, steps]
    stays = same >= change
    return np.where(stays, same, change), np.where(stays, steps + np.array([0, -1, 1])[pick], source)
