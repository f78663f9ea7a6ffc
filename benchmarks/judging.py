"""What judging a page costs: `python -m benchmarks.judging [MODE...]`, processor seconds and memory.

The supplied sample's proposal is printed in two copies, signed and chopped, and scanned by ``toolkit.simulate`` as a
sheet feeder writes it: one JPEG a page in a PDF, at 200 and 300 dpi, in colour and grey. Every mode is judged by a
process of its own, page after page, with one thread; seconds are those of that process, in parts: opening the image,
finding the symbol, laying the page, comparing, and the rest (seal, record, thumbnail). ``records`` is one process that
judges pages of twenty records, each with a programme and fonts of its own. Peak memory is the most that a process had,
images included. Scans are made once, under .measure/judging. Prints a table, writes benchmarks/results/judging.json.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "judging.json"
FOLDER = Path(__file__).parents[1] / ".measure" / "judging"
NOW = datetime(2025, 6, 20, 4, 0, tzinfo=UTC)

MODES = {
    "200 dpi grey": (200, False),
    "200 dpi colour": (200, True),
    "300 dpi grey": (300, False),
    "300 dpi colour": (300, True),
}
RECORDS = "records"
"""The mode of one process for many records, 200 dpi in colour."""
SEEDS = range(901, 921)
PAGES_OF_EACH = 3
STAGES = ("opening", "symbol", "alignment", "comparison", "rest")
UNIT = "新疆数智农业科技有限公司"


def make() -> None:
    """Issue the documents and scan them, where that was not done before."""
    import toolkit
    from benchmarks.forms import programme
    from toolkit.home import Home
    from toolkit.issuing import issue
    from toolkit.resources import shared

    if (FOLDER / "home").exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    home = Home.create(
        FOLDER / "home", office="Office", prefix="XJ", passphrase=None, demo=True, now=NOW - timedelta(days=1)
    )
    home.close()
    paths = [shared("samples", "application.yaml")]
    paths += [programme(FOLDER / "home/programmes" / f"form-{seed}", f"form-{seed}", seed, pages=5) for seed in SEEDS]
    with Home.open(FOLDER / "home") as home:
        for place, path in enumerate(paths):
            issued = issue(toolkit.load_application(path, home=FOLDER / "home"), home=home, now=NOW)
            files = {file.name: file.content for file in issued.files}
            first = next(name for name in files if name.endswith(".pdf") and ("proposal" in name or "form" in name))
            document = first.removeprefix(f"{issued.serial}-r1-").removesuffix(".pdf")
            marks = _marks(home, issued.serial, document)
            if place == 0:
                for name, (dpi, colour) in MODES.items():
                    (FOLDER / f"{name}.pdf").write_bytes(_scanned(files[first], marks, dpi, colour, None))
            else:
                pages = range(1, PAGES_OF_EACH + 1)
                (FOLDER / f"{RECORDS}-{place:02}.pdf").write_bytes(_scanned(files[first], marks, 200, True, pages))


def _marks(home: Any, serial: str, document: str) -> dict[int, list[Any]]:
    """Return chops and signatures in the zones of both copies, by the page of the print set."""
    from toolkit.scan.completeness import expected_documents
    from toolkit.simulate import Chop, Signature

    stored = home.store.submission(serial)
    expected = next(each for each in expected_documents(stored.record) if each.id == document)
    marks: dict[int, list[Any]] = {}
    for page in range(1, expected.pages + 1):
        zones = home.store.page(serial, 1, document, page).zones
        for copy in range(expected.copies):
            for place, (_, kind, box) in enumerate(zones):
                if kind == "chop":
                    mark: Any = Chop((box[0] + box[2]) // 2, (box[1] + box[3]) // 2, UNIT, turn=4 * copy - 2)
                elif kind == "signature":
                    mark = Signature(box, seed=10 * copy + place)
                else:
                    continue
                marks.setdefault(copy * expected.pages + page, []).append(mark)
    return marks


def _scanned(pdf: bytes, marks: dict[int, list[Any]], dpi: int, colour: bool, pages: range | None) -> bytes:
    from toolkit.simulate import Device, as_pdf, scan

    device = Device(dpi=dpi, colour=colour, skew_degrees=1.0, noise=5.0, jpeg_quality=75)
    return as_pdf(list(scan(pdf, seed=dpi, device=device, marks=marks, pages=pages)), dpi=dpi)


def judged(mode: str) -> dict[str, Any]:
    """Judge the pages of a mode in this process, and return what they cost and what was found."""
    import cv2

    import toolkit.comparing
    import toolkit.scan.comparison
    import toolkit.verifying
    from toolkit.home import Home

    cv2.setNumThreads(1)
    spent: dict[str, float] = {}
    _time(spent, "symbol", toolkit.verifying, "read_page")
    _time(spent, "alignment", toolkit.scan.comparison, "align")
    _time(spent, "whole comparison", toolkit.comparing.Recorded, "compare")
    rows: list[dict[str, float]] = []
    answers: list[str] = []
    memory: list[int] = []
    with Home.open(FOLDER / "home") as home:
        desk = toolkit.verifying.Desk(home, NOW + timedelta(days=1))
        for path in _files(mode):
            for opening, image in _pages(path):
                spent.clear()
                began = time.process_time()
                page = desk.judge(image)
                whole = time.process_time() - began + opening
                compared = spent.get("whole comparison", 0.0) - spent.get("alignment", 0.0)
                row = {"opening": opening, "symbol": spent["symbol"], "alignment": spent.get("alignment", 0.0)}
                row |= {"comparison": compared, "whole": whole}
                row["rest"] = whole - sum(row[stage] for stage in STAGES[:-1])
                rows.append(row)
                answers.append(page.outcome.value)
            memory.append(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    wholes = [row["whole"] for row in rows]
    return {
        "pages": len(rows),
        "passed": answers.count("passed"),
        "processor_seconds": {stage: _rounded(statistics.mean(row[stage] for row in rows)) for stage in STAGES},
        "mean": _rounded(statistics.mean(wholes)),
        "median": _rounded(statistics.median(wholes)),
        "most": _rounded(max(wholes)),
        "first": _rounded(wholes[0]),
        "peak_memory_mib": memory[-1],
        "peak_memory_mib_by_file": memory,
    }


def _time(spent: dict[str, float], stage: str, owner: Any, name: str) -> None:
    """Put in the place of a function one that adds the processor time it takes to its stage."""
    function: Callable[..., Any] = getattr(owner, name)

    def call(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            spent[stage] = spent.get(stage, 0.0) + time.process_time() - start

    setattr(owner, name, call)


def _files(mode: str) -> list[Path]:
    return sorted(FOLDER.glob(f"{RECORDS}-*.pdf")) if mode == RECORDS else [FOLDER / f"{mode}.pdf"]


def _pages(path: Path) -> Iterator[tuple[float, Any]]:
    """Yield the pages of a scan, each with the processor seconds that opening it took."""
    from toolkit.scan.page_image import PageImage
    from toolkit.scan.pdf import OpenedPdf

    opened = OpenedPdf.of(path.name, path.read_bytes())
    assert isinstance(opened, OpenedPdf)
    for number in range(1, opened.count + 1):
        began = time.process_time()
        image = opened.page(number)
        ended = time.process_time()
        assert isinstance(image, PageImage)
        yield ended - began, image
    opened.close()


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def main(modes: list[str]) -> None:
    """Measure, print, and write the results."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    make()
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    context = multiprocessing.get_context("spawn")
    for mode in modes or [*MODES, RECORDS]:
        with context.Pool(1, maxtasksperchild=1) as pool:
            result = pool.apply(judged, (mode,))
        results[mode] = result
        parts = "  ".join(f"{stage} {seconds:.3f}" for stage, seconds in result["processor_seconds"].items())
        print(f"{mode:16}{result['pages']:4} pages, {result['passed']} passed; seconds a page: {parts}")
        print(
            f"{'':16}mean {result['mean']}, median {result['median']}, most {result['most']}, first {result['first']}; "
            f"{result['peak_memory_mib']} MiB"
        )
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    results["at"] = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
