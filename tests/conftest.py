"""Offices for the tests of the whole way: made once in a session, copied for tests that change them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from formal_copy import FormalCopy
from postgresql_server import PostgresqlServer

from toolkit.application.reading import Application, load_application
from toolkit.home import Home
from toolkit.issuing import issue
from toolkit.resources import shared

MOMENT = datetime(2025, 6, 20, 4, 0, tzinfo=UTC)  # noon in Asia/Shanghai, inside the window of the notice


@pytest.fixture(scope="session")
def moment() -> datetime:
    """Return the time at which the tests of the whole way take place."""
    return MOMENT


@pytest.fixture(scope="session")
def samples() -> Path:
    return shared("samples")


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Return a data folder that nothing was issued from, with the second programme beside the supplied one."""
    folder = tmp_path_factory.mktemp("office") / "home"
    Home.create(
        folder, office="自治区科学技术厅", prefix="XJ", passphrase=None, demo=True, now=MOMENT - timedelta(days=1)
    ).close()
    shutil.copytree(samples / "programmes", folder / "programmes", dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def sample(samples: Path) -> Application:
    return load_application(samples / "application.yaml")


@pytest.fixture(scope="session")
def small(samples: Path, new_home: Path) -> Application:
    """Return an application of one page to the second programme: a tenth of the work of the full sample."""
    return load_application(samples / "small-application.yaml", home=new_home)


@pytest.fixture(scope="session")
def formal_copy(tmp_path_factory: pytest.TempPathFactory, new_home: Path, sample: Application) -> FormalCopy:
    folder = tmp_path_factory.mktemp("issued") / "home"
    shutil.copytree(new_home, folder)
    with Home.open(folder) as home:
        return FormalCopy(folder, issue(sample, home=home, now=MOMENT))


@pytest.fixture
def home(tmp_path: Path, new_home: Path) -> Iterator[Home]:
    """Return an opened data folder of this test alone, that nothing was issued from."""
    shutil.copytree(new_home, tmp_path / "home")
    with Home.open(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Give a server of the tests' own; a test that takes it is to be marked ``real``."""
    # The tests kill clients and never the machine: what the server has written need not be on the disk.
    with PostgresqlServer("fsync=off") as server:
        yield server
