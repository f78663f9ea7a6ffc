"""What a rule is, and the rules of the form itself: they hold for every programme.

A rule is a small function with a name that looks at one thing and gives the field and a sentence for every fault. It
is left out when a field that it needs is faulty or missing, so that one slip is told once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal, NamedTuple

from toolkit.application.model import Form
from toolkit.application.programme import TextRule, Windows
from toolkit.application.values import format_amount, not_among
from toolkit.messages import Message
from toolkit.records.content import Content
from toolkit.verdict import Reason

_SPACE = re.compile(r"\s")


class Problem(NamedTuple):
    """What a rule found: the path of the field, the sentence behind its label, and its reason if not the rule's."""

    field: str
    message: Message
    reason: Reason | None = None


def question(field: str, message: Message) -> Problem:
    """Return what only the applicant knows: it is asked, and keeps nothing from being issued."""
    return Problem(field, message, Reason.QUESTION)


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at.

    Attributes:
        form: what could be typed; faulty and missing fields are empty.
        today: the day of judgement in the programme's time zone.
        choices: the programme's choices by path of the field.
        texts: the programme's sections of text.
        zone: the programme's time zone.
        as_of: the time that was asked about; None when none was, so that no window is judged.
        accepted: what the record has of the application when this is a revision of one that was accepted; else None.
        others: what other submissions are about; None when nobody looked.
        year: of the programme.
        windows: when the programme takes applications.
        documents: what the programme prints, by id.
        parameters: what the programme says about this rule under ``[checks]``.
    """

    form: Form
    today: date
    choices: Mapping[str, tuple[str, ...]]
    texts: tuple[TextRule, ...]
    zone: tzinfo = UTC
    as_of: datetime | None = None
    accepted: Mapping[str, Any] | None = None
    others: Sequence[Content] | None = None
    year: int = 0
    windows: Windows | None = None
    documents: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name in ``[checks]``, what it asks for in words of a checklist, the fields it needs, its reason.

    ``given`` names what the case must have for it to be judged at all: a time, an accepted application.
    """

    name: str
    says: Message
    judge: Callable[[Case], Iterator[Problem]]
    needs: tuple[str, ...] = ()
    given: Literal["", "as_of", "accepted", "others"] = ""
    reason: Reason = Reason.RULE_BROKEN


def among_choices(case: Case) -> Iterator[Problem]:
    """Category, direction, kinds of unit and items of the budget are among the programme's."""
    form = case.form
    said = [
        ("category", form.category, "category"),
        ("direction", form.direction, "direction"),
        ("applicant_unit.kind", form.applicant_unit.kind, "applicant_unit.kind"),
        ("recommending_unit.kind", form.recommending_unit.kind, "recommending_unit.kind"),
    ]
    said += [(f"budget[{n}].category", line.category, "budget.category") for n, line in enumerate(form.budget, 1)]
    for path, value, choice in said:
        allowed = case.choices.get(choice, ())
        if value and allowed and value not in allowed:
            yield Problem(path, not_among(value, allowed))


def text_length(case: Case) -> Iterator[Problem]:
    """No section of the text is longer than the programme takes; white space does not count."""
    for text in case.texts:
        section = case.form.text.get(text.key)
        length = len(_SPACE.sub("", section.text)) if section else 0
        if length > text.max_characters:
            yield Problem(
                f"text.{text.key}",
                Message(
                    "it has {length} characters without white space; at most {longest} are taken",
                    length=length,
                    longest=text.max_characters,
                ),
            )


def filled_by_today(case: Case) -> Iterator[Problem]:
    """The form is not dated ahead."""
    filled = case.form.filled_on
    if filled and filled > case.today:
        yield Problem(
            "filled_on", Message("{day} is later than today, {today}", day=str(filled), today=str(case.today))
        )


def period_in_order(case: Case) -> Iterator[Problem]:
    """The project ends after it begins."""
    start, end = case.form.start_date, case.form.end_date
    if start and end and end <= start:
        yield Problem("end_date", Message("{end} is not later than the start, {start}", end=str(end), start=str(start)))


