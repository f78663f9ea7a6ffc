"""Who may apply, and when: parts one (申报须知) and three (申报时间) of the notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from toolkit.application.retirement import CATEGORIES, MEN, WOMEN_50, WOMEN_60, Category, full_years
from toolkit.application.rules import Case, Problem, Rule, question
from toolkit.messages import Message

_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82".split()
)
"""First two digits of the codes of provinces (GB/T 2260)."""


def legal_person(case: Case) -> Iterator[Problem]:
    """The applicant unit is a legal person of its own, or a unit of a central authority that is none."""
    unit = case.form.applicant_unit
    if unit.central_non_legal:
        return
    if unit.legal_person is None:
        yield question("applicant_unit.legal_person", Message("is the unit a legal person of its own? Write 是 or 否"))
    elif not unit.legal_person:
        yield Problem("applicant_unit.legal_person", Message("a unit that is no legal person cannot apply"))


def registered_here(case: Case) -> Iterator[Problem]:
    """The unit is registered in one of ``divisions``, as its credit code says (GB 32100-2015, characters 3 to 8)."""
    unit = case.form.applicant_unit
    division = unit.credit_code[2:4]
    if not division or unit.central_non_legal or division in case.parameters["divisions"]:
        return
    if division in _PROVINCES:
        yield Problem("applicant_unit.credit_code", Message("it says that the unit is registered in another region"))
    else:
        yield question(
            "applicant_unit.credit_code",
            Message("it does not say in which region the unit is registered; is it this one?"),
        )


def central_as_kind(case: Case) -> Iterator[Problem]:
    """A unit of the kind ``kind`` says that it is a 中央驻疆非独立法人单位, and no other does."""
    unit = case.form.applicant_unit
    if unit.kind and (unit.kind == case.parameters["kind"]) != unit.central_non_legal:
        yield Problem(
            "applicant_unit.central_non_legal",
            Message("it does not go with the kind of unit, “{kind}”; one of the two is wrong", kind=unit.kind),
        )


def leader_age(case: Case) -> Iterator[Problem]:
    """At the project's end the leader is not past retirement, or past ``enterprise_age`` where an enterprise leads."""
    leader, end = case.form.leader, case.form.end_date
    if leader.birth_date is None or end is None:
        return
    if leader.academician:
        yield question("leader.academician", Message("academicians are judged by rules of their own"))
    elif case.form.applicant_unit.kind in case.parameters["enterprise_kinds"]:
        oldest = case.parameters["enterprise_age"]
        age = full_years(leader.birth_date, end)
        if age > oldest:
            yield Problem(
                "leader.birth_date",
                Message(
                    "on {end}, when the project ends, the leader is {age}, older than {oldest}",
                    end=str(end),
                    age=age,
                    oldest=oldest,
                ),
            )
    else:
        yield from _retired(leader.birth_date, end, leader.gender, CATEGORIES.get(leader.retirement_category))


def _retired(birth: date, end: date, gender: str, category: Category | None) -> Iterator[Problem]:
    if category is None and gender == "女":
        if end <= WOMEN_50.reached(birth):
            return
        if end <= WOMEN_60.reached(birth):
            yield question(
                "leader.retirement_category",
                Message("whether the leader is retired on {end} depends on it; fill it in", end=str(end)),
            )
            return
    category = category or (WOMEN_60 if gender == "女" else MEN)
    years, months = divmod(category.months(birth), 12)
    if end > category.reached(birth):
        yield Problem(
            "leader.birth_date",
            Message(
                "on {end}, when the project ends, the leader is past the statutory retirement age of {years} years and "
                "{months} months ({category})",
                end=str(end),
                years=years,
                months=months,
                category=category.name,
            ),
        )


def leader_conceived(case: Case) -> Iterator[Problem]:
    """The leader had the idea of the research and leads it in fact."""
    said = case.form.leader.conceived_and_leads
    if said is None:
        yield question(
            "leader.conceived_and_leads",
            Message("is the leader the one who had the idea and leads the research in fact? Write 是 or 否"),
        )
    elif not said:
        yield Problem("leader.conceived_and_leads", Message("the leader should be the one who had the idea and leads"))


