"""Reports on paper: JSON by its schema, text for any terminal, one HTML file that loads nothing."""

from __future__ import annotations

import datetime
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from rich.console import Console

from toolkit.messages import Message
from toolkit.report import html_report, page_line, places, print_inspection, print_verdict, problems
from toolkit.report.checklist import State, checklist
from toolkit.scan.paper import (
    CopyTally,
    InspectedPage,
    Inspection,
    PagePictures,
    PageVerdict,
    PaperVerdict,
    PlacePictures,
    SealClaims,
    SubmissionVerdict,
    Topic,
)
from toolkit.verdict import Finding, Outcome, Reason

NOW = datetime.datetime(2025, 7, 10, 10, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
DOCS = Path(__file__).parents[1] / "docs"
NOT_COMPARED = Finding(Reason.CONTENT_NOT_COMPARED, Message("not compared"))
SEAL = SealClaims(
    serial="XJSCO25-00001",
    revision=1,
    document="proposal",
    code="P",
    copy=1,
    copies=2,
    page=1,
    pages=200,
    issued_at=NOW,
    record_digest=bytes(32),
    page_digest=bytes(32),
    signer="自治区科技厅",
    title="棉花 <抗逆> & 种质",
    unit="پەنلەر ئاكادېمىيىسى",
    leader="喆堃𬭎",
    requested_fen=5_000_000,
)


def page(number: int, *findings: Finding, source: str = "scan.pdf", seal: SealClaims | None = SEAL) -> PageVerdict:
    claims = replace(seal, page=number) if seal else None
    reference = f"XJSCO25-00001-r1/P/1/{number}-K" if seal else None
    return PageVerdict(
        source=source, image=number, findings=findings, reference=reference, seal=claims, thumbnail=b"\xff\xd8\xff"
    )


def paper(*pages: PageVerdict, missing: bool = True) -> PaperVerdict:
    lacking = Finding(Reason.PAGE_MISSING, Message("copy 1 lacks page 9"))
    tally = CopyTally(document="proposal", title="项目申报书", code="P", copy=1, pages=9, seen=frozenset(range(1, 9)))
    submission = SubmissionVerdict(
        serial="XJSCO25-00001",
        revision=1,
        findings=(lacking,) if missing else (),
        pages_outcome=Outcome.INDETERMINATE,
        tallies=(tally,),
        title=SEAL.title,
    )
    return PaperVerdict(pages=pages, submissions=(submission,))


MIXED = paper(
    page(1, NOT_COMPARED),
    page(2, NOT_COMPARED),
    page(
        3,
        NOT_COMPARED,
        Finding(
            Reason.CONTENT_ALTERED,
            Message("the amount differs"),
            box=(7200, 14400, 9000, 15600),
            image_box=(300, 600, 375, 650),
            recorded="50.00",
            seen="80.00",
            is_key=True,
        ),
    ),
    page(4, Finding(Reason.SEAL_ABSENT, Message("no symbol")), source="<script>alert(1)</script>.jpg", seal=None),
)


def printed(verdict: PaperVerdict, width: int = 80, encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace", newline="\n")
    print_verdict(verdict, console=Console(file=stream, width=width, force_terminal=False))
    stream.flush()
    return raw.getvalue().decode(encoding)


def validator(name: str) -> jsonschema.Draft202012Validator:
    schemas = [json.loads(path.read_text(encoding="utf-8")) for path in DOCS.glob("*.schema.json")]
    registry: Registry[object] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in schemas if "$id" in schema]
    )
    schema = json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(
        schema, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def test_json_is_what_the_schema_says() -> None:
    validator("verify").validate(json.loads(json.dumps(MIXED.to_dict())))


@pytest.mark.parametrize(
    ("where", "value"),
    [("outcome", "ok"), ("format", 2), ("surplus", 1), ("pages", [{"source": "a"}]), ("submissions", None)],
)
def test_schema_refuses_another_contract(where: str, value: object) -> None:
    plain = MIXED.to_dict() | {where: value}
    assert not validator("verify").is_valid(plain)


def test_schema_knows_every_reason_that_paper_can_have() -> None:
    schema = json.loads((DOCS / "verify.schema.json").read_text(encoding="utf-8"))
    named = {
        name
        for kind in ("pageFinding", "submissionFinding")
        for name in schema["$defs"][kind]["properties"]["reason"]["enum"]
    }
    about_applications = {
        "FIELD_MISSING",
        "FIELD_UNKNOWN",
        "FIELD_INVALID",
        "RULE_BROKEN",
        "RULE_IN_PRINCIPLE",
        "QUESTION",
    }
    assert named == {reason.name for reason in Reason} - about_applications


def test_json_boxes_are_points_on_the_page_and_pixels_of_the_scan() -> None:
    finding = MIXED.to_dict()["pages"][2]["findings"][1]  # type: ignore[index]
    assert finding["box"] == [72.0, 144.0, 90.0, 156.0]
    assert finding["image_box"] == [300, 600, 375, 650]
    assert (finding["recorded"], finding["seen"]) == ("50.00", "80.00")


def test_problems_come_worst_first_and_what_reads_the_same_is_one() -> None:
    found = problems(MIXED)
    assert [problem.reason.name for problem in found] == ["PAGE_MISSING", "SEAL_ABSENT", "CONTENT_NOT_COMPARED"]
    assert found[2].where == "scan.pdf [1-3]"
    assert found[0].where == "XJSCO25-00001"


def place(reason: Reason, recorded: str, *, seen: str | None = None, is_key: bool = False) -> Finding:
    message = Message("“{recorded}” is not as recorded", recorded=recorded)
    return Finding(reason, message, box=(7200, 14400, 9000, 15600), recorded=recorded, seen=seen, is_key=is_key)


def test_places_come_altered_first_and_amounts_names_and_dates_before_other_text() -> None:
    pile = paper(
        page(1, place(Reason.CONTENT_ILLEGIBLE, "其他"), place(Reason.INK_ADDED, "")),
        page(2, place(Reason.CONTENT_ILLEGIBLE, "其他"), place(Reason.CONTENT_ILLEGIBLE, "3.00", is_key=True)),
        page(3, place(Reason.CONTENT_ALTERED, "土壤", seen="士壤")),
        page(4, place(Reason.CONTENT_ALTERED, "1.00", seen="7.00", is_key=True), place(Reason.CONTENT_ILLEGIBLE, "0")),
    )
    found = [(group.page.image, [finding.recorded for finding in group.findings]) for group in places(pile)]
    assert found == [(4, ["1.00"]), (3, ["土壤"]), (2, ["3.00", "其他"]), (1, ["其他"]), (4, ["0"])]


def test_a_fax_does_not_fill_the_list() -> None:
    fax = page(1, *(place(Reason.CONTENT_ILLEGIBLE, f"{number}.00", is_key=True) for number in range(50)))
    (group,) = places(paper(fax))
    assert len(group.findings) + group.more == 50 and len(group.findings) < 10
    assert "and 45 more" in printed(paper(fax))
    assert html_report(paper(fax), now=NOW).count("<li>") < 40


def test_terminal_shows_problems_before_pages() -> None:
    text = printed(MIXED)
    assert text.startswith("FAILED")
    assert text.index("no symbol") < text.index("scan.pdf [1-2]")
    assert "8/9" in text


def test_terminal_tells_where_what_is_recorded_and_what_is_seen() -> None:
    (row,) = [line for line in printed(MIXED, 120).splitlines() if "50.00" in line]
    cells = [cell.strip() for cell in re.split("[│|]", row)[1:-1]]
    assert cells == ["scan.pdf [3]", "top left, 53 mm down", "50.00", "80.00"]


def test_what_is_more_urgent_comes_first_on_the_terminal() -> None:
    altered = page(1, place(Reason.CONTENT_ALTERED, "1.00", seen="7.00", is_key=True), NOT_COMPARED)
    text = printed(paper(altered, missing=False))
    assert text.index("7.00") < text.index("not compared")
    illegible = page(1, place(Reason.CONTENT_ILLEGIBLE, "1.00", is_key=True))
    text = printed(paper(illegible))
    assert text.index("copy 1 lacks page 9") < text.index("1.00")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_terminal_keeps_to_its_width(width: int) -> None:
    from rich.cells import cell_len

    assert max(cell_len(line) for line in printed(MIXED, width).splitlines()) <= width


def test_two_hundred_pages_fit_a_screen() -> None:
    text = printed(paper(*[page(number, NOT_COMPARED) for number in range(1, 201)], missing=False))
    assert "scan.pdf [1-200]" in text
    assert len(text.splitlines()) < 35


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp437"])
def test_console_without_unicode(encoding: str) -> None:
    """What cannot be shown (Uyghur, rare hanzi) is escaped; frames are drawn with what every console has."""
    text = printed(MIXED, encoding=encoding)
    assert "FAILED" in text
    assert "\\u" in text or encoding == "gbk"
    assert "+--" in text or "---" in text


def test_names_of_files_cannot_drive_the_terminal() -> None:
    text = printed(paper(page(1, NOT_COMPARED, source="\x1b[2J[bold]a.pdf")))
    assert "\x1b" not in text
    assert "[bold]a.pdf" in text


def test_demo_key_and_limits_are_told_everywhere() -> None:
    demo = paper(page(1, NOT_COMPARED, seal=replace(SEAL, demo=True)))
    for text in (re.sub(r"\s+", " ", printed(demo)), html_report(demo, now=NOW)):
        assert "truecopy demo" in text and "never authenticated" in text
    assert "truecopy demo" not in printed(MIXED) + html_report(MIXED, now=NOW)


def test_line_about_a_page_never_hides_what_is_wrong_with_it() -> None:
    forged = page(2, Finding(Reason.SEAL_FORGED, Message("the signature is wrong")))
    assert page_line(forged) == "2: failed; XJSCO25-00001-r1/P/1/2-K; the signature is wrong"
    assert page_line(page(3, NOT_COMPARED)) == "3: XJSCO25-00001-r1/P/1/3-K"
    assert page_line(page(4, Finding(Reason.SEAL_UNREADABLE, Message("a slip")), seal=None)) == "4: a slip"


class Outline(HTMLParser):
    """Takes note of what a browser would load or run, and of what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        self.loaded += [tag] if tag in ("script", "link", "iframe", "object") else []
        if tag not in ("meta", "img", "br", "input", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "rect"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_is_one_closed_file() -> None:
    html = html_report(MIXED, now=NOW)
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert outline.loaded and all(each.startswith(("data:image/jpeg;base64,", "#p")) for each in outline.loaded)
    assert "棉花 <抗逆> & 种质" in outline.text and "<抗逆>" not in html
    assert "<script>alert(1)</script>.jpg" in outline.text
    assert "<built-in" not in html


def test_html_says_the_same_as_the_terminal() -> None:
    outline = Outline()
    outline.feed(html_report(MIXED, now=NOW))
    for problem in problems(MIXED):
        assert problem.message in outline.text and problem.where in outline.text
    for words in ("top left, 53 mm down", "50.00", "80.00", "the amount differs"):
        assert words in outline.text
    for words in ("2025-07-10 10:00 +0800", "8/9", "自治区科技厅", "XJSCO25-00001-r1/P/1/3-K"):
        assert words in outline.text


PICTURE = b"\xff\xd8\xff" + bytes(1000)


def pictured(number: int, *, pages: int = 0, place_bytes: int = 1000) -> PageVerdict:
    """Return a page with one altered place, pictures of it, and two pictures of the page of so many bytes."""
    pair = PlacePictures(0, (0, 9000, 20000, 20000), PICTURE[:3] + bytes(place_bytes), PICTURE[:3] + bytes(place_bytes))
    pictures = PagePictures(True, (59528, 84189), b"\xff\xd8\xff" + bytes(pages), PICTURE, (pair,))
    altered = place(Reason.CONTENT_ALTERED, "120.00", seen="170.00", is_key=True)
    return replace(page(number, altered), pictures=pictures, size=(59528, 84189))


def test_a_finding_sheet_has_the_page_twice_and_the_place_twice_with_a_mark_on_each() -> None:
    html = html_report(paper(pictured(1)), now=NOW)
    sheet = html[html.index('<section class="box sheet"') :]
    assert sheet.count("data:image/jpeg;base64,") == 4 and sheet.count("<rect ") == 4
    assert sheet.index("170.00") < sheet.index("Record says: <b><bdi>120.00</bdi></b>")
    for words in ("Clerk", "Signature", "Date", "returned", "cannot be read"):
        assert words in sheet
    # The mark is around the place, in the page's own units.
    assert re.search(r'<rect class="failed" x="70\d\d" y="142\d\d" width="2\d\d\d" height="1[45]\d\d"', sheet)


def test_an_image_that_was_not_laid_is_marked_in_its_pixels() -> None:
    unread = Finding(Reason.SEAL_UNREADABLE, Message("a slip"), image_box=(2000, 100, 2400, 500))
    shown = replace(page(1, unread, seal=None), pictures=PagePictures(False, (2480, 3508), PICTURE))
    html = html_report(paper(shown), now=NOW)
    assert 'viewBox="0 0 2480 3508"' in html and html.count("<rect ") == 1


def test_pages_come_in_the_order_of_need() -> None:
    illegible = page(1, place(Reason.CONTENT_ILLEGIBLE, "其他"))
    name = page(2, place(Reason.CONTENT_ILLEGIBLE, "王建国", is_key=True))
    html = html_report(paper(illegible, name, pictured(3), page(4)), now=NOW)
    assert re.findall(r' id="(p\d)"', html) == ["p3", "p2", "p1", "p4"]


@pytest.mark.parametrize(
    ("reasons", "is_looked_at"),
    [
        ([Reason.RECORD_SUPERSEDED], False),
        ([Reason.SIGNER_UNTRUSTED], False),
        ([Reason.RECORD_NOT_AT_HAND, Reason.CONTENT_NOT_COMPARED], False),
        ([Reason.CONTENT_NOT_COMPARED], True),
        ([Reason.RECORD_SUPERSEDED, Reason.CONTENT_ILLEGIBLE], True),
        ([Reason.SEAL_UNREADABLE], True),
        ([Reason.DRAFT_PAGE], True),
        ([Reason.INK_ADDED], False),
    ],
)
def test_a_sheet_is_made_where_an_eye_can_tell_more(reasons: list[Reason], is_looked_at: bool) -> None:
    html = html_report(paper(page(1, *(Finding(reason, Message("found")) for reason in reasons))), now=NOW)
    assert ('class="box sheet"' in html) is is_looked_at
    assert "found" in html


def test_notes_are_shown_with_their_place_but_need_no_signature() -> None:
    pair = PlacePictures(0, (0, 9000, 20000, 20000), PICTURE, PICTURE)
    ticked = page(1, place(Reason.INK_ADDED, ""))
    ticked = replace(ticked, pictures=PagePictures(True, (59528, 84189), places=(pair,)))
    html = html_report(paper(ticked, missing=False), now=NOW)
    assert "Pages with notes" in html and 'class="box sheet"' not in html
    assert html.count("data:image/jpeg;base64,") == 2


def test_pictures_are_bounded_whatever_comes() -> None:
    pile = paper(*(pictured(number, pages=1_000_000) for number in range(1, 61)))
    html = html_report(pile, now=NOW)
    assert len(html) < 36_000_000
    # All pages are there; places are kept longer than whole pages.
    assert html.count('<section class="box sheet"') == 60
    whole, pairs = html.count("<figcaption><b>Paper</b>"), html.count("Record says: <b>")
    assert whole < 30 < pairs


HOSTILE = "<img src=x onerror=alert(1)>\u202e'\"&{{7*7}}"


def test_what_records_and_files_say_is_text() -> None:
    bad = Finding(
        Reason.CONTENT_ALTERED,
        Message("{text}", text=HOSTILE),
        box=(0, 0, 9000, 9000),
        recorded=HOSTILE,
        seen=HOSTILE,
    )
    pile = paper(replace(pictured(1), findings=(bad,), source=HOSTILE), page(2, source=HOSTILE))
    pile = replace(pile, submissions=(replace(pile.submissions[0], title=HOSTILE),))
    html = html_report(pile, now=NOW)
    outline = Outline()
    outline.feed(html)
    assert outline.open == [] and "<img src=x" not in html and "\u202e" not in html and "49" not in outline.text
    assert outline.text.count("<img src=x onerror=alert(1)>") >= 6
    assert all(each.startswith(("data:image/jpeg;base64,", "#p")) for each in outline.loaded)


def test_html_loads_nothing_and_runs_nothing() -> None:
    html = html_report(paper(pictured(1), *MIXED.pages), now=NOW)
    assert "default-src 'none'" in html
    assert not re.search(r"https?:|@import|url\(|<script|<link|<iframe| on\w+=|javascript:", html)


def test_a_point_is_in_order_only_where_somebody_looked() -> None:
    submission = replace(MIXED.submissions[0], examined=frozenset({Topic.CHOPS}))
    states = {point.label: point.state for point in checklist(submission, [page(1)], str)}
    assert states["Chops"] is State.IN_ORDER and states["Signatures"] is State.UNKNOWN
    assert states["Documents, copies, pages"] is State.FAILED and states["What is printed"] is State.IN_ORDER
    for findings, state in (
        ([NOT_COMPARED], State.UNKNOWN),
        ([place(Reason.INK_ADDED, "")], State.NOTE),
        ([place(Reason.CONTENT_ILLEGIBLE, "1"), NOT_COMPARED], State.LOOK),
        ([place(Reason.CONTENT_ALTERED, "1"), NOT_COMPARED], State.FAILED),
        ([Finding(Reason.SEAL_FORGED, Message("forged"))], State.UNKNOWN),
    ):
        (printed_there,) = [p for p in checklist(submission, [page(1, *findings)], str) if p.label == "What is printed"]
        assert printed_there.state is state


def test_empty_sides_have_no_sheets() -> None:
    absent = Finding(Reason.SEAL_ABSENT, Message("the page is blank"))
    pile = paper(replace(page(1, absent, seal=None), is_blank=True), page(2, absent, seal=None))
    assert html_report(pile, now=NOW).count('class="box sheet"') == 1


def test_checklist_names_what_was_found_of_each_topic() -> None:
    found = (
        Finding(Reason.SIGNATURE_MISSING, Message("no signature on page 9")),
        Finding(Reason.CHOP_UNCLEAR, Message("a chop in grey")),
        Finding(Reason.DUPLEX_NOT_OBSERVED, Message("look at the paper")),
    )
    submission = replace(MIXED.submissions[0], findings=found, examined=frozenset(Topic))
    points = {point.label: point for point in checklist(submission, MIXED.pages, str)}
    assert points["Signatures"].state is State.FAILED and points["Signatures"].told == ("no signature on page 9",)
    assert points["Chops"].state is State.LOOK
    assert points["Printed on both sides"].state is State.UNKNOWN
    assert points["Printed on both sides"].told == ("look at the paper",)


def test_reports_speak_the_language_of_the_reader() -> None:
    chinese = {
        "failed": "不通过",
        "the amount differs": "金额不符",
        "no symbol": "没有二维码",
        "en": "zh-CN",
        "Pages there": "已到页数",
    }.get

    def translate(text: str) -> str:
        return chinese(text, text)

    assert "不通过" in printed_in(translate) and "没有二维码" in printed_in(translate)
    html = html_report(MIXED, translate, now=NOW)
    assert '<html lang="zh-CN">' in html and "不通过" in html and "金额不符" in html and "已到页数" in html


def printed_in(translate) -> str:  # type: ignore[no-untyped-def]
    stream = io.StringIO()
    print_verdict(MIXED, translate, console=Console(file=stream, width=100))
    return stream.getvalue()


def test_inspection() -> None:
    inspection = Inspection(
        (
            InspectedPage("a.tif", 1, "XJSCO25-00001-r1/P/1/1-K", SEAL),
            InspectedPage("a.tif", 2, problem=Message("no symbol was found")),
        )
    )
    validator("inspect").validate(json.loads(json.dumps(inspection.to_dict())))
    stream = io.StringIO()
    print_inspection(inspection, console=Console(file=stream, width=80))
    text = stream.getvalue()
    for words in ("copy 1 of 2, page 1 of 200", "50,000.00", "no symbol was found", "nothing of it was judged"):
        assert words in text
