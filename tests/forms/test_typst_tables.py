"""Tables as they come out: columns, rows, lines, merged cells, pages; measured in the PDF."""

from __future__ import annotations

import pytest
from set_pages import CREATED, Page, fonts, measured, page, pages, typeset_body
from word_files import cell, paragraph, table, word_file

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.typesetting import typeset

LEFT, TOP, RIGHT = 50.0, 50.0, 595.3 - 50.0
GRID = "<w:tblBorders>{}</w:tblBorders>".format(
    "".join(f'<w:{side} w:val="single" w:sz="8"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
)
NO_MARGINS = '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
TIGHT = '<w:spacing w:line="400" w:lineRule="exact"/>'


def near(value: float, tolerance: float = 0.05) -> object:
    return pytest.approx(value, abs=tolerance)


def text(content: str, properties: str = "") -> str:
    return paragraph(content, TIGHT + properties)


def bookmark(name: str, content: str = "", properties: str = TIGHT) -> str:
    run = f"<w:r><w:t>{content}</w:t></w:r>" if content else ""
    start = f'<w:bookmarkStart w:id="1" w:name="{name}"/>'
    return f'<w:p><w:pPr>{properties}</w:pPr>{start}{run}<w:bookmarkEnd w:id="1"/></w:p>'


def height(points: float, rule: str = "atLeast") -> str:
    return f'<w:trPr><w:trHeight w:val="{round(points * 20)}" w:hRule="{rule}"/></w:trPr>'


def verticals(result: Page) -> set[int]:
    return {round((box[0] + box[2]) / 2) for box in result.paths if box[2] - box[0] < 3 < box[3] - box[1]}


def horizontals(result: Page) -> set[int]:
    return {round((box[1] + box[3]) / 2) for box in result.paths if box[3] - box[1] < 3 < box[2] - box[0]}


def test_columns_are_as_wide_as_they_say_and_lines_stand_between_them() -> None:
    rows = [cell(text("甲"), 2000) + cell(text("乙"), 3000) + cell(text("丙"), 1000)] * 2
    result = page(table(rows, [2000, 3000, 1000], GRID + NO_MARGINS))
    assert verticals(result) == {50, 150, 300, 350}
    assert horizontals(result) == {50, 70, 90}
    assert [result.at(c).x for c in "甲乙丙"] == [near(x) for x in (50, 150, 300)]


def test_cells_that_say_their_own_widths_win_over_the_grid() -> None:
    rows = [cell(text("甲"), 1000) + cell(text("乙"), 3000), cell(text("丙"), 3000) + cell(text("丁"), 1000)]
    result = page(table(rows, [2000, 2000], GRID + NO_MARGINS))
    assert [result.at(c).x for c in "甲乙丙丁"] == [near(x) for x in (50, 100, 50, 200)]
    assert verticals(result) == {50, 100, 200, 250}


def test_the_text_keeps_the_margins_of_its_cell() -> None:
    margins = (
        '<w:tblCellMar><w:top w:w="100" w:type="dxa"/><w:left w:w="200" w:type="dxa"/>'
        '<w:bottom w:w="60" w:type="dxa"/></w:tblCellMar>'
    )
    own = '<w:tcMar><w:left w:w="400" w:type="dxa"/></w:tcMar>'
    compat = '<w:compat><w:compatSetting w:name="compatibilityMode" w:val="15"/></w:compat>'
    result = page(
        table([cell(text("甲"), 2000) + cell(text("乙"), 2000, own)], [2000, 2000], GRID + margins), settings=compat
    )
    assert result.at("甲").x == near(60)
    assert result.at("乙").x == near(170)
    assert result.at("甲").y == near(TOP + 5 + 16)
    assert horizontals(result) == {50, 50 + 5 + 20 + 3}


def test_tables_of_older_files_begin_so_that_their_text_stands_at_the_margin() -> None:
    result = page(table([cell(text("甲"), 2000)], [2000], GRID))
    assert result.at("甲").x == near(LEFT)
    assert min(verticals(result)) == round(LEFT - 5.4)


@pytest.mark.parametrize(("alignment", "left"), [("center", 297.65 - 100), ("right", RIGHT - 200), ("left", 80)])
def test_where_a_table_stands(alignment: str, left: float) -> None:
    indent = '<w:tblInd w:w="600" w:type="dxa"/>' if alignment == "left" else ""
    result = page(table([cell(text("甲"), 4000)], [4000], f'<w:jc w:val="{alignment}"/>{indent}' + GRID + NO_MARGINS))
    assert result.at("甲").x == near(left)


def test_rows_are_at_least_or_exactly_as_high_as_they_say() -> None:
    rows = [
        height(50) + cell(text("甲"), 2000),
        height(10) + cell(text("乙"), 2000),
        height(30, "exact") + cell(text("丙"), 2000),
    ]
    assert horizontals(page(table(rows, [2000], GRID))) == {50, 100, 120, 150}


@pytest.mark.parametrize(("vertical", "offset"), [("top", 0), ("center", 15), ("bottom", 30)])
def test_where_the_text_stands_in_its_cell(vertical: str, offset: float) -> None:
    for rule in ("atLeast", "exact"):
        rows = [height(50, rule) + cell(text("甲"), 2000, f'<w:vAlign w:val="{vertical}"/>')]
        assert page(table(rows, [2000], GRID)).at("甲").y == near(TOP + offset + 16)


def test_merged_cells_have_no_lines_inside() -> None:
    rows = [
        cell(text("甲"), 2000, '<w:vMerge w:val="restart"/><w:vAlign w:val="center"/>')
        + cell(text("乙"), 4000, '<w:gridSpan w:val="2"/>'),
        cell(text(""), 2000, "<w:vMerge/>") + cell(text("丙"), 2000) + cell(text("丁"), 2000),
    ]
    result = page(table(rows, [2000] * 3, GRID + NO_MARGINS))
    assert result.at("甲").y == near(TOP + 10 + 16)
    assert result.at("丁").x == near(LEFT + 200)
    inner = [box for box in result.paths if box[3] - box[1] < 3 and round((box[1] + box[3]) / 2) == 70]
    assert [box[0] for box in inner] == [near(150, 3)]
    middle = [box for box in result.paths if box[2] - box[0] < 3 and round((box[0] + box[2]) / 2) == 250]
    assert [box[1] for box in middle] == [near(70, 3)]


def test_a_cell_says_which_of_its_lines_are_drawn() -> None:
    bottom = '<w:tcBorders><w:bottom w:val="single" w:sz="12" w:color="00FF00"/></w:tcBorders>'
    rows = [cell(text("项目"), 2000) + cell(text("值"), 2000, bottom)] * 2
    result = page(table(rows, [2000, 2000], NO_MARGINS))
    assert verticals(result) == set()
    assert all((box[0], box[2]) == (near(150, 3), near(250, 3)) for box in result.paths)
    off = '<w:tcBorders><w:top w:val="nil"/><w:bottom w:val="nil"/></w:tcBorders>'
    assert horizontals(page(table([cell(text("甲"), 2000, off)] * 2, [2000], GRID))) == set()


def test_the_ground_of_cells() -> None:
    shaded = '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'
    result = page(table([height(30) + cell(text("甲"), 2000, shaded)], [2000], NO_MARGINS))
    assert [tuple(map(round, box)) for box in result.paths] == [(50, 50, 150, 80)]


def test_header_rows_are_repeated_and_lines_are_drawn_at_the_ends_of_pages() -> None:
    header = "<w:trPr><w:tblHeader/></w:trPr>"
    rows = [header + cell(text("表头一"), 2000), header + cell(text("表头二"), 2000)]
    rows += [height(40) + cell(text(f"第{at}行"), 2000) for at in range(40)]
    result = pages(table(rows, [2000], GRID))
    assert len(result) == 3
    for each in result:
        assert each.text.startswith("表头一表头二第")
        assert min(horizontals(each)) == 50
        assert max(horizontals(each)) - 90 == 40 * each.text.count("行")


def test_a_row_that_may_not_split_goes_to_the_next_page_whole() -> None:
    tall = "".join(text("高") for _ in range(10))
    filler = text("行") * 30
    split = pages(filler + table([cell(tall, 2000)], [2000], GRID))
    assert [each.text.count("高") for each in split] == [7, 3]
    whole = pages(filler + table(["<w:trPr><w:cantSplit/></w:trPr>" + cell(tall, 2000)], [2000], GRID))
    assert [each.text.count("高") for each in whole] == [0, 10]


def test_rows_of_keep_next_stay_with_the_next_row() -> None:
    rows = [height(40) + cell(text(f"第{at}行", "<w:keepNext/>" if at == 17 else ""), 2000) for at in range(19)]
    # 742 pt hold 18 rows; the 18th (number 17) goes over with the last.
    assert [each.text.count("行") for each in pages(table(rows, [2000], GRID))] == [17, 2]


def test_nested_tables() -> None:
    inner = table([cell(text("内"), 1000) + cell(text("里"), 1000)], [1000, 1000], GRID + NO_MARGINS)
    result = page(table([cell(text("外") + inner + text(""), 4000)], [4000], GRID + NO_MARGINS))
    assert result.text == "外内里"
    assert result.at("里").x == near(100)


def test_space_before_and_after_paragraphs_counts_in_cells() -> None:
    spaced = '<w:spacing w:before="100" w:after="60" w:line="400" w:lineRule="exact"/>'
    result = page(table([cell(paragraph("甲", spaced), 2000)], [2000], GRID))
    assert result.at("甲").y == near(TOP + 5 + 16)
    assert horizontals(result) == {50, 50 + 5 + 20 + 3}


def test_a_bookmark_in_a_cell_gives_the_cell() -> None:
    rows = [
        height(50) + cell(text("甲"), 2000) + cell(bookmark("sign", "乙"), 3000),
        height(60)
        + cell(bookmark("chop"), 2000, '<w:vMerge w:val="restart"/>')
        + cell(bookmark("wide") + text("丙") * 2, 3000, '<w:vAlign w:val="bottom"/>'),
        height(40, "exact") + cell(text(""), 2000, "<w:vMerge/>") + cell(bookmark("_GoBack", "丁"), 3000),
        height(30) + cell(bookmark("both"), 5000, '<w:gridSpan w:val="2"/>'),
    ]
    body = text("上") + table(rows, [2000, 3000], GRID)
    anchors = {anchor.name: (anchor.page, anchor.box) for anchor in typeset_body(body).anchors}
    left = round((LEFT - 5.4) * 100)
    assert anchors == {
        "sign": (1, (left + 10000, 7000, left + 25000, 12000)),
        "chop": (1, (left, 12000, left + 10000, 22000)),
        "wide": (1, (left + 10000, 12000, left + 25000, 18000)),
        "both": (1, (left, 22000, left + 25000, 25000)),
    }


def test_a_bookmark_over_whole_cells_names_its_column() -> None:
    start = '<w:bookmarkStart w:id="1" w:name="date" w:colFirst="1" w:colLast="1"/>'
    first = f"<w:p><w:pPr>{TIGHT}</w:pPr>{start}<w:r><w:t>甲</w:t></w:r></w:p>"
    (anchor,) = typeset_body(table([cell(first, 2000) + cell(text("乙"), 2000)], [2000, 2000], NO_MARGINS)).anchors
    assert (anchor.name, anchor.box) == ("date", (15000, 5000, 25000, 7000))
    with pytest.raises(TemplateError, match="bookmark “date” over several cells"):
        body = table([cell(first.replace('colLast="1"', 'colLast="2"'), 2000)] * 3, [2000] * 3)
        typeset_body(body)


def test_a_bookmark_outside_of_tables_is_no_anchor() -> None:
    assert typeset_body(bookmark("place", "甲") + table([cell(text("乙"), 2000)], [2000])).anchors == ()


def test_a_bookmark_of_the_same_name_twice_is_refused() -> None:
    with pytest.raises(TemplateError, match="bookmark “chop” in more than one cell"):
        typeset_body(table([cell(bookmark("chop"), 2000)] * 2, [2000]))


def test_a_marked_cell_over_two_pages_is_refused() -> None:
    tall = bookmark("chop") + text("高") * 60
    with pytest.raises(TypesettingError, match="“chop” goes over two pages"):
        typeset_body(table([cell(tall, 2000)], [2000]))


def test_a_text_too_long_for_its_row_is_an_error_that_names_it() -> None:
    rows = [height(30, "exact") + cell(text("很长的单位名称" * 4), 2000)]
    with pytest.raises(TypesettingError, match=r"needs 48 pt of height, but its box has 30 pt.*很长的单位名称"):
        typeset_body(table(rows, [2000], NO_MARGINS))
    fitting = [height(40, "exact") + cell(text("很长的单位名称"), 2000)]
    assert len(pages(table(fitting, [2000], NO_MARGINS))) == 1


def test_a_row_higher_than_its_page_is_an_error() -> None:
    rows = ["<w:trPr><w:cantSplit/></w:trPr>" + cell(text("高") * 50, 2000)]
    with pytest.raises(TypesettingError, match="higher than a page: “高"):
        typeset_body(table(rows, [2000]))
    with pytest.raises(TypesettingError, match="higher than a page"):
        typeset_body(table([height(1000) + cell(text("高"), 2000)], [2000]))


def test_a_long_word_stays_in_its_column() -> None:
    rows = [cell(text("a.very.long.address@department.example.org"), 1600) + cell(text("乙"), 2000)]
    result = page(table(rows, [1600, 2000], GRID))
    assert "a.very.long.address@department.example.org" in result.text
    assert max(c.x for c in result.characters if c.text != "乙") < LEFT + 80


def test_the_same_form_and_time_give_the_same_bytes() -> None:
    docx = word_file(table([cell(bookmark("chop", "甲"), 2000)], [2000], GRID))
    one, other = (typeset(docx, name="a", fonts=fonts(), created=CREATED) for _ in range(2))
    assert one == other
    assert measured(one.pdf)[0].text == "甲"
