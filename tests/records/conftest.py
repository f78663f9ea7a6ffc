"""A store of one test, on SQLite and on PostgreSQL; the latter are marked ``real``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer

from toolkit.records.store import Store

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.real)]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an empty store: made once, since Alembic takes a quarter of a second."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite3"
    Store.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def empty_database(postgresql_server: PostgresqlServer) -> str:
    """Return the name of a database with an empty store, made once."""
    name = postgresql_server.new()
    Store.create(postgresql_server.url(name)).close()
    return name


@pytest.fixture
def path(tmp_path: Path, empty_store: Path) -> Path:
    """Return the file of an empty store of this test, on SQLite."""
    copy = tmp_path / "store.sqlite3"
    copy.write_bytes(empty_store.read_bytes())
    return copy


@pytest.fixture
def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer, empty_database: str) -> Iterator[str]:
    """Return the address of an empty store of this test, on PostgreSQL; its test is to be marked ``real``."""
    name = postgresql_server.new(empty_database)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest) -> str:
    """Return the address of an empty store of this test: a test that takes it runs on both databases."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as store:
        yield store
