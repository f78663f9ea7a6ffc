"""The properties of runs and paragraphs as Word writes them (ECMA-376 part 1, 17.3): one element -> what it sets.

What an element does not mention it leaves to the style before it, so each gives a mapping of what it sets;
``word_styles`` lays them over each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from toolkit.forms.looks import Align, Edge, Edges, LineSpacing, Pitch, TabStop, Underline
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    colour,
    is_extension,
    named,
    number,
    points,
    switched_on,
    unsupported,
    value,
)
from toolkit.messages import Message

Properties = dict[str, Any]

MAX_EDGE = 12.0
"""Points: the widest border that Word draws (w:sz up to 96 eighths of a point, 17.18.2)."""
_AUTOMATIC_SPACE = 14.0  # points: what Word and LibreOffice make of 17.3.1.33, beforeAutospacing
_MAX_SIZE = 1638.0  # points: the largest size of type that Word takes

_UNDERLINES = {
    "single": Underline.SINGLE,
    "thick": Underline.THICK,
    "double": Underline.DOUBLE,
    "dotted": Underline.DOTTED,
    "dash": Underline.DASHED,
    "dashLong": Underline.LONG_DASHED,
    "dotDash": Underline.DASH_DOTTED,
    "dotDotDash": Underline.DASH_DOT_DOTTED,
    "wave": Underline.WAVY,
}
# 17.18.40; the colours of text markers.
_HIGHLIGHTS = {
    **{"yellow": "FFFF00", "green": "00FF00", "cyan": "00FFFF", "magenta": "FF00FF", "blue": "0000FF"},
    **{"red": "FF0000", "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080"},
    **{"darkRed": "800000", "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0", "black": "000000"},
    **{"white": "FFFFFF", "none": None},
}
_EDGE_STYLES = {
    **{"single": "solid", "thick": "solid"},
    **{"dotted": "dotted", "dashed": "dashed", "dashSmallGap": "dashed"},
}
_SECOND_LINES = {
    "double": (1.0, 1.0, 1.0),
    "thinThickSmallGap": (1.0, -0.75, -0.75),
    "thinThickMediumGap": (1.0, 0.5, 0.5),
    "thinThickLargeGap": (-1.5, -0.75, 1.0),
}
"""Borders of two lines: width of the thicker one, of the other, and the gap, as shares of w:sz, or below zero as points
(18.18.3 leaves them open; LibreOffice reads Word's so: ooxml borders of editeng)."""
_MIRRORED = {f"thickThin{size}Gap": f"thinThick{size}Gap" for size in ("Small", "Medium", "Large")}
_ALIGNMENTS = {
    **{"left": Align.START, "start": Align.START, "center": Align.CENTER, "right": Align.END, "end": Align.END},
    **{"both": Align.JUSTIFY, "distribute": Align.DISTRIBUTE},
}
TAB_ALIGNMENTS = {
    **{"left": Align.START, "start": Align.START, "num": Align.START},
    **{"center": Align.CENTER, "right": Align.END, "end": Align.END, "decimal": Align.DECIMAL},
}
LEADERS = {None: "", "none": "", "dot": ".", "hyphen": "-", "underscore": "_", "heavy": "_", "middleDot": "·"}

_RUN_SWITCHES = {
    **{"w:b": "bold", "w:bCs": "complex_bold", "w:i": "italic", "w:iCs": "complex_italic", "w:strike": "strike"},
    "w:dstrike": "double_strike",
    **{"w:caps": "caps", "w:vanish": "hidden", "w:rtl": "right_to_left", "w:cs": "complex"},
}
# These say something to spelling checkers, to screens or to Word itself, and nothing to paper.
_RUN_IGNORED = {
    *("w:lang", "w:noProof", "w:webHidden", "w:kern", "w:snapToGrid", "w:specVanish"),
    *("w:ins", "w:moveTo", "w:rPrChange"),  # tracked changes, which are set as accepted
}
_RUN_REFUSED_WHEN_ON = {"w:smallCaps", "w:outline", "w:shadow", "w:emboss", "w:imprint", "w:oMath"}

_PARAGRAPH_SWITCHES = {
    **{"w:keepNext": "keep_next", "w:keepLines": "keep_lines", "w:pageBreakBefore": "page_break_before"},
    **{"w:widowControl": "widow_control", "w:contextualSpacing": "contextual_spacing", "w:bidi": "right_to_left"},
    **{"w:snapToGrid": "snap_to_grid", "w:autoSpaceDE": "western_spacing"},
}
# Line breaking follows the rules for Chinese whatever these say (kinsoku and the like); outlines, web divisions and
# the marks of table styles print nothing.
_PARAGRAPH_IGNORED = {
    *(
        "w:kinsoku",
        "w:wordWrap",
        "w:overflowPunct",
        "w:topLinePunct",
        "w:autoSpaceDN",
        "w:adjustRightInd",
        "w:outlineLvl",
    ),
    *("w:suppressLineNumbers", "w:suppressAutoHyphens", "w:divId", "w:cnfStyle", "w:suppressOverlap"),
}


def run_properties(element: Element | None, theme: Mapping[str, str]) -> Properties:
    """Return what a ``w:rPr`` sets; ``theme`` gives the fonts of the theme by the names that ``w:rFonts`` uses.

    Raises:
        Unsupported: when it asks for what is not set.
    """
    found: Properties = {}
    for name, item in children(element):
        if name in _RUN_SWITCHES:
            found[_RUN_SWITCHES[name]] = switched_on(item)
        elif name in _RUN_READERS:
            found.update(_RUN_READERS[name](item))
        elif name == "w:rFonts":
            found.update(_faces(item, theme))
        elif name in _RUN_REFUSED_WHEN_ON:
            if switched_on(item):
                raise unsupported(item)
        elif name in {"w:del", "w:moveFrom"}:  # of a paragraph's end: it goes on with the next one
            found["deleted"] = True
        elif name not in _RUN_IGNORED and not is_extension(name):
            raise unsupported(item)
    return found


def paragraph_properties(element: Element | None) -> Properties:
    """Return what a ``w:pPr`` sets, without the run properties and the section in it.

    Raises:
        Unsupported: when it asks for what is not set.
    """
    found: Properties = {}
    for name, item in children(element):
        if name in _PARAGRAPH_SWITCHES:
            found[_PARAGRAPH_SWITCHES[name]] = switched_on(item)
        elif name in _PARAGRAPH_READERS:
            found.update(_PARAGRAPH_READERS[name](item))
        elif name not in _PARAGRAPH_IGNORED and name not in {"w:rPr", "w:sectPr", "w:pPrChange"}:
            raise unsupported(item)
    return found


def shading(element: Element) -> str | None:
    """Return the ground's colour of a ``w:shd``.

    Raises:
        Unsupported: for hatched grounds.
    """
    pattern = value(element)
    if pattern in {"clear", "nil"}:
        return colour(element, "w:fill")
    if pattern == "solid":
        return colour(element, "w:color") or "000000"
    if pattern.startswith("pct") and pattern[3:].isdigit():
        share = int(pattern[3:]) / 100
        ink = colour(element, "w:color") or "000000"
        ground = colour(element, "w:fill") or "FFFFFF"
        mixed = (
            round(int(ink[at : at + 2], 16) * share + int(ground[at : at + 2], 16) * (1 - share)) for at in (0, 2, 4)
        )
        return "".join(f"{part:02X}" for part in mixed)
    raise unsupported(element)


def edge(element: Element | None) -> Edge | None:
    """Return a border, None for none.

    Raises:
        Unsupported: for borders of three lines and more, for waves and pictures.
    """
    if element is None or value(element) in {"nil", "none"}:
        return None
    kind, width = value(element), (number(element, "w:sz") or 4) / 8
    if width > MAX_EDGE:
        raise unsupported(element)
    ink, space = colour(element, "w:color") or "000000", float(number(element, "w:space") or 0)
    lines = _SECOND_LINES.get(_MIRRORED.get(kind, kind))
    if lines is not None:
        thick, thin, gap = (width * each if each > 0 else -each for each in lines)
        # The names say the lines from left to right and from top to bottom.
        first_is_outer = named(element) in {"w:left", "w:start", "w:top"}
        inner, outer = (thick, thin) if (kind in _MIRRORED) != first_is_outer else (thin, thick)
        return Edge(inner, "solid", ink, space, outer, gap)
    if kind not in _EDGE_STYLES:
        raise unsupported(element)
    return Edge(width, _EDGE_STYLES[kind], ink, space)


def _faces(element: Element, theme: Mapping[str, str]) -> Properties:
    found: Properties = {}
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        themed = attribute(element, "w:cstheme" if script == "cs" else f"w:{script}Theme")
        face = theme.get(themed) if themed is not None else None
        face = face or attribute(element, f"w:{script}")
        if face:
            found[f"face_{script}"] = face
    hint = attribute(element, "w:hint")
    if hint is not None:
        found["prefers_east_asian"] = hint == "eastAsia"
    return found


def _size(element: Element) -> float:
    size = (number(element, "w:val") or 0) / 2
    if not 0 < size <= _MAX_SIZE:
        raise unsupported(element)
    return size


def _underline(element: Element) -> Properties:
    style = attribute(element, "w:val") or "none"
    if style != "none" and style not in _UNDERLINES:
        raise unsupported(element)
    return {"underline": _UNDERLINES.get(style), "underline_colour": colour(element, "w:color")}


def _highlight(element: Element) -> Properties:
    if value(element) not in _HIGHLIGHTS:
        raise unsupported(element)
    return {"highlight": _HIGHLIGHTS[value(element)]}


def _script(element: Element) -> Properties:
    scripts = {"baseline": 0, "superscript": 1, "subscript": -1}
    if value(element) not in scripts:
        raise unsupported(element)
    return {"script": scripts[value(element)]}


def _refuse_unless(*harmless: str) -> Callable[[Element], Properties]:
    def judge(element: Element) -> Properties:
        if attribute(element, "w:val") not in harmless:
            raise unsupported(element)
        return {}

    return judge


_RUN_READERS: dict[str, Callable[[Element], Properties]] = {
    "w:rStyle": lambda element: {"style": value(element)},
    "w:sz": lambda element: {"size": _size(element)},
    "w:szCs": lambda element: {"complex_size": _size(element)},
    "w:u": _underline,
    "w:color": lambda element: {"colour": colour(element, "w:val")},
    "w:highlight": _highlight,
    "w:shd": lambda element: {"background": shading(element)},
    "w:vertAlign": _script,
    "w:position": lambda element: {"rise": (number(element, "w:val") or 0) / 2},
    "w:spacing": lambda element: {"tracking": points(element, "w:val") or 0.0},
    "w:fitText": lambda element: {"fit": (points(element, "w:val") or 0.0, attribute(element, "w:id") or "")},
    "w:w": _refuse_unless("100"),
    "w:em": _refuse_unless("none"),
    "w:effect": _refuse_unless("none"),
    "w:bdr": _refuse_unless("nil", "none"),
}


def _numbering(element: Element) -> Properties:
    """Read which list a paragraph is of (0 for none) and its level there; ``word_numbering`` has the lists."""
    chosen, level = child(element, "w:numId"), child(element, "w:ilvl")
    found: Properties = {}
    if chosen is not None:
        found["list"] = number(chosen, "w:val") or 0
    if level is not None:
        found["level"] = number(level, "w:val") or 0
    return found


def _borders(element: Element) -> Properties:
    found: dict[str, Edge | None] = {}
    for name, item in children(element):
        side = {"w:left": "left", "w:start": "left", "w:right": "right", "w:end": "right"}.get(name, name[2:])
        if side in {"left", "top", "right", "bottom"}:
            found[side] = edge(item)
        elif edge(item) is not None:
            raise unsupported(item)
    return {"borders": Edges(**found)}


def _tabs(element: Element) -> Properties:
    stops: dict[float, TabStop | None] = {}
    for name, item in children(element):
        position = points(item, "w:pos")
        if name != "w:tab" or position is None:
            raise unsupported(item)
        if value(item) == "clear":
            stops[position] = None
            continue
        leader = attribute(item, "w:leader")
        if value(item) not in TAB_ALIGNMENTS or leader not in LEADERS:
            raise unsupported(item)
        stops[position] = TabStop(position, TAB_ALIGNMENTS[value(item)], LEADERS[leader])
    return {"tabs": stops}


def _spacing(element: Element) -> Properties:
    found: Properties = {}
    for side in ("before", "after"):
        distance, lines = points(element, f"w:{side}"), number(element, f"w:{side}Lines")
        if attribute(element, f"w:{side}Autospacing") in {"1", "true", "on"}:
            found[side] = _AUTOMATIC_SPACE
        elif distance is not None:
            found[side] = distance
        elif lines is not None:
            found[side] = lines / 100 * 12.0  # a line is 12 pt where no grid says otherwise (17.3.1.33)
    line = number(element, "w:line")
    if line is not None:
        rule = attribute(element, "w:lineRule") or "auto"
        if line < 0:  # Word writes exact pitches below zero in some old files
            rule, line = "exact", -line
        pitches = {"auto": Pitch.MULTIPLE, "atLeast": Pitch.AT_LEAST, "exact": Pitch.EXACT}
        if rule not in pitches or (line == 0 and rule != "atLeast") or line > 31_680:
            raise unsupported(element)
        found["spacing"] = LineSpacing(pitches[rule], line / (240 if rule == "auto" else 20))
    return found


def _indents(element: Element) -> Properties:
    """Read indents; those in characters (``…Chars``) are kept apart, since what they measure is known only later."""
    found: Properties = {}
    for side, other in (("left", "start"), ("right", "end")):
        for spelling in (other, side):
            distance = points(element, f"w:{spelling}")
            characters = number(element, f"w:{spelling}Chars")
            if distance is not None:
                found[side] = distance
            if characters is not None:
                found[f"{side}_characters"] = characters / 100
    for word, sign in (("firstLine", 1), ("hanging", -1)):  # hanging is read last: it wins over firstLine (17.3.1.12)
        distance, characters = points(element, f"w:{word}"), number(element, f"w:{word}Chars")
        if distance is not None and (sign == 1 or distance):
            found["first_line"] = sign * distance
        if characters is not None and (sign == 1 or characters):
            found["first_line_characters"] = sign * characters / 100
    return found


def _frame(element: Element) -> Properties:
    """Read the frame of a page number, as Word 2003 put it in: its own place in the line, and nothing flows around."""
    align = attribute(element, "w:xAlign")
    sized = any(attribute(element, f"w:{side}") is not None for side in ("w", "h", "x", "yAlign"))
    if align not in _ALIGNMENTS or sized or abs(number(element, "w:y") or 0) > 20:
        raise Unsupported(Message("a text frame (use a text box)"))
    return {"aside": _ALIGNMENTS[align]}


def _alignment(element: Element) -> Properties:
    if value(element) not in _ALIGNMENTS:
        raise unsupported(element)
    return {"align": _ALIGNMENTS[value(element)]}


_PARAGRAPH_READERS: dict[str, Callable[[Element], Properties]] = {
    "w:pStyle": lambda element: {"style": value(element)},
    "w:jc": _alignment,
    "w:ind": _indents,
    "w:spacing": _spacing,
    "w:tabs": _tabs,
    "w:pBdr": _borders,
    "w:shd": lambda element: {"background": shading(element)},
    "w:numPr": _numbering,
    "w:framePr": _frame,
    "w:textAlignment": _refuse_unless("auto", "baseline"),
    "w:textDirection": _refuse_unless("lrTb", "tb"),
    "w:mirrorIndents": _refuse_unless("0", "false", "off"),
}
