"""Characters that look alike in print, from the table that fonts/build_lookalikes.py makes."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

DIGITS = "0123456789"

_BY_HAND = {
    ".": ",", ",": ".;", "，": "。、", "。": "，、", "、": "，。", "％": "‰", "%": "‰",
    "万": "亿千百十", "亿": "万", "千": "万十干", "百": "白", "元": "无", "一": "二三十", "二": "一三", "三": "二一",
    "否": "是", "是": "否", "不": "可", "男": "女", "女": "男",
}  # fmt: skip
"""What is exchanged for its meaning as well as its looks, and marks that are too small to correlate."""


def rivals(character: str) -> str:
    """Return the characters to test in place of one that is recorded: all digits for a digit, likes for others."""
    if character in DIGITS:
        return DIGITS.replace(character, "")
    found = _BY_HAND.get(character, "") + _table().get(character, "")
    return "".join(dict.fromkeys(found.replace(character, "")))


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    text = files("toolkit.scan").joinpath("lookalikes.txt").read_text(encoding="utf-8")
    return {line[0]: line[1:] for line in text.splitlines() if line}
