"""The reader of Word files: what it refuses, and that it says where; nothing is dropped in silence."""

from __future__ import annotations

from io import BytesIO

import pytest
from docx import Document
from docx.shared import Cm, Pt
from PIL import Image
from word_files import SECTION, STYLES, cell, paragraph, relation, running, table, word_file

from toolkit.errors import TemplateError
from toolkit.forms.blocks import Paragraph, Table, Text
from toolkit.forms.looks import Align, Pitch
from toolkit.forms.package import read_package, write_package
from toolkit.forms.word import read_form

RUN = "<w:r><w:t>附近的文字</w:t>{}</w:r>"


def body_with(inside: str) -> str:
    return f"<w:p>{RUN.format('')}{inside}</w:p>"


def refused(docx: bytes) -> str:
    with pytest.raises(TemplateError) as caught:
        read_form(docx, name="form.docx")
    message = str(caught.value)
    assert "“form.docx”" in message
    return message


IN_PARAGRAPHS = {
    "formula": ("<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>", "m:oMath"),
    "footnote": ('<w:r><w:footnoteReference w:id="1"/></w:r>', "a footnote in a header"),
    "endnote": ('<w:r><w:endnoteReference w:id="1"/></w:r>', "w:endnoteReference"),
    "symbol": ('<w:r><w:sym w:font="Webdings" w:char="F0A8"/></w:r>', "the sign F0A8"),
    "ruby": ("<w:r><w:ruby/></w:r>", "w:ruby"),
    "floating": ("<w:r><w:drawing><wp:anchor/></w:drawing></w:r>", "whose place is not said"),
    "text box": ("<w:r><mc:AlternateContent/></w:r>", "a group of shapes, a chart"),
    "old drawing": ("<w:r><w:pict/></w:r>", "a group of shapes"),
    "embedded": ("<w:r><w:object/></w:r>", "an embedded object"),
    "chart": (
        '<w:r><w:drawing><wp:inline><wp:extent cx="1" cy="1"/><a:graphic/></wp:inline></w:drawing></w:r>',
        "no picture",
    ),
    "date field": ('<w:fldSimple w:instr=" DATE "><w:r><w:t>2020</w:t></w:r></w:fldSimple>', "the field “DATE”"),
    "open field": ('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "over several paragraphs"),
    "closed field": ('<w:r><w:fldChar w:fldCharType="end"/></w:r>', "damaged"),
    "column break": ('<w:r><w:br w:type="column"/></w:r>', "w:br column"),
    "placed tab": ("<w:r><w:ptab/></w:r>", "w:ptab"),
    "direction": ('<w:bdo w:val="rtl"><w:r><w:t>x</w:t></w:r></w:bdo>', "w:bdo"),
    "unknown": ("<w:somethingNew/>", "w:somethingNew"),
    "unfilled control": ("<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent/></w:sdt>", "nobody filled in"),
}


@pytest.mark.parametrize("inside", IN_PARAGRAPHS)
def test_what_is_not_set_in_a_paragraph_is_refused_with_its_text(inside: str) -> None:
    element, said = IN_PARAGRAPHS[inside]
    message = refused(word_file(paragraph("另一段") + body_with(element)))
    assert said in message
    assert "附近的文字" in message


@pytest.mark.parametrize(
    "properties",
    [
        "<w:smallCaps/>",
        "<w:outline/>",
        "<w:shadow/>",
        "<w:emboss/>",
        '<w:w w:val="80"/>',
        '<w:em w:val="dot"/>',
        '<w:bdr w:val="single"/>',
        '<w:u w:val="wavyDouble"/>',
        '<w:effect w:val="lights"/>',
        "<w:eastAsianLayout/>",
        '<w:sz w:val="0"/>',
        '<w:sz w:val="big"/>',
        '<w:color w:val="red"/>',
        '<w:highlight w:val="pink"/>',
        '<w:shd w:val="diagStripe"/>',
        '<w:vertAlign w:val="middle"/>',
        "<w:newThing/>",
    ],
)
def test_what_is_not_set_in_a_run_is_refused_in_text_and_in_styles(properties: str) -> None:
    tag = properties.split()[0].strip("<>/")
    message = refused(word_file(paragraph("附近的文字", "", properties)))
    assert f"<{tag}" in message
    assert "附近的文字" in message
    style = f'<w:style w:type="paragraph" w:styleId="A"><w:name w:val="我的样式"/><w:rPr>{properties}</w:rPr></w:style>'
    message = refused(word_file(paragraph("文", '<w:pStyle w:val="A"/>'), styles=STYLES + style))
    assert "the style “我的样式”" in message
    assert f"<{tag}" in message


@pytest.mark.parametrize(
    "properties",
    [
        '<w:framePr w:w="100"/>',
        '<w:textDirection w:val="tbRl"/>',
        '<w:jc w:val="thaiDistribute"/>',
        '<w:tabs><w:tab w:val="bar" w:pos="100"/></w:tabs>',
        '<w:spacing w:line="0" w:lineRule="exact"/>',
        '<w:spacing w:before="99999"/>',
        "<w:mirrorIndents/>",
        '<w:pBdr><w:top w:val="wave"/></w:pBdr>',
        '<w:textAlignment w:val="top"/>',
    ],
)
def test_what_is_not_set_in_a_paragraphs_properties_is_refused(properties: str) -> None:
    assert "附近的文字" in refused(word_file(paragraph("附近的文字", properties)))


@pytest.mark.parametrize(
    ("properties", "row", "own"),
    [
        ('<w:tblpPr w:vertAnchor="page"/>', "", ""),
        ("<w:bidiVisual/>", "", ""),
        ('<w:tblCellSpacing w:w="20"/>', "", ""),
        ('<w:tblBorders><w:top w:val="double"/></w:tblBorders>', "", ""),
        ("", "<w:trPr><w:hidden/></w:trPr>", ""),
        ("", "", '<w:textDirection w:val="btLr"/>'),
        ("", "", "<w:tcFitText/>"),
        ("", "", '<w:hMerge w:val="restart"/>'),
        ("", "", '<w:tcBorders><w:tl2br w:val="single"/></w:tcBorders>'),
        ("", "", '<w:gridSpan w:val="100"/>'),
    ],
)
def test_what_is_not_set_in_tables_is_refused_with_the_text_before_it(properties: str, row: str, own: str) -> None:
    rows = [row + cell(paragraph("表中"), 2000, own)]
    message = refused(word_file(paragraph("附近的文字") + table(rows, [2000], properties)))
    assert "附近的文字" in message or "表中" in message


def test_a_table_style_that_sets_the_first_row_apart_is_refused_only_where_it_is_switched_on() -> None:
    style = (
        '<w:style w:type="table" w:styleId="T"><w:name w:val="T"/>'
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr></w:tblStylePr></w:style>'
    )

    def of(look: str) -> bytes:
        properties = f'<w:tblStyle w:val="T"/><w:tblLook {look}/>'
        return word_file(table([cell(paragraph("文"), 2000)], [2000], properties), styles=STYLES + style)

    assert "firstRow" in refused(of('w:firstRow="1"'))
    assert "firstRow" in refused(of('w:val="04A0"'))
    read_form(of('w:firstRow="0"'), name="form")


@pytest.mark.parametrize(
    "change",
    [
        '<w:cols w:num="2"/>',
        '<w:docGrid w:type="snapToChars" w:linePitch="312" w:charSpace="100"/>',
        '<w:vAlign w:val="center"/>',
        '<w:lnNumType w:countBy="1"/>',
        "<w:pgBorders/>",
        '<w:pgNumType w:fmt="hebrew1"/>',
        '<w:textDirection w:val="tbRl"/>',
        '<w:headerReference w:type="default" r:id="rIdNone"/>',
    ],
)
def test_what_is_not_set_in_a_section_is_refused(change: str) -> None:
    section = SECTION.replace("</w:sectPr>", f"{change}</w:sectPr>")
    assert "附近的文字" in refused(word_file(paragraph("附近的文字"), section=section))


def test_page_breaks_are_refused_where_no_page_can_end() -> None:
    for broken in ('<w:p><w:r><w:t>字</w:t><w:br w:type="page"/></w:r></w:p>', paragraph("字", "<w:pageBreakBefore/>")):
        assert "a page break within" in refused(word_file(table([cell(broken, 2000)], [2000])))
        section = SECTION.replace("<w:pgSz", '<w:headerReference w:type="default" r:id="rIdH"/><w:pgSz')
        parts = {"word/h.xml": running("hdr", broken)}
        docx = word_file("", section=section, parts=parts, relations=relation("rIdH", "header", "h.xml"))
        assert "a page break within" in refused(docx)


def picture(attributes: str = "", inner: str = "", crop: str = "", turned: str = "") -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="127000" cy="127000"/><a:graphic><a:graphicData><pic:pic>'
        f'<pic:blipFill><a:blip r:embed="rIdP" {attributes}>{inner}</a:blip>{crop}</pic:blipFill>'
        f"<pic:spPr><a:xfrm {turned}/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def image(kind: str = "PNG") -> bytes:
    written = BytesIO()
    Image.new("RGB", (10, 10)).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize(
    ("element", "data", "said"),
    [
        (picture(crop='<a:srcRect l="-1000"/>'), image(), "space cut around it"),
        (picture(turned='rot="5400000"'), image(), "turned"),
        (picture(inner="<a:grayscl/>"), image(), "recoloured"),
        (picture(), image("GIF"), "neither PNG nor JPEG"),
        (picture(), b"\x01\x00\x00\x00 EMF", "neither PNG nor JPEG"),
        (picture().replace("rIdP", "rIdQ"), image(), "not in the document"),
        (picture().replace('cx="127000"', 'cx="-1"'), image(), "wp:extent"),
    ],
)
def test_pictures_that_word_changes_are_refused(element: str, data: bytes, said: str) -> None:
    docx = word_file(
        body_with(element), parts={"word/media/a.png": data}, relations=relation("rIdP", "image", "media/a.png")
    )
    message = refused(docx)
    assert said in message
    assert "附近的文字" in message


def test_a_picture_in_lines_of_exact_spacing_is_refused_since_word_cuts_it_off() -> None:
    body = f'<w:p><w:pPr><w:spacing w:line="400" w:lineRule="exact"/></w:pPr>{picture()}</w:p>'
    docx = word_file(body, parts={"word/media/a.png": image()}, relations=relation("rIdP", "image", "media/a.png"))
    assert "exact spacing" in refused(docx)


def test_what_prints_nothing_is_passed_over() -> None:
    silent = (
        '<w:commentRangeStart w:id="1"/><w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="2" w:name="_GoBack"/>'
        '<w:bookmarkEnd w:id="2"/><w:commentRangeEnd w:id="1"/><w:r><w:commentReference w:id="1"/></w:r>'
        "<w:r><w:lastRenderedPageBreak/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><!-- 注 -->"
    )
    (section,) = read_form(word_file(body_with(silent)), name="form").sections
    assert [block.text for block in section.blocks] == ["附近的文字"]


def test_text_within_links_controls_and_tags_is_read_in_order() -> None:
    inside = (
        '<w:hyperlink r:id="rId99"><w:r><w:t>一</w:t></w:r></w:hyperlink>'
        "<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>二</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:smartTag><w:smartTagPr/><w:r><w:t>三</w:t></w:r></w:smartTag>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "a"</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>四</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t>A</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r>'
    )
    (section,) = read_form(
        word_file(f"<w:sdt><w:sdtContent>{body_with(inside)}</w:sdtContent></w:sdt>"), name="f"
    ).sections
    assert [block.text for block in section.blocks] == ["附近的文字一二三四A\u2011b"]


def test_a_document_by_another_program_is_read() -> None:
    document = Document()
    section = document.sections[0]
    section.left_margin = Cm(2.8)
    document.styles["Normal"].font.name = "Arial"
    added = document.add_paragraph("甲", style="Title")
    added.paragraph_format.line_spacing = Pt(28)
    document.add_table(2, 2, style="Table Grid").cell(0, 0).text = "乙"
    written = BytesIO()
    document.save(written)
    (read,) = read_form(written.getvalue(), name="form").sections
    heading, grid = read.blocks[0], read.blocks[1]
    assert isinstance(heading, Paragraph)
    assert isinstance(grid, Table)
    assert (heading.shape.spacing.pitch, heading.shape.spacing.value) == (Pitch.EXACT, 28.0)
    assert heading.shape.borders.bottom is not None
    assert read.margins.left == pytest.approx(79.4, abs=0.06)
    assert len(grid.horizontal) == 3
    assert grid.rows[0].cells[0].text == "乙"


@pytest.mark.parametrize("levels", [12, 200])
def test_tables_nested_too_deep_are_refused(levels: int) -> None:
    body = paragraph("底")
    for _ in range(levels):
        body = table([cell(body, 2000)], [2000]) + paragraph()
    message = refused(word_file(body))
    assert "nested" in message or "Excessive depth" in message


def test_documents_that_are_no_word_text_are_refused() -> None:
    parts = read_package(word_file(""), "form")
    parts["word/document.xml"] = (
        b'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body/></w:document>'
    )
    assert "save it as .docx in Word" in refused(write_package(parts))
    parts["word/document.xml"] = b"<w:document"
    assert "damaged" in refused(write_package(parts))


def test_text_runs_and_alignment_arrive_as_they_are() -> None:
    body = paragraph("a&lt;b&gt; 乙\n丙", '<w:jc w:val="end"/>')
    (block,) = read_form(word_file(body), name="form").sections[0].blocks
    assert isinstance(block, Paragraph)
    assert block.shape.align is Align.END
    (piece,) = block.content
    assert isinstance(piece, Text)
    assert piece.characters == "a<b> 乙 丙"
