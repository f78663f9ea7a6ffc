"""Retirement ages against examples that others published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.application.retirement import CATEGORIES, MEN, WOMEN_50, WOMEN_55, Category, add_months, full_years

# Examples of a public coding task on the decision of 13 September 2024 (not ours), and the ends of the official tables.
PUBLISHED = [
    ("1971-04", WOMEN_55, "2026-08", 4),
    ("1965-12", MEN, "2026-03", 3),
    ("1965-01", MEN, "2025-02", 1),
    ("1995-12", WOMEN_50, "2050-12", 60),
    ("1995-12", MEN, "2058-12", 36),
    ("2000-12", WOMEN_55, "2058-12", 36),
    ("2000-12", MEN, "2063-12", 36),
    ("1963-12", MEN, "2023-12", 0),
    ("1963-04", WOMEN_55, "2018-04", 0),
    ("1964-02", MEN, "2024-02", 0),
    ("1964-12", MEN, "2024-12", 0),
    ("1965-04", MEN, "2025-05", 1),
    ("1965-05", MEN, "2025-07", 2),
    ("1976-08", MEN, "2039-07", 35),
    ("1976-09", MEN, "2039-09", 36),
    ("1981-08", WOMEN_55, "2039-07", 35),
    ("1981-09", WOMEN_55, "2039-09", 36),
    ("1975-01", WOMEN_50, "2025-02", 1),
    ("1975-02", WOMEN_50, "2025-03", 1),
    ("1975-03", WOMEN_50, "2025-05", 2),
    ("1984-10", WOMEN_50, "2039-09", 59),
    ("1984-11", WOMEN_50, "2039-11", 60),
]


@pytest.mark.parametrize(("born", "category", "retired", "later"), PUBLISHED)
def test_published_examples(born: str, category: Category, retired: str, later: int) -> None:
    birth = date.fromisoformat(f"{born}-15")
    assert category.months(birth) - 12 * category.years == later
    assert f"{category.reached(birth):%Y-%m-%d}" == f"{retired}-15"


@pytest.mark.parametrize(
    ("name", "first", "age", "group", "oldest"),
    [
        ("男职工", (1965, 1), 60, 4, 63),
        ("女职工（原60周岁）", (1965, 1), 60, 4, 63),
        ("女职工（原55周岁）", (1970, 1), 55, 4, 58),
        ("女职工（原50周岁）", (1975, 1), 50, 2, 55),
    ],
)
def test_the_tables_written_out_month_by_month(
    name: str, first: tuple[int, int], age: int, group: int, oldest: int
) -> None:
    table = {}
    year, month = first
    for later in range(1, 12 * (oldest - age) + 1):  # so many who were born one after the other work one month more
        for _ in range(group):
            table[year, month] = 12 * age + later
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    assert max(table.values()) == 12 * oldest
    for year in range(1940, 2010):
        for month in range(1, 13):
            expected = table.get((year, month), 12 * age if (year, month) < first else 12 * oldest)
            assert CATEGORIES[name].months(date(year, month, 1)) == expected


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(sorted(CATEGORIES)))
def test_who_is_born_later_never_retires_earlier(birth: date, name: str) -> None:
    category = CATEGORIES[name]
    months = category.months(birth)
    assert 12 * category.years <= months <= 12 * category.years + category.longest
    assert 0 <= category.months(add_months(birth, 1)) - months <= 1
    assert category.reached(birth) <= category.reached(birth + timedelta(1))


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 1200))
def test_months_later(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(1)).day == 1)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1960, 7, 1), date(2025, 6, 30), 64),
        (date(1960, 7, 1), date(2025, 7, 1), 65),
        (date(1960, 2, 29), date(2025, 2, 28), 64),
        (date(1960, 2, 29), date(2025, 3, 1), 65),
    ],
)
def test_full_years_rise_on_the_birthday(birth: date, day: date, age: int) -> None:
    assert full_years(birth, day) == age
