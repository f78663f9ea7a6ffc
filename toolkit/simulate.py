"""Print and scan a PDF without printer and scanner, for the demo and the tests.

What happens to a page: printing (toner spreads, solid areas are uneven, the driver may fit the page to the paper),
handling (a red chop is pressed on it), scanning (skew, shift, uneven light, the paper's own tint, optical blur, sensor
noise, JPEG). The same arguments give the same bytes with the same versions of PDFium and Pillow.

It is a stand-in: it shows that reading works under such damage, not how often a given office's devices do worse.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as raw
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from toolkit.errors import InputUnreadable
from toolkit.messages import Message
from toolkit.resources import shared
from toolkit.verdict import Box

_INCH = 25400
"""Micrometres."""

_PAPER = (252, 251, 247)
"""Office paper as a scanner sees it: a little yellow, RGB."""

_TONER_GAMMA = 1.25
"""Toner spreads: what is half covered comes out darker than half."""

_INK = (196, 26, 38)
"""Red stamp-pad ink on paper, RGB."""

_PEN, _PEN_INK = 130, (38, 42, 96)
"""Width of a pen's line, 1/100 pt (0.46 mm), and its ink on paper, RGB."""

_CHOP_FACE = "NotoSerifSC-Bold.ttf"
_FINER = 3
"""Chops are drawn so many times finer than the page and reduced, so that their edges are smooth."""


@dataclass(frozen=True, slots=True)
class Device:
    """A printer and a scanner.

    Attributes:
        dpi: pixels per inch of the scan.
        colour: False for a grey scan.
        scale: 1 for actual size, 0.94 for a driver that fits the page to what it can print on.
        skew_degrees: the most that a page is turned, either way.
        shift: the most that a page is moved, either way, in 1/100 pt.
        blur: standard deviation of the scanner's optics, in micrometres of paper.
        noise: standard deviation of the sensor's noise, in grey levels of 255.
        jpeg_quality: 1 to 95, as Pillow counts.
    """

    dpi: int = 300
    colour: bool = True
    scale: float = 1.0
    skew_degrees: float = 0.5
    shift: int = 300
    blur: float = 45.0
    noise: float = 3.0
    jpeg_quality: int = 80


@dataclass(frozen=True, slots=True)
class Chop:
    """A round official chop of red ink: a five-pointed star with the unit's name on an arc above it.

    ``x`` and ``y`` are its middle, in 1/100 pt from the page's top left corner; ``diameter`` in 1/100 pt (42 mm, the
    usual size for a public institution); ``turn`` in degrees, clockwise.
    """

    x: int
    y: int
    unit: str
    diameter: int = 11906
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature like running hand, of a pen's dark blue ink, within ``box`` (1/100 pt on the page).

    The same ``seed`` writes the same signature.
    """

    box: Box
    seed: int = 0


def scan(
    pdf: bytes,
    *,
    seed: int,
    device: Device | None = None,
    pages: Sequence[int] | None = None,
    marks: Mapping[int, Sequence[Chop | Signature]] | None = None,
) -> Iterator[bytes]:
    """Yield the JPEG of every page, or of those in ``pages`` (from 1, in that order, repeated if they are).

    ``marks`` has what was pressed and written on a page by its number. Each page has its own skew and noise, which
    ``seed`` and its place among the pages decide.

    Raises:
        InputUnreadable: when ``pdf`` is none.
        ValueError: when ``pages`` names a page that the PDF does not have.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield from _scan(document, seed, device or Device(), pages, marks or {})
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise InputUnreadable(
            Message("this is not a PDF that can be read (damaged, cut short or encrypted); make it again")
        ) from error


def _scan(
    document: pypdfium2.PdfDocument,
    seed: int,
    device: Device,
    pages: Sequence[int] | None,
    marks: Mapping[int, Sequence[Chop | Signature]],
) -> Iterator[bytes]:
    count = len(document)
    glasses: dict[tuple[int, int], _Glass] = {}
    for place, number in enumerate(range(1, count + 1) if pages is None else pages):
        if not 1 <= number <= count:
            raise ValueError(f"page {number} of a PDF that has {count}")
        page, random = document[number - 1], np.random.default_rng([seed, place])
        size = _pixels(page, device.dpi)
        if size not in glasses:
            glasses[size] = _glass(size, np.random.default_rng(seed))
        yield _scan_page(page, device, glasses[size], marks.get(number, ()), random)


