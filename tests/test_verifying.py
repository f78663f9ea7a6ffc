"""Verifying paper: every reason that a seal, a record or a pile can give, and that bad input loses nothing else."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console
from sealed_paper import CLAIMS, ISSUED, LINES, NOW, PIXEL, SIZE, Office, make_clerk, make_office, sheet, tiff

from toolkit.errors import InputUnreadable, UsageError
from toolkit.formal.print_set import draft
from toolkit.home import Home
from toolkit.inspecting import inspect, inspect_digits
from toolkit.messages import Message
from toolkit.report import html_report, print_verdict
from toolkit.resources import shared
from toolkit.scan.paper import PageVerdict, PaperVerdict, Topic
from toolkit.seal.payload import Seal
from toolkit.seal.symbol import from_digits, to_digits
from toolkit.verdict import Outcome, Reason
from toolkit.verifying import verify, verify_digits


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = make_office(tmp_path_factory.mktemp("office") / "home")
    with made.home:
        yield made


@pytest.fixture(scope="module")
def seals(office: Office) -> list[Seal]:
    """One submission: 4 + 2 pages in 2 copies."""
    return office.issue()


@pytest.fixture(scope="module")
def scan(office: Office, seals: list[Seal]) -> bytes:
    return office.scan(seals)


@pytest.fixture(scope="module")
def clerk(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with the office's trust, without keys and without store."""
    with make_clerk(office, tmp_path_factory.mktemp("clerk") / "home") as home:
        yield home


def judged(office: Office, *sources: bytes, home: Home | None = None) -> PaperVerdict:
    named = [(f"{number}.tif", data) for number, data in enumerate(sources, start=1)]
    return verify(named, home=home or office.home, now=NOW)


def typed(office: Office, seals: Sequence[Seal], *, home: Home | None = None) -> PaperVerdict:
    """Return the verdict on pages whose symbols were typed: what a pile is judged by, without their images."""
    return verify_digits([office.digits(seal) for seal in seals], home=home or office.home, now=NOW)


def page_reasons(verdict: PaperVerdict) -> list[set[str]]:
    """Return the reasons of each page without the one that stands on every page that was only typed."""
    return [{f.reason.name for f in page.findings} - {"CONTENT_NOT_COMPARED"} for page in verdict.pages]


def reasons(verdict: PaperVerdict) -> dict[str, str]:
    """Return reason and outcome of what was found about submissions."""
    return {f.reason.name: f.outcome.value for submission in verdict.submissions for f in submission.findings}


def test_whole_submission_passes(office: Office, scan: bytes) -> None:
    """Twelve pages: more than are judged in one process."""
    verdict = judged(office, scan)
    assert verdict.outcome is Outcome.PASSED
    assert [page.image for page in verdict.pages] == list(range(1, 13))
    assert [f for page in verdict.pages for f in page.findings] == []
    (submission,) = verdict.submissions
    assert reasons(verdict) == {"DUPLEX_NOT_OBSERVED": "note"}
    assert submission.examined == {Topic.DUPLEX, Topic.WATERMARK, Topic.SCALE}
    assert [(t.document, t.copy, len(t.seen), t.pages) for t in submission.tallies] == [
        ("proposal", 1, 4, 4),
        ("proposal", 2, 4, 4),
        ("commitment-unit", 1, 2, 2),
        ("commitment-unit", 2, 2, 2),
    ]


def test_whole_submission_that_was_typed_is_indeterminate(office: Office, seals: list[Seal]) -> None:
    verdict = typed(office, seals)
    assert verdict.outcome is Outcome.INDETERMINATE
    assert {f.reason.name for page in verdict.pages for f in page.findings} == {"CONTENT_NOT_COMPARED"}


