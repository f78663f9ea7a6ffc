"""What was put on the paper after it was printed: writing, print, chops, told apart by place, shape and colour.

What belongs there says nothing: signatures, dates and opinions in their zones, chops wherever they were pressed. Ink
at a number or a word alters it, and so does a line of print that the record does not have, black or red, in a zone or
in blank space. Writing away from text is a note.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message
from toolkit.scan.added_lines import added_lines
from toolkit.scan.added_print import PrintedRow, printed_rows
from toolkit.scan.boxes import grown, overlap, sides
from toolkit.scan.chops import Chop
from toolkit.scan.ink import COLOUR_STEP, COLOURED, flattened, laid
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.page_image import Pixels
from toolkit.scan.passages import Passage, discreet
from toolkit.scan.record_fonts import Fonts
from toolkit.scan.rendering import Face, Ink
from toolkit.scan.strokes import DARK, AddedInk, Stroke, added_ink, around, clusters, coloured_ink
from toolkit.scan.text_findings import written_over
from toolkit.scan.zone_answers import ZoneMark, ZoneRule
from toolkit.scan.zones import zone_marks
from toolkit.verdict import Box, Finding, Reason

_PALE = 0.8
"""Darkness, in parts of the print's contrast, up to which ink in a grey scan may be a chop's: red is 0.7."""

_BROAD = 3000
"""Height and width, 1/100 pt, from which ink in a grey scan is no writing over a word: 10 mm."""

_APART, _SHORT = 300, 420
"""Pieces of ink within 1 mm are one stroke, which the print that it crosses has cut up; one of less than 1.5 mm is a
speck, 1/100 pt: what a bold comma showed beside its place at a fold had 1.2 mm, a digit of eight points has 2."""

_BESIDE_RULE, _THICK = 300, 225
"""How far beside a recorded line one is still that line, 1/100 pt: 1 mm, on photos they were up to 0.6 mm off; and the
thickest line that is one, 2.25 pt: wider ones are fillings."""

_CHOP_EDGE = 600
"""How far beyond its ring a chop smears, 1/100 pt: 2 mm."""

_CREASE, _CREASED, _BENT, _PIECES = 0.7, 17000, 250, 4
"""Darkness, in parts of the print's contrast, up to which ink may be a fold's; 1/100 pt, 60 mm, that its pieces reach
over, and 0.9 mm that they lie off one upright or level line; and how many are needed: print, and light that falls into
it, cut a fold up. Of a page folded twice, seven pieces of 0.53 to 0.6 lay within 1.2 mm over 90 mm."""

_ALONG = 0.2
"""Parts of its radius by which pieces of a chop's ring lie off the circle: one in a fax lay 0.16 off."""

_ZONE_EDGE = 300
"""How far beyond its zone somebody writes, 1/100 pt: 1 mm."""

_BEFORE = 0.7
"""How far before and behind a number a stroke becomes part of it, in parts of its height: a digit is half as wide."""

_TALLER, _WIDE = 0.25, 0.8
"""Parts of a number's height by which such a stroke may leave its line, and that it may be wide."""

_A_STROKE, _DRAWN, _LEAST_LONG = 0.13, 0.65, 125
"""Square millimetres, darkness and length (1/100 pt, 0.44 mm) of the least bar that makes 8 of 0 or 7 of 1, as far as
it does not touch the digit: on the tuning set 0.15 to 0.6, 0.66 to 0.95 and 0.5 mm to 1. No genuine page of flatbed,
feeder or phone had such a piece on a number in its place."""

_CLEAN = 3
"""Pieces of that size elsewhere on a page up to which one on a number is not dust: photocopies have tens."""

_HEAD = 8500
"""The head and foot of a page, 30 mm, where page numbers may be a hair off on photos."""

_UNDER_CHOP = 0.75
"""Darkness, in parts of the print's contrast, from which ink below a red chop is a pen's: the darkest red is 0.5."""

_IN_RED, _REDDISH = 50, 0.4
"""Within 0.18 mm, 1/100 pt, of ink that a scanner's compression took out of a chop for print, such a part is red:
0.54 to 0.72 of three such pieces at numbers. Ink on bare paper below a chop has none."""

_LONELY, _ELSEWHERE = 8500, 0.5
"""Red ink with less than half as much again around it, within 30 mm, was written; a chop that was hardly pressed
leaves pieces all over its 40 mm."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What was put on the paper: findings, and what stands in the zones for chops and signatures."""

    findings: tuple[Finding, ...]
    zones: tuple[ZoneMark, ...]


