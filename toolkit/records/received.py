"""What has come of a submission's paper so far: the fold of its events, page by page, and nothing that is kept beside.

An event ``pages-received`` has the pages of one call of ``receive``. The rules by which pages join are here, and they
are the only ones: a page takes the place of one that has more wrong or open about it, and never of one that has less or
as much. What comes of a page that is in order already is kept apart, since a second print looks like a second scan.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple, Protocol

from toolkit.canonical import Plain
from toolkit.messages import Message
from toolkit.records.life import EVENTS, RETURNED
from toolkit.verdict import Finding, Outcome, Reason

PAGES_RECEIVED, RECEIPT_MADE = "pages-received", "receipt-made"
"""Kinds of events about paper that came; neither moves a submission on in its life."""

RECEIPT_CODE, RECEIPT_WATERMARK = "RC", "接收回执"
"""What a receipt's seals call it (no programme has a document of that code), and its watermark."""

RECEIPT, RECEIPT_FORM, RECEIPT_FONT = "receipt", "receipt form", "receipt font"
"""Kinds of a receipt's files: as it is given, as it was before watermark and seals, and what it was set in."""

MOST_RECEIPTS = 255
"""Receipts of one revision: seals count them as copies."""

MOST_FINDINGS = 40
"""Findings that are kept of one page: a fax has fifty places that cannot be read, and is scanned again as a whole."""

_LONGEST_SOURCE = 120
"""Characters of a scan's name that are kept."""

_MARKS = {
    "chop": (Reason.CHOP_MISSING, Reason.CHOP_UNCLEAR),
    "signature": (Reason.SIGNATURE_MISSING, Reason.SIGNATURE_UNCLEAR),
}


class Happened(Protocol):
    """What an event of the store tells."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def revision(self) -> int:
        """The revision that it happened to."""

    @property
    def at(self) -> datetime:
        """When it happened."""

    @property
    def who(self) -> str:
        """Who did it."""

    @property
    def detail(self) -> Mapping[str, Plain]:
        """What else there is to it."""


class Place(NamedTuple):
    """One side of one copy: the document's code, the copy and the page, counted from 1."""

    code: str
    copy: int
    page: int

    def __str__(self) -> str:
        """Return it as it stands in a reference: ``P/1/3``."""
        return f"{self.code}/{self.copy}/{self.page}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Return the place that ``str`` wrote."""
        code, copy, page = text.split("/")
        return cls(code, int(copy), int(page))


