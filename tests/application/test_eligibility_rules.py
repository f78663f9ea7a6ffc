"""Parts one and three of the notice: each rule kept, broken and at its border."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from cases import WINDOWS, found

UNIT = "applicant_unit"


@pytest.mark.parametrize(
    ("unit", "fields"),
    [
        ({"legal_person": True}, []),
        ({"legal_person": False}, [f"{UNIT}.legal_person"]),
        ({}, [f"{UNIT}.legal_person?"]),
        ({"central_non_legal": True}, []),
        ({"central_non_legal": True, "legal_person": False}, []),
    ],
)
def test_legal_person(unit: dict[str, Any], fields: list[str]) -> None:
    assert found("legal_person", {UNIT: unit}) == fields


@pytest.mark.parametrize(
    ("code", "central", "fields"),
    [
        ("91650100MA000004XN", False, []),
        ("91110000600037341L", False, [f"{UNIT}.credit_code"]),
        ("91110000600037341L", True, []),
    ],
)
def test_registered_here(code: str, central: bool, fields: list[str]) -> None:
    unit = {"credit_code": code, "central_non_legal": central}
    assert found("registered_here", {UNIT: unit}, divisions=["65"]) == fields


@pytest.mark.parametrize(("division", "asked"), [("10", True), ("66", True), ("65", False), ("64", False)])
def test_a_code_that_names_no_province_is_asked_about(division: str, asked: bool) -> None:
    code = next(code for code in codes(f"91{division}0000MA00000") if code)
    assert (
        found("registered_here", {UNIT: {"credit_code": code}}, divisions=["65"]) == [f"{UNIT}.credit_code?"]
    ) is asked


def codes(start: str) -> list[str]:
    """Return the valid credit codes that begin so."""
    from toolkit.application.values import Unfit, parse_credit_code

    valid = []
    for check in "0123456789ABCDEFGHJKLMNPQRTUWXY":
        try:
            valid.append(parse_credit_code(f"{start}0000"[:17] + check))
        except Unfit:
            continue
    return valid


@pytest.mark.parametrize(
    ("kind", "central", "fields"),
    [
        ("企业", False, []),
        ("中央驻疆非独立法人单位", True, []),
        ("中央驻疆非独立法人单位", False, [f"{UNIT}.central_non_legal"]),
        ("企业", True, [f"{UNIT}.central_non_legal"]),
        ("", True, []),
    ],
)
def test_central_as_kind(kind: str, central: bool, fields: list[str]) -> None:
    unit = {"kind": kind, "central_non_legal": central}
    assert found("central_as_kind", {UNIT: unit}, kind="中央驻疆非独立法人单位") == fields


AGE, CATEGORY = "leader.birth_date", "leader.retirement_category?"


@pytest.mark.parametrize(
    ("leader", "kind", "end", "fields"),
    [
        # Born in January 1965: 60 years and one month.
        ({"gender": "男", "birth_date": "1965-01-10"}, "高等院校", "2025-02-10", []),
        ({"gender": "男", "birth_date": "1965-01-10"}, "高等院校", "2025-02-11", [AGE]),
        # Born in February 1968, 37 months after January 1965: ten months more.
        ({"gender": "男", "birth_date": "1968-02-29"}, "高等院校", "2028-12-29", []),
        ({"gender": "男", "birth_date": "1968-02-29"}, "高等院校", "2028-12-30", [AGE]),
        ({"gender": "男", "birth_date": "1976-09-30"}, "高等院校", "2039-09-30", []),
        ({"gender": "男", "birth_date": "1976-09-30"}, "高等院校", "2039-10-01", [AGE]),
        # Women: sure below the earliest age and above the latest, asked between them.
        ({"gender": "女", "birth_date": "1975-01-10"}, "高等院校", "2025-02-10", []),
        ({"gender": "女", "birth_date": "1975-01-10"}, "高等院校", "2025-02-11", [CATEGORY]),
        ({"gender": "女", "birth_date": "1965-01-10"}, "高等院校", "2025-02-10", [CATEGORY]),
        ({"gender": "女", "birth_date": "1965-01-10"}, "高等院校", "2025-02-11", [AGE]),
        (
            {"gender": "女", "birth_date": "1971-04-15", "retirement_category": "女职工（原55周岁）"},
            "高等院校",
            "2026-08-15",
            [],
        ),
        (
            {"gender": "女", "birth_date": "1971-04-15", "retirement_category": "女职工（原55周岁）"},
            "高等院校",
            "2026-08-16",
            [AGE],
        ),
        # Enterprises: 65 in full years, so until the day before the 66th birthday.
        ({"gender": "男", "birth_date": "1962-07-01"}, "企业", "2028-06-30", []),
        ({"gender": "男", "birth_date": "1962-07-01"}, "企业", "2028-07-01", [AGE]),
        (
            {"gender": "男", "birth_date": "1940-01-01", "academician": True},
            "高等院校",
            "2028-06-30",
            ["leader.academician?"],
        ),
        ({"gender": "男", "birth_date": "1940-01-01", "academician": False}, "高等院校", "2028-06-30", [AGE]),
        ({"gender": "男"}, "高等院校", "2028-06-30", []),
    ],
)
def test_leader_age(leader: dict[str, Any], kind: str, end: str, fields: list[str]) -> None:
    form = {"leader": leader, UNIT: {"kind": kind}, "end_date": end}
    assert found("leader_age", form, enterprise_kinds=["企业"], enterprise_age=65) == fields


@pytest.mark.parametrize(("said", "fields"), [(True, []), (False, [""]), (None, ["?"])])
def test_leader_conceived(said: bool | None, fields: list[str]) -> None:
    expected = [f"leader.conceived_and_leads{mark}" for mark in fields]
    assert found("leader_conceived", {"leader": {"conceived_and_leads": said}}) == expected


@pytest.mark.parametrize(("months", "broken"), [(None, False), (0, True), (5, True), (6, False), (12, False)])
def test_working_months(months: int | None, broken: bool) -> None:
    assert bool(found("working_months", {"leader": {"months_per_year": months}}, least=6)) is broken


@pytest.mark.parametrize(("start", "broken"), [("11650000", True), ("12650000", False), ("91650000", False)])
def test_no_administrative_unit(start: str, broken: bool) -> None:
    (code,) = codes(f"{start}MB0000001"[:17])
    assert bool(found("no_administrative_unit", {UNIT: {"credit_code": code}})) is broken


@pytest.mark.parametrize(("said", "broken"), [(True, True), (False, False), (None, False)])
def test_no_civil_servant(said: bool | None, broken: bool) -> None:
    assert bool(found("no_civil_servant", {"leader": {"civil_servant": said}})) is broken


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("as_of", "broken"),
    [
        (None, False),
        (WINDOWS.submit_from - SECOND, True),
        (WINDOWS.submit_from, False),
        (WINDOWS.submit_until, False),
        (WINDOWS.submit_until + SECOND, True),
        (WINDOWS.recommend_until, True),
        (WINDOWS.recommend_until + SECOND, True),
        (datetime.fromisoformat("2025-06-30T12:00:00+00:00"), False),
        (datetime.fromisoformat("2025-06-30T12:00:01+00:00"), True),
    ],
)
def test_windows_to_the_second(as_of: datetime | None, broken: bool) -> None:
    assert bool(found("windows", {}, as_of)) is broken


BEFORE = {"applicant_unit": {"name": "甲"}, "leader": {"name": "乙", "identity_number": "P1234567"}}


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({**BEFORE, "title": "另一题目"}, []),
        ({**BEFORE, "applicant_unit": {"name": "丙"}}, [f"{UNIT}.name"]),
        ({**BEFORE, "leader": {"name": "乙", "identity_number": "P1234568"}}, ["leader.identity_number"]),
        ({**BEFORE, "leader": {"identity_number": "P1234567"}}, ["leader.name"]),
    ],
)
def test_unchanged_once_accepted(form: dict[str, Any], fields: list[str]) -> None:
    assert found("unchanged_once_accepted", form, accepted=BEFORE) == fields
