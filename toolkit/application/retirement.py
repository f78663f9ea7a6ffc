"""The statutory retirement age since 1 January 2025, by category and month of birth.

Source: 全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定 of 13 September 2024
(https://www.gov.cn/yaowen/liebiao/202409/content_6974294.htm), with 国务院关于渐进式延迟法定退休年龄的办法 and its
tables: from 60 to 63 (men) and from 55 to 58 one month later for every four months of birth, from 50 to 55 one month
later for every two. The first to be affected are those who would have retired in January 2025.

Women who hold a senior professional title retired at 60 before (组通字〔2015〕14号); the tables do not name them, and
their age is taken to rise from 60 as that of men does. The rule that uses it is one in principle: an office may accept.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Category:
    """How the retirement age of one category rises.

    Attributes:
        name: as applicants choose it.
        years: the age before 2025, in full years.
        every: months of birth for each further month of work.
        longest: months that are added at most.
    """

    name: str
    years: int
    every: int
    longest: int

    def months(self, birth: date) -> int:
        """Return the retirement age of who was born that day, in months."""
        first = (2025 - self.years) * 12  # born in January of this year, they were the first to be affected
        after = birth.year * 12 + birth.month - 1 - first
        return self.years * 12 + (0 if after < 0 else min(after // self.every + 1, self.longest))

    def reached(self, birth: date) -> date:
        """Return the day on which the retirement age is reached."""
        return add_months(birth, self.months(birth))


MEN = Category("男职工", 60, 4, 36)
WOMEN_60 = Category("女职工（原60周岁）", 60, 4, 36)
WOMEN_55 = Category("女职工（原55周岁）", 55, 4, 36)
WOMEN_50 = Category("女职工（原50周岁）", 50, 2, 60)
CATEGORIES = {category.name: category for category in (MEN, WOMEN_60, WOMEN_55, WOMEN_50)}


def add_months(day: date, months: int) -> date:
    """Return the day that many months later; where the month has no such day, its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_years(birth: date, day: date) -> int:
    """Return the age in full years (周岁) on a day: it rises on the birthday."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
