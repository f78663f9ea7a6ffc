"""Prints pages and handles the paper: toner, halftone, photocopies, signatures, chops, holes, staples, ticks, dust.

For measuring only, and written apart from toolkit.simulate, which tests use. Every number is drawn from the seed within
ranges wide enough that tuning to one look does not help. Whole pages are worked on as bytes and with OpenCV's own
loops: a page of 400 dpi has 15 million pixels, and thousands of pages are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from toolkit.page import PageDescription
from toolkit.resources import shared
from toolkit.verdict import Box

Plane = NDArray[Any]
"""Reflectance, uint8, 0 black to 255 white, shape (height, width), or (height, width, 3) in RGB."""
Random = np.random.Generator

PRINT_DPI = 400
MM = PRINT_DPI / 25.4
"""Pixels of the printed page in a millimetre."""

_RED = ((0.80, 0.13, 0.18), (0.88, 0.22, 0.20), (0.72, 0.10, 0.16), (0.85, 0.30, 0.30))
_PENS = ((0.10, 0.10, 0.12), (0.13, 0.16, 0.45), (0.05, 0.05, 0.06), (0.10, 0.20, 0.60))
"""Reflectances of stamp pads, and of black, blue-black and blue pens."""


@dataclass(slots=True)
class Ink:
    """Ink on paper: ``cover`` is uint8, 255 where it covers all, its top left pixel at (x, y) of the page."""

    cover: Plane
    x: int
    y: int
    colour: tuple[float, float, float]


@dataclass(slots=True)
class Sheet:
    """A drawn page before it is printed; ``inks`` are printed in colour or written on it afterwards."""

    drawn: Plane
    inks: list[Ink]


def printed(drawn: Plane, random: Random) -> Plane:
    """Return a page drawn in grey as a laser printer prints it."""
    ink = cv2.bitwise_not(drawn)
    height, width = ink.shape
    # Greys are screens of dots, 75 to 130 an inch at 45 degrees; black text is not.
    grey = cv2.inRange(ink, 8, 150) & cv2.inRange(cv2.erode(ink, np.ones((5, 5), np.uint8)), 8, 255)
    period = PRINT_DPI / random.uniform(75, 130) * np.sqrt(2)
    across, down = (np.cos(2 * np.pi * np.arange(side) / period).astype(np.float32) for side in (width, height))
    screen = cv2.LUT(np.rint(127.5 + 127.0 * np.outer(down, across)).astype(np.uint8), _screen_ranks())
    # Dots of one pixel would vanish in the toner: printers are calibrated so that a tint keeps its darkness.
    dots = cv2.compare(screen, cv2.add(ink, np.full_like(ink, 12)), cv2.CMP_LT)
    cv2.copyTo(dots, grey, ink)
    # Toner: a blur and a soft threshold, whose level wanders, thickens or thins strokes by up to a quarter pixel.
    soft = cv2.GaussianBlur(ink, (0, 0), random.uniform(0.5, 0.9))
    slope = 1 / random.uniform(0.25, 0.5)
    level = random.uniform(0.32, 0.58) * 255
    wander = cloud((height, width), random, 40)
    share = slope * 0.06 * 255 / 127
    toner = cv2.addWeighted(soft, slope, wander, -share, 127.5 - level * slope + 128 * share)
    fade = 0.12 if random.random() < 0.85 else 0.3
    most = random.uniform(0.75, 0.97) * 255
    density = cv2.addWeighted(cloud((height, width), random, 6), fade * 2 * random.random(), ink, 0.0, 0)
    density = cv2.addWeighted(density, -1.0, noise((height, width), random), 0.04 * 6, most - 0.04 * 6 * 128)
    return cv2.bitwise_not(cv2.multiply(toner, density, scale=1 / 255))


def photocopied(picture: Plane, random: Random) -> Plane:
    """Return a photocopy of a grey page: blurred, turned a little, light greys gone or black, specks added."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-0.7, 0.7), random.uniform(0.985, 1.01))
    picture = cv2.warpAffine(picture, turn, (width, height), borderValue=255)
    soft = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.7, 1.3))
    middle, slope = random.uniform(0.45, 0.65), random.uniform(2.0, 4.0)
    levels = np.arange(256) / 255
    curve = 255 * (0.02 + 0.96 / (1 + np.exp(-4 * slope * (levels - middle))))
    copied = cv2.LUT(soft, np.rint(curve).astype(np.uint8))
    for _ in range(random.poisson(random.uniform(0, 120))):
        x, y = int(random.uniform(0, width)), int(random.uniform(0, height))
        cv2.circle(copied, (x, y), int(random.integers(1, 5)), int(random.uniform(10, 120)), -1)
    return copied


