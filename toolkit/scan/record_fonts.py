"""The fonts of a record, and what was drawn with them: one for all pages of a submission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toolkit.scan.alphabet import Alphabet
from toolkit.scan.rendering import Face, Pen

_PENS = 2
"""Resolutions kept: the pages of a pile mostly have one, and each keeps up to 200 MB of what it drew and opened."""


class Fonts:
    """The fonts of a record, and what was drawn with them."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """``files`` has the record's font files by PostScript name."""
        self._files = files
        self._pens: dict[int, Pen] = {}

    def alphabet(self, name: str) -> Alphabet:
        """Return the common characters of the font with a PostScript name."""
        return Alphabet(self._files[name])

    def pen(self, dpi: int) -> Pen:
        """Return the pen that draws at a resolution."""
        pen = self._pens.pop(dpi, None) or Pen(self._files, dpi)
        if len(self._pens) == _PENS:
            del self._pens[next(iter(self._pens))]
        self._pens[dpi] = pen
        pen.forget()
        return pen

    def of(self, faces: Iterable[str]) -> tuple[bytes, ...]:
        """Return the font files behind a page's faces, each once; faces as a page description names them."""
        names = dict.fromkeys(Face.parse(face).name for face in faces)
        return tuple(self._files[name] for name in names if name in self._files)
