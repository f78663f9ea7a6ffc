"""What a cell shows: held against LibreOffice's way of showing it where a case could be doubted (see the ids)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.application.model import Kind
from toolkit.application.values import parse_amount
from toolkit.application.workbook_cells import as_seen
from toolkit.messages import Message


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (80, "General", "80"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-7, "General", "0.0000001"),
        (80, "0.00", "80.00"),
        (0.5, "0.00####", "0.50"),
        (12.345678, "0.00####", "12.345678"),
        (1234.5, "#,##0.00", "1234.50"),
        (1234.5, "_ * #,##0.00_ ", "1234.50"),
        (1234.5, '"¥"#,##0.00', "1234.50"),
        (1234.5, "[$¥-804]#,##0.0", "1234.5"),
        (0.9, "0%", "90%"),
        (0.125, "0.0%", "12.5%"),
        (7, "000", "007"),
        (-3, "0", "-3"),
        (999999999999999, "0", "999999999999999"),
    ],
)
def test_a_number_is_read_as_it_is_shown(value: float, number_format: str, shown: str) -> None:
    assert as_seen(value, number_format, "n", "amount") == shown


@pytest.mark.parametrize(
    ("value", "number_format"),
    [
        (12.345, "0.00"),  # shows 12.35 or 12.34
        (0.333, "0%"),
        (800000, "0.0,"),  # thousands
        (80, '0"0000"'),  # shows 800000
        (80, ";;;"),
        (80, "0.00E+00"),
        (80, "# ?/?"),
        (-5, "0;0"),  # shows 5
        (0, '0;-0;"none"'),
        (10**15, "General"),
        (653101197905160007, "0"),
        (float("inf"), "General"),
        (float("nan"), "General"),
        (1e300, "0"),
    ],
)
def test_a_number_that_is_not_what_it_shows_is_refused(value: float, number_format: str) -> None:
    assert isinstance(as_seen(value, number_format, "n", "text"), Message)


@pytest.mark.parametrize(
    ("value", "number_format", "kind", "shown"),
    [
        (datetime(2025, 7, 1), "yyyy\\-mm\\-dd", "date", "2025-07-01"),
        (datetime(2025, 7, 1), "mm-dd-yy", "date", "2025-07-01"),
        (datetime(2025, 7, 1), 'yyyy"年"m"月"d"日"', "date", "2025-07-01"),
        (datetime(2025, 7, 1), 'yyyy"年"m"月"', "date", None),
        (datetime(2025, 7, 1), "mmm-yy", "date", None),
        (datetime(2025, 7, 1, 0, 0, 1), "yyyy-mm-dd", "date", None),
        (datetime(1900, 2, 28), "yyyy-mm-dd", "date", None),
        (datetime(1900, 3, 1), "yyyy-mm-dd", "date", "1900-03-01"),
        (datetime(2025, 3, 5), "yyyy-mm-dd", "text", None),
        (datetime(2025, 3, 5), "yyyy-mm-dd", "amount", None),
        (time(9, 0), "h:mm", "date", None),
        (timedelta(1), "[h]:mm", "text", None),
        (True, "General", "text", "TRUE"),
        ("多行_x000D_\n文字", "@", "text", "多行\n文字"),
        ("0012", "@", "text", "0012"),
        ("#N/A", "General", "text", None),
    ],
)
def test_other_cells(value: object, number_format: str, kind: Kind, shown: str | None) -> None:
    data_type = "e" if value == "#N/A" else "n"
    seen = as_seen(value, number_format, data_type, kind)
    assert isinstance(seen, Message) if shown is None else seen == shown


@given(st.integers(0, 10**15 - 1))
def test_every_amount_to_the_fen_comes_through_a_cell(fen: int) -> None:
    held = float(Decimal(fen) / 10**6)  # what a spreadsheet keeps of it
    seen = as_seen(held, "0.00####", "n", "amount")
    assert isinstance(seen, str) and parse_amount(seen) == fen


@given(st.floats(), st.text(alphabet='0#,.?%"_;*\\E+[]$ ymd', max_size=12))
def test_any_number_in_any_format_is_text_or_a_sentence(value: float, number_format: str) -> None:
    assert isinstance(as_seen(value, number_format, "n", "amount"), str | Message)
