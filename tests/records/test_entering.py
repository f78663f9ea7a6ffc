"""What is entered about submissions on either database: in one transaction or not at all, decided within it."""

from __future__ import annotations

import datetime

import pytest
from an_issue import NOW, issue

from toolkit.errors import EventRefused, StoreError, SubmissionUnknown
from toolkit.records.entering import Entry
from toolkit.records.happened import Event
from toolkit.records.received import PAGES_RECEIVED, received
from toolkit.records.store import Store, StoredFile

LATER = NOW + datetime.timedelta(hours=1)
NOTHING = {"pages": [], "sides": None, "accepted": []}


def test_all_or_nothing(store: Store) -> None:
    first, second = (issue(store).serial for _ in range(2))

    def decide(serial: str, revision: int, life: tuple[Event, ...]) -> list[Entry]:
        assert (revision, [event.kind for event in life]) == (1, ["issued"])
        entered = Entry("submitted", LATER, "某处", {})
        return [entered, Entry("received", LATER, "某处", {})] if serial == second else [entered]

    with pytest.raises(EventRefused):  # the second cannot be received yet, so the first is not submitted either
        store.enter_all([first, second], decide, now=LATER)
    assert [event.kind for serial in (first, second) for event in store.life(serial)] == ["issued", "issued"]
    with pytest.raises(SubmissionUnknown):
        store.enter_all([first, "XJ-NONE"], lambda *known: [Entry("submitted", LATER, "", {})], now=LATER)
    assert len(store.life(first)) == 1


def test_what_is_entered_is_of_the_revision_in_force(store: Store) -> None:
    serial = issue(store).serial
    issue(store, revises=serial)
    store.enter_all([serial], lambda *known: [Entry(PAGES_RECEIVED, LATER, "张三", NOTHING)], now=LATER)
    last = store.life(serial)[-1]
    assert (last.kind, last.revision, last.who, last.detail) == (PAGES_RECEIVED, 2, "张三", NOTHING)
    found = store.submission(serial, 1)
    assert found is not None and PAGES_RECEIVED not in [event.kind for event in found.events]


def test_a_receipt_is_kept_with_its_files_once(store: Store) -> None:
    serial = issue(store).serial

    def keep(number: int, name: str = "receipt-1.pdf") -> None:
        files = [StoredFile.of(name, "receipt", "application/pdf", name.encode())]
        store.keep_receipt(serial, number, page_digests=[bytes(32)], kept_files=files, who="某处", now=LATER)

    store.enter_all([serial], lambda *known: [Entry(PAGES_RECEIVED, LATER, "", NOTHING)], now=LATER)
    keep(1)
    stored = store.submission(serial)
    assert stored is not None
    (file,) = (file for file in stored.files if file.kind == "receipt")
    assert store.file(file.digest) == b"receipt-1.pdf"
    (made,) = received(store.life(serial), 1).receipts
    assert (made.number, made.made_at, made.page_digests) == (1, LATER, (bytes(32),))
    for number in (1, 2):  # nothing has come since: another call made it meanwhile
        with pytest.raises(StoreError, match="meanwhile"):
            keep(number, "other.pdf")
    again = store.submission(serial)
    assert again is not None and again.files == stored.files
