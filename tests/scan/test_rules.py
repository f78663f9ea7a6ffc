"""Lines of a table: removed, moved, added, and what innocent marks look like them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from printed_lines import KEEP_OUT, LINES, SYMBOL, described, fonts, printed, scanned

from toolkit.page import PageDescription, Rule
from toolkit.scan.comparison import Fonts, compare
from toolkit.verdict import Box, Finding, Reason

FONTS = Fonts(fonts())
ROWS = tuple(Rule("line", (8000, y, 51000, y + 50), "000000") for y in range(49000, 77000, 4000))
UPRIGHTS = tuple(Rule("line", (x, 49000, x + 50, 73050), "000000") for x in (8000, 22000, 51000))
BASE = described(LINES, repeat=2)
RECORD = replace(BASE, rules=(*BASE.rules[:1], *ROWS, *UPRIGHTS))
"""Two times eight lines of text, and below them a table with nothing in it."""
Picture = NDArray[np.uint8]
Change = Callable[[Picture], None]


@lru_cache(maxsize=8)
def drawn(record: PageDescription) -> Picture:
    return printed(record)


def told(record: PageDescription, change: Change | None = None, *, after: Change | None = None) -> list[Finding]:
    picture = drawn(record).copy()
    if change is not None:
        change(picture)
    image, corners = scanned(picture, degrees=0.3)
    if after is not None:
        after(image)
    return list(compare(image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS).findings)


def without(rule: Rule, *others: Rule) -> PageDescription:
    return replace(RECORD, rules=(*(each for each in RECORD.rules if each is not rule), *others))


def line(start: tuple[float, float], end: tuple[float, float], thick: int = 2, grey: int = 20) -> Change:
    """Draw on the page, at 200 dpi; places in 1/100 pt."""

    def draw(picture: Picture) -> None:
        ends = [tuple(round(edge * 200 / 7200) for edge in place) for place in (start, end)]
        layer = np.full_like(picture, 255)
        cv2.line(layer, ends[0], ends[1], (grey,) * 3, thick, cv2.LINE_AA)
        picture[:] = np.minimum(picture, layer)

    return draw


def near(box: Box | None, other: Box) -> bool:
    """Tell whether a box lies on a line: of its ends, far from everything else, nothing may be known."""
    return box is not None and all(
        other[axis] - 400 < box[axis] < box[axis + 2] < other[axis + 2] + 400 for axis in (0, 1)
    )


def test_a_genuine_table_says_nothing() -> None:
    assert told(RECORD) == []


@pytest.mark.parametrize("rule", [RECORD.rules[0], ROWS[2], UPRIGHTS[1]], ids=["head", "row", "column"])
def test_a_removed_line_is_found(rule: Rule) -> None:
    (finding,) = told(without(rule))
    assert finding.reason is Reason.CONTENT_ALTERED and near(finding.box, rule.box)


def test_half_a_line_removed_is_found() -> None:
    (finding,) = told(without(ROWS[2], ROWS[2]._replace(box=(8000, 57000, 30000, 57050))))
    assert finding.reason is Reason.CONTENT_ALTERED and near(finding.box, (30000, 57000, 51000, 57050))


def test_a_moved_line_is_found_where_it_was_and_where_it_is() -> None:
    moved = ROWS[2]._replace(box=(8000, 58000, 51000, 58050))
    findings = told(without(ROWS[2], moved))
    assert {finding.reason for finding in findings} == {Reason.CONTENT_ALTERED}
    assert near(findings[0].box, ROWS[2].box) and near(findings[1].box, moved.box)


@pytest.mark.parametrize("box", [(12000, 59000, 40000, 59072), (36000, 54000, 36072, 64000)], ids=["level", "upright"])
def test_an_added_line_is_found(box: Box) -> None:
    findings = told(replace(RECORD, rules=(*RECORD.rules, Rule("line", box, "000000"))))
    assert {finding.reason for finding in findings} == {Reason.CONTENT_ALTERED}
    assert any(near(finding.box, box) for finding in findings)


@pytest.mark.parametrize(
    "change",
    [
        line((12000, 59000), (40000, 59900), 3),
        line((12000, 59000), (30000, 59000), 14, 60),
        line((0, 59000), (59500, 59000), 4, 150),
        line((29000, 0), (29100, 84000), 4, 130),
    ],
    ids=["a pen's", "a marker's", "a fold", "a fold upright"],
)
def test_what_is_no_line_of_a_table_alters_nothing(change: Change) -> None:
    assert [finding for finding in told(RECORD, change) if finding.reason is not Reason.INK_ADDED] == []


def test_punched_holes_and_a_pale_crease_hide_no_line() -> None:
    def punched(picture: Picture) -> None:
        for y in (52000, 60000):
            cv2.circle(picture, (round(8000 / 36), round(y / 36)), 24, (255, 255, 255), -1)
        crease = picture[round(56900 / 36) : round(57150 / 36), 700:760]
        crease[:] = 255 - (255 - crease) // 4

    assert told(RECORD, punched) == []


def test_a_scanner_that_loses_hairlines_does_not_remove_them() -> None:
    findings = told(replace(RECORD, rules=(RECORD.rules[0], ROWS[1], UPRIGHTS[0])))
    assert {finding.reason for finding in findings} == {Reason.CONTENT_ILLEGIBLE}