def marks_on(page: LaidPage, pixels: Pixels, *, fonts: Fonts, rules: Mapping[str, ZoneRule]) -> Marks:
    """Return what was put on the paper.

    Args:
        page: what was compared.
        pixels: the image, RGB.
        fonts: the record's, by which print is told from writing.
        rules: what the record's programme says of the zones, by name.
    """
    places = [page.keep_out, *page.undrawn, *(picture.box for picture in page.description.pictures)]
    ink = added_ink(
        page.seen.ink,
        page.soft,
        contrast=page.contrast,
        alignment=page.alignment,
        left_out=[*places, *(grown(chop.box, _CHOP_EDGE) for chop in page.chops if chop.colour != "red")],
        outside=page.hidden,
    )
    read = partial(printed_rows, dpi=page.dpi, fonts=fonts.of(page.description.fonts), usual=fonts.usual)
    rows = read(page.seen.ink, ink.pixels)
    red = _red(page, places)
    red_rows = read(*_red_print(page, pixels, red)) if red.strokes else []
    own = [grown(rule.box, _BESIDE_RULE) for rule in page.description.rules]
    lines = [
        line
        for line in added_lines(page.seen.ink, ink.pixels, contrast=page.contrast, dpi=page.dpi)
        if not any(overlap(line, rule) for rule in own if _is_along(line, rule))
    ]
    printed = [*(row.box for row in (*rows, *red_rows)), *lines]
    strokes = [stroke for stroke in ink.strokes if not any(overlap(stroke.box, box) for box in printed)]
    findings = [
        *(_print_finding(page, row) for row in (*rows, *red_rows)),
        *(_line_finding(page, line) for line in lines),
        *_written(page, [each for each in strokes if not (_is_chops(each, page) or _is_a_folds(each, strokes))]),
        *_red_written(page, [stroke for stroke in red.strokes if not any(overlap(stroke.box, box) for box in printed)]),
    ]
    return Marks(tuple(findings), zone_marks(page, rules, strokes, printed))


def _red(page: LaidPage, places: Sequence[Box]) -> AddedInk:
    """Return the red ink outside chops and recorded colours."""
    if page.seen.red is None:
        return AddedInk((), np.zeros((1, 1), np.uint8))
    description = page.description
    coloured = [Face.parse(name).level < 1 for name in description.fonts]
    recorded = [
        *(glyph.box for glyph in description.glyphs if coloured[glyph.font]),
        *(rule.box for rule in description.rules if rule.colour != "000000"),
    ]
    chops = [grown(chop.box, _CHOP_EDGE) for chop in page.chops if chop.colour == "red"]
    return coloured_ink(
        page.seen.red, page.dpi / COLOUR_STEP, [*places, *chops, *(grown(box, 100) for box in recorded)]
    )


def _red_print(page: LaidPage, pixels: Pixels, red: AddedInk) -> tuple[Ink, NDArray[np.uint8]]:
    """Return the ink that is red, as the green channel shows it (colours are kept too coarsely), and where it is."""
    green = flattened(laid(np.asarray(cv2.extractChannel(pixels, 1), np.uint8), page.alignment), page.dpi)
    near = cv2.resize(red.pixels, (green.shape[1], green.shape[0]), interpolation=cv2.INTER_NEAREST)
    near = cv2.dilate(near, np.ones((2 * COLOUR_STEP + 1, 2 * COLOUR_STEP + 1), np.uint8))
    ink = np.where(near > 0, green, np.float32(0))
    return ink, ((ink > DARK * page.contrast) & (near > 0)).astype(np.uint8)


def _print_finding(page: LaidPage, row: PrintedRow) -> Finding:
    text = discreet(row.text)
    return Finding(
        Reason.CONTENT_ALTERED,
        Message("“{seen}” seems to be printed here, and the record has nothing here", seen=text),
        box=row.box,
        image_box=page.alignment.image_box(row.box),
        seen=text,
    )


def _is_along(line: Box, rule: Box) -> bool:
    """Tell whether two lines run the same way."""
    return (line[2] - line[0] > line[3] - line[1]) == (rule[2] - rule[0] > rule[3] - rule[1])


def _line_finding(page: LaidPage, box: Box) -> Finding:
    message = Message("a line is printed here that the record does not have")
    return Finding(Reason.CONTENT_ALTERED, message, box=box, image_box=page.alignment.image_box(box))


