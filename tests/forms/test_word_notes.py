"""Footnotes stand at the foot of the page that refers to them, numbered as the document says."""

from __future__ import annotations

import pytest
from set_pages import page, pages
from word_files import NAMESPACES, SECTION, cell, paragraph, relation, running, table

from toolkit.errors import TemplateError

UP = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
SMALL = '<w:rPr><w:sz w:val="18"/></w:rPr>'


def reference(number: int, mark: str = "") -> str:
    own = ' w:customMarkFollows="1"' if mark else ""
    shown = f"<w:t>{mark}</w:t>" if mark else ""
    return f'<w:r>{UP}<w:footnoteReference w:id="{number}"{own}/>{shown}</w:r>'


def notes(*texts: str) -> dict[str, bytes]:
    written = "".join(
        f'<w:footnote w:id="{at}"><w:p><w:r>{UP}<w:footnoteRef/></w:r><w:r>{SMALL}<w:t>{text}</w:t></w:r></w:p>'
        "</w:footnote>"
        for at, text in enumerate(texts, 1)
    )
    separator = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    return {"word/footnotes.xml": f"<w:footnotes {NAMESPACES}>{separator}{written}</w:footnotes>".encode()}


def said(text: str, number: int) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r>{reference(number)}<w:r><w:t>完</w:t></w:r></w:p>"


def test_notes_stand_at_the_foot_of_their_page() -> None:
    body = said("甲句", 1) + paragraph("", "<w:pageBreakBefore/>") + said("乙句", 2)
    first, second = pages(body, parts=notes("甲注", "乙注"))
    assert (first.text, second.text) == ("甲句1完1甲注", "乙句2完2乙注")
    assert 700 < first.at("甲注").y < 841.9 - 50
    assert first.at("甲注").size == 9.0
    mark = [c for c in first.characters if c.text == "1"]
    assert {round(c.size, 1) for c in mark} == {7.8} and mark[0].y < first.at("句").y
    (line,) = first.paths
    assert line[2] - line[0] == pytest.approx(144, abs=1.1)


def test_numbers_take_the_form_and_start_that_the_document_says() -> None:
    kind = '<w:footnotePr><w:numFmt w:val="decimalEnclosedCircleChinese"/><w:numStart w:val="3"/></w:footnotePr>'
    assert page(said("句", 1), settings=kind, parts=notes("注")).text == "句③完③注"
    section = SECTION.replace("<w:pgSz", f"{kind}<w:pgSz")
    assert page(said("句", 1), section=section, parts=notes("注")).text == "句③完③注"


def test_a_mark_of_its_own_stands_for_the_number() -> None:
    body = f"<w:p><w:r><w:t>句</w:t></w:r>{reference(1, '※')}</w:p>" + said("后", 2)
    result = page(body, parts=notes("注一", "注二"))
    assert result.text.startswith("句※后1完") and "注一" in result.text and "1注二" in result.text


def test_notes_of_cells_stand_at_the_foot_too() -> None:
    result = page(table([cell(said("格", 1), 3000)], [3000]) + paragraph("止"), parts=notes("格注"))
    assert result.text == "格1完止1格注"


@pytest.mark.parametrize(
    ("settings", "construct"),
    [
        ('<w:footnotePr><w:numRestart w:val="eachPage"/></w:footnotePr>', "numbered anew"),
        ('<w:footnotePr><w:pos w:val="beneathText"/></w:footnotePr>', "elsewhere than at the foot"),
        ('<w:footnotePr><w:numFmt w:val="hebrew1"/></w:footnotePr>', "numbers of the kind “hebrew1”"),
    ],
)
def test_what_is_not_set_is_refused(settings: str, construct: str) -> None:
    with pytest.raises(TemplateError, match=construct):
        page(said("句", 1), settings=settings, parts=notes("注"))


def test_notes_that_are_not_there_or_in_notes_or_headers_are_refused() -> None:
    refused = "a footnote in a header, a footer or another note"
    with pytest.raises(TemplateError, match=refused):
        page(said("句", 7), parts=notes("注"))
    nested = notes("注")
    nested["word/footnotes.xml"] = nested["word/footnotes.xml"].replace(
        b"<w:footnoteRef/>", b'<w:footnoteReference w:id="1"/>'
    )
    with pytest.raises(TemplateError, match=refused):
        page(said("句", 1), parts=nested)
    section = SECTION.replace("<w:pgSz", '<w:headerReference w:type="default" r:id="rIdH"/><w:pgSz')
    parts = {**notes("注"), "word/h.xml": running("hdr", said("眉", 1))}
    with pytest.raises(TemplateError, match=refused):
        page(paragraph("文"), section=section, parts=parts, relations=relation("rIdH", "header", "h.xml"))
