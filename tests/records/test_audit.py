"""Audits: any change of any column of any row, and any byte of the file, is found, or was no change."""

from __future__ import annotations

import datetime
import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from an_issue import NOW, SERIES, issue, request, serial_of
from sqlalchemy import delete, insert, select, update
from test_ledger_heads import LATER, SIGNER, TRUST

from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records.audit import SLACK
from toolkit.records.audit_rows import Fault
from toolkit.records.happened import write_event
from toolkit.records.ledger_heads import Head, SignedHead, read_text
from toolkit.records.store import Store
from toolkit.records.tables import events, files, ledger_heads, ledger_nodes, metadata, pages, records, reservations
from toolkit.seal.trust import judge_head


def judge(head: SignedHead) -> Message | None:
    findings = judge_head(head.message, head.head.at, TRUST, LATER + datetime.timedelta(days=1))
    return findings[0].message if findings else None


def faults(store: Store, *outside: Head) -> list[Fault]:
    with store.auditing(outside, judge, lambda done, total: None) as audit:
        return list(audit.faults())


def fill(store: Store) -> None:
    """Let something of everything happen."""
    first = issue(store, key="k")
    store.sign_head(SIGNER, NOW)
    store.enter(first.serial, "submitted", at=NOW, who="某处", detail={"note": "注"}, now=NOW)
    issue(store, revises=first.serial)
    gone = issue(store)
    store.enter(gone.serial, "withdrawn", at=NOW, who="某处", detail={}, now=NOW)
    store.reserve(SERIES, serial_of, request=request("b"), key="left", now=NOW)
    store.reserve("other", lambda number: f"O-{number}", request=request("c"), now=NOW)
    store.sign_head(SIGNER, LATER)


@pytest.fixture
def full(store: Store) -> Store:
    fill(store)
    return store


def test_a_whole_store_passes(full: Store) -> None:
    with full.auditing((), judge, lambda done, total: None) as audit:
        assert list(audit.faults()) == []
    assert (audit.tree.size, audit.records, audit.files, audit.heads) == (10, 3, 4, 2)


def test_an_empty_store_passes(store: Store) -> None:
    assert faults(store) == []


def test_progress_ends_with_all_steps(full: Store) -> None:
    seen: list[tuple[int, int]] = []
    with full.auditing((), judge, lambda done, total: seen.append((done, total))) as audit:
        assert list(audit.faults()) == []
    assert seen[-1] == (14, 14) and seen == sorted(seen)


def other(value: Any) -> list[Any]:
    """Return values that are like another, and not it."""
    if value is None:
        return [1]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value + 1000]
    if isinstance(value, bytes):
        return [bytes([value[0] ^ 1, *value[1:]]), value[:-1] + bytes([value[-1] ^ 128]), value + b"\0"]
    return [value + "x", chr(ord(value[0]) ^ 1) + value[1:] if value else "y", value.encode() + b"\xff", value.encode()]


