"""Named cells: painted in a copy of the form, found again by their colours."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from docx import Document
from lxml import etree
from reportlab.pdfgen.canvas import Canvas

from toolkit.errors import TypesettingError
from toolkit.forms.package import read_package
from toolkit.forms.painted_cells import CellBox, find, paint

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def bookmark(element: etree._Element, name: str, at: int = 0) -> None:
    element.insert(at, etree.Element(W + "bookmarkStart", {W + "id": "1", W + "name": name}))


def form(*names: str, extra: Sequence[str] = ()) -> dict[str, bytes]:
    """Make a form with one table; every name bookmarks a cell of its own, ``extra`` ones are all in the first cell."""
    document = Document()
    bookmark(document.add_paragraph("正文")._p, "outside")
    table = document.add_table(len(names) + 1, 2)
    for row, name in enumerate(names):
        bookmark(table.cell(row, 1).paragraphs[0]._p, name)
    for name in extra:
        bookmark(table.cell(0, 1).paragraphs[0]._p, name)
    out = io.BytesIO()
    document.save(out)
    return read_package(out.getvalue(), "form.docx")


def drawn(*pages: Sequence[tuple[tuple[int, int, int], tuple[float, float, float, float]]]) -> bytes:
    """Draw filled rectangles (colour; x, y from below, width, height in pt) on pages of 600 x 800 pt."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 800))
    for fills in pages:
        for (red, green, blue), box in fills:
            canvas.setFillColorRGB(red / 255, green / 255, blue / 255)
            canvas.rect(*box, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def shadings(docx: bytes) -> list[tuple[str, list[str]]]:
    """Return the fill of every painted cell and the order of the cell's properties."""
    root = etree.fromstring(read_package(docx, "form.docx")["word/document.xml"])
    return [
        (shading.get(W + "fill"), [child.tag.removeprefix(W) for child in shading.getparent()])
        for shading in root.iter(W + "shd")
    ]


def test_cells_with_bookmarks_are_painted_each_in_its_colour() -> None:
    docx, painted = paint(form("chop", "signature"), "form.docx")
    assert list(painted.values()) == [("chop",), ("signature",)]
    assert [fill for fill, _ in shadings(docx)] == [f"{r:02X}{g:02X}{b:02X}" for r, g, b in painted]


def test_bookmarks_of_word_itself_and_outside_of_tables_are_left_alone() -> None:
    _, painted = paint(form("_GoBack", "_Toc1"), "form.docx")
    assert painted == {}


def test_two_bookmarks_in_one_cell_share_its_box() -> None:
    _, painted = paint(form("chop", extra=["date"]), "form.docx")
    ((colour, names),) = painted.items()
    assert sorted(names) == ["chop", "date"]
    cells = find(drawn([(colour, (100, 500, 200, 50))]), painted)
    assert {cell.box for cell in cells} == {(10000, 25000, 30000, 30000)}


def test_of_nested_cells_the_inner_one_is_painted() -> None:
    parts = form("outer")
    root = etree.fromstring(parts["word/document.xml"])
    cell = next(root.iter(W + "tc"))
    nested = etree.fromstring(etree.tostring(next(root.iter(W + "tbl"))))
    cell.insert(1, nested)
    docx, painted = paint({**parts, "word/document.xml": etree.tostring(root)}, "form.docx")
    assert list(painted.values()) == [("outer",), ("outer",)]  # the copy has the bookmark too: two cells, two colours
    assert len(shadings(docx)) == 2


def test_shading_that_was_there_gives_way_and_keeps_the_order_of_the_schema() -> None:
    parts = form("chop")
    root = etree.fromstring(parts["word/document.xml"])
    properties = next(root.iter(W + "bookmarkStart")).getparent().getnext()
    cell = next(b for b in root.iter(W + "bookmarkStart") if b.get(W + "name") == "chop").iterancestors(W + "tc")
    properties = next(cell).find(W + "tcPr")
    etree.SubElement(properties, W + "tcBorders")
    etree.SubElement(properties, W + "shd", {W + "val": "clear", W + "fill": "F2F2F2"})
    etree.SubElement(properties, W + "vAlign", {W + "val": "center"})
    docx, painted = paint({**parts, "word/document.xml": etree.tostring(root)}, "form.docx")
    assert shadings(docx) == [("AB0000", ["tcW", "tcBorders", "shd", "vAlign"])]
    assert list(painted) == [(0xAB, 0, 0)]


def test_colours_that_the_form_uses_are_not_taken() -> None:
    parts = form("chop")
    parts["word/styles.xml"] += b"<!-- ab0000 AB0001 -->"
    _, painted = paint(parts, "form.docx")
    assert list(painted) == [(0xAB, 0, 2)]


def test_boxes_are_found_on_their_pages_from_the_top_left() -> None:
    painted = {(171, 0, 0): ("chop",), (171, 0, 1): ("date",)}
    pdf = drawn([((0, 0, 0), (0, 0, 9, 9))], [((171, 0, 1), (10, 700, 100, 90)), ((171, 0, 0), (200, 5, 30.5, 20.25))])
    assert find(pdf, painted) == (
        CellBox("chop", 2, (20000, 77475, 23050, 79500)),
        CellBox("date", 2, (1000, 1000, 11000, 10000)),
    )


def test_of_a_cell_on_two_pages_the_larger_part_counts() -> None:
    painted = {(171, 0, 0): ("opinion",)}
    pdf = drawn([((171, 0, 0), (10, 10, 100, 20))], [((171, 0, 0), (10, 600, 100, 190))])
    assert [cell.page for cell in find(pdf, painted)] == [2]


def test_cell_that_is_on_no_page_is_named() -> None:
    with pytest.raises(TypesettingError, match="the cell of the bookmark “chop” is not on any page"):
        find(drawn([]), {(171, 0, 0): ("chop",)})