def composed(grey: Plane, inks: list[Ink]) -> Plane:
    """Return the page with its inks: grey when there are none, else RGB."""
    if not inks:
        return grey
    picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    for ink in inks:
        x0, y0 = max(ink.x, 0), max(ink.y, 0)
        x1, y1 = min(ink.x + ink.cover.shape[1], picture.shape[1]), min(ink.y + ink.cover.shape[0], picture.shape[0])
        if x0 >= x1 or y0 >= y1:
            continue
        cover = ink.cover[y0 - ink.y : y1 - ink.y, x0 - ink.x : x1 - ink.x].astype(np.float32)[:, :, None] / 255
        part = picture[y0:y1, x0:x1]
        part[:] = np.rint(part * (1 - cover * (1 - np.array(ink.colour, np.float32))))
    return picture


def handled(description: PageDescription, random: Random, *, signed: bool, chopped: bool, amount: float) -> list[Ink]:
    """Return what people and machines put on a genuine page, by its zones and at random.

    Args:
        description: the page.
        random: where everything is drawn from.
        signed: signatures and dates are written into their zones.
        chopped: chops are pressed into their zones, and one elsewhere, over text too, as is often done.
        amount: of dust, hairs, ticks, holes and staples, 0 none to 1 many.
    """
    width, height = description.width / 7200 * PRINT_DPI, description.height / 7200 * PRINT_DPI
    inks: list[Ink] = []
    for zone in description.zones:
        if zone.kind == "signature" and signed:
            inks.append(_scrawl(_middle(zone.box, random), random))
        elif zone.kind in ("date", "opinion") and signed:
            inks.append(_written_date(_middle(zone.box, random), random))
        elif zone.kind == "chop" and chopped:
            inks.append(chop(_middle(zone.box, random), random))
    if chopped and not any(zone.kind == "chop" for zone in description.zones):
        # Below the symbol, on which it says 请勿在此处盖章.
        inks.append(chop((random.uniform(0.2, 0.8) * width, random.uniform(0.45, 0.88) * height), random))
    if random.random() < 0.12:
        # A seam chop (骑缝章): a part of it, on the edge of the page.
        inks.append(chop((random.choice([0.0, width]), random.uniform(0.4, 0.8) * height), random))
    return inks + list(_litter(width, height, amount, random))


def chop(middle: tuple[float, float], random: Random, *, unit: str = "天山荒漠研究所有限责任公司") -> Ink:
    """Return a red chop, 38 to 45 mm wide, its middle at (x, y)."""
    size = int(random.uniform(38, 45) * MM)
    cover = _chop(unit[: int(random.integers(8, len(unit) + 1))])
    turn = cv2.getRotationMatrix2D((cover.shape[1] / 2,) * 2, random.uniform(-25, 25), size / cover.shape[0])
    turn[:, 2] += (size - cover.shape[0]) / 2
    cover = cv2.warpAffine(cover, turn, (size, size), flags=cv2.INTER_AREA)
    press = cv2.addWeighted(cloud(cover.shape, random, 20), 1.0, cover, 0.0, random.uniform(40, 110))
    cover = cv2.multiply(cover, press, scale=1 / 255)
    colour = _RED[int(random.integers(len(_RED)))]
    return Ink(cover, int(middle[0] - size / 2), int(middle[1] - size / 2), colour)


