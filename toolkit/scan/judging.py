"""Gives each recorded character its answer: same, differs, illegible.

Same: the recorded character explains the image, and no other does better. Differs: another character explains it
better, or its strokes are not there, by more than this page strays by itself. Illegible: neither can be said.
Illegible never counts as altered, and never as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from itertools import groupby

import cv2
import numpy as np

from toolkit.page import PageDescription
from toolkit.scan.alignment import Alignment
from toolkit.scan.boxes import around, overlap
from toolkit.scan.glyphs import Rival, Scale, Weighed
from toolkit.scan.lookalikes import rivals
from toolkit.scan.numbers import read_again
from toolkit.scan.overlay import FLOORS, unveiled
from toolkit.scan.passages import Passage
from toolkit.scan.record_fonts import Fonts
from toolkit.scan.rendering import Face
from toolkit.scan.shifts import moves
from toolkit.verdict import Box

_DIFFERS = 0.62
"""Share of a rival from which it is what is printed; on genuine pages the highest of 20,000 was 0.41."""

_DOUBTFUL = 0.45
"""Share of a rival from which the recorded character is no longer certain."""

_CERTAIN = 3.0
"""Spreads by which a share must lie on one side of the middle."""

_PRINTED, _REFUSED = 0.75, 4.0
"""The least share of a rival that is printed (of 10 changed digits of the tuning set, 0.8), and by how many spreads a
rival of a digit must stay below it to be refused."""

_WORSE = 0.25
"""Correlation by which a rival alone explains the paper worse than the recorded character where it is not printed."""

_PALEST = 0.12
"""Contrast below which print is not print: the watermark has 0.14."""

_POOR = 0.12
"""How far below the page's level a character's fit is when something else may stand there."""

_FITTER = 0.15
"""Correlation by which a rival that explains the paper alone must be better than the recorded character."""

_CANDIDATES, _MOST_LOOKED = 10, 60
"""Characters that the coarse look names, and places that it looks at."""

_MISLAID, _MOST_LAID = 0.05, 300
"""How far below the page's level a fit is from which the character's surroundings are looked for, and for how many."""

_NEAR, _SURROUNDED, _CLOSER = 140, 0.7, 0.03
"""How far off they are looked for, 1/100 pt (0.5 mm); how like the record they must be, and how much more than where
the alignment has them."""

_MOST_VEILED = 300
"""Unsure characters up to which what lies over the print is taken off."""

_CLEARED = 0.05
"""Correlation by which a character fits better when something was taken off it."""

_THERE, _WORN, _AROUND = 0.5, 0.1, 12
"""Fit from which a small mark is there, however pale, and the part of the strokes that print around it has lost, of so
many characters, from which it may have worn off as well. Small marks of faded second copies that were called erased:
fit 0.69, 0.73, 0.83, and 0.43 where print around had lost 0.19."""

_SMALL = frozenset(".,:;·'\"、，。：；-－～—（）()“”‘’《》")
"""Marks of a few pixels, of which correlation says little."""


_BY_ITSELF, _MOSTLY_OFF, _MARGIN = 2800, 0.34, 8500
"""Height of blank paper above and below a line by itself, 1/100 pt (10 mm); the part of its characters that are not as
recorded from which it lies elsewhere (of the page numbers of two photos, 3 of 6 and more; a changed digit is 1); and
the head and foot of a page, 30 mm, where nothing beyond tells how the page goes on."""

_POINTS = ".,"
_NUMERIC = frozenset("0123456789" + _POINTS)

_EMPTY = 4.0
"""What an empty place may leave unexplained next to a printed character: noise, and the watermark below."""


_Look = Callable[[Scale, Sequence[Weighed]], list[Weighed]]


class Answer(Enum):
    """What is said of one recorded character."""

    SAME = "same"
    DIFFERS = "differs"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True, slots=True)
class Judged:
    """One recorded character and the answer; ``seen`` is what stands there instead, None when that is not known.

    ``moved`` is how far to the right of its place the character itself is printed, 1/100 pt; its answer is then same,
    or, where the text beside it did not move with it, differs.
    """

    number: int
    answer: Answer
    seen: str | None
    weighed: Weighed
    moved: int = 0


def judge(
    scale: Scale, weighed: Sequence[Weighed], level: float, parts: Sequence[Passage], alignment: Alignment, fonts: Fonts
) -> tuple[Judged, ...]:
    """Return the answers for characters that were weighed.

    Args:
        scale: what weighed them.
        weighed: the characters, with those rivals that look like them.
        level: the page's median fit.
        parts: the page's passages; numbers and names are judged more strictly.
        alignment: tells where the place of a character is known.
        fonts: the record's.
    """
    weighed = _laid_closer(scale, weighed, level)
    _look_further(scale, weighed, level, fonts)
    keys = {number for part in parts if part.is_key for number in part.numbers}
    judged = [_unless_guessed(_judged(each, level, each.spot.number in keys), alignment) for each in weighed]
    judged = [_unless_worn(each, weighed) for each in judged]
    unsure = [index for index, each in enumerate(judged) if each.answer is not Answer.SAME]
    if len(unsure) <= _MOST_VEILED:
        looks: list[_Look] = [_look_below, *(partial(_look_above, floor=floor) for floor in FLOORS)]
        for look in looks:
            unsure = [index for index in unsure if judged[index].answer is not Answer.SAME]
            again = look(scale, [weighed[index] for index in unsure]) if unsure else []
            for index, each in zip(unsure, again, strict=True):
                # What was taken off may have taken something along: it can clear a character, and never accuse one.
                is_key, is_fitter = judged[index].number in keys, each.fit > weighed[index].fit + _CLEARED
                if is_fitter and _judged(each, level, is_key).answer is Answer.SAME:
                    judged[index] = Judged(judged[index].number, Answer.SAME, None, each)
    return tuple(judged)


def _laid_closer(scale: Scale, weighed: Sequence[Weighed], level: float) -> list[Weighed]:
    """Weigh again, where their surroundings are printed, characters that fit badly where the alignment has them.

    The surroundings decide, 2 sizes to each side, so that a digit that was moved stays so.
    """
    poor = [index for index, each in enumerate(weighed) if each.fit < level - _MISLAID and each.fit > 0]
    shifts = {index: shift for index in poor[:_MOST_LAID] if (shift := _shift(scale, weighed[index])) != (0, 0)}
    closer = list(weighed)
    again = scale.weigh_again([weighed[index] for index in shifts], list(shifts.values()), rivals)
    for index, each in zip(shifts, again, strict=True):
        if each.fit > weighed[index].fit:
            closer[index] = each
    return closer


def _shift(scale: Scale, weighed: Weighed) -> tuple[int, int]:
    """Return how far, in pixels to the right and down, the surroundings of a character are printed off their place."""
    left, top, right, bottom = weighed.spot.window
    reach, beside = round(scale.pen.pixels(_NEAR)), 2 * (bottom - top)
    height, width = scale.soft.shape
    x0, x1 = max(left - beside, reach), min(right + beside, width - reach)
    y0, y1 = max(top, reach), min(bottom, height - reach)
    if x1 - x0 < right - left or y1 - y0 < bottom - top:
        return 0, 0
    seen = scale.seen[y0 - reach : y1 + reach, x0 - reach : x1 + reach]
    found = cv2.matchTemplate(seen, scale.soft[y0:y1, x0:x1], cv2.TM_CCOEFF_NORMED)
    _, best, _, (across, down) = cv2.minMaxLoc(found)
    if best < _SURROUNDED or best < float(found[reach, reach]) + _CLOSER:
        return 0, 0
    return across - reach, down - reach


def _look_below(scale: Scale, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Weigh characters again without what lies over the print."""
    contrast = float(np.median([each.contrast for each in weighed]))
    seen = unveiled(scale.seen, scale.soft, contrast=contrast, dpi=scale.pen.dpi)
    return scale.weigh_again(weighed, [(0, 0)] * len(weighed), rivals, seen=seen)


