"""Lines of machine print that the record does not have, told from handwriting by reading them.

Ink is cut into rows and cells as print is. A cell is held against the common characters as they are set in the record's
fonts, each cut to its ink and brought to one size, so that neither size nor place need be known. Print is like some
character in nearly every cell; writing is not, whoever's hand it is. Measured (benchmarks/hands.py with the strokes of
hanzi-writer-data; flatbed, feeder, phone): of 111 rows of signatures, dates, opinions and ticks the median likeness was
0.52 to 0.89, and below 0.88 where the lower quartile reached 0.84; of printed rows of four characters and more, of 9 to
16 points, 0.86 to 0.99. Names of two or three characters at 200 dpi had 0.72 to 0.86: too few to be told from writing.
Cut at even distances as well, and held against the usual fonts: of 645 rows by 240 hands at 150 to 250 dpi the highest
median was 0.89; of 240 printed lines of 4 to 10 characters, 9 to 16 points, 209 were read as print (of those without
narrow digits, 209 of 216).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.boxes import around
from toolkit.scan.pieces import pieces
from toolkit.scan.rendering import Ink
from toolkit.scan.typeface import Typeface
from toolkit.verdict import Box

_SIDE = 20
"""Pixels that the longer side of a cell is brought to: nine points at 150 dpi have 18."""

_ALIKE, _LOW, _ALL_ALIKE = 0.9, 0.84, 0.94
"""Median and lower quartile of the likeness in a row of three cells or more, and likeness of each of two cells, from
which it is print."""

_ROW = 4
"""Cells from which a row is read in other fonts than the record's too; fewer are too few to be told from writing."""

_HEIGHTS = (1.4, 9.0)
"""Millimetres of a row of print: digits of six points to characters of 26."""

_FLAT = 0.28
"""Height in widths, or width in heights, below which a cell is a mere stroke, which any pen draws as print does."""

_FULL = 0.5
"""Size in parts of the row's largest cell from which a cell is read: specks are like full stops."""

_THIN = 0.35
"""Part of the ink's darkness from which what touches it belongs to it."""

_STROKES = frozenset("-_~|/\\.,:;'`\"一")
"""What any pen draws as print does."""

_PITCHES = (0.98, 1.35)
"""From character to character in a row of Han characters, in heights of its ink: rows of five to nine in the
supplied typefaces are 0.91 to 1.00 of the em high, and may be spaced."""

_PALEST = 0.25
"""Part of the darkest ink of a cell from which ink belongs to it: the watermark has 0.2."""

