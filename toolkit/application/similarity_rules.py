"""Similar projects: 四.5 and 四.6 of the notice, by title and indicators, against what the office has issued.

Two projects are the same in principle where both title and indicators are alike, or the titles are the same but for a
few characters; where one of the two is alike, the applicant is asked. Alike means the part of 100 that is left by the
least insertions and deletions (normalised Indel similarity, rapidfuzz).

Measured on 18 titles that we reworded, 15 titles that we wrote to look like them with another subject, 8 lists of
indicators that were edited (one dropped, the rest shuffled, numbers replaced) and 8 lists that we wrote for the
projects that look alike. The texts and the figures are in tests/application/test_similarity_rules.py.

| | title | indicators |
|---|---|---|
| the same project, reworded; numbers kept | 65 to 89 | 82 and more |
| the same project, reworded; every number replaced | 65 to 89 | 62 and more |
| a project of the same kind | 55 to 85 | 38 to 75, and one of 92 |
| any other | up to 39 | up to 41 |

So 65 with 80 says “in principle” of every copy with its numbers and of 1 in 8 projects of the same kind, whose
indicators differ in numbers only; 60 or 55 asks about every copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from toolkit.application.model import Form
from toolkit.application.rules import Case, Problem, Rule, question
from toolkit.messages import Message
from toolkit.records.content import Content, content_of

MOST_TOLD = 5
"""Similar submissions that are named, the most similar first."""


class _Alike(NamedTuple):
    """How much of 100 title and indicators of another submission are those of this one."""

    title: float
    indicators: float
    other: Content


def content_in(form: Form, *, year: int, serial: str = "") -> Content:
    """Return what a form is about, as far as it could be read: what is compared with others.

    Args:
        form: of the application.
        year: of the programme.
        serial: of the submission that the application revises; empty when it is a new one.
    """
    said = form.model_dump(by_alias=True, include={"title", "applicant_unit", "indicators"})
    return content_of(said, serial=serial, year=year)


def similar_in_unit(case: Case) -> Iterator[Problem]:
    """No other application of the unit in the same year is about the same.

    In principle where title and indicators reach ``title`` and ``indicators``, or the title ``same_title``; asked where
    one reaches ``ask_title`` or ``ask_indicators``.
    """
    own = content_in(case.form, year=case.year)
    others = [one for one in case.others or () if _is_of(one, own)]
    asks = case.parameters
    copies, alike = [], []
    for one in _alike(own, others):
        if _is_copy(one, asks) or one.title >= asks["same_title"]:
            copies.append(one)
        elif one.title >= asks["ask_title"] or one.indicators >= asks["ask_indicators"]:
            alike.append(one)
    yield from _problems("title", copies, alike)


def similar_indicators(case: Case) -> Iterator[Problem]:
    """No other project has the same indicators; those of the unit and year are for ``similar_in_unit``.

    In principle where title and indicators reach ``title`` and ``indicators``; asked where the indicators reach
    ``ask_indicators``.
    """
    own = content_in(case.form, year=case.year)
    others = [one for one in case.others or () if not _is_of(one, own)]
    found = _alike(own, others)
    copies = [one for one in found if _is_copy(one, case.parameters)]
    alike = [one for one in found if one not in copies and one.indicators >= case.parameters["ask_indicators"]]
    yield from _problems("indicators", copies, alike)


def _is_of(other: Content, own: Content) -> bool:
    return (other.unit, other.year) == (own.unit, own.year)


def _is_copy(found: _Alike, asks: Mapping[str, Any]) -> bool:
    return bool(found.title >= asks["title"] and found.indicators >= asks["indicators"])


def _alike(own: Content, others: Sequence[Content]) -> list[_Alike]:
    """Return how alike the others are, the most similar first; nothing said is like nothing."""
    from rapidfuzz import fuzz  # only where there is something to compare with

    found = [
        _Alike(
            fuzz.ratio(own.title, other.title) if own.title else 0,
            fuzz.ratio(own.indicators, other.indicators) if own.indicators else 0,
            other,
        )
        for other in others
    ]
    return sorted(found, key=lambda one: (-one.title - one.indicators, one.other.serial))


def _problems(field: str, copies: Sequence[_Alike], alike: Sequence[_Alike]) -> Iterator[Problem]:
    for one in copies[:MOST_TOLD]:
        yield Problem(field, _told(one, Message("the same project cannot be applied for twice")))
    for one in alike[: MOST_TOLD - len(copies[:MOST_TOLD])]:
        yield question(field, _told(one, Message("is it another project?")))


def _told(found: _Alike, closing: Message) -> Message:
    return Message(
        "alike by {alike} of 100 in its title and by {indicators} in its indicators to {serial}, “{title}”; {closing}",
        alike=round(found.title),
        indicators=round(found.indicators),
        serial=found.other.serial,
        title=found.other.title,
        closing=closing,
    )


SIMILARITY_RULES = (
    Rule(
        "similar_in_unit",
        Message("the unit applies for nothing alike in the same year"),
        similar_in_unit,
        needs=("title", "applicant_unit.name"),
        given="others",
    ),
    Rule(
        "similar_indicators",
        Message("no other project has indicators alike"),
        similar_indicators,
        needs=("indicators",),
        given="others",
    ),
)
