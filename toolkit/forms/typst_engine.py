"""The typst compiler as it is used here: source and pictures in, PDF/A and the places of marks out.

Fonts come from the catalogue only. PDF/A-2b makes typst refuse a character that no font has, instead of leaving it out.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import typst

from toolkit.errors import TypesettingError
from toolkit.forms.fonts import FontCatalogue
from toolkit.messages import Message

_MARKS = "query(<truecopy>).map(it => (it.value, it.location().position()))"
_NO_GLYPH = re.compile(r'the text `"(?P<text>.*)"` could not be displayed', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of the source with the place that it came to: page from 1, points from the page's top left corner.

    ``kind`` is ``from`` and ``to`` (corners of a cell), ``row`` (the end of a row) or ``overflow``, whose
    ``heights`` are those of content and box, or ``section`` with those of its header and footer, in points.
    """

    kind: str
    name: str
    page: int
    x: float
    y: float
    heights: tuple[float, ...] = ()


def compiled(
    source: str, pictures: Mapping[str, bytes], fonts: FontCatalogue, created: datetime, *, tagged: bool = True
) -> tuple[bytes, tuple[Mark, ...]]:
    """Return the PDF of a source and its marks.

    Args:
        source: the whole source; it may refer to the pictures by their names.
        pictures: PNG and JPEG files by names of letters, digits and dots.
        fonts: the fonts there are.
        created: the time that the PDF says it was made, time zone included; the rest of it depends on the source only.
        tagged: whether the PDF tells its structure (paragraphs, tables).

    Raises:
        TypesettingError: when a character has no glyph, or typst refuses the source or cannot work.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="truecopy-") as folder:
            root = Path(folder)
            for name, data in pictures.items():
                (root / name).write_bytes(data)
            main = root / "form.typ"
            main.write_text(source, encoding="utf-8", newline="\n")
            compiler = typst.Compiler(str(main), root=str(root), font_paths=_fonts(fonts.folders, _digests(fonts)))
            pdf = compiler.compile(format="pdf", pdf_standards=["a-2b"], pdf_tags=tagged, timestamp=created)
            marks = compiler.eval(_MARKS)
    except typst.TypstError as error:
        raise _explained(str(error.message)) from error
    except (OSError, RuntimeError) as error:
        raise TypesettingError(Message("the typesetter cannot work: {detail}", detail=str(error))) from error
    if not isinstance(pdf, bytes):
        raise TypesettingError(Message("the typesetter cannot work: {detail}", detail=Message("it made no PDF")))
    return pdf, tuple(_mark(value, position) for value, position in json.loads(marks))


@lru_cache(maxsize=4)
def _fonts(folders: tuple[Path, ...], digests: tuple[str, ...]) -> typst.Fonts:
    """Return the fonts of those folders; opening them takes longer than setting a page, and they are only read.

    ``digests`` is part of the key, so that changed files are opened again.
    """
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in folders]
    )


def _digests(fonts: FontCatalogue) -> tuple[str, ...]:
    return tuple(file.sha256 for file in fonts.files)


def _mark(value: list[object], position: Mapping[str, object]) -> Mark:
    kind, name, *heights = value
    return Mark(
        str(kind),
        str(name),
        int(str(position["page"])),
        _points(position["x"]),
        _points(position["y"]),
        tuple(float(str(height)) for height in heights),
    )


def _points(length: object) -> float:
    return float(str(length).removesuffix("pt"))


def _explained(message: str) -> TypesettingError:
    found = _NO_GLYPH.search(message)
    if found is None:
        return TypesettingError(Message("the typesetter refuses the form: {detail}", detail=message))
    text = found["text"].encode("utf-8").decode("unicode_escape") if "\\u" in found["text"] else found["text"]
    return MissingGlyph(text)


class MissingGlyph(TypesettingError):
    """No font has a glyph for some of this text."""

    def __init__(self, text: str) -> None:
        super().__init__(Message("no font has a glyph for “{text}”", text=text[:40]))
        self.text = text
