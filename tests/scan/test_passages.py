"""Text as it is judged together."""

from __future__ import annotations

from printed_lines import described

from toolkit.scan.passages import lines, passages


def test_numbers_dates_and_names_are_keys() -> None:
    page = described(("负责人王建国申请120.00万元，2025年9月1日起。",), repeat=1)
    keys = [part.text for part in passages(page.glyphs, ["王 建国"]) if part.is_key]
    assert keys == ["王建国", "120.00万元", "2025年9月1日"]


def test_every_glyph_is_in_one_passage() -> None:
    page = described(("共30%，见表1。", "甲乙丙"), repeat=2)
    numbers = [number for part in passages(page.glyphs) for number in part.numbers]
    assert sorted(numbers) == list(range(len(page.glyphs)))
    assert len(lines(page.glyphs)) == 4
