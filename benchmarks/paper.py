"""Prints, handles and scans pages in more ways than toolkit.simulate does, for measuring and never for tests of it.

A page is drawn at 400 pixels per inch, printed (toner spreads unevenly, grey is halftoned, solid areas mottle), handled
(folds, chops, punch holes, dust, hairs, a pen's ticks beside the text), and seen by a device with its own geometry,
optics, light, noise and compression. Every number is drawn from the seed within ranges wide enough that tuning to one
look does not help; what one profile means by its name is what `PROFILES` says.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]
"""Reflectance, float32, 0 black to 1 white, shape (height, width) or (height, width, 3)."""

PRINT_DPI = 400


@dataclass(frozen=True, slots=True)
class Profile:
    """One way from printer to image.

    Attributes:
        dpi: pixels per inch of the image; of a photo, along the page's middle.
        colour: False for grey.
        skew: largest turn, degrees.
        stretch: largest difference of each direction's scale from 1.
        scale: least scale of the print (fit to page), where it is not 1.
        wobble: largest displacement by an unsteady feeder, mm.
        perspective: largest displacement of a corner, part of the page.
        curl: largest displacement by curl and lens, mm.
        folds: number of folds, each with a step of up to ``step`` mm.
        step: see there.
        copies: photocopies in between.
        one_bit: black and white only, as a fax.
        blur: least and largest standard deviation of the optics, mm.
        noise: least and largest standard deviation of the noise.
        quality: least and largest JPEG quality.
        shadow: largest darkening by uneven light.
        clutter: dust, hairs, holes, streaks and ticks, 0 none to 1 many.
    """

    dpi: int
    colour: bool = True
    skew: float = 0.8
    stretch: float = 0.003
    scale: float = 1.0
    wobble: float = 0.0
    perspective: float = 0.0
    curl: float = 0.0
    folds: int = 0
    step: float = 0.0
    copies: int = 0
    one_bit: bool = False
    blur: tuple[float, float] = (0.03, 0.06)
    noise: tuple[float, float] = (0.008, 0.02)
    quality: tuple[int, int] = (70, 92)
    shadow: float = 0.06
    clutter: float = 0.5


PROFILES = {
    "flatbed": Profile(300),
    "feeder": Profile(
        200, colour=False, skew=1.6, stretch=0.012, scale=0.95, wobble=0.25, blur=(0.04, 0.08), quality=(55, 85)
    ),
    "phone": Profile(
        290,
        skew=4.0,
        stretch=0.0,
        perspective=0.04,
        curl=1.6,
        blur=(0.045, 0.11),
        noise=(0.012, 0.035),
        quality=(72, 92),
        shadow=0.35,
        clutter=0.2,
    ),
    "copy": Profile(200, colour=False, skew=1.0, stretch=0.01, copies=1, blur=(0.05, 0.09), clutter=0.8),
    "folded": Profile(200, skew=1.5, stretch=0.005, folds=2, step=0.5, curl=0.8, blur=(0.04, 0.09), shadow=0.2),
    "fax": Profile(150, colour=False, skew=1.0, stretch=0.01, one_bit=True, blur=(0.05, 0.08), clutter=0.4),
}
"""The rows of issue 3's table."""


def photographed(page: pypdfium2.PdfPage, profile: Profile, seed: int, *, chop: bool = False) -> NDArray[np.uint8]:
    """Return a page as a device sees it: RGB, uint8, shape (height, width, 3), the same for the same seed."""
    random = np.random.default_rng(seed)
    picture = _printed(page, random)
    for _ in range(profile.copies):
        picture = _copied(picture, random)
    picture = np.repeat(picture[:, :, None], 3, axis=2)
    if chop:
        _press(picture, random)
    if profile.clutter:
        _litter(picture, profile.clutter, random)
    image = _seen(picture, profile, random)
    if profile.one_bit:
        grey = image.mean(axis=2)
        local = cv2.GaussianBlur(grey, (0, 0), profile.dpi / 6)
        image = np.repeat((grey > 0.78 * local)[:, :, None], 3, axis=2).astype(np.float32)
        return np.asarray(image * 255, np.uint8)
    if not profile.colour:
        weights = np.array([0.299, 0.587, 0.114], np.float32)
        image = np.repeat((image @ weights)[:, :, None], 3, axis=2)
    return _compressed(image, int(random.integers(*profile.quality, endpoint=True)))


