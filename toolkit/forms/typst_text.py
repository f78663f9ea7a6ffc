"""Text as Typst source: every run in the fonts of its scripts, every character as a string that Typst never interprets.

A run's characters are parted by script, since Word gives each script a face and a size of its own; punctuation that
Chinese and Western text share goes with the paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum, auto
from functools import lru_cache

from toolkit.errors import TypesettingError
from toolkit.forms.blocks import Number, PageNumber, Stretched, Tab, Text
from toolkit.forms.fonts import BOLD, FontCatalogue
from toolkit.forms.line_breaks import held
from toolkit.forms.looks import Edge, LineSpacing, Look, Pitch, Underline
from toolkit.messages import Message

_SCRIPT_SIZE = 0.65
"""Size of superscripts and subscripts, as a share of the run's size (LibreOffice takes 0.58, Word about 0.65)."""
_SUPERSCRIPT_RISE, _SUBSCRIPT_DROP = 0.35, 0.14
"""How far they are moved, as a share of the run's size."""
_BASELINE_OF_EXACT = 0.8
"""Where the baseline stands in a line of exact pitch, from its top (LibreOffice, editeng: SvxLineSpaceRule::Fix)."""
_MADE_BOLD = 0.026
"""Stroke round glyphs of a font without bold, as a share of the size: what makes 仿宋 as heavy as Word's made bold."""


class Script(IntEnum):
    """The scripts that Word has faces for."""

    WESTERN = auto()
    OTHER_WESTERN = auto()
    EAST_ASIAN = auto()
    COMPLEX = auto()


# Ascent and descent of one line, as shares of the size. East Asian: 1.3 in all, which is what Word makes of SimSun,
# FangSong, KaiTi and SimHei (each 1.0 by its own tables), and what fonts/ are built with. Western: Times New Roman
# with its line gap halved (0.891, 0.216, 0.042). Complex: UKIJ Tuz (OS/2 winAscent, winDescent).
_METRICS = {
    Script.EAST_ASIAN: (1.03, 0.27),
    Script.WESTERN: (0.912, 0.237),
    Script.OTHER_WESTERN: (0.912, 0.237),
    Script.COMPLEX: (0.891, 0.382),
}

_DASHES = {
    **{Underline.DOTTED: '"dotted"', Underline.DASHED: '"dashed"', Underline.LONG_DASHED: "(8pt,3pt)"},
    **{Underline.DASH_DOTTED: '"dash-dotted"', Underline.DASH_DOT_DOTTED: '(4pt,2pt,"dot",2pt,"dot",2pt)'},
}

_COMPLEX = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_WESTERN = re.compile("[\u0020-\u007f]")
_OTHER_WESTERN = re.compile("[\u00a0-\u02ff\u0300-\u036f\u0370-\u058f\u1e00-\u1fff\u2070-\u209f]")
# Quotation marks, dashes and dots look different in Chinese and Western fonts; Latin-1 symbols too (× ÷ ° ±).
_SHARED = re.compile("[\u2010-\u2027\u2030-\u205e\u00a7\u00a8\u00b0\u00b1\u00b4\u00b7\u00d7\u00f7]")
# Between letters they are Western: Жан·Поль, don’t, 10–12.
_INNER = re.compile(
    "(?<=[A-Za-z\u00c0-\u058f])[\u00b7\u2019\u2010-\u2013](?=[A-Za-z\u00c0-\u058f])|(?<=[0-9])\u2013(?=[0-9])"
)
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PLAIN_CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff01-\uff5e]+")
# What may not be broken: runs of letters and digits without a place where a line may end.
_LONGEST_WORD = 2_000
"""Characters of one word; each is a box of its own for Typst, which took 51 s and 800 MB for 200,000 of them."""
_WORD = re.compile(r"[^\s\u2e80-\uffef\U00020000-\U0003ffff-]{8,}")


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def quoted(text: str) -> str:
    """Return a Typst string literal of the text; nothing in it is markup or code."""
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