def test_page_says_what_its_seal_claims(office: Office, seals: list[Seal]) -> None:
    first = judged(office, office.scan(seals[:1])).pages[0]
    assert first.reference is not None and first.reference.startswith(f"{seals[0].serial}-r1/P/1/1-")
    assert first.seal is not None
    assert first.seal.to_dict() == {
        "serial": seals[0].serial,
        "revision": 1,
        "document": "proposal",
        "code": "P",
        "copy": 1,
        "copies": 2,
        "page": 1,
        "pages": 4,
        "issued_at": "2025-07-01T04:00:00Z",
        "record_digest": seals[0].record_digest.hex(),
        "page_digest": seals[0].page_digest.hex(),
        "signer": "自治区科技厅",
        "demo": False,
        "claims": {
            "title": CLAIMS.title,
            "unit": CLAIMS.unit,
            "leader": CLAIMS.leader,
            "requested_fen": CLAIMS.requested_fen,
        },
    }


def test_order_of_pages_does_not_matter(office: Office, seals: list[Seal]) -> None:
    shuffled = [seals[number] for number in (7, 0, 11, 3, 5, 1, 9, 2, 10, 4, 8, 6)]
    assert reasons(typed(office, shuffled)) == {"DUPLEX_NOT_OBSERVED": "note"}


def test_several_submissions_in_one_pile(office: Office, seals: list[Seal]) -> None:
    other = office.issue()
    verdict = typed(office, [*other[:6], *seals])
    assert [s.serial for s in verdict.submissions] == sorted([seals[0].serial, other[0].serial])
    assert [s.outcome for s in verdict.submissions] == [Outcome.INDETERMINATE, Outcome.FAILED]


def test_missing_page_copy_and_document(office: Office, seals: list[Seal]) -> None:
    assert reasons(typed(office, [seals[0], *seals[3:]]))["PAGE_MISSING"] == "failed"
    assert reasons(typed(office, seals[4:]))["COPY_MISSING"] == "failed"
    verdict = typed(office, seals[:8])
    assert reasons(verdict)["DOCUMENT_MISSING"] == "failed"
    assert verdict.outcome is Outcome.FAILED


def test_missing_page_beside_an_unread_one_is_indeterminate(office: Office, seals: list[Seal]) -> None:
    verdict = verify_digits([*map(office.digits, seals[1:]), "9" * 300], home=office.home, now=NOW)
    assert reasons(verdict)["PAGE_MISSING"] == "indeterminate"
    assert verdict.outcome is Outcome.INDETERMINATE


def test_messages_name_the_missing_pages(office: Office, seals: list[Seal]) -> None:
    verdict = typed(office, [seals[0], *seals[4:]])
    (missing,) = [f for s in verdict.submissions for f in s.findings if f.reason.name == "PAGE_MISSING"]
    assert str(missing.message) == "copy 1 of 项目申报书 lacks page 2-4"


def test_page_scanned_twice_is_a_note(office: Office, seals: list[Seal]) -> None:
    verdict = typed(office, [*seals, seals[0]])
    assert reasons(verdict)["PAGE_REPEATED"] == "note"
    assert verdict.outcome is Outcome.INDETERMINATE


def test_mixed_and_superseded_revisions(office: Office) -> None:
    first = office.issue()
    second = office.issue(revises=first[0].serial)
    verdict = typed(office, [first[0], *second[1:]])
    assert page_reasons(verdict)[0] == {"RECORD_SUPERSEDED"}
    assert reasons(verdict)["REVISIONS_MIXED"] == "failed"
    assert reasons(verdict)["PAGE_MISSING"] == "failed"
    assert verdict.submissions[0].revision == 2


LAST_SECOND = datetime.datetime(2025, 7, 8, 15, 59, 59, tzinfo=datetime.UTC)
"""The end of the fifth working day after 1 July 2025 in Asia/Shanghai."""


def passed(office: Office, seals: Sequence[Seal], at: datetime.datetime) -> None:
    """Enter that the submission went all the way to its review, and passed it."""
    for kind in ("submitted", "recommended", "accepted", "passed"):
        office.home.store.enter(seals[0].serial, kind, at=at, who="某处", detail={}, now=at)


