"""Part four of the notice: each limit just kept, just broken, and not stated."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from cases import found


@pytest.mark.parametrize(("count", "mark"), [(0, None), (1, ""), (None, "?")])
@pytest.mark.parametrize("name", ["running_projects", "other_applications"])
def test_projects_of_the_leader(name: str, count: int | None, mark: str | None) -> None:
    expected = [] if mark is None else [f"leader.{name}{mark}"]
    assert found(name, {"leader": {name: count}}, most=0) == expected


@pytest.mark.parametrize(
    ("leader", "members", "fields"),
    [
        (1, [1, 1, 9], []),
        (2, [0, 0], ["leader.running_as_key_member"]),
        (0, [0, 2, 0], ["members[2].running_as_key_member"]),
        (None, [0, None, None], ["leader.running_as_key_member?", "members[2].running_as_key_member?"]),
        (0, [], []),
    ],
)
def test_key_members(leader: int | None, members: list[int | None], fields: list[str]) -> None:
    form = {
        "leader": {"running_as_key_member": leader},
        "members": tuple({"name": "某", "running_as_key_member": count} for count in members),
    }
    assert found("key_members", form, members=2, most=1) == fields


@pytest.mark.parametrize(("count", "mark"), [(0, None), (3, None), (4, ""), (None, "?")])
def test_overdue_projects(count: int | None, mark: str | None) -> None:
    expected = [] if mark is None else [f"applicant_unit.overdue_projects{mark}"]
    form = {"applicant_unit": {"overdue_projects": count}}
    assert found("overdue_projects", form, most=3, reported_before=date(2025, 5, 29)) == expected


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({}, []),
        ({"applicant_unit": {"no_misconduct": True}, "leader": {"no_misconduct": True}}, []),
        ({"applicant_unit": {"no_misconduct": False}}, ["applicant_unit.no_misconduct"]),
        ({"leader": {"no_misconduct": False}}, ["leader.no_misconduct"]),
        ({"partner_units": ({"no_misconduct": True}, {"no_misconduct": False})}, ["partner_units[2].no_misconduct"]),
        ({"members": ({"no_misconduct": False}, {})}, ["members[1].no_misconduct", "members?"]),
        ({"members": ({"no_misconduct": True},), "partner_units": ({},)}, ["partner_units?"]),
    ],
)
def test_no_misconduct(form: dict[str, Any], fields: list[str]) -> None:
    assert found("no_misconduct", form) == fields
