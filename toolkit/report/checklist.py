"""The checklist of a submission on paper: what the notice asks for, and what came of each point.

A point is in order only where somebody looked and found nothing; what nobody looked at says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from toolkit.messages import Message, Translate
from toolkit.report.words import labelled, sentence
from toolkit.scan.paper import UNSEEN, PageVerdict, SubmissionVerdict, Topic
from toolkit.verdict import Finding, Outcome, Reason


class State(StrEnum):
    """What came of one point of a checklist."""

    IN_ORDER = "passed"
    NOTE = "note"
    LOOK = "indeterminate"
    FAILED = "failed"
    UNKNOWN = "unknown"


STATES = {
    State.IN_ORDER: Message("in order"),
    State.NOTE: Message("note"),
    State.LOOK: Message("look"),
    State.FAILED: Message("failed"),
    State.UNKNOWN: Message("not looked at"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a checklist: what is asked for, what came of it, and what was found, in the reader's words."""

    label: str
    state: State
    told: tuple[str, ...]


_SEALS = UNSEEN | {Reason.SEAL_CONFLICT, Reason.SEAL_FORGED}
_PAGES = frozenset(
    {
        Reason.DOCUMENT_MISSING,
        Reason.COPY_MISSING,
        Reason.PAGE_MISSING,
        Reason.REVISIONS_MIXED,
        Reason.PAGE_REPEATED,
        Reason.ALREADY_RECEIVED,
        Reason.LATE,
    }
)
_CONTENT = frozenset(
    {
        Reason.PAGE_SUBSTITUTED,
        Reason.CONTENT_ALTERED,
        Reason.CONTENT_ILLEGIBLE,
        Reason.COVERED_BY_CHOP,
        Reason.INK_ADDED,
        Reason.CONTENT_NOT_COMPARED,
    }
)
_COUNTED = (
    (Reason.PAGE_SUBSTITUTED, Message("other pages than the seals name")),
    (Reason.CONTENT_ALTERED, Message("pages that differ")),
    (Reason.CONTENT_ILLEGIBLE, Message("pages with places that cannot be read")),
    (Reason.CONTENT_NOT_COMPARED, Message("pages not compared")),
    (Reason.COVERED_BY_CHOP, Message("pages with text below a chop")),
    (Reason.INK_ADDED, Message("pages with added ink")),
)

_TOPICS = {
    Topic.SIGNATURES: (Message("Signatures"), frozenset({Reason.SIGNATURE_MISSING, Reason.SIGNATURE_UNCLEAR})),
    Topic.CHOPS: (Message("Chops"), frozenset({Reason.CHOP_MISSING, Reason.CHOP_UNCLEAR})),
    Topic.WATERMARK: (Message("Watermark"), frozenset({Reason.WATERMARK_MISSING, Reason.WATERMARK_UNCLEAR})),
    Topic.DUPLEX: (Message("Printed on both sides"), frozenset({Reason.NOT_DUPLEX, Reason.DUPLEX_NOT_OBSERVED})),
    Topic.SCALE: (Message("Printed at 100 %"), frozenset({Reason.PRINT_SCALED})),
}

_UNSEEN = frozenset({Reason.CONTENT_NOT_COMPARED, Reason.DUPLEX_NOT_OBSERVED})
"""Reasons that say of a point that nobody looked."""


def checklist(submission: SubmissionVerdict, pages: Sequence[PageVerdict], translate: Translate) -> list[Point]:
    """Return the checklist of a submission.

    Args:
        submission: its verdict.
        pages: all pages of the pile; those that name the submission count.
        translate: the reader's language.
    """
    own = [page for page in pages if page.seal is not None and page.seal.serial == submission.serial]
    findings = [*submission.findings, *(finding for page in own for finding in page.findings)]
    points = [
        _point(Message("Documents, copies, pages"), findings, _PAGES, bool(submission.tallies), translate),
        _point(Message("Seals and record"), findings, _SEALS, bool(own), translate),
        _content(own, translate),
    ]
    points += [
        _point(label, findings, reasons, topic in submission.examined, translate)
        for topic, (label, reasons) in _TOPICS.items()
    ]
    return points


def _point(
    label: Message, findings: Sequence[Finding], reasons: frozenset[Reason], examined: bool, translate: Translate
) -> Point:
    own = [finding for finding in findings if finding.reason in reasons]
    told = dict.fromkeys(sentence(finding, translate) for finding in own)
    return Point(label.render(translate), _state(own, examined or bool(own)), tuple(told))


def _content(pages: Sequence[PageVerdict], translate: Translate) -> Point:
    """Return the point about what is printed: counted by pages, since the places are shown elsewhere."""
    own = [finding for page in pages for finding in page.findings if finding.reason in _CONTENT]
    told = []
    for reason, label in _COUNTED:
        count = sum(any(finding.reason is reason for finding in page.findings) for page in pages)
        if count:
            told.append(labelled(label.render(translate), str(count), translate))
    examined = bool(pages) and all(page.is_compared for page in pages)
    return Point(Message("What is printed").render(translate), _state(own, examined), tuple(told))


def _state(findings: Sequence[Finding], examined: bool) -> State:
    outcomes = {finding.outcome for finding in findings if finding.reason not in _UNSEEN}
    if Outcome.FAILED in outcomes:
        return State.FAILED
    if Outcome.INDETERMINATE in outcomes:
        return State.LOOK
    if not examined or any(finding.reason in _UNSEEN for finding in findings):
        return State.UNKNOWN
    return State.NOTE if outcomes else State.IN_ORDER
