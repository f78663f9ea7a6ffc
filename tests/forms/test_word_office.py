"""Constructs of office forms beyond the usual: tables that text flows around, labels that run downwards, page grids."""

from __future__ import annotations

import pytest
from set_pages import page, pages
from word_files import NAMESPACES, SECTION, STYLES, cell, paragraph, relation, running, table

from toolkit.errors import TemplateError

LEFT, TOP, RIGHT = 50.0, 50.0, 595.3 - 50.0
EXACT = '<w:spacing w:line="400" w:lineRule="exact"/>'


def near(value: float, tolerance: float = 0.1) -> object:
    return pytest.approx(value, abs=tolerance)


def floating(place: str, width: int = 9800) -> str:
    rows = [cell(paragraph("表", EXACT), width)]
    return paragraph("上", EXACT) + table(rows, [width], f"<w:tblpPr {place}/>") + paragraph("下", EXACT)


def test_a_table_as_wide_as_the_text_stands_between_paragraphs_though_text_would_flow_around() -> None:
    placed = 'w:horzAnchor="margin" w:vertAnchor="text" w:tblpX="60" w:tblpY="200"'
    result = page(floating(placed))
    assert result.text == "上表下"
    assert result.at("表").x == near(LEFT + 3 + 5.4)
    assert result.at("表").y == near(TOP + 20 + 10 + 16)
    assert result.at("下").y == near(TOP + 20 + 10 + 20 + 16)
    by_page = page(floating('w:horzAnchor="page" w:vertAnchor="text" w:tblpX="800"'))
    assert by_page.at("表").x == near(40 + 5.4)
    centred = page(floating('w:vertAnchor="text" w:horzAnchor="margin" w:tblpXSpec="center"'))
    assert centred.at("表").x == near((LEFT + RIGHT) / 2 - 245 + 5.4)


