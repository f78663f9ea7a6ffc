"""The rules: each with a case that passes, one that fails, and the one at its edge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.application.checks import check
from toolkit.application.model import BudgetLine, Form, Funds
from toolkit.application.notice_rules import NOTICE_RULES
from toolkit.application.programme import Programme
from toolkit.application.reading import Application, load_application
from toolkit.application.rules import FORM_RULES, Case, budget_sums
from toolkit.errors import ProgrammeError
from toolkit.verdict import Outcome, Reason

SAMPLES = Path(__file__).parents[2] / "samples"
Load = Callable[..., Application]
Change = tuple[str, str]


def told(application: Application, now: datetime) -> list[tuple[str, str | None, str | None]]:
    return [(found.reason.name, found.field, found.clause) for found in check(application, now=now).findings]


def test_a_good_application_passes(load: Load, now: datetime) -> None:
    verdict = check(load(), now=now)
    assert verdict.findings == ()
    assert verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize("name", ["application", "short", "small-application"])
def test_the_samples_pass(name: str, now: datetime) -> None:
    application = load_application(SAMPLES / f"{name}.yaml", home=SAMPLES)
    verdict = check(application, now=now)
    assert verdict.outcome is Outcome.PASSED, [str(found.message) for found in verdict.findings]


ETHICS = ("attachments:\n", "ethics: {humans_or_animals: 是}\nattachments:\n")
IDENTITY = 'identity_number: "110101199003074995"'  # an invented number: born 1990-03-07, odd 17th digit


INVALID, BROKEN, PRINCIPLE = "FIELD_INVALID", "RULE_BROKEN", "RULE_IN_PRINCIPLE"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("direction: 清洁能源", "direction: 核能")], [(INVALID, "direction", None)]),
        ([("kind: 企业", "kind: 行政单位")], [(INVALID, "applicant_unit.kind", None)]),
        ([("category: 设备费", "category: 茶水费")], [(INVALID, "budget[1].category", None)]),
        ([("第一段。", "字" * 26)], []),
        ([("第一段。", "字 " * 26)], []),
        ([("第一段。", "字" * 27)], [(INVALID, "text.background", None)]),
        (
            [
                ("2027年6月30日", "2025年7月2日"),
                ("to: 2027-06-30", "to: 2025-07-02"),
                ("2026: 20}, self_raised: {2027", "2025: 20}, self_raised: {2025"),
            ],
            [(INVALID, "budget[1].special.2025", None)],
        ),
        (
            [("end_date: 2027年6月30日", "end_date: 2025-07-01")],
            [
                (BROKEN, "end_date", None),
                (BROKEN, "schedule[1].to", None),
                (BROKEN, "budget[1].special.2026", None),
                (BROKEN, "budget[1].self_raised.2027", None),
            ],
        ),
        ([("from: 2025-07-01", "from: 2025-06-30")], [(BROKEN, "schedule[1].from", None)]),
        ([("to: 2027-06-30", "to: 2027-07-01")], [(BROKEN, "schedule[1].to", None)]),
        (
            [("from: 2025-07-01", "from: 2027-06-30"), ("to: 2027-06-30", "to: 2027-06-29")],
            [(BROKEN, "schedule[1].to", None)],
        ),
        ([("requested: 30.00", "requested: 30.000001")], [(BROKEN, "funds.requested", None)]),
        ([("requested: 30.00", "requested: 30.000000")], []),
        ([("self_raised: 0.50", "self_raised: 0.499999")], [(BROKEN, "funds.self_raised", None)]),
        ([("requested: 30.00", "requested: 三十")], [(INVALID, "funds.requested", None)]),
        ([("budget:\n", "budget:\n  - {category: 设备费}\n")], [(BROKEN, "budget[2].category", None)]),
        ([("title: 光伏滴灌", "title: 光伏滴灌\nfilled_on: 2025-06-20")], []),
        ([("title: 光伏滴灌", "title: 光伏滴灌\nfilled_on: 2025-06-21")], [("QUESTION", "filled_on", None)]),
        ([("phone:", f"{IDENTITY}\n  birth_date: 1990-03-07\n  gender: 男\n  phone:")], []),
        (
            [("phone:", f"{IDENTITY}\n  birth_date: 1990-03-08\n  gender: 女\n  phone:")],
            [(BROKEN, "leader.gender", None), (BROKEN, "leader.birth_date", None)],
        ),
        ([("phone:", "identity_number: N12345678\n  birth_date: 1990-03-08\n  phone:")], []),
        ([("phone:", "months_per_year: 6\n  phone:")], []),
        ([("phone:", "months_per_year: 5\n  phone:")], [(PRINCIPLE, "leader.months_per_year", "一.4")]),
        ([("phone:", "civil_servant: 否\n  phone:")], []),
        ([("phone:", "civil_servant: 是\n  phone:")], [(BROKEN, "leader.civil_servant", "一.7")]),
        ([("phone:", "no_misconduct: 是\n  phone:")], []),
        ([("phone:", "no_misconduct: 否\n  phone:")], [(BROKEN, "leader.no_misconduct", "四.7")]),
        ([("kind: 企业", "kind: 企业\n  no_misconduct: 否")], [(BROKEN, "applicant_unit.no_misconduct", "四.7")]),
        ([("kind: 企业", "kind: 企业\n  central_non_legal: 是")], [(BROKEN, "funds.requested", "五.10")]),
        ([("share: 10.00", "share: 10.000001")], [(PRINCIPLE, "partner_units", "五.3")]),
        ([("kind: 出资证明", "kind: 其他")], [(BROKEN, "attachments", "五.2")]),
        ([("kind: 出资证明", "kind: 其他"), ("self_raised: 0.50", "self_raised: 0"), ("2027: 0.5", "")], []),
        ([ETHICS], [(BROKEN, "attachments", "五.6")]),
        ([ETHICS, ("attachments:\n", "attachments:\n  - {name: 报告, kind: 科技伦理审查报告, file: proof.pdf}\n")], []),
    ],
)
def test_rules(load: Load, now: datetime, changes: list[Change], expected: list[tuple[str, str, str | None]]) -> None:
    assert told(load(*changes), now) == expected


def test_rules_are_judged_beside_faults_and_sorted_with_them(load: Load, now: datetime) -> None:
    application = load(
        ("title: 光伏滴灌", "title:"), ("from: 2025-07-01", "from: 2025-06-01"), ("requested: 30.00", "requested: 31")
    )
    assert told(application, now) == [
        ("FIELD_MISSING", "title", None),
        ("RULE_BROKEN", "schedule[1].from", None),
        ("RULE_BROKEN", "funds.requested", None),
    ]
    assert [found.line for found in check(application, now=now).findings] == [4, 25, 27]


def test_a_share_of_a_third_is_exact(load: Load, now: datetime) -> None:
    third = [
        ("share: 10.00", "share: 33.333333"),
        ("requested: 30.00", "requested: 99.999999"),
        ("2026: 20", "2026: 89.999999"),
    ]
    assert told(load(*third), now) == []


def test_today_is_that_of_the_programme(load: Load) -> None:
    application = load(("title: 光伏滴灌", "title: 光伏滴灌\nfilled_on: 2025-06-21"))
    assert told(application, datetime(2025, 6, 20, 15, 59, 59, tzinfo=UTC)) == [("QUESTION", "filled_on", None)]
    assert told(application, datetime(2025, 6, 20, 16, 0, 0, tzinfo=UTC)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.integers(2025, 2028), st.integers(0, 10**12)), min_size=1), st.integers(-1, 1))
def test_sums_are_held_to_the_fen(now: datetime, amounts: list[dict[int, int]], off: int) -> None:
    lines = tuple(BudgetLine(category=str(n), special=line) for n, line in enumerate(amounts))
    requested = max(0, sum(sum(line.values()) for line in amounts) + off)
    case = Case(Form(budget=lines, funds=Funds(requested=requested)), now.date(), {}, ())
    assert len(list(budget_sums(case))) == (requested != sum(sum(line.values()) for line in amounts))


def test_every_rule_has_a_name_of_its_own_and_says_what_it_is() -> None:
    rules = [*FORM_RULES, *NOTICE_RULES]
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.name == rule.judge.__name__ and rule.judge.__doc__ for rule in rules)


def test_the_programme_of_2025_lists_only_checks_that_there_are() -> None:
    programme = Programme.load(SAMPLES.parent / "templates" / "xinjiang-sco-2025")
    assert set(programme.checks) <= {rule.name for rule in NOTICE_RULES}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[checks.partners_share]", "[checks.partner_share]", "there is no check “partner_share”"),
        ("least = 6", "", "needs the parameter 'least'"),
    ],
)
def test_a_programme_that_lists_a_check_wrongly(
    load: Load, programmes: Path, toml_text: str, now: datetime, old: str, new: str, message: str
) -> None:
    path = programmes / "try-2025" / "programme.toml"
    path.write_text(toml_text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProgrammeError, match=message):
        check(load(("phone:", "months_per_year: 5\n  phone:")), now=now)


def test_an_application_to_no_programme_is_judged_as_far_as_it_goes(load: Load, now: datetime) -> None:
    application = load(("try-2025", "try-2024"), ("requested: 30.00", "requested: 31"))
    assert told(application, now) == [("FIELD_INVALID", "programme", None), ("RULE_BROKEN", "funds.requested", None)]
    assert check(application, now=now).findings[0].reason is Reason.FIELD_INVALID
