"""Descriptions held against poppler's rendering, the fonts' own outlines, and each other."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from toolkit.errors import InputUnreadable, TypesettingError
from toolkit.formal.description import describe
from toolkit.page import PageDescription, Rule, Zone
from toolkit.resources import shared

Typeset = Callable[[str], bytes]


def described(pdf: bytes) -> PageDescription:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        count = len(document.pages)
    return describe(pdf, zones=[()] * count, watermark="正式上报版")[0]


def ink(pdf: bytes, folder: Path, dpi: int = 600) -> np.ndarray:
    """Where poppler puts ink on the upper third of the first page: True where darker than half."""
    path = folder / "page.pdf"
    path.write_bytes(pdf)
    upper_third = ["-x", "0", "-y", "0", "-W", str(9 * dpi), "-H", str(4 * dpi)]
    command = ["pdftoppm", "-r", str(dpi), *upper_third, "-gray", "-singlefile", str(path), str(folder / "page")]
    subprocess.run(command, check=True)
    return np.asarray(Image.open(folder / "page.pgm")) < 128


def test_text_is_what_was_set(typeset: Typeset) -> None:
    page = described(typeset("申报单位：新疆农业科学院 50.00 万元 \u3000 (R&D)"))
    assert page.text == "申报单位：新疆农业科学院50.00万元(R&D)—1—"
    assert (page.width, page.height) == (59528, 84189)
    assert set(page.fonts) == {"NotoSerifSC-Regular", "LiberationSerif"}
    assert {glyph.size for glyph in page.glyphs} == {1050}
    assert page.watermark == "正式上报版"


@pytest.mark.real
def test_boxes_put_the_outlines_of_the_font_where_poppler_puts_ink(typeset: Typeset, tmp_path: Path) -> None:
    pdf = typeset("#set text(size: 16pt)\n田 未 一 。 土 預 𬭎 #h(1em) 口")
    image = ink(pdf, tmp_path, 1200)
    pixel = 7200 / 1200
    font = TTFont(shared("fonts", "NotoSerifSC-Regular.ttf"))
    outlines, names = font["glyf"], font.getBestCmap()
    for glyph in described(pdf).glyphs[:8]:
        outline = outlines[names[ord(glyph.character)]]
        pen, baseline, em = glyph.box[0], glyph.box[3] - 0.12 * glyph.size, glyph.size / font["head"].unitsPerEm
        expected = (
            (pen + outline.xMin * em) / pixel,
            (baseline - outline.yMax * em) / pixel,
            (pen + outline.xMax * em) / pixel,
            (baseline - outline.yMin * em) / pixel,
        )
        x, y = int(glyph.box[0] / pixel) - 9, int(glyph.box[1] / pixel) - 9
        rows, columns = np.nonzero(image[y : int(glyph.box[3] / pixel) + 9, x : int(glyph.box[2] / pixel) + 9])
        seen = (columns.min() + x, rows.min() + y, columns.max() + x + 1, rows.max() + y + 1)
        # poppler puts glyphs on whole pixels, here of 0.06 pt
        assert np.abs(np.subtract(seen, expected)).max() < 1.6, glyph.character


def test_every_glyph_is_one_whatever_it_stands_for(typeset: Typeset) -> None:
    page = described(typeset("𬭎鐵 x\u0307 e\u0301 \uf9dc"))
    assert [glyph.character for glyph in page.glyphs[:5]] == ["𬭎", "鐵", "ẋ", "é", "隆"]


def test_hyphen_at_the_end_of_a_line_is_ink(typeset: Typeset) -> None:
    source = '#box(width: 3cm)[#set text(lang: "en", hyphenate: true); internationalization well-known-well-known]'
    assert described(typeset(source)).text.startswith("internationalizationwell-known-well-known")


def test_arabic_script_reads_as_it_is_written_and_leaves_the_rest_alone(typeset: Typeset) -> None:
    page = described(typeset("申请（ئالىم ئەخمەت）及 (新疆) 𬭎 لا"))
    assert page.text.startswith("申请（ئالىمئەخمەت）及(新疆)𬭎لا")
    uyghur = [glyph for glyph in page.glyphs if "\u0600" < glyph.character < "\u0700"]
    assert all(first.box[0] > second.box[0] for first, second in zip(uyghur[:9], uyghur[1:10], strict=True))


@pytest.mark.real
@pytest.mark.parametrize(
    "text",
    [
        "(新疆) سالام (农) [棉]",
        "سالام (2025)",
        "سالام (ئالىم) (新疆)",
        "سالام（2025）ئالىم",
        "#text(dir: rtl)[سالام (2025) ئالىم [7]]",
    ],
)
def test_brackets_beside_arabic_script_are_those_on_paper(typeset: Typeset, tmp_path: Path, text: str) -> None:
    pdf = typeset(f"#text(size: 16pt)[{text}]")
    image = ink(pdf, tmp_path)
    brackets = [glyph for glyph in described(pdf).glyphs if glyph.character in "()[]（）"]
    assert len(brackets) in (2, 4, 6)
    for glyph in brackets:
        x0, y0, x1, y1 = (edge * 600 // 7200 for edge in glyph.box)
        shape = image[y0 : y1 + 1, x0 : x1 + 1]
        columns = shape.any(axis=0).nonzero()[0]
        middle = shape[shape.shape[0] // 2].nonzero()[0].mean()
        assert (glyph.character in "([（") == (middle < (columns[0] + columns[-1]) / 2)


def test_coloured_text_is_a_face_of_its_own(typeset: Typeset) -> None:
    page = described(typeset('黑#text(fill: rgb("#C00000"))[红]'))
    assert [page.fonts[glyph.font] for glyph in page.glyphs[:2]] == [
        "NotoSerifSC-Regular",
        "NotoSerifSC-Regular#C00000",
    ]


def test_rules_are_the_ink_of_lines_and_boxes(typeset: Typeset) -> None:
    source = """#place(top + left, dx: -28mm, dy: -46mm)[
      #place(dx: 100pt, dy: 200pt, line(length: 50pt, stroke: 1pt))
      #place(dx: 100pt, dy: 210pt, rect(width: 50pt, height: 20pt, fill: rgb("#E6E6E6")))
      #place(dx: 100pt, dy: 240pt, rect(width: 50pt, height: 20pt, stroke: 2pt + red))
      #place(dx: 100pt, dy: 270pt, circle(radius: 10pt))]"""
    rules = described(typeset(source)).rules
    assert rules[0] == Rule("line", (10000, 19950, 15000, 20050), "000000")
    assert rules[1] == Rule("box", (10000, 21000, 15000, 23000), "E6E6E6")
    assert [rule.kind for rule in rules[2:6]] == ["box"] * 4 or [rule.kind for rule in rules[2:6]] == ["line"] * 4
    assert rules[2].box == (9900, 23900, 15100, 24100)
    assert rules[6].kind.startswith("path:") and rules[6].box == (9950, 26950, 12050, 29050)


