"""Runs: which font and size every character gets, how it is decorated, and that text is never source."""

from __future__ import annotations

import pytest
from set_pages import fonts, page, typeset_body
from word_files import paragraph

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.typst_text import Script, length, quoted, segments
from toolkit.forms.word_symbols import SIGNS

FONT = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Arial" w:eastAsia="{}" w:cs="UKIJ Tuz"/>'


def near(value: float, tolerance: float = 0.02) -> object:
    return pytest.approx(value, abs=tolerance)


def font_of(result: object, text: str) -> str:
    return result.at(text).font  # type: ignore[attr-defined, no-any-return]


def test_texts_are_parted_by_script() -> None:
    parted = list(segments("中文 abc，Қазақ“x”ئۇيغۇر²", east_asian=True))
    assert parted == [
        (Script.EAST_ASIAN, "中文 "),
        (Script.WESTERN, "abc"),
        (Script.EAST_ASIAN, "，"),
        (Script.OTHER_WESTERN, "Қазақ"),
        (Script.EAST_ASIAN, "“"),
        (Script.WESTERN, "x"),
        (Script.EAST_ASIAN, "”"),
        (Script.COMPLEX, "ئۇيغۇر"),
        (Script.OTHER_WESTERN, "²"),
    ]
    assert "".join(piece for _, piece in parted) == "中文 abc，Қазақ“x”ئۇيغۇر²"
    assert list(segments("“x”", east_asian=False))[0] == (Script.OTHER_WESTERN, "“")


def test_strings_and_lengths_are_written_so_that_typst_reads_them_back() -> None:
    assert quoted('a"b\\c\nd\t#{}') == '"a\\"b\\\\c\\nd\\t#{}"'
    assert [length(points) for points in (0.0, 1.0, -2.5, 12.3456789, 1e-9)] == [
        "0pt",
        "1pt",
        "-2.5pt",
        "12.346pt",
        "0pt",
    ]


@pytest.mark.parametrize(
    ("face", "font"),
    [
        ("宋体", "NotoSerifSC-Regular"),
        ("仿宋_GB2312", "TruecopyFangSong-Regular"),
        ("黑体", "NotoSansSC-Regular"),
        ("楷体", "TruecopyKai-Regular"),
        ("方正小标宋简体", "NotoSerifSC-Bold"),
        ("没有的字体", "NotoSerifSC-Regular"),
    ],
)
def test_every_character_is_set_in_the_face_of_its_script(face: str, font: str) -> None:
    result = page(paragraph("中文，abc 12 Қазақ ئۇيغۇر。", "", FONT.format(face)))
    assert {result.at(text).font for text in "中，。"} == {font}
    assert {result.at(text).font for text in ("abc", "12")} == {"LiberationSerif"}
    assert result.at("Қазақ").font == "LiberationSans"
    assert {c.font for c in result.characters if "\u0600" <= c.text <= "\u06ff"} == {"UKIJTuz"}


def test_punctuation_of_both_scripts_goes_with_the_paragraph() -> None:
    chinese = page(paragraph("他说“R&amp;D”……——完", "", FONT.format("仿宋")))
    assert {chinese.at(mark).font for mark in "“”…—"} == {"TruecopyFangSong-Regular"}
    western = page(paragraph("He said “R&amp;D” … — end", "", FONT.format("仿宋")))
    assert {western.at(mark).font for mark in "“”…—"} == {"LiberationSans"}
    hinted = FONT.format("仿宋").replace("/>", ' w:hint="eastAsia"/>')
    assert page(paragraph("“R”", "", hinted)).at("“").font == "TruecopyFangSong-Regular"


def test_rare_characters_fall_back_to_a_font_that_has_them() -> None:
    result = page(paragraph("喆堃𬭎昇玥 10⁻³", "", FONT.format("仿宋_GB2312")))
    assert result.text == "喆堃𬭎昇玥10⁻³"
    assert result.at("𬭎").font == "NotoSerifSC-Regular"