class Mark(NamedTuple):
    """What stands where a chop or a signature is asked for: ``answer`` is present, absent or unclear."""

    name: str
    kind: str
    answer: str

    @property
    def reason(self) -> Reason | None:
        """What there is to find about it; None where the chop or signature is there."""
        missing, unclear = _MARKS.get(self.kind, _MARKS["signature"])
        return {"absent": missing, "unclear": unclear}.get(self.answer)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An indeterminate finding that somebody accepted: ``reason`` names the finding, ``why`` says why."""

    reason: Reason
    why: str
    who: str
    at: datetime

    def told(self) -> Message:
        """Return a sentence that says it."""
        return Message("accepted by {who}: {why}", who=self.who, why=self.why)


@dataclass(frozen=True, slots=True)
class ReceivedPage:
    """One page that came.

    Attributes:
        place: which it is.
        image: SHA-256 of the image's pixels, in hexadecimal.
        others: the same of further images of the page in the same pile, which are no better.
        source: name of the scan; ``number`` counts its images from 1.
        came: when the sheet came: a page that could not be read and is scanned again came when it first did.
        findings: failed and indeterminate ones.
        marks: of the zones that ask for one.
        examined: what was looked into besides the text (``scan.paper.Topic``).
        accepted: what of it somebody accepted.
    """

    place: Place
    image: str
    source: str
    number: int
    came: datetime
    findings: tuple[Finding, ...] = ()
    marks: tuple[Mark, ...] = ()
    examined: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    accepted: tuple[Acceptance, ...] = ()

    @property
    def weighed(self) -> tuple[tuple[Reason, Outcome], ...]:
        """Reason and outcome of everything that is wrong or open about the page; what was accepted is neither."""
        accepted = {one.reason for one in self.accepted}
        found = [(finding.reason, finding.outcome) for finding in self.findings]
        found += [(mark.reason, mark.reason.outcome) for mark in self.marks if mark.reason]
        return tuple(each for each in found if each[1] is not Outcome.INDETERMINATE or each[0] not in accepted)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The names of these reasons, each once."""
        return tuple(dict.fromkeys(reason.name for reason, _ in self.weighed))

    @property
    def open(self) -> tuple[int, int]:
        """How many things are wrong and how many are open about the page."""
        outcomes = [outcome for _, outcome in self.weighed]
        return outcomes.count(Outcome.FAILED), outcomes.count(Outcome.INDETERMINATE)

    @property
    def is_in_order(self) -> bool:
        """Whether nothing is wrong or open about it."""
        return self.open == (0, 0)

    def to_plain(self) -> dict[str, Plain]:
        """Return the page as an event has it; acceptances stand beside it there."""
        return {
            "page": str(self.place),
            "image": self.image,
            "others": list(self.others),
            "source": self.source,
            "number": self.number,
            "came": self.came.isoformat(),
            "findings": [plain_finding(finding) for finding in self.findings],
            "marks": [list(mark) for mark in self.marks],
            "examined": [*sorted(self.examined)],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> ReceivedPage:
        """Return the page that ``to_plain`` wrote."""
        return cls(
            place=Place.parse(plain["page"]),
            image=plain["image"],
            source=plain["source"],
            number=plain["number"],
            came=datetime.fromisoformat(plain["came"]),
            findings=tuple(_finding(each) for each in plain["findings"]),
            marks=tuple(Mark(*each) for each in plain["marks"]),
            examined=frozenset(plain["examined"]),
            others=tuple(plain["others"]),
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was made: its number, counted from 1, when, and the digests of its pages."""

    number: int
    made_at: datetime
    page_digests: tuple[bytes, ...]


def receipt_id(number: int) -> str:
    """Return what a receipt is called among the documents of its submission."""
    return f"receipt-{number}"


def receipt_font(serial: str, revision: int, document: str, font: str) -> str:
    """Return the name under which the store has a font of a receipt."""
    return f"{serial}-r{revision}-{document}-{font}"


def receipts_in(events: Iterable[Happened]) -> dict[int, Receipt]:
    """Return the receipts that events tell of, by number."""
    made = [_receipt(event) for event in events if event.kind == RECEIPT_MADE]
    return {receipt.number: receipt for receipt in made}


@dataclass(frozen=True, slots=True)
class Received:
    """All that has come of one revision, since its paper was last handed back.

    Attributes:
        pages: the best of each page that came.
        images: every image of each page that came, good or bad: what is known by them is not entered twice.
        again: what came of pages that were in order already.
        sides: what the order of images told about printing on both sides, a finding for each call, None where it was
            seen to be so.
        accepted: what was accepted about the submission as a whole, with the sentence that was accepted.
        receipts: those that were made, the last one behind, of paper that was handed back too.
        is_told: whether the last receipt tells of all this.
    """

    pages: Mapping[Place, ReceivedPage] = field(default_factory=dict)
    images: Mapping[Place, frozenset[str]] = field(default_factory=dict)
    again: tuple[ReceivedPage, ...] = ()
    sides: tuple[Finding | None, ...] = ()
    accepted: tuple[tuple[Acceptance, Message], ...] = ()
    receipts: tuple[Receipt, ...] = ()
    is_told: bool = False

    def knows(self, page: ReceivedPage) -> bool:
        """Tell whether this very image of the page came before."""
        return page.image in self.images.get(page.place, frozenset())

    def taking(self, page: ReceivedPage) -> Received:
        """Return what there is when one more page has come."""
        images = {**self.images, page.place: self.images.get(page.place, frozenset()) | {page.image, *page.others}}
        before = self.pages.get(page.place)
        if before is not None and before.is_in_order:
            return replace(self, images=images, again=(*self.again, page))
        return replace(self, images=images, pages={**self.pages, page.place: better(before, page)})

    def accepting(self, place: Place | None, acceptance: Acceptance, said: Message | None) -> Received:
        """Return what there is when a finding has been accepted, of a page, or of the whole with what it said."""
        if place is None:
            return replace(self, accepted=(*self.accepted, (acceptance, said or Message(""))))
        page = self.pages[place]
        accepted = replace(page, accepted=(*page.accepted, acceptance))
        return replace(self, pages={**self.pages, place: accepted})

    def has_accepted(self, finding: Finding) -> Acceptance | None:
        """Return who accepted a finding about the whole submission, in the words that it has now."""
        said = plain_message(finding.message)
        for acceptance, accepted in self.accepted:
            if acceptance.reason is finding.reason and plain_message(accepted) == said:
                return acceptance
        return None


def better(before: ReceivedPage | None, page: ReceivedPage) -> ReceivedPage:
    """Return the one of two images of a page that has less wrong, then less open; the earlier one where it is the same.

    A sheet that could not be judged is scanned again, and came when it first did. One that was wrong was replaced.
    """
    if before is None or page.open < before.open:
        same_sheet = before is not None and before.open[0] == 0
        return replace(page, came=min(before.came, page.came)) if before and same_sheet else page
    return before


def received(life: Iterable[Happened], revision: int) -> Received:
    """Return what has come of a revision.

    Args:
        life: all events of the submission in their order.
        revision: pages and receipts of others count for nothing.

    Raises:
        ValueError: an event has another form than this version writes.
    """
    so_far = Received()
    try:
        for event in life:
            if event.kind == RETURNED:
                so_far = Received(receipts=so_far.receipts)
            elif event.kind == RECEIPT_MADE and event.revision == revision:
                so_far = replace(so_far, receipts=(*so_far.receipts, _receipt(event)), is_told=True)
            elif event.kind == PAGES_RECEIVED and event.revision == revision:
                so_far = _after(so_far, event)
            elif event.kind in EVENTS:
                so_far = replace(so_far, is_told=False)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"an event about received pages is damaged: {error}") from error
    return so_far


def _after(so_far: Received, event: Happened) -> Received:
    detail: Mapping[str, Any] = event.detail
    for page in detail["pages"]:
        so_far = so_far.taking(ReceivedPage.from_plain(page))
    for one in detail["accepted"]:
        place = Place.parse(one["page"]) if one["page"] else None
        acceptance = Acceptance(Reason[one["reason"]], one["why"], event.who, event.at)
        so_far = so_far.accepting(place, acceptance, _message(one["said"]) if one["said"] else None)
    sides = ((_finding(detail["sides"]) if detail["sides"] else None),) if detail["pages"] else ()
    return replace(so_far, sides=(*so_far.sides, *sides), is_told=False)


def plain_finding(finding: Finding) -> dict[str, Plain]:
    """Return a finding as an event has it."""
    return {
        "reason": finding.reason.name,
        "outcome": finding.outcome.value,
        "message": plain_message(finding.message),
        "recorded": _text(finding.recorded) if finding.recorded is not None else None,
        "seen": _text(finding.seen) if finding.seen is not None else None,
        "box": list(finding.box) if finding.box else None,
        "key": finding.is_key,
    }


def plain_message(message: Message) -> dict[str, Plain]:
    """Return a message as an event has it, to be shown in any language later."""
    return {"text": message.text, "values": {name: _value(value) for name, value in message.values}}


def source_name(source: str) -> str:
    """Return what is kept of where an image is from: the file's name without its folders."""
    return _text((PurePath(source).name or source)[:_LONGEST_SOURCE])


def kept_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are kept of a page: no notes, the failed ones first, at most ``MOST_FINDINGS``."""
    weighed = [finding for finding in findings if finding.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)]
    return tuple(sorted(weighed, key=lambda finding: finding.outcome is not Outcome.FAILED))[:MOST_FINDINGS]


def _value(value: object) -> Plain:
    if isinstance(value, Message):
        return plain_message(value)
    if isinstance(value, tuple | list):
        return [_value(item) for item in value]
    return value if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    """Return text as a canonical form can have it, also where it names a file by bytes that are no characters."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))


def _finding(plain: Mapping[str, Any]) -> Finding:
    box: Any = tuple(plain["box"]) if plain["box"] else None
    reason = Reason[plain["reason"]]
    outcome = Outcome(plain["outcome"])
    return Finding(
        reason,
        _message(plain["message"]),
        box=box,
        recorded=plain["recorded"],
        seen=plain["seen"],
        judged=None if outcome is reason.outcome else outcome,
        is_key=plain["key"],
    )


def _message(plain: Mapping[str, Any]) -> Message:
    return Message(plain["text"], **{name: _said(value) for name, value in plain["values"].items()})


def _said(value: Any) -> object:
    if isinstance(value, dict):
        return _message(value)
    return tuple(_said(item) for item in value) if isinstance(value, list) else value


def _receipt(event: Happened) -> Receipt:
    detail: Mapping[str, Any] = event.detail
    return Receipt(int(detail["number"]), event.at, tuple(bytes.fromhex(each) for each in detail["pages"]))
