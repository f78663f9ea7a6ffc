"""What an applicant runs: ``new``, ``check``, ``draft``. None of them needs a key or a store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console, engine_option, json_option, output_option, pass_console, write_files
from toolkit.verdict import FORMAT

if TYPE_CHECKING:
    from toolkit.application.reading import Application

DEFAULT_PROGRAMME = "xinjiang-sco-2025"


@click.command()
@click.argument("programme", default=DEFAULT_PROGRAMME)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("application.yaml"),
    show_default=True,
    help="The file to write; an existing one is kept.",
)
@pass_console
def new(console: Console, programme: str, output: Path) -> None:
    """Write a commented form to fill in for a programme."""
    from toolkit.application.programme import Programme
    from toolkit.application.writing import new_form
    from toolkit.errors import OutputNotWritten
    from toolkit.messages import Message
    from toolkit.resources import programme_folder

    if output.exists():
        raise OutputNotWritten(
            Message("{path} exists already and may hold somebody's work; name another file with -o", path=output)
        )
    text = new_form(Programme.load(programme_folder(programme, console.data_folder())))
    write_files(output.parent, {output.name: text.encode("utf-8")})
    console.say("{path} is written. Fill it in, then run: truecopy check {path}", path=output)


@click.command()
@click.argument("application", type=click.Path(path_type=Path))
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"]),
    help="Judge the rules at this time instead of now.",
)
@json_option
@pass_console
@click.pass_context
def check(context: click.Context, console: Console, application: Path, as_of: datetime | None, as_json: bool) -> None:
    """Tell every finding about an application at once."""
    from toolkit.application.checks import check as check_application
    from toolkit.application.reading import load_application

    loaded = load_application(application, home=console.data_folder())
    verdict = check_application(loaded, now=_in_zone(as_of, loaded) if as_of else datetime.now(UTC))
    if as_json:
        console.json(verdict.to_dict(console.translate))
    else:
        from toolkit.report import print_check

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


def _in_zone(as_of: datetime, loaded: Application) -> datetime:
    """Take a time without a zone as one of the programme's zone: the notice's hours are local."""
    if as_of.tzinfo is not None:
        return as_of
    return as_of.replace(tzinfo=loaded.programme.zone if loaded.programme else UTC)
