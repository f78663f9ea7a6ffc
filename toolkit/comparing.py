"""The record's side of a comparison: description, fonts and look of a page, each held against its digest.

Nothing that the store says is believed by itself. A description has the digest that the seal covers. The stored PDF is
described again, and shows a page's pictures only when that gives the same digest.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pypdfium2
from fontTools.ttLib import TTCollection, TTFont, TTLibError
from numpy.typing import NDArray

from toolkit.canonical import Plain
from toolkit.errors import StoreError, TruecopyError
from toolkit.formal.description import describe_page
from toolkit.formal.keep_out import LARGEST, keep_out_box, symbol_box
from toolkit.formal.pictured import is_pictured
from toolkit.formal.stationery import WATERMARK_GREY, watermark_page
from toolkit.messages import Message
from toolkit.page import PageDescription
from toolkit.records.received import RECEIPT_FONT, RECEIPT_FORM, RECEIPT_WATERMARK, receipt_font
from toolkit.records.record import typeset_name
from toolkit.records.store import StoredSubmission
from toolkit.resources import shared
from toolkit.scan.comparison import Comparison, Fonts, compare
from toolkit.scan.completeness import expected_documents
from toolkit.scan.page_image import Pixels
from toolkit.scan.placing import find_page
from toolkit.scan.rendering import Face, Ink, draw_page
from toolkit.scan.typeface import Typeface
from toolkit.verdict import Finding, Reason

if TYPE_CHECKING:
    from toolkit.scan.symbols import Corners

LOOK_DPI = 200
"""Resolution at which pictures of the stored PDF are drawn; pages are compared at 150 to 250."""

_PLACING_DPI = 150
"""Resolution at which a page is drawn to be found without its symbol; points are looked for at 90, blocks at 75."""

_MOST_OPENED = 12
"""Font files kept open for the records of a pile: up to 14 MB each, and some 10 MB that each drew. The supplied
programmes use nine."""
_MARK_DPI = 100
"""Resolution at which a watermark is drawn to be looked for: in cells of 0.7 mm, four times coarser."""

_USUAL = (
    "TruecopyFangSong-Regular.ttf",
    "TruecopyKai-Regular.ttf",
    "NotoSerifSC-Regular.ttf",
    "NotoSansSC-Medium.ttf",
    "LiberationSerif-Regular.ttf",
    "LiberationSans-Regular.ttf",
)
"""One of each kind that any computer prints with: 仿宋, 楷体, 宋体, 黑体, Times and Arial."""

_NAMES = ("name", "contact_name", "legal_representative")
"""Fields of an application that name a person or a unit."""


def _uncompared(description: PageDescription, raster: NDArray[np.uint8] | None) -> Iterator[Finding]:
    """Tell of a page that is mostly a picture whose look is not at hand: nothing passes it."""
    if raster is None and is_pictured(description):
        yield Finding(
            Reason.CONTENT_NOT_COMPARED,
            Message("this page is a picture, which was not compared: lay it beside the record"),
        )


class Records(Protocol):
    """What comparing asks of a store, or of records that bundles brought."""

    def page(self, serial: str, revision: int, document: str, page: int) -> PageDescription:
        """Return the description of a page."""

    def file(self, digest: bytes) -> bytes:
        """Return the bytes of a file."""


@dataclass(slots=True)
class Recorded:
    """What a store's records hold, for comparing: one for all pages that a process judges, since it keeps fonts."""

    store: Records
    _opened: dict[bytes, dict[str, Typeface]] = field(default_factory=dict)
    _kinds: tuple[Typeface, ...] | None = None

    def compare(
        self, pixels: Pixels, corners: Corners, modules: int, *, stored: StoredSubmission, document: str, page: int
    ) -> Comparison:
        """Compare an image of a page with the record of that page.

        Args:
            pixels: the image.
            corners: the symbol's corners in it.
            modules: along an edge of the symbol.
            stored: the submission.
            document: the document's id in it.
            page: counts from 1.

        Raises:
            StoreError: what the store holds does not fit its digests.
        """
        description, fonts, raster = self._page(stored, document, page)
        compared = compare(
            pixels,
            corners,
            description,
            symbol_box=symbol_box(page, modules, width=description.width),
            keep_out=keep_out_box(page, modules, width=description.width),
            fonts=fonts,
            raster=raster,
            key_texts=tuple(_names(stored.record.get("application"))),
            zones=next((each.zones for each in expected_documents(stored.record) if each.id == document), ()),
            watermark=_watermark(description),
        )
        return replace(compared, findings=(*compared.findings, *_uncompared(description, raster)))

    def compare_without_symbol(
        self, pixels: Pixels, *, stored: StoredSubmission, document: str, page: int
    ) -> Comparison | None:
        """Compare an image with the record of a page whose symbol is destroyed; None where that page is not found.

        Raises:
            StoreError: what the store holds does not fit its digests.
        """
        description, fonts, raster = self._page(stored, document, page)
        drawn = draw_page(description, fonts.pen(_PLACING_DPI), raster)
        size = (description.width, description.height)
        corners = find_page(np.ascontiguousarray(pixels[:, :, 0]), drawn.ink, ink_dpi=_PLACING_DPI, size=size)
        if corners is None:
            return None
        compared = compare(
            pixels,
            corners.tolist(),
            description,
            symbol_box=(0, 0, *size),
            keep_out=keep_out_box(page, LARGEST, width=description.width),
            fonts=fonts,
            zones=next((each.zones for each in expected_documents(stored.record) if each.id == document), ()),
            raster=raster,
            key_texts=tuple(_names(stored.record.get("application"))),
            watermark=_watermark(description),
        )
        return replace(compared, findings=(*compared.findings, *_uncompared(description, raster)))

    def _page(
        self, stored: StoredSubmission, document: str, page: int
    ) -> tuple[PageDescription, Fonts, NDArray[np.uint8] | None]:
        """Return a page's description, its fonts, and how it looks where the description does not say all."""
        description = self._description(stored, document, page)
        fonts = self._fonts_of(stored, document)
        faces = [Face.parse(name) for name in description.fonts]
        pen = fonts.pen(LOOK_DPI)
        drawable = not description.pictures and all(
            pen.can_draw(glyph, faces[glyph.font]) for glyph in description.glyphs
        )
        return description, fonts, None if drawable else self._look(stored, document, page, description)

    def look(self, stored: StoredSubmission, document: str, page: int) -> Pixels:
        """Return what a page shows by its record, RGB at ``LOOK_DPI``: what a clerk compares paper with.

        It has neither watermark nor symbol: they were put on afterwards, and no digest covers how they look.

        Raises:
            StoreError: what the store holds does not fit its digests.
        """
        description = self._description(stored, document, page)
        shown = self._look(stored, document, page, description)
        if shown is not None:
            return shown
        drawn = draw_page(description, self._fonts_of(stored, document).pen(LOOK_DPI))
        grey = np.rint((1 - drawn.ink) * 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)

    def _description(self, stored: StoredSubmission, document: str, page: int) -> PageDescription:
        """Return what stands on a page; of a receipt, whose digests are events', it is taken from its PDF."""
        name = typeset_name(stored.serial, stored.revision, document)
        for entry in stored.files:
            if entry.kind == RECEIPT_FORM and entry.name == name:
                pdf = self.store.file(entry.digest)
                return describe_page(pdf, page, zones=(), watermark=RECEIPT_WATERMARK)
        return self.store.page(stored.serial, stored.revision, document, page)

    def _fonts_of(self, stored: StoredSubmission, document: str) -> Fonts:
        """Return the fonts of a record; what other records have as well is opened once, whoever had it first."""
        named: dict[str, Typeface] = {}
        own = receipt_font(stored.serial, stored.revision, document, "")
        kept = [entry for entry in stored.files if entry.kind == RECEIPT_FONT and entry.name.startswith(own)]
        kept = kept or [entry for entry in stored.files if entry.kind == "font"]
        entries = {entry.digest: entry.name for entry in kept}
        for digest, name in entries.items():
            opened = self._opened.pop(digest, None) or _by_name(self.store.file(digest), name)
            self._opened[digest] = opened  # behind the others: those in front were not used for longest
            named |= opened
        while len(self._opened) > max(_MOST_OPENED, len(entries)):
            del self._opened[next(iter(self._opened))]
        return Fonts(named, self._usual)

    def _usual(self) -> tuple[Typeface, ...]:
        """Return the supplied fonts of the usual kinds: opened once, by a record that has them or here."""
        if self._kinds is None:
            kinds: list[Typeface] = []
            for name in _USUAL:
                data = shared("fonts", name).read_bytes()
                opened = self._opened.get(hashlib.sha256(data).digest()) or _by_name(data, name)
                kinds += opened.values()
            self._kinds = tuple(kinds)
        return self._kinds

    def _look(
        self, stored: StoredSubmission, document: str, page: int, description: PageDescription
    ) -> NDArray[np.uint8] | None:
        """Return the page as the stored PDF shows it, RGB; None where the store has no such PDF."""
        name = typeset_name(stored.serial, stored.revision, document)
        entry = next((each for each in stored.files if each.name == name), None)
        if entry is None:
            return None
        pdf = self.store.file(entry.digest)
        try:
            again = describe_page(pdf, page, zones=description.zones, watermark=description.watermark)
        except TruecopyError as error:
            raise _other_pdf(stored.serial, page) from error
        if again.digest != description.digest:
            raise _other_pdf(stored.serial, page)
        opened = pypdfium2.PdfDocument(pdf)
        try:
            drawn = opened[page - 1].render(scale=LOOK_DPI / 72, rev_byteorder=True)
            return np.asarray(drawn.to_numpy()[:, :, :3], np.uint8).copy()
        finally:
            opened.close()


