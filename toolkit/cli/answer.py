"""How commands answer: text for a person, JSON for a program, errors in one sentence, files written whole or not."""

from __future__ import annotations

import copy
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from toolkit.errors import CheckFailed, KeyUnusable, TruecopyError
from toolkit.messages import Message, Translate
from toolkit.passphrases import given_passphrase
from toolkit.resources import LANGUAGES, home_folder, translation
from toolkit.verdict import FORMAT

if TYPE_CHECKING:
    from toolkit.home import Home


@dataclass(frozen=True, slots=True)
class Console:
    """What every command is given: the data folder that was named, and the language to speak."""

    home: Path | None
    translate: Translate

    def say(self, text: str, /, **values: object) -> None:
        """Write one sentence of the result to stdout."""
        click.echo(Message(text, **values).render(self.translate))

    def tell(self, text: str, /, **values: object) -> None:
        """Write one sentence that is not the result (progress, hints) to stderr."""
        click.echo(Message(text, **values).render(self.translate), err=True)

    def json(self, answer: Mapping[str, object]) -> None:
        """Write the answer as JSON to stdout, in UTF-8 whatever the console's encoding is."""
        encoded = utf8(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()
        binary = getattr(sys.stdout, "buffer", None)
        if binary is None:  # an IDE's stream without bytes behind it
            sys.stdout.write(encoded.decode("utf-8"))
        else:
            binary.write(encoded)
            binary.flush()

    def prepare_streams(self) -> None:
        """Let a console that cannot show a character (Uyghur on GBK) show its code instead of failing."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    def error(self, error: TruecopyError, *, as_json: bool) -> int:
        """Tell an error in one sentence (or as a JSON object) and return its exit code."""
        return self._report(error.code, error.message.render(self.translate), error.exit_code, as_json=as_json)

    def refusal(self, refused: CheckFailed, source: Path, *, as_json: bool) -> int:
        """Tell every finding that refused an application, and return the exit code of the worst."""
        if as_json:
            self.json(refused.verdict.to_dict(self.translate))
        else:
            from toolkit.checklist import print_check

            print_check(refused.verdict, source=str(source), translate=self.translate)
            self.error(refused, as_json=False)
        return refused.verdict.outcome.exit_code

    def usage_error(self, error: click.UsageError, *, as_json: bool) -> int:
        """Tell what is wrong with the call; the hint names the command's own help."""
        hint = f" ({error.ctx.command_path} --help)" if error.ctx else ""
        return self._report("USAGE", error.format_message() + hint, 2, as_json=as_json)

    def os_error(self, error: OSError, *, as_json: bool) -> int:
        """Tell what the operating system refused, with the file it refused it for."""
        where = error.filename if isinstance(error.filename, str) else "-"
        message = Message("the system refused access to {path}: {why}", path=where, why=error.strerror or error)
        return self._report("SYSTEM", message.render(self.translate), 1, as_json=as_json)

    def _report(self, code: str, message: str, exit_code: int, *, as_json: bool) -> int:
        if as_json:
            self.json({"format": FORMAT, "error": {"code": code, "message": message}})
        else:
            click.echo(f"truecopy: {message}", err=True)
        return exit_code

    @contextmanager
    def open_home(self) -> Iterator[Home]:
        """Open the data folder that was named, or the one of this system."""
        from toolkit.home import open_home

        with open_home(self.home) as home:
            yield home

    def data_folder(self) -> Path:
        """Return where the data folder is, or would be: an applicant has none, but may have programmes there."""
        return home_folder(self.home)

    def passphrase(self, home: Home) -> str | None:
        """Return what opens the signing key: by environment, by file, or asked for; None when it is not encrypted.

        Raises:
            KeyUnusable: nobody is there to ask, or the file named by ``TRUECOPY_PASSPHRASE_FILE`` cannot be read.
        """
        if not home.keys.needs_passphrase(datetime.now(UTC)):
            return None
        return given_passphrase() or self.ask_passphrase(confirm=False)

    def ask_passphrase(self, *, confirm: bool, label: str = "Passphrase of the signing key") -> str:
        """Ask for a passphrase at the keyboard, without showing it."""
        if not sys.stdin.isatty():
            raise KeyUnusable(
                Message(
                    "the key needs a passphrase and there is no keyboard to ask at: set TRUECOPY_PASSPHRASE, or"
                    " TRUECOPY_PASSPHRASE_FILE to the path of a file that holds it"
                )
            )
        return str(click.prompt(self.translate(label), hide_input=True, confirmation_prompt=confirm, err=True))

    @contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int, int], None]]:
        """Show how many are done and how long the rest takes on a terminal at stderr.

        Yields the function that moves the bar: ``(done, total)``.
        """
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = RichConsole(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(self.translate(label), total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)


def utf8(text: str) -> bytes:
    """Return text as UTF-8, also where it names a file by bytes that this system's encoding does not know (PEP 383)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode("utf-8")


output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="The folder for the files.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["typst", "libreoffice"]),
    default="typst",
    show_default=True,
    help="What sets the pages; libreoffice must be installed.",
)
pass_console = click.make_pass_decorator(Console)


class Moment(click.DateTime):
    """A time as people write it; without an offset it is one of the programme's zone, as the notice's are."""

    def __init__(self, *others: str) -> None:
        rests, between = (":%S%z", "%z", ":%S", ""), ("T", " ")
        super().__init__([*(f"%Y-%m-%d{gap}%H:%M{rest}" for rest in rests for gap in between), *others])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the time, or say in one sentence how it is written."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            console = ctx.find_object(Console) if ctx else None
            message = Message("“{time}” is not a time; write one such as 2025-06-30 19:50", time=value)
            self.fail(message.render(console.translate if console else str), param, ctx)


json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for programs.")


def localised(command: click.Command, translate: Translate | None = None) -> click.Command:
    """Return a copy of a command whose help speaks the language of ``translate``, or that of the current context.

    A command that does something also takes ``--home`` and ``--lang`` itself: people write them where they think of
    them, before the command or behind it.
    """
    if translate is None:
        context = click.get_current_context(silent=True)
        console = context.find_object(Console) if context else None
        translate = console.translate if console else translation()
    twin = copy.copy(command)
    if twin.help:
        twin.help = translate(inspect.cleandoc(twin.help))
    twin.params = [_localised_parameter(parameter, translate) for parameter in command.params]
    if isinstance(twin, click.Group):
        twin.commands = {name: localised(child, translate) for name, child in twin.commands.items()}
    else:
        twin.params += [_localised_parameter(parameter, translate) for parameter in _anywhere()]
    return twin


def _localised_parameter(parameter: click.Parameter, translate: Translate) -> click.Parameter:
    help_text: Any = getattr(parameter, "help", None)
    if not help_text:
        return parameter
    twin: Any = copy.copy(parameter)
    twin.help = translate(help_text)
    return cast(click.Parameter, twin)


def _anywhere() -> list[click.Parameter]:
    def change(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value is None:
            return
        console = context.find_object(Console) or Console(home=None, translate=translation())
        if parameter.name == "home":
            context.obj = replace(console, home=value)
        else:
            context.obj = replace(console, translate=translation(value))

    common: dict[str, Any] = {"expose_value": False, "is_eager": True, "callback": change}
    return [
        click.Option(["--home"], type=click.Path(path_type=Path), help="The data folder.", **common),
        click.Option(["--lang"], type=click.Choice(LANGUAGES), help="Language of messages.", **common),
    ]
