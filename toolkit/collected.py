"""What has come of a submission so far, judged as one pile: whatever came in however many calls of ``receive``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import cast

from toolkit.canonical import Plain
from toolkit.home import Home
from toolkit.issued import stored_submission
from toolkit.messages import Message
from toolkit.records.entering import Entry
from toolkit.records.happened import Event
from toolkit.records.life import EVENTS, RECEIVED, following, lateness
from toolkit.records.received import PAGES_RECEIVED, Acceptance, Mark, Place, Received, ReceivedPage, received
from toolkit.records.record import accepted_in
from toolkit.records.store import StoredSubmission
from toolkit.scan.completeness import ExpectedDocument, asks_duplex, expected_documents, judge_submission, page_ranges
from toolkit.scan.duplex import judge_duplex
from toolkit.scan.paper import PageVerdict, SealClaims, SubmissionVerdict, Topic
from toolkit.scan.zone_answers import Presence, ZoneMark
from toolkit.seal.reference import Reference
from toolkit.verdict import Finding, Outcome, Reason


@dataclass(frozen=True, slots=True)
class Collected:
    """What has come of one revision.

    Attributes:
        stored: the submission.
        received: the pages.
        verdict: on all of them together; what was accepted is a note in it.
    """

    stored: StoredSubmission
    received: Received
    verdict: SubmissionVerdict

    @property
    def is_complete(self) -> bool:
        """Whether every page is there and in order, and nothing about the whole is wrong or open but that it is late.

        Paper that came late is received, too: what follows from that is not intake's to say.
        """
        weighed = [finding for finding in self.verdict.findings if finding.reason is not Reason.LATE]
        settled = all(finding.outcome is Outcome.NOTE for finding in weighed)
        return bool(self.received.pages) and settled and self.verdict.pages_outcome is Outcome.PASSED

    @property
    def to_rescan(self) -> tuple[ReceivedPage, ...]:
        """The pages that came and are not in order, in the order of the documents."""
        return tuple(page for page in self.in_order_of_print if not page.is_in_order)

    @property
    def in_order_of_print(self) -> tuple[ReceivedPage, ...]:
        """All pages that came, in the order in which they were printed."""
        codes = [document.code for document in expected_documents(self.stored.record)]
        pages = self.received.pages
        return tuple(pages[place] for place in sorted(pages, key=lambda each: (codes.index(each.code), each)))

    @property
    def accepted(self) -> tuple[tuple[ReceivedPage | None, Acceptance], ...]:
        """What somebody accepted, page by page, then about the whole."""
        of_pages = [(page, one) for page in self.in_order_of_print for one in page.accepted]
        return (*of_pages, *((None, one) for one, _ in self.received.accepted))

    def reference(self, place: Place) -> str:
        """Return what is printed beside the symbol of one of its pages."""
        return str(Reference(self.stored.serial, self.stored.revision, *place))

    @property
    def came(self) -> datetime | None:
        """When the last of the sheets came that are there now; None when there is none."""
        return max((page.came for page in self.received.pages.values()), default=None)


def collected(
    stored: StoredSubmission,
    life: Sequence[Event],
    *,
    now: datetime,
    unread: int = 0,
    so_far: Received | None = None,
) -> Collected:
    """Return what has come of a revision, judged.

    Args:
        stored: the revision.
        life: all events of the submission in their order.
        now: when paper that was never entered as received is looked at.
        unread: how many pages of the pile at hand could not be read: what is missing may be among them.
        so_far: what has come, where more has than ``life`` tells.
    """
    so_far = received(life, stored.revision) if so_far is None else so_far
    expected = expected_documents(stored.record)
    pages = [page_verdict(page, stored, expected) for page in so_far.pages.values()]
    programme = cast("dict[str, Plain]", stored.record["programme"])
    came = max((page.came for page in so_far.pages.values()), default=now)
    sides, observed = _sides(so_far, stored.serial) if asks_duplex(stored.record) else (None, False)
    late = lateness(programme, life, came)
    verdict = judge_submission(
        stored.serial,
        pages,
        expected=expected,
        unread=unread,
        sides=sides,
        told=[finding for finding in (late, _came_again([page.place for page in so_far.again])) if finding],
        accepted=accepted_in(stored.record),
        revision=stored.revision,
    )
    findings = tuple(_settled(finding, so_far.has_accepted(finding)) for finding in verdict.findings)
    examined = verdict.examined if observed else verdict.examined - {Topic.DUPLEX}
    verdict = replace(verdict, findings=findings, examined=examined)
    return Collected(stored, so_far, verdict)


def arrival(so_far: Collected, life: Sequence[Event]) -> list[Entry]:
    """Return the event that the paper is received, where it is complete and that can be entered now.

    Paper may come before the review is passed, or before that is entered: it is received then, not before.
    """
    if not so_far.is_complete or RECEIVED not in following([event.kind for event in life]) or so_far.came is None:
        return []
    last = next(event for event in reversed(life) if event.kind in EVENTS)
    who = next(event.who for event in reversed(life) if event.kind == PAGES_RECEIVED)
    return [Entry(RECEIVED, max(so_far.came, last.at), who, {"came": so_far.came.isoformat()})]


def described(so_far: Collected) -> dict[str, object]:
    """Return what has come of a submission, as JSON answers have it."""
    verdict = so_far.verdict
    return {
        "copies": [
            {
                "document": tally.document,
                "code": tally.code,
                "copy": tally.copy,
                "pages": tally.pages,
                "there": sorted(tally.seen),
                "missing": list(tally.missing),
            }
            for tally in verdict.tallies
        ],
        "to_rescan": [
            {
                "reference": so_far.reference(page.place),
                "reasons": list(page.reasons),
            }
            for page in so_far.to_rescan
        ],
        "accepted_by_clerk": [
            {
                "reference": so_far.reference(page.place) if page else None,
                "reason": one.reason.name,
                "why": one.why,
                "who": one.who,
                "at": one.at.isoformat(),
            }
            for page, one in so_far.accepted
        ],
    }


def received_of(home: Home, serial: str, revision: int | None = None) -> dict[str, object]:
    """Return what has come of a submission, as ``show --json`` has it.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: what the store holds does not fit its digests.
    """
    stored = stored_submission(home, serial, revision)
    so_far = collected(stored, home.store.life(serial), now=stored.issued_at)
    return {
        **described(so_far),
        "complete": so_far.is_complete,
        "came": so_far.came.isoformat() if so_far.came else None,
        "receipts": [
            {"number": receipt.number, "made_at": receipt.made_at.isoformat()} for receipt in so_far.received.receipts
        ],
    }


def already_received(pages: Iterable[PageVerdict], so_far: Received) -> Finding | None:
    """Return the finding that pages of a pile were received in order before, from other images than these."""
    again = []
    for page in pages:
        if page.seal is None or not page.is_read or not page.digest:
            continue
        place = Place(page.seal.code, page.seal.copy, page.seal.page)
        before = so_far.pages.get(place)
        known = page.digest in so_far.images.get(place, frozenset())
        if before is not None and before.is_in_order and not known:
            again.append(place)
    return _came_again(again)


def settled(findings: Iterable[Finding], page: ReceivedPage) -> Iterator[Finding]:
    """Yield the findings of a page; what somebody accepted is a note that says so."""
    for finding in findings:
        yield _settled(finding, next((one for one in page.accepted if one.reason is finding.reason), None))


def spans(places: Iterable[Place]) -> str:
    """Return places as a person writes them: ``P/1/1-14, CU/2/2``."""
    listed = sorted(set(places))
    return ", ".join(
        f"{code}/{copy}/{page_ranges(place.page for place in own)}"
        for (code, copy), own in groupby(listed, key=lambda place: (place.code, place.copy))
    )


def _came_again(places: Sequence[Place]) -> Finding | None:
    if not places:
        return None
    return Finding(
        Reason.ALREADY_RECEIVED,
        Message(
            "{pages} came again ({count} images), though received in order before: the same sheets scanned again, or a "
            "second print of them: look at the paper",
            pages=spans(places),
            count=len(places),
        ),
    )


def _settled(finding: Finding, acceptance: Acceptance | None) -> Finding:
    if acceptance is None or finding.outcome is not Outcome.INDETERMINATE:
        return finding
    said = Message("{finding} ({accepted})", finding=finding.message, accepted=acceptance.told())
    return replace(finding, judged=Outcome.NOTE, message=said)


def _sides(so_far: Received, serial: str) -> tuple[tuple[Finding, ...], bool]:
    """Return what is to be found about printing on both sides in all calls together, and whether it was seen."""
    weighed = [each for each in so_far.sides if each is not None and each.outcome is not Outcome.NOTE]
    if weighed:
        return (weighed[0],), True
    if any(each is None for each in so_far.sides):
        return (), True
    return tuple(judge_duplex(serial, ())), True


def page_verdict(page: ReceivedPage, stored: StoredSubmission, expected: Sequence[ExpectedDocument]) -> PageVerdict:
    """Return the verdict on a page that came earlier, without its pictures."""
    document = next(each for each in expected if each.code == page.place.code)
    seal = SealClaims(
        serial=stored.serial,
        revision=stored.revision,
        document=document.id,
        code=document.code,
        copy=page.place.copy,
        copies=document.copies,
        page=page.place.page,
        pages=document.pages,
        issued_at=stored.issued_at,
        record_digest=stored.record_digest,
        page_digest=document.page_digests[page.place.page - 1],
    )
    return PageVerdict(
        source=page.source,
        image=page.number,
        findings=tuple(settled(page.findings, page)),
        reference=seal.reference,
        seal=seal,
        zones=tuple(_zone(mark, page.accepted) for mark in page.marks),
        examined=frozenset(Topic(each) for each in page.examined),
    )


def _zone(mark: Mark, accepted: Iterable[Acceptance]) -> ZoneMark:
    """Return what stands in a zone; where it cannot be told and somebody vouched for it, it is there."""
    vouched = mark.answer == Presence.UNCLEAR.value and mark.reason in {one.reason for one in accepted}
    return ZoneMark(mark.name, mark.kind, Presence.PRESENT if vouched else Presence(mark.answer), (0, 0, 0, 0))
