"""Workbooks (.xlsx) that people fill in: every part of the form is a sheet, found by the labels that people see.

Rows and columns may be moved, inserted and left empty; what stands where the form has nothing is told and not dropped.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.application.model import Entry, Kind, Shape
from toolkit.application.tree import MOST_NODES, Cell, Listing, Mapping, Pair, Text
from toolkit.application.workbook_cells import as_seen
from toolkit.application.workbook_layout import (
    CHOICES_SHEET,
    FIELD_HEADINGS,
    FIRST_SHEET,
    GUIDE_SHEET,
    bare,
    sheet_of,
)
from toolkit.application.workbook_package import MOST_COLUMNS, MOST_ROWS, Hidden, damaged, read_package
from toolkit.errors import InputUnreadable
from toolkit.messages import Message

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_NUMBER = re.compile("[0-9]{5}")  # of an identity card or a telephone, which no message repeats
_YEAR = re.compile(r"(.+?)[*＊]?\s*([0-9]{4})\s*年?")


@dataclass(frozen=True, slots=True)
class Held:
    """What a cell holds, with what it takes to tell how it is shown."""

    value: object
    number_format: str
    data_type: str
    at: Cell
    hidden: bool

    @property
    def label(self) -> str:
        """The text of a cell that names something."""
        return bare(self.value) if isinstance(self.value, str) else ""

    def text(self, kind: Kind) -> Text:
        """Return what the cell shows for a field of that kind."""
        if self.hidden:
            problem = Message("its row or column is hidden, so nobody sees what it holds; show it, or delete it")
            return Text("", self.at, problem=problem)
        seen = as_seen(self.value, self.number_format, self.data_type, kind)
        return Text("", self.at, problem=seen) if isinstance(seen, Message) else Text(seen, self.at, block=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet that hold something, by row and column counted from 1."""

    name: str
    rows: AnyMapping[int, AnyMapping[int, Held]]

    def at(self, row: int, column: int) -> Cell:
        """Return the address of a cell, which may be empty."""
        from openpyxl.utils import get_column_letter

        return Cell(self.name, f"{get_column_letter(column)}{row}")

    def text(self, row: int, column: int, kind: Kind) -> Text:
        """Return what a cell shows; nothing when it is empty."""
        held = self.rows.get(row, {}).get(column)
        return held.text(kind) if held else Text("", self.at(row, column))


Sheets = AnyMapping[str, Sheet]


def read_workbook(data: bytes, source: str) -> Sheets:
    """Return the sheets of a workbook, in its order.

    Raises:
        InputUnreadable: when it is none, passes the bounds, or has macros.
    """
    from openpyxl import load_workbook  # only for a workbook

    package, hidden = read_package(data, source)
    sheets: dict[str, Sheet] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of parts of the format that it leaves out
            workbook = load_workbook(package, read_only=True, keep_links=False)
            for worksheet in workbook.worksheets:
                sheets[worksheet.title] = _sheet(worksheet, hidden.get(worksheet.title))
    except InputUnreadable:
        raise
    except Exception as error:  # openpyxl raises many kinds for a package that no spreadsheet program wrote
        raise damaged(source) from error
    if sum(len(row) for sheet in sheets.values() for row in sheet.rows.values()) > MOST_NODES:
        raise InputUnreadable(
            Message("{source} has more than {most} values; this is no application", source=source, most=MOST_NODES)
        )
    return sheets


def workbook_texts(sheets: Sheets) -> Iterator[tuple[str, ...]]:
    """Give the texts of every row of every sheet, hidden ones too, from left to right: where a marking may stand."""
    for sheet in sheets.values():
        yield (sheet.name,)
        for row in sheet.rows.values():
            yield tuple(str(row[column].value) if column in row else "" for column in range(1, max(row) + 1))


def workbook_tree(sheets: Sheets, form: Entry) -> Mapping:
    """Return what a workbook says as the tree of a form.

    Args:
        sheets: of the workbook.
        form: the outline of the programme's form, or of any form to find out which programme it is.
    """
    pairs: list[Pair] = []
    first = tuple(part for part in form.parts if part.shape is Shape.VALUE)
    if FIRST_SHEET in sheets:
        pairs += _fields(sheets[FIRST_SHEET], first)
    for part in form.parts:
        sheet = sheets.get(sheet_of(part))
        if part.shape is Shape.VALUE or sheet is None:
            continue
        start = Cell(sheet.name, "A1")
        match part.shape:
            case Shape.SECTION:
                pairs.append(Pair(part.key, Mapping(_fields(sheet, part.parts), start), start))
            case Shape.TEXTS:
                pairs.append(Pair(part.key, _texts(sheet, part), start))
            case _:
                pairs.append(_list(sheet, part))
    known = {GUIDE_SHEET, CHOICES_SHEET, *(sheet_of(part) for part in form.parts)}
    for name, sheet in sheets.items():
        if name not in known and sheet.rows:
            pairs.append(_stranger(name, Cell(name, "A1")))
    return Mapping(tuple(pairs), Cell(FIRST_SHEET, "A1"))


