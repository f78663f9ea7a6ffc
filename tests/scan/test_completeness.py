"""Chops and signatures of a submission: what is missing, unclear, or better on a second scan of the page."""

from __future__ import annotations

import datetime

import pytest

from toolkit.scan.completeness import ExpectedDocument, expected_documents, judge_submission
from toolkit.scan.paper import PageVerdict, SealClaims
from toolkit.scan.zone_answers import Presence, ZoneMark, ZoneRule
from toolkit.verdict import Finding, Reason

BOX = (100, 100, 200, 200)
DOCUMENT = ExpectedDocument(
    "proposal",
    "P",
    "项目申报书",
    1,
    1,
    zones=(
        ZoneRule("chop", "申报单位公章"),
        ZoneRule("sign", "负责人签字"),
        ZoneRule("free", "可不签", required=False),
    ),
)


def page(*marks: ZoneMark, image: int = 1) -> PageVerdict:
    seal = SealClaims(
        serial="XJ-1",
        revision=1,
        document="proposal",
        code="P",
        copy=1,
        copies=1,
        page=1,
        pages=1,
        issued_at=datetime.datetime(2025, 7, 1, tzinfo=datetime.UTC),
        record_digest=bytes(32),
        page_digest=bytes(32),
    )
    return PageVerdict(source="scan.pdf", image=image, seal=seal, zones=marks)


def judged(*pages: PageVerdict) -> list[Finding]:
    verdict = judge_submission("XJ-1", pages, expected=[DOCUMENT], unread=0)
    return [finding for finding in verdict.findings if finding.reason is not Reason.PAGE_REPEATED]


def mark(name: str, kind: str, answer: Presence) -> ZoneMark:
    return ZoneMark(name, kind, answer, BOX)


@pytest.mark.parametrize(
    ("name", "kind", "answer", "reason"),
    [
        ("chop", "chop", Presence.ABSENT, Reason.CHOP_MISSING),
        ("chop", "chop", Presence.UNCLEAR, Reason.CHOP_UNCLEAR),
        ("sign", "signature", Presence.ABSENT, Reason.SIGNATURE_MISSING),
        ("sign", "signature", Presence.UNCLEAR, Reason.SIGNATURE_UNCLEAR),
    ],
)
def test_what_is_not_there_is_named_by_its_zone(name: str, kind: str, answer: Presence, reason: Reason) -> None:
    (finding,) = judged(page(mark(name, kind, answer)))
    label = next(rule.label for rule in DOCUMENT.zones if rule.name == name)
    assert finding.reason is reason
    assert label in str(finding.message) and "项目申报书" in str(finding.message)


def test_what_is_there_and_what_need_not_be_say_nothing() -> None:
    assert judged(page(mark("chop", "chop", Presence.PRESENT), mark("free", "signature", Presence.ABSENT))) == []


def test_the_better_scan_of_a_page_counts() -> None:
    one, two = (mark("chop", "chop", answer) for answer in (Presence.ABSENT, Presence.PRESENT))
    assert judged(page(one), page(two, image=2)) == []
    assert judged(page(two), page(one, image=2)) == []


def test_records_without_zones_are_read() -> None:
    listed = {"id": "proposal", "code": "P", "copies": 2, "page_digests": ["00" * 32]}
    old = {"programme": {"documents": [{"id": "proposal", "title": "书"}]}, "documents": [listed]}
    assert expected_documents(old)[0].zones == ()  # type: ignore[arg-type]
    zone = {"name": "c", "kind": "chop", "colour": "blue", "shape": "oval", "required": True, "label": "章"}
    new = {"programme": {"documents": [{"id": "proposal", "title": "书", "zones": [zone]}]}, "documents": [listed]}
    assert expected_documents(new)[0].zones == (ZoneRule("c", "章", "blue", "oval"),)  # type: ignore[arg-type]
