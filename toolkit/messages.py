"""Messages that a person reads, kept apart from the language they are read in.

A message is an English sentence with named gaps and the values for them. It is translated only where it is shown
(terminal, JSON, HTML), so that one verdict can be printed for an applicant in Chinese and logged in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Translate = Callable[[str], str]
"""The ``gettext`` method of a catalogue: English sentence in, sentence of the reader's language out."""

_OF_PERSONS = re.compile(
    r"(?<![\d.])(?!(?:19|20)\d\d[01]\d[0-3]\d(?!\d))\d{7,}[XxＸｘ]?"  # any long number but a day such as 20250630
    r"|\d(?:[ ()（）-]{0,2}\d){10,}(?:[ -]?[XxＸｘ])?"  # 11 digits or more in groups: 139 0000 0000, (0991) 000-0000
)
"""What may be the number of an identity card or a telephone; days (2025-06-30) and serials (XJKP26-0001) are not."""


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """One sentence for a person: ``Message("line {line} is too long", line=3)``.

    The English text is the key of the translation (gettext's ``msgid``); Babel finds it by the name of this class.
    Values may themselves be messages, or tuples, which become lists as the reader's language writes them. They must
    not hold identity or phone numbers: messages end up in logs.
    """

    text: str
    values: tuple[tuple[str, object], ...]

    def __init__(self, text: str, /, **values: object) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "values", tuple(values.items()))

    def render(self, translate: Translate = str) -> str:
        """Return the sentence in the language of ``translate`` (English when it is left out)."""
        values = {name: _shown(value, translate) for name, value in self.values}
        return translate(self.text).format(**values)

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.render()


def masked(text: str) -> str:
    """Return a text that somebody typed without what may be numbers of identity cards and telephones.

    Full-width digits count. A mark stands for every character, so that it shows that something was there.
    """
    return _OF_PERSONS.sub(lambda match: "＊" * len(match[0]), text)


def _shown(value: object, translate: Translate) -> object:
    if isinstance(value, Message):
        return value.render(translate)
    if isinstance(value, tuple):
        return translate(", ").join(str(_shown(item, translate)) for item in value)
    return value
