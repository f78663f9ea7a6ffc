"""The print set: all copies of one document as one PDF, every side watermarked and sealed, printed once, duplex.

What all copies have in common (the pages' content, fonts, pictures, watermark) is in the file once; a side adds its
symbol and reference. The bytes depend on nothing but what is passed in. Metadata, output intent and fonts of the PDF
stay as they are, so that a PDF/A-2b stays one: what is added has no device colour but grey, no font that is not
embedded, and no transparency but for the watermark on pages that pictures cover: there it is multiplied with what
lies below it, so that it shows and black stays black. Links and form fields are left out: paper has neither.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from toolkit.errors import InputUnreadable, TypesettingError
from toolkit.formal import stationery
from toolkit.formal.archive import Label, make_archival
from toolkit.formal.keep_out import MODULE, QUIET, keep_out_box, on_right, symbol_box
from toolkit.formal.pictured import pictured_pages
from toolkit.messages import Message
from toolkit.seal import symbol

_REFERENCE_SIZE = 7.0
_REFERENCE_BASELINE = 6.0
_NOTICE_BASELINE = 13.0
"""Points below the quiet zone; the second line ends within keep_out.CAPTION."""

_DRAFT_BASELINE = 34.0
"""Points from the upper edge of the paper to the line of a draft, 12 mm."""

_WATERMARK, _NOTICE, _FACE = Name("/TruecopyWatermark"), Name("/TruecopyNotice"), Name("/TruecopyReference")
_MULTIPLIED = Name("/TruecopyMultiplied")
_RUN = re.compile(rb"\x01+").finditer


@dataclass(frozen=True, slots=True)
class Side:
    """One side of one sheet: ``page`` of the document and ``copy`` from 1, its seal's ``digits`` and ``reference``."""

    page: int
    copy: int
    digits: str
    reference: str


def print_set(
    pdf: bytes,
    sides: Sequence[Side],
    *,
    watermark: str,
    label: Label,
    fonts_folder: Path,
    pictured: frozenset[int] | None = None,
    duplex: bool = True,
) -> bytes:
    """Return the PDF of ``sides`` in their order; ``pictured`` are those that pictures cover, None to look for them.

    What is not ``duplex`` is printed on one side of each sheet.

    Raises:
        InputUnreadable: when ``pdf`` is none.
        TypesettingError: when a copy would begin on a back, or the watermark has a character that its face lacks.
        ValueError: when a seal does not fit a symbol, or a side names a page that the PDF does not have.
    """
    if duplex:
        _refuse_uneven(sides)
    with _opened(pdf) as document:
        notice = _Notice(stationery.NOTICE, stationery.NOTICE_SIZE)
        covered = pictured_pages(pdf) if pictured is None else pictured
        press = _Press(document, watermark, notice, fonts_folder, pictured=covered)
        pages = []
        for side in sides:
            if not 1 <= side.page <= len(press.originals):
                raise ValueError(f"page {side.page} of a PDF that has {len(press.originals)}")
            original = press.originals[side.page - 1]
            pages.append(press.page(original, _seal(side, original.width, original.height, fonts_folder)))
        _replace_pages(document, pages, complete=len({side.page for side in sides}) == len(press.originals))
        preferences = _copied(document.Root.get("/ViewerPreferences"))
        preferences.Duplex = Name.DuplexFlipLongEdge if duplex else Name.Simplex
        preferences.PrintScaling = Name("/None")
        preferences.PickTrayByPDFSize = True
        document.Root.ViewerPreferences = preferences
        make_archival(document, label)
        return _save(document)


def draft(pdf: bytes, *, watermark: str, fonts_folder: Path) -> bytes:
    """Return the PDF with the draft's watermark, and a line that it is no formal copy, on every page.

    Raises:
        InputUnreadable: when ``pdf`` is none.
        TypesettingError: when the watermark has a character that its face lacks.
    """
    with _opened(pdf) as document:
        notice = _Notice(stationery.DRAFT_NOTICE, stationery.DRAFT_NOTICE_SIZE)
        press = _Press(document, watermark, notice, fonts_folder, pictured=pictured_pages(pdf))
        pages = []
        for original in press.originals:
            line = b"q 1 0 0 1 %.2f %.2f cm %s Do Q" % (
                original.width / 2,
                original.height - _DRAFT_BASELINE,
                str(_NOTICE).encode("ascii"),
            )
            pages.append(press.page(original, line))
        _replace_pages(document, pages, complete=True)
        return _save(document)


class _Notice(NamedTuple):
    text: str
    size: float


