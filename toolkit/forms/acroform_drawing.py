"""The values of a PDF form set by Typst: one page for each place, as large as its box, to be laid on the form.

A text that is too wide or too high for its box is set smaller, down to ``SMALLEST``, and then refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files

from toolkit.errors import TypesettingError
from toolkit.forms.acroform import Kind
from toolkit.forms.acroform_values import Filled
from toolkit.forms.blocks import Text
from toolkit.forms.fonts import BOLD, FontCatalogue
from toolkit.forms.looks import Faces, LineSpacing, Look, Pitch
from toolkit.forms.typst_engine import MissingGlyph, compiled
from toolkit.forms.typst_text import LineBox, Script, TextWriter, has_han, length, segments
from toolkit.messages import Message

SMALLEST = 7.5
"""Points (六号) below which no text is shrunk: 16 pixels at 150 dpi, the coarsest that paper is compared at."""
BLEED = 4.0
"""Points round a box that belong to its page: descents and accents reach over the edges of a tight one."""
_USUAL = 12.0
"""Size where the form leaves it open; what Acrobat begins with in boxes of several lines."""
_INSET = 2.0
_LEADING, _TIGHT = 1.3, 1.15
"""Distance from line to line, as a share of the size, of several lines and of one."""
_STEP = 0.5
_MEASURED = """
#let measured(name, width, height, several, body) = context {
  let size = if several { measure(block(width: width, body)) } else { measure(body) }
  let over = size.width > width + 0.1pt or size.height > height + 0.5pt
  if over { mark("overflow", name, size.height.pt(), height.pt()) }
}
"""


def set_texts(
    texts: Sequence[Filled],
    fonts: FontCatalogue,
    created: datetime,
    *,
    blank: tuple[str, float, float] | None,
    name: str,
) -> bytes:
    """Return a PDF/A with one page for each text, as large as its box with ``BLEED`` round it.

    Args:
        texts: what is set, with its field and place.
        fonts: the fonts to set it in; no others are used.
        created: the time that the PDF says it was made.
        blank: text, width and height of a last page that only makes the number of pages even; None for no such page.
        name: what messages call the form.

    Raises:
        TypesettingError: when a text does not fit its box at ``SMALLEST``, or no font has a character of it.
    """
    sizes = {index: _wanted(each) for index, each in enumerate(texts)}
    while True:
        try:
            pdf, marks = compiled(_source(texts, sizes, fonts, blank), {}, fonts, created, tagged=False)
        except MissingGlyph as error:
            raise _located(texts, fonts, name, error) from error
        over = [int(mark.name) for mark in marks if mark.kind == "overflow"]
        if not over:
            return pdf
        stuck = [index for index in over if sizes[index] <= SMALLEST]
        if stuck:
            raise _too_long([texts[index] for index in stuck], name)
        for index in over:
            sizes[index] = max(min(sizes[index] * 0.9, sizes[index] - _STEP), SMALLEST)


def _wanted(filled: Filled) -> float:
    left, bottom, right, top = filled.widget.edges
    field = filled.field
    if field.kind in (Kind.CHECK, Kind.RADIO):
        return max(min(right - left, top - bottom) * 0.9, 4.0)
    if field.size:
        return field.size
    return _USUAL if field.multiline else min(_USUAL, (top - bottom) / _TIGHT)


def _source(
    texts: Sequence[Filled], sizes: Mapping[int, float], fonts: FontCatalogue, blank: tuple[str, float, float] | None
) -> str:
    writer = TextWriter(fonts)
    pages = [_page(index, each, sizes[index], writer) for index, each in enumerate(texts)]
    if blank is not None:
        text, width, height = blank
        line = _line(text, _look(16.0, "", "000000", fonts), LineBox(LineSpacing(Pitch.EXACT, 20.0)), width, writer)
        pages.append(
            f"page(width:{length(width)},height:{length(height)},margin:0pt,place(top+center,dy:105pt,{line}))"
        )
    prelude = (files("toolkit.forms") / "prelude.typ").read_text(encoding="utf-8")
    return "\n".join([prelude, _MEASURED, *writer.definitions(), "#{", *pages, "}"])


def _page(index: int, filled: Filled, size: float, writer: TextWriter) -> str:
    field = filled.field
    left, bottom, right, top = filled.widget.edges
    width, height = right - left, top - bottom
    ticked = field.kind in (Kind.CHECK, Kind.RADIO)
    several = field.multiline and not ticked
    inset = 0.0 if ticked else min(_INSET, width / 8)
    room, depth = max(width - 2 * inset, 1.0), max(height - (2 * inset if several else 0.0), 1.0)
    look = _look(size, field.font, field.colour, writer.fonts)
    box = LineBox(LineSpacing(Pitch.EXACT, size * (_LEADING if several else _TIGHT if not ticked else 1.0)))
    parts = [_border(filled, width, height)] if filled.widget.border else []
    if filled.text and field.comb and field.longest and not several:
        cell = width / field.longest
        for place, character in enumerate(filled.text):
            one = _line(character, look, box, room, writer)
            parts.append(f"place(left+horizon,dx:{length(place * cell)},box(width:{length(cell)},align(center,{one})))")
    elif filled.text:
        align = "center" if ticked else ("start", "center", "end")[field.align % 3]
        lines = [_paragraph(line, look, box, room, writer) for line in filled.text.split("\n")]
        text = "{" + "\n".join(lines) + "}"
        at = "top" if several else "horizon"
        parts.append(
            f"place({at}+left,dx:{length(inset)},dy:{length(inset if several else 0.0)},"
            f"block(width:{length(room)},{{set align({align});{text}}}))"
        )
        if not ticked:
            parts.append(
                f'measured("{index}",{length(room)},{length(depth)},{str(several).lower()},'
                f"{text if several else _line(filled.text, look, box, room, writer)})"
            )
    drawn = "\n".join(parts)
    return (
        f"page(width:{length(width + 2 * BLEED)},height:{length(height + 2 * BLEED)},margin:{length(BLEED)},fill:none,"
        f"{{{drawn}}})"
    )


def _border(filled: Filled, width: float, height: float) -> str:
    """Draw the border that the field has on the screen, within its box."""
    line = filled.widget.border
    size = f"width:{length(width - line)},height:{length(height - line)},stroke:{length(line)}"
    shape = f"ellipse({size})" if filled.field.kind is Kind.RADIO else f"rect({size})"
    return f"place(center+horizon,{shape})"


def _paragraph(text: str, look: Look, box: LineBox, room: float, writer: TextWriter) -> str:
    """Return one line of a value as a paragraph; one in Uyghur runs from the right."""
    direction = 'set text(dir:rtl,lang:"ug");' if _right_to_left(text) else ""
    return f"block(width:100%,{{{direction}par(justify:false,{_line(text, look, box, room, writer)})}})"


def _line(text: str, look: Look, box: LineBox, room: float, writer: TextWriter) -> str:
    if not text.strip():
        return f'text(size:{length(look.size)},"\u00a0")'
    return "{" + writer.run(Text(text.replace("\t", " "), look), box, east_asian=has_han(text), room=room) + "}"


def _look(size: float, font: str, ink: str, fonts: FontCatalogue) -> Look:
    """Return the look of a text in the font that a field names; Western and Uyghur text have theirs."""
    file = next((each for each in fonts.files if font and each.postscript_name == font), None)
    asian = file.family if file else font or fonts.default
    bold = bool(file and file.weight >= BOLD)
    faces = Faces("Times New Roman", "Times New Roman", asian, "UKIJ Tuz", prefers_east_asian=False)
    return Look(faces, size, size, bold=bold, colour=None if ink == "000000" else ink)


def _right_to_left(text: str) -> bool:
    """Say whether a text begins in a script that is written from right to left."""
    return next((script is Script.COMPLEX for script, piece in segments(text, east_asian=True) if piece.strip()), False)


def _too_long(stuck: Sequence[Filled], name: str) -> TypesettingError:
    told = tuple(
        Message("“{field}” ({length} characters)", field=each.field.name, length=len(each.text)) for each in stuck
    )
    return TypesettingError(
        Message(
            "in “{name}” values do not fit their boxes at {smallest:g} pt, the smallest size: {fields}; shorten them, "
            "or make the boxes larger",
            name=name,
            smallest=SMALLEST,
            fields=told,
        )
    )


def _located(texts: Sequence[Filled], fonts: FontCatalogue, name: str, error: MissingGlyph) -> TypesettingError:
    for each in texts:
        if missing := fonts.missing(each.text):
            return TypesettingError(
                Message(
                    "in “{name}” no font has the character {characters} of the field “{field}”; replace it",
                    name=name,
                    characters=tuple(f"“{character}” (U+{ord(character):04X})" for character in missing),
                    field=each.field.name,
                )
            )
    return TypesettingError(error.message)
