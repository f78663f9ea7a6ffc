"""What of a page an image does not show: a corner that was torn off, a photo that cuts a side."""

from __future__ import annotations

from toolkit.messages import Message
from toolkit.scan.boxes import around
from toolkit.scan.glyphs import Spot
from toolkit.scan.ink import SeenPage
from toolkit.scan.laid_page import LaidPage
from toolkit.verdict import Box, Finding, Reason

_MUCH = 0.05
"""Part of the page that is told although nothing is recorded there; scanners cut 3 mm, 0.04, off a page laid askew."""


def is_outside(seen: SeenPage, spot: Spot) -> bool:
    """Tell whether a piece of a character is not on the image: what is not seen is not erased."""
    left, top, right, bottom = spot.window
    return bool(seen.outside[top:bottom, left:right].any())


def crop_findings(page: LaidPage) -> list[Finding]:
    """Return the finding that a part of the page is not on the image, if anything is recorded there or it is much."""
    outside = page.seen.outside
    share = float(outside.mean())
    lost = [glyph.box for glyph in page.description.glyphs if _is_lost(page, glyph.box)]
    lost += [zone.box for zone in page.description.zones if _is_lost(page, zone.box)]
    if not lost and share < _MUCH:
        return []
    percent = max(round(100 * share), 1)
    message = Message(
        "this page cannot be found whole on the image: {percent} % of it lies outside, and was not compared; scan the "
        "whole page",
        percent=percent,
    )
    return [Finding(Reason.CONTENT_ILLEGIBLE, message, box=around(lost) if lost else None)]


def _is_lost(page: LaidPage, box: Box) -> bool:
    """Tell whether the middle of a box is not on the image."""
    height, width = page.seen.outside.shape
    x, y = (int((box[side] + box[side + 2]) / 2 * page.dpi / 7200) for side in (0, 1))
    return bool(page.seen.outside[min(max(y, 0), height - 1), min(max(x, 0), width - 1)])
