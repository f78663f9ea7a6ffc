"""Outcome, reason, finding and verdict: what Truecopy says about an application or about paper.

The words are those of ETSI EN 319 102-1 (PASSED, FAILED, INDETERMINATE). Nothing that was not checked is PASSED.
The table of reasons is closed and a contract (docs/design.md): other programs decide by these names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from toolkit.messages import Message, Translate

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in 1/100 pt on the recorded page, or in pixels of a scan; origin top left."""

FORMAT = 1
"""The version of every JSON answer."""


class Outcome(StrEnum):
    """What a finding or a verdict comes to; NOTE is for findings only and never changes a verdict."""

    PASSED = "passed"
    NOTE = "note"
    INDETERMINATE = "indeterminate"
    FAILED = "failed"

    @property
    def exit_code(self) -> int:
        """Exit code by contract: 0 passed, 3 failed, 4 indeterminate."""
        return {Outcome.FAILED: 3, Outcome.INDETERMINATE: 4}.get(self, 0)


class Reason(Enum):
    """Why a finding was made, with the outcome it has unless the finding says otherwise."""

    # About a page of paper.
    SEAL_ABSENT = ("SEAL_ABSENT", Outcome.INDETERMINATE)
    SEAL_UNREADABLE = ("SEAL_UNREADABLE", Outcome.INDETERMINATE)
    SEAL_CONFLICT = ("SEAL_CONFLICT", Outcome.FAILED)
    SEAL_FORGED = ("SEAL_FORGED", Outcome.FAILED)
    SIGNER_UNTRUSTED = ("SIGNER_UNTRUSTED", Outcome.FAILED)
    SEAL_OUT_OF_VALIDITY = ("SEAL_OUT_OF_VALIDITY", Outcome.FAILED)
    KEY_COMPROMISED = ("KEY_COMPROMISED", Outcome.INDETERMINATE)
    TRUST_STALE = ("TRUST_STALE", Outcome.INDETERMINATE)
    RECORD_UNKNOWN = ("RECORD_UNKNOWN", Outcome.FAILED)
    RECORD_NOT_AT_HAND = ("RECORD_NOT_AT_HAND", Outcome.INDETERMINATE)
    RECORD_MISMATCH = ("RECORD_MISMATCH", Outcome.FAILED)
    RECORD_REVOKED = ("RECORD_REVOKED", Outcome.FAILED)
    RECORD_SUPERSEDED = ("RECORD_SUPERSEDED", Outcome.FAILED)
    PAGE_SUBSTITUTED = ("PAGE_SUBSTITUTED", Outcome.FAILED)
    CONTENT_ALTERED = ("CONTENT_ALTERED", Outcome.FAILED)
    CONTENT_ILLEGIBLE = ("CONTENT_ILLEGIBLE", Outcome.INDETERMINATE)
    CONTENT_NOT_COMPARED = ("CONTENT_NOT_COMPARED", Outcome.INDETERMINATE)
    DRAFT_PAGE = ("DRAFT_PAGE", Outcome.FAILED)
    WATERMARK_MISSING = ("WATERMARK_MISSING", Outcome.FAILED)
    WATERMARK_UNCLEAR = ("WATERMARK_UNCLEAR", Outcome.NOTE)
    COVERED_BY_CHOP = ("COVERED_BY_CHOP", Outcome.NOTE)
    INK_ADDED = ("INK_ADDED", Outcome.NOTE)
    PRINT_SCALED = ("PRINT_SCALED", Outcome.NOTE)
    STORE_NOT_ASKED = ("STORE_NOT_ASKED", Outcome.NOTE)
    # About a whole submission on paper.
    PAGE_MISSING = ("PAGE_MISSING", Outcome.FAILED)
    COPY_MISSING = ("COPY_MISSING", Outcome.FAILED)
    DOCUMENT_MISSING = ("DOCUMENT_MISSING", Outcome.FAILED)
    REVISIONS_MIXED = ("REVISIONS_MIXED", Outcome.FAILED)
    LATE = ("LATE", Outcome.FAILED)
    SIGNATURE_MISSING = ("SIGNATURE_MISSING", Outcome.FAILED)
    CHOP_MISSING = ("CHOP_MISSING", Outcome.FAILED)
    SIGNATURE_UNCLEAR = ("SIGNATURE_UNCLEAR", Outcome.INDETERMINATE)
    CHOP_UNCLEAR = ("CHOP_UNCLEAR", Outcome.INDETERMINATE)
    NOT_DUPLEX = ("NOT_DUPLEX", Outcome.INDETERMINATE)
    ALREADY_RECEIVED = ("ALREADY_RECEIVED", Outcome.INDETERMINATE)
    PAGE_REPEATED = ("PAGE_REPEATED", Outcome.NOTE)
    DUPLEX_NOT_OBSERVED = ("DUPLEX_NOT_OBSERVED", Outcome.NOTE)
    # About an application.
    FIELD_MISSING = ("FIELD_MISSING", Outcome.FAILED)
    FIELD_UNKNOWN = ("FIELD_UNKNOWN", Outcome.FAILED)
    FIELD_INVALID = ("FIELD_INVALID", Outcome.FAILED)
    RULE_BROKEN = ("RULE_BROKEN", Outcome.FAILED)
    RULE_IN_PRINCIPLE = ("RULE_IN_PRINCIPLE", Outcome.INDETERMINATE)
    QUESTION = ("QUESTION", Outcome.NOTE)

    @property
    def outcome(self) -> Outcome:
        """The outcome that a finding of this reason has by default."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. Fields that do not apply stay None and are left out of the JSON.

    ``box`` is on the recorded page in 1/100 pt, ``image_box`` in pixels of the scan. ``field`` is the dotted path in
    the application (``leader.birth_date``, ``members[3].name``), ``line`` counts from 1, ``cell`` is a spreadsheet
    address, ``clause`` names the sentence of the notice (``五.7``). ``judged`` is set only where the finding weighs
    otherwise than its reason does by default (PAGE_MISSING beside unread pages). ``is_key`` marks a place with an
    amount, a name or a date, which people are shown first; it is no part of the JSON.
    """

    reason: Reason
    message: Message
    box: Box | None = None
    image_box: Box | None = None
    recorded: str | None = None
    seen: str | None = None
    field: str | None = None
    source: str | None = None
    line: int | None = None
    cell: str | None = None
    clause: str | None = None
    judged: Outcome | None = None
    is_key: bool = False

    @property
    def outcome(self) -> Outcome:
        """What this finding comes to."""
        return self.judged or self.reason.outcome

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the finding as JSON by contract; boxes on the page become PDF points."""
        plain: dict[str, object] = {
            "reason": self.reason.name,
            "outcome": self.outcome.value,
            "message": self.message.render(translate),
        }
        if self.box is not None:
            plain["box"] = [edge / 100 for edge in self.box]
        if self.image_box is not None:
            plain["image_box"] = list(self.image_box)
        for name in ("recorded", "seen", "field", "source", "line", "cell", "clause"):
            value = getattr(self, name)
            if value is not None:
                plain[name] = value
        return plain


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of the outcomes: failed, then indeterminate, then passed; notes count as passed."""
    seen = set(outcomes)
    for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
        if outcome in seen:
            return outcome
    return Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings about one thing, and the worst outcome among them."""

    findings: tuple[Finding, ...] = field(default=())

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of the findings; PASSED when there is none."""
        return worst(finding.outcome for finding in self.findings)

    def __bool__(self) -> bool:
        """Refuse: ``if verify(...)`` would take an indeterminate page for a good one."""
        raise TypeError("a verdict is not true or false: compare verdict.outcome with Outcome.PASSED")

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the verdict as JSON by contract."""
        return {
            "format": FORMAT,
            "outcome": self.outcome.value,
            "findings": [finding.to_dict(translate) for finding in self.findings],
        }
