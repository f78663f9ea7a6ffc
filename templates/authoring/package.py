"""Puts a document together: styles, page, header, footer, comments, and the .docx file with the same bytes every time.

The styles follow the form practice of GB/T 9704-2012 (title 小标宋, headings 黑体 and 楷体, body 仿宋) in the sizes of
real 申报书. The page keeps GB/T 9704's left and right margins, 28 and 26 mm, and its text area of 225 mm; the area
begins at 46 mm and not at 37 mm, since the symbol and its reference stand in the outer top corner of every page.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from templates.authoring.word_xml import NAMESPACES, field, paragraph, run, twips

TEXT_WIDTH = 156.0  # mm: 210 - 28 - 26
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip entry can bear


@dataclass(frozen=True)
class Style:
    """One paragraph style; ``size`` in points, ``line`` exact in points or, below 5, a multiple."""

    name: str
    base: str = "Normal"
    font: str = ""
    size: float = 0
    bold: bool = False
    align: str = ""
    line: float = 0
    before: float = 0
    after: float = 0
    first_line: int = 0  # in hundredths of a character
    keep_next: bool = False
    outline: int | None = None
    spaced: float = 0  # points between characters

    def xml(self, identifier: str) -> str:
        """Return ``w:style``, its properties in the order that the schema asks for."""
        paragraph_properties = "<w:keepNext/>" if self.keep_next else ""
        spacing = f' w:before="{round(self.before * 20)}" w:after="{round(self.after * 20)}"'
        if self.line >= 5:
            spacing += f' w:line="{round(self.line * 20)}" w:lineRule="exact"'
        elif self.line:
            spacing += f' w:line="{round(self.line * 240)}" w:lineRule="auto"'
        paragraph_properties += f"<w:spacing{spacing}/>"
        if self.first_line:
            # Word obeys firstLineChars; firstLine (twips) is for programs that know no characters.
            wide = round(self.first_line / 100 * (self.size or 14) * 20)
            paragraph_properties += f'<w:ind w:firstLineChars="{self.first_line}" w:firstLine="{wide}"/>'
        if self.align:
            paragraph_properties += f'<w:jc w:val="{self.align}"/>'
        if self.outline is not None:
            paragraph_properties += f'<w:outlineLvl w:val="{self.outline}"/>'
        run_properties = _fonts(self.font) if self.font else ""
        run_properties += "<w:b/><w:bCs/>" if self.bold else ""
        run_properties += f'<w:spacing w:val="{round(self.spaced * 20)}"/>' if self.spaced else ""
        if self.size:
            run_properties += f'<w:sz w:val="{round(self.size * 2)}"/><w:szCs w:val="{round(self.size * 2)}"/>'
        default = ' w:default="1"' if identifier == "Normal" else ""
        default += ' w:customStyle="1"' if not self.name.isascii() else ""  # Word's own styles have English names
        based = f'<w:basedOn w:val="{self.base}"/>' if identifier != "Normal" else ""
        return (
            f'<w:style w:type="paragraph"{default} w:styleId="{identifier}"><w:name w:val="{self.name}"/>{based}'
            f"<w:qFormat/><w:pPr>{paragraph_properties}</w:pPr><w:rPr>{run_properties}</w:rPr></w:style>"
        )


def _fonts(chinese: str) -> str:
    """Return ``w:rFonts``: Latin and Cyrillic in Times New Roman, Uyghur in UKIJ Tuz, Chinese as asked."""
    return f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{chinese}" w:cs="UKIJ Tuz"/>'


STYLES = {
    "Normal": Style("Normal", font="仿宋_GB2312", size=14, align="both", line=26, first_line=0),
    "BodyText": Style("正文段落", size=14, line=24, first_line=200),
    "NoteText": Style("说明段落", size=14, line=25, first_line=200),
    "LetterText": Style("承诺段落", size=12, line=20, first_line=200),
    "LetterSpace": Style("承诺空行", size=12, line=12),
    "LetterParty": Style("承诺人", font="楷体_GB2312", size=15, align="center", line=24, after=6),
    "Heading1": Style(
        "heading 1", font="黑体", size=16, align="left", line=28, before=12, after=8, keep_next=True, outline=0
    ),
    "Heading2": Style(
        "heading 2", font="楷体_GB2312", size=15, bold=True, align="left", before=8, after=2, keep_next=True, outline=1
    ),
    "FormTitle": Style("表单大标题", font="方正小标宋简体", size=22, align="center", line=36, before=6, after=18),
    "CoverProgramme": Style("封面计划名称", font="方正小标宋简体", size=20, align="center", line=34),
    "CoverTitle": Style(
        "封面标题", font="方正小标宋简体", size=36, align="center", line=54, before=10, after=10, spaced=6
    ),
    "CoverLabel": Style("封面项目", font="黑体", size=15, align="left", line=24, before=4),
    "CoverText": Style("封面内容", size=15, align="left", line=24, before=4),
    "CoverCorner": Style("封面编号", font="黑体", size=12, align="left", line=20),
    "CoverCornerText": Style("封面编号内容", size=12, align="left", line=20),
    "LetterTitle": Style(
        "承诺书标题", base="FormTitle", font="方正小标宋简体", size=22, align="center", line=36, after=4
    ),
    "CoverOffice": Style("封面落款", font="楷体_GB2312", size=16, align="center", line=28),
    "CellText": Style("表格内容", size=12, align="left", line=17, before=2, after=2),
    "CellCentre": Style("表格居中", base="CellText", align="center", line=17, before=2, after=2),
    "CellLabel": Style("表格项目", font="黑体", size=10.5, align="center", line=16, before=2, after=2),
    "CellSmall": Style("表格小字", size=10.5, align="center", line=14, before=1.5, after=1.5),
    "CellSmallLeft": Style("表格小字左", size=10.5, align="left", line=14, before=1.5, after=1.5),
    "CellSmallRight": Style("表格小字右", size=10.5, align="right", line=14, before=1.5, after=1.5),
    "CellYear": Style("分年度", size=10.5, align="center", line=15),
    "CellYearRight": Style("分年度数字", size=10.5, align="right", line=15),
    "CellOpinion": Style("意见内容", size=12, align="both", line=20, before=2, after=2, first_line=200),
    "CellHint": Style("盖章提示", font="宋体", size=10.5, align="center", line=16),
    "TableNote": Style("表注", font="宋体", size=10.5, align="right", line=18, before=2, after=2, keep_next=True),
    "TableTitle": Style("表题", font="黑体", size=12, align="center", line=20, before=8, after=2, keep_next=True),
    "Picture": Style("图片", align="center", line=1, before=6, keep_next=True),
    "Caption": Style("caption", font="黑体", size=11, align="center", line=20, before=2, after=8),
    "Small": Style("空行", size=5, line=6),
    "Header": Style("header", font="楷体_GB2312", size=10.5, line=16),
    "Footer": Style("footer", font="宋体", size=10.5, align="center", line=16),
    "CommentText": Style("annotation text", font="宋体", size=10.5, align="left", line=1),
}


@dataclass(frozen=True)
class Section:
    """The page of one section: what stands in its header and footer; ``numbered`` gives 第 X 页 共 Y 页.

    ``header`` is the running title, put at the inner side, away from the symbol; ``footer`` are lines of the cover.
    """

    header: str = ""
    footer: Sequence[str] = ()
    numbered: bool = True
    footer_at: float = 15.0  # mm between footer and the lower edge of the paper
    bottom: float = 26.0  # mm between text and the lower edge of the paper


@dataclass(frozen=True)
class Template:
    """One Word template: sections with their content (XML of paragraphs and tables), and comments for its editors."""

    title: str
    sections: Sequence[tuple[Section, Sequence[str]]]
    comments: Sequence[str] = ()


def _header(section: Section, even: bool) -> str:
    """Return the header: a line that ends before the symbol's corner (right on odd pages, left on even ones)."""
    if not section.header:
        return paragraph(style="Header")
    # Symbol and reference reach 46 mm inwards from the paper's outer edge: the margin of 26 or 28 mm and 20 mm more.
    outer = f'<w:ind w:{"left" if even else "right"}="{twips(24)}"/>'
    line = '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="4" w:color="000000"/></w:pBdr>'
    return paragraph(section.header, "Header", properties=f'{line}{outer}<w:jc w:val="{"right" if even else "left"}"/>')


