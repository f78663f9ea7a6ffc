"""The page description: what stands on a page before it is sealed, exact and engine-free.

Integers only, in 1/100 pt, origin at the top left corner of the page, y downwards. It is taken from the PDF before
watermark and symbol are stamped, so that every engine gives the same kind, and is what paper is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from toolkit.canonical import Plain, canonical, digest
from toolkit.verdict import Box


class Glyph(NamedTuple):
    """One printed character: ``font`` is an index into the page's fonts, ``size`` in 1/100 pt, ``box`` its em box.

    The em box starts where the pen starts, is as wide as the pen advances, and reaches from 0.88 of the size above the
    baseline to 0.12 below it; where ink leans out at its left or right (an italic y), it is so much wider. A
    ligature is one glyph of several characters.
    """

    character: str
    font: int
    size: int
    box: Box


class Rule(NamedTuple):
    """One drawn line, frame or filled shape; ``colour`` is RRGGBB.

    ``kind`` is ``line`` or ``box`` for an upright rectangle full of ink, and ``path:`` with the digest of its outline
    for any other shape.
    """

    kind: str
    box: Box
    colour: str


class Picture(NamedTuple):
    """One picture; ``digest`` is the SHA-256 of its decoded pixels, in hexadecimal."""

    box: Box
    digest: str


class Zone(NamedTuple):
    """A named place for a chop, a signature, a date or an opinion; ``kind`` is one of these words."""

    name: str
    kind: str
    box: Box


@dataclass(frozen=True, slots=True)
class PageDescription:
    """What stands on one page; ``watermark`` is the text that will be stamped.

    ``fonts`` holds PostScript names, ``NAME~N`` where outlines are stroked N 1/100 pt wide besides, ``NAME#RRGGBB``
    where the text is not black.
    """

    width: int
    height: int
    fonts: tuple[str, ...]
    glyphs: tuple[Glyph, ...]
    rules: tuple[Rule, ...]
    pictures: tuple[Picture, ...]
    zones: tuple[Zone, ...]
    watermark: str

    @property
    def text(self) -> str:
        """The characters of the page in reading order, without spaces and line ends."""
        return "".join(glyph.character for glyph in self.glyphs)

    def to_plain(self) -> dict[str, Plain]:
        """Return the description as plain data, the form that is stored and digested."""
        return {
            "format": 1,
            "width": self.width,
            "height": self.height,
            "fonts": list(self.fonts),
            "glyphs": [[g.character, g.font, g.size, *g.box] for g in self.glyphs],
            "rules": [[r.kind, *r.box, r.colour] for r in self.rules],
            "pictures": [[*p.box, p.digest] for p in self.pictures],
            "zones": [[z.name, z.kind, *z.box] for z in self.zones],
            "watermark": self.watermark,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Plain]) -> PageDescription:
        """Return the description that ``to_plain`` wrote.

        Raises:
            ValueError: when the data has another form.
        """
        if plain.get("format") != 1:
            raise ValueError("the page description has a form that this version does not know")
        rows = cast("dict[str, list[list[Any]]]", plain)
        try:
            return cls(
                width=cast(int, plain["width"]),
                height=cast(int, plain["height"]),
                fonts=tuple(cast("list[str]", plain["fonts"])),
                glyphs=tuple(Glyph(c, f, s, (a, b, x, y)) for c, f, s, a, b, x, y in rows["glyphs"]),
                rules=tuple(Rule(kind, (a, b, x, y), colour) for kind, a, b, x, y, colour in rows["rules"]),
                pictures=tuple(Picture((a, b, x, y), pixels) for a, b, x, y, pixels in rows["pictures"]),
                zones=tuple(Zone(name, kind, (a, b, x, y)) for name, kind, a, b, x, y in rows["zones"]),
                watermark=cast(str, plain["watermark"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the page description is damaged: {error}") from error

    def canonical(self) -> bytes:
        """Return the bytes that are stored and digested."""
        return canonical(self.to_plain())

    @property
    def digest(self) -> bytes:
        """The page digest of the contract: SHA-256 of the canonical form, 32 bytes."""
        return digest(self.to_plain())
