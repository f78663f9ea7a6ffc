"""The command line: parses, calls, reports; decides nothing.

Results go to stdout, everything else to stderr. Exit codes by contract: 0 passed, 1 error, 2 usage, 3 failed,
4 indeterminate. Every command is in the module that its name points to below, and is imported only when it is called,
so that ``check`` does not pay for what ``issue`` needs.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

from toolkit.cli.answer import Console, localised
from toolkit.errors import TruecopyError
from toolkit.resources import LANGUAGES, translation

COMMANDS = {
    "new": "applicant",
    "check": "applicant",
    "draft": "applicant",
    "issue": "office",
    "export": "office",
    "show": "office",
    "event": "docket",
    "revoke": "docket",
    "due": "docket",
    "audit": "audit",
    "keys": "keys",
    "backup": "keeping",
    "restore": "keeping",
    "verify": "intake",
    "inspect": "intake",
    "receive": "receiving",
    "receipt": "receiving",
    "import": "bundles",
    "typeset": "authors",
    "lint": "authors",
    "fonts": "authors",
    "demo": "demo",
}

_FUNCTIONS = {"import": "import_bundles"}
"""Commands whose name no function of Python can have."""


class Commands(click.Group):
    """The group of all commands; imports one when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the commands in the order of the way paper goes, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import the command's module and return the command, with its help in the language of the context."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"toolkit.cli.{COMMANDS[name]}"), _FUNCTIONS.get(name, name))
        return localised(command)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path), envvar="TRUECOPY_HOME", help="The data folder.")
@click.option("--lang", type=click.Choice(LANGUAGES), help="Language of messages (default: that of the system).")
@click.version_option(package_name="truecopy", prog_name="truecopy")
@click.pass_context
def truecopy(context: click.Context, home: Path | None, lang: str | None) -> None:
    """Truecopy (正本): formal paper copies whose every page can be proved."""
    context.obj = Console(home=home, translate=translation(lang))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the code of the contract."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    console = Console(home=None, translate=translation(_language_asked(arguments)))
    console.prepare_streams()
    try:
        command = localised(truecopy, console.translate)
        code = command.main(arguments, prog_name="truecopy", standalone_mode=False, obj=console)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.Abort:
        code = 130  # what a shell reports for a program that was interrupted
    except click.UsageError as error:
        code = console.usage_error(error, as_json=as_json)
    except TruecopyError as error:
        code = console.error(error, as_json=as_json)
    except OSError as error:
        code = console.os_error(error, as_json=as_json)
    sys.exit(code if isinstance(code, int) else 0)


def _language_asked(arguments: list[str]) -> str | None:
    """Return the value of ``--lang``, so that a usage error is told in the language that was asked for."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
    return None
