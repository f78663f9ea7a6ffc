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
from toolkit.report import html_report, page_line, print_inspection, print_verdict, problems
from toolkit.scan.paper import (
    CopyTally,
    InspectedPage,
    Inspection,
    PageVerdict,
    PaperVerdict,
    SealClaims,
    SubmissionVerdict,
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
    assert [problem.reason.name for problem in found] == [
        "PAGE_MISSING",
        "CONTENT_ALTERED",
        "SEAL_ABSENT",
        "CONTENT_NOT_COMPARED",
    ]
    assert found[1].message == "the amount differs (recorded: 50.00) (seen: 80.00)"
    assert found[3].where == "scan.pdf [1-3]"
    assert found[0].where == "XJSCO25-00001"


def test_terminal_shows_problems_before_pages() -> None:
    text = printed(MIXED)
    assert text.startswith("FAILED")
    assert text.index("the amount differs") < text.index("no symbol") < text.index("scan.pdf [1-2]")
    assert "8/9" in text


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
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

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
    for words in ("2025-07-10 10:00 +0800", "8/9", "自治区科技厅", "XJSCO25-00001-r1/P/1/3-K"):
        assert words in outline.text


def test_reports_speak_the_language_of_the_reader() -> None:
    chinese = {"failed": "不通过", "the amount differs": "金额不符", "en": "zh-CN", "Pages there": "已到页数"}.get

    def translate(text: str) -> str:
        return chinese(text, text)

    assert "不通过" in printed_in(translate) and "金额不符" in printed_in(translate)
    html = html_report(MIXED, translate, now=NOW)
    assert '<html lang="zh-CN">' in html and "不通过" in html and "已到页数" in html


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
