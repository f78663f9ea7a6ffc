"""Classified content is not processed at all (notice 五.7): this looks for the marking before anything else is done.

The marking is looked for everywhere and not only where the form has it, since the file may be faulty in any way.
Neither the marking nor the name of the file is repeated, and nothing is logged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from toolkit.application.model import PUBLIC
from toolkit.application.tree import Mapping, Node, Text, walk
from toolkit.errors import ClassifiedRefused
from toolkit.messages import Message

_KEY = r"""["'“”]?(?:secrecy|密[^\S\n]*级)["'“”]?[^\S\n]*[:：=][^\S\n]*([^\n,}\#]*)"""
# Horizontal space only (\s without the line end): an empty value must not reach into the next line.
_LINE = re.compile(r"^[^\S\n]*(?:-[^\S\n]*)?" + _KEY, re.IGNORECASE | re.MULTILINE)
_ANYWHERE = re.compile(r"(?:^|[{,\[-])[^\S\n]*" + _KEY, re.IGNORECASE | re.MULTILINE)
# The three levels of the law on guarding state secrets, art. 10, are markings under whatever key they stand alone.
_LEVEL = re.compile(r"(?:绝密|机密|秘密)\s*(?:★.*)?")
_LEVEL_LINE = re.compile(
    r"""^[^\n:：]{1,60}[:：][^\S\n]*["']?((?:绝密|机密|秘密)[^\S\n]*(?:★[^\n]*)?)["']?,?$""", re.MULTILINE
)
_MARKED_CELL = re.compile(r"(?:secrecy|密\s*级)\s*[*＊]?\s*[:：]?", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_DECORATION = " \t\r\u3000\"'“”‘’"


def refuse_classified_text(text: str) -> None:
    """Refuse a text, which need not be YAML or JSON, if anything in it looks like a marking other than 公开.

    Raises:
        ClassifiedRefused: when there is such a marking.
    """
    for pattern in (_ANYWHERE, _LEVEL_LINE):
        for match in pattern.finditer(text):
            _refuse(match[1])


def refuse_classified_tree(root: Node, text: str) -> None:
    """Refuse a tree with a marking other than 公开 in any mapping, or with a line of ``text`` that gives one.

    Such a line has a full-width colon, or hangs on the value above it. Lines inside block texts and quoted strings are
    left alone: an application may write about secrecy.

    Raises:
        ClassifiedRefused: when there is one.
    """
    inside: set[int] = set()
    for node in walk(root):
        if isinstance(node, Text) and node.block and isinstance(node.at, int):
            inside.update(range(node.at + 1, node.last_line + 1))
        elif isinstance(node, Mapping):
            _refuse_pairs(node)
    for match in _LINE.finditer(text):
        if text.count("\n", 0, match.start(1)) + 1 not in inside:
            _refuse(match[1])


def refuse_classified_rows(rows: Iterable[tuple[str, ...]]) -> None:
    """Refuse a workbook, by the texts of its rows, if any cell looks like a marking other than 公开.

    Raises:
        ClassifiedRefused: when there is one.
    """
    for row in rows:
        for text, beside in zip(row, (*row[1:], ""), strict=True):
            if _LEVEL.fullmatch(_bare(text)):
                _refuse(text)
            if _MARKED_CELL.fullmatch(_bare(text)):
                _refuse(beside)
            for match in _LINE.finditer(text):
                _refuse(match[1])


def _refuse_pairs(mapping: Mapping) -> None:
    for pair in mapping.pairs:
        if re.fullmatch(r"secrecy|密\s*级", _bare(pair.key), re.IGNORECASE):
            for below in walk(pair.value):
                if isinstance(below, Text):
                    _refuse(below.value)
        elif isinstance(pair.value, Text) and _LEVEL.fullmatch(_bare(pair.value.value)):
            _refuse(pair.value.value)


def _refuse(marking: str) -> None:
    bare = _bare(marking)
    if bare and bare != PUBLIC:
        raise ClassifiedRefused(
            Message(
                "this application is not marked 公开 (public), so nothing of it was processed, written or logged; "
                "classified applications are handed to the office in charge directly (notice 五.7). If it is public, "
                "write “secrecy: 公开”"
            )
        )


def _bare(text: str) -> str:
    unescaped = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)
    return unicodedata.normalize("NFC", unescaped).strip(_DECORATION)
