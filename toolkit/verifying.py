"""Verifies paper: composes scan, seal, trust and record into one verdict for everything that was handed in.

Nothing here knows how a QR is read or a signature checked; this file says in which order what is asked, and what
follows from the answers. The steps are numbered in the docstring of ``verify`` and where they are taken.
"""

from __future__ import annotations

import datetime
import io
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from toolkit.errors import InputUnreadable, ProgrammeError, StoreError, UsageError
from toolkit.messages import Message, masked
from toolkit.processes import in_order
from toolkit.records.received import RECEIPT_CODE, receipt_id, receipts_in
from toolkit.records.record import accepted_in
from toolkit.resources import shared
from toolkit.scan.completeness import ExpectedDocument, asks_duplex, expected_documents, judge_submission
from toolkit.scan.duplex import judge_duplex
from toolkit.scan.page_image import PageImage, UnreadableImage
from toolkit.scan.paper import PagePictures, PageVerdict, PaperVerdict, Relied, SealClaims, SubmissionVerdict, Topic
from toolkit.scan.print_scale import print_scale, scale_findings
from toolkit.scan.reading import read_page, thumbnail
from toolkit.scan.sources import Images, Progress, Source
from toolkit.scan.typed import TYPED, typed_lines
from toolkit.scan.watermark import Mark, borne_mark, prepare_mark
from toolkit.scan.zone_answers import ZoneMark
from toolkit.seal.payload import Seal, SealMalformed, SignedSeal, decode
from toolkit.seal.symbol import SymbolUnreadable, from_digits, modules, version_for
from toolkit.seal.trust import judge, judge_head
from toolkit.verdict import Finding, Reason

if TYPE_CHECKING:
    from toolkit.canonical import Plain
    from toolkit.comparing import Recorded
    from toolkit.home import Home
    from toolkit.records.ledger_heads import SignedHead
    from toolkit.records.store import StoredSubmission
    from toolkit.scan.alignment import Alignment
    from toolkit.scan.symbols import FoundSymbol

_UNREAD = frozenset({Reason.SEAL_ABSENT, Reason.SEAL_UNREADABLE, Reason.SEAL_CONFLICT})
_MOST_PICTURES = 64 * 2**20
"""Bytes of pictures that are kept: more than twice what a report shows of the most urgent pages."""
_OTHER_RECORD = frozenset({Reason.RECORD_UNKNOWN, Reason.RECORD_NOT_AT_HAND, Reason.RECORD_MISMATCH})
"""Reasons for which there is no record to compare a page with."""


def verify(
    sources: Sequence[Source],
    *,
    home: Home,
    now: datetime.datetime | None = None,
    pages_only: bool = False,
    pictures: bool = False,
    progress: Progress | None = None,
) -> PaperVerdict:
    """Return the verdict on scans and photos, in any order, of any number of submissions.

    Of every image, by as many processes as there are cores:

    1. It is opened; what cannot be opened is SEAL_UNREADABLE and loses nothing else.
    2. The symbols on it are found: none, one that cannot be decoded, or two seals end here; a page without a seal
       that bears a draft's watermark is a draft.
    3. The digits become a seal, strictly: a wrong check digit is unreadable, a wrong structure forged.
    4. The signature and the signer are judged. What a seal says is weighed only when both are good.
    5. The record that the seal names is looked up.
    6. Record and seal must agree on digests and on numbers of copies and pages.
    7. The revision must be the latest, and not revoked.
    8. The printed content is compared with the record.

    Then of every submission in the pile:

    9. Every document, copy and page must be there, of one revision.

    Args:
        sources: files, or pairs of name and bytes.
        home: the data folder with trust and store.
        now: the reader's time, aware; the clock's when left out.
        pages_only: leave step 9 out, for a few pages looked at by themselves.
        pictures: take pictures of what needs an eye, for ``html_report``: 0.3 to 0.6 s for each such page.
        progress: called after every image.

    Raises:
        UsageError: there are no sources.
        InputUnreadable: not one image could be opened.
    """
    if not sources:
        raise UsageError(Message("there is nothing to verify: name the scans, or use --text - with a handheld scanner"))
    desk = Desk(home, now or datetime.datetime.now(datetime.UTC), pictures)
    images = Images(sources)
    pages: list[PageVerdict] = []
    room = _MOST_PICTURES
    there = partial(_judge_there, home.folder, desk.now, pictures)
    for page in in_order(images, here=desk.judge, there=there, lost=_lost):
        size = page.pictures.size_in_bytes if page.pictures else 0
        pages.append(page if size <= room else replace(page, pictures=None))
        room -= min(size, room)
        if progress is not None:
            progress(len(pages), images.known)
    if len(images.refusals) == len(pages):
        raise InputUnreadable(images.nothing_opened())
    return desk.paper(pages, () if pages_only else desk.judge_submissions(pages))