@lru_cache(maxsize=4096)
def length(points: float) -> str:
    """Return a length as Typst writes it, to 1/1000 pt."""
    return f"{round(points, 3):g}pt" if abs(points) < 1e5 else "0pt"


def colour(value: str) -> str:
    """Return a colour RRGGBB as Typst writes it."""
    return f'rgb("{value}")'


def stroke(edge: Edge | None) -> str:
    """Return a border as Typst writes it."""
    if edge is None:
        return "none"
    dash = "" if edge.style == "solid" else f',dash:"{edge.style}"'
    return f"(paint:{colour(edge.colour)},thickness:{length(edge.width)}{dash})"


def second_stroke(edge: Edge) -> str:
    """Return the second line of a border as Typst writes it."""
    return stroke(replace(edge, width=edge.outer))


def has_han(text: str) -> bool:
    """Whether the text has Chinese characters, so that shared punctuation is Chinese."""
    return _HAN.search(text) is not None


def segments(text: str, *, east_asian: bool) -> Iterator[tuple[Script, str]]:
    """Yield the pieces of a text that share a script; blanks stay with what is before them.

    ``east_asian`` says that punctuation of both scripts is Chinese here.
    """
    if _PLAIN_CHINESE.fullmatch(text):  # most texts of a form; the rest takes ten times as long
        yield Script.EAST_ASIAN, text
        return
    start, current = 0, None
    inner = {found.start() for found in _INNER.finditer(text)} if east_asian else ()
    for index, character in enumerate(text):
        script = _script(character, east_asian and index not in inner)
        if character == " " and current is not None:
            continue
        if script is not current:
            if current is not None:
                yield current, text[start:index]
            start, current = index, script
    if current is not None:
        yield current, text[start:]


@lru_cache(maxsize=8192)
def _script(character: str, east_asian: bool) -> Script:
    if _WESTERN.match(character):
        return Script.WESTERN
    if _SHARED.match(character):
        return Script.EAST_ASIAN if east_asian else Script.OTHER_WESTERN
    if _COMPLEX.match(character):
        return Script.COMPLEX
    if _OTHER_WESTERN.match(character):
        return Script.OTHER_WESTERN
    return Script.EAST_ASIAN


