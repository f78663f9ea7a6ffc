"""Whether a pile of pages is the whole of each submission in it: every document, every copy, every page, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.canonical import Plain
from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records.record import Accepted
from toolkit.scan.paper import CopyTally, PageVerdict, SealClaims, SubmissionVerdict, Topic
from toolkit.scan.zone_answers import Presence, ZoneRule, zone_rules
from toolkit.verdict import Finding, Outcome, Reason, worst


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """One document that was issued: so many copies of so many pages; what follows only where a record tells."""

    id: str
    code: str
    title: str
    copies: int
    pages: int
    page_digests: tuple[bytes, ...] = ()
    zones: tuple[ZoneRule, ...] = ()


def expected_documents(record: Mapping[str, Plain]) -> tuple[ExpectedDocument, ...]:
    """Return the documents that a record lists, with their titles from the programme's facts in it.

    Raises:
        StoreError: when the record has another form than this version knows.
    """
    try:
        facts: Any = record["programme"]
        listed: Any = record["documents"]
        titles = {each["id"]: str(each["title"]) for each in facts["documents"]}
        zones = {each["id"]: zone_rules(each) for each in facts["documents"]}
        return tuple(
            ExpectedDocument(
                id=str(each["id"]),
                code=str(each["code"]),
                title=titles.get(each["id"], ""),
                copies=int(each["copies"]),
                pages=len(each["page_digests"]),
                page_digests=tuple(bytes.fromhex(value) for value in each["page_digests"]),
                zones=zones.get(each["id"], ()),
            )
            for each in listed
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(Message("a record has a form that this version does not know: update Truecopy")) from error


def asks_duplex(record: Mapping[str, Plain]) -> bool:
    """Tell whether the record's programme asks for printing on both sides."""
    facts: Any = record.get("programme")
    return isinstance(facts, dict) and facts.get("duplex") is True


def judge_submission(
    serial: str,
    pages: Sequence[PageVerdict],
    *,
    expected: Sequence[ExpectedDocument] | None,
    unread: int,
    sides: Iterable[Finding] | None = None,
    told: Iterable[Finding] = (),
    accepted: tuple[Accepted, ...] = (),
    revision: int | None = None,
) -> SubmissionVerdict:
    """Return the verdict on all pages that name one serial.

    The pages of the highest revision are counted; a page whose seal did not prove genuine does not count as there.

    Args:
        serial: what the pages' seals name.
        pages: the pages in the pile that name it, at least one, whatever their findings.
        expected: what was issued; without a record, what the seals themselves tell, so that whole documents may be
            missing unnoticed (RECORD_NOT_AT_HAND stands on every page then).
        unread: how many pages of the pile could not be read: what is missing may be among them.
        sides: what the order of images told about printing on both sides; None where the programme does not ask for it.
        told: what is known of the paper besides: that it comes too late, that it came before.
        accepted: what the record says was accepted when it was issued.
        revision: whose pages are counted, where it is known whatever came.
    """
    read = [seal for page in pages if page.is_read and (seal := page.seal)]
    revisions = sorted({seal.revision for seal in read})
    if revision is None:
        revision = revisions[-1] if revisions else max(page.seal.revision for page in pages if page.seal)
    current = [seal for seal in read if seal.revision == revision]
    documents = expected if expected is not None else _told_by_seals(current)
    tallies = tuple(_tallies(documents, current))
    findings = [
        *_mixed(revisions),
        *_two_records(current),
        *_missing(documents, tallies, unread),
        *_unmarked(documents, pages, revision),
        *_repeated(documents, pages, revision),
        *(sides if sides is not None and current else ()),
        *told,
    ]
    return SubmissionVerdict(
        findings=tuple(findings),
        serial=serial,
        revision=revision,
        pages_outcome=worst(page.outcome for page in pages),
        tallies=tallies,
        title=next((seal.title for seal in current if seal.title), None),
        examined=frozenset(_examined(pages, revision, sides is not None and bool(current))),
        accepted=accepted,
    )


