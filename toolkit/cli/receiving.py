"""What intake runs to take paper in: ``receive``, and ``receipt`` for whoever holds the signing key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli.answer import (
    Console,
    Moment,
    json_option,
    output_option,
    pass_console,
    utf8,
)
from toolkit.cli.intake import scanned_files, scans_argument
from toolkit.errors import KeyUnusable, UsageError
from toolkit.messages import Message
from toolkit.output import write_files
from toolkit.passphrases import given_passphrase

if TYPE_CHECKING:
    from toolkit.home import Home
    from toolkit.issued import File
    from toolkit.receiving import Reception


@click.command()
@scans_argument
@click.option(
    "--at", type=Moment(), metavar="TIME", help="When the paper came, in the notice's time zone (default: now)."
)
@click.option("--by", default="", metavar="NAME", help="Who takes it in, or accepts a finding.")
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="REFERENCE:REASON",
    help="Accept one indeterminate finding of a page (or SERIAL:REASON, of the whole), with --reason and --by.",
)
@click.option("--reason", "reasons", multiple=True, metavar="TEXT", help="Why; one for each --accept, in their order.")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML report of all that came."
)
@output_option
@json_option
@pass_console
@click.pass_context
def receive(
    context: click.Context,
    console: Console,
    scans: tuple[Path, ...],
    at: datetime | None,
    by: str,
    accepted: tuple[str, ...],
    reasons: tuple[str, ...],
    report: Path | None,
    output: Path,
    as_json: bool,
) -> None:
    """Verify paper and enter it as received; later scans of a page join the earlier ones."""
    from toolkit.receiving import receive as receive_scans
    from toolkit.report import html_report

    if len(accepted) != len(reasons) or len(set(accepted)) != len(accepted):
        raise UsageError(Message("give every finding once with --accept, and its --reason behind it"))
    with console.open_home() as home:
        with console.progress("Reading pages") as progress:
            reception = receive_scans(
                scanned_files(console, scans),
                home=home,
                at=at,
                by=by,
                accept=dict(zip(accepted, reasons, strict=True)),
                pictures=report is not None,
                progress=progress,
            )
        receipts, refused = _receipts(home, reception)
    paths = dict(
        zip(receipts, write_files(output, {file.name: file.content for file in receipts.values()}), strict=True)
    )
    if report is not None:
        write_files(report.parent, {report.name: utf8(html_report(reception.paper, console.translate))})
    if as_json:
        console.json(_answer(reception, receipts, paths, refused, console))
    else:
        from toolkit.cli.tables import print_reception
        from toolkit.report import print_verdict

        print_verdict(reception.paper, console.translate)
        print_reception(reception, paths, console.translate)
        if refused is not None:
            console.tell(
                "No receipt was written: {why}. Later, where the key is: truecopy receipt {serials} -o FOLDER",
                why=refused,
                serials=" ".join(one.serial for one in reception.submissions if one.serial not in receipts),
            )
    context.exit(reception.outcome.exit_code)


@click.command()
@click.argument("serials", nargs=-1, required=True, metavar="SERIAL...")
@output_option
@json_option
@pass_console
def receipt(console: Console, serials: tuple[str, ...], output: Path, as_json: bool) -> None:
    """Write the receipt for the paper that was received of a submission."""
    from toolkit.receipt import receipt as receipt_for

    with console.open_home() as home:
        files = [receipt_for(home, serial, passphrase=lambda: console.passphrase(home)) for serial in serials]
    paths = write_files(output, {file.name: file.content for file in files})
    if as_json:
        told = [_told(file, path) for file, path in zip(files, paths, strict=True)]
        console.json({"format": 1, "receipts": told})
    else:
        for path in paths:
            click.echo(path)


def _receipts(home: Home, reception: Reception) -> tuple[dict[str, File], Message | None]:
    """Return the receipts by serial, and why there are none where there is no key, or no passphrase was given.

    Nobody is asked for a passphrase: a clerk at intake need not know it.
    """
    from toolkit.receipt import receipt as receipt_for

    files = {}
    for one in reception.submissions:
        if one.collected.received.pages:
            try:
                files[one.serial] = receipt_for(home, one.serial, passphrase=given_passphrase())
            except KeyUnusable as error:
                return files, error.message
    return files, None


def _answer(
    reception: Reception,
    receipts: Mapping[str, File],
    paths: Mapping[str, Path],
    refused: Message | None,
    console: Console,
) -> dict[str, object]:
    answer = reception.to_dict(console.translate)
    submissions: Sequence[Any] = answer["submissions"]  # type: ignore[assignment]
    for one in submissions:
        serial = one["verdict"]["serial"]
        one["receipt"] = _told(receipts[serial], paths[serial]) if serial in receipts else None
    return {**answer, "no_receipt": refused.render(console.translate) if refused else None}


def _told(file: File, path: Path) -> dict[str, object]:
    return {**file.to_dict(), "path": str(path)}
