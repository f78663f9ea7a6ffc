"""Drawings: pictures, text boxes, lines and frames stand where Word's places say, or are refused by name."""

from __future__ import annotations

from io import BytesIO

import pytest
from drawn import LINE, PICTURE, SOLID, anchored, inline, picture, png, position, shape, vml
from PIL import Image
from set_pages import Page, page, pages
from word_files import SECTION, cell, paragraph, relation, running, table, word_file

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.blocks import InlinePicture, Paragraph
from toolkit.forms.word import read_form

LEFT, TOP, RIGHT = 50.0, 50.0, 595.3 - 50.0
EXACT = '<w:spacing w:line="400" w:lineRule="exact"/>'
SIZE = (90.0, 60.0)
ROOM = "<wp:wrapTopAndBottom/>"


def near(value: float, tolerance: float = 0.1) -> object:
    return pytest.approx(value, abs=tolerance)


def with_picture(run: str, before: str = "", after: str = "", text: str = "正文") -> Page:
    body = f"{before}<w:p><w:pPr>{EXACT}</w:pPr>{run}<w:r><w:t>{text}</w:t></w:r></w:p>{after}"
    return page(body, parts={"word/media/a.png": png()}, **PICTURE)


@pytest.mark.parametrize(
    ("across", "down", "corner"),
    [
        (("page", 100.0), ("page", 200.0), (100, 200)),
        (("margin", 10.0), ("margin", 30.0), (LEFT + 10, TOP + 30)),
        (("column", -20.0), ("paragraph", 15.0), (LEFT - 20, TOP + 20 + 15)),
        (("margin", "right"), ("page", "bottom"), (RIGHT - 90, 841.9 - 60)),
        (("page", "center"), ("margin", "center"), (595.3 / 2 - 45, 841.9 / 2 - 30)),
        (("column", "left"), ("paragraph", "top"), (LEFT, TOP + 20)),
    ],
)
def test_anchored_pictures_stand_where_they_are_placed(
    across: tuple[str, float | str], down: tuple[str, float | str], corner: tuple[float, float]
) -> None:
    run = anchored(picture(), SIZE, position("H", *across), position("V", *down))
    result = with_picture(run, before=paragraph("上", EXACT), after=paragraph("下", EXACT))
    ((left, top, right, bottom),) = result.pictures
    assert (left, top) == (near(corner[0]), near(corner[1]))
    assert (right - left, bottom - top) == (near(90), near(60))
    assert result.at("下").y - result.at("正").y == near(20)  # it takes no room


def test_indents_do_not_move_what_is_placed_by_the_column() -> None:
    run = anchored(picture(), SIZE, position("H", "column", 0.0), position("V", "paragraph", 0.0))
    body = f'<w:p><w:pPr>{EXACT}<w:ind w:left="800" w:firstLine="400"/></w:pPr>{run}<w:r><w:t>正</w:t></w:r></w:p>'
    ((left, *_),) = page(body, parts={"word/media/a.png": png()}, **PICTURE).pictures
    assert left == near(LEFT)


def test_a_drawing_with_text_above_and_below_makes_room() -> None:
    run = anchored(picture(), SIZE, position("H", "margin", "center"), position("V", "paragraph", 5.0), ROOM, 8)
    result = with_picture(run, before=paragraph("上", EXACT))
    ((_, top, _, bottom),) = result.pictures
    assert (top, bottom) == (near(TOP + 25), near(TOP + 85))
    assert result.at("正").y == near(bottom + 8 + 16)


def test_in_a_cell_places_are_counted_from_the_cell() -> None:
    run = anchored(picture(), (40.0, 30.0), position("H", "page", 5.0), position("V", "page", 3.0))
    rows = [cell(paragraph("左"), 3000) + cell(f"<w:p>{run}<w:r><w:t>正</w:t></w:r></w:p>", 3000)]
    result = page(table(rows, [3000, 3000]), parts={"word/media/a.png": png()}, **PICTURE)
    ((left, top, *_),) = result.pictures
    assert (left, top) == (near(result.at("正").x + 5), near(TOP + 3))


def test_pictures_in_headers_stand_on_every_page() -> None:
    run = anchored(picture(), SIZE, position("H", "page", 20.0), position("V", "page", 25.0))
    section = SECTION.replace("<w:pgSz", '<w:headerReference w:type="default" r:id="rIdH"/><w:pgSz')
    header = running("hdr", f"<w:p>{run}</w:p>")
    parts = {
        "word/h.xml": header,
        "word/media/a.png": png(),
        "word/_rels/h.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{relation('rIdP', 'image', 'media/a.png')}</Relationships>"
        ).encode(),
    }
    result = pages(
        paragraph("一") + paragraph("二", "<w:pageBreakBefore/>"),
        section=section,
        parts=parts,
        relations=relation("rIdH", "header", "h.xml"),
    )
    assert [[(round(x), round(y)) for x, y, *_ in each.pictures] for each in result] == [[(20, 25)], [(20, 25)]]


