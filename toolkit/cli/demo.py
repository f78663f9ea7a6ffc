"""``truecopy demo``: all of it on the supplied sample, with simulated paper.

It makes a data folder with a demo key, issues the sample, prints and scans it, verifies the scan, and then shows what
happens to paper that is not in order. Everything it makes stays in one folder, to be looked at.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console, pass_console
from toolkit.errors import UsageError
from toolkit.messages import Message
from toolkit.output import write_files
from toolkit.verdict import Outcome, Reason

if TYPE_CHECKING:
    from toolkit.application.reading import Application
    from toolkit.home import Home
    from toolkit.issued import Issued
    from toolkit.scan.completeness import ExpectedDocument
    from toolkit.simulate import Chop, Signature

OFFICE = "自治区科学技术厅（演示）"
PREFIX = "XJ"
DPI = 200
UNIT = "新疆天山绿洲农业科学研究院"
"""What stands on the simulated chops."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One pile of paper on the clerk's desk, and the reason that must be found in it."""

    story: Message
    scans: Sequence[tuple[str, bytes]]
    expected: Reason


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("truecopy-demo"),
    show_default=True,
    help="The folder for everything that the demo makes; it must not exist yet.",
)
@pass_console
@click.pass_context
def demo(context: click.Context, console: Console, output: Path) -> None:
    """Show all of it on the supplied sample, with a simulated scan."""
    from toolkit.cli.tables import print_table
    from toolkit.report import html_report, print_verdict
    from toolkit.verifying import verify

    if output.exists():
        raise UsageError(Message("{folder} exists already: remove it, or name another with -o", folder=output))
    now = datetime.now(UTC).replace(microsecond=0)
    with _office(output / "home", now) as home, _office(output / "forger", now) as forger:
        console.say("1. An office with a demo key: {folder}", folder=home.folder)
        issued = _issue(console, home, "application.yaml", now)
        write_files(output / "formal", {file.name: file.content for file in issued.files})
        console.say("2. The formal copy of the sample: {folder}", folder=output / "formal")
        piles = _scan(console, home, issued)
        scans = write_files(output / "scans", dict(piles))
        console.say("3. A simulated scan of it, {dpi} dpi: {folder}", dpi=DPI, folder=output / "scans")
        with console.progress("Reading pages") as progress:
            verdict = verify(list(scans), home=home, now=now, pictures=True, progress=progress)
        console.say("4. What intake is told:")
        print_verdict(verdict, console.translate)
        report = html_report(verdict, console.translate, now=now).encode("utf-8")
        write_files(output, {"report.html": report})
        console.say("   The same as a file for the browser: {path}", path=output / "report.html")
        console.say("5. Paper that is not in order:")
        rows, caught = [], True
        for scene in _scenes(home, forger, issued, now):
            alone = scene.expected is Reason.CONTENT_ALTERED
            found = verify(scene.scans, home=home, now=now, pages_only=alone, pictures=alone)
            if alone:
                sheet = html_report(found, console.translate, now=now).encode("utf-8")
                write_files(output, {"altered.html": sheet})
            is_caught = any(finding.reason is scene.expected for finding in found.all_findings)
            caught = caught and is_caught
            rows.append((scene.story.render(console.translate), scene.expected.name if is_caught else "-"))
        print_table("", [console.translate("What came"), console.translate("What was found")], rows)
    console.say("   The finding sheet of the altered page: {path}", path=output / "altered.html")
    as_expected = caught and verdict.outcome is Outcome.PASSED
    context.exit(0 if as_expected else 1)


@contextmanager
def _office(folder: Path, now: datetime) -> Iterator[Home]:
    from toolkit.home import Home

    with Home.create(folder, office=OFFICE, prefix=PREFIX, passphrase=None, demo=True, now=now) as home:
        yield home


def _issue(console: Console, home: Home, sample: str, now: datetime) -> Issued:
    from toolkit.application.reading import load_application
    from toolkit.issuing import issue
    from toolkit.resources import shared

    application = load_application(shared("samples", sample))
    with console.progress("Issuing") as progress:
        return issue(application, home=home, now=now, progress=progress)


def _scan(console: Console, home: Home, issued: Issued) -> list[tuple[str, bytes]]:
    """Print every print set, sign and chop it, and scan it, into one PDF each, as a sheet feeder does."""
    from toolkit.simulate import Device, as_pdf, scan

    piles = []
    documents = _documents(home, issued)
    with console.progress("Printing and scanning") as progress:
        for place, document in enumerate(documents):
            progress(place, len(documents))
            marks = _marks(home, issued, document)
            images = list(scan(_print_set(issued, document.id), seed=place, device=Device(dpi=DPI), marks=marks))
            name = f"{issued.serial}-r{issued.revision}-{document.id}-scan.pdf"
            piles.append((name, as_pdf(images, dpi=DPI)))
    return piles


def _documents(home: Home, issued: Issued) -> tuple[ExpectedDocument, ...]:
    from toolkit.scan.completeness import expected_documents

    stored = home.store.submission(issued.serial, issued.revision)
    return expected_documents(stored.record) if stored else ()


