"""The rules, shapes and pictures on a page.

Upright rectangles of one colour, and straight lines along an axis, are said exactly: kind ``line`` when one side is at
most 1.5 pt, ``box`` otherwise, the box being the ink (half the stroke's width on either side). A stroked frame is its
four lines. Any other shape is kind ``path:`` and the first 32 hexadecimal digits of the SHA-256 of its outline on the
page, so that two drawings of the same size are two kinds. What cannot be said at all (gradients, transparency,
pictures cut by a clipping path) becomes a picture: its place, and the digest of how it looks there.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pypdfium2.raw as raw

from toolkit.formal import pdfium
from toolkit.formal.boxes import overlap
from toolkit.formal.pdfium import Affine
from toolkit.page import Picture, Rule
from toolkit.verdict import Box

THIN = 150
"""A rectangle at most this wide or high is a line, 1/100 pt."""

_SLACK = 60
"""How far a clipping path may run inside an object's bounds before it counts as cutting it, 1/100 pt.

PDFium's bounds of strokes are generous, and engines clip cells at their inner edge."""

_DEEPEST = 16
"""Forms within forms that are followed; engines nest two or three."""

_MOVE, _BEZIER = 2, 1  # FPDF_SEGMENT_*

Point = tuple[int, int]


class Shapes(NamedTuple):
    """What stands on a page besides text; ``unclear`` are the boxes whose look must be digested instead."""

    rules: list[Rule]
    pictures: list[Picture]
    unclear: list[Box]


class _Subpath(NamedTuple):
    points: list[Point]
    curved: bool
    closed: bool