def test_a_picture_is_cropped_as_in_word() -> None:

    run = inline(picture('<a:srcRect l="50000" t="25000"/>'), SIZE)
    form = read_form(word_file(f"<w:p>{run}</w:p>", parts={"word/media/a.png": png(40, 20)}, **PICTURE), name="f")
    block = form.sections[0].blocks[0]
    assert isinstance(block, Paragraph)
    (only,) = block.content
    assert isinstance(only, InlinePicture) and (only.width, only.height) == SIZE
    with Image.open(BytesIO(only.data)) as image:
        assert image.size == (20, 15)
        assert image.getpixel((0, 0)) == (0, 0, 128)


BOX = '<wps:bodyPr lIns="25400" tIns="12700" rIns="25400" bIns="0" anchor="{}">{}</wps:bodyPr>'
WORDS = paragraph("文本框里的字", EXACT)


def text_box(height: float, anchor: str = "t", fit: str = "", content: str = WORDS) -> str:
    inner = shape("rect", SOLID.format("FFFF99") + LINE, content, BOX.format(anchor, fit))
    return anchored(inner, (100.0, height), position("H", "page", 300.0), position("V", "page", 400.0))


@pytest.mark.parametrize(("anchor", "top"), [("t", 1.0), ("ctr", 30.5 - 10), ("b", 60.0 - 20)])
def test_text_stands_in_its_box(anchor: str, top: float) -> None:
    result = with_picture(text_box(60.0, anchor))
    assert result.at("文本").x == near(302)
    assert result.at("文本").y == near(400 + top + 16)
    frame = max(result.paths, key=lambda box: box[3] - box[1])
    assert frame == (near(300, 1.1), near(400, 1.1), near(400, 1.1), near(460, 1.1))
    assert result.at("正文").y == near(TOP + 16)


def test_a_box_that_fits_its_text_grows() -> None:
    result = with_picture(text_box(20.0, fit="<a:spAutoFit/>", content=WORDS * 3))
    frame = max(result.paths, key=lambda box: box[3] - box[1])
    assert frame[3] - frame[1] == near(1 + 60, 2.1)


def test_text_too_long_for_its_box_is_set_smaller_and_at_last_refused() -> None:
    def words(count: int) -> str:
        return paragraph("字" * count, EXACT)

    whole = with_picture(text_box(41.0, content=words(16)))
    assert {round(c.size, 2) for c in whole.characters} == {12.0}
    smaller = with_picture(text_box(41.0, content=words(20)))
    inside = [c for c in smaller.characters if c.text == "字"]
    assert len(inside) == 20 and all(400 < c.y < 441 and 300 < c.x < 400 for c in inside)
    assert 9.6 - 0.01 <= inside[1].x - inside[0].x < 12.0  # 80 % at least
    with pytest.raises(TypesettingError, match="but its box has 40 pt; shorten it: “字字字"):
        with_picture(text_box(41.0, content=words(40)))


def test_lines_and_frames_are_drawn() -> None:
    across = anchored(shape("line", LINE), (495.3, 0), position("H", "margin", 0.0), position("V", "page", 150.0))
    ((left, top, right, bottom),) = with_picture(across).paths
    assert (left, right, (top + bottom) / 2) == (near(LEFT, 1.1), near(RIGHT, 1.1), near(150))
    filled = anchored(
        shape("ellipse", SOLID.format("00FF00")), SIZE, position("H", "page", 9.0), position("V", "page", 9.0)
    )
    assert with_picture(filled).paths == ((near(9, 0.6), near(9, 0.6), near(99, 0.6), near(69, 0.6)),)


def test_drawings_in_a_line_stand_in_it() -> None:
    body = f"<w:p><w:r><w:t>前</w:t></w:r>{inline(shape('rect', LINE, WORDS), (100, 40))}<w:r><w:t>后</w:t></w:r></w:p>"
    result = page(body)
    assert result.at("后").x - result.at("前").x == near(12 + 100)
    assert result.at("文本").x == near(LEFT + 12 + 7.2)


