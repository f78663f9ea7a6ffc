"""PostgreSQL servers and databases that cannot be used: one sentence each, no password in it; writers in turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import psycopg.errors
import pytest
from an_issue import issue
from postgresql_server import PostgresqlServer
from sqlalchemy import make_url, text

from toolkit.errors import StoreError
from toolkit.records import postgresql
from toolkit.records.database import Database
from toolkit.records.postgresql import PostgreSQL
from toolkit.records.store import Store

SECRET = "geheim-口令"


@pytest.fixture
def url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.mark.parametrize(
    "address", ["", "store", "mysql://me:geheim@server/store", "postgresql+psycopg://me:geheim@server:port/store"]
)
def test_an_address_of_no_store_is_told_without_what_is_in_it(address: str) -> None:
    with pytest.raises(StoreError, match="write it as postgresql") as told:
        Store.open(address)
    assert "geheim" not in str(told.value)


def test_the_name_of_a_store_has_no_password() -> None:
    database = Database(f"postgresql://me:{SECRET}@server:5433/store?password={SECRET}", writable=True)
    assert database.name == "postgresql://me@server:5433/store"


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    for address in (f"postgresql://me:{SECRET}@127.0.0.1:1/store", f"postgresql://me:{SECRET}@/store?host=/nowhere"):
        with pytest.raises(StoreError, match=r"the server of the store postgresql://me@\S+ is away") as told:
            Store.open(address)
        assert SECRET not in str(told.value)


@pytest.mark.real
def test_a_store_is_not_made_over_another(url: str) -> None:
    with pytest.raises(StoreError, match="there is a store at"):
        Store.create(url)


@pytest.mark.real
def test_opening_never_makes_a_store(postgresql_server: PostgresqlServer) -> None:
    empty = postgresql_server.new()
    with pytest.raises(StoreError, match="is no store of Truecopy"):
        Store.open(postgresql_server.url(empty))
    with pytest.raises(StoreError, match="does not exist"):
        Store.open(postgresql_server.url("nothing"))
    with pytest.raises(StoreError, match="does not exist"):
        Store.create(postgresql_server.url("nothing"))
    Store.create(postgresql_server.url(empty)).close()
    Store.open(postgresql_server.url(empty)).close()
    postgresql_server.drop(empty)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("53100", "is full: make room"),  # the disk
        ("25006", "read-only for this user"),  # a standby server
        ("42501", "read-only for this user"),
        ("55P03", "is locked by another program"),
        ("40P01", "is locked by another program"),
        ("XX001", "is damaged: restore it"),
        ("57P01", "is away, or refuses the connection: said"),
        ("42P01", "cannot be used: said"),
    ],
)
def test_what_the_server_refuses_is_one_sentence(code: str, told: str) -> None:
    kind = PostgreSQL(make_url("postgresql://me:geheim@server/store"))
    error = kind.explain(psycopg.errors.lookup(code)("said\n by the server, geheim"))
    assert told in str(error) and "geheim" not in str(error) and "\n" not in str(error)


@pytest.mark.real
def test_who_may_only_read_is_told_so(postgresql_server: PostgresqlServer, url: str) -> None:
    postgresql_server.execute("CREATE ROLE reader LOGIN", "GRANT pg_read_all_data TO reader")
    with Store.open(url) as store:
        issue(store)
    with Store.open(postgresql_server.url(str(make_url(url).database), "reader")) as store:
        assert store.submission("XJSCO25-00001") is not None
        with pytest.raises(StoreError, match="read-only for this user"):
            issue(store)


@pytest.mark.real
def test_a_wrong_password_says_where_it_may_come_from(
    postgresql_server: PostgresqlServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = postgresql_server.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    postgresql_server.execute(f"CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'", "GRANT pg_read_all_data TO clerk")
    address = postgresql_server.url(str(make_url(url).database), "clerk")
    try:
        rules.write_text(f"local all clerk scram-sha-256\n{before}")
        postgresql_server.execute("SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
        for password in ("", "wrong"):
            monkeypatch.setenv("PGPASSWORD", password)
            with pytest.raises(StoreError, match="refuses the password, or wants one: set PGPASSWORD") as told:
                Store.open(address)
            assert "wrong" not in str(told.value)
        monkeypatch.setenv("PGPASSWORD", SECRET)
        Store.open(address).close()
    finally:
        rules.write_text(before)
        postgresql_server.execute("SELECT pg_reload_conf()")


@pytest.mark.real
def test_a_locked_store_says_so_and_readers_do_not_wait(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE_SECONDS", 0.1)
    with Store.open(url) as store, Store.open(url) as other:
        issue(store)
        with other._database.writing():
            with pytest.raises(StoreError, match="is locked by another program"):
                issue(store)
            assert store.submission("XJSCO25-00001") is not None
        assert issue(store).serial == "XJSCO25-00002"


@pytest.mark.real
def test_a_writer_that_stalls_lets_the_others_write(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(postgresql, "STALLED_SECONDS", 0.1)
    with Store.open(url) as store, Store.open(url) as other:
        with pytest.raises(StoreError, match="is away"), other._database.writing() as connection:
            assert issue(store).serial == "XJSCO25-00001"  # waits for the server to end the other's transaction
            connection.execute(text("SELECT 1"))
        assert issue(other).serial == "XJSCO25-00002"


@pytest.mark.real
def test_a_reader_sees_one_state_throughout(url: str) -> None:
    with Store.open(url) as store, store._database.reading() as connection:
        count = text("SELECT count(*) FROM records")
        assert connection.execute(count).scalar() == 0
        writer = threading.Thread(target=issue, args=[store])
        writer.start()
        writer.join()
        assert connection.execute(count).scalar() == 0


@pytest.mark.real
def test_a_commit_is_on_the_disk_whatever_the_server_is_set_to(url: str) -> None:
    with Store.open(url) as store:
        for setting, kept in (("off", "on"), ("remote_apply", "remote_apply")):
            with store._database.engine.connect() as connection:
                connection.execute(text(f"ALTER ROLE truecopy SET synchronous_commit = {setting}"))
                connection.commit()
            store._database.engine.dispose()
            with store._database.writing() as connection:
                assert connection.execute(text("SHOW synchronous_commit")).scalar() == kept
        with store._database.writing() as connection:
            connection.execute(text("ALTER ROLE truecopy RESET synchronous_commit"))


@pytest.mark.real
def test_a_server_that_went_away_is_told_and_comes_back(restarting: PostgresqlServer) -> None:
    url = restarting.url(restarting.new())
    with Store.create(url) as store:
        issue(store)
        restarting.stop()
        with pytest.raises(StoreError, match="is away"):
            issue(store)
        restarting.start()
        assert issue(store).serial == "XJSCO25-00002"


@pytest.fixture
def restarting() -> Iterator[PostgresqlServer]:
    with PostgresqlServer() as server:
        yield server
