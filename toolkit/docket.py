"""What an office has on its desk: what happened to every submission, what is due, and what a recommending unit sent.

The windows of the notice apply to the events submitted and recommended, to the second, as the record has them: a notice
that is changed later changes nothing for what was issued before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast
from unicodedata import normalize

from toolkit.canonical import Plain
from toolkit.collected import arrival, collected
from toolkit.errors import CalendarUnknown, EventRefused, SubmissionUnknown
from toolkit.home import Home
from toolkit.messages import Message
from toolkit.records.entering import Entry
from toolkit.records.happened import Event
from toolkit.records.life import (
    ACCEPTED,
    EVENTS,
    ISSUED,
    PASSED,
    RECOMMENDED,
    RETURNED,
    SUBMITTED,
    WITHDRAWN,
    paper_due,
    stage,
    zone_of,
)
from toolkit.records.received import received
from toolkit.records.revoking import REVOKED, revocation
from toolkit.verdict import FORMAT

STAGES = {
    ISSUED: Message("issued"),
    SUBMITTED: Message("submitted"),
    RECOMMENDED: Message("recommended"),
    ACCEPTED: Message("accepted"),
    PASSED: Message("passed its review"),
    "received": Message("received on paper"),
    RETURNED: Message("returned"),
    WITHDRAWN: Message("withdrawn"),
    REVOKED: Message("revoked"),
}
"""Where a submission may stand, in words for people."""

LONGEST_NOTE = 500
"""Characters of a note, and of the reason for a revocation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a submission stands.

    Attributes:
        serial, revision: the latest revision.
        application: what its record has of it.
        stage: what was entered last; ``revoked`` where the latest revision is.
        since: when that happened.
        paper_due: the last day for its paper, once it has passed; None too when the calendar of the year is not known.
        wanting: ``due`` or ``overdue`` paper, ``incomplete`` (some of its paper came, it was returned, or was not
            recommended in time); else empty.
        in_order: how many of its pages came and are in order, of ``pages`` in all.
    """

    serial: str
    revision: int
    application: Mapping[str, Plain]
    stage: str
    since: datetime
    paper_due: date | None
    wanting: str
    in_order: int = 0
    pages: int = 0

    def said(self, section: str, key: str = "") -> str:
        """Return what the application says in a field, as text; empty when it says nothing."""
        part = self.application.get(section, "")
        value = part.get(key, "") if isinstance(part, Mapping) else part
        return str(value)

    @property
    def recommending_unit(self) -> str:
        """The unit that recommends it."""
        return self.said("recommending_unit", "name")

    def to_dict(self) -> dict[str, object]:
        """Return the standing as ``due --json`` has it: no data of persons is in it."""
        return {
            "serial": self.serial,
            "revision": self.revision,
            "title": self.said("title"),
            "applicant_unit": self.said("applicant_unit", "name"),
            "recommending_unit": self.recommending_unit,
            "stage": self.stage,
            "since": self.since.isoformat(),
            "paper_due": self.paper_due.isoformat() if self.paper_due else None,
            "wanting": self.wanting or None,
            "pages": {"in_order": self.in_order, "of": self.pages},
        }


def enter(
    home: Home,
    serial: str,
    kind: str,
    *,
    who: str,
    at: datetime | None = None,
    note: str = "",
    now: datetime | None = None,
) -> None:
    """Enter what happened to a submission.

    Args:
        home: the data folder with the store.
        serial: the submission.
        kind: one of ``life.EVENTS``.
        who: who did it, or says so.
        at: when it happened; without a zone, in that of the programme; now when left out.
        note: what else is to be remembered.
        now: the clock's time, aware; the clock's when left out.

    Raises:
        SubmissionUnknown: the store has no such submission.
        EventRefused: it cannot have happened: out of turn, still to come, or outside the programme's windows.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    if not who.strip() or not who.isprintable() or len(who) > 200 or len(note) > LONGEST_NOTE:
        raise EventRefused(
            Message("say who did it, in at most 200 characters, with a note of at most {most}", most=LONGEST_NOTE)
        )
    stored = home.store.submission(serial)
    if stored is None:
        raise SubmissionUnknown(Message("{submission} is not in the store", submission=serial))
    programme = cast("dict[str, Plain]", stored.record["programme"])
    at = (at or now).replace(microsecond=0)
    at = at if at.tzinfo else at.replace(tzinfo=zone_of(programme))
    _refuse_outside_windows(kind, at, programme)
    detail: dict[str, Plain] = {"note": note} if note else {}
    entry = Entry(kind, at, who.strip(), detail)

    def decide(serial: str, revision: int, life: tuple[Event, ...]) -> list[Entry]:
        after = [*life, entry.event(revision)]
        # Paper that came before the review was passed is received with it.
        return [entry, *(arrival(collected(stored, after, now=now), after) if kind == PASSED else ())]

    home.store.enter_all([serial], decide, now=now)


