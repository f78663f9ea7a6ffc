"""The fonts of a record: one for all pages of a submission, and what anybody else may print with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from toolkit.scan.alphabet import Alphabet
from toolkit.scan.rendering import Face, Pen
from toolkit.scan.typeface import Typeface


class Fonts:
    """The fonts of a record."""

    def __init__(self, typefaces: Mapping[str, Typeface], usual: Callable[[], Sequence[Typeface]] = tuple) -> None:
        """Take the fonts.

        Args:
            typefaces: the record's fonts by PostScript name.
            usual: opens those of the kinds that any computer has, for print that is in none of the record's.
        """
        self._typefaces = typefaces
        self.usual = usual

    def alphabet(self, name: str) -> Alphabet:
        """Return the common characters of the font with a PostScript name."""
        return Alphabet(self._typefaces[name])

    def pen(self, dpi: int) -> Pen:
        """Return the pen that draws at a resolution."""
        return Pen(self._typefaces, dpi)

    def of(self, faces: Iterable[str]) -> tuple[Typeface, ...]:
        """Return the fonts behind a page's faces, each once; faces as a page description names them."""
        names = dict.fromkeys(Face.parse(face).name for face in faces)
        return tuple(self._typefaces[name] for name in names if name in self._typefaces)
