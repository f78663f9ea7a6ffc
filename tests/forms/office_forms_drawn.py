"""Six more office forms: drawings, footnotes, contents, boxes to tick, labels that run downwards, page grids."""

from __future__ import annotations

from io import BytesIO

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from docx.text.paragraph import Paragraph
from drawn import LINE, SOLID, anchored, picture, png, position, shape, vml
from office_basics import BODY, new, title
from word_files import NAMESPACES

_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def _put(paragraph: Paragraph, runs: str) -> None:
    for run in parse_xml(f"<w:p {NAMESPACES}>{runs}</w:p>"):
        paragraph._p.append(run)


def _properties(paragraph: Paragraph, xml: str) -> None:
    properties = paragraph._p.get_or_add_pPr()
    for item in parse_xml(f"<w:pPr {NAMESPACES}>{xml}</w:pPr>"):
        properties.append(item)


def _cell(table: Table, row: int, column: int, text: str, xml: str = "") -> None:
    cell = table.cell(row, column)
    cell.text = text
    for item in parse_xml(f"<w:tcPr {NAMESPACES}>{xml}</w:tcPr>"):
        cell._tc.get_or_add_tcPr().append(item)


def _text(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _box(text: str, align: str = "center") -> str:
    return f'<w:p><w:pPr><w:jc w:val="{align}"/></w:pPr>{_text(text)}</w:p>'


def red_head() -> WordDocument:
    """Return a 红头文件: a red line under its head, a chop over its signature, page numbers in frames."""
    document = new()
    title(document, "新疆维吾尔自治区科学技术厅文件")
    number = document.add_paragraph("新科发〔2025〕16号")
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    extent = '<a:xfrm><a:off x="0" y="0"/><a:ext cx="5613400" cy="0"/></a:xfrm>'
    line = shape("line", LINE.replace("12700", "28575"), turned=extent)
    _put(number, anchored(line, (442.0, 0.0), position("H", "margin", 0.0), position("V", "paragraph", 26.0)))
    document.add_paragraph()
    title(document, "关于印发管理办法的通知")
    for _ in range(4):
        paragraph = document.add_paragraph(BODY * 2)
        _properties(paragraph, '<w:ind w:firstLineChars="200" w:firstLine="560"/>')
    identifier, _ = document.part.get_or_add_image(BytesIO(png(60, 60)))
    signed = document.add_paragraph("自治区科学技术厅")
    signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    chop = picture().replace("rIdP", identifier)
    _put(signed, anchored(chop, (110.0, 110.0), position("H", "margin", 320.0), position("V", "paragraph", -35.0)))
    document.add_paragraph("2025年6月1日").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    footer = document.sections[0].footer.paragraphs[0]
    _properties(footer, '<w:framePr w:wrap="around" w:vAnchor="text" w:hAnchor="margin" w:xAlign="center" w:y="1"/>')
    _put(footer, f'{_text("— ")}<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>{_text(" —")}')
    return document


def photo_form() -> WordDocument:
    """Return a 登记表 that text flows around, with a photo, labels that run downwards and boxes to tick."""
    document = new()
    title(document, "高层次人才登记表")
    table = document.add_table(5, 4, "Table Grid")
    flows = (
        '<w:tblpPr w:leftFromText="180" w:rightFromText="180" w:vertAnchor="text" w:horzAnchor="margin" w:tblpY="120"/>'
    )
    table._tbl.tblPr.insert(1, parse_xml(flows.replace("<w:tblpPr", f"<w:tblpPr {NAMESPACES}")))
    for row, texts in enumerate((("姓名", "王喆"), ("出生年月", "1980年3月"), ("工作单位", "新疆天山研究院"))):
        for column, text in enumerate(texts, 1):
            _cell(table, row, column, text, "<w:noWrap/>")
    down = '<w:textDirection w:val="tbRlV"/><w:vAlign w:val="center"/>'
    table.cell(0, 0).merge(table.cell(2, 0))
    _cell(table, 0, 0, "基本情况", down)
    table.cell(0, 0).paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
    photo = table.cell(0, 3).merge(table.cell(2, 3))
    identifier, _ = document.part.get_or_add_image(BytesIO(png(50, 70)))
    square = anchored(
        picture().replace("rIdP", identifier),
        (60.0, 70.0),
        position("H", "column", 5.0),
        position("V", "paragraph", 3.0),
        '<wp:wrapSquare wrapText="bothSides"/>',
    )
    _put(photo.paragraphs[0], square)
    table.cell(3, 0).merge(table.cell(3, 3)).text = "是否院士："
    ticked = (
        '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent>'
        f"{_text('☒')}</w:sdtContent></w:sdt>{_text('是　')}"
        f'<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>{_text("否　")}'
    )
    box = '<w:ffData><w:checkBox><w:sizeAuto/><w:default w:val="1"/></w:checkBox></w:ffData>'
    begin = f'<w:r><w:fldChar w:fldCharType="begin">{box}</w:fldChar></w:r>'
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    form = f"{begin}<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>{end}{_text('其他')}"
    _put(table.cell(3, 0).paragraphs[0], ticked + form)
    last = table.cell(4, 0).merge(table.cell(4, 3))
    fitted = '<w:fitText w:val="1680" w:id="{}"/>'
    for at, label in enumerate(("联系人", "联系电话", "通讯地址及邮编")):
        paragraph = last.paragraphs[0] if at == 0 else last.add_paragraph()
        _put(paragraph, _text(label, fitted.format(900 + at)) + _text("：＿＿＿＿＿＿"))
    document.add_paragraph("填表日期：2025年6月18日")
    return document


def guide() -> WordDocument:
    """Return a 指南 with a table of contents, headings that it names the pages of, links and footnotes."""
    document = new()
    title(document, "申报指南")
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {} </w:instrText></w:r>'
    separate, end = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>', '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    chapters = ("一、支持方向", "二、申报条件", "三、组织实施")
    for at, chapter in enumerate(chapters):
        entry = document.add_paragraph()
        entry.paragraph_format.tab_stops.add_tab_stop(Mm(150), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        number = f"{begin.format('PAGEREF _Toc' + str(at))}{separate}<w:r><w:t>{at + 2}</w:t></w:r>{end}"
        opened = f"{begin.format('TOC')}{separate}" if at == 0 else ""
        link = f'<w:hyperlink w:anchor="_Toc{at}">{_text(chapter)}<w:r><w:tab/></w:r>{number}</w:hyperlink>'
        _put(entry, opened + link + (end if at == len(chapters) - 1 else ""))
    up = '<w:vertAlign w:val="superscript"/>'
    notes = []
    for at, chapter in enumerate(chapters):
        heading = document.add_paragraph()
        _properties(heading, "<w:keepNext/><w:pageBreakBefore/>")
        mark = f'<w:bookmarkStart w:id="{at}" w:name="_Toc{at}"/>{_text(chapter, "<w:b/>")}<w:bookmarkEnd w:id="{at}"/>'
        _put(heading, mark)
        for _ in range(2):
            document.add_paragraph(BODY * 3)
        _put(document.paragraphs[-1], f'<w:r><w:rPr>{up}</w:rPr><w:footnoteReference w:id="{at + 1}"/></w:r>')
        said = _text(f" 见《管理办法》第{at + 4}条。", '<w:sz w:val="18"/>')
        notes.append(
            f'<w:footnote w:id="{at + 1}"><w:p><w:r><w:rPr>{up}</w:rPr><w:footnoteRef/></w:r>{said}</w:p></w:footnote>'
        )
    special = "".join(
        f'<w:footnote w:type="{kind}" w:id="{at}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
        for at, kind in ((-1, "separator"), (0, "continuationSeparator"))
    )
    data = f"<w:footnotes {NAMESPACES}>{special}{''.join(notes)}</w:footnotes>".encode()
    package = document.part.package
    part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, data, package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    return document


def flow_chart() -> WordDocument:
    """Return a 流程图 of text boxes, new and old, joined by lines, and a picture between paragraphs."""
    document = new()
    title(document, "办理流程")
    first = document.add_paragraph("办理流程如下图所示：")
    edge = '<a:ln w="9525">' + SOLID.format("000000") + "</a:ln>"
    runs = ""
    for at, text in enumerate(("单位申报", "形式审查", "专家评审")):
        box = shape("rect", SOLID.format("FFFFFF") + edge, _box(text))
        runs += anchored(box, (110.0, 34.0), position("H", "margin", 30.0), position("V", "paragraph", 30.0 + 60 * at))
        if at:
            line = shape("straightConnector1", edge)
            place = position("H", "margin", 85.0), position("V", "paragraph", 4.0 + 60 * at)
            runs += anchored(line, (0.0, 26.0), *place)
    style = "position:absolute;margin-left:220pt;margin-top:90pt;width:150pt;height:34pt"
    runs += vml(
        f'<v:rect style="{style}" strokecolor="black"><v:textbox><w:txbxContent>{_box("不予受理", "left")}'
        "</w:txbxContent></v:textbox></v:rect>"
    )
    _put(first, runs)
    for _ in range(10):
        document.add_paragraph()
    identifier, _ = document.part.get_or_add_image(BytesIO(png(120, 40)))
    figure = document.add_paragraph("图1　示意图")
    figure.alignment = WD_ALIGN_PARAGRAPH.CENTER
    wide = picture().replace("rIdP", identifier)
    room = "<wp:wrapTopAndBottom/>"
    _put(
        figure, anchored(wide, (240.0, 80.0), position("H", "margin", "center"), position("V", "paragraph", 2.0), room)
    )
    document.add_paragraph(BODY)
    return document


def budget() -> WordDocument:
    """Return a 预算表 of decimal tabs, a table in a double frame, and lines of every spacing and underline."""
    document = new()
    title(document, "经费预算表")
    sums = {"设备费": "16.5", "材料费": "120.75", "会议费、差旅费与国际合作费": "8.0", "合计": "145.25"}
    for name, amount in sums.items():
        paragraph = document.add_paragraph(f"{name}\t{amount}\t万元")
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Mm(100), WD_TAB_ALIGNMENT.DECIMAL, WD_TAB_LEADER.DOTS)
        stops.add_tab_stop(Mm(125), WD_TAB_ALIGNMENT.CENTER)
    table = document.add_table(3, 3, "Table Grid")
    sides = "".join(f'<w:{side} w:val="double" w:sz="6"/>' for side in ("top", "left", "bottom", "right"))
    inner = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in ("insideH", "insideV"))
    table._tbl.tblPr.append(parse_xml(f"<w:tblBorders {NAMESPACES}>{sides}{inner}</w:tblBorders>"))
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row + 1}.{column}0万元"
    for rule, value in (
        (WD_LINE_SPACING.EXACTLY, Pt(22)),
        (WD_LINE_SPACING.AT_LEAST, Pt(30)),
        (WD_LINE_SPACING.MULTIPLE, 1.5),
    ):
        paragraph = document.add_paragraph(BODY)
        paragraph.paragraph_format.line_spacing_rule = rule
        paragraph.paragraph_format.line_spacing = value
    lines = document.add_paragraph()
    for kind in ("single", "double", "thick", "dotted", "dash", "dotDash", "wave"):
        _put(lines, _text(f"签字{kind}", f'<w:u w:val="{kind}"/>') + _text("　"))
    return document


def gridded() -> WordDocument:
    """Return a 公文 on a grid of 22 lines of 28 characters, for both sides of the paper, its header by the margins."""
    document = new()
    document.styles["Normal"].font.size = Pt(16)
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.gutter = Mm(2)
    section._sectPr.append(
        parse_xml(f'<w:docGrid {NAMESPACES} w:type="linesAndChars" w:linePitch="579" w:charSpace="-842"/>')
    )
    for grid in section._sectPr.findall(qn("w:docGrid"))[:-1]:
        section._sectPr.remove(grid)
    document.settings.element.insert(0, parse_xml(f"<w:mirrorMargins {NAMESPACES}/>"))
    tab = '<w:r><w:ptab w:relativeTo="margin" w:alignment="{}" w:leader="none"/></w:r>'
    _put(section.header.paragraphs[0], f"{_text('内部')}{tab.format('right')}{_text('2025年第3期')}")
    title(document, "工作简报")
    for _ in range(7):
        paragraph = document.add_paragraph(BODY * 3)
        _properties(paragraph, '<w:ind w:firstLineChars="200" w:firstLine="640"/><w:jc w:val="both"/>')
    return document


DRAWN = (red_head, photo_form, guide, flow_chart, budget, gridded)
