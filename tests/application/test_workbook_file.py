"""Applications in workbooks: the same as in YAML, with the cell of every fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from workbooks import as_workbook, cell_of, changed

from toolkit.application.checks import check
from toolkit.application.reading import Application, load_application
from toolkit.errors import ClassifiedRefused, InputUnreadable
from toolkit.verdict import Finding, Reason

SAMPLES = Path(__file__).parents[2] / "samples"
Read = Callable[[bytes], Application]


@pytest.fixture
def workbook(yaml_text: str, programmes: Path) -> bytes:
    """The application of ``yaml_text`` as a workbook."""
    return as_workbook(yaml_text, programmes.parent)


@pytest.fixture
def read(tmp_path: Path, programmes: Path) -> Read:
    (tmp_path / "proof.pdf").write_bytes(b"%PDF-1.7")

    def read(data: bytes) -> Application:
        path = tmp_path / "application.xlsx"
        path.write_bytes(data)
        return load_application(path, home=programmes.parent)

    return read


def faults(application: Application) -> list[tuple[str, str | None, str | None]]:
    return [(fault.reason.name, fault.field, fault.cell) for fault in application.faults]


@pytest.mark.parametrize("name", ["application", "short"])
def test_the_samples_say_the_same_in_both_formats(name: str, tmp_path: Path) -> None:
    path = SAMPLES / f"{name}.yaml"
    shutil.copytree(SAMPLES / "attachments", tmp_path / "attachments")
    shutil.copy(SAMPLES / "route.png", tmp_path)
    (tmp_path / "application.xlsx").write_bytes(as_workbook(path.read_text("utf-8"), SAMPLES))
    application = load_application(tmp_path / "application.xlsx")
    assert application.faults == ()
    assert application.form == load_application(path).form


SLIPS = [
    ("direction: 清洁能源", "direction: 核能"),
    ("title: 光伏滴灌\n", ""),
    ("end_date: 2027年6月30日", "end_date: 2027-06-31"),
    ("  phone: 0991-0000001", "  phone: 电话"),
    ("share: 10.00", "share: 10.001"),
    ("share: 10.00", 'share: "1,000"'),
    ("    gender: 男", "    gender: 先生"),
    ("requested: 30.00", "requested: 31.00"),
    ("2026: 20}", "2031: 20}"),
    ("file: proof.pdf", "file: ../proof.pdf"),
    ("    第一段。", "    " + "字" * 40),
    ("members:\n  - name: 王喆\n    gender: 男\n    no_misconduct: 是\n", ""),
    ("name: 新疆示例有限公司", "name: =1+1"),
]


@pytest.mark.parametrize("slips", [SLIPS[::3], SLIPS[1::3], SLIPS[2::3]], ids=["some", "others", "the rest"])
def test_both_formats_have_the_same_findings(
    slips: list[tuple[str, str]], yaml_text: str, programmes: Path, read: Read, tmp_path: Path, now: datetime
) -> None:
    for old, new in slips:
        assert old in yaml_text
        yaml_text = yaml_text.replace(old, new, 1)
    (tmp_path / "application.yaml").write_text(yaml_text, encoding="utf-8")

    def told(findings: tuple[Finding, ...]) -> list[tuple[object, ...]]:
        return [(found.reason, found.field, str(found.message), found.clause) for found in findings]

    of_yaml = check(load_application(tmp_path / "application.yaml", home=programmes.parent), now=now)
    of_workbook = check(read(as_workbook(yaml_text, programmes.parent)), now=now)
    assert told(of_workbook.findings) == told(of_yaml.findings)
    assert all(found.line is None and found.cell for found in of_workbook.findings)


@pytest.mark.parametrize(
    ("sheet", "label", "value", "expected"),
    [
        ("项目资金", "自筹资金（万元）", 0.1 + 0.2 + 0.2, None),  # 0.5000000000000001 shows as 0.5
        ("项目资金", "申请专项资金（万元）", "=10+20", "formula"),
        ("项目资金", "申请专项资金（万元）", 30.0000001, "shows 30 but holds 30.0000001"),
        ("项目资金", "申请专项资金（万元）", "30万元", "unit"),
        ("项目信息", "项目开始日期", date(2025, 7, 1), None),
        ("项目信息", "项目开始日期", datetime(2025, 7, 1, 9, 30), "not a whole day"),
        ("项目负责人", "职务", date(2025, 3, 5), "spreadsheets make dates"),
        ("项目负责人", "姓名", True, None),
        ("项目负责人", "证件号码", 110101199003074995, "more than 15 digits"),
        ("项目组成员", "出生日期", "1985.6.1", "write 1985-06-01"),
    ],
)
def test_cells_are_what_the_applicant_sees(
    sheet: str, label: str, value: object, expected: str | None, workbook: bytes, read: Read
) -> None:
    address = cell_of(workbook, sheet, label)

    def fill(book: Workbook) -> None:
        book[sheet][address].value = value
        if isinstance(value, float | int) and sheet == "项目负责人":
            book[sheet][address].number_format = "General"

    found = read(changed(workbook, fill)).faults
    if expected is None:
        assert found == ()
    else:
        assert [fault.cell for fault in found] == [f"{sheet}!{address}"]
        assert expected in str(found[0].message)


def test_a_missing_field_names_the_cell_to_fill_in(workbook: bytes, read: Read) -> None:
    address = cell_of(workbook, "项目信息", "项目名称")

    def clear(book: Workbook) -> None:
        book["项目信息"][address].value = None
        book["项目组成员"]["B4"].value, book["项目组成员"]["A4"].value = "女", None

    assert faults(read(changed(workbook, clear))) == [
        ("FIELD_MISSING", "title", f"项目信息!{address}"),
        ("FIELD_MISSING", "members[1].name", "项目组成员!A4"),
    ]


def test_what_stands_outside_the_form_is_told_and_not_dropped(workbook: bytes, read: Read) -> None:
    def scatter(book: Workbook) -> None:
        book["申报单位"]["F5"] = "备注"
        book["项目组成员"]["M4"] = "备注"
        book["项目组成员"]["A3"].value = "姓 名"
        book.create_sheet("项目组成原").append(["某人"])
        book.create_sheet("Sheet2")

    found = faults(read(changed(workbook, scatter)))
    assert ("FIELD_UNKNOWN", "applicant_unit.F5", "申报单位!F5") in found
    assert ("FIELD_UNKNOWN", "members[1].M4", "项目组成员!M4") in found
    assert ("FIELD_UNKNOWN", "项目组成原", "项目组成原!A1") in found
    assert not any("Sheet2" in str(one) for one in found)


def test_a_misspelt_label_is_guessed_by_what_people_see(workbook: bytes, read: Read) -> None:
    address = cell_of(workbook, "项目负责人", "姓名")

    def rename(book: Workbook) -> None:
        book["项目负责人"][address].offset(0, -1).value = "姓名字"

    (found,) = read(changed(workbook, rename)).faults
    assert found.reason is Reason.FIELD_UNKNOWN and "is “姓名” meant?" in str(found.message)


def test_a_number_of_a_person_in_the_wrong_cell_is_not_repeated(workbook: bytes, read: Read) -> None:
    def misplace(book: Workbook) -> None:
        book["申报单位"]["A20"], book["申报单位"]["B20"] = "13900001111", "13900001111"

    (found,) = read(changed(workbook, misplace)).faults
    assert "139" not in str(found.message) and found.cell == "申报单位!B20"


def test_rows_and_columns_may_move(workbook: bytes, read: Read) -> None:
    def move(book: Workbook) -> None:
        book["项目负责人"].insert_rows(3, 4)
        book["项目组成员"].insert_rows(1, 2)
        book["资金预算"].insert_cols(1)

    assert read(changed(workbook, move)).faults == ()


def test_a_further_year_is_a_further_column(workbook: bytes, read: Read) -> None:
    def add(book: Workbook) -> None:
        sheet = book["资金预算"]
        sheet.cell(3, sheet.max_column + 1).value = "专项资金（万元）2028年"
        sheet.cell(4, sheet.max_column).value = 1.5

    application = read(changed(workbook, add))
    assert application.complete().budget[0].special == {2025: 10_000_000, 2026: 20_000_000, 2028: 1_500_000}


def test_hidden_rows_and_sheets_are_told(workbook: bytes, read: Read) -> None:
    def hide(book: Workbook) -> None:
        book["项目组成员"].row_dimensions[4].hidden = True
        book["考核指标"]["A4"] = "指标"
        book["考核指标"].sheet_state = "hidden"

    found = read(changed(workbook, hide)).faults
    assert ("members[1].name", "indicators[1].name") == tuple(
        fault.field for fault in found if fault.field in ("members[1].name", "indicators[1].name")
    )
    assert all("hidden" in str(fault.message) for fault in found)


def test_headings_that_are_gone_are_asked_for(workbook: bytes, read: Read) -> None:
    found = read(changed(workbook, lambda book: book["项目组成员"].delete_rows(3))).faults
    assert [(fault.field, fault.cell) for fault in found] == [("members", "项目组成员!A1")]
    assert "row of headings" in str(found[0].message)


@pytest.mark.parametrize(
    ("sheet", "cell", "value"),
    [
        ("项目信息", None, "机密"),
        ("项目信息", None, "内部"),
        ("项目正文", "F9", "绝密★30年"),
        ("填写说明", "B40", "密级：秘密"),
        ("选项", "Z3", "秘密"),
    ],
)
def test_a_marking_anywhere_refuses_the_workbook(
    sheet: str, cell: str | None, value: str, workbook: bytes, read: Read
) -> None:
    address = cell or cell_of(workbook, "项目信息", "密级")

    def mark(book: Workbook) -> None:
        book[sheet][address].value = value
        book["项目负责人"]["B3"] = "=1/0"

    with pytest.raises(ClassifiedRefused) as refused:
        read(changed(workbook, mark))
    assert value not in str(refused.value)


def test_a_workbook_that_is_no_form_lacks_everything(tmp_path: Path, read: Read) -> None:
    book = Workbook()
    book.active.append(["a", 1])
    path = tmp_path / "other.xlsx"
    book.save(path)
    application = load_application(path)
    assert {fault.reason for fault in application.faults} == {Reason.FIELD_MISSING, Reason.FIELD_UNKNOWN}


def test_an_old_or_locked_workbook_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "application.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    with pytest.raises(InputUnreadable, match="without a password"):
        load_application(path)
