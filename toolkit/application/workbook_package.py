"""The zip of a workbook, looked through with bounds before a spreadsheet library sees any of it.

Workbooks come from strangers. What is refused: zip bombs, document type declarations (ECMA-376 part 2 forbids them),
macros, cells far outside a form. What is left out: everything but the cells and their formats, so that no picture,
drawing, pivot cache or link to another file is ever parsed or followed.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

from toolkit.errors import InputUnreadable
from toolkit.messages import Message

LARGEST_WORKBOOK = 4 << 20
"""Bytes of a workbook; the full sample as one has some 50,000."""
LARGEST_UNPACKED = 32 << 20
"""Bytes of all its parts together; the full sample has some 400,000."""
MOST_PARTS = 500
MOST_SHEETS = 60
"""The supplied form has 15."""
MOST_ROWS = 2_000
MOST_COLUMNS = 100
"""Where cells may be; a form has at most 200 rows and some 20 columns."""
MOST_ELEMENTS = 400_000
"""XML elements of all parts; the full sample has some 14,000."""
DEEPEST = 50
"""Levels of XML; rich text in a cell has six."""

_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_MACROS = re.compile(r"vbaProject|vbaData|macrosheets/", re.IGNORECASE)
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class Hidden:
    """Rows and columns of a sheet that nobody sees, counted from 1."""

    rows: frozenset[int]
    columns: frozenset[int]


def read_package(data: bytes, source: str) -> tuple[BytesIO, Mapping[str, Hidden]]:
    """Return a package that has nothing but cells and formats, and what is hidden in each sheet, by its name.

    Raises:
        InputUnreadable: when the data is no workbook, passes the bounds, or holds what an application may not hold.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = _unpack(package, source)
        _bound(parts, source)
        hidden = {part: _look_through(parts[part], source) for part in parts if _SHEET.fullmatch(part)}
        names = _sheet_names(parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError) as error:
        raise damaged(source) from error
    except expat.ExpatError as error:
        raise damaged(source) from error
    if len(names) > MOST_SHEETS:
        raise InputUnreadable(
            Message("{source} has more than {most} sheets; this is no application", source=source, most=MOST_SHEETS)
        )
    return _packed(parts), {name: hidden[part] for name, part in names.items() if part in hidden}


def damaged(source: str) -> InputUnreadable:
    """Return the error for what no spreadsheet program would open."""
    return InputUnreadable(
        Message(
            "{source} cannot be read as a workbook; open it in Excel or WPS, save it as .xlsx and try again",
            source=source,
        )
    )


def _unpack(package: zipfile.ZipFile, source: str) -> dict[str, bytes]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise InputUnreadable(
            Message(
                "{source} is larger than {largest} MiB when it is unpacked; delete pictures and other sheets from it",
                source=source,
                largest=LARGEST_UNPACKED >> 20,
            )
        )
    if any(_MACROS.search(entry.filename) for entry in entries):
        raise InputUnreadable(
            Message("{source} holds macros; save it as .xlsx, which has none, and hand in that one", source=source)
        )
    parts: dict[str, bytes] = {}
    for entry in entries:
        if not _KEPT.fullmatch(entry.filename):
            continue
        with package.open(entry) as stream:
            content = stream.read(entry.file_size + 1)  # the directory of a zip bomb understates sizes
        if len(content) != entry.file_size or entry.filename in parts:
            raise damaged(source)
        parts[entry.filename] = content
    return parts


def _bound(parts: Mapping[str, bytes], source: str) -> None:
    """Refuse a document type, and with it every entity; too many elements; elements too deep in each other."""
    elements = depth = 0

    def begin(*_: object) -> None:
        nonlocal elements, depth
        elements, depth = elements + 1, depth + 1
        if elements > MOST_ELEMENTS or depth > DEEPEST:
            raise InputUnreadable(
                Message("{source} has too many cells or formats; copy what is filled in to a new form", source=source)
            )

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise damaged(source)

    for content in parts.values():
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = begin, end
        parser.StartDoctypeDeclHandler = refuse
        parser.Parse(content, True)


def _look_through(sheet: bytes, source: str) -> Hidden:
    """Return what is hidden in a sheet.

    Raises:
        InputUnreadable: when a cell that holds anything lies outside the bounds, or cells are not in order: programs
            disagree on what such a sheet shows.
    """
    rows: set[int] = set()
    columns: set[int] = set()
    row = column = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        match tag.rpartition("}")[2]:
            case "row":
                before, row, column = row, int(attributes.get("r", row + 1)), 0
                if row <= before:
                    raise damaged(source)
                if attributes.get("hidden") in ("1", "true"):
                    rows.add(row)
            case "c":
                address = _ADDRESS.fullmatch(attributes["r"]) if "r" in attributes else None
                if "r" in attributes and address is None:
                    raise damaged(source)
                before, column = column, _column(address[1]) if address else column + 1
                if column <= before or (address and int(address[2]) != row):
                    raise damaged(source)
            case "v" | "is" | "f" if row > MOST_ROWS or column > MOST_COLUMNS:
                raise InputUnreadable(
                    Message(
                        "{source} has something in row {row}, column {column}, where no form reaches; delete all rows "
                        "below and all columns beside the form",
                        source=source,
                        row=row,
                        column=column,
                    )
                )
            case "col" if attributes.get("hidden") in ("1", "true"):
                first, last = int(attributes["min"]), min(int(attributes["max"]), MOST_COLUMNS)
                columns.update(range(first, last + 1))

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.Parse(sheet, True)
    return Hidden(frozenset(rows), frozenset(columns))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _sheet_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part of every sheet by the name on its tab."""
    targets: dict[str, str] = {}
    names: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("}Relationship"):
            target = attributes["Target"]
            targets[attributes["Id"]] = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("}sheet"):
            id_ = next((value for name, value in attributes.items() if name.endswith("}id")), "")
            names[attributes["name"]] = targets.get(id_, "")

    for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = handler
        parser.Parse(parts[part], True)
    return names


def _packed(parts: Mapping[str, bytes]) -> BytesIO:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    packed.seek(0)
    return packed
