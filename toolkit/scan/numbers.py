"""Reads a number whose digits were moved: what is printed when a point or a digit was put in, left out or shifted.

One such change moves half of a number by half a digit, so that no recorded digit is in its place and no single rival
explains what is. The whole number is drawn again with each such change, kept to its left or right end or its middle as
a form may set it, and weighed against the number as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.page import Glyph
from toolkit.scan.glyphs import Scale, explained
from toolkit.scan.rendering import ASCENT, Face, Ink
from toolkit.verdict import Box

_DIGITS = "0123456789"
_LONGEST = 12
"""Characters of a number that is read again; a longer one is a code."""

_AHEAD = 0.04
"""Correlation by which another reading must be better than the recorded one."""

_NEAR = 0.06
"""How far below the page's level the fit of a reading may be that is believed."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a number stands: its window on the page, its baseline and ends in pixels, and what else is drawn there."""

    window: Box
    face: Face
    size: int
    baseline: float
    left: float
    right: float
    around: Ink


def read_again(scale: Scale, glyphs: Sequence[Glyph], face: Face, level: float) -> str | None:
    """Return what a number seems to say where it is not what is recorded, None where that cannot be said.

    Args:
        scale: weighs the page.
        glyphs: the number's, from left to right, of one face and size.
        face: theirs.
        level: the page's median fit.
    """
    text = "".join(glyph.character for glyph in glyphs)
    if not 2 <= len(text) <= _LONGEST or not any(character in _DIGITS for character in text):
        return None
    place = _place(scale, glyphs, face)
    if place is None:
        return None
    left, top, right, bottom = place.window
    shown = scale.seen[top:bottom, left:right]
    recorded = explained(shown, scale.soft[top:bottom, left:right])
    widths = _widths(glyphs, scale)
    best, said = recorded + _AHEAD, None
    for reading in dict.fromkeys(_readings(text)):
        length = sum(widths.get(character, widths["0"]) for character in reading)
        for start in {place.left, place.right - length, (place.left + place.right - length) / 2}:
            fit = explained(shown, np.maximum(place.around, _drawn(scale, place, reading, start, widths)))
            if fit > best and fit >= level - _NEAR:
                best, said = fit, reading
    return said


def _place(scale: Scale, glyphs: Sequence[Glyph], face: Face) -> _Place | None:
    pen, first, last = scale.pen, glyphs[0], glyphs[-1]
    room = pen.pixels(first.size * 0.55)
    left, right = pen.pixels(first.box[0]), pen.pixels(last.box[2])
    window = (
        max(round(left - room), 0),
        max(round(pen.pixels(first.box[1])), 0),
        min(round(right + room), scale.soft.shape[1]),
        min(round(pen.pixels(first.box[3])), scale.soft.shape[0]),
    )
    if window[0] >= window[2] or window[1] >= window[3]:
        return None
    baseline = pen.pixels(first.box[1] + ASCENT * first.size)
    own = np.zeros((window[3] - window[1], window[2] - window[0]), np.float32)
    for glyph in glyphs:
        at = (pen.pixels(glyph.box[0]), baseline)
        np.maximum(own, pen.draw(glyph.character, face, glyph.size, at, window, scale.sigma), out=own)
    around = np.clip(scale.soft[window[1] : window[3], window[0] : window[2]] - own, 0, 1)
    return _Place(window, face, first.size, baseline, left, right, around)


def _widths(glyphs: Sequence[Glyph], scale: Scale) -> dict[str, float]:
    """Return how wide characters are set: as on the page, else a digit half an em and a point a quarter."""
    em = scale.pen.pixels(glyphs[0].size)
    widths = {digit: em / 2 for digit in _DIGITS} | {".": em / 4}
    own = {glyph.character: scale.pen.pixels(glyph.box[2] - glyph.box[0]) for glyph in glyphs}
    digit = next((width for character, width in own.items() if character in _DIGITS), em / 2)
    return widths | {each: digit for each in _DIGITS} | own


def _readings(text: str) -> Iterator[str]:
    """Yield the texts that one change makes of a number."""
    bare = text.replace(".", "")
    if text.count(".") <= 1:
        yield from (f"{bare[:at]}.{bare[at:]}" for at in range(1, len(bare)) if f"{bare[:at]}.{bare[at:]}" != text)
        if bare != text:
            yield bare
    for at in range(len(text) + 1):
        yield from (f"{text[:at]}{digit}{text[at:]}" for digit in _DIGITS)
    for at, character in enumerate(text):
        if character in _DIGITS:
            yield text[:at] + text[at + 1 :]


def _drawn(scale: Scale, place: _Place, text: str, start: float, widths: dict[str, float]) -> NDArray[np.float32]:
    ink = np.zeros_like(place.around)
    for character in text:
        at = (start, place.baseline)
        np.maximum(ink, scale.pen.draw(character, place.face, place.size, at, place.window, scale.sigma), out=ink)
        start += widths.get(character, widths["0"])
    return ink
