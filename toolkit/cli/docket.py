"""What an office keeps its submissions in order with: ``event``, ``revoke``, ``due``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console, Moment, json_option, pass_console
from toolkit.errors import KeyUnusable
from toolkit.output import write_files
from toolkit.passphrases import given_passphrase
from toolkit.records.life import EVENTS

if TYPE_CHECKING:
    from toolkit.home import Home


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
@click.argument("serial")
@click.option("--reason", required=True, metavar="TEXT", help="Why; whoever verifies a page of it is told.")
@click.option("--revision", type=click.IntRange(min=1), help="The revision (default: the latest).")
@click.option("--by", "who", default="", metavar="WHO", help="Who revokes (default: the office).")
@pass_console
def revoke(console: Console, serial: str, reason: str, revision: int | None, who: str) -> None:
    """Revoke an issued record: from now on every page of it fails, with date and reason. Nothing undoes it."""
    from toolkit.docket import revoke as revoke_record

    with console.open_home() as home:
        passphrase = _head_passphrase(console, home)
        revoked = revoke_record(home, serial, reason=reason, who=who, revision=revision, passphrase=passphrase)
    console.say("{serial} revision {revision} is revoked", serial=serial, revision=revoked)


def _head_passphrase(console: Console, home: Home) -> str | None:
    """Return what opens the key for heads, where one is here and is encrypted."""
    from toolkit.seal.certificates import Use

    try:
        encrypted = home.keys.needs_passphrase(datetime.now(UTC), Use.HEADS)
    except KeyUnusable:  # none here: nothing is signed then; or none that is valid, which signing tells
        return None
    return (given_passphrase() or console.ask_passphrase(confirm=False)) if encrypted else None


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
            if one.stage not in ("withdrawn", "revoked")
        ]
        title = console.translate("Summary of recommended projects")
        write_files(summary.parent, {summary.name: written(rows, title, console.translate)})
    shown = [one for one in listed if everything or one.wanting]
    if as_json:
        console.json(answer(shown))
    else:
        from toolkit.cli.tables import print_due

        print_due([one.to_dict() for one in shown], stages, console.translate)
