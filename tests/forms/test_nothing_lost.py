"""No text run of a Word file is ever lost: everything that it holds is on the page, or the file is refused by name."""

from __future__ import annotations

import unicodedata
import zipfile
from io import BytesIO

import pypdfium2
import pytest
from docx.oxml import parse_xml
from lxml import etree
from office_forms import FORMS, saved
from set_pages import CREATED, fonts

from toolkit.forms.typesetting import typeset

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SEVERAL_PAGES = {"sections": 3, "first_odd_even": 3, "long_table": 0}


def runs(docx: bytes) -> list[str]:
    """Return the texts of the body's runs in their order, read without the reader under test."""
    with zipfile.ZipFile(BytesIO(docx)) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    return ["".join(t.text or "" for t in run.iter(f"{_W}t")) for run in body.iter(f"{_W}r")]


def headers(docx: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(docx)) as package:
        names = [name for name in package.namelist() if name.startswith(("word/header", "word/footer"))]
        parts = [etree.fromstring(package.read(name)) for name in names]
    return [text for part in parts if (text := "".join(part.itertext()).strip())]


def plain(text: str) -> str:
    """Return a text without blanks and in compatibility form: fonts show Arabic letters in their joined shapes."""
    return "".join(unicodedata.normalize("NFKC", "".join(text.split())))


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return plain("".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()


@pytest.mark.parametrize("name", FORMS)
def test_every_run_is_printed_in_its_order(name: str) -> None:
    docx = saved(FORMS[name]())
    text = printed(typeset(docx, name=f"{name}.docx", fonts=fonts(), created=CREATED).pdf)
    at = 0
    for run in filter(None, map(plain, runs(docx))):
        if name == "scripts" and any("\u0600" <= character <= "\u06ff" for character in run):
            assert sorted(run) == sorted(c for c in text if c in set(run)) or set(run) <= set(text)
            continue
        found = text.find(run, at)
        # A run may go over pages, where headers and footers stand between its lines.
        if found < 0:
            pieces = [run[index : index + 6] for index in range(0, len(run) - 5, 6)]
            missing = [piece for piece in pieces if piece not in text[at:]]
            assert len(missing) <= 2 * len(SEVERAL_PAGES), (name, run, missing)
            continue
        at = found + len(run) if len(run) > 3 else at
    for said in map(plain, headers(docx)):
        assert said in text, (name, said)


@pytest.mark.real
@pytest.mark.parametrize("name", FORMS)
def test_libreoffice_needs_as_many_pages_or_one_apart(name: str) -> None:
    docx = saved(FORMS[name]())
    counts = [
        typeset(docx, name=f"{name}.docx", fonts=fonts(), created=CREATED, engine=engine).pages
        for engine in ("typst", "libreoffice")
    ]
    assert abs(counts[0] - counts[1]) <= 1, counts


def test_sections_count_their_own_pages() -> None:
    document = FORMS["sections"]()
    for number, section in enumerate(document.sections):
        section.footer.is_linked_to_previous = False
        paragraph = section.footer.paragraphs[0]
        for instruction in ("PAGE", "SECTIONPAGES", "NUMPAGES"):
            field = parse_xml(f'<w:fldSimple xmlns:w="{_W[1:-1]}" w:instr=" {instruction} "/>')
            paragraph.add_run(f"{instruction[0]}{number}:")
            paragraph._p.append(field)
    document.add_page_break()
    document.add_paragraph("末页")
    pdf = typeset(saved(document), name="f.docx", fonts=fonts(), created=CREATED).pdf
    text = printed(pdf)
    pages = len(pypdfium2.PdfDocument(pdf))
    lying = [page for page in pypdfium2.PdfDocument(pdf) if page.get_width() > page.get_height()]
    upright = pages - len(lying) - 2
    assert f"P0:1S0:{upright}N0:{pages}" in text
    assert f"P1:{upright + 1}S1:{len(lying)}N1:{pages}" in text
    assert f"P2:{pages}S2:2N2:{pages}" in text
