"""How long an issue takes, by stage: `python benchmarks/issuing.py [RUNS]`.

The supplied sample (a proposal, two letters and six attached pages, 2 copies each) is issued in one process, warm, on
one core; the figures are processor seconds, medians of RUNS, since wall time on a shared machine says little. It is
issued as it is and without the document that holds the attachments, in turns, so that what these cost shows apart.
Stages do not overlap, and what is in none of them is told too. Attachments are opened by a process of their own, beside
this one: what that takes is told by itself and not part of the whole.

Where LibreOffice is installed, the same job without attachments is done the usual way beside it: each filled form
converted by soffice, symbols drawn as pictures, every side merged by pypdf. The ratio of the two counts, not the
seconds. Prints a table and writes it to benchmarks/results/issuing.json.
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
from contextlib import ExitStack
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
from toolkit.application.programme import Document, Programme
from toolkit.application.reading import Application, load_application
from toolkit.forms.filling import fill
from toolkit.home import Home
from toolkit.page import PageDescription
from toolkit.records.store import Store
from toolkit.resources import shared
from toolkit.seal import symbol

RESULTS = Path(__file__).parent / "results" / "issuing.json"
STAGES: list[tuple[str, Any, str]] = [
    ("check", toolkit.issuing, "check"),
    ("look for similar submissions", Store, "alike"),
    ("open attachments", toolkit.issuing, "attached_pages"),
    ("reserve a serial", Store, "reserve"),
    ("fill Word templates", toolkit.documents, "fill"),
    ("read Word forms", toolkit.forms.typesetting, "form_of"),
    ("write Typst source", toolkit.forms.typesetting, "typst_source"),
    ("compile with Typst", toolkit.forms.typesetting, "compiled"),
    ("unpack Word forms", toolkit.forms.typesetting, "read_package"),
    ("list pages and fonts", toolkit.forms.typesetting, "contents"),
    ("describe pages", toolkit.documents, "describe"),
    ("canonical descriptions", PageDescription, "canonical"),
    ("make the record", toolkit.issuing, "_record"),
    ("seal sides", toolkit.issuing, "seal"),
    ("draw print sets", toolkit.documents, "print_set"),
    ("keep in the store", Store, "keep"),
]
PARTS: list[tuple[str, Any, str]] = [
    ("of sealing: sign", toolkit.documents, "encode"),
    ("of drawing: QR matrices", symbol, "matrix"),
]
"""Parts of stages, counted in these as well."""


def timed(spent: dict[str, float], stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, adding the processor time it takes to its stage."""

    def call(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            spent[stage] += time.process_time() - start

    return call


class Issues:
    """Issues one application again and again, as revisions: another submission may not be like the first."""

    def __init__(self, home: Home, now: datetime, spent: dict[str, float]) -> None:
        """``spent`` is what the stages add to."""
        self._application = load_application(shared("samples", "application.yaml"))
        self._home = home
        self._now = now
        self._spent = spent
        self._serial: str | None = None
        self.rounds: list[dict[str, float]] = []
        self.sides = 0

    def issue(self) -> None:
        """Issue it once more and note what it took."""
        self._spent.update(dict.fromkeys(self._spent, 0.0))
        start, others = time.process_time(), _processor_time(resource.RUSAGE_CHILDREN)
        issued = toolkit.issuing.issue(self._application, home=self._home, now=self._now, revises=self._serial)
        whole, opened = time.process_time() - start, _processor_time(resource.RUSAGE_CHILDREN) - others
        told = sum(self._spent[stage] for stage, _, _ in STAGES)
        self.rounds.append({**self._spent, "all else": whole - told, "whole": whole, "process that opens": opened})
        self._serial = issued.serial
        pdfs = (file.content for file in issued.files if "pdf" in file.media_type)
        self.sides = sum(len(pypdf.PdfReader(io.BytesIO(pdf)).pages) for pdf in pdfs)

    def medians(self) -> dict[str, float]:
        """Return the medians of the rounds after the first two, which warm up: fonts, caches, the store's fonts."""
        return {name: statistics.median(each[name] for each in self.rounds[2:]) for name in self.rounds[0]}


def ours(runs: int) -> tuple[Issues, Issues]:
    """Return the issues of the sample as it is, and without its attachments."""
    now = datetime.now(UTC).replace(microsecond=0)
    spent = dict.fromkeys((stage for stage, _, _ in [*STAGES, *PARTS]), 0.0)
    for stage, owner, name in [*STAGES, *PARTS]:
        setattr(owner, name, timed(spent, stage, getattr(owner, name)))
    documents_of = toolkit.issuing.documents_of

    def without_attachments(application: Application, programme: Programme) -> tuple[Document, ...]:
        return tuple(each for each in documents_of(application, programme) if not each.attachments)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        homes = [
            stack.enter_context(
                Home.create(folder / name, office="Office", prefix="XJ", passphrase=None, demo=True, now=now)
            )
            for name in ("as-it-is", "without")
        ]
        whole, without = (Issues(home, now, spent) for home in homes)
        for _ in range(runs + 2):
            for issues, documents in ((whole, documents_of), (without, without_attachments)):
                toolkit.issuing.documents_of = documents
                issues.issue()
    return whole, without


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
        before = _processor_time(resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        context = template_context(application, programme, serial="XJSCO25-00001", revision=1)
        for document in (each for each in programme.documents if not each.attachments):
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
        wholes.append(_processor_time(resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) - before)
    return statistics.median(wholes)


def _processor_time(*whose: int) -> float:
    """Return processor seconds of this process, or of the children that it waited for, or of both."""
    times = [resource.getrusage(each) for each in whose]
    return sum(each.ru_utime + each.ru_stime for each in times)


def main(runs: int) -> None:
    """Measure, print, and write the results."""
    other = usual(max(1, runs // 3))
    issues = ours(runs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    (stages, plain), (sides, plain_sides) = ([each.medians() for each in issues], [each.sides for each in issues])
    print(f"{'processor milliseconds':32}{'as it is':>12}{'without attachments':>22}")
    for stage, seconds in stages.items():
        print(f"{stage:32}{seconds * 1000:12.1f}{plain[stage] * 1000:22.1f}")
    print(f"{sides} and {plain_sides} sealed sides, peak memory {peak:.0f} MiB")
    ratio = other and other / plain["whole"]
    if other is not None:
        print(f"LibreOffice + pypdf {other * 1000:.1f} ms without attachments, {ratio:.1f} times as long")
    result = {
        "runs": runs,
        "sides": sides,
        "processor_seconds": {stage: round(seconds, 4) for stage, seconds in stages.items()},
        "without_attachments": {
            "sides": plain_sides,
            "processor_seconds": {stage: round(seconds, 4) for stage, seconds in plain.items()},
        },
        "peak_memory_mib": round(peak),
        "libreoffice_and_pypdf_without_attachments": other and round(other, 3),
        "ratio": ratio and round(ratio, 2),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
