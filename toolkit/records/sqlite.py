"""A store in one file, by SQLite: write-ahead logging, every commit on the disk before it is reported."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, pool

from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records import failures

PATIENCE_SECONDS = 20.0
"""How long a write waits for another process's write: many times the longest, first storing of all fonts."""

_WRITES = "truecopy_writes"  # execution option: this transaction takes the write lock at once


class SQLite:
    """A database file."""

    def __init__(self, url: URL, *, writable: bool) -> None:
        """Take the file's path; nothing is opened yet."""
        self.name = url.database or ""
        self.writable = writable

    def engine(self) -> Engine:
        """Return an engine whose transactions begin as readers or as writers, as they say."""
        # A reader opens the file anew for every transaction: how it may be opened changes when a writer comes or goes.
        kept = pool.QueuePool if self.writable else pool.NullPool
        engine = create_engine("sqlite://", creator=lambda: connect(self.name, self.writable), poolclass=kept)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            # Python's sqlite3 would begin late and as a reader, and fail when it turns writer beside another one.
            writes = connection.get_execution_options().get(_WRITES)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def for_reading(self, connection: Connection) -> Connection:
        """Return the connection as one whose next transaction sees one state throughout: SQLite's always do."""
        return connection

    def for_writing(self, connection: Connection) -> Connection:
        """Return the connection as one whose next transaction takes the write lock when it begins."""
        return connection.execution_options(**{_WRITES: True})

    def take_turn(self, connection: Connection) -> None:
        """Wait for the other writers: the transaction has done so when it began."""

    def make(self) -> None:
        """Make the file, in which there are no tables yet.

        Raises:
            StoreError: when it exists, or cannot be made.
        """
        path = Path(self.name)
        if path.exists():
            raise failures.there_already(self.name)
        try:
            path.touch(mode=0o600)
        except OSError as error:
            raise StoreError(
                Message("the store {name} cannot be made: {why}", name=self.name, why=error.strerror or error)
            ) from error
        with closing(connect(self.name, writable=True)) as connection:
            # Write-ahead logging stays with the file; readers then never wait for the writer.
            connection.execute("PRAGMA journal_mode=WAL")

    def make_for_filling(self) -> bool:
        """Make the file unless it is there, and return whether it was made."""
        if Path(self.name).exists():
            return False
        self.make()
        return True

    def unmake(self) -> None:
        """Remove the file that ``make_for_filling`` made, since nothing came into it."""
        for ending in ("", "-wal", "-shm"):
            Path(self.name + ending).unlink(missing_ok=True)

    def find(self) -> None:
        """See that the file is there: SQLite would make it.

        Raises:
            StoreError: when it is not.
        """
        if not Path(self.name).is_file():
            raise StoreError(
                Message("there is no store at {name}: give the right data folder, or restore a backup", name=self.name)
            )

    def explain(self, error: BaseException) -> StoreError:
        """Return what a failure of the driver means to a person."""
        # The low byte of SQLite's extended code is the primary code (sqlite.org/rescode.html).
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return failures.locked(self.name)
        if code == sqlite3.SQLITE_READONLY:
            return failures.read_only(self.name)
        if code == sqlite3.SQLITE_FULL:
            return failures.full(self.name)
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return failures.damaged(self.name)
        return failures.unusable(self.name, error)


def address_of(path: Path) -> str:
    """Return the address of a database file."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def connect(path: str, writable: bool) -> sqlite3.Connection:
    """Open a database file, which must exist."""
    mode = "rw"
    if not writable:
        mode = "ro"
        # Without a log beside it, nobody has the file open; SQLite then needs no shared-memory file, which it could
        # not make in a read-only folder (sqlite.org/wal.html, "Read-Only Databases").
        if not Path(path + "-wal").exists():
            mode = "ro&immutable=1"
    connection = sqlite3.connect(
        f"{Path(path).absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=PATIENCE_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")  # a commit survives a power failure
    return connection