def verify_digits(
    lines: Iterable[str],
    *,
    home: Home,
    now: datetime.datetime | None = None,
    pages_only: bool = False,
    told: Callable[[PageVerdict, Message | None], None] | None = None,
) -> PaperVerdict:
    """Return the verdict on symbols that a handheld scanner typed, one a line; the steps are (3) to (9) of ``verify``.

    Nothing is compared, and every page says so.

    Args:
        lines: as they come; read no further than needed, so that each can be tallied at once.
        home: the data folder with trust and store.
        now: the reader's time, aware; the clock's when left out.
        pages_only: leave step 9 out.
        told: called with each page's verdict as it comes, and with what to change at scanner or keyboard, if anything.

    Raises:
        InputUnreadable: there was nothing on any line, or there were too many.
    """
    desk = Desk(home, now or datetime.datetime.now(datetime.UTC))
    pages: list[PageVerdict] = []
    for line in typed_lines(lines):
        if line.digits is None:
            finding = Finding(Reason.SEAL_UNREADABLE, line.problem or Message("this is no seal"))
            page = PageVerdict(source=TYPED, image=line.number, findings=(finding,))
        else:
            page = desk.judge_digits(line.digits, line.number)
        pages.append(page)
        if told is not None:
            told(page, line.hint)
    return desk.paper(pages, () if pages_only else desk.judge_submissions(pages))


@lru_cache(maxsize=1)
def _desk_there(folder: Path, now: datetime.datetime, pictures: bool) -> Desk:
    """Return the desk of a working process, which opens the data folder for itself."""
    from toolkit.home import Home

    return Desk(Home.open(folder), now, pictures)


def _judge_there(
    folder: Path, now: datetime.datetime, pictures: bool, image: PageImage | UnreadableImage
) -> PageVerdict:
    return _desk_there(folder, now, pictures).judge(image)


def _lost(image: PageImage | UnreadableImage) -> PageVerdict:
    finding = Finding(
        Reason.CONTENT_NOT_COMPARED,
        Message("the program that looked at this page broke down twice: look at the page, and report this"),
    )
    return PageVerdict(source=image.source, image=image.number, findings=(finding,))


