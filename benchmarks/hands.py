"""What people do to a printed page before it is scanned: sign, date, chop, tick, strike out; for measuring.

Ink is drawn at the resolution of the print on its reflectance (benchmarks/paper.py), in millimetres. Writing follows
the medians of strokes, of real characters where a folder of hanzi-writer-data (npm, Arphic Public License) is given,
else of made-up ones: bent, slanted, joined and pressed differently by every seed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from toolkit.resources import shared

Picture = NDArray[np.float32]
"""Reflectance, float32, 0 to 1, shape (height, width, 3)."""

Strokes = list[NDArray[np.float64]]
"""Paths of a pen, each of shape (points, 2) in parts of a square, y downwards."""

PENS = {
    "black gel": (0.10, 0.10, 0.12),
    "blue gel": (0.10, 0.16, 0.50),
    "blue ballpoint": (0.22, 0.28, 0.62),
    "blue-black": (0.13, 0.14, 0.28),
    "pencil": (0.45, 0.45, 0.46),
}
STAMP_INKS = {
    "red": ((0.80, 0.13, 0.18), (0.86, 0.25, 0.22), (0.70, 0.08, 0.14), (0.85, 0.30, 0.38)),
    "blue": ((0.16, 0.22, 0.60), (0.25, 0.30, 0.70), (0.30, 0.22, 0.62)),
}
DPI = 400
_MM = DPI / 25.4

_DIGITS = {
    "0": [[(0.5, 0.1), (0.25, 0.25), (0.2, 0.6), (0.4, 0.9), (0.65, 0.85), (0.75, 0.5), (0.7, 0.2), (0.5, 0.1)]],
    "1": [[(0.4, 0.2), (0.55, 0.1), (0.5, 0.9)]],
    "2": [[(0.25, 0.3), (0.4, 0.1), (0.65, 0.2), (0.6, 0.45), (0.25, 0.88), (0.75, 0.85)]],
    "3": [[(0.3, 0.15), (0.6, 0.12), (0.65, 0.35), (0.4, 0.47), (0.7, 0.6), (0.6, 0.9), (0.25, 0.85)]],
    "4": [[(0.5, 0.1), (0.2, 0.6), (0.8, 0.58)], [(0.6, 0.35), (0.55, 0.92)]],
    "5": [[(0.7, 0.12), (0.35, 0.14), (0.3, 0.45), (0.6, 0.45), (0.7, 0.7), (0.5, 0.92), (0.25, 0.85)]],
    "6": [[(0.65, 0.1), (0.3, 0.45), (0.3, 0.85), (0.6, 0.9), (0.68, 0.65), (0.35, 0.6)]],
    "7": [[(0.2, 0.15), (0.75, 0.12), (0.45, 0.92)]],
    "8": [[(0.6, 0.2), (0.35, 0.15), (0.4, 0.4), (0.65, 0.65), (0.5, 0.92), (0.3, 0.75), (0.6, 0.4), (0.62, 0.18)]],
    "9": [[(0.65, 0.3), (0.4, 0.12), (0.3, 0.4), (0.6, 0.45), (0.68, 0.25), (0.6, 0.92)]],
    ".": [[(0.3, 0.88), (0.34, 0.9)]],
}


class Hand:
    """One person's writing and stamping, the same for the same seed."""

    def __init__(self, seed: int, medians: Path | None = None) -> None:
        """``medians`` is the folder of hanzi-writer-data."""
        self.random = np.random.default_rng([seed, 77])
        self._medians = medians
        self.slant = self.random.uniform(-0.12, 0.25)
        self.rise = self.random.uniform(-0.03, 0.14)
        self.pen = self.random.uniform(0.25, 0.75)
        self.joined = self.random.uniform(0.0, 0.7)
        self.wild = self.random.uniform(0.015, 0.05)

    def write(
        self,
        picture: Picture,
        text: str,
        left: float,
        top: float,
        size: float,
        *,
        ink: Sequence[float],
        advance: float = 0.95,
    ) -> tuple[float, float, float, float]:
        """Write a text; ``left``, ``top`` and ``size`` of a character in mm. Returns the box, mm."""
        random = self.random
        mask = _mask(picture, top - size, top + 2 * size)
        x = left
        for character in text:
            own = size * random.uniform(0.82, 1.12)
            down = top + random.normal(0, 0.06) * size
            last: NDArray[np.float64] | None = None
            for stroke in self._strokes(character):
                path = self._bent(stroke) * own + (x, down)
                if last is not None and random.random() < self.joined * 0.5:
                    self._draw(mask, np.vstack([last[-1:], path[:1]]), self.pen * 0.6)
                self._draw(mask, path, self.pen)
                last = path
            narrow = 0.55 if character in _DIGITS else 1.0
            x += own * narrow * advance * random.uniform(0.9, 1.1)
        _ink(picture, mask, ink, random, grain=0.18)
        return left, top, x, top + size

    def scribble(self, picture: Picture, left: float, top: float, width: float, *, ink: Sequence[float]) -> None:
        """Sign in loops, as Latin and Cyrillic signatures are; mm."""
        random = self.random
        t = np.linspace(0, 1, 240)
        turns = random.uniform(5, 11)
        height = random.uniform(4, 9)
        swing = height / 2 * (0.35 + 0.65 * np.abs(np.interp(t, np.linspace(0, 1, 7), random.uniform(0.1, 1, 7))))
        x = left + width * t + swing * 0.6 * np.cos(2 * np.pi * turns * t)
        y = top + height / 2 + swing * np.sin(2 * np.pi * turns * t) - 2.5 * t
        mask = _mask(picture, top - 15, top + 25)
        self._draw(mask, np.column_stack([x, y]), self.pen)
        if random.random() < 0.6:
            end = np.array([[left + width, top + height * 0.8], [left + width * 0.2, top + height * 1.05]])
            self._draw(mask, end + random.normal(0, 0.5, end.shape), self.pen)
        _ink(picture, mask, ink, random, grain=0.15)

    def line(self, picture: Picture, points: Sequence[tuple[float, float]], *, ink: Sequence[float]) -> None:
        """Draw a stroke through points in mm."""
        downs = [point[1] for point in points]
        mask = _mask(picture, min(downs) - 5, max(downs) + 5)
        self._draw(mask, np.asarray(points, np.float64), self.pen)
        _ink(picture, mask, ink, self.random, grain=0.15)

    def chop(
        self,
        picture: Picture,
        x: float,
        y: float,
        *,
        text: str = "新疆天山绿洲农业科学研究院",
        width: float = 42.0,
        height: float | None = None,
        shape: str = "round",
        colour: Sequence[float] | None = None,
        density: float | None = None,
        weak: float = 0.0,
    ) -> None:
        """Press a chop with its middle at a place, mm; ``weak`` is the part of it that hardly touched the paper."""
        random = self.random
        mask = np.zeros((_px(width * 1.5), _px(width * 1.5)), np.float32)
        _carve(mask, text, width, height or width, shape)
        turn = random.normal(0, 6)
        matrix = cv2.getRotationMatrix2D((mask.shape[1] / 2, mask.shape[0] / 2), turn, 1)
        mask = cv2.warpAffine(mask, matrix, mask.shape[::-1])
        mask = cv2.GaussianBlur(mask, (0, 0), random.uniform(0.8, 2.0))
        grain = cv2.GaussianBlur(random.standard_normal(mask.shape).astype(np.float32), (0, 0), random.uniform(1.5, 4))
        grain /= max(float(grain.std()), 1e-6)
        uneven = cv2.resize(random.uniform(0.55, 1.0, (6, 6)).astype(np.float32), mask.shape[::-1])
        full = random.uniform(0.72, 1.0) if density is None else density
        mask = np.clip(mask * uneven * full * (1 - random.uniform(0.05, 0.35) * (grain > 1.0)), 0, 1)
        if weak:
            angle = random.uniform(0, 2 * np.pi)
            v, u = np.mgrid[: mask.shape[0], : mask.shape[1]] / mask.shape[0] - 0.5
            along = u * np.cos(angle) + v * np.sin(angle)
            mask *= 1 / (1 + np.exp((along - (0.5 - weak) * 0.67) * 40))
        tone = colour or STAMP_INKS["red"][int(random.integers(len(STAMP_INKS["red"])))]
        _lay(picture, mask, _px(x) - mask.shape[1] // 2, _px(y) - mask.shape[0] // 2, tone)
        if random.random() < 0.15:  # the stamp slid
            _lay(picture, mask * 0.25, _px(x + 0.8) - mask.shape[1] // 2, _px(y + 0.4) - mask.shape[0] // 2, tone)

    def _strokes(self, character: str) -> Strokes:
        if character in _DIGITS:
            return [np.array(stroke) * (0.6, 1.0) for stroke in _DIGITS[character]]
        if self._medians is not None and (self._medians / f"{character}.json").exists():
            return _medians(str(self._medians / f"{character}.json"))
        count = int(self.random.integers(4, 10))
        return [
            np.cumsum(np.vstack([self.random.uniform(0.1, 0.7, 2), self.random.normal(0, 0.22, (3, 2))]), axis=0).clip(
                0.02, 0.98
            )
            for _ in range(count)
        ]

    def _bent(self, stroke: NDArray[np.float64]) -> NDArray[np.float64]:
        path = _smooth(stroke + self.random.normal(0, self.wild, stroke.shape))
        x, y = path[:, 0], path[:, 1]
        return np.column_stack([x - self.slant * (y - 0.5), y - self.rise * (x - 0.5)])

    def _draw(self, mask: _Layer, path: NDArray[np.float64], pen: float) -> None:
        path = _smooth(path) - (0, mask.top / _MM)
        count = len(path)
        press = 0.7 + 0.3 * np.sin(np.linspace(0.3, 2.6, count)) + self.random.normal(0, 0.03, count)
        points = path * _MM * 8
        for a, b, width in zip(points[:-1], points[1:], press, strict=False):
            ends = [tuple(int(v) for v in point) for point in (a, b)]
            cv2.line(mask.ink, ends[0], ends[1], 1.0, max(round(pen * width * _MM), 2), cv2.LINE_AA, 3)


def typed(
    picture: Picture,
    text: str,
    left: float,
    top: float,
    *,
    points: float = 10.5,
    face: str = "NotoSerifSC-Regular.ttf",
    ink: Sequence[float] = (0.08, 0.08, 0.08),
    blur: float = 0.7,
) -> tuple[float, float, float, float]:
    """Print a text; ``left`` and ``top`` in mm. Returns its box, mm."""
    size = points / 72 * DPI
    font = ImageFont.truetype(str(shared("fonts") / face), size * 2)
    length = font.getlength(text)
    canvas = Image.new("L", (int(length) + 40, int(size * 3)), 0)
    ImageDraw.Draw(canvas).text((20, int(size * 0.4)), text, fill=255, font=font)
    canvas = canvas.resize((canvas.width // 2, canvas.height // 2), Image.Resampling.BOX)
    mask = cv2.GaussianBlur(np.asarray(canvas, np.float32) / 255, (0, 0), blur)
    _lay(picture, np.clip(1.3 * mask - 0.1, 0, 1), _px(left) - 10, _px(top) - int(size * 0.2), ink)
    return left, top, left + length / 2 / _MM, top + points / 72 * 25.4


def _carve(mask: Picture, text: str, width: float, height: float, shape: str) -> None:
    """Draw a chop's pattern around the middle of a mask."""
    middle = (mask.shape[1] // 2, mask.shape[0] // 2)
    a, b = _px(width / 2), _px(height / 2)
    ring = max(_px(1.2 * width / 42), 2)
    if shape == "square":
        cv2.rectangle(mask, (middle[0] - a, middle[1] - b), (middle[0] + a, middle[1] + b), 1.0, ring)
        size = 0.85 * width
        for index, character in enumerate(text[:4]):
            at = (index // 2 * -0.5 + 0.25, index % 2 * 0.5 - 0.25)
            _place(mask, character, middle[0] + at[0] * _px(size), middle[1] + at[1] * _px(size), 0.42 * size, 0)
        return
    cv2.ellipse(mask, middle, (a - ring // 2, b - ring // 2), 0, 0, 360, 1.0, ring, cv2.LINE_AA)
    if shape == "oval":
        cv2.ellipse(mask, middle, (int(a * 0.66), int(b * 0.6)), 0, 0, 360, 1.0, max(ring // 2, 2), cv2.LINE_AA)
    else:
        points = [
            (middle[0] + r * np.sin(t), middle[1] - r * np.cos(t))
            for i in range(10)
            for r, t in [(a * (0.31 if i % 2 == 0 else 0.12), np.pi * i / 5)]
        ]
        cv2.fillPoly(mask, [np.array(points, np.int32)], 1.0, cv2.LINE_AA)
    span = min(24 * (len(text) - 1), 260) if len(text) > 1 else 0
    for index, character in enumerate(text):
        degrees = -span / 2 + span * index / max(len(text) - 1, 1)
        t = np.radians(degrees)
        x, y = middle[0] + 0.8 * a * np.sin(t), middle[1] - 0.8 * b * np.cos(t)
        _place(
            mask,
            character,
            x,
            y,
            min(0.15 * width, 0.9 * np.radians(span or 30) / max(len(text) - 1, 1) * width * 0.4),
            -degrees,
        )
    for index, digit in enumerate("6501030012345"):
        degrees = 150 + 60 * index / 12
        t = np.radians(degrees)
        _place(
            mask,
            digit,
            middle[0] + 0.86 * a * np.sin(t),
            middle[1] - 0.86 * b * np.cos(t),
            0.045 * width,
            180 - degrees,
        )


def _place(mask: Picture, character: str, x: float, y: float, size: float, degrees: float) -> None:
    """Add one character, its size in mm, turned about its middle."""
    pixels = max(_px(size), 6)
    tile = Image.new("L", (pixels * 2, pixels * 2), 0)
    font = ImageFont.truetype(str(shared("fonts") / "NotoSerifSC-Bold.ttf"), pixels)
    ImageDraw.Draw(tile).text((pixels, pixels), character, fill=255, font=font, anchor="mm")
    turned = np.asarray(tile.rotate(degrees, Image.Resampling.BICUBIC), np.float32) / 255
    left, top = round(x) - pixels, round(y) - pixels
    part = mask[max(top, 0) : top + 2 * pixels, max(left, 0) : left + 2 * pixels]
    np.maximum(part, turned[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]], out=part)


@lru_cache(maxsize=4000)
def _medians(path: str) -> Strokes:
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    return [np.array(stroke, np.float64) * (1, -1) / 1024 + (0, 0.88) for stroke in data["medians"]]


def _smooth(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a path with a point every small step, its corners rounded."""
    if len(path) < 2:
        return path
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0, steps[-1], max(len(path) * 4, 12))
    fine = np.column_stack([np.interp(at, steps, path[:, axis]) for axis in (0, 1)])
    padded = np.vstack([fine[:1], fine[:1], fine, fine[-1:], fine[-1:]])
    return np.asarray(sum(padded[i : i + len(fine)] for i in range(5)) / 5)


def _px(mm: float) -> int:
    return round(mm * _MM)


@dataclass(slots=True)
class _Layer:
    """A band of the page on which one thing is written; ``top`` in pixels."""

    ink: Picture
    top: int


def _mask(picture: Picture, top: float, bottom: float) -> _Layer:
    first, last = max(_px(top), 0), min(_px(bottom), picture.shape[0])
    return _Layer(np.zeros((max(last - first, 1), picture.shape[1]), np.float32), first)


def _ink(picture: Picture, layer: _Layer, tone: Sequence[float], random: np.random.Generator, *, grain: float) -> None:
    left, top, width, height = cv2.boundingRect((layer.ink > 0).astype(np.uint8))
    if not width:
        return
    own = cv2.GaussianBlur(layer.ink[top : top + height, left : left + width], (0, 0), 0.8)
    noise = cv2.GaussianBlur(random.standard_normal(own.shape).astype(np.float32), (0, 0), 1.5)
    own = np.clip(own * (random.uniform(0.85, 1.0) + grain * noise), 0, 1)
    down = top + layer.top
    picture[down : down + height, left : left + width] *= 1 - own[:, :, None] * (1 - np.asarray(tone, np.float32))


def _lay(picture: Picture, mask: Picture, left: int, top: int, tone: Sequence[float]) -> None:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + mask.shape[1], width), min(top + mask.shape[0], height)
    if x0 < x1 and y0 < y1:
        own = mask[y0 - top : y1 - top, x0 - left : x1 - left, None]
        picture[y0:y1, x0:x1] *= 1 - own * (1 - np.asarray(tone, np.float32))