def _is_chops(stroke: Stroke, page: LaidPage) -> bool:
    """Tell whether ink is a chop's own: dark ink below a red one, the outer edge of the ring of a grey one."""
    return any(
        (stroke.darkness < _UNDER_CHOP or _is_amid_red(stroke.box, page)) and overlap(stroke.box, chop.box)
        if chop.colour == "red"
        else (stroke.darkness < _PALE or _is_on_ring(stroke.box, chop))
        and overlap(stroke.box, grown(chop.box, 2 * _CHOP_EDGE))
        for chop in page.chops
    )


def _is_on_ring(box: Box, chop: Chop) -> bool:
    """Tell whether ink lies along a chop's frame; in faxes it is as black as print."""
    radius = sum(sides(chop.box)) / 4
    across, down = ((box[axis] + box[axis + 2] - chop.box[axis] - chop.box[axis + 2]) / 2 for axis in (0, 1))
    return abs(math.hypot(across, down) - radius) < _ALONG * radius


def _is_amid_red(box: Box, page: LaidPage) -> bool:
    """Tell whether red ink is all around a piece of dark ink, as where scans in layers (MRC) cut a chop's ring up."""
    if page.seen.red is None:
        return False
    scale = page.dpi / COLOUR_STEP / 7200
    x0, y0, x1, y1 = (round(side * scale) for side in grown(box, _IN_RED))
    part = page.seen.red[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1]
    return part.size > 0 and float((part > COLOURED).mean()) > _REDDISH


def _written(page: LaidPage, strokes: Sequence[Stroke]) -> list[Finding]:
    """Return a finding for each group of dark strokes that is no writing in its zone."""
    findings = []
    zones = [grown(zone.box, _ZONE_EDGE) for zone in page.description.zones]
    strokes = [stroke for stroke in strokes if not _is_a_rules(stroke, page)]
    specks = sum(_is_small(stroke) and _drawn_on(page, [stroke]) is None for stroke in strokes)
    for group in clusters(strokes, _APART):
        inside = sum(stroke.area for stroke in group if any(_middle_in(stroke.box, zone) for zone in zones))
        area = sum(stroke.area for stroke in group)
        # Who signs does not stop at the zone's edge; what reaches a number from there is looked at all the same.
        signed = inside > 0.3 * area
        rest = [stroke for stroke in group if not any(_middle_in(stroke.box, zone) for zone in zones)]
        if not rest:
            continue
        box = around(rest)
        if any(overlap(box, grown(line, _CHOP_EDGE)) for line in page.adrift):
            continue
        if max(box[2] - box[0], box[3] - box[1]) < _SHORT:
            number = _drawn_on(page, rest) if specks <= _CLEAN else None
            if number is not None and page.alignment.is_held(box):
                findings.append(written_over(page, number, box))
            continue
        hit = _touched(page, rest, keys_only=signed)
        area = sum(stroke.area for stroke in rest)
        # In grey, a chop that was not known as one is paler than print, or wider than what anyone writes over a word;
        # it leaves pieces all around, which a stroke drawn at a number does not.
        others = sum(
            stroke.area for stroke in strokes if stroke not in rest and overlap(stroke.box, grown(box, _LONELY))
        )
        is_pale = page.is_grey and float(np.mean([stroke.darkness for stroke in rest])) < _PALE
        pale = is_pale and not (hit is not None and hit.is_key and others < _ELSEWHERE * area)
        broad = page.is_grey and min(box[2] - box[0], box[3] - box[1]) > _BROAD
        if hit is not None and area > 0.2 and not (pale or broad) and page.alignment.is_held(box):
            findings.append(written_over(page, hit, box))
        elif area > 0.6 and not signed:
            findings.append(_added(page, box))
    return findings


def _red_written(page: LaidPage, strokes: Sequence[Stroke]) -> list[Finding]:
    """Return a finding for each group of red strokes that is no piece of a chop, and a note for pieces all over."""
    findings, scattered = [], []
    for group in clusters(strokes, _APART):
        box = around(group)
        area = sum(stroke.area for stroke in group)
        near = grown(box, _LONELY)
        others = sum(stroke.area for stroke in strokes if stroke not in group and overlap(stroke.box, near))
        small = min(box[2] - box[0], box[3] - box[1]) < _BROAD
        beside_chop = any(overlap(near, chop.box) for chop in page.chops if chop.colour == "red")
        if area < 0.6 or max(box[2] - box[0], box[3] - box[1]) < _SHORT or beside_chop:
            continue
        hit = _touched(page, group, keys_only=False)
        if others > _ELSEWHERE * area:
            scattered += group
        elif hit is not None and small and page.alignment.is_held(box):
            findings.append(written_over(page, hit, box))
        else:
            findings.append(_added(page, box))
    return [*findings, *(_added(page, around(group)) for group in clusters(scattered, _LONELY))]


