"""What an office proves its store with: ``audit``."""

from __future__ import annotations

from pathlib import Path

import click

from toolkit.cli.answer import Console, json_option, pass_console
from toolkit.output import write_files


@click.command()
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="FILE|TEXT",
    help="A head of the ledger that was kept elsewhere, such as the line that a receipt prints.",
)
@click.option(
    "--save-head",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the last head, signed, to this file when nothing is found.",
)
@json_option
@pass_console
@click.pass_context
def audit(
    context: click.Context, console: Console, heads: tuple[str, ...], save_head: Path | None, as_json: bool
) -> None:
    """Prove the whole store against its ledger, and the ledger against heads kept elsewhere."""
    from toolkit.auditing import audit as audit_store
    from toolkit.cli.tables import print_audit

    with console.open_home() as home, console.progress("Auditing") as progress:
        audited = audit_store(home, heads, progress=progress)
    if save_head is not None and audited.head is not None:
        write_files(save_head.parent, {save_head.name: audited.head.data})
    if as_json:
        console.json(audited.to_dict(console.translate))
    else:
        print_audit(audited.to_dict(console.translate), console.translate)
    context.exit(audited.outcome.exit_code)
