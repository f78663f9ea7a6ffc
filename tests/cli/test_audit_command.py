"""``truecopy audit``: what it answers, with which exit code, and heads that were kept elsewhere."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Run
from test_commands import validate


@pytest.fixture
def audited(tmp_path: Path, issued_home: Path) -> Path:
    """Return a data folder of this test alone, with one submission."""
    return shutil.copytree(issued_home, tmp_path / "audited")


def test_a_whole_store_passes_and_gives_its_head(run: Run, audited: Path, tmp_path: Path) -> None:
    ran = run("--home", audited, "audit", "--json", "--save-head", tmp_path / "head")
    assert ran.code == 0
    validate(ran.json, "audit")
    assert (ran.json["outcome"], ran.json["events"], ran.json["records"], ran.json["heads"]) == ("passed", 2, 1, 1)
    assert ran.json["faults"] == [] and "--head" in ran.json["remarks"][0]
    text = ran.json["head"]["text"]
    for head in (tmp_path / "head", text, text.lower().replace("-", " ")):
        again = run("--home", audited, "audit", "--json", "--head", head)
        assert (again.code, again.json["remarks"]) == (0, [])
    (tmp_path / "typed").write_text(text + "\n", encoding="utf-8")
    assert run("--home", audited, "audit", "--head", tmp_path / "typed").code == 0
    shown = run("--home", audited, "audit")
    assert "Everything is as it was written." in shown.out and text in shown.out.splitlines()
    assert text in run("--home", audited, "show", "XJKP26-0001").out.splitlines()


def test_what_was_altered_is_told_first_with_exit_code_3(run: Run, audited: Path) -> None:
    with closing(sqlite3.connect(audited / "store.sqlite3")) as database, database:
        database.execute("UPDATE pages SET digest = zeroblob(32)")
    ran = run("--home", audited, "audit", "--json")
    assert ran.code == 3
    validate(ran.json, "audit")
    assert ran.json["outcome"] == "failed" and ran.json["faults_in_all"] == 1
    fault = ran.json["faults"][0]
    assert (fault["kind"], fault["place"]) == ("altered", "XJKP26-0001-r1")
    shown = run("--home", audited, "audit")
    assert shown.code == 3 and "1 found, the first one first" in shown.out and "XJKP26-0001-r1" in shown.out


def test_what_cannot_be_audited_is_an_error(run: Run, audited: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"\xd2" + bytes(100))
    for head, said in (
        ("no/such/file", "neither a file nor the text"),
        (tmp_path / "other", "no head of a ledger"),
        ("XJ/2/20250701T083015Z/AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA/00", "slip"),
    ):
        ran = run("--home", audited, "audit", "--head", head)
        assert ran.code == 1 and said in ran.sentence
    (audited / "store.sqlite3").write_bytes(b"SQLite format 3\0" + bytes(5000))
    ran = run("--home", audited, "audit")
    assert ran.code == 1 and "store" in ran.sentence
