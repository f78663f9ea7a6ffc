"""What the office forms of the tests have in common: paper, faces, titles, a sentence to fill them with."""

from __future__ import annotations

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

BODY = "各单位要充分认识做好此项工作的重要意义，认真组织，按时报送有关材料，逾期不予受理。"
"""A sentence of an office."""


def new() -> WordDocument:
    """Return an empty A4 document in 仿宋."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(14)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋_GB2312")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    return document


def faced(paragraph: Paragraph, face: str, size: float, *, bold: bool = False) -> Paragraph:
    """Set a paragraph's runs in a Chinese face of that size in points."""
    for run in paragraph.runs:
        run.font.size, run.bold = Pt(size), bold
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    return paragraph


def title(document: WordDocument, text: str) -> None:
    """Add a title."""
    paragraph = faced(document.add_paragraph(text), "方正小标宋简体", 22)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