def born_as_numbered(case: Case) -> Iterator[Problem]:
    """Day of birth and gender of the leader are those in the number of the identity card (GB 11643-1999, 4)."""
    leader = case.form.leader
    number = leader.identity_number
    if len(number) != 18:  # a passport's number says neither
        return
    if leader.birth_date and number[6:14] != f"{leader.birth_date:%Y%m%d}":
        yield Problem("leader.birth_date", Message("the identity number says another day of birth; one is mistyped"))
    if leader.gender and (leader.gender == "男") != (int(number[16]) % 2 == 1):
        yield Problem("leader.gender", Message("the identity number says the other gender; one is mistyped"))


def schedule_in_period(case: Case) -> Iterator[Problem]:
    """Every step of the schedule lies within the project's period and ends after it begins."""
    start, end = case.form.start_date, case.form.end_date
    for number, step in enumerate(case.form.schedule, 1):
        path = f"schedule[{number}]"
        if step.begins and step.ends and step.ends < step.begins:
            yield Problem(
                f"{path}.to",
                Message("{to} is earlier than the beginning, {begin}", to=str(step.ends), begin=str(step.begins)),
            )
        for key, day in (("from", step.begins), ("to", step.ends)):
            if day and start and end and not start <= day <= end:
                yield Problem(
                    f"{path}.{key}",
                    Message(
                        "{day} is outside the project's period, {start} to {end}",
                        day=str(day),
                        start=str(start),
                        end=str(end),
                    ),
                )


def budget_years(case: Case) -> Iterator[Problem]:
    """Money is spent in years of the project's period."""
    start, end = case.form.start_date, case.form.end_date
    if not start or not end:
        return
    for number, line in enumerate(case.form.budget, 1):
        for source, amounts in (("special", line.special), ("self_raised", line.self_raised)):
            for year in amounts:
                if not start.year <= year <= end.year:
                    yield Problem(
                        f"budget[{number}].{source}.{year}",
                        Message(
                            "the project runs from {first} to {last}, not in {year}",
                            first=start.year,
                            last=end.year,
                            year=year,
                        ),
                    )


def budget_once(case: Case) -> Iterator[Problem]:
    """Every item of the budget has one line."""
    seen: dict[str, int] = {}
    for number, line in enumerate(case.form.budget, 1):
        first = seen.setdefault(line.category, number)
        if line.category and first != number:
            yield Problem(
                f"budget[{number}].category",
                Message("“{category}” is also line {first}; put the two together", category=line.category, first=first),
            )


def budget_sums(case: Case) -> Iterator[Problem]:
    """The budget's lines add up to the funds, to the fen, for each source."""
    if not case.form.budget:
        return
    funds = case.form.funds
    for source, stated in (("requested", funds.requested), ("self_raised", funds.self_raised)):
        lines = (line.special if source == "requested" else line.self_raised for line in case.form.budget)
        added = sum(sum(amounts.values()) for amounts in lines)
        if added != stated:
            yield Problem(
                f"funds.{source}",
                Message(
                    "{stated} 万元 are stated, but the lines of the budget add up to {added} 万元",
                    stated=format_amount(stated),
                    added=format_amount(added),
                ),
            )


FORM_RULES = (
    Rule(
        "among_choices",
        Message("category, direction, kinds of unit and items of the budget are those of the guide"),
        among_choices,
        reason=Reason.FIELD_INVALID,
    ),
    Rule(
        "text_length",
        Message("no section of the text is longer than it may be"),
        text_length,
        reason=Reason.FIELD_INVALID,
    ),
    Rule("filled_by_today", Message("the form is not dated ahead"), filled_by_today, reason=Reason.QUESTION),
    Rule("period_in_order", Message("the project ends after it begins"), period_in_order),
    Rule(
        "born_as_numbered",
        Message("the leader's day of birth and gender are those of the identity number"),
        born_as_numbered,
    ),
    Rule(
        "schedule_in_period",
        Message("every step of the schedule lies within the project's period"),
        schedule_in_period,
        needs=("start_date", "end_date"),
    ),
    Rule(
        "budget_years",
        Message("money is spent in years of the project's period"),
        budget_years,
        needs=("start_date", "end_date"),
    ),
    Rule("budget_once", Message("every item of the budget has one line"), budget_once),
    Rule(
        "budget_sums",
        Message("the budget adds up to the funds, by source"),
        budget_sums,
        needs=("funds", "budget"),
    ),
)
"""Rules of the form itself, in its order."""