def _look_above(scale: Scale, weighed: Sequence[Weighed], *, floor: float) -> list[Weighed]:
    """Weigh characters again by what is darker than what lies over the print."""
    contrast = float(np.median([each.contrast for each in weighed]))
    return scale.above(floor, contrast=contrast).weigh_again(weighed, [(0, 0)] * len(weighed), rivals)


def with_moves(scale: Scale, judged: Sequence[Judged], lines: Sequence[Sequence[int]]) -> tuple[Judged, ...]:
    """Return the answers, knowing which characters are printed beside their place: text was put in or taken out."""
    unsure = {each.number for each in judged if each.answer is not Answer.SAME}
    answers = {each.number: each for each in judged}
    for move in moves(scale, [each.weighed.spot for each in judged], lines, unsure, _SMALL):
        for number in move.numbers:
            answers[number] = replace(answers[number], answer=Answer.SAME, seen=None, moved=move.by)
        # Something happened where what moved meets what did not: before it, or behind it when the line begins with it.
        edge = move.numbers[0] if move.before is not None or move.after is None else move.numbers[-1]
        seen = "？" + answers[edge].weighed.spot.glyph.character if move.before is not None and move.by > 0 else None
        answers[edge] = replace(answers[edge], answer=Answer.DIFFERS, seen=seen)
    return tuple(answers[each.number] for each in judged)