def _touched(page: LaidPage, strokes: Sequence[Stroke], *, keys_only: bool) -> Passage | None:
    """Return the number, else the text, that strokes lie on; a digit drawn before or behind a number is on it."""
    found = None
    for part in page.parts:
        on = any(overlap(stroke.box, part.box) for stroke in strokes)
        if on and not part.is_key and not keys_only:
            found = found or part
        if part.is_key and (on or any(_is_beside(stroke, part) for stroke in strokes)):
            return part
    return found


def _is_beside(stroke: Stroke, number: Passage) -> bool:
    """Tell whether a stroke stands before or behind a number as a digit does: a tick is wider, or leaves the line."""
    high = number.box[3] - number.box[1]
    x0, y0, x1, y1 = stroke.box
    side = _BEFORE * high
    is_near = x1 > number.box[0] - side and x0 < number.box[2] + side
    within = y0 > number.box[1] - _TALLER * high and y1 < number.box[3] + _TALLER * high
    return is_near and within and overlap(stroke.box, grown(number.box, round(side))) and x1 - x0 < _WIDE * high


def _is_a_rules(stroke: Stroke, page: LaidPage) -> bool:
    """Tell whether a thin stroke runs along a recorded rule, hardly beside it: a piece of that."""
    x0, y0, x1, y1 = stroke.box
    level = x1 - x0 > y1 - y0
    thick, long = sorted((x1 - x0, y1 - y0))
    rules = [rule.box for rule in page.description.rules if min(sides(rule.box)) <= _THICK]
    return long > 2 * thick and any(
        (box[2] - box[0] > box[3] - box[1]) == level and overlap(stroke.box, grown(box, _BESIDE_RULE)) for box in rules
    )


def _is_a_folds(stroke: Stroke, strokes: Sequence[Stroke]) -> bool:
    """Tell whether pale ink is a piece of a fold: others like it lie on one upright or level line with it."""
    if stroke.darkness > _CREASE:
        return False
    for across in (0, 1):
        middle = (stroke.box[across] + stroke.box[across + 2]) / 2
        line = [
            other.box
            for other in strokes
            if other.darkness <= _CREASE and abs((other.box[across] + other.box[across + 2]) / 2 - middle) < _BENT
        ]
        along = 1 - across
        reach = max(box[along + 2] for box in line) - min(box[along] for box in line)
        if len(line) >= _PIECES and reach > _CREASED:
            return True
    return False


def _is_small(stroke: Stroke) -> bool:
    return stroke.area >= _A_STROKE and stroke.length * 7200 / 25.4 < _SHORT


def _drawn_on(page: LaidPage, strokes: Sequence[Stroke]) -> Passage | None:
    """Return the number of which small strokes lie on a digit, dark and large enough to make another one of it.

    A comma that a fold moved by a pixel leaves as much, and so does a chop's ring where it crosses print.
    """
    box = around(strokes)
    dark = float(np.mean([stroke.darkness for stroke in strokes]))
    long = max(box[2] - box[0], box[3] - box[1])
    if sum(stroke.area for stroke in strokes) < _A_STROKE or dark < _DRAWN or long < _LEAST_LONG:
        return None
    if box[1] < _HEAD or box[3] > page.description.height - _HEAD:
        return None
    if any(overlap(box, grown(chop.box, _CHOP_EDGE)) for chop in page.chops):
        return None
    glyphs = page.description.glyphs
    return next(
        (
            part
            for part in page.parts
            if part.is_key
            and any(glyphs[number].character.isdigit() and overlap(box, glyphs[number].box) for number in part.numbers)
        ),
        None,
    )


def _added(page: LaidPage, box: Box) -> Finding:
    message = Message("there is ink here that the record does not have")
    return Finding(Reason.INK_ADDED, message, box=box, image_box=page.alignment.image_box(box))


def _middle_in(box: Box, other: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]
