"""Issues formal copies: reads from top to bottom like the flow of docs/design.md.

    application -> checks -> filled Word forms -> PDF -> page descriptions -> record -> seals -> print sets -> store

Everything up to the store happens in memory; the store takes the whole of it in one transaction. So an issue that is
killed at any moment leaves a whole record with its files, or nothing but a serial that is never given to another.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import cast

from toolkit import __version__
from toolkit.application.checks import check
from toolkit.application.context import template_context
from toolkit.application.programme import Document, Programme
from toolkit.application.reading import Application
from toolkit.attachments import attached_pages, documents_of
from toolkit.canonical import Plain, canonical, digest
from toolkit.errors import CheckFailed, EventRefused, StoreError, SubmissionUnknown, TemplateError, UsageError
from toolkit.formal.description import describe
from toolkit.formal.keep_out import intrusions
from toolkit.formal.pictured import is_pictured
from toolkit.formal.print_set import Side, print_set
from toolkit.formal.print_set import draft as draft_copy
from toolkit.forms.filling import fill
from toolkit.forms.fonts import FontCatalogue, FontFile
from toolkit.forms.typesetting import Anchor, pad_to_even, typeset
from toolkit.home import Home
from toolkit.messages import Message
from toolkit.page import PageDescription, Zone
from toolkit.records.content import Content
from toolkit.records.life import ACCEPTED, PASSED, WITHDRAWN, paper_due, stage
from toolkit.records.record import RecordedDocument, build_record, record_digest, typeset_name
from toolkit.records.serials import Reservation
from toolkit.records.store import StoredFile, StoredSubmission
from toolkit.resources import shared
from toolkit.seal import symbol
from toolkit.seal.keys import Signer
from toolkit.seal.payload import LARGEST_REVISION, SERIAL_CHARACTERS, Claims, Seal, encode
from toolkit.seal.reference import Reference
from toolkit.verdict import FORMAT, Outcome, Verdict

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
LONGEST_REASON = 500
"""Characters of a reason for accepting what a rule in principle does not allow."""
LONGEST_KEY = 200
"""Characters of a caller's key, as wide as the store's column for it."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of an answer: its name, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued: serial and revision, the record's digest, and the files to print and to keep.

    ``again`` tells that an earlier call with the same key already got this answer.
    """

    serial: str
    revision: int
    record_digest: bytes
    issued_at: datetime
    files: tuple[File, ...]
    again: bool

    def to_dict(self) -> dict[str, object]:
        """Return the answer as JSON by contract; the files' bytes stay out, their digests identify them."""
        return {
            "format": FORMAT,
            "serial": self.serial,
            "revision": self.revision,
            "record": self.record_digest.hex(),
            "issued_at": self.issued_at.isoformat(),
            "again": self.again,
            "files": [
                {
                    "name": file.name,
                    "media_type": file.media_type,
                    "size": len(file.content),
                    "sha256": hashlib.sha256(file.content).hexdigest(),
                }
                for file in self.files
            ],
        }


def draft(
    application: Application, *, home: Home | None = None, engine: str = "typst", now: datetime | None = None
) -> tuple[File, ...]:
    """Return Word file and PDF of every document with the draft's watermark: no serial, no seal, no record.

    Args:
        application: What ``load_application`` returned; broken rules do not keep it from being drafted.
        home: The data folder, for the office's own fonts; an applicant has none.
        engine: ``typst``, or ``libreoffice`` where it is installed.
        now: The time that the files carry; the clock's when left out.

    Raises:
        CheckFailed: fields are missing or cannot be understood, so that no form can be filled.
        TemplateError, TypesettingError: a template cannot be filled or set.
    """
    now = _whole_seconds(now)
    programme = application.programme
    if application.form is None or programme is None:
        raise CheckFailed(
            Message("the application cannot be drafted before every field is complete"), check(application, now=now)
        )
    fonts = _fonts(home)
    documents = documents_of(application, programme)
    attached = attached_pages(application, documents)
    context = template_context(application, programme, serial=None, revision=None, attached=attached)
    files = []
    for document in documents:
        docx = fill(programme.template(document), context, name=document.template)
        form = typeset(docx, name=document.template, engine=engine, fonts=fonts, created=now)
        pdf = draft_copy(form.pdf, watermark=programme.print.draft_watermark, fonts_folder=shared("fonts"))
        files += [File(f"{document.id}-draft.docx", DOCX, docx), File(f"{document.id}-draft.pdf", PDF, pdf)]
    return tuple(files)


