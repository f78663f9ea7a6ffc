"""How often paper is judged rightly: `python -m benchmarks.comparison all --set tune --share 0.2`.

Images are made (`make`), verified as a clerk has them verified (`judge`), and counted (`table`); `misses` cuts out
what went wrong. Every step goes on where it was broken off: an image that is there is not made again, one that has a
line in benchmarks/results/SET.jsonl is not judged again (`--fresh` begins anew). docs/measuring.md says what the sets,
profiles and kinds are, and what is not covered.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toolkit.verdict import Box, Finding, Outcome, Reason

RESULTS = Path(__file__).parent / "results"
FOLDER = Path(__file__).parents[1] / ".measure"
NOW = datetime(2025, 7, 20, tzinfo=UTC)

UNREAD = {Reason.SEAL_ABSENT, Reason.SEAL_UNREADABLE}
TOGETHER = 3
"""Images in one call of verify: as many as it judges without starting processes of its own."""
_NEAR = 300
"""1/100 pt between a finding and what was altered."""
_MOST_SAID = 4

_maker: Any = None


def make(name: str, profiles: list[str], share: float, folder: Path, processes: int) -> None:
    """Make the images that are not there yet, and write down what is known about each in cases.jsonl."""
    from benchmarks.alterations import KINDS
    from benchmarks.cases import planned
    from benchmarks.documents import documents

    documents(name, folder)  # issued once, before there are several processes
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        for count, _ in enumerate(pool.imap_unordered(_alter, [(name, folder, kind) for kind in KINDS]), 1):
            _show("altering", count, len(KINDS), "")
    path = folder / "cases.jsonl"
    done = {row["identity"] for row in _lines(path)}
    wanted = [case for case in planned(profiles, share) if case.identity not in done]
    with context.Pool(processes, _start_maker, (name, folder)) as pool, path.open("a", encoding="utf-8") as file:
        for count, known in enumerate(pool.imap_unordered(_make, wanted), 1):
            file.write(json.dumps(known, ensure_ascii=False) + "\n")
            file.flush()
            _show("making", count, len(wanted), str(known["identity"]))


def _alter(work: tuple[str, Path, str]) -> None:
    from benchmarks.cases import altered
    from benchmarks.documents import documents

    name, folder, kind = work
    altered(name, folder, kind, list(documents(name, folder)))


def _start_maker(name: str, folder: Path) -> None:
    import cv2

    from benchmarks.cases import Maker

    global _maker
    cv2.setNumThreads(1)
    _maker = Maker(name, folder)


def _make(case: Any) -> dict[str, object]:
    began = time.process_time()
    known = _maker.make(case)
    if known is None:
        return {"identity": case.identity, "file": None}
    plain: dict[str, object] = known.to_plain()
    return plain | {"made_in": round(time.process_time() - began, 2)}


def judge(name: str, profiles: list[str], share: float, folder: Path, processes: int, *, fresh: bool) -> None:
    """Verify the images that have no result yet, in the order of the plan."""
    from benchmarks.cases import planned

    path = RESULTS / f"{name}.jsonl"
    RESULTS.mkdir(exist_ok=True)
    if fresh:
        path.unlink(missing_ok=True)
    done = {row["id"] for row in _lines(path)}
    known = {row["identity"]: row for row in _lines(folder / "cases.jsonl") if row["file"]}
    wanted = [known[case.identity] for case in planned(profiles, share) if case.identity in known]
    wanted = [row for row in wanted if row["identity"] not in done]
    groups = [(folder, wanted[start : start + TOGETHER]) for start in range(0, len(wanted), TOGETHER)]
    version, count = _version(), 0
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool, path.open("a", encoding="utf-8") as file:
        for rows in pool.imap_unordered(judged, groups):
            for row in rows:
                file.write(json.dumps(row | {"at": version}, ensure_ascii=False, separators=(",", ":")) + "\n")
                count += 1
                _show("judging", count, len(wanted), f"{row['id']} {row['answer']}")
            file.flush()


def judged(group: tuple[Path, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Verify a few images in one call, and return a result for each.

    ``cpu`` is what this process spent on an image, with an even share of what the process that opens images spent;
    ``mb`` is the most memory that both had by then.
    """
    import toolkit

    folder, known = group
    times = [time.process_time()]
    decoding = resource.getrusage(resource.RUSAGE_CHILDREN)
    with toolkit.open_home(folder / "home") as home:
        sources = [str(folder / row["file"]) for row in known]
        verdict = toolkit.verify(
            sources, home=home, now=NOW, pages_only=True, progress=lambda *_: times.append(time.process_time())
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    share = (after.ru_utime + after.ru_stime - decoding.ru_utime - decoding.ru_stime) / len(known)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + after.ru_maxrss
    rows = []
    for row, page, began, ended in zip(known, verdict.pages, times, times[1:], strict=False):
        spent = {"cpu": round(ended - began + share, 2), "mb": round(memory / 1024)}
        rows.append(result(row, page.findings) | spent)
    return rows


def result(known: dict[str, Any], findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what was found of an image, held against what is known about it."""
    boxes = known["boxes"]
    failed = [finding for finding in findings if finding.outcome is Outcome.FAILED]
    unclear = [finding for finding in findings if finding.outcome is Outcome.INDETERMINATE]
    if any(finding.reason in UNREAD for finding in findings):
        answer = "unread"
    else:
        answer = "altered" if failed else "illegible" if unclear else "same"
    genuine = known["kind"] == "genuine"
    row = {key: known[key] for key in ("profile", "kind", "document", "page", "size", "chop", "notes", "shown")}
    row = {"id": known["identity"], **{key: value for key, value in row.items() if value}, "answer": answer}
    row["shown"] = str(known["shown"])[:40]
    if not genuine:
        row["aimed"] = any(not boxes or finding.box is None or _near(finding.box, boxes) for finding in failed)
        row["doubted"] = any(finding.box is not None and _near(finding.box, boxes) for finding in unclear)
    if (genuine and answer != "same") or (not genuine and not row["aimed"]):
        said = [*failed, *unclear][:_MOST_SAID]
        row["said"] = [
            [each.reason.name, each.recorded or "", each.seen or "", each.box, each.image_box] for each in said
        ]
    return row


def _near(box: Box, others: Iterable[Sequence[int]]) -> bool:
    return any(
        box[0] - _NEAR < other[2]
        and other[0] < box[2] + _NEAR
        and box[1] - _NEAR < other[3]
        and other[1] < box[3] + _NEAR
        for other in others
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file; a line that was cut short by a kill is none."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _version() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _show(what: str, count: int, of: int, last: str) -> None:
    print(f"\r{what} {count}/{of} {last:60.60}", end="" if count < of else "\n", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> None:
    """Do one step, or all of them."""
    from benchmarks import tables
    from benchmarks.cases import GENUINE
    from benchmarks.documents import SETS

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("step", choices=("make", "judge", "table", "misses", "all"))
    parser.add_argument("--set", choices=SETS, default="measure")
    parser.add_argument("--profiles", default=",".join(GENUINE))
    parser.add_argument("--share", type=float, default=1.0, help="of the images of a full measurement")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for homes and images")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="forget the results that are there")
    options = parser.parse_args(arguments)
    profiles, folder = options.profiles.split(","), options.folder / options.set
    if options.step in ("make", "all"):
        make(options.set, profiles, options.share, folder, options.processes)
    if options.step in ("judge", "all"):
        judge(options.set, profiles, options.share, folder, options.processes, fresh=options.fresh)
    rows = list(_lines(RESULTS / f"{options.set}.jsonl"))
    if options.step in ("table", "all"):
        text = tables.report(rows)
        (RESULTS / ("comparison.md" if options.set == "measure" else f"comparison-{options.set}.md")).write_text(
            text, encoding="utf-8"
        )
        print(text)
    if options.step == "misses":
        tables.cut_out(rows, list(_lines(folder / "cases.jsonl")), folder, folder / "misses")


if __name__ == "__main__":
    main(sys.argv[1:])
