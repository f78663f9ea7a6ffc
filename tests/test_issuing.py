"""Issuing as a whole: print sets by contract, one record or nothing, the same answer to the same key.

Print sets are read with other people's tools: drawn by PDFium, decoded by zxing-cpp, their text taken out by pypdf.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import docx
import pikepdf
import pypdf
import pypdfium2
import pytest
import zxingcpp
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.shared import Mm
from formal_copy import FormalCopy

from toolkit import issuing
from toolkit.application.reading import Application, load_application
from toolkit.canonical import canonical
from toolkit.errors import CheckFailed, StoreError, SubmissionUnknown, TemplateError, TruecopyError, TypesettingError
from toolkit.home import Home
from toolkit.issued import Issued, described, issued_before
from toolkit.issuing import draft, issue
from toolkit.seal.payload import Seal, decode
from toolkit.seal.reference import Reference
from toolkit.seal.symbol import from_digits
from toolkit.verdict import Outcome, Reason
from toolkit.verifying import verify

PAGES = {"proposal": 14, "commitment-unit": 2, "commitment-leader": 2, "attachments": 8}
CODES = {"proposal": "P", "commitment-unit": "CU", "commitment-leader": "CL", "attachments": "A"}
DPI = 200


def drawn(pdf: bytes) -> Iterator[object]:
    """Give the pages as a printer at 200 dpi would, as images of Pillow."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.render(scale=DPI / 72).to_pil()
    finally:
        document.close()


