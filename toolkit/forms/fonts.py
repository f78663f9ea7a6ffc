"""Which font a face of a Word file is set in, what its characters fall back to, and which font files that takes.

The catalogue is read from ``fonts/fonts.toml``; the fonts themselves are opened only when someone asks what characters
they have. An office's own folder of licensed fonts may be laid over it: a face that one of those files is named for is
set in that file.
"""

from __future__ import annotations

import hashlib
import struct
import sys
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from toolkit.errors import TypesettingError
from toolkit.messages import Message

BOLD = 600
"""From this weight on (OS/2 usWeightClass, semi-bold) a file is what a bold run is set in."""

_FONT_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_LARGEST_FILE = 100_000_000  # bytes; the largest Chinese collections have some 40 MB
_FAMILY_NAMES = (1, 4, 16)  # OpenType name table: family, full name, typographic family
_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}  # controls, joiners, direction marks: engines set them without a glyph


@dataclass(frozen=True)
class FontFile:
    """One font in one file; ``index`` counts within a collection (.ttc), ``sha256`` is the whole file's, in hex.

    ``role`` is song, fangsong, hei, kai, latin, uyghur or superscripts, or office for a file of the office's own;
    ``weight`` is OS/2 usWeightClass (400 regular, 700 bold).
    """

    family: str
    role: str
    weight: int
    italic: bool
    path: Path
    sha256: str
    index: int = 0

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the file."""
        return bytes.fromhex(self.sha256)

    def read(self) -> bytes:
        """Return the file's bytes.

        Raises:
            TypesettingError: when it cannot be read or is not the file that the catalogue names.
        """
        data = _read(self.path)
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise TypesettingError(
                Message("the font file {path} was changed since it was listed: install it again", path=self.path)
            )
        return data

    @cached_property
    def postscript_name(self) -> str:
        """The name that a PDF knows the font by (OpenType, name 6)."""
        with _opened(self.path) as fonts:
            return str(fonts[self.index]["name"].getDebugName(6) or "")

    @cached_property
    def characters(self) -> frozenset[int]:
        """The code points that the font has a glyph for."""
        return _characters(self.path, self.index)


@dataclass(frozen=True, slots=True)
class Face:
    """What a face named in a Word file is set in.

    ``families`` holds its own family and then those that its missing characters are looked for in; ``bold`` says that
    the face is heavy by itself (小标宋), whatever the run says; ``known`` that the catalogue names it.
    """

    name: str
    families: tuple[str, ...]
    bold: bool
    known: bool

    @property
    def family(self) -> str:
        """The family that the face is set in."""
        return self.families[0]


@dataclass(frozen=True)
class Alias:
    """A face's name as Word writes it, the family it is set in, and whether always in bold."""

    face: str
    family: str
    bold: bool


@dataclass(frozen=True)
class FontCatalogue:
    """The fonts there are, and which faces are set in them. ``folders`` are where the files lie, the office's first."""

    folders: tuple[Path, ...]
    files: tuple[FontFile, ...]
    aliases: tuple[Alias, ...]
    fallback: tuple[str, ...]
    default: str
    _by_face: Mapping[str, Alias] = field(repr=False)

    @classmethod
    def load(cls, folder: Path, office_folder: Path | None = None) -> FontCatalogue:
        """Read the catalogue of a folder, and lay the office's own fonts over it.

        Raises:
            TypesettingError: when ``fonts.toml`` or a file that it lists is missing or wrong, or the office's folder is
                missing or holds a font file that cannot be read.
        """
        listed = folder / "fonts.toml"
        try:
            data = tomllib.loads(_read(listed).decode("utf-8"))
            files = tuple(_listed_file(folder, entry) for entry in data["font"])
            aliases = tuple(
                Alias(face, entry["family"], bool(entry.get("bold", False)))
                for entry in data["alias"]
                for face in entry["faces"]
            )
            fallback, default = tuple(data["fallback"]), data["default"]
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
            raise TypesettingError(
                Message("the list of fonts {path} is damaged ({reason})", path=listed, reason=error)
            ) from error
        families = {file.family for file in files}
        for family in (default, *fallback, *(alias.family for alias in aliases)):
            if family not in families:
                raise TypesettingError(
                    Message("{path} names the family {family}, but lists no file of it", path=listed, family=family)
                )
        by_face = {_key(alias.face): alias for alias in aliases}
        by_face.update((_key(family), Alias(family, family, False)) for family in families)
        folders: tuple[Path, ...] = (folder,)
        if office_folder is not None:
            own = tuple(_office_files(office_folder))
            files = (*(file for file, _ in own), *files)
            by_face.update((_key(name), Alias(name, file.family, False)) for file, names in own for name in names)
            folders = (office_folder, folder)
        return cls(folders, files, tuple(by_face.values()), fallback, default, by_face)

    def face(self, name: str) -> Face:
        """Return what the face of that name is set in; faces that nobody named are set in the default family."""
        alias = self._by_face.get(_key(name))
        family = alias.family if alias else self.default
        families = (family, *(other for other in self.fallback if other != family))
        return Face(name, families, bool(alias and alias.bold), alias is not None)

    def file(self, family: str, *, bold: bool = False, italic: bool = False) -> FontFile:
        """Return the file of a family that comes nearest to a style, as engines choose it: slope first, then weight.

        Raises:
            KeyError: when there is no such family.
        """
        weight = 700 if bold else 400
        ranked = sorted(
            (file for file in self.files if file.family == family),
            key=lambda file: (file.italic != italic, abs(file.weight - weight)),
        )
        if not ranked:
            raise KeyError(family)
        return ranked[0]

    def missing(self, text: str, face: str | None = None) -> tuple[str, ...]:
        """Return the characters of a text that no font of a face's families has, each once, in order.

        Without a face, all fonts are looked in. Blanks, controls and joiners need no glyph.
        """
        wanted = dict.fromkeys(
            character
            for character in text
            if unicodedata.category(character) not in _UNSEEN and not _is_variation_selector(character)
        )
        families = None if face is None else self.face(face).families
        for file in self._in_order(families):
            if not wanted:
                break
            wanted = {character: None for character in wanted if ord(character) not in file.characters}
        return tuple(wanted)

    def _in_order(self, families: tuple[str, ...] | None) -> Iterator[FontFile]:
        """Yield the files of the families in order; without families all files, those of the fallback first."""
        for family in families or (*self.fallback, *sorted({file.family for file in self.files} - {*self.fallback})):
            yield from (file for file in self.files if file.family == family)