class PageShapes:
    """Reads the rules and pictures of one page; ``masked`` says that a picture of the document may have a mask."""

    def __init__(self, document: int, page: int, width: float, height: float, *, masked: bool) -> None:
        self._document = document
        self._page = page
        self._width = width
        self._height = height
        self._masked = masked
        self._found = Shapes([], [], [])

    def read(self) -> Shapes:
        """Return what stands on the page, in the order it is painted."""
        for index in range(pdfium.count_objects(self._page)):
            self._read_object(pdfium.get_object(self._page, index), pdfium.IDENTITY, 0)
        return self._found

    def _read_object(self, item: int, outer: Affine, depth: int) -> None:
        kind = pdfium.get_type(item)
        if kind == pdfium.TEXT:
            return
        if kind != pdfium.FORM and (pdfium.has_transparency(item) or kind not in (pdfium.PATH, pdfium.IMAGE)):
            self._found.unclear.append(self._bounds(item, outer))
        elif kind == pdfium.PATH:
            self._read_path(item, outer)
        elif kind == pdfium.IMAGE:
            self._read_picture(item, outer)
        elif depth >= _DEEPEST or pdfium.has_transparency(item) or self._cut(item, outer):
            self._found.unclear.append(self._bounds(item, outer))
        else:
            inner = pdfium.joined(pdfium.object_matrix(item), outer)
            for index in range(max(pdfium.count_form_objects(item), 0)):
                self._read_object(pdfium.get_form_object(item, index), inner, depth + 1)

    def _read_path(self, item: int, outer: Affine) -> None:
        fill, stroke = pdfium.draw_mode(item)
        fill_colour = pdfium.fill_colour(item) if fill else None
        if not (fill or stroke):
            return
        # PDFium gives white for a pattern or gradient: only the look of the place tells them apart.
        if fill_colour == "FFFFFF" or self._cut(item, outer):
            self._found.unclear.append(self._bounds(item, outer))
            return
        matrix = pdfium.joined(pdfium.object_matrix(item), outer)
        subpaths = _subpaths(item, self._mapping(matrix))
        a, b, c, d, _, _ = matrix
        width = pdfium.stroke_width(item) * abs(a * d - b * c) ** 0.5
        dashes = pdfium.dash_array(item)
        rules: list[Rule] | None = []
        if fill:
            rules = _filled(subpaths, fill_colour or "000000")
        if stroke and rules is not None:
            if fill == 0 or _even(a, b, c, d):
                lines = _stroked(
                    subpaths, width * 100, pdfium.stroke_colour(item) or "000000", pdfium.get_line_cap(item)
                )
                rules = None if lines is None or dashes else rules + lines
            else:
                rules = None
        if rules is None:
            look = (
                [(sub.points, sub.curved, sub.closed) for sub in subpaths],
                fill,
                fill_colour,
                stroke and (pdfium.stroke_colour(item), round(width * 100), pdfium.get_line_cap(item)),
                stroke and (pdfium.get_line_join(item), [round(length * 100) for length in dashes]),
            )
            colour = fill_colour or pdfium.stroke_colour(item) or "000000"
            digest = hashlib.sha256(repr(look).encode()).hexdigest()[:32]
            grow = round(width * 50) if stroke else 0
            rules = [Rule(f"path:{digest}", _around((p for sub in subpaths for p in sub.points), grow), colour)]
        self._found.rules.extend(rules)

    def _read_picture(self, item: int, outer: Affine) -> None:
        if self._cut(item, outer):
            self._found.unclear.append(self._bounds(item, outer))
            return
        pointer = ctypes.cast(item, raw.FPDF_PAGEOBJECT)
        bitmaps = [raw.FPDFImageObj_GetBitmap(pointer)]
        a, b, c, d, _, _ = pdfium.joined(pdfium.object_matrix(item), outer)
        upright = a > 0 and d > 0 and abs(b) < 1e-3 and abs(c) < 1e-3
        one_channel = bool(bitmaps[0]) and raw.FPDFBitmap_GetFormat(bitmaps[0]) == raw.FPDFBitmap_Gray
        if self._masked or not upright or one_channel or not bitmaps[0]:
            # The pixels as they are placed besides: these know the mask, the colour of a stencil, and which side is up.
            document = ctypes.cast(self._document, raw.FPDF_DOCUMENT)
            page = ctypes.cast(self._page, raw.FPDF_PAGE)
            bitmaps.append(raw.FPDFImageObj_GetRenderedBitmap(document, page, pointer))
        digest = hashlib.sha256()
        for bitmap in filter(None, bitmaps):
            _add_pixels(digest, bitmap)
            raw.FPDFBitmap_Destroy(bitmap)
        self._found.pictures.append(Picture(self._bounds(item, outer), digest.hexdigest()))

    def _mapping(self, matrix: Affine) -> Callable[[float, float], Point]:
        a, b, c, d, e, f = matrix
        height = self._height

        def place(x: float, y: float) -> Point:
            return round((a * x + c * y + e) * 100), round((height - (b * x + d * y + f)) * 100)

        return place

    def _bounds(self, item: int, outer: Affine) -> Box:
        left, bottom, right, top = pdfium.object_bounds(item)
        place = self._mapping(outer)
        return _around((place(x, y) for x in (left, right) for y in (bottom, top)), 0)

    def _cut(self, item: int, outer: Affine) -> bool:
        """Say whether a clipping path hides a part of the object (what the page's edge hides does not count)."""
        clip = pdfium.get_clip(item)
        paths = pdfium.count_clip_paths(clip) if clip else 0
        if paths <= 0:
            return False
        left, top, right, bottom = self._bounds(item, outer)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, round(self._width * 100)), min(bottom, round(self._height * 100))
        place = self._mapping(outer)
        for path in range(paths):
            count = max(pdfium.count_clip_segments(clip, path), 0)
            segments = [pdfium.get_clip_segment(clip, path, index) for index in range(count)]
            corners = [place(*pdfium.segment_point(segment)) for segment in segments]
            if not corners or _rectangle(corners) is None:
                return True
            x0, y0, x1, y1 = _around(corners, _SLACK)
            if left < x0 or top < y0 or right > x1 or bottom > y1:
                return True
        return False