def as_pdf(images: Sequence[bytes], *, dpi: int) -> bytes:
    """Return a PDF with one JPEG a page, as a scanner that writes PDF makes it; nothing is compressed again."""
    buffer = io.BytesIO()
    with pikepdf.new() as document:
        for data in images:
            with Image.open(io.BytesIO(data)) as image:
                (width, height), mode = image.size, image.mode
            picture = document.make_stream(
                data,
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=width,
                Height=height,
                ColorSpace=pikepdf.Name.DeviceGray if mode == "L" else pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )
            size = (width * 72 / dpi, height * 72 / dpi)
            page = document.add_blank_page(page_size=size)
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
            page.obj.Contents = document.make_stream(b"%.4f 0 0 %.4f 0 0 cm /Scan Do" % size)
        document.save(buffer, deterministic_id=True)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Placing:
    """Where a page lies on the scanner's glass: pixels = scale * turn * (points / 100) + shift."""

    a: float
    b: float
    e: float
    f: float
    degrees: float

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel at a place of the page in 1/100 pt."""
        return self.a * x - self.b * y + self.e, self.b * x + self.a * y + self.f


class _Glass(NamedTuple):
    """What is the same for all pages of a scan, mode L, a little larger than a page so that each finds it shifted."""

    light: Image.Image
    drum: Image.Image


_ROOM = 64
"""Pixels by which pages find the glass shifted, at most."""


def _glass(size: tuple[int, int], random: np.random.Generator) -> _Glass:
    larger = (size[0] + _ROOM, size[1] + _ROOM)
    return _Glass(_cloud(larger, random, 236, 255, coarseness=2), _cloud(larger, random, 0, 38, coarseness=24))


def _crop(image: Image.Image, size: tuple[int, int], random: np.random.Generator) -> Image.Image:
    x, y = (int(place) for place in random.integers(0, _ROOM, 2))
    return image.crop((x, y, x + size[0], y + size[1]))


def _pixels(page: pypdfium2.PdfPage, dpi: int) -> tuple[int, int]:
    width, height = page.get_size()
    return round(width * dpi / 72), round(height * dpi / 72)


def _scan_page(
    page: pypdfium2.PdfPage,
    device: Device,
    glass: _Glass,
    marks: Sequence[Chop | Signature],
    random: np.random.Generator,
) -> bytes:
    width, height = page.get_size()
    size = _pixels(page, device.dpi)
    placing = _place(width * 100, height * 100, device, random)
    image = _printed(page, size, placing, _crop(glass.drum, size, random))
    sigma = device.blur * device.dpi / _INCH
    image = _lit(_blurred(image, sigma), _crop(glass.light, size, random), _noise(size, device.noise, random))
    # Ink only takes light away, so that it can be laid over what the sensor saw of the rest.
    for mark in marks:
        if isinstance(mark, Chop):
            _press(image, mark, placing, sigma, random)
        else:
            _write(image, mark, placing, sigma)
    if not device.colour:
        image = image.convert("L")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=device.jpeg_quality, dpi=(device.dpi, device.dpi))
    return buffer.getvalue()


def _place(width: float, height: float, device: Device, random: np.random.Generator) -> _Placing:
    """Return a placing that turns and shrinks a page about its middle and moves it a little."""
    degrees = float(random.uniform(-device.skew_degrees, device.skew_degrees))
    dx, dy = (float(random.uniform(-device.shift, device.shift)) for _ in range(2))
    pixels = device.dpi / 7200
    a = math.cos(math.radians(degrees)) * device.scale * pixels
    b = math.sin(math.radians(degrees)) * device.scale * pixels
    x, y = width / 2, height / 2
    return _Placing(a, b, (x + dx) * pixels - a * x + b * y, (y + dy) * pixels - b * x - a * y, degrees)


def _printed(page: pypdfium2.PdfPage, size: tuple[int, int], placing: _Placing, drum: Image.Image) -> Image.Image:
    """Return the page as toner on white paper, already where it lies on the glass: PDFium draws it there."""
    # Most pages have no colour, and one channel is a third of the work.
    grey = not _has_colour(page)
    bitmap = pypdfium2.PdfBitmap.new_native(*size, raw.FPDFBitmap_Gray if grey else raw.FPDFBitmap_BGRx)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        # PDFium's own matrix has already turned y downwards and begins at the page's top left corner, in points.
        matrix = raw.FS_MATRIX(
            placing.a * 100, placing.b * 100, -placing.b * 100, placing.a * 100, placing.e, placing.f
        )
        clip = raw.FS_RECTF(0, 0, *size)
        flags = raw.FPDF_ANNOT | (raw.FPDF_GRAYSCALE if grey else 0)
        raw.FPDF_RenderPageBitmapWithMatrix(bitmap.raw, page.raw, ctypes.byref(matrix), ctypes.byref(clip), flags)
        image: Image.Image = bitmap.to_pil().convert("L" if grey else "RGB")
    finally:
        bitmap.close()
    spread = [round(255 * (level / 255) ** _TONER_GAMMA) for level in range(256)]
    image = image.point(spread * len(image.getbands()))
    # Large black areas print unevenly and never quite black.
    return ImageChops.lighter(image, drum.convert(image.mode))


def _has_colour(page: pypdfium2.PdfPage) -> bool:
    small = np.asarray(page.render(scale=0.5).to_pil().convert("RGB"))
    return bool(np.ptp(small, axis=2).max() > 8)


def _blurred(image: Image.Image, sigma: float) -> Image.Image:
    """Return the image blurred by ``sigma`` pixels."""
    variance = sigma * sigma
    if variance > 0.6:
        return image.filter(ImageFilter.GaussianBlur(sigma))
    # A box of 1 + 2 r pixels has this variance in its middle pixel's neighbours; at less than a pixel the shapes hardly
    # differ, and it takes half the time.
    return image.filter(ImageFilter.BoxBlur(variance / (2 * (1 - variance))))


def _press(image: Image.Image, chop: Chop, placing: _Placing, sigma: float, random: np.random.Generator) -> None:
    """Press a chop on the page, in place: ink lets what is under it show through."""
    across = max(round(chop.diameter * math.hypot(placing.a, placing.b)), 8)
    mask = _chop_mask(chop.unit, across * _FINER).rotate(
        -(chop.turn + placing.degrees), Image.Resampling.BICUBIC, expand=True
    )
    mask = mask.resize((mask.width // _FINER, mask.height // _FINER), Image.Resampling.BOX)
    # A chop takes more ink in some places than in others.
    mask = _blurred(ImageChops.multiply(mask, _cloud(mask.size, random, 150, 250, coarseness=10)), sigma)
    x, y = placing.pixel(chop.x, chop.y)
    left, top = round(x - mask.width / 2), round(y - mask.height / 2)
    box = (left, top, left + mask.width, top + mask.height)
    under = image.crop(box)
    inked = ImageChops.multiply(under, Image.new("RGB", mask.size, _INK))
    image.paste(Image.composite(inked, under, mask), box)


def _write(image: Image.Image, signature: Signature, placing: _Placing, sigma: float) -> None:
    """Write a signature on the page, in place."""
    random = np.random.default_rng(signature.seed)
    left, top, right, bottom = signature.box
    em = min(bottom - top, (right - left) / 3) * 0.8
    pixels = math.hypot(placing.a, placing.b)
    width = max(round(_PEN * pixels * _FINER), 1)
    x, y = placing.pixel(left, top)
    across, down = (math.ceil(side * pixels * _FINER) for side in (right - left, bottom - top))
    mask = Image.new("L", (across, down), 0)
    draw = ImageDraw.Draw(mask)
    for character in range(3):
        middle = np.array([(right - left) / 2 + (character - 1) * em * 0.85, (bottom - top) / 2])
        for _ in range(random.integers(3, 6)):
            ends = middle + random.uniform(-0.45, 0.45, (4, 2)) * em
            draw.line([tuple(place) for place in _curve(ends) * pixels * _FINER], fill=255, width=width, joint="curve")
    mask = mask.rotate(-placing.degrees, Image.Resampling.BICUBIC)
    mask = _blurred(mask.resize((mask.width // _FINER, mask.height // _FINER), Image.Resampling.BOX), sigma)
    box = (round(x), round(y), round(x) + mask.width, round(y) + mask.height)
    image.paste(Image.composite(Image.new("RGB", mask.size, _PEN_INK), image.crop(box), mask), box)


def _curve(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 24 places on the cubic Bezier curve with four control points: shape (24, 2)."""
    t = np.linspace(0, 1, 24)[:, None]
    return np.asarray(
        (1 - t) ** 3 * ends[0] + 3 * t * (1 - t) ** 2 * ends[1] + 3 * t**2 * (1 - t) * ends[2] + t**3 * ends[3]
    )


