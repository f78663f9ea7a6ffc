"""Compares a scanned page with its record: what differs, what cannot be read, what ink was added.

Every place has one of three answers. Same: the recorded character explains the image, and no other does better.
Differs: another character explains it better, or its strokes are not there, by more than this page strays by itself.
Illegible: neither can be said. Illegible never counts as altered, and never as the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message
from toolkit.page import PageDescription
from toolkit.scan.alignment import Alignment, align
from toolkit.scan.alphabet import Alphabet
from toolkit.scan.chops import chop_boxes
from toolkit.scan.glyphs import Scale, Weighed, find_blur, spots_of
from toolkit.scan.ink import seen_page
from toolkit.scan.lookalikes import rivals
from toolkit.scan.numbers import read_again
from toolkit.scan.page_image import Pixels
from toolkit.scan.passages import Passage, passages
from toolkit.scan.rendering import Face, Pen, blurred, draw_page
from toolkit.scan.strokes import Stroke, added_ink, around, clusters
from toolkit.verdict import Box, Finding, Reason

_RESOLUTIONS = (150, 200, 250)
"""Pixels per inch at which pages are compared; more than 250 tells no more (benchmarks/comparison.py)."""

_FOREIGN = 0.25
"""Correlation of blocks below which the image is another page: genuine pages are above 0.4 even as faxes."""

_DIFFERS = 0.62
"""Share of a rival from which it is what is printed; on genuine pages the highest of 20,000 was 0.41."""

_DOUBTFUL = 0.45
"""Share of a rival from which the recorded character is no longer certain."""

_CERTAIN = 3.0
"""Spreads by which a share must lie on one side of the middle."""


_PALEST = 0.12
"""Contrast below which print is not print: the watermark has 0.14."""

_POOR = 0.12
"""How far below the page's level a character's fit is when something else may stand there."""

_CANDIDATES, _MOST_LOOKED = 10, 60
"""Characters that the coarse look names, and places that it looks at."""


_PALE_INK = 0.8
"""Darkness, in parts of the print's contrast, up to which ink in a grey scan may be a chop's: red is 0.7."""

_BROAD = 3000
"""Height and width, 1/100 pt, from which ink in a grey scan is no writing over a word: 10 mm."""

_APART, _SHORT = 300, 340
"""Pieces of ink within 1 mm are one stroke, which the print that it crosses has cut up; one of less than 1.2 mm is a
speck, 1/100 pt."""

_INK_ON_KEY, _INK_ON_TEXT = 0.7, 2.0
"""Ink on a number, or on other text, in parts of one character's own, from which somebody put it there."""

_CHOP_EDGE = 600
"""How far beyond its ring a chop smears, 1/100 pt: 2 mm."""


_PRIVATE = r"[0-9？][0-9？Xx-]{6,}"
"""What may be a number of an identity card or a telephone: no amount or date has seven digits in a row."""


class Answer(Enum):
    """What is said of one recorded character."""

    SAME = "same"
    DIFFERS = "differs"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True, slots=True)
class Judged:
    """One recorded character and the answer; ``seen`` is what stands there instead, None when that is not known."""

    number: int
    answer: Answer
    seen: str | None
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing one page found.

    ``level`` is the median fit of the page's characters, 0 to 1; ``blur`` in mm; ``judged`` has an entry for every
    recorded character that could be drawn.
    """

    findings: tuple[Finding, ...]
    alignment: Alignment
    level: float
    blur: float
    judged: tuple[Judged, ...] = ()


class Fonts:
    """The fonts of a record, and what was drawn with them: one for all pages of a submission."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """``files`` has the record's font files by PostScript name."""
        self._files = files
        self._pens: dict[int, Pen] = {}

    def alphabet(self, name: str) -> Alphabet:
        """Return the common characters of the font with a PostScript name."""
        return Alphabet(self._files[name])

    def pen(self, dpi: int) -> Pen:
        """Return the pen that draws at a resolution."""
        if dpi not in self._pens:
            self._pens[dpi] = Pen(self._files, dpi)
        pen = self._pens[dpi]
        pen.forget()
        return pen


