"""What happened to a submission, as the store has it: events are only ever added, each in its turn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from toolkit.canonical import Plain
from toolkit.errors import EventRefused
from toolkit.messages import Message
from toolkit.records.life import EVENTS, following, stage
from toolkit.records.tables import events


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a submission; events are only ever added."""

    kind: str
    at: datetime
    who: str
    detail: dict[str, Plain]


def life_of(connection: Connection, serial: str, revision: int | None = None) -> tuple[Event, ...]:
    """Return all that happened to a submission, or to one revision of it, in the order in which it was entered."""
    wanted = select(events).where(events.c.serial == serial).order_by(events.c.number)
    happened = connection.execute(wanted if revision is None else wanted.where(events.c.revision == revision))
    return tuple(Event(row.kind, row.at, row.who, json.loads(row.detail)) for row in happened)


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