_MOST_CELLS = 400
"""Cells that are read on a page."""

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of machine print: ``box`` in 1/100 pt, and what it seems to say."""

    box: Box
    text: str


def printed_rows(
    ink: Ink, added: Mask, *, dpi: float, fonts: Sequence[Typeface], usual: Callable[[], Sequence[Typeface]] = tuple
) -> list[PrintedRow]:
    """Return the rows of machine print among added ink.

    Args:
        ink: what the image shows.
        added: where it is not recorded, uint8, 0 or 1, shape of ``ink``.
        dpi: pixels per inch of both.
        fonts: those of the record.
        usual: opens others, for rows of ``_ROW`` cells that are in none of the record's.
    """
    found = []
    left = _MOST_CELLS
    for row in _rows(_whole(ink, added), dpi):
        for cells in (_joined(row), _even(ink, row)):
            full = _full(cells)
            if len(full) < 2 or left < len(full):
                continue
            left -= len(full)
            drawn = _normal(np.stack([_brought(_own(ink, cell)) for cell in full]))
            text = _read(drawn, fonts)
            if text is None and len(full) >= _ROW:
                text = _read(drawn, list(dict.fromkeys((*fonts, *usual()))))
            if text is not None:
                unit = 7200 / dpi
                x0, y0, x1, y1 = (round(side * unit) for side in around(row))
                found.append(PrintedRow((x0, y0, x1, y1), text))
                break
    return found


def _whole(ink: Ink, added: Mask) -> Mask:
    """Return added ink with the thin strokes of its characters, which are paler."""
    if not added.any():
        return added
    near = cv2.dilate(added, np.ones((5, 5), np.uint8))
    level = float(np.quantile(ink[added > 0], 0.9))
    return ((ink > _THIN * level) & (near > 0)).astype(np.uint8)


def _full(cells: Sequence[Box]) -> list[Box]:
    """Return the cells of a row that are read: no mere strokes, no specks."""
    tallest = max((max(_sides(cell)) for cell in cells), default=0)
    return [
        cell for cell in cells if min(_sides(cell)) > _FLAT * max(_sides(cell)) and max(_sides(cell)) > _FULL * tallest
    ]


def _even(ink: Ink, row: Sequence[Box]) -> list[Box]:
    """Return a row cut at even distances, where Han characters stand: where that cuts the least ink."""
    x0, y0, x1, y1 = around(row)
    high = y1 - y0
    columns = ink[y0:y1, x0:x1].sum(axis=0)
    if x1 - x0 < _ROW * high or not columns.any():
        return []
    best, cuts = float("inf"), np.zeros(0, np.int64)
    for pitch in np.linspace(*_PITCHES, 20) * high:
        for start in np.linspace(0, 1, 8, endpoint=False) * pitch:
            at = np.rint(np.arange(start, x1 - x0, pitch)).astype(np.int64)
            at = at[at < x1 - x0]
            cost = float(columns[at].mean())
            if cost < best:
                best, cuts = cost, at
    edges = [0, *(int(cut) for cut in cuts if cut > 0), x1 - x0]
    return [(x0 + left, y0, x0 + right, y1) for left, right in pairwise(edges) if columns[left:right].max() > _PALEST]


def _read(drawn: NDArray[np.float32], fonts: Sequence[Typeface]) -> str | None:
    """Return what cells say in the likest characters of fonts; None where they are not print."""
    if not fonts:
        return None
    read = [_nearest(drawn, font) for font in fonts]
    likeness = np.stack([scores for scores, _ in read])
    best, scores = likeness.argmax(axis=0), likeness.max(axis=0)
    low, middle = np.percentile(scores, (25, 50))
    if not (middle >= _ALIKE and low >= _LOW if len(drawn) > 2 else scores.min() >= _ALL_ALIKE):
        return None
    return "".join(read[font][1][place] for place, font in enumerate(best))


def _rows(added: Mask, dpi: float) -> list[list[Box]]:
    """Return each row of ink, pixels, from left to right: pieces that overlap in height and stand near each other."""
    pixel = 25.4 / dpi
    _, stats = pieces(added)
    found = [
        (int(x), int(y), int(x + width), int(y + height))
        for x, y, width, height, area in stats[1:]
        if area * pixel * pixel > 0.04 and height * pixel < _HEIGHTS[1]
    ]
    rows: list[list[int]] = []
    members: list[list[Box]] = []
    largest = sorted(found, key=lambda each: each[1] - each[3])[: 6 * _MOST_CELLS]
    for piece in sorted(largest):
        for row, own in zip(rows, members, strict=True):
            shared = min(piece[3], row[3]) - max(piece[1], row[1])
            height = row[3] - row[1]
            if (
                shared > 0.5 * min(piece[3] - piece[1], height)
                and piece[0] - row[2] < 1.5 * height
                and row[0] - piece[2] < 1.5 * height
            ):
                row[:] = [min(row[0], piece[0]), min(row[1], piece[1]), max(row[2], piece[2]), max(row[3], piece[3])]
                own.append(piece)
                break
        else:
            rows.append(list(piece))
            members.append([piece])
    return [
        sorted(own)
        for row, own in zip(rows, members, strict=True)
        if _HEIGHTS[0] <= (row[3] - row[1]) * pixel <= _HEIGHTS[1]
    ]


def _joined(row: Sequence[Box]) -> list[Box]:
    """Return the pieces of a row, joined where they make up one character."""
    _, top, _, bottom = around(row)
    height = bottom - top
    cells = [row[0]]
    for piece in row[1:]:
        last = cells[-1]
        gap, wide = piece[0] - last[2], max(piece[2], last[2]) - last[0]
        if gap < 0.02 * height or (gap < 0.2 * height and wide <= 1.08 * height):
            cells[-1] = around([last, piece])
        else:
            cells.append(piece)
    return cells


def _sides(cell: Box) -> tuple[int, int]:
    return cell[2] - cell[0], cell[3] - cell[1]


def _own(ink: Ink, cell: Box) -> Ink:
    """Return a cell's ink cut to what there is: with its thin strokes, which are paler, without the watermark."""
    top, left = max(cell[1] - 2, 0), max(cell[0] - 1, 0)
    part = ink[top : cell[3] + 2, left : cell[2] + 1]
    there = (part > _PALEST * float(part.max())).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(there)
    return np.where(there > 0, part, np.float32(0))[y : y + height, x : x + width]


def _brought(part: Ink) -> NDArray[np.float32]:
    """Return ink cut to a character as one row of pixels, its longer side brought to one length."""
    height, width = part.shape
    side = max(height, width)
    above, before = (side - height) // 2, (side - width) // 2
    square = cv2.copyMakeBorder(part, above, side - height - above, before, side - width - before, cv2.BORDER_CONSTANT)
    inner = _SIDE - 2
    small = cv2.resize(square, (inner, inner), interpolation=cv2.INTER_AREA if side > inner else cv2.INTER_LINEAR)
    small = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.GaussianBlur(small, (5, 5), 0.8).ravel().astype(np.float32)


def _normal(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _nearest(drawn: NDArray[np.float32], font: Typeface) -> tuple[NDArray[np.float32], str]:
    """Return the likeness of each cell to the likest character of a font, and these characters."""
    characters, rows = _case(font)
    likeness = drawn @ rows.T
    best = likeness.argmax(axis=1)
    return likeness.max(axis=1), "".join(characters[index] for index in best)


def common_characters() -> str:
    """Return the 3755 most used Han characters (GB/T 2312-1980, level 1), ASCII and Russian, but no mere strokes."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    han = "".join(code.decode("gb2312", "ignore") for code in codes)
    everything = han + "".join(map(chr, range(0x21, 0x7F))) + "".join(map(chr, range(0x410, 0x450)))
    return "".join(character for character in everything if character not in _STROKES)


@lru_cache(maxsize=16)
def _case(font: Typeface) -> tuple[str, NDArray[np.float32]]:
    """Return the common characters, and one row for each as ``_brought`` and ``_normal`` make it.

    Drawn twice as large as compared, so that bringing them to one size blurs them as it does what a scan shows.
    """
    characters = common_characters()
    rows = np.zeros((len(characters), _SIDE * _SIDE), np.float32)
    for index, character in enumerate(characters):
        drawn = font.draw(character, 2 * _SIDE)
        if drawn is not None:
            # Cut as a cell is: an edge that covers a sliver of a pixel is no ink there.
            x, y, width, height = cv2.boundingRect((drawn.ink > _PALEST * int(drawn.ink.max())).astype(np.uint8))
            rows[index] = _brought(drawn.ink[y : y + height, x : x + width].astype(np.float32))
    return characters, _normal(rows)
