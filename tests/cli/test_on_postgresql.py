"""An office whose store is in PostgreSQL and whose files are in a folder: made by one command, used by the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Run
from postgresql_server import PostgresqlServer
from test_commands import validate


@pytest.mark.real
def test_an_office_on_postgresql(
    run: Run, postgresql_server: PostgresqlServer, tmp_path: Path, working_home: Path, samples: Path
) -> None:
    database, folder, files = postgresql_server.new(), tmp_path / "office", tmp_path / "files"
    init = ["keys", "init", "--office", "科技厅", "--prefix", "XJ", "--no-passphrase"]
    where = ["--store", postgresql_server.url(database), "--files", files.as_uri()]
    assert run("--home", folder, *init, *where).code == 0
    assert not (folder / "store.sqlite3").exists()
    again = run("--home", tmp_path / "another", *init, *where)
    assert again.code == 1 and "there is a store at postgresql://truecopy@" in again.sentence
    assert not (tmp_path / "another").exists()

    shutil.copytree(working_home / "programmes", folder / "programmes", dirs_exist_ok=True)
    issue = ["--home", folder, "issue", samples / "small-application.yaml", "--key", "k", "--json", "-o"]
    issued, answered = run(*issue, tmp_path / "first"), run(*issue, tmp_path / "second")
    assert (issued.code, issued.json["again"], answered.json["again"]) == (0, False, True)
    first, second = ([file["sha256"] for file in one.json["files"]] for one in (issued, answered))
    assert first == second
    assert run("--home", folder, "show", issued.json["serial"], "--json").json["record"] == issued.json["record"]
    (printed,) = (tmp_path / "first").glob("*.pdf")
    verified = run("--home", folder, "verify", printed, "--json")
    assert {page["outcome"] for page in verified.json["pages"]} == {"passed"}

    # The whole of it moves into one file, and goes on where it was.
    saved = run("--home", folder, "backup", tmp_path, "--json")
    validate(saved.json, "backup")
    moved = shutil.copytree(folder, tmp_path / "moved")
    (moved / "settings.toml").write_text('office = "科技厅"\nprefix = "XJ"\n', "utf-8")
    restored = run("--home", moved, "restore", saved.json["path"], "--complete", "--json")
    validate(restored.json, "restore")
    assert (restored.code, restored.json["root"]) == (0, saved.json["root"])
    assert run("--home", moved, "show", issued.json["serial"], "--json").json["record"] == issued.json["record"]
    assert run("--home", moved, *issue[2:], tmp_path / "third").json["again"]
    audited = run("--home", moved, "audit", "--json")
    assert (audited.code, audited.json["records"], audited.json["faults"]) == (0, 1, [])
    refused = run("--home", moved, "restore", saved.json["path"])
    assert refused.code == 1 and "is not empty" in refused.sentence
    postgresql_server.drop(database)
