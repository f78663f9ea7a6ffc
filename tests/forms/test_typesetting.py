"""Forms from filled .docx to PDF in one call: what comes with them, padding, and both engines side by side."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from docx import Document
from set_pages import CREATED, fonts, measured, typeset_body
from word_files import SECTION, cell, paragraph, table, word_file

from toolkit.errors import TemplateError
from toolkit.forms.libreoffice import convert
from toolkit.forms.typesetting import BLANK_PAGE, pad_to_even, typeset

MIXED = (
    paragraph(
        "项目申报书",
        '<w:jc w:val="center"/><w:spacing w:before="400" w:line="800" w:lineRule="exact"/>',
        '<w:sz w:val="44"/>',
    )
    + paragraph(
        "为学习贯彻全会精神落实国家重大外交战略部署深度参与科技创新行动计划主动融入全球科技创新网络" * 3,
        '<w:ind w:firstLineChars="200" w:firstLine="640"/><w:spacing w:line="560" w:lineRule="exact"/>'
        '<w:jc w:val="both"/>',
        '<w:sz w:val="32"/>',
    )
    + table(
        [
            f'<w:trPr><w:trHeight w:val="{height}"/></w:trPr>'
            + cell(
                paragraph(f"栏目{'甲乙丙'[at]}", '<w:jc w:val="center"/><w:spacing w:line="400" w:lineRule="exact"/>'),
                2500,
                '<w:vAlign w:val="center"/>',
            )
            + cell(paragraph(f"内容{'甲乙丙'[at]}" * 9, '<w:spacing w:line="400" w:lineRule="exact"/>'), 5000)
            for at, height in enumerate((900, 600, 1500))
        ],
        [2500, 5000],
        '<w:tblLayout w:type="fixed"/>',
    )
    + paragraph("单位（公章）", '<w:ind w:left="4000"/><w:spacing w:before="300" w:line="480" w:lineRule="exact"/>')
)


def test_a_form_says_how_many_pages_and_which_fonts_it_has() -> None:
    result = typeset_body(paragraph("宋体 abc") + paragraph("二", "<w:pageBreakBefore/>"))
    assert result.pages == 2 == len(measured(result.pdf))
    assert [face.path.name for face in result.faces] == ["LiberationSerif-Regular.ttf", "NotoSerifSC-Regular.ttf"]
    assert all(len(face.digest) == 32 for face in result.faces)


def test_the_pdf_is_for_archives_and_has_no_links_and_no_date_but_the_one_given() -> None:
    with pikepdf.open(BytesIO(typeset_body(paragraph("文")).pdf)) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert metadata["xmp:CreateDate"].startswith("2025-06-01T08:00:00")
        assert all("/Annots" not in page for page in pdf.pages)
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                assert any(key in item for key in ("/FontFile2", "/FontFile3"))


def test_the_bytes_depend_on_the_form_and_the_time_only() -> None:
    docx = word_file(MIXED)
    one, same = (typeset(docx, name=name, fonts=fonts(), created=CREATED).pdf for name in ("a", "b"))
    assert one == same
    later = typeset(docx, name="a", fonts=fonts(), created=CREATED + timedelta(days=1)).pdf
    assert later != one
    assert [page.characters for page in measured(later)] == [page.characters for page in measured(one)]


def test_padding_adds_one_page_to_word_file_and_pdf() -> None:
    docx = word_file(paragraph("正文") + table([cell(paragraph("表"), 2000)], [2000]))
    padded = pad_to_even(docx, name="form")
    assert padded == pad_to_even(docx, name="form")
    result = measured(typeset(padded, name="form", fonts=fonts(), created=CREATED).pdf)
    assert [page.text for page in result] == ["正文表", BLANK_PAGE]
    assert [p.text for p in Document(BytesIO(padded)).paragraphs][-1] == BLANK_PAGE
    centre = sum(character.x + 6 for character in result[1].characters) / len(BLANK_PAGE)
    assert centre == pytest.approx(595.3 / 2, abs=0.1)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_padding_on_the_way_is_what_padding_the_word_file_gives(count: int) -> None:
    counted = '<w:p><w:fldSimple w:instr="NUMPAGES"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'
    spaced = "<w:docDefaults><w:pPrDefault><w:pPr><w:spacing w:before='300' w:after='90'/></w:pPr></w:pPrDefault>"
    body = counted + "".join(paragraph(f"第{at}页", "<w:pageBreakBefore/>") for at in range(1, count))
    docx = word_file(body + table([cell(paragraph("表"), 2000)], [2000]), styles=spaced + "</w:docDefaults>")
    result = typeset(docx, name="form", fonts=fonts(), created=CREATED, even=True)
    assert (result.pages, result.padded) == (count + count % 2, count % 2 == 1)
    if result.padded:
        docx = pad_to_even(docx, name="form")
    assert measured(result.pdf) == measured(typeset(docx, name="form", fonts=fonts(), created=CREATED).pdf)


def test_padding_counts_in_the_number_of_pages() -> None:
    counted = '<w:p><w:fldSimple w:instr="NUMPAGES"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'
    padded = pad_to_even(word_file(counted), name="form")
    assert measured(typeset(padded, name="form", fonts=fonts(), created=CREATED).pdf)[0].text == "2"


def test_what_is_no_word_file_is_neither_set_nor_padded() -> None:
    for call in (
        lambda: typeset(b"text", name="form.docx", fonts=fonts(), created=CREATED),
        lambda: pad_to_even(b"text", name="form.docx"),
    ):
        with pytest.raises(TemplateError, match="“form.docx” is not a Word document"):
            call()


def test_a_form_without_text_is_one_empty_page() -> None:
    result = typeset_body("")
    assert (result.pages, result.faces, result.anchors) == (1, (), ())


@pytest.mark.real
def test_libreoffice_sets_every_line_where_we_do() -> None:
    docx = word_file(MIXED, section=SECTION)
    ours = measured(typeset(docx, name="form", fonts=fonts(), created=CREATED).pdf)[0]
    theirs = measured(convert(docx, name="form", fonts=fonts()).pdf)[0]
    assert ours.text == theirs.text
    apart = [
        (one.text, round(one.x - other.x, 2), round(one.y - other.y, 2))
        for one, other in zip(ours.characters, theirs.characters, strict=True)
        if abs(one.x - other.x) > 1.5 or abs(one.y - other.y) > 1.0
    ]
    assert apart == []


@pytest.mark.real
def test_either_engine_gives_the_form_with_its_anchors() -> None:
    start = '<w:bookmarkStart w:id="1" w:name="chop"/><w:bookmarkEnd w:id="1"/>'
    borders = '<w:tblBorders><w:top w:val="single" w:sz="4"/></w:tblBorders>'
    rows = ['<w:trPr><w:trHeight w:val="1000" w:hRule="exact"/></w:trPr>' + cell(f"<w:p>{start}</w:p>", 3000)]
    docx = word_file(paragraph("上") + table(rows, [3000], borders))
    results = [
        typeset(docx, name="form", fonts=fonts(), created=CREATED, engine=engine) for engine in ("typst", "libreoffice")
    ]
    boxes = [result.anchors[0].box for result in results]
    assert [(len(result.anchors), result.pages) for result in results] == [(1, 1), (1, 1)]
    assert all(abs(one - other) < 150 for one, other in zip(*boxes, strict=True))
