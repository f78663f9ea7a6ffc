"""One page as pixels, or the reason why there are none, and the bounds that every file of images is held to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message

Pixels = NDArray[np.uint8]
"""An image of a page: uint8, shape (height, width, 3), red green blue, row 0 at the top."""

MAX_FILE_BYTES = 512 * 2**20
"""200 pages at 300 dpi in colour, hardly compressed, are some 400 MB."""
MAX_PIXELS = 80_000_000
"""A4 at 600 dpi is 35 million pixels; more than twice that is no page, or a decompression bomb."""
MAX_PAGES = 2_000
"""Pages of one file: ten times a clerk's morning."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page of a scan.

    ``number`` counts the images of the source from 1, ``of`` is how many its index says there are. ``dpi`` is pixels
    per inch of paper as far as the file says it believably, else None: cameras and picture editors write 72 or 96
    whatever was photographed.
    """

    source: str
    number: int
    pixels: Pixels = field(repr=False)
    dpi: float | None
    of: int = 1

    @property
    def digest(self) -> str:
        """SHA-256 of size and pixels, in hexadecimal: tells the same image again, not another image of the sheet."""
        height, width = self.pixels.shape[:2]
        digest = hashlib.sha256(b"%d %d " % (width, height))
        digest.update(np.ascontiguousarray(self.pixels).data)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class UnreadableImage:
    """One page, or a whole file when ``number`` is 1 and nothing follows, that could not be opened; says why."""

    source: str
    number: int
    message: Message
    of: int = 1


def believable_dpi(dpi: float) -> float | None:
    """Return a resolution that a scanner may have written, 100 to 1200 pixels per inch, else None."""
    return float(dpi) if 100 <= dpi <= 1200 else None


def too_large(source: str, size: int) -> Message:
    """Return the sentence about a file of ``size`` bytes, more than is opened."""
    return Message(
        "{source} has {size} MB, more than the {limit} MB that are opened: scan fewer pages into one file",
        source=source,
        size=size // 2**20,
        limit=MAX_FILE_BYTES // 2**20,
    )


def too_many_pixels(source: str, number: int, width: int, height: int) -> Message:
    """Return the sentence about an image that is larger than any scan of a page."""
    return Message(
        "page {number} of {source} has {width} x {height} pixels, more than any scan of a page: scan at 300 dpi",
        number=number,
        source=source,
        width=width,
        height=height,
    )


def too_many_pages(source: str) -> Message:
    """Return the sentence about the pages that a file has beyond what is opened."""
    return Message(
        "{source} has more than {limit} pages; those behind were not opened: split the file",
        source=source,
        limit=MAX_PAGES,
    )
