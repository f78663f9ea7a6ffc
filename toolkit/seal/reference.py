"""The reference: what a person reads beside a symbol, and types when the symbol is destroyed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

from toolkit.errors import UsageError
from toolkit.messages import Message

_FORM = re.compile(
    r"(?P<serial>[A-Z0-9-]{1,20})-R(?P<revision>[1-9]\d{0,4})/(?P<document>[A-Z]{1,4})"
    r"/(?P<copy>[1-9]\d{0,2})/(?P<page>[1-9]\d{0,4})-(?P<check>[A-Z0-9])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One side of one copy: ``XJSCO25-00001-r1/P/1/3-K``, the last character checking the others."""

    serial: str
    revision: int
    document: str
    copy: int
    page: int

    def __str__(self) -> str:
        """Return the reference as it is printed."""
        body = f"{self.serial}-r{self.revision}/{self.document}/{self.copy}/{self.page}"
        return f"{body}-{_check_character(body)}"

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Return the reference that a person typed; small letters, spaces and full-width characters do no harm.

        Raises:
            UsageError: when it has another form, or its check character does not fit.
        """
        # Unlike amounts, a reference has no two characters that NFKC could confuse, and input methods type full-width.
        typed = "".join(unicodedata.normalize("NFKC", text[:64]).upper().split())
        parts = _FORM.fullmatch(typed)
        if parts is None or len(text) > 64:
            raise UsageError(
                Message(
                    "“{text}” is no reference: type what stands below the symbol, such as XJSCO25-00001-r1/P/1/3-6",
                    text=text[:64],
                )
            )
        if _check_character(typed[:-2]) != parts["check"]:
            raise UsageError(
                Message("the reference “{text}” has a slip in it: its check character does not fit", text=text)
            )
        return cls(parts["serial"], int(parts["revision"]), parts["document"], int(parts["copy"]), int(parts["page"]))


def _check_character(body: str) -> str:
    """Return the ISO/IEC 7064 MOD 37,36 check character over the letters and digits."""
    return str(mod_37_36.calc_check_digit("".join(filter(str.isalnum, body.upper()))))