@cache
def seals(pdf: bytes) -> list[Seal]:
    """Return the seal of every page; each has exactly one symbol."""
    found = []
    for image in drawn(pdf):
        (symbol,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        assert symbol.content_type == zxingcpp.ContentType.Text and symbol.text.isdigit()
        found.append(decode(from_digits(symbol.text)).seal)
    return found


def rows(home: Home) -> dict[str, int]:
    """Return how much the store holds of everything that an issue keeps."""
    with closing(sqlite3.connect(home.folder / "store.sqlite3")) as store:
        tables = ("serials", "reservations", "records", "pages", "files", "submission_files", "events")
        return {table: store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def answer(issued: Issued) -> dict[str, bytes]:
    return {file.name: file.content for file in issued.files}


# Print sets, by contract


@pytest.mark.parametrize("document", PAGES)
def test_every_side_has_the_seal_of_its_page(formal_copy: FormalCopy, document: str) -> None:
    found = seals(formal_copy.pdf(document))
    pages = PAGES[document]
    assert pages % 2 == 0
    # Copy after copy; since the pages are even, every copy begins on a front.
    assert [(seal.copy, seal.page) for seal in found] == [
        (copy, page) for copy in (1, 2) for page in range(1, pages + 1)
    ]
    with Home.open(formal_copy.home) as home:
        stored = home.store.submission("XJSCO25-00001", 1)
        assert stored is not None
        (recorded,) = (entry for entry in stored.record["documents"] if entry["id"] == document)  # type: ignore[union-attr,index,call-overload]
        for seal in found:
            page_digest = home.store.page("XJSCO25-00001", 1, document, seal.page).digest
            assert seal.page_digest == page_digest
            assert seal.page_digest.hex() == recorded["page_digests"][seal.page - 1]  # type: ignore[index,call-overload]
            assert seal.record_digest == stored.record_digest == formal_copy.issued.record_digest
            assert (seal.serial, seal.revision, seal.document) == ("XJSCO25-00001", 1, CODES[document])
            assert (seal.pages, seal.copies) == (pages, 2)
            assert seal.issued_at == formal_copy.issued.issued_at
    assert len({seal.page_digest for seal in found}) == pages


def test_only_the_first_page_of_the_proposal_says_what_it_is_for(formal_copy: FormalCopy, sample: Application) -> None:
    found = [seal for document in PAGES for seal in seals(formal_copy.pdf(document))]
    claiming = [(seal.document, seal.page, seal.copy) for seal in found if seal.claims]
    assert claiming == [("P", 1, 1), ("P", 1, 2)]
    claims = found[0].claims
    assert claims is not None
    assert sample.complete().title.startswith(claims.title) and len(claims.title.encode()) <= 108
    assert claims.unit == "新疆天山绿洲农业科学研究院"
    assert claims.leader == "李堃"
    assert claims.requested_fen == 120_000_000


@pytest.mark.parametrize("document", PAGES)
def test_print_sets_ask_for_duplex_without_scaling_and_stay_archivable(formal_copy: FormalCopy, document: str) -> None:
    with pikepdf.open(io.BytesIO(formal_copy.pdf(document))) as pdf:
        assert pdf.Root.ViewerPreferences.Duplex == pikepdf.Name.DuplexFlipLongEdge
        assert pdf.Root.ViewerPreferences.PrintScaling == pikepdf.Name("/None")
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
            assert metadata["dc:title"].endswith("XJSCO25-00001-r1")
        assert len(pdf.Root.OutputIntents) == 1
        widths = {round(float(page.MediaBox[2]) - float(page.MediaBox[0])) for page in pdf.pages}
        heights = {round(float(page.MediaBox[3]) - float(page.MediaBox[1])) for page in pdf.pages}
        assert (widths, heights) == ({595}, {842})


def test_text_can_be_taken_out_in_order(formal_copy: FormalCopy, sample: Application) -> None:
    form = sample.complete()
    reader = pypdf.PdfReader(io.BytesIO(formal_copy.pdf("proposal")))
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    for number, page in enumerate(pages):
        copy, side = divmod(number, 14)
        assert str(Reference("XJSCO25-00001", 1, "P", copy + 1, side + 1)) in page
    first_copy = "".join(pages[:14])
    expected = [form.title, form.applicant_unit.name, form.text["background"].text, form.text["route"].text]
    expected += [line.category for line in form.budget]
    expected += [member.name for member in form.members if "（" not in member.name]
    assert len(expected) > 15
    for said in expected:
        paragraphs = ["".join(line.split()) for line in said.splitlines() if line.strip()]
        for paragraph in paragraphs:
            assert paragraph[:15] in first_copy, paragraph
    order = [first_copy.index("".join(text.split())[:12]) for text in (form.title, form.text["background"].text)]
    assert order == sorted(order)


def test_what_is_written(formal_copy: FormalCopy) -> None:
    expected = [f"XJSCO25-00001-r1-{document}.{kind}" for document in PAGES for kind in ("pdf", "docx")]
    assert sorted(answer(formal_copy.issued)) == sorted([*expected, "XJSCO25-00001-r1-record.json"])
    record = formal_copy.file("XJSCO25-00001-r1-record.json")
    assert hashlib.sha256(record).digest() == formal_copy.issued.record_digest
    assert canonical(json.loads(record)) == record
    for document in PAGES:
        docx.Document(io.BytesIO(formal_copy.file(f"XJSCO25-00001-r1-{document}.docx")))


def test_the_record_holds_what_was_said_and_what_it_was_made_with(formal_copy: FormalCopy, sample: Application) -> None:
    record = json.loads(formal_copy.file("XJSCO25-00001-r1-record.json"))
    assert record["application"] == sample.plain()
    programme = sample.programme
    assert programme is not None
    for document in programme.documents:
        template = hashlib.sha256((programme.folder / document.template).read_bytes()).hexdigest()
        assert {"name": document.template, "sha256": template} in record["templates"]
    assert len(bytes.fromhex(record["salt"])) == 16
    with Home.open(formal_copy.home) as home:
        for entry in record["fonts"] + record["templates"]:
            assert home.store.file(bytes.fromhex(entry["sha256"]))  # kept, to be drawn again years later


def test_the_answer_as_json_names_every_file_by_its_digest(formal_copy: FormalCopy) -> None:
    told = formal_copy.issued.to_dict()
    assert told["record"] == formal_copy.issued.record_digest.hex()
    assert {entry["name"]: entry["sha256"] for entry in told["files"]} == {  # type: ignore[attr-defined]
        name: hashlib.sha256(content).hexdigest() for name, content in answer(formal_copy.issued).items()
    }


def test_what_was_issued_comes_back_byte_by_byte(formal_copy: FormalCopy) -> None:
    with Home.open(formal_copy.home) as home:
        again = issued_before(home, "XJSCO25-00001")
        assert answer(again) == answer(formal_copy.issued)
        assert replace(again, files=()) == replace(formal_copy.issued, files=())
        with pytest.raises(SubmissionUnknown, match="XJSCO25-00001-r2"):
            issued_before(home, "XJSCO25-00001", 2)
        told = described(home, "XJSCO25-00001")
    assert [entry["pages"] for entry in told["documents"]] == [14, 2, 2, 8]  # type: ignore[attr-defined]
    said = json.dumps(told, ensure_ascii=False)
    assert "李堃" not in said and "653101197905160007" not in said


def test_print_sets_verify(formal_copy: FormalCopy, moment: datetime) -> None:
    with Home.open(formal_copy.home) as home:
        letters = [("letter.pdf", formal_copy.pdf(document)) for document in ("commitment-unit", "commitment-leader")]
        verdict = verify(letters, home=home, now=moment, pages_only=True)
    assert [finding for page in verdict.pages for finding in page.findings] == []
    assert all(page.seal is not None and page.seal.demo for page in verdict.pages)
    assert verdict.outcome is Outcome.PASSED


# Keys, revisions, refusals


def test_the_same_key_gets_the_same_answer(home: Home, small: Application, moment: datetime) -> None:
    first = issue(small, home=home, key="order 7", now=moment)
    kept = rows(home)
    again = issue(small, home=home, key="order 7", now=moment.replace(year=2026))
    assert (first.again, again.again) == (False, True)
    assert answer(again) == answer(first)
    assert again.files == first.files  # in the same order, too
    assert replace(again, files=(), again=False) == replace(first, files=())
    assert rows(home) == kept
    other = issue(small, home=home, key="order 8", now=moment)
    assert (other.serial, first.serial) == ("XJKP26-0002", "XJKP26-0001")


def test_a_key_is_answered_again_where_projects_are_compared(home: Home, small: Application, moment: datetime) -> None:
    facts = home.folder / "programmes" / "popular-science-2026" / "programme.toml"
    limits = "title = 65\nindicators = 80\nsame_title = 95\nask_title = 60\nask_indicators = 55\n"
    compares = f'\n[checks.similar_in_unit]\nclause = "3"\nseverity = "in principle"\n{limits}'
    facts.write_text(facts.read_text("utf-8") + compares, "utf-8")
    compared = load_application(small.source, home=home.folder)
    first = issue(compared, home=home, key="order 7", now=moment)
    assert issue(compared, home=home, key="order 7", now=moment).serial == first.serial
    with pytest.raises(CheckFailed):
        issue(compared, home=home, key="order 8", now=moment)
    assert issue(compared, home=home, revises=first.serial, now=moment).revision == 2


def test_a_key_is_refused_for_another_request(
    home: Home, small: Application, samples: Path, moment: datetime, tmp_path: Path
) -> None:
    issue(small, home=home, key="order 7", now=moment)
    kept = rows(home)
    text = (samples / "small-application.yaml").read_text("utf-8").replace("2.00", "3.00")
    (tmp_path / "other.yaml").write_text(text, "utf-8")
    with pytest.raises(StoreError, match="order 7"):
        issue(load_application(tmp_path / "other.yaml", home=home.folder), home=home, key="order 7", now=moment)
    assert rows(home) == kept


def test_a_revision_supersedes_what_it_revises(home: Home, small: Application, moment: datetime) -> None:
    first = issue(small, home=home, now=moment)
    second = issue(small, home=home, revises=first.serial, now=moment + timedelta(days=1))
    assert (second.serial, second.revision) == (first.serial, 2)
    record = json.loads(answer(second)[f"{second.serial}-r2-record.json"])
    assert record["supersedes"] == first.record_digest.hex()
    pile = [("old.pdf", answer(first)[f"{first.serial}-r1-proposal.pdf"])]
    found = verify(pile, home=home, now=moment + timedelta(days=1), pages_only=True)
    for page in found.pages:
        (superseded,) = (str(one.message) for one in page.findings if one.reason is Reason.RECORD_SUPERSEDED)
        assert f"revision 1, issued on {moment.isoformat()}, was superseded by revision 2, issued on" in superseded
        assert (moment + timedelta(days=1)).isoformat() in superseded
    assert found.outcome is Outcome.FAILED
    pile = [("new.pdf", answer(second)[f"{second.serial}-r2-proposal.pdf"])]
    assert verify(pile, home=home, now=moment + timedelta(days=1), pages_only=True).outcome is Outcome.PASSED


def test_what_was_never_issued_cannot_be_revised(home: Home, small: Application, moment: datetime) -> None:
    with pytest.raises(SubmissionUnknown, match="XJKP26-0009"):
        issue(small, home=home, revises="XJKP26-0009", now=moment)
    assert rows(home)["reservations"] == 0


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        (("months_per_year: 8 ", "months_per_year: 5 "), Outcome.INDETERMINATE),
        (("title: 面", "titel: 面"), Outcome.FAILED),
    ],
)
def test_a_failed_check_takes_no_serial(
    home: Home, samples: Path, moment: datetime, tmp_path: Path, changed: tuple[str, str], outcome: Outcome
) -> None:
    shutil.copytree(samples, tmp_path / "samples")
    path = tmp_path / "samples" / "application.yaml"
    text = path.read_text("utf-8")
    assert changed[0] in text
    path.write_text(text.replace(*changed), "utf-8")
    with pytest.raises(CheckFailed) as refusal:
        issue(load_application(path), home=home, now=moment)
    assert refusal.value.verdict.outcome is outcome
    assert set(rows(home).values()) == {0}


