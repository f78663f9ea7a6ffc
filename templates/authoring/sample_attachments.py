"""Writes the attachments that the samples name: one page each, which says what would stand there."""

from __future__ import annotations

import io
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

ATTACHMENTS = {
    "funds-proof.pdf": "自筹经费出资证明及相关财务资料",
    "cooperation-agreement.pdf": "中哈合作协议（中文、俄文）",
    "partners-agreement.pdf": "参与单位任务分工与知识产权协议",
    "unit-certificate.pdf": "申报单位法人证书",
    "leader-certificates.pdf": "项目负责人学历、职称证明",
    "earlier-results.pdf": "前期成果（专利、论文、标准）",
}
_FONT = "Attachment"


def attachment(title: str) -> bytes:
    """Return the page of that title as PDF."""
    pdfmetrics.registerFont(TTFont(_FONT, str(Path(__file__).parents[2] / "fonts/NotoSerifSC-Regular.ttf")))
    data = io.BytesIO()
    # invariant: no time of day in the file
    canvas = Canvas(data, pagesize=A4, invariant=True, initialFontName=_FONT, lang="zh-CN")
    canvas.setTitle(title)
    width, height = A4
    canvas.setFont(_FONT, 20)
    canvas.drawCentredString(width / 2, height - 70 * mm, title)
    canvas.setFont(_FONT, 12)
    canvas.drawCentredString(width / 2, height - 90 * mm, "（样例附件，内容从略）")
    canvas.save()
    return data.getvalue()
