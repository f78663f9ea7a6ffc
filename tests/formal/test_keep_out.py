"""The keep-out box held against the contract's millimetres, and against pages that intrude."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from toolkit.formal.description import describe
from toolkit.formal.keep_out import MODULE, QUIET, intrusions, keep_out_box, symbol_box

MILLIMETRE = 7200 / 25.4


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(("modules", "edge"), [(57, 27), (81, 38)])
def test_symbols_have_the_size_and_place_of_the_contract(page: int, modules: int, edge: int) -> None:
    left, top, right, bottom = symbol_box(page, modules)
    assert right - left == bottom - top == modules * MODULE
    assert round((right - left) / MILLIMETRE) == edge
    assert MODULE / MILLIMETRE >= 0.45
    outer = 59528 - right if page % 2 else left
    assert 8 * MILLIMETRE <= outer < 8.1 * MILLIMETRE and top >= 8 * MILLIMETRE


@pytest.mark.parametrize("page", [1, 2, 3, 14])
@pytest.mark.parametrize("modules", [57, 61, 81])
def test_the_keep_out_box_holds_symbol_and_quiet_zone_and_ends_above_the_text(page: int, modules: int) -> None:
    left, top, right, bottom = keep_out_box(page, modules)
    x0, y0, x1, y1 = symbol_box(page, modules)
    assert left <= x0 - QUIET and top == y0 - QUIET and right >= x1 + QUIET and bottom > y1 + QUIET
    assert left >= 0 and right <= 59528
    # the templates' promise: 44 mm of margin on every page, 8 + 46 mm of corner on the proposal's first
    assert bottom < (44 if modules == 57 else 54) * MILLIMETRE


def test_what_intrudes_is_named_line_by_line(typeset: Callable[[str], bytes]) -> None:
    corner = "#place(top + right, dx: 20mm, dy: -30mm, rect(stroke: none)[附件一 \\ 项目申报书#line(length: 1cm)])"
    (page,) = describe(typeset(corner), zones=[()], watermark="")
    found = intrusions(page, 1, 57)
    assert [intrusion.text for intrusion in found] == ["附件一", "项目申报书", ""]
    assert intrusions(page, 2, 57) == []


def test_the_margin_of_the_templates_keeps_clear(four_pages: bytes) -> None:
    pages = describe(four_pages, zones=[()] * 4, watermark="")
    assert [intrusions(page, number, 57) for number, page in enumerate(pages, 1)] == [[]] * 4
