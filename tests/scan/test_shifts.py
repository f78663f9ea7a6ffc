"""Text that was moved along its line is found where it is printed, and only that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from printed_lines import FACE, LINES, described, fonts, printed

from toolkit.page import PageDescription
from toolkit.scan.glyphs import Scale, spots_of
from toolkit.scan.passages import lines
from toolkit.scan.rendering import Face, Pen, blurred, draw_page
from toolkit.scan.shifts import Move, moves

RECORD = described(LINES, repeat=1)
PEN = Pen(fonts(), 200)


def moved(page: PageDescription, first: int, last: int, by: int) -> PageDescription:
    glyphs = list(page.glyphs)
    for number in range(first, last + 1):
        x0, y0, x1, y1 = glyphs[number].box
        glyphs[number] = glyphs[number]._replace(box=(x0 + by, y0, x1 + by, y1))
    return replace(page, glyphs=tuple(glyphs))


def found(page: PageDescription, unsure: set[int]) -> list[Move]:
    drawn = draw_page(RECORD, PEN)
    soft = blurred(drawn.ink, 0.7)
    seen = blurred(1 - printed(page)[:, :, 0].astype("float32") / 255, 0.5)[: soft.shape[0], : soft.shape[1]]
    scale = Scale(seen, soft, PEN, 0.7)
    spots = spots_of(RECORD.glyphs, [Face.parse(FACE)], PEN, soft.shape)
    return moves(scale, spots, lines(RECORD.glyphs), unsure, ".，。")


def whole_line(at: int) -> tuple[int, int]:
    line = next(line for line in lines(RECORD.glyphs) if at in line)
    return line[0], line[-1]


def test_nothing_was_moved_on_a_genuine_page() -> None:
    assert found(RECORD, set(range(len(RECORD.glyphs)))) == []


@pytest.mark.parametrize("by", [300, 600, 1200])
def test_what_follows_something_put_in_is_found(by: int) -> None:
    first = RECORD.text.index("自筹经费")
    last = whole_line(first)[1]
    runs = found(moved(RECORD, first, last, by), set(range(first, last + 1)))
    assert len(runs) == 1
    assert (runs[0].numbers[0], runs[0].before) == (first, first - 1)
    assert abs(runs[0].by - by) < 40


def test_a_digit_moved_alone_is_found() -> None:
    # 5.50 without its point, kept to its left end.
    at = RECORD.text.index("5.50") + 2
    page = moved(RECORD, at, at + 1, -260)
    glyphs = list(page.glyphs)
    glyphs[at - 1] = glyphs[at - 1]._replace(character="\u3000")
    runs = found(replace(page, glyphs=tuple(glyphs)), {at - 1, at, at + 1})
    assert [run.numbers for run in runs] == [(at, at + 1)]
    assert abs(runs[0].by + 260) < 40


def test_lines_that_slip_together_are_the_papers_doing() -> None:
    first, last = whole_line(RECORD.text.index("自筹经费"))
    below = whole_line(last + 1)[1]
    unsure = set(range(first, below + 1))
    assert found(moved(RECORD, first, below, 250), unsure) == []
    assert found(moved(RECORD, first, last, 250), unsure) != []
