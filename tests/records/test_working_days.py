"""Working days against what the State Council announced for 2025 (国办发明电〔2024〕12号)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import CalendarUnknown
from toolkit.records.working_days import working_day_after


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2025, 7, 1), 5, date(2025, 7, 8)),  # an ordinary week: Tuesday to Tuesday
        (date(2025, 7, 4), 1, date(2025, 7, 7)),  # over a weekend
        (date(2025, 9, 26), 1, date(2025, 9, 28)),  # a Sunday that is worked
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # eight days off from 1 October
        (date(2025, 9, 30), 5, date(2025, 10, 14)),  # 11 October is a Saturday that is worked
        (date(2025, 1, 24), 1, date(2025, 1, 26)),  # a Sunday that is worked before the Spring Festival
        (date(2025, 1, 27), 1, date(2025, 2, 5)),
        (date(2025, 7, 5), 0, date(2025, 7, 5)),
    ],
)
def test_holidays_and_days_that_are_made_up_for(day: date, count: int, due: date) -> None:
    assert working_day_after(day, count) == due


@given(st.dates(date(2025, 1, 1), date(2025, 11, 30)), st.integers(1, 10), st.integers(1, 10))
def test_days_add_up(day: date, first: int, second: int) -> None:
    assert working_day_after(working_day_after(day, first), second) == working_day_after(day, first + second)
    assert working_day_after(day, first) >= day + timedelta(days=first)


def test_a_year_that_nobody_announced_is_a_clear_error() -> None:
    with pytest.raises(CalendarUnknown, match="holidays of 2190"):
        working_day_after(date(2190, 1, 1), 1)
