"""Which known word a misspelt one stands for."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_WORD = 80
"""Characters of a word that is compared; the comparison takes the square of it."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most like the given one, or None when none is like it."""
    if len(word) > LONGEST_WORD:
        return None
    from difflib import get_close_matches  # only when something is wrong: a good file does not wait for it

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.7)), None)
