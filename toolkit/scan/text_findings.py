"""Turns the answers about single characters into findings about numbers, names and words, the keys among them first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toolkit.messages import Message
from toolkit.scan.boxes import around, overlap
from toolkit.scan.judging import Answer, Judged
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.passages import Passage, discreet
from toolkit.verdict import Box, Finding, Reason

_INK_ON_KEY, _INK_ON_TEXT = 0.7, 2.0
"""Ink on a number, or on other text, in parts of one character's own, from which somebody put it there."""

_THERE = 0.3
"""Part of a character's strokes that may lack ink where somebody wrote over it."""


def text_findings(page: LaidPage, judged: Sequence[Judged], readings: Mapping[tuple[int, ...], str]) -> list[Finding]:
    """Return one finding for each passage in which something differs or cannot be read, numbers and names first.

    Args:
        page: what was compared.
        judged: the answers.
        readings: what numbers seem to say, by the glyphs that they are made of.
    """
    alignment = page.alignment
    by_number = {each.number: each for each in judged}
    altered: list[Finding] = []
    illegible: list[Finding] = []
    covered: list[Box] = []
    for part in page.parts:
        answers = [by_number.get(number) for number in part.numbers]
        if not part.is_key:
            answers = [None if each and _is_signed_over(page, each) else each for each in answers]
        differs = [index for index, each in enumerate(answers) if each and each.answer is Answer.DIFFERS]
        unread = [index for index, each in enumerate(answers) if each and each.answer is Answer.ILLEGIBLE]
        unsure = [each for each in answers if each and each.answer is not Answer.SAME]
        boxes = [each.weighed.spot.glyph.box for each in unsure]
        under_chop = [_is_covered(box, page) for box in boxes]
        spotted = any(under_chop) or any(page.hides(box) for box in boxes)
        if unread and not differs and not part.is_key and all(under_chop):
            covered += boxes
        elif _is_written_over(part, unsure) and alignment.is_held(part.box) and not spotted:
            altered.append(written_over(page, part, around(boxes)))
        elif unsure and part.numbers in readings and alignment.is_held(part.box):
            altered.append(_differs(page, part.box, part.text, readings[part.numbers], is_key=True))
        elif differs:
            altered.append(_altered(page, part, answers, differs))
        elif unread:
            illegible.append(_illegible(page, part, answers, unread))
    findings = [finding for kind in (altered, illegible) for finding in sorted(kind, key=lambda each: not each.is_key)]
    if covered:
        box = around(covered)
        message = Message("text below a chop cannot be read here; it holds no amount, name or date")
        findings.append(Finding(Reason.COVERED_BY_CHOP, message, box=box, image_box=alignment.image_box(box)))
    return findings


def _is_signed_over(page: LaidPage, judged: Judged) -> bool:
    """Tell whether a character in a zone is there, with writing over it: the 年 of a date is meant to be."""
    weighed = judged.weighed
    x, y = ((weighed.spot.glyph.box[axis] + weighed.spot.glyph.box[axis + 2]) / 2 for axis in (0, 1))
    zones = (zone.box for zone in page.description.zones)
    in_zone = any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for box in zones)
    # In grey, writing leaves no dark ink beside the strokes that is known as such; all of the character is below it.
    return in_zone and weighed.missing < _THERE and (weighed.extra > 0.1 or judged.answer is Answer.ILLEGIBLE)


def _is_covered(box: Box, page: LaidPage) -> bool:
    return any(overlap(box, chop.box) for chop in page.chops)


def _is_written_over(part: Passage, unsure: Sequence[Judged]) -> bool:
    """Tell whether what is recorded is all there, with much dark ink besides: a stroke through it."""
    there = [each.weighed.extra for each in unsure if each.weighed.missing < 0.15 and each.weighed.extra > 0.1]
    return sum(there) > (_INK_ON_KEY if part.is_key else _INK_ON_TEXT) and 2 * len(there) > len(unsure)


def written_over(page: LaidPage, part: Passage, box: Box) -> Finding:
    """Return the finding that ink was put to recorded text, at a box of the page, 1/100 pt."""
    recorded = discreet(part.text)
    return Finding(
        Reason.CONTENT_ALTERED,
        Message("ink was put to “{recorded}”", recorded=recorded),
        box=box,
        image_box=page.alignment.image_box(box),
        recorded=recorded,
        is_key=part.is_key,
    )


def _altered(page: LaidPage, part: Passage, answers: Sequence[Judged | None], differs: Sequence[int]) -> Finding:
    """Return the finding for a passage of which characters differ: a key in whole, other text with what is beside."""
    first, last = (0, len(part.text) - 1) if part.is_key else (max(differs[0] - 3, 0), differs[-1] + 3)
    recorded = seen = ""
    boxes = []
    for index, each in enumerate(answers):
        character = part.text[index] if len(part.text) == len(part.numbers) else ""
        if first <= index <= last:
            recorded += character
            seen += ("？" if each.seen is None else each.seen) if each and index in differs else character
        if index in differs and each:
            boxes.append(each.weighed.spot.glyph.box)
    return _differs(page, around(boxes), recorded, seen, is_key=part.is_key)


def _differs(page: LaidPage, box: Box, recorded: str, seen: str, *, is_key: bool) -> Finding:
    recorded, seen = discreet(recorded), discreet(seen)
    return Finding(
        Reason.CONTENT_ALTERED,
        Message("the record says “{recorded}”, the paper seems to say “{seen}”", recorded=recorded, seen=seen),
        box=box,
        image_box=page.alignment.image_box(box),
        recorded=recorded,
        seen=seen,
        is_key=is_key,
    )


def _illegible(page: LaidPage, part: Passage, answers: Sequence[Judged | None], unread: Sequence[int]) -> Finding:
    box = around(each.weighed.spot.glyph.box for index in unread if (each := answers[index]))
    recorded = discreet(part.text if part.is_key else part.text[unread[0] : unread[-1] + 1])
    return Finding(
        Reason.CONTENT_ILLEGIBLE,
        Message(
            "“{recorded}” cannot be read here: compare it by eye, or scan again at 300 dpi in colour", recorded=recorded
        ),
        box=box,
        image_box=page.alignment.image_box(box),
        recorded=recorded,
        is_key=part.is_key,
    )
