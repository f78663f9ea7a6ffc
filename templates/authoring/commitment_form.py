"""The commitment letter of a unit as a PDF form: the one document of the sample programme open-cooperation-2026.

Its fields are named as the variables that they print, or as programme.toml says; those of zones as the zones.
"""

from __future__ import annotations

from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from templates.authoring.form_fields import COMBO, MULTILINE, RADIO, FormField, with_fields
from toolkit.resources import shared

_WIDTH, _HEIGHT = 595.28, 841.89
_LEFT, _RIGHT = 80.0, 523.0
_SIZE, _LINE = 12.0, 26.0
_TICK = 13.0
_KINDS = ("县级科技局", "园区管委会", "其他")


class _Letter:
    """Writes the letter from top to bottom, text and fields in the order of reading."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.y = _HEIGHT - 152
        self.fields: list[FormField] = []

    def line(self, *parts: str | tuple[str, float], indent: float = 0.0) -> None:
        """Write a line of texts and of fields, each a name and a width."""
        x = _LEFT + indent
        for part in parts:
            if isinstance(part, str):
                self.canvas.setFont("NotoSerifSC-Regular", _SIZE)
                self.canvas.drawString(x, self.y, part)
                x += pdfmetrics.stringWidth(part, "NotoSerifSC-Regular", _SIZE)
            else:
                name, width = part
                self._field(name, x + 2, width - 4, 18)
                self.canvas.setLineWidth(0.5)
                self.canvas.line(x + 2, self.y - 4, x + width - 2, self.y - 4)
                x += width
        self.y -= _LINE

    def area(self, name: str, height: float) -> None:
        """Draw a frame with a field of several lines."""
        self.y += _LINE - 10
        self.canvas.rect(_LEFT, self.y - height, _RIGHT - _LEFT, height)
        box = (_LEFT + 2, self.y - height + 2, _RIGHT - 2, self.y - 2)
        self.fields.append(FormField(name, "Tx", (box,), flags=MULTILINE, size=11))
        self.y -= height + _LINE

    def box(self, name: str, text: str) -> None:
        """Write a line behind a box to tick."""
        self.fields.append(FormField(name, "Btn", (self._tick(_LEFT),), border=0.7))
        self.line(text, indent=20)

    def choices(self, name: str, before: str, texts: tuple[str, ...]) -> None:
        """Write a line with circles, one of which is to be ticked."""
        self.canvas.setFont("NotoSerifSC-Regular", _SIZE)
        self.canvas.drawString(_LEFT, self.y, before)
        x = _LEFT + pdfmetrics.stringWidth(before, "NotoSerifSC-Regular", _SIZE)
        boxes = []
        for text in texts:
            boxes.append(self._tick(x))
            self.canvas.drawString(x + 18, self.y, text)
            x += 34 + pdfmetrics.stringWidth(text, "NotoSerifSC-Regular", _SIZE)
        self.fields.append(FormField(name, "Btn", tuple(boxes), flags=RADIO, options=texts, border=0.7))
        self.y -= _LINE

    def _tick(self, x: float) -> tuple[float, float, float, float]:
        return (x, self.y - 2, x + _TICK, self.y - 2 + _TICK)

    def _field(self, name: str, x: float, width: float, height: float) -> None:
        box = (x, self.y - 4, x + width, self.y - 4 + height)
        if name == "recommending_unit.kind":
            self.fields.append(FormField(name, "Ch", (box,), flags=COMBO, options=_KINDS))
        else:
            self.fields.append(FormField(name, "Tx", (box,)))

    def zones(self) -> None:
        """Draw the table for signature, date and chop."""
        top, row = self.y + 8, 50.0
        for y in (top, top - row, top - 2 * row):
            self.canvas.line(_LEFT, y, 360 if y == top - row else _RIGHT, y)
        for x in (_LEFT, 190.0, 360.0, _RIGHT):
            self.canvas.line(x, top, x, top - 2 * row)
        for place, (text, name) in enumerate((("法定代表人（签字）", "unit_signature"), ("日　　期", "unit_date"))):
            y = top - place * row
            self.canvas.drawString(_LEFT + 6, y - 29, text)
            self._zone(name, 191, y - row + 1, 168, row - 2)
        self._zone("unit_chop", 361, top - 2 * row + 1, _RIGHT - 362, 2 * row - 2)
        self.canvas.setFont("NotoSerifSC-Regular", 9)
        self.canvas.drawString(420, top - 2 * row + 8, "（公　章）")

    def _zone(self, name: str, x: float, y: float, width: float, height: float) -> None:
        kind = "Sig" if name == "unit_signature" else "Tx"
        self.fields.append(FormField(name, kind, ((x, y, x + width, y + height),)))


def commitment_form() -> bytes:
    """Return the form, the same bytes every time."""
    for name in ("NotoSerifSC-Regular", "NotoSansSC-Medium"):
        pdfmetrics.registerFont(TTFont(name, shared("fonts", f"{name}.ttf")))
    written = BytesIO()
    canvas = Canvas(
        written, pagesize=(_WIDTH, _HEIGHT), invariant=1, initialFontName="NotoSerifSC-Regular", initialFontSize=_SIZE
    )
    canvas.setTitle("诚信承诺书")
    letter = _Letter(canvas)
    canvas.setFont("NotoSansSC-Medium", 18)
    canvas.drawCentredString(_WIDTH / 2, letter.y, "国际合作引导项目诚信承诺书")
    letter.y -= 44
    letter.line("本单位", ("applicant_unit.name", 260), "申报项目", indent=24)
    letter.line(("项目名称", 443))
    letter.line("项目负责人", ("leader.name", 180), "，申请资助", ("经费", 90), "万元。")
    letter.line("推荐单位类别：", ("recommending_unit.kind", 130), "填报日期：", ("填报日期", 130))
    letter.choices("category", "项目类别：", ("联合研究", "人才交流"))
    letter.box("不涉密", "本单位确认申报材料不涉及国家秘密。")
    letter.line("合作内容与承诺：")
    letter.area("承诺", 230)
    letter.zones()
    canvas.save()
    return with_fields(written.getvalue(), letter.fields)
