"""Work in order by several processes: a process that dies costs its own piece, and none of the others."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from toolkit.processes import in_order


def square(number: int) -> int:
    """Do a piece of work, or die over it as a library may."""
    if number == 5:
        os._exit(1)
    if number == 100:
        raise ValueError("no square of 100")
    return number * number


def here(number: int) -> int:
    return -number


def lost(number: int) -> int:
    return 0


def test_few_pieces_are_done_here() -> None:
    assert list(in_order([1, 2, 3], here=here, there=square, lost=lost)) == [-1, -2, -3]
    assert list(in_order([], here=here, there=square, lost=lost)) == []


@pytest.mark.slow
def test_process_that_dies_costs_its_piece_only() -> None:
    answers = list(in_order(range(1, 9), here=here, there=square, lost=lost))
    if os.cpu_count() == 1:
        assert answers == [-number for number in range(1, 9)]
    else:
        assert answers == [1, 4, 9, 16, 0, 36, 49, 64]


def test_pieces_are_taken_a_few_ahead_only() -> None:
    """200 pages of a scan would not fit into memory."""
    taken = []

    def items() -> Iterator[int]:
        for number in range(10, 90):
            taken.append(number)
            yield number

    answers = in_order(items(), here=here, there=square, lost=lost)
    next(answers)
    assert len(taken) < 40
    answers.close()  # type: ignore[attr-defined]


def test_error_of_a_piece_is_raised_here() -> None:
    with pytest.raises(ValueError, match="no square"):
        list(in_order([10, 11, 100, 12, 13], here=square, there=square, lost=lost))
