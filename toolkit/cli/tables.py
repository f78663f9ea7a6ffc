"""Tables that commands print for a person, where the answer is no verdict (``report`` has those)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from toolkit.docket import STAGES
from toolkit.messages import Message, Translate
from toolkit.records.record import Accepted
from toolkit.scan.completeness import page_ranges

if TYPE_CHECKING:
    from toolkit.receiving import Reception


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
    """Print what ``keys list --json`` answers: each root with its list, then its keys."""
    yes, no = translate("yes"), translate("no")
    uses = {"seals": translate("seals"), "heads": translate("heads")}
    states = {
        "valid": translate("valid"),
        "not-yet-valid": translate("not yet valid"),
        "expired": translate("expired"),
        "retired": translate("retired"),
        "revoked": translate("compromised"),
        "untrusted": translate("untrusted"),
    }
    Console().print(Text(translate("Trusted in {folder}").format(folder=answer["folder"]), style="italic"))
    print_roots(answer["roots"], translate)
    columns = [
        translate("Key"),
        translate("For"),
        translate("Prefix"),
        translate("Valid until"),
        translate("State"),
        translate("Key is here"),
    ]
    for root in (*answer["roots"], None):
        rows = [
            (
                one["kid"],
                uses[one["use"]],
                one["prefix"],
                one["valid_until"][:10],
                " ".join([states[one["state"]], (one["out_of_use_since"] or "")[:10]]).rstrip(),
                yes if one["can_sign_here"] else no,
            )
            for one in answer["certificates"]
            if one["root"] == (root["fingerprint"] if root else None)
        ]
        if rows:
            title = root["office"] if root else translate("Certificates without a trusted root")
            print_table(title, columns, rows)


def print_roots(roots: Sequence[Mapping[str, Any]], translate: Translate) -> None:
    """Print office roots, with the whole fingerprint and what is known of their revocation lists."""
    console = Console()
    for root in roots:
        demo = translate(" (demo key)") if root["demo"] else ""
        console.print(Text(f"{root['office']}{demo}", style="bold"))
        console.print(Text(f"   {translate('Fingerprint')} {root['fingerprint']}"), soft_wrap=True)
        console.print(Text("   " + list_told(root["revocations"]).render(translate)), soft_wrap=True)


def list_told(held: Mapping[str, Any] | None) -> Message:
    """Return the sentence about a revocation list that a person is told."""
    if held is None:
        return Message("no revocation list: nobody could tell here that a key was revoked")
    said = {"number": held["number"], "days": held["age_days"], "end": held["ends"][:10]}
    if held["stale"]:
        return Message("revocation list {number}, {days} days old; it ended on {end}: get a newer trust bundle", **said)
    return Message("revocation list {number}, {days} days old, good until {end}", **said)


def print_submission(answer: Mapping[str, Any], translate: Translate) -> None:
    """Print what ``show --json`` answers, kinds of files and events in the reader's language."""
    kinds = {
        "receipt": translate("receipt"),
        "receipt form": translate("receipt before sealing"),
        "pages-received": translate("pages received"),
        "receipt-made": translate("receipt made"),
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
            if file["kind"] != "receipt font"  # six for each receipt, and in the JSON
        ],
    )
    print_table(
        translate("Events"),
        [translate("Time"), translate("Event"), translate("Who")],
        [(event["at"], kinds.get(event["kind"], event["kind"]), event["who"]) for event in answer["events"]],
    )
    _print_received(answer["received"], translate)
    for one in answer["accepted"]:
        Console().print(Text(Accepted(**one).told().render(translate)))
    if answer["revoked"]:
        told = Message(
            "Revoked on {time} by {who}: {reason}",
            time=answer["revoked"]["at"],
            who=answer["revoked"]["by"],
            reason=answer["revoked"]["reason"],
        )
        Console().print(Text(told.render(translate), style="bold"))
    if answer["paper_due"]:
        told = Message("Its paper is due on {day}.", day=answer["paper_due"])
        Console().print(Text(told.render(translate)))
    print_head(answer["head"], translate)


def print_head(head: Mapping[str, Any] | None, translate: Translate) -> None:
    """Print the head of the ledger, on a line of its own so that it can be copied."""
    if head:
        Console().print(Text(translate("Head of the ledger:")))
        Console(width=max(Console().width, len(head["text"]))).print(Text(head["text"]))


