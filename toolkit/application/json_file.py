"""JSON as other programs write it (RFC 8259), read with the line of every value and every repeated key kept.

The standard library's ``json`` gives no lines and turns 80.10 into a double; its string scanner is used all the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from toolkit.application.tree import Budget, Listing, Mapping, Node, Pair, Text
from toolkit.errors import InputUnreadable
from toolkit.messages import Message

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


def read_json(text: str, source: str) -> Node:
    """Return the tree of a JSON text; numbers, true and false are kept as they are written, null is empty text.

    Raises:
        InputUnreadable: when it is not JSON or passes the bounds.
    """
    return _Reader(text, source).document()


class _Reader:
    """Reads one text from front to back; ``_at`` is the index of the next character."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._budget = Budget(source)
        self._at = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> Node:
        """Return the one value of the text."""
        node = self._value(0)
        if self._peek():
            raise self._fault(Message("something follows the end of the JSON value"))
        return node

    def _value(self, depth: int) -> Node:
        first = self._peek()
        line = self._line()
        self._budget.spend(depth, line)
        if first == "{":
            return self._mapping(depth, line)
        if first == "[":
            return self._listing(depth, line)
        if first == '"':
            return Text(self._string(), line, self._line(), block=True)
        match = _SCALAR.match(self._text, self._at)
        if match is None:
            raise self._fault(Message("a value is missing or is not JSON"))
        self._at = match.end()
        return Text("" if match[0] == "null" else match[0], line, line)

    def _listing(self, depth: int, line: int) -> Listing:
        self._at += 1
        items: list[Node] = []
        while not self._closes("]", begun=bool(items)):
            items.append(self._value(depth + 1))
        return Listing(tuple(items), line)

    def _mapping(self, depth: int, line: int) -> Mapping:
        self._at += 1
        pairs: list[Pair] = []
        while not self._closes("}", begun=bool(pairs)):
            if self._peek() != '"':
                raise self._fault(Message("a key in quotation marks is missing"))
            key_line = self._line()
            key = self._string()
            if self._peek() != ":":
                raise self._fault(Message("a “:” is missing behind the key"))
            self._at += 1
            pairs.append(Pair(key, self._value(depth + 1), key_line))
        return Mapping(tuple(pairs), line)

    def _closes(self, bracket: str, *, begun: bool) -> bool:
        """Step over the closing bracket (True) or, between two items, over the comma (False)."""
        mark = self._peek()
        if mark == bracket:
            self._at += 1
            return True
        if begun:
            if mark != ",":
                raise self._fault(Message("a “,” or “{bracket}” is missing", bracket=bracket))
            self._at += 1
        return False

    def _string(self) -> str:
        try:
            value, self._at = scanstring(self._text, self._at + 1, True)
        except JSONDecodeError:
            raise self._fault(Message("a string does not end, or has a line break, tab or wrong “\\” in it")) from None
        return str(value)

    def _peek(self) -> str:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _line(self) -> int:
        return bisect_right(self._line_starts, self._at)

    def _fault(self, problem: Message) -> InputUnreadable:
        return InputUnreadable(
            Message(
                "{source} is not readable as JSON: line {line}: {problem}",
                source=self._source,
                line=self._line(),
                problem=problem,
            )
        )
