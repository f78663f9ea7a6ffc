"""Print sets read back with pypdf, pikepdf, poppler and zxing-cpp."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from toolkit.errors import InputUnreadable, TruecopyError, TypesettingError
from toolkit.formal import stationery
from toolkit.formal.archive import Label
from toolkit.formal.description import describe
from toolkit.formal.keep_out import keep_out_box, symbol_box
from toolkit.formal.print_set import Side, draft, print_set
from toolkit.resources import shared
from toolkit.seal import symbol

FONTS = shared("fonts")
LINE = "本项目面向干旱区棉花种质资源的联合评价与利用。"
ISSUED = datetime(2025, 7, 1, 8, 30, 15, tzinfo=UTC)
LABEL = Label("项目申报书 & <1>", ISSUED, "XJSCO25-00001-r1")


def side(page: int, copy: int, size: int = 205) -> Side:
    digits = symbol.to_digits(bytes((page * 31 + copy * 7 + index * index) % 256 for index in range(size)))
    return Side(page, copy, digits, f"XJSCO25-00001-r1/P/{copy}/{page}-K")


SIDES = [side(page, copy, 440 if page == 1 else 205) for copy in (1, 2) for page in (1, 2, 3, 4)]


def sealed(pdf: bytes, sides: list[Side] = SIDES) -> bytes:
    return print_set(pdf, sides, watermark="正式上报版", label=LABEL, fonts_folder=FONTS)


@pytest.fixture(scope="module")
def formal(four_pages: bytes) -> bytes:
    return sealed(four_pages)


def render(pdf: bytes, page: int, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].render(scale=dpi / 72).to_pil().convert("RGB")  # type: ignore[no-any-return]
    finally:
        document.close()


@pytest.mark.parametrize("dpi", [150, 217, 300])
def test_every_symbol_reads_back(formal: bytes, dpi: int) -> None:
    for index, expected in enumerate(SIDES[:5]):
        (found,) = zxingcpp.read_barcodes(render(formal, index, dpi), formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.text == expected.digits
        corner = found.position.top_left
        left, top, _, _ = symbol_box(expected.page, 81 if expected.page == 1 else 57)
        assert (corner.x, corner.y) == pytest.approx((left * dpi / 7200, top * dpi / 7200), abs=2.5)


def test_modules_have_no_seams(formal: bytes) -> None:
    """Inside the finder pattern's dark bar nothing is grey, at a resolution that no module edge falls on."""
    image = np.asarray(render(formal, 1, 233).convert("L"))
    left, top, _, bottom = (edge * 233 / 7200 for edge in symbol_box(2, 57))
    module = (bottom - top) / 57
    bar = image[round(top + module) : round(top + 6 * module), round(left + 0.4 * module) : round(left + 0.6 * module)]
    assert bar.max() == 0


def test_text_stays_and_the_reference_comes_after_it(four_pages: bytes, formal: bytes) -> None:
    before = [page.extract_text() for page in PdfReader(io.BytesIO(four_pages)).pages]
    after = [page.extract_text() for page in PdfReader(io.BytesIO(formal)).pages]
    assert len(after) == 8
    for text, expected in zip(after, SIDES, strict=True):
        assert text.rstrip().endswith(expected.reference)
        assert text.split() == [*before[expected.page - 1].split(), expected.reference]


def test_the_print_settings_are_those_of_a_duplex_form(formal: bytes) -> None:
    with pikepdf.open(io.BytesIO(formal)) as document:
        preferences = document.Root.ViewerPreferences
        assert preferences.Duplex == pikepdf.Name.DuplexFlipLongEdge
        assert preferences.PrintScaling == pikepdf.Name("/None")
        assert bool(preferences.PickTrayByPDFSize) is True
        assert document.docinfo["/Title"] == "项目申报书 & <1>"
        assert str(document.docinfo["/CreationDate"]).startswith("D:20250701083015")


def test_pdf_a_is_kept(four_pages: bytes, formal: bytes) -> None:
    """What ISO 19005-2 asks of the things that are added: fonts, colour, transparency, metadata, output intent."""
    with pikepdf.open(io.BytesIO(formal)) as document, document.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        assert metadata["dc:title"] == "项目申报书 & <1>"
        assert document.Root.OutputIntents[0].DestOutputProfile.read_bytes()
        for page in document.pages:
            for font in page.obj.Resources.Font.values():
                faces = list(font.get("/DescendantFonts", [font]))
                assert all("/FontFile2" in face.FontDescriptor for face in faces)
            assert "/ExtGState" not in page.obj.Resources
        assert b"/Helvetica" not in b"".join(
            item.unparse() for item in document.objects if isinstance(item, pikepdf.Dictionary)
        )


