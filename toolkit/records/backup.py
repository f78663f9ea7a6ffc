"""Backups: all of a store in one file, whatever database it is in, and back into either.

The file is itself a store in SQLite, with every file in it: rows are copied from one snapshot, while issuing goes on.
Nothing is copied that does not fit its digest, and what was copied is read again before it counts.

Serials may have been given after a backup was made, and paper with them is out. So a restored store leaves numbers out:
every series goes on ``NUMBERS_LEFT_OUT`` further, every submission ``REVISIONS_LEFT_OUT`` revisions further, and an
event says so.
"""

from __future__ import annotations

import datetime
import json
import secrets
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, insert, select, text, update

from toolkit.canonical import Plain
from toolkit.errors import OutputNotWritten, StoreError
from toolkit.messages import Message
from toolkit.on_disk import synced
from toolkit.records import ledger
from toolkit.records.database import Database
from toolkit.records.files import Files, StoredFile, refuse_other
from toolkit.records.happened import RESTORED, write_event
from toolkit.records.ledger_tree import Growing, leaf_hash
from toolkit.records.sqlite import address_of
from toolkit.records.tables import events, files, metadata, pages, records, series

NUMBERS_LEFT_OUT = 1_000
"""Numbers of each series that a restored store leaves out: more than an office issues between two backups."""
REVISIONS_LEFT_OUT = 10
"""Revisions of each submission that it leaves out."""

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""

_AT_ONCE = 200  # rows in memory; files are taken one by one
_LARGEST_DESCRIPTION = 64 * 1024 * 1024


class Copied(NamedTuple):
    """What a backup has: submissions' records, files, events, and the root of their ledger."""

    records: int
    files: int
    events: int
    root: bytes

    def to_plain(self) -> dict[str, Plain]:
        """Return it as JSON has it."""
        return {**self._asdict(), "root": self.root.hex()}


def back_up(database: Database, kept: Files, target: Path, progress: Progress) -> Copied:
    """Write all of a store into a new file, whole or not at all; see ``Store.back_up``."""
    if target.exists():
        raise OutputNotWritten(Message("{path} is there already: a backup takes the place of nothing", path=target))
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        copy = Database(address_of(part), writable=True)
        try:
            copy.create()
            with database.reading() as source, copy.writing() as connection:
                _copy(source, kept, connection, Files(None), progress)
                copied = _verified(connection, Files(None))
        finally:
            copy.close()
        with closing(sqlite3.connect(part)) as alone:
            alone.execute("PRAGMA journal_mode=DELETE")  # one file, that can be carried about
        synced(part)
        part.replace(target)
        synced(target.parent)
    except OSError as error:
        raise OutputNotWritten(
            Message("the backup {path} was not written: {why}", path=target, why=error.strerror or error)
        ) from error
    finally:
        for left in (part, Path(f"{part}-wal"), Path(f"{part}-shm"), Path(f"{part}-journal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return copied


def restore(
    database: Database,
    kept: Files,
    backup: Path,
    *,
    complete: bool,
    who: str,
    now: datetime.datetime,
    progress: Progress,
) -> Copied:
    """Fill an empty store from a backup, in one transaction; see ``Store.restore``."""
    with tempfile.TemporaryDirectory(prefix="truecopy-") as folder:
        source = _opened(backup, Path(folder))
        try:
            with source.reading() as given:
                _verified(given, Files(None))
                with database.filling() as connection:
                    _copy(given, Files(None), connection, kept, progress)
                    copied = _verified(connection, kept)
                    _go_on(connection, copied, complete=complete, who=who, now=now)
        finally:
            source.close()
    return copied


def _opened(backup: Path, folder: Path) -> Database:
    """Open a backup for reading; one of an older version is brought forward in a copy."""
    source = Database(address_of(backup), writable=False)
    if backup.is_file() and source.is_older():
        source.close()
        copy = folder / "copy.sqlite3"
        shutil.copyfile(backup, copy)
        source = Database(address_of(copy), writable=True)
    source.open()
    return source


def _copy(source: Connection, given: Files, target: Connection, kept: Files, progress: Progress) -> None:
    tables = metadata.sorted_tables
    total = sum(source.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    done = 0
    progress(done, total)
    for table in tables:
        if table is files:
            for digest in source.execute(select(files.c.digest).order_by(files.c.digest)).scalars().all():
                file = StoredFile(digest.hex(), "", "", _read(source, given, digest), digest)
                kept.add(target, file)
                done += 1
                progress(done, total)
            continue
        for rows in source.execute(select(table).execution_options(yield_per=_AT_ONCE)).partitions():
            target.execute(insert(table), [dict(row._mapping) for row in rows])
            done += len(rows)
            progress(done, total)
        _count_on(target, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row behind those that were copied."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None:
        highest = f"(SELECT max({column.name}) FROM {table.name})"
        sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
        connection.execute(text(f"SELECT setval({sequence}, {highest}) WHERE {sequence} IS NOT NULL"))


def _verified(connection: Connection, kept: Files) -> Copied:
    """Read everything that is under a digest, and the ledger over all events.

    Raises:
        StoreError: when something does not fit.
    """
    what = ""
    counted = {table: 0 for table in (records, files, events)}
    try:
        for row in connection.execute(select(records).execution_options(yield_per=_AT_ONCE)):
            what, counted[records] = f"{row.serial}-r{row.revision}", counted[records] + 1
            refuse_other(row.canonical, row.digest)
        for row in connection.execute(select(pages).execution_options(yield_per=_AT_ONCE)):
            what = f"{row.serial}-r{row.revision} {row.document} {row.page}"
            refuse_other(zlib.decompressobj().decompress(row.description, _LARGEST_DESCRIPTION), row.digest)
        for digest in connection.execute(select(files.c.digest)).scalars().all():
            what, counted[files] = digest.hex(), counted[files] + 1
            kept.read(connection, digest)
        grown = Growing()
        for row in connection.execute(select(events).order_by(events.c.number).execution_options(yield_per=_AT_ONCE)):
            what, counted[events] = f"event {row.number}", counted[events] + 1
            said = {**row._mapping, "detail": json.loads(row.detail)}
            grown.add(leaf_hash(ledger.leaf_of(**said)))
        what = "the ledger"
        tree = ledger.tree(connection)
        if tree != (grown.size, grown.root):
            raise ValueError("its events are others")
    except (TypeError, ValueError, zlib.error) as error:
        raise _unfit(what) from error
    return Copied(counted[records], counted[files], counted[events], tree.root)


def _read(connection: Connection, given: Files, digest: bytes) -> bytes:
    try:
        return given.read(connection, digest)
    except ValueError as error:
        raise _unfit(digest.hex()) from error


def _unfit(what: str) -> StoreError:
    return StoreError(Message("{what} does not fit its digest: nothing was copied; run truecopy audit", what=what))


def _go_on(connection: Connection, copied: Copied, *, complete: bool, who: str, now: datetime.datetime) -> None:
    left_out: list[Plain] = []
    if not complete:
        for name, last in connection.execute(select(series.c.name, series.c.last_number).order_by(series.c.name)).all():
            left_out.append({"name": name, "from": last + 1, "to": last + NUMBERS_LEFT_OUT})
        connection.execute(update(series).values(last_number=series.c.last_number + NUMBERS_LEFT_OUT))
    detail: dict[str, Plain] = {
        "backup": {"size": copied.events, "root": copied.root.hex()},
        "series": left_out,
        "revisions": 0 if complete else REVISIONS_LEFT_OUT,
    }
    write_event(connection, RESTORED, serial="", revision=0, at=now, who=who, detail=detail)
