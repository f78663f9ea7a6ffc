"""``truecopy receive`` killed with no chance to clean up, and on simulated paper that comes in several calls."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import Run, tree
from issue_in_process import RECEIVING

from toolkit.home import Home
from toolkit.simulate import Chop, Device, Signature, scan

SCRIPT = Path(__file__).parents[1] / "issue_in_process.py"
DEVICE = Device(dpi=150)
SERIAL = "XJKP26-0001"


@pytest.fixture
def home(issued_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(issued_home, tmp_path / "home")


@pytest.fixture
def one_page(small_print: Path, tmp_path: Path) -> Path:
    """Return a scan of one page: a blank back, which nobody signs."""
    (image,) = scan(small_print.read_bytes(), seed=1, device=DEVICE, pages=[2])
    path = tmp_path / "page.jpg"
    path.write_bytes(image)
    return path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("place", RECEIVING)
def test_killed_anywhere_receiving_again_finishes_it(
    run: Run, home: Path, one_page: Path, tmp_path: Path, place: str
) -> None:
    call = ["--home", home, "receive", one_page, "-o", tmp_path / "out"]
    died = subprocess.run([sys.executable, SCRIPT, place, *call], capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr
    with Home.open(home) as opened:
        left = [event.kind for event in opened.store.life(SERIAL)]
        entered = place not in ("before anything is entered", "with an event written, before the commit")
        made = place == "before the receipt is written to its folder"
        assert left == ["issued"] + ["pages-received"] * entered + ["receipt-made"] * made
        stored = opened.store.submission(SERIAL)
        assert stored is not None and any(file.kind == "receipt" for file in stored.files) is made
    assert run("--home", home, "audit", "--json").json["faults"] == []
    again = run(*call, "--json")
    assert (again.code, again.json["submissions"][0]["entered"]) == (3, int(not entered))
    with Home.open(home) as opened:
        assert [event.kind for event in opened.store.life(SERIAL)] == ["issued", "pages-received", "receipt-made"]
        whole = opened.store.submission(SERIAL)
        assert whole is not None
        for file in whole.files:
            assert len(opened.store.file(file.digest)) == file.size
    assert set(tree(tmp_path / "out")) == {f"{SERIAL}-r1-receipt-1.pdf"}
    audited = run("--home", home, "audit", "--json")
    assert (audited.code, audited.json["records"], audited.json["faults"]) == (0, 1, [])


@pytest.mark.slow
def test_paper_that_comes_in_three_calls(run: Run, home: Path, small_print: Path, tmp_path: Path) -> None:
    """Signed and chopped; a chop was forgotten on one copy, and one page was scanned too coarsely to be read."""
    with Home.open(home) as opened:
        zones = opened.store.page(SERIAL, 1, "proposal", 1).zones
    now = datetime.now(UTC).replace(microsecond=0)
    for kind in ("accepted", "passed"):
        with Home.open(home) as opened:
            if kind == "accepted":
                for before in ("submitted", "recommended"):
                    opened.store.enter(SERIAL, before, at=now, who="某处", detail={}, now=now)
            opened.store.enter(SERIAL, kind, at=now, who="某处", detail={}, now=now)
    marks = {
        page: [
            Signature(zone.box, seed=page)
            if zone.kind == "signature"
            else Chop(*_middle(zone.box), "天山市第三十六小学")
            for zone in zones
            if zone.kind == "signature" or zone.kind == "chop"
        ]
        for page in (1, 3, 5)
    }
    forgotten = {**marks, 3: [mark for mark in marks[3] if isinstance(mark, Signature)]}
    paper = small_print.read_bytes()
    first = [*_scanned(paper, forgotten, tmp_path / "a", pages=[1, 2, 3, 4, 5])]
    (coarse,) = scan(paper, seed=9, device=Device(dpi=40), pages=[6])
    (tmp_path / "a" / "6.jpg").write_bytes(coarse)
    told = run("--home", home, "receive", tmp_path / "a", "--by", "张三", "-o", tmp_path / "out", "--json").json
    (one,) = told["submissions"]
    reasons = {finding["reason"]: finding["outcome"] for finding in one["verdict"]["findings"]}
    assert len(first) == one["entered"] == 5
    assert reasons["PAGE_MISSING"] == "indeterminate" and reasons["CHOP_MISSING"] == "failed"
    assert [page["reference"][:20] for page in one["to_rescan"]] == [f"{SERIAL}-r1/P/2/1"]
    _scanned(paper, marks, tmp_path / "b", pages=[3, 6], seed=7)
    told = run(
        "--home", home, "receive", tmp_path / "a", tmp_path / "b", "--by", "李四", "-o", tmp_path / "out", "--json"
    ).json
    (one,) = told["submissions"]
    assert (one["entered"], one["known"], one["complete"], one["stage"]) == (2, 5, True, "received")
    assert one["verdict"]["outcome"] == "passed"
    assert told["outcome"] == "indeterminate"  # the coarse page is still in the folder, and nobody knows which it is
    third = _scanned(paper, marks, tmp_path / "c", pages=[1], seed=8)
    told = run("--home", home, "receive", *third, "-o", tmp_path / "out", "--json").json
    reasons = {finding["reason"] for finding in told["submissions"][0]["verdict"]["findings"]}
    assert told["outcome"] == "indeterminate" and "ALREADY_RECEIVED" in reasons
    receipts = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert receipts == [f"{SERIAL}-r1-receipt-{number}.pdf" for number in (1, 2, 3)]


def _scanned(
    paper: bytes, marks: dict[int, list[Chop | Signature]], folder: Path, *, pages: list[int], seed: int = 3
) -> list[Path]:
    folder.mkdir()
    paths = []
    for page, image in zip(
        pages, scan(paper, seed=seed, device=Device(dpi=200), pages=pages, marks=marks), strict=True
    ):
        paths.append(folder / f"{page}.jpg")
        paths[-1].write_bytes(image)
    return paths


def _middle(box: tuple[int, int, int, int]) -> tuple[int, int]:
    return (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
