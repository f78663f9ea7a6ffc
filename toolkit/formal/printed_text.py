"""The characters printed on a page: what each is, in which face and size, and exactly where its ink is.

Reading order is the order of the PDF's content (engines write it as it is read), with one correction: engines write
words of Arabic script as they stand on paper, from left to right, so each run of them is turned round here.

A box is the em box of the glyph: its left edge is where the pen starts, it is as wide as the pen advances, and reaches
from 0.88 of the size above the baseline to 0.12 below, where Han characters stand. All of it is in the PDF exactly, so
that whoever draws the character again with the face can put it to 1/100 pt. An ink box could not be had so: PDFium
rounds it to 1/64 of the em, a quarter of a point at 16 pt (it measures glyphs at 64 pixels). The box of turned text is
the upright box around its ascent and descent.

A character is what the PDF's ToUnicode says of the glyph, in normalisation form C. A glyph that stands for several
characters (ligature fi, lam-alif, letter and accent) is one glyph with several characters. Joined letters of Arabic
script keep their nominal letter; which of its forms is printed follows from the neighbours.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections import deque
from collections.abc import Sequence
from itertools import groupby, repeat
from operator import attrgetter, eq, mul
from typing import NamedTuple

from toolkit.errors import TypesettingError
from toolkit.formal import pdfium
from toolkit.formal.text_runs import Face, Run, brackets_paired, lines_turned, mirrored, turned
from toolkit.messages import Message
from toolkit.page import Glyph

_NO_INK = frozenset(
    (
        *range(3, 0x21),  # control codes, PDFium's line ends among them, and the space
        *(0x85, 0xA0, 0x61C, 0x1680, 0x180E, 0x3000, 0xFEFF),
        *range(0x2000, 0x2010),  # spaces, and marks of joining and direction
        *range(0x2028, 0x2030),
        *range(0x205F, 0x2070),
        *range(0xFE00, 0xFE10),  # variation selectors
    )
)
"""Characters that leave no ink: Unicode White_Space and Default_Ignorable_Code_Point, as far as forms have them."""

_HYPHENS = {0x02: "-", 0xAD: "-", 0xFFFE: "-"}
"""PDFium gives a hyphen at the end of a line as U+0002 (cpdf_textpage.cpp), engines as a soft hyphen; ink is ink."""

_ABOVE, _BELOW = 0.88, 0.12
"""Parts of the size above and below the baseline that the em box of Han characters takes (OpenType BASE, ideo)."""

_UNKNOWN = "�"
"""A glyph of which the PDF does not say the character: still a glyph, never dropped."""

_INVISIBLE = (3, 7)
"""Text rendering modes without ink (ISO 32000-2, table 104): neither filled nor stroked, and clip only."""

_EMBOLDENED = 2
"""The text rendering mode that fills and strokes."""

_OUTLINED = (1, 4, 5, 6)
"""Text rendering modes that only stroke the outlines, or clip besides: the face alone does not say what is printed."""


class PageText:
    """Reads the text of one page; ``fonts`` lists the faces met, as ``PageDescription.fonts`` wants them.

    A face is the PostScript name without the prefix of its subset. Text that is printed otherwise is a face of its own:
    ``NAME~N`` where the outlines are stroked N 1/100 pt wide as well (how engines make a bold that a family lacks),
    ``NAME#RRGGBB`` where the colour is not black.
    """

    def __init__(self, page: int, number: int, height: float) -> None:
        self._page = page
        self._number = number
        self._height = height
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._characters: dict[int, str] = {code: "" for code in _NO_INK} | _HYPHENS | {0: _UNKNOWN}

    @property
    def fonts(self) -> tuple[str, ...]:
        """The faces in the order of their numbers."""
        return tuple(self._numbers)

    def runs(self) -> list[Run]:
        """Return the text objects of the page in reading order.

        Raises:
            TypesettingError: when a font is not embedded, so that every printer would print another page.
        """
        first, right_to_left = self._read()
        if not right_to_left:
            return list(first.values())
        return self._with_arabic(first, right_to_left)

    def _with_arabic(self, first: dict[int, Run], right_to_left: set[int]) -> list[Run]:
        """Read the page again without its words of Arabic script, and put them back.

        PDFium reorders every line that has one, mirrors brackets that are not mirrored on paper and turns surrogate
        pairs round. Lines without them are given as they stand in the PDF.
        """
        for item in right_to_left:
            pdfium.set_active(item, 0)
        try:
            second, _ = self._read()
        finally:
            for item in right_to_left:
                pdfium.set_active(item, 1)
        order = {item: place for place, item in enumerate(text_objects(self._page))}
        found = {**second, **{item: turned(first[item]) for item in right_to_left if item in first}}
        # Engines mark runs of right-to-left text so (ISO 32000-2, 14.8.2.5.3), unless they are one glyph long.
        found = {
            item: mirrored(run) if "ReversedChars" in pdfium.mark_names(item) else run for item, run in found.items()
        }
        runs = sorted(found.values(), key=lambda run: order.get(run.item, len(order)))
        return lines_turned(brackets_paired(runs))

    def _read(self) -> tuple[dict[int, Run], set[int]]:
        text = pdfium.load_text(self._page)
        if not text:
            raise TypesettingError(Message("the text of page {page} of the PDF cannot be read", page=self._number))
        try:
            return self._read_characters(text)
        finally:
            pdfium.close_text(text)

    def _read_characters(self, text: int) -> tuple[dict[int, Run], set[int]]:
        """Return the runs of a text page by their text objects, and which of them have Arabic script."""
        columns = _columns(text)
        arabic = {code for code in set(columns.codes) if _is_arabic(code)}
        for code in set(columns.codes).difference(self._characters):
            self._characters[code] = _normal(code)
        runs: dict[int, Run] = {}
        right_to_left: set[int] = set()
        for item, indices in groupby(range(len(columns.codes)), columns.owners.__getitem__):
            first, *others = indices
            span = slice(first, first + 1 + len(others))
            if not item:
                continue
            if item not in runs:
                runs[item] = Run(item, [], self._face(text, first, item), False)
            face, glyphs = runs[item].face, runs[item].glyphs
            if face.printed:
                self._append(columns, span, face, glyphs)
                if arabic and not arabic.isdisjoint(columns.codes[span]):
                    right_to_left.add(item)
        return {item: _finished(run) for item, run in runs.items() if run.glyphs}, right_to_left

    def _append(self, columns: _Columns, span: slice, face: Face, glyphs: list[Glyph]) -> None:
        """Append the glyphs of a stretch of characters; those in one place are parts of one glyph."""
        font, size, top, bottom = face.font, face.size, face.top, face.bottom
        lefts, rights = columns.lefts[span], columns.rights[span]
        characters = map(self._characters.__getitem__, columns.codes[span])
        if face.upright:
            glyphs += [
                Glyph(character, font, size, (left, top, right, bottom))
                for character, left, right in zip(characters, lefts, rights, strict=True)
                if character
            ]
            joined = any(map(eq, lefts, lefts[1:]))
        else:
            height = self._height
            edges = columns.edges[4 * span.start : 4 * span.stop]
            tops = [round((height - edge) * 100) for edge in edges[_TOP::4]]
            bottoms = [round((height - edge) * 100) for edge in edges[_BOTTOM::4]]
            boxes = zip(lefts, tops, rights, bottoms, strict=True)
            glyphs += [Glyph(c, font, size, box) for c, box in zip(characters, boxes, strict=True) if c]
            joined = True
        if joined:
            glyphs[:] = [
                first._replace(character="".join(glyph.character for glyph in (first, *rest)))
                for _, (first, *rest) in groupby(glyphs, attrgetter("box"))
            ]

    def _face(self, text: int, index: int, item: int) -> Face:
        a, b, c, d, _, f = pdfium.character_matrix(text, index)
        mode = pdfium.get_render_mode(item)
        font = pdfium.get_font(item)
        name = self._names.get(font)
        if name is None:
            name = self._names[font] = self._name(font)
        colour = pdfium.fill_colour(item) or "000000"
        exact = mode not in _OUTLINED and not pdfium.has_transparency(item)
        if mode == _EMBOLDENED:
            name = f"{name}~{round(pdfium.stroke_width(item) * (a * a + b * b) ** 0.5 * 100)}"
            exact = exact and pdfium.stroke_colour(item) == colour
        if colour != "000000":
            name = f"{name}#{colour}"
        number = self._numbers.get(name, 0)
        if mode not in _INVISIBLE and name not in self._numbers:
            number = self._numbers[name] = len(self._numbers)
        size = pdfium.font_size(item) * (c * c + d * d) ** 0.5 * 100
        upright = abs(b) < 1e-3 and abs(c) < 1e-3 and a > 0 and d > 0
        baseline = (self._height - f) * 100
        top, bottom = round(baseline - _ABOVE * size), round(baseline + _BELOW * size)
        return Face(number, round(size), top, bottom, mode not in _INVISIBLE, upright, exact and upright)

    def _name(self, font: int) -> str:
        name = pdfium.font_name(font)
        if len(name) > 7 and name[6] == "+" and name[:6].isalpha() and name[:6].isupper():
            name = name[7:]
        if pdfium.is_embedded(font) != 1:
            raise TypesettingError(
                Message(
                    "page {page} of the PDF uses the font {font} without embedding it, so that every printer would"
                    " print another page; set the form with fonts that can be embedded",
                    page=self._number,
                    font=name,
                )
            )
        return unicodedata.normalize("NFC", name)


def text_objects(page: int) -> list[int]:
    """Return the text objects of a page in the order they are painted, those inside forms included."""
    found: list[int] = []
    pending = [pdfium.get_object(page, index) for index in reversed(range(pdfium.count_objects(page)))]
    while pending:
        item = pending.pop()
        kind = pdfium.get_type(item)
        if kind == pdfium.TEXT:
            found.append(item)
        elif kind == pdfium.FORM:
            count = pdfium.count_form_objects(item)
            pending += [pdfium.get_form_object(item, index) for index in reversed(range(max(count, 0)))]
    return found


_LEFT, _TOP, _RIGHT, _BOTTOM = range(4)
"""The order of edges in FS_RECTF."""


class _Columns(NamedTuple):
    """The characters of a text page: UTF-16 codes, text objects, and edges, which FS_RECTF gives in points."""

    codes: Sequence[int]
    owners: list[int]
    edges: Sequence[float]
    lefts: list[int]
    rights: list[int]


def _columns(text: int) -> _Columns:
    """Return the characters of a text page.

    Each column is read in one go: a call of ctypes costs more than all else that is done for a glyph.
    """
    count = max(pdfium.count_characters(text), 0)
    owners = [owner or 0 for owner in map(pdfium.get_text_object, repeat(text), range(count))]
    buffer = (ctypes.c_float * (4 * count))()
    start = ctypes.addressof(buffer)
    deque(map(pdfium.get_advance_box, repeat(text), range(count), range(start, start + 16 * count, 16)), maxlen=0)
    edges = buffer[:]
    lefts, rights = (list(map(round, map(mul, edges[edge::4], repeat(100.0)))) for edge in (_LEFT, _RIGHT))
    return _Columns(_codes(text, count), owners, edges, lefts, rights)


def _codes(text: int, count: int) -> Sequence[int]:
    """Return the UTF-16 codes of all characters of a text page, in one call where PDFium leaves none out."""
    buffer = (ctypes.c_uint16 * (count + 1))()
    written = pdfium.get_text(text, 0, count, ctypes.addressof(buffer))
    if written == count + 1:  # the terminating zero is counted
        return buffer[:count]
    return list(map(pdfium.get_unicode, repeat(text), range(count)))


def _is_arabic(code: int) -> bool:
    """Say whether PDFium turns lines with this character round: Hebrew, Arabic and what is written like them."""
    return 0x590 <= code <= 0x8FF or 0xFB1D <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC


def _normal(code: int) -> str:
    """Return the character of a code as a record may hold it; halves of a pair are joined when the run is finished."""
    if 0xD800 <= code <= 0xDFFF:
        return chr(code)
    if code > 0x10FFFF:
        return _UNKNOWN
    return unicodedata.normalize("NFC", chr(code))


def _finished(run: Run) -> Run:
    """Return a run whose pairs of surrogates, and letters with their accents, are one character each."""
    for index, glyph in enumerate(run.glyphs):
        if len(glyph.character) > 1 or "\ud800" <= glyph.character <= "\udfff":
            text = glyph.character.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            run.glyphs[index] = glyph._replace(character=unicodedata.normalize("NFC", text))
    return run
