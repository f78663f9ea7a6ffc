"""Where a Chinese line may not end, beyond what Typst knows: GB/T 15834-2011, 5.1, and clreq, 3.1.

Typst breaks lines by Unicode's rules (UAX 14), which let a line begin with ～ · ／ and others. Measured over every sign
that GB/T 15834 or clreq name, those of ``_NOT_FIRST`` began lines and those of ``_NOT_LAST`` ended them; the others
never did. Numbers are kept with what they count as well.
"""

from __future__ import annotations

import re

_NOT_FIRST = "·‧・～〜—―－ˇˉ‖∶〃＂＇｀｜／㎡㎥㎏㎜㎝㎞"
_NOT_LAST = "／＃＠§．"
_UNITS = "元万亿千百年月日时分秒个人项名篇件份页册倍度期届级第款条卷号岁天周批次种台套亩吨米克升％‰℃°℉㎡㎥㎏㎜㎝㎞"
# A dash of two signs may begin a line, but is never parted; of one sign it connects, and may not (GB/T 15834, 5.1.7).
_HELD = re.compile(
    rf"(?<=[^\s—])(?=[{_NOT_FIRST.replace('—', '')}]|—(?!—))"
    rf"|(?<=—)(?=—)|(?<=[{_NOT_LAST}])(?=\S)"
    rf"|(?<=[0-9])(?=[{_UNITS}])|(?<=[0-9][百千万亿])(?=[{_UNITS}])|(?<=第)(?=[0-9])"
    r"|(?<=[0-9] )(?=[A-Za-zμΩ]{1,3}(?![A-Za-z]))"
    r"|(?<=[0-9%％℃]～)(?=[0-9])|(?<=[\u3400-\u9fff]·)(?=[\u3400-\u9fff])"
    r"|(?<=[\u3400-\u9fff])(?=/)|(?<=/)(?=[\u3400-\u9fff])"
)
_SIGNS = re.compile(rf"[{_NOT_FIRST}{_NOT_LAST}/0-9]")
_TOKEN = r"0-9A-Za-z.,%+\u2010-\u2015～·／/㎡㎥㎏㎜㎝㎞\-"
_BEFORE, _AFTER = re.compile(rf"[{_TOKEN} ]*[^{_TOKEN} ]?$"), re.compile(rf"[{_TOKEN}]*[^{_TOKEN}]?")

_FARTHEST = 200
"""Characters on either side that are looked at: more than any line has."""


def held(text: str, before: str = "", *, characters: int) -> list[int]:
    """Return the places in a text, as indices into it, where its line may not end although Typst would end it there.

    Args:
        text: the characters of a run.
        before: the character before them in the paragraph, empty at its beginning.
        characters: how many characters surely fit a line; what is longer than that is not held together.
    """
    if not (_SIGNS.search(text) or before and _SIGNS.match(before)):
        return []  # most texts of a form
    whole, shift = before + text, len(before)
    places = []
    for found in _HELD.finditer(whole):
        at = found.start()
        left, right = whole[max(at - _FARTHEST, 0) : at], whole[at : at + _FARTHEST]
        if at >= shift and len(_matched(_BEFORE, left)) + len(_matched(_AFTER, right)) <= characters:
            places.append(at - shift)
    return places


def _matched(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""
