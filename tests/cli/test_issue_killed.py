"""``truecopy issue`` killed with no chance to clean up, and many at once: one whole record, or nothing and a retry."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, Run, tree
from issue_in_process import PLACES
from postgresql_server import PostgresqlServer

from toolkit.home import Home
from toolkit.records.store import Store

SCRIPT = Path(__file__).parents[1] / "issue_in_process.py"
NAMED_BY_NONE = ("before the commit", "with files outside that no record names")
"""Places that leave files outside the database, where a store has them there: harmless ones, whole."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def office(request: pytest.FixtureRequest, tmp_path: Path, working_home: Path) -> Path:
    """Return a data folder with all in one file, or with its store in PostgreSQL and its files in a folder."""
    folder = shutil.copytree(working_home, tmp_path / "office")
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        store, files = server.url(server.new()), (tmp_path / "files").as_uri()
        Store.create(store, files=files).close()
        (folder / "store.sqlite3").unlink()
        with (folder / "settings.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'store = "{store}"\nfiles = "{files}"\n')
    return folder


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_the_same_key_finishes_it(
    run: Run, office: Path, samples: Path, tmp_path: Path, place: str
) -> None:
    call = ["--home", office, "issue", samples / "small-application.yaml", "--key", "k", "-o"]
    died = subprocess.run([sys.executable, SCRIPT, place, *call, tmp_path / "first"], capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr
    left = [path for path in tree(tmp_path / "first") if not path.endswith(".part")]
    assert all((tmp_path / "first" / path).stat().st_size > 1000 for path in left)  # whole ones only
    with Home.open(office) as home:
        kept = home.store.submission("XJKP26-0001")
        left_outside = list(home.store.orphans())
    assert (kept is not None) is (place in ("before any file is written", "between two files"))
    outside = office.parent / "files"
    assert bool(left_outside) is (place in NAMED_BY_NONE and outside.exists())
    assert all(hashlib.sha256((outside / name).read_bytes()).hexdigest() == Path(name).name for name in left_outside)
    assert run("--home", office, "audit", "--json").json["faults"] == []
    again = run(*call, tmp_path / "second", "--json")
    assert (again.code, again.json["serial"], again.json["again"]) == (0, "XJKP26-0001", kept is not None)
    assert run("--home", office, "export", "XJKP26-0001", "-o", tmp_path / "third").code == 0
    assert tree(tmp_path / "third") == tree(tmp_path / "second")
    assert {path: tree(tmp_path / "second")[path] for path in left} == {
        path: tree(tmp_path / "first")[path] for path in left
    }
    with Home.open(office) as home:
        stored = home.store.submission("XJKP26-0001")
        assert stored is not None and [event.kind for event in stored.events] == ["issued"]
        assert home.store.submission("XJKP26-0002") is None
        # Whoever runs it again has another time and salt, so its files are others; of what was left fonts are named.
        assert set(home.store.orphans()) <= set(left_outside)
        for file in stored.files:
            assert len(home.store.file(file.digest)) == file.size
    audited = run("--home", office, "audit", "--json")
    assert (audited.code, audited.json["records"], audited.json["faults"]) == (0, 1, [])


def test_at_once_with_the_same_key_and_with_another(office: Path, samples: Path, tmp_path: Path) -> None:
    keys = ["same", "other", "same"]
    command = [sys.executable, "-c", COMMAND, "--home", office, "issue", samples / "small-application.yaml"]
    running = [
        subprocess.Popen([*command, "--json", "--key", key, "-o", tmp_path / str(number)], stdout=subprocess.PIPE)
        for number, key in enumerate(keys)
    ]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert answers[0]["serial"] == answers[2]["serial"] != answers[1]["serial"]
    assert tree(tmp_path / "0") == tree(tmp_path / "2")
    assert {answer["serial"] for answer in answers} == {"XJKP26-0001", "XJKP26-0002"}
    assert sorted([answers[0]["again"], answers[2]["again"]]) == [False, True]
