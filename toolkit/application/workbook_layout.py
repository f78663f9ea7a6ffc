"""What the sheets of a workbook are called and how they are headed: one place for those who write and who read them."""

from __future__ import annotations

from toolkit.application.model import Entry, Shape

GUIDE_SHEET = "填写说明"
"""Says how to fill the workbook in; nothing of it is read."""
CHOICES_SHEET = "选项"
"""Hidden: what the drop-down lists offer; nothing of it is read."""
FIRST_SHEET = "项目信息"
"""Has the fields that belong to no section: title, category, period."""

FIELD_HEADINGS = ("栏目", "填写内容", "说明")
"""Columns of a sheet that has a field in every row."""
TEXT_HEADING = "部分"
"""Heading of the column with the titles of the sections of text."""
REQUIRED_MARK = "*"


def sheet_of(entry: Entry) -> str:
    """Return the sheet that has a part of the form."""
    return FIRST_SHEET if entry.shape is Shape.VALUE else entry.label


def heading(entry: Entry, year: int | None = None) -> str:
    """Return what stands beside or above a field: its label, marked when it must be filled in; for a column, its year.

    Args:
        entry: the field.
        year: of a column of amounts.
    """
    label = f"{entry.label}{REQUIRED_MARK}" if entry.required else entry.label
    return label if year is None else f"{label} {year}"


def bare(label: str) -> str:
    """Return a heading as it was typed, without white space, the mark and a colon."""
    return label.strip().rstrip("*＊:： ")