def _chop_mask(unit: str, across: int) -> Image.Image:
    """Return how much ink a chop puts where: ring, star, and the unit's name on the upper arc; mode L, square."""
    mask = Image.new("L", (across, across), 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((0, 0, across - 1, across - 1), outline=255, width=max(round(across * 0.03), 1))
    middle = across / 2
    points = []
    for corner in range(10):
        radius = across * (0.15 if corner % 2 == 0 else 0.15 * 0.382)  # 0.382: the inner corners of a regular star
        angle = math.radians(36 * corner - 90)
        points.append((middle + radius * math.cos(angle), middle + radius * math.sin(angle)))
    draw.polygon(points, fill=255)
    if unit:
        _write_on_arc(mask, unit)
    return mask


def _write_on_arc(mask: Image.Image, unit: str) -> None:
    """Write the unit's name clockwise on the upper arc, each character with its foot towards the middle."""
    across = mask.width
    span = min(26 * (len(unit) - 1), 250)  # degrees
    size = min(across * 0.135, math.radians(span / max(len(unit) - 1, 1)) * across * 0.38 * 1.15 if span else across)
    face = ImageFont.truetype(Path(shared("fonts", _CHOP_FACE)), max(round(size), 4))
    for index, character in enumerate(unit):
        degrees = -span / 2 + span * index / max(len(unit) - 1, 1)
        tile = Image.new("L", (round(size * 1.5),) * 2, 0)
        ImageDraw.Draw(tile).text((tile.width / 2, tile.height / 2), character, fill=255, font=face, anchor="mm")
        tile = tile.rotate(-degrees, Image.Resampling.BICUBIC)
        angle = math.radians(degrees - 90)
        x = across / 2 + across * 0.38 * math.cos(angle) - tile.width / 2
        y = across / 2 + across * 0.38 * math.sin(angle) - tile.height / 2
        mask.paste(255, (round(x), round(y)), tile)


def _lit(image: Image.Image, light: Image.Image, noise: Image.Image) -> Image.Image:
    """Return what the sensor sees, mode RGB: light that falls off a little, noise, and the paper's tint."""
    bands = [ImageChops.add(ImageChops.multiply(band, light), noise, offset=-_NOISE_ZERO) for band in image.split()]
    if len(bands) == 1:
        bands[0].putpalette([level * paper // 255 for level in range(256) for paper in _PAPER])
        return bands[0].convert("RGB")
    tints = [[level * paper // 255 for level in range(256)] for paper in _PAPER]
    return Image.merge("RGB", [band.point(tint) for band, tint in zip(bands, tints, strict=True)])


_NOISE_ZERO = 128


def _noise(size: tuple[int, int], deviation: float, random: np.random.Generator) -> Image.Image:
    """Return noise about _NOISE_ZERO, mode L: a tile of 512 x 512 laid at random places, eight times as fast."""
    width, height = size
    tile = np.clip(np.rint(random.standard_normal((512, 512)) * deviation) + _NOISE_ZERO, 0, 255).astype(np.uint8)
    noise = np.empty((height, width), np.uint8)
    for top in range(0, height, 256):
        for left in range(0, width, 256):
            y, x = (int(place) for place in random.integers(0, 256, 2))
            part = noise[top : top + 256, left : left + 256]
            part[:] = tile[y : y + part.shape[0], x : x + part.shape[1]]
    return Image.fromarray(noise)


def _cloud(
    size: tuple[int, int], random: np.random.Generator, darkest: int, lightest: int, *, coarseness: int
) -> Image.Image:
    """Return a smooth random field, mode L; ``coarseness`` is how many random values there are along an edge."""
    values = random.integers(darkest, lightest + 1, (coarseness, coarseness)).astype(np.uint8)
    return Image.fromarray(values).resize(size, Image.Resampling.BILINEAR)
