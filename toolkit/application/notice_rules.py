"""Rules of notices: each applies to a programme that lists it under ``[checks]`` with clause, severity, parameters.

[checks.partners_share]
clause = "五.3"
severity = "in principle"
part = "1/3"
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from toolkit.application.rules import Case, Problem, Rule
from toolkit.application.values import format_amount
from toolkit.messages import Message


def no_misconduct(case: Case) -> Iterator[Problem]:
    """Unit and leader declare that there is no record of misconduct; what is left open was reported as missing."""
    if case.form.applicant_unit.no_misconduct is False:
        yield Problem("applicant_unit.no_misconduct", Message("a unit with a record of misconduct cannot apply"))
    if case.form.leader.no_misconduct is False:
        yield Problem("leader.no_misconduct", Message("a person with a record of misconduct cannot lead a project"))


def no_civil_servant(case: Case) -> Iterator[Problem]:
    """The leader is no civil servant."""
    if case.form.leader.civil_servant:
        yield Problem("leader.civil_servant", Message("a civil servant cannot lead a project"))


def working_months(case: Case) -> Iterator[Problem]:
    """The leader works at least ``least`` months a year for the project."""
    months = case.form.leader.months_per_year
    least = case.parameters["least"]
    if months is not None and months < least:
        yield Problem(
            "leader.months_per_year",
            Message("{months} months a year are fewer than {least}", months=months, least=least),
        )


def partners_share(case: Case) -> Iterator[Problem]:
    """The partners together get at most ``part`` of the funds applied for (exact: no rounding)."""
    part = Fraction(case.parameters["part"])
    requested = case.form.funds.requested
    shares = sum(partner.share or 0 for partner in case.form.partner_units)
    if shares > part * requested:
        yield Problem(
            "partner_units",
            Message(
                "the partners' shares are {shares} 万元, more than {part} of the {requested} 万元 applied for",
                shares=format_amount(shares),
                part=str(part),
                requested=format_amount(requested),
            ),
        )


def central_unit_funds_itself(case: Case) -> Iterator[Problem]:
    """A unit of a central authority without legal personality raises all the money itself."""
    if case.form.applicant_unit.central_non_legal and case.form.funds.requested:
        yield Problem("funds.requested", Message("a 中央驻疆非独立法人单位 raises all funds itself; write 0"))


def self_raised_proof(case: Case) -> Iterator[Problem]:
    """Self-raised money has a proof among the attachments, of the kind ``kind``."""
    yield from _attached(case, needed=case.form.funds.self_raised > 0)


def ethics_report(case: Case) -> Iterator[Problem]:
    """Work on people or animals has a report of an ethics review among the attachments, of the kind ``kind``."""
    yield from _attached(case, needed=bool(case.form.ethics.humans_or_animals))


def _attached(case: Case, *, needed: bool) -> Iterator[Problem]:
    kind = case.parameters["kind"]
    if needed and all(attachment.kind != kind for attachment in case.form.attachments):
        yield Problem("attachments", Message("an attachment of the kind “{kind}” is missing", kind=kind))


NOTICE_RULES = (
    Rule("no_misconduct", Message("units and persons have no record of misconduct"), no_misconduct),
    Rule("no_civil_servant", Message("the leader is no civil servant"), no_civil_servant),
    Rule("working_months", Message("the leader works long enough for the project every year"), working_months),
    Rule(
        "partners_share",
        Message("the partners' part of the funds applied for is not too large"),
        partners_share,
        needs=("partner_units", "funds"),
    ),
    Rule(
        "central_unit_funds_itself",
        Message("a 中央驻疆非独立法人单位 raises all funds itself"),
        central_unit_funds_itself,
    ),
    Rule(
        "self_raised_proof",
        Message("self-raised money has a proof among the attachments"),
        self_raised_proof,
        needs=("attachments",),
    ),
    Rule(
        "ethics_report",
        Message("work on people or animals has the report of an ethics review"),
        ethics_report,
        needs=("attachments",),
    ),
)
"""Every rule that a programme may list."""
