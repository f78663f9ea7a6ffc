"""A scanned page laid over its record: what every aspect of the comparison looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.page import PageDescription
from toolkit.scan.alignment import Alignment
from toolkit.scan.chops import Chop
from toolkit.scan.ink import SeenPage
from toolkit.scan.passages import Passage
from toolkit.scan.rendering import Ink
from toolkit.verdict import Box


@dataclass(frozen=True, slots=True)
class LaidPage:
    """A scanned page laid over its record; planes have the same resolution, boxes are in 1/100 pt of the page.

    Attributes:
        description: the record's page.
        alignment: where the page lies in the image; its ``dpi`` is the planes'.
        seen: what the image shows there.
        drawn: the page as the record has it, sharp.
        soft: the same, blurred as the image is.
        blur: standard deviation of that blur, pixels of the planes.
        contrast: of the page's print in ``seen.ink``; 1 would be black on white.
        parts: the recorded text in passages.
        chops: the chops that were found.
        keep_out: place of the symbol, its quiet zone and the lines below.
        undrawn: places whose look the record has as a digest only and no raster was given for; not compared.
        hidden: pixels at which ink says nothing, shape of the planes: outside the image, or the watermark of a fax.
        adrift: lines by themselves that were not found in their place; ink there says nothing.
        uncoloured: ``drawn`` with its coloured pictures as a printer without colours shows them; None without any.
    """

    description: PageDescription
    alignment: Alignment
    seen: SeenPage
    drawn: Ink
    soft: Ink
    blur: float
    contrast: float
    parts: tuple[Passage, ...]
    chops: tuple[Chop, ...]
    keep_out: Box
    undrawn: tuple[Box, ...]
    hidden: NDArray[np.bool_]
    adrift: tuple[Box, ...] = ()
    uncoloured: Ink | None = None

    @property
    def dpi(self) -> float:
        """Pixels per inch of the planes."""
        return self.alignment.dpi

    @property
    def is_grey(self) -> bool:
        """Whether the image has no colour, so that a chop is as dark as print."""
        return self.seen.red is None

    def hides(self, box: Box) -> bool:
        """Tell whether ink in part of a box of the page, 1/100 pt, says nothing."""
        left, top, right, bottom = (round(side * self.dpi / 7200) for side in box)
        return bool(self.hidden[max(top, 0) : bottom, max(left, 0) : right].any())
