"""What a file says before anyone knows what it means: text, lists and mappings, each with its line; and its bounds.

YAML and JSON (and later a workbook) give the same tree, so that everything behind it is written once. A mapping keeps
its pairs in a list: a key that comes twice is a fault to be reported, not one value that silently wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.errors import InputUnreadable
from toolkit.messages import Message

LARGEST_FILE = 1 << 20
"""Bytes of an application's file, pictures and attachments apart; the full sample has 30,000."""
DEEPEST = 12
"""Levels of nesting; a form has five."""
MOST_NODES = 50_000
"""Values of one file; the full sample has some 600."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written; ``block`` tells a text over several lines or in quotes, where a colon means nothing."""

    value: str
    line: int
    last_line: int
    block: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not self.value.strip()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    line: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said in any item."""
        return all(item.is_empty for item in self.items)


@dataclass(frozen=True, slots=True)
class Pair:
    """One key of a mapping with its value; ``line`` is that of the key."""

    key: str
    value: Node
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; keys may repeat."""

    pairs: tuple[Pair, ...]
    line: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said under any key."""
        return all(pair.value.is_empty for pair in self.pairs)


Node = Text | Listing | Mapping


def walk(node: Node) -> Iterator[Node]:
    """Give the node and everything below it, in the order of the file."""
    yield node
    below = node.items if isinstance(node, Listing) else ()
    if isinstance(node, Mapping):
        below = tuple(pair.value for pair in node.pairs)
    for child in below:
        yield from walk(child)


class Budget:
    """Counts what a reader takes from a file and stops it at the bounds."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._nodes = 0

    def spend(self, depth: int, line: int) -> None:
        """Count one value at that depth.

        Raises:
            InputUnreadable: when the file has too many values or nests them too deeply.
        """
        self._nodes += 1
        if depth > DEEPEST:
            raise InputUnreadable(
                Message(
                    "{source}, line {line}: values are nested more than {deepest} levels deep; this is no application",
                    source=self._source,
                    line=line,
                    deepest=DEEPEST,
                )
            )
        if self._nodes > MOST_NODES:
            raise InputUnreadable(
                Message(
                    "{source} has more than {most} values; this is no application",
                    source=self._source,
                    most=MOST_NODES,
                )
            )
