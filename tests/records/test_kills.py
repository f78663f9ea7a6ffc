"""Issues killed at every statement, and many processes at once: whole or nothing, no serial twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from an_issue import NOW, PAGES, SERIES, issue, request, serial_of
from sqlalchemy import event, select

from toolkit.records.store import Store
from toolkit.records.tables import files, pages, records, reservations, serials, series

SCRIPT = Path(__file__).parent / "an_issue.py"


class Killer:
    """Kills the process at its n-th statement: before it, after it, or before a commit; 0 never does."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.seen = 0

    def __call__(self, *ignored: object) -> None:
        self.seen += 1
        if self.seen == self.place:
            os.kill(os.getpid(), signal.SIGKILL)


def die(url: str, key: str, place: int) -> bool:
    """Issue in a forked process that is killed at a place; return whether it lived long enough to finish."""
    child = os.fork()
    if child == 0:
        try:
            store = Store.open(url)
            killer = Killer(place)
            for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
                event.listen(store._database.engine, name, killer)
            issue(store, key=key)
            killer()  # behind the last commit
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def whole_or_nothing(store: Store) -> set[str]:
    """Return the issued serials, and assert that each has all its parts and nothing else is there."""
    with store._database.reading() as connection:
        issued = set(connection.execute(select(records.c.serial)).scalars())
        assert set(connection.execute(select(pages.c.serial)).scalars()) == issued
        stored = set(connection.execute(select(files.c.digest)).scalars())
        given = list(connection.execute(select(reservations.c.serial)).scalars())
        assert sorted(given) == sorted(set(given)) == sorted(connection.execute(select(serials.c.serial)).scalars())
        last = connection.execute(select(series.c.last_number)).scalar() or 0
        assert given == [serial_of(number) for number in range(1, last + 1)]  # dense: every gap has its reservation
    used = set()
    for serial in issued:
        submission = store.submission(serial)
        assert submission is not None and [happened.kind for happened in submission.events] == ["issued"]
        for name, listed in PAGES.items():
            assert [store.page(serial, 1, name, number) for number in range(1, len(listed) + 1)] == list(listed)
        assert [len(store.file(file.digest)) for file in submission.files] == [16, 4]
        used |= {file.digest for file in submission.files}
    assert stored == used
    return issued


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_statement_an_issue_is_whole_or_nothing(url: str) -> None:
    place = 0
    while not die(url, f"key {place + 1}", place + 1):
        place += 1
    assert place > 20  # the last one was not killed any more: every statement was a place
    with Store.open(url) as store:
        before = whole_or_nothing(store)
        assert len(before) == 2  # the one that was killed behind its last commit, and the one that was not
        given = set()
        for number in range(1, place + 2):  # the same key finishes what was broken off, or gives the same answer
            first = store.reserve(SERIES, serial_of, request=request("a"), key=f"key {number}", now=NOW)
            assert first.existing is (first.serial in before)
            assert issue(store, key=f"key {number}").serial == first.serial
            given.add(first.serial)
        assert given == whole_or_nothing(store) == {serial_of(number) for number in range(1, place + 2)}


@pytest.mark.slow
def test_eight_processes_issue_at_once(url: str) -> None:
    processes = [subprocess.Popen([sys.executable, SCRIPT, url, f"key {number}"]) for number in range(8)]
    assert [process.wait(timeout=120) for process in processes] == [0] * 8
    with Store.open(url) as store:
        assert whole_or_nothing(store) == {serial_of(number) for number in range(1, 9)}
