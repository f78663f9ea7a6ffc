"""The store: serials that are given once, and records with their pages and files, kept whole or not at all.

Two transactions make an issue. ``reserve`` gives a serial and writes the reservation; ``keep`` writes the record, every
page, every file and the event. Killed before ``keep`` has committed, an issue leaves its reservation, which explains
the gap and, under the same key, is taken up again with the same serial.

Every read holds what it returns against its digest.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from toolkit.canonical import Plain, canonical
from toolkit.errors import StoreError, SubmissionUnknown
from toolkit.messages import Message
from toolkit.page import PageDescription
from toolkit.records.database import Database
from toolkit.records.record import page_digests
from toolkit.records.tables import events, files, pages, records, reservations, serials, series, submission_files

LARGEST_DESCRIPTION = 64 * 1024 * 1024
"""Bytes of one page description, uncompressed: a bound for a damaged store, a full page has some 200 000."""

_COMPRESSION = 1  # zlib level: page descriptions shrink to a tenth at any level, and level 1 takes a third of the time


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


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a submission: ``data``, or only the ``digest`` of data that the store has already (fonts)."""

    name: str
    kind: str
    media_type: str
    data: bytes | None
    digest: bytes

    @classmethod
    def of(cls, name: str, kind: str, media_type: str, data: bytes) -> StoredFile:
        """Return a file with its digest taken."""
        return cls(name, kind, media_type, data, hashlib.sha256(data).digest())


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What the store says of a submission's file; ``Store.file`` has its bytes (``size`` of them)."""

    name: str
    kind: str
    media_type: str
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a submission; events are only ever added."""

    kind: str
    at: datetime.datetime
    who: str
    detail: dict[str, Plain]


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """One issued revision, as kept; ``latest_revision`` is the one in force."""

    serial: str
    revision: int
    record: dict[str, Plain]
    record_digest: bytes
    latest_revision: int
    issued_at: datetime.datetime
    files: tuple[FileEntry, ...]
    events: tuple[Event, ...]


class Store:
    """The store of a home."""

    def __init__(self, database: Database) -> None:
        """Use ``Store.open`` or ``Store.create``."""
        self._database = database

    @classmethod
    def create(cls, url: str) -> Store:
        """Make an empty store, such as ``sqlite:////data/store.sqlite3``.

        Raises:
            StoreError: when there is one, or it cannot be made.
        """
        database = Database(url, writable=True)
        database.create()
        return cls(database)

    @classmethod
    def open(cls, url: str, *, writable: bool = True) -> Store:
        """Open a store, bringing the tables of an older version forward.

        It never makes one: an empty store in the place of a lost one would give every serial a second time.

        Raises:
            StoreError: when there is none, or it cannot be read.
        """
        database = Database(url, writable=writable)
        database.open()
        return cls(database)

    def close(self) -> None:
        """Close the store."""
        self._database.close()

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the store."""
        self.close()

    def reserve(
        self,
        name: str,
        serial_of: Callable[[int], str],
        *,
        request: bytes,
        revises: str | None = None,
        key: str | None = None,
        now: datetime.datetime,
    ) -> Reservation:
        """Give the next serial of a series, or the next revision of a serial, to a request.

        Args:
            name: the series; each counts its own numbers from 1 without a gap.
            serial_of: makes the serial of a number.
            request: SHA-256 of what is asked for (32 bytes); tells whether a key is used again for the same.
            revises: the serial of the submission that a new revision is asked for.
            key: the caller's own name for the request: the same key gives the same reservation.
            now: the time that the reservation carries.

        Raises:
            StoreError: when the key stands for another request, or the serial is taken by another series.
            SubmissionUnknown: when there is nothing to revise.
        """
        with self._database.writing() as connection:
            if key is not None:
                known = connection.execute(select(reservations).where(reservations.c.key == key)).one_or_none()
                if known is not None:
                    return _known(connection, known, key, request, revises)
            if revises is None:
                serial, revision, superseded = _next_serial(connection, name, serial_of), 1, None
            else:
                serial = revises
                revision, superseded = _next_revision(connection, name, serial)
            connection.execute(
                insert(reservations).values(
                    serial=serial,
                    revision=revision,
                    supersedes=superseded,
                    key=key,
                    request=request,
                    reserved_at=now,
                )
            )
            return Reservation(serial, revision, _digest_of(connection, serial, superseded), existing=False)

    def keep(
        self,
        reservation: Reservation,
        *,
        record: Mapping[str, Plain],
        digest: bytes,
        descriptions: Mapping[str, Sequence[bytes]],
        kept_files: Iterable[StoredFile],
        who: str,
        now: datetime.datetime,
    ) -> None:
        """Keep all of an issue, in one transaction.

        Args:
            reservation: what ``reserve`` gave.
            record: as ``build_record`` made it.
            digest: the record digest that the seals carry.
            descriptions: the canonical bytes of the pages of each document, by the document's id.
            kept_files: print sets, Word files, templates, fonts.
            who: who issues.
            now: the time that the event carries.

        Raises:
            StoreError: when record, digest and pages disagree, when the reservation was used or another revision came
                first, or when the store cannot be written. Nothing is kept then.
        """
        data = canonical(dict(record))
        described = {
            (document, number): page
            for document, listed in descriptions.items()
            for number, page in enumerate(listed, 1)
        }
        _refuse_disagreement(reservation, record, data, digest, described)
        of = {"serial": reservation.serial, "revision": reservation.revision}
        rows = [
            {
                **of,
                "document": document,
                "page": number,
                "digest": hashlib.sha256(page).digest(),
                "description": zlib.compress(page, _COMPRESSION),
            }
            for (document, number), page in described.items()
        ]
        entries = tuple(kept_files)
        detail: dict[str, Plain] = {
            "record": digest.hex(),
            "files": [{"name": file.name, "kind": file.kind, "sha256": file.digest.hex()} for file in entries],
        }
        with self._database.writing() as connection:
            _refuse_overtaken(connection, reservation)
            issued_at = datetime.datetime.fromisoformat(str(record["issued_at"]))
            connection.execute(insert(records).values(**of, digest=digest, canonical=data, issued_at=issued_at))
            if rows:
                connection.execute(insert(pages), rows)
            for file in entries:
                _keep_content(connection, file)
            for file in entries:
                connection.execute(
                    insert(submission_files).values(
                        **of, name=file.name, kind=file.kind, media_type=file.media_type, digest=file.digest
                    )
                )
            connection.execute(
                insert(events).values(**of, kind="issued", at=now, who=who, detail=canonical(detail).decode())
            )

    def submission(self, serial: str, revision: int | None = None) -> StoredSubmission | None:
        """Return an issued revision, by default the latest; None when there is none.

        Raises:
            StoreError: when what is stored does not fit its digest.
        """
        with self._database.reading() as connection:
            latest = _latest(connection, serial)
            if latest is None:
                return None
            wanted = and_(records.c.serial == serial, records.c.revision == (latest if revision is None else revision))
            found = connection.execute(select(records).where(wanted)).one_or_none()
            return None if found is None else self._submission(connection, found, latest)

    def find(self, record_digest: bytes) -> StoredSubmission | None:
        """Return the issued revision whose record has the digest; None when there is none.

        Raises:
            StoreError: when what is stored does not fit its digest.
        """
        with self._database.reading() as connection:
            found = connection.execute(select(records).where(records.c.digest == record_digest)).one_or_none()
            if found is None:
                return None
            return self._submission(connection, found, _latest(connection, found.serial) or found.revision)

    def page(self, serial: str, revision: int, document: str, page: int) -> PageDescription:
        """Return the description of a page; documents go by their id, pages count from 1.

        Raises:
            SubmissionUnknown: when there is no such page.
            StoreError: when what is stored does not fit its digest.
        """
        wanted = and_(
            pages.c.serial == serial,
            pages.c.revision == revision,
            pages.c.document == document,
            pages.c.page == page,
        )
        with self._database.reading() as connection:
            found = connection.execute(select(pages.c.digest, pages.c.description).where(wanted)).one_or_none()
        if found is None:
            raise SubmissionUnknown(
                Message(
                    "the store has no page {page} of {document} in {serial} revision {revision}",
                    page=page,
                    document=document,
                    serial=serial,
                    revision=revision,
                )
            )
        try:
            data = zlib.decompressobj().decompress(found.description, LARGEST_DESCRIPTION)
        except zlib.error as error:
            raise self._damaged(f"{serial}-r{revision} {document} {page}") from error
        if hashlib.sha256(data).digest() != found.digest:
            raise self._damaged(f"{serial}-r{revision} {document} {page}")
        return PageDescription.from_plain(json.loads(data))

    def file(self, digest: bytes) -> bytes:
        """Return the bytes of a file.

        Raises:
            StoreError: when there is none of that digest, or what is stored does not fit it.
        """
        with self._database.reading() as connection:
            found = connection.execute(select(files).where(files.c.digest == digest)).one_or_none()
        if found is None:
            raise StoreError(Message("the store has no file with the digest {digest}", digest=digest.hex()))
        content: bytes = found.content
        if hashlib.sha256(content).digest() != digest or len(content) != found.size:
            raise self._damaged(digest.hex())
        return content

    def missing(self, digests: Iterable[bytes]) -> set[bytes]:
        """Return those of the digests that the store has no file of: what has to be handed in with its data."""
        wanted = set(digests)
        with self._database.reading() as connection:
            return wanted - set(connection.execute(select(files.c.digest).where(files.c.digest.in_(wanted))).scalars())

    def _submission(self, connection: Connection, found: Row[tuple[Any, ...]], latest: int) -> StoredSubmission:
        what = f"{found.serial}-r{found.revision}"
        if hashlib.sha256(found.canonical).digest() != found.digest:
            raise self._damaged(what)
        listed = connection.execute(
            select(submission_files, files.c.size)
            .outerjoin(files, files.c.digest == submission_files.c.digest)
            .where(submission_files.c.serial == found.serial, submission_files.c.revision == found.revision)
            .order_by(submission_files.c.name)
        )
        happened = connection.execute(
            select(events)
            .where(events.c.serial == found.serial, events.c.revision == found.revision)
            .order_by(events.c.number)
        )
        return StoredSubmission(
            serial=found.serial,
            revision=found.revision,
            record=json.loads(found.canonical),
            record_digest=found.digest,
            latest_revision=latest,
            issued_at=found.issued_at,
            files=tuple(FileEntry(row.name, row.kind, row.media_type, row.size, row.digest) for row in listed),
            events=tuple(Event(row.kind, row.at, row.who, self._detail(row.detail, what)) for row in happened),
        )

    def _detail(self, text: str, what: str) -> dict[str, Plain]:
        try:
            detail: dict[str, Plain] = json.loads(text)
        except ValueError as error:
            raise self._damaged(what) from error
        return detail

    def _damaged(self, what: str) -> StoreError:
        return StoreError(
            Message(
                "{what} in the store {name} was changed: it does not fit its digest; restore it from a backup",
                what=what,
                name=self._database.name,
            )
        )


