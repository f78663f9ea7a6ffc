"""Backups: from either database into either, whole or not at all, and no serial or revision twice afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from an_issue import NOW, SERIES, issue, request, serial_of
from postgresql_server import PostgresqlServer
from sqlalchemy import func, select
from test_audit import faults
from test_ledger_heads import SIGNER

from toolkit.errors import OutputNotWritten, StoreError
from toolkit.records.sqlite import address_of
from toolkit.records.store import Store
from toolkit.records.tables import events, metadata

Place = Callable[[], str]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an address where a store can be restored: no file, or a database without tables."""
    if request.param == "sqlite":
        return address_of(tmp_path / "restored.sqlite3")
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return server.url(server.new())


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a store."""
    with store._database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def test_a_backup_comes_back_as_it_was(store: Store, nowhere: str, tmp_path: Path) -> None:
    first = issue(store, key="k")
    issue(store, revises=first.serial)
    steps: list[tuple[int, int]] = []
    copied = store.back_up(tmp_path / "b", progress=lambda done, total: steps.append((done, total)))
    assert (copied.records, copied.files) == (2, 3) and steps[-1][0] == steps[-1][1] > 20
    before = everything(store)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".b", "b"))] == ["b"]
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    assert Store.restore(nowhere, tmp_path / "b", complete=True, who="office", now=NOW) == copied
    with Store.open(nowhere) as restored:
        after = everything(restored)
        for name, rows in before.items():
            if name not in ("events", "ledger_nodes"):
                assert after[name] == rows, name
            else:
                assert set(rows) < set(after[name]), name
        assert restored.reserve(SERIES, serial_of, request=request("a"), key="k", now=NOW).existing
        assert issue(restored).serial == "XJSCO25-00002"
        assert issue(restored, revises=first.serial).revision == 3


def test_a_restored_store_gives_nothing_twice(store: Store, nowhere: str, tmp_path: Path) -> None:
    first = issue(store)
    store.back_up(tmp_path / "b")
    lost = {(issue(store).serial, 1), (first.serial, issue(store, revises=first.serial).revision)}
    Store.restore(nowhere, tmp_path / "b", who="office", now=NOW)
    with Store.open(nowhere) as restored:
        revised = issue(restored, revises=first.serial)
        given = {(issue(restored).serial, 1), (first.serial, revised.revision)}
        assert given == {("XJSCO25-01002", 1), (first.serial, 12)} and not given & lost
        assert issue(restored, revises=first.serial).revision == 13
        with restored._database.reading() as connection:
            detail = connection.execute(select(events.c.detail).where(events.c.kind == "restored")).scalar_one()
        assert '"series":[{"from":2,"name":"xinjiang-sco-2025/XJ","to":1001}]' in detail


@pytest.mark.parametrize("complete", [True, False])
def test_a_restored_store_passes_an_audit(store: Store, nowhere: str, tmp_path: Path, complete: bool) -> None:
    first = issue(store, key="k")
    store.sign_head(SIGNER, NOW)
    issue(store, revises=first.serial)
    store.reserve(SERIES, serial_of, request=request("b"), key="left", now=NOW)
    store.back_up(tmp_path / "b")
    Store.restore(nowhere, tmp_path / "b", complete=complete, who="office", now=NOW)
    with Store.open(nowhere) as restored:
        assert faults(restored) == []
        assert issue(restored).serial == ("XJSCO25-00003" if complete else "XJSCO25-01003")
        assert issue(restored, revises=first.serial).revision == (3 if complete else 13)
        restored.sign_head(SIGNER, NOW)
        assert faults(restored) == []
        restored.back_up(tmp_path / "again")
    twice = address_of(tmp_path / "twice")
    Store.restore(twice, tmp_path / "again", who="office", now=NOW)
    with Store.open(twice) as store_again:
        issue(store_again)
        assert faults(store_again) == []


def test_only_an_empty_store_is_filled(store: Store, url: str, tmp_path: Path) -> None:
    store.back_up(tmp_path / "empty")
    Store.restore(url, tmp_path / "empty", complete=True, who="office", now=NOW)
    with pytest.raises(StoreError, match="is not empty"):  # the event of restoring is something as well
        Store.restore(url, tmp_path / "empty", who="office", now=NOW)
    with pytest.raises(OutputNotWritten, match="is there already"):
        store.back_up(tmp_path / "empty")


def test_files_outside_are_in_the_backup_and_go_outside_again(sqlite_url: str, nowhere: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url, files=(tmp_path / "files").as_uri()) as store:
        issue(store)
        store.back_up(tmp_path / "b")
    with Store.open(address_of(tmp_path / "b"), writable=False) as alone:
        kept = alone.submission("XJSCO25-00001")
        assert kept is not None and [len(alone.file(file.digest)) for file in kept.files] == [16, 4]
    elsewhere = (tmp_path / "elsewhere").as_uri()
    Store.restore(nowhere, tmp_path / "b", files=elsewhere, who="office", now=NOW)
    with Store.open(nowhere, files=elsewhere) as restored:
        assert [len(restored.file(file.digest)) for file in kept.files] == [16, 4]
        assert list(restored.orphans()) == []
    with Store.open(nowhere) as without, pytest.raises(StoreError, match="outside"):
        without.file(kept.files[0].digest)


def test_issuing_goes_on_while_a_backup_is_made(store: Store, tmp_path: Path) -> None:
    issue(store)
    issued: list[threading.Thread] = []

    def meanwhile(done: int, total: int) -> None:
        if not issued:
            issued.append(threading.Thread(target=issue, args=[store]))
            issued[0].start()
            issued[0].join()

    assert store.back_up(tmp_path / "b", progress=meanwhile).records == 1
    assert store.submission("XJSCO25-00002") is not None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE records SET canonical = CAST(replace(canonical, '5000000', '8000000') AS BLOB)",
        "UPDATE files SET content = CAST('Font' AS BLOB) WHERE size = 4",
        "UPDATE pages SET digest = zeroblob(32)",
        "UPDATE events SET who = 'another'",
        "DELETE FROM events WHERE kind = 'issued'",
        "UPDATE ledger_nodes SET hash = zeroblob(32)",
    ],
)
def test_what_was_changed_is_neither_backed_up_nor_restored(
    sqlite_url: str, path: Path, tmp_path: Path, change: str
) -> None:
    with Store.open(sqlite_url) as store:
        issue(store)
        store.back_up(tmp_path / "b")
    for file in (path, tmp_path / "b"):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(change)
            connection.commit()
    with pytest.raises(StoreError, match="does not fit its digest"), Store.open(sqlite_url) as store:
        store.back_up(tmp_path / "c")
    with pytest.raises(StoreError, match="does not fit its digest"):
        Store.restore(address_of(tmp_path / "restored"), tmp_path / "b", who="office", now=NOW)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b", "store.sqlite3"]


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"hello")
    for name in ("b", "missing"):
        with pytest.raises(StoreError):
            Store.restore(address_of(tmp_path / "restored"), tmp_path / name, who="office", now=NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["b"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_amid_restoring_or_backing_up_leaves_nothing_half(store: Store, nowhere: str, tmp_path: Path) -> None:
    issue(store)
    store.back_up(tmp_path / "b")
    target = tmp_path / "c"
    for place in (1, 8, 16):

        def die(done: int, total: int, at: int = place) -> None:
            if done >= at:
                os.kill(os.getpid(), signal.SIGKILL)

        assert killed(lambda die=die: Store.restore(nowhere, tmp_path / "b", who="x", now=NOW, progress=die))  # type: ignore[misc]
        with pytest.raises(StoreError, match="no store"):
            Store.open(nowhere)  # no empty store in the place of the lost one
        with Store.open(address_of(tmp_path / "b"), writable=False) as source:
            assert killed(lambda die=die: source.back_up(target, progress=die))  # type: ignore[misc]
        assert not target.exists()
    Store.restore(nowhere, tmp_path / "b", who="office", now=NOW)
    with Store.open(nowhere) as restored, restored._database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == 3


def killed(work: Callable[[], object]) -> bool:
    """Do work in a forked process; return whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
