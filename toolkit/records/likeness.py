"""Which submissions may be alike: an index that shortlists, out of thousands, the few that are worth comparing.

Titles and indicators are cut into pairs of neighbouring characters. Of what is looked for, only the rarest pairs are
asked about: 论文 and 专利 are in nearly every list, and tell nothing. How alike two texts are is for the caller to
measure; the index only says which are worth it. What it missed is counted by benchmarks/similarity.py.

The index is made from the records and can be made from them again, so no digest covers it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from toolkit.records.content import Content
from toolkit.records.tables import content_pairs, contents, pairs

MOST_OF_UNIT = 200
"""Submissions of the same unit and year that are compared whatever they are about, the latest first."""
MOST_BY_TEXT = 40
"""Submissions that are compared because they share most of the rarest pairs."""

_MOST_ASKED = 16
"""Rarest pairs of the title that are asked about, and as many of the indicators."""
_MOST_READ = 1_000
"""Rows of the index that are read for either, a part of a millisecond: pairs of boilerplate are in every submission."""
_BITS = 21  # of a code point


def text_pairs(content: Content) -> tuple[frozenset[int], frozenset[int]]:
    """Return the pairs of characters of title and of indicators, as numbers that the two never share."""
    return _pairs(content.title, 0), _pairs(content.indicators, 1)


def _pairs(text: str, part: int) -> frozenset[int]:
    letters = [ord(one) for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum()]
    return frozenset((part << 2 * _BITS) | (first << _BITS) | second for first, second in pairwise(letters))


def remember(connection: Connection, content: Content) -> None:
    """Put what a submission is about into the index, in the place of what an earlier revision was about."""
    forget(connection, content.serial)
    connection.execute(insert(contents).values(**content._asdict()))
    number = connection.execute(select(contents.c.number).where(contents.c.serial == content.serial)).scalar_one()
    said = frozenset().union(*text_pairs(content))
    if not said:
        return
    known = set(connection.execute(select(pairs.c.pair).where(pairs.c.pair.in_(said))).scalars())
    if known:
        connection.execute(update(pairs).where(pairs.c.pair.in_(known)).values(submissions=pairs.c.submissions + 1))
    if said - known:
        connection.execute(insert(pairs), [{"pair": pair, "submissions": 1} for pair in sorted(said - known)])
    connection.execute(insert(content_pairs), [{"pair": pair, "content": number} for pair in sorted(said)])


def forget(connection: Connection, serial: str) -> None:
    """Take a submission out of the index, if it is in it: it was withdrawn, or is revised."""
    found = connection.execute(select(contents).where(contents.c.serial == serial)).one_or_none()
    if found is None:
        return
    said = frozenset().union(*text_pairs(Content(found.serial, found.unit, found.year, found.title, found.indicators)))
    if said:
        of = and_(content_pairs.c.content == found.number, content_pairs.c.pair.in_(said))
        connection.execute(delete(content_pairs).where(of))
        connection.execute(update(pairs).where(pairs.c.pair.in_(said)).values(submissions=pairs.c.submissions - 1))
    connection.execute(delete(contents).where(contents.c.number == found.number))


def shortlist(connection: Connection, content: Content) -> tuple[Content, ...]:
    """Return what the submissions are about that are worth comparing with, by serial; never that of its own serial."""
    asked: list[int] = []
    for said in text_pairs(content):
        asked += _rarest(connection, said)
    wanted = set(connection.execute(_SHARING, {"asked": asked}).scalars())
    if content.unit:
        wanted.update(connection.execute(_OF_UNIT, {"unit": content.unit, "year": content.year}).scalars())
    listed = connection.execute(_LISTED, {"wanted": sorted(wanted), "serial": content.serial})
    return tuple(Content(*row) for row in listed)


def _rarest(connection: Connection, said: frozenset[int]) -> Iterator[int]:
    """Give the pairs that are in the fewest submissions, as many as can be read; one at least."""
    read = 0
    for pair, submissions in connection.execute(_RARE, {"said": sorted(said)}):
        read += submissions
        if submissions < read and read > _MOST_READ:
            return
        yield pair


# Made once: to build and to compile these takes longer than SQLite takes to answer them.
_RARE = (
    select(pairs.c.pair, pairs.c.submissions)
    .where(pairs.c.pair.in_(bindparam("said", expanding=True)), pairs.c.submissions > 0)
    .order_by(pairs.c.submissions, pairs.c.pair)
    .limit(_MOST_ASKED)
)
_SHARING = (
    select(content_pairs.c.content)
    .where(content_pairs.c.pair.in_(bindparam("asked", expanding=True)))
    .group_by(content_pairs.c.content)
    .order_by(func.count().desc(), content_pairs.c.content.desc())
    .limit(MOST_BY_TEXT)
)
_OF_UNIT = (
    select(contents.c.number)
    .where(contents.c.unit == bindparam("unit"), contents.c.year == bindparam("year"))
    .order_by(contents.c.number.desc())
    .limit(MOST_OF_UNIT)
)
_LISTED = (
    select(*(contents.c[name] for name in Content._fields))
    .where(contents.c.number.in_(bindparam("wanted", expanding=True)), contents.c.serial != bindparam("serial"))
    .order_by(contents.c.serial)
)