def compare(
    pixels: Pixels,
    corners: Sequence[Sequence[float]],
    description: PageDescription,
    *,
    symbol_box: Box,
    keep_out: Box,
    fonts: Fonts,
    raster: NDArray[np.uint8] | None = None,
    key_texts: Iterable[str] = (),
) -> Comparison:
    """Compare an image of a page with the record of that page.

    Args:
        pixels: the image, RGB, uint8, shape (height, width, 3), in any rotation.
        corners: the symbol's corners in it: upper left, upper right, lower right, lower left as it was printed.
        description: the record's page; its digest was compared with the seal.
        symbol_box: where the symbol was printed on the page, without its quiet zone, 1/100 pt.
        keep_out: the place of symbol, quiet zone and the lines below.
        fonts: the record's fonts.
        raster: the page as the stored PDF shows it, RGB, for what the description has only a digest of.
        key_texts: names and the like that come first, beside amounts and dates.
    """
    dpi = _resolution(corners, symbol_box)
    pen = fonts.pen(dpi)
    drawn = draw_page(description, pen, raster)
    # What is compared, and what the page lies by, is the red channel.
    channel = np.ascontiguousarray(pixels[:, :, 0])
    size = (description.width, description.height)
    alignment = align(channel, drawn.ink, ink_dpi=dpi, size=size, symbol=symbol_box, corners=corners)
    if alignment.blocks >= 4 and alignment.correlation < _FOREIGN and alignment.found < 0.5 * alignment.blocks:
        return Comparison((_substituted(),), alignment, 0.0, 0.0)
    seen = seen_page(pixels, alignment)
    faces = [Face.parse(name) for name in description.fonts]
    spots = spots_of(description.glyphs, faces, pen, drawn.ink.shape)
    sigma = find_blur(seen.ink, drawn.ink, spots)
    soft = blurred(drawn.ink, sigma)
    scale = Scale(seen.ink, soft, pen, sigma, 0.55 if seen.red is not None else _PALE_INK)
    weighed = scale.weigh(spots, rivals)
    level = float(np.median([each.fit for each in weighed])) if weighed else 1.0
    _look_further(scale, weighed, level, fonts)
    parts = passages(description.glyphs, key_texts)
    keys = {number for part in parts if part.is_key for number in part.numbers}
    judged = tuple(_unless_guessed(_judge(each, level, each.spot.number in keys), alignment) for each in weighed)
    readings = _read_numbers(scale, description, faces, parts, judged, level)
    differing = sum(each.answer is Answer.DIFFERS for each in judged)
    unexplained = sum(each.answer is not Answer.SAME for each in judged)
    foreign = alignment.correlation < 2 * _FOREIGN and unexplained > 0.5 * len(judged)
    if differing >= 8 and (foreign or differing > 0.5 * len(judged)):
        return Comparison((_substituted(),), alignment, level, sigma * 25.4 / dpi, judged)
    contrast = float(np.median([each.contrast for each in weighed])) if weighed else 0.8
    chops = chop_boxes(seen, soft, contrast=contrast, dpi=dpi)
    written = [_grown(zone.box, 300) for zone in description.zones]
    pictures = [picture.box for picture in description.pictures]
    left_out = [
        keep_out,
        *drawn.undrawn,
        *pictures,
        *written,
        *(_grown(chop, _CHOP_EDGE) for chop in chops),
    ]
    strokes = added_ink(seen.ink, soft, contrast=contrast, dpi=dpi, left_out=left_out, outside=seen.outside)
    findings = [
        *_text_findings(parts, judged, readings, chops, alignment),
        *_ink_findings(parts, strokes, alignment, is_grey=seen.red is None),
    ]
    return Comparison(tuple(findings), alignment, level, sigma * 25.4 / dpi, judged)


