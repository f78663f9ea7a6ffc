"""What is measured: genuine, altered and substituted pages, each through every profile, the same for the same seed.

An image and what is known about it is made once and kept in a folder, so that another version of the comparison is
measured on the same images.
"""

from __future__ import annotations

import pickle
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from random import Random as PlainRandom

import numpy as np

from benchmarks import third_party
from benchmarks.alterations import KINDS, AlteredPage, altered_pages
from benchmarks.devices import PROFILES, scanned
from benchmarks.documents import Document, documents
from benchmarks.edits import EDITS, Pages, drawn, substituted
from benchmarks.paper import MM, PRINT_DPI, Ink, Random, Sheet, handled
from toolkit.page import PageDescription
from toolkit.verdict import Box

SUBSTITUTIONS = ("other page", "other document", "exchanged letters")
"""Another page of the document, a page of another submission or programme, the two letters' pages exchanged."""

GENUINE = {
    "flatbed": 300,
    "feeder": 300,
    "phone": 200,
    "copy": 100,
    "folded": 100,
    "fax": 100,
    "augraphy": 60,
    "fakescan": 60,
}
"""Genuine pages of a full measurement, by profile."""
EACH = {"change": 20, "edit": 8, "substitution": 10}
EACH_THIRD_PARTY = {"change": 6, "edit": 3, "substitution": 3}
"""Images of each kind of alteration in a full measurement."""

_TRIES = 40
_NOTES = 950
"""1/100 pt: type of nine points and little more."""


@dataclass(frozen=True, slots=True)
class Case:
    """One image to make."""

    profile: str
    kind: str
    index: int

    @property
    def identity(self) -> str:
        """The name of the case, and of its image."""
        return f"{self.profile}-{self.kind}-{self.index}".replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about an image.

    Attributes:
        identity: the case's name.
        profile: how it was printed and scanned.
        kind: ``genuine``, or what was altered.
        file: the image, in the set's folder.
        document: serial and document's name of the page that the symbol names.
        page: that page.
        boxes: what was altered, 1/100 pt on that page; empty for genuine and substituted pages.
        size: least size of type in it, points.
        shown: what it is, for reading.
        chop: a chop lies over text.
        notes: the page has lines of nine points.
        place: x, y in the image of what was altered, roughly, and pixels per mm; None where it is not known.
    """

    identity: str
    profile: str
    kind: str
    file: str
    document: str
    page: int
    boxes: tuple[Box, ...]
    size: float
    shown: str
    chop: bool
    notes: bool
    place: tuple[float, float, float] | None

    def to_plain(self) -> dict[str, object]:
        """Return it as plain data."""
        return asdict(self)


def planned(profiles: list[str], share: float) -> list[Case]:
    """Return the cases in the order in which they are made: whenever it ends, every kind has had its share."""
    cases: list[tuple[float, Case]] = []
    for profile in profiles:
        each = EACH_THIRD_PARTY if profile in third_party.NAMES else EACH
        numbers = {"genuine": GENUINE[profile]}
        numbers |= {kind: each["change"] for kind in KINDS} | {kind: each["edit"] for kind in EDITS}
        numbers |= {kind: each["substitution"] for kind in SUBSTITUTIONS}
        for kind, number in numbers.items():
            number = max(round(number * share), 1)
            cases += [((index + 0.5) / number, Case(profile, kind, index)) for index in range(number)]
    return [case for _, case in sorted(cases, key=lambda pair: pair[0])]


class Maker:
    """Makes the images of one set, in ``folder``."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._folder = folder
        self._pages = [Pages(document) for document in documents(name, folder)]
        self._altered: dict[str, list[tuple[int, AlteredPage]]] = {}
        (folder / "images").mkdir(exist_ok=True)

    def make(self, case: Case) -> Known | None:
        """Make the image of a case, and return what is known about it; None when the set has no page for it."""
        random = np.random.default_rng(zlib.crc32(f"{self._name}/{case.identity}".encode()))
        found = self._sheet(case, random)
        if found is None:
            return None
        pages, number, sheet, boxes, size, shown = found
        description = pages.document.pages[number - 1]
        clutter = PROFILES[case.profile].clutter if case.profile in PROFILES else 0.3
        inks = handled(description, random, signed=random.random() < 0.8, chopped=random.random() < 0.3, amount=clutter)
        inks = [ink for ink in inks if not _is_over_symbol(ink, pages, number)]
        middle = _middle(boxes) if boxes else (0.0, 0.0)
        place: tuple[float, float, float] | None = None
        if case.profile in third_party.NAMES:
            image = third_party.scanned(case.profile, sheet, inks, random)
        else:
            image, at, scale = scanned(sheet, PROFILES[case.profile], inks, random, middle)
            place = (*at, scale) if boxes else None
        ending = "png" if image.startswith(b"\x89PNG") else "jpg"
        file = f"images/{case.identity}.{ending}"
        partial = self._folder / f"{file}.part"
        partial.write_bytes(image)
        partial.rename(self._folder / file)
        return Known(
            case.identity,
            case.profile,
            case.kind,
            file,
            f"{pages.document.serial} {pages.document.name}",
            number,
            boxes,
            size,
            shown,
            any(_is_chop_over_text(ink, description) for ink in inks),
            sum(glyph.size <= _NOTES for glyph in description.glyphs) > 30,
            place,
        )

    def _sheet(self, case: Case, random: Random) -> tuple[Pages, int, Sheet, tuple[Box, ...], float, str] | None:
        """Return the page that a case claims to be, what is printed, and what differs."""
        if case.kind == "genuine":
            pages, number = self._genuine(case)
            return pages, number, Sheet(pages.printed(number), []), (), 0, ""
        if case.kind in KINDS:
            if case.kind not in self._altered:
                issued = [pages.document for pages in self._pages]
                self._altered[case.kind] = altered(self._name, self._folder, case.kind, issued)
            pool = self._altered[case.kind]
            if not pool:
                return None
            place, page = pool[(case.index + zlib.crc32(case.profile.encode())) % len(pool)]
            sheet = Sheet(drawn(page.pdf, page.number), [])
            return self._pages[place], page.number, sheet, page.boxes, page.size, page.shown
        if case.kind in EDITS:
            for _ in range(_TRIES):
                pages = self._pages[int(random.integers(len(self._pages)))]
                number = int(random.integers(1, len(pages.document.pages) + 1))
                if _needs(case.kind, pages.document.pages[number - 1]):
                    edit = EDITS[case.kind](pages, number, random)
                    if edit is not None:
                        return pages, number, edit.sheet, edit.boxes, edit.size, edit.shown
            return None
        for _ in range(_TRIES):
            pair = self._pair(case.kind, random)
            if pair is not None:
                pages, number, used, used_number = pair
                shown = f"{used.document.serial} {used.document.name} {used_number}"
                return pages, number, substituted(pages, number, used, used_number), (), 0, shown
        return None

    def _genuine(self, case: Case) -> tuple[Pages, int]:
        """Return pages in an order of the profile's own; blank backs once in all."""
        every = []
        blanks = 0
        for pages in self._pages:
            for number, description in enumerate(pages.document.pages, 1):
                blanks += len(description.glyphs) < 40
                if len(description.glyphs) >= 40 or blanks == 1:
                    every.append((pages, number))
        PlainRandom(f"{self._name}/{case.profile}/{case.index // len(every)}").shuffle(every)
        return every[case.index % len(every)]

    def _pair(self, kind: str, random: Random) -> tuple[Pages, int, Pages, int] | None:
        """Return two pages that say different things."""
        pages = self._pages[int(random.integers(len(self._pages)))]
        number = int(random.integers(1, len(pages.document.pages) + 1))
        if kind == "exchanged letters":
            letters = [each for each in self._pages if each.document.name.startswith("commitment")]
            if len(letters) < 2:
                return None
            chosen = random.permutation(len(letters))
            pages, used = letters[chosen[0]], letters[chosen[1]]
            number = used_number = int(random.integers(1, len(pages.document.pages) + 1))
        else:
            same = kind == "other page"
            others = [each for each in self._pages if (each is pages) == same]
            used = others[int(random.integers(len(others)))]
            used_number = int(random.integers(1, len(used.document.pages) + 1))
        one, other = pages.document.pages[number - 1].text, used.document.pages[used_number - 1].text
        if SequenceMatcher(None, one, other, autojunk=False).ratio() > 0.9:
            return None
        return pages, number, used, used_number


