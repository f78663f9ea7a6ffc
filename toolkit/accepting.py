"""What somebody accepts of paper that came: one indeterminate finding, by its page's reference or the serial, and why.

What failed is never accepted, nor are pages that are not there; and nothing is accepted that somebody did not name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from toolkit.canonical import Plain
from toolkit.collected import Collected
from toolkit.errors import UsageError
from toolkit.messages import Message
from toolkit.records.received import Acceptance, Place, Received, ReceivedPage, plain_message
from toolkit.seal.reference import Reference
from toolkit.verdict import Outcome, Reason

LONGEST_WHY = 500
"""Characters of a reason for accepting a finding."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to accept: a reason of one page, or of the whole submission where ``place`` is None."""

    named: str
    serial: str
    revision: int | None
    place: Place | None
    reason: Reason | None
    why: str


class Judge(Protocol):
    """Judges all that has come of a submission."""

    def __call__(self, *, so_far: Received) -> Collected:
        """Return it judged."""


def accepting(
    wanted: Sequence[Wanted], so_far: Received, judge: Judge, *, who: str, at: datetime
) -> tuple[Received, list[Plain]]:
    """Return what there is when everything is accepted that somebody wants to, and what an event has of that.

    Args:
        wanted: all of one submission.
        so_far: what has come of it.
        judge: says what is to be found about it.
        who: who accepts.
        at: when.

    Raises:
        UsageError: something cannot be accepted.
    """
    entered: list[Plain] = []
    for one in wanted:
        judged = judge(so_far=so_far)
        if one.revision not in (None, judged.stored.revision):
            raise _not_accepted(one, Message("revision {latest} is in force", latest=judged.stored.revision))
        found = _of_whole(one, judged) if one.place is None else _of_page(one, so_far.pages.get(one.place))
        for reason, said in found:
            so_far = so_far.accepting(one.place, Acceptance(reason, one.why, who, at), said)
            entered.append(
                {
                    "page": str(one.place) if one.place else None,
                    "reason": reason.name,
                    "why": one.why,
                    "said": plain_message(said) if said else None,
                }
            )
    return so_far, entered


def asked(accept: Mapping[str, str]) -> list[Wanted]:
    """Return what is to be accepted.

    Raises:
        UsageError: something names no finding, or its reason is none.
    """
    wanted = []
    for named, why in accept.items():
        why = unicodedata.normalize("NFC", why.strip())
        if not 1 <= len(why) <= LONGEST_WHY or not why.isprintable():
            raise UsageError(
                Message(
                    "the reason for accepting {clause} has 1 to {most} characters on one line",
                    clause=named[:80],
                    most=LONGEST_WHY,
                )
            )
        target, _, code = unicodedata.normalize("NFKC", named).partition(":")
        if code and code not in Reason.__members__:
            raise UsageError(Message("“{code}” is no reason that a report gives", code=code[:40]))
        reason = Reason[code] if code else None
        if "/" in target:
            reference = Reference.parse(target)
            place = Place(reference.document, reference.copy, reference.page)
            wanted.append(Wanted(named, reference.serial, reference.revision, place, reason, why))
        else:
            wanted.append(Wanted(named, target.strip().upper(), None, None, reason, why))
    return wanted


def _of_page(one: Wanted, page: ReceivedPage | None) -> list[tuple[Reason, Message | None]]:
    """Return the reason of a page that is accepted; nothing where it was accepted before.

    Raises:
        UsageError: the page has no such indeterminate finding, or several and none is named.
    """
    if page is None:
        raise _not_accepted(one, Message("this page has not come"))
    accepted = {each.reason for each in page.accepted}
    weighed = {finding.reason: finding.outcome for finding in page.findings}
    weighed |= {mark.reason: mark.reason.outcome for mark in page.marks if mark.reason}
    failed = {reason for reason in weighed if weighed[reason] is Outcome.FAILED}
    failed |= {finding.reason for finding in page.findings if finding.outcome is Outcome.FAILED}
    return _chosen(one, [(reason, None) for reason in weighed if reason not in failed], failed, accepted)


def _of_whole(one: Wanted, judged: Collected) -> list[tuple[Reason, Message | None]]:
    """Return the findings about the whole submission that are accepted, each in the words that it has.

    Raises:
        UsageError: there is no such indeterminate finding, or there are several and none is named.
    """
    findings = [finding for finding in judged.verdict.findings if finding.reason not in _NEVER_OF_WHOLE]
    found = [(each.reason, each.message) for each in findings if each.outcome is Outcome.INDETERMINATE]
    failed = {finding.reason for finding in judged.verdict.findings if finding.outcome is Outcome.FAILED}
    return _chosen(one, found, failed, {acceptance.reason for acceptance, _ in judged.received.accepted})


_NEVER_OF_WHOLE = frozenset(
    {
        Reason.PAGE_MISSING,
        Reason.COPY_MISSING,
        Reason.DOCUMENT_MISSING,
        Reason.CHOP_UNCLEAR,
        Reason.SIGNATURE_UNCLEAR,
    }
)
"""Nobody vouches for pages that are not there; chops and signatures are vouched for page by page."""


def _chosen(
    one: Wanted,
    found: Sequence[tuple[Reason, Message | None]],
    failed: set[Reason],
    accepted: set[Reason],
) -> list[tuple[Reason, Message | None]]:
    reason = one.reason
    still_open = {each for each, _ in found} - (set() if one.place is None else accepted)
    if reason is None and len(still_open) == 1:
        (reason,) = still_open
    if reason is None and accepted and not still_open:
        return []
    if reason is None:
        names = tuple(sorted(each.name for each in still_open))
        raise _not_accepted(one, Message("name one of the findings that are open: {names}", names=names or "-"))
    if reason in still_open:
        return [each for each in found if each[0] is reason]
    if reason in failed:
        raise _not_accepted(one, Message("{reason} failed, and what failed is never accepted", reason=reason.name))
    if reason in accepted:
        return []
    raise _not_accepted(one, Message("no finding {reason} is open there", reason=reason.name))


def _not_accepted(one: Wanted, why: Message) -> UsageError:
    return UsageError(
        Message("{named} cannot be accepted, so nothing was entered: {why}", named=one.named[:80], why=why)
    )
