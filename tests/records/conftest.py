"""A store of one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from toolkit.records.store import Store


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an empty store: made once, since Alembic takes a quarter of a second."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite3"
    Store.create(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def path(tmp_path: Path, empty_store: Path) -> Path:
    copy = tmp_path / "store.sqlite3"
    copy.write_bytes(empty_store.read_bytes())
    return copy


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as store:
        yield store