def _needs(kind: str, page: PageDescription) -> bool:
    """Tell whether a page has what a kind of edit is about."""
    if kind == "text in zone":
        return bool(page.zones)
    if kind == "picture changed":
        return bool(page.pictures)
    return len(page.glyphs) > 40


def altered(name: str, folder: Path, kind: str, issued: list[Document]) -> list[tuple[int, AlteredPage]]:
    """Return altered pages of a kind with the place of their document, made when that was not done before."""
    kept = folder / f"altered-{kind.replace(' ', '-')}.pickle"
    if not kept.exists():
        wanted = {"measure": 14, "tune": 10}.get(name, 2)
        kept.write_bytes(pickle.dumps(list(_altered_of(name, kind, issued, wanted))))
    loaded: list[tuple[int, AlteredPage]] = pickle.loads(kept.read_bytes())  # a file of our own
    return loaded


def _altered_of(name: str, kind: str, issued: list[Document], wanted: int) -> Iterator[tuple[int, AlteredPage]]:
    """Yield altered pages, from every document in turn, no page twice until all had theirs."""
    seen: dict[tuple[int, int, str], int] = defaultdict(int)
    count = 0
    for attempt in range(4):
        for place, document in enumerate(issued):
            random = PlainRandom(f"{name}/{kind}/{place}/{attempt}")
            few = 3
            for page in altered_pages(document, kind, random, 4):
                key = (place, page.number, page.shown)
                if not seen[key] and few and count < wanted:
                    seen[key] += 1
                    few -= 1
                    count += 1
                    yield place, page
        if count >= wanted:
            return


def _middle(boxes: tuple[Box, ...]) -> tuple[float, float]:
    x = (min(box[0] for box in boxes) + max(box[2] for box in boxes)) / 2
    y = (min(box[1] for box in boxes) + max(box[3] for box in boxes)) / 2
    return x / 7200 * PRINT_DPI, y / 7200 * PRINT_DPI


def _is_chop_over_text(ink: Ink, page: PageDescription) -> bool:
    height, width = ink.cover.shape
    if min(height, width) < 30 * MM:
        return False
    left, top, right, bottom = (edge / PRINT_DPI * 7200 for edge in (ink.x, ink.y, ink.x + width, ink.y + height))
    return any(
        glyph.box[0] < right and left < glyph.box[2] and glyph.box[1] < bottom and top < glyph.box[3]
        for glyph in page.glyphs
    )


def _is_over_symbol(ink: Ink, pages: Pages, number: int) -> bool:
    """Tell whether something larger than dust lies on the symbol, where it says 请勿在此处盖章."""
    from toolkit.formal.keep_out import keep_out_box

    height, width = ink.cover.shape
    if max(height, width) < 2 * MM:
        return False
    left, top, right, bottom = (edge / PRINT_DPI * 7200 for edge in (ink.x, ink.y, ink.x + width, ink.y + height))
    box = keep_out_box(number, pages.document.modules[number - 1])
    return left < box[2] and box[0] < right and top < box[3] and box[1] < bottom
