"""Checking an application: the faults of its form, and the rules that what could be read breaks, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from toolkit.application.gathering import fault
from toolkit.application.notice_rules import NOTICE_RULES
from toolkit.application.outline import choices
from toolkit.application.programme import CheckRule, Programme
from toolkit.application.reading import Application
from toolkit.application.rules import FORM_RULES, Case, Rule
from toolkit.errors import ProgrammeError
from toolkit.messages import Message
from toolkit.records.content import Content
from toolkit.verdict import Finding, Outcome, Reason, Verdict

_REASONS = {
    "must": Reason.RULE_BROKEN,
    "in principle": Reason.RULE_IN_PRINCIPLE,
    "ask": Reason.QUESTION,
}
_POSITION = re.compile(r"\[[0-9]+\]")


class Result(Enum):
    """What came of one rule; NOT_JUDGED when a field that it needs is faulty, NOT_ASKED when it was not asked about."""

    KEPT = "kept"
    BROKEN = "broken"
    IN_PRINCIPLE = "in principle"
    ASKED = "asked"
    NOT_JUDGED = "not judged"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule with what came of it; clause and severity are None for rules of the form itself."""

    name: str
    says: Message
    clause: str | None
    severity: str | None
    result: Result
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that was judged about an application, and the verdict on it: all findings in the order of the form."""

    judged: tuple[Judged, ...]
    verdict: Verdict


_RESULTS = {
    Outcome.FAILED: Result.BROKEN,
    Outcome.INDETERMINATE: Result.IN_PRINCIPLE,
    Outcome.NOTE: Result.ASKED,
}


def check(
    application: Application,
    *,
    now: datetime | None = None,
    as_of: datetime | None = None,
    accepted: Mapping[str, Any] | None = None,
    others: Sequence[Content] | None = None,
) -> Verdict:
    """Return every finding about an application, in the order of the form: the verdict of ``judge``."""
    return judge(application, now=now, as_of=as_of, accepted=accepted, others=others).verdict


def judge(
    application: Application,
    *,
    now: datetime | None = None,
    as_of: datetime | None = None,
    accepted: Mapping[str, Any] | None = None,
    others: Sequence[Content] | None = None,
) -> Judgement:
    """Judge an application by the rules of the form and of its programme.

    Args:
        application: what was read; its faults are among the findings.
        now: the time of judgement, aware; the clock's when left out.
        as_of: a time, aware, at which the windows of the programme are judged too; they never keep a formal copy from
            being issued, since it is printed weeks after they have closed.
        accepted: what the record has of this application, when this is a revision of one that was accepted.
        others: what the office's other submissions are about; without them, whether it is like another is not judged.

    Raises:
        ProgrammeError: when the programme lists a check that there is not, or leaves out a parameter of one.
    """
    programme = application.programme
    case = Case(
        form=application.readable,
        today=(now or datetime.now(UTC)).astimezone(programme.zone if programme else UTC).date(),
        choices=choices(programme) if programme else {},
        texts=programme.texts if programme else (),
        zone=programme.zone if programme else UTC,
        as_of=as_of,
        accepted=accepted,
        others=others,
        year=programme.programme.year if programme else 0,
        windows=programme.windows if programme else None,
        documents=tuple(document.id for document in programme.documents) if programme else (),
    )
    faulty = [_POSITION.sub("", finding.field or "") for finding in application.faults]
    judged = []
    for rule, listed in (*((rule, None) for rule in FORM_RULES), *_listed(programme)):
        clause, severity = (listed.clause, listed.severity) if listed else (None, None)
        findings: tuple[Finding, ...] = ()
        result = Result.NOT_JUDGED
        if rule.given and getattr(case, rule.given) is None:
            result = Result.NOT_ASKED
        elif _is_readable(rule, faulty):
            of_rule = replace(case, parameters=listed.parameters) if listed else case
            reason = _REASONS[listed.severity] if listed else rule.reason
            findings = tuple(_findings(rule, of_rule, application, reason, clause))
            result = _result(findings)
        judged.append(Judged(rule.name, rule.says, clause, severity, result, findings))
    found = (*application.faults, *(finding for one in judged for finding in one.findings))
    clauses = programme.form.clauses if programme else {}
    found = tuple(_with_clause(finding, clauses) for finding in found)
    return Judgement(tuple(judged), Verdict(application.in_order(found)))


def _with_clause(finding: Finding, clauses: Mapping[str, str]) -> Finding:
    """Return the finding with the clause of its field, where the notice asks for that field."""
    path = _POSITION.sub("", finding.field or "")
    return replace(finding, clause=clauses[path]) if finding.clause is None and path in clauses else finding


def _result(findings: tuple[Finding, ...]) -> Result:
    outcomes = {finding.outcome for finding in findings}
    for outcome, result in _RESULTS.items():
        if outcome in outcomes:
            return result
    return Result.KEPT


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
        finding = fault(problem.reason or reason, problem.field, place, problem.message, application.source)
        yield replace(finding, clause=clause)


def _is_readable(rule: Rule, faulty: list[str]) -> bool:
    """Whether no field that the rule needs, no part of it and nothing that it is part of has a fault."""
    return not any(
        need == path or path.startswith(f"{need}.") or need.startswith(f"{path}.")
        for need in rule.needs
        for path in faulty
    )
