"""Receiving paper: what is entered, how later scans join earlier ones, what is accepted, and what never is.

Most tests hand in verdicts on pages, as ``verify`` gives them: what follows from them is what is tested here. One goes
the whole way with scans.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sealed_paper import ISSUED, NOW, Office, make_office, sheet, tiff

from toolkit import receiving
from toolkit.docket import enter
from toolkit.errors import EventRefused, SubmissionUnknown, UsageError
from toolkit.messages import Message
from toolkit.receiving import Reception, receive
from toolkit.scan.paper import PageVerdict, PaperVerdict, SealClaims
from toolkit.scan.zone_answers import Presence, ZoneMark
from toolkit.seal.payload import Seal
from toolkit.seal.reference import Reference
from toolkit.verdict import Finding, Outcome, Reason
from toolkit.verifying import verify

LATER = NOW + datetime.timedelta(hours=3)
IDS = {"P": "proposal", "CU": "commitment-unit"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = make_office(tmp_path_factory.mktemp("office") / "home")
    with made.home:
        yield made


@pytest.fixture
def seals(office: Office) -> list[Seal]:
    """One submission of its own for each test: 4 + 2 pages in 2 copies, in print order."""
    return office.issue()


def page(seal: Seal, *reasons: Reason, scan: str = "a", marks: Sequence[ZoneMark] = ()) -> PageVerdict:
    """Return the verdict on a page; ``scan`` tells one scan of it from another."""
    claims = SealClaims(
        seal.serial,
        seal.revision,
        IDS[seal.document],
        seal.document,
        seal.copy,
        seal.copies,
        seal.page,
        seal.pages,
        seal.issued_at,
        seal.record_digest,
        seal.page_digest,
        signer="自治区科技厅",
    )
    return PageVerdict(
        source=f"{scan}.pdf",
        image=seal.page,
        seal=claims,
        reference=claims.reference,
        findings=tuple(Finding(reason, Message("{page} is in the way", page=seal.page)) for reason in reasons),
        zones=tuple(marks),
        digest=hashlib.sha256(f"{claims.reference} {scan}".encode()).hexdigest(),
    )


@pytest.fixture
def came(office: Office, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what receives pages that were verified already."""

    def call(*pages: PageVerdict, now: datetime.datetime = LATER, **how: Any) -> Reception:
        monkeypatch.setattr(receiving, "verify", lambda *sources, **named: PaperVerdict(pages=pages))
        return receive([("a.pdf", b"")] if pages else [], home=office.home, now=now, **how)

    return call


def passed(office: Office, serial: str, at: datetime.datetime = NOW) -> None:
    for kind in ("submitted", "recommended", "accepted", "passed"):
        office.home.store.enter(serial, kind, at=at, who="某处", detail={}, now=at)


def reference(seal: Seal) -> str:
    return str(Reference(seal.serial, seal.revision, seal.document, seal.copy, seal.page))


def kinds(office: Office, seals: Sequence[Seal]) -> list[str]:
    return [event.kind for event in office.home.store.life(seals[0].serial)]


def found(answer: Reception) -> dict[str, str]:
    """Return reason and outcome of what is found about the submissions, without the note about both sides."""
    (one,) = answer.submissions
    return {
        finding.reason.name: finding.outcome.value
        for finding in one.collected.verdict.findings
        if finding.reason is not Reason.DUPLEX_NOT_OBSERVED
    }


def test_a_whole_submission_is_received(office: Office, seals: list[Seal], came: Any) -> None:
    passed(office, seals[0].serial)
    answer = came(*map(page, seals))
    (one,) = answer.submissions
    assert answer.outcome is Outcome.PASSED
    assert (one.entered, one.known, one.stage, one.received_at) == (12, 0, "received", LATER)
    assert str(one.told) == f"{seals[0].serial} is received, since 2025-07-10 13:00"
    assert kinds(office, seals)[-2:] == ["pages-received", "received"]


def test_the_same_scan_received_twice_changes_nothing(office: Office, seals: list[Seal], came: Any) -> None:
    pile = [page(seals[0], Reason.CONTENT_ILLEGIBLE), page(seals[0], scan="b"), *map(page, seals[1:5])]
    first = came(*pile)
    before = office.home.store.life(seals[0].serial)
    again = came(*pile, now=LATER + datetime.timedelta(days=1))
    assert office.home.store.life(seals[0].serial) == before
    assert (again.submissions[0].entered, again.submissions[0].known) == (0, 6)
    assert again.outcome is first.outcome is Outcome.FAILED
    assert found(again) == found(first) == {"PAGE_MISSING": "failed", "DOCUMENT_MISSING": "failed"}


