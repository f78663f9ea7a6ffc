"""Altered pages that carry genuine symbols, matched in font and size: a forger with the same Word and printer.

A filled form is altered in its .docx, set again by the same engine, and watermarked and sealed as a formal copy is.
What differs is known from the two descriptions of a page, glyph by glyph, which is what a finding must point at.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import lru_cache
from html import escape, unescape
from random import Random

from toolkit.errors import TruecopyError
from toolkit.formal.description import describe
from toolkit.formal.print_set import Side, print_set
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import typeset
from toolkit.page import Glyph, PageDescription
from toolkit.resources import shared
from toolkit.scan.lookalikes import rivals
from toolkit.seal.symbol import to_digits
from toolkit.verdict import Box

WHEN = datetime(2025, 7, 1, tzinfo=UTC)
WATERMARK = "正式上报版"
ORDINARY, LARGEST = 208, 440
"""Bytes of the largest seal of an ordinary page, and of a proposal's first page (FINDINGS, "QR")."""

SIZES = {"own": 1.0, "small": 0.857}
"""Sizes that documents are set in: their own (10.5 to 16 pt), and one in which 10.5 pt becomes 9 pt."""

_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]*)(</w:t>)")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"\d+\.\d+|\d{2,}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One printed page: ``pdf`` has it as page ``number``, from 1; ``symbol_modules`` along an edge of its symbol."""

    pdf: bytes
    number: int
    description: PageDescription
    symbol_modules: int


@dataclass(frozen=True, slots=True)
class AlteredSheet:
    """A page that was altered: ``boxes`` of what differs on the record's page, in 1/100 pt; ``shown`` for reading."""

    sheet: Sheet
    kind: str
    boxes: tuple[Box, ...]
    shown: str


@lru_cache(maxsize=1)
def _catalogue() -> FontCatalogue:
    return FontCatalogue.load(shared("fonts"))


def sized(docx: bytes, factor: float) -> bytes:
    """Return the form with all its sizes of type multiplied."""
    if factor == 1:
        return docx

    def smaller(match: re.Match[str]) -> str:
        return f'{match[1]}{max(round(int(match[2]) * factor), 10)}"'

    return _mapped(docx, lambda xml: re.sub(r'(<w:sz(?:Cs)? w:val=")(\d+)"', smaller, xml), styles=True)


def sheets(docx: bytes, *, first_large: bool = True) -> list[Sheet]:
    """Set, watermark and seal a form; its seals have random digits, the same for the same page."""
    form = typeset(docx, name="form.docx", fonts=_catalogue(), created=WHEN)
    pages = describe(form.pdf, zones=[()] * form.pages, watermark=WATERMARK)
    if len(pages) % 2:
        pages = pages[:-1]
    sides = []
    for number in range(1, len(pages) + 1):
        size = LARGEST if first_large and number == 1 else ORDINARY
        sides.append(Side(number, 1, to_digits(Random(number).randbytes(size)), f"XJSCO25-00001-r1/P/1/{number}-K"))
    pdf = print_set(
        form.pdf, sides, watermark=WATERMARK, title="benchmark", issued_at=WHEN, fonts_folder=shared("fonts")
    )
    return [Sheet(pdf, number, page, 81 if first_large and number == 1 else 57) for number, page in enumerate(pages, 1)]


def altered_sheets(
    docx: bytes, genuine: Sequence[Sheet], kind: str, random: Random, attempts: int
) -> list[AlteredSheet]:
    """Return pages altered by one kind of change; each has one change, and what it moved.

    ``attempts`` changes are made at once all over the document; pages that came to hold more or other text than the
    change explains (it moved lines to the next page) are left out, as is everything when the page numbers moved.
    """
    change = KINDS[kind]
    done = 0

    def replaced(xml: str) -> str:
        nonlocal done
        places = [match for match in _TEXT.finditer(xml) if change(unescape(match[2]), Random(0)) is not None]
        for match in sorted(random.sample(places, min(attempts, len(places))), key=lambda match: -match.start()):
            new = change(unescape(match[2]), random)
            if new is not None:
                done += 1
                xml = xml[: match.start(2)] + escape(new, quote=False) + xml[match.end(2) :]
        return xml

    try:
        forged = sheets(_mapped(docx, replaced))
    except TruecopyError:
        return []
    if len(forged) != len(genuine):
        return []
    found = []
    for sheet, original in zip(forged, genuine, strict=True):
        boxes, shown, moved = _difference(original.description.glyphs, sheet.description.glyphs)
        if boxes and len(shown) < 200 and moved < 0.6:
            found.append(AlteredSheet(sheet, kind, tuple(boxes), shown))
    return found


