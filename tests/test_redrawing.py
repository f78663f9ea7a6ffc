"""Printing again from the store: the same bytes without the key, and single sheets that verify."""

from __future__ import annotations

import io
import shutil
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest
from formal_copy import FormalCopy

from toolkit.errors import StoreError, UsageError
from toolkit.home import Home
from toolkit.redrawing import redrawn, sheets
from toolkit.verdict import Outcome
from toolkit.verifying import verify


def test_print_sets_drawn_again_have_the_same_bytes_and_need_no_key(formal_copy: FormalCopy, tmp_path: Path) -> None:
    shutil.copytree(formal_copy.home, tmp_path / "home")
    shutil.rmtree(tmp_path / "home" / "keys")
    with Home.open(tmp_path / "home") as home:
        again = redrawn(home, "XJSCO25-00001")
    issued = [file for file in formal_copy.issued.files if file.media_type == "application/pdf"]
    assert len(again) == 4
    assert [(file.name, file.content) for file in again] == [(file.name, file.content) for file in issued]


@pytest.mark.parametrize(("pages", "name", "count"), [("P/2/4", "P-2-3-4", 2), ("P/1/2-5", "P-1-1-6", 6)])
def test_single_sheets_are_printed_front_and_back(
    formal_copy: FormalCopy, moment: datetime, pages: str, name: str, count: int
) -> None:
    with Home.open(formal_copy.home) as home:
        sheet = sheets(home, "XJSCO25-00001", pages)
        assert sheet.name == f"XJSCO25-00001-r1-{name}.pdf"
        assert len(pikepdf.open(io.BytesIO(sheet.content)).pages) == count
        if count == 2:
            verdict = verify([("sheet.pdf", sheet.content)], home=home, now=moment, pages_only=True)
            assert verdict.outcome is Outcome.PASSED
            assert [page.seal.page for page in verdict.pages if page.seal] == [3, 4]
            assert {page.seal.copy for page in verdict.pages if page.seal} == {2}


@pytest.mark.parametrize("pages", ["P/3/1", "P/1/15", "P/1/0", "X/1/1", "P/1", "P/1/4-3", "P/1/13-16", ""])
def test_pages_that_there_are_not_are_a_usage_error(formal_copy: FormalCopy, pages: str) -> None:
    with Home.open(formal_copy.home) as home, pytest.raises(UsageError, match="CU/1-2/1-2"):
        sheets(home, "XJSCO25-00001", pages)


def test_what_was_issued_without_stored_seals_says_so(formal_copy: FormalCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.redrawing.seals_name", lambda *named: "absent.json")
    with Home.open(formal_copy.home) as home, pytest.raises(StoreError, match=r"absent\.json"):
        redrawn(home, "XJSCO25-00001")
