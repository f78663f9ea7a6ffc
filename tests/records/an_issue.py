"""One small issue, step by step; also run as a program by the tests that kill it.

python an_issue.py URL KEY [PLACE]      reserve and keep; die before or after statement number PLACE
"""

from __future__ import annotations

import datetime
import hashlib
import sys

from toolkit.page import Glyph, PageDescription, Picture, Rule, Zone
from toolkit.records.files import StoredFile
from toolkit.records.record import RecordedDocument, build_record, record_digest
from toolkit.records.serials import Reservation
from toolkit.records.store import Store

NOW = datetime.datetime(2025, 7, 1, 8, 30, 15, 250_000, tzinfo=datetime.UTC)
SERIES = "xinjiang-sco-2025/XJ"


def serial_of(number: int) -> str:
    """Return the serial of a number."""
    return f"XJSCO25-{number:05d}"


def request(text: str) -> bytes:
    """Return the digest of what is asked for."""
    return hashlib.sha256(text.encode()).digest()


def page(text: str) -> PageDescription:
    """Return the description of a page with a text on it."""
    return PageDescription(
        width=59528,
        height=84189,
        fonts=("NotoSerifSC-Regular",),
        glyphs=tuple(Glyph(c, 0, 1600, (i * 1600, 0, i * 1600 + 1500, 1600)) for i, c in enumerate(text)),
        rules=(Rule("line", (0, 0, 100, 1), "000000"),),
        pictures=(Picture((0, 0, 9, 9), "00" * 32),),
        zones=(Zone("unit_chop", "chop", (10, 10, 900, 900)),),
        watermark="正式上报版",
    )


PAGES = {"proposal": (page("项目申报书"), page("第二页")), "commitment-unit": (page("承诺书"),)}


def record_for(reservation: Reservation, title: str = "联合研究") -> dict[str, object]:
    """Return the record of the issue."""
    return build_record(  # type: ignore[return-value]
        serial=reservation.serial,
        revision=reservation.revision,
        supersedes=reservation.supersedes,
        issued_at=NOW,
        programme={"name": "上合计划"},
        application={"title": title, "funds": {"requested": 5_000_000}},
        documents=[
            RecordedDocument("proposal", "P", 2, tuple(page.digest for page in PAGES["proposal"])),
            RecordedDocument("commitment-unit", "CU", 2, (PAGES["commitment-unit"][0].digest,)),
        ],
        templates={"proposal.docx": b"t" * 32},
        fonts={"serif.ttf": b"f" * 32},
        engine="typst",
        versions={"truecopy": "0.1.0"},
        salt=hashlib.sha256(f"{reservation.serial}-{reservation.revision}".encode()).digest()[:16],
    )


def files_for(reservation: Reservation) -> list[StoredFile]:
    """Return the files of the issue: one of its own, and one that all issues share."""
    own = f"{reservation.serial}-r{reservation.revision}".encode()
    return [
        StoredFile.of("proposal.pdf", "print-set", "application/pdf", own),
        StoredFile.of("serif.ttf", "font", "font/ttf", b"font"),
    ]


def keep(store: Store, reservation: Reservation, title: str = "联合研究") -> bytes:
    """Keep the issue; return its record digest."""
    record = record_for(reservation, title)
    digest = record_digest(record)  # type: ignore[arg-type]
    store.keep(
        reservation,
        record=record,  # type: ignore[arg-type]
        digest=digest,
        descriptions={name: [page.canonical() for page in pages] for name, pages in PAGES.items()},
        kept_files=files_for(reservation),
        who="office",
        now=NOW,
    )
    return digest


def issue(store: Store, *, key: str | None = None, revises: str | None = None) -> Reservation:
    """Reserve and keep, unless it was done before."""
    reservation = store.reserve(SERIES, serial_of, request=request("a"), key=key, revises=revises, now=NOW)
    if not reservation.existing:
        keep(store, reservation)
    return reservation


if __name__ == "__main__":
    with Store.open(sys.argv[1]) as opened:
        issue(opened, key=sys.argv[2])
