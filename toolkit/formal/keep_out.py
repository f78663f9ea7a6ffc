"""Where the symbol stands on a side, and what must not stand there.

The symbol is in the outer top corner, so that a bound or stapled copy shows it: right on odd pages (fronts), left on
even ones (backs). Its edge is 8 mm from the paper's edges, which every office printer reaches. Around it lie four
modules of quiet zone (ISO/IEC 18004:2015, 9.1) and below it two short lines of text; all of it is the keep-out box.
"""

from __future__ import annotations

from typing import NamedTuple

from toolkit.formal.boxes import overlap, union
from toolkit.page import PageDescription
from toolkit.verdict import Box

MODULE = 132
"""Edge of a module, 1/100 pt: 0.466 mm (the contract asks for 0.45), which is 11 dots of a 600 dpi printer exactly, so
that no module comes out a dot wider than its neighbour. A 10-M symbol is 26.5 mm wide, a 16-M symbol 37.7 mm."""

MARGIN = 2268
"""Distance of the symbol from the paper's edges, 1/100 pt: 8.001 mm, 189 dots of a 600 dpi printer."""

QUIET = 4 * MODULE
"""Width of the quiet zone, 1/100 pt."""

LARGEST = 81
"""Modules along an edge of the largest symbol, 16-M; the text below every symbol may be as wide as this one."""

CAPTION = 1500
"""Height of the two lines of text below the quiet zone, 1/100 pt."""

_DOT = 12
"""A dot of a 600 dpi printer, 1/100 pt; symbols begin on a whole one."""

A4_WIDTH = 59528
"""Width of A4, 210 mm, in 1/100 pt."""


class Intrusion(NamedTuple):
    """Something that stands in the keep-out box; ``text`` is what can be read of it, empty for rules and pictures."""

    text: str
    box: Box


def on_right(page: int) -> bool:
    """Say whether the symbol of a page, counted from 1, stands on the right."""
    return page % 2 == 1


def symbol_box(page: int, modules: int, *, width: int = A4_WIDTH) -> Box:
    """Return the box of the symbol without its quiet zone, for paper of ``width`` 1/100 pt."""
    edge = modules * MODULE
    left = (width - MARGIN - edge) // _DOT * _DOT if on_right(page) else MARGIN
    return left, MARGIN, left + edge, MARGIN + edge


def keep_out_box(page: int, modules: int, *, width: int = A4_WIDTH) -> Box:
    """Return the box that belongs to symbol, quiet zone and the text below, for paper of ``width`` 1/100 pt."""
    left, top, right, bottom = symbol_box(page, modules, width=width)
    widest = max(modules, LARGEST) * MODULE + 2 * QUIET
    if on_right(page):
        left = right + QUIET - widest
        right = right + QUIET
    else:
        left = left - QUIET
        right = left + widest
    return left, top - QUIET, right, bottom + QUIET + CAPTION


def intrusions(description: PageDescription, page: int, modules: int) -> list[Intrusion]:
    """Return what stands in the keep-out box of a page: its text line by line, then rules and pictures.

    White boxes count as well: an engine draws them for shaded cells, and cells hold text.
    """
    keep_out = keep_out_box(page, modules, width=description.width)
    found: list[Intrusion] = []
    for glyph in description.glyphs:
        if not overlap(glyph.box, keep_out):
            continue
        last = found[-1] if found else None
        if last is not None and glyph.box[1] < last.box[3] and last.box[1] < glyph.box[3]:
            found[-1] = Intrusion(last.text + glyph.character, union((last.box, glyph.box)))
        else:
            found.append(Intrusion(glyph.character, glyph.box))
    found += [Intrusion("", rule.box) for rule in description.rules if overlap(rule.box, keep_out)]
    found += [Intrusion("", picture.box) for picture in description.pictures if overlap(picture.box, keep_out)]
    return found
