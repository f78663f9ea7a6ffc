"""Part five of the notice: each rule kept, broken and at its border."""

from __future__ import annotations

from typing import Any

import pytest
from cases import found
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("documents", "broken"), [(["commitment-unit"], False), (["commitment-unit", "commitment-leader"], True)]
)
def test_commitment_letters(documents: list[str], broken: bool) -> None:
    assert bool(found("commitment_letters", {}, documents=documents)) is broken


@pytest.mark.parametrize(
    ("funds", "fields"),
    [
        ({"self_raised": 0}, []),
        ({"self_raised": 1}, ["funds.self_raised_monetary?"]),
        ({"self_raised": 1, "self_raised_monetary": True}, []),
        ({"self_raised": 1, "self_raised_monetary": False}, ["funds.self_raised_monetary"]),
    ],
)
def test_self_raised_money(funds: dict[str, Any], fields: list[str]) -> None:
    assert found("self_raised_money", {"funds": funds}) == fields


@given(st.integers(0, 10**15 // 3), st.integers(0, 3))
def test_a_third_to_the_fen(third: int, more: int) -> None:
    form = {
        "funds": {"requested": 3 * third},
        "partner_units": ({"name": "甲", "share": third}, {"name": "乙", "share": more}),
    }
    assert bool(found("partners_share", form, part="1/3")) is (more > 0)
