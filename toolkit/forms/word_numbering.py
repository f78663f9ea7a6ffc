"""Automatic numbers of a Word file: 一、 (一) 1. (1) ① and bullets, counted as Word counts them (17.9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from toolkit.forms.word_properties import Properties, paragraph_properties, run_properties
from toolkit.forms.word_xml import Element, Unsupported, attribute, child, children, number, switched_on, value
from toolkit.messages import Message

LEVELS = 9
_LARGEST = 32_767
"""The largest number that Word counts to."""
_SUFFIXES = {"tab": "\t", "space": " ", "nothing": ""}
_DIGITS = "〇一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
# Bullets of Word's pictorial fonts, which have characters of their own that no other font shares.
_BULLETS = {
    **{"\uf0b7": "•", "\uf06c": "●", "\uf06e": "■", "\uf075": "◆", "\uf0d8": "➢", "\uf0fc": "✓", "\uf0a7": "▪"},
    **{"\uf0b2": "◇", "\uf06f": "□", "\uf0a8": "□", "\uf076": "❖", "\uf0fe": "☑"},
}
_PICTORIAL = {"Symbol", "Wingdings", "Wingdings 2", "Wingdings 3", "Webdings"}
_FACES = {"face_ascii", "face_hAnsi", "face_eastAsia", "face_cs"}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how its number is written, what comes behind, and what it sets in the paragraph."""

    start: int
    write: Callable[[int], str]
    text: str
    suffix: str
    restarts_after: int | None  # the level below which it begins again, None for never
    legal: bool
    style: str | None
    paragraph: Properties
    run: Properties
    refused: Message | None = None  # what is not set, told only when the level is used


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number of one paragraph, with the suffix, and the level that it is of."""

    label: str
    suffix: str
    level: Level


@dataclass(slots=True)
class Numbering:
    """The lists of one document; its counts go on from paragraph to paragraph."""

    root: Element | None
    theme: Mapping[str, str]
    list_of_style: Callable[[str], int | None]
    _lists: dict[int, tuple[int, dict[int, Level], dict[int, int]]] = field(default_factory=dict)
    _counts: dict[int, list[int | None]] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)
    _following: set[int] = field(default_factory=set)

    def next(self, identifier: int, level: int | None, style: str) -> Numbered | None:
        """Return the number of the next paragraph of a list; None where the document has no such list.

        Args:
            identifier: ``w:numId``.
            level: ``w:ilvl``, from 0; None where only a style says it, which its list then knows.
            style: the paragraph's style.

        Raises:
            Unsupported: when the list asks for what is not set.
        """
        abstract, levels, starts = self._list(identifier)
        if level is None:
            level = next((each for each, rule in levels.items() if rule.style == style), 0)
        if level not in levels:
            return None
        counts = self._counts.setdefault(abstract, [None] * LEVELS)
        if identifier not in self._begun:
            self._begun.add(identifier)
            for overridden in starts:  # w:startOverride: this list begins again
                counts[overridden] = None
        rule = levels[level]
        if rule.refused is not None:
            raise Unsupported(rule.refused)
        before = counts[level]
        counts[level] = starts.get(level, rule.start) if before is None else min(before + 1, _LARGEST)
        for above in range(level):  # a level that was passed over counts as begun
            if counts[above] is None:
                counts[above] = starts.get(above, levels[above].start) if above in levels else 1
        for below, other in levels.items():
            if below > level and other.restarts_after is not None and level <= other.restarts_after:
                counts[below] = None

        def counted(found: re.Match[str]) -> str:
            place = int(found[1]) - 1
            if place > level or place not in levels:
                return ""
            count = counts[place] or 0
            return str(count) if rule.legal else levels[place].write(count)

        return Numbered(re.sub("%([1-9])", counted, rule.text), rule.suffix, rule)

    def _list(self, identifier: int) -> tuple[int, dict[int, Level], dict[int, int]]:
        if identifier not in self._lists:
            self._lists[identifier] = self._read(identifier)
        return self._lists[identifier]

    def _read(self, identifier: int) -> tuple[int, dict[int, Level], dict[int, int]]:
        chosen = self._found("w:num", "w:numId", identifier)
        reference = child(chosen, "w:abstractNumId")
        abstract_id = None if reference is None else number(reference, "w:val")
        abstract = None if abstract_id is None else self._found("w:abstractNum", "w:abstractNumId", abstract_id)
        if abstract is None or abstract_id is None:
            return -1, {}, {}
        link = child(abstract, "w:numStyleLink")
        if link is not None:  # the numbers are those of a list style, which names the list that has them (17.9.21)
            linked = self.list_of_style(value(link))
            if linked is None or linked == identifier or linked in self._following:
                return -1, {}, {}
            self._following.add(linked)
            return self._read(linked)
        levels = {number(item, "w:ilvl") or 0: item for name, item in children(abstract) if name == "w:lvl"}
        starts: dict[int, int] = {}
        for name, item in children(chosen):
            if name == "w:lvlOverride":
                place = number(item, "w:ilvl") or 0
                start, own = child(item, "w:startOverride"), child(item, "w:lvl")
                if start is not None:
                    starts[place] = number(start, "w:val") or 0
                if own is not None:
                    levels[place] = own
        read = {place: self._level(item, place) for place, item in levels.items() if 0 <= place < LEVELS}
        return abstract_id, read, starts

    def _found(self, name: str, key: str, identifier: int) -> Element | None:
        items = (item for kind, item in children(self.root) if kind == name)
        return next((item for item in items if number(item, key) == identifier), None)

    def _level(self, element: Element, place: int) -> Level:
        start, text, form, restarts = 0, "", "decimal", place - 1
        suffix, legal, style = "tab", False, None
        refused: Message | None = None
        paragraph: Properties = {}
        run: Properties = {}
        for name, item in children(element):
            if name == "w:start":
                start = number(item, "w:val") or 0
            elif name == "w:numFmt":
                form = value(item)
            elif name == "w:lvlText":
                text = attribute(item, "w:val") or ""
            elif name == "w:lvlRestart":
                restarts = (number(item, "w:val") or 0) - 1
            elif name == "w:suff":
                suffix = value(item)
            elif name == "w:isLgl":
                legal = switched_on(item)
            elif name == "w:pStyle":
                style = value(item)
            elif name == "w:pPr":
                paragraph = paragraph_properties(item)
            elif name == "w:rPr":
                run = run_properties(item, self.theme)
            elif name == "w:lvlJc":
                if value(item) not in {"left", "start"}:
                    refused = Message("numbers that are not aligned to the left")
            elif name == "w:lvlPicBulletId":
                refused = Message("pictures for bullets")
            elif name not in {"w:legacy", "w:tentative"}:
                raise Unsupported(Message("<{name}>", name=name))
        if form not in _WRITERS or suffix not in _SUFFIXES:
            refused = Message("numbers of the kind “{kind}”", kind=form)
        if form == "bullet":
            text = "".join(_BULLETS.get(character, character) for character in text)
            if any(run.get(face) in _PICTORIAL for face in _FACES):
                run = {name: each for name, each in run.items() if name not in _FACES}
        never = None if restarts < 0 else restarts
        write, behind = _WRITERS.get(form, str), _SUFFIXES.get(suffix, "")
        return Level(start, write, text, behind, never, legal, style, paragraph, run, refused)


def written(form: str, count: int) -> str:
    """Return a number in a form (17.18.59).

    Raises:
        Unsupported: when the form is not known.
    """
    if form not in _WRITERS:
        raise Unsupported(Message("numbers of the kind “{kind}”", kind=form))
    return _WRITERS[form](count)


def _roman(count: int) -> str:
    """17.18.59, upperRoman."""
    signs = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
    signed = ""
    for worth, sign in (*signs, (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        signed += sign * (count // worth)
        count %= worth
    return signed


def _letter(count: int) -> str:
    """A to Z, then AA, BB, ... (17.18.59, upperLetter)."""
    return chr(65 + (count - 1) % 26) * ((count - 1) // 26 + 1) if count > 0 else ""


def chinese(count: int, digits: str = _DIGITS, units: tuple[str, str, str] = ("十", "百", "千")) -> str:
    """Return a number below 10,000 as Chinese writes it, 二十三; larger ones digit by digit."""
    if count >= 10_000:
        return "".join(digits[int(digit)] for digit in str(count))
    zero = "零"
    written = ""
    for place, digit in zip(range(len(str(count)) - 1, -1, -1), str(count), strict=True):
        if digit == "0":
            written += zero if written and not written.endswith(zero) else ""
        else:
            written += digits[int(digit)] + (units[place - 1] if place else "")
    written = written.rstrip(zero) or digits[0]
    short = digits is _DIGITS and 10 <= count < 20
    return written[1:] if short else written


def _circled(count: int) -> str:
    return chr(0x2460 + count - 1) if 1 <= count <= 20 else str(count)


def _of(signs: str) -> Callable[[int], str]:
    return lambda count: signs[(count - 1) % len(signs)] if count > 0 else ""


_WRITERS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda count: f"{count:02d}",
    "decimalFullWidth": lambda count: "".join(chr(ord(digit) + 0xFEE0) for digit in str(count)),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "upperRoman": _roman,
    "lowerRoman": lambda count: _roman(count).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda count: _letter(count).lower(),
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": lambda count: "".join(_DIGITS[int(digit)] for digit in str(count)),
    "chineseLegalSimplified": lambda count: chinese(count, _LEGAL, ("拾", "佰", "仟")),
    "ideographTraditional": _of("甲乙丙丁戊己庚辛壬癸"),
    "ideographZodiac": _of("子丑寅卯辰巳午未申酉戌亥"),
    "bullet": lambda count: "",
    "none": lambda count: "",
}
