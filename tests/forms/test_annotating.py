"""Findings as Word comments, read back with python-docx."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from word_files import word_file

from toolkit.forms.annotating import annotated
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.lint import lint
from toolkit.resources import shared


def test_every_finding_becomes_a_comment_at_its_place() -> None:
    cell = (
        '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="4000"/></w:tblGrid><w:tr><w:tc><w:tcPr>'
        '<w:tcW w:w="4000" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>{{ nmae }}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>'
    )
    template = word_file(f"<w:p><w:r><w:t>题目</w:t></w:r></w:p>{cell}<w:p/>")
    found = lint(
        template, name="f.docx", fonts=FontCatalogue.load(shared("fonts")), names={"name": "name"}, zones=("unit_chop",)
    )
    assert len(found.findings) == 2
    document = Document(BytesIO(annotated(template, found.findings, name="f.docx")))
    said = [comment.text for comment in document.comments]
    assert any("“nmae” is unknown" in text for text in said) and any("unit_chop" in text for text in said)
    assert {comment.author for comment in document.comments} == {"Truecopy"}
    (inner,) = document.tables[0].cell(0, 0).paragraphs
    assert "commentRangeStart" in inner._p.xml and "commentRangeStart" in document.paragraphs[0]._p.xml
    assert inner.text == "{{ nmae }}"