def test_paper_is_late_from_the_second_after_its_last_working_day(office: Office) -> None:
    seals = office.issue()
    digits = [office.digits(seal) for seal in seals]
    later = LAST_SECOND + datetime.timedelta(seconds=1)

    def late(now: datetime.datetime) -> str | None:
        return reasons(verify_digits(digits, home=office.home, now=now)).get("LATE")

    assert late(later) is None  # nobody knows yet when it is due
    passed(office, seals, datetime.datetime(2025, 7, 1, 9, tzinfo=datetime.UTC))
    assert [late(LAST_SECOND), late(later)] == [None, "failed"]
    assert verify_digits(digits, home=office.home, now=later).outcome is Outcome.FAILED
    office.home.store.enter(seals[0].serial, "received", at=LAST_SECOND, who="某处", detail={}, now=later)
    assert late(later) is None  # it came in time, and is looked at again


def test_a_late_scan_says_when_the_paper_was_due(office: Office) -> None:
    seals = office.issue()
    passed(office, seals, datetime.datetime(2025, 7, 1, 9, tzinfo=datetime.UTC))
    scanned = verify(
        [("a.tif", office.scan(seals[:1]))], home=office.home, now=LAST_SECOND + datetime.timedelta(seconds=1)
    )
    told = [str(one.message) for one in scanned.submissions[0].findings if one.reason is Reason.LATE]
    assert told == ["the paper was due on 2025-07-08, and came on 2025-07-09"]


def test_a_year_whose_holidays_are_unknown_leaves_lateness_open(office: Office) -> None:
    seals = office.issue()
    passed(office, seals, datetime.datetime(2090, 7, 3, 9, tzinfo=datetime.UTC))
    assert reasons(typed(office, seals))["LATE"] == "indeterminate"


def test_reports_show_what_was_accepted_when_it_was_issued(office: Office) -> None:
    seals = office.issue(accepted={"一.4": "院士 <特批>"})
    verdict = typed(office, seals)
    assert [tuple(one) for one in verdict.submissions[0].accepted] == [("一.4", "院士 <特批>")]
    page = html_report(verdict, str, now=NOW)
    assert "Accepted although 一.4 is not kept in principle: 院士 &lt;特批&gt;" in page
    console = io.StringIO()
    print_verdict(verdict, str, console=Console(file=console, width=200))
    assert "Accepted although 一.4 is not kept in principle: 院士 <特批>" in console.getvalue()


def test_pages_only_leaves_submissions_out(office: Office, seals: list[Seal]) -> None:
    verdict = verify([("one.tif", office.scan(seals[:1]))], home=office.home, now=NOW, pages_only=True)
    assert verdict.submissions == ()
    assert verdict.outcome is Outcome.PASSED


def test_page_without_symbol(office: Office, seals: list[Seal]) -> None:
    verdict = judged(office, tiff([sheet(), sheet(office.digits(seals[0]))]))
    assert page_reasons(verdict) == [{"SEAL_ABSENT"}, set()]
    assert verdict.pages[0].reference is None and verdict.pages[0].seal is None
    assert "in colour at 300 dpi" in str(verdict.pages[0].findings[0].message)


def test_blank_page_is_called_blank(office: Office) -> None:
    verdict = judged(office, tiff([Image.new("L", SIZE, 255)]))
    assert "the page is blank" in str(verdict.pages[0].findings[0].message)


def test_black_page_is_not_called_blank(office: Office) -> None:
    verdict = judged(office, tiff([Image.new("L", SIZE, 9)]))
    assert page_reasons(verdict) == [{"SEAL_ABSENT"}]
    assert "dark all over" in str(verdict.pages[0].findings[0].message) and not verdict.pages[0].is_blank


