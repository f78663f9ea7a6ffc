"""What a batch is made of: the applications of a folder, of a file of lines, or of a workbook that lists files.

- A folder: every application below it (.yaml, .yml, .json, .xlsx), by path. Hidden files and those that Excel makes
  while a workbook is open are left alone, and so is everything else, since attachments lie beside applications.
- Lines (.jsonl): each is an application, or says ``application`` (such an object, or the path of a file from the
  folder of the lines) with ``key``, ``revises`` and ``accept`` (reasons by clause).
- A workbook: one that ``new`` wrote is a batch of one. Any other is a list, one application in a row: below a heading
  文件 are paths from the workbook's folder, and 编号, 键, 认可条款 and 理由 may stand beside it.

Lines and rows are read as they are needed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from toolkit.application.decoding import decode
from toolkit.application.json_file import read_json
from toolkit.application.opening import read_file
from toolkit.application.reading import Application, load_application
from toolkit.application.tree import LARGEST_FILE, Listing, Node, Text
from toolkit.application.tree import Mapping as Tree
from toolkit.application.workbook_file import Sheet, read_workbook
from toolkit.application.workbook_layout import FIRST_SHEET
from toolkit.errors import InputUnreadable, UsageError
from toolkit.messages import Message

SUFFIXES = (".yaml", ".yml", ".json", ".xlsx")
"""What an application's file is called."""
_MEMBERS = frozenset({"application", "key", "revises", "accept"})
_HEADINGS = {"文件": "file", "编号": "revises", "键": "key", "认可条款": "clause", "理由": "reason"}
_HEADINGS |= {english: english for english in tuple(_HEADINGS.values())}