def test_pictures_have_their_place_and_digest(typeset: Typeset) -> None:
    one, two = (described(typeset(f"#image(picture, width: {width})")).pictures for width in ("4cm", "2cm"))
    (first,), (second,) = one, two
    assert first.box[2] - first.box[0] == pytest.approx(11339, abs=2)
    assert first.box[0] == 7937 and len(first.digest) == 64 and second.box[0] == 7937


DIFFERENT = [
    ("50.00", "80.00"),
    ("#text(fill: red)[甲]", "甲"),
    ("#circle(radius: 1cm)", "#polygon((0cm, 1cm), (1cm, 0cm), (2cm, 1cm), (1cm, 2cm))"),
    ("#circle(radius: 1cm)", "#rect(width: 2cm, height: 2cm)"),
    ("#rect(width: 2cm, height: 2cm)", "#rect(width: 2cm, height: 2cm, fill: black)"),
    ("#line(length: 3cm)", '#line(length: 3cm, stroke: (dash: "dashed"))'),
    ("#line(end: (2cm, 2cm))", "#line(start: (0cm, 2cm), end: (2cm, 0cm))"),
    ("#image(picture)", "#rotate(180deg, image(picture))"),
    (
        "#box(clip: true, width: 1cm, image(picture, width: 2cm))",
        "#box(width: 1cm, image(picture, width: 1cm))",
    ),
    (
        "#box(clip: true, width: 1cm, height: 1cm, place(image(picture, width: 2cm)))",
        "#box(clip: true, width: 1cm, height: 1cm, place(dx: -1cm, image(picture, width: 2cm)))",
    ),
    (
        "#rect(fill: gradient.linear(red, blue))",
        "#rect(fill: gradient.linear(blue, red))",
    ),
    ("#rect(fill: rgb(200, 0, 0, 50%))", "#rect(fill: rgb(200, 0, 0, 60%))"),
    ("#rotate(180deg)[田]", "田"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_pages_have_different_digests(typeset: Typeset, one: str, other: str) -> None:
    assert described(typeset(one)).digest != described(typeset(other)).digest


def test_the_same_pdf_is_described_the_same_twice(four_pages: bytes) -> None:
    zone = Zone("chop", "chop", (1, 2, 3, 4))
    first = describe(four_pages, zones=[[zone], [], [], []], watermark="x")
    assert first == describe(four_pages, zones=[[zone], [], [], []], watermark="x")
    assert first[0].zones == (zone,)
    assert PageDescription.from_plain(first[0].to_plain()) == first[0]
    assert len({page.digest for page in first}) == 4  # the zone, then the page numbers


def test_what_lies_in_a_form_is_described_where_it_lies(typeset: Typeset) -> None:
    pdf = typeset("甲乙#line(length: 3cm)#image(picture, width: 2cm)")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        page = document.pages[0]
        form = document.make_stream(page.obj.Contents.read_bytes())
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, page.obj.MediaBox
        form.Resources = page.obj.Resources
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=form))
        page.obj.Contents = document.make_stream(b"q 0.5 0 0 0.5 50 60 cm /Fm0 Do Q")
        wrapped = io.BytesIO()
        document.save(wrapped)
    whole, half = described(pdf), described(wrapped.getvalue())
    assert half.text == whole.text and half.fonts == whole.fonts
    assert {glyph.size for glyph in half.glyphs} == {525}

    def halved(box: tuple[int, ...]) -> tuple[float, ...]:
        x0, y0, x1, y1 = box
        return (x0 / 2 + 5000, y0 / 2 + 84189 / 2 - 6000, x1 / 2 + 5000, y1 / 2 + 84189 / 2 - 6000)

    for before, after in zip(
        whole.glyphs + whole.rules + whole.pictures, half.glyphs + half.rules + half.pictures, strict=True
    ):
        assert after.box == pytest.approx(halved(before.box), abs=2)