def _resolution(corners: Sequence[Sequence[float]], symbol_box: Box) -> int:
    """Return the resolution to compare at: the largest that the image has, nearly."""
    points = np.asarray(corners, float)
    edge = float(np.mean(np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1)))
    dpi = edge * 7200 / (symbol_box[2] - symbol_box[0])
    return max([each for each in _RESOLUTIONS if each <= dpi * 1.15], default=_RESOLUTIONS[0])


def _unless_guessed(judged: Judged, alignment: Alignment) -> Judged:
    """Return the answer, or illegible where the place is only guessed: what is not there may lie beside."""
    if judged.answer is Answer.DIFFERS and not alignment.is_held(judged.weighed.spot.glyph.box):
        return replace(judged, answer=Answer.ILLEGIBLE, seen=None)
    return judged


def _look_further(scale: Scale, weighed: Sequence[Weighed], level: float, fonts: Fonts) -> None:
    """Try all common characters where neither the recorded one nor its likes explain the image."""
    poor = [
        (index, each)
        for index, each in enumerate(weighed)
        if each.fit < level - _POOR and each.contrast > _PALEST and not _is_small(each) and not _is_rival(each)
    ]
    # Where half of the page is other text, one finding says it; the coarse look would cost seconds.
    for index, each in poor[:_MOST_LOOKED]:
        box = [round(scale.pen.pixels(edge)) for edge in each.spot.glyph.box]
        alphabet = fonts.alphabet(each.spot.face.name)
        nearest = alphabet.nearest(scale.seen, (box[0], box[1], box[2], box[3]), _CANDIDATES)
        scale.try_others(each, index, nearest)


def _is_rival(weighed: Weighed) -> bool:
    """Tell whether the likeliest rival is what is printed, beyond what this page strays by itself."""
    rival = weighed.rivals[0] if weighed.rivals else None
    return rival is not None and rival.share >= _DIFFERS and rival.share - 0.5 >= _CERTAIN * rival.spread


def _judge(weighed: Weighed, level: float, is_key: bool) -> Judged:
    """Return the answer for one character."""
    number = weighed.spot.number
    contrast = max(weighed.contrast, 0.05)
    gain = weighed.gain / contrast
    rival = weighed.rivals[0] if weighed.rivals else None
    small = _is_small(weighed)
    if weighed.contrast < _PALEST:
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    if gain < 0.25 and weighed.missing > 0.9 and weighed.extra < 0.3:
        return Judged(number, Answer.DIFFERS, "", weighed)
    if rival is not None and _is_rival(weighed):
        # What the rival leaves unexplained as well is something else: a chop, a scribble, a fold.
        if rival.share < 1.5 and rival.fit > level - _POOR:
            return Judged(number, Answer.DIFFERS, rival.character, weighed)
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    if weighed.missing > 0.3 and weighed.extra > 0.15 and weighed.fit < level - 0.3 and not small:
        return Judged(number, Answer.DIFFERS, None, weighed)
    if rival is not None and rival.share > _DOUBTFUL and rival.share > rival.spread:
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    if is_key and any(0.5 - each.share < _CERTAIN * each.spread for each in weighed.rivals):
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    if weighed.fit < (0.35 if small else 0.6) * level:
        return Judged(number, Answer.ILLEGIBLE, None, weighed)
    return Judged(number, Answer.SAME, None, weighed)


def _is_small(weighed: Weighed) -> bool:
    """Tell whether a character is a mark of a few pixels, of which correlation says little."""
    return weighed.spot.glyph.character in ".,:;·'\"、，。：；-－～—（）()“”‘’《》"


def _substituted() -> Finding:
    return Finding(
        Reason.PAGE_SUBSTITUTED,
        Message("what is printed here is not the page that the seal names: ask for the page as it was issued"),
    )


