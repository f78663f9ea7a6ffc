"""Verifies paper: composes scan, seal, trust and record into one verdict for everything that was handed in.

Nothing here knows how a QR is read or a signature checked; this file says in which order what is asked, and what
follows from the answers. The steps are numbered in the docstring of ``verify`` and where they are taken.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import InputUnreadable, ProgrammeError, UsageError
from toolkit.messages import Message
from toolkit.resources import shared
from toolkit.scan.completeness import ExpectedDocument, asks_duplex, expected_documents, judge_submission
from toolkit.scan.image_process import ImageProcess
from toolkit.scan.images import open_images
from toolkit.scan.page_image import MAX_FILE_BYTES, PageImage, UnreadableImage, too_large
from toolkit.scan.paper import InspectedPage, Inspection, PageVerdict, PaperVerdict, SealClaims, SubmissionVerdict
from toolkit.scan.reading import read_page, thumbnail
from toolkit.scan.typed import typed_lines
from toolkit.scan.watermark import Mark, borne_mark, prepare_mark
from toolkit.seal.payload import SealMalformed, SignedSeal, decode
from toolkit.seal.reference import Reference
from toolkit.seal.symbol import SymbolUnreadable, from_digits
from toolkit.seal.trust import judge
from toolkit.verdict import Finding, Reason

if TYPE_CHECKING:
    from toolkit.home import Home
    from toolkit.records.store import StoredSubmission

Source = str | Path | tuple[str, bytes]
"""A file to read, or a name for messages and the bytes themselves."""

Progress = Callable[[int, int], None]
"""Called with images done and images known so far."""

MOST_LINES = 10_000
"""Lines of a handheld scanner in one session; a person scans some 1,500 an hour."""
_UNREAD = frozenset({Reason.SEAL_ABSENT, Reason.SEAL_UNREADABLE, Reason.SEAL_CONFLICT})
_TYPED = "-"
"""The source of typed lines, as standard input is written on a command line."""


def verify(
    sources: Sequence[Source],
    *,
    home: Home,
    now: datetime.datetime | None = None,
    pages_only: bool = False,
    progress: Progress | None = None,
) -> PaperVerdict:
    """Return the verdict on scans and photos, in any order, of any number of submissions.

    Of every image, one at a time:

    1. It is opened; what cannot be opened is SEAL_UNREADABLE and loses nothing else.
    2. The symbols on it are found: none, one that cannot be decoded, or two seals end here; a page without a seal
       that bears a draft's watermark is a draft.
    3. The digits become a seal, strictly: a wrong check digit is unreadable, a wrong structure forged.
    4. The signature and the signer are judged. What a seal says is weighed only when both are good.
    5. The record that the seal names is looked up.
    6. Record and seal must agree on digests and on numbers of copies and pages.
    7. The revision must be the latest.
    8. The printed content is compared with the record: not yet, and the page says so.

    Then of every submission in the pile:

    9. Every document, copy and page must be there, of one revision.

    Args:
        sources: files, or pairs of name and bytes.
        home: the data folder with trust and store.
        now: the reader's time, aware; the clock's when left out.
        pages_only: leave step 9 out, for a few pages looked at by themselves.
        progress: called after every image.

    Raises:
        UsageError: there are no sources.
        InputUnreadable: not one image could be opened.
    """
    if not sources:
        raise UsageError(Message("there is nothing to verify: name the scans, or use --text - with a handheld scanner"))
    desk = _Desk(home, now or datetime.datetime.now(datetime.UTC))
    pages: list[PageVerdict] = []
    refusals: list[Message] = []
    for image in _images(sources, progress):
        # (1)
        if isinstance(image, UnreadableImage):
            refusals.append(image.message)
            finding = Finding(Reason.SEAL_UNREADABLE, image.message)
            pages.append(PageVerdict(source=image.source, image=image.number, findings=(finding,)))
        else:
            pages.append(desk.judge_image(image))
    if len(refusals) == len(pages):
        raise InputUnreadable(_nothing_opened(refusals))
    return PaperVerdict(pages=tuple(pages), submissions=() if pages_only else desk.judge_submissions(pages))


def verify_digits(
    lines: Iterable[str],
    *,
    home: Home,
    now: datetime.datetime | None = None,
    pages_only: bool = False,
    told: Callable[[PageVerdict, Message | None], None] | None = None,
) -> PaperVerdict:
    """Return the verdict on symbols that a handheld scanner typed, one a line; the steps are (3) to (9) of ``verify``.

    Args:
        lines: as they come; read no further than needed, so that each can be tallied at once.
        home: the data folder with trust and store.
        now: the reader's time, aware; the clock's when left out.
        pages_only: leave step 9 out.
        told: called with each page's verdict as it comes, and with what to change at scanner or keyboard, if anything.

    Raises:
        InputUnreadable: there was no line, or there were more than ``MOST_LINES``.
    """
    desk = _Desk(home, now or datetime.datetime.now(datetime.UTC))
    pages: list[PageVerdict] = []
    for line in typed_lines(lines):
        if len(pages) == MOST_LINES:
            raise InputUnreadable(Message("more than {limit} lines were typed: start again", limit=MOST_LINES))
        if line.digits is None:
            finding = Finding(Reason.SEAL_UNREADABLE, line.problem or Message("this is no seal"))
            page = PageVerdict(source=_TYPED, image=line.number, findings=(finding,))
        else:
            page = desk.judge_digits(line.digits, source=_TYPED, image=line.number)
        pages.append(page)
        if told is not None:
            told(page, line.hint)
    if not pages:
        raise InputUnreadable(Message("no line was typed: scan a symbol, one a line"))
    return PaperVerdict(pages=tuple(pages), submissions=() if pages_only else desk.judge_submissions(pages))


def inspect(sources: Sequence[Source], *, progress: Progress | None = None) -> Inspection:
    """Return what the seals on scans claim, without judging any of it: no key, trust or store is needed.

    Raises:
        UsageError: there are no sources.
        InputUnreadable: not one image could be opened.
    """
    if not sources:
        raise UsageError(
            Message("there is nothing to inspect: name the scans, or use --text - with a handheld scanner")
        )
    pages: list[InspectedPage] = []
    refusals: list[Message] = []
    images = 0
    for image in _images(sources, progress):
        images += 1
        if isinstance(image, UnreadableImage):
            refusals.append(image.message)
            pages.append(InspectedPage(image.source, image.number, problem=image.message))
            continue
        reading = read_page(image)
        if reading.candidates:
            pages += [_inspected(digits, image.source, image.number) for digits in reading.candidates]
        else:
            problem = reading.finding.message if reading.finding else None
            pages.append(InspectedPage(image.source, image.number, problem=problem))
    if len(refusals) == images:
        raise InputUnreadable(_nothing_opened(refusals))
    return Inspection(tuple(pages))


def inspect_digits(lines: Iterable[str]) -> Inspection:
    """Return what typed symbols claim; see ``inspect``."""
    pages: list[InspectedPage] = []
    for line in typed_lines(lines):
        if len(pages) == MOST_LINES:
            raise InputUnreadable(Message("more than {limit} lines were typed: start again", limit=MOST_LINES))
        if line.digits is None:
            pages.append(InspectedPage(_TYPED, line.number, problem=line.problem))
        else:
            pages.append(_inspected(line.digits, _TYPED, line.number))
    return Inspection(tuple(pages))


def _inspected(digits: str, source: str, number: int) -> InspectedPage:
    try:
        signed = decode(from_digits(digits))
    except (SymbolUnreadable, SealMalformed) as error:
        return InspectedPage(source, number, problem=error.message)
    return InspectedPage(source, number, _reference(signed), _claims(signed))


@dataclass(frozen=True, slots=True)
class _Watermark:
    """A watermark that some programme prints, on its drafts or on its formal copies."""

    text: str
    is_draft: bool
    mark: Mark


@dataclass(slots=True)
class _Desk:
    """One clerk's desk: trust and store, the reader's time, and the records already looked up."""

    home: Home
    now: datetime.datetime
    _looked_up: dict[tuple[str, int], StoredSubmission | None] = field(default_factory=dict)
    _watermarks: tuple[_Watermark, ...] | None = None

    def judge_image(self, image: PageImage) -> PageVerdict:
        """Return the verdict on one image that could be opened."""
        small = thumbnail(image.pixels)
        # (2)
        reading = read_page(image)
        if reading.digits is not None:
            return self.judge_digits(reading.digits, source=image.source, image=image.number, small=small)
        finding = self._draft_page(image) or reading.finding
        return PageVerdict(
            source=image.source, image=image.number, findings=(finding,) if finding else (), thumbnail=small
        )

    def judge_digits(self, digits: str, *, source: str, image: int, small: bytes = b"") -> PageVerdict:
        """Return the verdict on the page whose symbol holds these digits."""
        # (3)
        try:
            signed = decode(from_digits(digits))
        except (SymbolUnreadable, SealMalformed) as error:
            reason = getattr(error, "reason", Reason.SEAL_UNREADABLE)
            findings: tuple[Finding, ...] = (Finding(reason, error.message),)
            return PageVerdict(source=source, image=image, findings=findings, thumbnail=small)
        claims = _claims(signed)
        # (4)
        findings = judge(signed, self.home.trust, self.now)
        if not findings:
            signer = self.home.trust.signer(signed)
            stored = self._stored(signed)
            claims = _claims(
                signed,
                signer=signer.office if signer else None,
                demo=bool(signer and signer.demo),
                documents=expected_documents(stored.record) if stored else (),
            )
            findings = tuple(self._judge_record(signed, stored))
        return PageVerdict(
            source=source,
            image=image,
            findings=findings,
            reference=_reference(signed),
            seal=claims,
            thumbnail=small,
        )

    def _draft_page(self, image: PageImage) -> Finding | None:
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

    def judge_submissions(self, pages: Sequence[PageVerdict]) -> tuple[SubmissionVerdict, ...]:
        """Return the verdict on every submission that any page names, by serial."""
        # (9)
        unread = sum(any(finding.reason in _UNREAD for finding in page.findings) for page in pages)
        serials = sorted({page.seal.serial for page in pages if page.seal})
        verdicts = []
        for serial in serials:
            own = [page for page in pages if page.seal and page.seal.serial == serial]
            revision = max((page.seal.revision for page in own if page.seal and page.is_read), default=0)
            stored = self._looked_up.get((serial, revision))
            verdicts.append(
                judge_submission(
                    serial,
                    own,
                    expected=expected_documents(stored.record) if stored else None,
                    unread=unread,
                    duplex=bool(stored and asks_duplex(stored.record)),
                )
            )
        return tuple(verdicts)

    def _stored(self, signed: SignedSeal) -> StoredSubmission | None:
        # (5)
        key = (signed.seal.serial, signed.seal.revision)
        if key not in self._looked_up:
            self._looked_up[key] = self.home.store.submission(*key) if self.home.has_store else None
        return self._looked_up[key]

    def _no_record(self, signed: SignedSeal) -> Finding:
        """Tell an issuer whose store lacks the record from a reader who has no such store."""
        serial = signed.seal.serial
        signer = self.home.trust.signer(signed)
        if self.home.has_store and signer is not None and signer.prefix == self.home.settings.prefix:
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
        else:
            # (6)
            yield from _disagreements(signed, stored)
            # (7)
            if stored.latest_revision > seal.revision:
                yield Finding(
                    Reason.RECORD_SUPERSEDED,
                    Message(
                        "revision {revision} was superseded by revision {latest}: ask for pages of that one",
                        revision=seal.revision,
                        latest=stored.latest_revision,
                    ),
                )
        # (8)
        yield Finding(
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


def _claims(
    signed: SignedSeal,
    *,
    signer: str | None = None,
    demo: bool = False,
    documents: Sequence[ExpectedDocument] = (),
) -> SealClaims:
    seal, claims = signed.seal, signed.seal.claims
    return SealClaims(
        serial=seal.serial,
        revision=seal.revision,
        document=next((document.id for document in documents if document.code == seal.document), seal.document),
        code=seal.document,
        copy=seal.copy,
        copies=seal.copies,
        page=seal.page,
        pages=seal.pages,
        issued_at=seal.issued_at,
        record_digest=seal.record_digest,
        page_digest=seal.page_digest,
        signer=signer,
        demo=demo,
        title=claims.title if claims else None,
        unit=claims.unit if claims else None,
        leader=claims.leader if claims else None,
        requested_fen=claims.requested_fen if claims else None,
    )


def _reference(signed: SignedSeal) -> str:
    seal = signed.seal
    return str(Reference(seal.serial, seal.revision, seal.document, seal.copy, seal.page))


def _images(sources: Sequence[Source], progress: Progress | None) -> Iterator[PageImage | UnreadableImage]:
    """Yield the images of every source, opening one file at a time."""
    done = 0
    with ImageProcess() as process:
        for position, source in enumerate(sources):
            name = source[0] if isinstance(source, tuple) else str(source)
            data = source[1] if isinstance(source, tuple) else _read(Path(source))
            before, waiting = done, len(sources) - position - 1
            if isinstance(data, Message):
                images: Iterator[PageImage | UnreadableImage] = iter([UnreadableImage(name, 1, data)])
            else:
                images = open_images(name, data, process=process)
            for image in images:
                yield image
                done += 1
                if progress is not None:
                    progress(done, max(done, before + image.of) + waiting)


def _read(path: Path) -> bytes | Message:
    """Return the bytes of a file, or why there are none."""
    try:
        if path.is_dir():
            return Message("{path} is a folder: name the scans in it", path=path)
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            return too_large(str(path), size)
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return Message("there is no file {path}: see whether the name is right", path=path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return Message("{path} cannot be read ({why}): close it elsewhere, or copy it", path=path, why=why)


def _nothing_opened(refusals: Sequence[Message]) -> Message:
    if len(refusals) == 1:
        return refusals[0]
    return Message(
        "none of the {count} images could be opened; the first: {message}", count=len(refusals), message=refusals[0]
    )
