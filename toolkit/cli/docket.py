"""What an office keeps its submissions in order with: ``event``, ``due``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from toolkit.cli.answer import Console, Moment, json_option, pass_console, write_files
from toolkit.records.life import EVENTS


@click.command()
@click.argument("serial")
@click.argument("kind", type=click.Choice(EVENTS), metavar="EVENT")
@click.option("--by", "who", required=True, metavar="WHO", help="Who did it, or says so.")
@click.option(
    "--at",
    type=Moment(),
    metavar="TIME",
    help="When it happened: 2025-06-30 19:50, in the time zone of the notice (default: now).",
)
@click.option("--note", default="", help="What else is to be remembered.")
@pass_console
def event(console: Console, serial: str, kind: str, who: str, at: datetime | None, note: str) -> None:
    """Enter what happened to a submission: submitted, recommended, accepted, passed, received ..."""
    from toolkit.docket import enter

    with console.open_home() as home:
        enter(home, serial, kind, who=who, at=at, note=note)
    console.say("{serial}: {kind} is entered", serial=serial, kind=kind)


@click.command()
@click.option(
    "--as-of",
    type=Moment("%Y-%m-%d"),
    metavar="TIME",
    help="Answer for this time instead of now: 2025-07-04 09:00, in the time zone of the notice.",
)
@click.option("--unit", metavar="NAME", help="Only what this recommending unit recommends.")
@click.option("--all", "everything", is_flag=True, help="Also what nothing is wanting of.")
@click.option(
    "--summary",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the summary of recommendations as a workbook (.xlsx), a sheet for each recommending unit.",
)
@json_option
@pass_console
def due(
    console: Console,
    as_of: datetime | None,
    unit: str | None,
    everything: bool,
    summary: Path | None,
    as_json: bool,
) -> None:
    """List what is due, overdue or incomplete, by recommending unit."""
    from toolkit.docket import STAGES, answer, standings

    with console.open_home() as home:
        listed = [
            one for one in standings(home, now=as_of or datetime.now(UTC)) if unit in (None, one.recommending_unit)
        ]
    listed.sort(key=lambda one: (one.recommending_unit, one.serial))
    stages = {kind: message.render(console.translate) for kind, message in STAGES.items()}
    if summary is not None:
        from toolkit.summary import summary as written

        rows = [
            {"serial": one.serial, "application": one.application, "stage": stages[one.stage]}
            for one in listed
            if one.stage != "withdrawn"
        ]
        title = console.translate("Summary of recommended projects")
        write_files(summary.parent, {summary.name: written(rows, title, console.translate)})
    shown = [one for one in listed if everything or one.wanting]
    if as_json:
        console.json(answer(shown))
    else:
        from toolkit.cli.tables import print_due

        print_due([one.to_dict() for one in shown], stages, console.translate)