def _footer(section: Section) -> str:
    """Return the footer: the page number, or the cover's lines."""
    if section.footer:
        return "".join(paragraph(line, "CoverOffice") for line in section.footer)
    if not section.numbered:
        return paragraph(style="Footer")
    return paragraph(
        style="Footer",
        inner=run("第 ") + field("PAGE", "1") + run(" 页　共 ") + field("NUMPAGES", "1") + run(" 页"),
    )


def _section_properties(section: Section, number: int) -> str:
    """Return ``w:sectPr`` of the section of that number (from 0)."""
    references = "".join(
        f'<w:{part}Reference w:type="{kind}" r:id="{part}{number}{kind}"/>'
        for part in ("header", "footer")
        for kind in ("default", "even")
    )
    return (
        f'<w:sectPr>{references}<w:type w:val="nextPage"/><w:pgSz w:w="{twips(210)}" w:h="{twips(297)}"/>'
        f'<w:pgMar w:top="{twips(46)}" w:right="{twips(26)}" w:bottom="{twips(section.bottom)}" w:left="{twips(28)}" '
        f'w:header="{twips(33)}" w:footer="{twips(section.footer_at)}" w:gutter="0"/></w:sectPr>'
    )


def _parts(template: Template) -> dict[str, str]:
    """Return every part of the package by its name, in the order of the file."""
    body, parts, relations, overrides = "", {}, "", ""
    last = len(template.sections) - 1
    for number, (section, blocks) in enumerate(template.sections):
        properties = _section_properties(section, number)
        body += "".join(blocks)
        body += properties if number == last else paragraph(style="Small", properties=properties)
        for kind in ("default", "even"):
            for part, content in (("header", _header(section, kind == "even")), ("footer", _footer(section))):
                element = "hdr" if part == "header" else "ftr"
                name = f"{part}{number}{kind}"
                parts[f"word/{name}.xml"] = f"{_XML}<w:{element} {NAMESPACES}>{content}</w:{element}>"
                relations += f'<Relationship Id="{name}" Type="{_OFFICE}/{part}" Target="{name}.xml"/>'
                overrides += f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{part}+xml"/>'
    parts["word/document.xml"] = f"{_XML}<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>"
    parts["word/styles.xml"] = _styles()
    parts["word/settings.xml"] = (
        f'{_XML}<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:evenAndOddHeaders/><w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )
    parts["word/comments.xml"] = _comments(template.comments)
    for part in ("styles", "settings", "comments"):
        relations += f'<Relationship Id="{part}" Type="{_OFFICE}/{part}" Target="{part}.xml"/>'
        overrides += f'<Override PartName="/word/{part}.xml" ContentType="{_WORD}.{part}+xml"/>'
    relationships = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    parts["word/_rels/document.xml.rels"] = f"{_XML}<Relationships {relationships}>{relations}</Relationships>"
    parts["docProps/core.xml"] = (
        f'{_XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(template.title)}</dc:title><dc:creator>Truecopy</dc:creator>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2025-05-30T00:00:00Z</dcterms:created></cp:coreProperties>'
    )
    package = {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
            '<Override PartName="/docProps/core.xml" '
            'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
            f"{overrides}</Types>"
        ),
        "_rels/.rels": (
            f'{_XML}<Relationships {relationships}><Relationship Id="document" Type="{_OFFICE}/officeDocument" '
            'Target="word/document.xml"/><Relationship Id="core" Type="http://schemas.openxmlformats.org/package/2006/'
            'relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>'
        ),
    }
    return package | parts


