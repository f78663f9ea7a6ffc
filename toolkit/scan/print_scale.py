"""At what scale a page was printed, where the scan tells its resolution: “fit to page” makes 94 to 98 % of it.

Photos tell none, and phone apps that straighten a photo write any resolution. So a scale is measured only where the
page lies flat in an image that has the size of a sheet, or of a scanner's larger glass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message
from toolkit.scan.alignment import Alignment
from toolkit.scan.page_image import PageImage
from toolkit.verdict import Finding, Reason

_SHEETS = ((210.0, 297.0), (215.9, 279.4))
"""Millimetres of A4 and of Letter, to which an office's printer may have fitted the page."""

_TRIMMED = 0.975
"""Part of a sheet's length from which an image shows all of it: scanners trim some millimetres."""

_FLAT = 0.01
"""Part by which opposite sides of a page differ in length, up to which it lies flat; feeders make up to 0.002."""

_INSET = 0.12
"""Part of the page at each edge in which the map rests on few blocks."""

_BELIEVED = (0.88, 1.12)
"""Scales that printers make; beyond, the file's resolution is not the scanner's."""

_SCALED, _EACH_WAY = 0.015, 0.007
"""Part from which a page was scaled, on the mean of both directions and in each. Feeders stretch one of them by some
0.01 (benchmarks/devices.py); “fit to page” makes 0.02 to 0.06."""

_HELD = 6
"""Blocks that must have been found in their place: on fewer, the map is the symbol's alone."""


def print_scale(image: PageImage, alignment: Alignment) -> tuple[float, float] | None:
    """Return at what scale a page was printed, across and down, 1 for 100 %; None where the scan does not tell.

    Args:
        image: as it was opened.
        alignment: where the page lies in it.
    """
    if image.dpi is None or not _shows_a_sheet(image):
        return None
    height, width = alignment.x.shape
    rows, columns = (round(side * _INSET) for side in (height, width))
    corners = [(y, x) for y in (rows, height - 1 - rows) for x in (columns, width - 1 - columns)]
    upper_left, upper_right, lower_left, lower_right = (
        np.array([alignment.x[corner], alignment.y[corner]], np.float64) for corner in corners
    )
    across = [
        float(np.linalg.norm(one - other)) for one, other in ((upper_right, upper_left), (lower_right, lower_left))
    ]
    down = [float(np.linalg.norm(one - other)) for one, other in ((lower_left, upper_left), (lower_right, upper_right))]
    if any(max(sides) > (1 + _FLAT) * min(sides) for sides in (across, down)):
        return None
    unit = image.dpi / alignment.dpi
    scales = sum(across) / 2 / (width - 1 - 2 * columns) / unit, sum(down) / 2 / (height - 1 - 2 * rows) / unit
    return scales if all(_BELIEVED[0] < scale < _BELIEVED[1] for scale in scales) else None


def scale_findings(scales: tuple[float, float], alignment: Alignment) -> list[Finding]:
    """Return the note that a page was not printed at 100 %, if it was not; ``scales`` is of ``print_scale``."""
    across, down = scales
    mean = (across * down) ** 0.5
    smaller = mean < 1 - _SCALED and max(scales) < 1 - _EACH_WAY
    larger = mean > 1 + _SCALED and min(scales) > 1 + _EACH_WAY
    if alignment.found < _HELD or not (smaller or larger):
        return []
    message = Message(
        "printed at {percent} % of its size: print it at 100 %, without fitting it to the page",
        percent=round(mean * 100),
    )
    return [Finding(Reason.PRINT_SCALED, message)]


def _length(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(one - other))


def _shows_a_sheet(image: PageImage) -> bool:
    """Tell whether an image is as large as a sheet of paper, either way up, or larger."""
    height, width = (side / (image.dpi or 1) * 25.4 for side in image.pixels.shape[:2])
    short, long = min(height, width), max(height, width)
    return any(short > _TRIMMED * sheet[0] and long > _TRIMMED * sheet[1] for sheet in _SHEETS)
