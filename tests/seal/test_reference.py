"""References: printed, typed with the slips of a hurried hand, and refused when a character is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from toolkit.errors import UsageError
from toolkit.seal.reference import Reference

SIDE = Reference("XJSCO25-00001", 1, "P", 1, 3)


def test_a_reference_is_printed_by_contract() -> None:
    assert str(SIDE) == "XJSCO25-00001-r1/P/1/3-6"
    assert mod_37_36.is_valid("XJSCO2500001R1P136")


def test_the_check_character_is_that_of_iso_7064() -> None:
    assert mod_37_36.calc_check_digit("A12425GABC1234002") == "M"  # GRid, ISO 7064 MOD 37,36


@pytest.mark.parametrize(
    "typed",
    [
        "xjsco25-00001-R1/p/1/3-6",
        "  XJSCO25-00001-r1 / P / 1 / 3 - 6\n",
        "ＸＪＳＣＯ２５－００００１－ｒ１／Ｐ／１／３－６",
    ],
)
def test_a_hurried_hand_is_understood(typed: str) -> None:
    assert Reference.parse(typed) == SIDE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "XJSCO25-00001",
        "XJSCO25-00001-r1/P/1/3",
        "XJSCO25-00001-r0/P/1/3-6",
        "x" * 100_000,
        "文/书-6",
        "-r1/P/1/1-0",
    ],
)
def test_another_form_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="is no reference"):
        Reference.parse(typed)


sides = st.builds(
    Reference,
    st.text("ABCXYZ0123456789", min_size=1, max_size=20),
    st.integers(1, 65_535),
    st.sampled_from(["P", "CU", "CL", "R"]),
    st.integers(1, 255),
    st.integers(1, 65_535),
)


@given(sides, st.data())
def test_every_reference_comes_back_and_no_single_slip_does(side: Reference, draw: st.DataObject) -> None:
    printed = str(side)
    assert Reference.parse(printed) == side
    place = draw.draw(st.sampled_from([i for i, character in enumerate(printed) if character.isalnum()]))
    other = draw.draw(
        st.sampled_from([c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c != printed[place].upper()])
    )
    with pytest.raises(UsageError):
        Reference.parse(printed[:place] + other + printed[place + 1 :])
