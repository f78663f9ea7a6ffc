"""What an audit asks about whole tables: that they are made as they should be, and have no row too many or too few."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, create_engine, func, or_, select, text

from toolkit.messages import Message
from toolkit.records.audit_rows import ADDED, ALTERED, REMOVED, UNREADABLE, Fault
from toolkit.records.database import migrate
from toolkit.records.happened import RESERVED
from toolkit.records.life import ISSUED, WITHDRAWN
from toolkit.records.tables import (
    content_pairs,
    contents,
    events,
    files,
    metadata,
    pages,
    pairs,
    records,
    reservations,
    serials,
    series,
    submission_files,
)

_MOST = 100
"""Faults of one kind that are told one by one."""


def table_faults(connection: Connection) -> Iterator[Fault]:
    """Give what is wrong with whole tables, after the rows that events account for were looked at."""
    yield from _made_otherwise(connection)
    for table, wanted, told in _unaccounted():
        for row in connection.execute(wanted.limit(_MOST)):
            place = "-r".join(part.hex() if isinstance(part, bytes) else str(part) for part in row)
            yield Fault(ADDED, place, told(table, place))
    yield from _series_faults(connection)


def _unaccounted() -> Iterator[tuple[str, Select[Any], Callable[[str, str], Message]]]:
    """Give questions for rows that nothing accounts for, with the table and what an answer means."""
    for table, kind in ((records, ISSUED), (reservations, RESERVED)):
        told = and_(events.c.serial == table.c.serial, events.c.revision == table.c.revision, events.c.kind == kind)
        rows = select(table.c.serial, table.c.revision)
        yield table.name, rows.where(~select(events.c.number).where(told).exists()), _no_event
        twice = select(events.c.serial, events.c.revision).where(events.c.kind == kind)
        yield events.name, twice.group_by(events.c.serial, events.c.revision).having(func.count() > 1), _told_twice
    for table in (pages, submission_files):
        has = and_(records.c.serial == table.c.serial, records.c.revision == table.c.revision)
        rows = select(table.c.serial, table.c.revision).distinct()
        yield table.name, rows.where(~select(records.c.serial).where(has).exists()), _no_record
    reserved = select(reservations.c.serial).where(reservations.c.serial == serials.c.serial).exists()
    yield serials.name, select(serials.c.serial).where(~reserved), _no_event
    indexed = select(records.c.serial).where(records.c.serial == contents.c.serial).exists()
    gone = select(events.c.number).where(events.c.serial == contents.c.serial, events.c.kind == WITHDRAWN).exists()
    yield contents.name, select(contents.c.serial).where(or_(~indexed, gone)), _misfit
    counted = (
        select(pairs.c.pair)
        .outerjoin_from(pairs, content_pairs, content_pairs.c.pair == pairs.c.pair)
        .group_by(pairs.c.pair, pairs.c.submissions)
        .having(pairs.c.submissions != func.count(content_pairs.c.content))
    )
    yield pairs.name, counted, _misfit
    for column, other in ((content_pairs.c.pair, pairs.c.pair), (content_pairs.c.content, contents.c.number)):
        there = select(other).where(other == column).exists()
        yield content_pairs.name, select(content_pairs.c.pair).distinct().where(~there), _misfit
    named = select(submission_files.c.digest).where(submission_files.c.digest == files.c.digest).exists()
    yield files.name, select(files.c.digest).where(~named), _no_submission
    doubled = select(files.c.digest).where(files.c.outside, func.length(files.c.content) > 0)
    yield files.name, doubled, _kept_twice


def _no_event(table: str, place: str) -> Message:
    return Message("no event of the ledger tells of {place} ({table})", table=table, place=place)


def _told_twice(table: str, place: str) -> Message:
    return Message("the ledger tells twice of the same about {place} ({table})", table=table, place=place)


def _no_record(table: str, place: str) -> Message:
    return Message("there are rows of {place}, and no record ({table})", table=table, place=place)


def _no_submission(table: str, place: str) -> Message:
    return Message("no submission has the file {place} ({table})", table=table, place=place)


def _kept_twice(table: str, place: str) -> Message:
    return Message(
        "the file {place} lies outside the database and has content in it ({table})", table=table, place=place
    )


def _misfit(table: str, place: str) -> Message:
    return Message(
        "the index of similar submissions does not fit the records: {place} ({table})", table=table, place=place
    )


def _series_faults(connection: Connection) -> Iterator[Fault]:
    """Give series whose numbers are not those from 1 to the last one, each given once or left out by a restore."""
    left_out: dict[str, list[tuple[int, int]]] = {}
    for detail in connection.execute(select(events.c.detail).where(events.c.kind == "restored")).scalars():
        try:
            for one in json.loads(detail)["series"]:
                left_out.setdefault(one["name"], []).append((int(one["from"]), int(one["to"])))
        except UNREADABLE:
            continue  # the event itself is told as altered
    given: dict[str, int] = _pairs(connection, select(serials.c.series, func.count()).group_by(serials.c.series))
    highest: dict[str, int] = _pairs(
        connection, select(serials.c.series, func.max(serials.c.number)).group_by(serials.c.series)
    )
    listed: dict[str, int] = _pairs(connection, select(series.c.name, series.c.last_number))
    for name in sorted({*given, *listed}, key=str):
        skipped = left_out.get(name, [])
        try:
            last = max([highest.get(name, 0), *(to for _, to in skipped)])
            missing = sum(to - begin + 1 for begin, to in skipped)
            holds = listed.get(name) == last and given.get(name, 0) + missing == last
        except TypeError:
            holds = False
        if not holds:
            yield Fault(
                ALTERED if name in listed else REMOVED,
                str(name),
                Message("the numbers of the series {name} are not those that were given", name=name),
            )


def _pairs(connection: Connection, wanted: Select[Any]) -> dict[str, int]:
    return {name: number for name, number in connection.execute(wanted)}


def _made_otherwise(connection: Connection) -> Iterator[Fault]:
    """Give what of the database is not as this version makes it: SQLite's own checks, tables, triggers, views."""
    changed = Fault(
        ALTERED, "tables", Message("the tables of the database are made otherwise than Truecopy makes them")
    )
    if connection.dialect.name != "sqlite":
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        if compare_metadata(MigrationContext.configure(connection), metadata):
            yield changed
        return
    for problem in connection.execute(text("PRAGMA integrity_check(10)")).scalars():
        if problem != "ok":
            yield Fault(ALTERED, "database", Message("SQLite finds the file damaged: {problem}", problem=problem))
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        yield Fault(ALTERED, "database", Message("SQLite finds rows that refer to others that are gone"))
    if [tuple(row) for row in connection.execute(_MADE)] != _expected():
        yield changed


@cache
def _expected() -> list[tuple[object, ...]]:
    """Return what SQLite says of the tables that the migrations make."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as fresh:
            migrate(fresh)
            return [tuple(row) for row in fresh.execute(_MADE)]
    finally:
        engine.dispose()


_MADE = text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
