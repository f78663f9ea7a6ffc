"""Revocation: the office declares a record void; it stays in the store, and every page of it fails from then on.

What the applicant takes back is another thing (``life.WITHDRAWN``). Nothing undoes a revocation: what was wrong with
the record is mended by the next revision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from toolkit.errors import EventRefused, SubmissionUnknown
from toolkit.messages import Message
from toolkit.records.happened import Event, life_of, write_event
from toolkit.records.likeness import forget
from toolkit.records.serials import digest_of, latest_revision

REVOKED = "revoked"
"""The kind of the event; its detail has the ``reason``."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a revision was revoked: when (aware), by whom, why."""

    at: datetime
    who: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        """Return the revocation as JSON answers have it."""
        return {"at": self.at.isoformat(), "by": self.who, "reason": self.reason}


def revocation(life: Iterable[Event], revision: int) -> Revocation | None:
    """Return the revocation of a revision, by all that happened to its submission; None where it was not revoked."""
    for event in life:
        if event.kind == REVOKED and event.revision == revision:
            return Revocation(event.at, event.who, str(event.detail["reason"]))
    return None


def revoke(connection: Connection, serial: str, revision: int | None, *, reason: str, who: str, now: datetime) -> int:
    """Revoke a revision, by default the latest, and return it; see ``Store.revoke``."""
    latest = latest_revision(connection, serial)
    revision = latest if revision is None else revision
    if revision is None or digest_of(connection, serial, revision) is None:
        named = f"{serial}-r{revision}" if revision else serial
        raise SubmissionUnknown(Message("{submission} is not in the store", submission=named))
    before = revocation(life_of(connection, serial, revision), revision)
    if before is not None:
        raise EventRefused(
            Message(
                "{submission} was revoked on {time} already: {reason}",
                submission=f"{serial}-r{revision}",
                time=before.at.isoformat(),
                reason=before.reason,
            )
        )
    write_event(connection, REVOKED, serial=serial, revision=revision, at=now, who=who, detail={"reason": reason})
    if revision == latest:
        forget(connection, serial)
    return revision
