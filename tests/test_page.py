"""Page descriptions: kept without loss, refused when damaged, and different pages have different digests."""

from __future__ import annotations

import copy
import hashlib
import json
import unicodedata
from dataclasses import fields, replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.page import Glyph, PageDescription, Picture, Rule, Zone

PAGE = PageDescription(
    width=59528,
    height=84189,
    fonts=("SourceHanSerifSC-Regular", "SourceHanSansSC-Bold#FF0000"),
    glyphs=(Glyph("申", 0, 1200, (7200, 7200, 8400, 8400)), Glyph("报", 0, 1200, (8400, 7200, 9600, 8400))),
    rules=(Rule("line", (7200, 9000, 52000, 9050), "000000"),),
    pictures=(Picture((7200, 20000, 30000, 40000), "ab" * 32),),
    zones=(Zone("unit_chop", "chop", (40000, 70000, 52000, 80000)),),
    watermark="上合计划 2025 正式上报版",
)

edges = st.integers(-100_000, 100_000)
boxes = st.tuples(edges, edges, edges, edges)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
)
pages = st.builds(
    PageDescription,
    width=st.integers(1, 200_000),
    height=st.integers(1, 200_000),
    fonts=st.lists(words, max_size=3).map(tuple),
    glyphs=st.lists(st.builds(Glyph, words, st.integers(0, 9), st.integers(1, 9999), boxes), max_size=5).map(tuple),
    rules=st.lists(st.builds(Rule, words, boxes, words), max_size=3).map(tuple),
    pictures=st.lists(st.builds(Picture, boxes, words), max_size=3).map(tuple),
    zones=st.lists(st.builds(Zone, words, words, boxes), max_size=3).map(tuple),
    watermark=words,
)


@settings(deadline=None)
@given(pages)
def test_a_description_is_read_back_as_it_was_written(page: PageDescription) -> None:
    assert PageDescription.from_plain(page.to_plain()) == page
    read = PageDescription.from_plain(json.loads(page.canonical()))
    assert read == page
    assert read.digest == page.digest


@settings(deadline=None)
@given(pages)
def test_the_digest_is_that_of_the_canonical_form(page: PageDescription) -> None:
    plain: Any = page.to_plain()
    assert page.canonical() == rfc8785.dumps(plain)
    assert page.digest == hashlib.sha256(page.canonical()).digest()


@settings(deadline=None)
@given(pages, pages)
def test_two_pages_have_one_digest_only_when_they_are_equal(one: PageDescription, other: PageDescription) -> None:
    assert (one.digest == other.digest) == (one == other)


@pytest.mark.parametrize(
    "changed",
    [
        replace(PAGE, width=59529),
        replace(PAGE, height=84188),
        replace(PAGE, fonts=(PAGE.fonts[0], "SourceHanSansSC-Bold")),
        replace(PAGE, glyphs=PAGE.glyphs[::-1]),
        replace(PAGE, glyphs=(PAGE.glyphs[0]._replace(character="中"), PAGE.glyphs[1])),
        replace(PAGE, glyphs=(PAGE.glyphs[0]._replace(box=(7201, 7200, 8400, 8400)), PAGE.glyphs[1])),
        replace(PAGE, rules=()),
        replace(PAGE, pictures=(PAGE.pictures[0]._replace(digest="cd" * 32),)),
        replace(PAGE, zones=(PAGE.zones[0]._replace(kind="signature"),)),
        replace(PAGE, watermark="草稿"),
    ],
)
def test_whatever_differs_shows_in_the_digest(changed: PageDescription) -> None:
    assert changed.digest != PAGE.digest


def test_the_text_is_in_reading_order() -> None:
    assert PAGE.text == "申报"


@pytest.mark.parametrize("field", [field.name for field in fields(PageDescription)])
def test_a_description_that_lacks_a_part_is_refused(field: str) -> None:
    plain = PAGE.to_plain()
    del plain[field]
    with pytest.raises(ValueError, match="damaged"):
        PageDescription.from_plain(plain)


@pytest.mark.parametrize("part", ["glyphs", "rules", "pictures", "zones"])
@pytest.mark.parametrize("damage", [None, 7, [None], [[]], [["only", "two"]], [list(range(12))]])
def test_a_description_with_a_damaged_row_is_refused(part: str, damage: Any) -> None:
    plain = copy.deepcopy(PAGE.to_plain())
    plain[part] = damage
    with pytest.raises(ValueError, match="damaged"):
        PageDescription.from_plain(plain)


@pytest.mark.parametrize("version", [None, 0, 2, "1"])
def test_a_form_of_another_version_is_refused(version: Any) -> None:
    with pytest.raises(ValueError, match="does not know"):
        PageDescription.from_plain({**PAGE.to_plain(), "format": version})
