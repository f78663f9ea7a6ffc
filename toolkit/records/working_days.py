"""Working days of the Chinese calendar: weekends and holidays as the State Council announces them for every year."""

from __future__ import annotations

from datetime import date, timedelta

from toolkit.errors import CalendarUnknown
from toolkit.messages import Message


def working_day_after(day: date, count: int) -> date:
    """Return the working day that many working days after a day, which itself does not count (民法典, art. 201).

    Raises:
        CalendarUnknown: when the holidays of a year that is reached are not known.
    """
    from chinese_calendar import is_workday

    while count:
        day += timedelta(days=1)
        try:
            count -= is_workday(day)
        except NotImplementedError:
            raise CalendarUnknown(
                Message(
                    "the holidays of {year} are not known here: update the package "
                    "chinesecalendar, which has them from each November on",
                    year=day.year,
                )
            ) from None
    return day
