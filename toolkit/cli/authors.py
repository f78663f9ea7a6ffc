"""What authors of templates run: ``typeset``, ``lint``, ``fonts``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.answer import Console, engine_option, json_option, pass_console
from toolkit.output import write_files
from toolkit.verdict import FORMAT

if TYPE_CHECKING:
    from toolkit.forms.fonts import FontCatalogue

_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("form", type=_file)
@click.option("-o", "--output", type=_file, required=True, help="The PDF to write.")
@engine_option
@json_option
@pass_console
def typeset(console: Console, form: Path, output: Path, engine: str, as_json: bool) -> None:
    """Set a Word file as PDF/A, without Word."""
    from toolkit.authoring import set_form

    made = set_form(form, fonts=_fonts(console), engine=engine, now=datetime.now(UTC).replace(microsecond=0))
    write_files(output.parent, {output.name: made.pdf})
    if made.tracked_changes:
        console.tell("there are tracked changes, which are set as accepted: accept or reject them in Word")
    if as_json:
        fonts = [file.postscript_name for file in made.faces]
        console.json({"format": FORMAT, "path": str(output), "pages": made.pages, "fonts": fonts})
    else:
        console.say("{path}: {pages} pages", path=output, pages=made.pages)


@click.command()
@click.argument("template", type=_file)
@click.option("--programme", metavar="NAME", help="Hold it against this programme (default: that of its folder).")
@click.option("--annotate", type=_file, metavar="OUT.docx", help="Write a copy with every finding as a Word comment.")
@json_option
@pass_console
@click.pass_context
def lint(
    context: click.Context,
    console: Console,
    template: Path,
    programme: str | None,
    annotate: Path | None,
    as_json: bool,
) -> None:
    """Tell every fault of a template at once, with its paragraph."""
    from toolkit.application.programme import Programme
    from toolkit.authoring import lint as lint_template
    from toolkit.authoring import read_file
    from toolkit.errors import UsageError
    from toolkit.messages import Message
    from toolkit.resources import programme_folder

    against = Programme.load(programme_folder(programme, console.data_folder())) if programme else None
    report = lint_template(template, fonts=_fonts(console), programme=against)
    if annotate is not None:
        if template.suffix.lower() == ".pdf":
            raise UsageError(Message("comments are written into Word files only; leave --annotate out for a PDF form"))
        from toolkit.forms.annotating import annotated

        marked = annotated(read_file(template), report.findings, name=template.name, translate=console.translate)
        write_files(annotate.parent, {annotate.name: marked})
    if as_json:
        console.json(report.to_dict(console.translate))
    else:
        for finding in report.findings:
            said = finding.message.render(console.translate)
            kind = console.translate(finding.outcome.value)
            place = finding.paragraph
            if place is None:
                click.echo(f"{kind}: {said}")
                continue
            part = "" if place.part == "word/document.xml" else f"{place.part} "
            where = console.translate("paragraph {number}").format(number=place.number)
            click.echo(f"{kind}: {part}{where}: {said}\n    {place.text.strip()[:80]}")
        console.say("{template}: {outcome}", template=template, outcome=console.translate(report.outcome.value))
    context.exit(report.outcome.exit_code)


@click.command()
@json_option
@pass_console
def fonts(console: Console, as_json: bool) -> None:
    """Show which fonts the templates ask for, and what they are set in."""
    from toolkit.authoring import faces
    from toolkit.cli.tables import print_table

    catalogue = _fonts(console)
    found = list(faces(console.data_folder(), catalogue))
    files = {family: catalogue.file(family).path.name for family in {use.family for _, _, use in found}}
    if as_json:
        console.json(
            {
                "format": FORMAT,
                "folders": [str(folder) for folder in catalogue.folders],
                "faces": [
                    {
                        "programme": programme,
                        "template": template,
                        "face": use.face,
                        "family": use.family,
                        "file": files[use.family],
                        "known": use.known,
                    }
                    for programme, template, use in found
                ],
            }
        )
        return
    translate = console.translate
    missing = translate("not there")
    columns = [
        translate("Programme"),
        translate("Template"),
        translate("Font asked for"),
        translate("Set in"),
        translate("File"),
    ]
    rows = [
        (name, template, use.face, use.family if use.known else f"{use.family} ({missing})", files[use.family])
        for name, template, use in found
    ]
    print_table("", columns, rows)


def _fonts(console: Console) -> FontCatalogue:
    """Return the supplied fonts, with the office's own over them where there is a data folder."""
    from toolkit.forms.fonts import FontCatalogue
    from toolkit.home import SETTINGS, Settings
    from toolkit.resources import shared

    settings = console.data_folder() / SETTINGS
    office = Settings.read(settings).fonts_dir if settings.is_file() else None
    return FontCatalogue.load(shared("fonts"), office)