def revoke(
    home: Home,
    serial: str,
    *,
    reason: str,
    who: str = "",
    revision: int | None = None,
    passphrase: str | None = None,
    now: datetime | None = None,
) -> int:
    """Revoke an issued revision and return it; ``verify`` then fails every page of it, with date and reason.

    Args:
        home: the data folder with the store.
        serial: the submission.
        reason: why, in one line.
        who: who revokes; the office when left out.
        revision: the latest when left out.
        passphrase: opens the key for heads, where there is one here and it is encrypted.
        now: the clock's time, aware; the clock's when left out.

    Raises:
        SubmissionUnknown: no such revision was issued.
        EventRefused: it was revoked already, or reason or name are none.
        KeyUnusable: the key for heads cannot be used.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    reason, who = reason.strip(), who.strip() or home.settings.office
    if not reason or not reason.isprintable() or len(reason) > LONGEST_NOTE:
        raise EventRefused(
            Message("say why it is revoked, in one line of at most {most} characters", most=LONGEST_NOTE)
        )
    if not who.isprintable() or len(who) > 200:
        raise EventRefused(Message("say who revokes, in at most 200 characters"))
    signer = home.keys.head_signer(now, passphrase)
    return home.store.revoke(serial, revision, reason=normalize("NFC", reason), who=who, now=now, head_signer=signer)


def standings(home: Home, *, now: datetime | None = None) -> tuple[Standing, ...]:
    """Return where every submission stands, by serial.

    Args:
        home: the data folder with the store.
        now: the time of the question; without a zone, in that of each programme; the clock's when left out.
    """
    now = now or datetime.now(UTC)
    return tuple(
        _standing(serial, revision, record, life, now) for serial, revision, record, life in home.store.latest()
    )


def answer(listed: Sequence[Standing]) -> dict[str, object]:
    """Return standings as ``due --json`` answers."""
    return {"format": FORMAT, "submissions": [one.to_dict() for one in listed]}


def _standing(
    serial: str, revision: int, record: Mapping[str, Plain], life: Sequence[Event], now: datetime
) -> Standing:
    programme = cast("dict[str, Plain]", record["programme"])
    kinds = [event.kind for event in life]
    stands = stage(kinds)
    now = now if now.tzinfo else now.replace(tzinfo=zone_of(programme))
    since = next(event.at for event in reversed(life) if event.kind in EVENTS or event.kind == ISSUED)
    passed = next((event.at for event in reversed(life) if event.kind == PASSED), None)
    try:
        due = paper_due(programme, passed) if passed else None
    except CalendarUnknown:
        due = None
    came = received(life, revision).pages.values()
    wanting = ""
    if stands == PASSED:
        is_late = due is not None and now.astimezone(zone_of(programme)).date() > due
        wanting = "overdue" if is_late else "incomplete" if came else "due"
    elif stands == RETURNED:
        wanting = "incomplete"
    elif stands in (ISSUED, SUBMITTED) and now > _time(programme, "recommend_until"):
        wanting = "incomplete"
    application = cast("dict[str, Plain]", record["application"])
    documents = cast("list[dict[str, int]]", record["documents"])
    revoked = revocation(life, revision)
    if revoked is not None:
        stands, since, wanting = REVOKED, revoked.at, ""
    return Standing(
        serial,
        revision,
        application,
        stands,
        since,
        due,
        wanting,
        in_order=sum(page.is_in_order for page in came),
        pages=sum(document["copies"] * document["pages"] for document in documents),
    )


def _refuse_outside_windows(kind: str, at: datetime, programme: Mapping[str, Plain]) -> None:
    if kind not in (SUBMITTED, RECOMMENDED):
        return
    begins = _time(programme, "submit_from")
    ends = _time(programme, "submit_until" if kind == SUBMITTED else "recommend_until")
    if not begins <= at <= ends:
        zone = zone_of(programme)
        raise EventRefused(
            Message(
                "{time} is outside the time for it, {begins} to {ends} (notice, part 三)",
                time=f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                begins=f"{begins.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                ends=f"{ends.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            )
        )


def _time(programme: Mapping[str, Plain], name: str) -> datetime:
    return datetime.fromisoformat(str(programme[name]))
