"""What an office has on its desk: events within their windows, what is due, and the summary of what was recommended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from formal_copy import FormalCopy

from toolkit.application.reading import Application, load_application
from toolkit.application.similarity_rules import content_in
from toolkit.docket import Standing, enter, standings
from toolkit.errors import CheckFailed, EventRefused
from toolkit.home import Home
from toolkit.issued import described, same_project
from toolkit.issuing import issue
from toolkit.verdict import Reason

SERIAL = "XJSCO25-00001"
ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
OPENS, CLOSES, LAST = (
    datetime(2025, 5, 31, 10, tzinfo=ZONE),
    datetime(2025, 6, 30, 20, tzinfo=ZONE),
    datetime(2025, 7, 3, 20, tzinfo=ZONE),
)
LATER = datetime(2025, 12, 1, tzinfo=ZONE)


@pytest.fixture
def office(formal_copy: FormalCopy, tmp_path: Path) -> Iterator[Home]:
    """A data folder of this test alone, which has issued the full sample on 20 June 2025."""
    shutil.copytree(formal_copy.home, tmp_path / "home")
    with Home.open(tmp_path / "home") as home:
        yield home


def happen(home: Home, *events: tuple[str, datetime]) -> None:
    for kind, at in events:
        enter(home, SERIAL, kind, who="某处", at=at, now=LATER)


def standing(home: Home, now: datetime) -> Standing:
    (one,) = standings(home, now=now)
    return one


def test_windows_are_held_to_the_second(office: Home) -> None:
    with pytest.raises(EventRefused, match="2025-05-31 10:00:00 to 2025-06-30 20:00:00"):
        happen(office, ("submitted", CLOSES + SECOND))
    happen(office, ("submitted", CLOSES))
    with pytest.raises(EventRefused, match="2025-07-03 20:00:00"):
        happen(office, ("recommended", LAST + SECOND))
    happen(office, ("recommended", LAST))
    with pytest.raises(EventRefused):
        enter(office, SERIAL, "accepted", who=" ", now=LATER)


def test_a_time_without_zone_is_one_of_the_notice(office: Home) -> None:
    last = CLOSES.astimezone(ZONE).replace(tzinfo=None)
    with pytest.raises(EventRefused):
        happen(office, ("submitted", last + SECOND))
    happen(office, ("submitted", last))
    assert office.store.life(SERIAL)[-1].at == CLOSES


def test_what_is_due_and_when(office: Home) -> None:
    assert standing(office, LAST).wanting == ""
    assert standing(office, LAST + SECOND).wanting == "incomplete"
    happen(office, ("submitted", CLOSES), ("recommended", LAST), ("accepted", LAST))
    assert standing(office, LATER).wanting == ""
    happen(office, ("passed", datetime(2025, 9, 26, 17, tzinfo=ZONE)))  # 28 September is worked, 1-8 October is not
    due = standing(office, datetime(2025, 10, 10, 23, 59, 59, tzinfo=ZONE))
    assert (due.stage, str(due.paper_due), due.wanting) == ("passed", "2025-10-10", "due")
    assert standing(office, datetime(2025, 10, 11, tzinfo=ZONE)).wanting == "overdue"
    shown = described(office, SERIAL)
    assert (shown["stage"], shown["paper_due"]) == ("passed", "2025-10-10")
    happen(office, ("received", datetime(2025, 10, 10, 9, tzinfo=ZONE)))
    assert standing(office, LATER).wanting == ""
    assert "李堃" not in str(due.to_dict())


@pytest.fixture
def other_leader(samples: Path, tmp_path: Path) -> Application:
    text = (samples / "application.yaml").read_text("utf-8")
    (tmp_path / "a.yaml").write_text(text.replace("name: 李堃", "name: 李坤", 1), "utf-8")
    shutil.copy(samples / "route.png", tmp_path)
    shutil.copytree(samples / "attachments", tmp_path / "attachments")
    return load_application(tmp_path / "a.yaml")


def test_once_accepted_the_leader_stays(office: Home, other_leader: Application) -> None:
    happen(office, ("submitted", CLOSES), ("recommended", LAST), ("accepted", LAST))
    with pytest.raises(CheckFailed) as refused:
        issue(other_leader, home=office, revises=SERIAL, now=LATER)
    assert [(one.reason, one.field, one.clause) for one in refused.value.verdict.findings] == [
        (Reason.RULE_BROKEN, "leader.name", "一.5")
    ]


def test_nothing_follows_a_withdrawal(office: Home, sample: Application) -> None:
    happen(office, ("withdrawn", CLOSES))
    with pytest.raises(EventRefused, match="withdrawn"):
        issue(sample, home=office, revises=SERIAL, now=LATER)


def test_a_time_without_a_zone_is_one_of_the_programme(office: Home) -> None:
    last = LAST.replace(tzinfo=None)
    assert standing(office, last).wanting == ""
    assert standing(office, last + SECOND).wanting == "incomplete"


def test_a_project_is_itself_by_unit_title_and_leader(office: Home, sample: Application) -> None:
    own = content_in(sample.readable, year=2025)
    others = office.store.alike(own)
    leader = sample.readable.leader.name
    assert same_project(office, leader, own, others) == (SERIAL,)
    assert same_project(office, "别人", own, others) == ()
    for other in (own._replace(title="别的题目"), own._replace(unit="别的单位"), own._replace(year=2024)):
        assert same_project(office, leader, other, others) == ()
