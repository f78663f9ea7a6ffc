"""docs/notice.md against programme.toml and the code: no clause forgotten, no check without its clause."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toolkit.application.notice_rules import NOTICE_RULES
from toolkit.application.programme import Programme
from toolkit.application.rules import FORM_RULES

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| ([一二三四五六][^|]*) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs" / "notice.md").read_text("utf-8"), re.M
)
SECTIONS = {"一": 8, "二": 4, "四": 8, "五": 10}
COMMANDS = {"verify", "check", "show", "due", "event"}
CLAUSES = ["三", "六", *(f"{part}.{number}" for part, count in SECTIONS.items() for number in range(1, count + 1))]


@pytest.fixture(scope="module")
def xinjiang() -> Programme:
    return Programme.load(ROOT / "templates" / "xinjiang-sco-2025")


def named(kind: str) -> set[tuple[str, str]]:
    """Return what the table names, with the clause it stands at; checks have no kind before them."""
    pattern = rf"`{kind}([a-z_.]+)`"
    return {(clause, name) for clause, text in ROWS for name in re.findall(pattern, text)}


def test_every_clause_of_the_notice_is_there_once() -> None:
    assert sorted(clause for clause, _ in ROWS) == sorted(CLAUSES)


def test_the_checks_are_those_of_the_programme_at_their_clauses(xinjiang: Programme) -> None:
    listed = {(rule.clause, name) for name, rule in xinjiang.checks.items()}
    assert {pair for pair in named("") if pair[1] not in COMMANDS} == listed


def test_every_check_that_there_is_is_listed(xinjiang: Programme) -> None:
    assert set(xinjiang.checks) == {rule.name for rule in NOTICE_RULES}


def test_fields_and_rules_of_the_form_exist(xinjiang: Programme) -> None:
    assert {name for _, name in named("form:")} <= {rule.name for rule in FORM_RULES}
    fields = {(clause, name) for name, clause in xinjiang.form.clauses.items()}
    assert named("field:") == fields
    assert {name for _, name in fields} <= set(xinjiang.form.required)
