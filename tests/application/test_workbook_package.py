"""Hostile workbooks: refused in one sentence, quickly, within little memory; nothing evaluated, run or followed."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workbooks import as_workbook, repacked

from toolkit.application.reading import load_application
from toolkit.application.workbook_package import LARGEST_UNPACKED, MOST_COLUMNS, MOST_ELEMENTS, MOST_ROWS, read_package
from toolkit.errors import InputUnreadable, TruecopyError

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet2.xml"


def sheet(rows: str) -> bytes:
    return f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.fixture
def workbook(yaml_text: str, programmes: Path) -> bytes:
    return as_workbook(yaml_text, programmes.parent)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": b"<x/>"}, "macros"),
        ({SHEET: b'<!DOCTYPE x [<!ENTITY a "b">]>' + sheet("")}, "cannot be read"),
        ({SHEET: b"<worksheet"}, "cannot be read"),
        ({SHEET: sheet('<row r="5"><c r="A5"><v>1</v></c></row><row r="4"/>')}, "cannot be read"),
        ({SHEET: sheet('<row r="5"><c r="B5"><v>1</v></c><c r="A5"><v>1</v></c></row>')}, "cannot be read"),
        ({SHEET: sheet('<row r="5"><c r="A6"><v>1</v></c></row>')}, "cannot be read"),
        ({SHEET: sheet('<row r="x"/>')}, "cannot be read"),
        ({SHEET: sheet('<row r="3"><c r="A3" t="s"><v>999999</v></c></row>')}, "cannot be read"),
        ({SHEET: sheet('<row r="3"><c r="A3" s="999999"><v>1</v></c></row>')}, "cannot be read"),
        ({SHEET: sheet("<a>" * 60 + "</a>" * 60)}, "too many cells"),
        ({SHEET: sheet("<row/>" * (MOST_ELEMENTS + 1))}, "too many cells"),
        ({SHEET: sheet(f'<row r="{MOST_ROWS + 1}"><c r="A{MOST_ROWS + 1}"><v>1</v></c></row>')}, "row 2001"),
        ({SHEET: sheet('<row r="3"><c r="CW3"><f>1</f></c></row>')}, "column 101"),
        ({"xl/media/image1.png": bytes(LARGEST_UNPACKED)}, "unpacked"),
        ({f"xl/x{number}.xml": b"" for number in range(600)}, "unpacked"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_application_has_is_refused(parts: dict[str, bytes], told: str, workbook: bytes) -> None:
    with pytest.raises(InputUnreadable) as refused:
        load_application(repacked(workbook, parts))
    assert told in str(refused.value)


def test_cells_at_the_bounds_are_taken(workbook: bytes) -> None:
    rows = f'<row r="{MOST_ROWS}"><c r="CV{MOST_ROWS}"><v>1</v></c></row>'
    assert MOST_COLUMNS == 100  # CV
    load_application(repacked(workbook, {SHEET: sheet(rows)}))


def test_empty_rows_to_the_end_of_the_sheet_are_no_content(workbook: bytes) -> None:
    rows = '<row r="1048576" hidden="1"><c r="XFD1048576" s="0"/></row>'
    load_application(repacked(workbook, {SHEET: sheet(rows)}))


def test_a_directory_that_understates_a_part_does_not_unpack_it(workbook: bytes) -> None:
    data = bytearray(repacked(workbook, {SHEET: sheet("<row/>" * 1000)}))
    at = data.rindex(SHEET.encode()) - 46  # the entry in the central directory
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(InputUnreadable):
        load_application(bytes(data))


def test_only_cells_and_formats_reach_the_library(workbook: bytes) -> None:
    strange = {
        "xl/externalLinks/externalLink1.xml": b"<!DOCTYPE x><x/>",
        "xl/drawings/drawing1.xml": b"broken",
        "xl/worksheets/_rels/sheet2.xml.rels": b"broken",
        "docProps/custom.xml": b"broken",
        "xl/pivotCache/pivotCacheDefinition1.xml": b"broken",
    }
    package, _ = read_package(repacked(workbook, strange), "x.xlsx")
    assert not set(strange) & set(zipfile.ZipFile(package).namelist())
    assert load_application(repacked(workbook, strange)).readable.title == "光伏滴灌"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_never_raise_anything_else(data: st.DataObject, workbook: bytes) -> None:
    with zipfile.ZipFile(BytesIO(workbook)) as package:
        name = data.draw(st.sampled_from(sorted(package.namelist())))
        part = bytearray(package.read(name))
    for _ in range(data.draw(st.integers(1, 4))):
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    try:
        load_application(repacked(workbook, {name: bytes(part)}))
    except TruecopyError as error:
        assert len(str(error)) < 2000
