"""The cases of every check: one that passes, one that fails, and two neighbours on the two sides of its boundary.

``test_check_cases`` runs them by the numbers of the supplied programme, and fails for a check that has no cases here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from toolkit.records.content import content_of

KEPT, ASKED, BROKEN = "kept", "asked", "broken"
"""What comes of a check: nothing to say, questions alone, or more."""
DAY, SECOND, ONE, CHARACTER, SAID, ITEM = "day", "second", "one", "character", "said", "item"
"""How far apart neighbours are: a day, a second, one (fen, month, project), a character, yes or no or nothing, an
item of a list."""

Situation = dict[str, Any]
"""What a check looks at: ``form``, and where needed ``as_of``, ``today``, ``accepted``, ``others``, ``documents``."""


@dataclass(frozen=True)
class Boundary:
    """Two situations that are one step apart, and what comes of each."""

    step: str
    one: Situation
    of_one: str
    other: Situation
    of_other: str


@dataclass(frozen=True)
class Cases:
    """The cases of one check."""

    passing: Situation
    failing: Situation
    boundaries: tuple[Boundary, ...]


def form(**said: Any) -> Situation:
    """Return a situation of a form that says this and nothing else."""
    return {"form": said}


def unit(**said: Any) -> Situation:
    return form(applicant_unit=said)


def leader(**said: Any) -> Situation:
    return form(leader=said)


def borders(step: str, keeps: Situation, breaks: Situation, *, asked: bool = False) -> Boundary:
    """Return the boundary between a case that is kept (or only asked about) and one that is broken."""
    return Boundary(step, keeps, ASKED if asked else KEPT, breaks, BROKEN)


def asks(step: str, keeps: Situation, asked: Situation) -> Boundary:
    """Return the boundary between a case that is kept and one that is asked about."""
    return Boundary(step, keeps, KEPT, asked, ASKED)


HERE, ELSEWHERE = "91650100000000000M", "91640100000000000H"
ORGAN, INSTITUTION = "11650100000000000X", "12650100000000000T"
COMPANY, CENTRAL = "企业", "中央驻疆非独立法人单位"
PROOF, REVIEW = "出资证明", "科技伦理审查报告"
ZONE = ZoneInfo("Asia/Shanghai")
OPENS, CLOSES = datetime(2025, 5, 31, 10, tzinfo=ZONE), datetime(2025, 6, 30, 20, tzinfo=ZONE)
NUMBER = "110101199003074995"  # an invented number: born 1990-03-07, odd 17th digit
TWENTY, TEN = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉", "一二三四五六七八九十"


def aged(birth: str, end: str, *, kind: str = "高等院校", gender: str = "男", category: str = "") -> Situation:
    said = {"birth_date": birth, "gender": gender} | ({"retirement_category": category} if category else {})
    return form(leader=said, applicant_unit={"kind": kind}, end_date=end)


def period(start: str, end: str, **said: Any) -> Situation:
    return form(start_date=start, end_date=end, **said)


def money(requested: int, *shares: int) -> Situation:
    return form(funds={"requested": requested}, partner_units=tuple({"name": "甲", "share": share} for share in shares))


def attached(kind: str, **said: Any) -> Situation:
    return form(attachments=({"name": "附件", "kind": kind, "file": "a.pdf"},), **said)


def project(title: str, indicators: str = "", unit_name: str = "甲单位") -> dict[str, Any]:
    said = ({"name": indicators},) if indicators else ()
    return {"title": title, "applicant_unit": {"name": unit_name}, "indicators": said}


def beside(own: dict[str, Any], other: dict[str, Any]) -> Situation:
    """Return a project judged beside another of the same year."""
    return {"form": own, "others": (content_of(other, serial="X-1", year=2025),)}


def revised(**changed: str) -> Situation:
    accepted = {
        "applicant_unit": {"name": "甲单位", "credit_code": HERE},
        "leader": {"name": "乙", "identity_number": ""},
    }
    said = {"applicant_unit": {"name": "甲单位", "credit_code": HERE} | changed, "leader": {"name": "乙"}}
    return {"form": said, "accepted": accepted}


def budget(special: int, requested: int) -> Situation:
    return form(budget=({"category": "设备费", "special": {2025: special}},), funds={"requested": requested})


def counted(**said: int | None) -> Situation:
    return leader(**said)


def team(first: int, second: int, third: int) -> Situation:
    members = tuple({"name": "某", "running_as_key_member": count} for count in (first, second, third))
    return form(leader={"running_as_key_member": 1}, members=members)


CASES = {
    # The form.
    "among_choices": Cases(
        unit(kind=COMPANY), unit(kind="行政单位"), (borders(CHARACTER, unit(kind=COMPANY), unit(kind="企事")),)
    ),
    "text_length": Cases(
        form(text={"targets": "字"}),
        form(text={"targets": "字" * 3000}),
        (borders(CHARACTER, form(text={"targets": "字" * 1500}), form(text={"targets": "字" * 1501})),),
    ),
    "filled_by_today": Cases(
        {**form(filled_on="2025-06-01"), "today": date(2025, 6, 20)},
        {**form(filled_on="2025-12-01"), "today": date(2025, 6, 20)},
        (
            borders(
                DAY,
                {**form(filled_on="2025-06-20"), "today": date(2025, 6, 20)},
                {**form(filled_on="2025-06-21"), "today": date(2025, 6, 20)},
            ),
        ),
    ),
    "period_in_order": Cases(
        period("2025-07-01", "2028-06-30"),
        period("2025-07-01", "2024-06-30"),
        (borders(DAY, period("2025-07-01", "2025-07-02"), period("2025-07-01", "2025-07-01")),),
    ),
    "born_as_numbered": Cases(
        leader(identity_number=NUMBER, birth_date="1990-03-07", gender="男"),
        leader(identity_number=NUMBER, birth_date="1991-04-08", gender="女"),
        (
            borders(
                DAY,
                leader(identity_number=NUMBER, birth_date="1990-03-07"),
                leader(identity_number=NUMBER, birth_date="1990-03-08"),
            ),
            borders(
                CHARACTER,
                leader(identity_number=NUMBER, gender="男"),
                leader(identity_number=NUMBER, gender="女"),
            ),
        ),
    ),
    "schedule_in_period": Cases(
        period("2025-07-01", "2028-06-30", schedule=({"from": "2026-01-01", "to": "2027-01-01"},)),
        period("2025-07-01", "2028-06-30", schedule=({"from": "2024-01-01", "to": "2029-01-01"},)),
        (
            borders(
                DAY,
                period("2025-07-01", "2028-06-30", schedule=({"from": "2025-07-01"},)),
                period("2025-07-01", "2028-06-30", schedule=({"from": "2025-06-30"},)),
            ),
            borders(
                DAY,
                period("2025-07-01", "2028-06-30", schedule=({"to": "2028-06-30"},)),
                period("2025-07-01", "2028-06-30", schedule=({"to": "2028-07-01"},)),
            ),
            borders(
                DAY,
                form(schedule=({"from": "2026-01-01", "to": "2026-01-01"},)),
                form(schedule=({"from": "2026-01-01", "to": "2025-12-31"},)),
            ),
        ),
    ),
    "budget_years": Cases(
        period("2025-07-01", "2028-06-30", budget=({"category": "设备费", "special": {2026: 1}},)),
        period("2025-07-01", "2028-06-30", budget=({"category": "设备费", "self_raised": {2035: 1}},)),
        (
            borders(
                DAY,
                period("2025-12-31", "2028-06-30", budget=({"category": "设备费", "special": {2025: 1}},)),
                period("2026-01-01", "2028-06-30", budget=({"category": "设备费", "special": {2025: 1}},)),
            ),
            borders(
                DAY,
                period("2025-07-01", "2028-01-01", budget=({"category": "设备费", "self_raised": {2028: 1}},)),
                period("2025-07-01", "2027-12-31", budget=({"category": "设备费", "self_raised": {2028: 1}},)),
            ),
        ),
    ),
    "budget_once": Cases(
        form(budget=({"category": "设备费"}, {"category": "材料费"})),
        form(budget=({"category": "设备费"}, {"category": "材料费"}, {"category": "设备费"})),
        (
            borders(
                CHARACTER,
                form(budget=({"category": "差旅费"}, {"category": "差旅"})),
                form(budget=({"category": "差旅费"}, {"category": "差旅费"})),
            ),
        ),
    ),
    "budget_sums": Cases(
        budget(80_000_000, 80_000_000),
        budget(80_000_000, 90_000_000),
        (
            borders(ONE, budget(80_000_000, 80_000_000), budget(80_000_000, 80_000_001)),
            borders(ONE, budget(80_000_000, 80_000_000), budget(80_000_000, 79_999_999)),
        ),
    ),
    # Part one of the notice.
    "legal_person": Cases(
        unit(legal_person=True),
        unit(legal_person=False),
        (
            borders(SAID, unit(), unit(legal_person=False), asked=True),
            borders(
                SAID,
                unit(legal_person=False, central_non_legal=True),
                unit(legal_person=False, central_non_legal=False),
            ),
        ),
    ),
    "registered_here": Cases(
        unit(credit_code=HERE),
        unit(credit_code="91110000600037341L"),
        (borders(CHARACTER, unit(credit_code=HERE), unit(credit_code=ELSEWHERE)),),
    ),
    "central_as_kind": Cases(
        unit(kind=COMPANY, central_non_legal=False),
        unit(kind=COMPANY, central_non_legal=True),
        (borders(SAID, unit(kind=CENTRAL, central_non_legal=True), unit(kind=CENTRAL, central_non_legal=False)),),
    ),
    "leader_age": Cases(
        aged("1980-01-01", "2028-06-30"),
        aged("1950-01-01", "2028-06-30"),
        (
            # Born in January 1965: 60 years and one month.
            borders(DAY, aged("1965-01-10", "2025-02-10"), aged("1965-01-10", "2025-02-11")),
            # The month of birth: who is born in 1964 is not affected, who is born a day later works a month more.
            borders(DAY, aged("1965-01-01", "2025-01-31"), aged("1964-12-31", "2025-01-31")),
            # The fourth month is the last of its group: a day later it is two months more.
            borders(DAY, aged("1965-05-01", "2025-06-30"), aged("1965-04-30", "2025-06-30")),
            # Enterprises: 65 in full years, so until the day before the 66th birthday.
            borders(
                DAY, aged("1962-07-01", "2028-06-30", kind=COMPANY), aged("1962-07-01", "2028-07-01", kind=COMPANY)
            ),
            borders(
                DAY,
                aged("1971-04-15", "2026-08-15", gender="女", category="女职工（原55周岁）"),
                aged("1971-04-15", "2026-08-16", gender="女", category="女职工（原55周岁）"),
            ),
            # Women who do not say their category: sure below the earliest age and above the latest.
            asks(DAY, aged("1975-01-10", "2025-02-10", gender="女"), aged("1975-01-10", "2025-02-11", gender="女")),
            borders(
                DAY,
                aged("1965-01-10", "2025-02-10", gender="女"),
                aged("1965-01-10", "2025-02-11", gender="女"),
                asked=True,
            ),
        ),
    ),
    "leader_conceived": Cases(
        leader(conceived_and_leads=True),
        leader(conceived_and_leads=False),
        (borders(SAID, leader(), leader(conceived_and_leads=False), asked=True),),
    ),
    "working_months": Cases(
        leader(months_per_year=12),
        leader(months_per_year=0),
        (borders(ONE, leader(months_per_year=6), leader(months_per_year=5)),),
    ),
    "unchanged_once_accepted": Cases(
        revised(),
        revised(name="丙大学"),
        (
            borders(CHARACTER, revised(), revised(name="乙单位")),
            borders(CHARACTER, revised(), revised(credit_code=ELSEWHERE)),
        ),
    ),
    "no_administrative_unit": Cases(
        unit(credit_code=HERE),
        unit(credit_code=ORGAN),
        (borders(CHARACTER, unit(credit_code=INSTITUTION), unit(credit_code=ORGAN)),),
    ),
    "no_civil_servant": Cases(
        leader(civil_servant=False),
        leader(civil_servant=True),
        (borders(SAID, leader(civil_servant=False), leader(civil_servant=True)),),
    ),
    # Part three.
    "windows": Cases(
        {"as_of": datetime(2025, 6, 10, tzinfo=ZONE)},
        {"as_of": datetime(2025, 8, 10, tzinfo=ZONE)},
        (
            borders(SECOND, {"as_of": OPENS}, {"as_of": OPENS - timedelta(seconds=1)}),
            borders(SECOND, {"as_of": CLOSES}, {"as_of": CLOSES + timedelta(seconds=1)}),
        ),
    ),
    # Part four.
    "running_projects": Cases(
        counted(running_projects=0),
        counted(running_projects=5),
        (
            borders(ONE, counted(running_projects=0), counted(running_projects=1)),
            asks(SAID, counted(running_projects=0), counted(running_projects=None)),
        ),
    ),
    "other_applications": Cases(
        counted(other_applications=0),
        counted(other_applications=5),
        (
            borders(ONE, counted(other_applications=0), counted(other_applications=1)),
            asks(SAID, counted(other_applications=0), counted(other_applications=None)),
        ),
    ),
    "key_members": Cases(
        team(0, 0, 9),  # the third member is no key member
        team(9, 9, 0),
        (
            borders(ONE, team(0, 1, 9), team(0, 2, 9)),
            borders(ONE, counted(running_as_key_member=1), counted(running_as_key_member=2)),
        ),
    ),
    "overdue_projects": Cases(
        unit(overdue_projects=0),
        unit(overdue_projects=9),
        (borders(ONE, unit(overdue_projects=3), unit(overdue_projects=4)),),
    ),
    "similar_in_unit": Cases(
        beside(project("棉花"), project("覆冰监测")),
        beside(project(TWENTY), project(TWENTY)),
        (
            # 19 characters of 20 are 95 of 100, the title alone is enough; 18 are 90, which is asked about.
            borders(
                CHARACTER,
                beside(project(TWENTY[:-2] + "天地"), project(TWENTY)),
                beside(project(TWENTY[:-1] + "地"), project(TWENTY)),
                asked=True,
            ),
            # 13 of 20 are 65, with 8 of 10 of the indicators (80) in principle; 12 are 60.
            borders(
                CHARACTER,
                beside(project(TWENTY[:12] + "天地玄黄宇宙洪荒", TEN[:8] + "百千"), project(TWENTY, TEN)),
                beside(project(TWENTY[:13] + "地玄黄宇宙洪荒", TEN[:8] + "百千"), project(TWENTY, TEN)),
                asked=True,
            ),
            # 60 is asked about, 55 is not.
            asks(
                CHARACTER,
                beside(project(TWENTY[:11] + "天地玄黄宇宙洪荒日"), project(TWENTY)),
                beside(project(TWENTY[:12] + "地玄黄宇宙洪荒日"), project(TWENTY)),
            ),
        ),
    ),
    "similar_indicators": Cases(
        beside(project("棉花", TEN), project("覆冰监测", "检测灵敏度", "乙单位")),
        beside(project(TWENTY, TEN), project(TWENTY, TEN, "乙单位")),
        (
            # 8 of 10 are 80, with a title that is alike in principle; 7 are 70.
            borders(
                CHARACTER,
                beside(project(TWENTY, TEN[:7] + "百千万"), project(TWENTY, TEN, "乙单位")),
                beside(project(TWENTY, TEN[:8] + "千万"), project(TWENTY, TEN, "乙单位")),
                asked=True,
            ),
            # 11 of 20 are 55, which is asked about whatever the title; 10 are 50.
            asks(
                CHARACTER,
                beside(project("棉花", TWENTY[:10] + "天地玄黄宇宙洪荒日月"), project("覆冰", TWENTY, "乙单位")),
                beside(project("棉花", TWENTY[:11] + "地玄黄宇宙洪荒日月"), project("覆冰", TWENTY, "乙单位")),
            ),
        ),
    ),
    "no_misconduct": Cases(
        form(applicant_unit={"no_misconduct": True}, leader={"no_misconduct": True}),
        form(applicant_unit={"no_misconduct": False}, leader={"no_misconduct": False}),
        (
            borders(SAID, unit(no_misconduct=True), unit(no_misconduct=False)),
            borders(SAID, leader(no_misconduct=True), leader(no_misconduct=False)),
            borders(SAID, form(members=({},)), form(members=({"no_misconduct": False},)), asked=True),
            borders(
                SAID,
                form(partner_units=({"no_misconduct": True},)),
                form(partner_units=({"no_misconduct": False},)),
            ),
        ),
    ),
    # Part five.
    "commitment_letters": Cases(
        {"documents": ("proposal", "commitment-unit", "commitment-leader")},
        {"documents": ("proposal",)},
        (
            borders(
                ITEM,
                {"documents": ("commitment-unit", "commitment-leader")},
                {"documents": ("commitment-unit",)},
            ),
        ),
    ),
    "self_raised_money": Cases(
        form(funds={"self_raised": 40_000_000, "self_raised_monetary": True}),
        form(funds={"self_raised": 40_000_000, "self_raised_monetary": False}),
        (
            borders(
                ONE,
                form(funds={"self_raised": 0, "self_raised_monetary": False}),
                form(funds={"self_raised": 1, "self_raised_monetary": False}),
            ),
        ),
    ),
    "partners_share": Cases(
        money(90_000_000, 10_000_000),
        money(90_000_000, 40_000_000, 40_000_000),
        (
            borders(ONE, money(90_000_000, 10_000_000, 20_000_000), money(90_000_000, 10_000_000, 20_000_001)),
            borders(ONE, money(90_000_001, 30_000_000), money(90_000_001, 30_000_001)),
        ),
    ),
    "central_unit_funds_itself": Cases(
        form(applicant_unit={"central_non_legal": True}, funds={"requested": 0}),
        form(applicant_unit={"central_non_legal": True}, funds={"requested": 80_000_000}),
        (
            borders(
                ONE,
                form(applicant_unit={"central_non_legal": True}, funds={"requested": 0}),
                form(applicant_unit={"central_non_legal": True}, funds={"requested": 1}),
            ),
        ),
    ),
    "self_raised_proof": Cases(
        attached(PROOF, funds={"self_raised": 40_000_000}),
        form(funds={"self_raised": 40_000_000}),
        (
            borders(ONE, form(funds={"self_raised": 0}), form(funds={"self_raised": 1})),
            borders(
                CHARACTER, attached(PROOF, funds={"self_raised": 1}), attached("出资证件", funds={"self_raised": 1})
            ),
        ),
    ),
    "ethics_report": Cases(
        attached(REVIEW, ethics={"humans_or_animals": True}),
        form(ethics={"humans_or_animals": True}),
        (
            borders(SAID, form(ethics={"humans_or_animals": False}), form(ethics={"humans_or_animals": True})),
            borders(
                CHARACTER,
                attached(REVIEW, ethics={"humans_or_animals": True}),
                attached("科技伦理审查报表", ethics={"humans_or_animals": True}),
            ),
        ),
    ),
}