@dataclass(frozen=True, slots=True)
class _Watermark:
    """A watermark that some programme prints, on its drafts or on its formal copies."""

    text: str
    is_draft: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What steps (3) to (7) found of one symbol; ``signed`` and ``claims`` are None where it is no seal.

    ``stored`` is the record to compare the page with, None where there is none that fits the seal.
    """

    findings: tuple[Finding, ...]
    signed: SignedSeal | None = None
    claims: SealClaims | None = None
    stored: StoredSubmission | None = None

    @property
    def is_genuine(self) -> bool:
        """Whether a trusted signer made the seal."""
        return self.claims is not None and self.claims.signer is not None


@dataclass(frozen=True, slots=True)
class Laid:
    """Where a page lies in its image, by the record it was compared with: ``page`` of a ``document``, and its zones.

    ``examined`` is what was looked into besides text and zones.
    """

    alignment: Alignment
    stored: StoredSubmission
    zones: tuple[ZoneMark, ...]
    document: str
    page: int
    examined: frozenset[Topic] = frozenset()


@dataclass(slots=True)
class Desk:
    """One clerk's desk: trust and store, the reader's time, and the records already looked up.

    ``pictures`` says whether pictures are taken of what needs an eye.
    """

    home: Home
    now: datetime.datetime
    pictures: bool = False
    _looked_up: dict[tuple[str, int], StoredSubmission | None] = field(default_factory=dict)
    _watermarks: tuple[_Watermark, ...] | None = None
    _recorded: Recorded | None = None

    def judge(self, image: PageImage | UnreadableImage) -> PageVerdict:
        """Return the verdict on one image."""
        # (1)
        if isinstance(image, UnreadableImage):
            finding = Finding(Reason.SEAL_UNREADABLE, image.message)
            return PageVerdict(source=image.source, image=image.number, findings=(finding,))
        # (2)
        reading = read_page(image)
        if reading.seal is not None:
            return self._judge_page(image, reading.seal)
        found = self.draft_page(image) or reading.finding
        findings = (found,) if found else ()
        return PageVerdict(
            source=image.source,
            image=image.number,
            findings=findings,
            is_blank=reading.is_blank,
            thumbnail=thumbnail(image.pixels),
            pictures=self.pictures_of(image, findings, None),
        )

    def judge_digits(self, digits: str, line: int) -> PageVerdict:
        """Return the verdict on the page whose symbol was typed as these digits."""
        sealed = self._judge_seal(digits)
        findings = (*sealed.findings, _not_compared()) if sealed.is_genuine else sealed.findings
        reference = sealed.claims.reference if sealed.claims else None
        return PageVerdict(source=TYPED, image=line, findings=findings, reference=reference, seal=sealed.claims)

    def _judge_page(self, image: PageImage, symbol: FoundSymbol) -> PageVerdict:
        sealed = self._judge_seal(symbol.digits)
        findings, laid = sealed.findings, None
        # (8)
        if sealed.claims is not None and sealed.stored is not None:
            found, laid = self._compare(image, symbol, sealed.claims, sealed.stored)
            findings += found
        elif sealed.is_genuine:
            findings += (_not_compared(),)
        return PageVerdict(
            source=image.source,
            image=image.number,
            findings=findings,
            reference=sealed.claims.reference if sealed.claims else None,
            seal=sealed.claims,
            size=laid.alignment.size if laid else None,
            thumbnail=thumbnail(image.pixels),
            pictures=self.pictures_of(image, findings, laid),
            zones=laid.zones if laid else (),
            examined=laid.examined if laid else frozenset(),
            digest=image.digest if sealed.stored is not None else "",
        )

    def pictures_of(self, image: PageImage, findings: Sequence[Finding], laid: Laid | None) -> PagePictures | None:
        """Return pictures of what needs an eye, where they were asked for."""
        if not self.pictures:
            return None
        from toolkit.scan.crops import page_pictures

        try:
            if laid is None:
                return page_pictures(image.pixels, findings)
            record = self.recorded.look(laid.stored, laid.document, laid.page)
            return page_pictures(image.pixels, findings, alignment=laid.alignment, record=record)
        except Exception:  # pictures are for convenience: without them, the verdict still stands
            logging.getLogger(__name__).exception("no pictures of %s [%d]", image.source, image.number)
            return None

    def _judge_seal(self, digits: str) -> _Sealed:
        # (3)
        try:
            signed = decode(from_digits(digits))
        except (SymbolUnreadable, SealMalformed) as error:
            reason = getattr(error, "reason", Reason.SEAL_UNREADABLE)
            return _Sealed((Finding(reason, error.message),))
        # (4)
        findings = judge(signed, self.home.trust, self.now, partial(self._anchored, signed.seal))
        if any(finding.reason is not Reason.TRUST_STALE for finding in findings):
            return _Sealed(findings, signed, SealClaims.of(signed))
        signer = self.home.trust.signer(signed)
        # (5)
        stored = self.stored(signed.seal.serial, signed.seal.revision)
        if signed.seal.document == RECEIPT_CODE and not self.home.has_store:
            stored = None  # no bundle has receipts
        documents = expected_documents(stored.record) if stored else ()
        claims = SealClaims.of(
            signed,
            document=_document_id(signed.seal, documents),
            signer=signer.office if signer else None,
            demo=bool(signer and signer.demo),
        )
        found = (*findings, *self._judge_record(signed, stored))
        comparable = _OTHER_RECORD.isdisjoint(finding.reason for finding in found)
        return _Sealed(found, signed, claims, stored if comparable else None)

    def _compare(
        self, image: PageImage, symbol: FoundSymbol, claims: SealClaims, stored: StoredSubmission
    ) -> tuple[tuple[Finding, ...], Laid | None]:
        try:
            compared = self.recorded.compare(
                image.pixels,
                symbol.corners,
                modules(version_for(symbol.digits)),
                stored=stored,
                document=claims.document,
                page=claims.page,
            )
            findings, examined = compared.findings, compared.examined
            scales = print_scale(image, compared.alignment)
            if scales is not None:
                findings = (*findings, *scale_findings(scales, compared.alignment))
                examined |= {Topic.SCALE}
            place = (claims.document, claims.page)
            return findings, Laid(compared.alignment, stored, compared.zones, *place, examined)
        except StoreError as error:
            return (Finding(Reason.CONTENT_NOT_COMPARED, error.message),), None
        except Exception:  # whatever an image makes a library do, it must not lose the other 199 pages
            logging.getLogger(__name__).exception("%s [%d] could not be compared", image.source, image.number)
            message = Message("this page could not be compared: look at it yourself, and report this")
            return (Finding(Reason.CONTENT_NOT_COMPARED, message),), None

    def draft_page(self, image: PageImage) -> Finding | None:
        """Return the finding that a page without a seal bears a draft's watermark, if it does so beyond doubt."""
        if self._watermarks is None:
            self._watermarks = _watermarks(self.home)
        position = borne_mark(image.pixels, [mark.mark for mark in self._watermarks])
        if position is None or not self._watermarks[position].is_draft:
            return None
        return Finding(
            Reason.DRAFT_PAGE,
            Message(
                "this is a draft: it bears the watermark “{text}” and no seal; ask for the formal copy",
                text=self._watermarks[position].text,
            ),
        )

    def _anchored(self, seal: Seal, before: datetime.datetime) -> bool:
        """Tell whether the ledger proves that a record was there before a time; without a store nothing does."""
        if not self.home.has_store:
            return False
        try:
            return self.home.store.anchored(seal.serial, seal.revision, before=before, genuine=self._is_genuine_head)
        except StoreError:  # an altered ledger proves nothing; `audit` tells what was altered
            return False

    def _is_genuine_head(self, kept: SignedHead) -> bool:
        found = judge_head(kept.message, kept.head.at, self.home.trust, self.now)
        return all(finding.reason is Reason.TRUST_STALE for finding in found)

    def paper(self, pages: Sequence[PageVerdict], submissions: tuple[SubmissionVerdict, ...] = ()) -> PaperVerdict:
        """Return the verdict on the pile, with what it relied on."""
        trust = self.home.trust
        offices = {page.seal.signer for page in pages if page.seal}
        relied = tuple(
            Relied(root.office, root.fingerprint, trust.list_of(root), self.now)
            for root in trust.roots
            if root.office in offices
        )
        return PaperVerdict(pages=tuple(pages), submissions=submissions, relied=relied, offline=not self.home.has_store)

    def judge_submissions(self, pages: Sequence[PageVerdict]) -> tuple[SubmissionVerdict, ...]:
        """Return the verdict on every submission that any page names, by serial."""
        # (9)
        unread = sum(is_unread(page) for page in pages)
        named = [page for page in pages if page.seal and page.seal.code != RECEIPT_CODE]
        verdicts = []
        for serial in sorted({page.seal.serial for page in named if page.seal}):
            own = [page for page in named if page.seal and page.seal.serial == serial]
            revision = max((page.seal.revision for page in own if page.seal and page.is_read), default=0)
            stored = self.stored(serial, revision) if revision else None
            verdicts.append(
                judge_submission(
                    serial,
                    own,
                    expected=expected_documents(stored.record) if stored else None,
                    unread=unread,
                    sides=judge_duplex(serial, pages) if stored and asks_duplex(stored.record) else None,
                    accepted=accepted_in(stored.record) if stored else (),
                    told=self._told(stored, own) if stored else (),
                )
            )
        return tuple(verdicts)

    def _told(self, stored: StoredSubmission, pages: Sequence[PageVerdict]) -> Iterator[Finding]:
        """Yield what the life of a submission tells of its paper: that it comes too late, or came before."""
        if not self.home.has_store:
            return  # a bundle knows nothing of it, and every page says so
        from toolkit.collected import already_received
        from toolkit.records.life import lateness
        from toolkit.records.received import received

        life = self.home.store.life(stored.serial)
        late = lateness(cast("dict[str, Plain]", stored.record["programme"]), life, self.now)
        again = already_received(pages, received(life, stored.revision))
        yield from (finding for finding in (late, again) if finding is not None)

    @property
    def recorded(self) -> Recorded:
        """The records of the store, or those that bundles brought, for comparing."""
        from toolkit.comparing import Recorded

        if self._recorded is None:
            self._recorded = Recorded(self.home.store if self.home.has_store else self.home.imported)
        return self._recorded

    def stored(self, serial: str, revision: int) -> StoredSubmission | None:
        """Return a submission of the store, or of a record bundle where there is no store; None where there is none."""
        key = (serial, revision)
        if key not in self._looked_up:
            records = self.home.store if self.home.has_store else self.home.imported
            self._looked_up[key] = records.submission(*key)
        return self._looked_up[key]

    def _no_record(self, signed: SignedSeal) -> Finding:
        """Tell an issuer whose store lacks the record from a reader who has no such store."""
        serial = signed.seal.serial
        signer = self.home.trust.signer(signed)
        if self.home.owns(serial) and signer is not None:
            return Finding(
                Reason.RECORD_UNKNOWN,
                Message("the store of this office has no record of {serial}: it was not issued here", serial=serial),
            )
        return Finding(
            Reason.RECORD_NOT_AT_HAND,
            Message("there is no record of {serial} on this computer: ask the issuing office for it", serial=serial),
        )

    def _judge_record(self, signed: SignedSeal, stored: StoredSubmission | None) -> Iterator[Finding]:
        seal = signed.seal
        if stored is None:
            yield self._no_record(signed)
        elif seal.document == RECEIPT_CODE:
            # (6), (7): a receipt stays what it is, whatever was issued since
            yield from _no_such_receipt(signed, stored)
        else:
            # (6)
            yield from _disagreements(signed, stored)
            # (7)
            yield from out_of_force(stored)
        if stored is not None:
            yield from self.not_asked(seal.serial)

    def not_asked(self, serial: str) -> Iterator[Finding]:
        """Yield the note that a record is a bundle's, which does not know what happened since."""
        if self.home.has_store:
            return
        made_at = self.home.imported.made_at(serial)
        yield Finding(
            Reason.STORE_NOT_ASKED,
            Message(
                "compared with a record bundle as of {time}: whether the record was revoked, superseded or received "
                "since was not asked",
                time=made_at.isoformat() if made_at else "?",
            ),
        )