def test_a_character_that_no_font_has_is_an_error_that_names_it_and_its_paragraph() -> None:
    with pytest.raises(TypesettingError) as caught:
        typeset_body(paragraph("前一段") + paragraph("负责人：李\U0001f600某") + paragraph("后一段"))
    message = str(caught.value)
    assert "“\U0001f600” (U+1F600)" in message
    assert "负责人：李" in message
    assert "“form.docx”" in message


def test_sizes_and_scripts_above_and_below() -> None:
    runs = (
        '<w:r><w:rPr><w:sz w:val="32"/></w:rPr><w:t>大</w:t></w:r><w:r><w:t>10</w:t></w:r>'
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>9</w:t></w:r>'
        '<w:r><w:rPr><w:vertAlign w:val="subscript"/></w:rPr><w:t>8</w:t></w:r>'
        '<w:r><w:rPr><w:position w:val="6"/></w:rPr><w:t>7</w:t></w:r>'
    )
    result = page(f"<w:p>{runs}</w:p>")
    base = result.at("1").y
    assert [result.at(c).size for c in "大198"] == [near(16), near(12), near(7.8), near(7.8)]
    assert [base - result.at(c).y for c in "大987"] == [near(0), near(4.2), near(-1.68), near(3)]


def test_bold_is_bold_in_fonts_that_have_it_and_made_so_in_others() -> None:
    result = page(paragraph("宋abc", "", FONT.format("宋体") + "<w:b/>"))
    assert (result.at("宋").font, result.at("abc").font) == ("NotoSerifSC-Bold", "LiberationSerif-Bold")
    plain = typeset_body(paragraph("仿宋", "", FONT.format("仿宋")))
    made = typeset_body(paragraph("仿宋", "", FONT.format("仿宋") + "<w:b/>"))
    assert [face.path.name for face in made.faces] == ["TruecopyFangSong-Regular.ttf"]
    assert ink(made.pdf) > 1.15 * ink(plain.pdf)