class _Original(NamedTuple):
    """A page as it was set; ``width`` and ``height`` in points, ``pictured`` where pictures cover it."""

    page: Object
    streams: list[Object]
    resources: Object
    width: float
    height: float
    pictured: bool


class _Stationery(NamedTuple):
    """The parts that all sides of one size share, inside the document that they are for.

    ``before`` goes before the content of a page and draws the watermark; ``plain`` and ``over`` go before and after
    that of a page that pictures cover.
    """

    forms: dict[Name, Object]
    face: Object
    before: Object
    plain: Object
    over: Object


class _Press:
    """Puts what all sides share, and what one side has of its own, on the pages of a document."""

    def __init__(
        self, document: Pdf, watermark: str, notice: _Notice, fonts: Path, *, pictured: frozenset[int]
    ) -> None:
        self.originals = [_original(page.obj, number in pictured) for number, page in enumerate(document.pages, 1)]
        self._document = document
        self._watermark = watermark
        self._notice = notice
        self._fonts = fonts
        self._used: set[tuple[int, int]] = set()
        self._stationery: dict[tuple[float, float], _Stationery] = {}
        self._resources: dict[object, Object] = {}

    def page(self, original: _Original, drawn: bytes) -> Object:
        """Return a page with the content of ``original``, the watermark under it (over pictures) and ``drawn`` above.

        The first is the original's own object, which the document's outline and logical structure point to; the
        others have no part in these, as paper has not.
        """
        key = original.page.objgen
        if key in self._used:
            page: Object = self._document.make_indirect(Dictionary(Type=Name.Page))
        else:
            page = original.page
        for name in list(page.keys()):
            if name not in ("/Type", "/MediaBox", "/Group", "/Tabs", "/StructParents"):
                del page[name]
        for name in ("/MediaBox", "/Group"):
            if name in original.page:
                page[name] = original.page[name]
        self._used.add(key)
        ours = self._stationery_for(original)
        after = self._document.make_stream(b"Q /Artifact <</Type/Pagination>> BDC " + drawn + b" EMC")
        page.Resources = self._with_ours(original, ours)
        if original.pictured:
            page.Contents = Array([ours.plain, *original.streams, ours.over, after])
        else:
            page.Contents = Array([ours.before, *original.streams, after])
        return page

    def _stationery_for(self, original: _Original) -> _Stationery:
        size = (original.width, original.height)
        if size not in self._stationery:
            self._stationery[size] = self._draw(*size)
        return self._stationery[size]

    def _draw(self, width: float, height: float) -> _Stationery:
        drawn = stationery.stationery(self._watermark, self._notice.text, self._notice.size, width, height, self._fonts)
        with Pdf.open(io.BytesIO(drawn)) as source:
            resources = source.pages[0].obj.Resources
            forms = {}
            for name, key in ((_WATERMARK, "/FormXob.watermark"), (_NOTICE, "/FormXob.notice")):
                form = resources.XObject[key]
                content = form.read_bytes()
                form.Resources = Dictionary()
                forms[name] = self._document.copy_foreign(form)
                forms[name].write(content)
            (face,) = resources.Font.values()
            face = self._document.copy_foreign(face)
        mark = b"/Artifact <</Subtype/Watermark/Type/Pagination>> BDC q %s%s Do Q EMC"
        watermark, multiplied = (str(each).encode("ascii") for each in (_WATERMARK, _MULTIPLIED))
        before, plain, over = (
            self._document.make_stream(drawn)
            for drawn in (
                mark % (b"", watermark) + b" q",
                b"q",
                b"Q " + mark % (multiplied + b" gs ", watermark) + b" q",
            )
        )
        return _Stationery(forms, face, before, plain, over)

    def _with_ours(self, original: _Original, ours: _Stationery) -> Object:
        """Return the resources of a page with ours added; pages with the same resources keep sharing them."""
        resources = original.resources
        shared = resources.objgen if resources.is_indirect else original.page.objgen
        key = (shared, ours.before.objgen, original.pictured)
        if key not in self._resources:
            merged = _copied(resources)
            merged.XObject = _copied(resources.get("/XObject"))
            merged.Font = _copied(resources.get("/Font"))
            for name, form in ours.forms.items():
                merged.XObject[name] = form
            merged.Font[_FACE] = ours.face
            if original.pictured:
                merged.ExtGState = _copied(resources.get("/ExtGState"))
                merged.ExtGState[_MULTIPLIED] = Dictionary(Type=Name.ExtGState, BM=Name.Multiply)
            self._resources[key] = self._document.make_indirect(merged)
        return self._resources[key]


