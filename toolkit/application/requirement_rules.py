"""What else is asked for: part five (其他要求) of the notice."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from toolkit.application.rules import Case, Problem, Rule, question
from toolkit.application.values import format_amount
from toolkit.messages import Message


def commitment_letters(case: Case) -> Iterator[Problem]:
    """Both letters of commitment (``documents``) are printed with the form; whether they are signed, intake sees."""
    absent = tuple(one for one in case.parameters["documents"] if one not in case.documents)
    if absent:
        yield Problem("programme", Message("the programme prints no {documents}", documents=absent))


def self_raised_money(case: Case) -> Iterator[Problem]:
    """Self-raised funds are money, not what the unit has already."""
    funds = case.form.funds
    if not funds.self_raised:
        return
    if funds.self_raised_monetary is None:
        yield question("funds.self_raised_monetary", Message("is all of it money? Write 是 or 否"))
    elif not funds.self_raised_monetary:
        yield Problem(
            "funds.self_raised_monetary",
            Message("instruments, books and materials that the unit has already are no self-raised funds"),
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


REQUIREMENT_RULES = (
    Rule("commitment_letters", Message("both letters of commitment are printed to be signed"), commitment_letters),
    Rule("self_raised_money", Message("self-raised funds are money"), self_raised_money),
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
