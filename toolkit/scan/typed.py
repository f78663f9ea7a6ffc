"""Lines that a handheld scanner typed: one symbol a line, as its keyboard would have sent them.

A Chinese input method that is switched on takes part in the typing: it may turn digits into full-width ones, which is
undone here, or take them as the numbers of its candidates, which loses them. Both are told, with what to do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toolkit.errors import InputUnreadable
from toolkit.messages import Message
from toolkit.scan.symbols import is_like_a_seal
from toolkit.seal.symbol import MOST_DIGITS

TYPED = "-"
"""The source of typed lines, as standard input is written on a command line."""

MOST_CHARACTERS = 4 * MOST_DIGITS
"""A longer line is no symbol; it is cut before it is looked at."""

MOST_LINES = 10_000
"""Lines of a handheld scanner in one session; a person scans some 1,500 an hour."""

_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9]")
"""The prefix that scanners may send to say which symbology they read, ``]Q1`` for QR (ISO/IEC 15424)."""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line: its digits, or None with the ``problem``; ``hint`` is what to change at the scanner or keyboard.

    ``number`` counts the lines from 1, empty ones too.
    """

    number: int
    digits: str | None
    problem: Message | None = None
    hint: Message | None = None


def typed_lines(lines: Iterable[str]) -> Iterator[TypedLine]:
    """Yield what each line holds, as it comes; empty lines are passed over.

    Raises:
        InputUnreadable: there was nothing on any line, or there were more than ``MOST_LINES``.
    """
    count = 0
    for number, line in enumerate(lines, start=1):
        typed = line[:MOST_CHARACTERS].strip("\ufeff\r\n\t \x00\x02\x03")  # some scanners frame with STX and ETX
        if typed:
            if count == MOST_LINES:
                raise InputUnreadable(Message("more than {limit} lines were typed: start again", limit=MOST_LINES))
            count += 1
            yield _read(number, typed)
    if not count:
        raise InputUnreadable(Message("no line was typed: scan a symbol, one a line"))


def _read(number: int, typed: str) -> TypedLine:
    bare = _SYMBOLOGY.sub("", typed)
    narrow = "".join(_narrow(character) for character in bare if not character.isspace())
    if is_like_a_seal(narrow):
        return TypedLine(number, narrow, hint=None if narrow == bare else _switch(bare))
    if _is_garbled(bare):
        problem = Message("an input method changed the digits on the way: scan the symbol again")
        return TypedLine(number, None, problem, _switch(bare))
    if narrow.isascii() and narrow.isdecimal():
        problem = Message("{count} digits are too few or too many for a seal: scan the symbol again", count=len(narrow))
        return TypedLine(number, None, problem)
    return TypedLine(
        number, None, Message("this is not a seal of Truecopy; scan the symbol in the page's upper corner")
    )


def _narrow(character: str) -> str:
    """Return the ASCII form of a full-width digit; any other character stays as it is."""
    return chr(ord(character) - 0xFEE0) if "０" <= character <= "９" else character


def _is_garbled(typed: str) -> bool:
    """Tell whether the line has what only an input method puts there: wide characters or Chinese punctuation.

    A console that writes them as GBK leaves U+FFFD where they were.
    """
    return any(unicodedata.east_asian_width(character) in "FW" or character in "·…—‘’“”\ufffd" for character in typed)


def _switch(typed: str) -> Message:
    """Return what to do about the keyboard, or about spaces that the scanner was set to send."""
    if _is_garbled(typed):
        return Message("switch the input method to English (half-width) before scanning")
    return Message("the scanner sends spaces or a tab between digits: switch this off in its settings")
