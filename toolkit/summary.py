"""The summary of what recommending units recommend (推荐汇总表), as a workbook with a sheet for each of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from toolkit.messages import Message, Translate

if TYPE_CHECKING:
    from collections.abc import Iterable

FEN_PER_WAN = 1_000_000
_HEADINGS = (
    (Message("No."), 6),
    (Message("Serial"), 18),
    (Message("Project"), 44),
    (Message("Category"), 24),
    (Message("Direction"), 28),
    (Message("Applicant unit"), 28),
    (Message("Leader"), 12),
    (Message("Requested (万元)"), 13),
    (Message("Self-raised (万元)"), 17),
    (Message("Period"), 23),
    (Message("Stage"), 12),
)


def summary(submissions: Iterable[Mapping[str, Any]], title: str, translate: Translate = str) -> bytes:
    """Return the workbook.

    Args:
        submissions: each with ``serial``, ``application`` (what its record has of it) and ``stage`` in words.
        title: of every sheet, above its table.
        translate: the reader's language.
    """
    from openpyxl import Workbook

    by_unit: dict[str, list[Mapping[str, Any]]] = {}
    for one in submissions:
        unit = one["application"].get("recommending_unit", {}).get("name", "") or "-"
        by_unit.setdefault(unit, []).append(one)
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, (unit, listed) in enumerate(sorted(by_unit.items()), 1):
        # A sheet's name has at most 31 characters and not these (ECMA-376 part 1, 18.2.19, and what Excel refuses).
        name = f"{number}-" + re.sub(r"[\[\]:*?/\\']", " ", unit)[:25]
        _fill(workbook.create_sheet(name), unit, listed, title, translate)
    if not by_unit:
        _fill(workbook.create_sheet("-"), "-", (), title, translate)
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


def _fill(sheet: Any, unit: str, listed: Sequence[Mapping[str, Any]], title: str, translate: Translate) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.page import PageMargins
    from openpyxl.worksheet.properties import PageSetupProperties

    line = Side(style="thin", color="808080")
    box = Border(left=line, right=line, top=line, bottom=line)
    last = get_column_letter(len(_HEADINGS))
    for row, (text, font) in enumerate(((title, Font(name="黑体", size=16)), (unit, Font(name="宋体", size=11))), 1):
        sheet.merge_cells(f"A{row}:{last}{row}")
        _write(sheet.cell(row, 1), text)
        sheet.cell(row, 1).font = font
        sheet.cell(row, 1).alignment = Alignment(horizontal="center" if row == 1 else "left", vertical="center")
        sheet.row_dimensions[row].height = 34 if row == 1 else 20
    for column, (heading, width) in enumerate(_HEADINGS, 1):
        cell = sheet.cell(3, column, heading.render(translate))
        cell.font, cell.border = Font(name="黑体", size=10), box
        cell.fill = PatternFill("solid", fgColor="DCE6F1")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[3].height = 30
    wrapped = Alignment(vertical="center", wrap_text=True)
    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    amount = Alignment(
        horizontal="right", vertical="center", shrink_to_fit=True
    )  # a number that is too wide would show as ###
    for number, one in enumerate(listed, 1):
        values = _row(number, one)
        for column, value in enumerate(values, 1):
            cell = sheet.cell(3 + number, column)
            _write(cell, value)
            cell.font, cell.border = Font(name="宋体", size=10), box
            cell.alignment = amount if column in (8, 9) else centred if column in (1, 2, 7, 10, 11) else wrapped
            if column in (8, 9):
                cell.number_format = "#,##0.00####"
        sheet.row_dimensions[3 + number].height = 6 + 13 * max(
            2, *(_lines(value, width) for value, (_, width) in zip(values, _HEADINGS, strict=True))
        )
    sheet.freeze_panes = "C4"
    sheet.print_title_rows = "1:3"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "&P / &N"


def _row(number: int, one: Mapping[str, Any]) -> tuple[object, ...]:
    from decimal import Decimal

    said = one["application"]
    funds = said.get("funds", {})
    return (
        number,
        one["serial"],
        said.get("title", ""),
        said.get("category", ""),
        said.get("direction", ""),
        said.get("applicant_unit", {}).get("name", ""),
        said.get("leader", {}).get("name", ""),
        Decimal(funds.get("requested", 0)) / FEN_PER_WAN,
        Decimal(funds.get("self_raised", 0)) / FEN_PER_WAN,
        f"{said.get('start_date', '')} — {said.get('end_date', '')}",
        one["stage"],
    )


def _lines(value: object, width: float) -> int:
    """Return how many lines a value surely fits into: rows of spreadsheets do not grow by themselves."""
    halves = sum(1 if one.isascii() else 2 for one in str(value)) if isinstance(value, str) else 0
    # 10 pt in columns counted in digits of 11 pt; a line may end before it is full, and Cyrillic counts double.
    return 1 + int(halves // (width - 2))


def _write(cell: Any, value: object) -> None:
    """Write a value as it is: a title that begins with “=” is no formula."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
