"""Audits a home: its store against the ledger, and the ledger against heads that were kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from toolkit.errors import InputUnreadable, UsageError
from toolkit.home import Home
from toolkit.messages import Message, Translate
from toolkit.records.audit_rows import Fault
from toolkit.records.ledger_heads import LARGEST_HEAD, Head, SignedHead, read, read_text
from toolkit.seal.cose import MessageMalformed
from toolkit.seal.trust import judge_head
from toolkit.verdict import FORMAT, Outcome

MOST_FAULTS = 1_000
"""Faults that are kept and told; all are counted."""


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit found.

    Attributes:
        events, records, files: how many there are.
        heads: how many heads that are kept in the store hold.
        root: of the ledger, as its events give it, 32 bytes.
        faults: the first ones, in the order of the ledger; ``faults_in_all`` counts all.
        remarks: what could not be proved, and why.
        head: the last one that is kept.
    """

    events: int
    records: int
    files: int
    heads: int
    root: bytes
    faults: tuple[Fault, ...]
    faults_in_all: int
    remarks: tuple[Message, ...]
    head: SignedHead | None

    @property
    def outcome(self) -> Outcome:
        """Failed where anything was found."""
        return Outcome.FAILED if self.faults_in_all else Outcome.PASSED

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the audit as ``audit --json`` answers."""
        return {
            "format": FORMAT,
            "outcome": self.outcome.value,
            "events": self.events,
            "records": self.records,
            "files": self.files,
            "heads": self.heads,
            "root": self.root.hex(),
            "faults": [
                {"kind": fault.kind, "place": fault.place, "message": fault.message.render(translate)}
                for fault in self.faults
            ],
            "faults_in_all": self.faults_in_all,
            "remarks": [remark.render(translate) for remark in self.remarks],
            "head": self.head.to_dict() if self.head else None,
        }


def audit(
    home: Home,
    heads: Sequence[str] = (),
    *,
    now: datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Audited:
    """Return what an audit of the home's store found; nothing is written.

    Args:
        home: the data folder with the store and the trust.
        heads: heads that were kept elsewhere: files with signed ones, files with texts, or texts.
        now: the clock's time, aware; the clock's when left out.
        progress: called with steps done and steps in all.

    Raises:
        InputUnreadable: a head cannot be read.
        UsageError: a signed head is not genuine, or a head is of another office.
        StoreError: the store cannot be read at all.
    """
    now = now or datetime.now(UTC)

    def judge(head: SignedHead) -> Message | None:
        findings = judge_head(head.message, head.head.at, home.trust, now)
        return findings[0].message if findings else None

    outside = [_outside(said, home, judge) for said in heads]
    faults: list[Fault] = []
    count = 0
    with home.store.auditing(outside, judge, progress) as running:
        for fault in running.faults():
            count += 1
            if len(faults) < MOST_FAULTS:
                faults.append(fault)
        tree = running.tree
    last = None if count else home.store.last_head()
    return Audited(
        events=tree.size,
        records=running.records,
        files=running.files,
        heads=running.heads,
        root=tree.root,
        faults=tuple(faults),
        faults_in_all=count,
        remarks=_remarks(outside, running.heads, tree.size, last),
        head=last,
    )


def _outside(said: str, home: Home, judge: Callable[[SignedHead], Message | None]) -> Head:
    path = Path(said)
    try:
        if "/" in said and said.count("/") == 4 and not path.is_file():
            data = said.encode()
        else:
            with path.open("rb") as file:
                data = file.read(LARGEST_HEAD + 1)
    except (OSError, ValueError) as error:
        raise InputUnreadable(
            Message("{head} is neither a file nor the text of a head: {why}", head=said[:100], why=error)
        ) from error
    try:
        head = read(data)
    except MessageMalformed:
        return _of_this_office(read_text(data.decode("utf-8", "replace")), home)
    wrong = judge(head)
    if wrong is not None:
        raise UsageError(Message("the head {head} cannot be relied on: {why}", head=said[:100], why=wrong))
    return _of_this_office(head.head, home)


def _of_this_office(head: Head, home: Home) -> Head:
    if head.log != home.settings.prefix:
        raise UsageError(
            Message(
                "the head is of the ledger {other}, this is {own}: give one of this office",
                other=head.log,
                own=home.settings.prefix,
            )
        )
    return head


def _remarks(outside: Sequence[Head], held: int, size: int, last: SignedHead | None) -> tuple[Message, ...]:
    remarks = []
    if not outside:
        remarks.append(
            Message(
                "no head from elsewhere was given: whoever can write the store and has the key for heads could have "
                "written all of it anew (give --head with what a receipt prints)"
            )
        )
    if not held and size:
        remarks.append(
            Message("no head was ever signed here: make a key for heads with truecopy keys create --for heads")
        )
    elif last is not None and last.head.size < size:
        remarks.append(Message("the last {count} events are under no signed head yet", count=size - last.head.size))
    return tuple(remarks)
