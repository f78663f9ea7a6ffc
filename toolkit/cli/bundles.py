"""What an intake point without the store runs: ``import`` takes record bundles in, for ``verify`` to compare with."""

from __future__ import annotations

from pathlib import Path

import click

from toolkit.cli.answer import Console, json_option, pass_console
from toolkit.verdict import FORMAT


@click.command("import")
@click.argument("bundles", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="BUNDLE...")
@json_option
@pass_console
def import_bundles(console: Console, bundles: tuple[Path, ...], as_json: bool) -> None:
    """Take record bundles of an office in, so that paper can be compared without its store."""
    from toolkit.bundling import import_bundle

    taken = []
    with console.open_home() as home:
        for path in bundles:
            bundle = import_bundle(home, path)
            taken.append({"path": str(path), **bundle.to_dict()})
            told = {"path": path, "count": len(bundle.submissions), "office": bundle.office}
            if not as_json and bundle.again:
                console.say("{path} is here already", **told)
            elif not as_json:
                time = bundle.made_at.isoformat()
                console.say("{path}: {count} submissions of {office}, as of {time}", **told, time=time)
    if as_json:
        console.json({"format": FORMAT, "bundles": taken})
