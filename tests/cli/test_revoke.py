"""What is revoked: told by ``verify``, ``show`` and ``due``, and in the ledger that is signed with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import Run
from test_commands import validate

from toolkit.home import Home
from toolkit.records.ledger_heads import read_text

SERIAL = "XJKP26-0001"


@pytest.fixture
def home(issued_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(issued_home, tmp_path / "office")


def test_a_revoked_record_is_told_wherever_it_is_asked_for(run: Run, home: Path, small_print: Path) -> None:
    before = run("--home", home, "show", SERIAL, "--json").json
    validate(before, "show")
    assert before["revoked"] is None and before["head"]["size"] == 2
    assert read_text(before["head"]["text"]).size == 2

    told = run("--home", home, "revoke", SERIAL, "--reason", "材料有误", "--by", "王五")
    assert (told.code, told.err) == (0, "") and f"{SERIAL} revision 1 is revoked" in told.out
    shown = run("--home", home, "show", SERIAL, "--json").json
    validate(shown, "show")
    assert (shown["revoked"]["by"], shown["revoked"]["reason"]) == ("王五", "材料有误")
    assert shown["head"]["size"] == 3
    with Home.open(home) as opened:
        assert opened.store.head("XJ", opened.store.life(SERIAL)[-1].at).root.hex() == shown["head"]["root"]
    people = run("--home", home, "show", SERIAL).out
    assert "by 王五: 材料有误" in people and shown["head"]["text"] in people

    (due,) = run("--home", home, "due", "--all", "--json").json["submissions"]
    assert (due["stage"], due["wanting"], due["since"]) == ("revoked", None, shown["revoked"]["at"])
    validate(run("--home", home, "due", "--all", "--json").json, "due")
    verdict = run("--home", home, "verify", small_print, "--json")
    validate(verdict.json, "verify")
    assert verdict.code == 3
    for page in verdict.json["pages"]:
        (finding,) = (one for one in page["findings"] if one["reason"] == "RECORD_REVOKED")
        assert shown["revoked"]["at"] in finding["message"] and finding["message"].endswith("by 王五: 材料有误")


def test_what_cannot_be_revoked_is_refused(run: Run, home: Path) -> None:
    for reason, options, why in (
        (" ", (), "say why"),
        ("a\nb", (), "say why"),
        ("a" * 501, (), "say why"),
        ("a", ("--by", "a\nb"), "say who"),
        ("a", ("--revision", "2"), f"{SERIAL}-r2 is not in the store"),
    ):
        refused = run("--home", home, "revoke", SERIAL, "--reason", reason, *options)
        assert refused.code == 1 and why in refused.sentence
    assert run("--home", home, "revoke", "XJKP26-0009", "--reason", "a").code == 1
    assert run("--home", home, "show", SERIAL, "--json").json["revoked"] is None


def test_a_home_without_a_key_for_heads_revokes_unsigned(run: Run, home: Path) -> None:
    with Home.open(home) as opened:
        paths = [opened.keys.path(one) for one in opened.trust.certificates if one.use.value == "heads"]
    for path in paths:
        path.unlink()
    assert run("--home", home, "revoke", SERIAL, "--reason", "材料有误").code == 0
    shown = run("--home", home, "show", SERIAL, "--json").json
    assert shown["revoked"]["by"] == "自治区科学技术厅" and shown["head"]["size"] == 2
