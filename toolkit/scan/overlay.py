"""Takes off the print what is paler: a chop in a grey scan, a shadow, a marker pen.

Ink on ink multiplies: the light that a place sends back is the paper's, times what the overlay lets pass, times what
the print does. The overlay is what stays when everything thinner than its lines is taken away (a grey opening); print
that is as broad itself, titles and rules, is known from the record. A chop's own letters are as thin as print: there,
only what is darker than they are is looked at, on the paper and in the drawing alike.
"""

from __future__ import annotations

import cv2
import numpy as np

from toolkit.scan.rendering import Ink

_BROAD = 0.75
"""Millimetres from which a line is broader than those of characters (0.5 in 16 pt bold type): a chop's ring has 1.2."""

_PALEST, _DARKEST = 0.04, 0.85
"""Ink of an overlay, in parts of the print's contrast: below it is the paper's own, above it nothing shows through."""


FLOORS = (0.5, 0.75)
"""Darkness, in parts of the print's contrast, above which print is looked at where something paler lies over it: stamp
pad ink in grey scans has 0.3 to 0.7 of it (feeder pages of the tuning set)."""


def above(ink: Ink, floor: float, *, contrast: float = 1.0) -> Ink:
    """Return how far ink is darker than ``floor`` of the print's contrast, stretched so that print is as dark again."""
    darker = np.asarray(np.minimum(ink, np.float32(contrast)), np.float32)
    darker -= np.float32(floor * contrast)  # in place: a page has 24 MB
    np.maximum(darker, 0, out=darker)
    darker /= np.float32(1 - floor)
    return darker


def unveiled(seen: Ink, soft: Ink, *, contrast: float, dpi: float) -> Ink:
    """Return the ink of an image without what lies over the print.

    Args:
        seen: the image's ink.
        soft: the drawn page, blurred as the image is.
        contrast: of the page's print.
        dpi: pixels per inch of both.
    """
    width = 2 * round(_BROAD * dpi / 25.4 / 2) + 1
    kernel = np.ones((width, width), np.uint8)
    broad = cv2.morphologyEx(seen, cv2.MORPH_OPEN, kernel)
    own = cv2.morphologyEx(soft, cv2.MORPH_OPEN, kernel)
    overlay = np.asarray(cv2.scaleAdd(own, -contrast, broad), np.float32)
    np.clip(overlay, 0, 1, out=overlay)
    # An opening cuts corners and edges; what it left out within a pixel or two of it belongs to it, up to its darkness.
    overlay = np.minimum(seen, cv2.dilate(overlay, np.ones((5, 5), np.uint8)))
    overlay[(overlay < _PALEST * contrast) | (overlay > _DARKEST * contrast)] = 0
    passed = np.maximum(np.subtract(1, overlay, out=overlay), np.float32(0.05), out=overlay)
    under = np.subtract(1, seen, dtype=np.float32)
    under /= passed
    return np.clip(np.subtract(1, under, out=under), 0, 1, out=under)