def adrift(judged: Sequence[Judged], lines: Sequence[Sequence[int]], height: int) -> tuple[Box, ...]:
    """Return the places of head and foot lines that do not lie where they are looked for; ``height`` is the page's.

    Nothing near them tells where they are, and a foot line (第8页 共9页) is as like itself one character on: in photos
    it was found there. Of such a line that is mostly not as recorded nothing is known; of one that is, everything.
    """
    answers = {each.number: each for each in judged}
    boxes, shares = [], []
    for line in lines:
        own = [answers[number] for number in line if number in answers]
        if own:
            boxes.append(around(each.weighed.spot.glyph.box for each in own))
            shares.append(sum(each.answer is not Answer.SAME for each in own) / len(own))
    return tuple(
        box
        for place, (box, share) in enumerate(zip(boxes, shares, strict=True))
        if share > _MOSTLY_OFF
        and (box[1] < _MARGIN or box[3] > height - _MARGIN)
        and not any(_is_near(box, other) for other in boxes[:place] + boxes[place + 1 :])
    )


def without_guesses(judged: Sequence[Judged], places: Sequence[Box]) -> tuple[Judged, ...]:
    """Return the answers, illegible where they rest on a place that is not known."""
    return tuple(
        replace(each, answer=Answer.ILLEGIBLE, seen=None)
        if each.answer is Answer.DIFFERS and any(overlap(each.weighed.spot.glyph.box, box) for box in places)
        else each
        for each in judged
    )


def _is_near(one: Box, other: Box) -> bool:
    return one[1] - _BY_ITSELF < other[3] and other[1] - _BY_ITSELF < one[3]


def read_numbers(
    scale: Scale, description: PageDescription, parts: Sequence[Passage], judged: Sequence[Judged], level: float
) -> dict[tuple[int, ...], str]:
    """Return what numbers seem to say in which something is not as recorded, by the glyphs that they are made of."""
    faces = [Face.parse(name) for name in description.fonts]
    unsure = {each.number for each in judged if each.answer is not Answer.SAME}
    readings = {}
    doubtful = [part for part in parts if part.is_key and not unsure.isdisjoint(part.numbers)]
    for part in doubtful[:_MOST_LOOKED]:
        said, changed = "", False
        alike = groupby(part.numbers, lambda number: description.glyphs[number][1:3])
        for run in (list(numbers) for _, numbers in alike):
            glyphs = [description.glyphs[number] for number in run]
            seen = None if unsure.isdisjoint(run) else read_again(scale, glyphs, faces[glyphs[0].font], level)
            changed = changed or seen is not None
            said += "".join(glyph.character for glyph in glyphs) if seen is None else seen
        if changed:
            readings[part.numbers] = said
    return readings


def _unless_guessed(judged: Judged, alignment: Alignment) -> Judged:
    """Return the answer, or illegible where the place is only guessed: what is not there may lie beside."""
    if judged.answer is Answer.DIFFERS and not alignment.is_held(judged.weighed.spot.glyph.box):
        return replace(judged, answer=Answer.ILLEGIBLE, seen=None)
    return judged


