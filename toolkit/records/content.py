"""What a submission is about, in few words: what others are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Content(NamedTuple):
    """Title and indicators of a submission, and who applied when; no data of persons."""

    serial: str
    unit: str
    year: int
    title: str
    indicators: str


def content_of(application: Mapping[str, Any], *, serial: str, year: int) -> Content:
    """Return the content of an application.

    Args:
        application: its data, plain, or as the form has it.
        serial: of the submission; empty for one that has none yet.
        year: of the programme.
    """
    indicators = (
        " ".join(str(one.get(key) or "") for key in ("name", "unit", "target"))
        for one in application.get("indicators", ())
    )
    unit = application.get("applicant_unit", {}).get("name", "")
    # Sorted, so that the same indicators in another order are the same text.
    return Content(serial, str(unit), year, str(application.get("title", "")), "；".join(sorted(indicators)))


def content_in(record: Mapping[str, Any]) -> Content:
    """Return what the submission of a record is about."""
    year = record["programme"].get("year", 0)
    return content_of(record["application"], serial=str(record["serial"]), year=int(year))
