"""What an applicant runs: ``new``, ``check``, ``draft``. None of them needs a key or a store."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import (
    Console,
    Moment,
    engine_option,
    json_option,
    output_option,
    pass_console,
    utf8,
)
from toolkit.output import write_files
from toolkit.verdict import FORMAT

if TYPE_CHECKING:
    from toolkit.application.reading import Application
    from toolkit.canonical import Plain
    from toolkit.records.content import Content

DEFAULT_PROGRAMME = "xinjiang-sco-2025"


@click.command()
@click.argument("programme", default=DEFAULT_PROGRAMME)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, .yaml or .xlsx (default: application.yaml); an existing one is kept.",
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["yaml", "xlsx"]),
    help="Text to edit, or a workbook for Excel and WPS (default: by the name of the file).",
)
@click.option(
    "--profile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with what your unit repeats, or an earlier application: its units are filled in.",
)
@pass_console
@click.pass_context
def new(
    context: click.Context,
    console: Console,
    programme: str,
    output: Path | None,
    kind: str | None,
    profile: Path | None,
) -> None:
    """Write a commented form to fill in for a programme, as text or as a workbook."""
    from toolkit.application.profile import load_profile
    from toolkit.application.programme import Programme
    from toolkit.errors import CheckFailed, OutputNotWritten
    from toolkit.messages import Message
    from toolkit.resources import programme_folder

    kind = kind or ("xlsx" if output and output.suffix.lower() == ".xlsx" else "yaml")
    output = output or Path(f"application.{kind}")
    if output.exists():
        raise OutputNotWritten(
            Message("{path} exists already and may hold somebody's work; name another file with -o", path=output)
        )
    chosen = Programme.load(programme_folder(programme, console.data_folder()))
    try:
        said = load_profile(profile, chosen, home=console.data_folder()) if profile else {}
    except CheckFailed as refused:
        context.exit(console.refusal(refused, profile or output, as_json=False))
    if kind == "xlsx":
        from toolkit.application.workbook_writing import new_workbook

        content = new_workbook(chosen, said)
    else:
        from toolkit.application.writing import new_form

        content = new_form(chosen, said).encode("utf-8")
    write_files(output.parent, {output.name: content})
    console.say("{path} is written. Fill it in, then run: truecopy check {path}", path=output)


@click.command()
@click.argument("application", type=click.Path(path_type=Path))
@click.option(
    "--as-of",
    type=Moment("%Y-%m-%d"),
    metavar="TIME",
    help="Judge the rules at this time instead of now: 2025-06-30 19:50, in the time zone of the notice.",
)
@click.option("--similar", is_flag=True, help="Compare with what this office has issued; needs the store.")
@click.option("--revises", metavar="SERIAL", help="Judge it as the next revision of this submission; needs the store.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a checklist of every rule as an HTML file, to read or to print.",
)
@json_option
@pass_console
@click.pass_context
def check(
    context: click.Context,
    console: Console,
    application: Path,
    as_of: datetime | None,
    similar: bool,
    revises: str | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Tell every finding about an application at once."""
    with _starting_fast():
        from toolkit.application.checks import judge
        from toolkit.application.reading import load_application

        loaded = load_application(application, home=console.data_folder())
    now = _in_zone(as_of, loaded) if as_of else datetime.now(UTC)
    accepted, others = None, None
    if (similar or revises is not None) and loaded.programme is not None:
        accepted, others = _at_the_office(console, loaded, revises)
    judgement = judge(loaded, now=now, as_of=now if as_of else None, accepted=accepted, others=others)
    verdict = judgement.verdict
    if report is not None:
        from toolkit.checklist import html_checklist

        page = html_checklist(loaded, judgement, now=now, translate=console.translate)
        write_files(report.parent, {report.name: utf8(page)})
    if as_json:
        console.json(verdict.to_dict(console.translate))
    else:
        from toolkit.checklist import print_check

        print_check(verdict, source=str(application), translate=console.translate)
    context.exit(verdict.outcome.exit_code)


@click.command()
@click.argument("application", type=click.Path(path_type=Path))
@output_option
@engine_option
@json_option
@pass_console
@click.pass_context
def draft(
    context: click.Context, console: Console, application: Path, output: Path, engine: str, as_json: bool
) -> None:
    """Write Word and PDF of every document, with the draft's watermark."""
    from toolkit.application.reading import load_application
    from toolkit.errors import CheckFailed
    from toolkit.issuing import draft as draft_application

    loaded = load_application(application, home=console.data_folder())
    try:
        files = draft_application(loaded, engine=engine)
    except CheckFailed as refused:
        context.exit(console.refusal(refused, application, as_json=as_json))
    paths = write_files(output, {file.name: file.content for file in files})
    if as_json:
        console.json({"format": FORMAT, "files": [{"name": path.name, "path": str(path)} for path in paths]})
        return
    for path in paths:
        click.echo(path)


def _at_the_office(
    console: Console, loaded: Application, revises: str | None
) -> tuple[Mapping[str, Plain] | None, tuple[Content, ...]]:
    """Return what the store has to judge an application by: the accepted one that it revises, and similar ones."""
    from toolkit.application.similarity_rules import content_in
    from toolkit.issued import accepted_application, same_project

    year = loaded.programme.programme.year if loaded.programme else 0
    content = content_in(loaded.readable, year=year, serial=revises or "")
    with console.open_home() as home:
        if revises is not None:
            return accepted_application(home, revises), home.store.alike(content)
        others = home.store.alike(content)
        own = same_project(home, loaded.readable.leader.name, content, others)
    for serial in own:
        console.tell(
            "{serial} is this very project, by its unit, leader and title, and is not held against it; "
            "to judge it as a revision, check with --revises {serial}",
            serial=serial,
        )
    return None, tuple(one for one in others if one.serial not in own)


@contextmanager
def _starting_fast() -> Iterator[None]:
    """Leave out what takes time at the start and brings nothing when an application is read.

    openpyxl loads NumPy wherever it is installed, to take NumPy's numbers for values of cells, and none is written
    here; a module that is None in ``sys.modules`` counts as not installed (Python's reference, 5.3.1), also for
    openpyxl later in this process. Garbage that cycles is collected afterwards: while modules load there is hardly any.
    """
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]
    leaves_out_numpy = "numpy" not in modules
    collects = gc.isenabled()
    if leaves_out_numpy:
        modules["numpy"] = None
    gc.disable()
    try:
        yield
    finally:
        if leaves_out_numpy:
            del modules["numpy"]
        if collects:
            gc.enable()


def _in_zone(as_of: datetime, loaded: Application) -> datetime:
    """Take a time without a zone as one of the programme's zone: the notice's hours are local."""
    if as_of.tzinfo is not None:
        return as_of
    return as_of.replace(tzinfo=loaded.programme.zone if loaded.programme else UTC)