def issue(
    application: Application,
    *,
    home: Home,
    passphrase: str | None = None,
    key: str | None = None,
    revises: str | None = None,
    accept: Mapping[str, str] | None = None,
    engine: str = "typst",
    now: datetime | None = None,
    progress: Progress = lambda done, total: None,
) -> Issued:
    """Issue the formal copy of an application and keep its record.

    1. The call must make sense, the checks must pass, attachments must open, and there must be a key to sign with.
    2. A serial is reserved; a call whose ``key`` was answered before gets that answer again.
    3. Every document is filled and set, and what stands on each page is described.
    4. The record is made of data, programme, templates, fonts and pages.
    5. Every side of every copy is sealed, and the print sets are drawn.
    6. Record, pages, files and event go to the store in one transaction.

    Args:
        application: What ``load_application`` returned.
        home: The data folder with settings, signing key and store.
        passphrase: Opens the signing key, where it is encrypted.
        key: Idempotency key of the caller: the same key gives the same answer, whatever happened in between.
        revises: Serial of the submission that this one supersedes, as its next revision.
        accept: Reasons by clause of the notice: rules in principle that are not held against this application. The
            record keeps those that mattered.
        engine: ``typst``, or ``libreoffice`` where it is installed.
        now: The time that the seals claim; the clock's when left out.
        progress: Called with steps done and steps in all.

    Raises:
        CheckFailed: the checks did not pass; the exception has their verdict.
        InputUnreadable: an attachment cannot be opened.
        SubmissionUnknown: there is nothing of that serial to revise.
        UsageError: ``key`` cannot be one.
        KeyUnusable, StoreError, TemplateError, TypesettingError: it cannot work; nothing was issued.
    """
    now = _whole_seconds(now)
    # (1)
    if key is not None and not (key.isprintable() and 1 <= len(key) <= LONGEST_KEY):
        raise UsageError(Message("the key of a call has 1 to {longest} printable characters", longest=LONGEST_KEY))
    verdict = check(
        application,
        now=now,
        accepted=_accepted(home, revises) if revises is not None else None,
        others=_others(home, application, revises),
    )
    programme = application.programme
    accepted = _accepted_clauses(verdict, accept or {})
    if accepted is None or programme is None:
        raise CheckFailed(Message("nothing was issued, since the application's checks did not pass"), verdict)
    signer = home.keys.signer(now, passphrase)
    documents = documents_of(application, programme)
    steps = len(documents) + 2
    progress(0, steps)
    attached = attached_pages(application, documents)
    # (2)
    prefix = signer.certificate.prefix
    reservation = home.store.reserve(
        f"{programme.name}/{prefix}",  # each office counts its own
        lambda number: programme.serial(prefix, number),
        request=digest({"application": application.plain(), "revises": revises, **_kept(accepted)}),
        revises=revises,
        key=key,
        now=now,
    )
    if reservation.existing:
        return issued_before(home, reservation.serial, reservation.revision, again=True)
    # (3)
    fonts = _fonts(home)
    context = template_context(
        application, programme, serial=reservation.serial, revision=reservation.revision, attached=attached
    )
    forms = []
    for done, document in enumerate(documents):
        progress(done, steps)
        forms.append(_set(programme, document, context, engine=engine, fonts=fonts, now=now))
    # (4)
    progress(steps - 2, steps)
    record = _record(application, programme, forms, reservation, accepted, engine=engine, now=now)
    issued = Issued(reservation.serial, reservation.revision, record_digest(record), now, (), again=False)
    # (5)
    claims = _claims(application, programme)
    for form in forms:
        form.print_set = _print_set(form, issued, signer, programme, claims if form is forms[0] else None)
    # (6)
    progress(steps - 1, steps)
    kept = tuple(_files(issued, forms))
    try:
        home.store.keep(
            reservation,
            record=record,
            digest=issued.record_digest,
            descriptions={form.document.id: form.canonical_pages for form in forms},
            kept_files=[*kept, *_typeset(issued, forms), *_templates(programme, documents), *_font_files(home, forms)],
            who=home.settings.office,
            now=now,
        )
    except StoreError:
        if key is None or home.store.submission(issued.serial, issued.revision) is None:
            raise
        # Another call with this key was at work at the same time and came first: its answer is the answer.
        return issued_before(home, issued.serial, issued.revision, again=True)
    progress(steps, steps)
    answer = tuple(File(file.name, file.media_type, cast(bytes, file.data)) for file in kept)
    return replace(issued, files=(*answer, _record_file(issued.serial, issued.revision, record)))


