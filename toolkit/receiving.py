"""Receives paper: verifies what came and enters it, page by page, beside what came before.

    scans -> verdict on every page -> joined with the pages that came earlier -> what is still missing -> event

The paper of a submission is received when every page is there and in order, however many scans that took. What is
indeterminate is in order only when somebody accepted it by name and with a reason; what failed is never accepted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from toolkit.accepting import Wanted, accepting, asked
from toolkit.canonical import Plain
from toolkit.collected import Collected, arrival, collected, described, page_verdict, settled
from toolkit.errors import EventRefused, UsageError
from toolkit.issued import stored_submission
from toolkit.messages import Message, Translate
from toolkit.records.entering import Entry
from toolkit.records.life import RECEIVED, WITHDRAWN, stage, zone_of
from toolkit.records.received import (
    PAGES_RECEIVED,
    Mark,
    Place,
    ReceivedPage,
    kept_findings,
    plain_finding,
    received,
    source_name,
)
from toolkit.scan.completeness import asks_duplex, expected_documents
from toolkit.scan.duplex import judge_duplex
from toolkit.scan.paper import PageVerdict, PaperVerdict
from toolkit.scan.sources import Progress, Source
from toolkit.verdict import Outcome, Reason
from toolkit.verifying import is_unread, verify

if TYPE_CHECKING:
    from toolkit.home import Home
    from toolkit.records.happened import Event
    from toolkit.records.store import StoredSubmission

LONGEST_NAME = 100
"""Characters of the name of who takes the paper in, or accepts a finding."""

_NOT_IN_FORCE = frozenset({Reason.RECORD_REVOKED, Reason.RECORD_SUPERSEDED})


@dataclass(frozen=True, slots=True)
class ReceivedSubmission:
    """What came of one submission.

    Attributes:
        collected: all that has come of it, in this call and before.
        entered: images entered in this call; ``known`` are those that were entered before.
        stage: where it stands (``records.life``).
        received_at: when its paper was all there and in order; None while it is not.
        told: one sentence that says so, or what keeps it from being received.
    """

    collected: Collected
    entered: int
    known: int
    stage: str
    received_at: datetime | None
    told: Message

    @property
    def serial(self) -> str:
        """Its serial."""
        return self.collected.stored.serial

    @property
    def revision(self) -> int:
        """The revision in force."""
        return self.collected.stored.revision

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the submission's entry in the JSON answer."""
        return {
            "verdict": self.collected.verdict.to_dict(translate),
            "entered": self.entered,
            "known": self.known,
            "stage": self.stage,
            "complete": self.collected.is_complete,
            "received_at": self.received_at.isoformat() if self.received_at else None,
            "told": self.told.render(translate),
            **described(self.collected),
        }


@dataclass(frozen=True, slots=True)
class Reception:
    """What came of a pile: ``paper`` is the verdict on all that has come of its submissions, and on the rest of it.

    The last pages of ``paper``, ``before`` of them, came in earlier calls.
    """

    paper: PaperVerdict
    submissions: tuple[ReceivedSubmission, ...]
    before: int

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of any submission, of all that has come of it, and of any page that belongs to none."""
        return self.paper.outcome

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the answer of ``receive --json``."""
        return {
            **self.paper.to_dict(translate),
            "before": self.before,
            "submissions": [one.to_dict(translate) for one in self.submissions],
        }


def receive(
    sources: Sequence[Source],
    *,
    home: Home,
    at: datetime | None = None,
    by: str = "",
    accept: Mapping[str, str] | None = None,
    now: datetime | None = None,
    pictures: bool = False,
    progress: Progress | None = None,
) -> Reception:
    """Verify what came and enter it as received, all of it in one transaction or nothing.

    1. The call must make sense; every page is verified as ``verify`` does it.
    2. A page whose seal is genuine, of a record in force, is entered; the same image is entered once.
    3. What came joins what came earlier: a page takes the place of a worse one. What comes of a page that is in order
       already is ALREADY_RECEIVED.
    4. What somebody accepts is entered with name and reason.
    5. When every page is there and in order, the submission is ``received``, as soon as it has passed its review.

    The same scan received twice changes nothing.

    Args:
        sources: files, or pairs of name and bytes; none where something is only accepted.
        home: the data folder with trust and store.
        at: when the paper came; without a zone, in that of the programme; now when left out.
        by: who takes it in; the office when left out. Whoever accepts something says so.
        accept: reasons for accepting indeterminate findings, by ``REFERENCE:REASON`` for one of a page, such as
            ``XJSCO25-00001-r1/P/1/3-6:CONTENT_ILLEGIBLE``, and ``SERIAL:REASON`` for one of the whole submission.
        now: the reader's time, aware; the clock's when left out.
        pictures: take pictures of what needs an eye, for ``html_report``.
        progress: called after every image.

    Raises:
        UsageError: there is nothing to do, or something cannot be accepted.
        InputUnreadable: not one image could be opened.
        EventRefused: the paper cannot have come then.
        StoreError: there is no store, or it cannot be written.
    """
    # (1)
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    wanted = asked(accept or {})
    _refuse_call(sources, wanted, by)
    pages: tuple[PageVerdict, ...] = ()
    if sources:
        paper = verify(sources, home=home, now=now, pages_only=True, pictures=pictures, progress=progress)
        pages = paper.pages
    intake = _Intake(home, pages, wanted, by.strip() or home.settings.office, at, now)
    # (2) to (5)
    home.store.enter_all(intake.serials, intake.decide, now=now)
    return intake.reception()


