"""The watermark of a compared page: there, gone, gone in one part, or not to be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from printed_lines import HEIGHT, KEEP_OUT, LINES, SYMBOL, WIDTH, described, fonts, printed, scanned

from toolkit.scan.comparison import Fonts, compare
from toolkit.verdict import Box, Reason

FONTS = Fonts(fonts())
RECORD = replace(described(LINES, repeat=2), watermark="正式上报版")
DPI = 200
SIZE = (round(WIDTH * DPI / 7200), round(HEIGHT * DPI / 7200))
Change = Callable[[NDArray[np.uint8]], None]
Picture = NDArray[np.uint8]


@lru_cache(maxsize=1)
def mark() -> NDArray[np.float32]:
    """Bars 4 mm wide, rising over the page, with gaps between them: as much watermark as characters are."""
    drawn = np.zeros((SIZE[1], SIZE[0]), np.float32)
    for place in range(-14, 15):
        middle = np.array(SIZE) / 2 + place * np.array([38, -52])
        end = np.array([95, 70])
        start, stop = (tuple(int(edge) for edge in middle + sign * end) for sign in (-1, 1))
        cv2.line(drawn, start, stop, 1.0, 30, cv2.LINE_AA)
    return drawn


def stamped(amount: float = 0.12, *, without: Box | None = None) -> Picture:
    """Return the page with its watermark, which is left out in a box of the page."""
    there = mark() * amount
    if without is not None:
        x0, y0, x1, y1 = (round(edge * DPI / 7200) for edge in without)
        there[y0:y1, x0:x1] = 0
    picture = printed(RECORD).astype(np.float32)
    return np.asarray(picture * (1 - there[:, :, None]), np.uint8)


def told(picture: Picture, change: Change | None = None) -> list[tuple[Reason, Box | None]]:
    image, corners = scanned(picture)
    if change is not None:
        change(image)
    found = compare(
        image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS, watermark=mark()
    ).findings
    return [(finding.reason, finding.box) for finding in found if "WATERMARK" in finding.reason.name]


def greyed(image: Picture) -> None:
    image[:] = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None]


def tinted(image: Picture) -> None:
    image[:] = (image * np.array([1.0, 0.98, 0.93])).astype(np.uint8)


def whitened(image: Picture) -> None:
    tinted(image)
    image[:] = np.clip((image.astype(np.float32) - 20) * 1.35, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("change", [greyed, tinted])
@pytest.mark.parametrize("amount", [0.12, 0.02])
def test_a_watermark_however_faint_says_nothing(amount: float, change: Change) -> None:
    assert told(stamped(amount), change) == []


def test_a_watermark_that_the_scanner_washed_out_stays_open() -> None:
    assert told(stamped(), whitened) == [(Reason.WATERMARK_UNCLEAR, None)]


def test_a_page_without_it_fails_in_colour_and_stays_open_otherwise() -> None:
    assert told(stamped(0), tinted) == [(Reason.WATERMARK_MISSING, None)]
    assert told(stamped(0), greyed) == [(Reason.WATERMARK_UNCLEAR, None)]
    assert told(stamped(0), whitened) == [(Reason.WATERMARK_UNCLEAR, None)]


@pytest.mark.parametrize("change", [greyed, tinted])
def test_a_part_without_it_fails_where_the_rest_shows_it(change: Change) -> None:
    gone = (22000, 46000, 34000, 64000)
    ((reason, box),) = told(stamped(without=gone), change)
    assert reason is Reason.WATERMARK_MISSING
    assert box is not None and gone[0] < (box[0] + box[2]) / 2 < gone[2] and gone[1] < (box[1] + box[3]) / 2 < gone[3]


def test_uneven_light_takes_no_part_of_it_away() -> None:
    def lit(image: Picture) -> None:
        tinted(image)
        light = (
            np.linspace(0.55, 1.1, image.shape[1])[None, :, None]
            * np.linspace(1.05, 0.9, image.shape[0])[:, None, None]
        )
        image[:] = np.clip(image * light, 0, 255).astype(np.uint8)

    assert told(stamped(0.1), lit) == []


def test_a_place_without_light_tones_says_nothing() -> None:
    def flashed(image: Picture) -> None:
        tinted(image)
        y, x = np.mgrid[: image.shape[0], : image.shape[1]]
        flash = 120 * np.exp(-((x - 780) ** 2 + (y - 1500) ** 2) / (2 * 260.0**2))
        image[:] = np.clip(image + flash[:, :, None], 0, 255).astype(np.uint8)

    assert told(stamped(0.1), flashed) == []


def test_a_photocopied_chop_leaves_it_open() -> None:
    picture = stamped(0)
    cv2.circle(picture, (700, 1700), 165, (40, 40, 40), 10, cv2.LINE_AA)
    assert told(picture, tinted) == [(Reason.WATERMARK_UNCLEAR, None)]