def _printed(page: pypdfium2.PdfPage, random: np.random.Generator) -> Plane:
    drawn = page.render(scale=PRINT_DPI / 72, grayscale=True).to_numpy()
    ink = 1 - drawn.reshape(drawn.shape[0], drawn.shape[1]).astype(np.float32) / 255
    # Greys are screens of dots, some 100 an inch at 45 degrees; black text is not.
    height, width = ink.shape
    period = PRINT_DPI / random.uniform(75, 130) * np.sqrt(2)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    screen = 0.5 + 0.25 * (np.cos(2 * np.pi * (x + y) / period) + np.cos(2 * np.pi * (x - y) / period))
    grey = (ink > 0.03) & (ink < 0.6) & (cv2.erode(ink, np.ones((5, 5), np.uint8)) > 0.03)
    ink = np.where(grey, (screen < ink).astype(np.float32), ink)
    # Toner: a blur and a soft threshold, whose level wanders, thickens or thins strokes by up to a quarter pixel.
    soft = cv2.GaussianBlur(ink, (0, 0), random.uniform(0.5, 0.9))
    level = random.uniform(0.32, 0.58) + 0.06 * _cloud(ink.shape, random, 40)
    toner = np.clip((soft - level) / random.uniform(0.25, 0.5) + 0.5, 0, 1)
    density = random.uniform(0.75, 0.97) - random.uniform(0, 0.12) * np.abs(_cloud(ink.shape, random, 6))
    grain = 0.04 * random.standard_normal(ink.shape).astype(np.float32)
    return np.clip(1 - toner * (density + grain), 0, 1).astype(np.float32)