@pytest.mark.parametrize(
    ("place", "width", "said"),
    [
        ('w:vertAnchor="text"', 4000, "a table that text flows around"),
        ('w:vertAnchor="page" w:tblpY="3000"', 9800, "at a place of the page"),
        ('w:vertAnchor="text" w:tblpYSpec="top"', 9800, "at a place of the page"),
        ('w:vertAnchor="text" w:tblpXSpec="outside"', 9800, "w:tblpPr outside"),
    ],
)
def test_other_tables_that_text_flows_around_are_refused(place: str, width: int, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        page(floating(place, width))


DOWN = '<w:textDirection w:val="tbRlV"/><w:vAlign w:val="center"/>'


def label(text: str, align: str = "center") -> str:
    rows = [
        '<w:trPr><w:trHeight w:val="3000"/></w:trPr>'
        + cell(paragraph(text, f'{EXACT}<w:jc w:val="{align}"/>'), 1000, DOWN)
        + cell(paragraph("文"), 3000)
    ]
    return table(rows, [1000, 3000])


def test_labels_that_run_downwards_have_one_character_a_line() -> None:
    result = page(label("主要业绩"))
    signs = [result.at(sign) for sign in "主要业绩"]
    assert {round(sign.x, 1) for sign in signs} == {round(LEFT - 5.4 + 25 - 6, 1)}
    assert [b.y - a.y for a, b in zip(signs, signs[1:], strict=False)] == [near(20)] * 3
    assert (signs[0].y - 16 + signs[-1].y + 4) / 2 == near(TOP + 75)
    assert page(label("主要业绩", "left")).at("主").y == near(TOP + 16)


@pytest.mark.parametrize("text", ["（主要）", "Title", "“引”"])
def test_what_would_lie_on_its_side_is_refused(text: str) -> None:
    with pytest.raises(TemplateError, match="text that runs downwards"):
        page(label(text))


def gridded(kind: str, space: int) -> str:
    return SECTION.replace(
        "</w:sectPr>", f'<w:docGrid w:type="{kind}" w:linePitch="312" w:charSpace="{space}"/></w:sectPr>'
    )


def test_a_grid_for_characters_sets_chinese_ones_apart() -> None:
    result = page(paragraph("甲乙ab"), section=gridded("linesAndChars", 2 * 4096))
    assert result.at("乙").x - result.at("甲").x == near(14)
    narrower = page(paragraph("甲乙ab"), section=gridded("linesAndChars", -4096))
    assert narrower.at("乙").x - narrower.at("甲").x == near(11)
    assert narrower.at("b").x - narrower.at("a").x == near(5.33)
    free = page(paragraph("甲乙", '<w:snapToGrid w:val="0"/>'), section=gridded("linesAndChars", 2 * 4096))
    assert free.at("乙").x - free.at("甲").x == near(12)
    with pytest.raises(TemplateError, match="a page grid for characters"):
        page(paragraph("甲"), section=gridded("snapToChars", 0))


def test_a_gutter_is_added_to_the_margin() -> None:
    gutter = SECTION.replace('w:gutter="0"', 'w:gutter="400"')
    assert page(paragraph("甲"), section=gutter).at("甲").x == near(LEFT + 20)


def test_mirrored_margins_change_sides_on_even_pages() -> None:
    mirrored = SECTION.replace('w:left="1000"', 'w:left="1600"').replace(
        "<w:pgSz", '<w:headerReference w:type="default" r:id="rIdH"/><w:pgSz'
    )
    result = pages(
        paragraph("甲") + paragraph("乙", "<w:pageBreakBefore/>"),
        section=mirrored,
        settings="<w:mirrorMargins/>",
        parts={"word/h.xml": running("hdr", paragraph("眉"))},
        relations=relation("rIdH", "header", "h.xml"),
    )
    assert [(each.at("眉").x, each.characters[-1].x) for each in result] == [(near(80), near(80)), (near(50), near(50))]


@pytest.mark.parametrize("setting", ["bookFoldPrinting", "gutterAtTop", "printTwoOnOne"])
def test_folded_sheets_are_refused(setting: str) -> None:
    with pytest.raises(TemplateError, match=setting):
        page(paragraph("甲"), settings=f"<w:{setting}/>")


def double(sides: tuple[str, ...]) -> str:
    return "".join(f'<w:{side} w:val="double" w:sz="6"/>' for side in sides)


def test_double_lines_stand_around_a_table() -> None:
    rows = [cell(paragraph("甲"), 2000) + cell(paragraph("乙"), 2000)]
    around = double(("top", "left", "bottom", "right"))
    result = page(table(rows * 2, [2000, 2000], f"<w:tblBorders>{around}</w:tblBorders>"))
    upright = sorted(x0 + x1 for x0, y0, x1, y1 in result.paths if y1 - y0 > 10 and x1 - x0 < 4)
    left = LEFT - 5.4
    assert {round(place / 2, 1) for place in upright} >= {round(left, 1), round(left + 200, 1)}
    wide = max(result.paths, key=lambda box: box[2] - box[0])
    assert (wide[0], wide[2]) == (near(left - 1.5, 1), near(left + 200 + 1.5, 1))
    with pytest.raises(TemplateError, match="double lines that do not stand around a whole table"):
        page(table(rows, [2000, 2000], f"<w:tblBorders>{double(('top',))}</w:tblBorders>"))


def test_a_double_line_under_a_paragraph_is_two_lines() -> None:
    border = '<w:pBdr><w:bottom w:val="double" w:sz="8" w:space="1"/></w:pBdr>'
    result = page(paragraph("眉", EXACT + border) + paragraph("下", EXACT))
    middles = sorted((top + bottom) / 2 for _, top, _, bottom in result.paths)
    assert middles == [near(TOP + 21), near(TOP + 23)]


@pytest.mark.parametrize(
    ("kind", "widths", "apart"),
    [
        ("thinThickSmallGap", (3.0, 0.75), 1.875 + 0.75),
        ("thickThinSmallGap", (0.75, 3.0), 1.875 + 0.75),
        ("thickThinMediumGap", (1.5, 3.0), 2.25 + 1.5),
        ("thinThickLargeGap", (1.5, 0.75), 1.125 + 3.0),
    ],
)
def test_a_line_under_a_paragraph_may_be_a_thick_and_a_thin_one(
    kind: str, widths: tuple[float, float], apart: float
) -> None:
    # Names go from top to bottom: under a paragraph the second one stands outside. It is mirrored above it.
    mirrored = {"thinThick": "thickThin", "thickThin": "thinThick"}[kind[:9]] + kind[9:]
    for side, word in (("bottom", mirrored), ("top", kind)):
        border = f'<w:pBdr><w:{side} w:val="{word}" w:sz="24" w:space="1"/></w:pBdr>'
        lines = page(paragraph("眉", EXACT + border)).paths
        inner, outer = sorted(lines, key=lambda box: box[1], reverse=side == "top")
        assert (inner[3] - inner[1], outer[3] - outer[1]) == (near(widths[0], 0.1), near(widths[1], 0.1))
        assert abs((inner[1] + inner[3] - outer[1] - outer[3]) / 2) == near(apart, 0.1)


def test_a_table_may_stand_in_a_thick_and_a_thin_frame() -> None:
    around = "".join(
        f'<w:{side} w:val="{kind}SmallGap" w:sz="24"/>'
        for side, kind in (("top", "thinThick"), ("left", "thinThick"), ("bottom", "thickThin"), ("right", "thickThin"))
    )
    result = page(table([cell(paragraph("甲"), 4000)], [4000], f"<w:tblBorders>{around}</w:tblBorders>"))
    outer = next(box for box in result.paths if box[2] - box[0] > 100 and box[3] - box[1] > 10)
    left = LEFT - 5.4
    # PDFium adds a whole width of the line to the box that it strokes.
    assert (outer[0], outer[2]) == (near(left - 2.625 - 0.75, 0.1), near(left + 200 + 2.625 + 0.75, 0.1))
    with pytest.raises(TemplateError, match="double lines that do not stand around a whole table"):
        page(
            table(
                [cell(paragraph("甲"), 4000)],
                [4000],
                f"<w:tblBorders>{around.replace('thickThin', 'thinThick')}</w:tblBorders>",
            )
        )


def test_tabs_that_count_from_the_margins_go_to_its_middle_and_end() -> None:
    def tab(align: str) -> str:
        return f'<w:r><w:ptab w:relativeTo="margin" w:alignment="{align}" w:leader="none"/></w:r>'

    left, middle, right = (f"<w:r><w:t>{text}</w:t></w:r>" for text in ("左", "中中", "右"))
    result = page(f"<w:p>{left}{tab('center')}{middle}{tab('right')}{right}</w:p>")
    assert (result.at("中").x, result.at("右").x) == (near((LEFT + RIGHT) / 2 - 12), near(RIGHT - 12))


def test_rows_that_were_put_in_or_taken_out_are_as_if_accepted() -> None:
    def row(text: str, change: str) -> str:
        return f'<w:trPr><w:{change} w:id="1" w:author="a"/></w:trPr>{cell(paragraph(text), 2000)}'

    assert page(table([row("进", "ins"), row("出", "del"), cell(paragraph("留"), 2000)], [2000])).text == "进留"


def test_lists_have_the_numbers_of_the_list_style_that_they_name() -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="1"><w:styleLink w:val="L"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCounting"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
        '<w:abstractNum w:abstractNumId="2"><w:numStyleLink w:val="L"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>'
    )
    style = '<w:style w:type="numbering" w:styleId="L"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    parts = {"word/numbering.xml": f"<w:numbering {NAMESPACES}>{numbering}</w:numbering>".encode()}
    chosen = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr>'
    assert (
        page(paragraph("甲", chosen) + paragraph("乙", chosen), styles=STYLES + style, parts=parts).text
        == "一、甲二、乙"
    )
    looped = style.replace('w:numId w:val="1"', 'w:numId w:val="2"')
    assert page(paragraph("甲", chosen), styles=STYLES + looped, parts=parts).text == "甲"