def _subpaths(item: int, place: Callable[[float, float], Point]) -> list[_Subpath]:
    subpaths: list[_Subpath] = []
    for index in range(max(pdfium.count_segments(item), 0)):
        segment = pdfium.get_segment(item, index)
        kind = pdfium.segment_type(segment)
        if kind == _MOVE or not subpaths:
            subpaths.append(_Subpath([], False, False))
        current = subpaths[-1]
        current.points.append(place(*pdfium.segment_point(segment)))
        subpaths[-1] = current._replace(
            curved=current.curved or kind == _BEZIER,
            closed=current.closed or bool(pdfium.segment_closes(segment)),
        )
    return [sub for sub in subpaths if len(sub.points) > 1]


def _filled(subpaths: list[_Subpath], colour: str) -> list[Rule] | None:
    """Return the rectangles that a fill paints, None when it is something else (a curve, rectangles that overlap)."""
    boxes: list[Box] = []
    for sub in subpaths:
        box = None if sub.curved else _rectangle(sub.points)
        if box is None or any(overlap(box, other) for other in boxes):
            return None
        boxes.append(box)
    return [_rule(box, colour) for box in boxes]


def _stroked(subpaths: list[_Subpath], width: float, colour: str, cap: int) -> list[Rule] | None:
    """Return the lines that a stroke of ``width`` 1/100 pt paints, None when it is something else."""
    half = width / 2
    rules: list[Rule] = []
    for sub in subpaths:
        frame = _rectangle(sub.points)
        if sub.curved:
            return None
        if len(sub.points) == 2:
            (x0, y0), (x1, y1) = sorted(sub.points)
            along = half if cap else 0.0  # round and square caps stand out by half the width (ISO 32000-2, 8.4.3.3)
            if y0 == y1:
                rules.append(_rule(_grown(x0, y0, x1, y1, along, half), colour))
            elif x0 == x1:
                rules.append(_rule(_grown(x0, min(y0, y1), x1, max(y0, y1), half, along), colour))
            else:
                return None
        elif frame is not None and (sub.closed or sub.points[0] == sub.points[-1]):
            x0, y0, x1, y1 = frame
            for line in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
                rules.append(_rule(_grown(*line, half, half), colour))
        else:
            return None
    return rules


def _rectangle(points: list[Point]) -> Box | None:
    """Return the box of points that run round an upright rectangle, else None."""
    corners = points[:-1] if len(points) == 5 and points[0] == points[-1] else points
    if len(corners) != 4:
        return None
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    level = ay == by and bx == cx and cy == dy and dx == ax
    steep = ax == bx and by == cy and cx == dx and dy == ay
    return _around(corners, 0) if level or steep else None


def _rule(box: Box, colour: str) -> Rule:
    return Rule("line" if min(box[2] - box[0], box[3] - box[1]) <= THIN else "box", box, colour)


def _grown(x0: int, y0: int, x1: int, y1: int, across: float, down: float) -> Box:
    return round(x0 - across), round(y0 - down), round(x1 + across), round(y1 + down)


def _around(points: Iterator[Point] | list[Point], margin: int) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def _even(a: float, b: float, c: float, d: float) -> bool:
    """Say whether a matrix scales both directions alike, so that a stroke has one width."""
    return abs(a * a + b * b - c * c - d * d) < 1e-3 * (a * a + b * b + 1e-9)


def _add_pixels(digest: hashlib._Hash, bitmap: object) -> None:
    """Add size, format and pixels of a PDFium bitmap, without the filling at the ends of its lines."""
    width, height = raw.FPDFBitmap_GetWidth(bitmap), raw.FPDFBitmap_GetHeight(bitmap)
    form, stride = raw.FPDFBitmap_GetFormat(bitmap), raw.FPDFBitmap_GetStride(bitmap)
    digest.update(b"%d %d %d " % (width, height, form))
    start = raw.FPDFBitmap_GetBuffer(bitmap)
    if not start:
        return
    data = memoryview((ctypes.c_char * (stride * height)).from_address(start))
    used = width * {1: 1, 2: 3, 3: 4, 4: 4, 5: 4}.get(form, 4)  # FPDFBitmap_Gray, BGR, BGRx, BGRA, BGRA premultiplied
    if used == stride:
        digest.update(data)
    else:
        for row in range(height):
            digest.update(data[row * stride : row * stride + used])
