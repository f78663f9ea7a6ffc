"""The tree of the ledger, held against public vectors and against the recursive definitions of RFC 9162, 2.1.

The vectors are those of certificate-transparency (github.com/google/certificate-transparency,
cpp/merkletree/merkle_tree_test.cc): eight leaves, the roots of the trees of their first ones, and proofs about them.
Its leaves count from 1.
"""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.records.ledger_tree import (
    EMPTY,
    Growing,
    Node,
    consistency_proof,
    edge,
    goes_on,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
)

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = """
    6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
    fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
    aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
    d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
    4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
    76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
    ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
    5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()
PATHS = {  # (leaf from 1, size)
    (1, 1): "",
    (1, 8): """
        96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    (6, 8): """
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b
        ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    (3, 3): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    (2, 5): """
        6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
}
STEPS = {  # (size before, size)
    (1, 1): "",
    (1, 8): """
        96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4""",
    (6, 8): """
        0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a
        ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0
        d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7""",
    (2, 5): """
        5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e
        bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b""",
}


def nodes_of(leaves: list[bytes]) -> Node:
    """Return what gives the nodes of a tree that was grown leaf by leaf."""
    tree, nodes = Growing(), {}
    for number, leaf in enumerate(leaves):
        for level, value in tree.add(leaf_hash(leaf)):
            nodes[number, level] = value
    return lambda leaf, level: nodes[leaf, level]


def mth(leaves: list[bytes]) -> bytes:
    """Return the Merkle Tree Hash as RFC 9162, 2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """Return the inclusion proof as RFC 9162, 2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    """Return the consistency proof as RFC 9162, 2.1.4.1 defines it."""
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root(size, nodes_of(LEAVES)).hex() == ROOTS[size - 1]


def test_the_root_of_an_empty_tree() -> None:
    assert root(0, nodes_of([])) == Growing().root == EMPTY
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("leaf", "size"), PATHS)
def test_inclusion_proofs_are_those_of_certificate_transparency(leaf: int, size: int) -> None:
    proof = [bytes.fromhex(one) for one in PATHS[leaf, size].split()]
    assert inclusion_proof(leaf - 1, size, nodes_of(LEAVES)) == proof
    assert includes(leaf - 1, size, leaf_hash(LEAVES[leaf - 1]), proof, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("first", "size"), STEPS)
def test_consistency_proofs_are_those_of_certificate_transparency(first: int, size: int) -> None:
    proof = [bytes.fromhex(one) for one in STEPS[first, size].split()]
    assert consistency_proof(first, size, nodes_of(LEAVES)) == proof
    assert goes_on(first, size, *(bytes.fromhex(ROOTS[n - 1]) for n in (first, size)), proof)


sizes = st.integers(1, 70)


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_tree_is_the_recursive_one(leaves: list[bytes]) -> None:
    node = nodes_of(leaves)
    for size in {0, len(leaves) // 3, len(leaves)}:
        assert root(size, node) == mth(leaves[:size])
    assert sum(1 << level for _, level in edge(len(leaves))) == len(leaves)


@given(sizes, st.data())
def test_inclusion_proofs_are_the_recursive_ones_and_hold_for_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = [bytes([number]) for number in range(70)]
    leaf = data.draw(st.integers(0, size - 1))
    proof, top, value = inclusion_proof(leaf, size, nodes_of(leaves)), mth(leaves[:size]), leaf_hash(leaves[leaf])
    assert proof == path(leaf, leaves[:size])
    assert includes(leaf, size, value, proof, top)
    assert not includes(leaf, size, leaf_hash(b"other"), proof, top)
    assert not includes(leaf, size, value, proof, bytes(32))
    assert not includes(leaf, size, value, [*proof, top], top)
    assert not includes(leaf, size, value, proof[:-1], top) or not proof
    assert not includes(size, size, value, proof, top)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != leaf)) if size > 1 else size
    assert not includes(other, size, value, proof, top)


@given(sizes, st.data())
def test_consistency_proofs_are_the_recursive_ones_and_hold_for_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = [bytes([number]) for number in range(70)]
    first = data.draw(st.integers(1, size))
    proof, old, new = consistency_proof(first, size, nodes_of(leaves)), mth(leaves[:first]), mth(leaves[:size])
    assert proof == subproof(first, leaves[:size], True)
    assert goes_on(first, size, old, new, proof)
    assert not goes_on(first, size, bytes(32), new, proof)
    assert not goes_on(first, size, old, bytes(32), proof)
    assert not goes_on(first, size, old, new, [*proof, new])
    assert not goes_on(first, size, old, new, proof[:-1]) or not proof
    assert not goes_on(size + 1, size, old, new, proof)
    changed = [*leaves[: first - 1], b"altered", *leaves[first:]]
    assert not goes_on(first, size, old, mth(changed[:size]), consistency_proof(first, size, nodes_of(changed)))


def test_a_leaf_makes_one_node_more_than_its_number_has_ones_at_its_end() -> None:
    tree = Growing()
    made = [len(tree.add(leaf_hash(b""))) for _ in range(1024)]
    assert made[:8] == [1, 2, 1, 3, 1, 2, 1, 4] and sum(made) == 2 * 1024 - 1  # a full tree, each node once


def test_proofs_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_proof(3, 3, nodes_of(LEAVES))
    with pytest.raises(ValueError, match="goes on"):
        consistency_proof(4, 3, nodes_of(LEAVES))
    assert node_hash(b"", b"") != leaf_hash(b"")  # a node can never be taken for a leaf