def issued_before(home: Home, serial: str, revision: int | None = None, *, again: bool = False) -> Issued:
    """Return what was issued under a serial (its latest revision, when none is named), as it was issued.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: what the store holds does not fit its digests.
    """
    stored = _stored(home, serial, revision)
    kept = {entry.name: entry for entry in stored.files if entry.kind in _ANSWERED}
    documents = cast("list[dict[str, str]]", stored.record["documents"])
    # The store lists files by name; the answer has them in the order of the first one.
    first = [name for each in documents for name in _names(stored.serial, stored.revision, each["id"]) if name in kept]
    names = dict.fromkeys([*first, *kept])
    files = tuple(File(name, kept[name].media_type, home.store.file(kept[name].digest)) for name in names)
    return Issued(
        stored.serial,
        stored.revision,
        stored.record_digest,
        stored.issued_at,
        (*files, _record_file(stored.serial, stored.revision, stored.record)),
        again,
    )


def described(home: Home, serial: str, revision: int | None = None) -> dict[str, object]:
    """Return what the store has of a submission, as ``show --json`` answers: no data of persons is in it.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: what the store holds does not fit its digests.
    """
    stored = _stored(home, serial, revision)
    documents = cast("list[dict[str, Plain]]", stored.record["documents"])
    life = home.store.life(serial)
    passed = next((event.at for event in reversed(life) if event.kind == PASSED), None)
    due = paper_due(cast("dict[str, Plain]", stored.record["programme"]), passed) if passed else None
    return {
        "format": FORMAT,
        "serial": stored.serial,
        "revision": stored.revision,
        "latest_revision": stored.latest_revision,
        "issued_at": stored.issued_at.isoformat(),
        "record": stored.record_digest.hex(),
        "documents": [{name: entry[name] for name in ("id", "code", "copies", "pages")} for entry in documents],
        "files": [
            {"name": file.name, "kind": file.kind, "size": file.size, "sha256": file.digest.hex()}
            for file in stored.files
        ],
        "accepted": stored.record.get("accepted", []),
        "stage": stage([event.kind for event in life]),
        "paper_due": due.isoformat() if due else None,
        "events": [{"kind": event.kind, "at": event.at.isoformat(), "who": event.who} for event in life],
    }


def _accepted_clauses(verdict: Verdict, accept: Mapping[str, str]) -> dict[str, str] | None:
    """Return the reasons that were needed for this verdict, by clause; None when they do not do.

    Raises:
        UsageError: for a reason that is none.
    """
    for clause, reason in accept.items():
        if not 1 <= len(reason.strip()) <= LONGEST_REASON or not reason.isprintable():
            raise UsageError(
                Message(
                    "the reason for accepting {clause} has 1 to {most} characters on one line",
                    clause=clause,
                    most=LONGEST_REASON,
                )
            )
    if verdict.outcome is Outcome.FAILED:
        return None
    clauses = {finding.clause for finding in verdict.findings if finding.outcome is Outcome.INDETERMINATE}
    if not clauses <= set(accept):
        return None
    return {clause: reason.strip() for clause, reason in accept.items() if clause in clauses}


def _kept(accepted: Mapping[str, str]) -> dict[str, Plain]:
    """Return what was accepted for the digest of a request: nothing where nothing was, as before there was such."""
    return {"accepted": [[clause, reason] for clause, reason in accepted.items()]} if accepted else {}


def _others(home: Home, application: Application, revises: str | None) -> tuple[Content, ...] | None:
    """Return what other submissions are about, where the programme compares with them."""
    checks = application.programme.checks if application.programme else {}
    if not {"similar_in_unit", "similar_indicators"} & set(checks):
        return None
    return tuple(one for one in home.store.contents() if one.serial != revises)