def test_the_second_programme_needs_no_code(home: Home, small: Application, moment: datetime) -> None:
    issued = issue(small, home=home, now=moment)
    found = seals(answer(issued)["XJKP26-0001-r1-proposal.pdf"])
    assert [(seal.copy, seal.page, seal.pages) for seal in found] == [
        (copy, page, 2) for copy in (1, 2, 3) for page in (1, 2)
    ]
    assert not any(seal.claims for seal in found)  # describe_first_page = false
    verdict = verify([("print.pdf", answer(issued)["XJKP26-0001-r1-proposal.pdf"])], home=home, now=moment)
    assert {finding.reason for finding in verdict.all_findings} == {
        Reason.SIGNATURE_MISSING,  # as it came from the printer
        Reason.CHOP_UNCLEAR,  # a grey image
        Reason.DUPLEX_NOT_OBSERVED,
    }
    text = pypdf.PdfReader(io.BytesIO(answer(issued)["XJKP26-0001-r1-proposal.pdf"])).pages[1].extract_text()
    assert "此页无正文" in "".join(text.split())


def test_the_same_salt_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, new_home: Path, small: Application, moment: datetime, tmp_path: Path
) -> None:
    monkeypatch.setattr(issuing.secrets, "token_bytes", lambda count: bytes(range(count)))
    answers = []
    for name in ("a", "b"):
        shutil.copytree(new_home, tmp_path / name)
        with Home.open(tmp_path / name) as office:
            answers.append(answer(issue(small, home=office, now=moment)))
    assert answers[0] == answers[1]


