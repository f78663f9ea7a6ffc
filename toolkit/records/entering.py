"""What is entered about submissions, each in its turn: events that follow from what is there already.

What is to be entered is decided within the transaction that writes it, from what the store has then, so that two clerks
at once do not enter the same page twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from toolkit.canonical import Plain
from toolkit.errors import SubmissionUnknown
from toolkit.messages import Message
from toolkit.records.happened import Event, life_of, refuse_out_of_turn, write_event
from toolkit.records.life import EVENTS, WITHDRAWN
from toolkit.records.likeness import forget
from toolkit.records.serials import latest_revision


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be written: its kind, when it happened (aware), who did it, and what else is to be remembered."""

    kind: str
    at: datetime
    who: str
    detail: Mapping[str, Plain]

    def event(self, revision: int) -> Event:
        """Return the event that it becomes."""
        return Event(self.kind, self.at, self.who, dict(self.detail), revision)


Decide = Callable[[str, int, tuple[Event, ...]], Sequence[Entry]]
"""Says what is to be entered, of a serial, its latest revision and its life so far; it reads nothing else."""


def enter(connection: Connection, serial: str, decide: Decide, now: datetime) -> None:
    """Enter what is decided about a submission, at its latest revision; see ``Store.enter_all``."""
    latest = latest_revision(connection, serial)
    if latest is None:
        raise SubmissionUnknown(Message("{submission} is not in the store", submission=serial))
    life = life_of(connection, serial)
    for entry in decide(serial, latest, life):
        if entry.kind in EVENTS:
            refuse_out_of_turn(serial, entry.kind, entry.at, life, now)
        write_event(
            connection,
            entry.kind,
            serial=serial,
            revision=latest,
            at=entry.at,
            who=entry.who,
            detail=entry.detail,
            now=now,
        )
        life = (*life, entry.event(latest))
        if entry.kind == WITHDRAWN:
            forget(connection, serial)
