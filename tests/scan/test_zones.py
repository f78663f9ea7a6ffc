"""What stands in zones, on a page with a zone of each kind, in colour and grey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from printed_lines import KEEP_OUT, LINES, SYMBOL, described, fonts, printed, scanned

from toolkit.page import Zone
from toolkit.resources import shared
from toolkit.scan.comparison import Comparison, Fonts, compare
from toolkit.scan.zone_answers import Presence, ZoneRule
from toolkit.verdict import Outcome, Reason

FONTS = Fonts(fonts())
SIGNATURE = Zone("leader_signature", "signature", (9000, 49000, 26000, 54000))
CHOP = Zone("unit_chop", "chop", (34000, 47000, 48000, 61000))
RECORD = replace(described(LINES, repeat=2), zones=(SIGNATURE, CHOP))
DPI = 200
RED, BLUE, BLACK = (200, 40, 50), (50, 60, 170), (30, 30, 30)
Change = Callable[[NDArray[np.uint8]], None]


def place(x: float, y: float) -> tuple[int, int]:
    return round(x * DPI / 7200), round(y * DPI / 7200)


def chop(
    colour: tuple[int, int, int] = RED, *, axes: tuple[int, int] = (165, 165), at: tuple[int, int] = (41000, 54000)
) -> Change:
    """A frame with a star's blot in it; ``axes`` in pixels, 165 of which are 21 mm."""

    def press(picture: NDArray[np.uint8]) -> None:
        layer = np.full_like(picture, 255)
        cv2.ellipse(layer, place(*at), axes, 4, 0, 360, colour, 10, cv2.LINE_AA)
        cv2.circle(layer, place(*at), 30, colour, -1, cv2.LINE_AA)
        picture[:] = np.minimum(picture, layer)

    return press


def signature(colour: tuple[int, int, int] = (40, 50, 130)) -> Change:
    def sign(picture: NDArray[np.uint8]) -> None:
        t = np.linspace(0, 1, 120)
        x = 11000 + 9000 * t + 900 * np.cos(40 * t)
        y = 51500 + 1500 * np.sin(40 * t) * (0.3 + t)
        path = np.array([place(a, b) for a, b in zip(x, y, strict=True)], np.int32)
        cv2.polylines(picture, [path], False, colour, 3, cv2.LINE_AA)

    return sign


def typed(text: str, left: int, top: int) -> Change:
    def print_it(picture: NDArray[np.uint8]) -> None:
        image = Image.fromarray(picture)
        font = ImageFont.truetype(str(shared("fonts") / "NotoSerifSC-Regular.ttf"), 40)
        ImageDraw.Draw(image).text(place(left, top), text, fill=(20, 20, 20), font=font)
        picture[:] = np.asarray(image)

    return print_it


def compared(*changes: Change, grey: bool = False, rules: tuple[ZoneRule, ...] = ()) -> Comparison:
    picture = printed(RECORD)
    for change in changes:
        change(picture)
    image, corners = scanned(picture)
    if grey:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return compare(image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS, zones=rules)


def answers(comparison: Comparison) -> tuple[Presence, Presence]:
    by_name = {mark.name: mark.answer for mark in comparison.zones}
    return by_name[SIGNATURE.name], by_name[CHOP.name]


def test_a_signed_and_chopped_page_has_both_and_no_finding() -> None:
    comparison = compared(signature(), chop())
    assert answers(comparison) == (Presence.PRESENT, Presence.PRESENT)
    assert comparison.findings == ()


def test_an_empty_page_in_colour_has_neither() -> None:
    assert answers(compared()) == (Presence.ABSENT, Presence.ABSENT)


def test_grey_shows_a_ring_and_leaves_the_rest_open() -> None:
    assert answers(compared(signature(), chop(), grey=True)) == (Presence.PRESENT, Presence.PRESENT)
    assert answers(compared(grey=True)) == (Presence.ABSENT, Presence.UNCLEAR)


@pytest.mark.parametrize(
    ("mark", "rule", "expected"),
    [
        (chop(BLUE), ZoneRule("unit_chop", "章"), Presence.UNCLEAR),
        (chop(BLUE, axes=(180, 125)), ZoneRule("unit_chop", "章", "blue", "oval"), Presence.PRESENT),
        (chop(RED, axes=(180, 125)), ZoneRule("unit_chop", "章", "blue", "oval"), Presence.UNCLEAR),
        (chop(RED, axes=(60, 60)), ZoneRule("unit_chop", "章"), Presence.UNCLEAR),
        (chop(BLACK), ZoneRule("unit_chop", "章"), Presence.UNCLEAR),
        (chop(at=(35000, 49000)), ZoneRule("unit_chop", "章"), Presence.PRESENT),
        (chop(at=(20000, 62000)), ZoneRule("unit_chop", "章"), Presence.ABSENT),
    ],
    ids=["blue", "blue oval", "red oval", "small", "copied", "over the edge", "elsewhere"],
)
def test_a_chop_must_be_of_colour_shape_size_and_place(mark: Change, rule: ZoneRule, expected: Presence) -> None:
    assert answers(compared(mark, rules=(rule,)))[1] is expected


def test_a_tick_is_no_signature_and_not_nothing() -> None:
    def tick(picture: NDArray[np.uint8]) -> None:
        cv2.polylines(
            picture,
            [np.array([place(12000, 51000), place(12300, 51600), place(13500, 50000)], np.int32)],
            False,
            BLACK,
            3,
            cv2.LINE_AA,
        )

    assert answers(compared(tick))[0] is Presence.UNCLEAR


@pytest.mark.parametrize("text", ["项目负责人王建国", "同意申报并承诺自筹"])
def test_print_in_a_zone_is_no_signature_and_an_alteration(text: str) -> None:
    comparison = compared(typed(text, 10000, 50500))
    assert answers(comparison)[0] is Presence.ABSENT
    (finding,) = comparison.findings
    assert finding.reason is Reason.CONTENT_ALTERED
    assert sum(one == other for one, other in zip(finding.seen or "", text, strict=True)) >= len(text) - 2


def test_a_name_written_over_a_printed_word_of_its_zone_does_not_alarm() -> None:
    record = replace(RECORD, zones=(Zone("date", "date", (8000, 30000, 52000, 46000)), SIGNATURE, CHOP))
    picture = printed(record)
    glyph = next(glyph for glyph in record.glyphs if glyph.box[1] > 36000 and glyph.character == "研")
    x, y = place(glyph.box[0], glyph.box[1])
    cv2.polylines(
        picture, [np.array([(x + 5, y - 6), (x + 28, y + 40), (x + 60, y + 2)], np.int32)], False, BLACK, 3, cv2.LINE_AA
    )
    image, corners = scanned(picture)
    found = compare(image, corners, record, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS).findings
    assert [finding for finding in found if finding.outcome is Outcome.FAILED] == []
