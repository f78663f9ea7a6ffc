"""What happened, as the store has it: events are only ever added, each in its turn, and each is a leaf of the ledger.

``write_event`` is the one place where an event is written.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from toolkit.canonical import Plain, canonical
from toolkit.errors import EventRefused
from toolkit.messages import Message
from toolkit.records import ledger
from toolkit.records.ledger_tree import leaf_hash
from toolkit.records.life import EVENTS, ISSUED, following, stage
from toolkit.records.tables import events, records

RESERVED = "reserved"
"""The kind of the event that tells of a reservation; it is the ledger's, and no part of a submission's life."""

ENTERED = "entered"
"""The key of an event's detail that says when it was entered, where that is not when it happened."""
RESTORED = "restored"
"""The kind of the event that tells of a restored store: of no submission; it says which numbers are left out."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a submission, or to one ``revision`` of it; events are only ever added."""

    kind: str
    at: datetime
    who: str
    detail: dict[str, Plain]
    revision: int = 0


def write_event(
    connection: Connection,
    kind: str,
    *,
    serial: str,
    revision: int,
    at: datetime,
    who: str,
    detail: Mapping[str, Plain],
    now: datetime | None = None,
) -> None:
    """Write an event and its leaf, within the transaction of what it tells of (``Database.writing``).

    Whatever must be provable of it later goes into ``detail``, itself or as a digest: the ledger covers nothing else.

    Args:
        connection: of ``Database.writing``.
        kind: a word of at most 40 letters.
        serial: the submission; empty for an event that belongs to none.
        revision: its revision; 0 for an event that belongs to none.
        at: when it happened, aware.
        who: who did it, or who says so; kept in NFC.
        detail: plain and without data of persons that are not needed, since events are never removed.
        now: when it is entered, aware, where that is another time than ``at``: what is entered afterwards must say so,
            or an audit takes it for backdated.

    Raises:
        TypeError, ValueError: ``detail`` has what has no place in canonical JSON (``canonical``).
    """
    if now is not None and now != at:
        detail = {**detail, ENTERED: now.astimezone(UTC).isoformat()}
    leaf = ledger.size(connection)
    number, who = leaf + 1, unicodedata.normalize("NFC", who)
    data = ledger.leaf_of(number=number, kind=kind, serial=serial, revision=revision, at=at, who=who, detail=detail)
    connection.execute(
        insert(events).values(
            number=number,
            kind=kind,
            serial=serial,
            revision=revision,
            at=at,
            who=who,
            detail=canonical(dict(detail)).decode(),
        )
    )
    ledger.append(connection, leaf, data)


def life_of(connection: Connection, serial: str, revision: int | None = None) -> tuple[Event, ...]:
    """Return all that happened to a submission, or to one revision of it, in the order in which it was entered."""
    wanted = select(events).where(events.c.serial == serial, events.c.kind != RESERVED).order_by(events.c.number)
    happened = connection.execute(wanted if revision is None else wanted.where(events.c.revision == revision))
    return tuple(Event(row.kind, row.at, row.who, json.loads(row.detail), row.revision) for row in happened)


def leaf_of_issue(connection: Connection, serial: str, revision: int) -> int | None:
    """Return the number of the leaf that tells of an issue, from 0; None when the revision was not issued.

    Raises:
        ValueError: the record, its event and the leaf do not agree.
    """
    digest = connection.execute(
        select(records.c.digest).where(records.c.serial == serial, records.c.revision == revision)
    ).scalar_one_or_none()
    issues = (
        select(events)
        .where(events.c.serial == serial, events.c.revision == revision, events.c.kind == ISSUED)
        .order_by(events.c.number)
    )
    row = connection.execute(issues).first()
    if digest is None or row is None:
        return None
    detail = json.loads(row.detail)
    if detail["record"] != digest.hex():
        raise ValueError("the record is another than the one that was issued")
    leaf: int = row.number - 1
    data = ledger.leaf_of(**{**row._asdict(), "detail": detail})
    if ledger.node(connection, leaf, 0) != leaf_hash(data):
        raise ValueError("the event is another than the one in the ledger")
    return leaf


def refuse_out_of_turn(serial: str, kind: str, at: datetime, before: Sequence[Event], now: datetime) -> None:
    """Refuse to enter an event at a time when it cannot have happened.

    Raises:
        EventRefused: it cannot come next, is still to come, or is earlier than what happened before it.
    """
    kinds = [event.kind for event in before]
    possible = following(kinds)
    if kind not in possible:
        raise EventRefused(
            Message(
                "{serial} is “{stage}”, so it cannot be “{kind}” next; possible: {possible}",
                serial=serial,
                stage=stage(kinds),
                kind=kind,
                possible=possible or "-",
            )
        )
    if at > now:
        raise EventRefused(Message("{time} is still to come: enter what has happened", time=at.isoformat()))
    # The formal copy is issued whenever it is needed, often long after the application was submitted and recommended.
    last = next((event for event in reversed(before) if event.kind in EVENTS), None)
    if last is not None and at < last.at:
        raise EventRefused(
            Message(
                "{time} is earlier than what happened last ({kind}, {last})",
                time=at.isoformat(),
                kind=last.kind,
                last=last.at.isoformat(),
            )
        )
