"""One document of a submission on its way: filled, set, described, and at last sealed and drawn as a print set.

template + context -> filled form -> PDF, zones -> page descriptions; with seals -> print set
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from toolkit.application.programme import Document, Programme
from toolkit.errors import TemplateError
from toolkit.formal.archive import Label
from toolkit.formal.description import describe
from toolkit.formal.keep_out import intrusions
from toolkit.formal.pictured import is_pictured
from toolkit.formal.print_set import Side, print_set
from toolkit.forms.acroform_filling import set_acroform
from toolkit.forms.filling import fill
from toolkit.forms.fonts import FontCatalogue, FontFile
from toolkit.forms.typesetting import Anchor, TypesetForm, pad_to_even, typeset_all
from toolkit.home import Home
from toolkit.issued import Issued
from toolkit.messages import Message
from toolkit.page import PageDescription, Zone
from toolkit.resources import shared
from toolkit.seal import symbol
from toolkit.seal.keys import Signer
from toolkit.seal.payload import Claims, Seal, encode
from toolkit.seal.reference import Reference


@lru_cache(maxsize=4)
def _catalogue(office_folder: Path | None) -> FontCatalogue:
    """Return the fonts, read once in a process: their files do not change, and Typst takes 0.1 s to index them."""
    return FontCatalogue.load(shared("fonts"), office_folder)


def fonts_of(home: Home | None) -> FontCatalogue:
    """Return the fonts of an office, the supplied ones where there is none."""
    return _catalogue(home.settings.fonts_dir if home else None)


@dataclass(slots=True)
class MadeDocument:
    """One document on its way: filled, set, described, and at last drawn as a print set."""

    document: Document
    docx: bytes | None
    pdf: bytes
    pages: tuple[PageDescription, ...]
    canonical_pages: tuple[bytes, ...]
    faces: tuple[FontFile, ...]
    sides: Sequence[Side] = ()
    print_set: bytes = b""

    @property
    def page_digests(self) -> tuple[bytes, ...]:
        """The page digests of the contract, of bytes that are made once: they take longer than the digest."""
        return tuple(hashlib.sha256(page).digest() for page in self.canonical_pages)


def make(
    programme: Programme,
    documents: Sequence[Document],
    context: Mapping[str, object],
    *,
    engine: str,
    fonts: FontCatalogue,
    now: datetime,
) -> Iterator[MadeDocument]:
    """Fill and set documents, on even numbers of pages: every copy starts on a front, every back is sealed.

    Raises:
        TemplateError, TypesettingError: a template cannot be filled or set, or lacks a zone of the programme.
    """
    made = filled_and_set(programme, documents, context, engine=engine, fonts=fonts, now=now, even=True)
    for document, docx, form in made:
        zones = _zones(document, form.anchors, form.pages)
        pages = describe(form.pdf, zones=zones, watermark=programme.print.watermark)
        yield MadeDocument(document, docx, form.pdf, pages, tuple(page.canonical() for page in pages), form.faces)


def filled_and_set(
    programme: Programme,
    documents: Sequence[Document],
    context: Mapping[str, object],
    *,
    engine: str,
    fonts: FontCatalogue,
    now: datetime,
    even: bool = False,
) -> Iterator[tuple[Document, bytes | None, TypesetForm]]:
    """Give each document, its filled Word file (None where its template is a PDF form), and what it is set as.

    Raises:
        TemplateError, TypesettingError: a template cannot be filled or set.
    """
    forms = [
        (document.template, fill(programme.template(document), context, name=document.template))
        for document in documents
        if document.template.endswith(".docx")
    ]
    made = zip(forms, typeset_all(forms, fonts=fonts, created=now, engine=engine, even=even), strict=True)
    for document in documents:
        if document.template.endswith(".docx"):
            (name, docx), form = next(made)
            yield document, pad_to_even(docx, name=name) if form.padded else docx, form
        else:
            form = set_acroform(
                programme.template(document),
                context,
                expressions=document.fields,
                zones=[zone.name for zone in document.zones],
                name=document.template,
                fonts=fonts,
                created=now,
                even=even,
            )
            yield document, None, form


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


def seal(form: MadeDocument, issued: Issued, signer: Signer, copies: int, claims: Claims | None) -> list[Side]:
    """Seal every side of every copy, copy after copy; ``claims`` are for the first page.

    Raises:
        TemplateError: something stands where the symbol must go.
    """
    sides = []
    for copy in range(1, copies + 1):
        for number, page_digest in enumerate(form.page_digests, 1):
            payload = Seal(
                serial=issued.serial,
                revision=issued.revision,
                document=form.document.code,
                copy=copy,
                copies=copies,
                page=number,
                pages=len(form.pages),
                record_digest=issued.record_digest,
                page_digest=page_digest,
                issued_at=issued.issued_at,
                claims=claims if number == 1 else None,
            )
            digits = symbol.to_digits(encode(payload, signer))
            if copy == 1:
                _refuse_intrusions(form, number, symbol.modules(symbol.version_for(digits)))
            reference = Reference(issued.serial, issued.revision, form.document.code, copy, number)
            sides.append(Side(number, copy, digits, str(reference)))
    return sides


def drawn(
    pdf: bytes,
    sides: Sequence[Side],
    pages: Iterable[PageDescription],
    *,
    title: str,
    watermark: str,
    submission: str,
    issued_at: datetime,
    duplex: bool = True,
) -> bytes:
    """Return the print set of a typeset document: its bytes depend on nothing but what is passed in.

    ``submission`` is serial and revision, as ``XJSCO25-00001-r1``; a receipt is no ``duplex`` print set.
    """
    return print_set(
        pdf,
        sides,
        watermark=watermark,
        label=Label(f"{title} {submission}", issued_at, submission),
        fonts_folder=shared("fonts"),
        pictured=frozenset(number for number, page in enumerate(pages, 1) if is_pictured(page)),
        duplex=duplex,
    )


def _refuse_intrusions(form: MadeDocument, number: int, modules: int) -> None:
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


def faces_of(forms: Iterable[MadeDocument]) -> list[FontFile]:
    """Return the font files that the forms' glyphs are from."""
    return list({face.digest: face for form in forms for face in form.faces}.values())
