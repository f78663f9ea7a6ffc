"""Classified content (notice 五.7) by every way in: refused, nothing of it stored, written or logged, in any format."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from command_line import Run, tree

from toolkit.application.programme import Programme
from toolkit.application.workbook_writing import new_workbook
from toolkit.resources import programme_folder

MARKING = "机密★20年"
TITLE = "某型装备红外隐身涂层"
COMMANDS = [
    ["check"],
    ["check", "--json"],
    ["check", "--similar"],
    ["check", "--report", "out/report.html"],
    ["draft", "-o", "out"],
    ["issue", "-o", "out"],
    ["issue", "-o", "out", "--key", "k", "--json"],
    ["new", "xinjiang-sco-2025", "-o", "out.yaml", "--profile"],
]


@pytest.fixture
def application(samples: Path, tmp_path: Path) -> dict[str, Any]:
    said: dict[str, Any] = yaml.load((samples / "application.yaml").read_text("utf-8"), yaml.BaseLoader)
    return said | {"secrecy": MARKING, "title": TITLE}


@pytest.fixture(params=["yaml", "json", "xlsx", "no suffix"])
def marked(request: pytest.FixtureRequest, application: dict[str, Any], tmp_path: Path) -> Path:
    """Return a file that says it is classified."""
    if request.param == "xlsx":
        programme = Programme.load(programme_folder("xinjiang-sco-2025"))
        book = openpyxl.load_workbook(io.BytesIO(new_workbook(programme, {})))
        labels = {cell.value: cell for row in book["项目信息"].iter_rows() for cell in row}
        for label, value in (("密级", MARKING), ("项目名称", TITLE)):
            cell = next(cell for text, cell in labels.items() if str(text).startswith(label))
            cell.offset(column=1).value = value
        book.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"
    path = tmp_path / {"yaml": "a.yaml", "json": "a.json", "no suffix": "a"}[request.param]
    dump = yaml.safe_dump if request.param == "yaml" else json.dumps
    path.write_text(dump(application, allow_unicode=True) if dump is yaml.safe_dump else dump(application), "utf-8")
    return path


def stored(home: Path) -> Iterator[object]:
    """Give every row of the store."""
    with sqlite3.connect(home / "store.sqlite3") as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            yield from database.execute(f"SELECT * FROM {name}")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_of_it_is_kept(
    run: Run,
    new_home: Path,
    marked: Path,
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # temporary files would be among those compared
    files, rows = tree(tmp_path), list(stored(new_home))
    told = run("--home", new_home, *command, marked)
    assert told.code == 1
    assert "公开" in told.out + told.err
    for leaked in (MARKING, "机密", TITLE):
        assert leaked not in told.out + told.err + caplog.text
    assert tree(tmp_path) == files
    assert list(stored(new_home)) == rows
