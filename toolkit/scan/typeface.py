"""One font of a record, opened once, which draws characters at any size and any place within a pixel.

FreeType draws from the file's bytes as they are, by exact area and without hinting: as a printer sets outlines, whose
pixels are finer than a scanner's. What was drawn is kept, up to a bound.
"""

from __future__ import annotations

import ctypes
import io
import math
from typing import Any, NamedTuple

import cv2
import freetype
import numpy as np
from numpy.typing import NDArray

from toolkit.errors import StoreError
from toolkit.messages import Message

PHASES = 3
"""Places within a pixel, across and down, at which a character is drawn: it is right to a sixth of a pixel."""

_LARGEST = 530
"""Pixels along the em of a character; a larger one (cover titles of 200 pt) is not drawn."""

_MOST_KEPT = 5_000
"""Characters kept as pixels, some 2 kB each."""

_UNIT = 64
"""FreeType counts lengths in 64ths of a pixel."""

_LOAD = freetype.FT_LOAD_NO_HINTING | freetype.FT_LOAD_NO_BITMAP


class Patch(NamedTuple):
    """A character as pixels see it, 0 to 255, and where its upper left corner lies from the pixel that its pen is in.

    ``ink`` is uint8, shape (height, width).
    """

    ink: NDArray[np.uint8]
    left: int
    top: int


class Typeface:
    """The characters of one font file."""

    def __init__(self, data: bytes, name: str = "") -> None:
        """Open the bytes of a font file with one font; ``name`` is for messages.

        Raises:
            StoreError: it is no font.
        """
        try:
            # The stream hands its bytes on as they are; the face keeps them.
            self._face = freetype.Face(io.BytesIO(data))
        except freetype.FT_Exception as error:
            raise StoreError(Message("the stored font {name} cannot be read", name=name)) from error
        self._handle: Any = self._face._FT_Face
        self._size = 0
        self._bearings: dict[str, float] = {}
        self._patches: dict[tuple[str, int, int, tuple[int, int], float], Patch | None] = {}

    def has(self, character: str) -> bool:
        """Tell whether the font has a shape for a character."""
        return bool(freetype.FT_Get_Char_Index(self._handle, ord(character)))

    def bearing(self, character: str) -> float:
        """Return where a character's ink begins right of its pen, in parts of its size; negative where it is left."""
        if character not in self._bearings:
            index = freetype.FT_Get_Char_Index(self._handle, ord(character))
            failed = freetype.FT_Load_Glyph(self._handle, index, freetype.FT_LOAD_NO_SCALE)
            start = 0 if failed else self._handle.contents.glyph.contents.metrics.horiBearingX
            self._bearings[character] = start / self._face.units_per_EM
        return self._bearings[character]

    def patch(
        self,
        character: str,
        em: float,
        *,
        stroke: float = 0.0,
        phase: tuple[int, int] = (0, 0),
        sigma: float = 0.0,
    ) -> Patch | None:
        """Return a character as pixels see it; None where the font lacks it or it has no ink, or where it is too large.

        Args:
            character: one character.
            em: pixels along the em.
            stroke: width of a stroke along its outline, pixels.
            phase: how far right of and below the corner of its pixel the pen stands, in ``PHASES``.
            sigma: standard deviation of a blur, pixels.
        """
        key = (character, round(em * _UNIT), round(stroke * _UNIT), phase, sigma)
        if key not in self._patches:
            if len(self._patches) >= _MOST_KEPT:
                self._patches.clear()
            drawn = self._drawn(*key[:4])
            self._patches[key] = drawn if drawn is None or not sigma else _blurred(drawn, sigma)
        return self._patches[key]

    def draw(self, character: str, em: float) -> Patch | None:
        """Return what ``patch`` does of a pen in the corner of its pixel, and keep nothing: for whole alphabets."""
        return self._drawn(character, round(em * _UNIT), 0, (0, 0))

    def _drawn(self, character: str, em: int, stroke: int, phase: tuple[int, int]) -> Patch | None:
        index = freetype.FT_Get_Char_Index(self._handle, ord(character))
        if not index or not 0 < em <= _LARGEST * _UNIT:
            return None
        if em != self._size:
            freetype.FT_Set_Char_Size(self._handle, em, em, 72, 72)
            self._size = em
        if freetype.FT_Load_Glyph(self._handle, index, _LOAD):
            return None
        slot = self._handle.contents.glyph
        across, down = (round(part * _UNIT / PHASES) for part in phase)
        freetype.FT_Outline_Translate(ctypes.byref(slot.contents.outline), across, -down)
        edge = _outlined(slot, stroke) if stroke else None
        if freetype.FT_Render_Glyph(slot, freetype.FT_RENDER_MODE_NORMAL):
            return None
        filled = _copied(slot.contents.bitmap, slot.contents.bitmap_left, slot.contents.bitmap_top)
        if filled is None or edge is None:
            return filled
        return _joined(filled, edge)


