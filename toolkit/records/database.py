"""The database behind the store: connections, transactions, its version, and its failures in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, inspect, make_url, pool, text

from toolkit.errors import StoreError
from toolkit.messages import Message

VERSIONS = ("0001", "0002")
"""The versions of the tables, oldest first; this code expects the last. A test holds them against the migrations."""

PATIENCE_SECONDS = 20.0
"""How long a write waits for another process's write: many times the longest, first storing of all fonts."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "truecopy_writes"  # execution option: this transaction takes the write lock at once


class Database:
    """One engine; everything that goes wrong inside its transactions comes out as StoreError."""

    def __init__(self, url: str, *, writable: bool) -> None:
        """Connect lazily; nothing is opened yet."""
        self.url = make_url(url)
        self.writable = writable
        self.engine = self._engine(self.url)

    @property
    def name(self) -> str:
        """The database as messages call it: a file's path, or an address without its password."""
        return self.url.database or "" if self._is_sqlite else self.url.render_as_string(hide_password=True)

    @property
    def _is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store throughout."""
        with self._explained(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is the only one to write; committed as a whole at the end, or not at all."""
        if not self.writable:
            raise _read_only(self.name)
        with self._explained(), self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections; SQLite then folds its write-ahead log into the one file."""
        with self._explained():
            self.engine.dispose()

    def create(self) -> None:
        """Make the tables in a database that has none.

        Raises:
            StoreError: when it has some, or cannot be written.
        """
        if self._is_sqlite:
            path = Path(self.name)
            if path.exists():
                raise StoreError(Message("there is a store at {name} already", name=self.name))
            try:
                path.touch(mode=0o600)
            except OSError as error:
                raise StoreError(
                    Message("the store {name} cannot be made: {why}", name=self.name, why=error.strerror or error)
                ) from error
            with self._explained(), closing(_connect(self.name, writable=True)) as connection:
                # Write-ahead logging stays with the file; readers then never wait for the writer.
                connection.execute("PRAGMA journal_mode=WAL")
        self._migrate()

    def open(self) -> None:
        """See that the tables are there and of this version; bring older ones forward.

        Raises:
            StoreError: when there are none, or newer ones, or older ones in a read-only store.
        """
        if self._is_sqlite and not Path(self.name).is_file():
            raise StoreError(
                Message("there is no store at {name}: give the right data folder, or restore a backup", name=self.name)
            )
        version = self._version()
        if version == VERSIONS[-1]:
            return
        if version is not None and version > VERSIONS[-1]:  # they are numbers of four digits
            raise StoreError(
                Message("the store {name} was written by a newer Truecopy: update this one", name=self.name)
            )
        if version not in VERSIONS:
            raise StoreError(Message("{name} is no store of Truecopy", name=self.name))
        if not self.writable:
            raise StoreError(
                Message(
                    "the store {name} is of an older Truecopy and read-only for this user: open it once as a user who "
                    "may write it",
                    name=self.name,
                )
            )
        self._migrate()

    def _version(self) -> str | None:
        with self.reading() as connection:
            # Asked directly: loading Alembic takes 0.2 s, and nearly every start finds nothing to do.
            if not inspect(connection).has_table("alembic_version"):
                return None
            version: object = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return str(version)

    def _migrate(self) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _engine(self, url: URL) -> Engine:
        if not self._is_sqlite:
            return create_engine(url)
        path = url.database or ""

        def connect() -> sqlite3.Connection:
            return _connect(path, self.writable)

        # A reader opens the file anew for every transaction: how it may be opened changes when a writer comes or goes.
        kept = pool.QueuePool if self.writable else pool.NullPool
        engine = create_engine("sqlite://", creator=connect, poolclass=kept)

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            # Python's sqlite3 would begin late and as a reader, and fail when it turns writer beside another one.
            writes = connection.get_execution_options().get(_WRITES)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise _explain(error.orig, self.name) from error
        except sqlite3.Error as error:  # from ``_connect``
            raise _explain(error, self.name) from error
        except UnicodeDecodeError as error:  # SQLite quotes the damaged bytes in its message
            raise _damaged(self.name) from error


def _connect(path: str, writable: bool) -> sqlite3.Connection:
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


def _read_only(name: str) -> StoreError:
    return StoreError(
        Message("the store {name} cannot be written: it or its folder is read-only for this user", name=name)
    )


def _damaged(name: str) -> StoreError:
    return StoreError(Message("the store {name} is damaged: restore it from a backup", name=name))


def _explain(error: BaseException | None, name: str) -> StoreError:
    # The low byte of SQLite's extended code is the primary code (sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            Message(
                "the store {name} is locked by another program: wait until it has finished, and try again", name=name
            )
        )
    if code == sqlite3.SQLITE_READONLY:
        return _read_only(name)
    if code == sqlite3.SQLITE_FULL:
        return StoreError(
            Message("the disk of the store {name} is full: make room and try again; nothing was changed", name=name)
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(name)
    return StoreError(Message("the store {name} cannot be used: {why}", name=name, why=error))
