"""Similar projects: 四.5 and 四.6 of the notice, by title and indicators, against what the office has issued.

Measured on 18 titles that we reworded, 15 that we wrote to look like them with another subject, and 8 lists of
indicators with every number replaced, one indicator dropped and at random the rest shuffled (400 edits). Reworded
titles were alike by 65 of 100 and more, titles written to look alike by up to 85, others by up to 39; edited indicators
by 62 and more, others by up to 41. So 60 and 55 find them all; a copy is told from a project of the same kind by
people, so these are asked. The texts are in tests/application/test_similarity_rules.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.application.rules import Case, Problem, Rule
from toolkit.messages import Message
from toolkit.records.content import Content, content_of

MOST_TOLD = 5
"""Similar submissions that are named, the most similar first."""


def similar_in_unit(case: Case) -> Iterator[Problem]:
    """No other application of the unit in the same year has a title or indicators alike."""
    own = _own(case)
    others = [one for one in case.others or () if one.unit == own.unit and one.year == own.year]
    for one, alike in _alike(own.title, [other.title for other in others], case.parameters["title"]):
        yield Problem("title", _told(others[one], alike))
    for one, alike in _alike(own.indicators, [other.indicators for other in others], case.parameters["indicators"]):
        yield Problem("indicators", _told(others[one], alike))


def similar_indicators(case: Case) -> Iterator[Problem]:
    """No other project has indicators alike."""
    own = _own(case)
    others = list(case.others or ())
    for one, alike in _alike(own.indicators, [other.indicators for other in others], case.parameters["indicators"]):
        yield Problem("indicators", _told(others[one], alike))


def _own(case: Case) -> Content:
    form = case.form.model_dump(by_alias=True, include={"title", "applicant_unit", "indicators"})
    return content_of(form, serial="", year=case.year)


def _alike(own: str, others: list[str], least: float) -> list[tuple[int, int]]:
    """Return the places of the texts that are alike, with how much of 100, the most similar first."""
    from rapidfuzz import fuzz, process  # only where there is something to compare with

    if not own:
        return []
    found = process.extract(own, others, scorer=fuzz.ratio, score_cutoff=least, limit=MOST_TOLD)
    return [(place, round(alike)) for _, alike, place in found]


def _told(other: Content, alike: int) -> Message:
    return Message(
        "alike by {alike} of 100 to {serial}, “{title}”; is it another project?",
        alike=alike,
        serial=other.serial,
        title=other.title,
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
