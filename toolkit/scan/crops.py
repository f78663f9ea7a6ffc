"""The pictures of a report: places on paper beside the same places in the record, and whole pages side by side.

The paper is laid upright by the alignment, as it was issued, so that both pictures of a pair show the same and one mark
fits both. Sizes are bounded, since 200 pages of them go into one file that a browser opens.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toolkit.scan.alignment import Alignment
from toolkit.scan.page_image import Pixels
from toolkit.scan.paper import PagePictures, PlacePictures, needs_an_eye, urgency
from toolkit.verdict import Box, Finding, Reason

MOST_PLACES = 12
"""Places that are shown of a page that needs an eye; with more, the page is looked at as a whole."""
MOST_NOTED = 4
"""Places that are shown of a page on which there are only notes."""

PLACE_BYTES = 25_000
PAPER_BYTES, RECORD_BYTES = 150_000, 100_000
"""Bytes of a picture of a place, and of whole pages."""

RECORD_DPI = 200
"""Pixels per inch that a recorded page should have here: what pairs are shown at, at most."""

_PAGE_EDGE = 1240
"""Pixels along the longer side of a whole page: A4 at 106 per inch, on which 9 pt are read."""

_ABOVE, _BESIDE = 2600, 5000
"""What is shown around a place, 1/100 pt: a line above and below (forms are set at 16 to 28 pt), some characters
beside."""

_NEAR = 600
"""What lies no farther outside a place, 1/100 pt, is seen with it: half a character."""

_LEAST_WIDTH = 19_000
"""1/100 pt: 67 mm, a third of a page; half of a screen then shows it at twice its size."""

_PLACE_PIXELS = 640 * 400
"""A pair at 200 pixels per inch; larger places are shown smaller."""

_QUALITIES = (78, 66, 54, 42)
"""JPEG qualities that are tried before the picture is made smaller; below 40, strokes of 9 pt grow halos."""

_POINT = 7200
"""1/100 pt in an inch."""


def page_pictures(
    pixels: Pixels, findings: Sequence[Finding], *, alignment: Alignment | None = None, record: Pixels | None = None
) -> PagePictures | None:
    """Return what a report shows of a page, or None when words are enough.

    Args:
        pixels: the image, RGB, uint8, shape (height, width, 3).
        findings: of the page.
        alignment: where the recorded page lies in the image; None when nothing tells, and the image is then shown as
            it was scanned.
        record: the recorded page, RGB, upright and whole, best at ``RECORD_DPI``; goes with ``alignment``.
    """
    eyed = needs_an_eye(findings, has_image=True)
    if alignment is None or record is None:
        if not eyed:
            return None
        height, width = pixels.shape[:2]
        return PagePictures(is_laid=False, size=(width, height), paper=_jpeg(_reduced(pixels), PAPER_BYTES))
    size = alignment.size
    marked = sorted(
        (number for number, finding in enumerate(findings) if finding.box is not None),
        key=lambda number: urgency(findings[number]),
    )
    if not (eyed or marked):
        return None
    if any(finding.reason is Reason.PAGE_SUBSTITUTED for finding in findings):
        # On another page, what was found in its place was found by chance: only the symbol's place is to be trusted.
        alignment = _straightened(alignment)
    places = tuple(_places(marked, findings, MOST_PLACES if eyed else MOST_NOTED, pixels, alignment, record))
    if not eyed:
        return PagePictures(is_laid=True, size=size, places=places)
    whole = (0, 0, *size)
    shape = _shape(whole, _PAGE_EDGE / max(size) * _POINT)
    paper = _jpeg(_laid(pixels, alignment, whole, shape), PAPER_BYTES)
    recorded = _jpeg(_cut(record, whole, size, shape), RECORD_BYTES)
    return PagePictures(is_laid=True, size=size, paper=paper, record=recorded, places=places)


def _places(
    marked: Sequence[int],
    findings: Sequence[Finding],
    most: int,
    pixels: Pixels,
    alignment: Alignment,
    record: Pixels,
) -> Iterator[PlacePictures]:
    """Yield the pictures of the first places, but none of what stands in the middle of one of these already."""
    shown: list[Box] = []
    for number in marked:
        box = findings[number].box
        if box is None or any(_within(box, each) for each in shown):
            continue
        if len(shown) == most:
            return
        shown.append((box[0] - _NEAR, box[1] - _NEAR, box[2] + _NEAR, box[3] + _NEAR))
        yield _place(number, box, pixels, alignment, record)


def _within(box: Box, other: Box) -> bool:
    return other[0] <= box[0] and other[1] <= box[1] and box[2] <= other[2] and box[3] <= other[3]


def _place(number: int, box: Box, pixels: Pixels, alignment: Alignment, record: Pixels) -> PlacePictures:
    size = alignment.size
    shown = _surroundings(box, size)
    area = (shown[2] - shown[0]) * (shown[3] - shown[1])
    dpi = min(RECORD_DPI, _POINT * math.sqrt(_PLACE_PIXELS / area))
    shape = _shape(shown, dpi)
    paper = _jpeg(_laid(pixels, alignment, shown, shape), PLACE_BYTES)
    recorded = _jpeg(_cut(record, shown, size, shape), PLACE_BYTES)
    return PlacePictures(finding=number, box=shown, paper=paper, record=recorded)


def _surroundings(box: Box, size: tuple[int, int]) -> Box:
    """Return a box with what is around it, on the page."""
    width = min(max(box[2] - box[0] + 2 * _BESIDE, _LEAST_WIDTH), size[0])
    height = min(max(box[3] - box[1], 0) + 2 * _ABOVE, size[1])
    left = min(max((box[0] + box[2] - width) // 2, 0), size[0] - width)
    top = min(max((box[1] + box[3] - height) // 2, 0), size[1] - height)
    return left, top, left + width, top + height


def _straightened(alignment: Alignment) -> Alignment:
    """Return the affine map that is nearest to an alignment."""
    height, width = alignment.x.shape
    columns, rows = np.meshgrid(*(np.linspace(0, side - 1, 25).astype(int) for side in (width, height)))
    terms = np.column_stack([columns.ravel(), rows.ravel(), np.ones(columns.size)])
    seen = np.column_stack([side[rows, columns].ravel() for side in (alignment.x, alignment.y)])
    (xs, ys) = np.linalg.lstsq(terms, seen, rcond=None)[0].T.astype(np.float32)
    across, down = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    return replace(alignment, x=xs[0] * across + xs[1] * down + xs[2], y=ys[0] * across + ys[1] * down + ys[2])


def _shape(box: Box, dpi: float) -> tuple[int, int]:
    """Return width and height in pixels of a part of the page."""
    return max(round((box[2] - box[0]) * dpi / _POINT), 1), max(round((box[3] - box[1]) * dpi / _POINT), 1)


def _laid(pixels: Pixels, alignment: Alignment, box: Box, shape: tuple[int, int]) -> Pixels:
    """Return a part of the page as the image shows it, upright, with so many pixels across and down."""
    x, y = (_cut_map(side, alignment.dpi, box, shape) for side in (alignment.x, alignment.y))
    factor = alignment.image_dpi * (box[2] - box[0]) / _POINT / shape[0]
    left, right = _span(x, pixels.shape[1], factor)
    top, bottom = _span(y, pixels.shape[0], factor)
    if left >= right or top >= bottom:  # the image lost this part of the page
        return np.full((shape[1], shape[0], 3), 255, np.uint8)
    part = pixels[top:bottom, left:right]
    x, y = x - np.float32(left), y - np.float32(top)
    if factor > 1.4:
        # More pixels than are shown: averaged first, so that thin strokes stay whole.
        reduced = (max(round(part.shape[1] / factor), 1), max(round(part.shape[0] / factor), 1))
        x = (x + 0.5) * np.float32(reduced[0] / part.shape[1]) - np.float32(0.5)
        y = (y + 0.5) * np.float32(reduced[1] / part.shape[0]) - np.float32(0.5)
        part = np.asarray(cv2.resize(part, reduced, interpolation=cv2.INTER_AREA), np.uint8)
    laid = cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255))
    return np.asarray(laid, np.uint8)


def _cut_map(side: NDArray[np.float32], dpi: float, box: Box, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return one side of the alignment's map for a part of the page in another resolution."""
    scale = dpi / _POINT
    across = np.arange(shape[0], dtype=np.float32) + np.float32(0.5)
    down = np.arange(shape[1], dtype=np.float32) + np.float32(0.5)
    columns = (box[0] + across * ((box[2] - box[0]) / shape[0])) * scale - 0.5
    rows = (box[1] + down * ((box[3] - box[1]) / shape[1])) * scale - 0.5
    x, y = (np.ascontiguousarray(axis, np.float32) for axis in np.meshgrid(columns, rows))
    return np.asarray(cv2.remap(side, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _span(places: NDArray[np.float32], length: int, factor: float) -> tuple[int, int]:
    """Return from where to where pixels of the image are needed."""
    margin = 2 * max(factor, 1.0)
    return max(int(places.min() - margin), 0), min(int(places.max() + margin) + 1, length)


def _cut(record: Pixels, box: Box, size: tuple[int, int], shape: tuple[int, int]) -> Pixels:
    """Return a part of the recorded page with so many pixels across and down."""
    height, width = record.shape[:2]
    part = (
        box[0] * width / size[0],
        box[1] * height / size[1],
        box[2] * width / size[0],
        box[3] * height / size[1],
    )
    return np.asarray(Image.fromarray(record).resize(shape, Image.Resampling.LANCZOS, part), np.uint8)


def _reduced(pixels: Pixels) -> Pixels:
    """Return a whole image, small enough for the report."""
    factor = max(pixels.shape[:2]) / _PAGE_EDGE
    if factor <= 1:
        return pixels
    size = (max(round(pixels.shape[1] / factor), 1), max(round(pixels.shape[0] / factor), 1))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg(pixels: Pixels, most: int) -> bytes:
    """Return a JPEG of at most so many bytes: of less quality first, then smaller."""
    grey = bool((pixels.max(axis=2) == pixels.min(axis=2)).all())
    picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if grey else pixels))
    while True:
        for quality in _QUALITIES:
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= most:
                return file.getvalue()
        picture = picture.resize((max(picture.width * 4 // 5, 1), max(picture.height * 4 // 5, 1)))
