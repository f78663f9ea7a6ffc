"""Serials given once, issues kept whole, revisions in order, and every read held against its digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from an_issue import NOW, PAGES, SERIES, files_for, issue, keep, record_for, request, serial_of
from sqlalchemy import Table, select, text, update

from toolkit.errors import StoreError, SubmissionUnknown
from toolkit.records.files import StoredFile
from toolkit.records.record import record_digest
from toolkit.records.serials import Reservation
from toolkit.records.store import Store
from toolkit.records.tables import events, files, pages, records


def test_serials_are_dense_in_every_series(store: Store) -> None:
    given = [store.reserve(SERIES, serial_of, request=request(str(n)), now=NOW).serial for n in range(3)]
    assert given == ["XJSCO25-00001", "XJSCO25-00002", "XJSCO25-00003"]
    other = store.reserve("other", lambda number: f"XJOTH-{number}", request=request("a"), now=NOW)
    assert (other.serial, other.revision, other.supersedes, other.existing) == ("XJOTH-1", 1, None, False)


def test_a_serial_of_another_series_is_not_given_again(store: Store) -> None:
    store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
    with pytest.raises(StoreError, match=f"XJSCO25-00001 belongs to {SERIES}"):
        store.reserve("next-year", serial_of, request=request("a"), now=NOW)


def test_a_failing_serial_pattern_counts_nothing(store: Store) -> None:
    def broken(number: int) -> str:
        raise KeyError(number)

    with pytest.raises(KeyError):
        store.reserve(SERIES, broken, request=request("a"), now=NOW)
    assert store.reserve(SERIES, serial_of, request=request("a"), now=NOW).serial == "XJSCO25-00001"


def test_an_issue_comes_back_as_it_was_kept(store: Store) -> None:
    reservation = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
    assert store.submission(reservation.serial) is None
    digest = keep(store, reservation)
    kept = store.submission(reservation.serial)
    assert kept is not None
    assert kept == store.submission(reservation.serial, 1) == store.find(digest)
    assert (kept.serial, kept.revision, kept.latest_revision) == ("XJSCO25-00001", 1, 1)
    assert (kept.record, kept.record_digest) == (record_for(reservation), digest)
    assert kept.issued_at == NOW.replace(microsecond=0)
    assert [(file.name, file.kind, file.media_type, file.size) for file in kept.files] == [
        ("proposal.pdf", "print-set", "application/pdf", 16),
        ("serif.ttf", "font", "font/ttf", 4),
    ]
    assert [store.file(file.digest) for file in kept.files] == [b"XJSCO25-00001-r1", b"font"]
    for name, listed in PAGES.items():
        assert tuple(store.page(kept.serial, 1, name, number) for number in range(1, len(listed) + 1)) == listed
    (event,) = kept.events
    assert (event.kind, event.at, event.who) == ("issued", NOW, "office")
    assert event.detail["record"] == digest.hex()
    assert [file["sha256"] for file in event.detail["files"]] == [file.digest.hex() for file in kept.files]  # type: ignore[union-attr,call-overload,index]


def test_what_was_never_issued_is_not_there(store: Store) -> None:
    issue(store)
    assert store.submission("XJSCO25-00002") is None
    assert store.submission("XJSCO25-00001", 2) is None
    assert store.submission("XJSCO25-00001", 0) is None
    assert store.find(bytes(32)) is None
    for place in (
        ("XJSCO25-00002", 1, "proposal", 1),
        ("XJSCO25-00001", 1, "proposal", 3),
        ("XJSCO25-00001", 1, "P", 1),
    ):
        with pytest.raises(SubmissionUnknown):
            store.page(*place)
    with pytest.raises(StoreError, match="no file"):
        store.file(bytes(32))


def test_the_same_key_gives_the_same_reservation(store: Store) -> None:
    first = store.reserve(SERIES, serial_of, request=request("a"), key="k1", now=NOW)
    again = store.reserve(SERIES, serial_of, request=request("a"), key="k1", now=NOW)
    assert again == first and not again.existing  # broken off: taken up again with the same serial
    keep(store, again)
    assert store.reserve(SERIES, serial_of, request=request("a"), key="k1", now=NOW) == replace(first, existing=True)
    assert store.reserve(SERIES, serial_of, request=request("a"), key="k2", now=NOW).serial == "XJSCO25-00002"
    assert store.reserve(SERIES, serial_of, request=request("a"), now=NOW).serial == "XJSCO25-00003"


def test_a_key_for_another_request_is_refused(store: Store) -> None:
    issue(store, key="k1")
    with pytest.raises(StoreError, match="“k1” was used for another request, which has the serial XJSCO25-00001"):
        store.reserve(SERIES, serial_of, request=request("b"), key="k1", now=NOW)
    issue(store)
    with pytest.raises(StoreError, match="another request"):
        store.reserve(SERIES, serial_of, request=request("a"), key="k1", revises="XJSCO25-00002", now=NOW)
    assert issue(store).serial == "XJSCO25-00003"  # the refusals have used no number


def test_an_issue_is_kept_once(store: Store) -> None:
    reservation = issue(store)
    with pytest.raises(StoreError, match="revision 1 of XJSCO25-00001 was issued meanwhile"):
        keep(store, reservation)


def test_a_revision_supersedes_the_latest(store: Store) -> None:
    first = issue(store)
    second = store.reserve(SERIES, serial_of, request=request("b"), revises=first.serial, now=NOW)
    before = store.submission(first.serial)
    assert before is not None
    assert (second.serial, second.revision, second.supersedes) == (first.serial, 2, before.record_digest)
    keep(store, second, "改")
    latest = store.submission(first.serial)
    assert latest is not None and latest.record["supersedes"] == before.record_digest.hex()
    assert (latest.revision, latest.latest_revision) == (2, 2)
    old = store.submission(first.serial, 1)
    assert old is not None and (old.revision, old.latest_revision) == (1, 2)
    assert store.find(before.record_digest) == old


def test_of_two_revisions_at_once_the_first_kept_stands(store: Store) -> None:
    first = issue(store)
    left, right = (
        store.reserve(SERIES, serial_of, request=request(name), revises=first.serial, now=NOW) for name in "lr"
    )
    assert (left.revision, right.revision) == (2, 3)  # no revision is given twice either
    keep(store, right)
    with pytest.raises(StoreError, match="revision 3 of XJSCO25-00001 was issued meanwhile"):
        keep(store, left)


def test_only_what_was_issued_can_be_revised_and_in_its_series(store: Store) -> None:
    reserved = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
    for serial in ("XJSCO25-00009", reserved.serial):
        with pytest.raises(SubmissionUnknown, match="never issued"):
            store.reserve(SERIES, serial_of, request=request("b"), revises=serial, now=NOW)
    keep(store, reserved)
    with pytest.raises(StoreError, match="belongs to"):
        store.reserve("other", serial_of, request=request("b"), revises=reserved.serial, now=NOW)


def test_what_disagrees_is_not_kept(store: Store) -> None:
    reservation = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
    record = record_for(reservation)
    digest = record_digest(record)  # type: ignore[arg-type]
    pages = {name: [page.canonical() for page in listed] for name, listed in PAGES.items()}
    moved = record_for(replace(reservation, revision=2))
    faults: list[dict[str, object]] = [
        {"digest": bytes(32)},
        {"descriptions": {"proposal": pages["proposal"]}},
        {"descriptions": {**pages, "proposal": pages["proposal"][::-1]}},
        {"record": moved, "digest": record_digest(moved)},  # type: ignore[arg-type]
        {"reservation": replace(reservation, supersedes=b"x" * 32)},
    ]
    for fault in faults:
        arguments = {"reservation": reservation, "record": record, "digest": digest, "descriptions": pages, **fault}
        with pytest.raises(StoreError, match="does not agree"):
            store.keep(**arguments, kept_files=[], who="office", now=NOW)  # type: ignore[arg-type]
    assert store.submission(reservation.serial) is None


def test_a_file_that_the_store_has_needs_no_data(store: Store) -> None:
    issue(store)
    font = StoredFile.of("serif.ttf", "font", "font/ttf", b"font")
    unknown = StoredFile.of("sans.ttf", "font", "font/ttf", b"other")
    assert store.missing([font.digest, unknown.digest]) == {unknown.digest}
    for file, works in (
        (replace(font, data=None), True),
        (replace(unknown, data=None), False),
        (replace(unknown, data=b"wrong"), False),
    ):
        reservation = store.reserve(SERIES, serial_of, request=request("a"), now=NOW)
        record = record_for(reservation)
        arguments = {
            "record": record,
            "digest": record_digest(record),  # type: ignore[arg-type]
            "descriptions": {name: [page.canonical() for page in listed] for name, listed in PAGES.items()},
        }
        if works:
            store.keep(reservation, **arguments, kept_files=[file], who="office", now=NOW)  # type: ignore[arg-type]
        else:
            with pytest.raises(StoreError, match=r"sans\.ttf was handed in without its data"):
                store.keep(reservation, **arguments, kept_files=[file], who="office", now=NOW)  # type: ignore[arg-type]
            assert store.submission(reservation.serial) is None


@pytest.mark.parametrize(
    ("table", "column", "change", "read"),
    [
        (records, "canonical", lambda old: old.replace(b"5000000", b"8000000"), "submission"),
        (records, "digest", lambda old: bytes(32), "submission"),
        (pages, "description", lambda old: bytes(10), "page"),
        (pages, "description", lambda old: old[:40], "page"),
        (pages, "digest", lambda old: bytes(32), "page"),
        (files, "content", lambda old: old.upper(), "file"),
        (files, "size", lambda old: old + 1, "file"),
        (events, "detail", lambda old: "{", "submission"),
    ],
)
def test_what_an_insider_changed_is_not_read(
    store: Store, table: Table, column: str, change: Callable[[Any], Any], read: str
) -> None:
    issue(store)
    changed = table.c[column]
    with store._database.writing() as connection:
        for value in set(connection.execute(select(changed)).scalars()):
            connection.execute(update(table).where(changed == value).values({column: change(value)}))
    refused_alone(store, read)


@pytest.mark.parametrize(
    ("statement", "read"),
    [("UPDATE pages SET description = 'text'", "page"), ("UPDATE events SET at = 'yesterday'", "submission")],
)
def test_what_is_of_another_kind_is_not_read(sqlite_url: str, statement: str, read: str) -> None:
    """SQLite keeps values of any type in any column."""
    with Store.open(sqlite_url) as store:
        issue(store)
        with store._database.writing() as connection:
            connection.execute(text(statement))
        refused_alone(store, read)


def refused_alone(store: Store, read: str) -> None:
    """Assert that one way of reading the issue is refused, and the others are not."""
    reads = {
        "submission": lambda: store.submission("XJSCO25-00001"),
        "page": lambda: store.page("XJSCO25-00001", 1, "proposal", 1),
        "file": lambda: store.file(files_for(Reservation("", 1, None, existing=False))[1].digest),
    }
    for name, function in reads.items():
        if name == read:
            with pytest.raises(StoreError, match="restore it from a backup"):
                function()
        else:
            function()
