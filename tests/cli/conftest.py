"""The command line under test: within this process where nothing depends on the process, else in one of its own."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, Run

from toolkit.cli import main
from toolkit.home import Home
from toolkit.issuing import issue


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the language of messages from the test and not from whose computer it runs on."""
    for name in (
        "LC_ALL",
        "LC_MESSAGES",
        "LANGUAGE",
        "TRUECOPY_HOME",
        "TRUECOPY_PASSPHRASE",
        "TRUECOPY_PASSPHRASE_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command within this process."""

    def call(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out, err)

    return call


@pytest.fixture(scope="session")
def working_home(tmp_path_factory: pytest.TempPathFactory, new_home: Path) -> Path:
    """Return a data folder whose key is valid by the clock of this computer, which the commands go by."""
    folder = tmp_path_factory.mktemp("working") / "home"
    started = datetime.now(UTC) - timedelta(hours=1)
    Home.create(folder, office="自治区科学技术厅", prefix="XJ", passphrase=None, now=started).close()
    shutil.copytree(new_home / "programmes", folder / "programmes", dirs_exist_ok=True)
    return folder


@pytest.fixture
def office(tmp_path: Path, working_home: Path) -> Path:
    """Return a data folder of this test alone."""
    return shutil.copytree(working_home, tmp_path / "office")


@pytest.fixture(scope="session")
def issued_home(tmp_path_factory: pytest.TempPathFactory, working_home: Path, small: Any) -> Path:
    """Return a data folder with XJKP26-0001 of one small form in three copies; nobody changes it."""
    folder = tmp_path_factory.mktemp("issued small") / "home"
    shutil.copytree(working_home, folder)
    with Home.open(folder) as home:
        issued = issue(small, home=home)
        (print_set,) = (file.content for file in issued.files if file.name.endswith(".pdf"))
    (folder.parent / "print.pdf").write_bytes(print_set)
    return folder


@pytest.fixture(scope="session")
def small_print(issued_home: Path) -> Path:
    """Return the print set of what ``issued_home`` issued."""
    return issued_home.parent / "print.pdf"
