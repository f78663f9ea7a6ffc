"""The summary of recommendations: a sheet for each unit, exact amounts, nothing that a spreadsheet would work out."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from toolkit.summary import summary


def submission(serial: str, unit: str, **said: Any) -> dict[str, Any]:
    application = {"title": "=1+1", "recommending_unit": {"name": unit}, "funds": {"requested": 80_000_001}, **said}
    return {"serial": serial, "application": application, "stage": "recommended"}


def test_every_recommending_unit_has_its_sheet() -> None:
    long_name = "新疆维吾尔自治区" * 6 + "[管委会]:*?/"
    data = summary(
        [
            submission("X-1", "乌鲁木齐市科学技术局"),
            submission("X-2", long_name),
            submission("X-3", "乌鲁木齐市科学技术局"),
        ],
        "汇总表",
    )
    workbook = load_workbook(BytesIO(data))
    assert [len(sheet["B"]) - 3 for sheet in workbook] == [2, 1]
    sheet = workbook.worksheets[0]
    assert [cell.value for cell in sheet["B"][3:]] == ["X-1", "X-3"]
    assert sheet["C4"].value == "=1+1" and sheet["C4"].data_type == "s"
    assert str(sheet["H4"].value) == "80.000001"
    assert workbook.worksheets[1]["A2"].value == long_name


def test_without_submissions_there_is_still_a_workbook() -> None:
    assert load_workbook(BytesIO(summary([], "汇总表"))).worksheets[0]["A1"].value == "汇总表"


def test_rows_are_as_high_as_what_is_in_them() -> None:
    data = summary([submission("X-1", "甲", title="荒漠化防治"), submission("X-2", "甲", title="甲" * 200)], "汇总表")
    sheet = load_workbook(BytesIO(data)).worksheets[0]
    short, long = (sheet.row_dimensions[row].height for row in (4, 5))
    assert short == 32
    assert long >= 13 * 200 / (sheet.column_dimensions["C"].width / 2)  # a sign of 10 pt takes two digits' room
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.print_title_rows) == (
        "landscape",
        1,
        "$1:$3",
    )
