"""kill -9 of a process that issues, at moments of chance: `python -m benchmarks.kills [KILLS] [sqlite|postgresql...]`.

A process of its own issues the small sample under one key after another, writes the files to a folder and says so. It
is killed at a moment of chance, and the next one goes on with the key at which that one died. The moments of every
other kill are drawn from the time that two issues take (``any moment``); those between them from twice the time from
the store's first step in keeping an issue to the last file written (``while keeping``), which is a small part of an
issue and the one that matters. Either time begins after the first issue of a process, which is several times as slow,
and is the median of those before it. After every kill the store is looked at:

- every issue that was announced is there, under the key and serial that were announced, and no serial is of two keys;
- every file of every record can be read and fits its digest, and the folder has no whole file but those of records;
- outside the database, a file that no record names is whole, or amid its writing (``.part``);
- ``audit`` finds nothing: no row of a file without record, none of a record without ledger.

An office serves 20 kills; then three more keys are issued undisturbed, and the numbers of the records must be dense.
SQLite has the files in the database, PostgreSQL has them in a folder. KILLS (200) are made of each database in all:
counts of earlier runs are in benchmarks/results/kills.json, and it goes on from there. A check that fails ends the run
with what it found, is counted as a fault, and leaves the office for looking at.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import selectors
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.postgresql_server import PostgresqlServer
from toolkit.application.reading import load_application
from toolkit.auditing import audit
from toolkit.home import Home
from toolkit.issued import record_file
from toolkit.issuing import issue
from toolkit.output import write_files
from toolkit.records.store import Store
from toolkit.resources import shared

RESULTS = Path(__file__).parent / "results" / "kills.json"
KILLS, OF_AN_OFFICE = 200, 20
KEEPING = "keeping"  # is said before the store keeps an issue
AIMS = ("any moment", "while keeping")
SLOWEST = 120.0
"""Seconds within which a process must say something."""


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class Found(Exception):
    """A check failed: what was found."""


def issue_on(folder: Path, first: int, last: int, output: Path) -> None:
    """Issue under the keys from ``first`` to ``last``, and announce each when its files are written."""
    keep = Store.keep

    def announced(store: Store, *arguments: Any, **named: Any) -> Any:
        print(KEEPING, flush=True)
        return keep(store, *arguments, **named)

    Store.keep = announced  # type: ignore[method-assign, assignment]
    with Home.open(folder) as home:
        sample = load_application(shared("samples") / "small-application.yaml", home=folder)
        for number in range(first, last + 1):
            issued = issue(sample, home=home, key=f"k{number}")
            write_files(output, {file.name: file.content for file in issued.files})
            print(issued.serial, flush=True)


def _begins(aim: str, lines: list[str]) -> bool:
    """Return whether the drawn time begins with the last of these lines: an issue is done, or the next one is kept."""
    return any(line != KEEPING for line in lines[: -1 if aim == "while keeping" else None]) and (
        aim == "any moment" or lines[-1] == KEEPING
    )


class Office:
    """One office, the processes that issue in it, and what they announced."""

    def __init__(self, place: Path, server: PostgresqlServer | None) -> None:
        """Make it in a folder, with its store in a database of the server and its files beside it, or all in one."""
        self.folder, self.output = place / "office", place / "issued"
        store = files = None
        if server is not None:
            store, files = server.url(server.new()), (place / "files").as_uri()
        self.outside = place / "files" if files else None
        self.store = store
        started = datetime.now(UTC) - timedelta(hours=1)
        Home.create(
            self.folder, office="科技厅", prefix="XJ", passphrase=None, now=started, store=store, files=files
        ).close()
        shutil.copytree(shared("samples") / "programmes", self.folder / "programmes", dirs_exist_ok=True)
        self.left: set[str] = set()  # files outside that no record names
        self.serials: list[str] = []  # announced, by key
        self.seconds: dict[str, list[float]] = {aim: [] for aim in AIMS}  # what it took until an announcement

    def run(self, aim: str | None) -> None:
        """Issue from the next key on, killed at a moment of that aim, or three keys undisturbed.

        Raises:
            Found: when it ended otherwise.
        """
        first = len(self.serials) + 1
        last, after = (first + 2, 0.0) if aim is None else (first + 1_000, self._moment(aim))
        arguments = ["issue", str(self.folder), str(first), str(last), str(self.output)]
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.kills", *arguments], stdout=subprocess.PIPE)
        assert process.stdout is not None
        said, at = "", list[float]()  # when each line came
        begun = False
        with process.stdout as output, selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            until = time.monotonic() + SLOWEST
            while selector.select(max(0.0, until - time.monotonic())):
                got = os.read(output.fileno(), 65536).decode()
                if not got:
                    break
                said += got
                at += [time.monotonic()] * (said.count("\n") - len(at))
                if aim is not None and not begun and _begins(aim, said.split("\n")[:-1]):
                    begun, until = True, time.monotonic() + after
            process.kill()
            said += output.read().decode()
        code = process.wait()
        if code != (0 if aim is None else -signal.SIGKILL) or (aim is not None and not begun):
            raise Found(f"the process ended by itself with {code}")
        self.wait_for_server()
        lines = said.split("\n")[:-1]
        before = None  # when the issue before was done
        for number, (line, then) in enumerate(zip(lines, at, strict=False)):
            if line == KEEPING:
                continue
            self.serials.append(line)
            if before is not None:
                self.seconds["while keeping"].append(then - at[number - 1])
                self.seconds["any moment"].append(then - before)
            before = then

    def _moment(self, aim: str) -> float:
        return random.uniform(0, 2 * statistics.median(self.seconds[aim]))

    def wait_for_server(self) -> None:
        """Wait until the server has ended what the killed process left: a commit may be under way."""
        if self.store is None:
            return
        engine = create_engine(self.store)
        until = time.monotonic() + SLOWEST
        with engine.connect() as connection:
            while connection.execute(_OTHERS).scalar_one():
                if time.monotonic() > until:
                    raise Found("the server has not ended what the killed process left")
                time.sleep(0.02)
                connection.rollback()  # or it goes on telling the same
        engine.dispose()

    def look(self) -> str:
        """Hold the office against what was announced.

        Returns:
            How far the key had come at which the process died.

        Raises:
            Found: when anything is not as it must be.
        """
        with Home.open(self.folder) as home:
            reserved = [home.store.reserved_for(f"k{key}") for key in range(1, len(self.serials) + 3)]
            if reserved[: len(self.serials)] != self.serials or reserved[-1]:
                raise Found(f"announced were {self.serials}, reserved are {reserved}")
            given = [serial for serial in reserved if serial]
            if len(set(given)) != len(given):
                raise Found(f"a serial was given twice: {given}")
            kept = {serial: home.store.submission(serial) for serial in given}
            if any(kept[serial] is None for serial in self.serials):
                raise Found("what was announced is not there")
            names: dict[str, bytes] = {}
            for serial, submission in kept.items():
                if submission is None:
                    continue
                if [event.kind for event in submission.events] != ["issued"]:
                    raise Found(f"{serial} was issued otherwise than once")
                for file in submission.files:
                    if len(home.store.file(file.digest)) != file.size:  # fits its digest, or this raises
                        raise Found(f"{file.name} of {serial} is cut")
                    names[file.name] = file.digest
                record = record_file(serial, submission.revision, submission.record)
                names[record.name] = hashlib.sha256(record.content).digest()
                if serial in self.serials and not (self.output / record.name).is_file():
                    raise Found(f"{serial} was announced and is not written")
            whole = [path for path in self.output.rglob("*") if path.is_file() and path.suffix != ".part"]
            for path in whole:
                if names.get(path.name) != hashlib.sha256(path.read_bytes()).digest():
                    raise Found(f"{path.name} was written and is no record's")
            for path in (self.outside / name for name in home.store.orphans()) if self.outside else ():
                if path.suffix != ".part" and hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                    raise Found(f"{path} is not whole")
            audited = audit(home)
            if audited.faults_in_all or audited.records != sum(one is not None for one in kept.values()):
                raise Found(f"audit: {audited.to_dict()}")
            left, self.left = self.left, set(home.store.orphans())
        at = reserved[len(self.serials)]
        if not at:
            return "no serial yet"
        if kept[at] is None:
            return "serial, no record" + (", files outside left" if self.left - left else "")
        return "record, not all announced"

    def finish(self) -> None:
        """Issue the last keys undisturbed, and ask for dense numbers."""
        self.run(None)
        self.look()
        numbers = sorted(int(serial.rpartition("-")[2]) for serial in self.serials)
        if numbers != list(range(1, len(numbers) + 1)):
            raise Found(f"the numbers have gaps: {numbers}")


def killed(database: str, wanted: int, results: dict[str, Any]) -> None:
    """Make the kills of one database that are still wanted, and count them."""
    died: dict[str, dict[str, int]] = {aim: {} for aim in AIMS}
    counted = results.setdefault(database, {"kills": 0, "faults": 0, "issued": 0, "died with": died})
    with ExitStack() as stack:
        # Clients are killed and never the machine: what the server has written need not be on the disk.
        server = stack.enter_context(PostgresqlServer("fsync=off")) if database == "postgresql" else None
        while counted["kills"] < wanted:
            place = Path(tempfile.mkdtemp(prefix="truecopy-kills-"))
            office = Office(place, server)
            office.run(None)
            office.look()
            for _ in range(min(OF_AN_OFFICE, wanted - counted["kills"])):
                aim = list(AIMS)[counted["kills"] % 2]
                try:
                    office.run(aim)
                    state = office.look()
                except Exception:
                    counted["faults"] += 1
                    kept_results(results)
                    raise
                counted["kills"] += 1
                states = Counter(counted["died with"][aim])
                states[state] += 1
                counted["died with"][aim] = dict(sorted(states.items()))
                kept_results(results)
                print(database, counted["kills"], aim, state, len(office.serials), flush=True)
            office.finish()
            counted["issued"] += len(office.serials)
            kept_results(results)
            shutil.rmtree(place)


def kept_results(results: dict[str, Any]) -> None:
    """Write the counts."""
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


def main() -> None:
    """Make the kills, or be the process that is killed."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["issue"]:
        issue_on(Path(arguments[1]), int(arguments[2]), int(arguments[3]), Path(arguments[4]))
        return
    wanted = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else KILLS
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for database in arguments or ["sqlite", "postgresql"]:
        killed(database, wanted, results)


if __name__ == "__main__":
    main()
