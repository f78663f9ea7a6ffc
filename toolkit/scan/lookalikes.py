"""Characters that look alike in print, from the table that fonts/build_lookalikes.py makes."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

DIGITS = "0123456789"

_LEAST = 0.72
"""How alike those are that the table leaves out, at most."""

_BY_HAND = {
    ",": ".;", "，": "。、", "。": "，、", "、": "，。", "％": "‰", "%": "‰",
    "万": "亿千百十", "亿": "万", "千": "万十干", "百": "白", "元": "无", "一": "二三十", "二": "一三", "三": "二一",
    "否": "是", "是": "否", "不": "可", "男": "女", "女": "男",
}  # fmt: skip
"""What is exchanged for its meaning as well as its looks, and marks that are too small to correlate."""


def rivals(character: str) -> tuple[tuple[str, float], ...]:
    """Return the characters to test in place of a recorded one, each with how alike they are, 0 to 1.

    All digits for a digit; 1 for those that are tested whatever they look like.
    """
    if character in DIGITS:
        alike = dict(_table()[character])
        return tuple((digit, alike.get(digit, _LEAST)) for digit in DIGITS if digit != character)
    by_hand = _BY_HAND.get(character, "")
    drawn = tuple(pair for pair in _table().get(character, ()) if pair[0] not in by_hand)
    return (*((other, 1.0) for other in by_hand), *drawn)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[tuple[str, float], ...]]:
    text = files("toolkit.scan").joinpath("lookalikes.txt").read_text(encoding="utf-8")
    rows = (line.split(" ") for line in text.splitlines())
    return {row[0]: tuple((entry[0], int(entry[1:]) / 100) for entry in row[1:]) for row in rows}