def page_ranges(numbers: Iterable[int]) -> str:
    """Return ascending numbers as a person writes them: ``3, 5-7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _told_by_seals(seals: Sequence[SealClaims]) -> tuple[ExpectedDocument, ...]:
    told = {seal.code: ExpectedDocument(seal.document, seal.code, "", seal.copies, seal.pages) for seal in seals}
    return tuple(told.values())


def _tallies(documents: Sequence[ExpectedDocument], seals: Sequence[SealClaims]) -> Iterator[CopyTally]:
    seen: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for seal in seals:
        seen[seal.code, seal.copy].add(seal.page)
    for document in documents:
        for copy in range(1, document.copies + 1):
            yield CopyTally(
                document=document.id,
                title=document.title,
                code=document.code,
                copy=copy,
                pages=document.pages,
                seen=frozenset(seen[document.code, copy]),
            )


def _mixed(revisions: Sequence[int]) -> Iterator[Finding]:
    if len(revisions) > 1:
        yield Finding(
            Reason.REVISIONS_MIXED,
            Message(
                "pages of revisions {revisions} are mixed: ask for all pages of revision {latest}",
                revisions=page_ranges(revisions),
                latest=revisions[-1],
            ),
        )


def _two_records(seals: Sequence[SealClaims]) -> Iterator[Finding]:
    """Where no store is at hand the seals can still contradict each other."""
    if len({seal.record_digest for seal in seals}) > 1:
        yield Finding(
            Reason.RECORD_MISMATCH,
            Message("the seals of these pages name different records under one serial: ask the issuing office"),
        )


def _missing(documents: Sequence[ExpectedDocument], tallies: Sequence[CopyTally], unread: int) -> Iterator[Finding]:
    judged = Outcome.INDETERMINATE if unread else None
    for document in documents:
        name = document.title or document.id
        copies = [tally for tally in tallies if tally.code == document.code]
        absent = [tally.copy for tally in copies if not tally.seen]
        if len(absent) == len(copies):
            message = Message("no page of {document} is there", document=name)
            yield Finding(Reason.DOCUMENT_MISSING, _or_unread(message, unread), judged=judged)
            continue
        if absent:
            message = Message("copy {copies} of {document} is not there", copies=page_ranges(absent), document=name)
            yield Finding(Reason.COPY_MISSING, _or_unread(message, unread), judged=judged)
        for tally in copies:
            if tally.seen and tally.missing:
                pages = page_ranges(tally.missing)
                message = Message(
                    "copy {copy} of {document} lacks page {pages}", copy=tally.copy, document=name, pages=pages
                )
                yield Finding(Reason.PAGE_MISSING, _or_unread(message, unread), judged=judged)


def _or_unread(message: Message, unread: int) -> Message:
    if not unread:
        return message
    return Message(
        "{missing}; it may be among the {count} pages that could not be read: scan these again first",
        missing=message,
        count=unread,
    )


def _unmarked(documents: Sequence[ExpectedDocument], pages: Sequence[PageVerdict], revision: int) -> Iterator[Finding]:
    """Yield the chops and signatures that are not there, or not to be told; a page scanned twice counts at its best."""
    best: dict[tuple[str, int, int, str], tuple[Presence, str]] = {}
    for page in pages:
        seal = page.seal
        for mark in page.zones if seal is not None and page.is_read and seal.revision == revision else ():
            key = (seal.code, seal.copy, seal.page, mark.name) if seal else ("", 0, 0, "")
            before = best.get(key, (mark.answer, mark.kind))[0]
            best[key] = (min(before, mark.answer, key=list(Presence).index), mark.kind)
    for document in documents:
        rules = {rule.name: rule for rule in document.zones}
        for (code, copy, number, name), (answer, kind) in sorted(best.items(), key=lambda item: item[0][:3]):
            rule = rules.get(name, ZoneRule(name, name))
            if code == document.code and rule.required and answer is not Presence.PRESENT:
                gaps = {"label": rule.label, "page": number, "copy": copy, "document": document.title or document.id}
                yield _not_marked(kind, answer, gaps)


def _examined(pages: Sequence[PageVerdict], revision: int, duplex: bool) -> Iterator[Topic]:
    """Yield what was looked at, whatever was found; what every page must have, where every page was looked at."""
    if duplex:
        yield Topic.DUPLEX
    topics = {"chop": Topic.CHOPS, "signature": Topic.SIGNATURES}
    yield from (topics[mark.kind] for page in pages for mark in page.zones if mark.kind in topics)
    current = [page.examined for page in pages if page.is_read and page.seal and page.seal.revision == revision]
    if current:
        yield from frozenset.intersection(*current)


def _not_marked(kind: str, answer: Presence, gaps: Mapping[str, object]) -> Finding:
    if kind == "chop" and answer is Presence.ABSENT:
        message = Message("“{label}”: no chop on page {page} of copy {copy} of {document}", **gaps)
        return Finding(Reason.CHOP_MISSING, message)
    if kind == "chop":
        message = Message(
            "“{label}”: whether page {page} of copy {copy} of {document} has the chop cannot be told: look at the"
            " paper, or scan the page in colour",
            **gaps,
        )
        return Finding(Reason.CHOP_UNCLEAR, message)
    if answer is Presence.ABSENT:
        message = Message("“{label}”: no signature on page {page} of copy {copy} of {document}", **gaps)
        return Finding(Reason.SIGNATURE_MISSING, message)
    message = Message(
        "“{label}”: whether page {page} of copy {copy} of {document} is signed cannot be told: look at the paper",
        **gaps,
    )
    return Finding(Reason.SIGNATURE_UNCLEAR, message)


def _repeated(documents: Sequence[ExpectedDocument], pages: Sequence[PageVerdict], revision: int) -> Iterator[Finding]:
    names = {each.code: each.title or each.id for each in documents}
    places: defaultdict[tuple[str, int, int], list[str]] = defaultdict(list)
    for page in pages:
        seal = page.seal
        if seal is not None and page.is_read and seal.revision == revision:
            places[seal.code, seal.copy, seal.page].append(f"{page.source} [{page.image}]")
    for (code, copy, number), where in places.items():
        if len(where) > 1:
            yield Finding(
                Reason.PAGE_REPEATED,
                Message(
                    "page {page} of copy {copy} of {document} came {count} times: {where}",
                    page=number,
                    copy=copy,
                    document=names.get(code, code),
                    count=len(where),
                    where=", ".join(where[:5]),
                ),
            )
