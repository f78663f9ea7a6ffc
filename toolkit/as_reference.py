"""Verifies a page whose symbol is destroyed as the page that the print beside the symbol names.

What such a page is nobody has signed: the seal stays a finding of its own, so the verdict is never PASSED. What can be
said is whether the paper shows what the record of that page has.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.errors import InputUnreadable, StoreError, UsageError
from toolkit.messages import Message
from toolkit.scan.completeness import expected_documents
from toolkit.scan.page_image import PageImage, UnreadableImage
from toolkit.scan.paper import PageVerdict, PaperVerdict
from toolkit.scan.reading import read_page, thumbnail
from toolkit.scan.sources import Images, Source
from toolkit.seal.reference import Reference
from toolkit.verdict import Finding, Reason
from toolkit.verifying import Desk, Laid, out_of_force

if TYPE_CHECKING:
    from toolkit.home import Home
    from toolkit.records.store import StoredSubmission


def verify_as(
    source: Source,
    reference: Reference | str,
    *,
    home: Home,
    now: datetime.datetime | None = None,
    pictures: bool = False,
) -> PaperVerdict:
    """Return the verdict on one image, compared with the page that ``reference`` names although no seal says so.

    The page counts towards no submission. A page whose symbol can be read after all is judged by its seal.

    Args:
        source: a file, or a pair of name and bytes, with one image.
        reference: what stands below the symbol, checked by its last character.
        home: the data folder with trust and store.
        now: the reader's time, aware; the clock's when left out.
        pictures: take pictures of what needs an eye, for ``html_report``.

    Raises:
        UsageError: the reference has a slip in it or names no page of its record; there are several images; or the
            symbol can be read and says another page.
        InputUnreadable: the image could not be opened.
    """
    named = Reference.parse(reference) if isinstance(reference, str) else reference
    image = _only_image(source)
    desk = Desk(home, now or datetime.datetime.now(datetime.UTC), pictures)
    reading = read_page(image)
    if reading.seal is not None:
        page = desk.judge(image)
        if page.reference != str(named):
            raise UsageError(
                Message(
                    "the symbol can be read and says {found}, not {reference}: leave --as out, and see whether the "
                    "print below the symbol was changed",
                    found=page.reference or "?",
                    reference=named,
                )
            )
        return desk.paper([page])
    unsealed = desk.draft_page(image) or reading.finding
    findings = [unsealed] if unsealed else []
    stored = desk.stored(named.serial, named.revision)
    laid = None
    if stored is None:
        findings.append(_no_record(desk, named))
    else:
        document = _document(stored, named)
        findings += [*out_of_force(stored), *desk.not_asked(named.serial)]
        found, laid = _compared(desk, image, stored, document, named)
        findings += found
    page = PageVerdict(
        source=image.source,
        image=image.number,
        findings=tuple(findings),
        reference=str(named),
        size=laid.alignment.size if laid else None,
        zones=laid.zones if laid else (),
        thumbnail=thumbnail(image.pixels),
        pictures=desk.pictures_of(image, findings, laid),
    )
    return desk.paper([page])


def _only_image(source: Source) -> PageImage:
    images = Images([source])
    opened: list[PageImage | UnreadableImage] = []
    for image in images:
        opened.append(image)
        if image.of > 1 or len(opened) > 1:
            raise UsageError(
                Message(
                    "--as compares one image with one page, and {source} has {count}: hand in that page alone",
                    source=image.source,
                    count=max(image.of, len(opened)),
                )
            )
    if not opened or isinstance(opened[0], UnreadableImage):
        raise InputUnreadable(images.nothing_opened())
    return opened[0]


def _document(stored: StoredSubmission, named: Reference) -> str:
    """Return the id of the document that a reference names in a record, which must have that copy and page of it."""
    for document in expected_documents(stored.record):
        within = named.copy <= document.copies and named.page <= len(document.page_digests)
        if document.code == named.document and within:
            return document.id
    raise UsageError(
        Message(
            "the record of {serial} has no page {reference}: type what stands below the symbol",
            serial=named.serial,
            reference=named,
        )
    )


def _no_record(desk: Desk, named: Reference) -> Finding:
    """Tell an issuer whose store lacks the record from a reader who has no such store."""
    home = desk.home
    if home.owns(named.serial):
        return Finding(
            Reason.RECORD_UNKNOWN,
            Message("the store of this office has no record of {serial}: it was not issued here", serial=named.serial),
        )
    return Finding(
        Reason.RECORD_NOT_AT_HAND,
        Message("there is no record of {serial} on this computer: ask the issuing office for it", serial=named.serial),
    )


def _compared(
    desk: Desk, image: PageImage, stored: StoredSubmission, document: str, named: Reference
) -> tuple[list[Finding], Laid | None]:
    try:
        compared = desk.recorded.compare_without_symbol(image.pixels, stored=stored, document=document, page=named.page)
    except StoreError as error:
        return [Finding(Reason.CONTENT_NOT_COMPARED, error.message)], None
    except Exception:  # whatever an image makes a library do, the seal's finding must not be lost
        logging.getLogger(__name__).exception("%s could not be compared", image.source)
        message = Message("this page could not be compared: look at it yourself, and report this")
        return [Finding(Reason.CONTENT_NOT_COMPARED, message)], None
    if compared is None:
        # Nothing but a typed reference says that this is that page: what cannot be placed is not called substituted.
        message = Message(
            "nothing of page {reference} was found on this image: see whether the reference is typed as printed, or "
            "compare by eye",
            reference=named,
        )
        return [Finding(Reason.CONTENT_ILLEGIBLE, message)], None
    return list(_told(compared.findings, named)), Laid(compared.alignment, stored, compared.zones, document, named.page)


def _told(findings: tuple[Finding, ...], named: Reference) -> Iterator[Finding]:
    """Yield the findings; a substituted page is told by what named it, which was no seal."""
    for finding in findings:
        if finding.reason is Reason.PAGE_SUBSTITUTED:
            message = Message(
                "what is printed here is not page {reference}: see whether the reference is typed as printed, or ask "
                "for the page as it was issued",
                reference=named,
            )
            yield replace(finding, message=message)
        else:
            yield finding
