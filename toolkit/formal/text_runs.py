"""Runs of text, and how those of right-to-left script come into reading order with the brackets that are on paper."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from toolkit.page import Glyph


class Face(NamedTuple):
    """How a text object is printed: ``font`` is an index into the page's fonts, lengths are in 1/100 pt.

    ``exact`` is False where face, size and boxes do not say all of it: turned, outlined or transparent text.
    """

    font: int
    size: int
    top: int
    bottom: int
    printed: bool
    upright: bool
    exact: bool


class Run(NamedTuple):
    """The glyphs of one text object; ``item`` is its handle."""

    item: int
    glyphs: list[Glyph]
    face: Face
    right_to_left: bool


_OPENING, _CLOSING = "([{<«‹（［｛〈《「『【〔〖", ")]}>»›）］｝〉》」』】〕〗"
_BRACKETS = dict(zip(_OPENING + _CLOSING, _CLOSING + _OPENING, strict=True))
"""The pairs of BidiMirroring.txt that forms use."""


def turned(run: Run) -> Run:
    """Return a run of Arabic script from right to left, the parts of ligatures in the order they are written."""
    glyphs = [
        glyph._replace(character=unicodedata.normalize("NFC", glyph.character[::-1]))
        if len(glyph.character) > 1
        else glyph
        for glyph in run.glyphs
    ]
    glyphs.sort(key=lambda glyph: glyph.box[0] + glyph.box[2], reverse=True)
    return run._replace(glyphs=glyphs, right_to_left=True)


def mirrored(run: Run) -> Run:
    """Return a run of right-to-left text with its brackets as they look on paper: ToUnicode gives the other one."""
    glyphs = [glyph._replace(character=_BRACKETS.get(glyph.character, glyph.character)) for glyph in run.glyphs]
    return run._replace(glyphs=glyphs, right_to_left=True)


def lines_turned(runs: list[Run]) -> list[Run]:
    """Return the runs with neighbouring words of Arabic script on one baseline put from right to left."""
    ordered: list[Run] = []
    words: list[Run] = []
    for run in runs:
        if words and not (run.right_to_left and run.face.bottom == words[-1].face.bottom):
            ordered += sorted(words, key=lambda word: -word.glyphs[0].box[2])
            words = []
        if run.right_to_left:
            words.append(run)
        else:
            ordered.append(run)
    return ordered + sorted(words, key=lambda word: -word.glyphs[0].box[2])


def brackets_paired(runs: list[Run]) -> list[Run]:
    """Return the runs with brackets that stand alone in right-to-left text as they look on paper.

    Nothing in the PDF tells such a bracket from one in left-to-right text but that, on a line with Arabic script, it
    pairs with no other unless it is mirrored.
    """
    lines: dict[int, list[int]] = defaultdict(list)
    for index, run in enumerate(runs):
        lines[run.face.bottom].append(index)
    result = list(runs)
    for line in lines.values():
        if any(runs[index].right_to_left for index in line):
            for index in _unpaired([(runs[index], index) for index in line]):
                result[index] = mirrored(runs[index])
    return result


class _Bracket(NamedTuple):
    left: int
    character: str
    alone: bool
    run: int


def _unpaired(line: list[tuple[Run, int]]) -> list[int]:
    """Return the indices of the runs of a line that are one bracket, which pairs with another only when mirrored."""
    brackets = sorted(
        _Bracket(glyph.box[0], glyph.character, len(run.glyphs) == 1 and not run.right_to_left, index)
        for run, index in line
        for glyph in run.glyphs
        if glyph.character in _BRACKETS
    )
    left_over: list[_Bracket] = []
    for bracket in brackets:
        if (
            left_over
            and left_over[-1].character in _OPENING
            and _BRACKETS[left_over[-1].character] == bracket.character
        ):
            left_over.pop()
        else:
            left_over.append(bracket)
    found: list[int] = []
    for first, second in pairwise(left_over):
        flipped = [bracket for bracket, wrong in ((first, _CLOSING), (second, _OPENING)) if bracket.character in wrong]
        same_kind = {first.character, _BRACKETS[first.character]} == {second.character, _BRACKETS[second.character]}
        if flipped and same_kind and first.run not in found and all(bracket.alone for bracket in flipped):
            found += [bracket.run for bracket in flipped]
    return found
