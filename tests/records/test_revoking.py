"""A record that is revoked: once, for ever, by whom and why; compared with nothing until it is revised."""

from __future__ import annotations

from datetime import timedelta

import pytest
from an_issue import NOW, issue, request, serial_of

from toolkit.errors import EventRefused, SubmissionUnknown
from toolkit.records.content import Content
from toolkit.records.revoking import Revocation
from toolkit.records.store import Store

LATER = NOW + timedelta(days=1)
ALIKE = Content("", "", 0, "联合研究", "")


def revoke(store: Store, serial: str, revision: int | None = None) -> int:
    return store.revoke(serial, revision, reason="材料有误", who="某处", now=LATER)


def test_the_latest_revision_is_revoked_or_one_that_is_named(store: Store) -> None:
    serial = issue(store).serial
    issue(store, revises=serial)
    assert revoke(store, serial) == 2 and revoke(store, serial, 1) == 1
    for revision in (1, 2):
        kept = store.submission(serial, revision)
        assert kept is not None and kept.revocation == Revocation(LATER, "某处", "材料有误")


def test_only_the_revision_that_was_named_is_revoked(store: Store) -> None:
    serial, other = issue(store).serial, issue(store).serial
    issue(store, revises=serial)
    revoke(store, serial, 1)
    assert [
        kept.revocation is not None
        for kept in (store.submission(serial, 1), store.submission(serial, 2), store.submission(other))
        if kept is not None
    ] == [True, False, False]


def test_what_is_revoked_cannot_be_revoked_again(store: Store) -> None:
    serial = issue(store).serial
    revoke(store, serial)
    with pytest.raises(EventRefused, match=f"{serial}-r1 was revoked on 2025-07-02T08:30:15.* already: 材料有误"):
        revoke(store, serial)
    assert [event.kind for event in store.life(serial)] == ["issued", "revoked"]


def test_what_was_never_issued_cannot_be_revoked(store: Store) -> None:
    serial = issue(store).serial
    reserved = store.reserve("A", lambda number: f"A-{number}", request=request("a"), now=NOW).serial
    for unknown, revision in ((serial_of(9), None), (serial, 2), (reserved, None), (reserved, 1)):
        with pytest.raises(SubmissionUnknown, match="is not in the store"):
            revoke(store, unknown, revision)


def test_a_revoked_submission_is_compared_with_nothing_until_it_is_revised(store: Store) -> None:
    serial = issue(store).serial
    assert [found.serial for found in store.alike(ALIKE)] == [serial]
    revoke(store, serial)
    assert store.alike(ALIKE) == ()
    issue(store, revises=serial)
    revoked_before = store.submission(serial, 1)
    assert revoked_before is not None and revoked_before.revocation is not None
    assert [found.serial for found in store.alike(ALIKE)] == [serial]
    second = store.submission(serial)
    assert second is not None and second.revocation is None
