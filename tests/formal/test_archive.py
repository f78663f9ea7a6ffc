"""Formal copies in an archive: PDF/A-2b, metadata that agree, structure, language.

The checker is pikepdf's: it accepts only constructs that it knows to conform. It is not veraPDF, and what it accepts
has not been seen by veraPDF.
"""

from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pikepdf
import pytest
from formal_copy import FormalCopy
from pikepdf.pdfa import validate_written

from toolkit.formal.archive import Label, make_archival
from toolkit.formal.description import describe
from toolkit.formal.print_set import draft
from toolkit.home import Home
from toolkit.records.record import typeset_name
from toolkit.resources import shared

DOCUMENTS = ("proposal", "commitment-unit", "commitment-leader", "attachments")


def typeset_of(formal_copy: FormalCopy, document: str) -> bytes:
    with Home.open(formal_copy.home) as home:
        stored = home.store.submission("XJSCO25-00001", 1)
        assert stored is not None
        named = {file.name: file.digest for file in stored.files}
        return home.store.file(named[typeset_name("XJSCO25-00001", 1, document)])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_formal_copies_are_pdf_a_2b(formal_copy: FormalCopy, document: str) -> None:
    assert list(validate_written(io.BytesIO(formal_copy.pdf(document)), "2b").findings) == []


def test_the_checker_refuses_what_is_none(formal_copy: FormalCopy) -> None:
    with pikepdf.open(io.BytesIO(formal_copy.pdf("commitment-unit"))) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        spoilt = io.BytesIO()
        pdf.save(spoilt)
    assert list(validate_written(spoilt, "2b").findings) != []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_metadata_say_the_same_in_both_places(formal_copy: FormalCopy, document: str) -> None:
    with pikepdf.open(io.BytesIO(formal_copy.pdf(document))) as pdf:
        info = {key: str(value) for key, value in pdf.docinfo.items()}
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            assert xmp["dc:title"] == info["/Title"] and info["/Title"].endswith(" XJSCO25-00001-r1")
            assert xmp["dc:identifier"] == "XJSCO25-00001-r1"
            assert xmp["pdf:Producer"] == info["/Producer"] == "Truecopy"
            assert xmp["xmp:CreateDate"] == xmp["xmp:ModifyDate"] == "2025-06-20T04:00:00Z"
            assert info["/CreationDate"] == info["/ModDate"] == "D:20250620040000Z"
            assert list(xmp["dc:language"]) == [str(pdf.Root.Lang)] == ["zh-CN"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_structure_of_the_form_stays(formal_copy: FormalCopy, document: str) -> None:
    """Paragraphs and tables as Typst tags them; every element still points to a page of the file."""
    with pikepdf.open(io.BytesIO(formal_copy.pdf(document))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        elements = [
            item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
        ]
        kinds = Counter(str(element.S) for element in elements)
        assert kinds["/P"] > 10 and kinds["/Table"] and kinds["/TR"] and kinds["/TD"]
        pages = {page.obj.objgen for page in pdf.pages}
        assert {element.Pg.objgen for element in elements if "/Pg" in element} <= pages
        tree = pdf.Root.StructTreeRoot
        parents = list(tree.ParentTree.Nums)
        for page in list(pdf.pages)[: len(pdf.pages) // 2]:  # the first copy; paper has no structure
            at = parents[::2].index(page.obj.StructParents)
            assert parents[2 * at + 1]


def test_structure_leaves_descriptions_and_drafts_as_they_are(formal_copy: FormalCopy) -> None:
    pdf = typeset_of(formal_copy, "commitment-unit")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            kept = [
                (operands, operator)
                for operands, operator in pikepdf.parse_content_stream(page)
                if str(operator) not in ("BDC", "BMC", "EMC")
            ]
            page.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))
        plain = io.BytesIO()
        document.save(plain)
    count = len(describe(pdf, zones=[[], []], watermark=""))
    assert count == 2
    assert describe(plain.getvalue(), zones=[[], []], watermark="") == describe(pdf, zones=[[], []], watermark="")
    with pikepdf.open(io.BytesIO(draft(pdf, watermark="草稿", fonts_folder=shared("fonts")))) as document:
        assert "/StructTreeRoot" in document.Root


def test_times_are_told_in_utc() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        moment = datetime(2025, 7, 1, 6, 0, tzinfo=timezone(timedelta(hours=8)))
        make_archival(pdf, Label("A & <B>", moment))
        assert str(pdf.docinfo["/CreationDate"]) == "D:20250630220000Z"
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            assert xmp["dc:title"] == "A & <B>" and "dc:identifier" not in xmp
            assert datetime.fromisoformat(xmp["xmp:CreateDate"]) == datetime(2025, 6, 30, 22, tzinfo=UTC)