@dataclass(frozen=True, slots=True)
class Item:
    """One application of a batch.

    Attributes:
        name: what it is called in the results: its path, or the line or row it is in.
        application: its file, or the bytes of one.
        beside: where the files that it names are looked for, when it is given as bytes.
        key: the caller's key for it; empty when it was given none.
        revises: the serial that it supersedes; empty for a new submission.
        accept: reasons by clause, as for ``issue``.
        problem: why it cannot be read at all.
    """

    name: str
    application: Path | bytes
    beside: Path | None = None
    key: str = ""
    revises: str = ""
    accept: Mapping[str, str] = field(default_factory=dict)
    problem: Message | None = None

    def load(self, home: Path) -> Application:
        """Read the application.

        Raises:
            InputUnreadable, ClassifiedRefused, ProgrammeError: as ``load_application``.
        """
        if self.problem is not None:
            raise InputUnreadable(self.problem)
        return load_application(self.application, home=home, beside=self.beside)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: its name, how many applications it has, and ``items``, which gives them from the first on.

    ``left_alone`` counts the files of a folder that are none.
    """

    name: str
    count: int
    items: Callable[[], Iterator[Item]]
    left_alone: int = 0


def read_batch(source: Path) -> Batch:
    """Return the batch that a folder or file is.

    Raises:
        InputUnreadable: when it is none, or cannot be read.
        UsageError: when it is neither a folder nor of a kind that a batch may have.
    """
    if source.is_dir():
        return _folder(source)
    kind = source.suffix.lower()
    if kind == ".jsonl":
        return _lines(source)
    if kind == ".xlsx":
        return _workbook(source)
    raise UsageError(
        Message("{path} is no batch: name a folder, lines (.jsonl) or a workbook (.xlsx)", path=str(source))
    )


def _folder(folder: Path) -> Batch:
    found: list[str] = []
    others = 0
    for place, below, names in os.walk(folder):  # which follows no links to other folders
        below[:] = [name for name in below if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(SUFFIXES) and not name.startswith((".", "~$")):
                found.append((Path(place) / name).relative_to(folder).as_posix())
            else:
                others += 1
    found.sort()
    return Batch(
        folder.resolve().name or "batch", len(found), lambda: (Item(path, folder / path) for path in found), others
    )


def _lines(source: Path) -> Batch:
    def numbered() -> Iterator[tuple[int, bytes]]:
        with source.open("rb") as file:
            number = 0
            while line := file.readline(LARGEST_FILE + 2):
                number += 1
                whole = line
                while not whole.endswith(b"\n") and (whole := file.readline(LARGEST_FILE)):
                    pass  # the rest of a line that is longer than an application may be
                if line.strip():
                    yield number, line

    def items() -> Iterator[Item]:
        for number, line in numbered():
            yield _line(source, number, line)

    try:
        return Batch(source.stem, sum(1 for _ in numbered()), items)
    except OSError as error:
        raise InputUnreadable(
            Message("{source} cannot be read: {problem}", source=str(source), problem=error.strerror or str(error))
        ) from error


def _line(source: Path, number: int, line: bytes) -> Item:
    name = f"{source.name}:{number}"
    if len(line) > LARGEST_FILE:
        problem = Message(
            "{source} is larger than {largest} KiB; this is no application", source=name, largest=LARGEST_FILE >> 10
        )
        return Item(name, b"", problem=problem)
    try:
        said = read_json(decode(line, name), name)
    except InputUnreadable:
        return Item(name, line, source.parent)  # whose reading says what is wrong, and looks for markings first
    members = {pair.key: pair.value for pair in said.pairs} if isinstance(said, Tree) else {}
    if "application" not in members:
        return Item(name, line, source.parent)
    application, accept = members["application"], members.get("accept")
    said_well = (
        isinstance(said, Tree)
        and len(said.pairs) == len(members)
        and members.keys() <= _MEMBERS
        and all(isinstance(members[key], Text) for key in ("key", "revises") if key in members)
        and (accept is None or (isinstance(accept, Tree) and all(isinstance(one.value, Text) for one in accept.pairs)))
    )
    if not said_well or isinstance(application, Listing):
        problem = Message(
            "{source}: a line is an application, or has application, key, revises and accept (reasons by clause)",
            source=name,
        )
        return Item(name, b"", problem=problem)
    reasons = {one.key: _text(one.value) for one in accept.pairs} if isinstance(accept, Tree) else {}
    of_file = isinstance(application, Text)
    return Item(
        name,
        source.parent / _text(application) if of_file else _json(application).encode("utf-8"),
        None if of_file else source.parent,
        _text(members.get("key")),
        _text(members.get("revises")),
        reasons,
    )


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Text) else ""


def _json(node: Node) -> str:
    """Return a tree as JSON again, with every value as text and every repeated key kept."""
    match node:
        case Tree(pairs=pairs):
            return "{" + ", ".join(f"{json.dumps(pair.key)}: {_json(pair.value)}" for pair in pairs) + "}"
        case Listing(items=items):
            return "[" + ", ".join(_json(item) for item in items) + "]"
        case Text(value=value):
            return json.dumps(value)
    raise AssertionError(node)  # a tree has no other nodes


def _workbook(source: Path) -> Batch:
    sheets = read_workbook(read_file(source), str(source))
    if FIRST_SHEET in sheets:
        return Batch(source.stem, 1, lambda: iter([Item(source.name, source)]))
    for sheet in sheets.values():
        for number, row in sheet.rows.items():
            columns = {_HEADINGS[held.label]: column for column, held in row.items() if held.label in _HEADINGS}
            if "file" in columns:
                listed = [below for below in sheet.rows if below > number]
                return Batch(source.stem, len(listed), partial(_rows, source, sheet, columns, listed))
    raise InputUnreadable(
        Message(
            "{source} is neither an application nor a list of them: a list has the heading 文件, and below it the "
            "files of applications",
            source=str(source),
        )
    )


def _rows(source: Path, sheet: Sheet, columns: Mapping[str, int], listed: list[int]) -> Iterator[Item]:
    for number in listed:
        name = f"{source.name}:{number}"
        said: dict[str, str] = {}
        problem: Message | None = None
        for key, column in columns.items():
            shown = sheet.text(number, column, "text")
            said[key] = shown.value.strip()
            problem = problem or shown.problem
        if problem is None and not said["file"]:
            problem = Message("{source}: the row names no file", source=name)
        clauses, reasons = (
            [part.strip() for part in said.get(key, "").split("\n") if part.strip()] for key in ("clause", "reason")
        )
        if problem is None and len(clauses) != len(reasons):
            problem = Message("{source}: write as many reasons as clauses, each on a line of its own", source=name)
        yield Item(
            name,
            source.parent / said["file"],
            key=said.get("key", ""),
            revises=said.get("revises", ""),
            accept=dict(zip(clauses, reasons, strict=False)),
            problem=problem,
        )