@dataclass(frozen=True, slots=True)
class LineBox:
    """How a paragraph's lines are spaced; ``grid`` is the pitch of the page's grid where lines keep to it.

    ``between`` is what that grid adds after every Chinese character.
    """

    spacing: LineSpacing
    grid: float | None = None
    between: float = 0.0

    def edges(self, size: float, script: Script) -> tuple[float, float]:
        """Return how far a line of that size reaches above and below its baseline, in points."""
        if self.spacing.pitch is Pitch.EXACT:
            return self.spacing.value * _BASELINE_OF_EXACT, self.spacing.value * (1 - _BASELINE_OF_EXACT)
        ascent, descent = (share * size for share in _METRICS[script])
        natural = ascent + descent
        if self.spacing.pitch is Pitch.AT_LEAST:
            # What a line lacks is added above it, as Word and LibreOffice do.
            return ascent + max(self.spacing.value - natural, 0.0), descent
        height = natural
        if self.grid:
            # On a grid a line takes as many whole pitches as it needs and stands in their middle (17.6.5).
            height = self.grid * max(-int(-(natural - 0.01) // self.grid), 1)
        room = (height * self.spacing.value - natural) / 2
        return ascent + room, descent + room


@dataclass(slots=True)
class TextWriter:
    """Writes runs; each combination of look and line is defined once, as a function of the source."""

    fonts: FontCatalogue
    _functions: dict[str, str] = field(default_factory=dict)
    # By identity, since comparing looks takes longer than writing them; the look is kept, so that its id stays its own.
    _known: dict[tuple[int, Script, int], tuple[Look, LineBox, str]] = field(default_factory=dict)

    def definitions(self) -> list[str]:
        """Return the lines of source that define what ``run`` and others refer to."""
        return [f"#let {name} = {body}" for body, name in self._functions.items()]

    def run(self, text: Text, box: LineBox, *, east_asian: bool, room: float, before: str = "") -> str:
        """Return the source of a run; ``room`` is the line's length in points, which no word may pass.

        ``before`` is the character before it in its line.
        """
        look = text.look
        east_asian = east_asian or look.faces.prefers_east_asian
        fitting = int(room / max(look.size + look.tracking, 1.0))
        places = held(text.characters, before, characters=fitting)
        pieces, start = [], 0
        for script, characters in segments(text.characters, east_asian=east_asian):
            function, end = self.function(look, script, box), start + len(characters)
            while places and places[0] < end:
                if places[0] > start:
                    pieces.append(self._piece(function, text.characters[start : places[0]], look, room))
                pieces.append("held")
                start = places.pop(0)
            pieces.append(self._piece(function, text.characters[start:end], look, room))
            start = end
        return ";".join(pieces)

    def _piece(self, function: str, characters: str, look: Look, room: float) -> str:
        # A word of n characters is never wider than n ems; only those that might be too wide are measured.
        risky = [word for word in _WORD.finditer(characters) if len(word[0]) * (look.size + look.tracking) > room]
        if not risky:
            return f"{function}({quoted(characters)})"
        if any(len(word[0]) > _LONGEST_WORD for word in risky):
            raise TypesettingError(
                Message(
                    "a word of more than {limit} characters has no place where its line may end: “{text}”",
                    limit=_LONGEST_WORD,
                    text=risky[0][0][:40],
                )
            )
        pieces, at = [], 0
        for word in risky:
            if word.start() > at:
                pieces.append(f"{function}({quoted(characters[at : word.start()])})")
            pieces.append(f"breakable({length(room)},{function},{quoted(word[0])})")
            at = word.end()
        if at < len(characters):
            pieces.append(f"{function}({quoted(characters[at:])})")
        return ";".join(pieces)

    def stretched(self, piece: Stretched, box: LineBox, *, east_asian: bool) -> str:
        """Return the source of characters that are set to a width."""
        look = piece.text.look
        parted = segments(piece.text.characters, east_asian=east_asian or look.faces.prefers_east_asian)
        runs = "".join(f"({self.function(look, script, box)},{quoted(characters)})," for script, characters in parted)
        return f"stretched({length(piece.width)},({runs}))"

    def page_number(self, piece: PageNumber, number: Number, box: LineBox, section_pages: str) -> str:
        """Return the source of a page number, written as the field or else the section says."""
        form = piece.number or number
        script = Script.EAST_ASIAN if form is Number.CHINESE else Script.WESTERN
        patterns = {
            Number.ARABIC: "1",
            Number.ARABIC_BETWEEN_DASHES: "- 1 -",
            Number.ROMAN_LOWER: "i",
            Number.ROMAN_UPPER: "I",
            Number.CHINESE: "一",
        }
        counted = "locate(<truecopy-end>).page()" if piece.total else "counter(page).get().first()"
        counted = section_pages if piece.of_section else counted
        return f'context {self.function(piece.look, script, box)}(numbering("{patterns[form]}",{counted}))'

    def gap(self, tab: Tab, box: LineBox) -> str:
        """Return the function that fills a tab's jump: ``(width, leader)``."""
        plain = replace(tab.look, underline=None, strike=False, double_strike=False, background=None)
        leader = self.function(plain, Script.WESTERN, box)
        line = ""
        if tab.look.underline is not None:
            # The line that the text beside it has: under the baseline by the same distance.
            drop = length(_underline_offset(tab.look.size))
            line = f";place(bottom,dy:{drop},line(length:100%,stroke:{_underline_stroke(tab.look)}))"
        dots = f'if leader != "" {{ repeat(justify:false,{leader}(leader)) }}'
        return self._named(f"(width, leader) => box(width:width,{{{dots}{line}}})", "g")

    def function(self, look: Look, script: Script, box: LineBox) -> str:
        """Return the name of the function that sets a string in that look and line.

        Raises:
            TypesettingError: when the look asks for what the fonts do not have.
        """
        key = (id(look), script, id(box))
        if key not in self._known:
            self._known[key] = (look, box, self._named(self._body(look, script, box), "t"))
        return self._known[key][2]

    def _named(self, body: str, prefix: str) -> str:
        return self._functions.setdefault(body, f"{prefix}{len(self._functions)}")

    def _body(self, look: Look, script: Script, box: LineBox) -> str:
        complex_look = script is Script.COMPLEX and look.right_to_left
        size = look.complex_size if complex_look else look.size
        bold = look.complex_bold if complex_look else look.bold
        italic = look.complex_italic if complex_look else look.italic
        above, below = box.edges(size, script)
        face = self.fonts.face(face_name(look, script))
        file = self.fonts.file(face.family, bold=bold or face.bold, italic=italic)
        if italic and not file.italic:
            raise TypesettingError(
                Message("the font {font} has no italics; set the text upright or in another font", font=face.name)
            )
        families = ",".join(quoted(family) for family in face.families)
        arguments = [
            f"font:({families},)",
            f"size:{length(size * (_SCRIPT_SIZE if look.script else 1))}",
            f"top-edge:{length(above)}",
            f"bottom-edge:{length(-below)}",
        ]
        if bold or face.bold:
            arguments.append('weight:"bold"')
        if italic:
            arguments.append('style:"italic"')
        ink = colour(look.colour) if look.colour else "black"
        if look.colour:
            arguments.append(f"fill:{ink}")
        if bold and file.weight < BOLD:
            arguments.append(f"stroke:{length(size * _MADE_BOLD)}+{ink}")
        rise = look.rise + size * {1: _SUPERSCRIPT_RISE, 0: 0.0, -1: -_SUBSCRIPT_DROP}[look.script]
        if rise:
            arguments.append(f"baseline:{length(-rise)}")
        tracking = look.tracking + (box.between if script is Script.EAST_ASIAN else 0.0)
        if tracking:
            arguments.append(f"tracking:{length(tracking)}")
        if script is Script.COMPLEX:
            arguments.append('lang:"ug"')
        return _decorated(f"text.with({','.join(arguments)})", look, size, above, below)


def _decorated(function: str, look: Look, size: float, above: float, below: float) -> str:
    struck = look.strike or look.double_strike
    if look.underline is None and not struck and look.background is None:
        return function
    body = f"({function})(it)"
    if look.double_strike:  # on both sides of where a single line runs
        body = f"strike(offset:{length(-0.3 * size)},strike(offset:{length(-0.2 * size)},{body}))"
    elif look.strike:
        body = f"strike({body})"
    if look.underline is not None:
        offset = _underline_offset(size)
        body = f"underline(evade:false,offset:{length(offset)},stroke:{_underline_stroke(look)},{body})"
        if look.underline is Underline.DOUBLE:
            lower = length(offset + size * 0.1)
            body = f"underline(evade:false,offset:{lower},stroke:{_underline_stroke(look)},{body})"
    if look.background is not None:
        edges = f"top-edge:{length(above)},bottom-edge:{length(-below)}"
        body = f"highlight(fill:{colour(look.background)},{edges},{body})"
    return f"it => {body}"


def _underline_offset(size: float) -> float:
    """Return how far below the baseline an underline runs: under the descent of Chinese characters (0.12 em)."""
    return size * 0.17


def _underline_stroke(look: Look) -> str:
    kind = look.underline or Underline.SINGLE
    thickness = look.size * (0.09 if kind is Underline.THICK else 0.045)
    ink = colour(look.underline_colour or look.colour or "000000")
    if kind is Underline.WAVY:
        return f"wavy({ink},{length(thickness)})"
    dash = _DASHES.get(kind)
    pattern = f",dash:{dash}" if dash else ""
    return f"(paint:{ink},thickness:{length(thickness)}{pattern})"


def face_name(look: Look, script: Script) -> str:
    """Return the face that a look has for a script."""
    faces = look.faces
    return {
        Script.WESTERN: faces.ascii,
        Script.OTHER_WESTERN: faces.other_western,
        Script.EAST_ASIAN: faces.east_asian,
        Script.COMPLEX: faces.complex,
    }[script]
