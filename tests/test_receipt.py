"""What a receipt says is wanting; that it is made, sealed and kept is tested with the command that makes it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from toolkit.messages import Message
from toolkit.receipt import _wanting
from toolkit.records.received import Place
from toolkit.verdict import Finding, Reason


def page(number: int, *findings: Finding) -> Any:
    reasons = {finding.reason.name for finding in findings}
    return SimpleNamespace(place=Place("CU", 1, number), findings=findings, reasons=reasons)


def test_what_is_said_of_several_pages_is_said_once() -> None:
    stale = Finding(Reason.TRUST_STALE, Message("the list has ended"))
    unread = Finding(Reason.CONTENT_ILLEGIBLE, Message("“50.00” cannot be read"))
    missing = Finding(Reason.COPY_MISSING, Message("copy 2 is missing"))
    collected: Any = SimpleNamespace(
        verdict=SimpleNamespace(findings=(missing,)), to_rescan=[page(1, stale), page(2, unread), page(3, stale)]
    )
    assert list(_wanting(collected, lambda text: text)) == [
        "copy 2 is missing",
        "CU/1/1、CU/1/3：the list has ended",
        "CU/1/2：“50.00” cannot be read",
    ]
