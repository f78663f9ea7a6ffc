"""Compares words that no font alone can draw, joined script and turned text, with the page as the stored PDF shows it.

There are no rivals to weigh: what another word would look like, only a shaping engine could say. So strokes that
the paper lacks, and ink that the record lacks, are looked for in what the recorded word leaves unexplained, down to
the dots that tell Arabic letters apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from toolkit.messages import Message
from toolkit.page import Glyph
from toolkit.scan.boxes import around, overlap
from toolkit.scan.glyphs import explanation
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.passages import discreet, lines
from toolkit.scan.rendering import Face, Ink, Pen, inside
from toolkit.verdict import Box, Finding, Reason

_GAP = 0.12
"""Part of the size that parts two words: letters of joined script touch, and a space of UKIJ Tuz is 0.25."""

_LEAST_INK = 0.1
"""Drawn ink below which there is nothing to compare: a space, or white on white."""

_NEAR = 140
"""How far off its place a word is looked for, 1/100 pt: 0.5 mm, less than any letter put in."""

_PART, _BENT = 1.0, 70
"""Sizes of type that a part of a long word is wide, and how far off the word's place it is looked for, 1/100 pt (0.25
mm): at the margin of a photo, the end of a word of 20 mm lay 0.2 mm beside its beginning."""

_DOT = 0.05
"""Standard deviation, in sizes, of the smoothing that a dot of an Arabic letter survives and noise does not."""

_STRAYS, _OFF = (0.1, 3.3), (0.22, 4.2)
"""What the best explanation may leave over at one place: in parts of the contrast, and next to what the page's words
leave in the median; beyond the first a word is doubtful, beyond the second another one. Genuine pages of Uyghur, 9 and
12 pt, from feeder, flatbed and phone (benchmarks/paper.py) left up to 0.14 and 2.6; three dots of a letter taken out
left 0.31 and 4.6 or more. One dot leaves 0.15 and 2.7: on a feeder's 200 dpi it is not told."""

_POOR = 0.35
"""How far below the page's level a word's fit is from which something else is printed."""


@dataclass(frozen=True, slots=True)
class Word:
    """Glyphs that stand together and cannot be drawn one by one; numbers count in the record, ``size`` in 1/100 pt."""

    numbers: tuple[int, ...]
    text: str
    box: Box
    size: int


def words_of(glyphs: Sequence[Glyph], faces: Sequence[Face], pen: Pen) -> list[Word]:
    """Return the words of a page that its pen cannot draw."""
    chosen = [not pen.can_draw(glyph, faces[glyph.font]) for glyph in glyphs]
    if not any(chosen):
        return []
    found = []
    for line in lines(glyphs):
        for run in _runs(glyphs, line, [chosen[number] for number in line]):
            box = around(glyphs[number].box for number in run)
            text = "".join(glyphs[number].character for number in run)
            found.append(Word(tuple(run), text, box, max(glyphs[number].size for number in run)))
    return found


