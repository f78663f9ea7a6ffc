"""Sixteen forms as offices make them, built with python-docx; tests set them and look for every text run."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from office_basics import BODY, new, title
from office_forms_drawn import DRAWN

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _grid(document: WordDocument, rows: list[list[str]]) -> None:
    table = document.add_table(len(rows), len(rows[0]), "Table Grid")
    for line, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(line.cells, texts, strict=True):
            cell.text = text


def notice() -> WordDocument:
    """Return a 通知 by GB/T 9704: title, addressees, body, signature to the right."""
    document = new()
    title(document, "关于开展年度检查的通知")
    document.add_paragraph("各有关单位：")
    for _ in range(6):
        paragraph = document.add_paragraph(BODY * 3)
        paragraph.paragraph_format.first_line_indent = Pt(28)
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        paragraph.paragraph_format.line_spacing = Pt(28)
    for text in ("自治区科学技术厅", "2025年6月1日"):
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return document


def registration() -> WordDocument:
    """Return a 登记表: cells merged both ways, a photo's place, rows of fixed height."""
    document = new()
    title(document, "专家登记表")
    table = document.add_table(6, 5, "Table Grid")
    for row, texts in enumerate((("姓名", "李堃", "性别", "女"), ("出生年月", "1979年5月", "民族", "汉族"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 4).merge(table.cell(2, 4)).text = "照片"
    table.cell(2, 0).text = "工作单位"
    table.cell(2, 1).merge(table.cell(2, 3)).text = "新疆天山绿洲农业科学研究院"
    table.cell(3, 0).merge(table.cell(5, 0)).text = "主要业绩"
    table.cell(3, 1).merge(table.cell(5, 4)).text = BODY * 4
    for row in table.rows:
        row.height, row.height_rule = Mm(12), WD_ROW_HEIGHT_RULE.AT_LEAST
    return document


def nested() -> WordDocument:
    """Return an approval sheet whose cells hold tables of their own."""
    document = new()
    title(document, "经费审批单")
    table = document.add_table(2, 2, "Table Grid")
    table.cell(0, 0).text = "明细"
    inner = table.cell(0, 1).add_table(3, 2)
    inner.style = "Table Grid"
    for row, (name, sum_) in enumerate((("设备费", "16.00"), ("材料费", "20.00"), ("合计", "36.00"))):
        inner.cell(row, 0).text, inner.cell(row, 1).text = name, sum_
    table.cell(1, 0).text = "意见"
    table.cell(1, 1).paragraphs[0].text = "同意。"
    table.cell(1, 1).add_paragraph("签字：　　　　　　年　　月　　日").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return document


def sections() -> WordDocument:
    """Return a report of an upright and a lying section, each with its own header, and page numbers."""
    document = new()
    title(document, "调研报告")
    document.sections[0].header.paragraphs[0].text = "调研报告（正文）"
    document.add_paragraph(BODY * 20)
    lying = document.add_section(WD_SECTION.NEW_PAGE)
    lying.orientation, lying.page_width, lying.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    lying.header.is_linked_to_previous = False
    lying.header.paragraphs[0].text = "附表"
    _grid(
        document,
        [[f"指标{column}" for column in range(8)]] + [[str(row * column) for column in range(8)] for row in range(12)],
    )
    upright = document.add_section(WD_SECTION.NEW_PAGE)
    upright.orientation, upright.page_width, upright.page_height = WD_ORIENT.PORTRAIT, Mm(210), Mm(297)
    document.add_paragraph("结束语。" + BODY)
    return document


def first_odd_even() -> WordDocument:
    """Return a brochure whose first, odd and even pages have headers of their own."""
    document = new()
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "首页页眉"
    section.header.paragraphs[0].text = "单页页眉"
    section.even_page_header.paragraphs[0].text = "双页页眉"
    for number in range(3):
        paragraph = document.add_paragraph(f"第{number + 1}部分。" + BODY * 2)
        if number < 2:
            paragraph.add_run().add_break(WD_BREAK.PAGE)
    return document


def numbered() -> WordDocument:
    """Return a plan whose headings and items Word numbers."""
    document = new()
    levels = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:suff w:val="nothing"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for place, (form, text) in enumerate(
            (("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."), ("decimal", "（%4）"))
        )
    )
    numbering = document.part.numbering_part.element
    abstract = parse_xml(f'<w:abstractNum {_W} w:abstractNumId="90">{levels}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {_W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    title(document, "工作方案")
    for place, text in (
        (0, "总体要求"),
        (1, "指导思想"),
        (1, "基本原则"),
        (2, "坚持需求导向"),
        (2, "坚持开放合作"),
        (3, "共建"),
        (0, "重点任务"),
    ):
        paragraph = document.add_paragraph(text + "。" + BODY)
        properties = paragraph._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {_W}><w:ilvl w:val="{place}"/><w:numId w:val="90"/></w:numPr>'))
    for text in ("材料一", "材料二"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("其他材料", style="List Bullet")
    return document


def contents() -> WordDocument:
    """Return a table of contents made with tabs and leaders."""
    document = new()
    title(document, "目　录")
    for text, page in (("一、项目基本信息", "1"), ("二、申报单位与参与单位", "3"), ("三、经费预算", "12")):
        paragraph = document.add_paragraph(f"{text}\t{page}")
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(150), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    return document


def scripts() -> WordDocument:
    """Return a letter in four scripts, with superscripts and underlines."""
    document = new()
    document.add_paragraph("中哈合作：Memorandum of Understanding，2021年签署")
    document.add_paragraph("Іле суару орталығы, Светлана Викторовна Орлова")
    uyghur = document.add_paragraph()
    run = uyghur.add_run("شىنجاڭ ئۇيغۇر ئاپتونوم رايونى")
    run.font.rtl = True
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:cs"), "UKIJ Tuz")
    uyghur._p.get_or_add_pPr().append(parse_xml(f"<w:bidi {_W}/>"))
    formula = document.add_paragraph("面积 60 hm")
    formula.add_run("2").font.superscript = True
    document.add_paragraph("签字：").add_run("　　　　　　").underline = True
    return document


def long_table() -> WordDocument:
    """Return a table over several pages with a repeated header row."""
    document = new()
    title(document, "项目汇总表")
    _grid(
        document,
        [["序号", "项目名称", "经费（万元）"]]
        + [[str(n), f"项目{n}：" + BODY[: n % 30], f"{n}.00"] for n in range(1, 70)],
    )
    row = document.tables[0].rows[0]._tr.get_or_add_trPr()
    row.append(parse_xml(f"<w:tblHeader {_W}/>"))
    return document


def changed() -> WordDocument:
    """Return a draft with tracked changes, a comment and a content control."""
    document = new()
    title(document, "协议书")
    paragraph = document.add_paragraph("合同金额为")
    paragraph._p.append(parse_xml(f'<w:del {_W} w:id="1" w:author="a"><w:r><w:delText>伍</w:delText></w:r></w:del>'))
    paragraph._p.append(parse_xml(f'<w:ins {_W} w:id="2" w:author="a"><w:r><w:t>捌</w:t></w:r></w:ins>'))
    paragraph._p.append(parse_xml(f"<w:r {_W}><w:t>拾万元整。</w:t></w:r>"))
    document.add_comment(paragraph.runs[0], "请核对", author="a")
    control = f"<w:sdt {_W}><w:sdtPr/><w:sdtContent><w:r><w:t>☑ 同意　☐ 不同意</w:t></w:r></w:sdtContent></w:sdt>"
    document.add_paragraph("意见：")._p.append(parse_xml(control))
    return document


FORMS: dict[str, Callable[[], WordDocument]] = {
    make.__name__: make
    for make in (
        notice,
        registration,
        nested,
        sections,
        first_odd_even,
        numbered,
        contents,
        scripts,
        long_table,
        changed,
        *DRAWN,
    )
}


def saved(document: WordDocument) -> bytes:
    """Return the bytes of a document."""
    written = BytesIO()
    document.save(written)
    return written.getvalue()