def _print_received(received: Mapping[str, Any], translate: Translate) -> None:
    """Print what has come of the paper, where any has."""
    if not received["came"]:
        return
    print_table(
        translate("Paper received"),
        [translate("Document"), translate("Copy"), translate("Pages there"), translate("Missing")],
        [
            (one["document"], one["copy"], f"{len(one['there'])}/{one['pages']}", page_ranges(one["missing"]))
            for one in received["copies"]
        ],
    )
    console = Console(soft_wrap=True)
    for one in received["to_rescan"]:
        told = Message(
            "{page}: to be scanned again or replaced: {reasons}", page=one["reference"], reasons=tuple(one["reasons"])
        )
        console.print(Text(told.render(translate)))
    for sentence in accepted_sentences(received["accepted_by_clerk"], translate):
        console.print(Text(sentence))
    for one in received["receipts"]:
        told = Message("receipt {number} was made at {time}", number=one["number"], time=one["made_at"])
        console.print(Text(told.render(translate)))


def print_reception(reception: Reception, receipts: Mapping[str, Path], translate: Translate) -> None:
    """Print what was entered of each submission, where it stands now, and its receipt."""
    print_table(
        translate("Received"),
        [
            translate("Serial"),
            translate("Entered now"),
            translate("Entered before"),
            translate("Pages there"),
            translate("Not in order"),
        ],
        [
            (
                one.serial,
                one.entered,
                one.known,
                f"{len(one.collected.received.pages)}/{sum(tally.pages for tally in one.collected.verdict.tallies)}",
                len(one.collected.to_rescan),
            )
            for one in reception.submissions
        ],
    )
    console = Console(soft_wrap=True)
    for one in reception.submissions:
        console.print(Text(one.told.render(translate)))
        for page in one.collected.to_rescan:
            reasons = translate(", ").join(page.reasons)
            console.print(Text(f"  {one.collected.reference(page.place)}  {reasons}"))
        for told in accepted_sentences(one.to_dict(translate)["accepted_by_clerk"], translate):
            console.print(Text(f"  {told}"))
        if one.serial in receipts:
            console.print(Text(Message("  receipt: {path}", path=receipts[one.serial]).render(translate)))


def accepted_sentences(accepted: Any, translate: Translate) -> list[str]:
    """Return a sentence for each finding that a clerk accepted, as JSON answers have them."""
    return [
        Message(
            "{page}: {reason} accepted by {who}: {why}",
            page=one["reference"] or Message("whole submission"),
            reason=one["reason"],
            who=one["who"],
            why=one["why"],
        ).render(translate)
        for one in accepted
    ]


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
                translate("Pages in order"),
                translate("Wanting"),
            ],
            [
                (
                    one["serial"],
                    one["title"],
                    one["applicant_unit"],
                    stages[one["stage"]],
                    one["paper_due"] or "",
                    f"{one['pages']['in_order']}/{one['pages']['of']}",
                    wanting.get(one["wanting"], ""),
                )
                for one in listed
                if one["recommending_unit"] == unit
            ],
        )


def print_audit(answer: Mapping[str, Any], translate: Translate) -> None:
    """Print what ``audit --json`` answers."""
    kinds = {
        "altered": translate("altered"),
        "removed": translate("removed"),
        "added": translate("added"),
        "backdated": translate("backdated"),
    }
    if answer["faults"]:
        shown = [(kinds[fault["kind"]], fault["place"], fault["message"]) for fault in answer["faults"]]
        columns = [translate("What"), translate("Where"), translate("Finding")]
        print_table(
            translate("{count} found, the first one first").format(count=answer["faults_in_all"]), columns, shown
        )
    told = [
        Message(
            "{events} events, {records} records, {files} files and {heads} signed heads were looked at.",
            **{name: answer[name] for name in ("events", "records", "files", "heads")},
        ).render(translate),
        *answer["remarks"],
    ]
    if not answer["faults"]:
        told.insert(0, translate("Everything is as it was written."))
    for line in told:
        Console().print(Text(line))
    print_head(answer["head"], translate)
