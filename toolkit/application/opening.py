"""From the bytes of a file to its tree and its programme, with the marking looked at before anything else."""

from __future__ import annotations

from pathlib import Path

from toolkit.application.decoding import decode
from toolkit.application.json_file import read_json
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.secrecy import refuse_classified_rows, refuse_classified_text, refuse_classified_tree
from toolkit.application.tree import LARGEST_FILE, Mapping, Node, Text
from toolkit.application.values import not_among
from toolkit.application.workbook_file import read_workbook, workbook_texts, workbook_tree
from toolkit.application.workbook_package import LARGEST_WORKBOOK
from toolkit.application.yaml_file import read_yaml
from toolkit.errors import InputUnreadable
from toolkit.messages import Message
from toolkit.resources import programme_folders

_ZIP = b"PK\x03\x04"


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, one more than the bound when it passes it.

    Raises:
        InputUnreadable: when it cannot be read.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would wait for ever
            raise InputUnreadable(Message("{source} is not a file", source=str(path)))
        with path.open("rb") as file:
            return file.read(LARGEST_WORKBOOK + 1)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise InputUnreadable(
            Message("{source} cannot be read: {problem}", source=str(path), problem=problem)
        ) from error


def open_file(data: bytes, source: str, home: Path | None) -> tuple[Mapping, Programme | None, Message | None]:
    """Return the tree of a file, and the programme that it names or what is wrong with the name.

    Args:
        data: of the file.
        source: its name, for messages.
        home: the data folder, whose own programmes come before the supplied ones.

    Raises:
        InputUnreadable: when it cannot be read at all.
        ClassifiedRefused: when it is marked other than 公开.
        ProgrammeError: when the programme that it names is faulty.
    """
    is_workbook = data.startswith(_ZIP) and b"xl/workbook.xml" in data
    largest = LARGEST_WORKBOOK if is_workbook else LARGEST_FILE
    if len(data) > largest:
        raise InputUnreadable(
            Message(
                "{source} is larger than {largest} KiB; this is no application", source=source, largest=largest >> 10
            )
        )
    if not is_workbook:
        root = _tree(decode(data, source), source)
        return root, *_programme(root, home)
    sheets = read_workbook(data, source)
    refuse_classified_rows(workbook_texts(sheets))
    programme, unknown = _programme(workbook_tree(sheets, outline(None)), home)
    return workbook_tree(sheets, outline(programme)), programme, unknown


def _tree(text: str, source: str) -> Mapping:
    suffix = source.lower().rpartition(".")[2]
    is_json = suffix == "json" or (suffix not in ("yaml", "yml") and text.lstrip()[:1] in ("{", "["))
    try:
        root: Node = read_json(text, source) if is_json else read_yaml(text, source)
    except InputUnreadable:
        refuse_classified_text(text)
        raise
    refuse_classified_tree(root, text)
    if not isinstance(root, Mapping):
        refuse_classified_text(text)
        raise InputUnreadable(
            Message(
                "{source} has no fields; an application is written as “title: …”, one field on each line; "
                "“truecopy new” writes a form to fill in",
                source=source,
            )
        )
    return root


def _programme(root: Mapping, home: Path | None) -> tuple[Programme | None, Message | None]:
    """Return the programme that the file names, or what is wrong with the name; neither when it names none."""
    names = [
        pair.value.value.strip()
        for pair in root.pairs
        if pair.key.strip() == "programme" and isinstance(pair.value, Text)
    ]
    if not names or not names[0]:
        return None, None
    folders = programme_folders(home)
    if names[0] not in folders:
        return None, not_among(names[0], list(folders))
    return Programme.load(folders[names[0]]), None
