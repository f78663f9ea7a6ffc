"""Connected pieces of a mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_MOST_16_BIT = 2**16 - 1


def pieces(mask: NDArray[np.uint8]) -> tuple[NDArray[np.int32 | np.uint16], NDArray[np.int32]]:
    """Return the number of each pixel's piece, 0 where the mask is, and for each left, top, width, height and area.

    Pixels that touch at a corner are of one piece.
    """
    # There are no more pieces than pixels of them, and half as long numbers take half the time.
    kind = cv2.CV_16U if cv2.countNonZero(mask) < _MOST_16_BIT else cv2.CV_32S
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=kind)
    return labels, stats  # type: ignore[return-value]
