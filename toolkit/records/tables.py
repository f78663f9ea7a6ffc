"""The tables of the store, in types that SQLite and PostgreSQL both have.

A row of ``reservations`` is written before anything is made and stays for ever: it is why no serial is given twice, and
the explanation of every gap (a reservation without a record is an issue that was broken off). ``contents``, ``pairs``
and ``content_pairs`` are an index made from the records (``likeness``), everything else is only ever added to.
``ledger_nodes`` has a row for every event and for every node of the tree over them (``ledger``), ``ledger_heads`` what
was signed of it.
"""

from __future__ import annotations

import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime.datetime]):
    """An aware time in UTC; SQLite has no time zones, so there it is kept without and given back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """Return the time as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        value = value.astimezone(datetime.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | None:
        """Return the time in UTC, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


# SQLite numbers rows by itself only in a column declared INTEGER.
_RowNumber = BigInteger().with_variant(Integer, "sqlite")

series = Table(
    "series",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("last_number", Integer, nullable=False),
)

serials = Table(
    "serials",
    metadata,
    Column("serial", String(20), primary_key=True),
    Column("series", ForeignKey("series.name"), nullable=False),
    Column("number", Integer, nullable=False),
    UniqueConstraint("series", "number"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("serial", ForeignKey("serials.serial"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("supersedes", Integer),
    Column("key", String(200), unique=True),
    Column("request", LargeBinary(32), nullable=False),
    Column("reserved_at", Moment, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("serial", String(20), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("canonical", LargeBinary, nullable=False),
    Column("issued_at", Moment, nullable=False),
    ForeignKeyConstraint(["serial", "revision"], ["reservations.serial", "reservations.revision"]),
)

pages = Table(
    "pages",
    metadata,
    Column("serial", String(20), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("document", String(100), primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("description", LargeBinary, nullable=False),
    ForeignKeyConstraint(["serial", "revision"], ["records.serial", "records.revision"]),
)

files = Table(
    "files",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    # Then the content here is empty, and lies under the URL that the settings name (``outside``).
    Column("outside", Boolean, nullable=False, server_default=false()),
)

submission_files = Table(
    "submission_files",
    metadata,
    Column("serial", String(20), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("digest", ForeignKey("files.digest"), nullable=False),
    ForeignKeyConstraint(["serial", "revision"], ["records.serial", "records.revision"]),
)

events = Table(
    "events",
    metadata,
    Column("number", _RowNumber, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("serial", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "serial", "revision"),
)

ledger_nodes = Table(
    "ledger_nodes",
    metadata,
    Column("leaf", BigInteger, primary_key=True, autoincrement=False),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("number", _RowNumber, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Index(None, "at"),
)

contents = Table(
    "contents",
    metadata,
    Column("number", _RowNumber, primary_key=True, autoincrement=True),
    Column("serial", ForeignKey("serials.serial"), nullable=False, unique=True),
    Column("unit", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("indicators", Text, nullable=False),
    Index(None, "unit", "year"),
)

pairs = Table(
    "pairs",
    metadata,
    Column("pair", BigInteger, primary_key=True, autoincrement=False),
    Column("submissions", Integer, nullable=False),
)

content_pairs = Table(
    "content_pairs",
    metadata,
    Column("pair", ForeignKey("pairs.pair"), primary_key=True),
    Column("content", ForeignKey("contents.number"), primary_key=True),
    sqlite_with_rowid=False,
)