def _watermark(description: PageDescription) -> Ink | None:
    """Return where the page's watermark is, 0 to 1; None where it bears none."""
    if not description.watermark:
        return None
    return _drawn_watermark(description.watermark, description.width, description.height)


@lru_cache(maxsize=8)
def _drawn_watermark(text: str, width: int, height: int) -> Ink:
    opened = pypdfium2.PdfDocument(watermark_page(text, width / 100, height / 100, shared("fonts")))
    try:
        drawn = opened[0].render(scale=_MARK_DPI / 72, grayscale=True).to_numpy()
        grey = np.asarray(drawn, np.float32).reshape(drawn.shape[:2]) / 255
        return np.asarray(np.clip((1 - grey) / (1 - WATERMARK_GREY), 0, 1), np.float32)
    finally:
        opened.close()


def _other_pdf(serial: str, page: int) -> StoreError:
    return StoreError(
        Message("the stored PDF of {serial} does not show what is recorded of page {page}", serial=serial, page=page)
    )


def _by_name(data: bytes, name: str) -> dict[str, Typeface]:
    """Return the fonts of a file, of which a collection has several, by PostScript name (OpenType, name 6)."""
    try:
        if data[:4] != b"ttcf":
            with TTFont(io.BytesIO(data), lazy=True) as font:
                return {str(font["name"].getDebugName(6)): Typeface(data, name)}
        with TTCollection(io.BytesIO(data)) as fonts:
            return {str(font["name"].getDebugName(6)): Typeface(_saved(font), name) for font in fonts}
    except (TTLibError, KeyError) as error:
        raise StoreError(Message("the stored font {name} cannot be read", name=name)) from error


def _saved(font: TTFont) -> bytes:
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def _names(plain: Plain) -> Iterator[str]:
    """Yield the names of persons and units anywhere in an application's data."""
    if isinstance(plain, Mapping):
        for key, value in plain.items():
            if key in _NAMES and isinstance(value, str) and value:
                yield value
            else:
                yield from _names(value)
    elif isinstance(plain, Sequence) and not isinstance(plain, str):
        for value in plain:
            yield from _names(value)