def _difference(recorded: Sequence[Glyph], printed: Sequence[Glyph]) -> tuple[list[Box], str, float]:
    """Return the record's boxes of what was changed, both texts, and the part of the glyphs that moved elsewhere."""
    one, other = [glyph.character for glyph in recorded], [glyph.character for glyph in printed]
    boxes: list[Box] = []
    shown = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        around = recorded[a:b] or recorded[max(a - 1, 0) : a + 1]
        boxes += [glyph.box for glyph in around]
        shown.append(f"{''.join(one[a:b])}>{''.join(other[c:d])}")
    still = {(glyph.character, glyph.box) for glyph in printed}
    moved = sum((glyph.character, glyph.box) not in still for glyph in recorded) / max(len(recorded), 1)
    return boxes, " ".join(shown), moved


def _mapped(docx: bytes, change: Callable[[str], str], *, styles: bool = False) -> bytes:
    names = {"word/document.xml"} | ({"word/styles.xml"} if styles else set())
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, change(data.decode()).encode() if entry.filename in names else data)
    return buffer.getvalue()


def _digit(text: str, random: Random) -> str | None:
    places = [match.start() for match in re.finditer(r"\d", text)]
    if not places or not _NUMBER.search(text):
        return None
    at = random.choice(places)
    return text[:at] + random.choice([d for d in "0123456789" if d != text[at]]) + text[at + 1 :]


def _point_moved(text: str, random: Random) -> str | None:
    places = [match for match in re.finditer(r"(\d)\.(\d)(?=\d)", text)]
    if not places:
        return None
    match = random.choice(places)
    return text[: match.start()] + f"{match[1]}{match[2]}." + text[match.end() :]


def _point_inserted(text: str, random: Random) -> str | None:
    places = [match for match in re.finditer(r"(?<![\d.])\d{2,}(?![\d.])", text)]
    if not places:
        return None
    match = random.choice(places)
    at = random.randrange(match.start() + 1, match.end())
    return text[:at] + "." + text[at:]


def _point_removed(text: str, random: Random) -> str | None:
    places = [match.start(1) for match in re.finditer(r"\d(\.)\d", text)]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + text[at + 1 :]


def _name(text: str, random: Random) -> str | None:
    if not 2 <= len(text) <= 4 or not all(_HAN.match(character) for character in text):
        return None
    at = random.randrange(1, len(text))
    return (
        text[:at]
        + random.choice([c for c in "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超兰霞平刚" if c != text[at]])
        + text[at + 1 :]
    )


def _lookalike(text: str, random: Random) -> str | None:
    places = [at for at, character in enumerate(text) if _HAN.match(character) and rivals(character)]
    if not places:
        return None
    at = random.choice(places)
    likes = [c for c, _ in rivals(text[at])[:3] if "\u4e00" <= c <= "\u9fff"]
    return text[:at] + random.choice(likes) + text[at + 1 :] if likes else None


def _added(text: str, random: Random) -> str | None:
    places = [at for at, character in enumerate(text) if _HAN.match(character)]
    if len(text) < 4 or not places:
        return None
    at = random.choice(places)
    return text[:at] + random.choice("不未非无再大小新多") + text[at:]


def _erased(text: str, random: Random) -> str | None:
    places = [at for at, character in enumerate(text) if _HAN.match(character) and 0 < at < len(text) - 1]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + "\u3000" + text[at + 1 :]


def _line_deleted(text: str, random: Random) -> str | None:
    sentences = text.split("，")
    if len(sentences) < 4:
        return None
    at = random.randrange(1, len(sentences) - 1)
    return "，".join(sentences[:at] + sentences[at + 1 :])


def _line_inserted(text: str, random: Random) -> str | None:
    sentences = text.split("，")
    if len(sentences) < 3:
        return None
    at = random.randrange(1, len(sentences))
    return "，".join([*sentences[:at], "所需经费由专项全额承担并优先拨付", *sentences[at:]])


KINDS: dict[str, Callable[[str, Random], str | None]] = {
    "digit": _digit,
    "point moved": _point_moved,
    "point inserted": _point_inserted,
    "point removed": _point_removed,
    "name": _name,
    "lookalike": _lookalike,
    "added": _added,
    "erased": _erased,
    "line deleted": _line_deleted,
    "line inserted": _line_inserted,
}
"""What is done to a run of text, or None where it cannot be: by the names that results are counted under."""