def _copied(picture: Plane, random: np.random.Generator) -> Plane:
    """Photocopy: blurred, turned a little, contrast raised so that light greys go or turn black, specks added."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-0.7, 0.7), random.uniform(0.985, 1.01))
    picture = cv2.warpAffine(picture, turn, (width, height), borderValue=1.0)
    soft = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.9, 1.6))
    middle, slope = random.uniform(0.42, 0.62), random.uniform(2.0, 4.0)
    copied = 1 / (1 + np.exp(-4 * slope * (soft - middle)))
    specks = random.random((height // 4, width // 4)) < random.uniform(0, 8e-5)
    large = cv2.resize(specks.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(np.minimum(copied, 1 - large) * 0.96 + 0.02, 0, 1).astype(np.float32)


def _press(picture: Plane, random: np.random.Generator) -> None:
    """Press a round red chop somewhere on the lower half, text or not."""
    height, width = picture.shape[:2]
    radius = 21 / 25.4 * PRINT_DPI
    x, y = random.uniform(0.25, 0.75) * width, random.uniform(0.5, 0.85) * height
    mask = np.zeros((height, width), np.float32)
    cv2.circle(mask, (int(x), int(y)), int(radius), 1.0, int(radius * 0.07), cv2.LINE_AA)
    points = [
        (x + r * np.sin(a), y - r * np.cos(a))
        for i in range(10)
        for r, a in [(radius * (0.32 if i % 2 == 0 else 0.125), np.pi * i / 5)]
    ]
    cv2.fillPoly(mask, [np.array(points, np.int32)], 1.0, cv2.LINE_AA)
    for index in range(13):
        angle = np.radians(-120 + 20 * index)
        middle = (x + 0.72 * radius * np.sin(angle), y - 0.72 * radius * np.cos(angle))
        for _ in range(5):
            a, b = (random.uniform(-0.09, 0.09, 2) * radius for _ in range(2))
            ends = [tuple(int(v) for v in np.add(middle, offset)) for offset in (a, b)]
            cv2.line(mask, ends[0], ends[1], 1.0, max(int(radius * 0.022), 2), cv2.LINE_AA)
    mask *= 0.75 + 0.25 * _cloud(mask.shape, random, 60)
    ink = np.array([0.80, 0.13, 0.18], np.float32)
    picture *= 1 - np.clip(mask, 0, 1)[:, :, None] * (1 - ink)


def _litter(picture: Plane, amount: float, random: np.random.Generator) -> None:
    """Dust, hairs, punch holes, a feeder's streak, and ticks of a pen in the margin."""
    height, width = picture.shape[:2]
    millimetre = PRINT_DPI / 25.4
    for _ in range(random.poisson(25 * amount)):
        place = tuple(int(v) for v in random.uniform(0, 1, 2) * (width, height))
        radius = max(int(random.uniform(0.03, 0.12) * millimetre), 1)
        shade = random.uniform(0.2, 0.7)
        cv2.circle(picture, place, radius, (shade,) * 3, -1, cv2.LINE_AA)
    for _ in range(random.poisson(1.2 * amount)):
        start = random.uniform(0, 1, 2) * (width, height)
        steps = np.cumsum(random.normal(0, 0.25, 40))
        path = start + np.cumsum(0.25 * millimetre * np.column_stack([np.cos(steps), np.sin(steps)]), axis=0)
        cv2.polylines(picture, [path.astype(np.int32)], False, (random.uniform(0.35, 0.7),) * 3, 1, cv2.LINE_AA)
    if random.random() < 0.3 * amount:
        x = int(12 * millimetre)
        for y in (height // 2 - 40 * millimetre, height // 2 + 40 * millimetre):
            cv2.circle(picture, (x, int(y)), int(2.9 * millimetre), (random.uniform(0.05, 0.9),) * 3, -1, cv2.LINE_AA)
    if random.random() < 0.3 * amount:
        x = int(random.uniform(0.05, 0.95) * width)
        picture[:, x : x + max(int(0.1 * millimetre), 1)] *= random.uniform(0.6, 0.9)
    if random.random() < 0.4 * amount:
        x, y = int(0.055 * width), int(random.uniform(0.2, 0.8) * height)
        tick = np.array([(x, y), (x + 40, y + 50), (x + 120, y - 60)], np.int32)
        cv2.polylines(picture, [tick], False, (0.15, 0.2, 0.55), 9, cv2.LINE_AA)


def _seen(picture: Plane, profile: Profile, random: np.random.Generator) -> Plane:
    """Return what the sensor gets: geometry, optics, light, noise."""
    height, width = picture.shape[:2]
    scale = profile.dpi / PRINT_DPI
    border = 0.04 if profile.perspective else 0.0
    out_w, out_h = (round(side * scale * (1 + 2 * border)) for side in (width, height))
    y, x = np.mgrid[:out_h:8, :out_w:8].astype(np.float64)
    # From the image back to the page, in parts of the page about its middle.
    u, v = (x / out_w - 0.5) * (1 + 2 * border), (y / out_h - 0.5) * (1 + 2 * border)
    turn = np.radians(random.uniform(-profile.skew, profile.skew))
    printed = random.uniform(profile.scale, 1.0) if profile.scale < 1 and random.random() < 0.4 else 1.0
    sx, sy = (1 / (printed * (1 + random.uniform(-profile.stretch, profile.stretch))) for _ in range(2))
    ratio = height / width
    u, v = (
        sx * (u * np.cos(turn) + v * ratio * np.sin(turn)),
        sy * (-u / ratio * np.sin(turn) + v * np.cos(turn)),
    )
    a, b = random.uniform(-1, 1, 2) * profile.perspective * 2
    w = 1 + a * u + b * v
    u, v = u / w, v / w
    millimetre = PRINT_DPI / 25.4
    bend = profile.curl * millimetre / width
    c = random.uniform(-1, 1, 5) * bend
    u, v = (
        u + c[0] * np.cos(np.pi * v) + c[1] * np.sin(2 * np.pi * u) + 4 * c[4] * u * (u * u + v * v),
        v + c[2] * np.cos(np.pi * u) + c[3] * np.sin(2 * np.pi * v) + 4 * c[4] * v * (u * u + v * v),
    )
    if profile.wobble:
        v = v + random.uniform(0, profile.wobble) * millimetre / height * np.sin(
            2 * np.pi * v * random.uniform(1, 6) + random.uniform(0, 6)
        )
    shade = np.ones_like(u)
    for fold in range(profile.folds):
        along, across = (u, v) if fold % 2 else (v, u)
        place = random.uniform(-0.3, 0.3) + random.uniform(-0.02, 0.02) * across
        step = random.uniform(-profile.step, profile.step) * millimetre / (width if fold % 2 else height)
        side = 1 / (1 + np.exp(-(along - place) * 250))
        moved = along + step * side
        u, v = (moved, v) if fold % 2 else (u, moved)
        shade *= (
            1 + random.uniform(-0.12, 0.12) * side - random.uniform(0.1, 0.3) * np.exp(-(((along - place) * 220) ** 2))
        )
    shift = random.uniform(-1, 1, 2) * (1.0 if not profile.perspective else 3.0) * millimetre
    map_x, map_y = ((u + 0.5) * width + shift[0]).astype(np.float32), ((v + 0.5) * height + shift[1]).astype(np.float32)
    map_x, map_y, light = (
        cv2.resize(np.asarray(plane, np.float32), (out_w, out_h), interpolation=cv2.INTER_LINEAR)
        for plane in (map_x, map_y, shade)
    )
    sigma = random.uniform(*profile.blur) * millimetre
    soft = cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.35 / scale))
    desk = random.uniform(0.1, 0.5) if profile.perspective else random.uniform(0.85, 1.0)
    image = cv2.remap(soft, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(desk,) * 3)
    light = light * (1 - random.uniform(0, profile.shadow) * (0.5 + 0.5 * _cloud(light.shape, random, 2)))
    paper = np.array([1.0, random.uniform(0.97, 1.0), random.uniform(0.9, 1.0)]) * random.uniform(0.85, 1.0)
    image = image * light[:, :, None] * paper
    if random.random() < 0.5:
        image = image + random.uniform(0.2, 0.8) * (image - cv2.GaussianBlur(image, (0, 0), 1.2))
    noise = random.standard_normal(image.shape[:2]).astype(np.float32)[:, :, None]
    return np.clip(image + random.uniform(*profile.noise) * noise, 0, 1).astype(np.float32)


def _compressed(image: Plane, quality: int) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    Image.fromarray(np.rint(image * 255).astype(np.uint8)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as again:
        return np.asarray(again.convert("RGB"))


def _cloud(shape: tuple[int, ...], random: np.random.Generator, coarseness: int) -> Plane:
    """Return a smooth random field, -1 to 1; ``coarseness`` is how many random values there are along an edge."""
    values = random.uniform(-1, 1, (coarseness, coarseness)).astype(np.float32)
    return np.asarray(cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)