def _text_findings(
    parts: Sequence[Passage],
    judged: Sequence[Judged],
    readings: Mapping[tuple[int, ...], str],
    chops: Sequence[Box],
    alignment: Alignment,
) -> list[Finding]:
    """Return one finding for each passage in which something differs or cannot be read, numbers and names first."""
    by_number = {each.number: each for each in judged}
    altered, illegible, covered = [], [], []
    for part in parts:
        answers = [by_number.get(number) for number in part.numbers]
        differs = [index for index, each in enumerate(answers) if each and each.answer is Answer.DIFFERS]
        unread = [index for index, each in enumerate(answers) if each and each.answer is Answer.ILLEGIBLE]
        unsure = [each for each in answers if each and each.answer is not Answer.SAME]
        boxes = [each.weighed.spot.glyph.box for each in unsure]
        if unread and not differs and not part.is_key and all(_is_covered(box, chops) for box in boxes):
            covered += boxes
        elif (
            _is_written_over(part, unsure)
            and alignment.is_held(part.box)
            and not any(_is_covered(box, chops) for box in boxes)
        ):
            altered.append((not part.is_key, _written_over(part, boxes, alignment)))
        elif unsure and part.numbers in readings and alignment.is_held(part.box):
            altered.append((False, _altered_number(part, readings[part.numbers], alignment)))
        elif differs:
            altered.append((not part.is_key, _altered(part, answers, differs, alignment)))
        elif unread:
            illegible.append((not part.is_key, _illegible(part, answers, unread, alignment)))
    ordered = sorted(altered, key=lambda pair: pair[0]) + sorted(illegible, key=lambda pair: pair[0])
    findings = [finding for _, finding in ordered]
    if covered:
        box = _around(covered)
        message = Message("text below a chop cannot be read here; it holds no amount, name or date")
        findings.append(Finding(Reason.COVERED_BY_CHOP, message, box=box, image_box=alignment.image_box(box)))
    return findings


def _read_numbers(
    scale: Scale,
    description: PageDescription,
    faces: Sequence[Face],
    parts: Sequence[Passage],
    judged: Sequence[Judged],
    level: float,
) -> dict[tuple[int, ...], str]:
    """Return what numbers seem to say in which something is not as recorded, by the glyphs that they are made of."""
    unsure = {each.number for each in judged if each.answer is not Answer.SAME}
    readings = {}
    doubtful = [part for part in parts if part.is_key and not unsure.isdisjoint(part.numbers)]
    for part in doubtful[:_MOST_LOOKED]:
        said, changed = "", False
        alike = groupby(part.numbers, lambda number: description.glyphs[number][1:3])
        for run in (list(numbers) for _, numbers in alike):
            glyphs = [description.glyphs[number] for number in run]
            seen = None if unsure.isdisjoint(run) else read_again(scale, glyphs, faces[glyphs[0].font], level)
            changed = changed or seen is not None
            said += "".join(glyph.character for glyph in glyphs) if seen is None else seen
        if changed:
            readings[part.numbers] = said
    return readings


def _is_covered(box: Box, chops: Sequence[Box]) -> bool:
    return any(_overlap(box, chop) for chop in chops)


def _altered(part: Passage, answers: Sequence[Judged | None], differs: Sequence[int], alignment: Alignment) -> Finding:
    first, last = (0, len(part.text) - 1) if part.is_key else (max(differs[0] - 3, 0), differs[-1] + 3)
    recorded = seen = ""
    boxes = []
    for index, each in enumerate(answers):
        character = part.text[index] if len(part.text) == len(part.numbers) else ""
        if first <= index <= last:
            recorded += character
            seen += ("？" if each.seen is None else each.seen) if each and index in differs else character
        if index in differs and each:
            boxes.append(each.weighed.spot.glyph.box)
    box = _around(boxes)
    recorded, seen = _discreet(recorded), _discreet(seen)
    return Finding(
        Reason.CONTENT_ALTERED,
        Message("the record says “{recorded}”, the paper seems to say “{seen}”", recorded=recorded, seen=seen),
        box=box,
        image_box=alignment.image_box(box),
        recorded=recorded,
        seen=seen,
    )


