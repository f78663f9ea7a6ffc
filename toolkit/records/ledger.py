"""The ledger: every event of the store is a leaf of one tree, appended in the transaction that writes the event.

The leaves stand in the order of the events' numbers, which count from 1 without a gap. All perfect subtrees are kept,
so that a leaf is added, and a root or a proof reckoned, from a few dozen hashes however many events there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select

from toolkit.canonical import Plain, canonical
from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records import ledger_tree
from toolkit.records.tables import ledger_nodes


class Tree(NamedTuple):
    """The whole ledger at one moment, in two values: its number of leaves, and its root (32 bytes)."""

    size: int
    root: bytes


def leaf_of(
    *, number: int, kind: str, serial: str, revision: int, at: datetime, who: str, detail: Mapping[str, Plain]
) -> bytes:
    """Return what of an event is hashed, in its one form for ever: RFC 8785 JSON.

    Raises:
        TypeError, ValueError: for values that have no place in it, such as text that is not NFC.
    """
    return canonical(
        {
            "number": number,
            "kind": kind,
            "serial": serial,
            "revision": revision,
            "at": at.astimezone(UTC).isoformat(),
            "who": who,
            "detail": dict(detail),
        }
    )


def size(connection: Connection) -> int:
    """Return how many leaves there are."""
    last: int | None = connection.execute(_LAST).scalar_one()
    return 0 if last is None else last + 1


def append(connection: Connection, leaf: int, data: bytes) -> None:
    """Add a leaf, within the transaction that writes its event.

    Args:
        connection: of ``Database.writing``.
        leaf: its number, which is ``size`` before.
        data: what ``leaf_of`` gave.

    Raises:
        StoreError: the right edge of the tree is missing or damaged.
    """
    made = ledger_tree.grown(leaf, ledger_tree.leaf_hash(data), _edge(connection, leaf))
    connection.execute(insert(ledger_nodes), [{"leaf": leaf, "level": level, "hash": value} for level, value in made])


def tree(connection: Connection, leaves: int | None = None) -> Tree:
    """Return the ledger as it is, or as it was when it had that many leaves.

    Raises:
        StoreError: the ledger is damaged.
    """
    leaves = size(connection) if leaves is None else leaves
    return Tree(leaves, ledger_tree.root(leaves, _edge(connection, leaves)))


def node(connection: Connection, leaf: int, level: int) -> bytes:
    """Return the hash of a perfect subtree, by its last leaf and its level.

    Raises:
        StoreError: the ledger is damaged.
    """
    found: object = connection.execute(_NODE, {"leaf": leaf, "level": level}).scalar_one_or_none()
    return _whole(found, leaf)


def lies_under(connection: Connection, leaf: int, leaves: int, root: bytes) -> bool:
    """Return whether a root of the first so many leaves has a leaf under it, by an inclusion proof.

    Raises:
        StoreError: the ledger is damaged.
    """
    proof = ledger_tree.inclusion_proof(leaf, leaves, lambda *which: node(connection, *which))
    return ledger_tree.includes(leaf, leaves, node(connection, leaf, 0), proof, root)


def _edge(connection: Connection, leaves: int) -> ledger_tree.Node:
    """Return the nodes that a tree of that size is a row of, read at once."""
    last = [leaf for leaf, _ in ledger_tree.edge(leaves)]
    found = {(leaf, level): value for leaf, level, value in connection.execute(_NODES, {"leaves": last})}

    return lambda leaf, level: _whole(found.get((leaf, level)), leaf)


def _whole(value: object, leaf: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != 32:
        raise StoreError(
            Message("the ledger is damaged at leaf {leaf}: run truecopy audit, and restore a backup", leaf=leaf)
        )
    return value


# Made once: to build these takes longer than the database takes to answer them.
_LAST = select(func.max(ledger_nodes.c.leaf))
_NODES = select(ledger_nodes).where(ledger_nodes.c.leaf.in_(bindparam("leaves", expanding=True)))
_NODE = select(ledger_nodes.c.hash).where(
    ledger_nodes.c.leaf == bindparam("leaf"), ledger_nodes.c.level == bindparam("level")
)