def _unless_worn(judged: Judged, weighed: Sequence[Weighed]) -> Judged:
    """Return the answer, or illegible where a small mark is missing that may have faded, as print around it has."""
    own = judged.weighed
    if judged.answer is not Answer.DIFFERS or judged.seen != "" or not _is_small(own):
        return judged
    left, top = own.spot.window[:2]
    printed = [each for each in weighed if each.fit > _THERE and not _is_small(each)]
    away = [abs(each.spot.window[0] - left) + abs(each.spot.window[1] - top) for each in printed]
    lost = [printed[place].missing for place in np.argsort(away)[:_AROUND]]
    if own.fit > _THERE or (lost and float(np.mean(lost)) > _WORN):
        return replace(judged, answer=Answer.ILLEGIBLE, seen=None)
    return judged


def _look_further(scale: Scale, weighed: Sequence[Weighed], level: float, fonts: Fonts) -> None:
    """Try all common characters where neither the recorded one nor its likes explain the image."""
    poor = [
        each
        for each in weighed
        if each.fit < level - _POOR and each.contrast > _PALEST and not _is_small(each) and not _is_rival(each)
    ]
    # Where half of the page is other text, one finding says it; the coarse look would cost seconds.
    for each in poor[:_MOST_LOOKED]:
        box = [round(scale.pen.pixels(edge)) for edge in each.spot.glyph.box]
        alphabet = fonts.alphabet(each.spot.face.name)
        nearest = alphabet.nearest(scale.seen, (box[0], box[1], box[2], box[3]), _CANDIDATES)
        scale.try_others(each, nearest)


def _is_rival(weighed: Weighed) -> bool:
    """Tell whether the likeliest rival is what is printed, beyond what this page strays by itself."""
    rival = weighed.rivals[0] if weighed.rivals else None
    return rival is not None and rival.share >= _DIFFERS and rival.share - 0.5 >= _CERTAIN * rival.spread


def _judged(weighed: Weighed, level: float, is_key: bool) -> Judged:
    """Return the answer for one character."""
    number, own = weighed.spot.number, weighed.spot.glyph.character
    rival = weighed.rivals[0] if weighed.rivals else None
    small = _is_small(weighed)
    if weighed.contrast < _PALEST:
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    if _is_erased(weighed):
        return Judged(number, Answer.DIFFERS, "", weighed)
    if rival is not None and _is_rival(weighed):
        # What the rival leaves unexplained as well is something else: a chop, a scribble, a fold.
        if rival.share < 1.5 and rival.fit > level - _POOR:
            return Judged(number, Answer.DIFFERS, rival.character, weighed)
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    best = max((each for each in weighed.rivals if each.is_alone), key=lambda each: each.fit, default=None)
    if best is not None and best.fit > max(level - _POOR, weighed.fit + _FITTER) and not small:
        return Judged(number, Answer.DIFFERS, best.character, weighed)
    if weighed.missing > 0.3 and weighed.extra > 0.15 and weighed.fit < level - 0.3 and not small:
        return Judged(number, Answer.DIFFERS, None, weighed)
    if rival is not None and rival.share > _DOUBTFUL and rival.share > rival.spread:
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    # Point or comma in a number says the same; that there is none moves the digits.
    doubted = (each for each in weighed.rivals if not (each.character in _POINTS and own in _POINTS))
    if is_key and any(not _is_refused(each, weighed) for each in doubted):
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    if weighed.fit < (0.35 if small else 0.75 if is_key else 0.6) * level:
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    return Judged(number, Answer.SAME, None, weighed)


def _is_refused(rival: Rival, weighed: Weighed) -> bool:
    """Tell whether a rival is certainly not printed: by its share, or since alone it explains the paper badly."""
    alone = rival.is_alone and rival.fit < weighed.fit - _WORSE
    away = _REFUSED if weighed.spot.glyph.character in _NUMERIC else _CERTAIN
    return alone or _PRINTED - rival.share >= away * rival.spread


def _is_erased(weighed: Weighed) -> bool:
    """Tell whether nothing is printed: no ink of the character, for certain, and no other."""
    gain = weighed.gain / max(weighed.contrast, 0.05)
    if weighed.missing > 0.9 and weighed.extra < 0.3 and gain < 0.25:
        return True
    return gain < 0.25 and 0.5 - gain > _CERTAIN * weighed.spread and weighed.rest < _EMPTY and weighed.missing > 0.5


def _is_small(weighed: Weighed) -> bool:
    """Tell whether a character is a mark of a few pixels."""
    return weighed.spot.glyph.character in _SMALL
