"""Issues formal copies: reads from top to bottom like the flow of docs/design.md.

    application -> checks -> filled Word forms -> PDF -> page descriptions -> record -> seals -> print sets -> store

Everything up to the store happens in memory; the store takes the whole of it in one transaction. So an issue that is
killed at any moment leaves a whole record with its files, or nothing but a serial that is never given to another.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import cast

from toolkit import __version__
from toolkit.application.checks import check
from toolkit.application.context import template_context
from toolkit.application.programme import Document, Programme
from toolkit.application.reading import Application
from toolkit.application.similarity_rules import content_in
from toolkit.attachments import attached_pages, documents_of
from toolkit.canonical import Plain, canonical, digest
from toolkit.documents import MadeDocument, drawn, faces_of, filled_and_set, fonts_of, make, seal
from toolkit.errors import CheckFailed, StoreError, UsageError
from toolkit.formal.print_set import draft as draft_copy
from toolkit.home import Home
from toolkit.issued import (
    DOCX,
    PDF,
    File,
    Issued,
    accepted_application,
    file_names,
    issued_before,
    record_file,
    seals_name,
)
from toolkit.messages import Message
from toolkit.records.content import Content
from toolkit.records.files import StoredFile
from toolkit.records.record import RecordedDocument, build_record, record_digest, typeset_name
from toolkit.records.serials import Reservation
from toolkit.resources import shared
from toolkit.seal.payload import Claims
from toolkit.verdict import Outcome, Verdict

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

LONGEST_REASON = 500
"""Characters of a reason for accepting what a rule in principle does not allow."""
LONGEST_KEY = 200
"""Characters of a caller's key, as wide as the store's column for it."""


def draft(
    application: Application, *, home: Home | None = None, engine: str = "typst", now: datetime | None = None
) -> tuple[File, ...]:
    """Return Word file and PDF of every document with the draft's watermark: no serial, no seal, no record.

    A document whose template is a PDF form has no Word file.

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
    fonts = fonts_of(home)
    documents = documents_of(application, programme)
    attached = attached_pages(application, documents)
    context = template_context(application, programme, serial=None, revision=None, attached=attached)
    files = []
    made = filled_and_set(programme, documents, context, engine=engine, fonts=fonts, now=now)
    for document, docx, form in made:
        pdf = draft_copy(form.pdf, watermark=programme.print.draft_watermark, fonts_folder=shared("fonts"))
        if docx is not None:
            files.append(File(f"{document.id}-draft.docx", DOCX, docx))
        files.append(File(f"{document.id}-draft.pdf", PDF, pdf))
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

    1. The call must make sense, the checks must pass, attachments must open, and there must be a key to sign with. A
       call whose ``key`` was answered before gets that answer again.
    2. A serial is reserved.
    3. Every document is filled and set, and what stands on each page is described.
    4. The record is made of data, programme, templates, fonts and pages.
    5. Every side of every copy is sealed, and the print sets are drawn.
    6. Record, pages, files and event go to the store in one transaction, in which the ledger is signed where this home
       has a key for its heads.

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
        accepted=accepted_application(home, revises) if revises is not None else None,
        others=_others(home, application, revises or (home.store.reserved_for(key) if key else "")),
    )
    programme = application.programme
    accepted = _accepted_clauses(verdict, accept or {})
    if accepted is None or programme is None:
        raise CheckFailed(Message("nothing was issued, since the application's checks did not pass"), verdict)
    request = digest({"application": application.plain(), "revises": revises, **_kept(accepted)})
    answered = home.store.answered(key, request=request, revises=revises) if key is not None else None
    if answered is not None:
        return issued_before(home, answered.serial, answered.revision, again=True)
    signer = home.keys.signer(now, passphrase)
    head_signer = home.keys.head_signer(now, passphrase)
    documents = documents_of(application, programme)
    steps = len(documents) + 2
    progress(0, steps)
    attached = attached_pages(application, documents)
    # (2)
    prefix = signer.certificate.prefix
    reservation = home.store.reserve(
        f"{programme.name}/{prefix}",  # each office counts its own
        lambda number: programme.serial(prefix, number),
        request=request,
        revises=revises,
        key=key,
        now=now,
    )
    if reservation.existing:
        return issued_before(home, reservation.serial, reservation.revision, again=True)
    # (3)
    fonts = fonts_of(home)
    context = template_context(
        application, programme, serial=reservation.serial, revision=reservation.revision, attached=attached
    )
    forms = []
    for form in make(programme, documents, context, engine=engine, fonts=fonts, now=now):
        forms.append(form)
        progress(len(forms), steps)
    # (4)
    progress(steps - 2, steps)
    record = _record(application, programme, forms, reservation, accepted, engine=engine, now=now)
    issued = Issued(reservation.serial, reservation.revision, record_digest(record), now, (), again=False)
    # (5)
    claims = _claims(application, programme)
    for form in forms:
        form.sides = seal(form, issued, signer, programme.print.copies, claims if form is forms[0] else None)
        form.print_set = drawn(
            form.pdf,
            form.sides,
            form.pages,
            title=form.document.title,
            watermark=programme.print.watermark,
            submission=f"{issued.serial}-r{issued.revision}",
            issued_at=now,
        )
    # (6)
    progress(steps - 1, steps)
    kept = tuple(_files(issued, forms))
    try:
        home.store.keep(
            reservation,
            record=record,
            digest=issued.record_digest,
            descriptions={form.document.id: form.canonical_pages for form in forms},
            kept_files=[
                *kept,
                *_typeset(issued, forms),
                *_seals(issued, forms),
                *_templates(programme, documents),
                *_font_files(home, forms),
            ],
            who=home.settings.office,
            now=now,
            head_signer=head_signer,
        )
    except StoreError:
        if key is None or home.store.submission(issued.serial, issued.revision) is None:
            raise
        # Another call with this key was at work at the same time and came first: its answer is the answer.
        return issued_before(home, issued.serial, issued.revision, again=True)
    progress(steps, steps)
    answer = tuple(File(file.name, file.media_type, cast(bytes, file.data)) for file in kept)
    return replace(issued, files=(*answer, record_file(issued.serial, issued.revision, record)))


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