def out_of_force(stored: StoredSubmission) -> Iterator[Finding]:
    """Yield the findings that a revision was revoked, and that it is not the latest."""
    revoked = stored.revocation
    if revoked is not None:
        yield Finding(
            Reason.RECORD_REVOKED,
            Message(
                "revision {revision} of {serial} was revoked on {time} by {who}: {reason}",
                revision=stored.revision,
                serial=stored.serial,
                time=revoked.at.isoformat(timespec="seconds"),
                who=masked(revoked.who),
                reason=masked(revoked.reason),
            ),
        )
    if stored.latest_revision > stored.revision:
        yield Finding(
            Reason.RECORD_SUPERSEDED,
            Message(
                "revision {revision}, issued on {time}, was superseded by revision {latest}, issued on {latest_time}: "
                "ask for pages of that one",
                revision=stored.revision,
                time=stored.issued_at.isoformat(),
                latest=stored.latest_revision,
                latest_time=(stored.latest_issued_at or stored.issued_at).isoformat(),
            ),
        )


def is_unread(page: PageVerdict) -> bool:
    """Tell whether the page may be one that is missed; an empty side is none, since blank backs have seals too."""
    return not page.is_blank and any(finding.reason in _UNREAD for finding in page.findings)


def _not_compared() -> Finding:
    return Finding(
        Reason.CONTENT_NOT_COMPARED,
        Message("what is printed was not compared with the record: only the seal was checked"),
    )