def _is_written_over(part: Passage, unsure: Sequence[Judged]) -> bool:
    """Tell whether what is recorded is all there, with much dark ink besides: a stroke through it."""
    there = [each.weighed.extra for each in unsure if each.weighed.missing < 0.15 and each.weighed.extra > 0.1]
    return sum(there) > (_INK_ON_KEY if part.is_key else _INK_ON_TEXT) and 2 * len(there) > len(unsure)


def _written_over(part: Passage, boxes: Sequence[Box], alignment: Alignment) -> Finding:
    box, recorded = _around(boxes), _discreet(part.text)
    return Finding(
        Reason.CONTENT_ALTERED,
        Message("ink was put to “{recorded}”", recorded=recorded),
        box=box,
        image_box=alignment.image_box(box),
        recorded=recorded,
    )


def _altered_number(part: Passage, seen: str, alignment: Alignment) -> Finding:
    return Finding(
        Reason.CONTENT_ALTERED,
        Message(
            "the record says “{recorded}”, the paper seems to say “{seen}”",
            recorded=_discreet(part.text),
            seen=_discreet(seen),
        ),
        box=part.box,
        image_box=alignment.image_box(part.box),
        recorded=_discreet(part.text),
        seen=_discreet(seen),
    )


def _illegible(part: Passage, answers: Sequence[Judged | None], unread: Sequence[int], alignment: Alignment) -> Finding:
    boxes = [each.weighed.spot.glyph.box for index in unread if (each := answers[index])]
    box = _around(boxes)
    recorded = _discreet(part.text if part.is_key else part.text[unread[0] : unread[-1] + 1])
    return Finding(
        Reason.CONTENT_ILLEGIBLE,
        Message(
            "“{recorded}” cannot be read here: compare it by eye, or scan again at 300 dpi in colour", recorded=recorded
        ),
        box=box,
        image_box=alignment.image_box(box),
        recorded=recorded,
    )


def _ink_findings(
    parts: Sequence[Passage], strokes: Sequence[Stroke], alignment: Alignment, *, is_grey: bool
) -> list[Finding]:
    """Return a finding for each group of strokes that the record does not have."""
    findings = []
    for group in clusters(strokes, _APART):
        box = around(group)
        if max(box[2] - box[0], box[3] - box[1]) < _SHORT:
            continue
        area = sum(stroke.area for stroke in group)
        touched = [part for part in parts if _overlap(box, part.box)]
        hit = next((part for part in touched if part.is_key), touched[0] if touched else None)
        # In grey, a chop that was not known as one is paler than print, or wider than what anyone writes over a word.
        pale = is_grey and float(np.mean([stroke.darkness for stroke in group])) < _PALE_INK
        broad = is_grey and min(box[2] - box[0], box[3] - box[1]) > _BROAD
        if hit is not None and area > 0.2 and not (pale or broad) and alignment.is_held(box):
            message = Message("ink was put to “{recorded}”", recorded=_discreet(hit.text))
            reason, recorded = Reason.CONTENT_ALTERED, _discreet(hit.text)
        elif area > 0.6:
            message = Message("there is ink here that the record does not have")
            reason, recorded = Reason.INK_ADDED, None
        else:
            continue
        findings.append(Finding(reason, message, box=box, image_box=alignment.image_box(box), recorded=recorded))
    return findings


def _discreet(text: str) -> str:
    """Return a text for reports: numbers of identity cards, telephones and the like are never shown, their place is."""
    return re.sub(_PRIVATE, lambda match: "＊" * len(match[0]), text)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _grown(box: Box, margin: int) -> Box:
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def _around(boxes: Sequence[Box]) -> Box:
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)