def window_of(word: Word, pen: Pen, shape: tuple[int, ...]) -> Box | None:
    """Return a word's window on the page, whole pixels; None when it is not on the page."""
    left, top, right, bottom = word.box
    margin = word.size * 2 // 5
    x0, y0, x1, y1 = (round(pen.pixels(side)) for side in (left, top - margin // 4, right, bottom + margin))
    return inside((x0, y0, x1, y1), shape[1], shape[0])


def word_findings(page: LaidPage, words: Sequence[Word], pen: Pen) -> list[Finding]:
    """Return a finding for each word that differs or cannot be read.

    Args:
        page: what is compared.
        words: those of the page that its pen cannot draw.
        pen: has the resolution.
    """
    compared = [word for word in words if not any(overlap(word.box, box) for box in page.undrawn)]
    looks = [look for word in compared if (look := _look(page, word, pen)) is not None]
    if not looks:
        return []
    usual = float(np.median([look.left for look in looks]))
    level = float(np.median([look.fit for look in looks]))
    found = ((look.word, _reason(page, look, usual, level)) for look in looks)
    return [_finding(page, word, reason) for word, reason in found if reason is not None]


class _Look(NamedTuple):
    """A word, the correlation of the image with its best explanation, and the most that this leaves at one place."""

    word: Word
    fit: float
    left: float


def _look(page: LaidPage, word: Word, pen: Pen) -> _Look | None:
    """Look at a word on the paper, None where nothing of it is on the page."""
    window = window_of(word, pen, page.soft.shape)
    if window is None:
        return None
    drawn = page.soft[window[1] : window[3], window[0] : window[2]]
    if drawn.max() < _LEAST_INK:
        return None
    shown, (across, down) = _nearest(page.seen.ink, drawn, window, round(pen.pixels(_NEAR)))
    best, gain = explanation(shown, np.pad(drawn, 1, mode="edge"))
    if gain <= 0:
        return _Look(word, 0.0, 1.0)
    whole = _left(shown, best, gain, pen, word)
    if whole.left > _STRAYS[0]:
        shown, best = _by_parts(page.seen.ink, drawn, (window[0] + across, window[1] + down), pen, word.size)
        return min(whole, _left(shown, best, gain, pen, word), key=lambda look: look.left)
    return whole


def _left(shown: Ink, best: Ink, gain: float, pen: Pen, word: Word) -> _Look:
    """Return how like the image its explanation is, and what it leaves."""
    over = cv2.GaussianBlur((shown - best) / max(gain, 0.3), (0, 0), max(_DOT * pen.pixels(word.size), 0.7))
    return _Look(word, float(np.corrcoef(shown.ravel(), best.ravel())[0, 1]), float(np.abs(over).max()))


def _by_parts(seen: Ink, drawn: Ink, place: tuple[int, int], pen: Pen, size: int) -> tuple[Ink, Ink]:
    """Return what the image shows of a word and its best explanation, each part where it is most like the record.

    Paper bends and stretches along a long word.

    Args:
        seen: the image's ink.
        drawn: the word as recorded.
        place: left and top of where the whole was found, pixels.
        pen: has the resolution.
        size: of its type, 1/100 pt.
    """
    height, width = drawn.shape
    edges = np.linspace(0, width, max(round(width / (_PART * pen.pixels(size))), 1) + 1).astype(int).tolist()
    shown, best = [], []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        own, left, top = drawn[:, start:end], place[0] + start, place[1]
        reach = round(pen.pixels(_BENT)) if own.max() >= _LEAST_INK else 0
        near, _ = _nearest(seen, own, (left, top, left + end - start, top + height), reach)
        shown.append(near)
        best.append(explanation(near, np.pad(own, 1, mode="edge"))[0])
    return np.concatenate(shown, axis=1), np.concatenate(best, axis=1)


def _reason(page: LaidPage, look: _Look, usual: float, level: float) -> Reason | None:
    """Return what is wrong with a word, None when it is printed as recorded."""
    other = look.left > max(_OFF[0], _OFF[1] * usual) or look.fit < level - _POOR
    # Over a chop, and where the place is only guessed, what is not the word may be anything.
    covered = any(overlap(look.word.box, chop.box) for chop in page.chops)
    if other and not covered and page.alignment.is_held(look.word.box):
        return Reason.CONTENT_ALTERED
    return Reason.CONTENT_ILLEGIBLE if other or look.left > max(_STRAYS[0], _STRAYS[1] * usual) else None


def _nearest(seen: Ink, drawn: Ink, window: Box, reach: int) -> tuple[Ink, tuple[int, int]]:
    """Return the piece of the image near a window that is most like what is drawn there, and how far off it lies."""
    left, top, right, bottom = window
    x0, y0 = max(left - reach, 0), max(top - reach, 0)
    found = cv2.matchTemplate(seen[y0 : bottom + reach, x0 : right + reach], drawn, cv2.TM_CCOEFF_NORMED)
    _, _, _, (across, down) = cv2.minMaxLoc(found)
    x, y = x0 + across, y0 + down
    return seen[y : y + bottom - top, x : x + right - left], (x - left, y - top)


def _finding(page: LaidPage, word: Word, reason: Reason) -> Finding:
    recorded = discreet(word.text)
    message = (
        Message("the record says “{recorded}”, the paper shows something else", recorded=recorded)
        if reason is Reason.CONTENT_ALTERED
        else Message(
            "“{recorded}” cannot be read here: compare it by eye, or scan again at 300 dpi in colour", recorded=recorded
        )
    )
    return Finding(reason, message, box=word.box, image_box=page.alignment.image_box(word.box), recorded=recorded)


def _runs(glyphs: Sequence[Glyph], line: Sequence[int], chosen: Sequence[bool]) -> Iterator[list[int]]:
    """Yield the numbers of chosen glyphs that stand together, in either direction of writing."""
    run: list[int] = []
    for number, is_chosen in zip(line, chosen, strict=True):
        if run and (not is_chosen or _apart(glyphs[run[-1]], glyphs[number])):
            yield run
            run = []
        if is_chosen:
            run.append(number)
    if run:
        yield run


def _apart(one: Glyph, other: Glyph) -> bool:
    return max(one.box[0], other.box[0]) - min(one.box[2], other.box[2]) > _GAP * max(one.size, other.size)
