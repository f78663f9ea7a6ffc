"""Altered pages that carry genuine symbols, matched in font and size: a forger with the same Word and printer.

A filled form is altered in its .docx, set again by the same engine, and gets watermark and the genuine symbols as a
photocopy would give them. What differs is known from the two descriptions of a page, glyph by glyph, which is what a
finding must point at. Changes that are made on the drawn page instead (rules, pictures, pens, chops, red print) are in
benchmarks/edits.py.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape, unescape
from random import Random

from benchmarks.documents import NOW, Document, catalogue, stamped
from benchmarks.words import GIVEN, LOOKALIKES, SURNAMES
from toolkit.errors import TruecopyError
from toolkit.formal.description import describe
from toolkit.forms.typesetting import typeset
from toolkit.page import Glyph
from toolkit.verdict import Box

_TEXT = re.compile(r"(<w:t(?: [^>]*)?>)([^<]*)(</w:t>)")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"\d+\.\d+|\d{2,}")
_LONGEST = 200
"""Characters of what differs; where more does, text went to the next page, and the page is nearly another one."""


@dataclass(frozen=True, slots=True)
class AlteredPage:
    """A page that was altered: page ``number``, from 1, of ``pdf``.

    ``boxes`` are those of what differs on the record's page, in 1/100 pt, ``size`` the least size of type in them in
    points; ``shown`` is for reading.
    """

    pdf: bytes
    number: int
    boxes: tuple[Box, ...]
    size: float
    shown: str


def altered_pages(document: Document, kind: str, random: Random, attempts: int) -> list[AlteredPage]:
    """Return pages altered by one kind of change; each has one change, and what it moved.

    ``attempts`` changes are made at once all over the document; pages that came to hold more or other text than the
    change explains (it moved lines to the next page) are left out, as is everything when the page numbers moved.
    """
    change = KINDS[kind]

    def replaced(xml: str) -> str:
        places = [match for match in _TEXT.finditer(xml) if change(unescape(match[2]), Random(0)) is not None]
        for match in sorted(random.sample(places, min(attempts, len(places))), key=lambda match: -match.start()):
            new = change(unescape(match[2]), random)
            if new is not None:
                xml = xml[: match.start(2)] + escape(new, quote=False) + xml[match.end(2) :]
        return xml

    try:
        form = typeset(_mapped(document.docx, replaced), name="form.docx", fonts=catalogue(), created=NOW)
    except TruecopyError:
        return []
    if form.pages != len(document.pages):
        return []
    pages = describe(form.pdf, zones=[()] * form.pages, watermark="")
    found = []
    for number, (recorded, printed) in enumerate(zip(document.pages, pages, strict=True), 1):
        boxes, size, shown, moved = _difference(recorded.glyphs, printed.glyphs)
        if boxes and _is_one(kind, shown) and moved < 0.6:
            found.append((number, tuple(boxes), size, shown))
    pdf = stamped(form.pdf, document.sides, document.pages[0].watermark) if found else b""
    return [AlteredPage(pdf, *page) for page in found]


def _is_one(kind: str, shown: str) -> bool:
    """Tell whether a page has one change of its kind, not several, and not merely what another page's moved here."""
    if kind.startswith("line"):
        return 6 < len(shown) < _LONGEST
    return shown.count(">") <= (2 if kind == "point moved" else 1) and len(shown) < 8


def _difference(recorded: Sequence[Glyph], printed: Sequence[Glyph]) -> tuple[list[Box], float, str, float]:
    """Return the record's boxes of what changed, the least size, both texts, and what part of the page moved."""
    one, other = [glyph.character for glyph in recorded], [glyph.character for glyph in printed]
    changed: list[Glyph] = []
    shown = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        changed += recorded[a:b] or recorded[max(a - 1, 0) : a + 1]
        shown.append(f"{''.join(one[a:b])}>{''.join(other[c:d])}")
    still = {(glyph.character, glyph.box) for glyph in printed}
    moved = sum((glyph.character, glyph.box) not in still for glyph in recorded) / max(len(recorded), 1)
    size = min((glyph.size for glyph in changed), default=0) / 100
    return [glyph.box for glyph in changed], size, " ".join(shown), moved


def _mapped(docx: bytes, change: Callable[[str], str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            target.writestr(entry, change(data.decode()).encode() if entry.filename == "word/document.xml" else data)
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
    if not 2 <= len(text) <= 4 or text[0] not in SURNAMES or not all(_HAN.match(character) for character in text):
        return None
    at = random.randrange(1, len(text))
    given = [name for name in GIVEN if len(name) == 1 and name != text[at]]
    return text[:at] + random.choice(given) + text[at + 1 :]


def _lookalike(text: str, random: Random) -> str | None:
    places = [at for at, character in enumerate(text) if character in LOOKALIKES]
    if not places:
        return None
    at = random.choice(places)
    return text[:at] + random.choice(LOOKALIKES[text[at]]) + text[at + 1 :]


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
