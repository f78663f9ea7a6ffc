"""The ledger: a leaf for every event that is there, and events for what had none.

What was written before had no ledger, so that nothing proves it: the ledger begins with what it finds. Events get
numbers without a gap, events of issues get what the ledger covers from now on (media types, page descriptions as they
are stored), and every reservation gets its event.

Revision ID: 0003
Revises: 0002
"""

import hashlib
import json
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

from toolkit.canonical import canonical
from toolkit.records.ledger import leaf_of
from toolkit.records.ledger_tree import Growing, leaf_hash
from toolkit.records.tables import Moment

revision = "0003"
down_revision = "0002"

_AT_ONCE = 1_000  # rows in memory

_moment = Moment()
_events = sa.table(
    "events",
    sa.column("number", sa.BigInteger),
    sa.column("kind", sa.String),
    sa.column("serial", sa.String),
    sa.column("revision", sa.Integer),
    sa.column("at", _moment),
    sa.column("who", sa.String),
    sa.column("detail", sa.Text),
)
_reservations = sa.table(
    "reservations",
    sa.column("serial", sa.String),
    sa.column("revision", sa.Integer),
    sa.column("supersedes", sa.Integer),
    sa.column("key", sa.String),
    sa.column("request", sa.LargeBinary),
    sa.column("reserved_at", _moment),
)
_serials = sa.table(
    "serials", sa.column("serial", sa.String), sa.column("series", sa.String), sa.column("number", sa.Integer)
)
_pages = sa.table(
    "pages",
    sa.column("serial", sa.String),
    sa.column("revision", sa.Integer),
    sa.column("document", sa.String),
    sa.column("page", sa.Integer),
    sa.column("description", sa.LargeBinary),
)
_submission_files = sa.table(
    "submission_files",
    sa.column("serial", sa.String),
    sa.column("revision", sa.Integer),
    sa.column("name", sa.String),
    sa.column("media_type", sa.String),
)


def upgrade() -> None:
    """Make the tables and fill them; written out, since ``tables`` goes on changing and this must not."""
    nodes = op.create_table(
        "ledger_nodes",
        sa.Column("leaf", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("level", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("leaf", "level", name="pk_ledger_nodes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_heads",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_heads"),
    )
    op.create_index("ix_ledger_heads_at", "ledger_heads", ["at"])
    connection = op.get_bind()
    count = _mend_events(connection)
    count = _tell_reservations(connection, count)
    _grow(connection, nodes, count)


def _mend_events(connection: sa.Connection) -> int:
    """Number the events without a gap and bring them to the form of today; return how many there are."""
    count = last = 0
    while True:
        rows = connection.execute(
            sa.select(_events).where(_events.c.number > last).order_by(_events.c.number).limit(_AT_ONCE)
        ).all()
        if not rows:
            return count
        for row in rows:
            count, last = count + 1, row.number
            mended = {
                "number": count,
                "who": unicodedata.normalize("NFC", row.who),
                "detail": _issue_detail(connection, row) if row.kind == "issued" else row.detail,
            }
            if mended != {"number": row.number, "who": row.who, "detail": row.detail}:
                connection.execute(sa.update(_events).where(_events.c.number == row.number).values(**mended))


def _issue_detail(connection: sa.Connection, row: sa.Row[Any]) -> str:
    stored = connection.execute(
        sa.select(_pages.c.description)
        .where(_pages.c.serial == row.serial, _pages.c.revision == row.revision)
        .order_by(_pages.c.document, _pages.c.page)
    ).scalars()
    named = connection.execute(
        sa.select(_submission_files.c.name, _submission_files.c.media_type).where(
            _submission_files.c.serial == row.serial, _submission_files.c.revision == row.revision
        )
    )
    media_types = {name: media_type for name, media_type in named}
    try:
        detail = json.loads(row.detail)
        digests = b"".join(hashlib.sha256(description).digest() for description in stored)
        return canonical(
            {
                **detail,
                "descriptions": hashlib.sha256(digests).hexdigest(),
                "files": [{**file, "media_type": media_types.get(file["name"], "")} for file in detail["files"]],
            }
        ).decode()
    except (KeyError, TypeError, ValueError):
        return str(row.detail)  # damaged: told by an audit, and by whoever reads it; it must not keep the store from opening


def _tell_reservations(connection: sa.Connection, count: int) -> int:
    """Write an event for every reservation; return how many events there are then."""
    given = sa.select(_reservations, _serials.c.series, _serials.c.number).join_from(
        _reservations, _serials, _serials.c.serial == _reservations.c.serial
    )
    ordered = given.order_by(_reservations.c.reserved_at, _reservations.c.serial, _reservations.c.revision)
    for rows in connection.execute(ordered).partitions(_AT_ONCE):
        connection.execute(sa.insert(_events), [_told(row, number) for number, row in enumerate(rows, count + 1)])
        count += len(rows)
    return count


def _told(row: sa.Row[Any], number: int) -> dict[str, Any]:
    detail = {
        "series": row.series,
        "number": row.number,
        "supersedes": row.supersedes,
        "key": None if row.key is None else hashlib.sha256(row.key.encode()).hexdigest(),
        "request": row.request.hex(),
    }
    return {
        "number": number,
        "kind": "reserved",
        "serial": row.serial,
        "revision": row.revision,
        "at": row.reserved_at,
        "who": "",
        "detail": canonical(detail).decode(),
    }


def _grow(connection: sa.Connection, nodes: sa.Table, count: int) -> None:
    tree = Growing()
    for first in range(1, count + 1, _AT_ONCE):
        rows = connection.execute(
            sa.select(_events)
            .where(_events.c.number >= first, _events.c.number < first + _AT_ONCE)
            .order_by(_events.c.number)
        ).all()
        connection.execute(
            sa.insert(nodes),
            [
                {"leaf": tree.size - 1, "level": level, "hash": value}
                for row in rows
                for level, value in tree.add(leaf_hash(_leaf(row)))
            ],
        )


def _leaf(row: sa.Row[Any]) -> bytes:
    said = row._asdict()
    try:
        return leaf_of(**{**said, "detail": json.loads(row.detail)})
    except (TypeError, ValueError):  # damaged: an audit says so
        return repr(said).encode()
