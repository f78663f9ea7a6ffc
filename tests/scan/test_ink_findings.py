"""Strokes drawn at numbers, and marks beside numbers that alter nothing."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from printed_lines import KEEP_OUT, LINES, SYMBOL, described, fonts, printed, scanned

from toolkit.resources import shared
from toolkit.scan.comparison import Fonts, compare
from toolkit.scan.typeface import Typeface, put
from toolkit.verdict import Finding, Outcome

USUAL = Typeface((shared("fonts") / "TruecopyFangSong-Regular.ttf").read_bytes())
FONTS = Fonts(fonts(), lambda: (USUAL,))
RECORD = described(LINES)
DPI = 200
Picture = NDArray[np.uint8]
Place = tuple[float, float]


@lru_cache(maxsize=1)
def genuine() -> Picture:
    return printed(RECORD)


def box_of(text: str, digit: int) -> tuple[float, float, float, float]:
    """Return the place of one digit of a number, pixels."""
    x0, y0, x1, y1 = (edge * DPI / 7200 for edge in RECORD.glyphs[RECORD.text.index(text) + digit].box)
    return x0, y0, x1, y1


def drawn(*paths: tuple[Place, ...], thick: int = 3) -> Picture:
    layer = np.full_like(genuine(), 255)
    for path in paths:
        points = np.array(path).round().astype(np.int32)
        cv2.polylines(layer, [points], False, (25, 25, 30), thick, cv2.LINE_AA)
    return np.minimum(genuine(), layer)


def failed(picture: Picture) -> list[Finding]:
    """Return what fails of a grey scan, in which a pale stroke may be a chop's."""
    image, corners = scanned(picture)
    image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    found = compare(image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS).findings
    return [finding for finding in found if finding.outcome is Outcome.FAILED]


def test_a_digit_drawn_behind_a_number_is_found() -> None:
    _, y0, x1, y1 = box_of("800", 2)
    findings = failed(drawn(((x1 + 7, y0 + 7), (x1 + 6, y1 - 4))))
    assert [finding.is_key for finding in findings] == [True]
    assert "800" in (findings[0].recorded or "")


def test_a_bar_through_a_nought_is_found() -> None:
    x0, y0, x1, y1 = box_of("2000", 1)
    middle = (y0 + y1) / 2 + 1
    findings = failed(drawn(((x0 + 1, middle), (x1 - 1, middle))))
    assert findings and all("2000" in (finding.recorded or "") for finding in findings)


def test_a_tick_beside_a_number_and_dust_alter_nothing() -> None:
    x0, y0, _, y1 = box_of("2000", 0)
    tick = ((x0 - 60, y0 + 6), (x0 - 50, y1 + 8), (x0 - 14, y0 - 22))
    picture = drawn(tick, thick=4)
    for x, y in np.random.default_rng(3).integers((220, 380), (1400, 2150), (40, 2)):
        cv2.circle(picture, (int(x), int(y)), 1, (90, 90, 90), -1, cv2.LINE_AA)
    assert [finding for finding in failed(picture) if finding.is_key] == []


def with_line(text: str, colour: tuple[int, int, int]) -> Picture:
    """Return the page with a line of 12 points below its text, in a typeface that the page has not."""
    em = round(12 / 72 * DPI)
    ink = np.zeros((2 * em, (len(text) + 1) * em), np.uint8)
    for place, character in enumerate(text):
        put(ink, USUAL.draw(character, em), round((place + 0.5) * em), round(1.4 * em))
    spread = np.minimum(1.8 * cv2.GaussianBlur(ink, (0, 0), 0.6), 255)  # as toner does
    part = spread[:, :, None] / 255.0
    page = genuine().copy()
    top, left = round(79400 * DPI / 7200), 400
    window = page[top : top + ink.shape[0], left : left + ink.shape[1]]
    window[:] = (window * (1 - part) + np.array(colour) * part).astype(np.uint8)
    return page


@pytest.mark.parametrize("colour", [(25, 25, 30), (205, 35, 45)])
def test_a_line_printed_below_in_another_typeface_is_found(colour: tuple[int, int, int]) -> None:
    text = "经费增至捌拾万元整"
    image, corners = scanned(with_line(text, colour))
    found = compare(image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS).findings
    (finding,) = (each for each in found if each.outcome is Outcome.FAILED)
    assert len(finding.seen or "") == len(text)
    assert sum(one == other for one, other in zip(text, finding.seen or "", strict=True)) >= 6


def test_black_pieces_amid_the_red_of_a_chop_are_its_own() -> None:
    """Scans in layers (MRC) make one black stroke of print and of what is darkest beside it in a chop's ring."""
    x0, _, x1, y1 = box_of("800", 1)
    layer = np.full_like(genuine(), 255)
    cv2.circle(layer, (round((x0 + x1) / 2), round(y1) - 150), 160, (200, 40, 50), 12, cv2.LINE_AA)
    picture = np.minimum(genuine(), layer)
    middle = (round((x0 + x1) / 2), round(y1) - 150)
    cv2.ellipse(picture, middle, (160, 160), 0, 80, 100, (25, 25, 25), 4, cv2.LINE_AA)
    image, corners = scanned(picture)
    found = compare(image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS).findings
    assert [finding for finding in found if finding.outcome is Outcome.FAILED] == []


def test_a_fold_that_print_and_light_cut_up_is_no_stroke() -> None:
    x0, y0, _, y1 = box_of("2000", 1)
    picture = genuine().copy()
    for top in (y0 + 8, y1 + 120, y1 + 230, y1 + 520, y1 + 800):
        part = picture[round(top) : round(top) + 14, round(x0) : round(x0) + 14]
        np.minimum(part, 128, out=part)
    assert failed(picture) == []
    part = picture[round(y0) + 8 : round(y0) + 22, round(x0) : round(x0) + 14]
    part[:] = 25  # as dark as a pen
    assert failed(picture) != []
