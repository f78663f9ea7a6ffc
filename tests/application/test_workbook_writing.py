"""The workbook to fill in: read back as empty; every field has its label, its format and its drop-down."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from workbooks import cell_of

from toolkit.application.gathering import Raw
from toolkit.application.model import Shape
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.reading import load_application
from toolkit.application.workbook_layout import CHOICES_SHEET, FIRST_SHEET, GUIDE_SHEET, sheet_of
from toolkit.application.workbook_writing import new_workbook
from toolkit.application.writing import new_form
from toolkit.verdict import Reason

XINJIANG = Path(__file__).parents[2] / "templates" / "xinjiang-sco-2025"


@pytest.fixture(scope="module")
def form() -> bytes:
    return new_workbook(Programme.load(XINJIANG), {})


def test_an_empty_workbook_lacks_what_the_empty_text_lacks(form: bytes) -> None:
    of_workbook = load_application(form)
    of_text = load_application(new_form(Programme.load(XINJIANG), {}).encode())
    assert {fault.reason for fault in of_workbook.faults} == {Reason.FIELD_MISSING}
    assert [fault.field for fault in of_workbook.faults] == [fault.field for fault in of_text.faults]
    assert all(fault.cell for fault in of_workbook.faults)


def test_every_part_has_its_sheet_and_every_field_its_label(form: bytes) -> None:
    workbook = load_workbook(BytesIO(form))
    parts = outline(Programme.load(XINJIANG)).parts
    sheets = [sheet_of(part) for part in parts if part.shape is not Shape.VALUE]
    assert workbook.sheetnames == [GUIDE_SHEET, FIRST_SHEET, *sheets, CHOICES_SHEET]
    assert workbook[CHOICES_SHEET].sheet_state == "hidden"
    for part in parts:
        for field in part.parts or (part,):
            year = " 2025" if field.shape is Shape.BY_YEAR else ""
            assert cell_of(form, sheet_of(part), f"{field.label}{'*' if year and field.required else ''}{year}")
    for name in workbook.sheetnames[1:-1]:
        sheet = workbook[name]
        assert sheet.freeze_panes and sheet.print_title_rows and sheet.page_setup.paperSize == 9


def test_choices_drop_down(form: bytes) -> None:
    workbook = load_workbook(BytesIO(form))
    sheet = workbook["项目信息"]
    address = cell_of(form, "项目信息", "指南方向")
    (rule,) = (one for one in sheet.data_validations.dataValidation if address in str(one.sqref))
    first, top, last, bottom = range_boundaries(rule.formula1.rpartition("!")[2].replace("$", ""))
    offered = [row[0].value for row in workbook[CHOICES_SHEET].iter_rows(top, bottom, first, last)]
    assert rule.type == "list" and tuple(offered) == Programme.load(XINJIANG).form.directions


def test_texts_stay_texts_and_prompts_fit(form: bytes) -> None:
    workbook = load_workbook(BytesIO(form))
    for sheet, label in (
        ("项目负责人", "证件号码"),
        ("项目负责人", "联系电话"),
        ("考核指标", "目标值"),
        ("申报单位", "邮政编码"),
    ):
        assert workbook[sheet][cell_of(form, sheet, label)].number_format == "@"
    for sheet in workbook:
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.prompt or "") <= 255 and len(rule.promptTitle or "") <= 32


def test_what_looks_like_a_formula_is_text(programme: Programme, programmes: Path) -> None:
    said: dict[str, Raw] = {"title": "=1+1", "funds": {"requested": "0.000001", "self_raised": "一百"}}
    application = load_application(new_workbook(programme, said), home=programmes.parent)
    assert application.readable.title == "=1+1"
    assert application.readable.funds.requested == 1
    assert "funds.self_raised" in [fault.field for fault in application.faults]