def _key(face: str) -> str:
    """Return what two spellings of one face have in common; a leading @ asks for the face turned for vertical text."""
    return unicodedata.normalize("NFC", face).strip().removeprefix("@").casefold()


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise TypesettingError(Message("the font file {path} is too large to be a font", path=path))
        return path.read_bytes()
    except OSError as error:
        raise TypesettingError(
            Message("the font file {path} cannot be read ({reason})", path=path, reason=error.strerror)
        ) from error


def _listed_file(folder: Path, entry: Mapping[str, Any]) -> FontFile:
    path = folder / entry["file"]
    if not path.is_file():
        raise TypesettingError(Message("the font file {path} is missing: install Truecopy again", path=path))
    return FontFile(entry["family"], entry["role"], entry["weight"], entry["italic"], path, entry["sha256"])


def _office_files(folder: Path) -> Iterator[tuple[FontFile, frozenset[str]]]:
    """Yield every font of an office's folder and all names that it goes by, in all languages."""
    if not folder.is_dir():
        raise TypesettingError(
            Message("the office's font folder {path} does not exist: correct it in the settings", path=folder)
        )
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _FONT_SUFFIXES:
            continue
        sha256 = hashlib.sha256(_read(path)).hexdigest()
        with _opened(path) as fonts:
            for index, font in enumerate(fonts):
                records = [record for record in font["name"].names if record.nameID in _FAMILY_NAMES]
                names = [(record.nameID, record.toUnicode().strip()) for record in records]
                # Typst goes by the first family name in the table, whatever its language.
                family = next(name for number, name in names if number == 1 and name)
                weight, italic = int(font["OS/2"].usWeightClass), bool(font["OS/2"].fsSelection & 1)
                file = FontFile(family, "office", weight, italic, path, sha256, index)
                yield file, frozenset(name for _, name in names if name)


@contextmanager
def _opened(path: Path) -> Iterator[list[Any]]:
    """Open the fonts of a file without reading their tables; damage found meanwhile is told with the file's name."""
    from fontTools.ttLib import TTCollection, TTFont  # 50 ms, needed for office fonts and coverage only

    try:
        with path.open("rb") as file:
            if path.suffix.lower() in {".ttc", ".otc"}:
                yield list(TTCollection(file, lazy=True).fonts)
            else:
                yield [TTFont(file, lazy=True)]
    except Exception as error:  # fontTools raises what it likes on a damaged file
        raise _unreadable(path) from error


def _unreadable(path: Path) -> TypesettingError:
    return TypesettingError(Message("{path} is not a font file, or is damaged: take it out of the folder", path=path))


def _characters(path: Path, index: int) -> frozenset[int]:
    """Return the code points of a font's character map.

    fontTools takes 250 ms for one of 30,000 characters, since it names every glyph. Groups of format 12 (OpenType,
    cmap) are therefore read here: 7 ms. Fonts without that format are small, or the office's own.
    """
    with _opened(path) as fonts:
        table = fonts[index].reader["cmap"]
        (count,) = struct.unpack_from(">H", table, 2)
        for platform, _, offset in struct.iter_unpack(">HHI", table[4 : 4 + 8 * count]):
            (number,) = struct.unpack_from(">H", table, offset)
            if platform in (0, 3) and number == 12:
                (length,) = struct.unpack_from(">I", table, offset + 4)
                groups = struct.iter_unpack(">III", table[offset + 16 : offset + length])
                return frozenset(
                    code for first, last, _ in groups for code in range(first, min(last, sys.maxunicode) + 1)
                )
        return frozenset(fonts[index].getBestCmap() or ())