def _others(home: Home, application: Application, serial: str) -> tuple[Content, ...] | None:
    """Return what submissions but its own are about that may be alike, where the programme compares with them."""
    programme = application.programme
    if programme is None or not {"similar_in_unit", "similar_indicators"} & set(programme.checks):
        return None
    own = content_in(application.readable, year=programme.programme.year, serial=serial)
    return home.store.alike(own)


def _whole_seconds(now: datetime | None) -> datetime:
    """Return the time in UTC, the clock's when there is none: a seal's iat and a PDF's dates have whole seconds."""
    return (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)


def _record(
    application: Application,
    programme: Programme,
    forms: list[MadeDocument],
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
        fonts={file.path.name: file.digest for file in faces_of(forms)},
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


def _files(issued: Issued, forms: list[MadeDocument]) -> Iterator[StoredFile]:
    for form in forms:
        pdf, docx = file_names(issued.serial, issued.revision, form.document.id)
        yield StoredFile.of(pdf, "print set", PDF, form.print_set)
        if form.docx is not None:
            yield StoredFile.of(docx, "form", DOCX, form.docx)


def _typeset(issued: Issued, forms: list[MadeDocument]) -> Iterator[StoredFile]:
    """Give the forms without watermark and seals: what shows the look of what a description has only a digest of."""
    for form in forms:
        name = typeset_name(issued.serial, issued.revision, form.document.id)
        yield StoredFile.of(name, "typeset", PDF, form.pdf)


def _seals(issued: Issued, forms: list[MadeDocument]) -> Iterator[StoredFile]:
    """Give the seals of every side: with the typeset form they give its print set again, without the key."""
    for form in forms:
        name = seals_name(issued.serial, issued.revision, form.document.id)
        sides: Plain = [[side.copy, side.page, side.digits] for side in form.sides]
        yield StoredFile.of(name, "seals", "application/json", canonical(sides))


def _templates(programme: Programme, documents: Iterable[Document]) -> list[StoredFile]:
    types = {".docx": DOCX, ".pdf": PDF}
    return [
        StoredFile.of(each.template, "template", types[Path(each.template).suffix], programme.template(each))
        for each in documents
    ]


def _font_files(home: Home, forms: list[MadeDocument]) -> Iterator[StoredFile]:
    """Give the full fonts, to draw look-alikes years later; their bytes only where the store lacks them."""
    faces = faces_of(forms)
    unknown = home.store.missing(face.digest for face in faces)
    for face in faces:
        data = face.read() if face.digest in unknown else None
        yield StoredFile(face.path.name, "font", "font/ttf", data, face.digest)
