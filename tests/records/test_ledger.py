"""The ledger in the store: a leaf for every event, in its transaction, and leaves for what an older store has."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from an_issue import NOW, issue, keep, request, serial_of
from sqlalchemy import event, select

from toolkit.canonical import canonical
from toolkit.errors import StoreError
from toolkit.records import ledger
from toolkit.records.happened import RESERVED
from toolkit.records.ledger_tree import Growing, leaf_hash
from toolkit.records.store import Store
from toolkit.records.tables import events, ledger_nodes


def grown(store: Store) -> ledger.Tree:
    """Return the tree over the events as they are, reckoned from nothing."""
    tree = Growing()
    with store._database.reading() as connection:
        for row in connection.execute(select(events).order_by(events.c.number)):
            assert row.number == tree.size + 1
            tree.add(leaf_hash(ledger.leaf_of(**{**row._asdict(), "detail": json.loads(row.detail)})))
    return ledger.Tree(tree.size, tree.root)


def kept(store: Store) -> ledger.Tree:
    with store._database.reading() as connection:
        return ledger.tree(connection)


def test_every_event_is_a_leaf(store: Store) -> None:
    assert kept(store) == ledger.Tree(0, hashlib.sha256().digest())
    for count in range(1, 6):
        serial = issue(store).serial
        assert kept(store) == grown(store) and kept(store).size == 3 * count - 1
        store.enter(serial, "submitted", at=NOW, who="某处", detail={"note": "n"}, now=NOW)
        assert kept(store) == grown(store) and kept(store).size == 3 * count


def test_earlier_trees_are_still_there(store: Store) -> None:
    seen = [kept(store)]
    for _ in range(4):
        issue(store)
        seen.append(kept(store))
    with store._database.reading() as connection:
        assert [ledger.tree(connection, tree.size) for tree in seen] == seen


def test_what_is_hashed_of_an_event(store: Store) -> None:
    serial = issue(store).serial
    store.enter(serial, "submitted", at=NOW, who="e\u0301", detail={"note": "注"}, now=NOW)
    data = (
        '{"at":"2025-07-01T08:30:15.250000+00:00","detail":{"note":"注"},"kind":"submitted","number":3,"revision":1,'
        f'"serial":"{serial}","who":"é"}}'
    ).encode()
    with store._database.reading() as connection:
        leaf = select(ledger_nodes.c.hash).where(ledger_nodes.c.leaf == 2, ledger_nodes.c.level == 0)
        assert connection.execute(leaf).scalar_one() == hashlib.sha256(b"\0" + data).digest()


def test_an_event_of_a_reservation_covers_its_row_and_is_no_part_of_a_life(store: Store) -> None:
    reservation = store.reserve("A", serial_of, request=request("a"), key="k", now=NOW)
    keep(store, reservation)
    assert [happened.kind for happened in store.life(reservation.serial)] == ["issued"]
    with store._database.reading() as connection:
        detail = connection.execute(select(events.c.detail).where(events.c.kind == RESERVED)).scalar_one()
    assert json.loads(detail) == {
        "series": "A",
        "number": 1,
        "supersedes": None,
        "key": hashlib.sha256(b"k").hexdigest(),
        "request": request("a").hex(),
    }


def test_an_event_and_its_leaf_come_together_or_not_at_all(store: Store) -> None:
    issue(store)
    before = kept(store)

    def fail(*ignored: object) -> None:
        raise sqlite3.OperationalError("no")

    event.listen(store._database.engine, "commit", fail)
    with pytest.raises(StoreError):
        issue(store)
    event.remove(store._database.engine, "commit", fail)
    assert kept(store) == grown(store) == before


def test_a_leaf_costs_as_many_statements_in_a_large_ledger(store: Store) -> None:
    counted = []
    event.listen(store._database.engine, "before_cursor_execute", lambda *call: counted.append(call[2]))
    numbers = []
    for _ in range(40):
        counted.clear()
        issue(store)
        numbers.append(len(counted))
    assert len(set(numbers[3:])) == 1  # the first ones store files and index rows that later ones share


def test_a_damaged_right_edge_is_told_when_it_would_grow(path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        issue(store)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE ledger_nodes SET hash = x'00' WHERE leaf = 1")
    with Store.open(sqlite_url) as store, pytest.raises(StoreError, match="the ledger is damaged at leaf 1"):
        issue(store)


def test_a_store_made_before_the_ledger_gets_one(path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        first = issue(store, key="k")
        store.enter(first.serial, "submitted", at=NOW, who="某处", detail={}, now=NOW)
        issue(store, revises=first.serial)
        left = store.reserve("A", lambda number: f"A-{number}", request=request("b"), now=NOW)
        details = told(store)
    made_older(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE events SET who = ? WHERE kind = 'submitted'", ("e\u0301",))
    with Store.open(sqlite_url) as store:
        assert [happened.kind for happened in store.life(first.serial)] == ["issued", "submitted", "issued"]
        assert store.life(first.serial)[1].who == "é"
        assert sorted(told(store)) == sorted(details)
        assert kept(store) == grown(store) and kept(store).size == 6
        assert store.reserve("A", lambda number: f"A-{number}", request=request("b"), now=NOW).serial != left.serial
        assert kept(store) == grown(store) and kept(store).size == 7


def test_a_damaged_event_of_an_older_store_does_not_keep_it_from_opening(path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        first, second = issue(store), issue(store)
    made_older(path)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE events SET detail = '{' WHERE serial = ?", (first.serial,))
    with Store.open(sqlite_url) as store:
        assert kept(store).size == 4 and store.submission(second.serial) is not None
        with pytest.raises(StoreError, match="changed"):
            store.life(first.serial)


def told(store: Store) -> list[tuple[str, str, int, str]]:
    with store._database.reading() as connection:
        listed = select(events.c.kind, events.c.serial, events.c.revision, events.c.detail)
        return [tuple(row) for row in connection.execute(listed)]  # type: ignore[misc]


def made_older(path: Path) -> None:
    """Bring a store back to what it was before there was a ledger."""
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("ledger_nodes", "ledger_heads"):
            database.execute(f"DROP TABLE {table}")
        database.execute("ALTER TABLE files DROP COLUMN outside")
        database.execute("DELETE FROM events WHERE kind = 'reserved'")
        for number, detail in database.execute("SELECT number, detail FROM events WHERE kind = 'issued'").fetchall():
            older = json.loads(detail)
            del older["descriptions"]
            for file in older["files"]:
                del file["media_type"]
            database.execute("UPDATE events SET detail = ? WHERE number = ?", (canonical(older).decode(), number))
        database.execute("UPDATE alembic_version SET version_num = '0002'")