def _watermarks(home: Home) -> tuple[_Watermark, ...]:
    """Return the watermarks of every programme that can be read; a broken one is no reason not to verify."""
    # Only now, since only pages without a seal need a programme, a typesetter's fonts and a drawing.
    from toolkit.application.programme import Programme
    from toolkit.formal.print_set import draft
    from toolkit.scan.pdf import OpenedPdf

    texts: dict[str, bool] = {}
    for folder in home.programmes.values():
        try:
            facts = Programme.load(folder).print
        except ProgrammeError:
            continue
        texts.setdefault(facts.draft_watermark, True)
        texts[facts.watermark] = False  # a text that any formal copy bears tells nothing of drafts
    found = []
    for text, is_draft in texts.items():
        drawn = OpenedPdf.of(text, draft(_blank_page(), watermark=text, fonts_folder=shared("fonts")))
        page = drawn.page(1) if isinstance(drawn, OpenedPdf) else drawn
        if isinstance(page, PageImage):
            found.append(_Watermark(text, is_draft, prepare_mark(page.pixels)))
    return tuple(found)


def _blank_page() -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _document_id(seal: Seal, documents: Iterable[ExpectedDocument]) -> str | None:
    """Return the id of the document that a seal names, where the record is at hand."""
    if seal.document == RECEIPT_CODE and documents:
        return receipt_id(seal.copy)
    return next((each.id for each in documents if each.code == seal.document), None)


