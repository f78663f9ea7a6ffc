"""What can happen to a submission after what, and when its paper is due or late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import an_issue
import pytest
from an_issue import NOW
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import EventRefused, SubmissionUnknown
from toolkit.records.life import EVENTS, following, lateness, paper_due, stage
from toolkit.records.store import Store
from toolkit.verdict import Outcome, Reason

ZONE = ZoneInfo("Asia/Shanghai")
PROGRAMME = {"timezone": "Asia/Shanghai", "paper_working_days": 5}
WAY = ["submitted", "recommended", "accepted", "passed", "received"]


@dataclass(frozen=True)
class Happened:
    """What an event has, as far as it matters here."""

    kind: str
    at: datetime


def test_the_way_of_a_submission() -> None:
    kinds = ["issued"]
    for kind in WAY:
        assert kind in following(kinds)
        kinds.append(kind)
        assert stage(kinds) == kind
    assert following(kinds) == ("returned",)


@pytest.mark.parametrize(
    ("kinds", "possible"),
    [
        (["issued"], ("submitted", "withdrawn")),
        (["issued", "submitted", "issued"], ("recommended", "returned", "withdrawn")),  # a revision changes nothing
        (["issued", "submitted", "returned"], ("submitted", "withdrawn")),
        (["issued", *WAY, "returned"], ("received", "withdrawn")),
        (["issued", "withdrawn"], ()),
    ],
)
def test_what_is_possible_next(kinds: list[str], possible: tuple[str, ...]) -> None:
    assert following(kinds) == possible


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_paper_never_comes_before_review_and_nothing_after_withdrawal(wanted: list[str]) -> None:
    kinds = ["issued"]
    for kind in wanted:
        if kind in following(kinds):
            kinds.append(kind)
    assert "received" not in kinds or "passed" in kinds[: kinds.index("received")]
    assert "withdrawn" not in kinds[:-1]
    assert all(before != after for before, after in pairwise(kinds))


def test_the_store_refuses_what_cannot_have_happened(store: Store) -> None:
    serial = an_issue.issue(store).serial
    now = NOW + timedelta(days=1)

    def enter(kind: str, at: datetime) -> None:
        store.enter(serial, kind, at=at, who="某处", detail={"note": "说明"}, now=now)

    with pytest.raises(EventRefused, match="possible: submitted, withdrawn"):
        enter("passed", now)
    with pytest.raises(EventRefused, match="still to come"):
        enter("submitted", now + timedelta(seconds=1))
    enter("submitted", NOW - timedelta(days=20))  # online, before its formal copy was printed
    with pytest.raises(EventRefused, match="earlier than what happened last"):
        enter("recommended", NOW - timedelta(days=20, seconds=1))
    enter("recommended", now)
    with pytest.raises(SubmissionUnknown):
        store.enter("XJSCO25-99999", "submitted", at=NOW, who="x", detail={}, now=now)
    assert [event.kind for event in store.life(serial)] == ["issued", "submitted", "recommended"]
    assert store.life(serial)[1].detail == {"note": "说明", "entered": now.isoformat()}


def test_the_latest_revision_of_every_submission_is_listed(store: Store) -> None:
    first = an_issue.issue(store)
    an_issue.issue(store)
    an_issue.issue(store, revises=first.serial)
    listed = [(serial, revision, len(life)) for serial, revision, _, life in store.latest()]
    assert listed == [("XJSCO25-00001", 2, 2), ("XJSCO25-00002", 1, 1)]


def test_the_day_is_counted_where_the_office_is() -> None:
    late_evening = datetime(2025, 7, 1, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Asia/Shanghai
    assert str(paper_due(PROGRAMME, late_evening)) == "2025-07-08"
    assert str(paper_due(PROGRAMME, late_evening + timedelta(seconds=1))) == "2025-07-09"
    assert paper_due({"timezone": "Asia/Shanghai"}, late_evening) is None


PASSED = Happened("passed", datetime(2025, 7, 1, 10, tzinfo=ZONE))  # due on 8 July
LAST = datetime(2025, 7, 8, 23, 59, 59, tzinfo=ZONE)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("happened", "now", "late"),
    [
        ([], LAST + SECOND, False),
        ([PASSED], LAST, False),
        ([PASSED], LAST + SECOND, True),
        ([PASSED, Happened("received", LAST)], LAST + 30 * SECOND, False),
        ([PASSED, Happened("received", LAST + SECOND)], LAST + 30 * SECOND, True),
        (
            [PASSED, Happened("received", LAST), Happened("returned", LAST), Happened("received", LAST + SECOND)],
            LAST + 30 * SECOND,
            False,
        ),
    ],
)
def test_late_by_a_second(happened: list[Happened], now: datetime, late: bool) -> None:
    finding = lateness(PROGRAMME, happened, now)
    assert (finding is not None and finding.reason is Reason.LATE and finding.outcome is Outcome.FAILED) is late


def test_a_year_without_calendar_is_told_and_not_guessed() -> None:
    passed = Happened("passed", datetime(2190, 7, 1, tzinfo=ZONE))
    finding = lateness(PROGRAMME, [passed], passed.at)
    assert finding is not None and finding.outcome is Outcome.INDETERMINATE
