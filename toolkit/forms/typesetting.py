"""A filled Word form set as PDF: reader, writer and engine in one call, with what the later stages ask of it.

.docx -> word.read_form -> blocks.Form -> typst_source -> typst_engine -> PDF/A-2b, places of the bookmarks
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pikepdf
from lxml import etree

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.blocks import Form, Table
from toolkit.forms.fonts import FontCatalogue, FontFile
from toolkit.forms.package import parse_xml, read_package, write_package
from toolkit.forms.typst_engine import Mark, MissingGlyph, compiled
from toolkit.forms.typst_source import TypstSource, typst_source
from toolkit.forms.word import DOCUMENT, form_of
from toolkit.forms.word_xml import child, qualified, shortened
from toolkit.messages import Message
from toolkit.verdict import Box

BLANK_PAGE = "此页无正文"
"""What stands on a page that only makes the number of pages even (the words of GB/T 9704, 7.3.5)."""
_BLANK_PARAGRAPH = (
    f'<w:p xmlns:w="{qualified("w:p")[1:].partition("}")[0]}"><w:pPr><w:pageBreakBefore/>'
    '<w:ind w:left="0" w:right="0" w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/></w:pPr>'
    f"<w:r><w:t>{BLANK_PAGE}</w:t></w:r></w:p>"
)
_ROUNDING = 1.0
"""Points by which content may pass the text area before it is said to be too high."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the table cell of a bookmark came to stand: page from 1, box in 1/100 pt from the page's top left."""

    name: str
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class TypesetForm:
    """A form on pages; ``anchors`` in the order of the document, ``faces`` the font files that its glyphs are from.

    ``padded`` says that the last page is blank but for 此页无正文 and only there to make the number of pages even,
    ``tracked_changes`` that there were any, which are set as accepted.
    """

    pdf: bytes
    pages: int
    anchors: tuple[Anchor, ...]
    faces: tuple[FontFile, ...]
    padded: bool = False
    tracked_changes: bool = False


def typeset(
    docx: bytes, *, name: str, fonts: FontCatalogue, created: datetime, engine: str = "typst", even: bool = False
) -> TypesetForm:
    """Return a filled form as PDF, the same bytes for the same form, fonts and time.

    Args:
        docx: the filled form.
        name: what messages call it.
        fonts: the fonts to set it in; no others are used.
        created: the time that the PDF says it was made, with its time zone.
        engine: ``typst``, or ``libreoffice`` where that is installed.
        even: whether an odd number of pages gets one more, as ``pad_to_even`` makes it in the Word file.

    Raises:
        TemplateError: when the form cannot be read or holds what is not set.
        TypesettingError: when a character has no glyph, a text does not fit its box, or the engine cannot work.
    """
    if engine == "libreoffice":
        return _by_libreoffice([(name, docx)], fonts, even=even)[0]
    parts = read_package(docx, name)
    form = form_of(_padded(parts, name) if even else parts, name=name)
    source = typst_source(form, fonts, last_if_odd=even)
    try:
        pdf, marks = compiled(source.text, source.pictures, fonts, created)
    except MissingGlyph as error:
        raise _located(error, form, fonts, name) from error
    _judge_heights(marks, source, form, name)
    pages, faces = contents(pdf, fonts)
    padded = any(mark.kind == "padded" for mark in marks)
    return TypesetForm(pdf, pages, _anchors(marks, source, name), faces, padded, form.tracked_changes)


def typeset_all(
    forms: Sequence[tuple[str, bytes]], *, fonts: FontCatalogue, created: datetime, engine: str, even: bool = False
) -> Iterator[TypesetForm]:
    """Give the forms as PDF, one after the other; ``forms`` are names for messages and filled forms.

    LibreOffice sets all of them by one start of the program.

    Raises:
        TemplateError, TypesettingError: as ``typeset`` says.
    """
    if engine == "libreoffice":
        yield from _by_libreoffice(forms, fonts, even=even)
    else:
        for name, docx in forms:
            yield typeset(docx, name=name, fonts=fonts, created=created, engine=engine, even=even)


def pad_to_even(docx: bytes, *, name: str) -> bytes:
    """Return the filled form with one more page, on which stands 此页无正文 and nothing else.

    It is for forms that came out with an odd number of pages: the Word file and the PDF that is set from it agree.

    Raises:
        TemplateError: when it is no .docx.
    """
    return write_package(_padded(read_package(docx, name), name))


def _padded(parts: dict[str, bytes], name: str) -> dict[str, bytes]:
    root = parse_xml(parts[DOCUMENT], name)
    body = child(root, "w:body")
    if body is None:
        raise TemplateError(Message("“{name}” is not a Word document (.docx): its text is missing", name=name))
    paragraph = etree.fromstring(_BLANK_PARAGRAPH.encode("utf-8"))
    last = child(body, "w:sectPr")
    body.insert(len(body) if last is None else body.index(last), paragraph)
    return {**parts, DOCUMENT: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)}


