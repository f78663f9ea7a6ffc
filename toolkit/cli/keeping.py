"""Keeping the store: ``backup`` writes all of it into one file, ``restore`` fills an empty store from one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from toolkit.cli.answer import Console, json_option, pass_console


@click.command()
@click.argument("target", metavar="FILE|DIR", type=click.Path(path_type=Path))
@json_option
@pass_console
def backup(console: Console, target: Path, as_json: bool) -> None:
    """Write all of the store into one new file, while issuing goes on."""
    now = datetime.now(UTC)
    path = target / f"truecopy-{now:%Y%m%dT%H%M%SZ}.backup" if target.is_dir() else target
    with console.open_home() as home, console.progress("Backing up") as progress:
        copied = home.store.back_up(path, progress=progress)
    if as_json:
        console.json({"format": 1, "path": str(path), "size": path.stat().st_size, **copied.to_plain()})
    else:
        console.say(
            "{path} has {records} records, {files} files and {events} events.",
            path=path,
            records=copied.records,
            files=copied.files,
            events=copied.events,
        )


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--complete", is_flag=True, help="Nothing was issued after the backup: leave no numbers and revisions out."
)
@json_option
@pass_console
def restore(console: Console, source: Path, complete: bool, as_json: bool) -> None:
    """Fill an empty or missing store from a backup, of whatever database."""
    from toolkit.records.backup import NUMBERS_LEFT_OUT, REVISIONS_LEFT_OUT
    from toolkit.records.store import Store

    with console.open_home() as home, console.progress("Restoring") as progress:
        copied = Store.restore(
            home.store_address,
            source,
            files=home.settings.files,
            complete=complete,
            who=home.settings.office,
            now=datetime.now(UTC),
            progress=progress,
        )
    numbers, revisions = (0, 0) if complete else (NUMBERS_LEFT_OUT, REVISIONS_LEFT_OUT)
    if as_json:
        left_out = {"numbers": numbers, "revisions": revisions}
        console.json({"format": 1, "path": str(source), "left_out": left_out, **copied.to_plain()})
        return
    console.say(
        "Restored {records} records, {files} files and {events} events.",
        records=copied.records,
        files=copied.files,
        events=copied.events,
    )
    if not complete:
        console.say(
            "{numbers} numbers of each series and {revisions} revisions of each submission are left out: they may have "
            "been given after the backup was made. What was issued then is unknown here: issue it again.",
            numbers=numbers,
            revisions=revisions,
        )
