"""The store: serials that are given once, and records with their pages and files, kept whole or not at all.

Two transactions make an issue. ``reserve`` gives a serial and writes the reservation; ``keep`` writes the record, every
page, every file and the event. Killed before ``keep`` has committed, an issue leaves its reservation, which explains
the gap and, under the same key, is taken up again with the same serial. Files that are kept outside the database are
written before the second transaction.

Every read holds what it returns against its digest.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Row, and_, func, insert, select

from toolkit.canonical import Plain, canonical
from toolkit.errors import StoreError, SubmissionUnknown
from toolkit.messages import Message
from toolkit.page import PageDescription
from toolkit.records import ledger, ledger_heads
from toolkit.records.audit import Audit, Judge
from toolkit.records.backup import Copied, Progress, back_up, restore
from toolkit.records.content import Content, content_in
from toolkit.records.database import Database
from toolkit.records.entering import Decide, Entry, enter
from toolkit.records.files import FileEntry, Files, StoredFile, refuse_other
from toolkit.records.happened import Event, leaf_of_issue, life_of, write_event
from toolkit.records.ledger_heads import Head, SignedHead
from toolkit.records.life import ISSUED
from toolkit.records.likeness import remember, shortlist
from toolkit.records.outside import name_of
from toolkit.records.received import RECEIPT_MADE, received
from toolkit.records.record import page_digests
from toolkit.records.revoking import Revocation, revocation, revoke
from toolkit.records.serials import (
    Reservation,
    digest_of,
    known_by_key,
    latest_revision,
    reserve,
    serial_of_key,
)
from toolkit.records.store_form import LARGEST_DESCRIPTION, stored_form
from toolkit.records.tables import files, pages, records, submission_files
from toolkit.seal.keys import Signer

_COMPRESSION = 1  # zlib level: page descriptions shrink to a tenth at any level, and level 1 takes a third of the time


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """One issued revision, as kept; ``latest_revision`` is the one in force, issued at ``latest_issued_at``."""

    serial: str
    revision: int
    record: dict[str, Plain]
    record_digest: bytes
    latest_revision: int
    issued_at: datetime.datetime
    files: tuple[FileEntry, ...]
    events: tuple[Event, ...]
    latest_issued_at: datetime.datetime | None = None

    @property
    def revocation(self) -> Revocation | None:
        """When, by whom and why this revision was revoked; None where it was not."""
        return revocation(self.events, self.revision)


class Store:
    """The store of a home."""

    def __init__(self, database: Database, kept: Files) -> None:
        """Use ``Store.open`` or ``Store.create``."""
        self._database = database
        self._files = kept

    @classmethod
    def create(cls, url: str, *, files: str | None = None) -> Store:
        """Make an empty store, such as ``sqlite:////data/store.sqlite3`` or ``postgresql+psycopg://server/truecopy``.

        Args:
            url: a file that is not there, or a database that has no tables.
            files: the URL under which files are kept; in the database when left out.

        Raises:
            StoreError: when there is one, or it cannot be made.
        """
        kept = Files(files)
        database = Database(url, writable=True)
        database.create()
        return cls(database, kept)

    @classmethod
    def open(cls, url: str, *, files: str | None = None, writable: bool = True) -> Store:
        """Open a store, bringing the tables of an older version forward.

        It never makes one: an empty store in the place of a lost one would give every serial a second time.

        Args:
            url: where it is.
            files: the URL under which files are kept from now on; those that are in the database are read from there.
            writable: whether this user may write it.

        Raises:
            StoreError: when there is none, or it cannot be read.
        """
        kept = Files(files)
        database = Database(url, writable=writable)
        database.open()
        return cls(database, kept)

    def back_up(self, target: Path, *, progress: Progress = lambda done, total: None) -> Copied:
        """Write all of the store, its files included, into a new file; issuing may go on meanwhile.

        Args:
            target: a file that is not there; it is there whole, or not at all.
            progress: called with rows done and rows in all.

        Raises:
            OutputNotWritten: the file is there, or cannot be written.
            StoreError: something in the store does not fit its digest.
        """
        return back_up(self._database, self._files, target, progress)

    @classmethod
    def restore(
        cls,
        url: str,
        backup: Path,
        *,
        files: str | None = None,
        complete: bool = False,
        who: str,
        now: datetime.datetime,
        progress: Progress = lambda done, total: None,
    ) -> Copied:
        """Fill a store that is missing or empty from a backup, as a whole or not at all.

        Args:
            url: a file that is not there, a database without tables, or an empty store.
            backup: what ``back_up`` wrote, from a store in whatever database.
            files: the URL under which files are kept; in the database when left out.
            complete: the backup has all that was ever issued, so that no numbers and revisions are left out.
            who: who restores.
            now: the time that the event carries.
            progress: called with rows done and rows in all.

        Raises:
            StoreError: the store is not empty, or the backup is none, or something in it does not fit its digest.
        """
        kept = Files(files)
        database = Database(url, writable=True)
        try:
            return restore(database, kept, backup, complete=complete, who=who, now=now, progress=progress)
        finally:
            database.close()

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
            return reserve(connection, name, serial_of, request=request, revises=revises, key=key, now=now)

    def answered(self, key: str, *, request: bytes, revises: str | None = None) -> Reservation | None:
        """Return what a caller's key was given, if it was issued as well.

        Raises:
            StoreError: when the key stands for another request.
        """
        with self._database.reading() as connection:
            known = known_by_key(connection, key, request=request, revises=revises)
        return known if known is not None and known.existing else None

    def reserved_for(self, key: str) -> str:
        """Return the serial that a caller's key has; empty when it has none."""
        with self._database.reading() as connection:
            return serial_of_key(connection, key)

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
        head_signer: Signer | None = None,
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
            head_signer: signs the ledger with this issue in it, in the same transaction; None where there is no key.

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
        stored = {place: zlib.compress(page, _COMPRESSION) for place, page in sorted(described.items())}
        rows = [
            {
                **of,
                "document": document,
                "page": number,
                "digest": hashlib.sha256(described[document, number]).digest(),
                "description": description,
            }
            for (document, number), description in stored.items()
        ]
        entries = tuple(kept_files)
        self._files.put_outside(entries, self.missing)
        detail: dict[str, Plain] = {
            "record": digest.hex(),
            "descriptions": stored_form(stored.values()).hex(),
            "files": [file.to_plain() for file in entries],
        }
        with self._database.writing() as connection:
            _refuse_overtaken(connection, reservation)
            issued_at = datetime.datetime.fromisoformat(str(record["issued_at"]))
            connection.execute(insert(records).values(**of, digest=digest, canonical=data, issued_at=issued_at))
            if rows:
                connection.execute(insert(pages), rows)
            self._files.keep(connection, reservation.serial, reservation.revision, entries)
            write_event(
                connection,
                ISSUED,
                serial=reservation.serial,
                revision=reservation.revision,
                at=now,
                who=who,
                detail=detail,
            )
            remember(connection, content_in(record))
            if head_signer is not None:
                ledger_heads.sign(connection, head_signer, now)

    def enter(
        self,
        serial: str,
        kind: str,
        *,
        at: datetime.datetime,
        who: str,
        detail: Mapping[str, Plain],
        now: datetime.datetime,
    ) -> None:
        """Enter what happened to a submission; nothing that was entered is ever changed.

        Args:
            serial: the submission; the event is entered at its latest revision.
            kind: one of ``life.EVENTS``.
            at: when it happened, aware.
            who: who did it, or who says so.
            detail: what else is to be remembered, plain.
            now: the clock's time, aware.

        Raises:
            SubmissionUnknown: when there is no such submission.
            EventRefused: when this cannot have happened now, or not after what happened last.
        """
        self.enter_all([serial], lambda *known: [Entry(kind, at, who, detail)], now=now)

    def enter_all(self, serials: Iterable[str], decide: Decide, *, now: datetime.datetime) -> None:
        """Enter what happened to several submissions, all of it in one transaction or nothing.

        Args:
            serials: the submissions.
            decide: says for each what is to be entered, from what is known of it in that transaction.
            now: the clock's time, aware.

        Raises:
            SubmissionUnknown: when there is no such submission.
            EventRefused: when something cannot have happened now, or not after what happened last.
        """
        with self._writing("what happened") as connection:
            for serial in serials:
                enter(connection, serial, decide, now)

    def keep_receipt(
        self,
        serial: str,
        number: int,
        *,
        page_digests: Sequence[bytes],
        kept_files: Iterable[StoredFile],
        who: str,
        now: datetime.datetime,
        head_signer: Signer | None = None,
    ) -> None:
        """Keep a receipt with its files, in one transaction.

        Args:
            serial: the submission; the receipt is of its latest revision.
            number: the receipt's, counted from 1.
            page_digests: of the pages that its seals name.
            kept_files: the receipt as it was set and as it was sealed, and its fonts.
            who: who makes it.
            now: the time that the event carries.
            head_signer: as for ``keep``.

        Raises:
            StoreError: when something else came meanwhile, or the store cannot be written. Nothing is kept then.
        """
        entries = tuple(kept_files)
        detail: dict[str, Plain] = {
            "number": number,
            "pages": [digest.hex() for digest in page_digests],
            "files": [entry.to_plain() for entry in entries],
        }

        def decide(serial: str, revision: int, life: tuple[Event, ...]) -> list[Entry]:
            so_far = received(life, revision)
            if so_far.is_told or len(so_far.receipts) + 1 != number:
                raise StoreError(Message("a receipt of {serial} was made meanwhile: try again", serial=serial))
            return [Entry(RECEIPT_MADE, now, who, detail)]

        self._files.put_outside(entries, self.missing)
        with self._writing("what happened") as connection:
            latest = latest_revision(connection, serial)
            self._files.keep(connection, serial, latest or 0, entries)
            enter(connection, serial, decide, now)
            if head_signer is not None:
                ledger_heads.sign(connection, head_signer, now)

    def revoke(
        self,
        serial: str,
        revision: int | None = None,
        *,
        reason: str,
        who: str,
        now: datetime.datetime,
        head_signer: Signer | None = None,
    ) -> int:
        """Revoke an issued revision, by default the latest, and return it: every page of it fails from then on.

        Args:
            serial: the submission.
            revision: its revision; the latest when left out.
            reason: why; ``verify`` tells it.
            who: who revokes.
            now: the clock's time, aware.
            head_signer: as for ``keep``.

        Raises:
            SubmissionUnknown: when no such revision was issued.
            EventRefused: when it was revoked already.
        """
        with self._writing(serial) as connection:
            revoked = revoke(connection, serial, revision, reason=reason, who=who, now=now)
            if head_signer is not None:
                ledger_heads.sign(connection, head_signer, now)
            return revoked

    def head(self, log: str, now: datetime.datetime) -> Head:
        """Return the head of the ledger as it is, unsigned, to be printed or kept elsewhere.

        Args:
            log: whose ledger it is: the prefix of the office's serials.
            now: the time that the head carries, aware.

        Raises:
            StoreError: when the ledger is damaged.
        """
        with self._reading("the ledger") as connection:
            return ledger_heads.head_of(ledger.tree(connection), log, now)

    def sign_head(self, signer: Signer, now: datetime.datetime) -> SignedHead | None:
        """Sign the ledger as it is now, and keep the head; None while nothing ever happened.

        Args:
            signer: a key for heads (``KeyFolder.head_signer``).
            now: the time that the head carries, aware.

        Raises:
            StoreError: when the ledger is damaged, or the store cannot be written.
        """
        with self._writing("the ledger") as connection:
            return ledger_heads.sign(connection, signer, now)

    def last_head(self) -> SignedHead | None:
        """Return the head of the ledger that was signed last; None when none ever was.

        Raises:
            StoreError: when it was altered.
        """
        with self._reading("the last head of the ledger") as connection:
            return ledger_heads.last(connection)

    def anchored(
        self, serial: str, revision: int, *, before: datetime.datetime, genuine: Callable[[SignedHead], bool]
    ) -> bool:
        """Return whether the event that issued a revision lies under a head that was signed before a time.

        What is compared: the record's digest with that in its event, the event with its leaf, and the leaf with the
        root of the head, by an inclusion proof; so nothing of it can have been written after the head was signed.

        Args:
            serial: the submission.
            revision: its revision.
            before: such as the time from which a key is no longer to be trusted, aware.
            genuine: whether a head was signed by whom it should be (``seal.trust.judge_head``).

        Raises:
            StoreError: when the head, the event or the ledger was altered.
        """
        with self._reading(f"{serial}-r{revision}") as connection:
            leaf = leaf_of_issue(connection, serial, revision)
            if leaf is None:
                return False
            for kept in ledger_heads.covering(connection, leaf + 1, before):
                if genuine(kept):
                    return ledger.lies_under(connection, leaf, kept.head.size, kept.head.root)
            return False

    @contextmanager
    def auditing(self, outside: Sequence[Head], judge: Judge, progress: Callable[[int, int], None]) -> Iterator[Audit]:
        """Open an audit of the whole store, which sees one state of it throughout; see ``audit.Audit``.

        Args:
            outside: heads that were kept elsewhere.
            judge: says what is wrong with the signature of a head that the store keeps.
            progress: called with steps done and steps in all.

        Raises:
            StoreError: when the store cannot be read at all.
        """
        with self._reading("a row") as connection:
            yield Audit(connection, outside, judge, self.file, progress)

    def life(self, serial: str) -> tuple[Event, ...]:
        """Return all that happened to a submission, in whatever revision, in the order in which it was entered."""
        with self._reading(serial) as connection:
            return life_of(connection, serial)

    def alike(self, content: Content) -> tuple[Content, ...]:
        """Return what other submissions are about that may be like this one, by serial: a shortlist, to be compared.

        It has the latest revision of each, none that was withdrawn, and not that of ``content`` itself.
        """
        with self._database.reading() as connection:
            return shortlist(connection, content)

    def latest(self) -> Iterator[tuple[str, int, dict[str, Plain], tuple[Event, ...]]]:
        """Give serial, revision, record and life of every submission, by serial; one is in memory at a time.

        Raises:
            StoreError: when what is stored does not fit its digest.
        """
        with self._database.reading() as connection:
            newest = select(records.c.serial, func.max(records.c.revision)).group_by(records.c.serial)
            listed = connection.execute(newest.order_by(records.c.serial)).all()
        for serial, revision in listed:
            with self._reading(serial) as connection:
                yield serial, int(revision), _record(connection, serial, revision), life_of(connection, serial)

    def submission(self, serial: str, revision: int | None = None) -> StoredSubmission | None:
        """Return an issued revision, by default the latest; None when there is none.

        Raises:
            StoreError: when what is stored does not fit its digest.
        """
        with self._reading(serial) as connection:
            latest = latest_revision(connection, serial)
            if latest is None:
                return None
            wanted = and_(records.c.serial == serial, records.c.revision == (latest if revision is None else revision))
            found = connection.execute(select(records).where(wanted)).one_or_none()
            return None if found is None else _submission(connection, found, latest)

    def find(self, record_digest: bytes) -> StoredSubmission | None:
        """Return the issued revision whose record has the digest; None when there is none.

        Raises:
            StoreError: when what is stored does not fit its digest.
        """
        with self._reading(record_digest.hex()) as connection:
            found = connection.execute(select(records).where(records.c.digest == record_digest)).one_or_none()
            if found is None:
                return None
            return _submission(connection, found, latest_revision(connection, found.serial) or found.revision)

    def page(self, serial: str, revision: int, document: str, page: int) -> PageDescription:
        """Return the description of a page; see ``description``."""
        data = self.description(serial, revision, document, page)
        with self._explained(f"{serial}-r{revision} {document} {page}"):
            return PageDescription.from_plain(json.loads(data))

    def description(self, serial: str, revision: int, document: str, page: int) -> bytes:
        """Return the canonical bytes of the description of a page; documents go by their id, pages count from 1.

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
        with self._reading(f"{serial}-r{revision} {document} {page}") as connection:
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
            data = zlib.decompressobj().decompress(found.description, LARGEST_DESCRIPTION)
            refuse_other(data, found.digest)
            return data

    def file(self, digest: bytes) -> bytes:
        """Return the bytes of a file.

        Raises:
            StoreError: when there is none of that digest, or what is stored does not fit it.
        """
        with self._reading(digest.hex()) as connection:
            return self._files.read(connection, digest)

    def orphans(self) -> Iterator[str]:
        """Give the names of files outside the database that no submission has: they harm nothing.

        An issue that was broken off leaves them, and one that is under way has not entered its own yet.

        Raises:
            StoreError: when they cannot be listed.
        """
        there = list(self._files.names())
        with self._database.reading() as connection:
            known = {name_of(digest) for digest in connection.execute(select(files.c.digest)).scalars()}
        yield from (name for name in there if name not in known)

    def missing(self, digests: Iterable[bytes]) -> set[bytes]:
        """Return those of the digests that the store has no file of: what has to be handed in with its data."""
        wanted = set(digests)
        with self._database.reading() as connection:
            return wanted - set(connection.execute(select(files.c.digest).where(files.c.digest.in_(wanted))).scalars())

    @contextmanager
    def _reading(self, what: str) -> Iterator[Connection]:
        with self._database.reading() as connection, self._explained(what):
            yield connection

    @contextmanager
    def _writing(self, what: str) -> Iterator[Connection]:
        with self._database.writing() as connection, self._explained(what):
            yield connection

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        # SQLite keeps values of any type in any column: besides a digest that does not fit, whatever SQLAlchemy,
        # zlib and json raise at an altered row comes here.
        except (TypeError, ValueError, zlib.error) as error:
            raise StoreError(
                Message(
                    "{what} in the store {name} was changed, it does not fit its digest: restore it from a backup",
                    what=what,
                    name=self._database.name,
                )
            ) from error


def _submission(connection: Connection, found: Row[Any], latest: int) -> StoredSubmission:
    refuse_other(found.canonical, found.digest)
    listed = connection.execute(
        select(submission_files, files.c.size)
        .outerjoin(files, files.c.digest == submission_files.c.digest)
        .where(submission_files.c.serial == found.serial, submission_files.c.revision == found.revision)
        .order_by(submission_files.c.name)
    )
    return StoredSubmission(
        serial=found.serial,
        revision=found.revision,
        record=json.loads(found.canonical),
        record_digest=found.digest,
        latest_revision=latest,
        issued_at=found.issued_at,
        files=tuple(FileEntry(row.name, row.kind, row.media_type, int(row.size), row.digest) for row in listed),
        events=life_of(connection, found.serial, found.revision),
        latest_issued_at=connection.execute(
            select(records.c.issued_at).where(records.c.serial == found.serial, records.c.revision == latest)
        ).scalar_one(),
    )


def _record(connection: Connection, serial: str, revision: int) -> dict[str, Plain]:
    of = and_(records.c.serial == serial, records.c.revision == revision)
    found = connection.execute(select(records.c.canonical, records.c.digest).where(of)).one()
    refuse_other(found.canonical, found.digest)
    record: dict[str, Plain] = json.loads(found.canonical)
    return record


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
    latest = latest_revision(connection, reservation.serial)
    if latest is not None and digest_of(connection, reservation.serial, latest) != reservation.supersedes:
        raise StoreError(
            Message(
                "revision {latest} of {serial} was issued meanwhile: look at it, then revise that one",
                latest=latest,
                serial=reservation.serial,
            )
        )
