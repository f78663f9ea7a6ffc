"""Images that show a part of a page: what lies outside is told, and not called erased."""

from __future__ import annotations

import numpy as np
from printed_lines import KEEP_OUT, LINES, SYMBOL, described, fonts, printed, scanned

from toolkit.scan.comparison import Fonts, compare
from toolkit.verdict import Reason


def test_a_corner_that_is_not_on_the_image_is_told_and_not_called_erased() -> None:
    page = described(LINES)
    image, corners = scanned(printed(page, dpi=200), dpi=200, degrees=0, scale=1)
    part = np.ascontiguousarray(image[:1900, 330:])
    moved = [[x - 330, y] for x, y in corners]
    compared = compare(part, moved, page, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=Fonts(fonts()))
    found = [finding for finding in compared.findings if finding.reason is not Reason.INK_ADDED]
    assert [finding.reason for finding in found] == [Reason.CONTENT_ILLEGIBLE]
    assert "outside" in str(found[0].message)
    assert found[0].box is not None


def test_a_whole_page_has_no_such_finding() -> None:
    page = described(LINES)
    image, corners = scanned(printed(page, dpi=200), dpi=200)
    compared = compare(image, corners, page, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=Fonts(fonts()))
    assert not [finding for finding in compared.findings if finding.reason is Reason.CONTENT_ILLEGIBLE]
