"""Compares a scanned page with its record: what differs, what cannot be read, what ink was added.

Every place has one of three answers (judging.py). Illegible never counts as altered, and never as the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message
from toolkit.page import PageDescription
from toolkit.scan.alignment import Alignment, align
from toolkit.scan.chops import find_chops
from toolkit.scan.cropped import crop_findings, is_outside
from toolkit.scan.given_back import give_back
from toolkit.scan.glyphs import Scale, find_blur, spots_of
from toolkit.scan.ink import SeenPage, seen_page
from toolkit.scan.ink_findings import marks_on
from toolkit.scan.judging import Answer, Judged, adrift, judge, read_numbers, with_moves, without_guesses
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.lookalikes import rivals
from toolkit.scan.page_image import Pixels
from toolkit.scan.paper import Topic
from toolkit.scan.passages import lines, passages
from toolkit.scan.picture_parts import picture_findings, without_ground
from toolkit.scan.record_fonts import Fonts
from toolkit.scan.rendering import Face, Ink, blurred, draw_page, without_colour
from toolkit.scan.rules import rule_findings
from toolkit.scan.text_findings import text_findings
from toolkit.scan.watermark_trace import watermark_findings
from toolkit.scan.words import window_of, word_findings, words_of
from toolkit.scan.zone_answers import ZoneMark, ZoneRule
from toolkit.verdict import Box, Finding, Reason

__all__ = ["Comparison", "Fonts", "compare"]

_RESOLUTIONS = (150, 200, 250)
"""Pixels per inch at which pages are compared; more than 250 tells no more (benchmarks/comparison.py)."""

_FOREIGN = 0.25
"""Correlation of blocks below which the image is another page: genuine pages are above 0.4 even as faxes."""

_DARK, _DARK_GREY = 0.55, 0.8
"""Part of the contrast from which there is ink where none should be: above a watermark copied twice; in grey, where a
chop is as dark as that, more."""


_BLACK, _WHITE, _BETWEEN = 40, 215, 0.003
"""Levels between which scans of the tuning set have 0.034 and more of their pixels, edges of print; a fax has none."""

_BESIDE = 0.8
"""Millimetres beside the watermark that its dots reach, with the error of places on a fax."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing one page found.

    ``level`` is the median fit of the page's characters, 0 to 1; ``blur`` in mm; ``judged`` has an entry for every
    recorded character that could be drawn. ``zones`` says what stands in the places for chops and signatures.
    ``examined`` are the topics that were looked into, besides text and zones.
    """

    findings: tuple[Finding, ...]
    alignment: Alignment
    level: float
    blur: float
    judged: tuple[Judged, ...] = ()
    zones: tuple[ZoneMark, ...] = ()
    examined: frozenset[Topic] = frozenset()


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
    zones: Iterable[ZoneRule] = (),
    watermark: Ink | None = None,
) -> Comparison:
    """Compare an image of a page with the record of that page.

    Args:
        pixels: the image, RGB, uint8, shape (height, width, 3), in any rotation.
        corners: the symbol's corners in it: upper left, upper right, lower right, lower left as it was printed.
        description: the record's page; its digest was compared with the seal.
        symbol_box: where the symbol was printed on the page, without its quiet zone, 1/100 pt; the whole page where
            the corners are those of the page (placing.find_page).
        keep_out: the place of symbol, quiet zone and the lines below.
        fonts: the record's fonts.
        raster: the page as the stored PDF shows it, RGB, for what the description has only a digest of.
        key_texts: names and the like that come first, beside amounts and dates.
        zones: what the record's programme says of the page's zones.
        watermark: where the page's watermark is, 0 to 1, the whole page at any resolution; None where it has none.
    """
    give_back()  # what the page before left
    # (1) Draw the record, and lay the image over it. What is compared, and what the page lies by, is the red channel.
    dpi = _resolution(corners, symbol_box)
    pen = fonts.pen(dpi)
    drawn = draw_page(description, pen, raster)
    uncoloured: Ink | None = None
    if raster is not None:
        boxes = [picture.box for picture in description.pictures]
        grey = without_colour(drawn, description, pen, raster)
        uncoloured = None if grey is None else without_ground(grey.ink, dpi, boxes)
        drawn = replace(drawn, ink=without_ground(drawn.ink, dpi, boxes))
    channel = np.asarray(cv2.extractChannel(pixels, 0), np.uint8)
    size = (description.width, description.height)
    alignment = align(channel, drawn.ink, ink_dpi=dpi, size=size, symbol=symbol_box, corners=corners)
    give_back()
    if _lies_nowhere(alignment):
        return Comparison((_substituted(),), alignment, 0.0, 0.0)

    # (2) See the ink, and find out how blurred it is.
    seen = seen_page(pixels, alignment)
    faces = [Face.parse(name) for name in description.fonts]
    spots = [spot for spot in spots_of(description.glyphs, faces, pen, drawn.ink.shape) if not is_outside(seen, spot)]
    words = words_of(description.glyphs, faces, pen)
    windows = [spot.window for spot in spots] or [
        window for word in words if (window := window_of(word, pen, drawn.ink.shape))
    ]
    sigma = find_blur(seen.ink, drawn.ink, windows)
    soft = blurred(drawn.ink, sigma)

    # (3) Weigh every character, and give it its answer.
    scale = Scale(seen.ink, soft, pen, sigma, _DARK if seen.red is not None else _DARK_GREY)
    weighed = scale.weigh(spots, rivals)
    level = float(np.median([each.fit for each in weighed])) if weighed else 1.0
    contrast = float(np.median([each.contrast for each in weighed])) if weighed else 0.8
    parts = tuple(passages(description.glyphs, key_texts))
    judged = judge(scale, weighed, level, parts, alignment, fonts)
    blur = sigma * 25.4 / dpi
    if _is_other_text(judged, alignment):
        return Comparison((_substituted(),), alignment, level, blur, judged)
    judged = with_moves(scale, judged, lines(description.glyphs))
    lost = adrift(judged, lines(description.glyphs), description.height)
    judged = without_guesses(judged, lost)
    readings = read_numbers(scale, description, parts, judged, level)

    # (4) Say what was found, aspect by aspect.
    page = LaidPage(
        description,
        alignment,
        seen,
        drawn.ink,
        soft,
        sigma,
        contrast,
        parts,
        find_chops(seen, soft, contrast=contrast, dpi=dpi, left_out=[keep_out]),
        keep_out,
        drawn.undrawn,
        _hidden(pixels, seen, watermark),
        lost,
        uncoloured,
    )
    marks = marks_on(page, pixels, fonts=fonts, rules={rule.name: rule for rule in zones})
    findings = (
        *text_findings(page, judged, readings),
        *word_findings(page, words, pen),
        *rule_findings(page),
        *marks.findings,
        *(found for picture in description.pictures for found in picture_findings(page, picture.box)),
        *crop_findings(page),
        *(watermark_findings(page, watermark, pixels) if watermark is not None else ()),
    )
    examined = frozenset({Topic.WATERMARK} if watermark is not None else ())
    return Comparison(findings, alignment, level, blur, judged, marks.zones, examined)


def _hidden(pixels: Pixels, seen: SeenPage, watermark: Ink | None) -> NDArray[np.bool_]:
    """Return where ink says nothing: outside the image, and among the black dots that a fax makes of the watermark."""
    between = (pixels[::4, ::4, 0] > _BLACK) & (pixels[::4, ::4, 0] < _WHITE)
    if watermark is None or between.mean() > _BETWEEN:
        return seen.outside
    height, width = seen.outside.shape
    marked = cv2.resize((watermark > 0.5).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    reach = round(_BESIDE * width / 210)
    return seen.outside | (cv2.dilate(marked, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0)


def _resolution(corners: Sequence[Sequence[float]], symbol_box: Box) -> int:
    """Return the resolution to compare at: the largest that the image has, nearly."""
    points = np.asarray(corners, float)
    around = float(np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1).sum())
    dpi = around * 7200 / (2 * (symbol_box[2] - symbol_box[0] + symbol_box[3] - symbol_box[1]))
    return max([each for each in _RESOLUTIONS if each <= dpi * 1.15], default=_RESOLUTIONS[0])


def _lies_nowhere(alignment: Alignment) -> bool:
    """Tell whether the record's page was not found in the image at all."""
    return alignment.blocks >= 4 and alignment.correlation < _FOREIGN and alignment.found < 0.5 * alignment.blocks


def _is_other_text(judged: Sequence[Judged], alignment: Alignment) -> bool:
    """Tell whether what is printed is other text all over, not an altered one."""
    differing = sum(each.answer is Answer.DIFFERS for each in judged)
    unexplained = sum(each.answer is not Answer.SAME for each in judged)
    foreign = alignment.correlation < 2 * _FOREIGN and unexplained > 0.5 * len(judged)
    return differing >= 8 and (foreign or differing > 0.5 * len(judged))


def _substituted() -> Finding:
    return Finding(
        Reason.PAGE_SUBSTITUTED,
        Message("what is printed here is not the page that the seal names: ask for the page as it was issued"),
    )
