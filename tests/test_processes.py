"""Work in order by several processes: a process that dies costs its own piece, and none of the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from toolkit import processes
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


class BreaksBeforeItIsAsked:
    """A pool of which a process dies while nobody waits for an answer: it takes no more work then."""

    made = 0

    def __init__(self, size: int) -> None:
        BreaksBeforeItIsAsked.made += 1
        self.left = 2 if BreaksBeforeItIsAsked.made == 1 else 99

    def submit(self, work: Callable[[int], int], item: int) -> Future[int]:
        if not self.left:
            raise BrokenProcessPool("a process died")
        self.left -= 1
        answer: Future[int] = Future()
        answer.set_result(item * item)
        return answer

    def shutdown(self, **how: bool) -> None:
        pass


def test_process_that_dies_while_nobody_waits_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_pool", BreaksBeforeItIsAsked)
    monkeypatch.setattr(processes, "_cores", lambda: 2)
    assert list(in_order(range(1, 9), here=here, there=square, lost=lost)) == [n * n for n in range(1, 9)]
    assert BreaksBeforeItIsAsked.made > 1


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