@pytest.mark.slow
def test_any_column_of_any_row_of_any_table_is_covered(path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        fill(store)
    good, missed, tried = path.read_bytes(), [], 0
    with closing(sqlite3.connect(path)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert {*metadata.tables, "alembic_version"} == set(names)
    chance = random.Random(5)
    for table in names:
        with closing(sqlite3.connect(path)) as database:
            cursor = database.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
        assert rows, table
        keys = [column.name for column in metadata.tables[table].primary_key] if table in metadata.tables else columns
        for row in chance.sample(rows, min(len(rows), 2)):
            of = dict(zip(columns, row, strict=True))
            for column in columns:
                for value in other(of[column]):
                    path.write_bytes(good)
                    with closing(sqlite3.connect(path)) as database, database:
                        where = " AND ".join(f"{key} = ?" for key in keys)
                        wanted = f"UPDATE {table} SET {column} = ? WHERE {where}"
                        try:
                            database.execute(wanted, [value, *(of[key] for key in keys)])
                        except sqlite3.IntegrityError:
                            continue  # the database itself refuses it
                    tried += 1
                    if not found(sqlite_url):
                        missed.append((table, column, value))
    assert tried > 200 and missed == []


def found(url: str) -> list[object]:
    try:
        with Store.open(url, writable=False) as store:
            return list(faults(store))
    except StoreError as error:
        return [error]


@pytest.mark.slow
def test_any_byte_of_the_file_is_covered_or_says_nothing(path: Path, sqlite_url: str) -> None:
    """Bytes of free pages, of unused room in pages and of counters in headers say nothing: no row is another then."""
    with Store.open(sqlite_url) as store:
        fill(store)
    good, whole, chance = path.read_bytes(), content(path), random.Random(11)
    missed, seen = [], 0
    for place in chance.sample(range(len(good)), 400):
        bad = bytearray(good)
        bad[place] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        if found(sqlite_url):
            seen += 1
        elif content(path) != whole:
            missed.append(place)
    assert missed == [] and seen > 50


def content(path: Path) -> list[object]:
    """Return all that a database says: its tables, and every value of every row with its type."""
    with closing(sqlite3.connect(path)) as database:
        listed = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        said: list[object] = [*listed]
        for kind, name, *_ in listed:
            if kind == "table":
                rows = database.execute(f"SELECT * FROM {name}").fetchall()
                said.append((name, sorted(repr([(type(value), value) for value in row]) for row in rows)))
        return said


def tampered(store: Store, *statements: Any) -> list[Fault]:
    with store._database.writing() as connection:
        for statement in statements:
            connection.execute(statement)
    return faults(store)


def test_the_first_record_that_was_altered_is_named_first(full: Store) -> None:
    of = (records.c.serial == "XJSCO25-00001") & (records.c.revision == 2)
    with full._database.reading() as connection:
        canonical = connection.execute(select(records.c.canonical).where(of)).scalar_one()
    altered = update(records).where(of).values(canonical=canonical.replace("联合".encode(), "独立".encode()))
    third = update(pages).where(pages.c.serial == "XJSCO25-00002").values(digest=bytes(32))
    told = tampered(full, altered, third)
    assert [(fault.kind, fault.place) for fault in told] == [
        ("altered", "XJSCO25-00001-r2"),
        ("altered", "XJSCO25-00002-r1"),
    ]


def test_what_was_removed_is_named(full: Store) -> None:
    of = (pages.c.serial == "XJSCO25-00001") & (pages.c.revision == 2) & (pages.c.page == 2)
    assert [fault.place for fault in tampered(full, delete(pages).where(of))] == ["XJSCO25-00001-r2"]
    told = tampered(full, delete(events).where(events.c.number == 3))
    assert ("removed", "event 3") in [(fault.kind, fault.place) for fault in told]


def test_what_no_event_tells_of_is_named(full: Store) -> None:
    row = {"serial": "XJSCO25-00003", "revision": 7, "request": bytes(32), "reserved_at": NOW}
    told = tampered(full, insert(reservations).values(**row))
    assert [(fault.kind, fault.place) for fault in told] == [("added", "XJSCO25-00003-r7")]


def rewritten(store: Store) -> None:
    """Do what an insider does who can write the store: alter an event and make the whole tree anew."""
    with store._database.writing() as connection:
        rows = connection.execute(select(events).order_by(events.c.number)).all()
        connection.execute(delete(events))
        connection.execute(delete(ledger_nodes))
        for row in rows:
            told = {name: getattr(row, name) for name in ("serial", "revision", "at", "who")}
            if row.kind == "submitted":
                told["who"] = "别处"
            write_event(connection, row.kind, **told, detail=json.loads(row.detail))


def test_a_ledger_made_anew_does_not_fit_the_signed_heads(full: Store) -> None:
    kept = full.last_head()
    assert kept is not None
    rewritten(full)
    told = faults(full)
    assert [fault.place for fault in told] == ["event 3"]  # behind the first head, which still holds
    assert "XJSCO25-00001" in str(told[0].message)
    with full._database.writing() as connection:
        connection.execute(delete(ledger_heads))
    assert faults(full) == []  # the store alone cannot tell any more
    for outside in (kept.head, read_text(kept.head.text)):
        assert [fault.kind for fault in faults(full, outside)] == ["altered"]


def test_a_head_of_more_events_tells_that_the_last_ones_were_removed(full: Store) -> None:
    kept = full.last_head()
    assert kept is not None
    told = tampered(
        full,
        delete(events).where(events.c.number > 9),
        delete(ledger_nodes).where(ledger_nodes.c.leaf >= 9),
        delete(ledger_heads).where(ledger_heads.c.number == 2),
    )
    assert all(fault.place.startswith(("O-1", "other")) for fault in told)  # a reservation that no event tells of
    assert ("removed", "event 10") in [(fault.kind, fault.place) for fault in faults(full, kept.head)]


def test_an_event_entered_before_a_head_that_lacks_it_is_backdated(full: Store) -> None:
    def entered(at: datetime.datetime, now: datetime.datetime | None = None) -> list[str]:
        with full._database.writing() as connection:
            write_event(
                connection, "received", serial="XJSCO25-00001", revision=2, at=at, who="某处", detail={}, now=now
            )
        return [fault.kind for fault in faults(full)]

    assert entered(LATER - SLACK) == []
    assert entered(NOW, now=LATER) == []  # it says that it was entered afterwards
    assert entered(LATER - SLACK - datetime.timedelta(seconds=1)) == ["backdated"]


def test_a_revoked_record_is_out_of_the_index_until_it_is_revised(store: Store) -> None:
    serial = issue(store).serial
    store.revoke(serial, reason="错误", who="某处", now=NOW)
    assert faults(store) == []
    issue(store, revises=serial)
    assert faults(store) == []


def test_files_are_read(full: Store) -> None:
    with full._database.reading() as connection:
        digest = connection.execute(select(files.c.digest).order_by(files.c.digest)).scalars().first()
    told = tampered(full, update(files).where(files.c.digest == digest).values(content=b"another"))
    assert len(told) == 1 and told[0].kind == "altered" and told[0].place in ("proposal.pdf", "serif.ttf")


def test_a_read_only_store_is_audited(path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        fill(store)
    path.chmod(0o400)
    with Store.open(sqlite_url, writable=False) as store:
        assert faults(store) == []


def test_a_restored_store_explains_the_numbers_that_were_left_out(store: Store) -> None:
    issue(store)
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE series SET last_number = 5")
    assert [fault.place for fault in faults(store)] == [SERIES]
    with store._database.writing() as connection:
        detail = {"series": [{"name": SERIES, "from": 2, "to": 5}]}
        write_event(connection, "restored", serial="", revision=0, at=NOW, who="", detail=detail)  # type: ignore[arg-type]
    assert faults(store) == []
    assert issue(store).serial == serial_of(6) and faults(store) == []