def test_two_clerks_at_once_enter_a_page_once(
    office: Office, seals: list[Seal], came: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is still looking at the pages when the other has entered the same scan."""
    pile = [page(seal) for seal in seals[:2]]

    def slow(*sources: object, **named: object) -> PaperVerdict:
        came(*pile)
        return PaperVerdict(pages=tuple(pile))

    monkeypatch.setattr(receiving, "verify", slow)
    answer = receive([("a.pdf", b"")], home=office.home, now=LATER)
    assert (answer.submissions[0].entered, answer.submissions[0].known) == (0, 2)
    assert kinds(office, seals) == ["issued", "pages-received"]


def test_a_better_scan_takes_the_place_of_a_worse_one_and_never_the_other_way(
    office: Office, seals: list[Seal], came: Any
) -> None:
    answer = came(page(seals[0], Reason.CONTENT_ALTERED), *map(page, seals[1:]))
    assert answer.outcome is Outcome.FAILED
    (bad,) = answer.submissions[0].collected.to_rescan
    assert str(bad.place) == "P/1/1"
    came(page(seals[0], Reason.CONTENT_ILLEGIBLE, scan="b"))
    worse = came(page(seals[0], Reason.CONTENT_ALTERED, scan="c"))
    assert worse.submissions[0].entered == 1 and worse.outcome is Outcome.FAILED  # the page at hand failed
    (kept,) = worse.submissions[0].collected.to_rescan
    assert kept.source == "b.pdf"
    good = came(page(seals[0], scan="d"))
    assert good.submissions[0].collected.to_rescan == () and found(good) == {}


def test_a_page_in_order_that_comes_again_may_be_a_second_print(office: Office, seals: list[Seal], came: Any) -> None:
    came(*map(page, seals))
    again = came(page(seals[0], scan="b"), page(seals[5], scan="b"))
    assert found(again) == {"ALREADY_RECEIVED": "indeterminate"}
    assert again.outcome is Outcome.INDETERMINATE
    assert not again.submissions[0].collected.is_complete
    asked = came(page(seals[0], scan="b"))  # that it was entered does not answer the question
    assert found(asked) == {"ALREADY_RECEIVED": "indeterminate"}
    settled = came(accept={f"{seals[0].serial}:ALREADY_RECEIVED": "同一批材料重新扫描"}, by="张三")
    assert found(settled) == {"ALREADY_RECEIVED": "note"} and settled.outcome is Outcome.PASSED
    third = came(page(seals[0], scan="c"))
    assert found(third) == {"ALREADY_RECEIVED": "indeterminate"}  # what was accepted is not this


def test_verify_tells_what_was_received_before(office: Office, seals: list[Seal]) -> None:
    """The same image is no second print; another image of the page may be one."""
    drawn = sheet(office.digits(seals[0]))
    other = drawn.copy()
    other.putpixel((3, 3), 250)
    first, second = (("a.tif", tiff([image])) for image in (drawn, other))
    receive([first], home=office.home, now=LATER)

    def again(scan: tuple[str, bytes]) -> list[str]:
        (submission,) = verify([scan], home=office.home, now=LATER).submissions
        return [each.outcome.value for each in submission.findings if each.reason is Reason.ALREADY_RECEIVED]

    assert (again(first), again(second)) == ([], ["indeterminate"])


def test_pages_that_are_none_of_a_record_in_force_are_not_entered(office: Office, came: Any) -> None:
    first = office.issue()
    second = office.issue(revises=first[0].serial)
    forged = page(second[2], Reason.SIGNER_UNTRUSTED)
    answer = came(
        page(first[0], Reason.RECORD_SUPERSEDED), page(second[1]), forged, page(second[3], Reason.RECORD_REVOKED)
    )
    (one,) = answer.submissions
    assert [str(place) for place in one.collected.received.pages] == ["P/1/2"]
    assert (one.entered, answer.outcome) == (1, Outcome.FAILED)
    assert len(answer.paper.pages) == 4


def test_a_later_revision_starts_anew(office: Office, seals: list[Seal], came: Any) -> None:
    passed(office, seals[0].serial)
    came(*map(page, seals))
    second = office.issue(revises=seals[0].serial)
    answer = came(*map(page, second[:3]))
    (one,) = answer.submissions
    assert len(one.collected.received.pages) == 3 and one.stage == "received"
    assert str(one.told).startswith(f"revision 1 of {seals[0].serial} was received at")


def test_what_was_handed_back_has_to_come_again(office: Office, seals: list[Seal], came: Any) -> None:
    passed(office, seals[0].serial)
    came(*map(page, seals))
    later = LATER + datetime.timedelta(days=1)
    office.home.store.enter(seals[0].serial, "returned", at=later, who="张三", detail={}, now=later)
    answer = came(*map(page, seals), now=later + datetime.timedelta(days=1))
    (one,) = answer.submissions
    assert (one.entered, one.stage) == (12, "received")
    assert kinds(office, seals)[-3:] == ["returned", "pages-received", "received"]


def test_paper_that_comes_before_the_review_is_passed_is_received_with_it(
    office: Office, seals: list[Seal], came: Any
) -> None:
    answer = came(*map(page, seals))
    (one,) = answer.submissions
    assert (answer.outcome, one.stage, one.received_at) == (Outcome.PASSED, "issued", None)
    assert "has not passed its review yet" in str(one.told)
    later = LATER + datetime.timedelta(days=2)
    for kind in ("submitted", "recommended", "accepted"):
        office.home.store.enter(seals[0].serial, kind, at=later, who="某处", detail={}, now=later)
    enter(office.home, seals[0].serial, "passed", who="某处", at=later, now=later)
    *_, last = office.home.store.life(seals[0].serial)
    assert (last.kind, last.at, last.detail) == ("received", later, {"came": LATER.isoformat()})


def test_the_time_is_that_of_the_paper(office: Office, seals: list[Seal], came: Any) -> None:
    passed(office, seals[0].serial, ISSUED)
    for wrong in (LATER + datetime.timedelta(seconds=1), ISSUED - datetime.timedelta(seconds=1)):
        with pytest.raises(EventRefused):
            came(*map(page, seals), at=wrong)
    noon = datetime.datetime(2025, 7, 8, 12, 0)  # in the programme's zone; the fifth working day
    came(
        page(seals[0], Reason.CONTENT_ILLEGIBLE), page(seals[1], Reason.CONTENT_ALTERED), *map(page, seals[2:]), at=noon
    )
    rescan = came(page(seals[0], scan="b"))
    assert "LATE" not in found(rescan)  # the sheet came when it first did, whenever it is scanned again
    assert rescan.submissions[0].collected.came == noon.replace(tzinfo=datetime.UTC) - datetime.timedelta(hours=8)
    replaced = came(page(seals[1], scan="b"))
    assert found(replaced) == {"LATE": "failed"}  # this sheet is another one, and came today
    assert replaced.submissions[0].stage == "received" and replaced.outcome is Outcome.FAILED


def test_withdrawn_paper_is_handed_back(office: Office, seals: list[Seal], came: Any) -> None:
    office.home.store.enter(seals[0].serial, "withdrawn", at=NOW, who="某处", detail={}, now=NOW)
    answer = came(*map(page, seals))
    assert kinds(office, seals) == ["issued", "withdrawn"]
    assert "withdrawn" in str(answer.submissions[0].told) and answer.submissions[0].entered == 0


def test_a_clerk_accepts_what_is_indeterminate_by_name_and_with_a_reason(
    office: Office, seals: list[Seal], came: Any
) -> None:
    passed(office, seals[0].serial)
    unclear = ZoneMark("unit_chop", "chop", Presence.UNCLEAR, (0, 0, 1, 1))
    answer = came(page(seals[0], Reason.CONTENT_ILLEGIBLE), page(seals[1], marks=[unclear]), *map(page, seals[2:]))
    assert answer.outcome is Outcome.INDETERMINATE and found(answer) == {"CHOP_UNCLEAR": "indeterminate"}
    named = {f"{reference(seals[0])}:CONTENT_ILLEGIBLE": "原件字迹清楚，已目视核对", reference(seals[1]): "公章完整"}
    done = came(accept=named, by="李四")
    assert done.outcome is Outcome.PASSED and done.submissions[0].stage == "received"
    told = [
        (str(p.place) if p else None, a.reason.name, a.why, a.who) for p, a in done.submissions[0].collected.accepted
    ]
    assert told == [
        ("P/1/1", "CONTENT_ILLEGIBLE", "原件字迹清楚，已目视核对", "李四"),
        ("P/1/2", "CHOP_UNCLEAR", "公章完整", "李四"),
    ]
    life = office.home.store.life(seals[0].serial)
    assert life[-2].who == "李四" and life[-2].detail["accepted"][0]["why"] == "原件字迹清楚，已目视核对"  # type: ignore
    again = came(accept=named, by="李四")
    assert office.home.store.life(seals[0].serial) == life and again.outcome is Outcome.PASSED


def test_what_nobody_may_accept(office: Office, seals: list[Seal], came: Any) -> None:
    serial = seals[0].serial
    both = page(seals[2], Reason.CONTENT_ILLEGIBLE, Reason.CONTENT_NOT_COMPARED)
    came(page(seals[0], Reason.CONTENT_ALTERED, Reason.CONTENT_ILLEGIBLE), page(seals[1]), both)
    before = office.home.store.life(serial)
    slipped = reference(seals[0])[:-1] + ("A" if reference(seals[0])[-1] != "A" else "B")
    for named, why in (
        (f"{reference(seals[0])}:CONTENT_ALTERED", "failed, and what failed is never accepted"),
        (f"{reference(seals[1])}:CONTENT_ILLEGIBLE", "no finding CONTENT_ILLEGIBLE is open"),
        (f"{reference(seals[4])}:CONTENT_ILLEGIBLE", "this page has not come"),
        (reference(seals[2]), "name one of the findings that are open: CONTENT_ILLEGIBLE, CONTENT_NOT_COMPARED"),
        (f"{slipped}:CONTENT_ILLEGIBLE", "its check character does not fit"),
        (f"{serial}:COPY_MISSING", "failed, and what failed"),
        (f"{serial}:CONTENT_ILLEGIBLE", "no finding CONTENT_ILLEGIBLE is open"),
        (f"{serial}:*", "no reason"),
        ("*:CONTENT_ILLEGIBLE", "not in the store"),
    ):
        with pytest.raises((UsageError, SubmissionUnknown)) as refused:
            came(page(seals[3]), accept={named: "核对过"}, by="李四")
        assert why in str(refused.value), named
    for how in ({"by": ""}, {"accept": {reference(seals[2]): " "}}, {"by": "李\n四"}, {"by": "长" * 101}):
        with pytest.raises(UsageError):
            came(**{"accept": {f"{reference(seals[2])}:CONTENT_ILLEGIBLE": "核对过"}, "by": "李四", **how})
    with pytest.raises(UsageError, match="nothing to receive"):
        came()
    assert office.home.store.life(serial) == before  # nothing of these calls was entered, not their pages either


def test_an_acceptance_is_of_that_scan(office: Office, seals: list[Seal], came: Any) -> None:
    came(page(seals[0], Reason.CONTENT_ILLEGIBLE, Reason.CONTENT_NOT_COMPARED))
    came(accept={f"{reference(seals[0])}:CONTENT_NOT_COMPARED": "已目视核对"}, by="李四")
    better = came(page(seals[0], Reason.CONTENT_NOT_COMPARED, scan="b"))
    (kept,) = better.submissions[0].collected.to_rescan  # one thing is open about either: the first one stays
    assert kept.reasons == ("CONTENT_ILLEGIBLE",)
    good = came(page(seals[0], scan="c"))
    assert good.submissions[0].collected.accepted == ()


def test_pages_that_cannot_be_read_leave_it_open_what_is_missing(office: Office, seals: list[Seal], came: Any) -> None:
    blind = PageVerdict(
        source="a.pdf", image=99, findings=(Finding(Reason.SEAL_UNREADABLE, Message("this is no seal")),)
    )
    answer = came(*map(page, seals[:11]), blind)
    assert found(answer) == {"PAGE_MISSING": "indeterminate"} and answer.outcome is Outcome.INDETERMINATE
    assert found(came(*map(page, seals[:11]))) == {"PAGE_MISSING": "failed"}
