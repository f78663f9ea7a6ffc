"""What limits applications: part four (申报限制) of the notice, as far as an application itself tells it.

Numbers are those that the applicant states, with the exceptions left out that the notice names; what is left open is
asked, not guessed. “1项以上” includes one (民法典, art. 1259): no running project and no other application.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.application.rules import Case, Problem, Rule, question
from toolkit.messages import Message

_HOW_MANY = Message("how many are there? Write a number, 0 for none")


def running_projects(case: Case) -> Iterator[Problem]:
    """The leader leads at most ``most`` running projects, those due and not yet accepted included."""
    yield from _bounded(case, "leader.running_projects", case.form.leader.running_projects)


def other_applications(case: Case) -> Iterator[Problem]:
    """The leader leads at most ``most`` other applications of the year."""
    yield from _bounded(case, "leader.other_applications", case.form.leader.other_applications)


def key_members(case: Case) -> Iterator[Problem]:
    """Leader and first ``members`` members are each key members of at most ``most`` running projects."""
    form = case.form
    yield from _bounded(case, "leader.running_as_key_member", form.leader.running_as_key_member)
    for number, member in enumerate(form.members[: case.parameters["members"]], 1):
        yield from _bounded(case, f"members[{number}].running_as_key_member", member.running_as_key_member)


def overdue_projects(case: Case) -> Iterator[Problem]:
    """The unit has at most ``most`` projects due, not accepted, and not reported before ``reported_before``."""
    count = case.form.applicant_unit.overdue_projects
    day = case.parameters["reported_before"]
    if count is None:
        yield question(
            "applicant_unit.overdue_projects",
            Message("how many projects are due and not accepted, without those reported before {day}?", day=str(day)),
        )
    else:
        yield from _bounded(case, "applicant_unit.overdue_projects", count)


def no_misconduct(case: Case) -> Iterator[Problem]:
    """No unit and no person has a record of misconduct; what applicant unit and leader leave open is missing anyway."""
    form = case.form
    if form.applicant_unit.no_misconduct is False:
        yield Problem("applicant_unit.no_misconduct", Message("a unit with a record of misconduct cannot apply"))
    if form.leader.no_misconduct is False:
        yield Problem("leader.no_misconduct", Message("a person with a record of misconduct cannot lead a project"))
    yield from _declared("partner_units", [partner.no_misconduct for partner in form.partner_units])
    yield from _declared("members", [member.no_misconduct for member in form.members])


def _declared(name: str, said: list[bool | None]) -> Iterator[Problem]:
    for number, clean in enumerate(said, 1):
        if clean is False:
            yield Problem(
                f"{name}[{number}].no_misconduct",
                Message("no unit and no person with a record of misconduct can take part"),
            )
    unsaid = tuple(str(number) for number, clean in enumerate(said, 1) if clean is None)
    if unsaid:
        yield question(name, Message("is there no record of misconduct? Not said for number {numbers}", numbers=unsaid))


def _bounded(case: Case, path: str, count: int | None) -> Iterator[Problem]:
    most = case.parameters["most"]
    if count is None:
        yield question(path, _HOW_MANY)
    elif count > most:
        yield Problem(path, Message("there are {count}; more than {most} are not allowed", count=count, most=most))


LIMIT_RULES = (
    Rule("running_projects", Message("the leader leads no running project"), running_projects),
    Rule("other_applications", Message("the leader leads no other application of the year"), other_applications),
    Rule(
        "key_members",
        Message("no one of leader and first members is a key member of too many running projects"),
        key_members,
    ),
    Rule(
        "overdue_projects",
        Message("not too many projects of the unit are due and not accepted"),
        overdue_projects,
    ),
    Rule("no_misconduct", Message("units and persons have no record of misconduct"), no_misconduct),
)
