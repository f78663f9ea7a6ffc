"""``issue --batch``: many formal copies, and how to go on when it was broken off."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console
from toolkit.messages import Message
from toolkit.verdict import FORMAT

if TYPE_CHECKING:
    from toolkit.batches import Tally

INTERRUPTED = 130
"""What a shell reports for a program that was interrupted."""


def run_batch(console: Console, source: Path, output: Path, *, engine: str, cluster: str | None, as_json: bool) -> int:
    """Issue a batch, tell what came of it, and return the exit code."""
    from toolkit.batch_items import read_batch
    from toolkit.batches import Order, Tally, issue_batch

    batch = read_batch(source)
    results = output / f"{batch.name}.results.jsonl"
    if batch.left_alone:
        console.tell("{count} other files in {path} are left alone", count=batch.left_alone, path=source)
    with console.open_home() as home:
        home.store  # noqa: B018  # without one, or one that cannot be read, no application needs to be tried
        passphrase = console.passphrase(home) if cluster is None else None
        order = Order(home.folder.resolve(), output.resolve(), engine, passphrase)
    tally = Tally()
    try:
        with console.progress("Issuing") as progress:
            progress(0, batch.count)
            tallies = issue_batch(
                batch, order, results, translate=console.translate, cluster=cluster, progress=progress
            )
            for after in tallies:
                tally = after
    except KeyboardInterrupt:
        console.tell(
            "stopped after {done} of {count}; what was issued is kept. The same command goes on: {command}",
            done=tally.done,
            count=batch.count,
            command="truecopy " + " ".join(sys.argv[1:]),
        )
        return INTERRUPTED
    if as_json:
        console.json(_answer(tally, results))
    else:
        console.say("{results} has a line about each of {count}", results=results, count=batch.count)
        for message in _told(tally):
            click.echo(message.render(console.translate))
    return tally.exit_code


def _answer(tally: Tally, results: Path) -> dict[str, object]:
    return {
        "format": FORMAT,
        "outcome": tally.outcome,
        "issued": tally.passed,
        "again": tally.again,
        "failed": tally.failed,
        "indeterminate": tally.indeterminate,
        "errors": tally.errors,
        "results": str(results),
    }


def _told(tally: Tally) -> list[Message]:
    counts = (
        (
            tally.passed,
            Message("issued: {count}, of which {again} had been before", count=tally.passed, again=tally.again),
        ),
        (tally.failed, Message("not issued, to be mended: {count}", count=tally.failed)),
        (tally.indeterminate, Message("not issued, to be accepted with a reason: {count}", count=tally.indeterminate)),
        (tally.errors, Message("errors, to be looked at: {count}", count=tally.errors)),
    )
    return [message for count, message in counts if count]
