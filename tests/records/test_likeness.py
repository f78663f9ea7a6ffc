"""The index of what submissions are about: it finds what is alike among others, and follows their lives."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import an_issue
from an_issue import NOW
from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql

from toolkit.records import likeness
from toolkit.records.content import Content
from toolkit.records.likeness import MOST_BY_TEXT, MOST_OF_UNIT, forget, remember, text_pairs
from toolkit.records.store import Store
from toolkit.records.tables import content_pairs, contents, pairs, serials, series

OWN = Content("", "", 0, "联合研究", "")


def alike(store: Store, own: Content = OWN) -> list[str]:
    return [one.serial for one in store.alike(own)]


def enter(store: Store, listed: list[Content]) -> None:
    """Put contents into the index that nothing was issued for."""
    with store._database.writing() as connection:
        connection.execute(insert(series).values(name="s", last_number=len(listed)))
        rows = [{"serial": one.serial, "series": "s", "number": number} for number, one in enumerate(listed, 1)]
        connection.execute(insert(serials), rows)
        for one in listed:
            remember(connection, one)


def test_pairs_are_of_letters_and_digits_alone_and_title_and_indicators_share_none() -> None:
    title, indicators = text_pairs(Content("", "", 0, "水 盐、Ａb", "水盐Ab"))
    assert len(title) == len(indicators) == 3
    assert not title & indicators
    assert text_pairs(Content("", "", 0, "水盐aＢ", ""))[0] == title


def test_a_submission_is_found_from_its_issue_to_its_withdrawal(store: Store) -> None:
    assert alike(store) == []
    first = an_issue.issue(store)
    an_issue.issue(store)
    an_issue.issue(store, revises=first.serial)
    assert alike(store) == ["XJSCO25-00001", "XJSCO25-00002"]
    assert alike(store, OWN._replace(serial=first.serial)) == ["XJSCO25-00002"]
    store.enter(first.serial, "withdrawn", at=NOW, who="某处", detail={}, now=NOW)
    assert alike(store) == ["XJSCO25-00002"]


def test_a_revision_is_found_by_what_it_says_now(store: Store) -> None:
    first = an_issue.issue(store)
    again = store.reserve(
        an_issue.SERIES, an_issue.serial_of, request=an_issue.request("b"), revises=first.serial, now=NOW
    )
    an_issue.keep(store, again, title="冰川融水监测")
    assert alike(store) == []
    assert [one.title for one in store.alike(OWN._replace(title="天山冰川融水"))] == ["冰川融水监测"]


def test_nothing_of_a_submission_stays_when_it_is_forgotten(store: Store) -> None:
    enter(store, [Content("A-1", "甲", 2025, "联合研究", "专利 件 4"), Content("A-2", "甲", 2025, "联合体", "")])
    with store._database.writing() as connection:
        forget(connection, "A-1")
        forget(connection, "A-1")
    with store._database.reading() as connection:
        assert connection.execute(select(contents.c.serial)).scalars().all() == ["A-2"]
        assert connection.execute(select(func.count()).select_from(content_pairs)).scalar_one() == 2
        assert connection.execute(select(func.sum(pairs.c.submissions))).scalar_one() == 2


def test_copies_are_found_among_hundreds_that_share_their_boilerplate(store: Store) -> None:
    chance = random.Random(1)
    words = [chr(0x4E00 + number) for number in chance.sample(range(3000), 600)]
    listed = [
        Content(
            f"A-{number}",
            f"单位{number % 7}",
            2025,
            "关键技术研究" + "".join(chance.sample(words, 8)),
            "申请发明专利；发表论文",
        )
        for number in range(600)
    ]
    enter(store, listed)
    for copied in chance.sample(listed, 50):
        letters = list(copied.title)
        letters[-1] = "甲"
        found = store.alike(Content("", "别的单位", 2025, "".join(letters[2:] + letters[:2]), copied.indicators))
        assert copied in found
        assert len(found) <= MOST_BY_TEXT


def test_all_of_the_unit_and_year_are_found_whatever_they_say(store: Store) -> None:
    listed = [Content(f"A-{n:03}", "甲", 2025, chr(0x4E00 + n) * 2, "") for n in range(MOST_OF_UNIT + 3)]
    other_year = Content("B-1", "甲", 2024, "别的", "")
    enter(store, [*listed, other_year])
    found = store.alike(Content("", "甲", 2025, "全不相同", ""))
    assert list(found) == listed[3:]  # the latest


def test_a_store_made_before_the_index_is_brought_forward(path: Path, sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        gone, kept = an_issue.issue(store), an_issue.issue(store)
        store.enter(gone.serial, "withdrawn", at=NOW, who="某处", detail={}, now=NOW)
        an_issue.issue(store, revises=kept.serial)
        with store._database.reading() as connection:
            before = [connection.execute(select(table)).all() for table in (pairs, content_pairs)]
    with closing(sqlite3.connect(path)) as database, database:
        for table in ("content_pairs", "pairs", "contents", "ledger_nodes", "ledger_heads"):
            database.execute(f"DROP TABLE {table}")
        database.execute("ALTER TABLE files DROP COLUMN outside")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
        # A damaged record is told when it is read; it must not keep the store from opening.
        database.execute("UPDATE records SET canonical = x'00' WHERE serial = ?", (gone.serial,))
    with Store.open(sqlite_url) as store:
        assert alike(store) == [kept.serial]
        with store._database.reading() as connection:
            found = [connection.execute(select(table)).all() for table in (pairs, content_pairs)]
    assert [row.pair for row in found[0]] == [row.pair for row in before[0] if row.submissions]
    assert [row.pair for row in found[1]] == [row.pair for row in before[1]]


def test_the_questions_can_be_put_to_postgresql() -> None:
    for question in (likeness._RARE, likeness._SHARING, likeness._OF_UNIT, likeness._LISTED):
        assert "SELECT" in str(question.compile(dialect=postgresql.dialect()))