def _known(
    connection: Connection, known: Row[tuple[Any, ...]], key: str, request: bytes, revises: str | None
) -> Reservation:
    if known.request != request or (revises is not None and revises != known.serial):
        raise StoreError(
            Message(
                "the key “{key}” was used for another request, which has the serial {serial}: use a new key",
                key=key,
                serial=known.serial,
            )
        )
    kept = _digest_of(connection, known.serial, known.revision) is not None
    superseded = _digest_of(connection, known.serial, known.supersedes)
    return Reservation(known.serial, known.revision, superseded, existing=kept)


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
    latest = _latest(connection, serial)
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
    return highest + 1, latest


def _latest(connection: Connection, serial: str) -> int | None:
    latest: int | None = connection.execute(
        select(func.max(records.c.revision)).where(records.c.serial == serial)
    ).scalar_one()
    return latest


def _digest_of(connection: Connection, serial: str, revision: int | None) -> bytes | None:
    wanted = and_(records.c.serial == serial, records.c.revision == revision)
    return connection.execute(select(records.c.digest).where(wanted)).scalar_one_or_none()


def _refuse_disagreement(
    reservation: Reservation,
    record: Mapping[str, Plain],
    data: bytes,
    digest: bytes,
    described: Mapping[tuple[str, int], bytes],
) -> None:
    listed = {
        (document, number): value
        for document, digests in page_digests(record).items()
        for number, value in enumerate(digests, 1)
    }
    superseded = reservation.supersedes.hex() if reservation.supersedes else None
    agree = (
        hashlib.sha256(data).digest() == digest
        and (record["serial"], record["revision"]) == (reservation.serial, reservation.revision)
        and record["supersedes"] == superseded
        and {place: hashlib.sha256(page).digest() for place, page in described.items()} == listed
    )
    if not agree:
        raise StoreError(
            Message("the record of {serial} does not agree with what is to be kept with it", serial=reservation.serial)
        )


def _refuse_overtaken(connection: Connection, reservation: Reservation) -> None:
    latest = _latest(connection, reservation.serial)
    if latest is not None and _digest_of(connection, reservation.serial, latest) != reservation.supersedes:
        raise StoreError(
            Message(
                "revision {latest} of {serial} was issued meanwhile: look at it, then revise that one",
                latest=latest,
                serial=reservation.serial,
            )
        )


def _keep_content(connection: Connection, file: StoredFile) -> None:
    there = connection.execute(select(files.c.size).where(files.c.digest == file.digest)).scalar_one_or_none()
    if there is not None:
        return
    if file.data is None or hashlib.sha256(file.data).digest() != file.digest:
        raise StoreError(Message("the file {name} was handed in without its data", name=file.name))
    connection.execute(insert(files).values(digest=file.digest, size=len(file.data), content=file.data))
