"""From what a cell holds to what the applicant sees in it: exact, or refused with what to do.

Spreadsheets keep doubles and show them by a number format. What is read is what the cell shows (ECMA-376 part 1,
18.8.31), provided that this is also what it holds; where the two differ, only the applicant knows which is meant.
Formulas are never evaluated: what they show depends on who opened the file last.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from toolkit.application.model import Kind
from toolkit.application.values import shown
from toolkit.messages import Message

MOST_DIGITS = 15
"""Digits that a spreadsheet keeps of a number (Excel specifications and limits: number precision)."""

_EARLIEST = date(1900, 3, 1)  # before it Excel's days are off by one: its 1900 has a 29 February
_GENERAL = frozenset({"", "general", "@"})
_ORNAMENT = re.compile(r'"[^"0-9]*"|\\[^0-9]|_.|\*.|\[(?:\$[^\]]*|[A-Za-z]+[0-9]{0,2})\]|[¥￥$€ ]')
_DIGITS = re.compile(r"(?P<whole>[#0,]*[#0])(?:\.(?P<decimals>[0#?]+))?(?P<percent>%?)")
_DAY_PARTS = re.compile(r"[dD]"), re.compile(r"[mM]"), re.compile(r"[yYeE]")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def as_seen(value: object, number_format: str, data_type: str, kind: Kind) -> str | Message:
    """Return what a cell shows as text, or the sentence that says why that cannot be told.

    Args:
        value: as openpyxl gives it: text, a whole number or double, a bool, a date or time.
        number_format: of the cell.
        data_type: as openpyxl gives it; ``f`` is a formula, ``e`` an error.
        kind: what the field takes.
    """
    if data_type == "f":
        return Message(
            "it is a formula, and formulas are not worked out here; copy the cell and paste it as a value "
            "(Paste Special, Values)"
        )
    if data_type == "e":
        return Message("it shows the error {error}; type the value itself", error=shown(str(value)))
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format, kind)
    if isinstance(value, datetime):
        return _day(value, number_format, kind)
    if isinstance(value, str):
        return value.replace("_x000D_\n", "\n").replace("_x000D_", "\n")  # ECMA-376 part 1, 22.9.2.19 (ST_Xstring)
    return Message("it is a time of day; choose the number format Text for the cell, then type the value again")


def _number(value: int | float, number_format: str, kind: Kind) -> str | Message:
    if isinstance(value, int) and len(str(abs(value))) > MOST_DIGITS:
        return _too_long()
    held = Decimal(f"{value:.{MOST_DIGITS}g}")
    if not held.is_finite() or held.adjusted() >= MOST_DIGITS:
        return _too_long()
    if number_format.strip().lower() in _GENERAL:
        return _plain(held)
    sections = number_format.split(";")
    section = sections[0]
    if held < 0 and len(sections) > 1 or held == 0 and len(sections) > 2 and kind != "amount":
        return _unclear(held)
    ornament = _ORNAMENT.sub("", section)
    match = _DIGITS.fullmatch(ornament)
    if match is None or (kind == "text" and '"' in section):
        return _unclear(held)
    decimals = match["decimals"] or ""
    scaled = held * 100 if match["percent"] else held
    rounded = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    if rounded != scaled:
        return Message(
            "it shows {shown} but holds {held}; type the one that is meant", shown=_plain(rounded), held=_plain(scaled)
        )
    whole, _, rest = f"{rounded:f}".partition(".")
    rest = rest[: decimals.count("0")] + rest[decimals.count("0") :].rstrip("0")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    whole = whole.zfill(match["whole"].count("0"))
    return f"{sign}{whole}{'.' if rest else ''}{rest}{match['percent']}"


def _day(value: datetime, number_format: str, kind: Kind) -> str | Message:
    if kind != "date":
        return Message(
            "it is the date {day}: spreadsheets make dates of entries such as 3-5; choose the number format Text for "
            "the cell, then type the value again",
            day=f"{value:%Y-%m-%d}",
        )
    letters = _QUOTED.sub("", number_format)
    if not all(part.search(letters) for part in _DAY_PARTS):
        return Message(
            "it shows only a part of the date {day}; choose the number format yyyy-mm-dd", day=f"{value:%Y-%m-%d}"
        )
    if value.date() < _EARLIEST or value != datetime(value.year, value.month, value.day):
        return Message(
            "it holds {held}, which is not a whole day or is before {first}; type the date again",
            held=value.isoformat(sep=" "),
            first=str(_EARLIEST),
        )
    return value.date().isoformat()


def _plain(number: Decimal) -> str:
    """Return the number without an exponent and without zeros behind its last decimal."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _too_long() -> Message:
    return Message(
        "it is a number of more than {most} digits, of which spreadsheets forget the last; choose the number format "
        "Text for the cell, then type all of it again",
        most=MOST_DIGITS,
    )


def _unclear(held: Decimal) -> Message:
    return Message(
        "its number format does not show the number that it holds ({held}); choose the number format General, then "
        "type what is meant",
        held=_plain(held),
    )
