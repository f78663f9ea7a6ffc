"""Scanned originals as the pictures of a page: what was changed on the paper is known in these tests."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from printed_lines import HEIGHT, KEEP_OUT, LINES, SYMBOL, WIDTH, described, fonts, printed, scanned

from toolkit.page import PageDescription, Picture
from toolkit.scan.boxes import overlap
from toolkit.scan.comparison import Fonts, compare
from toolkit.scan.picture_parts import fit_picture
from toolkit.verdict import Box, Finding, Outcome, Reason

DPI = 200
PAGE = PageDescription(WIDTH, HEIGHT, (), (), (), (Picture((0, 0, WIDTH, HEIGHT), "00" * 32),), (), "")
WORD: Box = (8000 + 8 * 1200, 14000 + 2000 * 10, 8000 + 11 * 1200, 14000 + 2000 * 10 + 1200)
"""Three characters of the eleventh line."""


def original() -> NDArray[np.uint8]:
    """Return a page as a grey, speckled, blurred scan of somebody's agreement: RGB."""
    random = np.random.default_rng(3)
    page = cv2.GaussianBlur(printed(described(LINES), dpi=DPI), (0, 0), 0.9).astype(np.float32)
    page = 45 + 0.68 * page + random.normal(0, 4, page.shape[:2])[:, :, None]
    for x, y in random.uniform(0.05, 0.95, (120, 2)) * (page.shape[1], page.shape[0]):
        cv2.circle(page, (int(x), int(y)), 1, (90.0,) * 3, -1)
    return np.clip(page, 0, 255).astype(np.uint8)


def altered(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the page with a word replaced by one from another line: the same hand, ink and ground."""
    x0, y0, x1, y1 = (round(side * DPI / 7200) for side in WORD)
    down = round(2000 * DPI / 7200)
    changed = page.copy()
    changed[y0:y1, x0:x1] = page[y0 + 3 * down : y1 + 3 * down, x0:x1]
    return changed


def judged(paper: NDArray[np.uint8], raster: NDArray[np.uint8] | None) -> list[Finding]:
    image, corners = scanned(paper, dpi=DPI)
    compared = compare(image, corners, PAGE, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=Fonts(fonts()), raster=raster)
    return [finding for finding in compared.findings if finding.outcome is not Outcome.NOTE]


def test_noise_of_a_scanned_original_is_no_alarm() -> None:
    page = original()
    assert judged(page, page) == []


def test_word_changed_in_a_scanned_original_is_found() -> None:
    page = original()
    found = judged(altered(page), page)
    assert [finding.reason for finding in found] == [Reason.CONTENT_ALTERED]
    assert found[0].box is not None
    assert found[0].image_box is not None
    assert overlap(found[0].box, WORD)


def test_dust_on_blank_paper_is_no_alarm_and_a_point_put_to_a_number_is() -> None:
    page = original()
    dusty = page.copy()
    blank = round(80500 * DPI / 7200)
    for x in (300, 620, 1200):
        cv2.circle(dusty, (x, blank), 2, (20.0,) * 3, -1, cv2.LINE_AA)
    assert judged(dusty, page) == []
    glyph = described(LINES).glyphs[described(LINES).text.index("2000亩")]
    x, y = (round(side * DPI / 7200) for side in (glyph.box[2], glyph.box[3]))
    pointed = page.copy()
    cv2.circle(pointed, (x, y - 3), 2, (20.0,) * 3, -1, cv2.LINE_AA)
    assert [finding.reason for finding in judged(pointed, page)] == [Reason.CONTENT_ALTERED]


def test_a_streak_of_the_scanner_is_no_alarm() -> None:
    page = original()
    image, corners = scanned(page, dpi=DPI)
    image[300:2000, 700:702] = (image[300:2000, 700:702] * 0.5).astype(np.uint8)
    compared = compare(image, corners, PAGE, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=Fonts(fonts()), raster=page)
    assert [finding for finding in compared.findings if finding.outcome is Outcome.FAILED] == []


def test_a_coloured_original_may_be_printed_in_colour_and_without() -> None:
    page = original()
    middle = round(30000 * DPI / 7200), round(30000 * DPI / 7200)
    cv2.circle(page, middle, 160, (205, 45, 45), 9, cv2.LINE_AA)
    for paper in (page, altered(page)):
        without = np.repeat(cv2.cvtColor(paper, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
        for printed_page in (paper, np.asarray(without, np.uint8)):
            found = judged(printed_page, page)
            assert all(finding.box is not None and overlap(finding.box, WORD) for finding in found)
            assert len(found) == (paper is not page)


def test_picture_whose_look_is_not_at_hand_is_not_judged() -> None:
    page = original()
    assert not [finding for finding in judged(altered(page), None) if finding.reason is Reason.CONTENT_ALTERED]


def lines_of(words: int) -> NDArray[np.float32]:
    """Return ink like words, no two alike."""
    random = np.random.default_rng(5)
    ink = np.zeros((400, 400), np.float32)
    for number in range(words):
        x, y = 30 + 60 * (number % 6), 30 + 40 * (number // 6)
        for _ in range(6):
            a, b = random.integers(0, 30, 2), random.integers(0, 30, 2)
            cv2.line(ink, (x + int(a[0]), y + int(a[1])), (x + int(b[0]), y + int(b[1])), 0.8, 2, cv2.LINE_AA)
    return ink


def test_added_and_missing_ink_are_told_apart() -> None:
    ink = lines_of(48)
    paper = cv2.GaussianBlur(ink, (0, 0), 1.0)
    paper[26:66, 86:126] = 0
    cv2.line(paper, (30, 352), (60, 372), 0.8, 3)
    found = fit_picture(paper, ink, DPI).differences
    kinds = {("added" if each.added > each.missing else "missing"): each.box for each in found}
    assert set(kinds) == {"added", "missing"}
    assert overlap(kinds["missing"], tuple(round(side * 7200 / DPI) for side in (86, 26, 126, 66)))
    assert overlap(kinds["added"], tuple(round(side * 7200 / DPI) for side in (30, 352, 60, 372)))


def test_a_step_as_at_a_fold_is_no_difference() -> None:
    ink = lines_of(48)
    paper = cv2.GaussianBlur(ink, (0, 0), 1.0)
    paper[186:] = np.roll(paper, (3, 2), axis=(0, 1))[186:]
    assert fit_picture(paper, ink, DPI).differences == ()


def test_what_is_left_out_is_not_looked_at() -> None:
    ink = lines_of(48)
    mask = np.zeros(ink.shape, np.bool_)
    mask[20:70, 80:130] = True
    paper = ink.copy()
    paper[26:66, 86:126] = 0
    assert fit_picture(paper, ink, DPI, left_out=mask).differences == ()


def test_blank_and_tiny_pictures_are_no_trouble() -> None:
    blank = np.zeros((300, 200), np.float32)
    assert fit_picture(blank, blank, DPI).differences == ()
    assert fit_picture(blank[:9, :9], blank[:9, :9], DPI).differences == ()
