"""An audit: the whole store held against its ledger, and the ledger against heads that were signed or kept elsewhere.

The ledger is walked once, in its order, so that the first fault that is told is the first one there is. Of every event
the leaf is reckoned and held against the one that is kept, the rows that it accounts for are looked at, every node of
the tree that it completes is held against the kept one, and every head of the tree at that size against its root. Then
come the files, each held against its digest, and whole tables, for rows that no event accounts for. A thousand rows are
in memory at a time. Everything is read in one transaction but files, and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Text, func, select, type_coerce

from toolkit.canonical import canonical
from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records import ledger, ledger_heads
from toolkit.records.audit_rows import (
    ADDED,
    ALTERED,
    BACKDATED,
    REMOVED,
    UNREADABLE,
    Fault,
    Told,
    is_kept_time,
    issue_faults,
    reservation_faults,
)
from toolkit.records.audit_tables import table_faults
from toolkit.records.happened import ENTERED, RESERVED
from toolkit.records.ledger_heads import Head, SignedHead
from toolkit.records.ledger_tree import Growing, leaf_hash
from toolkit.records.life import ISSUED
from toolkit.records.tables import events, files, records, submission_files
from toolkit.records.tables import ledger_heads as heads_table
from toolkit.records.tables import ledger_nodes as nodes_table

SLACK = timedelta(minutes=15)
"""An event carries the time at which its work began, and heads may be signed before it is done: no issue takes this
long. What is backdated by less is not told."""

_AT_ONCE = 1_000
_NAMED = 3  # submissions that are named where a head does not hold

Judge = Callable[[SignedHead], Message | None]
"""Says what is wrong with the signature of a head; None when it is genuine."""


@dataclass(slots=True)
class Audit:
    """One audit of a store; ``faults`` gives what it finds, and the numbers are whole when that has ended.

    Args:
        connection: of ``Database.reading``.
        outside: heads that were kept elsewhere.
        judge: judges the heads that the store keeps.
        read_file: ``Store.file``.
        progress: called with steps done and steps in all.
    """

    connection: Connection
    outside: Sequence[Head]
    judge: Judge
    read_file: Callable[[bytes], bytes]
    progress: Callable[[int, int], None]
    tree: Growing = field(default_factory=Growing)
    records: int = 0
    files: int = 0
    heads: int = 0
    _leaves: int = 0
    _latest: datetime | None = None  # of the heads that do not have the event at hand
    _held: int = 0  # size of the last head that held
    _broken: bool = False  # a kept head did not hold: those after it do not either
    _nodes_told: bool = False

    def faults(self) -> Iterator[Fault]:
        """Give everything that is not as it was written, in the order of the ledger, then files, then tables."""
        self._leaves = ledger.size(self.connection)
        self.records = self.connection.execute(select(func.count()).select_from(records)).scalar_one()
        self.files = self.connection.execute(select(func.count()).select_from(files)).scalar_one()
        yield from self._walk()
        yield from stray_events(self.connection, self._leaves)
        yield from self._file_faults()
        yield from table_faults(self.connection)

    def _walk(self) -> Iterator[Fault]:
        kept = self._kept_heads()
        waiting = next(kept, None)
        outside = sorted(self.outside, key=lambda head: head.size)
        for number, row, nodes in self._rows():
            while waiting is not None and (isinstance(waiting, Fault) or waiting.head.size < number):
                if isinstance(waiting, Fault):
                    yield waiting
                else:
                    yield from self._head_faults(waiting.head, kept=True)
                waiting = next(kept, None)
            while outside and outside[0].size < number:
                yield from self._head_faults(outside.pop(0), kept=False)
            told, faults = self._event(number, row)
            yield from faults
            yield from self._grow(number, told, nodes)
            if told is not None:
                yield from self._accounts(told)
            self.progress(number, self._leaves + self.files)
        while waiting is not None:
            yield from [waiting] if isinstance(waiting, Fault) else self._head_faults(waiting.head, kept=True)
            waiting = next(kept, None)
        for head in outside:
            yield from self._head_faults(head, kept=False)

    def _rows(self) -> Iterator[tuple[int, Any, dict[int, bytes]]]:
        """Give every number there should be an event of, the event's row or None, and the nodes of its leaf."""
        for first in range(1, self._leaves + 1, _AT_ONCE):
            last = min(first + _AT_ONCE - 1, self._leaves)
            rows = {row.number: row for row in self._events(first, last)}
            found = self.connection.execute(
                select(nodes_table)
                .where(nodes_table.c.leaf >= first - 1, nodes_table.c.leaf < last)
                .order_by(nodes_table.c.leaf, nodes_table.c.level)
            )
            nodes = {
                leaf: {row.level: row.hash for row in group} for leaf, group in groupby(found, lambda row: row.leaf)
            }
            if not rows and not nodes:  # one altered number can name a leaf far away
                yield first, None, {}
                return
            for number in range(first, last + 1):
                yield number, rows.get(number), nodes.get(number - 1, {})

    def _events(self, first: int, last: int) -> Iterator[Any]:
        wanted = select(
            *(events.c[name] for name in ("number", "kind", "serial", "revision", "who", "detail")),
            type_coerce(events.c.at, Text).label("at"),
        ).where(events.c.number >= first, events.c.number <= last)
        yield from self.connection.execute(wanted.order_by(events.c.number))

    def _event(self, number: int, row: Any) -> tuple[Told | None, list[Fault]]:
        """Return an event as its row has it, if it can be read, and what is wrong with the row."""
        if row is None:
            return None, [
                Fault(REMOVED, f"event {number}", Message("event {number} of the ledger is gone", number=number))
            ]
        try:
            at = (
                datetime.fromisoformat(row.at).replace(tzinfo=UTC)
                if isinstance(row.at, str)
                else row.at.astimezone(UTC)
            )
            detail = json.loads(row.detail)
            told = Told(number, row.kind, row.serial, row.revision, at, row.who, detail)
            if not isinstance(detail, dict) or canonical(detail).decode() != row.detail or not is_kept_time(row.at, at):
                raise ValueError("it is written in another form")
        except UNREADABLE:
            return None, [_event_altered(number, f"event {number}")]
        return told, []

    def _grow(self, number: int, told: Told | None, nodes: dict[int, bytes]) -> Iterator[Fault]:
        """Hold the leaf against the kept one, go on with that, and hold every node that it completes."""
        kept = nodes.get(0)
        reckoned = None
        if told is not None:
            try:
                reckoned = leaf_hash(
                    ledger.leaf_of(
                        number=number,
                        kind=told.kind,
                        serial=told.serial,
                        revision=told.revision,
                        at=told.at,
                        who=told.who,
                        detail=told.detail,
                    )
                )
            except UNREADABLE:
                reckoned = None
            if reckoned is None or reckoned != kept:
                yield _event_altered(number, told.place)
        made = dict(self.tree.add(kept if isinstance(kept, bytes) and len(kept) == 32 else reckoned or bytes(32)))
        if made != nodes and not self._nodes_told:
            self._nodes_told = True  # every node above it is another, too
            yield Fault(
                ALTERED, f"event {number}", Message("the ledger's nodes at event {number} are damaged", number=number)
            )

    def _accounts(self, told: Told) -> Iterator[Fault]:
        """Give what is wrong with the rows that an event accounts for, and with its time."""
        if told.kind == RESERVED:
            yield from reservation_faults(self.connection, told)
        elif told.kind == ISSUED:
            yield from issue_faults(self.connection, told)
        if self._latest is None:
            return
        entered = str(told.detail.get(ENTERED) or told.at.isoformat())
        try:
            late = datetime.fromisoformat(entered) < self._latest - SLACK
        except UNREADABLE:
            late = True
        if late:
            yield Fault(
                BACKDATED,
                told.place,
                Message(
                    "event {number} ({kind}) says it was entered at {time}, but a head signed at {head} lacks it",
                    number=told.number,
                    kind=told.kind,
                    time=entered,
                    head=self._latest.isoformat(),
                ),
            )

    def _kept_heads(self) -> Iterator[SignedHead | Fault]:
        """Give the heads that the store keeps, in their order, and what is wrong with them by themselves."""
        number = size = 0
        while True:
            rows = self.connection.execute(
                select(
                    heads_table.c.number,
                    heads_table.c.size,
                    heads_table.c.signed,
                    type_coerce(heads_table.c.at, Text).label("at"),
                )
                .where(heads_table.c.number > number)
                .order_by(heads_table.c.number)
                .limit(_AT_ONCE)
            ).all()
            if not rows:
                return
            for row in rows:
                expected, number = number + 1, row.number
                place = f"head {row.number}"
                try:
                    kept = ledger_heads.read_kept(row.signed)
                    wrong = self.judge(kept)
                    same = (row.size, row.number) == (kept.head.size, expected) and is_kept_time(row.at, kept.head.at)
                except UNREADABLE:
                    wrong, same = None, False
                if not same or kept.head.size < size:
                    yield Fault(
                        ALTERED, place, Message("{place} of the ledger is another than was signed", place=place)
                    )
                elif wrong is not None:
                    yield Fault(ALTERED, place, wrong)
                else:
                    size = kept.head.size
                    yield kept

    def _head_faults(self, head: Head, *, kept: bool) -> Iterator[Fault]:
        """Hold a head against the tree, which has its size now, or ends before it."""
        if head.size > self.tree.size:
            yield Fault(
                REMOVED,
                f"event {self.tree.size + 1}",
                Message(
                    "the ledger ends with event {last}, but a head signed at {time} has {size}: the events from "
                    "{first} on were removed",
                    last=self.tree.size,
                    time=head.at.isoformat(),
                    size=head.size,
                    first=self.tree.size + 1,
                ),
            )
            return
        if head.is_of(ledger.Tree(self.tree.size, self.tree.root)):
            self.heads += kept
            self._held = max(self._held, head.size)
            self._latest = max(self._latest or head.at, head.at)
            return
        if kept and self._broken:
            return
        self._broken = self._broken or kept
        between = select(events.c.serial).where(events.c.number > self._held, events.c.number <= head.size)
        named = self.connection.execute(
            between.where(events.c.serial != "")
            .group_by(events.c.serial)
            .order_by(func.min(events.c.number))
            .limit(_NAMED)
        ).scalars()
        yield Fault(
            ALTERED,
            f"event {self._held + 1}",
            Message(
                "the ledger is another than the one that a head signed at {time} has: something in the events {first} "
                "to {last} was altered, removed or added ({serials})",
                time=head.at.isoformat(),
                first=self._held + 1,
                last=head.size,
                serials=tuple(named),
            ),
        )

    def _file_faults(self) -> Iterator[Fault]:
        done, digest = 0, b""
        while True:
            wanted = select(files.c.digest).where(files.c.digest > digest).order_by(files.c.digest).limit(_AT_ONCE)
            listed = self.connection.execute(wanted).scalars().all()
            if not listed:
                return
            for digest in listed:
                try:
                    self.read_file(digest)
                except StoreError as error:
                    yield Fault(ALTERED, self._name_of(digest), error.message)
                done += 1
                self.progress(self._leaves + done, self._leaves + self.files)

    def _name_of(self, digest: bytes) -> str:
        wanted = select(submission_files.c.name).where(submission_files.c.digest == digest)
        name = self.connection.execute(wanted.order_by(submission_files.c.serial).limit(1)).scalar()
        return str(name) if name is not None else digest.hex()


def stray_events(connection: Connection, leaves: int) -> Iterator[Fault]:
    """Give events that have no leaf."""
    outside = (events.c.number < 1) | (events.c.number > leaves)
    for number in connection.execute(select(events.c.number).where(outside).limit(_AT_ONCE)).scalars():
        yield Fault(ADDED, f"event {number}", Message("event {number} is not in the ledger", number=number))


def _event_altered(number: int, place: str) -> Fault:
    return Fault(
        ALTERED,
        place,
        Message("event {number} ({place}) is another than the one in the ledger", number=number, place=place),
    )
