"""The database behind the store: transactions, its version, and its failures in plain words.

What SQLite and PostgreSQL do differently is in ``sqlite`` and ``postgresql``; everything else is written once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, exc, inspect, make_url, select, text

from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records import failures
from toolkit.records.postgresql import PostgreSQL
from toolkit.records.sqlite import SQLite
from toolkit.records.tables import metadata

VERSIONS = ("0001", "0002", "0003", "0004")
"""The versions of the tables, oldest first; this code expects the last. A test holds them against the migrations."""

_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """One engine; everything that goes wrong inside its transactions comes out as StoreError."""

    def __init__(self, url: str, *, writable: bool) -> None:
        """Connect lazily; nothing is opened yet.

        Raises:
            StoreError: when the address is none of a store, or the driver is not installed.
        """
        self._kind = _kind(url, writable)
        self.writable = self._kind.writable
        self.engine: Engine = self._kind.engine()

    @property
    def name(self) -> str:
        """The database as messages call it: a file's path, or an address without its password."""
        return self._kind.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store throughout."""
        with self._explained(), self.engine.connect() as connection:
            connection = self._kind.for_reading(connection)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is the only one to write; committed as a whole at the end, or not at all."""
        if not self.writable:
            raise failures.read_only(self.name)
        with self._explained(), self.engine.connect() as connection:
            connection = self._kind.for_writing(connection)
            with connection.begin():
                self._kind.take_turn(connection)
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
        with self._closed_on_failure():
            with self._explained():
                self._kind.make()
            with self.writing() as connection:
                if set(inspect(connection).get_table_names()) & {"alembic_version", *metadata.tables}:
                    raise failures.there_already(self.name)
                migrate(connection)

    @contextmanager
    def filling(self) -> Iterator[Connection]:
        """Open a writing transaction in a store that has nothing in it yet, or makes its tables as well.

        Raises:
            StoreError: when something was ever reserved or written in it.
        """
        with self._closed_on_failure():
            with self._explained():
                made = self._kind.make_for_filling()
            try:
                with self.writing() as connection:
                    if not inspect(connection).has_table("alembic_version"):
                        migrate(connection)
                    if any(connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables):
                        raise StoreError(
                            Message(
                                "the store {name} is not empty: a backup is restored into an empty one", name=self.name
                            )
                        )
                    yield connection
            except BaseException:
                if made:
                    self.close()
                    self._kind.unmake()
                raise

    def is_older(self) -> bool:
        """Return whether the tables are of an older version than this code's."""
        version = self._version()
        return version in VERSIONS and version != VERSIONS[-1]

    def open(self) -> None:
        """See that the tables are there and of this version; bring older ones forward.

        Raises:
            StoreError: when there are none, or newer ones, or older ones in a read-only store.
        """
        with self._closed_on_failure():
            self._kind.find()
            self._bring_forward()

    def _bring_forward(self) -> None:
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
        with self.writing() as connection:
            migrate(connection)

    def _version(self) -> str | None:
        with self.reading() as connection:
            # Asked directly: loading Alembic takes 0.2 s, and nearly every start finds nothing to do.
            if not inspect(connection).has_table("alembic_version"):
                return None
            version: object = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return str(version)

    @contextmanager
    def _closed_on_failure(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            self.close()
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise self._kind.explain(error.orig or error) from error
        except sqlite3.Error as error:  # from connections that SQLAlchemy did not make
            raise self._kind.explain(error) from error
        except UnicodeDecodeError as error:  # SQLite quotes the damaged bytes in its message
            raise failures.damaged(self.name) from error


def _kind(url: str, writable: bool) -> SQLite | PostgreSQL:
    try:
        address = make_url(url)
    except (exc.ArgumentError, ValueError):  # the latter for a port that is no number
        address = None
    backend = address.get_backend_name() if address is not None else ""
    if address is not None and backend == "sqlite":
        return SQLite(address, writable=writable)
    if address is not None and backend == "postgresql":
        return PostgreSQL(address)
    # The address stays out of the message: it may have a password in it.
    raise StoreError(
        Message("the address of the store is none: write it as postgresql+psycopg://USER@SERVER/DATABASE")
    ) from None


def migrate(connection: Connection) -> None:
    """Make the tables, or bring older ones forward, within the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