def _reportlab(draw: Callable[[Canvas], object]) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_a_font_that_is_not_embedded_is_refused() -> None:
    with pytest.raises(TypesettingError, match=r"page 1 .* Helvetica"):
        described(_reportlab(lambda canvas: canvas.drawString(100, 100, "R&D")))


def test_a_form_field_is_refused() -> None:
    with pytest.raises(TypesettingError, match="form field"):
        described(_reportlab(lambda canvas: canvas.acroForm.checkbox(x=10, y=10)))


def test_a_rotated_page_is_refused() -> None:
    with pytest.raises(TypesettingError, match="rotated"):
        described(_reportlab(lambda canvas: canvas.setPageRotation(90)))


@pytest.mark.parametrize("keep", [0, 1, 300, 5000])
def test_what_is_no_whole_pdf_is_refused(four_pages: bytes, keep: int) -> None:
    with pytest.raises(InputUnreadable):
        describe(four_pages[:keep], zones=[], watermark="")


def test_an_encrypted_pdf_is_refused(four_pages: bytes) -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(four_pages)) as document:
        document.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(InputUnreadable):
        describe(locked.getvalue(), zones=[], watermark="")


def test_zones_are_needed_for_every_page(four_pages: bytes) -> None:
    with pytest.raises(ValueError, match="zones for 1 pages"):
        describe(four_pages, zones=[()], watermark="")
