"""What the order of images tells of printing on both sides; the orders are those of feeders with one and two lamps."""

from __future__ import annotations

import datetime

import pytest

from toolkit.messages import Message
from toolkit.scan.duplex import judge_duplex
from toolkit.scan.paper import PageVerdict, SealClaims
from toolkit.verdict import Finding, Reason

SHEETS = [("P", copy, page) for copy in (1, 2) for page in (1, 3)]
FRONTS, BACKS = SHEETS, [(code, copy, page + 1) for code, copy, page in SHEETS]
IN_ORDER = [side for sheet in zip(FRONTS, BACKS, strict=True) for side in sheet]


def images(sides: list[tuple[str, int, int] | None], source: str = "scan.pdf") -> list[PageVerdict]:
    """Return the pages of a scan; None is an empty side."""
    return [
        PageVerdict(source=source, image=number, is_blank=True, findings=(Finding(Reason.SEAL_ABSENT, Message("")),))
        if side is None
        else PageVerdict(source=source, image=number, seal=claims(*side), findings=())
        for number, side in enumerate(sides, start=1)
    ]


def claims(code: str, copy: int, page: int) -> SealClaims:
    when = datetime.datetime(2025, 7, 1, tzinfo=datetime.UTC)
    return SealClaims("XJ-1", 1, "proposal", code, copy, 2, page, 4, when, bytes(32), bytes(32))


def reasons(pages: list[PageVerdict]) -> list[Reason]:
    return [finding.reason for finding in judge_duplex("XJ-1", pages)]


def test_fronts_and_then_backs_from_the_last_are_both_sides() -> None:
    assert reasons(images([*FRONTS, *reversed(BACKS)])) == []


def test_empty_backs_are_one_side() -> None:
    (finding,) = judge_duplex("XJ-1", images([side for page in IN_ORDER for side in (page, None)]))
    assert finding.reason is Reason.NOT_DUPLEX
    assert str(finding.message).startswith("8 pages have an empty side")


@pytest.mark.parametrize(
    "sides",
    [
        IN_ORDER,
        [*FRONTS, *BACKS],
        [*IN_ORDER, None],
        [IN_ORDER[0], None, *IN_ORDER[1:]],
        FRONTS,
        [FRONTS[0], BACKS[0]],
        [*FRONTS, *reversed(BACKS[:3]), ("P", 2, 2)],
    ],
    ids=["in order", "backs in order", "sheet behind", "sheet between", "fronts only", "one sheet", "other sheet"],
)
def test_other_orders_tell_nothing(sides: list[tuple[str, int, int] | None]) -> None:
    assert reasons(images(sides)) == [Reason.DUPLEX_NOT_OBSERVED]


def test_every_scan_of_a_submission_must_tell() -> None:
    turned, plain = images([*FRONTS, *reversed(BACKS)]), images(IN_ORDER, "other.pdf")
    assert reasons([*turned, *plain]) == [Reason.DUPLEX_NOT_OBSERVED]


def test_empty_sides_behind_other_submissions_count_for_those() -> None:
    pages = images([IN_ORDER[0], None, IN_ORDER[1], None])
    assert [finding.reason for finding in judge_duplex("XJ-2", pages)] == [Reason.DUPLEX_NOT_OBSERVED]