def ink(pdf: bytes) -> int:
    """Return how dark the first page is, rendered at 200 dpi."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        image = document[0].render(scale=200 / 72, grayscale=True).to_pil()
    finally:
        document.close()
    return sum((255 - level) * count for level, count in enumerate(image.histogram()))


def test_italics_where_a_font_has_them_and_an_error_where_not() -> None:
    assert page(paragraph("abc", "", "<w:i/>")).at("abc").font == "LiberationSerif-Italic"
    with pytest.raises(TypesettingError, match="宋体 has no italics"):
        typeset_body(paragraph("中文", "", "<w:i/>"))


def test_an_underline_runs_under_text_and_blanks_alike() -> None:
    result = page(paragraph("签字：") + paragraph("　　　　", "", "<w:u w:val='single'/>"))
    (line,) = result.paths
    assert line[2] - line[0] == near(48, 2)
    mixed = page(paragraph("名称abc", "", "<w:u w:val='single'/>"))
    assert len({round(box[1], 1) for box in mixed.paths}) == 1
    doubled = page(paragraph("名称", "", "<w:u w:val='double'/>"))
    assert len(doubled.paths) == 2


KINDS = ["single", "thick", "double", "dotted", "dash", "dashLong", "dotDash", "dotDotDash", "wave"]


@pytest.mark.parametrize("kind", KINDS)
def test_underlines_of_all_kinds_run_under_their_text(kind: str) -> None:
    result = page(paragraph("签字处", "", f'<w:u w:val="{kind}"/>') + paragraph("后"))
    assert len(result.paths) == (2 if kind == "double" else 1)
    for left, top, right, bottom in result.paths:
        assert (left, right) == (near(result.at("签").x, 2.5), near(result.at("处").x + 12, 2.5))
        assert result.at("处").y < (top + bottom) / 2 < result.at("处").y + 5


def test_a_line_or_two_run_through_what_is_struck_out() -> None:
    for kind, count in (("strike", 1), ("dstrike", 2)):
        result = page(paragraph("作废", "", f"<w:{kind}/>"))
        assert len(result.paths) == count
        assert all(result.at("作").y - 9 < top < result.at("作").y for _, top, _, _ in result.paths)


def test_characters_set_to_a_width_fill_it() -> None:
    def fitted(text: str, number: int, width: int = 1600) -> str:
        run = f'<w:rPr><w:fitText w:val="{width}" w:id="{number}"/></w:rPr>'
        half = len(text) // 2
        parts = f"<w:r>{run}<w:t>{text[:half]}</w:t></w:r><w:r>{run}<w:t>{text[half:]}</w:t></w:r>"
        return f"<w:p>{parts}<w:r><w:t>：</w:t></w:r></w:p>"

    result = page("".join(fitted(text, at) for at, text in enumerate(("姓名", "申报单位", "E-mail地址"))))
    assert {round(c.x, 1) for c in result.characters if c.text == "："} == {130.0}
    assert result.at("名").x == near(130 - 12)
    assert result.at("报").x - result.at("申").x == near((80 - 12) / 3)


@pytest.mark.parametrize(
    ("font", "code", "sign"),
    [("Wingdings", "F0FE", "☑"), ("Wingdings", "F0A8", "□"), ("Wingdings 2", "F052", "☑"), ("Symbol", "F0B1", "±"),
     ("Wingdings 2", "F0A3", "□"), ("宋体", "2611", "☑")],
)  # fmt: skip
def test_signs_of_pictorial_fonts_are_characters(font: str, code: str, sign: str) -> None:
    assert page(f'<w:p><w:r><w:sym w:font="{font}" w:char="{code}"/><w:t>同意</w:t></w:r></w:p>').text == sign + "同意"


def test_signs_that_are_not_known_are_refused() -> None:
    with pytest.raises(TemplateError, match="the sign F04A of the font “Webdings”"):
        page('<w:p><w:r><w:sym w:font="Webdings" w:char="F04A"/></w:r></w:p>')


def test_every_sign_of_a_pictorial_font_has_a_glyph() -> None:
    assert fonts().missing("".join(sign for signs in SIGNS.values() for sign in signs.values())) == ()


def test_an_underlined_tab_is_a_line_up_to_its_stop() -> None:
    body = (
        '<w:p><w:pPr><w:tabs><w:tab w:val="left" w:pos="4000"/></w:tabs></w:pPr><w:r><w:t>姓名</w:t></w:r>'
        "<w:r><w:rPr><w:u w:val='single'/></w:rPr><w:tab/></w:r></w:p>"
    )
    (line,) = page(body).paths
    assert (line[0], line[2]) == (near(50 + 24, 1), near(250, 1))
    beside = page(body.replace("<w:t>姓名</w:t>", "<w:rPr><w:u w:val='single'/></w:rPr><w:t>姓名</w:t>"))
    assert len({round(box[1], 1) for box in beside.paths}) == 1


def test_colours_grounds_and_spaced_characters() -> None:
    result = page(paragraph("甲乙丙", "", '<w:spacing w:val="120"/><w:highlight w:val="yellow"/>'))
    assert [result.at(c).x for c in "乙丙"] == [near(50 + 18), near(50 + 36)]
    assert len(result.paths) == 1
    assert len(page(paragraph("甲", "", "<w:strike/>")).paths) == 1


def test_capitals() -> None:
    assert page(paragraph("abc Қаз 中", "", "<w:caps/>")).text == "ABCҚАЗ中"


def test_chinese_and_western_text_stand_a_little_apart_unless_switched_off() -> None:
    def gap(properties: str) -> float:
        result = page(paragraph("中a", properties))
        return result.at("a").x - result.at("中").x - 12

    assert gap("") == near(3, 0.2)
    assert gap('<w:autoSpaceDE w:val="0"/>') == near(0)