def typed_page() -> bytes:
    """Return a page of lines without watermark or symbol, as a PDF."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for line in range(30):
        canvas.drawString(80, 680 - 18 * line, "Talap etilgen qarajat 50.00 tumen yuan, 2025-2027 " * 2)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def test_draft_is_known_by_its_watermark(office: Office, seals: list[Seal]) -> None:
    """The watermark of a formal copy whose symbol was cut off is none of a draft."""
    drawn = draft(typed_page(), watermark="草稿", fonts_folder=shared("fonts"))
    formal = draft(typed_page(), watermark="正式上报版", fonts_folder=shared("fonts"))
    verdict = judged(office, drawn, formal, typed_page())
    assert page_reasons(verdict) == [{"DRAFT_PAGE"}, {"SEAL_ABSENT"}, {"SEAL_ABSENT"}]
    assert verdict.pages[0].outcome is Outcome.FAILED
    assert "“草稿”" in str(verdict.pages[0].findings[0].message)


def test_symbols_of_others_are_passed_over(office: Office, seals: list[Seal]) -> None:
    wechat = "https://u.wechat.com/abc"
    verdict = judged(office, tiff([sheet(office.digits(seals[0]), wechat), sheet(wechat)]))
    assert page_reasons(verdict) == [{"INK_ADDED"}, {"SEAL_ABSENT"}]
    assert "none of ours" in str(verdict.pages[1].findings[0].message)


def test_two_seals_on_a_page_conflict_but_one_seal_twice_does_not(office: Office, seals: list[Seal]) -> None:
    one, other = office.digits(seals[0]), office.digits(seals[1])
    verdict = judged(office, tiff([sheet(one, other), sheet(one, one)]))
    assert [("SEAL_CONFLICT" in found) for found in page_reasons(verdict)] == [True, False]
    assert verdict.pages[0].seal is None


def slip(digits: str) -> str:
    """Return the digits with one of them changed."""
    return digits[:50] + str((int(digits[50]) + 1) % 10) + digits[51:]


def test_wrong_check_digits_are_unreadable_not_forged(office: Office, seals: list[Seal]) -> None:
    verdict = judged(office, tiff([sheet(slip(office.digits(seals[0])))]))
    assert page_reasons(verdict) == [{"SEAL_UNREADABLE"}]
    assert verdict.pages[0].findings[0].image_box is not None


def test_wrong_structure_is_forged(office: Office, seals: list[Seal]) -> None:
    data = from_digits(office.digits(seals[0]))
    verdict = judged(office, tiff([sheet(to_digits(data + b"\0")), sheet(to_digits(bytes(180)))]))
    assert page_reasons(verdict) == [{"SEAL_FORGED"}, {"SEAL_FORGED"}]


def test_changed_seal_is_forged_and_does_not_count_as_the_page(office: Office, seals: list[Seal]) -> None:
    data = bytearray(from_digits(office.digits(seals[1])))
    data[-1] ^= 1
    digits = [office.digits(seal) for seal in seals]
    verdict = verify_digits([to_digits(bytes(data)), digits[0], *digits[2:]], home=office.home, now=NOW)
    assert page_reasons(verdict)[0] == {"SEAL_FORGED"}
    assert reasons(verdict)["PAGE_MISSING"] == "failed"
    assert verdict.submissions[0].outcome is Outcome.FAILED


def test_forger_with_a_key_of_his_own(office: Office, seals: list[Seal], tmp_path: Path) -> None:
    forger = make_office(tmp_path / "forger")
    with forger.home:
        verdict = judged(office, forger.scan(seals[:1]))
    assert page_reasons(verdict) == [{"SIGNER_UNTRUSTED"}]
    assert verdict.pages[0].seal is not None and verdict.pages[0].seal.signer is None


def test_seal_from_the_future(office: Office, seals: list[Seal]) -> None:
    early = verify([("a.tif", office.scan(seals[:1]))], home=office.home, now=ISSUED - datetime.timedelta(hours=1))
    assert page_reasons(early) == [{"SEAL_OUT_OF_VALIDITY"}]


def test_record_that_the_own_store_does_not_have(office: Office, seals: list[Seal]) -> None:
    never = replace(seals[0], serial="XJTEST-99999")
    verdict = judged(office, office.scan([never]))
    assert page_reasons(verdict) == [{"RECORD_UNKNOWN"}]
    assert verdict.outcome is Outcome.FAILED


def test_clerk_without_store(office: Office, seals: list[Seal], clerk: Home) -> None:
    verdict = judged(office, office.scan(seals[:2]), home=clerk)
    assert page_reasons(verdict) == [{"RECORD_NOT_AT_HAND"}] * 2
    assert all(f.reason.name == "CONTENT_NOT_COMPARED" for page in verdict.pages for f in page.findings[1:])
    assert {page.outcome for page in verdict.pages} == {Outcome.INDETERMINATE}
    assert verdict.pages[0].seal is not None and verdict.pages[0].seal.document == "P"


def test_clerk_without_store_still_sees_what_the_seals_tell(office: Office, seals: list[Seal], clerk: Home) -> None:
    verdict = typed(office, [seals[0], *seals[2:]], home=clerk)
    assert reasons(verdict) == {"PAGE_MISSING": "failed"}
    other = replace(seals[1], record_digest=bytes(32))
    assert reasons(typed(office, [seals[0], other], home=clerk))["RECORD_MISMATCH"] == "failed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"record_digest": bytes(32)},
        {"page_digest": bytes(32)},
        {"document": "ZZ"},
        {"pages": 5},
        {"copies": 3},
        {"page": 2},
    ],
)
def test_seal_that_the_record_does_not_bear_out(office: Office, seals: list[Seal], wrong: dict[str, object]) -> None:
    """Only whoever has the key can make these, or someone who changed the store."""
    verdict = typed(office, [replace(seals[0], **wrong)])  # type: ignore[arg-type]
    assert page_reasons(verdict) == [{"RECORD_MISMATCH"}]
    assert verdict.outcome is Outcome.FAILED


def test_key_of_a_demo_is_told(tmp_path: Path, office: Office, seals: list[Seal]) -> None:
    demo = make_office(tmp_path / "demo", demo=True)
    with demo.home:
        verdict = typed(demo, demo.issue())
    assert verdict.demo and verdict.to_dict()["demo"] is True
    assert not typed(office, seals).demo


def pdf_of(images: list[Image.Image]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for image in images:
        canvas.drawImage(ImageReader(image), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def test_bad_files_in_a_pile_lose_nothing_else(office: Office, seals: list[Seal], tmp_path: Path) -> None:
    good = tmp_path / "good.pdf"
    good.write_bytes(pdf_of([sheet(office.digits(seals[0]))]))
    (tmp_path / "notes.pdf").write_text("这不是扫描件", encoding="gb18030")
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "cut.pdf").write_bytes(good.read_bytes()[:500])
    names = ["notes.pdf", "good.pdf", "missing.pdf", "empty.pdf", "cut.pdf", "."]
    verdict = verify([tmp_path / name for name in names], home=office.home, now=NOW, pages_only=True)
    assert page_reasons(verdict) == [{"SEAL_UNREADABLE"}, set(), *[{"SEAL_UNREADABLE"}] * 4]
    told = ["".join(str(finding.message) for finding in page.findings) for page in verdict.pages]
    for message, words in zip(told, ["text file", "", "no file", "is empty", "truncated", "is a folder"], strict=True):
        assert words in message
    assert verdict.outcome is Outcome.INDETERMINATE


def test_nothing_but_bad_files_is_an_error(office: Office) -> None:
    with pytest.raises(InputUnreadable, match="^a.pdf is empty"):
        verify([("a.pdf", b"")], home=office.home, now=NOW)
    with pytest.raises(InputUnreadable, match="none of the 2 images could be opened; the first: a.pdf is empty"):
        verify([("a.pdf", b""), ("b.pdf", b"hello, no scan")], home=office.home, now=NOW)
    with pytest.raises(UsageError):
        verify([], home=office.home, now=NOW)


def test_pictures_are_taken_only_when_asked_for_and_only_of_what_needs_an_eye(
    office: Office, seals: list[Seal]
) -> None:
    genuine, struck = (sheet(office.digits(seal), on_left=seal.page % 2 == 0).copy() for seal in seals[:2])
    left, top, right, bottom = (round(edge / 100 / PIXEL) for edge in LINES[300])
    ImageDraw.Draw(struck).rectangle((left - 20, bottom + 3, right + 20, bottom + 9), fill=0)
    scan = tiff([genuine, struck, Image.new("L", genuine.size, 255)])
    plain = verify([("scan.tif", scan)], home=office.home, now=NOW, pages_only=True)
    assert [page.pictures for page in plain.pages] == [None, None, None]
    pictured = verify([("scan.tif", scan)], home=office.home, now=NOW, pages_only=True, pictures=True)
    assert pictured.to_dict() == plain.to_dict()
    fine, marked, blank = (page.pictures for page in pictured.pages)
    assert fine is None
    assert marked is not None and marked.is_laid and len(marked.places) == 1
    assert blank is not None and not blank.is_laid and blank.paper and not blank.record
    assert pictured.pages[1].size is not None and abs(pictured.pages[1].size[0] - 59528) < 60


def test_progress_reaches_its_end(office: Office, seals: list[Seal]) -> None:
    steps: list[tuple[int, int]] = []
    verify(
        [("scan.tif", office.scan(seals[:2])), ("a.pdf", b"")],
        home=office.home,
        now=NOW,
        progress=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_typed_lines_are_tallied_as_they_come(office: Office, seals: list[Seal]) -> None:
    events: list[str] = []
    wide = str.maketrans("0123456789", "０１２３４５６７８９")

    def keyboard() -> Iterator[str]:
        for number, seal in enumerate(seals):
            events.append("typed")
            digits = office.digits(seal)
            yield digits.translate(wide) if number == 1 else digits

    def told(page: PageVerdict, hint: Message | None) -> None:
        events.append(f"told {page.image} {hint is not None}")

    verdict = verify_digits(keyboard(), home=office.home, now=NOW, told=told)
    assert events[:4] == ["typed", "told 1 False", "typed", "told 2 True"]
    assert reasons(verdict) == {"DUPLEX_NOT_OBSERVED": "note"}
    assert verdict.outcome is Outcome.INDETERMINATE
    assert {page.source for page in verdict.pages} == {"-"}


def test_typed_lines_that_are_no_seal(office: Office, seals: list[Seal]) -> None:
    digits = office.digits(seals[0])
    verdict = verify_digits([digits, slip(digits), "二维码", ""], home=office.home, now=NOW)
    assert page_reasons(verdict) == [set(), {"SEAL_UNREADABLE"}, {"SEAL_UNREADABLE"}]
    with pytest.raises(InputUnreadable):
        verify_digits(["", " "], home=office.home, now=NOW)


def test_inspect_says_what_seals_claim_and_judges_nothing(office: Office, seals: list[Seal], tmp_path: Path) -> None:
    forger = make_office(tmp_path / "forger")
    with forger.home:
        forged = forger.digits(seals[2])
    scan = tiff([sheet(office.digits(seals[0]), forged), sheet()])
    pages = inspect([("a.tif", scan)]).pages
    assert [page.seal.page if page.seal else None for page in pages] == [1, 3, None] or [
        page.seal.page if page.seal else None for page in pages
    ] == [3, 1, None]
    assert pages[2].problem is not None
    assert inspect_digits([forged, "9"]).to_dict()["pages"][0]["reference"].startswith(seals[2].serial)  # type: ignore[index]


def test_real_answers_are_what_the_schema_says(office: Office, seals: list[Seal], clerk: Home) -> None:
    schema = json.loads((Path(__file__).parents[1] / "docs" / "verify.schema.json").read_text(encoding="utf-8"))
    odd = tiff([sheet(), sheet(slip(office.digits(seals[0])))])
    for home in (office.home, clerk):
        verdict = judged(office, office.scan(seals[:1]), odd, home=home)
        jsonschema.validate(json.loads(json.dumps(verdict.to_dict())), schema)


def test_verdict_is_neither_true_nor_false(office: Office, seals: list[Seal]) -> None:
    with pytest.raises(TypeError):
        bool(typed(office, seals))
