"""The recorded text as a reader sees it: lines, and in them the numbers, names and words that are judged together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.page import Glyph
from toolkit.scan.boxes import around
from toolkit.verdict import Box

_OF_NUMBERS = frozenset("0123456789.,:/%-－—～~％万亿千百元年月日号")
"""What belongs to an amount or a date when it stands beside a digit."""

_PRIVATE = r"[0-9？][0-9？Xx-]{6,}"
"""What may be a number of an identity card or a telephone: no amount or date has seven digits in a row."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Glyphs that stand together on one line: a number, a name, or the text between; numbers count in the record."""

    numbers: tuple[int, ...]
    text: str
    box: Box
    is_key: bool


def passages(glyphs: Sequence[Glyph], key_texts: Iterable[str] = ()) -> list[Passage]:
    """Return the passages of a page in reading order.

    Args:
        glyphs: of the record.
        key_texts: names and the like that are to be judged as numbers are.
    """
    named = _named(glyphs, key_texts)
    found: list[Passage] = []
    for line in lines(glyphs):
        start = 0
        while start < len(line):
            end = start + 1
            kind = _kind(glyphs[line[start]].character, line[start] in named)
            while (
                end < len(line)
                and _joined(glyphs, line, end)
                and _kind(glyphs[line[end]].character, line[end] in named) == kind
            ):
                end += 1
            numbers = tuple(line[start:end])
            text = "".join(glyphs[number].character for number in numbers)
            is_key = kind == 2 or (kind == 1 and any(character in "0123456789" for character in text))
            found.append(Passage(numbers, text, around(glyphs[number].box for number in numbers), is_key))
            start = end
    return found


def lines(glyphs: Sequence[Glyph]) -> list[list[int]]:
    """Return the glyphs' numbers line by line: a line goes on while the next glyph overlaps the last in height."""
    found: list[list[int]] = []
    for number, glyph in enumerate(glyphs):
        last = glyphs[found[-1][-1]] if found else None
        if (
            last is not None
            and min(last.box[3], glyph.box[3]) - max(last.box[1], glyph.box[1]) > 0.5 * min(last.size, glyph.size)
            and abs(glyph.box[0] - last.box[2]) < 6 * glyph.size
        ):
            found[-1].append(number)
        else:
            found.append([number])
    return found


def discreet(text: str) -> str:
    """Return a text for reports: numbers of identity cards, telephones and the like are never shown, their place is."""
    return re.sub(_PRIVATE, lambda match: "＊" * len(match[0]), text)


def _kind(character: str, named: bool) -> int:
    return 2 if named else int(character in _OF_NUMBERS)


def _joined(glyphs: Sequence[Glyph], line: Sequence[int], at: int) -> bool:
    before, after = glyphs[line[at - 1]], glyphs[line[at]]
    return abs(after.box[0] - before.box[2]) < 0.8 * after.size


def _named(glyphs: Sequence[Glyph], key_texts: Iterable[str]) -> set[int]:
    owners = [number for number, glyph in enumerate(glyphs) for _ in glyph.character]
    text = "".join(glyph.character for glyph in glyphs)
    named: set[int] = set()
    for key in key_texts:
        wanted = "".join(key.split())
        at = text.find(wanted) if wanted else -1
        while at >= 0:
            named.update(owners[at : at + len(wanted)])
            at = text.find(wanted, at + 1)
    return named
