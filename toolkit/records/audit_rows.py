"""What an audit asks about the rows that one event of the ledger accounts for: its reservation, or its record.

Every column is held against the event, or against a digest that the event has. Values are compared with their types,
since SQLite keeps any type in any column.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Text, select, type_coerce

from toolkit.canonical import canonical
from toolkit.messages import Message
from toolkit.records.content import Content, content_in
from toolkit.records.life import WITHDRAWN
from toolkit.records.likeness import text_pairs
from toolkit.records.record import page_digests
from toolkit.records.revoking import REVOKED
from toolkit.records.serials import latest_revision, reservation_detail
from toolkit.records.store_form import LARGEST_DESCRIPTION, stored_form
from toolkit.records.tables import content_pairs, contents, events, pages, records, reservations, serials
from toolkit.records.tables import submission_files as named_files

ALTERED, REMOVED, ADDED, BACKDATED = "altered", "removed", "added", "backdated"

UNREADABLE = (AttributeError, KeyError, OverflowError, TypeError, ValueError, zlib.error)
"""What reading an altered row may raise: values of another type, times and JSON that are none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: what happened to it, where it is, and a sentence about it."""

    kind: str
    place: str
    message: Message


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the ledger has it."""

    number: int
    kind: str
    serial: str
    revision: int
    at: datetime
    who: str
    detail: Mapping[str, Any]

    @property
    def place(self) -> str:
        """What the event is about, as people call it."""
        return f"{self.serial}-r{self.revision}" if self.serial else f"event {self.number}"


def is_kept_time(kept: object, at: datetime) -> bool:
    """Return whether a column has exactly this time: SQLite's text has one form, PostgreSQL's value has none."""
    if isinstance(kept, str):
        return kept == at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return isinstance(kept, datetime) and kept == at


def reservation_faults(connection: Connection, told: Told) -> Iterator[Fault]:
    """Give what is wrong with the reservation that an event tells of, and with its serial."""
    wanted = (
        select(
            reservations.c.supersedes,
            reservations.c.key,
            reservations.c.request,
            type_coerce(reservations.c.reserved_at, Text).label("at"),
            serials.c.series,
            serials.c.number,
        )
        .join_from(reservations, serials, serials.c.serial == reservations.c.serial)
        .where(reservations.c.serial == told.serial, reservations.c.revision == told.revision)
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        yield Fault(REMOVED, told.place, Message("{place} was reserved, and its reservation is gone", place=told.place))
        return
    try:
        detail = reservation_detail(
            series=row.series, number=row.number, supersedes=row.supersedes, key=row.key, request=row.request
        )
        holds = canonical(detail) == canonical(dict(told.detail)) and is_kept_time(row.at, told.at)
    except UNREADABLE:
        holds = False
    if not holds:
        yield Fault(
            ALTERED,
            told.place,
            Message("the reservation of {place} is another than the one in the ledger", place=told.place),
        )


def issue_faults(connection: Connection, told: Told) -> Iterator[Fault]:
    """Give what is wrong with the record that an event tells of: itself, its pages, the names of its files, its index.

    The contents of files are not read here.
    """
    wanted = select(records.c.digest, records.c.canonical, type_coerce(records.c.issued_at, Text).label("at"))
    row = connection.execute(
        wanted.where(records.c.serial == told.serial, records.c.revision == told.revision)
    ).one_or_none()
    if row is None:
        yield Fault(REMOVED, told.place, Message("{place} was issued, and its record is gone", place=told.place))
        return
    try:
        record = _record(row, told)
        listed = page_digests(record)
    except UNREADABLE:
        yield Fault(
            ALTERED, told.place, Message("the record of {place} is another than the one issued", place=told.place)
        )
        return
    for check, what in (
        (_pages_hold, Message("the pages of {place} are others than those issued", place=told.place)),
        (_files_hold, Message("the list of files of {place} is another than the one in the ledger", place=told.place)),
        (_index_holds, Message("the index of similar submissions is not what {place} says", place=told.place)),
    ):
        try:
            holds = check(connection, told, record, listed)
        except UNREADABLE:
            holds = False
        if not holds:
            yield Fault(ALTERED, told.place, what)


def _record(row: Any, told: Told) -> dict[str, Any]:
    if hashlib.sha256(row.canonical).digest() != row.digest or row.digest.hex() != told.detail["record"]:
        raise ValueError("its digest is another")
    record: dict[str, Any] = json.loads(row.canonical)
    if (record["serial"], record["revision"]) != (told.serial, told.revision):
        raise ValueError("it is the record of another submission")
    if not is_kept_time(row.at, datetime.fromisoformat(record["issued_at"])):
        raise ValueError("its time is another")
    return record


def _pages_hold(
    connection: Connection, told: Told, record: Mapping[str, Any], listed: Mapping[str, tuple[bytes, ...]]
) -> bool:
    rows = connection.execute(
        select(pages.c.document, pages.c.page, pages.c.digest, pages.c.description).where(
            pages.c.serial == told.serial, pages.c.revision == told.revision
        )
    ).all()
    expected = {
        (document, number): digest for document, digests in listed.items() for number, digest in enumerate(digests, 1)
    }
    stored = {(row.document, row.page): row for row in rows}
    if {place: row.digest for place, row in stored.items()} != expected:
        return False
    for place, row in stored.items():
        data = zlib.decompressobj().decompress(row.description, LARGEST_DESCRIPTION)
        if hashlib.sha256(data).digest() != expected[place]:
            return False
    form = stored_form(stored[place].description for place in sorted(stored))
    return form.hex() == str(told.detail["descriptions"])


def _files_hold(
    connection: Connection, told: Told, record: Mapping[str, Any], listed: Mapping[str, tuple[bytes, ...]]
) -> bool:
    rows = connection.execute(
        select(named_files.c.name, named_files.c.kind, named_files.c.media_type, named_files.c.digest).where(
            named_files.c.serial == told.serial, named_files.c.revision == told.revision
        )
    )
    stored = {row.name: (row.kind, row.media_type, row.digest.hex()) for row in rows}
    expected = {}
    for detail in connection.execute(
        select(events.c.detail).where(events.c.serial == told.serial, events.c.revision == told.revision)
    ).scalars():
        for file in json.loads(detail).get("files", ()):  # of the issue, and of every receipt
            expected[file["name"]] = (file["kind"], file["media_type"], file["sha256"])
    return stored == expected


def _index_holds(
    connection: Connection, told: Told, record: Mapping[str, Any], listed: Mapping[str, tuple[bytes, ...]]
) -> bool:
    if latest_revision(connection, told.serial) != told.revision:
        return True
    row = connection.execute(select(contents).where(contents.c.serial == told.serial)).one_or_none()
    happened = connection.execute(select(events.c.kind, events.c.revision).where(events.c.serial == told.serial)).all()
    kinds = {(row.kind, row.revision) for row in happened}
    gone = WITHDRAWN in {row.kind for row in happened} or (REVOKED, told.revision) in kinds
    if gone or "application" not in record:
        return row is None
    if row is None:
        return False
    content = content_in(record)
    if Content(row.serial, row.unit, row.year, row.title, row.indicators) != content:
        return False
    said = connection.execute(select(content_pairs.c.pair).where(content_pairs.c.content == row.number)).scalars()
    return set(said) == set().union(*text_pairs(content))
