"""The record's form, and its digest against another implementation of RFC 8785."""

from __future__ import annotations

import datetime
import hashlib

import pytest
import rfc8785
from an_issue import NOW, PAGES, record_for

from toolkit.records.record import RecordedDocument, build_record, page_digests, record_digest
from toolkit.records.serials import Reservation

FIRST = Reservation("XJSCO25-00001", 1, None, existing=False)


def test_the_digest_is_sha_256_over_rfc_8785() -> None:
    record = record_for(FIRST)
    assert record_digest(record) == hashlib.sha256(rfc8785.dumps(record)).digest()  # type: ignore[arg-type]


def test_a_record_says_what_was_issued() -> None:
    record = record_for(Reservation("XJSCO25-00001", 2, b"s" * 32, existing=False))
    assert (record["format"], record["serial"], record["revision"]) == (1, "XJSCO25-00001", 2)
    assert record["supersedes"] == "73" * 32
    assert record["issued_at"] == "2025-07-01T08:30:15Z"
    assert record["templates"] == [{"name": "proposal.docx", "sha256": "74" * 32}]
    assert record["documents"][1] == {  # type: ignore[index]
        "id": "commitment-unit",
        "code": "CU",
        "copies": 2,
        "pages": 1,
        "page_digests": [PAGES["commitment-unit"][0].digest.hex()],
    }
    assert len(bytes.fromhex(str(record["salt"]))) == 16


def test_the_page_digests_are_found_again() -> None:
    assert page_digests(record_for(FIRST)) == {  # type: ignore[arg-type]
        name: tuple(page.digest for page in pages) for name, pages in PAGES.items()
    }
    with pytest.raises(ValueError, match="damaged"):
        page_digests({"documents": [{"id": "proposal"}]})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"salt": b"short"}, "salt"),
        ({"application": {"funds": 50.5}}, "float"),
        ({"application": {"title": "e\u0301"}}, "form C"),
        ({"application": {"名称": 1}}, "ASCII"),
        ({"application": {"funds": 2**53}}, "exactly"),
    ],
)
def test_what_has_no_place_in_a_record_is_refused(change: dict[str, object], fault: str) -> None:
    parts: dict[str, object] = {
        "serial": "XJ-1",
        "revision": 1,
        "supersedes": None,
        "issued_at": NOW.astimezone(datetime.timezone(datetime.timedelta(hours=8))),
        "programme": {},
        "application": {},
        "documents": [RecordedDocument("proposal", "P", 1, ())],
        "templates": {},
        "fonts": {},
        "engine": "typst",
        "versions": {},
        "salt": bytes(16),
    }
    assert build_record(**parts)["issued_at"] == "2025-07-01T08:30:15Z"  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError), match=fault):
        record_digest(build_record(**{**parts, **change}))  # type: ignore[arg-type]