def _accepted(home: Home, serial: str) -> dict[str, Plain] | None:
    """Return the application that a revision changes, if it was accepted: not all of it may change then."""
    stored = _stored(home, serial, None)
    kinds = [event.kind for event in home.store.life(serial)]
    if stage(kinds) == WITHDRAWN:
        raise EventRefused(Message("{serial} was withdrawn; issue a new submission", serial=serial))
    return cast("dict[str, Plain]", stored.record["application"]) if ACCEPTED in kinds else None


def _stored(home: Home, serial: str, revision: int | None) -> StoredSubmission:
    sealable = SERIAL_CHARACTERS.issuperset(serial) and (revision or 1) <= LARGEST_REVISION
    stored = home.store.submission(serial, revision) if sealable else None
    if stored is None:
        named = f"{serial}-r{revision}" if revision else serial
        raise SubmissionUnknown(
            Message("{submission} is not in the store; check the number below the symbol", submission=named)
        )
    return stored


def _whole_seconds(now: datetime | None) -> datetime:
    """Return the time in UTC, the clock's when there is none: a seal's iat and a PDF's dates have whole seconds."""
    return (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)


@dataclass(slots=True)
class _Form:
    """One document on its way: filled, set, described, and at last drawn as a print set."""

    document: Document
    docx: bytes
    pdf: bytes
    pages: tuple[PageDescription, ...]
    canonical_pages: tuple[bytes, ...]
    faces: tuple[FontFile, ...]
    print_set: bytes = b""

    @property
    def page_digests(self) -> tuple[bytes, ...]:
        """The page digests of the contract, of bytes that are made once: they take longer than the digest."""
        return tuple(hashlib.sha256(page).digest() for page in self.canonical_pages)


_ANSWERED = {"print set", "form"}
"""Kinds of stored files that belong to the answer of an issue; templates and fonts are kept beside them."""


@lru_cache(maxsize=4)
def _catalogue(office_folder: Path | None) -> FontCatalogue:
    """Return the fonts, read once in a process: their files do not change, and Typst takes 0.1 s to index them."""
    return FontCatalogue.load(shared("fonts"), office_folder)


def _fonts(home: Home | None) -> FontCatalogue:
    return _catalogue(home.settings.fonts_dir if home else None)


def _set(
    programme: Programme,
    document: Document,
    context: Mapping[str, object],
    *,
    engine: str,
    fonts: FontCatalogue,
    now: datetime,
) -> _Form:
    """Fill and set one document, on an even number of pages: every copy starts on a front, every back is sealed."""
    docx = fill(programme.template(document), context, name=document.template)
    form = typeset(docx, name=document.template, engine=engine, fonts=fonts, created=now, even=True)
    if form.padded:
        docx = pad_to_even(docx, name=document.template)
    zones = _zones(document, form.anchors, form.pages)
    pages = describe(form.pdf, zones=zones, watermark=programme.print.watermark)
    return _Form(document, docx, form.pdf, pages, tuple(page.canonical() for page in pages), form.faces)


def _zones(document: Document, anchors: tuple[Anchor, ...], pages: int) -> list[list[Zone]]:
    """Return the zones of every page.

    Raises:
        TemplateError: a zone of the programme has no bookmark in the template.
    """
    places = {anchor.name: anchor for anchor in anchors}
    missing = [rule.name for rule in document.zones if rule.name not in places]
    if missing:
        raise TemplateError(
            Message(
                "{template} lacks the zones {zones}: put a bookmark of each name into a table cell",
                template=document.template,
                zones=tuple(missing),
            )
        )
    zones: list[list[Zone]] = [[] for _ in range(pages)]
    for rule in document.zones:
        zones[places[rule.name].page - 1].append(Zone(rule.name, rule.kind, places[rule.name].box))
    return zones


def _record(
    application: Application,
    programme: Programme,
    forms: list[_Form],
    reservation: Reservation,
    accepted: Mapping[str, str],
    *,
    engine: str,
    now: datetime,
) -> dict[str, Plain]:
    return build_record(
        serial=reservation.serial,
        revision=reservation.revision,
        supersedes=reservation.supersedes,
        issued_at=now,
        programme=programme.facts(),
        application=application.plain(),
        documents=[
            RecordedDocument(form.document.id, form.document.code, programme.print.copies, form.page_digests)
            for form in forms
        ],
        templates={file.name: file.digest for file in _templates(programme, [form.document for form in forms])},
        fonts={file.path.name: file.digest for file in _faces(forms)},
        engine=engine,
        versions={"truecopy": __version__, "typst": version("typst")},
        salt=secrets.token_bytes(16),
        accepted=accepted,
    )