@pytest.mark.real
def test_poppler_finds_no_fault_in_the_fonts(four_pages: bytes, formal: bytes) -> None:
    assert (
        subprocess.run(["pdffonts", "-"], input=formal, capture_output=True, check=True).stderr
        == subprocess.run(["pdffonts", "-"], input=four_pages, capture_output=True, check=True).stderr
    )


def test_copies_share_their_content(four_pages: bytes, formal: bytes) -> None:
    many = sealed(four_pages, [side(page, copy) for copy in range(1, 7) for page in (1, 2, 3, 4)])
    symbols = 4500 * 24
    assert len(formal) < len(four_pages) + 8 * 6000 + 60_000
    assert len(many) < len(four_pages) + symbols + 60_000


def test_the_same_input_gives_the_same_bytes(four_pages: bytes, formal: bytes) -> None:
    assert sealed(four_pages) == formal


def test_ground_and_caption_stay_in_the_keep_out_box(four_pages: bytes, formal: bytes) -> None:
    dpi = 150
    for index in (0, 1):
        plain = np.asarray(render(draft(four_pages, watermark="正式上报版", fonts_folder=FONTS), index, dpi)).astype(
            int
        )
        stamped = np.asarray(render(formal, index, dpi)).astype(int)
        changed = np.abs(plain - stamped).max(axis=2) > 8
        changed[: round(14 / 25.4 * dpi), round(70 / 25.4 * dpi) : round(140 / 25.4 * dpi)] = False  # the draft's line
        rows, columns = np.nonzero(changed)
        box = [edge * dpi / 7200 for edge in keep_out_box(index + 1, 81 if index == 0 else 57)]
        assert columns.min() >= box[0] - 1 and rows.min() >= box[1] - 1
        assert columns.max() <= box[2] + 1 and rows.max() <= box[3] + 1


def test_the_watermark_is_light_and_under_the_text(four_pages: bytes, formal: bytes) -> None:
    before = np.asarray(render(four_pages, 3, 100).convert("L")).astype(int)
    after = np.asarray(render(formal, 3, 100).convert("L")).astype(int)
    tinted = (before == 255) & (after > 200) & (after < 235)
    assert 0.012 < tinted.mean() < 0.1
    assert (after[before < 40] < 60).mean() > 0.97


@pytest.fixture(scope="module")
def picture_page(typeset: Callable[[str], bytes]) -> bytes:
    """Return a page that a picture covers, white in its upper quarter and black in its lower one."""
    shades = '#place(top + left, image(bytes(({})), width: 156mm, height: 205mm, fit: "stretch"))'
    picture = io.BytesIO()
    Image.fromarray(np.repeat(np.clip(np.arange(510, -255, -1), 0, 255), 9).reshape(-1, 9).astype(np.uint8)).save(
        picture, "PNG"
    )
    page = shades.format(", ".join(map(str, picture.getvalue())))
    return typeset(f"{page}\n#pagebreak()\n{LINE}")


def test_the_watermark_shows_on_a_picture_and_leaves_black_black(picture_page: bytes) -> None:
    before = np.asarray(render(picture_page, 0, 100).convert("L")).astype(int)
    formal = sealed(picture_page, [side(1, 1), side(2, 1)])
    after = np.asarray(render(formal, 0, 100).convert("L")).astype(int)
    box = (
        slice(round(60 / 25.4 * 100), round(240 / 25.4 * 100)),
        slice(round(30 / 25.4 * 100), round(180 / 25.4 * 100)),
    )
    before, after = before[box], after[box]
    marked = after < before - 1
    assert 0.05 < marked[before == 255].mean() < 0.3
    # Multiplied: what was v is 0.88 v under the watermark, whatever it was.
    assert np.abs(after[marked] - before[marked] * stationery.WATERMARK_GREY).max() < 0.13 * 255
    assert np.median(np.abs(after[marked] - before[marked] * stationery.WATERMARK_GREY)) <= 1
    assert after[before == 0].max() == 0
    with pikepdf.open(io.BytesIO(formal)) as document, document.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        states = [page.obj.Resources.get("/ExtGState") for page in document.pages]
        assert states[0] is not None and states[1] is None  # transparency only where a picture needs it
        assert [str(state.BM) for state in states[0].values()] == ["/Multiply"]
        # ISO 19005-2, 6.2.10: with an output intent a page with transparency needs no group of its own.
        assert document.Root.OutputIntents


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        ([side(1, 1), side(2, 1), side(3, 1)], "back of the last sheet"),
        ([side(2, 1), side(1, 1)], "wrong side"),
        ([side(page, copy) for copy in (1, 2) for page in (1, 2, 3)], "copy 2"),
    ],
)
def test_a_copy_that_begins_on_a_back_is_refused(four_pages: bytes, sides: list[Side], words: str) -> None:
    with pytest.raises(TypesettingError, match=words):
        sealed(four_pages, sides)


