"""``truecopy issue`` killed with no chance to clean up, and many at once: one whole record, or nothing and a retry."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import COMMAND, Run, tree
from issue_in_process import PLACES

from toolkit.home import Home

SCRIPT = Path(__file__).parents[1] / "issue_in_process.py"


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
    assert (kept is not None) is (place in ("before any file is written", "between two files"))
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
