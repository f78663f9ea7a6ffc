"""Ways from the printed page to an image: flatbed, sheet feeder, phone, photocopy, folded paper, fax.

What a profile means by its name is what `PROFILES` says; every number is drawn from the seed within these ranges.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from benchmarks.paper import MM, PRINT_DPI, Ink, Plane, Random, Sheet, cloud, composed, noise, photocopied, printed


@dataclass(frozen=True, slots=True)
class Profile:
    """One way from printer to image.

    Attributes:
        dpi: pixels per inch of the image; of a photo, least and largest along the page's middle.
        colour: False for grey.
        skew: largest turn, degrees.
        stretch: largest difference of each direction's scale from 1.
        scale: least scale of the print (fit to page), where it is not 1.
        wobble: largest displacement by an unsteady feeder, mm.
        perspective: largest displacement of a corner, part of the page.
        curl: largest displacement by curl and lens, mm.
        folds: number of folds, each with a step of up to ``step`` mm.
        step: see there.
        copies: least and largest number of photocopies in between.
        one_bit: black and white only, as a fax.
        blur: least and largest standard deviation of the optics, mm.
        noise: least and largest standard deviation of the noise.
        quality: least and largest JPEG quality.
        shadow: largest darkening by uneven light.
        clutter: dust, hairs, holes, staples and ticks, 0 none to 1 many.
    """

    dpi: tuple[int, int]
    colour: bool = True
    skew: float = 0.8
    stretch: float = 0.003
    scale: float = 1.0
    wobble: float = 0.0
    perspective: float = 0.0
    curl: float = 0.0
    folds: int = 0
    step: float = 0.0
    copies: tuple[int, int] = (0, 0)
    one_bit: bool = False
    blur: tuple[float, float] = (0.03, 0.06)
    noise: tuple[float, float] = (0.008, 0.02)
    quality: tuple[int, int] = (70, 92)
    shadow: float = 0.06
    clutter: float = 0.5


PROFILES = {
    "flatbed": Profile((300, 300), scale=0.95),
    "feeder": Profile(
        (200, 200), colour=False, skew=1.6, stretch=0.012, scale=0.94, wobble=0.25, blur=(0.04, 0.08), quality=(55, 85)
    ),
    "phone": Profile(
        (235, 320),
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
    "copy": Profile((200, 300), colour=False, stretch=0.01, copies=(1, 2), blur=(0.05, 0.09), clutter=0.8),
    "folded": Profile((200, 300), skew=1.5, stretch=0.005, folds=2, step=0.5, curl=0.8, blur=(0.04, 0.09), shadow=0.2),
    "fax": Profile((150, 150), colour=False, stretch=0.01, one_bit=True, blur=(0.05, 0.08), clutter=0.4),
}
"""The rows of the issue's table; a photo of a whole page at 235 dpi has some 8 megapixels with what is around it."""


Place = tuple[float, float]
"""A place on the printed page or in an image, x and y in pixels."""


def scanned(
    sheet: Sheet, profile: Profile, handled: list[Ink], random: Random, looked_at: Place
) -> tuple[bytes, Place, float]:
    """Print a page, put on it what people do, and return the image that the device makes: JPEG, or PNG of a fax.

    With it go the place of ``looked_at`` in the image, but for what a photocopy turned, and pixels per mm.
    """
    grey = printed(sheet.drawn, random)
    copies = int(random.integers(*profile.copies, endpoint=True))
    inks = [*sheet.inks, *handled]
    if copies:
        before = random.random() < 0.5
        picture = composed(grey, inks if before else sheet.inks)
        grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        inks = [] if before else handled
        for _ in range(copies):
            grey = photocopied(grey, random)
    image, place, scale = _seen(composed(grey, inks), profile, random, looked_at)
    if profile.one_bit or not profile.colour:
        image = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    buffer = io.BytesIO()
    dpi = profile.dpi if profile.dpi[0] == profile.dpi[1] else (72, 72)
    if profile.one_bit:
        local = cv2.blur(image, (51, 51))
        Image.fromarray(cv2.compare(image, cv2.convertScaleAbs(local, alpha=0.78), cv2.CMP_GT)).convert(
            "1", dither=Image.Dither.NONE
        ).save(buffer, "PNG", dpi=dpi)
    else:
        quality = int(random.integers(*profile.quality, endpoint=True))
        Image.fromarray(image).save(buffer, "JPEG", quality=quality, dpi=dpi)
    return buffer.getvalue(), place, scale * MM