def _claims(application: Application, programme: Programme) -> Claims | None:
    """Return what the first page's seal says in words, unless the programme turns it off."""
    if not programme.seal.describe_first_page:
        return None
    form = application.complete()
    return Claims(form.title, form.applicant_unit.name, form.leader.name, form.funds.requested)


def _print_set(form: _Form, issued: Issued, signer: Signer, programme: Programme, claims: Claims | None) -> bytes:
    """Seal every side of every copy and draw them, copy after copy.

    Raises:
        TemplateError: something stands where the symbol must go.
    """
    copies, pages = programme.print.copies, len(form.pages)
    sides = []
    for copy in range(1, copies + 1):
        for number, page_digest in enumerate(form.page_digests, 1):
            seal = Seal(
                serial=issued.serial,
                revision=issued.revision,
                document=form.document.code,
                copy=copy,
                copies=copies,
                page=number,
                pages=pages,
                record_digest=issued.record_digest,
                page_digest=page_digest,
                issued_at=issued.issued_at,
                claims=claims if number == 1 else None,
            )
            digits = symbol.to_digits(encode(seal, signer))
            if copy == 1:
                _refuse_intrusions(form, number, symbol.modules(symbol.version_for(digits)))
            reference = Reference(issued.serial, issued.revision, form.document.code, copy, number)
            sides.append(Side(number, copy, digits, str(reference)))
    return print_set(
        form.pdf,
        sides,
        watermark=programme.print.watermark,
        title=f"{form.document.title} {issued.serial}-r{issued.revision}",
        issued_at=issued.issued_at,
        fonts_folder=shared("fonts"),
        pictured=frozenset(number for number, page in enumerate(form.pages, 1) if is_pictured(page)),
    )


def _refuse_intrusions(form: _Form, number: int, modules: int) -> None:
    found = intrusions(form.pages[number - 1], number, modules)
    if found:
        raise TemplateError(
            Message(
                "{template}: on page {page} “{text}” stands where the symbol goes; keep the outer top corner free",
                template=form.document.template,
                page=number,
                text=found[0].text or Message("a line or a picture"),
            )
        )


def _files(issued: Issued, forms: list[_Form]) -> Iterator[StoredFile]:
    for form in forms:
        pdf, docx = _names(issued.serial, issued.revision, form.document.id)
        yield StoredFile.of(pdf, "print set", PDF, form.print_set)
        yield StoredFile.of(docx, "form", DOCX, form.docx)


def _typeset(issued: Issued, forms: list[_Form]) -> Iterator[StoredFile]:
    """Give the forms without watermark and seals: what shows the look of what a description has only a digest of."""
    for form in forms:
        name = typeset_name(issued.serial, issued.revision, form.document.id)
        yield StoredFile.of(name, "typeset", PDF, form.pdf)


def _names(serial: str, revision: int, document: str) -> tuple[str, str]:
    """Return the names of a document's print set and of its Word file."""
    name = f"{serial}-r{revision}-{document}"
    return f"{name}.pdf", f"{name}.docx"


def _record_file(serial: str, revision: int, record: dict[str, Plain]) -> File:
    return File(f"{serial}-r{revision}-record.json", "application/json", canonical(record))


def _templates(programme: Programme, documents: Iterable[Document]) -> list[StoredFile]:
    return [StoredFile.of(document.template, "template", DOCX, programme.template(document)) for document in documents]


def _faces(forms: list[_Form]) -> list[FontFile]:
    """Return the font files that the forms' glyphs are from."""
    return list({face.digest: face for form in forms for face in form.faces}.values())


def _font_files(home: Home, forms: list[_Form]) -> Iterator[StoredFile]:
    """Give the full fonts, to draw look-alikes years later; their bytes only where the store lacks them."""
    faces = _faces(forms)
    unknown = home.store.missing(face.digest for face in faces)
    for face in faces:
        data = face.read() if face.digest in unknown else None
        yield StoredFile(face.path.name, "font", "font/ttf", data, face.digest)