def test_a_sheet_can_be_printed_again(four_pages: bytes) -> None:
    again = sealed(four_pages, [side(3, 2), side(4, 2)])
    with pikepdf.open(io.BytesIO(again)) as document:
        pages = [
            item for item in document.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Page"
        ]
        assert len(pages) == len(document.pages) == 2  # the others are not in the file unseen


def test_the_logical_structure_points_to_pages_that_are_there(formal: bytes) -> None:
    with pikepdf.open(io.BytesIO(formal)) as document:
        pages = [
            item for item in document.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Page"
        ]
        assert len(pages) == len(document.pages) == 8
        assert ["/StructParents" in page.obj for page in document.pages] == [True] * 4 + [False] * 4


def test_each_page_has_the_symbol_in_its_own_corner_whatever_its_size(typeset: Callable[[str], bytes]) -> None:
    pdf = typeset("甲#pagebreak()乙#set page(flipped: true)\n丙#pagebreak()丁")
    made = sealed(pdf, [side(page, 1) for page in (1, 2, 3, 4)])
    for index, width in enumerate((595, 595, 842, 842)):
        image = render(made, index, 200)
        (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        middle = (found.position.top_left.x + found.position.top_right.x) / 2 * 72 / 200
        assert abs(middle - (width - 62 if index % 2 == 0 else 62)) < 3
        assert image.width == pytest.approx(width * 200 / 72, abs=2)


def test_what_is_no_pdf_is_refused(four_pages: bytes) -> None:
    for broken in (b"", b"%PDF-1.7", b"text"):
        with pytest.raises(InputUnreadable):
            draft(broken, watermark="草稿", fonts_folder=FONTS)


def test_a_watermark_that_the_face_lacks_is_named(four_pages: bytes, tmp_path: Path) -> None:
    with pytest.raises(TypesettingError, match="ئ"):
        draft(four_pages, watermark="ئ", fonts_folder=FONTS)
    with pytest.raises(TypesettingError, match="put the fonts folder back"):
        draft(four_pages, watermark="草稿", fonts_folder=tmp_path)


def test_a_draft_has_watermark_and_line_and_no_symbol(four_pages: bytes, typeset: Callable[[str], bytes]) -> None:
    made = draft(four_pages, watermark="草稿", fonts_folder=FONTS)
    assert made == draft(four_pages, watermark="草稿", fonts_folder=FONTS)
    image = render(made, 0, 200)
    assert not zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    line = np.asarray(image.convert("L"))[round(9 / 25.4 * 200) : round(14 / 25.4 * 200)]
    assert (line < 150).sum() > 500
    odd = draft(typeset("一页"), watermark="草稿", fonts_folder=FONTS)
    assert len(PdfReader(io.BytesIO(odd)).pages) == 1


def test_a_damaged_pdf_is_refused_or_set_never_a_traceback(four_pages: bytes) -> None:
    random = Random(7)
    outcomes = set()
    for _ in range(60):
        damaged = bytearray(four_pages)
        for _ in range(random.choice((1, 5, 50, 500))):
            place = random.randrange(len(damaged))
            damaged[place : place + random.randrange(3)] = random.randbytes(random.randrange(3))
        for work in (
            lambda pdf: draft(pdf, watermark="草稿", fonts_folder=FONTS),
            lambda pdf: describe(pdf, zones=[()] * 4, watermark=""),
        ):
            try:
                work(bytes(damaged))
                outcomes.add("done")
            except TruecopyError as error:
                outcomes.add(error.code)
    assert {"done", "INPUT_UNREADABLE"} <= outcomes
