"""How often the comparison is right: `python benchmarks/comparison.py --set tune --profiles feeder,phone --limit 8`.

Genuine and altered pages (benchmarks/alterations.py) are printed and scanned (benchmarks/paper.py) and compared with
their records. `tune` and `measure` are other documents, other seeds and other sizes of type; numbers that are chosen in
toolkit/scan were chosen on `tune` alone. Results go to benchmarks/results/comparison-SET.jsonl, one line an image, and
images that are there are not made again: an interrupted run goes on. `--report` prints the table of counts.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
from alterations import KINDS, AlteredSheet, Sheet, altered_sheets, sheets, sized
from fontTools.ttLib import TTFont
from paper import PROFILES, photographed

from toolkit.application.context import template_context
from toolkit.application.programme import Programme
from toolkit.formal.keep_out import keep_out_box, symbol_box
from toolkit.forms.filling import fill
from toolkit.resources import shared
from toolkit.scan.comparison import Fonts, compare
from toolkit.scan.symbols import Content, find_symbols
from toolkit.verdict import Box, Outcome, Reason

RESULTS = Path(__file__).parent / "results"

SETS = {
    "tune": (("samples/application.yaml", 1.0), 1000),
    "measure": (("samples/short.yaml", 1.0), 2000),
    "measure-small": (("samples/short.yaml", 0.857), 3000),
    "measure-long": (("samples/application.yaml", 0.93), 4000),
}
"""Document, factor of its sizes of type, and the first seed."""


def filled(path: str) -> Iterator[bytes]:
    """Yield the filled forms of an application."""
    import toolkit

    application = toolkit.load_application(path)
    programme = application.programme
    if not isinstance(programme, Programme):
        raise SystemExit(f"{path} names no programme that is known")
    context = template_context(application, programme, serial="XJSCO25-00001", revision=1)
    for document in programme.documents:
        yield fill(programme.template(document), context, name=document.template)


def fonts() -> Fonts:
    """Return the supplied fonts as a record has them."""
    files = {}
    for path in sorted(shared("fonts").glob("*.ttf")):
        with TTFont(path, lazy=True) as font:
            files[font["name"].getDebugName(6)] = path.read_bytes()
    return Fonts(files)


def cases(name: str) -> Iterator[tuple[str, Sheet, Sheet, tuple[Box, ...], str]]:
    """Yield (kind, printed page, recorded page, boxes of what differs, what it is); genuine pages first."""
    (path, factor), seed = SETS[name]
    forms = [sized(docx, factor) for docx in filled(path)]
    genuine = [sheets(docx, first_large=index == 0) for index, docx in enumerate(forms)]
    for pages in genuine:
        for sheet in pages:
            yield "genuine", sheet, sheet, (), ""
    for kind in KINDS:
        for index, (docx, pages) in enumerate(zip(forms, genuine, strict=True)):
            for altered in _altered(docx, pages, kind, seed + index):
                yield kind, altered.sheet, pages[altered.sheet.number - 1], altered.boxes, altered.shown


def _altered(docx: bytes, pages: Sequence[Sheet], kind: str, seed: int) -> list[AlteredSheet]:
    """Return at most one altered page for each page of the form, gathered from three tries."""
    found: dict[int, AlteredSheet] = {}
    for attempt in range(3):
        for altered in altered_sheets(docx, pages, kind, Random(seed * 31 + attempt), max(len(pages) // 2, 1)):
            found.setdefault(altered.sheet.number, altered)
    return list(found.values())


def judge(
    case: tuple[str, Sheet, Sheet, tuple[Box, ...], str], profile: str, seed: int, known: Fonts
) -> dict[str, Any]:
    """Print, scan and compare one page."""
    kind, printed, recorded, boxes, shown = case
    document = pypdfium2.PdfDocument(printed.pdf)
    chop = seed % 4 == 0
    pixels = photographed(document[printed.number - 1], PROFILES[profile], seed, chop=chop)
    document.close()
    record = pypdfium2.PdfDocument(recorded.pdf)
    raster = record[recorded.number - 1].render(scale=150 / 72, rev_byteorder=True).to_numpy()[:, :, :3].copy()
    record.close()
    row: dict[str, Any] = {"kind": kind, "page": recorded.number, "profile": profile, "seed": seed, "chop": chop}
    symbols = [symbol for symbol in find_symbols(pixels) if symbol.content is Content.DIGITS]
    if not symbols:
        return row | {"answer": "symbol unread"}
    began = time.process_time()
    compared = compare(
        pixels,
        symbols[0].corners,
        recorded.description,
        symbol_box=symbol_box(recorded.number, recorded.symbol_modules),
        keep_out=keep_out_box(recorded.number, recorded.symbol_modules),
        fonts=known,
        raster=raster,
    )
    spent = time.process_time() - began
    failed = [finding for finding in compared.findings if finding.outcome is Outcome.FAILED]
    unread = [finding for finding in compared.findings if finding.outcome is Outcome.INDETERMINATE]
    aimed = [f for f in failed if f.reason is Reason.PAGE_SUBSTITUTED or _hits(f.box, boxes)]
    row["answer"] = "altered" if failed else "illegible" if unread else "same"
    row["aimed"] = bool(aimed)
    row["seconds"] = round(spent, 2)
    row["level"] = round(compared.level, 3)
    if shown:
        row["change"] = shown[:60]
    if (kind == "genuine" and (failed or unread)) or (kind != "genuine" and not aimed):
        row["said"] = [[f.reason.name, f.recorded, f.seen] for f in (*failed, *unread)][:6]
    return row


def _hits(box: Box | None, others: Sequence[Box]) -> bool:
    """Tell whether a finding is within 3 pt of what was altered."""
    if box is None:
        return False
    return any(
        box[0] - 300 < other[2] and other[0] < box[2] + 300 and box[1] - 300 < other[3] and other[1] < box[3] + 300
        for other in others
    )


def run(name: str, profiles: Sequence[str], limit: int) -> None:
    """Compare the first ``limit`` pages of each kind under each profile, leaving out those that have a result."""
    path = RESULTS / f"comparison-{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    done = {(row["kind"], row["index"], row["profile"]) for row in rows(name)}
    known = fonts()
    index: dict[str, int] = defaultdict(int)
    for case in cases(name):
        kind = case[0]
        index[kind] += 1
        if index[kind] > limit:
            continue
        for profile in profiles:
            if (kind, index[kind], profile) in done:
                continue
            seed = SETS[name][1] + index[kind] + zlib.crc32(f"{kind} {profile}".encode()) % 9973 * 100
            row = judge(case, profile, seed, known) | {"index": index[kind]}
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(name, profile, kind, index[kind], row["answer"], row.get("said", ""), flush=True)


def rows(name: str) -> list[dict[str, Any]]:
    """Return the results that are there."""
    path = RESULTS / f"comparison-{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def interval(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, count / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return middle - half, middle + half


def report(names: Sequence[str]) -> str:
    """Return the table of counts as Markdown."""
    gathered = [row for name in names for row in rows(name)]
    lines = [
        "| profile | class | pages | altered | illegible | same | symbol unread | 95 % altered |",
        "|---" * 8 + "|",
    ]
    for profile in PROFILES:
        kinds = ["genuine", "any change", *KINDS]
        for kind in kinds:
            own = [
                row
                for row in gathered
                if row["profile"] == profile
                and (row["kind"] == kind or (kind == "any change" and row["kind"] in KINDS))
            ]
            if not own:
                continue
            counts = {
                answer: sum(row["answer"] == answer for row in own) for answer in ("altered", "illegible", "same")
            }
            unread = len(own) - sum(counts.values())
            low, high = interval(counts["altered"], len(own) - unread)
            lines.append(
                f"| {profile} | {kind} | {len(own)} | {counts['altered']} | {counts['illegible']} | {counts['same']}"
                f" | {unread} | {low:.3f} to {high:.3f} |"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    """Run, or report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--set", choices=SETS, default="measure")
    parser.add_argument("--profiles", default=",".join(PROFILES))
    parser.add_argument("--limit", type=int, default=8)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args(arguments)
    if options.report:
        print(report([name for name in SETS if name.split("-")[0] == options.set.split("-")[0]]))
    else:
        run(options.set, options.profiles.split(","), options.limit)


if __name__ == "__main__":
    main(sys.argv[1:])
