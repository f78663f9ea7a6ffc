"""The tree of the ledger: hashes and proofs of a Merkle tree as RFC 9162, 2.1 defines them (those of RFC 6962).

A tree of n leaves is a row of perfect subtrees, the largest first, one for every bit of n; they are the right edge that
grows. A node is named by the last leaf below it and its level: (5, 1) is over the leaves 4 and 5. So a new leaf makes
only nodes that are named after it, one more than it has bits of 1 at its end, and no node is ever made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

Node = Callable[[int, int], bytes]
"""Gives the hash (32 bytes) of a perfect subtree by its last leaf, counted from 0, and its level."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (2.1.1)."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf (2.1.1)."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others (2.1.1)."""
    return hashlib.sha256(b"\1" + left + right).digest()


def grown(leaf: int, value: bytes, node: Node) -> Iterator[tuple[int, bytes]]:
    """Give level and hash of every node that a new leaf completes, itself (level 0) first.

    Args:
        leaf: its number, which is how many there were before it.
        value: its hash.
        node: gives the nodes that are there.
    """
    yield 0, value
    level = 0
    while leaf >> level & 1:
        value = node_hash(node(leaf - (1 << level), level), value)
        level += 1
        yield level, value


def edge(size: int) -> list[tuple[int, int]]:
    """Return the perfect subtrees that a tree of that size is a row of, from left to right."""
    subtrees, begun = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            begun += 1 << level
            subtrees.append((begun - 1, level))
    return subtrees


def root(size: int, node: Node) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return _over(0, size, node) if size else EMPTY


def inclusion_proof(leaf: int, size: int, node: Node) -> list[bytes]:
    """Return the proof that a leaf is in the tree of the first ``size`` leaves (2.1.3.1)."""
    if not 0 <= leaf < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {leaf}")
    proof, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if leaf < middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(begin, middle, node))
            begin = middle
    return proof[::-1]


def consistency_proof(first: int, size: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of the first ``size`` leaves goes on from that of the ``first`` ones (2.1.4.1)."""
    if not 0 < first <= size:
        raise ValueError(f"no tree of {size} leaves goes on from one of {first}")
    proof, begin, end, known = [], 0, size, True
    while first != end:  # SUBPROOF(first - begin, D[begin:end], known)
        middle = begin + _split(end - begin)
        if first <= middle:
            proof.append(_over(middle, end, node))
            end = middle
        else:
            proof.append(_over(begin, middle, node))
            begin, known = middle, False
    if not known:
        proof.append(_over(begin, end, node))
    return proof[::-1]


def includes(leaf: int, size: int, value: bytes, proof: Sequence[bytes], top: bytes) -> bool:
    """Return whether a proof shows that a tree of ``size`` leaves with the root ``top`` has the leaf (2.1.3.2)."""
    if not 0 <= leaf < size:
        return False
    place, last = leaf, size - 1
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(other, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, other)
        place, last = place >> 1, last >> 1
    return last == 0 and value == top


def goes_on(first: int, size: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether a proof shows that the tree with the root ``new`` goes on from that with ``old`` (2.1.4.2)."""
    if not 0 < first <= size:
        return False
    if first == size:
        return not proof and old == new
    path = [old, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = first - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            was, now = node_hash(other, was), node_hash(other, now)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            now = node_hash(now, other)
        place, last = place >> 1, last >> 1
    return last == 0 and was == old and now == new


@dataclass(slots=True)
class Growing:
    """A tree that is reckoned leaf by leaf: only its right edge is kept, one hash for every bit of its size."""

    size: int = 0
    _edge: dict[int, bytes] = field(default_factory=dict)  # by level

    def add(self, value: bytes) -> list[tuple[int, bytes]]:
        """Add the hash of a leaf; return level and hash of every node that it completes."""
        made = list(grown(self.size, value, lambda leaf, level: self._edge.pop(level)))
        self._edge[made[-1][0]] = made[-1][1]
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        """The root of the leaves so far."""
        return root(self.size, lambda leaf, level: self._edge[level])


def _split(count: int) -> int:
    """Return the largest power of two that is smaller (the k of 2.1.1)."""
    return 1 << (count - 1).bit_length() - 1


def _over(begin: int, end: int, node: Node) -> bytes:
    """Return the hash over the leaves from ``begin`` to before ``end``, a range that the tree splits off as a whole."""
    subtrees = [node(begin + last, level) for last, level in edge(end - begin)]
    value = subtrees.pop()
    while subtrees:
        value = node_hash(subtrees.pop(), value)
    return value
