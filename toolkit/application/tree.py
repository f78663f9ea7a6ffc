"""What a file says before anyone knows what it means: text, lists and mappings, each with its place; and its bounds.

YAML, JSON and workbooks give the same tree, so that everything behind it is written once. A mapping keeps its pairs in
a list: a key that comes twice is a fault to be reported, not one value that silently wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.errors import InputUnreadable
from toolkit.messages import Message

LARGEST_FILE = 1 << 20
"""Bytes of an application's file, pictures and attachments apart; the full sample has 30,000."""
DEEPEST = 12
"""Levels of nesting; a form has five."""
MOST_NODES = 50_000
"""Values of one file; the full sample has some 600."""


class Cell(NamedTuple):
    """A cell of a workbook."""

    sheet: str
    address: str

    def __str__(self) -> str:
        """Return the address as spreadsheets write it: ``项目组成员!B4``."""
        return f"{self.sheet}!{self.address}"


At = int | Cell
"""Where something stands: a line, counted from 1, or a cell."""


def where(at: At) -> Message:
    """Return a place in the words of a sentence."""
    return Message("in cell {cell}", cell=str(at)) if isinstance(at, Cell) else Message("on line {line}", line=at)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written; ``block`` tells a text over several lines or in quotes, where a colon means nothing.

    ``problem`` says why a cell's value cannot be taken although it has one (a formula); ``value`` is empty then.
    """

    value: str
    at: At
    last_line: int = 0
    block: bool = False
    problem: Message | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return self.problem is None and not self.value.strip()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: tuple[Node, ...]
    at: At

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said in any item."""
        return all(item.is_empty for item in self.items)


@dataclass(frozen=True, slots=True)
class Pair:
    """One key of a mapping with its value; ``at`` is the place of the key, or of the cell that belongs to it."""

    key: str
    value: Node
    at: At


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; keys may repeat."""

    pairs: tuple[Pair, ...]
    at: At

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
