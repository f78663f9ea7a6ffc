"""Rules alone: one applied to a form of a few fields, and what it found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from toolkit.application.model import Form
from toolkit.application.notice_rules import NOTICE_RULES
from toolkit.application.programme import Windows
from toolkit.application.rules import Case
from toolkit.records.content import Content
from toolkit.verdict import Reason

ZONE = ZoneInfo("Asia/Shanghai")
WINDOWS = Windows(
    submit_from=datetime(2025, 5, 31, 10, tzinfo=ZONE),
    submit_until=datetime(2025, 6, 30, 20, tzinfo=ZONE),
    recommend_until=datetime(2025, 7, 3, 20, tzinfo=ZONE),
)
_RULES = {rule.name: rule for rule in NOTICE_RULES}


def found(
    name: str,
    form: dict[str, Any],
    as_of: datetime | None = None,
    accepted: dict[str, Any] | None = None,
    others: list[Content] | None = None,
    **parameters: Any,
) -> list[str]:
    """Return the fields that a rule of the notice complains about; a question has a “?” behind it."""
    case = Case(
        form=Form.model_validate(form),
        today=date(2025, 6, 20),
        choices={},
        texts=(),
        zone=ZONE,
        as_of=as_of,
        accepted=accepted,
        others=others,
        year=2025,
        windows=WINDOWS,
        documents=("proposal", "commitment-unit"),
        parameters=parameters,
    )
    return [problem.field + ("?" if problem.reason is Reason.QUESTION else "") for problem in _RULES[name].judge(case)]
