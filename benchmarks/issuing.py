"""How long an issue takes, by stage: `python benchmarks/issuing.py [RUNS]`.

The supplied sample (a 14-page proposal and two letters, 2 copies each, 36 sealed sides) is issued in one process, warm,
on one core; the figures are processor seconds, medians of RUNS, since wall time on a shared machine says little. Where
LibreOffice is installed, the same job is done the usual way beside it: each filled form converted by soffice, symbols
drawn as pictures, every side merged by pypdf. The ratio of the two counts, not the seconds. Prints a table and writes
it to benchmarks/results/issuing.json.
"""

from __future__ import annotations

import io
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdf
import qrcode
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

import toolkit.documents
import toolkit.formal.print_set
import toolkit.forms.typesetting
import toolkit.issuing
from toolkit.application.context import template_context
from toolkit.application.reading import load_application
from toolkit.forms.filling import fill
from toolkit.home import Home
from toolkit.page import PageDescription
from toolkit.records.store import Store
from toolkit.resources import shared
from toolkit.seal import symbol

RESULTS = Path(__file__).parent / "results" / "issuing.json"
STAGES: list[tuple[str, Any, str]] = [
    ("check", toolkit.issuing, "check"),
    ("fill Word templates", toolkit.documents, "fill"),
    ("read Word forms", toolkit.forms.typesetting, "form_of"),
    ("write Typst source", toolkit.forms.typesetting, "typst_source"),
    ("compile with Typst", toolkit.forms.typesetting, "compiled"),
    ("describe pages", toolkit.documents, "describe"),
    ("canonical descriptions", PageDescription, "canonical"),
    ("sign seals", toolkit.documents, "encode"),
    ("make QR matrices", symbol, "matrix"),
    ("draw print sets (QR included)", toolkit.documents, "print_set"),
    ("keep in the store", Store, "keep"),
]


def timed(spent: dict[str, float], stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, adding the processor time it takes to its stage."""

    def call(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            spent[stage] += time.process_time() - start

    return call


def ours(runs: int) -> tuple[dict[str, float], float, int]:
    """Return the median seconds of every stage and of the whole, and the sides of one issue."""
    application = load_application(shared("samples", "application.yaml"))
    now = datetime.now(UTC).replace(microsecond=0)
    spent = dict.fromkeys((stage for stage, _, _ in STAGES), 0.0)
    for stage, owner, name in STAGES:
        setattr(owner, name, timed(spent, stage, getattr(owner, name)))
    rounds: list[dict[str, float]] = []
    wholes: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Home.create(Path(folder) / "home", office="Office", prefix="XJ", passphrase=None, demo=True, now=now) as home,
    ):
        serial: str | None = None
        for _ in range(runs + 2):  # two to warm up: fonts, caches, the store's first fonts
            spent.update(dict.fromkeys(spent, 0.0))
            start = time.process_time()
            issued = toolkit.issuing.issue(application, home=home, now=now, revises=serial)
            serial = issued.serial  # of the same application anew, which another submission may not be like
            wholes.append(time.process_time() - start)
            rounds.append(dict(spent))
    sides = sum(
        len(pypdf.PdfReader(io.BytesIO(file.content)).pages) for file in issued.files if "pdf" in file.media_type
    )
    medians = {stage: statistics.median(entry[stage] for entry in rounds[2:]) for stage in spent}
    return medians, statistics.median(wholes[2:]), sides


def usual(runs: int) -> float | None:
    """Return the median processor seconds of the same job by LibreOffice, qrcode and pypdf; None without soffice."""
    soffice = shutil.which("soffice")
    if soffice is None:
        return None
    application = load_application(shared("samples", "application.yaml"))
    programme = application.programme
    assert programme is not None
    digits = "1" * 449
    wholes = []
    for _ in range(runs):
        before = _processor_time()
        context = template_context(application, programme, serial="XJSCO25-00001", revision=1)
        for document in programme.documents:
            docx = fill(programme.template(document), context, name=document.template)
            with tempfile.TemporaryDirectory() as folder:
                source = Path(folder) / "form.docx"
                source.write_bytes(docx)
                subprocess.run(
                    [soffice, f"-env:UserInstallation={Path(folder).as_uri()}/profile", "--headless"]
                    + ["--convert-to", "pdf", "--outdir", folder, str(source)],
                    check=True,
                    capture_output=True,
                )
                pdf = source.with_suffix(".pdf").read_bytes()
            writer = pypdf.PdfWriter()
            for _copy in range(2):
                for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
                    overlay = io.BytesIO()
                    canvas = Canvas(overlay, pagesize=(595.28, 841.89))
                    canvas.saveState()
                    canvas.setFillGray(0.8)
                    canvas.rotate(45)
                    canvas.drawString(400, 100, "FORMAL COPY")
                    canvas.restoreState()
                    code = qrcode.QRCode(version=10, mask_pattern=3)
                    code.add_data(digits)
                    code.make(fit=False)
                    picture = code.make_image().get_image()
                    canvas.drawImage(ImageReader(picture), 480, 730, 30 * mm, 30 * mm)
                    canvas.save()
                    writer.add_page(page).merge_page(pypdf.PdfReader(overlay).pages[0])
            writer.write(io.BytesIO())
        wholes.append(_processor_time() - before)
    return statistics.median(wholes)


def _processor_time() -> float:
    """Return processor seconds of this process and of the children it waited for."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(entry.ru_utime + entry.ru_stime for entry in times)


def main(runs: int) -> None:
    """Measure, print, and write the results."""
    other = usual(max(1, runs // 3))
    stages, whole, sides = ours(runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for stage, seconds in stages.items():
        print(f"{stage:32}{seconds * 1000:9.1f} ms")
    print(f"{'whole issue':32}{whole * 1000:9.1f} ms for {sides} sealed sides, peak memory {peak:.0f} MiB")
    if other is not None:
        print(f"{'LibreOffice + pypdf':32}{other * 1000:9.1f} ms, {other / whole:.1f} times as long")
    result = {
        "runs": runs,
        "sides": sides,
        "processor_seconds": {stage: round(seconds, 4) for stage, seconds in stages.items()},
        "whole": round(whole, 4),
        "peak_memory_mib": round(peak),
        "libreoffice_and_pypdf": other and round(other, 3),
        "ratio": other and round(other / whole, 2),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