def _sheet(worksheet: Worksheet, hidden: Hidden | None) -> Sheet:
    unseen = hidden or Hidden(frozenset(), frozenset())
    all_unseen = worksheet.sheet_state != "visible"
    rows: dict[int, dict[int, Held]] = {}
    # The bounds are those that the package was held against: nothing is left out.
    for number, row in enumerate(worksheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS), 1):
        for column, cell in enumerate(row, 1):
            if cell.value is not None and str(cell.value).strip():
                is_hidden = all_unseen or number in unseen.rows or column in unseen.columns
                at = Cell(worksheet.title, cell.coordinate)
                rows.setdefault(number, {})[column] = Held(
                    cell.value, cell.number_format, cell.data_type, at, is_hidden
                )
    return Sheet(worksheet.title, rows)


def _fields(sheet: Sheet, parts: tuple[Entry, ...]) -> tuple[Pair, ...]:
    """Return the fields of a sheet that has one in every row: its label, its value, and a note that nobody reads."""
    known = _by_label(parts)
    pairs = []
    below_headings = next((n for n, row in sheet.rows.items() if 1 in row and row[1].label == FIELD_HEADINGS[0]), 0)
    for number, row in sheet.rows.items():
        if number <= below_headings:
            continue
        label = row[1].label if 1 in row else ""
        if label in known:
            part = known[label]
            pairs.append(Pair(part.key, sheet.text(number, 2, part.kind), sheet.at(number, 2)))
        elif 2 in row:
            pairs.append(_stranger(label, row[2].at))
        pairs += [_stranger("", held.at) for column, held in row.items() if column > len(FIELD_HEADINGS)]
    return tuple(pairs)


def _list(sheet: Sheet, part: Entry) -> Pair:
    """Return the items of a sheet that has one in every row below the headings."""
    headed = _headings(sheet, part.parts)
    if headed is None:
        start = Cell(sheet.name, "A1")
        headings = tuple(one.label for one in part.parts)
        problem = Message("the row of headings is missing ({headings}); copy it from a new form", headings=headings)
        return Pair(part.key, Text("", start, problem=problem) if sheet.rows else Text("", start), start)
    headings_row, columns = headed
    first = sheet.at(headings_row + 1, 1)
    items = []
    for number, row in sheet.rows.items():
        if number > headings_row:
            items.append(Mapping(_item(sheet, number, row, columns), sheet.at(number, min(row))))
    return Pair(part.key, Listing(tuple(items), first), first)


def _item(
    sheet: Sheet, number: int, row: AnyMapping[int, Held], columns: AnyMapping[int, tuple[Entry, str]]
) -> tuple[Pair, ...]:
    pairs: list[Pair] = []
    by_year: dict[str, list[Pair]] = {}
    for column, (entry, year) in columns.items():
        at = sheet.at(number, column)
        if year:
            by_year.setdefault(entry.key, []).append(Pair(year, sheet.text(number, column, "amount"), at))
        else:
            pairs.append(Pair(entry.key, sheet.text(number, column, entry.kind), at))
    pairs += [Pair(key, Mapping(tuple(years), years[0].at), years[0].at) for key, years in by_year.items()]
    return (*pairs, *(_stranger("", held.at) for column, held in row.items() if column not in columns))


def _texts(sheet: Sheet, part: Entry) -> Mapping:
    """Return the sections of text, one in every row."""
    start = Cell(sheet.name, "A1")
    titles = _by_label(part.parts)
    parts = part.parts[0].parts if part.parts else ()
    headed = _headings(sheet, parts)
    if headed is None:
        return Mapping((), start)
    headings_row, columns = headed
    pairs = []
    for number, row in sheet.rows.items():
        if number <= headings_row:
            continue
        title = row[1].label if 1 in row else ""
        if title in titles:
            fields = tuple(
                Pair(entry.key, sheet.text(number, column, entry.kind), sheet.at(number, column))
                for column, (entry, _) in columns.items()
            )
            pairs.append(Pair(titles[title].key, Mapping(fields, fields[0].at), fields[0].at))
        elif any(column in columns for column in row):
            at = next(held.at for column, held in row.items() if column in columns)
            pairs.append(_stranger(title, at))
    return Mapping(tuple(pairs), start)


def _headings(sheet: Sheet, parts: tuple[Entry, ...]) -> tuple[int, dict[int, tuple[Entry, str]]] | None:
    """Return the row that has most of the headings, and the field and year of each of its columns."""
    known = _by_label(parts)
    best: tuple[int, dict[int, tuple[Entry, str]]] | None = None
    for number, row in sheet.rows.items():
        columns: dict[int, tuple[Entry, str]] = {}
        for column, held in row.items():
            dated = _YEAR.fullmatch(held.label)
            if held.label in known and known[held.label].shape is not Shape.BY_YEAR:
                columns[column] = (known[held.label], "")
            elif dated and bare(dated[1]) in known and known[bare(dated[1])].shape is Shape.BY_YEAR:
                columns[column] = (known[bare(dated[1])], dated[2])
        if len(columns) > (len(best[1]) if best else 0):
            best = number, columns
    return best


def _by_label(parts: tuple[Entry, ...]) -> dict[str, Entry]:
    """Return the parts by their label, and by their key, which other programs may write."""
    return {name: part for part in parts for name in (part.key, part.label)}


def _stranger(name: str, at: Cell) -> Pair:
    """Return something that the form has no place for; it goes by its address when its name may be a number."""
    name = at.address if not name or _NUMBER.search(name) else name
    return Pair(name, Text(name, at, block=True), at)
