"""Forms set with Typst for tests, and measured in the PDF by pdfium, which had no part in making it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from word_files import word_file

from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import TypesetForm, typeset

CREATED = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Character:
    """A printed character: where its origin is (points from the page's top left), its size and its font's name."""

    text: str
    x: float
    y: float
    size: float
    font: str


@dataclass(frozen=True)
class Page:
    """A page with its characters in the order of the PDF, without blanks, and the boxes of its lines and fills."""

    characters: tuple[Character, ...]
    paths: tuple[tuple[float, float, float, float], ...]
    pictures: tuple[tuple[float, float, float, float], ...]

    @property
    def text(self) -> str:
        return "".join(character.text for character in self.characters)

    def at(self, text: str) -> Character:
        """Return the first character of a text that stands on the page once or more."""
        return self.characters[self.text.index(text)]

    def baselines(self) -> list[float]:
        """Return the baselines of the page's lines from top to bottom, each once."""
        return sorted({round(character.y, 2) for character in self.characters})


@cache
def fonts() -> FontCatalogue:
    return FontCatalogue.load(Path(__file__).parents[2] / "fonts")


def typeset_body(body: str, **word: object) -> TypesetForm:
    """Set a Word file with that body (see ``word_files.word_file``)."""
    return typeset(word_file(body, **word), name="form.docx", fonts=fonts(), created=CREATED)  # type: ignore[arg-type]


def pages(body: str, **word: object) -> list[Page]:
    """Set a Word file with that body and measure its pages."""
    return measured(typeset_body(body, **word).pdf)


def page(body: str, **word: object) -> Page:
    """Set a Word file with that body, which has to fit one page."""
    (only,) = pages(body, **word)
    return only


def measured(pdf: bytes) -> list[Page]:
    """Measure every page of a PDF."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_measured(document[at]) for at in range(len(document))]
    finally:
        document.close()


def _measured(page: pypdfium2.PdfPage) -> Page:
    height = page.get_height()
    text = page.get_textpage()
    characters = []
    for at in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, at)
        if 0xDC00 <= code < 0xE000:  # the second half of a character that pdfium gives as two
            first = characters.pop()
            characters.append(
                replace(first, text=(first.text + chr(code)).encode("utf-16", "surrogatepass").decode("utf-16"))
            )
            continue
        if chr(code).isspace() or code == 0:
            continue
        x, y = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDFText_GetCharOrigin(text, at, x, y)
        name, flags = ctypes.create_string_buffer(200), ctypes.c_int()
        pdfium.FPDFText_GetFontInfo(text, at, name, 200, flags)
        size = pdfium.FPDFText_GetFontSize(text, at)
        font = name.value.decode().split("+")[-1]
        characters.append(Character(chr(code), x.value, height - y.value, size, font))
    boxes: dict[int, list[tuple[float, float, float, float]]] = {
        pdfium.FPDF_PAGEOBJ_PATH: [],
        pdfium.FPDF_PAGEOBJ_IMAGE: [],
    }
    for item in page.get_objects(max_depth=4):
        if item.type in boxes:
            left, bottom, right, top = item.get_bounds()
            boxes[item.type].append((left, height - top, right, height - bottom))
    result = Page(tuple(characters), tuple(boxes[pdfium.FPDF_PAGEOBJ_PATH]), tuple(boxes[pdfium.FPDF_PAGEOBJ_IMAGE]))
    text.close()
    page.close()
    return result
