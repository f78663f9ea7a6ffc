"""Draws a recorded page, and single characters of its faces, as ink at the resolution of a scan.

What a page is judged by must follow from the description whose digest the seal covers. So characters are drawn from
the description and the fonts that the record names by digest, lines and boxes from their places and colours: a stored
PDF that says one thing in its text and shows another decides nothing. Only what the description holds as a digest of
its look (pictures, curved shapes, turned text), and joined Arabic script, whose forms follow from a shaping engine's
version, is taken from a raster of the stored PDF, which the caller gives after describing that PDF again and
finding the same digest; without one these places are not compared.

Lengths are in pixels of the drawing unless said otherwise; ink runs from 0 (paper) to 1 (black).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toolkit.page import Glyph, PageDescription
from toolkit.scan.boxes import grown
from toolkit.scan.typeface import PHASES, Typeface
from toolkit.verdict import Box

Ink = NDArray[np.float32]
"""Ink, float32, shape (height, width), row 0 at the top: 0 is paper, 1 is black."""

ASCENT = 0.88
"""Part of its size that a glyph's box reaches above the baseline (page.Glyph)."""

_POINT = 7200
"""1/100 pt in an inch."""

_IDEOGRAPHS = "\u2e80"
"""From here on characters keep within their em boxes, and need no measuring."""

_HUE, _COLOURED = 60, 0.0005
"""Difference between the channels of a pixel that has colour, and part of a picture's pixels that make it coloured: the
ring of a chop alone is 0.005 of a page."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a page: the PostScript name, the width of a stroke around it in 1/100 pt, and how much ink it has."""

    name: str
    stroke: int
    level: float

    @classmethod
    def parse(cls, name: str) -> Face:
        """Read ``NAME``, ``NAME~N``, ``NAME#RRGGBB`` or both (page.PageDescription)."""
        name, _, colour = name.partition("#")
        name, _, stroke = name.partition("~")
        return cls(name, int(stroke or 0), level(colour or "000000"))


def level(colour: str) -> float:
    """Return how much ink a colour RRGGBB has in the red channel, 0 to 1: comparison works there."""
    return 1 - int(colour[:2], 16) / 255


class Pen:
    """Draws characters with given fonts at one resolution."""

    def __init__(self, fonts: Mapping[str, Typeface], dpi: float) -> None:
        """``fonts`` has fonts by PostScript name; ``dpi`` is pixels per inch of the drawing."""
        self.dpi = dpi
        self._fonts = fonts

    def pixels(self, length: float) -> float:
        """Return a length of 1/100 pt in pixels."""
        return length * self.dpi / _POINT

    def can_draw(self, glyph: Glyph, face: Face) -> bool:
        """Tell whether face, size and box say all of a glyph: not of joined script, nor of turned text."""
        upright = glyph.box[3] - glyph.box[1] in (glyph.size - 1, glyph.size, glyph.size + 1)
        if not upright or len(glyph.character) != 1 or is_joined(glyph.character):
            return False
        font = self._fonts.get(face.name)
        return font is not None and font.has(glyph.character)

    def draw(
        self, character: str, face: Face, size: int, origin: tuple[float, float], window: Box, sigma: float = 0
    ) -> Ink:
        """Return a character's ink in a window of the page.

        Args:
            character: one character; an empty one, and one that the font lacks, leaves no ink.
            face: its face.
            size: in 1/100 pt.
            origin: where the pen stands on the baseline, pixels of the page.
            window: left, top, right, bottom in whole pixels of the page.
            sigma: standard deviation of a blur, pixels.
        """
        left, top, right, bottom = window
        ink = np.zeros((bottom - top, right - left), np.float32)
        if not character:
            return ink
        font = self._fonts.get(face.name)
        if font is None:
            return ink
        # In PHASES of a pixel: which pixel the pen is in, and where in it.
        (x, across), (y, down) = (divmod(round(edge * PHASES), PHASES) for edge in origin)
        em, stroke = self.pixels(size), self.pixels(face.stroke)
        patch = font.patch(character, em, stroke=stroke, phase=(across, down), sigma=sigma)
        if patch is not None:
            x, y = x + patch.left - left, y + patch.top - top
            height, width = patch.ink.shape
            y0, y1, x0, x1 = max(y, 0), min(y + height, ink.shape[0]), max(x, 0), min(x + width, ink.shape[1])
            if y0 < y1 and x0 < x1:
                part = patch.ink[y0 - y : y1 - y, x0 - x : x1 - x]
                np.multiply(part, np.float32(face.level / 255), out=ink[y0:y1, x0:x1])
        return ink

    def overhang(self, character: str, face: Face) -> float:
        """Return how far a character's ink begins left of its pen, in parts of its size: an italic y by a twelfth."""
        font = self._fonts.get(face.name) if character < _IDEOGRAPHS else None
        return 0.0 if font is None else max(-font.bearing(character), 0.0)

    def has(self, character: str, face: Face) -> bool:
        """Tell whether the face's font has a shape for a character."""
        font = self._fonts.get(face.name)
        return font is not None and font.has(character)


