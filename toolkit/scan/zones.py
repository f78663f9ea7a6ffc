"""What stands in the places that a page has for chops and signatures: there, not there, or not to be said.

Chops and signatures are detected, never authenticated. A chop is there when a frame of the colour and shape that the
programme asks for, 28 to 54 mm wide, has its middle in or near its zone. In a grey scan red ink may be left out by the
scanner's lamp: no ring means unclear there, never missing. A signature is there when writing of some length is in its
zone; a tick or a smudge is unclear, a line of machine print is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from toolkit.page import Zone
from toolkit.scan.boxes import grown, overlap
from toolkit.scan.chops import Chop
from toolkit.scan.ink import COLOUR_STEP, COLOURED
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.strokes import Stroke
from toolkit.scan.zone_answers import Presence, ZoneMark, ZoneRule
from toolkit.verdict import Box

_MILLIMETRE = 7200 / 25.4

_CHOP_SIZES = (28.0, 54.0)
"""Millimetres across: chops are 30 to 50, and what is measured is up to 4 mm more."""

_ASTRAY = 1500
"""How far outside its zone the middle of a chop may lie, 1/100 pt: 5 mm, people press where there is room."""

_SMUDGE, _MARKED = 8.0, 60.0
"""Square millimetres of a chop's colour in a zone: fewer are none of it, more are a chop that was hardly pressed."""

_WRITING, _TOUCH = 12.0, 4.0
"""Millimetres of a pen's path in a signature's zone: a signature of two characters has 60, a tick 12; less than 4 are
dust."""


_KNOWN = 60 * _MILLIMETRE
"""How far from the middle of a zone, whose inside is blank, print must have been found in its place."""


def zone_marks(
    page: LaidPage, rules: Mapping[str, ZoneRule], strokes: Sequence[Stroke], printed: Sequence[Box]
) -> tuple[ZoneMark, ...]:
    """Return what stands in the zones for chops and signatures.

    Args:
        page: what was compared.
        rules: of the record's programme, by the zone's name; a chop is red and round where they say nothing.
        strokes: the ink that the record does not have.
        printed: boxes of added machine print, which is no signature.
    """
    marks = []
    for zone in page.description.zones:
        rule = rules.get(zone.name, ZoneRule(zone.name, zone.name))
        if zone.kind == "chop":
            answer = _chop(page, zone, rule)
        elif zone.kind == "signature":
            answer = _signature(page, zone, strokes, printed)
        else:
            continue
        if answer is Presence.ABSENT and not _is_shown(page, zone):
            answer = Presence.UNCLEAR
        marks.append(ZoneMark(zone.name, zone.kind, answer, zone.box))
    return tuple(marks)


def _chop(page: LaidPage, zone: Zone, rule: ZoneRule) -> Presence:
    near = [chop for chop in page.chops if _is_of(chop, zone, page.description.zones)]
    if any(_fits(chop, rule, page) for chop in near):
        return Presence.PRESENT
    if near or not page.seen.in_colour or _coloured(page, zone.box, rule.colour) > _SMUDGE:
        return Presence.UNCLEAR
    return Presence.ABSENT


def _fits(chop: Chop, rule: ZoneRule, page: LaidPage) -> bool:
    """Tell whether a chop is what a zone asks for, as far as this scan can show."""
    plausible = rule.shape in ("square", "free") or _CHOP_SIZES[0] <= chop.width <= _CHOP_SIZES[1]
    # A grey scan shows the ring of any ink.
    coloured = chop.colour == rule.colour or (not page.seen.in_colour and chop.shape == "round")
    return plausible and coloured and rule.shape in ("free", chop.shape)


def _is_of(chop: Chop, zone: Zone, zones: Sequence[Zone]) -> bool:
    """Tell whether a chop was pressed for a zone: its middle is in it or near, and nearer to no other one's middle."""
    x, y = _middle(chop.box)
    wide = grown(zone.box, _ASTRAY)
    if not (wide[0] <= x <= wide[2] and wide[1] <= y <= wide[3]):
        return False
    distances = {each.name: np.hypot(*np.subtract(_middle(each.box), (x, y))) for each in zones if each.kind == "chop"}
    return min(distances, key=lambda name: float(distances[name])) == zone.name


def _coloured(page: LaidPage, box: Box, colour: str) -> float:
    """Return how many square millimetres of a place have a colour."""
    plane = {"red": page.seen.red, "blue": page.seen.blue}.get(colour)
    if plane is None:
        return 0.0
    dpi = page.dpi / COLOUR_STEP
    x0, y0, x1, y1 = (max(round(edge * dpi / 7200), 0) for edge in box)
    return float((plane[y0:y1, x0:x1] > COLOURED).sum()) * (25.4 / dpi) ** 2


def _signature(page: LaidPage, zone: Zone, strokes: Sequence[Stroke], printed: Sequence[Box]) -> Presence:
    own = [
        stroke
        for stroke in strokes
        if overlap(stroke.box, zone.box)
        and not any(overlap(stroke.box, box) for box in printed)
        and not any(_lies_in(stroke.box, chop.box) for chop in page.chops)
    ]
    path = sum(stroke.area / max(stroke.width, 0.1) for stroke in own if _lies_in(stroke.box, zone.box) or len(own) < 9)
    if path >= _WRITING and _extent(own) >= 5 * _MILLIMETRE:
        return Presence.PRESENT
    covered = any(overlap(chop.box, zone.box) for chop in page.chops if chop.colour == "dark")
    red = _coloured(page, zone.box, "red")
    if path >= _TOUCH or covered or red > _MARKED:
        return Presence.UNCLEAR
    return Presence.ABSENT


def _extent(strokes: Sequence[Stroke]) -> int:
    """Return the longer side of the box around strokes, 1/100 pt."""
    if not strokes:
        return 0
    x = [edge for stroke in strokes for edge in stroke.box[::2]]
    y = [edge for stroke in strokes for edge in stroke.box[1::2]]
    return max(max(x) - min(x), max(y) - min(y))


def _is_shown(page: LaidPage, zone: Zone) -> bool:
    """Tell whether the image shows a zone: nearly all of it is on the image, and its place is known."""
    x0, y0, x1, y1 = (max(round(edge * page.dpi / 7200), 0) for edge in zone.box)
    outside = page.seen.outside[y0:y1, x0:x1]
    off = np.hypot(*(page.alignment.anchors - _middle(zone.box)).T)
    return bool(outside.size) and float(outside.mean()) < 0.02 and bool((off < _KNOWN).any())


def _lies_in(box: Box, other: Box) -> bool:
    """Tell whether the middle of a box lies in another one."""
    x, y = _middle(box)
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
