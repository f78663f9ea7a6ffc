"""How page descriptions are stored: compressed, and covered by the ledger in that form too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

LARGEST_DESCRIPTION = 64 * 1024 * 1024
"""Bytes of one page description, uncompressed: a bound for a damaged store, a full page has some 200 000."""


def stored_form(descriptions: Iterable[bytes]) -> bytes:
    """Return a digest of page descriptions as they are stored, compressed, in the order of document's id and page.

    Compressed data can be changed without changing what they say; with this in the ledger, that is found as well.
    """
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in descriptions)).digest()
