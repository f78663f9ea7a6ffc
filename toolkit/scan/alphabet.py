"""Which character of a face a piece of paper looks like, when the recorded one does not explain it.

A coarse look at all common characters names a few; whether one of them is printed is then weighed as any rival is.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.scan.rendering import ASCENT, Ink
from toolkit.scan.typeface import Typeface, put
from toolkit.verdict import Box

_EM = 24
"""Pixels of the em of the coarse look: nine points at 200 dpi are 25."""

_BLUR = 1.2
"""Standard deviation of its blur, pixels: half a pixel off its place changes little then."""

_ROOM = 4
"""Pixels around each while it is blurred."""

_AT_ONCE = 500
"""Characters that are drawn and blurred at once: 3 MB."""

_NARROW = "".join(map(chr, range(0x21, 0x7F)))


def common_characters() -> str:
    """Return the 6763 Han characters of GB/T 2312-1980: names and terms outside of it are found as unreadable."""
    codes = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return "".join(code.decode("gb2312", "ignore") for code in codes)


class Alphabet:
    """The common characters of one font, drawn coarsely."""

    def __init__(self, font: Typeface) -> None:
        """Characters that the font lacks match nothing."""
        self._font = font

    def nearest(self, seen: Ink, box: Box, count: int) -> str:
        """Return the characters that a piece of the image is most like, the likest first.

        Args:
            seen: the image's ink.
            box: the recorded character's em box, pixels; a narrow one says only that any narrow character may be there.
            count: how many.
        """
        width, height = box[2] - box[0], box[3] - box[1]
        if width < 0.8 * height:
            return _NARROW
        part = np.ascontiguousarray(seen[max(box[1], 0) : box[3], max(box[0], 0) : box[2]])
        if part.size == 0 or not part.any():
            return ""
        small = cv2.resize(part, (_EM, _EM), interpolation=cv2.INTER_AREA if height > _EM else cv2.INTER_LINEAR)
        row = _normal(cv2.GaussianBlur(small, (0, 0), 0.6).reshape(1, -1).astype(np.float32))[0]
        characters, rows = _drawn(self._font)
        order = np.argsort(-(rows @ row))[:count]
        return "".join(characters[index] for index in order)


@lru_cache(maxsize=4)
def _drawn(font: Typeface) -> tuple[str, NDArray[np.float32]]:
    """Return the characters and one row for each: the em box, mean taken off, of length 1."""
    characters = common_characters()
    rows = np.empty((len(characters), _EM * _EM), np.float32)
    pitch = _EM + 2 * _ROOM
    baseline = round(_EM * ASCENT)
    for start in range(0, len(characters), _AT_ONCE):
        some = characters[start : start + _AT_ONCE]
        # One below the other, with room between for the blur: one call blurs all.
        canvas = np.zeros((len(some) * pitch, pitch), np.uint8)
        for index, character in enumerate(some):
            put(canvas[index * pitch + _ROOM :][:_EM, _ROOM:-_ROOM], font.draw(character, _EM), 0, baseline)
        soft = cv2.GaussianBlur(canvas, (0, 0), _BLUR).reshape(len(some), pitch, pitch)
        part = soft[:, _ROOM:-_ROOM, _ROOM:-_ROOM].reshape(len(some), -1).astype(np.float32)
        rows[start : start + _AT_ONCE] = _normal(part)
    return characters, rows


def _normal(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)
