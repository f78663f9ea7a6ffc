"""The canonical form: the bytes of RFC 8785 for what a record may hold, and nothing else."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.canonical import LARGEST_INTEGER, Plain, canonical, digest

characters = st.characters(exclude_categories=["Cs"])
texts = st.text(characters).map(lambda text: unicodedata.normalize("NFC", text))
keys = st.text(st.characters(max_codepoint=0x7F))
scalars = st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner), max_leaves=30
)


@settings(deadline=None)
@given(values)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@settings(deadline=None)
@given(st.dictionaries(keys, scalars))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_a_value_is_written_by_contract() -> None:
    value: Plain = {"title": "滴灌“研究”\n", "requested_fen": 80_000_000, "duplex": True, "note": None, "a": [1, ()]}
    expected = '{"a":[1,[]],"duplex":true,"note":null,"requested_fen":80000000,"title":"滴灌“研究”\\n"}'
    assert canonical(value) == expected.encode()
    assert digest(value) == hashlib.sha256(expected.encode()).digest()


def test_true_is_not_one() -> None:
    assert digest(True) != digest(1)


@pytest.mark.parametrize("number", [LARGEST_INTEGER, -LARGEST_INTEGER])
def test_the_largest_integers_are_taken(number: int) -> None:
    assert canonical(number) == str(number).encode()


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**30])
def test_integers_that_are_not_exact_as_doubles_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="exactly"):
        canonical({"a": [number]})


@pytest.mark.parametrize("value", [1.0, 0.5, float("nan"), float("inf"), b"bytes", {1, 2}, object()])
def test_what_has_no_place_in_a_record_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no place"):
        canonical({"a": [value]})


@pytest.mark.parametrize("text", ["e\u0301", "\u212b", "\uf900"])
def test_text_in_another_normal_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="form C"):
        canonical([text])


def test_half_a_character_is_refused() -> None:
    with pytest.raises(ValueError):
        canonical("\ud800")


@pytest.mark.parametrize("key", ["标题", "e\u0301", 1, None])
def test_keys_that_are_not_ascii_text_are_refused(key: Any) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        canonical({"inner": {key: 1}})
