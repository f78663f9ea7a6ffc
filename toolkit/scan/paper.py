"""What is said about paper: a verdict for each page, for each submission in the pile, and for the pile.

``to_dict`` is the JSON contract of ``verify --json`` (docs/verify.schema.json).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from toolkit.messages import Message, Translate
from toolkit.records.record import Accepted
from toolkit.scan.zone_answers import ZoneMark
from toolkit.seal.reference import Reference
from toolkit.verdict import FORMAT, Box, Finding, Outcome, Reason, Verdict, worst

if TYPE_CHECKING:
    from toolkit.seal.payload import SignedSeal
    from toolkit.seal.revocation import RevocationList

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

_UNCOMPARED = frozenset({Reason.CONTENT_NOT_COMPARED, Reason.RECORD_NOT_AT_HAND})
"""Reasons for which nobody held a page against its record."""

_NO_RECORD = frozenset({Reason.RECORD_NOT_AT_HAND, Reason.RECORD_UNKNOWN, Reason.RECORD_MISMATCH})

UNSEEN = frozenset(
    {
        Reason.SIGNER_UNTRUSTED,
        Reason.SEAL_OUT_OF_VALIDITY,
        Reason.KEY_COMPROMISED,
        Reason.TRUST_STALE,
        Reason.RECORD_UNKNOWN,
        Reason.RECORD_NOT_AT_HAND,
        Reason.RECORD_MISMATCH,
        Reason.RECORD_REVOKED,
        Reason.RECORD_SUPERSEDED,
        Reason.STORE_NOT_ASKED,
    }
)
"""Reasons about seal and record, of which a page shows nothing."""

POINTING = frozenset({Reason.CONTENT_ALTERED, Reason.CONTENT_ILLEGIBLE, Reason.COVERED_BY_CHOP, Reason.INK_ADDED})
"""Reasons that point at one place of a page."""


_ORDER = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.NOTE, Outcome.PASSED)


def urgency(finding: Finding) -> tuple[int, int]:
    """Return what findings are sorted by before people look at them; the smallest comes first.

    By outcome; then amounts, names and dates before what else is on a page, and that what holds for every page behind.
    """
    if finding.reason in _UNCOMPARED:
        rank = 2
    else:
        rank = int(finding.reason in POINTING and not finding.is_key)
    return _ORDER.index(finding.outcome), rank


def needs_an_eye(findings: Iterable[Finding], *, has_image: bool) -> bool:
    """Tell whether looking at the page tells more than the findings do.

    That a signer is not trusted or a revision not the latest is nothing that an eye sees, and holds for all pages of a
    submission; and so does that a page was not compared because there is no record or no image. Where there are both,
    such a page is an exception, and a person must compare it.
    """
    reasons = {finding.reason for finding in findings if finding.outcome is not Outcome.NOTE}
    if not has_image or not reasons.isdisjoint(_NO_RECORD):
        reasons -= _UNCOMPARED
    return bool(reasons - UNSEEN)


class Topic(Enum):
    """What the notice asks of the paper of a submission besides its text, and can be looked for in a scan."""

    SIGNATURES = "signatures"
    CHOPS = "chops"
    WATERMARK = "watermark"
    DUPLEX = "duplex"
    SCALE = "scale"


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

    @classmethod
    def of(
        cls, signed: SignedSeal, *, document: str | None = None, signer: str | None = None, demo: bool = False
    ) -> SealClaims:
        """Return what a seal claims; the rest is what else is known of it."""
        seal, claims = signed.seal, signed.seal.claims
        return cls(
            serial=seal.serial,
            revision=seal.revision,
            document=document or seal.document,
            code=seal.document,
            copy=seal.copy,
            copies=seal.copies,
            page=seal.page,
            pages=seal.pages,
            issued_at=seal.issued_at,
            record_digest=seal.record_digest,
            page_digest=seal.page_digest,
            signer=signer,
            demo=demo,
            title=claims.title if claims else None,
            unit=claims.unit if claims else None,
            leader=claims.leader if claims else None,
            requested_fen=claims.requested_fen if claims else None,
        )

    @property
    def reference(self) -> str:
        """The reference that is printed beside the symbol."""
        return str(Reference(self.serial, self.revision, self.code, self.copy, self.page))

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


@dataclass(frozen=True, slots=True)
class PlacePictures:
    """One place of a page on paper and in the record: two JPEGs of the same box, of which one may be coarser.

    ``finding`` is the place in the page's findings, from 0; ``box`` is what both pictures show, on the recorded page in
    1/100 pt.
    """

    finding: int
    box: Box
    paper: bytes = field(repr=False)
    record: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PagePictures:
    """What a report shows of one page besides words.

    Attributes:
        is_laid: the paper is shown as the page was issued, and boxes are those on the recorded page; otherwise the
            image is shown as it was scanned, and boxes are those in its pixels.
        size: width and height of what is shown, in the units of its boxes.
        paper: a JPEG of the scan, empty when the page needs no eye.
        record: a JPEG of the recorded page, empty when the page needs no eye or is not known.
        places: what findings point at, the most urgent first.
    """

    is_laid: bool
    size: tuple[int, int]
    paper: bytes = field(default=b"", repr=False)
    record: bytes = field(default=b"", repr=False)
    places: tuple[PlacePictures, ...] = ()

    @property
    def size_in_bytes(self) -> int:
        """How many bytes all pictures have."""
        return len(self.paper) + len(self.record) + sum(len(place.paper) + len(place.record) for place in self.places)

    def of_places(self) -> PagePictures:
        """Return the pictures of places alone."""
        return replace(self, paper=b"", record=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict(Verdict):
    """The verdict on one image of a scan (or one typed line): ``image`` counts within its source from 1.

    ``is_blank`` says that next to nothing is printed. ``size`` is width and height of the recorded page, 1/100 pt,
    where the page was compared with one. ``thumbnail`` is a small JPEG of the image for the report, empty where there
    is none, and ``pictures`` are larger ones, where a report was asked for and there is something to show. ``zones``
    says what stands in its places for chops and signatures, ``examined`` what else was looked into. ``digest`` is the
    SHA-256 of the image's pixels in hexadecimal, empty where no seal was read. None of these is part of the JSON.
    """

    source: str
    image: int
    reference: str | None = None
    seal: SealClaims | None = None
    is_blank: bool = False
    size: tuple[int, int] | None = None
    thumbnail: bytes = field(default=b"", repr=False, compare=False)
    pictures: PagePictures | None = field(default=None, repr=False, compare=False)
    zones: tuple[ZoneMark, ...] = ()
    examined: frozenset[Topic] = frozenset()
    digest: str = field(default="", repr=False, compare=False)

    @property
    def is_read(self) -> bool:
        """Whether the page is known to be the one that its seal names."""
        return self.seal is not None and not any(finding.reason in FORGED for finding in self.findings)

    @property
    def needs_an_eye(self) -> bool:
        """Whether somebody has to look at the page; an empty side is looked at by nobody."""
        return not self.is_blank and needs_an_eye(self.findings, has_image=bool(self.thumbnail))

    @property
    def is_compared(self) -> bool:
        """Whether what is printed was held against the record."""
        return self.is_read and not any(finding.reason in _UNCOMPARED for finding in self.findings)

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
    ``examined`` are the topics that were looked into: where there is no finding in one of these, it is in order, and
    of any other nobody knows. ``accepted`` is what the record says was accepted when it was issued.
    """

    serial: str
    revision: int
    pages_outcome: Outcome
    tallies: tuple[CopyTally, ...] = ()
    title: str | None = None
    examined: frozenset[Topic] = frozenset()
    accepted: tuple[Accepted, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Relied:
    """An office root that signers of some pages were believed by, and its revocation list, which may be old or missing.

    ``at`` is the reader's time, by which the list's age is told.
    """

    office: str
    fingerprint: str
    list: RevocationList | None
    at: datetime.datetime

    def to_dict(self) -> dict[str, object]:
        """Return the entry in the answer of ``verify --json``."""
        revocations = self.list.to_dict(self.at) if self.list is not None else None
        return {"office": self.office, "fingerprint": self.fingerprint, "revocations": revocations}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperVerdict(Verdict):
    """The verdict on everything that was handed in at once; ``findings`` stays empty, pages and submissions have them.

    ``relied`` are the roots behind the signers of genuine seals. ``offline`` says that there was no store to ask.
    ``demo`` says that a key made by ``demo`` was relied on.
    """

    pages: tuple[PageVerdict, ...]
    submissions: tuple[SubmissionVerdict, ...] = ()
    relied: tuple[Relied, ...] = ()
    offline: bool = False

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
            "offline": self.offline,
            "trust": [root.to_dict() for root in self.relied],
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
