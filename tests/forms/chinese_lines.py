"""The rules that every line of a Chinese page keeps, told from the printed characters alone.

Signs by GB/T 15834-2011, 5.1 (places of the marks), and clreq, 3.1.3 (what no line may begin or end with).
"""

from __future__ import annotations

import re

from set_pages import Page

NEVER_FIRST = "、，。．：；！？）］｝〉》」』】〕〗”’·・～－／…％‰℃°%,.:;?!)]}㎡"
NEVER_LAST = "（［｛〈《「『【〔〖“‘／§＃"


_JOINED = re.compile(".?[\u0590-\u08ff\ufb1d-\ufeff]")


def lines(page: Page) -> list[str]:
    """Return the page's lines in the order of the PDF; a line goes on while its baseline and its direction do."""
    found: list[str] = []
    before = None
    for character in page.characters:
        along = before is not None and (character.x > before.x or _JOINED.match(before.text + character.text))
        if before is not None and along and abs(character.y - before.y) < 0.6 * before.size:
            found[-1] += character.text
        else:
            found.append(character.text)
        before = character
    return found


def faults(page: Page) -> list[str]:
    """Return the lines that begin or end as no Chinese line may; of joined script the order is not judged."""
    found = []
    for line in lines(page):
        if _JOINED.search(line):
            continue
        parted = line[0] == "—" and line[1:2] != "—" and not re.fullmatch("—[0-9]+—", line)  # a page number
        if line[0] in NEVER_FIRST or line[-1] in NEVER_LAST or parted:
            found.append(line)
    return found
