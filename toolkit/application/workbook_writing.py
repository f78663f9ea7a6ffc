"""The workbook that ``truecopy new`` writes: one sheet for each part of the form, to be filled in with Excel or WPS.

Made from the same outline as the YAML form, so that it cannot say anything else than the reader takes. Every field's
cells have the number format of what they take: text stays text, so that no spreadsheet makes a date of 3-5 or drops the
first digit of a telephone number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from toolkit.application.gathering import Raw
from toolkit.application.model import MOST_ITEMS, PUBLIC, Entry, Kind, Shape
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.values import Unfit, parse_amount, parse_date, parse_whole
from toolkit.application.workbook_layout import (
    CHOICES_SHEET,
    FIELD_HEADINGS,
    FIRST_SHEET,
    GUIDE_SHEET,
    TEXT_HEADING,
    heading,
    sheet_of,
)
from toolkit.application.writing import budget_years

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_FACE = "宋体"
_TITLE = Font(name="黑体", size=15)
_BOLD = Font(name="黑体", size=10.5)
_BODY = Font(name=_FACE, size=10.5)
_SMALL = Font(name=_FACE, size=9, color="666666")
_HEADED = PatternFill("solid", fgColor="DCE6F1")
_LABELLED = PatternFill("solid", fgColor="F2F2F2")
_OPEN = PatternFill("solid", fgColor="FFFDF0")
_LINE = Side(style="thin", color="A6A6A6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TOP = Alignment(vertical="top", wrap_text=True)

_FORMATS: Mapping[Kind, str] = {"text": "@", "date": "yyyy\\-mm\\-dd", "amount": "0.00####", "whole": "0"}
_DIRECT = 3
"""Choices up to this number are told in the note as well; longer lists only drop down."""
_ROWS = {"members": 20}
_FEWEST_ROWS = 10
"""Rows with boxes, to begin with; further ones may be filled in below them."""
_NARROW, _AMOUNT, _WIDE = 11, 19, 26
_LONGEST_PROMPT = 255  # ECMA-376 part 1, 18.3.1.32: the text of a prompt

_GUIDE = """\
1. 每张表填一部分；在浅黄色格内填写，带 * 的必填，其余没有内容的留空，打印时显示“无”。
2. 不改动表名和各栏的名称；可以增减行，不需要的行留空；不要隐藏行、列，不要合并单元格。
3. 日期填 2025-07-01 或 2025年7月1日；是否项选 是 或 否；有下拉箭头的从列表中选。
4. 金额单位为万元，只填数字，如 80.00，最多六位小数。
5. 不用公式：从别的表计算出来的数，复制后用“选择性粘贴—数值”贴入。
6. 证件号、电话、邮编等一律按文本填写（各格已设为文本格式；粘贴时请选“只保留文本”）。
7. 正文每段之间按 Alt+Enter 换行；图片填文件名，图片文件与本表放在同一文件夹。
8. 涉密内容不得写入本表（密级只能是“公开”）。
9. 填好保存后运行 truecopy check 本文件名，按提示的单元格逐项修改。
"""


def new_workbook(programme: Programme, said: Mapping[str, Raw]) -> bytes:
    """Return the form of a programme as a workbook (.xlsx).

    Args:
        programme: whose form it is.
        said: values to fill in, as ``gather`` gives them.
    """
    workbook = Workbook()
    choices = _Choices(workbook)
    form = outline(programme)
    values: dict[str, Raw] = {**said, "programme": programme.name, "secrecy": PUBLIC}
    first = tuple(part for part in form.parts if part.shape is Shape.VALUE)
    _field_sheet(workbook, FIRST_SHEET, first, values, choices)
    for part in form.parts:
        value = values.get(part.key)
        section = value if isinstance(value, dict) else {}
        match part.shape:
            case Shape.VALUE:
                pass
            case Shape.SECTION:
                _field_sheet(workbook, sheet_of(part), part.parts, section, choices)
            case Shape.TEXTS:
                _text_sheet(workbook, part, section, programme)
            case _:
                _list_sheet(workbook, part, value if isinstance(value, list) else [], choices, programme)
    _guide_sheet(workbook, programme)
    choices.close()
    workbook.active = 0
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


class _Choices:
    """The hidden sheet that the drop-down lists look at: a list in a formula could have 255 characters at most."""

    def __init__(self, workbook: Workbook) -> None:
        self._sheet: Worksheet = workbook.create_sheet(CHOICES_SHEET)
        self._workbook = workbook
        self._columns: dict[tuple[str, ...], str] = {}

    def place(self, choices: tuple[str, ...]) -> str:
        """Return the range that has the choices."""
        if choices not in self._columns:
            letter = get_column_letter(len(self._columns) + 1)
            for row, choice in enumerate(choices, 1):
                self._sheet[f"{letter}{row}"] = choice
            self._columns[choices] = f"'{CHOICES_SHEET}'!${letter}$1:${letter}${len(choices)}"
        return self._columns[choices]

    def close(self) -> None:
        """Put the sheet last and hide it."""
        self._workbook.move_sheet(self._sheet, len(self._workbook.worksheets))
        self._sheet.sheet_state = "hidden"


def _field_sheet(
    workbook: Workbook, name: str, parts: tuple[Entry, ...], values: Mapping[str, Raw], choices: _Choices
) -> None:
    sheet = _sheet(workbook, name, widths=(30, 52, 44), landscape=False)
    _head(sheet, 2, FIELD_HEADINGS)
    for row, part in enumerate(parts, 3):
        label, value, note = (_cell(sheet, row, column) for column in (1, 2, 3))
        label.value, note.value = heading(part), _note(part)
        _dress(label, _BODY, _LABELLED, _WRAPPED)
        _dress(note, _SMALL, None, _WRAPPED)
        _open(value, part.kind, _LEFT)
        _fill(value, values.get(part.key), part.kind)
        _validate(sheet, value.coordinate, part, choices)
        sheet.row_dimensions[row].height = 24 if len(_note(part)) <= 26 else 38
    sheet.freeze_panes = "B3"
    sheet.print_title_rows = "1:2"


def _list_sheet(workbook: Workbook, part: Entry, items: Sequence[Raw], choices: _Choices, programme: Programme) -> None:
    columns: list[tuple[Entry, int | None]] = []
    for field in part.parts:
        years = budget_years(programme, items) if field.shape is Shape.BY_YEAR else [None]
        columns += [(field, year) for year in years]
    widths = tuple(_width(field) for field, _ in columns)
    sheet = _sheet(workbook, part.label, widths=widths, landscape=True)
    hints = [part.note] if part.note else []
    hints.append("每行一项；不够时在下面接着填")
    if any(year for _, year in columns):
        hints.append("其他年度在右边增加一列，栏名照写并换成该年度")
    hint = _cell(sheet, 2, 1, "；".join(hints) + "。")
    hint.font = _SMALL
    sheet.row_dimensions[2].height = 16
    _head(sheet, 3, [heading(field, year) for field, year in columns])
    last = 3 + max(_ROWS.get(part.key, _FEWEST_ROWS), len(items) + 3)
    for column, (field, year) in enumerate(columns, 1):
        kind: Kind = "amount" if year else field.kind
        for row in range(4, last + 1):
            _open(_cell(sheet, row, column), kind, _WRAPPED)
        letter = get_column_letter(column)
        _validate(sheet, f"{letter}4:{letter}{3 + MOST_ITEMS}", field, choices, kind)
        for row, item in enumerate(items, 4):
            value = item.get(field.key) if isinstance(item, dict) else None
            if year:
                value = value.get(str(year)) if isinstance(value, dict) else None
            _fill(_cell(sheet, row, column), value, kind)
    for row in range(4, last + 1):
        sheet.row_dimensions[row].height = 30
    sheet.freeze_panes = "B4"
    sheet.print_title_rows = "1:3"


def _text_sheet(workbook: Workbook, part: Entry, texts: Mapping[str, Raw], programme: Programme) -> None:
    fields = part.parts[0].parts if part.parts else ()
    sheet = _sheet(workbook, part.label, widths=(18, 92, 18, 22), landscape=True)
    _cell(sheet, 2, 1, "段与段之间按 Alt+Enter 换行；字数不计空格；每部分最多一张图。").font = _SMALL
    sheet.row_dimensions[2].height = 16
    _head(sheet, 3, [TEXT_HEADING, *(heading(field) for field in fields)])
    longest = {text.key: text.max_characters for text in programme.texts}
    for row, text in enumerate(part.parts, 4):
        title = _cell(sheet, row, 1, heading(text))
        _dress(title, _BODY, _LABELLED, _WRAPPED)
        value = texts.get(text.key)
        said = value if isinstance(value, dict) else {}
        for column, field in enumerate(fields, 2):
            cell = _cell(sheet, row, column)
            _open(cell, "text", _TOP)
            _fill(cell, said.get(field.key), "text")
        _prompt(sheet, f"B{row}", text.label, f"不超过 {longest[text.key]} 字（不计空格）")
        if fields:
            _prompt(sheet, f"C{row}:D{row}", "图片与图题", _note(fields[1]) if len(fields) > 1 else "")
        written = said.get("text")
        lines = written.split("\n") if isinstance(written, str) else []
        # A line of the column holds some 46 characters; no row can be higher than 409 pt (Excel's limits).
        sheet.row_dimensions[row].height = min(409, max(150, 15 * sum(1 + len(line) // 46 for line in lines)))
    sheet.freeze_panes = "B4"
    sheet.print_title_rows = "1:3"


def _guide_sheet(workbook: Workbook, programme: Programme) -> None:
    """Turn the sheet that every new workbook has into the one that opens first."""
    sheet = workbook.worksheets[0]
    sheet.title = GUIDE_SHEET
    _set_up(sheet, (6, 26, 74), landscape=False)
    _title(sheet, f"{programme.title}  申报数据填写表")
    sheet.row_dimensions[1].height = 48
    windows = programme.windows
    zone = programme.zone
    begins, ends = (f"{time.astimezone(zone):%Y-%m-%d %H:%M}" for time in (windows.submit_from, windows.submit_until))
    lines = [programme.programme.notice, f"网上填报时间：{begins} 至 {ends}", "", *_GUIDE.splitlines(), ""]
    for row, line in enumerate(lines, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=3)
        cell = _cell(sheet, row, 1, line)
        cell.font, cell.alignment = _BODY, _WRAPPED
        sheet.row_dimensions[row].height = 34 if len(line) > 50 else 20
    start = len(lines) + 2
    _head(sheet, start, ("序号", "表", "内容"))
    named = [one for one in workbook.worksheets[1:] if one.title != CHOICES_SHEET]
    for number, each in enumerate(named, 1):
        row = start + number
        labels = [str(label).rstrip("*") for label in _labels(each) if label]
        _dress(_cell(sheet, row, 1, number), _BODY, None, _CENTRED)
        for column, text in ((2, each.title), (3, "、".join(labels))):
            _dress(_cell(sheet, row, column, text), _BODY, None, _WRAPPED)
        link = _cell(sheet, row, 2)
        link.hyperlink = f"#'{each.title}'!A1"
        link.font = Font(name=_FACE, size=10.5, color="1F4E79", underline="single")
        sheet.row_dimensions[row].height = 18 * (1 + len("、".join(labels)) // 38)


def _labels(sheet: Worksheet) -> list[object]:
    """Return what names the fields of a sheet."""
    if sheet["A2"].value == FIELD_HEADINGS[0]:
        return [row[0] for row in sheet.iter_rows(min_row=3, max_col=1, values_only=True)]
    if sheet["A3"].value == TEXT_HEADING:
        return [row[0] for row in sheet.iter_rows(min_row=4, max_col=1, values_only=True)]
    return list(next(sheet.iter_rows(min_row=3, max_row=3, values_only=True)))


def _cell(sheet: Worksheet, row: int, column: int, value: str | int | None = None) -> Cell:
    """Return a cell that is no part of a merged one, filled when there is something to fill in."""
    cell = cast("Cell", sheet.cell(row, column))
    if value is not None:
        cell.value = value
    return cell


def _sheet(workbook: Workbook, name: str, *, widths: Sequence[float], landscape: bool) -> Worksheet:
    sheet: Worksheet = workbook.create_sheet(name)
    _set_up(sheet, widths, landscape=landscape)
    _title(sheet, name)
    return sheet


def _set_up(sheet: Worksheet, widths: Sequence[float], *, landscape: bool) -> None:
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    footer: Any = sheet.oddFooter  # always there, though not typed so
    footer.center.text = "&A    第 &P 页 共 &N 页"


def _title(sheet: Worksheet, text: str) -> None:
    sheet["A1"] = text
    sheet["A1"].font = _TITLE
    sheet["A1"].alignment = Alignment(vertical="center", wrap_text=sheet.title == GUIDE_SHEET)
    sheet.row_dimensions[1].height = 30
    if sheet.title == GUIDE_SHEET:
        sheet.merge_cells("A1:C1")


def _head(sheet: Worksheet, row: int, headings: Sequence[str]) -> None:
    for column, text in enumerate(headings, 1):
        _dress(_cell(sheet, row, column, text), _BOLD, _HEADED, _CENTRED)
    sheet.row_dimensions[row].height = 34 if any(len(text) > 8 for text in headings) else 22


def _dress(cell: Cell, font: Font, fill: PatternFill | None, alignment: Alignment) -> None:
    cell.font, cell.alignment, cell.border = font, alignment, _BOX
    if fill is not None:
        cell.fill = fill


def _open(cell: Cell, kind: Kind, alignment: Alignment) -> None:
    _dress(cell, _BODY, _OPEN, alignment)
    cell.number_format = _FORMATS[kind]


def _fill(cell: Cell, value: Raw | None, kind: Kind) -> None:
    """Fill a cell so that it reads back as what was said, which need not be right."""
    if not isinstance(value, str) or not value.strip():
        return
    typed = _typed(value, kind)
    if typed is None:
        cell.number_format = "@"
    cell.value = value if typed is None else typed
    if typed is None:
        cell.data_type = "s"  # also what begins with “=”


def _typed(value: str, kind: Kind) -> date | Decimal | int | None:
    try:
        match kind:
            case "date":
                return parse_date(value)
            case "amount":
                parse_amount(value)
                return Decimal(value.strip())
            case "whole":
                return parse_whole(value, 0, 10**6)
    except Unfit:
        pass
    return None


def _validate(sheet: Worksheet, cells: str, entry: Entry, choices: _Choices, kind: Kind | None = None) -> None:
    """Let cells take what the field takes, with its note beside the cell that is selected."""
    kind = kind or entry.kind
    if entry.choices:
        rule = DataValidation(type="list", formula1=choices.place(entry.choices), allow_blank=True)
        rule.error = "请从列表中选择"
    elif kind == "date":
        rule = DataValidation(type="date", operator="greaterThan", formula1="61", allow_blank=True)
        rule.error = "请填日期，如 2025-07-01"
    elif kind == "amount":
        rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        rule.error = "请填金额（万元），只填数字，如 80.00"
    elif kind == "whole":
        rule = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        rule.error = "请填整数"
    else:
        _prompt(sheet, cells, entry.label, _note(entry))
        return
    rule.errorTitle, rule.showErrorMessage = entry.label[:32], True
    rule.promptTitle, rule.prompt, rule.showInputMessage = entry.label[:32], _note(entry)[:_LONGEST_PROMPT], True
    rule.add(cells)
    sheet.add_data_validation(rule)


def _prompt(sheet: Worksheet, cells: str, title: str, text: str) -> None:
    if not text:
        return
    rule = DataValidation(showInputMessage=True, promptTitle=title[:32], prompt=text[:_LONGEST_PROMPT])
    rule.add(cells)
    sheet.add_data_validation(rule)


def _note(entry: Entry) -> str:
    """Return what a field takes: required, remark, choices or an example."""
    if entry.path in ("programme", "secrecy"):
        return "已填好，不要改动"
    remarks = ["必填"] if entry.required else []
    if entry.note:
        remarks.append(entry.note)
    if len(entry.choices) > _DIRECT:
        remarks.append("从下拉列表中选")
    elif entry.choices:
        remarks.append("可选：" + "、".join(entry.choices))
    elif entry.example:
        remarks.append(f"例：{entry.example}")
    return "；".join(remarks)


def _width(entry: Entry) -> float:
    if entry.kind == "amount" or entry.shape is Shape.BY_YEAR:
        return _AMOUNT
    if entry.kind != "text" or (entry.choices and max(map(len, entry.choices)) <= 2):
        return _NARROW + 2
    return _WIDE if entry.key in _LONG else _NARROW + 5


_LONG = frozenset({"name", "role", "work", "milestone", "unit", "target", "baseline", "file", "kind", "category"})
"""Keys of the columns that hold more than a few words."""
