"""Serials and revisions: each is given once, for ever, and each series counts its own numbers without a gap.

All of this runs in the one transaction that may write (``Database.writing``): what is read here cannot change before
what is written here is committed.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, insert, select, update

from toolkit.canonical import Plain
from toolkit.errors import StoreError, SubmissionUnknown
from toolkit.messages import Message
from toolkit.records.happened import RESERVED, RESTORED, write_event
from toolkit.records.tables import events, records, reservations, serials, series


@dataclass(frozen=True, slots=True)
class Reservation:
    """A serial and revision that belong to one request, for ever.

    ``supersedes`` is the record digest of the revision that this one will take the place of; ``existing`` says that
    the request was carried out before: ``Store.submission`` has the result, and there is nothing left to keep.
    """

    serial: str
    revision: int
    supersedes: bytes | None
    existing: bool


def reserve(
    connection: Connection,
    name: str,
    serial_of: Callable[[int], str],
    *,
    request: bytes,
    revises: str | None,
    key: str | None,
    now: datetime.datetime,
) -> Reservation:
    """Give a serial and revision to a request; see ``Store.reserve``."""
    known = known_by_key(connection, key, request=request, revises=revises) if key is not None else None
    if known is not None:
        return known
    superseded: int | None = None
    if revises is None:
        serial, revision = _next_serial(connection, name, serial_of), 1
    else:
        serial = revises
        revision, superseded = _next_revision(connection, name, serial)
    connection.execute(
        insert(reservations).values(
            serial=serial, revision=revision, supersedes=superseded, key=key, request=request, reserved_at=now
        )
    )
    number = connection.execute(select(serials.c.number).where(serials.c.serial == serial)).scalar_one()
    detail = reservation_detail(series=name, number=number, supersedes=superseded, key=key, request=request)
    write_event(connection, RESERVED, serial=serial, revision=revision, at=now, who="", detail=detail)
    return Reservation(serial, revision, digest_of(connection, serial, superseded), existing=False)


def reservation_detail(
    *, series: str, number: int, supersedes: int | None, key: str | None, request: bytes
) -> dict[str, Plain]:
    """Return what the ledger has of a reservation: all that its row says, the caller's key as a digest."""
    return {
        "series": series,
        "number": number,
        "supersedes": supersedes,
        "key": None if key is None else hashlib.sha256(key.encode()).hexdigest(),
        "request": request.hex(),
    }


def known_by_key(connection: Connection, key: str, *, request: bytes, revises: str | None) -> Reservation | None:
    """Return the reservation that a caller's key has, if any.

    Raises:
        StoreError: when the key stands for another request.
    """
    known = connection.execute(select(reservations).where(reservations.c.key == key)).one_or_none()
    if known is None:
        return None
    if known.request != request or (revises is not None and revises != known.serial):
        raise StoreError(
            Message(
                "the key “{key}” was used for another request, which has the serial {serial}: use a new key",
                key=key,
                serial=known.serial,
            )
        )
    kept = digest_of(connection, known.serial, known.revision) is not None
    superseded = digest_of(connection, known.serial, known.supersedes)
    return Reservation(known.serial, known.revision, superseded, existing=kept)


def serial_of_key(connection: Connection, key: str) -> str:
    """Return the serial that a caller's key has; see ``Store.reserved_for``."""
    found = connection.execute(select(reservations.c.serial).where(reservations.c.key == key)).scalar_one_or_none()
    return str(found or "")


def _next_serial(connection: Connection, name: str, serial_of: Callable[[int], str]) -> str:
    counted = connection.execute(
        update(series).where(series.c.name == name).values(last_number=series.c.last_number + 1)
    )
    if counted.rowcount == 0:
        connection.execute(insert(series).values(name=name, last_number=1))
    number = connection.execute(select(series.c.last_number).where(series.c.name == name)).scalar_one()
    serial = serial_of(number)
    taken = connection.execute(select(serials.c.series).where(serials.c.serial == serial)).scalar_one_or_none()
    if taken is not None:
        raise StoreError(
            Message(
                "the serial {serial} belongs to {other} already: give {name} another serial pattern",
                serial=serial,
                other=taken,
                name=name,
            )
        )
    connection.execute(insert(serials).values(serial=serial, series=name, number=number))
    return serial


def _next_revision(connection: Connection, name: str, serial: str) -> tuple[int, int]:
    """Return the next revision, and the latest issued one, which it supersedes."""
    latest = latest_revision(connection, serial)
    if latest is None:
        raise SubmissionUnknown(Message("{serial} was never issued: there is nothing to revise", serial=serial))
    of = connection.execute(select(serials.c.series).where(serials.c.serial == serial)).scalar_one()
    if of != name:
        raise StoreError(
            Message("{serial} belongs to {other}, not to {name}: revise it there", serial=serial, other=of, name=name)
        )
    highest = connection.execute(
        select(func.max(reservations.c.revision)).where(reservations.c.serial == serial)
    ).scalar_one()
    return highest + 1 + _revisions_left_out(connection, serial, highest), latest


def _revisions_left_out(connection: Connection, serial: str, highest: int) -> int:
    """Return how many revisions may have been given that the store lost, since the highest that it knows.

    Each backup that was restored since that one was reserved says for how many it makes room (``backup``).
    """
    reserved = (
        select(func.max(events.c.number))
        .where(events.c.serial == serial, events.c.revision == highest, events.c.kind == RESERVED)
        .scalar_subquery()
    )
    restored = select(events.c.detail).where(
        events.c.serial == "", events.c.revision == 0, events.c.kind == RESTORED, events.c.number > reserved
    )
    return sum(int(json.loads(detail)["revisions"]) for detail in connection.execute(restored).scalars())


def latest_revision(connection: Connection, serial: str) -> int | None:
    """Return the latest issued revision of a serial; None when none was issued."""
    latest: int | None = connection.execute(
        select(func.max(records.c.revision)).where(records.c.serial == serial)
    ).scalar_one()
    return latest


def digest_of(connection: Connection, serial: str, revision: int | None) -> bytes | None:
    """Return the record digest of an issued revision; None when it was not issued."""
    wanted = and_(records.c.serial == serial, records.c.revision == revision)
    return connection.execute(select(records.c.digest).where(wanted)).scalar_one_or_none()