def test_salt_hides_what_the_record_digest_is_of(home: Home, small: Application, moment: datetime) -> None:
    first, second = (issue(small, home=home, now=moment) for _ in range(2))
    salts = [json.loads(answer(each)[f"{each.serial}-r1-record.json"])["salt"] for each in (first, second)]
    assert salts[0] != salts[1]


def test_drafts_have_no_seal_and_need_no_home(small: Application, moment: datetime) -> None:
    files = {file.name: file.content for file in draft(small, now=moment)}
    assert sorted(files) == ["proposal-draft.docx", "proposal-draft.pdf"]
    for image in drawn(files["proposal-draft.pdf"]):
        assert not zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)


# Templates and texts that cannot be set: one sentence that names what, and nothing in the store


def without_a_zone(form: docx.document.Document) -> None:
    for element in form.element.body.iter():
        if element.tag.endswith("}bookmarkStart") and "unit_chop" in element.values():
            element.set(next(name for name in element.keys() if name.endswith("}name")), "unit_stamp")


def into_the_symbols_place(form: docx.document.Document) -> None:
    form.sections[0].top_margin = form.sections[0].header_distance = Mm(12)
    form.paragraphs[0].alignment = 2  # right


def with_an_unknown_variable(form: docx.document.Document) -> None:
    form.paragraphs[1].text = "编号：{{ seriel }}"