def _by_libreoffice(forms: Sequence[tuple[str, bytes]], fonts: FontCatalogue, *, even: bool) -> tuple[TypesetForm, ...]:
    from toolkit.forms.libreoffice import convert_all  # only where someone asks for it

    converted = list(convert_all(forms, fonts=fonts))
    odd = [index for index, each in enumerate(converted) if even and each.pages % 2]
    padded = [(forms[index][0], pad_to_even(forms[index][1], name=forms[index][0])) for index in odd]
    for index, again in zip(odd, convert_all(padded, fonts=fonts) if odd else (), strict=True):
        converted[index] = again
    return tuple(
        TypesetForm(each.pdf, each.pages, tuple(Anchor(*cell) for cell in each.cells), each.fonts, index in odd)
        for index, each in enumerate(converted)
    )


def contents(pdf: bytes, fonts: FontCatalogue) -> tuple[int, tuple[FontFile, ...]]:
    """Return how many pages a PDF has, and the font files that its glyphs are from."""
    by_name = {file.postscript_name: file for file in fonts.files}
    with pikepdf.open(BytesIO(pdf)) as document:
        names: set[str] = set()
        seen: set[tuple[int, int]] = set()
        for page in document.pages:
            _collect_fonts(page.obj.get("/Resources"), names, seen)
        return len(document.pages), tuple(by_name[found] for found in sorted(names & by_name.keys()))


def _collect_fonts(resources: pikepdf.Object | None, names: set[str], seen: set[tuple[int, int]]) -> None:
    """Add the names of the fonts that a page's resources have, and those of what is drawn on it.

    Looking through all objects of a PDF takes 40 ms for 14 pages, since its tags are thousands.
    """
    if resources is None:
        return
    for font in resources.get("/Font", pikepdf.Dictionary()).values():
        if font.objgen not in seen or font.objgen == (0, 0):
            seen.add(font.objgen)
            names.add(
                str(font.BaseFont).lstrip("/").split("+")[-1]
            )  # subsets are named ABCDEF+Name (ISO 32000-1, 9.6.4)
    for kind in ("/XObject", "/Pattern"):
        for drawn in resources.get(kind, pikepdf.Dictionary()).values():
            if drawn.objgen not in seen:
                seen.add(drawn.objgen)
                _collect_fonts(drawn.get("/Resources"), names, seen)


def _anchors(marks: Iterable[Mark], source: TypstSource, name: str) -> tuple[Anchor, ...]:
    corners: dict[str, Mark] = {}
    anchors: dict[str, Anchor] = {}
    for mark in marks:
        if mark.kind == "from":
            corners.setdefault(mark.name, mark)
        elif mark.kind == "to" and mark.name in corners:
            first, zone = corners[mark.name], source.places[mark.name]
            if first.page != mark.page:
                raise TypesettingError(
                    Message(
                        "in “{name}” the cell of the bookmark “{zone}” goes over two pages; forbid its rows to split",
                        name=name,
                        zone=zone,
                    )
                )
            if zone in anchors:
                raise TemplateError(
                    Message("“{name}” has the bookmark “{zone}” in more than one cell", name=name, zone=zone)
                )
            edges = (first.x, first.y, mark.x, mark.y)
            left, top, right, bottom = (round(edge * 100) for edge in edges)
            anchors[zone] = Anchor(zone, mark.page, (left, top, right, bottom))
    return tuple(anchors.values())


def _judge_heights(marks: Iterable[Mark], source: TypstSource, form: Form, name: str) -> None:
    """Refuse content that is higher than its row or its page: Typst would let it run over."""
    for section in form.sections:
        room = section.height - section.margins.top - section.margins.bottom
        for table in (block for block in section.blocks if isinstance(block, Table)):
            for row in table.rows:
                if row.height is not None and row.height > room:
                    raise _too_high(" ".join(cell.text for cell in row.cells), name)
    lowest = 0.0
    for mark in marks:
        if mark.kind == "section":
            section = form.sections[int(mark.name)]
            header, footer = mark.heights
            if header + footer > section.height / 2:
                raise TypesettingError(
                    Message("in “{name}” header and footer take more than half of the page; shorten them", name=name)
                )
            lowest = section.height - max(section.margins.bottom, footer) + _ROUNDING
        elif mark.kind == "overflow":
            content, room = mark.heights
            raise TypesettingError(
                Message(
                    "in “{name}” a text needs {content} pt of height, but its box has {room} pt; shorten it: “{text}”",
                    name=name,
                    room=round(room),
                    content=round(content),
                    text=shortened(source.places[mark.name]),
                )
            )
        elif mark.kind == "row" and mark.y > lowest:
            raise _too_high(source.places[mark.name], name)


def _too_high(text: str, name: str) -> TypesettingError:
    return TypesettingError(
        Message(
            "in “{name}” rows that may not be split are higher than a page: “{text}”", name=name, text=shortened(text)
        )
    )


def _located(error: MissingGlyph, form: Form, fonts: FontCatalogue, name: str) -> TypesettingError:
    """Return the error with the characters that no font has, and the paragraph in which the first of them stands."""
    missing = fonts.missing(error.text) or tuple(error.text[:1])
    paragraph = next((each.text for each in form.paragraphs if missing and missing[0] in each.text), error.text)
    return TypesettingError(
        Message(
            "in “{name}” no font has the character {characters}; replace it, near “{text}”",
            name=name,
            characters=tuple(f"“{character}” (U+{ord(character):04X})" for character in missing),
            text=shortened(paragraph),
        )
    )