def strokes(
    paths: list[NDArray[np.float64]],
    random: Random,
    *,
    thickness: float = 0.45,
    colour: tuple[float, ...] | None = None,
) -> Ink:
    """Return pen strokes along paths of points (x, y), ``thickness`` in mm."""
    points = np.concatenate(paths)
    margin = thickness * MM + 4
    left, top = (int(v) for v in points.min(axis=0) - margin)
    right, bottom = (int(v) for v in points.max(axis=0) + margin)
    cover = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    for path in paths:
        pressed = np.clip(np.interp(np.linspace(0, 1, len(path)), [0, 0.3, 1], random.uniform(0.7, 1.2, 3)), 0.6, 1.3)
        for (a, b), press in zip(zip(path[:-1], path[1:], strict=True), pressed, strict=False):
            ends = [tuple(int(v * 16) for v in point - (left, top)) for point in (a, b)]
            cv2.line(cover, ends[0], ends[1], 255, max(int(thickness * MM * press), 1), cv2.LINE_AA, 4)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.8)
    cover = cv2.multiply(cover, cover, scale=random.uniform(0.75, 1.0) / 255)
    pen = _PENS[int(random.integers(len(_PENS)))] if colour is None else colour
    return Ink(cover, left, top, (pen[0], pen[1], pen[2]))


def drawn_text(text: str, place: tuple[float, float], size: float, face: str, turn: float = 0) -> Ink:
    """Return printed text, black, its top left at (x, y) in pixels of the page; ``size`` in points."""
    font = ImageFont.truetype(str(shared("fonts", face)), round(size / 72 * PRINT_DPI))
    left, top, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8), 0)
    ImageDraw.Draw(image).text((4 - left, 4 - top), text, fill=255, font=font)
    if turn:
        image = image.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC)
    return Ink(np.asarray(image, np.uint8), int(place[0]), int(place[1]), (0.05, 0.05, 0.05))


def cloud(shape: tuple[int, ...], random: Random, coarseness: int) -> Plane:
    """Return a smooth random field, 1 to 255; ``coarseness`` is how many random values there are along an edge."""
    values = random.integers(1, 256, (coarseness, coarseness)).astype(np.uint8)
    return np.asarray(cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.uint8)


