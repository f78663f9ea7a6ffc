"""What an intake clerk runs: ``verify`` and ``inspect``. Neither needs a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from toolkit.cli.answer import Console, json_option, pass_console, utf8
from toolkit.errors import UsageError
from toolkit.messages import Message
from toolkit.output import write_files

if TYPE_CHECKING:
    from toolkit.scan.paper import PageVerdict

_ASIDE_NAMED = 20
"""Of the files in folders that are no scans, so many are named."""

scans_argument = click.argument("scans", nargs=-1, type=click.Path(path_type=Path), metavar="SCAN...")
text_option = click.option(
    "--text",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="Read symbols, one a line; - is the keyboard.",
)


@click.command()
@scans_argument
@text_option
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML report that opens offline."
)
@click.option("--pages-only", is_flag=True, help="Judge the pages alone, not whether the submission is complete.")
@click.option(
    "--as",
    "reference",
    metavar="REFERENCE",
    help="Compare one image with the page that the print below a destroyed symbol names; never passed.",
)
@json_option
@pass_console
@click.pass_context
def verify(
    context: click.Context,
    console: Console,
    scans: tuple[Path, ...],
    text: IO[str] | None,
    report: Path | None,
    pages_only: bool,
    reference: str | None,
    as_json: bool,
) -> None:
    """Tell page by page whether paper is what was issued."""
    from toolkit.as_reference import verify_as
    from toolkit.report import html_report, print_verdict
    from toolkit.verifying import verify as verify_scans
    from toolkit.verifying import verify_digits

    _one_kind_of_source(scans, text)
    if reference is not None and (text is not None or len(scans) != 1 or scans[0].is_dir()):
        raise UsageError(Message("--as compares one image with one page: name that image alone"))
    with console.open_home() as home:
        if reference is not None:
            verdict = verify_as(scans[0], reference, home=home, pictures=report is not None)
        elif text is not None:
            told = None if as_json else _tally(console)
            verdict = verify_digits(_lines(text), home=home, pages_only=pages_only, told=told)
        else:
            with console.progress("Reading pages") as progress:
                verdict = verify_scans(
                    scanned_files(console, scans),
                    home=home,
                    pages_only=pages_only,
                    pictures=report is not None,
                    progress=progress,
                )
    if report is not None:
        write_files(report.parent, {report.name: utf8(html_report(verdict, console.translate))})
    if as_json:
        console.json(verdict.to_dict(console.translate))
    else:
        print_verdict(verdict, console.translate)
    context.exit(verdict.outcome.exit_code)


@click.command()
@scans_argument
@text_option
@json_option
@pass_console
def inspect(console: Console, scans: tuple[Path, ...], text: IO[str] | None, as_json: bool) -> None:
    """Tell what seals claim, without judging any of it."""
    from toolkit.inspecting import inspect as inspect_scans
    from toolkit.inspecting import inspect_digits
    from toolkit.report import print_inspection

    _one_kind_of_source(scans, text)
    if text is not None:
        inspection = inspect_digits(_lines(text))
    else:
        with console.progress("Reading pages") as progress:
            inspection = inspect_scans(scanned_files(console, scans), progress=progress)
    if as_json:
        console.json(inspection.to_dict(console.translate))
    else:
        print_inspection(inspection, console.translate)


def _one_kind_of_source(scans: tuple[Path, ...], text: object) -> None:
    if bool(scans) == (text is not None):
        raise UsageError(Message("name either scans, or --text with the lines of a handheld scanner"))


def scanned_files(console: Console, scans: tuple[Path, ...]) -> list[Path]:
    """Return the files that were named, and of a folder the scans in it and below; what else is there is told."""
    from toolkit.scan.sources import scans_below

    files: list[Path] = []
    aside: list[Path] = []
    for scan in scans:
        if scan.is_dir():
            found, others = scans_below(scan)
            files += found
            aside += others
        else:
            files.append(scan)
    if aside:
        console.tell(
            "{count} left aside, not scans: {names}",
            count=len(aside),
            names=(*map(str, aside[:_ASIDE_NAMED]), *(("…",) if len(aside) > _ASIDE_NAMED else ())),
        )
    return files


def _lines(text: IO[str]) -> Iterator[str]:
    """Give lines as they are typed, not when the input ends, so that each symbol is tallied at once."""
    yield from iter(text.readline, "")


def _tally(console: Console) -> Callable[[PageVerdict, Message | None], None]:
    """Return what tells, after each line, what it was: a clerk with a scanner in hand looks up once a page."""
    from toolkit.report import page_line

    def told(page: PageVerdict, hint: Message | None) -> None:
        click.echo(page_line(page, console.translate), err=True)
        if hint is not None:
            click.echo(f"   {hint.render(console.translate)}", err=True)

    return told
