"""SQLite files that cannot be used: one sentence each, never a traceback, and nothing half-written."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from an_issue import NOW, SERIES, issue, keep, request, serial_of

from toolkit.errors import StoreError, TruecopyError
from toolkit.records import database, sqlite
from toolkit.records.store import Store


@pytest.fixture
def url(sqlite_url: str) -> str:
    return sqlite_url


def test_opening_never_makes_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        Store.open(f"sqlite:///{tmp_path}/store.sqlite3")
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_not_made_over_another(path: Path, url: str) -> None:
    with pytest.raises(StoreError, match="already"):
        Store.create(url)
    with pytest.raises(StoreError, match="cannot be made"):
        Store.create(f"sqlite:///{path.parent}/no/such/folder.sqlite3")


@pytest.mark.skipif(os.name != "posix", reason="file modes mean nothing on Windows")
def test_a_new_store_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "数据 store?#%.sqlite3"
    with Store.create(f"sqlite:///{path}".replace("%", "%25").replace("?", "%3F")) as store:
        issue(store)
    # SQLite gives its log and shared memory the mode of the database.
    assert [file.stat().st_mode & 0o777 for file in tmp_path.iterdir()] == [0o600]


def test_the_connection_is_durable_and_strict(store: Store) -> None:
    with store._database.reading() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_opening_a_store_of_this_version_is_quick(url: str) -> None:
    Store.open(url).close()
    best = min(_opening(url) for _ in range(5))
    assert best < 0.015  # seconds; Alembic alone would take 0.2


def _opening(url: str) -> float:
    start = time.perf_counter()
    Store.open(url).close()
    return time.perf_counter() - start


def test_alembic_is_not_loaded_for_a_store_of_this_version(url: str) -> None:
    code = f"from toolkit.records.store import Store; Store.open({url!r}).close()"
    code += "; import sys; print('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_store_of_another_version_or_kind_is_refused(path: Path, url: str) -> None:
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Truecopy"):
        Store.open(url)
    change(path, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreError, match="is no store of Truecopy"):
        Store.open(url)
    change(path, "DROP TABLE alembic_version")
    with pytest.raises(StoreError, match="is no store of Truecopy"):
        Store.open(url)


def test_an_older_store_is_not_brought_forward_by_a_reader(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(database, "VERSIONS", (*database.VERSIONS, "9998"))
    with pytest.raises(StoreError, match="older Truecopy and read-only"):
        Store.open(url, writable=False)


def test_a_locked_store_says_so(monkeypatch: pytest.MonkeyPatch, path: Path, url: str) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Store.open(url) as store:
        issue(store)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another program"):
            issue(store)
        assert store.submission("XJSCO25-00001") is not None  # readers do not wait
        other.execute("ROLLBACK")
        assert issue(store).serial == "XJSCO25-00002"


def test_a_store_opened_for_reading_reads_and_refuses_to_write(url: str) -> None:
    with Store.open(url) as store:
        issue(store)
        with Store.open(url, writable=False) as reader:  # beside a writer: with its log
            assert reader.submission("XJSCO25-00001") is not None
    with Store.open(url, writable=False) as reader:  # alone: without
        assert reader.submission("XJSCO25-00001") is not None
        with pytest.raises(StoreError, match="read-only"):
            issue(reader)


def test_a_full_disk_says_so_and_leaves_nothing(path: Path, url: str) -> None:
    with Store.open(url) as store:
        reservation = store.reserve(SERIES, serial_of, request=request("a"), key="k", now=NOW)
        with store._database.reading() as connection:
            count = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {count}")
        with pytest.raises(StoreError, match="is full: make room"):
            for _ in range(100):  # the last free bytes of existing pages
                keep(store, reservation)
                reservation = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
        assert store.submission(reservation.serial) is None
    with Store.open(url) as store:
        again = issue(store)
        assert store.submission(again.serial) is not None


@pytest.mark.parametrize("data", [b"", b"hello", bytes(100_000), b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_database_is_refused(path: Path, url: str, data: bytes) -> None:
    path.write_bytes(data)
    for writable in (True, False):
        with pytest.raises(StoreError):
            Store.open(url, writable=writable)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError):
        Store.open(url)


def test_a_damaged_file_gives_the_truth_or_an_error_of_ours(path: Path, url: str) -> None:
    with Store.open(url) as store:
        issue(store)
        whole = store.submission("XJSCO25-00001")
        page = store.page("XJSCO25-00001", 1, "proposal", 1)
        assert whole is not None
    good, chance = path.read_bytes(), random.Random(7)
    refused = 0
    for _ in range(200):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        try:
            with Store.open(url, writable=False) as store:
                # What is under a digest is right or refused; names and events come under the ledger's.
                found = store.submission("XJSCO25-00001")
                assert found is None or (found.record, found.record_digest) == (whole.record, whole.record_digest)
                assert store.page("XJSCO25-00001", 1, "proposal", 1) == page
                for file in whole.files:
                    assert len(store.file(file.digest)) == file.size
        except TruecopyError:
            refused += 1
    assert refused > 3


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