class _Intake:
    """One call of ``receive``: decides what is entered, and remembers what came of it."""

    def __init__(
        self,
        home: Home,
        pages: Sequence[PageVerdict],
        wanted: Sequence[Wanted],
        by: str,
        at: datetime | None,
        now: datetime,
    ) -> None:
        self._pages = pages
        self._wanted = wanted
        self._by = by
        self._now = now
        self._stored = _named(home, pages, wanted)
        self._at = {serial: _came(stored, at, now) for serial, stored in self._stored.items()}
        self._piles = {serial: _pile(stored, pages, self._at[serial]) for serial, stored in self._stored.items()}
        self._unread = sum(is_unread(page) for page in pages)
        self._best: dict[str, list[ReceivedPage]] = {}
        self._done: dict[str, ReceivedSubmission] = {}

    @property
    def serials(self) -> list[str]:
        """The submissions that anything is to be entered of."""
        return [serial for serial, pile in self._piles.items() if pile or self._wants(serial)]

    def decide(self, serial: str, revision: int, life: tuple[Event, ...]) -> list[Entry]:
        """Return what is to be entered of a submission; called within the transaction that enters it."""
        stored = self._stored[serial]
        if stored.revision != revision:
            told = Message(
                "revision {latest} of {serial} was issued meanwhile: receive again", latest=revision, serial=serial
            )
            raise EventRefused(told)
        before = received(life, revision)
        is_withdrawn = stage([event.kind for event in life]) == WITHDRAWN
        pile = [] if is_withdrawn else [page for page, _ in self._piles[serial]]
        new = _best_of(page for page in pile if not before.knows(page))
        sides = next(judge_duplex(serial, self._pages), None) if new and asks_duplex(stored.record) else None
        so_far = before
        for page in new:
            so_far = so_far.taking(page)
        so_far = replace(so_far, sides=(*so_far.sides, sides)) if new else so_far
        judge = partial(collected, stored, life, now=self._now, unread=self._unread)
        so_far, accepted = accepting(self._wants(serial), so_far, judge, who=self._by, at=self._now)
        entries = []
        if new or accepted:
            detail: dict[str, Plain] = {
                "pages": [page.to_plain() for page in new],
                "sides": plain_finding(sides) if sides else None,
                "accepted": accepted,
            }
            entries.append(Entry(PAGES_RECEIVED, self._now, self._by, detail))
        judged = judge(so_far=so_far)
        entries += arrival(judged, [*life, *(entry.event(revision) for entry in entries)])
        after = [*life, *(entry.event(revision) for entry in entries)]
        self._best[serial] = new
        self._done[serial] = _told(judged, after, entered=len(new), known=sum(map(before.knows, pile)))
        return entries

    def reception(self) -> Reception:
        """Return what came of the pile, as it was entered."""
        of = {id(found): (serial, page) for serial, pile in self._piles.items() for page, found in pile}
        shown = []
        for found in self._pages:
            serial, page = of.get(id(found), ("", None))
            if page is None:
                shown.append(found)
                continue
            current = self._done[serial].collected.received.pages.get(page.place)
            if current is not None and current.image == page.image:
                shown.append(replace(found, findings=tuple(settled(found.findings, current))))
            elif current is None or page in self._best[serial]:
                shown.append(found)  # worse than what came before, or come again
        here = {page.image for _, page in of.values()}
        before = [
            page_verdict(page, one.collected.stored, expected_documents(one.collected.stored.record))
            for one in self._done.values()
            for page in one.collected.in_order_of_print
            if page.image not in here
        ]
        done = tuple(self._done.values())
        paper = PaperVerdict(pages=(*shown, *before), submissions=tuple(one.collected.verdict for one in done))
        return Reception(paper, done, before=len(before))

    def _wants(self, serial: str) -> list[Wanted]:
        return [one for one in self._wanted if one.serial == serial]


def _named(home: Home, pages: Sequence[PageVerdict], wanted: Sequence[Wanted]) -> dict[str, StoredSubmission]:
    """Return the submissions of this store that a genuine seal or somebody's acceptance names, in force."""
    sealed = {page.seal.serial for page in pages if page.seal and page.is_read and page.digest}
    return {serial: stored_submission(home, serial, None) for serial in sorted(sealed | {one.serial for one in wanted})}


