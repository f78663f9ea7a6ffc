"""Pictures for the report: pairs show the same place, whatever the scan's turn, and no scan makes them large."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from printed_lines import HEIGHT, LINES, WIDTH, described, printed, scanned

from toolkit.messages import Message
from toolkit.scan.alignment import Alignment
from toolkit.scan.crops import MOST_PLACES, PAPER_BYTES, PLACE_BYTES, RECORD_BYTES, page_pictures
from toolkit.scan.paper import PagePictures
from toolkit.verdict import Box, Finding, Reason

DPI = 200
RECORD = described(LINES)
PAGE = printed(RECORD)
DEGREES, SCALE = 0.7, 0.99


def known_alignment(degrees: float = DEGREES, scale: float = SCALE) -> Alignment:
    """Return the map that ``scanned`` made, computed rather than found."""
    height, width = PAGE.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    x, y = ((row[0] * across + row[1] * down + row[2]).astype(np.float32) for row in turn)
    return Alignment(float(DPI), x, y, 0.9, 0.1, DPI * scale, 100, 100, np.zeros((1, 2)))


def finding(box: Box, reason: Reason = Reason.CONTENT_ALTERED, *, is_key: bool = False) -> Finding:
    return Finding(reason, Message("it differs"), box=box, is_key=is_key)


def box_of(text: str) -> Box:
    at = RECORD.text.index(text)
    first, last = RECORD.glyphs[at].box, RECORD.glyphs[at + len(text) - 1].box
    return first[0], first[1], last[2], last[3]


def decoded(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert("L"))


def taken(*findings: Finding, degrees: float = DEGREES) -> PagePictures:
    image, _ = scanned(PAGE, degrees=degrees)
    pictures = page_pictures(image, findings, alignment=known_alignment(degrees), record=PAGE)
    assert pictures is not None
    return pictures


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the correlation of two pictures of one shape, which may have other numbers of pixels."""
    assert one.shape[0] / one.shape[1] == pytest.approx(other.shape[0] / other.shape[1], rel=0.02)
    other = np.asarray(cv2.resize(other, one.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return float(np.corrcoef(one.ravel().astype(float), other.ravel().astype(float))[0, 1])


@pytest.mark.parametrize("degrees", [0.7, 90.7, 181.0, -20.0])
def test_a_pair_shows_the_same_place_upright(degrees: float) -> None:
    pictures = taken(finding(box_of("120.00")), degrees=degrees)
    (pair,) = pictures.places
    paper, record = decoded(pair.paper), decoded(pair.record)
    assert likeness(paper, record) > 0.9
    # ... and that place is the one that was pointed at: the record's ink is in the middle of it.
    x0, y0, x1, y1 = (round(edge * DPI / 7200) for edge in pair.box)
    cut = cv2.resize(PAGE[y0:y1, x0:x1].min(axis=2), record.shape[::-1], interpolation=cv2.INTER_AREA)
    assert likeness(np.asarray(cut, np.uint8), record) > 0.95
    assert pair.box[0] < box_of("120.00")[0] and box_of("120.00")[2] < pair.box[2]


def test_whole_pages_are_shown_side_by_side() -> None:
    pictures = taken(finding(box_of("120.00")))
    paper, record = decoded(pictures.paper), decoded(pictures.record)
    assert likeness(paper, record) > 0.8
    assert pictures.is_laid and abs(pictures.size[0] - WIDTH) < 20 and abs(pictures.size[1] - HEIGHT) < 20


def test_no_more_places_than_fit_and_the_most_urgent_first() -> None:
    lines = [(8000, 14000 + 2000 * row, 12000, 15200 + 2000 * row) for row in range(30)]
    findings = [finding(box, Reason.CONTENT_ILLEGIBLE) for box in lines]
    findings[20] = finding(lines[20], Reason.CONTENT_ILLEGIBLE, is_key=True)
    findings[25] = finding(lines[25])
    places = taken(*findings).places
    assert [pair.finding for pair in places[:3]] == [25, 20, 0] and len(places) == MOST_PLACES


def test_the_same_place_is_shown_once() -> None:
    box = box_of("120.00")
    assert len(taken(finding(box), finding((box[0] + 10, box[1], box[2], box[3]), Reason.INK_ADDED)).places) == 1


def test_words_are_enough_for_a_page_in_order() -> None:
    image, _ = scanned(PAGE)
    assert page_pictures(image, (), alignment=known_alignment(), record=PAGE) is None
    uncompared = Finding(Reason.CONTENT_NOT_COMPARED, Message("not compared"))
    assert page_pictures(image, (Finding(Reason.RECORD_NOT_AT_HAND, Message("elsewhere")), uncompared)) is None
    assert page_pictures(image, (uncompared,)) is not None  # something kept it from being compared


def test_a_note_is_shown_without_the_page() -> None:
    pictures = taken(finding((9000, 60000, 12000, 63000), Reason.INK_ADDED))
    assert len(pictures.places) == 1 and not pictures.paper and not pictures.record


def test_an_image_whose_page_is_not_known_is_shown_as_it_is() -> None:
    image, _ = scanned(PAGE)
    pictures = page_pictures(image, (Finding(Reason.SEAL_UNREADABLE, Message("a slip")),))
    assert pictures is not None and not pictures.is_laid and not pictures.record
    assert pictures.size == (image.shape[1], image.shape[0])


def test_another_page_is_not_bent_into_the_record() -> None:
    bent = known_alignment()
    x = bent.x + (40 * np.sin(np.arange(bent.x.shape[0]) / 9)).astype(np.float32)[:, None]
    image, _ = scanned(PAGE)
    substituted = Finding(Reason.PAGE_SUBSTITUTED, Message("another page"))
    wavy = Alignment(bent.dpi, x, bent.y, 0.1, 9.0, bent.image_dpi, 100, 1, bent.anchors)
    alike = []
    for found in (substituted, finding(box_of("120.00"))):
        pictures = page_pictures(image, (found,), alignment=wavy, record=PAGE)
        assert pictures is not None
        alike.append(likeness(decoded(pictures.paper), decoded(pictures.record)))
    straightened, bent_all_over = alike
    assert straightened > bent_all_over + 0.3


@pytest.mark.parametrize(
    "box",
    [(-9000, -9000, -8000, -8000), (0, 0, 0, 0), (90000, 90000, 99000, 99000), (0, 0, 99000, 99000), (9, 9, 5, 5)],
)
def test_odd_places_are_shown_all_the_same(box: Box) -> None:
    (pair,) = taken(finding(box)).places
    assert 0 <= pair.box[0] < pair.box[2] < WIDTH + 20 and 0 <= pair.box[1] < pair.box[3] < HEIGHT + 20
    shape = (pair.box[2] - pair.box[0]) / (pair.box[3] - pair.box[1])
    for picture in (decoded(pair.paper), decoded(pair.record)):
        assert picture.shape[1] / picture.shape[0] == pytest.approx(shape, rel=0.02)


def test_pictures_are_bounded_whatever_the_scan_holds() -> None:
    noise = np.random.default_rng(3).integers(0, 256, PAGE.shape).astype(np.uint8)
    pictures = page_pictures(noise, [finding((0, 0, WIDTH, HEIGHT))], alignment=known_alignment(), record=noise)
    assert pictures is not None
    assert 0 < len(pictures.paper) <= PAPER_BYTES and 0 < len(pictures.record) <= RECORD_BYTES
    assert all(0 < len(each) <= PLACE_BYTES for pair in pictures.places for each in (pair.paper, pair.record))


def test_a_scan_that_lost_half_of_the_page_is_shown_with_paper_where_it_is_lost() -> None:
    image, _ = scanned(PAGE)
    lost = finding((8000, 70000, 20000, 72000), Reason.CONTENT_ILLEGIBLE)
    pictures = page_pictures(image[: image.shape[0] // 2], [lost], alignment=known_alignment(), record=PAGE)
    assert pictures is not None
    assert decoded(pictures.places[0].paper).min() > 240
