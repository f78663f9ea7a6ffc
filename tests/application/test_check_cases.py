"""Every check has its three cases: it passes, it fails, and it changes over just where the programme says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from check_cases import ASKED, BROKEN, CASES, CHARACTER, DAY, ITEM, KEPT, ONE, SAID, SECOND, Situation

from toolkit.application.model import Form
from toolkit.application.notice_rules import NOTICE_RULES
from toolkit.application.outline import choices
from toolkit.application.programme import Programme
from toolkit.application.rules import FORM_RULES, Case
from toolkit.verdict import Reason

CHECKS = {rule.name: rule for rule in (*FORM_RULES, *NOTICE_RULES)}
ABSENT = object()
"""What a path holds in the one of two situations that does not have it."""


@pytest.fixture(scope="module")
def programme() -> Programme:
    return Programme.load(Path(__file__).parents[2] / "templates" / "xinjiang-sco-2025")


def result(name: str, situation: Situation, programme: Programme) -> str:
    """Return what comes of a check by the numbers of the programme."""
    rule = CHECKS[name]
    case = Case(
        form=Form.model_validate(situation.get("form", {})),
        today=situation.get("today", date(2025, 6, 20)),
        choices=choices(programme),
        texts=programme.texts,
        zone=programme.zone,
        as_of=situation.get("as_of"),
        accepted=situation.get("accepted"),
        others=situation.get("others"),
        year=programme.programme.year,
        windows=programme.windows,
        documents=situation.get("documents", ()),
        parameters=programme.checks[name].parameters if name in programme.checks else {},
    )
    problems = list(rule.judge(case))
    if not problems:
        return KEPT
    return ASKED if all(problem.reason is Reason.QUESTION for problem in problems) else BROKEN


def leaves(said: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every value of a situation with its path."""
    if isinstance(said, Mapping):
        for key, value in said.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(said, tuple | list):
        for place, value in enumerate(said):
            yield from leaves(value, f"{path}[{place}]")
    else:
        yield path, said


def step(one: Situation, other: Situation) -> str:
    """Return the unit that two situations are apart by: in one value, by the least that this value can change by."""
    first, second = dict(leaves(one)), dict(leaves(other))
    differing = [path for path in first | second if first.get(path, ABSENT) != second.get(path, ABSENT)]
    assert len(differing) == 1, f"they differ in {differing}"
    a, b = (read(values.get(differing[0], ABSENT)) for values in (first, second))
    if isinstance(a, bool) or isinstance(b, bool) or None in (a, b):
        return SAID
    if ABSENT in (a, b):
        return ITEM
    assert type(a) is type(b)
    if isinstance(a, datetime) and isinstance(b, datetime):
        assert abs((a - b).total_seconds()) == 1
        return SECOND
    if isinstance(a, date) and isinstance(b, date):
        assert abs((a - b).days) == 1
        return DAY
    if isinstance(a, int) and isinstance(b, int):
        assert abs(a - b) == 1
        return ONE
    assert isinstance(a, str) and isinstance(b, str) and is_one_character(a, b), f"{a!r} and {b!r}"
    return CHARACTER


def read(value: object) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def is_one_character(a: str, b: str) -> bool:
    """Whether one character is another, or is put at the end; behind it there may be the check character of a code."""
    if len(a) != len(b):
        return a.startswith(b) and len(a) == len(b) + 1 or b.startswith(a) and len(b) == len(a) + 1
    places = [place for place, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
    return len(places) == 1 or (len(a) == 18 and len(places) == 2 and places[1] == 17)


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_passes_fails_and_changes_over_where_the_programme_says(name: str, programme: Programme) -> None:
    assert name in CASES, f"check_cases.py has no case that passes, none that fails and no boundary for {name}"
    cases = CASES[name]
    assert result(name, cases.passing, programme) == KEPT
    assert result(name, cases.failing, programme) == BROKEN
    assert cases.boundaries, f"the check {name} has no boundary in check_cases.py"
    for boundary in cases.boundaries:
        assert boundary.of_one != boundary.of_other
        assert step(boundary.one, boundary.other) == boundary.step, boundary
        assert result(name, boundary.one, programme) == boundary.of_one, boundary.one
        assert result(name, boundary.other, programme) == boundary.of_other, boundary.other


def test_no_cases_are_left_of_a_check_that_is_gone() -> None:
    assert set(CASES) == set(CHECKS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"form": {"end_date": "2025-07-01"}}, {"form": {"end_date": "2025-07-03"}}),
        ({"form": {"funds": {"requested": 1}}}, {"form": {"funds": {"requested": 3}}}),
        ({"form": {"title": "甲乙"}}, {"form": {"title": "丙丁"}}),
        ({"form": {"title": "甲", "direction": "一"}}, {"form": {"title": "乙", "direction": "二"}}),
        ({"form": {"title": "甲"}}, {"form": {"title": "甲"}}),
    ],
)
def test_what_is_further_apart_than_a_step_is_no_boundary(one: Situation, other: Situation) -> None:
    with pytest.raises(AssertionError):
        step(one, other)