def _no_such_receipt(signed: SignedSeal, stored: StoredSubmission) -> Iterator[Finding]:
    """Yield the finding that the office made no such receipt."""
    seal = signed.seal
    made = receipts_in(stored.events).get(seal.copy)
    digests = made.page_digests if made else ()
    listed = digests[seal.page - 1] if seal.page <= len(digests) else None
    if (seal.record_digest, seal.pages, seal.page_digest) != (stored.record_digest, len(digests), listed):
        message = Message(
            "the store has no such page of receipt {number} of {serial}", number=seal.copy, serial=seal.serial
        )
        yield Finding(Reason.RECORD_MISMATCH, message)


def _disagreements(signed: SignedSeal, stored: StoredSubmission) -> Iterator[Finding]:
    """Yield what in the seal is not as the record has it; the first of these tells enough."""
    seal = signed.seal
    document = next((each for each in expected_documents(stored.record) if each.code == seal.document), None)
    if seal.record_digest != stored.record_digest:
        message = Message("the store's record of {serial} is not the one that the seal names", serial=seal.serial)
    elif document is None:
        message = Message("the record of {serial} has no document {code}", serial=seal.serial, code=seal.document)
    elif (seal.pages, seal.copies) != (len(document.page_digests), document.copies):
        message = Message(
            "the seal says {pages} pages in {copies} copies, the record {recorded_pages} in {recorded_copies}",
            pages=seal.pages,
            copies=seal.copies,
            recorded_pages=len(document.page_digests),
            recorded_copies=document.copies,
        )
    elif document.page_digests[seal.page - 1] != seal.page_digest:
        message = Message("the record of this page is not the one that the seal names")
    else:
        return
    yield Finding(Reason.RECORD_MISMATCH, message)