def _styles() -> str:
    """Return ``word/styles.xml``."""
    styles = "".join(style.xml(identifier) for identifier, style in STYLES.items())
    return (
        f"{_XML}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts('仿宋_GB2312')}"
        '<w:sz w:val="28"/><w:szCs w:val="28"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ug-CN"/></w:rPr>'
        f"</w:rPrDefault><w:pPrDefault/></w:docDefaults>{styles}"
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="character" w:styleId="CommentReference"><w:name w:val="annotation reference"/>'
        '<w:rPr><w:sz w:val="21"/></w:rPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
        '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="108" w:type="dxa"/>'
        '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>'
    )


def _comments(comments: Sequence[str]) -> str:
    """Return ``word/comments.xml``: notes for those who edit the template; they are never printed."""
    written = "".join(
        f'<w:comment w:id="{number}" w:author="Truecopy" w:initials="TC" w:date="2025-05-30T00:00:00Z">'
        f"{paragraph(text, 'CommentText')}</w:comment>"
        for number, text in enumerate(comments)
    )
    return f"{_XML}<w:comments {NAMESPACES}>{written}</w:comments>"


def docx(template: Template) -> bytes:
    """Return the .docx file; entries bear a fixed date, so that the same script gives the same file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in _parts(template).items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # as written on Linux, wherever the script runs
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content.encode())
    return file.getvalue()
