"""Paragraphs and pages as they come out: every measure taken in the PDF, against what Word's properties say."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image
from set_pages import page, pages, typeset_body
from word_files import SECTION, STYLES, paragraph, relation, running, word_file

from toolkit.forms.blocks import Form
from toolkit.forms.word import read_form

MERGED, ROMAN = "NUMPAGES \\* MERGEFORMAT", "PAGE \\* roman"
LEFT, TOP, RIGHT = 50.0, 50.0, 595.3 - 50.0
LONG = (
    "为学习贯彻党的二十大和二十届历次全会精神落实国家重大外交战略部署深度参与科技创新行动计划主动融入全球科技创新网络"
    * 3
)


def exact(points: float) -> str:
    return f'<w:spacing w:line="{round(points * 20)}" w:lineRule="exact"/>'


def near(value: float, tolerance: float = 0.02) -> object:
    return pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize("points", [28.0, 17.35, 40.0, 9.0])
def test_lines_of_exact_pitch_are_exactly_that_far_apart(points: float) -> None:
    baselines = page(paragraph(LONG, exact(points))).baselines()
    assert len(baselines) > 3
    assert all(b - a == near(points) for a, b in pairwise(baselines))
    assert baselines[0] == near(TOP + 0.8 * points)


def test_an_exact_pitch_holds_whatever_stands_in_the_line() -> None:
    mixed = (
        '<w:r><w:rPr><w:sz w:val="60"/></w:rPr><w:t>大</w:t></w:r><w:r><w:t>Latin gjpq ئۇيغۇر</w:t></w:r>'
        '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>2</w:t></w:r>'
    )
    body = f"<w:p><w:pPr>{exact(26)}</w:pPr>{mixed}</w:p>" + paragraph("下一行", exact(26))
    result = page(body)
    assert result.at("下").y - result.at("大").y == near(26)
    assert result.at("L").y == near(result.at("大").y)


@pytest.mark.parametrize(
    ("spacing", "size", "expected"),
    [
        ('<w:spacing w:line="240" w:lineRule="auto"/>', 12, 12 * 1.3),
        ('<w:spacing w:line="360" w:lineRule="auto"/>', 12, 12 * 1.3 * 1.5),
        ('<w:spacing w:line="360" w:lineRule="auto"/>', 16, 16 * 1.3 * 1.5),
        ('<w:spacing w:line="500" w:lineRule="atLeast"/>', 12, 25.0),
        ('<w:spacing w:line="200" w:lineRule="atLeast"/>', 12, 12 * 1.3),
    ],
)
def test_other_pitches_follow_from_the_size(spacing: str, size: int, expected: float) -> None:
    run = f'<w:sz w:val="{2 * size}"/>'
    baselines = page(paragraph(LONG, spacing, run)).baselines()
    assert all(b - a == near(expected) for a, b in pairwise(baselines))


@pytest.mark.parametrize(("size", "expected"), [(10.5, 15.6), (12, 15.6), (16, 31.2)])
def test_lines_keep_to_the_grid(size: float, expected: float) -> None:
    section = SECTION.replace("</w:sectPr>", '<w:docGrid w:type="lines" w:linePitch="312"/></w:sectPr>')
    run = f'<w:sz w:val="{round(2 * size)}"/>'
    baselines = page(paragraph(LONG, "", run), section=section).baselines()
    assert baselines[1] - baselines[0] == near(expected)
    free = page(paragraph(LONG, '<w:snapToGrid w:val="0"/>', run), section=section).baselines()
    assert free[1] - free[0] == near(size * 1.3)


def test_the_space_between_paragraphs_is_the_larger_or_the_sum_as_the_settings_say() -> None:
    above = paragraph("上", '<w:spacing w:after="200" w:line="400" w:lineRule="exact"/>')
    below = paragraph("下", '<w:spacing w:before="300" w:line="400" w:lineRule="exact"/>')
    result = page(above + below)
    assert result.at("下").y - result.at("上").y == near(20 + 15)
    summed = page(above + below, settings="<w:compat><w:doNotUseHTMLParagraphAutoSpacing/></w:compat>")
    assert summed.at("下").y - summed.at("上").y == near(20 + 25)


def test_contextual_spacing_leaves_out_what_stands_between_paragraphs_of_one_style() -> None:
    spaced = '<w:spacing w:before="300" w:after="200" w:line="400" w:lineRule="exact"/><w:contextualSpacing/>'
    result = page(paragraph("上", spaced) + paragraph("下", spaced))
    assert result.at("下").y - result.at("上").y == near(20)


def test_the_space_before_the_first_paragraph_of_a_page_stays() -> None:
    spaced = '<w:spacing w:before="600" w:line="400" w:lineRule="exact"/>'
    assert page(paragraph("首", spaced)).at("首").y == near(TOP + 30 + 16)
    broken = pages(paragraph("一", exact(20)) + paragraph("首", f"<w:pageBreakBefore/>{spaced}"))
    assert broken[1].at("首").y == near(TOP + 30 + 16)


def test_empty_paragraphs_keep_their_height() -> None:
    empty = paragraph("", exact(33)) + paragraph("", '<w:rPr><w:sz w:val="40"/></w:rPr>')
    result = page(paragraph("上", exact(20)) + empty + paragraph("下", exact(20)))
    assert result.at("下").y - result.at("上").y == near(20 + 33 + 20 * 1.3)


@pytest.mark.parametrize(
    ("indent", "first", "second"),
    [
        ('<w:ind w:firstLine="480"/>', 24, 0),
        ('<w:ind w:firstLineChars="200" w:firstLine="999"/>', 24, 0),
        ('<w:ind w:left="600"/>', 30, 30),
        ('<w:ind w:left="600" w:hanging="400"/>', 10, 30),
        ('<w:ind w:leftChars="100" w:left="10"/>', 12, 12),
        ('<w:ind w:left="-200"/>', -10, -10),
    ],
)
def test_indents(indent: str, first: float, second: float) -> None:
    result = page(paragraph(LONG, indent + '<w:jc w:val="left"/>'))
    lines = result.baselines()
    starts = [min(c.x for c in result.characters if c.y == near(line)) for line in lines[:2]]
    assert starts == [near(LEFT + first), near(LEFT + second)]


def test_the_right_indent_ends_justified_lines() -> None:
    result = page(paragraph(LONG, '<w:ind w:right="1000"/><w:jc w:val="both"/>'))
    for line in result.baselines()[:-1]:
        assert max(c.x for c in result.characters if c.y == near(line)) + 12 == near(RIGHT - 50, 0.1)


@pytest.mark.parametrize(
    ("alignment", "start", "end"),
    [
        ("left", LEFT, None),
        ("center", (LEFT + RIGHT) / 2 - 24, None),
        ("right", RIGHT - 48, RIGHT),
        ("distribute", LEFT, RIGHT),
    ],
)
def test_alignments(alignment: str, start: float, end: float | None) -> None:
    result = page(paragraph("申报单位", f'<w:jc w:val="{alignment}"/>'))
    assert result.at("申").x == near(start)
    if end is not None:
        assert result.at("位").x + 12 == near(end)


def test_the_last_line_of_a_justified_paragraph_is_not_stretched() -> None:
    result = page(paragraph("申报单位", '<w:jc w:val="both"/>'))
    assert [c.x for c in result.characters] == [near(LEFT + 12 * at) for at in range(4)]


def tabbed(*pieces: str) -> str:
    return "<w:r><w:tab/></w:r>".join(f"<w:r><w:t>{piece}</w:t></w:r>" for piece in pieces)


def test_tabs_go_to_their_stops() -> None:
    stops = (
        '<w:tabs><w:tab w:val="left" w:pos="2000"/><w:tab w:val="center" w:pos="5000"/>'
        '<w:tab w:val="right" w:pos="8000" w:leader="dot"/></w:tabs>'
    )
    result = page(f"<w:p><w:pPr>{stops}</w:pPr>{tabbed('甲', '左', '中中', '右右')}</w:p>")
    assert result.at("左").x == near(LEFT + 100)
    assert result.at("中").x == near(LEFT + 250 - 12)
    assert result.at("右").x == near(LEFT + 400 - 24)
    assert result.text.count(".") > 20


def test_tabs_without_stops_go_on_by_the_default_and_past_the_hanging_indent() -> None:
    settings = '<w:defaultTabStop w:val="800"/>'
    result = page(f"<w:p>{tabbed('甲', '乙', '丙丙丙丙', '丁')}</w:p>", settings=settings)
    assert [result.at(c).x for c in "乙丙丁"] == [near(LEFT + x) for x in (40, 80, 160)]
    hanging = page(f'<w:p><w:pPr><w:ind w:left="500" w:hanging="500"/></w:pPr>{tabbed("1.", LONG)}</w:p>')
    assert hanging.at(LONG[:4]).x == near(LEFT + 25)


def test_numbers_stand_by_their_decimal_points() -> None:
    stops = '<w:pPr><w:tabs><w:tab w:val="decimal" w:pos="4000" w:leader="dot"/></w:tabs></w:pPr>'
    sums = ("12.5", "1234.75", "7", "100.00万元")
    result = page("".join(f"<w:p>{stops}{tabbed('金额', each)}</w:p>" for each in sums))
    for line, each in zip(result.baselines(), sums, strict=True):
        row = [c for c in result.characters if c.y == near(line)]
        after = [c for c in row if c.x > LEFT + 24 and c.text != "." or c.text == "." and c.x == near(LEFT + 200, 0.1)]
        points = [c.x for c in after if c.text == "."]
        assert points == ([near(LEFT + 200, 0.1)] if "." in each else [])
        if "." not in each:
            assert row[-1].x == near(LEFT + 200 - 6, 0.1)


def test_automatic_space_stands_between_paragraphs() -> None:
    automatic = '<w:spacing w:before="100" w:beforeAutospacing="1" w:after="100" w:afterAutospacing="1"/>'
    result = page(paragraph("上", automatic) + paragraph("下", automatic))
    assert result.at("下").y - result.at("上").y == near(15.6 + 14)


def test_the_number_of_a_page_in_a_frame_stands_in_its_line_and_takes_no_room() -> None:
    framed = '<w:framePr w:wrap="around" w:vAnchor="text" w:hAnchor="margin" w:xAlign="{}" w:y="1"/>'
    result = page(paragraph("5", framed.format("center")) + paragraph("文"))
    assert result.at("5").x == near((LEFT + RIGHT) / 2 - 3)
    assert result.at("文").y == near(TOP + 1.03 * 12)
    assert page(paragraph("5", framed.format("right")) + paragraph("文")).at("5").x == near(RIGHT - 6)


def test_breaks_end_lines_and_pages() -> None:
    broken = "<w:p><w:r><w:t>一</w:t><w:br/><w:t>二</w:t><w:br/><w:br/><w:t>四</w:t></w:r></w:p>"
    result = page(broken)
    assert [result.at(c).y - result.at("一").y for c in "二四"] == [near(15.6), near(3 * 15.6)]
    two = pages('<w:p><w:r><w:t>前</w:t><w:br w:type="page"/><w:t>后</w:t></w:r></w:p>')
    assert [each.text for each in two] == ["前", "后"]
    alone = pages(paragraph("前") + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + paragraph("后"))
    assert [each.text for each in alone] == ["前", "后"]
    assert alone[1].at("后").y == near(TOP + 1.03 * 12)


def fill_page(lines: int, last: str = "") -> str:
    return "".join(paragraph("行", exact(50)) for _ in range(lines)) + last


def test_keep_next_takes_a_heading_to_the_next_page() -> None:
    # 742 pt of text hold 14 lines of 50 pt and 42 pt more.
    heading, text = paragraph("标题", f"<w:keepNext/>{exact(20)}"), paragraph(LONG, exact(20))
    result = pages(fill_page(14, heading + paragraph("文", exact(30))))
    assert [each.text.count("标题") for each in result] == [0, 1]
    assert "标题" in pages(fill_page(14, paragraph("标题", exact(20)) + text))[0].text


def test_widows_and_orphans_are_kept_together_unless_switched_off() -> None:
    def lines_on_pages(properties: str) -> list[int]:
        return [
            len([y for y in each.baselines() if y]) for each in pages(fill_page(14, paragraph(LONG[:90], properties)))
        ]

    assert lines_on_pages(exact(20)) == [14, 3]  # of three lines two had room
    assert lines_on_pages(f'<w:widowControl w:val="0"/>{exact(20)}') == [16, 1]


def test_keep_lines_moves_the_whole_paragraph() -> None:
    result = pages(fill_page(13, paragraph(LONG, f"<w:keepLines/>{exact(25)}")))
    assert result[0].text == "行" * 13


RUNNING = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rIdA"/><w:headerReference w:type="even" r:id="rIdB"/>'
    '<w:headerReference w:type="first" r:id="rIdC"/><w:footerReference w:type="default" r:id="rIdD"/>'
    '<w:footerReference w:type="even" r:id="rIdD"/><w:footerReference w:type="first" r:id="rIdD"/>'
) + SECTION.removeprefix("<w:sectPr>")


def field(code: str, *, simple: bool) -> str:
    if simple:
        return f'<w:fldSimple w:instr=" {code} "><w:r><w:t>9</w:t></w:r></w:fldSimple>'
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {code} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>9</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def running_parts(footer: str) -> dict[str, object]:
    return {
        "parts": {
            "word/a.xml": running("hdr", paragraph("单页眉", exact(20))),
            "word/b.xml": running("hdr", paragraph("双页眉", exact(20))),
            "word/c.xml": running("hdr", paragraph("首页眉", exact(20))),
            "word/d.xml": running("ftr", footer),
        },
        "relations": "".join(relation(f"rId{n.upper()}", "header", f"{n}.xml") for n in "abc")
        + relation("rIdD", "footer", "d.xml"),
    }


def test_headers_and_footers_of_first_odd_and_even_pages() -> None:
    footer = f"<w:p><w:pPr>{exact(20)}</w:pPr>{field('PAGE', simple=True)}<w:r><w:t>共</w:t></w:r>"
    footer += f"{field(MERGED, simple=False)}</w:p>"
    body = paragraph("甲", "<w:pageBreakBefore/>") * 3
    settings = "<w:evenAndOddHeaders/>"
    first = RUNNING.replace("</w:sectPr>", "<w:titlePg/></w:sectPr>")
    result = pages(body, section=first, settings=settings, **running_parts(footer))
    assert [each.text for each in result] == ["首页眉甲1共3", "双页眉甲2共3", "单页眉甲3共3"]
    assert result[0].at("首").y == near(20 + 16)
    assert result[0].at("共").y == near(841.9 - 20 - 4)
    plain = pages(body, section=RUNNING, **running_parts(footer))
    assert [each.text[:3] for each in plain] == ["单页眉"] * 3


def test_page_numbers_begin_and_look_as_the_section_says() -> None:
    section = SECTION.replace("</w:sectPr>", '<w:pgNumType w:start="5" w:fmt="numberInDash"/></w:sectPr>')
    result = pages(
        f"<w:p>{field('PAGE', simple=False)}</w:p>" + paragraph("后", "<w:pageBreakBefore/>"), section=section
    )
    assert [each.text for each in result] == ["-5-", "后"]
    assert page(f"<w:p>{field(ROMAN, simple=True)}</w:p>").text == "i"


def test_a_footer_higher_than_the_margin_pushes_the_text_up() -> None:
    footer = paragraph("脚", exact(60)) * 2
    body = paragraph("行", exact(50)) * 14
    assert len(pages(body)) == 1
    result = pages(body, section=RUNNING, **running_parts(footer))
    assert len(result) == 2
    # 841.9 - 50 above - 20 - 120 below leaves 13 lines.
    assert result[0].text.count("行") == 13


def test_sections_have_pages_of_their_own() -> None:
    wide = SECTION.replace('w:w="11906" w:h="16838"', 'w:w="16838" w:h="11906" w:orient="landscape"')
    body = f"<w:p><w:pPr>{SECTION}</w:pPr><w:r><w:t>直</w:t></w:r></w:p>" + paragraph("横", '<w:jc w:val="right"/>')
    result = pages(body, section=wide)
    assert [each.text for each in result] == ["直", "横"]
    assert result[1].at("横").x == near(841.9 - 50 - 12)
    odd = SECTION.replace("<w:pgSz", '<w:type w:val="oddPage"/><w:pgSz')
    assert [each.text for each in pages(body, section=odd)] == ["直", "", "横"]
    on = SECTION.replace("<w:pgSz", '<w:type w:val="continuous"/><w:pgSz')
    assert page(body, section=on).text == "直横"


def test_borders_and_ground_of_a_paragraph() -> None:
    border = '<w:pBdr><w:bottom w:val="single" w:sz="8" w:space="3" w:color="FF0000"/></w:pBdr>'
    result = page(paragraph("页眉", exact(20) + border + '<w:ind w:right="2000"/>') + paragraph("下", exact(20)))
    ((left, top, right, bottom),) = result.paths
    assert (left, right) == (near(LEFT, 0.6), near(RIGHT - 100, 0.6))
    assert (top + bottom) / 2 == near(TOP + 23)
    assert result.at("下").y == near(TOP + 23 + 16)


def test_one_frame_is_drawn_around_paragraphs_of_the_same_borders() -> None:
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="1"/>' for side in ("top", "left", "bottom", "right"))
    body = paragraph("甲", f"<w:pBdr>{sides}</w:pBdr>{exact(20)}") * 3
    horizontal = [box for box in page(body).paths if box[3] - box[1] < 1.5]
    assert len({round(box[1]) for box in horizontal}) <= 2


def test_a_picture_has_its_size_and_its_place_in_the_line() -> None:
    written = BytesIO()
    Image.new("RGB", (30, 20), "navy").save(written, "PNG")
    drawing = (
        '<w:drawing><wp:inline><wp:extent cx="1905000" cy="1270000"/><a:graphic><a:graphicData><pic:pic>'
        '<pic:blipFill><a:blip r:embed="rIdP"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing>"
    )
    body = f'<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r>{drawing}</w:r></w:p>' + paragraph("图注")
    result = page(
        body, parts={"word/media/a.png": written.getvalue()}, relations=relation("rIdP", "image", "media/a.png")
    )
    ((left, top, right, bottom),) = result.pictures
    assert (right - left, bottom - top) == (near(150), near(100))
    assert (left + right) / 2 == near((LEFT + RIGHT) / 2)
    assert top == near(TOP)
    assert result.at("图").y == near(bottom + 1.03 * 12)


def test_a_paragraph_from_right_to_left_begins_at_the_right() -> None:
    text = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونى"
    result = page(paragraph(text, "<w:bidi/>", "<w:rtl/>"))
    assert max(c.x for c in result.characters) > RIGHT - 12
    assert min(c.x for c in result.characters) > LEFT + 100
    start = page(paragraph(text, '<w:bidi/><w:jc w:val="right"/>', "<w:rtl/>"))
    assert min(c.x for c in start.characters) == near(LEFT, 2)


def test_a_word_wider_than_its_line_is_broken_and_others_are_not() -> None:
    word = "https://example.org/" + "abcdefghij" * 12
    result = page(paragraph(f"见 {word} 和 international", exact(20)))
    assert word in result.text
    assert len(result.baselines()) >= 2
    assert max(c.x for c in result.characters) < RIGHT


def test_text_stays_in_order_and_whole() -> None:
    hostile = '#let x = 1; #panic("a") $x^2$ [a] *b* _c_ `d` @e <f> \\ // /* */ \\u{41} "引" ~ -- ... = + - / \\" \\n'
    escaped = hostile.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    result = page(paragraph(escaped) + paragraph("{{ x }} {% y %}"))
    assert result.text == "".join((hostile + "{{ x }} {% y %}").split())


def test_the_source_of_one_form_is_always_the_same() -> None:
    docx = word_file(paragraph(LONG) + paragraph("二"))
    one, other = read_form(docx, name="a"), read_form(docx, name="a")
    assert isinstance(one, Form)
    assert one == other
    assert typeset_body(paragraph(LONG)).pdf == typeset_body(paragraph(LONG)).pdf


def test_lines_never_begin_with_what_closes_or_end_with_what_opens() -> None:
    for shift in range(12):
        text = "一" * shift + "甲乙丙丁，（戊己）。《庚辛》、“壬癸”；" * 9
        result = page(paragraph(text, '<w:jc w:val="both"/>', '<w:sz w:val="28"/>'), styles=STYLES)
        for line in result.baselines():
            characters = sorted((c.x, c.text) for c in result.characters if c.y == near(line))
            assert characters[0][1] not in "，。）》、”；"
            assert characters[-1][1] not in "（《“"
