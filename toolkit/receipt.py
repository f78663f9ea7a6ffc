"""The receipt (回执): a sealed page or two that say what an office received of a submission, when, and what is missing.

    pages received -> Typst source -> PDF -> page descriptions -> seals (document RC) -> PDF -> store

Its seals are those of any page, so that ``verify`` and ``inspect`` read it. Copies count receipts: the second one of a
submission is RC/2. It prints the ledger's head after the pages were entered, which whoever holds it can hold against
the ledger later (``audit --head``). It is a document of the office and speaks Chinese, whatever language messages have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from toolkit.canonical import Plain
from toolkit.collected import Collected, collected
from toolkit.documents import drawn, fonts_of
from toolkit.errors import StoreError, UsageError
from toolkit.formal.description import describe
from toolkit.formal.print_set import Side
from toolkit.forms.fonts import FontCatalogue, FontFile
from toolkit.forms.typesetting import contents
from toolkit.forms.typst_engine import compiled
from toolkit.forms.typst_text import quoted
from toolkit.home import Home
from toolkit.issued import PDF, File, stored_submission
from toolkit.messages import Message, Translate
from toolkit.records.files import StoredFile
from toolkit.records.happened import Event
from toolkit.records.life import RECEIVED, stage, zone_of
from toolkit.records.received import (
    MOST_RECEIPTS,
    PAGES_RECEIVED,
    RECEIPT,
    RECEIPT_CODE,
    RECEIPT_FONT,
    RECEIPT_FORM,
    RECEIPT_WATERMARK,
    Acceptance,
    ReceivedPage,
    receipt_font,
    receipt_id,
)
from toolkit.records.record import typeset_name
from toolkit.records.store import StoredSubmission
from toolkit.resources import translation
from toolkit.scan.completeness import expected_documents, page_ranges
from toolkit.seal import symbol
from toolkit.seal.keys import Signer
from toolkit.seal.payload import Seal, encode
from toolkit.seal.reference import Reference
from toolkit.verdict import Finding, Outcome, Reason

TITLE = "材料接收回执"
_LAYOUT = Path(__file__).with_name("receipt.typ")
_MOST_TOLD = 3
"""Sentences about one page; the report has all."""


def receipt(
    home: Home,
    serial: str,
    *,
    passphrase: str | Callable[[], str | None] | None = None,
    now: datetime | None = None,
) -> File:
    """Return the receipt for all that has come of a submission; one that tells of it already is returned again.

    Args:
        home: the data folder with store and signing key.
        serial: the submission.
        passphrase: opens the keys, where they are encrypted; what gives it is called only when it is needed.
        now: the time that the receipt bears; the clock's when left out.

    Raises:
        UsageError: nothing of it was received.
        KeyUnusable: there is no key to seal with.
        SubmissionUnknown, StoreError, TypesettingError: it cannot work; no receipt was made.
    """
    now = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    stored = stored_submission(home, serial, None)
    life = home.store.life(serial)
    so_far = collected(stored, life, now=now)
    if not so_far.received.pages:
        raise UsageError(Message("nothing of {serial} was received, so there is no receipt to give", serial=serial))
    made = so_far.received.receipts
    if so_far.received.is_told:
        return _kept(home, stored, made[-1].number)
    opened_by = passphrase() if callable(passphrase) else passphrase
    signer, head_signer = home.keys.signer(now, opened_by), home.keys.head_signer(now, opened_by)
    number = len(made) + 1
    if number > MOST_RECEIPTS:
        raise StoreError(Message("{serial} has {count} receipts, and no more are made", serial=serial, count=len(made)))
    fonts = fonts_of(home)
    said = _said(home, so_far, life, number, now)
    source = f"{_LAYOUT.read_text(encoding='utf-8')}\n#receipt({_literal({**said, 'fonts': _faces(fonts)})})\n"
    pdf, _ = compiled(source, {}, fonts, now)
    count, faces = contents(pdf, fonts)
    pages = describe(pdf, zones=[[]] * count, watermark=RECEIPT_WATERMARK)
    digests = tuple(page.digest for page in pages)
    sealed = drawn(
        pdf,
        list(_sides(stored, number, digests, signer, now)),
        pages,
        title=TITLE,
        watermark=RECEIPT_WATERMARK,
        submission=f"{serial}-r{stored.revision}",
        issued_at=now,
        duplex=False,
    )
    name = typeset_name(serial, stored.revision, receipt_id(number))

    def font_name(face: FontFile) -> str:
        return receipt_font(serial, stored.revision, receipt_id(number), face.path.name)

    files = [
        StoredFile.of(_name(stored, number), RECEIPT, PDF, sealed),
        StoredFile.of(name, RECEIPT_FORM, PDF, pdf),
        *(StoredFile(font_name(face), RECEIPT_FONT, "font/ttf", face.read(), face.digest) for face in faces),
    ]
    home.store.keep_receipt(
        serial,
        number,
        page_digests=digests,
        kept_files=files,
        who=home.settings.office,
        now=now,
        head_signer=head_signer,
    )
    return File(_name(stored, number), PDF, sealed)


def _kept(home: Home, stored: StoredSubmission, number: int) -> File:
    name = _name(stored, number)
    entry = next((file for file in stored.files if file.name == name), None)
    if entry is None:
        raise StoreError(Message("{name} is not in the store: restore it from a backup", name=name))
    return File(name, entry.media_type, home.store.file(entry.digest))


def _name(stored: StoredSubmission, number: int) -> str:
    return f"{stored.serial}-r{stored.revision}-{receipt_id(number)}.pdf"


def _sides(
    stored: StoredSubmission, number: int, digests: Sequence[bytes], signer: Signer, now: datetime
) -> Iterator[Side]:
    for page, digest in enumerate(digests, 1):
        seal = Seal(
            serial=stored.serial,
            revision=stored.revision,
            document=RECEIPT_CODE,
            copy=number,
            copies=number,
            page=page,
            pages=len(digests),
            record_digest=stored.record_digest,
            page_digest=digest,
            issued_at=now,
        )
        reference = Reference(stored.serial, stored.revision, RECEIPT_CODE, number, page)
        yield Side(page, number, symbol.to_digits(encode(seal, signer)), str(reference))


def _said(home: Home, so_far: Collected, life: Sequence[Event], number: int, now: datetime) -> dict[str, Any]:
    """Return what the receipt says, by the names that its layout has for it."""
    stored = so_far.stored
    programme = cast("dict[str, Plain]", stored.record["programme"])
    application = cast("dict[str, Any]", stored.record["application"])
    zone = zone_of(programme)
    head = home.store.head(home.settings.prefix, now)
    unit: Any = application.get("applicant_unit") or {}
    clerks = [event.who for event in life if event.kind == PAGES_RECEIVED and event.revision == stored.revision]
    return {
        "title": TITLE,
        "office": home.settings.office,
        "reference": f"{stored.serial}-r{stored.revision}/{RECEIPT_CODE}/{number}",
        "made": f"{_minute(now, zone)}开具",
        "programme": str(programme.get("title", "")),
        "project": str(application.get("title", "")),
        "unit": str(unit.get("name", "")),
        "serial": stored.serial,
        "revision": str(stored.revision),
        "who": "、".join(dict.fromkeys(clerks)),
        "came": _came(so_far, zone),
        "state": _state(so_far, life),
        "copies": [list(row) for row in _copies(so_far)],
        "wanting": list(_wanting(so_far, _chinese())),
        "accepted": [list(row) for row in _accepted(so_far, zone, _chinese())],
        "head": {"size": str(head.size), "text": head.text},
        "day": _day(now, zone),
    }


def _copies(so_far: Collected) -> Iterator[tuple[str, ...]]:
    """Yield a row for every copy of every document: what there should be, what is there, what is wanting."""
    bad = {page.place for page in so_far.to_rescan}
    for tally in so_far.verdict.tallies:
        wrong = {place.page for place in bad if (place.code, place.copy) == (tally.code, tally.copy)}
        good, wanting = sorted(tally.seen - wrong), sorted(wrong | set(tally.missing))
        counts = (str(tally.copy), str(tally.pages), str(len(tally.seen)))
        yield (tally.title or tally.document, *counts, page_ranges(good) or "—", page_ranges(wanting) or "—")


def _wanting(so_far: Collected, translate: Translate) -> Iterator[str]:
    """Yield what is missing or not in order: about the whole, then about pages, those alike at once."""
    for finding in so_far.verdict.findings:
        if finding.outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
            yield finding.message.render(translate)
    places: dict[str, list[str]] = {}
    for page in so_far.to_rescan:
        findings = [finding for finding in page.findings if finding.reason.name in page.reasons]
        if findings:
            places.setdefault(_sentences(findings, translate), []).append(str(page.place))
    yield from (f"{'、'.join(pages)}：{said}" for said, pages in places.items())


def _accepted(so_far: Collected, zone: tzinfo, translate: Translate) -> Iterator[tuple[str, str, str, str]]:
    for page, acceptance in so_far.accepted:
        seen = _seen(so_far, page, acceptance, translate)
        when = f"{acceptance.at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield str(page.place) if page else "整份材料", seen, acceptance.why, f"{acceptance.who} {when}"


def _seen(so_far: Collected, page: ReceivedPage | None, acceptance: Acceptance, translate: Translate) -> str:
    """Return what was found of that which was accepted."""
    if page is None:
        said = (said for one, said in so_far.received.accepted if one is acceptance)
        return next(said).render(translate)
    findings = [finding for finding in page.findings if finding.reason is acceptance.reason]
    if findings:
        return _sentences(findings, translate)
    documents = expected_documents(so_far.stored.record)
    rules = {rule.name: rule.label for each in documents if each.code == page.place.code for rule in each.zones}
    names = [rules.get(mark.name, mark.name) for mark in page.marks if mark.reason is acceptance.reason]
    what = "公章" if acceptance.reason is Reason.CHOP_UNCLEAR else "签字"
    return "、".join(f"“{name}”" for name in names) + f"处{what}在扫描件上无法判定"


def _sentences(findings: Sequence[Finding], translate: Translate) -> str:
    told = list(dict.fromkeys(finding.message.render(translate) for finding in findings))
    shown = "；".join(told[:_MOST_TOLD])
    return shown if len(told) <= _MOST_TOLD else f"{shown}等{len(findings)}处"


def _state(so_far: Collected, life: Sequence[Event]) -> str:
    late = any(finding.reason is Reason.LATE for finding in so_far.verdict.findings)
    if not so_far.is_complete:
        state = "部分接收，尚不齐全"
    elif stage([event.kind for event in life]) == RECEIVED:
        state = "齐全，已接收"
    else:
        state = "齐全，待论证通过后登记接收"
    return f"{state}（逾期送达）" if late else state


def _came(so_far: Collected, zone: tzinfo) -> str:
    times = [page.came for page in so_far.received.pages.values()]
    first, last = _minute(min(times), zone), _minute(max(times), zone)
    offset = max(times).astimezone(zone).isoformat()[-6:]
    return f"{first}（UTC{offset}）" if first == last else f"{first} 至 {last}（UTC{offset}）"


def _minute(time: datetime, zone: tzinfo) -> str:
    return f"{_day(time, zone)} {time.astimezone(zone):%H:%M}"


def _day(time: datetime, zone: tzinfo) -> str:
    there = time.astimezone(zone)
    return f"{there.year}年{there.month}月{there.day}日"


@lru_cache(maxsize=1)
def _chinese() -> Translate:
    return translation("zh")


def _faces(fonts: FontCatalogue) -> dict[str, list[str]]:
    """Return the families that each face of the layout is set in; digits and Latin letters in Times."""
    faces = {"song": "宋体", "title": "方正小标宋简体", "fangsong": "仿宋_GB2312", "hei": "黑体"}
    latin = fonts.face("Times New Roman").family
    named = {name: [latin, *fonts.face(face).families] for name, face in faces.items()}
    return {**named, "latin": list(fonts.face("Arial").families)}


def _literal(value: object) -> str:
    """Return plain data as Typst writes it."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{name}: {_literal(item)}" for name, item in value.items()) + ")"
    if isinstance(value, Sequence):
        return "(" + "".join(f"{_literal(item)}, " for item in value) + ")"
    raise TypeError(f"a {type(value).__name__} has no place in a receipt")
