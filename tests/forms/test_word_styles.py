"""How styles lie over each other (ECMA-376 part 1, 17.7.2 and 17.7.3)."""

from __future__ import annotations

import pytest
from word_files import NAMESPACES, STYLES, cell, paragraph, relation, table, word_file

from toolkit.errors import TemplateError
from toolkit.forms.blocks import Paragraph, Table, Text
from toolkit.forms.looks import Align, Look, Shape
from toolkit.forms.word import read_form


def style(kind: str, identifier: str, content: str, based_on: str = "", default: str = "") -> str:
    base = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    inner = f'<w:name w:val="{identifier}"/>{base}{content}'
    return f'<w:style w:type="{kind}" w:styleId="{identifier}"{default}>{inner}</w:style>'


def read(body: str, styles: str = STYLES, **word: object) -> tuple[Shape, Look]:
    """Return shape and look of the first paragraph's first run, inside a table or not."""
    block = read_form(word_file(body, styles=styles, **word), name="form").sections[0].blocks[0]  # type: ignore[arg-type]
    if isinstance(block, Table):
        block = block.rows[0].cells[0].blocks[0]
    assert isinstance(block, Paragraph)
    piece = block.content[0]
    assert isinstance(piece, Text)
    return block.shape, piece.look


def test_the_defaults_hold_where_nothing_else_is_said() -> None:
    shape, look = read(paragraph("文"))
    assert (look.size, look.faces.east_asian, look.faces.ascii) == (12.0, "宋体", "Times New Roman")
    assert (shape.align, shape.before, shape.first_line, shape.widow_control) == (Align.START, 0.0, 0.0, True)
    bare, plain = read(paragraph("文"), styles="")
    assert (plain.size, plain.faces.east_asian) == (10.0, "宋体")
    assert bare == shape


def test_each_layer_wins_over_the_one_under_it() -> None:
    styles = STYLES
    styles += style(
        "paragraph", "A", '<w:pPr><w:jc w:val="center"/><w:ind w:left="400"/></w:pPr><w:rPr><w:sz w:val="30"/></w:rPr>'
    )
    styles += style(
        "paragraph", "B", '<w:pPr><w:ind w:right="200"/></w:pPr><w:rPr><w:color w:val="ff0000"/></w:rPr>', "A"
    )
    styles += style("character", "C", '<w:rPr><w:sz w:val="40"/><w:rFonts w:eastAsia="黑体"/></w:rPr>')
    chosen = '<w:pStyle w:val="B"/><w:ind w:left="100"/>'
    shape, look = read(paragraph("文", chosen, '<w:rStyle w:val="C"/>'), styles)
    assert (shape.align, shape.left, shape.right) == (Align.CENTER, 5.0, 10.0)
    assert (look.size, look.colour, look.faces.east_asian) == (20.0, "FF0000", "黑体")
    _, direct = read(paragraph("文", chosen, '<w:rStyle w:val="C"/><w:sz w:val="18"/><w:color w:val="auto"/>'), styles)
    assert (direct.size, direct.colour) == (9.0, None)


def test_the_default_paragraph_style_holds_for_paragraphs_without_and_with_unknown_styles() -> None:
    styles = STYLES + style("paragraph", "N", '<w:pPr><w:jc w:val="both"/></w:pPr>', default=' w:default="1"')
    for properties in ("", '<w:pStyle w:val="Nowhere"/>'):
        assert read(paragraph("文", properties), styles)[0].align is Align.JUSTIFY


@pytest.mark.parametrize(
    ("paragraph_bold", "character_bold", "direct", "bold"),
    [
        (True, False, "", True),
        (True, True, "", False),
        (False, True, "", True),
        (True, True, "<w:b/>", True),
        (True, False, '<w:b w:val="0"/>', False),
    ],
)
def test_what_two_styles_switch_on_is_off(paragraph_bold: bool, character_bold: bool, direct: str, bold: bool) -> None:
    styles = STYLES + style("paragraph", "A", "<w:rPr><w:b/></w:rPr>" if paragraph_bold else "")
    styles += style("character", "C", "<w:rPr><w:b/></w:rPr>" if character_bold else "")
    run = f'<w:rStyle w:val="C"/>{direct}'
    assert read(paragraph("文", '<w:pStyle w:val="A"/>', run), styles)[1].bold is bold


def test_a_table_style_lies_under_the_paragraphs() -> None:
    styles = STYLES + style("table", "T", '<w:pPr><w:jc w:val="right"/></w:pPr><w:rPr><w:sz w:val="18"/><w:b/></w:rPr>')
    body = table([cell(paragraph("文"), 2000)], [2000], '<w:tblStyle w:val="T"/>')
    shape, look = read(body, styles)
    assert (shape.align, look.size, look.bold) == (Align.END, 9.0, True)


def test_indents_in_characters_follow_the_size_of_the_text() -> None:
    properties = '<w:ind w:firstLineChars="200" w:firstLine="10"/>'
    assert read(paragraph("文", properties, '<w:sz w:val="32"/>'))[0].first_line == 32.0
    assert read(paragraph("文", '<w:ind w:firstLineChars="0" w:firstLine="300"/>'))[0].first_line == 15.0
    assert read(paragraph("文", '<w:ind w:hanging="300" w:firstLine="100"/>'))[0].first_line == -15.0


def test_tab_stops_add_up_and_can_be_cleared() -> None:
    styles = STYLES + style(
        "paragraph",
        "A",
        '<w:pPr><w:tabs><w:tab w:val="left" w:pos="100"/><w:tab w:val="left" w:pos="200"/></w:tabs></w:pPr>',
    )
    own = '<w:pStyle w:val="A"/><w:tabs><w:tab w:val="clear" w:pos="100"/><w:tab w:val="right" w:pos="300"/></w:tabs>'
    assert [stop.position for stop in read(paragraph("文", own), styles)[0].tabs] == [10.0, 15.0]


def test_faces_of_the_theme() -> None:
    theme = (
        f"<a:theme {NAMESPACES}><a:themeElements><a:fontScheme><a:minorFont><a:latin typeface='Calibri'/>"
        "<a:ea typeface=''/><a:cs typeface=''/><a:font script='Hans' typeface='等线'/></a:minorFont></a:fontScheme>"
        "</a:themeElements></a:theme>"
    )
    run = '<w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi" w:eastAsiaTheme="minorEastAsia" w:cs="X"/>'
    _, look = read(
        paragraph("文", "", run), parts={"word/theme/theme1.xml": theme.encode()}, relations=relation("t", "theme", "t")
    )
    assert (look.faces.ascii, look.faces.east_asian, look.faces.complex) == ("Calibri", "等线", "X")


def test_styles_based_on_each_other_are_refused() -> None:
    styles = STYLES + style("paragraph", "A", "", "B") + style("paragraph", "B", "", "A")
    with pytest.raises(TemplateError, match="based on itself"):
        read(paragraph("文", '<w:pStyle w:val="A"/>'), styles)
