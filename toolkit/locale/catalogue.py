"""Keeps the translations in step with the code: ``make locale`` runs it, needs Babel and a checkout.

Babel's own reader of Python finds calls by their first argument only; ours also takes the help texts of commands and
options, which Click shows. What is gone from the code goes from the catalogue, what is new stands in it untranslated.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1]
PO = Path(__file__).parent / "zh" / "LC_MESSAGES" / "truecopy.po"
MO = PO.with_suffix(".mo")
CALLS = frozenset({"Message", "say", "tell", "translate", "progress"})
"""Functions and methods whose first argument is a sentence for a person."""


def sentences(source: str) -> Iterator[str]:
    """Give every sentence in a Python source that is meant to be translated.

    Raises:
        ValueError: a sentence is an f-string, which no catalogue can hold; the message names the line.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS and node.args:
                yield from _text(node.args[0])
            for keyword in node.keywords:
                if keyword.arg == "help":
                    yield from _text(keyword.value)
        elif isinstance(node, ast.FunctionDef) and any(_makes_command(item) for item in node.decorator_list):
            help_text = ast.get_docstring(node)
            if help_text:
                yield help_text


def fresh(old: Catalog) -> Catalog:
    """Return a catalogue of what the code says now, with the translations that the old one has."""
    catalogue = Catalog(
        locale="zh",
        project="truecopy",
        version="1",
        header_comment="# Chinese translations of Truecopy.",
        msgid_bugs_address="-",
        last_translator="Truecopy",
        language_team="zh",
        creation_date=old.creation_date,
        revision_date=old.creation_date,
        fuzzy=False,
    )
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for sentence in sentences(path.read_text("utf-8")):
            known = old.get(sentence)
            catalogue.add(sentence, known.string if known else "", locations=[(place, 0)])
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the sentences that have no translation yet."""
    return [str(message.id) for message in catalogue if message.id and not message.string]


def po_bytes(catalogue: Catalog) -> bytes:
    """Return the catalogue as translators edit it."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=118, sort_output=True, include_lineno=False)
    return buffer.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the catalogue as gettext reads it."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def load() -> Catalog:
    """Return the committed catalogue, or an empty one where there is none yet."""
    if not PO.exists():
        return Catalog(locale="zh")
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def save(catalogue: Catalog) -> None:
    """Write both files."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po_bytes(catalogue))
    MO.write_bytes(mo_bytes(catalogue))


def main() -> int:
    """Write both files, and name what has no translation yet."""
    catalogue = fresh(load())
    save(catalogue)
    missing = untranslated(catalogue)
    for sentence in missing:
        print(f"not translated: {sentence}", file=sys.stderr)
    return 1 if missing else 0


def _text(node: ast.expr) -> Iterator[str]:
    """Give what an argument says: a literal (neighbours are one already), or either side of a choice between two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _text(node.body)
        yield from _text(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        raise ValueError(f"line {node.lineno}: a sentence must be a literal: {ast.unparse(node)}")


def _makes_command(decorator: ast.expr) -> bool:
    """Tell ``@click.command(...)``, ``@keys.command`` and ``@command()`` from other decorators."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in {"command", "group"}


if __name__ == "__main__":
    sys.exit(main())