def working_months(case: Case) -> Iterator[Problem]:
    """The leader works at least ``least`` months a year for the project."""
    months = case.form.leader.months_per_year
    least = case.parameters["least"]
    if months is not None and months < least:
        yield Problem(
            "leader.months_per_year",
            Message("{months} months a year are fewer than {least}", months=months, least=least),
        )


def unchanged_once_accepted(case: Case) -> Iterator[Problem]:
    """Once an application is accepted, neither applicant unit nor leader changes."""
    for part, keys in (("applicant_unit", ("name", "credit_code")), ("leader", ("name", "identity_number"))):
        before = (case.accepted or {}).get(part, {})
        for key in keys:
            if getattr(getattr(case.form, part), key) != before.get(key, ""):
                yield Problem(
                    f"{part}.{key}",
                    Message("the accepted application has another, and it cannot change any more"),
                )


def no_administrative_unit(case: Case) -> Iterator[Problem]:
    """The unit is no organ of state: its credit code does not begin with 11 (GB 32100-2015, table 1)."""
    if case.form.applicant_unit.credit_code.startswith("11"):
        yield Problem(
            "applicant_unit.credit_code",
            Message("it is the credit code of an organ of state; administrative units cannot apply"),
        )


def no_civil_servant(case: Case) -> Iterator[Problem]:
    """The leader is no civil servant."""
    if case.form.leader.civil_servant:
        yield Problem("leader.civil_servant", Message("a civil servant cannot lead a project"))


def windows(case: Case) -> Iterator[Problem]:
    """At the time that was asked about, applications may be submitted; both ends are included, to the second."""
    if case.as_of is None or case.windows is None:
        return
    opens, closes, last = (
        time.astimezone(case.zone)
        for time in (case.windows.submit_from, case.windows.submit_until, case.windows.recommend_until)
    )
    if case.as_of < opens:
        yield Problem("programme", Message("applications are taken from {time} on", time=f"{opens:%Y-%m-%d %H:%M:%S}"))
    elif case.as_of > last:
        yield Problem("programme", Message("recommendations were taken until {time}", time=f"{last:%Y-%m-%d %H:%M:%S}"))
    elif case.as_of > closes:
        yield Problem(
            "programme",
            Message(
                "applications were taken until {closes}; what was submitted may be recommended until {last}",
                closes=f"{closes:%Y-%m-%d %H:%M:%S}",
                last=f"{last:%Y-%m-%d %H:%M:%S}",
            ),
        )


ELIGIBILITY_RULES = (
    Rule(
        "legal_person", Message("the applicant unit is a legal person, or a central unit that may apply"), legal_person
    ),
    Rule("registered_here", Message("the applicant unit is registered in the region"), registered_here),
    Rule(
        "central_as_kind",
        Message("the kind of unit and its being a 中央驻疆非独立法人单位 go together"),
        central_as_kind,
    ),
    Rule(
        "leader_age",
        Message("the leader is not past the age limit when the project ends"),
        leader_age,
        needs=("end_date", "leader.birth_date", "applicant_unit.kind"),
    ),
    Rule("leader_conceived", Message("the leader had the idea and leads the research in fact"), leader_conceived),
    Rule("working_months", Message("the leader works long enough for the project every year"), working_months),
    Rule(
        "unchanged_once_accepted",
        Message("applicant unit and leader are those of the accepted application"),
        unchanged_once_accepted,
        given="accepted",
    ),
    Rule("no_administrative_unit", Message("the applicant unit is no administrative unit"), no_administrative_unit),
    Rule("no_civil_servant", Message("the leader is no civil servant"), no_civil_servant),
    Rule("windows", Message("applications are taken at the time asked about"), windows, given="as_of"),
)