def blurred(ink: Ink, sigma: float) -> Ink:
    """Return ink blurred by ``sigma`` pixels."""
    return np.asarray(
        cv2.GaussianBlur(ink, (2 * math.ceil(3 * sigma) + 1,) * 2, sigma, borderType=cv2.BORDER_CONSTANT), np.float32
    )


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A recorded page as ink, and which places of it could not be drawn (boxes in 1/100 pt)."""

    ink: Ink
    dpi: float
    undrawn: tuple[Box, ...]


def is_joined(character: str) -> bool:
    """Tell whether a character takes its form from its neighbours: the Arabic blocks of Unicode."""
    return "\u0600" <= character <= "\u08ff" or "\ufb50" <= character <= "\ufdff" or "\ufe70" <= character <= "\ufefc"


def draw_page(description: PageDescription, pen: Pen, raster: NDArray[np.uint8] | None = None) -> DrawnPage:
    """Return the page of a description as ink in the red channel, at the pen's resolution.

    Args:
        description: the record's page.
        pen: has the fonts and the resolution.
        raster: the whole page as the stored PDF shows it, RGB, shape (height, width, 3), of any resolution; used only
            where the description has a digest instead of a shape.
    """
    width, height = (math.ceil(pen.pixels(edge)) for edge in (description.width, description.height))
    ink = np.zeros((height, width), np.float32)
    undrawn: list[Box] = [picture.box for picture in description.pictures]
    for rule in description.rules:
        if rule.kind.startswith("path:"):
            undrawn.append(rule.box)
        else:
            _fill(ink, [pen.pixels(edge) for edge in rule.box], level(rule.colour))
    faces = [Face.parse(name) for name in description.fonts]
    for glyph in description.glyphs:
        face = faces[glyph.font]
        if pen.can_draw(glyph, face):
            window = inside(glyph_window(glyph, pen), width, height)
            if window is not None:
                part = ink[window[1] : window[3], window[0] : window[2]]
                np.maximum(
                    part, pen.draw(glyph.character, face, glyph.size, origin(glyph, face, pen), window), out=part
                )
        else:
            # Joined script reaches out of its em box: a final yeh by a third of its size.
            undrawn.append(grown(glyph.box, glyph.size * 2 // 5))
    if raster is not None:
        _paste(ink, undrawn, raster, pen)
        undrawn = []
    return DrawnPage(ink, pen.dpi, tuple(undrawn))


def without_colour(
    drawn: DrawnPage, description: PageDescription, pen: Pen, raster: NDArray[np.uint8]
) -> DrawnPage | None:
    """Return the drawn page with its pictures as a printer without colours shows them; None where none has colours.

    Comparison works in the red channel, where a red chop in a scanned original is hardly there; such a printer
    makes it dark grey.
    """
    windows = [_window(picture.box, raster.shape[1] / description.width) for picture in description.pictures]
    parts = [raster[y0:y1, x0:x1] for x0, y0, x1, y1 in windows]
    coloured = [_COLOURED < np.mean(np.ptp(part, axis=2) > _HUE) for part in parts if part.size]
    if not any(coloured):
        return None
    grey = np.repeat(cv2.cvtColor(raster, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    ink = drawn.ink.copy()
    boxes = [picture.box for picture in description.pictures]
    for box in boxes:
        x0, y0, x1, y1 = _window(box, pen.dpi / _POINT)
        ink[y0:y1, x0:x1] = 0
    _paste(ink, boxes, np.asarray(grey, np.uint8), pen)
    return replace(drawn, ink=ink)


def _window(box: Box, scale: float) -> Box:
    x0, y0, x1, y1 = (max(edge * scale, 0) for edge in box)
    return math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)


def origin(glyph: Glyph, face: Face, pen: Pen) -> tuple[float, float]:
    """Return where the pen stands on the baseline for a glyph, pixels.

    A glyph's box begins where its pen does, or its ink where that lies further left: PDFium takes the outer of the two.
    """
    start = glyph.box[0] + pen.overhang(glyph.character, face) * glyph.size
    return pen.pixels(start), pen.pixels(glyph.box[1] + ASCENT * glyph.size)


def glyph_window(glyph: Glyph, pen: Pen) -> Box:
    """Return the window around a glyph's box, with room for strokes that lean out of it, whole pixels."""
    margin = pen.pixels(glyph.size * 0.15) + 2
    x0, y0, x1, y1 = (pen.pixels(edge) for edge in glyph.box)
    return math.floor(x0 - margin), math.floor(y0 - margin), math.ceil(x1 + margin), math.ceil(y1 + margin)


def inside(window: Box, width: int, height: int) -> Box | None:
    """Return the part of a window that lies on the page, None when there is none."""
    x0, y0, x1, y1 = max(window[0], 0), max(window[1], 0), min(window[2], width), min(window[3], height)
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _fill(ink: Ink, box: Iterable[float], amount: float) -> None:
    """Fill an upright box, its edges anti-aliased."""
    x0, y0, x1, y1 = box
    height, width = ink.shape
    left, top, right, bottom = max(math.floor(x0), 0), max(math.floor(y0), 0), math.ceil(x1), math.ceil(y1)
    columns, rows = np.arange(left, min(right, width)), np.arange(top, min(bottom, height))
    if not (columns.size and rows.size):
        return
    across = np.minimum(columns + 1, x1) - np.maximum(columns, x0)
    down = np.minimum(rows + 1, y1) - np.maximum(rows, y0)
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    np.maximum(part, (np.outer(down, across) * amount).astype(np.float32), out=part)


def _paste(ink: Ink, boxes: Iterable[Box], raster: NDArray[np.uint8], pen: Pen) -> None:
    """Take the ink of boxes from a raster of the page."""
    height, width = ink.shape
    red = Image.fromarray(np.ascontiguousarray(raster[:, :, 0]))
    seen: Ink | None = None
    for box in boxes:
        x0, y0, x1, y1 = (pen.pixels(edge) for edge in box)
        window = inside((math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1)), width, height)
        if window is None:
            continue
        if seen is None:
            whole = red.resize((width, height), Image.Resampling.BOX if red.width > width else Image.Resampling.BICUBIC)
            seen = np.subtract(1, np.asarray(whole, np.float32) / 255, dtype=np.float32)
        part = slice(window[1], window[3]), slice(window[0], window[2])
        np.maximum(ink[part], seen[part], out=ink[part])
