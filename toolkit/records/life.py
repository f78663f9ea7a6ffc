"""The life of a submission: what can happen to it after what, and when its paper is due.

A revision changes nothing of where a submission stands: it is issued whenever something is mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from toolkit.canonical import Plain
from toolkit.errors import CalendarUnknown
from toolkit.messages import Message
from toolkit.records.working_days import working_day_after
from toolkit.verdict import Finding, Outcome, Reason

ISSUED, SUBMITTED, RECOMMENDED, ACCEPTED = "issued", "submitted", "recommended", "accepted"
PASSED, RECEIVED, RETURNED, WITHDRAWN = "passed", "received", "returned", "withdrawn"

EVENTS = (SUBMITTED, RECOMMENDED, ACCEPTED, PASSED, RECEIVED, RETURNED, WITHDRAWN)
"""What an office enters; ``issued`` is written by issuing. ``passed`` is the review of the plan (实施方案论证)."""

_FOLLOWING = {
    ISSUED: (SUBMITTED, WITHDRAWN),
    SUBMITTED: (RECOMMENDED, RETURNED, WITHDRAWN),
    RECOMMENDED: (ACCEPTED, RETURNED, WITHDRAWN),
    ACCEPTED: (PASSED, RETURNED, WITHDRAWN),
    PASSED: (RECEIVED, RETURNED, WITHDRAWN),
    RECEIVED: (RETURNED,),
    WITHDRAWN: (),
}


class Happened(Protocol):
    """What an event tells of: its kind and its time, aware."""

    @property
    def kind(self) -> str:
        """One of ``EVENTS``, or ``issued``."""

    @property
    def at(self) -> datetime:
        """When it happened."""


def stage(kinds: Sequence[str]) -> str:
    """Return where a submission stands, by the kinds of all its events in their order.

    What was returned is back where it was before it was submitted, or, once it has passed, before its paper came.
    """
    known = [kind for kind in kinds if kind in EVENTS]
    return known[-1] if known else ISSUED


def following(kinds: Sequence[str]) -> tuple[str, ...]:
    """Return what can happen next to a submission, by the kinds of all its events in their order."""
    now = stage(kinds)
    if now == RETURNED:
        return (RECEIVED, WITHDRAWN) if PASSED in kinds else (SUBMITTED, WITHDRAWN)
    return _FOLLOWING[now]


def paper_due(programme: Mapping[str, Plain], passed: datetime) -> date | None:
    """Return the last day on which the paper of a submission is in time (notice 二.4).

    Args:
        programme: the facts that the record keeps of it.
        passed: when the submission passed.

    Returns:
        The day in the programme's time zone; None when the programme sets none.

    Raises:
        CalendarUnknown: when the holidays of the year are not known.
    """
    days = programme.get("paper_working_days")
    if not isinstance(days, int):
        return None
    return working_day_after(passed.astimezone(zone_of(programme)).date(), days)


def zone_of(programme: Mapping[str, Plain]) -> ZoneInfo:
    """Return the time zone of the programme's days and hours, from the facts that a record keeps of it."""
    return ZoneInfo(str(programme["timezone"]))


def lateness(programme: Mapping[str, Plain], happened: Sequence[Happened], now: datetime) -> Finding | None:
    """Return the finding that the paper of a submission came too late, or comes too late now; None when it does not.

    Args:
        programme: the facts that the record keeps of it.
        happened: all events of the submission in their order. When paper was returned and came again, the first time
            counts.
        now: when paper that was never entered as received is looked at, aware.
    """
    passed = next((event.at for event in reversed(happened) if event.kind == PASSED), None)
    if passed is None:
        return None
    try:
        due = paper_due(programme, passed)
    except CalendarUnknown as unknown:
        return Finding(Reason.LATE, unknown.message, judged=Outcome.INDETERMINATE)
    came = next((event.at for event in happened if event.kind == RECEIVED and event.at >= passed), now)
    day = came.astimezone(zone_of(programme)).date()
    if due is None or day <= due:
        return None
    return Finding(Reason.LATE, Message("the paper was due on {due}, and came on {day}", due=str(due), day=str(day)))
