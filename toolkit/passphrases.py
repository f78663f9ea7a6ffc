"""Passphrases that the environment gives, so that nobody is asked."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.errors import KeyUnusable
from toolkit.messages import Message


def given_passphrase(variable: str = "TRUECOPY_PASSPHRASE") -> str | None:
    """Return the passphrase that the environment gives, by itself or in a file; None when it gives none.

    Raises:
        KeyUnusable: the file cannot be read.
    """
    path = os.environ.get(f"{variable}_FILE")
    if path:
        try:
            return Path(path).read_text("utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnusable(
                Message("the passphrase file {path} cannot be read: {why}", path=path, why=error)
            ) from error
    return os.environ.get(variable)