def with_a_broken_tag(form: docx.document.Document) -> None:
    form.paragraphs[1].text = "编号：{{ serial "


def with_a_fixed_box(form: docx.document.Document) -> None:
    row = form.tables[0].rows[6]
    row.height, row.height_rule = Mm(8), WD_ROW_HEIGHT_RULE.EXACTLY


Fault = Callable[[docx.document.Document], None]


@pytest.mark.parametrize(
    ("fault", "error", "names"),
    [
        (without_a_zone, TemplateError, ["form.docx", "unit_chop"]),
        (into_the_symbols_place, TemplateError, ["form.docx", "page 1"]),
        (with_an_unknown_variable, TemplateError, ["form.docx", "seriel"]),
        (with_a_broken_tag, TemplateError, ["form.docx"]),
        (with_a_fixed_box, TypesettingError, ["form.docx", "组织三至六年级学生"]),
    ],
)
def test_a_faulty_template_is_named(
    home: Home, small: Application, moment: datetime, fault: Fault, error: type[TruecopyError], names: list[str]
) -> None:
    template = home.folder / "programmes" / "popular-science-2026" / "form.docx"
    form = docx.Document(str(template))
    fault(form)
    form.save(str(template))
    again = load_application(small.source, home=home.folder)
    with pytest.raises(error) as refused:
        issue(again, home=home, now=moment)
    for name in names:
        assert name in str(refused.value)
    kept = rows(home)
    del kept["serials"], kept["reservations"], kept["events"]  # a number may be used up, and its reservation tells why
    assert set(kept.values()) == {0}
    with closing(sqlite3.connect(home.folder / "store.sqlite3")) as store:
        assert {kind for (kind,) in store.execute("SELECT kind FROM events")} <= {"reserved"}


@pytest.mark.parametrize("content", [b"no zip at all", b"PK\x03\x04" + bytes(100)])
def test_an_unreadable_template_is_named(home: Home, small: Application, moment: datetime, content: bytes) -> None:
    (home.folder / "programmes" / "popular-science-2026" / "form.docx").write_bytes(content)
    with pytest.raises(TemplateError, match=r"form\.docx"):
        issue(load_application(small.source, home=home.folder), home=home, now=moment)
    assert rows(home)["records"] == 0


def test_a_character_that_no_font_has_is_named(home: Home, samples: Path, moment: datetime, tmp_path: Path) -> None:
    text = (samples / "small-application.yaml").read_text("utf-8").replace("title: 坎儿井", "title: 坎\U00013000井")
    (tmp_path / "application.yaml").write_text(text, "utf-8")
    with pytest.raises(TypesettingError, match=r"U\+13000"):
        issue(load_application(tmp_path / "application.yaml", home=home.folder), home=home, now=moment)
    assert rows(home)["records"] == 0


@pytest.mark.real
def test_libreoffice_issues_and_verifies_too(home: Home, sample: Application, moment: datetime) -> None:
    issued = issue(sample, home=home, engine="libreoffice", now=moment)
    prints = {name: content for name, content in answer(issued).items() if name.endswith(".pdf")}
    assert len(prints) == 4
    verdict = verify(list(prints.items()), home=home, now=moment)
    assert {finding.reason for finding in verdict.all_findings} <= {
        Reason.SIGNATURE_MISSING,  # as it came from the printer
        Reason.CHOP_MISSING,
        Reason.CHOP_UNCLEAR,
        Reason.DUPLEX_NOT_OBSERVED,
    }
    assert json.loads(answer(issued)["XJSCO25-00001-r1-record.json"])["engine"] == "libreoffice"
