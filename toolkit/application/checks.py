"""Checking an application: the faults of its form, and the rules that what could be read breaks, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from toolkit.application.gathering import fault
from toolkit.application.notice_rules import NOTICE_RULES
from toolkit.application.outline import choices
from toolkit.application.programme import CheckRule, Programme
from toolkit.application.reading import Application
from toolkit.application.rules import FORM_RULES, Case, Rule
from toolkit.errors import ProgrammeError
from toolkit.messages import Message
from toolkit.verdict import Finding, Reason, Verdict

_REASONS = {
    "must": Reason.RULE_BROKEN,
    "in principle": Reason.RULE_IN_PRINCIPLE,
    "ask": Reason.QUESTION,
}
_POSITION = re.compile(r"\[[0-9]+\]")


def check(application: Application, *, now: datetime | None = None) -> Verdict:
    """Return every finding about an application, in the order of the form.

    Args:
        application: what was read; its faults are among the findings.
        now: the time of judgement, aware; the clock's when left out.

    Raises:
        ProgrammeError: when the programme lists a check that there is not, or leaves out a parameter of one.
    """
    programme = application.programme
    case = Case(
        form=application.readable,
        today=(now or datetime.now(UTC)).astimezone(programme.zone if programme else UTC).date(),
        choices=choices(programme) if programme else {},
        texts=programme.texts if programme else (),
    )
    faulty = [_POSITION.sub("", finding.field or "") for finding in application.faults]
    findings = list(application.faults)
    for rule in FORM_RULES:
        if _is_readable(rule, faulty):
            findings.extend(_findings(rule, case, application, rule.reason, None))
    for rule, listed in _listed(programme):
        if _is_readable(rule, faulty):
            of_notice = replace(case, parameters=listed.parameters)
            findings.extend(_findings(rule, of_notice, application, _REASONS[listed.severity], listed.clause))
    return Verdict(application.in_order(tuple(findings)))


def _listed(programme: Programme | None) -> Iterator[tuple[Rule, CheckRule]]:
    """Give the rules that the programme lists, with what it says about them."""
    rules = {rule.name: rule for rule in NOTICE_RULES}
    for name, listed in (programme.checks if programme else {}).items():
        if name not in rules:
            raise ProgrammeError(
                Message(
                    "programme {programme}: there is no check “{name}”; there are: {known}",
                    programme=programme.name if programme else "",
                    name=name,
                    known=tuple(rules),
                )
            )
        yield rules[name], listed


def _findings(
    rule: Rule, case: Case, application: Application, reason: Reason, clause: str | None
) -> Iterator[Finding]:
    try:
        problems = list(rule.judge(case))
    except KeyError as missing:
        raise ProgrammeError(
            Message(
                "programme {programme}: the check “{name}” needs the parameter {parameter}",
                programme=application.programme.name if application.programme else "",
                name=rule.name,
                parameter=str(missing),
            )
        ) from None
    for problem in problems:
        place = application.places.get(problem.field)
        finding = fault(reason, problem.field, place, problem.message, application.source)
        yield replace(finding, clause=clause)


def _is_readable(rule: Rule, faulty: list[str]) -> bool:
    """Whether no field that the rule needs, no part of it and nothing that it is part of has a fault."""
    return not any(
        need == path or path.startswith(f"{need}.") or need.startswith(f"{path}.")
        for need in rule.needs
        for path in faulty
    )