def _seen(picture: Plane, profile: Profile, random: Random, looked_at: Place) -> tuple[Plane, Place, float]:
    """Return what the sensor gets (geometry, optics, light, noise), a place of the page in it, and its scale."""
    height, width = picture.shape[:2]
    scale = random.uniform(*profile.dpi) / PRINT_DPI
    border = 0.04 if profile.perspective else 0.0
    out_w, out_h = (round(side * scale * (1 + 2 * border)) for side in (width, height))
    map_x, map_y, light = _places(profile, random, (width, height), (out_w, out_h), border)
    sigma = random.uniform(*profile.blur) * MM
    soft = cv2.GaussianBlur(picture, (0, 0), max(sigma, 0.35 / scale))
    desk = random.uniform(0.1, 0.5) if profile.perspective else random.choice([0.05, random.uniform(0.85, 1.0)])
    image = cv2.remap(
        soft, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(255 * desk,) * 3
    )
    if profile.colour and image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    if random.random() < 0.5:
        amount = random.uniform(0.2, 0.8)
        image = cv2.addWeighted(image, 1 + amount, cv2.GaussianBlur(image, (0, 0), 1.2), -amount, 0)
    if not profile.perspective and random.random() < 0.2:
        # A streak along the whole page, where dust lies on the feeder's glass.
        x = int(random.uniform(0.05, 0.95) * out_w)
        image[:, x : x + 1] = np.rint(image[:, x : x + 1] * random.uniform(0.6, 0.9))
    deviation = random.uniform(*profile.noise) * 255 / 42
    paper = np.array([1.0, random.uniform(0.97, 1.0), random.uniform(0.9, 1.0)]) * random.uniform(0.85, 1.0)
    channels = [image] if image.ndim == 2 else list(cv2.split(image))
    tints = [float(paper @ (0.299, 0.587, 0.114))] if image.ndim == 2 else list(paper)
    grain = noise((out_h, out_w), random)
    for index, (channel, tint) in enumerate(zip(channels, tints, strict=True)):
        lit = cv2.multiply(channel, light, scale=tint / 240)
        own = grain if index == 0 else np.roll(grain, 611 * index, axis=1)
        channels[index] = cv2.addWeighted(lit, 1.0, own, deviation, -128 * deviation)
    distance = (map_x[::8, ::8] - looked_at[0]) ** 2 + (map_y[::8, ::8] - looked_at[1]) ** 2
    row, column = np.unravel_index(int(distance.argmin()), distance.shape)
    return channels[0] if len(channels) == 1 else cv2.merge(channels), (8.0 * column, 8.0 * row), scale


def _places(
    profile: Profile, random: Random, size: tuple[int, int], out: tuple[int, int], border: float
) -> tuple[np.ndarray, np.ndarray, Plane]:
    """Return for every pixel of the image its place on the page, and how much light falls there (235 is full)."""
    (width, height), (out_w, out_h) = size, out
    step = 8
    y, x = np.mgrid[: out_h + step : step, : out_w + step : step].astype(np.float64)
    # From the image back to the page, in parts of the page about its middle.
    u, v = (x / out_w - 0.5) * (1 + 2 * border), (y / out_h - 0.5) * (1 + 2 * border)
    turn = np.radians(random.uniform(-profile.skew, profile.skew))
    shrunk = random.uniform(profile.scale, 1.0) if profile.scale < 1 and random.random() < 0.3 else 1.0
    sx, sy = (1 / (shrunk * (1 + random.uniform(-profile.stretch, profile.stretch))) for _ in range(2))
    ratio = height / width
    u, v = sx * (u * np.cos(turn) + v * ratio * np.sin(turn)), sy * (-u / ratio * np.sin(turn) + v * np.cos(turn))
    a, b = random.uniform(-1, 1, 2) * profile.perspective * 2
    w = 1 + a * u + b * v
    u, v = u / w, v / w
    c = random.uniform(-1, 1, 5) * profile.curl * MM / width
    u, v = (
        u + c[0] * np.cos(np.pi * v) + c[1] * np.sin(2 * np.pi * u) + 4 * c[4] * u * (u * u + v * v),
        v + c[2] * np.cos(np.pi * u) + c[3] * np.sin(2 * np.pi * v) + 4 * c[4] * v * (u * u + v * v),
    )
    if profile.wobble:
        phase = 2 * np.pi * v * random.uniform(1, 6) + random.uniform(0, 6)
        v = v + random.uniform(0, profile.wobble) * MM / height * np.sin(phase)
    shade = np.ones_like(u)
    for fold in range(profile.folds):
        along, across = (u, v) if fold % 2 else (v, u)
        place = random.uniform(-0.3, 0.3) + random.uniform(-0.02, 0.02) * across
        moved = random.uniform(-profile.step, profile.step) * MM / (width if fold % 2 else height)
        side = 1 / (1 + np.exp(-(along - place) * 250))
        dark = random.uniform(0.1, 0.3) * np.exp(-(((along - place) * 220) ** 2))
        shade *= 1 + random.uniform(-0.12, 0.12) * side - dark
        u, v = (along + moved * side, v) if fold % 2 else (u, along + moved * side)
    shift = random.uniform(-1, 1, 2) * (3.0 if profile.perspective else 1.0) * MM
    shade = shade * (1 - random.uniform(0, profile.shadow) * (cloud(u.shape, random, 3) / 255.0))
    maps = ((u + 0.5) * width + shift[0], (v + 0.5) * height + shift[1])
    map_x, map_y = (_enlarged(plane.astype(np.float32), out, step) for plane in maps)
    return map_x, map_y, _enlarged(np.clip(np.rint(shade * 235), 0, 255).astype(np.uint8), out, step)


def _enlarged(plane: np.ndarray, out: tuple[int, int], step: int) -> np.ndarray:
    """Return a plane of every ``step``-th pixel for every pixel, its first value at pixel 0."""
    matrix = np.array([[1 / step, 0, 0], [0, 1 / step, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(plane, matrix, out, flags=flags, borderMode=cv2.BORDER_REPLICATE))
