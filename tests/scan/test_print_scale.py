"""At what scale a page was printed: told of scans, not of photos."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.scan.alignment import Alignment
from toolkit.scan.page_image import PageImage
from toolkit.scan.print_scale import print_scale, scale_findings
from toolkit.verdict import Reason

A4 = (1754, 1240)
"""Height and width of A4 at 150 dpi."""


def laid(across: float, down: float, *, degrees: float = 0.5, perspective: float = 0.0, found: int = 80) -> Alignment:
    y, x = np.mgrid[: A4[0], : A4[1]].astype(np.float32)
    u, v = x - A4[1] / 2, y - A4[0] / 2
    depth = 1 + perspective * v / A4[0]
    turn = np.radians(degrees)
    seen_x = (across * u * np.cos(turn) - down * v * np.sin(turn)) / depth + A4[1] / 2
    seen_y = (across * u * np.sin(turn) + down * v * np.cos(turn)) / depth + A4[0] / 2
    planes = (np.asarray(plane, np.float32) for plane in (seen_x, seen_y))
    return Alignment(150, *planes, 0.9, 0.1, 150 * (across * down) ** 0.5, 90, found, np.zeros((1, 2)))


def image(dpi: float | None = 150.0, size: tuple[int, int] = A4) -> PageImage:
    return PageImage("scan.pdf", 1, np.zeros((*size, 3), np.uint8), dpi)


@pytest.mark.parametrize(("scale", "percent"), [(0.94, "94 %"), (0.972, "97 %"), (1.03, "103 %")])
def test_a_page_fitted_to_the_sheet_is_a_note(scale: float, percent: str) -> None:
    alignment = laid(scale, scale)
    scales = print_scale(image(), alignment)
    assert scales == pytest.approx((scale, scale), abs=0.001)
    (finding,) = scale_findings(scales, alignment)
    assert finding.reason is Reason.PRINT_SCALED and percent in str(finding.message)


@pytest.mark.parametrize(("across", "down"), [(1.0, 1.0), (0.988, 1.0), (0.99, 0.989), (1.01, 0.985), (1.012, 1.008)])
def test_what_a_feeder_stretches_is_none(across: float, down: float) -> None:
    alignment = laid(across, down)
    scales = print_scale(image(), alignment)
    assert scales == pytest.approx((across, down), abs=0.001)
    assert scale_findings(scales, alignment) == []


def test_an_image_turned_by_a_right_angle_is_measured_as_well() -> None:
    upright = laid(0.95, 0.95)
    turned = Alignment(150, A4[0] - upright.y, upright.x, 0.9, 0.1, 142, 90, 80, np.zeros((1, 2)))
    assert print_scale(image(size=A4[::-1]), turned) == pytest.approx((0.95, 0.95), abs=0.001)


def test_nothing_is_said_where_the_scan_does_not_tell() -> None:
    assert print_scale(image(None), laid(0.95, 0.95)) is None
    assert print_scale(image(150, (1600, 1100)), laid(0.95, 0.95)) is None
    assert print_scale(image(), laid(0.95, 0.95, perspective=0.04)) is None
    assert print_scale(image(), laid(0.7, 0.7)) is None


def test_a_page_that_rests_on_its_symbol_alone_is_not_called_scaled() -> None:
    assert scale_findings((0.95, 0.95), laid(0.95, 0.95, found=3)) == []
