"""What is said about paper: a verdict for each page, for each submission in the pile, and for the pile.

``to_dict`` is the JSON contract of ``verify --json`` (docs/verify.schema.json).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from toolkit.messages import Message, Translate
from toolkit.verdict import FORMAT, Finding, Outcome, Reason, Verdict, worst

FORGED = frozenset(
    {
        Reason.SEAL_CONFLICT,
        Reason.SEAL_FORGED,
        Reason.SIGNER_UNTRUSTED,
        Reason.SEAL_OUT_OF_VALIDITY,
        Reason.RECORD_UNKNOWN,
        Reason.RECORD_MISMATCH,
    }
)
"""Reasons for which a page does not count as the page that its seal names."""


@dataclass(frozen=True, slots=True)
class SealClaims:
    """What the seal on a page claims, for people and for JSON; whether it is true is what the findings say.

    ``document`` is the document's id (``proposal``) where the record is at hand, else its ``code`` (P). ``signer`` is
    the name in the certificate that verified the signature, or None. ``demo`` says that a key made by ``demo`` signed.
    """

    serial: str
    revision: int
    document: str
    code: str
    copy: int
    copies: int
    page: int
    pages: int
    issued_at: datetime.datetime
    record_digest: bytes
    page_digest: bytes
    signer: str | None = None
    demo: bool = False
    title: str | None = None
    unit: str | None = None
    leader: str | None = None
    requested_fen: int | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the ``seal`` object of the contract; the claims of a first page only where it makes them."""
        plain: dict[str, object] = {
            "serial": self.serial,
            "revision": self.revision,
            "document": self.document,
            "code": self.code,
            "copy": self.copy,
            "copies": self.copies,
            "page": self.page,
            "pages": self.pages,
            "issued_at": self.issued_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "record_digest": self.record_digest.hex(),
            "page_digest": self.page_digest.hex(),
            "signer": self.signer,
            "demo": self.demo,
        }
        if self.title is not None:
            plain["claims"] = {
                "title": self.title,
                "unit": self.unit,
                "leader": self.leader,
                "requested_fen": self.requested_fen,
            }
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict(Verdict):
    """The verdict on one image of a scan (or one typed line): ``image`` counts within its source from 1.

    ``thumbnail`` is a small JPEG of the image for the report, empty where there is none; it is no part of the JSON.
    """

    source: str
    image: int
    reference: str | None = None
    seal: SealClaims | None = None
    thumbnail: bytes = field(default=b"", repr=False, compare=False)

    @property
    def is_read(self) -> bool:
        """Whether the page is known to be the one that its seal names."""
        return self.seal is not None and not any(finding.reason in FORGED for finding in self.findings)

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the page's entry in the JSON answer."""
        return {
            "source": self.source,
            "image": self.image,
            "outcome": self.outcome.value,
            "reference": self.reference,
            "seal": self.seal.to_dict() if self.seal else None,
            "findings": [finding.to_dict(translate) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyTally:
    """What came of one copy of one document: of ``pages`` pages, those in ``seen`` (numbers from 1)."""

    document: str
    title: str
    code: str
    copy: int
    pages: int
    seen: frozenset[int]

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the pages that did not come, ascending."""
        return tuple(page for page in range(1, self.pages + 1) if page not in self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionVerdict(Verdict):
    """The verdict on everything in the pile that names one serial; ``revision`` is the highest among its pages.

    ``pages_outcome`` is the worst outcome of these pages. ``tallies`` is the checklist behind the findings.
    """

    serial: str
    revision: int
    pages_outcome: Outcome
    tallies: tuple[CopyTally, ...] = ()
    title: str | None = None

    @property
    def outcome(self) -> Outcome:
        """The worst of the submission's own findings and of its pages."""
        return worst([self.pages_outcome, *(finding.outcome for finding in self.findings)])

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the submission's entry in the JSON answer."""
        return {
            "serial": self.serial,
            "revision": self.revision,
            "outcome": self.outcome.value,
            "findings": [finding.to_dict(translate) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVerdict(Verdict):
    """The verdict on everything that was handed in at once; ``findings`` stays empty, pages and submissions have them.

    ``demo`` says that a key made by ``demo`` was relied on.
    """

    pages: tuple[PageVerdict, ...]
    submissions: tuple[SubmissionVerdict, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of any page and any submission."""
        parts: Iterable[PageVerdict | SubmissionVerdict] = (*self.pages, *self.submissions)
        return worst([part.outcome for part in parts] or [Outcome.INDETERMINATE])

    @property
    def demo(self) -> bool:
        """Whether any page was signed by a key that ``demo`` made, which proves nothing to an office."""
        return any(page.seal.demo for page in self.pages if page.seal)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """The findings of every submission and every page, submissions first."""
        parts: Iterable[PageVerdict | SubmissionVerdict] = (*self.submissions, *self.pages)
        return tuple(finding for part in parts for finding in part.findings)

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the answer of ``verify --json``."""
        return {
            "format": FORMAT,
            "outcome": self.outcome.value,
            "demo": self.demo,
            "pages": [page.to_dict(translate) for page in self.pages],
            "submissions": [submission.to_dict(translate) for submission in self.submissions],
        }


@dataclass(frozen=True, slots=True)
class InspectedPage:
    """What one seal on an image claims, or why there is none; an image with two seals gives two."""

    source: str
    image: int
    reference: str | None = None
    seal: SealClaims | None = None
    problem: Message | None = None

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the entry in the answer of ``inspect --json``."""
        return {
            "source": self.source,
            "image": self.image,
            "reference": self.reference,
            "seal": self.seal.to_dict() if self.seal else None,
            "problem": self.problem.render(translate) if self.problem else None,
        }


@dataclass(frozen=True, slots=True)
class Inspection:
    """What all seals claim; nothing in it is judged."""

    pages: tuple[InspectedPage, ...]

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the answer of ``inspect --json``."""
        return {"format": FORMAT, "pages": [page.to_dict(translate) for page in self.pages]}
