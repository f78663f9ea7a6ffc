"""How pages that come in several calls join: in whatever order, nothing good is lost for something bad."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from toolkit.canonical import canonical
from toolkit.messages import Message
from toolkit.records.happened import Event
from toolkit.records.received import (
    PAGES_RECEIVED,
    RECEIPT_MADE,
    Acceptance,
    Mark,
    Place,
    Received,
    ReceivedPage,
    better,
    kept_findings,
    plain_message,
    received,
    source_name,
)
from toolkit.verdict import Finding, Outcome, Reason

NOW = datetime.datetime(2025, 7, 10, 2, 0, tzinfo=datetime.UTC)
PLACES = [Place("P", 1, 1), Place("P", 1, 2), Place("CU", 2, 1)]
REASONS = [Reason.CONTENT_ALTERED, Reason.CONTENT_ILLEGIBLE, Reason.CONTENT_NOT_COMPARED, Reason.WATERMARK_MISSING]

findings = st.lists(st.sampled_from(REASONS), max_size=3, unique=True).map(
    lambda reasons: tuple(Finding(reason, Message("{page} is in the way", page=3)) for reason in reasons)
)
marks = st.lists(
    st.builds(
        Mark, st.just("zone"), st.sampled_from(["chop", "signature"]), st.sampled_from(["present", "absent", "unclear"])
    ),
    max_size=2,
).map(tuple)
pages = st.builds(
    ReceivedPage,
    place=st.sampled_from(PLACES),
    image=st.integers(0, 30).map(lambda number: f"{number:064x}"),
    source=st.just("a.pdf"),
    number=st.integers(1, 9),
    came=st.integers(0, 9).map(lambda days: NOW + datetime.timedelta(days=days)),
    findings=findings,
    marks=marks,
)


def taken(listed: Sequence[ReceivedPage]) -> Received:
    """Return what there is when pages came one by one; an image that is known is not entered."""
    so_far = Received()
    for page in listed:
        so_far = so_far if so_far.knows(page) else so_far.taking(page)
    return so_far


def event(*listed: ReceivedPage, accepted: Sequence[object] = (), revision: int = 1) -> Event:
    detail: dict[str, object] = {
        "pages": [page.to_plain() for page in listed],
        "sides": None,
        "accepted": list(accepted),
    }
    return Event(PAGES_RECEIVED, NOW, "张三", detail, revision)  # type: ignore[arg-type]


@given(st.lists(pages, max_size=8))
def test_a_page_never_gets_worse(listed: list[ReceivedPage]) -> None:
    so_far = Received()
    for page in listed:
        before = so_far.pages.get(page.place)
        so_far = so_far.taking(page)
        after = so_far.pages[page.place]
        assert after.open <= page.open or before is not None and before.is_in_order
        assert before is None or after.open <= before.open
        if before is not None and after.open == before.open:
            assert after == before


@given(st.lists(pages, max_size=5))
def test_the_order_of_scans_does_not_decide_what_is_left(listed: list[ReceivedPage]) -> None:
    """Only pages in order that come again are told apart by which came first."""
    best = {page.place: min(each.open for each in listed if each.place == page.place) for page in listed}
    for order in permutations(listed):
        so_far = Received()
        for page in order:
            so_far = so_far.taking(page)
        assert {place: page.open for place, page in so_far.pages.items()} == best
        images = {(page.place, page.image) for page in listed}
        assert {(place, image) for place, own in so_far.images.items() for image in own} == images


@given(st.lists(pages, max_size=6))
def test_the_same_images_again_change_nothing(listed: list[ReceivedPage]) -> None:
    once = taken(listed)
    assert taken([*listed, *listed]) == once
    assert all(once.knows(page) for page in listed)


@given(st.lists(pages, max_size=6), st.lists(st.integers(0, 6), max_size=3))
def test_events_give_back_what_was_entered(listed: list[ReceivedPage], cuts: list[int]) -> None:
    """However the pages are spread over calls, and through the form in which the ledger has them."""
    bounds = sorted({0, len(listed), *(cut for cut in cuts if cut < len(listed))})
    calls = [listed[begin:end] for begin, end in zip(bounds, bounds[1:], strict=False)]
    events = [event(*call) for call in calls]
    for one in events:
        canonical(one.detail)
    so_far = Received()
    for page in listed:
        so_far = so_far.taking(page)
    folded = received(events, 1)
    assert (folded.pages, folded.images, folded.again) == (so_far.pages, so_far.images, so_far.again)
    assert received([*events, Event("returned", NOW, "", {}, 1)], 1).pages == {}
    assert received(events, 2).pages == {}


@given(pages, pages)
def test_a_sheet_that_was_not_wrong_came_when_it_first_did(first: ReceivedPage, second: ReceivedPage) -> None:
    kept = better(first, second)
    if kept is not first:
        failed_before = first.open[0] > 0
        assert kept.came == (second.came if failed_before else min(first.came, second.came))
        assert kept.image == second.image


def test_what_was_accepted_goes_with_the_scan_that_it_was_of() -> None:
    illegible = Finding(Reason.CONTENT_ILLEGIBLE, Message("cannot be read"))
    unclear = Mark("chop", "chop", "unclear")
    page = ReceivedPage(PLACES[0], "a" * 64, "a.pdf", 1, NOW, (illegible,), (unclear,))
    accepted = [
        {"page": "P/1/1", "reason": reason, "why": "看过", "said": None}
        for reason in ("CONTENT_ILLEGIBLE", "CHOP_UNCLEAR")
    ]
    so_far = received([event(page), event(accepted=accepted)], 1)
    assert so_far.pages[PLACES[0]].is_in_order
    assert [one.who for one in so_far.pages[PLACES[0]].accepted] == ["张三", "张三"]
    clean = ReceivedPage(PLACES[0], "b" * 64, "b.pdf", 1, NOW)
    assert len(so_far.taking(clean).again) == 1
    half = received([event(page), event(accepted=accepted[:1])], 1).taking(clean)
    assert half.pages[PLACES[0]] == clean and half.again == ()


def test_what_is_accepted_of_the_whole_is_accepted_in_its_words() -> None:
    said = Message("{count} pages", count=3)
    entry = {"page": None, "reason": "NOT_DUPLEX", "why": "看过", "said": plain_message(said)}
    so_far = received([event(accepted=[entry])], 1)
    assert so_far.has_accepted(Finding(Reason.NOT_DUPLEX, said)) == Acceptance(Reason.NOT_DUPLEX, "看过", "张三", NOW)
    assert so_far.has_accepted(Finding(Reason.NOT_DUPLEX, Message("{count} pages", count=4))) is None
    assert so_far.has_accepted(Finding(Reason.LATE, said)) is None


def test_a_receipt_tells_of_all_until_something_comes() -> None:
    receipt = Event(RECEIPT_MADE, NOW, "", {"number": 1, "pages": ["ab" * 32], "files": []}, 1)
    page = ReceivedPage(PLACES[0], "a" * 64, "a.pdf", 1, NOW)
    assert received([event(page), receipt], 1).is_told
    assert not received([event(page), receipt, event(page)], 1).is_told
    assert not received([event(page), receipt, Event("received", NOW, "", {}, 1)], 1).is_told
    assert received([event(page), receipt, Event("returned", NOW, "", {}, 1)], 1).receipts[0].number == 1


def test_what_is_kept_of_a_page_is_bounded() -> None:
    many = [Finding(Reason.CONTENT_ILLEGIBLE, Message("cannot be read"))] * 100
    kept = kept_findings(
        [Finding(Reason.INK_ADDED, Message("ink")), *many, Finding(Reason.CONTENT_ALTERED, Message("x"))]
    )
    assert len(kept) == 40 and kept[0].outcome is Outcome.FAILED
    assert len(source_name("/home/somebody/" + "长" * 500)) == 120
    assert source_name("/a/\udcff.pdf") == "?.pdf"


def test_a_damaged_event_is_no_pages() -> None:
    for detail in ({}, {"pages": [{}], "accepted": []}, {"pages": 5, "accepted": []}, {"pages": [{"page": "P"}]}):
        try:
            received([Event(PAGES_RECEIVED, NOW, "", detail, 1)], 1)  # type: ignore[arg-type]
        except ValueError:
            continue
        raise AssertionError(detail)
