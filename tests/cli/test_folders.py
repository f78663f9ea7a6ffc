"""Folders of scans: what is below them is read in the order of names, and what is no scan is told, not lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Run
from PIL import Image

from toolkit.scan.sources import scans_below


@pytest.fixture
def pile(tmp_path: Path) -> Path:
    """Return a folder with small pictures that bear no seal, and other things."""
    pile = tmp_path / "pile"
    for name in ("b/2.png", "b/10.PNG", "a/1.png", "z.png", "no-ending"):
        path = pile / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (60, 80), 255).save(path, "PNG")
    (pile / "a" / "report.html").write_text("<p>")
    (pile / "a" / "._1.png").write_bytes(b"\0\5\x16\7")
    (pile / "b" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (pile / "c").symlink_to(pile, target_is_directory=True)
    return pile


def test_scans_below_a_folder_are_taken_in_order_and_the_rest_is_told(pile: Path) -> None:
    scans, aside = scans_below(pile)
    assert [str(path.relative_to(pile)) for path in scans] == ["no-ending", "z.png", "a/1.png", "b/10.PNG", "b/2.png"]
    assert [str(path.relative_to(pile)) for path in aside] == ["c", "a/._1.png", "a/report.html", "b/Thumbs.db"]


def test_a_damaged_scan_is_not_left_aside(tmp_path: Path) -> None:
    damaged = tmp_path / "page.jpg"
    damaged.write_bytes(b"cut short")
    heic = tmp_path / "photo"
    heic.write_bytes(b"\0\0\0\x18ftypheic")
    assert scans_below(tmp_path) == ([damaged, heic], [])


def test_verify_reads_subfolders_and_says_what_it_left_aside(run: Run, issued_home: Path, pile: Path) -> None:
    verdict = run("--home", issued_home, "verify", pile, "--json")
    assert verdict.code == 4
    assert [Path(page["source"]).name for page in verdict.json["pages"]] == [
        "no-ending",
        "z.png",
        "1.png",
        "10.PNG",
        "2.png",
    ]
    told = "a/._1.png", "a/report.html", "b/Thumbs.db"
    assert verdict.err == f"4 left aside, not scans: {', '.join(str(pile / name) for name in ('c', *told))}\n"
    chinese = run("--home", issued_home, "--lang", "zh", "inspect", pile, "--json")
    assert chinese.err.startswith("有 4 项不是扫描件，未处理：")


def test_a_folder_without_scans_has_nothing_to_verify(run: Run, issued_home: Path, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    for number in range(22):
        (tmp_path / "notes" / f"{number:02}.txt").write_text("-")
    refused = run("--home", issued_home, "verify", tmp_path / "notes")
    assert refused.code == 2 and refused.out == ""
    aside, why = refused.err.splitlines()
    assert aside.startswith("22 left aside") and aside.endswith("19.txt, …")
    assert "there is nothing to verify" in why
