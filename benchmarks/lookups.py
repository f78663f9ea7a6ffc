"""Looking up a record among 1,000,000 and among 10,000, on both databases: `python -m benchmarks.lookups`.

Both stores of a database are filled with small synthetic records (a page, a file and two events each) and then read in
turns, a thousand records at random from either: by serial, by the record's digest, and a page. Seconds are of the
clock, the median of each, since a server works in a process of its own; both stores are read in the same minute, so
that what else the machine does weighs on both. The ledger's nodes are left out: no look-up reads them. Prints the
figures and writes them to benchmarks/results/lookups.json; needs 8 GB of disk for the time, and removes them.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import random
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, text

from tests.postgresql_server import PostgresqlServer
from toolkit.canonical import canonical
from toolkit.page import Glyph, PageDescription
from toolkit.records import tables
from toolkit.records.sqlite import address_of
from toolkit.records.store import Store

RESULTS = Path(__file__).parent / "results" / "lookups.json"
SMALL, LARGE, READ = 10_000, 1_000_000, 1_000
AT_ONCE = 10_000
NOW = datetime.datetime(2025, 7, 1, 8, 30, tzinfo=datetime.UTC)
PAGE = PageDescription(
    59528, 84189, ("NotoSerifSC-Regular",), (Glyph("页", 0, 1600, (0, 0, 1500, 1600)),), (), (), (), "正式上报版"
)


def serial_of(number: int) -> str:
    """Return the serial of a record."""
    return f"XJSCO25-{number:07d}"


def record_of(number: int) -> bytes:
    """Return a record, as small as one may be."""
    return canonical({"serial": serial_of(number), "revision": 1, "application": {"title": f"项目{number}"}})


def rows(first: int, last: int) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Give the rows of some records, table by table."""
    numbers = range(first, last)
    of = {number: {"serial": serial_of(number), "revision": 1} for number in numbers}
    described, content = zlib.compress(PAGE.canonical(), 1), hashlib.sha256
    yield tables.serials, [{"serial": serial_of(n), "series": "s", "number": n} for n in numbers]
    yield (
        tables.reservations,
        [{**of[n], "supersedes": None, "key": f"k{n}", "request": bytes(32), "reserved_at": NOW} for n in numbers],
    )
    given = {n: record_of(n) for n in numbers}
    yield (
        tables.records,
        [{**of[n], "digest": content(given[n]).digest(), "canonical": given[n], "issued_at": NOW} for n in numbers],
    )
    page = {"document": "proposal", "page": 1, "digest": PAGE.digest, "description": described}
    yield tables.pages, [{**of[n], **page} for n in numbers]
    data = {n: serial_of(n).encode() for n in numbers}
    yield (
        tables.files,
        [
            {"digest": content(data[n]).digest(), "size": len(data[n]), "content": data[n], "outside": False}
            for n in numbers
        ],
    )
    file = {"name": "proposal.pdf", "kind": "print set", "media_type": "application/pdf"}
    yield tables.submission_files, [{**of[n], **file, "digest": content(data[n]).digest()} for n in numbers]
    event = {"at": NOW, "who": "office", "detail": "{}"}
    yield (
        tables.events,
        [
            {**of[n], **event, "number": 2 * n + step, "kind": kind}
            for n in numbers
            for step, kind in enumerate(("reserved", "issued"))
        ],
    )


def filled(url: str, size: int) -> Store:
    """Make a store with that many records."""
    store = Store.create(url)
    with store._database.writing() as connection:
        connection.execute(insert(tables.series).values(name="s", last_number=size))
    for first in range(1, size + 1, AT_ONCE):  # a commit each: one of everything is too much for memory and log
        with store._database.writing() as connection:
            for table, listed in rows(first, min(first + AT_ONCE, size + 1)):
                connection.execute(insert(table), listed)
    if store._database.engine.dialect.name == "postgresql":  # what its own service does after such a night
        with store._database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return store


def look_ups(store: Store, number: int) -> dict[str, Callable[[], object]]:
    """Return the ways in which a record is looked up."""
    digest = hashlib.sha256(record_of(number)).digest()
    return {
        "submission": lambda: store.submission(serial_of(number)),
        "find": lambda: store.find(digest),
        "page": lambda: store.page(serial_of(number), 1, "proposal", 1),
    }


def measured(small: Store, large: Store) -> dict[str, dict[str, float]]:
    """Look records up in both stores in turns; return milliseconds and their ratio by way."""
    chance = random.Random(7)
    taken: dict[str, tuple[list[float], list[float]]] = {}
    for turn in range(READ + 50):
        for place, (store, size) in enumerate(((small, SMALL), (large, LARGE))):
            for way, look in look_ups(store, chance.randint(1, size)).items():
                start = time.perf_counter()
                assert look() is not None
                spent = time.perf_counter() - start
                if turn >= 50:  # the first ones compile statements
                    taken.setdefault(way, ([], []))[place].append(spent)
    answer = {}
    for way, times in taken.items():
        few, many = (statistics.median(one) * 1000 for one in times)
        answer[way] = {"small_ms": round(few, 3), "large_ms": round(many, 3), "ratio": round(many / few, 3)}
    return answer


def main() -> None:
    """Measure, print and keep the figures, for both databases or the one that is named."""
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results |= {"small": SMALL, "large": LARGE, "look-ups of each": READ}
    for database in sys.argv[1:] or ["sqlite", "postgresql"]:
        if database == "sqlite":
            with tempfile.TemporaryDirectory() as folder:
                places = [address_of(Path(folder) / f"{size}.sqlite3") for size in (SMALL, LARGE)]
                small, large = filled(places[0], SMALL), filled(places[1], LARGE)
                results[database] = measured(small, large)
                small.close()
                large.close()
        else:
            with PostgresqlServer() as server:
                small, large = (filled(server.url(server.new()), size) for size in (SMALL, LARGE))
                results[database] = measured(small, large)
                small.close()
                large.close()
        print(database, json.dumps(results[database]))
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
