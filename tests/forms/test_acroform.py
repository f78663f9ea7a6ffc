"""PDF forms as templates: what is read, what is filled in, what is refused."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pikepdf
import pypdf
import pypdfium2
import pytest
from pdf_forms import a_form, a_text, changed, plain_page
from pikepdf import Array, Dictionary, Name, String
from pikepdf.pdfa import validate_written

from templates.authoring.form_fields import COMBO, MULTILINE, RADIO, FormField
from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.acroform import Kind, fields_of, opened
from toolkit.forms.acroform_drawing import SMALLEST
from toolkit.forms.acroform_filling import set_acroform
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import TypesetForm
from toolkit.resources import shared

FONTS = FontCatalogue.load(shared("fonts"))
NOW = datetime(2026, 4, 10, tzinfo=UTC)


def fill(form: bytes, context: dict[str, object], **how: object) -> TypesetForm:
    named = {"expressions": {}, "zones": (), "name": "form.pdf", "fonts": FONTS, "created": NOW} | how
    return set_acroform(form, context, **named)  # type: ignore[arg-type]


def text_of(made: TypesetForm, page: int = 0) -> str:
    return pypdf.PdfReader(io.BytesIO(made.pdf)).pages[page].extract_text()


def sizes_of(made: TypesetForm, characters: str) -> set[float]:
    found = set()
    page = pypdfium2.PdfDocument(made.pdf)[0]
    text = page.get_textpage()
    whole = text.get_text_range()
    start = whole.index(characters)
    for index in range(start, start + len(characters)):
        left, bottom, right, top = text.get_charbox(index, loose=True)
        found.add(round(right - left, 1))
    return found


def test_values_of_four_scripts_stand_where_they_are_read() -> None:
    labels = [(80, 700, "单位："), (300, 700, "负责人："), (80, 660, "说明：")]
    form = a_form(
        a_text("说明", (120, 560, 500, 672), flags=MULTILINE),  # in the file before what is read before it
        a_text("leader.name", (350, 696, 500, 714)),
        a_text("unit", (120, 696, 290, 714)),
        labels=labels,
    )
    said = "第一行：хлопок және мақта\nبىز ئىشلەيمىز\nҚазақстан — Россия"
    made = fill(form, {"unit": "天山农科院", "leader": {"name": "李堃"}, "note": said}, expressions={"说明": "note"})
    lines = [line.strip() for line in text_of(made).splitlines() if line.strip()]
    assert lines[:5] == ["单位：", "天山农科院", "负责人：", "李堃", "说明："]
    assert lines[5] == "第一行：хлопок және мақта" and lines[-1] == "Қазақстан — Россия"
    uyghur = "".join(sorted("".join(lines[6:-1]).replace("\u202c", "").replace("\u202b", "")))
    assert sorted(uyghur.replace(" ", "")) == sorted("بىز ئىشلەيمىز".replace(" ", ""))
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert "/AcroForm" not in pdf.Root and all("/Annots" not in page for page in pdf.pages)
    assert {"NotoSerifSC-Regular", "LiberationSerif", "UKIJTuz"} <= {face.postscript_name for face in made.faces}


def test_boxes_are_ticked_and_choices_printed() -> None:
    form = a_form(
        FormField("secret", "Btn", ((80, 700, 92, 712),), border=1),
        FormField("open", "Btn", ((80, 680, 92, 692),), border=1),
        FormField("kind", "Btn", ((80, 640, 92, 652), (180, 640, 192, 652)), flags=RADIO, options=("企业", "高校")),
        FormField("list", "Ch", ((80, 600, 200, 618),), flags=COMBO, options=("甲类", "乙类")),
    )
    made = fill(form, {"secret": False, "open": True, "kind": "高校", "list": "乙类"})
    page = pypdfium2.PdfDocument(made.pdf)[0].get_textpage()
    text = page.get_text_range()
    ticks = [page.get_charbox(index)[:2] for index, character in enumerate(text) if character == "√"]
    assert len(ticks) == 2 and "乙类" in text and "甲类" not in text
    assert {(80 <= x <= 92 and 680 <= y <= 692) or (180 <= x <= 192 and 640 <= y <= 652) for x, y in ticks} == {True}
    with pytest.raises(TypesettingError, match="“kind” is not among its choices.*“list” is not among its choices"):
        fill(form, {"secret": False, "open": True, "kind": "个人", "list": "丙类"})


def test_empty_is_printed_as_in_word_forms_and_dates_by_their_filter() -> None:
    form = a_form(a_text("a"), a_text("b|blank", (150, 460, 400, 478)), a_text("day|cn_date", (150, 420, 400, 438)))
    made = fill(form, {"a": None, "b": None, "day": date(2026, 4, 8)})
    assert "".join(text_of(made).split()) == "项目申报表无2026年4月8日"


def test_what_is_too_long_shrinks_and_then_is_an_error_that_keeps_the_value_to_itself() -> None:
    form = a_form(a_text("title", (150, 496, 270, 514)), a_text("id", (150, 460, 270, 478)))
    assert sizes_of(fill(form, {"title": "棉花种质" * 2, "id": "无"}), "棉花种质") == {12.0}
    small = sizes_of(fill(form, {"title": "棉花种质" * 3, "id": "无"}), "棉花种质")
    assert max(small) < 12 and min(small) >= SMALLEST
    with pytest.raises(
        TypesettingError, match=r"7\.5 pt.*“title” \(60 characters\), “id” \(54 characters\)"
    ) as refused:
        fill(form, {"title": "棉花种质" * 15, "id": "653101197905160007" * 3})
    assert "6531011979" not in str(refused.value)
    several = a_form(a_text("note", (150, 400, 270, 440), flags=MULTILINE))
    with pytest.raises(TypesettingError, match=r"“note” \(400 characters\)"):
        fill(several, {"note": "棉花种质" * 100})


def test_the_number_of_characters_that_a_field_takes_is_kept() -> None:
    def comb(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.Fields[0].MaxLen = 6
        pdf.Root.AcroForm.Fields[0].Ff = 1 << 24

    form = changed(a_form(a_text("code", (150, 496, 270, 514))), comb)
    page = pypdfium2.PdfDocument(fill(form, {"code": "830000"}).pdf)[0].get_textpage()
    text = page.get_text_range()
    middles = [sum(page.get_charbox(at)[::2]) / 2 for at, character in enumerate(text) if character.isdigit()]
    assert middles == pytest.approx([160, 180, 200, 220, 240, 260], abs=1)
    with pytest.raises(TypesettingError, match="“code” has 7 characters, its box takes 6"):
        fill(form, {"code": "8300001"})


def test_unknown_and_missing_fields_are_told_all_at_once() -> None:
    form = a_form(
        a_text("titel"), a_text("leader.nmae", (150, 460, 400, 478)), FormField("Sig1", "Sig", ((80, 300, 200, 340),))
    )
    with pytest.raises(TemplateError, match=r"lacks: 推荐单位, chop; .* nothing fills: titel, leader\.nmae, Sig1"):
        fill(form, {"title": "x", "leader": {"name": "y"}}, expressions={"推荐单位": "title"}, zones=["chop"])


def test_names_are_no_code() -> None:
    for name in ("''.__class__.__mro__", "range(10**9)|list", "title.format('x')", "[].append"):
        form = changed(
            a_form(a_text("x")), lambda pdf, name=name: setattr(pdf.Root.AcroForm.Fields[0], "T", String(name))
        )
        with pytest.raises((TemplateError, TypesettingError)):
            fill(form, {"title": "t"})


def test_zones_are_fields_that_stay_empty_and_odd_pages_get_a_back() -> None:
    form = a_form(a_text("unit_chop", (400, 100, 500, 200)), FormField("sign", "Sig", ((80, 100, 200, 150),)))
    made = fill(form, {"unit_chop": "x"}, zones=["unit_chop", "sign"], even=True)
    assert [(each.name, each.page, each.box) for each in made.anchors] == [
        ("unit_chop", 1, (40000, 64189, 50000, 74189)),
        ("sign", 1, (8000, 69189, 20000, 74189)),
    ]
    assert (made.pages, made.padded) == (2, True)
    assert "".join(text_of(made, 1).split()) == "此页无正文"
    assert text_of(made).split() == ["项目申报表"]
    assert fill(form, {}, zones=["unit_chop", "sign"]).pages == 1


def test_the_same_input_gives_the_same_bytes() -> None:
    form = a_form(a_text("a"))
    assert fill(form, {"a": "甲"}).pdf == fill(form, {"a": "甲"}).pdf


def test_values_are_drawn_upright_whatever_state_the_page_is_left_in() -> None:
    """Scaled, coloured and clipped pages: the value stands in its box, in black."""

    def spoil(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        own = page.Contents.read_bytes()
        page.Contents = pdf.make_stream(b"0.5 0 0 0.5 7 9 cm 1 0 0 rg q 0 0 9 9 re W n " + own)

    form = changed(a_form(a_text("a", (150, 300, 400, 318))), spoil)
    page = pypdfium2.PdfDocument(fill(form, {"a": "甲乙丙"}).pdf)[0]
    text = page.get_textpage()
    index = text.get_text_range().index("甲")
    left, bottom, right, top = text.get_charbox(index, loose=True)
    assert (left, right - left) == pytest.approx((152, 12), abs=0.5) and 300 <= bottom + 3 < top <= 320
    image = page.render(scale=2).to_pil().crop((300, 2 * 523, 360, 2 * 542)).convert("RGB")
    assert np.asarray(image).min() == 0
    assert (np.asarray(image).max(axis=2) < 40).any()  # black, not red


# Refused


def script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def format_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.Fields[0].AA = Dictionary(F=Dictionary(S=Name.JavaScript, JS=String("AFDate_FormatEx()")))


def launch(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))


def embedded(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["virus.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ")


def xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp/>")


def layers(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties = Dictionary(OCGs=Array())


def rotated(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Rotate = 90


def button(pdf: pikepdf.Pdf) -> None:
    field = pdf.Root.AcroForm.Fields[0]
    field.FT, field.Ff = Name.Btn, 1 << 16


def huge_picture(pdf: pikepdf.Pdf) -> None:
    picture = pdf.make_stream(b"x", Type=Name.XObject, Subtype=Name.Image, Width=60_000, Height=60_000)
    pdf.pages[0].Resources.XObject = Dictionary(P=picture)


def nested(pdf: pikepdf.Pdf) -> None:
    inner = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1])
    outer = pdf.make_stream(b"/I Do " * 10, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1])
    outer.Resources = Dictionary(XObject=Dictionary(I=inner))
    pdf.pages[0].Resources.XObject = Dictionary(O=outer)


def bomb(pdf: pikepdf.Pdf) -> None:
    packed = zlib.compress(b" " * (400 << 20), 9)
    pdf.pages[0].Contents = pikepdf.Stream(pdf, packed, Filter=Name.FlateDecode)


def many_pages(pdf: pikepdf.Pdf) -> None:
    for _ in range(60):
        pdf.add_blank_page()


def circle(pdf: pikepdf.Pdf) -> None:
    field = pdf.Root.AcroForm.Fields[0]
    field.Kids = Array([field])
    field.Parent = field


def press_ink(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"q 0 1 1 0 k 10 10 20 20 re f Q")


def press_picture(pdf: pikepdf.Pdf) -> None:
    how = {
        "Width": 1,
        "Height": 1,
        "BitsPerComponent": 8,
        "ColorSpace": Array([Name.Indexed, Name.DeviceCMYK, 0, b"x"]),
    }
    picture = pdf.make_stream(b"\0", Type=Name.XObject, Subtype=Name.Image, **how)
    pdf.pages[0].Resources.XObject = Dictionary(P=picture)


def press_spot(pdf: pikepdf.Pdf) -> None:
    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 1, 0, 0], N=1)
    pdf.pages[0].Resources.ColorSpace = Dictionary(S=Array([Name.Separation, Name.Red, Name.DeviceCMYK, tint]))


def font_elsewhere(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Resources.Font.H = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.pages[0].contents_add(b"BT /H 12 Tf 10 10 Td (No) Tj ET")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (press_ink, "page 1 has colours for printing presses"),
        (press_picture, "colours for printing presses"),
        (press_spot, "colours for printing presses"),
        (font_elsewhere, "the font Helvetica, which is not embedded"),
    ],
)
def test_what_no_archive_keeps_is_refused_by_name(change: Callable[[pikepdf.Pdf], None], says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        fill(changed(a_form(a_text("a")), change), {"a": "甲"})


def test_transparency_may_stay_and_what_nobody_sees_is_taken_out() -> None:
    def soften(pdf: pikepdf.Pdf) -> None:
        how = {"Width": 1, "Height": 1, "BitsPerComponent": 8, "ColorSpace": Name.DeviceGray, "Interpolate": True}
        picture = pdf.make_stream(b"\x80", Type=Name.XObject, Subtype=Name.Image, **how)
        pdf.pages[0].Resources.XObject = Dictionary(P=picture)
        pdf.pages[0].Resources.ExtGState = Dictionary(T=Dictionary(ca=0.5))
        # A font that is listed and never used is no font of the page.
        pdf.pages[0].Resources.Font.H = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.pages[0].contents_add(b"q /T gs 40 0 0 40 80 600 cm /P Do Q")

    made = fill(changed(a_form(a_text("a")), soften), {"a": "甲"})
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert "/Interpolate" not in pdf.pages[0].Resources.XObject.P
    image = pypdfium2.PdfDocument(made.pdf)[0].render(scale=1).to_pil()
    assert image.getpixel((100, 842 - 620)) == pytest.approx((191, 191, 191), abs=1)  # half of middle grey over white
    plain = fill(a_form(a_text("a")), {"a": "甲"})  # what the print set does away with is in both
    before, after = (
        {(each.rule, each.message) for each in validate_written(io.BytesIO(form.pdf), "2b").findings}
        for form in (plain, made)
    )
    assert after == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (script, "JavaScript"),
        (format_script, "JavaScript"),
        (launch, "Launch"),
        (embedded, "other files"),
        (xfa, "XFA"),
        (layers, "layers"),
        (rotated, "rotated"),
        (button, "“a” is a button"),
        (huge_picture, "million pixels"),
        (nested, "within drawings"),
        (bomb, "too large when it is unpacked|drawn by more than"),
        (many_pages, "50 pages"),
        (circle, "."),
    ],
)
def test_forms_that_act_or_have_no_bounds_are_refused(change: Callable[[pikepdf.Pdf], None], says: str) -> None:
    form = changed(a_form(a_text("a")), change)
    with pytest.raises(TemplateError, match=says):
        fill(form, {"a": "甲"})


def test_what_is_no_form_is_refused() -> None:
    with pytest.raises(TemplateError, match="not a PDF that can be used"):
        fill(b"%PDF-1.7 nothing", {})
    with pytest.raises(TemplateError, match="has no form fields"):
        fill(plain_page([]), {})
    with pikepdf.open(io.BytesIO(a_form(a_text("a")))) as pdf:
        locked = io.BytesIO()
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user=""))
    with pytest.raises(TemplateError, match="encryption"):
        fill(locked.getvalue(), {"a": "甲"})
    with pytest.raises(TypesettingError, match=r"no font has the character .*U\+13000.* of the field “a”"):
        fill(a_form(a_text("a")), {"a": "\U00013000"})


def test_fields_are_read_with_what_they_inherit() -> None:
    def parents(pdf: pikepdf.Pdf) -> None:
        field = pdf.Root.AcroForm.Fields[0]
        parent = pdf.make_indirect(Dictionary(T=String("leader"), Kids=Array([field]), Q=2, DA=field.DA))
        field.Parent, field.T = parent, String("name")
        del field.DA
        pdf.Root.AcroForm.Fields = Array([parent])

    with opened(changed(a_form(a_text("x", size=10)), parents), "form.pdf") as pdf:
        (field,) = fields_of(pdf, "form.pdf")
    assert (field.name, field.kind, field.size, field.align, field.font) == (
        *("leader.name", Kind.TEXT, 10.0, 2, "Helvetica"),
    )
