"""Tables that commands print for a person, where the answer is no verdict (``report`` has those)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from toolkit.docket import STAGES
from toolkit.messages import Message, Translate
from toolkit.records.record import Accepted


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table as wide as it needs to be, numbers to the right; texts are shown as they are, without markup.

    The title stands above it in a line of its own: rich would break it at the width of the table.
    """
    shown = [tuple(row) for row in rows]
    table = Table()
    for place, column in enumerate(columns):
        numbers = bool(shown) and all(isinstance(row[place], int) for row in shown)
        table.add_column(column, overflow="fold", justify="right" if numbers else "left")
    for row in shown:
        table.add_row(*(Text(str(value)) for value in row))
    console = Console()
    if title:
        console.print(Text(title, style="italic"))
    console.print(table)


def print_keys(answer: Mapping[str, Any], translate: Translate) -> None:
    """Print what ``keys list --json`` answers."""
    yes, no = translate("yes"), translate("no")
    uses = {"seals": translate("seals"), "heads": translate("heads")}
    print_table(
        translate("Office roots in {folder}").format(folder=answer["folder"]),
        [translate("Office"), translate("Fingerprint")],
        [(root["office"], root["fingerprint"]) for root in answer["roots"]],
    )
    print_table(
        translate("Signing certificates"),
        [
            translate("Office"),
            translate("Key"),
            translate("For"),
            translate("Prefix"),
            translate("Valid until"),
            translate("Key is here"),
        ],
        [
            (
                certificate["office"] + (translate(", demo key") if certificate["demo"] else ""),
                certificate["kid"],
                uses[certificate["use"]],
                certificate["prefix"],
                certificate["valid_until"][:10],
                yes if certificate["can_sign_here"] else no,
            )
            for certificate in answer["certificates"]
        ],
    )


def print_submission(answer: Mapping[str, Any], translate: Translate) -> None:
    """Print what ``show --json`` answers, kinds of files and events in the reader's language."""
    kinds = {
        "form": translate("form"),
        "print set": translate("print set"),
        "template": translate("template"),
        "font": translate("font"),
        **{kind: message.render(translate) for kind, message in STAGES.items()},
    }
    print_table(
        translate("{serial} revision {revision} of {latest}, issued {time}").format(
            serial=answer["serial"],
            revision=answer["revision"],
            latest=answer["latest_revision"],
            time=answer["issued_at"],
        ),
        [translate("Document"), translate("Code"), translate("Copies"), translate("Pages")],
        [(entry["id"], entry["code"], entry["copies"], entry["pages"]) for entry in answer["documents"]],
    )
    print_table(
        translate("Files"),
        [translate("Name"), translate("Kind"), translate("Size"), "SHA-256"],
        [
            (file["name"], kinds.get(file["kind"], file["kind"]), file["size"], file["sha256"][:16])
            for file in answer["files"]
        ],
    )
    print_table(
        translate("Events"),
        [translate("Time"), translate("Event"), translate("Who")],
        [(event["at"], kinds.get(event["kind"], event["kind"]), event["who"]) for event in answer["events"]],
    )
    for one in answer["accepted"]:
        Console().print(Text(Accepted(**one).told().render(translate)))
    if answer["paper_due"]:
        told = Message("Its paper is due on {day}.", day=answer["paper_due"])
        Console().print(Text(told.render(translate)))


def print_due(listed: Sequence[Mapping[str, Any]], stages: Mapping[str, str], translate: Translate) -> None:
    """Print what ``due --json`` answers, a table for each recommending unit."""
    wanting = {
        "due": translate("paper is due"),
        "overdue": translate("paper is overdue"),
        "incomplete": translate("incomplete"),
    }
    if not listed:
        Console().print(Text(translate("Nothing is due.")))
    for unit in dict.fromkeys(one["recommending_unit"] for one in listed):
        print_table(
            unit or "-",
            [
                translate("Serial"),
                translate("Project"),
                translate("Applicant unit"),
                translate("Stage"),
                translate("Paper due"),
                translate("Wanting"),
            ],
            [
                (
                    one["serial"],
                    one["title"],
                    one["applicant_unit"],
                    stages[one["stage"]],
                    one["paper_due"] or "",
                    wanting.get(one["wanting"], ""),
                )
                for one in listed
                if one["recommending_unit"] == unit
            ],
        )