def _outlined(slot: Any, stroke: int) -> Patch | None:
    """Return the stroke along the outline of the character in a slot, as text in a synthetic bold has it."""
    stroker, glyph = freetype.FT_Stroker(), freetype.FT_Glyph()
    if freetype.FT_Get_Glyph(slot, ctypes.byref(glyph)):
        return None
    try:
        if freetype.FT_Stroker_New(freetype.get_handle(), ctypes.byref(stroker)):
            return None
        try:
            round_ends, round_joins = freetype.FT_STROKER_LINECAP_ROUND, freetype.FT_STROKER_LINEJOIN_ROUND
            freetype.FT_Stroker_Set(stroker, stroke // 2, round_ends, round_joins, 0)
            failed = freetype.FT_Glyph_Stroke(ctypes.byref(glyph), stroker, True)
            if failed or freetype.FT_Glyph_To_Bitmap(
                ctypes.byref(glyph), freetype.FT_RENDER_MODE_NORMAL, ctypes.POINTER(freetype.FT_Vector)(), True
            ):
                return None
            drawn = ctypes.cast(glyph, freetype.FT_BitmapGlyph).contents
            return _copied(drawn.bitmap, drawn.left, drawn.top)
        finally:
            freetype.FT_Stroker_Done(stroker)
    finally:
        freetype.FT_Done_Glyph(glyph)


def _copied(bitmap: Any, left: int, top: int) -> Patch | None:
    """Return what FreeType drew, which the next character overwrites."""
    rows, width, pitch = bitmap.rows, bitmap.width, bitmap.pitch
    if not (rows and width) or pitch < width:
        return None
    pixels = ctypes.string_at(bitmap.buffer, rows * pitch)
    return Patch(np.frombuffer(pixels, np.uint8).reshape(rows, pitch)[:, :width], left, -top)


def _joined(one: Patch, other: Patch) -> Patch:
    """Return the darker of two patches at each pixel."""
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(each.left + each.ink.shape[1] for each in (one, other))
    bottom = max(each.top + each.ink.shape[0] for each in (one, other))
    ink = np.zeros((bottom - top, right - left), np.uint8)
    for each in (one, other):
        put(ink, each, -left, -top)
    return Patch(ink, left, top)


def put(canvas: NDArray[np.uint8], patch: Patch | None, x: int, y: int) -> None:
    """Draw a character into a canvas, as far as it reaches; the pen stands at the corner of pixel ``x``, ``y``."""
    if patch is None:
        return
    left, top = x + patch.left, y + patch.top
    height, width = patch.ink.shape
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, canvas.shape[1]), min(top + height, canvas.shape[0])
    if x0 < x1 and y0 < y1:
        part = canvas[y0:y1, x0:x1]
        np.maximum(part, patch.ink[y0 - top : y1 - top, x0 - left : x1 - left], out=part)


def _blurred(patch: Patch, sigma: float) -> Patch:
    room = math.ceil(3 * sigma)
    wide = cv2.copyMakeBorder(patch.ink, room, room, room, room, cv2.BORDER_CONSTANT)
    soft = cv2.GaussianBlur(wide, (2 * room + 1, 2 * room + 1), sigma, borderType=cv2.BORDER_CONSTANT)
    return Patch(np.asarray(soft, np.uint8), patch.left - room, patch.top - room)
