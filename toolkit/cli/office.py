"""What an office runs: ``issue``, ``export``, ``show``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console, engine_option, json_option, output_option, pass_console
from toolkit.errors import CheckFailed, OutputNotWritten, UsageError
from toolkit.messages import Message, masked
from toolkit.output import write_files, written_whole
from toolkit.verdict import FORMAT

if TYPE_CHECKING:
    from toolkit.issued import Issued

_TYPED = frozenset({"who", "by", "reason", "why"})
"""Parts of what ``show`` answers that hold what somebody typed; all others are the office's own."""


@click.command()
@click.argument("application", required=False, type=click.Path(path_type=Path))
@output_option
@click.option(
    "--batch",
    type=click.Path(path_type=Path, exists=True),
    metavar="BATCH",
    help="Issue many: a folder of applications, lines (.jsonl), or a list of files (.xlsx).",
)
@click.option("--cluster", metavar="ADDRESS", help="Issue the batch on a Dask cluster, such as tcp://host:8786.")
@click.option("--revises", metavar="SERIAL", help="Issue the next revision of this submission.")
@click.option("--accept", "clauses", multiple=True, metavar="CLAUSE", help="Accept a rule in principle, with --reason.")
@click.option("--reason", "reasons", multiple=True, metavar="TEXT", help="Why; one for each --accept, in their order.")
@click.option("--key", metavar="KEY", help="Your key for this call; the same key gets the same answer.")
@engine_option
@json_option
@pass_console
@click.pass_context
def issue(
    context: click.Context,
    console: Console,
    application: Path | None,
    output: Path,
    batch: Path | None,
    cluster: str | None,
    revises: str | None,
    clauses: tuple[str, ...],
    reasons: tuple[str, ...],
    key: str | None,
    engine: str,
    as_json: bool,
) -> None:
    """Issue the formal copy of an application, or of each of a batch, and keep its record."""
    if batch is not None:
        if application is not None or revises is not None or clauses or reasons or key is not None:
            raise UsageError(Message("--batch goes with -o, --engine and --cluster; its lines say the rest"))
        from toolkit.cli.batch import run_batch

        context.exit(run_batch(console, batch, output, engine=engine, cluster=cluster, as_json=as_json))
    if application is None or cluster is not None:
        raise UsageError(Message("name an application, or a batch with --batch; --cluster goes with --batch"))
    from toolkit.application.reading import load_application
    from toolkit.issuing import issue as issue_application

    if len(clauses) != len(reasons) or len(set(clauses)) != len(clauses):
        raise UsageError(Message("give every clause once with --accept, and its --reason behind it"))
    with console.open_home() as home:
        loaded = load_application(application, home=home.folder)
        passphrase = console.passphrase(home)
        try:
            with console.progress("Issuing") as progress:
                issued = issue_application(
                    loaded,
                    home=home,
                    passphrase=passphrase,
                    key=key,
                    revises=revises,
                    accept=dict(zip(clauses, reasons, strict=True)),
                    engine=engine,
                    progress=progress,
                )
        except CheckFailed as refused:
            context.exit(console.refusal(refused, application, as_json=as_json))
    try:
        _answer(console, issued, output, as_json=as_json)
    except OutputNotWritten as error:
        raise OutputNotWritten(
            Message(
                "{serial} is issued and kept, but {problem}; then run: truecopy export {serial} -o FOLDER",
                serial=issued.serial,
                problem=error.message,
            )
        ) from error


@click.command()
@click.argument("serials", nargs=-1, metavar="SERIAL...")
@click.option("--revision", type=click.IntRange(min=1), help="The revision (default: the latest).")
@click.option("--pages", metavar="P/1/3-4", help="Only the sheets with these pages: document/copy/pages.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write one signed record bundle of all these submissions, for an intake point without the store.",
)
@click.option("--programme", metavar="NAME", help="With --bundle: all submissions of this programme.")
@output_option
@json_option
@pass_console
def export(
    console: Console,
    serials: tuple[str, ...],
    revision: int | None,
    pages: str | None,
    bundle: Path | None,
    programme: str | None,
    output: Path,
    as_json: bool,
) -> None:
    """Write the files of a submission again, as they were issued, single sheets, or a record bundle for a clerk."""
    from toolkit.issued import issued_before

    if bundle is not None:
        if revision is not None or pages is not None or not (serials or programme):
            raise UsageError(
                Message("--bundle takes serials or --programme, and writes the revisions that are in force")
            )
        _export_bundle(console, bundle, serials, programme, as_json=as_json)
        return
    if len(serials) != 1 or programme is not None:
        raise UsageError(Message("name one submission, or several with --bundle"))
    (serial,) = serials
    with console.open_home() as home:
        issued = issued_before(home, serial, revision)
        if pages is not None:
            from toolkit.redrawing import sheets

            issued = replace(issued, files=(sheets(home, serial, pages, revision),))
    _answer(console, issued, output, as_json=as_json)


def _export_bundle(
    console: Console, path: Path, serials: tuple[str, ...], programme: str | None, *, as_json: bool
) -> None:
    from toolkit.bundling import export_bundle

    with console.open_home() as home:
        passphrase = console.passphrase(home)
        with written_whole(path) as stream, console.progress("Exporting") as progress:
            made = export_bundle(home, stream, serials, programme=programme, passphrase=passphrase, progress=progress)
    if as_json:
        console.json({"format": FORMAT, "path": str(path), **made.to_dict()})
    else:
        console.say("{path} has the records of {count} submissions", path=path, count=len(made.submissions))


@click.command()
@click.argument("serial")
@click.option("--revision", type=click.IntRange(min=1), help="The revision (default: the latest).")
@click.option("--unmasked", is_flag=True, help="Show numbers of persons in what was entered, instead of masking them.")
@json_option
@pass_console
def show(console: Console, serial: str, revision: int | None, unmasked: bool, as_json: bool) -> None:
    """Show what the store has of a submission: its documents, files and events."""
    from toolkit.collected import received_of
    from toolkit.issued import described

    with console.open_home() as home:
        description = {**described(home, serial, revision), "received": received_of(home, serial, revision)}
    if not unmasked:
        description = {name: _discreet(name, value) for name, value in description.items()}
    if as_json:
        console.json(description)
    else:
        from toolkit.cli.tables import print_submission

        print_submission(description, console.translate)


def _discreet(name: str, value: object) -> object:
    """Return a part of what ``show`` answers, with numbers of persons masked in the texts that somebody typed."""
    if isinstance(value, dict):
        return {key: _discreet(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_discreet(name, item) for item in value]
    return masked(value) if name in _TYPED and isinstance(value, str) else value


def _answer(console: Console, issued: Issued, output: Path, *, as_json: bool) -> None:
    paths = write_files(output, {file.name: file.content for file in issued.files})
    if as_json:
        answer = issued.to_dict()
        for entry, path in zip(answer["files"], paths, strict=True):  # type: ignore[call-overload]
            entry["path"] = str(path)
        console.json(answer)
        return
    console.say(
        "{serial} revision {revision} is issued; record {record}",
        serial=issued.serial,
        revision=issued.revision,
        record=issued.record_digest.hex(),
    )
    for path in paths:
        click.echo(f"  {path}")