def _marks(home: Home, issued: Issued, document: ExpectedDocument) -> dict[int, list[Chop | Signature]]:
    """Return chops and signatures where the form asks for them, by the page of the print set."""
    from toolkit.simulate import Chop, Signature

    marks: dict[int, list[Chop | Signature]] = {}
    for page in range(1, document.pages + 1):
        zones = home.store.page(issued.serial, issued.revision, document.id, page).zones
        for copy in range(document.copies):
            own = marks.setdefault(copy * document.pages + page, [])
            for place, (_, kind, box) in enumerate(zones):
                if kind == "chop":
                    own.append(Chop((box[0] + box[2]) // 2, (box[1] + box[3]) // 2, UNIT, turn=4 * copy - 2))
                elif kind == "signature":
                    own.append(Signature(box, seed=10 * copy + place))
    return marks


def _scenes(home: Home, forger: Home, issued: Issued, now: datetime) -> Iterator[Scene]:
    """Give the piles that are not in order; each is scanned when its turn comes."""
    from toolkit.application.reading import load_application
    from toolkit.issuing import draft, issue
    from toolkit.resources import shared
    from toolkit.simulate import Device, as_pdf, scan

    def scanned(pdf: bytes, *pages: int) -> tuple[str, bytes]:
        images = list(scan(pdf, seed=len(pdf), device=Device(dpi=DPI), pages=pages))
        return "scan.pdf", as_pdf(images, dpi=DPI)

    sample = load_application(shared("samples", "application.yaml"))
    proposal, letter = (_print_set(issued, document) for document in ("proposal", "commitment-unit"))
    forged = issue(sample, home=forger, now=now)
    altered = issue(_altered(sample), home=forger, revises=forged.serial, now=now)
    pages = range(1, _documents(forger, altered)[0].pages + 1)
    page = next(number for number in pages if "8000" in _text(forger, altered, number))
    yield Scene(
        Message("a page on which 3000 became 8000, with the genuine symbol stuck on it"),
        [("scan.pdf", _photocopied(proposal, _print_set(altered, "proposal"), page))],
        Reason.CONTENT_ALTERED,
    )
    yield Scene(
        Message("a page with a seal of another key, under the office's name"),
        [scanned(_print_set(forged, "proposal"), 3)],
        Reason.SIGNER_UNTRUSTED,
    )
    other = issue(load_application(shared("samples", "short.yaml")), home=home, now=now)
    yield Scene(
        Message("a letter whose second page is that of another submission"),
        [scanned(letter, 1, 3, 4), scanned(_print_set(other, "commitment-unit"), 2)],
        Reason.PAGE_MISSING,
    )
    yield Scene(Message("a letter without its last page"), [scanned(letter, 1, 2, 3)], Reason.PAGE_MISSING)
    drafts = {file.name: file.content for file in draft(sample, now=now)}
    yield Scene(Message("a page of the draft"), [scanned(drafts["proposal-draft.pdf"], 3)], Reason.DRAFT_PAGE)
    revised = issue(sample, home=home, revises=issued.serial, now=now)
    yield Scene(
        Message("a page of revision 1 after revision 2 was issued"),
        [scanned(proposal, 2), scanned(_print_set(revised, "proposal"), 3)],
        Reason.RECORD_SUPERSEDED,
    )


def _altered(application: Application) -> Application:
    """Return the application with a greater area of the demonstration fields than was applied for."""
    form = application.complete()
    indicators = tuple(
        each.model_copy(update={"target": each.target.replace("3000", "8000")}) for each in form.indicators
    )
    form = form.model_copy(update={"indicators": indicators})
    return replace(application, form=form, readable=form)


def _text(home: Home, issued: Issued, page: int) -> str:
    description = home.store.page(issued.serial, issued.revision, "proposal", page)
    return "".join(glyph.character for glyph in description.glyphs)


def _photocopied(genuine: bytes, altered: bytes, page: int) -> bytes:
    """Return a scan of an altered page with the symbol of the genuine one stuck over its own."""
    from PIL import Image

    from toolkit.formal.keep_out import on_right
    from toolkit.simulate import Device, as_pdf, scan

    # The same seed lays both in the same place.
    below, above = (
        Image.open(io.BytesIO(image))
        for pdf in (altered, genuine)
        for image in scan(pdf, seed=1, device=Device(dpi=DPI), pages=[page])
    )
    left = round(below.width * 0.7) if on_right(page) else 0
    box = (left, 0, left + round(below.width * 0.3), round(below.height * 0.15))
    below.paste(above.crop(box), box)
    file = io.BytesIO()
    below.save(file, "JPEG", quality=90, dpi=(DPI, DPI))
    return as_pdf([file.getvalue()], dpi=DPI)


def _print_set(issued: Issued, document: str) -> bytes:
    name = f"{issued.serial}-r{issued.revision}-{document}.pdf"
    return next(file.content for file in issued.files if file.name == name)