def _original(page: Object, pictured: bool) -> _Original:
    contents = page.get("/Contents", Array())
    streams = list(contents) if isinstance(contents, Array) else [contents]
    left, bottom, right, top = (float(edge) for edge in page.MediaBox)
    return _Original(page, streams, page.get("/Resources", Dictionary()), right - left, top - bottom, pictured)


def _copied(dictionary: Object | None) -> Dictionary:
    """Return a dictionary of its own with the same entries, empty for None."""
    return Dictionary(dict(dictionary.items())) if dictionary is not None else Dictionary()


def _seal(side: Side, width: float, height: float, fonts: Path) -> bytes:
    """Return the content that draws a side's symbol on its white ground, and the lines below it."""
    matrix = symbol.matrix(side.digits, version=symbol.version_for(side.digits))
    paper = round(width * 100)
    left, top, right, bottom = (edge / 100 for edge in symbol_box(side.page, len(matrix), width=paper))
    ground = [edge / 100 for edge in keep_out_box(side.page, len(matrix), width=paper)]
    size = _REFERENCE_SIZE
    room = ground[2] - ground[0]
    length = stationery.reference_width(side.reference, size, fonts)
    if length > room:
        size, length = size * room / length, room
    # Below the middle of the symbol where it fits, flush with the ground's outer edge where it does not.
    middle = (left + right) / 2
    start = middle - length / 2
    start = min(start, ground[2] - length) if on_right(side.page) else max(start, ground[0])
    below = height - bottom - QUIET / 100
    return b"".join(
        (
            b"q 1 g %.2f %.2f %.2f %.2f re f " % (ground[0], height - ground[3], room, ground[3] - ground[1]),
            b"q 0 g %.2f 0 0 %.2f %.2f %.2f cm\n" % (MODULE / 100, -MODULE / 100, left, height - top),
            _modules(matrix),
            b" Q BT 0 g %s %.2f Tf 1 0 0 1 %.2f %.2f Tm "
            % (str(_FACE).encode("ascii"), size, start, below - _REFERENCE_BASELINE),
            b"(%s) Tj ET " % side.reference.encode("ascii"),
            b"q 1 0 0 1 %.2f %.2f cm %s Do Q Q" % (middle, below - _NOTICE_BASELINE, str(_NOTICE).encode("ascii")),
        )
    )


def _modules(matrix: Sequence[bytes]) -> bytes:
    """Return the path of the dark modules, one rectangle a run of a row, in a space whose unit is a module.

    One fill of one path: renderers add up what its parts cover, so that no light seam shows between rows.
    """
    runs = [b"%d %d %d 1 re" % (run.start(), y, len(run[0])) for y, row in enumerate(matrix) for run in _RUN(row)]
    return b"\n".join(runs) + b" f"


def _refuse_uneven(sides: Sequence[Side]) -> None:
    for place, side in enumerate(sides, 1):
        if place % 2 != side.page % 2:
            raise TypesettingError(
                Message(
                    "copy {copy} of the print set would have page {page} on the wrong side of its sheet; a copy needs"
                    " an even number of pages, and pages are printed again by whole sheets",
                    copy=side.copy,
                    page=side.page,
                )
            )
    if len(sides) % 2:
        raise TypesettingError(
            Message("the back of the last sheet of the print set would be blank: every side is a page and sealed")
        )


@contextmanager
def _opened(pdf: bytes) -> Iterator[Pdf]:
    """Open a PDF; whatever turns out to be damaged in it while it is open means that it cannot be read."""
    try:
        with Pdf.open(io.BytesIO(pdf)) as document:
            if not len(document.pages):
                raise InputUnreadable(Message("the PDF has no pages; make it again"))
            yield document
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError) as error:  # qpdf's own exceptions are RuntimeErrors
        raise InputUnreadable(
            Message("this is not a PDF that can be read (damaged, cut short or encrypted); make it again")
        ) from error


def _replace_pages(document: Pdf, pages: Sequence[Object], *, complete: bool) -> None:
    """Make ``pages`` the pages of the document; ``complete`` says that each of its own is among them."""
    del document.pages[:]
    for page in pages:
        document.pages.append(pikepdf.Page(page))
    dropped = ["/OpenAction", "/AA", "/PageLabels", "/AcroForm"]
    if not complete:  # these would keep the pages that are left out in the file, unseen
        dropped += ["/StructTreeRoot", "/MarkInfo", "/Outlines", "/Names", "/Dests"]
    for key in dropped:
        if key in document.Root:
            del document.Root[key]


def _save(document: Pdf) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()