def test_the_older_drawing_is_set_where_the_newer_is_not_known() -> None:
    old = '<v:rect style="width:100pt;height:30pt"><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></v:rect>'
    newer = shape("rect", LINE, paragraph("新"))
    new = inline(newer, (100, 30)).removeprefix("<w:r>").removesuffix("</w:r>")

    def either(requires: str) -> str:
        return (
            f'<w:p><w:r><mc:AlternateContent><mc:Choice Requires="{requires}">{new}</mc:Choice><mc:Fallback><w:pict>'
            f"{old.format(paragraph('旧'))}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        )

    assert page(either("wps")).text == "新"
    assert page(either("other")).text == "旧"


ABSOLUTE = (
    "position:absolute;margin-left:{};margin-top:{};width:100pt;height:50pt;"
    "mso-position-horizontal-relative:page;mso-position-vertical-relative:page"
)


@pytest.mark.parametrize(
    ("across", "down"), [("72pt", "144pt"), ("1in", "2in"), ("25.4mm", "50.8mm"), ("96px", "192px")]
)
def test_vml_text_boxes_stand_where_they_are_placed(across: str, down: str) -> None:
    box = (
        f'<v:shapetype id="_x0000_t202"/><v:shape type="#_x0000_t202" style="{ABSOLUTE.format(across, down)}" '
        'strokecolor="#f00" fillcolor="white [3212]"><v:textbox inset="3pt,4pt,3pt,4pt"><w:txbxContent>'
        f'{paragraph("旧式", EXACT)}</w:txbxContent></v:textbox><w10:wrap anchorx="page"/></v:shape>'
    )
    result = with_picture(vml(box))
    assert (result.at("旧").x, result.at("旧").y) == (near(75), near(144 + 4 + 16))


def test_vml_pictures_and_lines() -> None:
    style = ABSOLUTE.format("72pt", "144pt")
    shown = f'<v:shape type="#_x0000_t75" style="{style}"><v:imagedata r:id="rIdP"/></v:shape>'
    assert with_picture(vml(shown)).pictures == ((near(72), near(144), near(172), near(194)),)
    place = "position:absolute;mso-position-horizontal-relative:page;mso-position-vertical-relative:page"
    line = f'<v:line style="{place}" from="60pt,100pt" to="300pt,100pt" strokecolor="red" strokeweight="2.25pt"/>'
    ((left, top, right, bottom),) = with_picture(vml(line)).paths
    assert (left, right, (top + bottom) / 2) == (near(60, 2.4), near(300, 2.4), near(100))
    assert bottom - top == near(4.5)  # PDFium's bounds have the line's width on both sides


def beside(run: str) -> str:
    return run.replace("<wp:wrapNone/>", '<wp:wrapSquare wrapText="bothSides"/>')


def test_a_drawing_beside_text_is_refused_unless_it_stands_alone() -> None:
    run = beside(anchored(picture(), (40.0, 30.0), position("H", "column", 0.0), position("V", "paragraph", 0.0)))
    with pytest.raises(TemplateError, match="a drawing that text flows around.*near “正文”"):
        with_picture(run)
    parts = {"word/media/a.png": png()}
    photo = table([cell(f"<w:p>{run}</w:p>", 3000)], [3000])
    assert len(page(photo + paragraph("止"), parts=parts, **PICTURE).pictures) == 1
    text_beside = table([cell(f"<w:p>{run}</w:p>" + paragraph("照片"), 3000)], [3000])
    with pytest.raises(TemplateError, match="a drawing that text flows around"):
        page(text_beside + paragraph("止"), parts=parts, **PICTURE)


GROUP = '<a:graphic><a:graphicData><wpg:wgp xmlns:wpg="w"/></a:graphicData></a:graphic>'
TURNED = '<a:xfrm rot="5400000"/>'


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (GROUP, "a group of shapes"),
        (picture(turned=TURNED), "turned or recoloured"),
        (picture('<a:srcRect l="-5000"/>'), "space cut around it"),
        (shape("cloud"), "neither a line, a rectangle nor an ellipse"),
        (shape("rect", turned=TURNED), "a shape that was turned"),
        (shape("ellipse", content=WORDS), "no upright rectangle"),
        (shape("rect", content=WORDS, body='<wps:bodyPr vert="eaVert"/>'), "no upright rectangle"),
        (shape("rect", "<a:gradFill/>"), "a pattern, a picture or several colours"),
        (shape("line", '<a:ln w="9525"><a:solidFill/><a:tailEnd type="arrow"/></a:ln>'), "with arrows"),
        (
            shape("rect", '<a:solidFill><a:srgbClr val="FF0000"><a:alpha val="50000"/></a:srgbClr></a:solidFill>'),
            "lighter, darker or transparent",
        ),
    ],
)
def test_what_is_not_set_is_refused_by_name(inner: str, said: str) -> None:
    run = anchored(inner, SIZE, position("H", "page", 0.0), position("V", "page", 0.0))
    with pytest.raises(TemplateError, match=said):
        with_picture(run)


@pytest.mark.parametrize(
    ("across", "down", "wrap", "said"),
    [
        (("character", 0.0), ("paragraph", 0.0), "<wp:wrapNone/>", "placed by “character”"),
        (("page", "outside"), ("page", 0.0), "<wp:wrapNone/>", "wp:align"),
        (("page", 0.0), ("page", 0.0), ROOM, "text above it"),
        (("column", 0.0), ("paragraph", 60.0), ROOM, "text above it"),
    ],
)
def test_places_that_are_not_set_are_refused(
    across: tuple[str, float | str], down: tuple[str, float | str], wrap: str, said: str
) -> None:
    with pytest.raises(TemplateError, match=said):
        with_picture(anchored(picture(), SIZE, position("H", *across), position("V", *down), wrap))


def test_boxes_within_boxes_end_somewhere() -> None:
    content = WORDS
    for _ in range(6):
        content = f"<w:p>{inline(shape('rect', '', content), (90, 90))}</w:p>"
    with pytest.raises(TemplateError, match="text boxes within text boxes"):
        page(content)
