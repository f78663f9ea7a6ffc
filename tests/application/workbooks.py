"""Workbooks as tests need them: a form filled in, single cells changed, a package with a part that nobody expects."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook, load_workbook

from toolkit.application.gathering import gather
from toolkit.application.opening import open_file
from toolkit.application.outline import outline
from toolkit.application.workbook_writing import new_workbook


@cache
def as_workbook(text: str, home: Path) -> bytes:
    """Return an application in YAML as a workbook that says the same."""
    root, programme, _ = open_file(text.encode(), "application.yaml", home)
    assert programme is not None
    return new_workbook(programme, gather(root, outline(programme), "application.yaml").values)


def changed(data: bytes, change: Callable[[Workbook], object]) -> bytes:
    """Return a workbook after somebody has worked on it."""
    workbook = load_workbook(BytesIO(data))
    change(workbook)
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


def cell_of(data: bytes, sheet: str, label: str) -> str:
    """Return the address of the cell beside a label, or below a heading."""
    for row in load_workbook(BytesIO(data))[sheet].iter_rows():
        for cell in row:
            if str(cell.value).rstrip("*") == label:
                beside = cell.column == 1 and cell.parent["A2"].value == "栏目"
                return str(cell.offset(0, 1).coordinate if beside else cell.offset(1, 0).coordinate)
    raise AssertionError(f"{sheet} has no {label}")


def repacked(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return a package with parts added or replaced."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return written.getvalue()