def _pile(
    stored: StoredSubmission, pages: Sequence[PageVerdict], came: datetime
) -> list[tuple[ReceivedPage, PageVerdict]]:
    """Return the pages of the pile that can be entered as pages of a submission, each with its verdict."""
    documents = {document.code: document for document in expected_documents(stored.record)}
    entered = []
    for page in pages:
        seal = page.seal
        if seal is None or not page.is_read or not page.digest or seal.code not in documents:
            continue
        in_force = _NOT_IN_FORCE.isdisjoint(finding.reason for finding in page.findings)
        if (seal.serial, seal.revision) != (stored.serial, stored.revision) or not in_force:
            continue
        required = {rule.name: rule.required for rule in documents[seal.code].zones}
        marks = (Mark(zone.name, zone.kind, zone.answer.value) for zone in page.zones if required.get(zone.name, True))
        kept = ReceivedPage(
            place=Place(seal.code, seal.copy, seal.page),
            image=page.digest,
            source=source_name(page.source),
            number=page.image,
            came=came,
            findings=kept_findings(page.findings),
            marks=tuple(marks),
            examined=frozenset(topic.value for topic in page.examined),
        )
        entered.append((kept, page))
    return entered


def _best_of(pages: Iterable[ReceivedPage]) -> list[ReceivedPage]:
    """Return the best image of every page, which knows of the others."""
    images: defaultdict[Place, list[ReceivedPage]] = defaultdict(list)
    for page in pages:
        images[page.place].append(page)
    best = []
    for own in images.values():
        first = min(own, key=lambda page: page.open)
        others = dict.fromkeys(page.image for page in own if page.image != first.image)
        best.append(replace(first, others=tuple(others)))
    return best


def _came(stored: StoredSubmission, at: datetime | None, now: datetime) -> datetime:
    """Return when the paper came, aware.

    Raises:
        EventRefused: it cannot have come then.
    """
    if at is None:
        return now
    zone = zone_of(cast("dict[str, Plain]", stored.record["programme"]))
    came = at if at.tzinfo else at.replace(tzinfo=zone)
    if came > now:
        raise EventRefused(Message("{time} is still to come: enter what has happened", time=came.isoformat()))
    if came < stored.issued_at:
        raise EventRefused(
            Message(
                "the paper of {serial} cannot have come at {time}: it was issued at {issued}",
                serial=stored.serial,
                time=came.isoformat(),
                issued=stored.issued_at.astimezone(zone).isoformat(),
            )
        )
    return came


def _told(judged: Collected, life: Sequence[Event], *, entered: int, known: int) -> ReceivedSubmission:
    """Return what came of a submission, with the sentence that says where it stands now."""
    stored = judged.stored
    stands = stage([event.kind for event in life])
    last = next((event for event in reversed(life) if event.kind == RECEIVED), None) if stands == RECEIVED else None
    zone = zone_of(cast("dict[str, Plain]", stored.record["programme"]))
    gaps = {"serial": stored.serial, "time": f"{last.at.astimezone(zone):%Y-%m-%d %H:%M}" if last else ""}
    there = sum(len(tally.seen) for tally in judged.verdict.tallies)
    counts = {"there": there, "of": sum(tally.pages for tally in judged.verdict.tallies)}
    if stands == WITHDRAWN:
        told = Message("{serial} was withdrawn: its paper was not entered, hand it back", serial=stored.serial)
    elif last is not None and last.revision == stored.revision:
        told = Message("{serial} is received, since {time}", **gaps)
    elif last is not None:
        told = Message(
            "revision {old} of {serial} was received at {time}; this is a later one", old=last.revision, **gaps
        )
    elif judged.is_complete:
        told = Message(
            "{serial} is complete on paper, but it has not passed its review yet: it is received as soon as that is "
            "entered (truecopy event {serial} passed)",
            serial=stored.serial,
        )
    else:
        told = Message(
            "{serial} is not complete: {there} of {of} pages are there, {count} of them not in order",
            serial=stored.serial,
            count=len(judged.to_rescan),
            **counts,
        )
    return ReceivedSubmission(judged, entered, known, stands, last.at if last else None, told)


def _refuse_call(sources: Sequence[Source], wanted: Sequence[Wanted], by: str) -> None:
    if not sources and not wanted:
        raise UsageError(Message("there is nothing to receive: name the scans"))
    if wanted and not by.strip():
        raise UsageError(Message("whoever accepts a finding gives a name: add --by NAME"))
    if len(by) > LONGEST_NAME or not by.isprintable():
        raise UsageError(Message("a name has at most {most} characters on one line", most=LONGEST_NAME))