def noise(shape: tuple[int, ...], random: Random) -> Plane:
    """Return normal noise of mean 128 and deviation 42, cut off beyond three deviations."""
    pool = _noise_pool()
    side = pool.shape[0]
    y, x = (int(v) for v in random.integers(0, side, 2))
    rolled = np.roll(pool, (y, x), axis=(0, 1))
    return np.tile(rolled, (-(-shape[0] // side), -(-shape[1] // side)))[: shape[0], : shape[1]]


@lru_cache(maxsize=1)
def _screen_ranks() -> Plane:
    """Return for a value of the product of two cosines the share of values below it: every tint covers its share."""
    wave = np.cos(np.linspace(0, 2 * np.pi, 2000))
    values = np.rint(127.5 + 127.0 * np.outer(wave, wave)).astype(np.uint8)
    below = np.cumsum(np.bincount(values.ravel(), minlength=256)) / values.size
    return np.rint(below * 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _noise_pool() -> Plane:
    normal = np.random.default_rng(7).standard_normal((1997, 1997), np.float32)
    return np.clip(np.rint(normal * 42 + 128), 0, 255).astype(np.uint8)


@lru_cache(maxsize=16)
def _chop(unit: str) -> Plane:
    """Draw a round chop: ring, star, the unit's name around it."""
    size = 720
    image = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((12, 12, size - 12, size - 12), outline=255, width=22)
    points = [
        (size / 2 + radius * np.sin(angle), size / 2 - radius * np.cos(angle))
        for index in range(10)
        for radius, angle in [(size * (0.15 if index % 2 == 0 else 0.058), np.pi * index / 5)]
    ]
    draw.polygon(points, fill=255)
    font = ImageFont.truetype(str(shared("fonts", "NotoSerifSC-Bold.ttf")), 88)
    for index, character in enumerate(unit):
        angle = np.radians((index - (len(unit) - 1) / 2) * min(250 / len(unit), 30))
        glyph = Image.new("L", (110, 130), 0)
        ImageDraw.Draw(glyph).text((11, 0), character, fill=255, font=font)
        turned = glyph.rotate(-np.degrees(angle), expand=True, resample=Image.Resampling.BICUBIC)
        x, y = size / 2 + 0.36 * size * np.sin(angle), size / 2 - 0.36 * size * np.cos(angle)
        image.paste(255, (int(x - turned.width / 2), int(y - turned.height / 2)), turned)
    return np.asarray(image, np.uint8)


def _middle(box: Box, random: Random) -> tuple[float, float]:
    """Return a place near the middle of a box of a page description, in pixels of the page."""
    x = box[0] + (box[2] - box[0]) * random.uniform(0.35, 0.65)
    y = box[1] + (box[3] - box[1]) * random.uniform(0.4, 0.6)
    return x / 7200 * PRINT_DPI, y / 7200 * PRINT_DPI


def _scrawl(middle: tuple[float, float], random: Random) -> Ink:
    """Return a signature of two to four characters."""
    paths = []
    count, size = int(random.integers(2, 5)), random.uniform(7, 11) * MM
    for index in range(count):
        centre = np.array(middle) + ((index - (count - 1) / 2) * size * 0.8, random.uniform(-0.1, 0.1) * size)
        for _ in range(int(random.integers(3, 7))):
            knots = centre + random.uniform(-0.45, 0.45, (4, 2)) * size
            t = np.linspace(0, 1, 14)[:, None]
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            paths.append(np.asarray(sum(w * knot for w, knot in zip(weights, knots, strict=True))))
    return strokes(paths, random, thickness=random.uniform(0.3, 0.7))


def _written_date(middle: tuple[float, float], random: Random) -> Ink:
    """Return a date in handwriting: figures of a script face, thick as a pen."""
    text = f"2025.{random.integers(6, 8)}.{random.integers(1, 29)}"
    scale, pen = random.uniform(1.6, 2.4), int(random.integers(5, 9))
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, pen)
    cover = np.zeros((height + base + 20, width + 20), np.uint8)
    cv2.putText(cover, text, (10, height + 8), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, scale, 235, pen, cv2.LINE_AA)
    colour = _PENS[int(random.integers(len(_PENS)))]
    return Ink(cover, int(middle[0] - cover.shape[1] / 2), int(middle[1] - cover.shape[0] / 2), colour)


def _litter(width: float, height: float, amount: float, random: Random) -> list[Ink]:
    """Return dust, hairs, punch holes, a staple, and ticks of a pen in the margin."""
    inks = []
    for _ in range(random.poisson(25 * amount)):
        radius = max(int(random.uniform(0.03, 0.12) * MM), 1)
        speck = np.zeros((2 * radius + 3, 2 * radius + 3), np.uint8)
        cv2.circle(speck, (radius + 1, radius + 1), radius, 255, -1, cv2.LINE_AA)
        inks.append(Ink(speck, *_anywhere(width, height, random), (random.uniform(0.2, 0.7),) * 3))
    for _ in range(random.poisson(1.2 * amount)):
        steps = np.cumsum(random.normal(0, 0.25, 40))
        path = np.array(_anywhere(width, height, random), float)
        path = path + np.cumsum(0.25 * MM * np.column_stack([np.cos(steps), np.sin(steps)]), axis=0)
        inks.append(strokes([path], random, thickness=0.07, colour=(random.uniform(0.35, 0.7),) * 3))
    if random.random() < 0.3 * amount:
        shade = random.uniform(0.05, 0.9)
        for y in (height / 2 - 40 * MM, height / 2 + 40 * MM):
            hole = np.zeros((int(6 * MM),) * 2, np.uint8)
            cv2.circle(hole, (int(3 * MM),) * 2, int(2.9 * MM), 255, -1, cv2.LINE_AA)
            inks.append(Ink(hole, int(9 * MM), int(y), (shade,) * 3))
    if random.random() < 0.25 * amount:
        start = np.array([random.uniform(6, 10) * MM, random.uniform(60, 66) * MM])
        path = np.array([start, start + (random.uniform(-2, 2) * MM, 11 * MM)])
        inks.append(strokes([path], random, thickness=0.5, colour=(0.45, 0.45, 0.47)))
    for _ in range(random.poisson(0.5 * amount)):
        x, y = random.uniform(0.04, 0.075) * width, random.uniform(0.25, 0.9) * height
        tick = np.array([(x, y), (x + 1.8 * MM, y + 2.5 * MM), (x + 5 * MM, y - 4 * MM)])
        inks.append(strokes([tick], random, thickness=0.5))
    return inks


def _anywhere(width: float, height: float, random: Random) -> tuple[int, int]:
    return int(random.uniform(0, width)), int(random.uniform(0, height))
