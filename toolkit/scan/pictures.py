"""Pages of TIFF, JPEG, PNG and HEIC files as pixels, by Pillow and libheif."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from toolkit.messages import Message
from toolkit.scan.page_image import (
    MAX_PAGES,
    MAX_PIXELS,
    PageImage,
    Pixels,
    UnreadableImage,
    believable_dpi,
    too_many_pixels,
)

_PILLOW_FORMATS = ("TIFF", "JPEG", "PNG")
_ONE_PICTURE = ("JPEG", "MPO", "PNG")
"""MPO is what telephones write, and what Pillow makes of such a JPEG: its further pictures are previews and depth maps,
never pages."""
_REDUCED = 1
"""Bit 0 of TIFF's NewSubfileType (TIFF 6.0, page 36): a smaller version of another image in the file."""
_NEW_SUBFILE_TYPE = 254
_SQUARE = 1.05
"""A fax in standard resolution is 204 x 98 dpi: pixels more oblong than this are made square."""
_MOST_OBLONG = 2.5

# Decoders are met with ``except Exception`` throughout this file: on hostile bytes Pillow and libheif raise whatever
# happens to go wrong within them (struct.error, SyntaxError, ZeroDivisionError, ...), and each means: it is damaged.


@dataclass(frozen=True, slots=True)
class OpenedPictures:
    """An image file that could be opened; close it.

    ``frames`` are the places in the file of what is a page; ``is_broken_off`` says that the chain of a TIFF's pages
    breaks behind them, so that what lies behind cannot be found.
    """

    source: str
    image: Image.Image
    frames: tuple[int, ...]
    is_broken_off: bool

    @classmethod
    def of(cls, source: str, data: bytes) -> OpenedPictures | UnreadableImage:
        """Open the bytes, or say why they cannot be."""
        try:
            with _quiet():
                image = _open(data)
        except Image.DecompressionBombError:
            return UnreadableImage(source, 1, _bomb(source))
        except Exception:
            return UnreadableImage(source, 1, _not_opened(source, data))
        if image.format == "PNG" and getattr(image, "is_animated", False):
            message = Message("{source} is an animated image: hand in a scan or a photo", source=source)
            return UnreadableImage(source, 1, message)
        if image.format in _ONE_PICTURE:
            return cls(source, image, (0,), False)
        return cls(source, image, *_frames(image))

    @property
    def count(self) -> int:
        """The number of pages, the one that is broken off among them."""
        return len(self.frames) + self.is_broken_off

    def page(self, number: int) -> PageImage | UnreadableImage:
        """Return a page, counted from 1."""
        if number > len(self.frames):
            return UnreadableImage(self.source, number, _broken_off(self.source, number), of=self.count)
        try:
            with _quiet():
                self.image.seek(self.frames[number - 1])
        except Exception:
            return UnreadableImage(self.source, number, _broken_off(self.source, number), of=self.count)
        return replace(_page(self.source, number, self.image), of=self.count)

    def close(self) -> None:
        """Close the file."""
        self.image.close()


def _frames(image: Image.Image) -> tuple[tuple[int, ...], bool]:
    """Return the places of the pages, and whether the chain that leads to them is broken."""
    frames: list[int] = []
    place = 0
    # A chain of reduced images only, or in a circle, must end as well.
    while len(frames) <= MAX_PAGES and place < 2 * MAX_PAGES:
        try:
            with _quiet():
                image.seek(place)
        except EOFError:
            return tuple(frames), not frames
        except Exception:
            return tuple(frames), True
        if not _is_reduced(image):
            frames.append(place)
        place += 1
    return tuple(frames), False


def _quiet() -> warnings.catch_warnings[None]:
    """Keep Pillow's warnings about damaged metadata to ourselves: the verdict says what matters."""
    return warnings.catch_warnings(action="ignore")


def _open(data: bytes) -> Image.Image:
    if pillow_heif.is_supported(data[:64]):
        return pillow_heif.HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
    return Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS)


def _is_reduced(image: Image.Image) -> bool:
    tags: Any = getattr(image, "tag_v2", {})
    kind = tags.get(_NEW_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & _REDUCED)


def _page(source: str, number: int, image: Image.Image) -> PageImage | UnreadableImage:
    width, height = image.size
    if width * height > MAX_PIXELS:
        return UnreadableImage(source, number, too_many_pixels(source, number, width, height))
    try:
        with _quiet():
            dpi = _resolution(image)
            image.load()
            upright = _upright(image)
            if upright.size != image.size:
                dpi = dpi[::-1]
            pixels, believed = _square_pixels(_to_rgb(upright), dpi)
    except Exception:
        message = Message(
            "page {number} of {source} is damaged or truncated: scan the page again", number=number, source=source
        )
        return UnreadableImage(source, number, message)
    return PageImage(source, number, pixels, believed)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Return pixels per inch across and down; (0, 0) when the file does not say or says nonsense."""
    try:
        across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        return (0.0, 0.0)
    return (across, down) if across > 0 and down > 0 else (0.0, 0.0)


def _upright(image: Image.Image) -> Image.Image:
    """Obey the orientation of EXIF, where it can be read; TIFF and HEIC are upright after decoding."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    """Return the image in 8-bit RGB; transparent ground is white, 16-bit grey keeps its high byte."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("32-bit samples: no scanner writes these")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return image.convert("RGB")


def _square_pixels(image: Image.Image, dpi: tuple[float, float]) -> tuple[Pixels, float | None]:
    """Return the pixels and their resolution, both the same across and down."""
    across, down = dpi
    width, height = image.size
    if across > 0 and _SQUARE < max(across, down) / min(across, down) < _MOST_OBLONG:
        finer = max(across, down)
        size = (round(width * finer / across), round(height * finer / down))
        if size[0] * size[1] <= MAX_PIXELS:
            return np.array(image.resize(size, Image.Resampling.BICUBIC)), believable_dpi(finer)
    return np.array(image), believable_dpi(across)


def _not_opened(source: str, data: bytes) -> Message:
    if _is_text(data):
        return Message(
            "{source} is a text file, whatever its name ends in: hand in a scan (PDF, TIFF, JPEG, PNG, HEIC)",
            source=source,
        )
    return Message(
        "{source} cannot be opened: it is damaged or of another kind than PDF, TIFF, JPEG, PNG, HEIC", source=source
    )


def _is_text(data: bytes) -> bool:
    """Tell whether the first bytes are printable text in UTF-8 or GBK, the encodings of Chinese Windows."""
    start = data[:512]
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in start):
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut
            try:
                start[: len(start) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False


def _bomb(source: str) -> Message:
    return Message("{source} has more pixels than any scan of a page: scan at 300 dpi", source=source)


def _broken_off(source: str, number: int) -> Message:
    return Message("{source} is damaged from page {number} on: scan these pages again", source=source, number=number)
