"""The pairs that FINDINGS names, and all digits."""

from __future__ import annotations

import pytest

from toolkit.scan.lookalikes import rivals


@pytest.mark.parametrize("pair", ["未末", "日目", "已己", "土士", "人入", "大太"])
def test_known_pairs_are_rivals_of_each_other(pair: str) -> None:
    one, other = pair
    assert other in [rival for rival, _ in rivals(one)]
    assert one in [rival for rival, _ in rivals(other)]


def test_a_digit_has_all_the_others() -> None:
    assert sorted(rival for rival, _ in rivals("8")) == list("012345679")


def test_nothing_is_its_own_rival() -> None:
    assert all(character not in [rival for rival, _ in rivals(character)] for character in "未0万一.a")
