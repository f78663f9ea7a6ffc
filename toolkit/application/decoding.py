"""From the bytes of a file to its text: UTF-8, with or without a mark in front, UTF-16 with one, or GBK.

Notepad on a Chinese Windows has saved all of these. GB 18030 maps nearly any bytes to something, so a text read that
way must consist of characters that a person types, or else the file is refused by name.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from toolkit.errors import InputUnreadable
from toolkit.messages import Message

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]"
)  # all but tab, line feed and U+0085, as in YAML 1.2, 5.1
_KNOWN = (
    (b"PK\x03\x04", "Word, Excel, ZIP"),
    (b"\xd0\xcf\x11\xe0", "Word, Excel 97-2003"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)


def decode(data: bytes, source: str) -> str:
    """Return the text of a file, its line ends made one kind.

    Raises:
        InputUnreadable: when the bytes are not text in an encoding that can be told for sure.
    """
    for magic, kind in _KNOWN:
        if data.startswith(magic):
            raise InputUnreadable(
                Message(
                    "{source} is a {kind} file; an application is a workbook (.xlsx) without a password, or a text "
                    "file in YAML or JSON, made by “truecopy new”",
                    source=source,
                    kind=kind,
                )
            )
    text = _text(data)
    if text is None:
        raise InputUnreadable(
            Message(
                "{source} is not a text file in UTF-8; open it in an editor and save it with the encoding UTF-8",
                source=source,
            )
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := _CONTROL.search(text):
        raise InputUnreadable(
            Message(
                "{source}, line {line}: there is a control character ({code}); delete it",
                source=source,
                line=text.count("\n", 0, control.start()) + 1,
                code=f"U+{ord(control[0]):04X}",
            )
        )
    return text


def _text(data: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    text = _decoded(data, "utf-8")
    if text is not None:
        return text
    text = _decoded(data, "gb18030")
    if text is None or not all(_is_typed(character) for character in text if not character.isascii()):
        return None
    return text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _is_typed(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cn", "Co", "Cs")
