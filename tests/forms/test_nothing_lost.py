"""No text run of a Word file is ever lost: everything that it holds is on the page, or the file is refused by name."""

from __future__ import annotations

import unicodedata
import zipfile
from io import BytesIO

import pypdfium2
import pytest
from chinese_lines import faults
from docx.oxml import parse_xml
from lxml import etree
from office_forms import FORMS, saved
from set_pages import CREATED, fonts, measured
from supplied_forms import SAMPLES, filled
from word_files import zipped

from toolkit.forms.typesetting import typeset, typeset_all

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NOT_IN_RUNS = set("0123456789.、（）()•☑☐☒□一二三四五六七八九十")
"""What the typesetter writes by itself: automatic numbers, numbers of pages, boxes to tick, dots up to a tab stop."""


def bare(docx: bytes) -> bytes:
    """Return a Word file without its headers and footers, so that text goes on from page to page."""
    with zipfile.ZipFile(BytesIO(docx)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    root = etree.fromstring(parts["word/document.xml"])
    for kind in ("headerReference", "footerReference"):
        for reference in [*root.iter(f"{_W}{kind}")]:
            parent = reference.getparent()
            assert parent is not None
            parent.remove(reference)
    return zipped({**parts, "word/document.xml": etree.tostring(root)})


def texts(docx: bytes) -> tuple[list[tuple[str, bool]], list[str]]:
    """Return the texts of the body in order, each with whether a table has it, and those of boxes and notes.

    They are read without the reader under test.
    """
    with zipfile.ZipFile(BytesIO(docx)) as package:
        parts = {name: etree.fromstring(package.read(name)) for name in package.namelist() if name.endswith("s.xml")}
        body = etree.fromstring(package.read("word/document.xml"))
    apart = [
        "".join(text.text or "" for text in block.iter(f"{_W}t"))
        for root in (body, *(part for name, part in parts.items() if name == "word/footnotes.xml"))
        for kind in ("txbxContent", "footnote")
        for block in root.iter(f"{_W}{kind}")
    ]
    outside = (text for text in body.iter(f"{_W}t") if next(text.iterancestors(f"{_W}txbxContent"), None) is None)
    flowing = [(text.text or "", next(text.iterancestors(f"{_W}tbl"), None) is not None) for text in outside]
    return flowing, apart


def without(text: str, part: str, at: int) -> str:
    """Return a text without what stands in a cell, wherever in its table; a page may end within it."""
    for end in range(len(part), 0, -1):
        first = text.find(part[:end], at)
        rest = text.find(part[end:], first + end) if first >= 0 else -1
        if rest >= 0:
            return text[:first] + text[first + end : rest] + text[rest + len(part) - end :]
    raise AssertionError((part, text[at : at + 60]))


def headers(docx: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(docx)) as package:
        names = [name for name in package.namelist() if name.startswith(("word/header", "word/footer"))]
        parts = [etree.fromstring(package.read(name)) for name in names]
    return ["".join(text.text or "" for text in part.iter(f"{_W}t")).strip() for part in parts]


def plain(text: str) -> str:
    """Return a text without blanks and in compatibility form: fonts show Arabic letters in their joined shapes."""
    return "".join(unicodedata.normalize("NFKC", "".join(text.split())))


def is_joined(text: str) -> bool:
    return any("\u0600" <= character <= "\u06ff" for character in text)


def printed(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return plain("".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()


@pytest.mark.parametrize("name", FORMS)
def test_the_text_is_that_of_the_file_in_its_order(name: str) -> None:
    docx = bare(saved(FORMS[name]()))
    text = printed(typeset(docx, name=f"{name}.docx", fonts=fonts(), created=CREATED).pdf)
    flowing, apart = texts(docx)
    for each in filter(None, map(plain, apart)):
        assert text.count(each) >= 1, each
        text = text.replace(each, "", 1)
    at, left = 0, ""
    for each, in_table in ((plain(each), in_table) for each, in_table in flowing if plain(each)):
        if in_table:
            text = without(text, each, at)
            continue
        if is_joined(each):  # PDFium gives joined script in the order of its own
            found = min(text.index(sign, at) for sign in set(each))
            assert sorted(text[found : found + len(each)]) == sorted(each)
        else:
            found = text.find(each, at)
        assert found >= 0, (each, text[at : at + 40])
        left += text[at:found]
        at = found + len(each)
    repeated = set("".join(each for each, in_table in flowing[:12] if in_table)) if name == "long_table" else set()
    assert set(left + text[at:]) <= NOT_IN_RUNS | repeated, left + text[at:]


@pytest.mark.parametrize("name", FORMS)
def test_headers_and_footers_are_printed_and_no_line_breaks_a_rule(name: str) -> None:
    docx = saved(FORMS[name]())
    pdf = typeset(docx, name=f"{name}.docx", fonts=fonts(), created=CREATED).pdf
    text = printed(pdf)
    assert [said for said in map(plain, headers(docx)) if said.strip("—") and said not in text] == []
    assert [line for page in measured(pdf) for line in faults(page)] == []


@pytest.mark.real
def test_libreoffice_needs_as_many_pages_or_one_apart() -> None:
    forms = [(name, saved(make())) for name, make in FORMS.items()]
    forms += [each for sample in SAMPLES for each in filled(sample)]
    ours, theirs = (
        [form.pages for form in typeset_all(forms, fonts=fonts(), created=CREATED, engine=engine)]
        for engine in ("typst", "libreoffice")
    )
    counts = {name: pair for (name, _), pair in zip(forms, zip(ours, theirs, strict=True), strict=True)}
    assert {name: pair for name, pair in counts.items() if abs(pair[0] - pair[1]) > 1} == {}
    assert sum(one != other for one, other in counts.values()) <= 3, counts


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
