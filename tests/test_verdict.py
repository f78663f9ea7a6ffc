"""Verdicts: the closed table of reasons, the worst outcome, and no truth value to trip over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.messages import Message
from toolkit.verdict import FORMAT, Finding, Outcome, Reason, Verdict, worst

DESIGN = Path(__file__).parents[1] / "docs" / "design.md"
OF_APPLICATIONS = {
    "FIELD_MISSING": "failed",
    "FIELD_UNKNOWN": "failed",
    "FIELD_INVALID": "failed",
    "RULE_BROKEN": "failed",
    "RULE_IN_PRINCIPLE": "indeterminate",
    "QUESTION": "note",
}
"""What the design says of checks in a sentence: must-rules fail, rules in principle are open, questions are notes."""


def documented_reasons(design: str) -> Iterator[tuple[str, str]]:
    """Yield reason and outcome of each row; ``A, B / C`` with ``failed / indeterminate`` are two groups."""
    section = design.partition("**Reasons**")[2].partition("\n**")[0]
    for names, outcomes in re.findall(r"^\| ([A-Z][A-Z_,/ ]+) \| ([^|]+) \|", section, re.MULTILINE):
        groups = names.split(" / ")
        kinds = outcomes.partition(";")[0].strip().split(" / ")  # behind the semicolon: when a finding weighs less
        for group, kind in zip(groups, kinds, strict=True):
            for name in group.split(", "):
                yield name, kind


def test_the_table_of_reasons_is_that_of_the_design() -> None:
    documented = list(documented_reasons(DESIGN.read_text("utf-8")))
    assert len(documented) == len(dict(documented)), "a reason stands in the table twice"
    assert {reason.name: reason.outcome.value for reason in Reason} == {**OF_APPLICATIONS, **dict(documented)}


def test_a_reason_is_named_as_it_is_written_in_json() -> None:
    assert all(reason.value == (reason.name, reason.outcome) for reason in Reason)
    assert len(Reason) == len(Reason.__members__), "two reasons of the same value would be one"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), Outcome.PASSED),
        ((Outcome.PASSED,), Outcome.PASSED),
        ((Outcome.NOTE, Outcome.PASSED), Outcome.PASSED),
        ((Outcome.NOTE, Outcome.INDETERMINATE, Outcome.PASSED), Outcome.INDETERMINATE),
        ((Outcome.INDETERMINATE, Outcome.FAILED, Outcome.NOTE), Outcome.FAILED),
    ],
)
def test_the_worst_outcome_wins(outcomes: tuple[Outcome, ...], expected: Outcome) -> None:
    assert worst(outcomes) is expected
    assert worst(reversed(outcomes)) is expected


@pytest.mark.parametrize(
    ("outcome", "code"), [(Outcome.PASSED, 0), (Outcome.FAILED, 3), (Outcome.INDETERMINATE, 4), (Outcome.NOTE, 0)]
)
def test_exit_codes_are_those_of_the_contract(outcome: Outcome, code: int) -> None:
    assert outcome.exit_code == code


@pytest.mark.parametrize("verdict", [Verdict(), Verdict((Finding(Reason.SEAL_FORGED, Message("forged")),))])
def test_a_verdict_is_neither_true_nor_false(verdict: Verdict) -> None:
    with pytest.raises(TypeError, match="verdict.outcome"):
        bool(verdict)


def test_a_verdict_is_as_bad_as_its_worst_finding() -> None:
    note = Finding(Reason.INK_ADDED, Message("ink"))
    unclear = Finding(Reason.CONTENT_ILLEGIBLE, Message("illegible"))
    altered = Finding(Reason.CONTENT_ALTERED, Message("altered"))
    assert Verdict().outcome is Outcome.PASSED
    assert Verdict((note,)).outcome is Outcome.PASSED
    assert Verdict((note, unclear)).outcome is Outcome.INDETERMINATE
    assert Verdict((unclear, altered, note)).outcome is Outcome.FAILED


def test_a_finding_may_weigh_otherwise_than_its_reason() -> None:
    finding = Finding(Reason.PAGE_MISSING, Message("missing"), judged=Outcome.INDETERMINATE)
    assert finding.outcome is Outcome.INDETERMINATE
    assert Verdict((finding,)).outcome is Outcome.INDETERMINATE


def test_json_has_points_and_leaves_out_what_does_not_apply() -> None:
    finding = Finding(
        Reason.CONTENT_ALTERED,
        Message("line {line}", line=3),
        box=(7200, 0, 10050, 84189),
        image_box=(1, 2, 3, 4),
        recorded="50.00",
        seen="80.00",
        line=0,
    )
    assert Verdict((finding,)).to_dict({"line {line}": "第 {line} 行"}.__getitem__) == {
        "format": FORMAT,
        "outcome": "failed",
        "findings": [
            {
                "reason": "CONTENT_ALTERED",
                "outcome": "failed",
                "message": "第 3 行",
                "box": [72.0, 0.0, 100.5, 841.89],
                "image_box": [1, 2, 3, 4],
                "recorded": "50.00",
                "seen": "80.00",
                "line": 0,
            }
        ],
    }
