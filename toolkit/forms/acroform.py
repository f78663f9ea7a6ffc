"""A PDF with form fields (ISO 32000-1, 12.7) opened as a template: its fields, bounded, and nothing that acts.

Templates come from outside. What a page needs to be printed is kept of one; a PDF that could do anything (scripts,
actions, files within it, a second form in XFA) is refused, since whoever made it meant something that paper is not.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Object, Page, Pdf, Stream
from pikepdf.settings import set_qpdf_limits

from toolkit.errors import TemplateError
from toolkit.messages import Message

MOST_PAGES = 50
MOST_OBJECTS = 20_000
"""Objects of a template; one of two pages with two fonts has some 100, tagged ones a few thousand."""
MOST_WIDGETS = 1_000
LARGEST_STREAM = 48 * 2**20
"""Bytes of one stream, unpacked: the largest Chinese fonts have some 40 MB."""
LARGEST_STREAMS = 128 * 2**20
"""Bytes of all streams but pictures, unpacked: 40 MB take 0.18 s."""
LARGEST_CONTENT = 2**20
"""Bytes of what draws all pages; a page of dense tables has some 100 KB. Four times as much of the shortest operators
took 6.3 s and 624 MB to be put into the order of reading."""
MOST_PIXELS = 50_000_000
"""Pixels of one picture; A4 at 600 dpi has 35 million."""

_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound"),
    *("/SetOCGState", "/Hide", "/ResetForm", "/GoTo3DView", "/RichMediaExecute"),
}
"""Kinds of actions (ISO 32000-1, 12.6.4) but for those that only lead somewhere, which are dropped with their links."""
_PARTS = {
    "/JS": Message("JavaScript"),
    "/EmbeddedFiles": Message("other files"),
    "/EF": Message("other files"),
    "/XFA": Message("a form in XFA"),
    "/OCProperties": Message("layers"),
    "/RichMediaContent": Message("media"),
}
_MULTILINE, _PASSWORD, _FILE, _COMB = 1 << 12, 1 << 13, 1 << 20, 1 << 24
"""Flags of text fields (ISO 32000-1, table 228)."""
_EDITABLE = 1 << 18
_NOT_PRINTED = 1 << 1 | 1 << 5
"""Flags of annotations: hidden, no view (table 165)."""
_FONT = re.compile(r"/(\S+)\s+(-?[\d.]+)\s+Tf")
_GREY = re.compile(r"(?:^|\s)([\d.]+)\s+g\b")
_RGB = re.compile(r"([\d.]+)\s+([\d.]+)\s+([\d.]+)\s+rg\b")

Edges = tuple[float, float, float, float]
"""Left, bottom, right, top in points from the page's lower left corner."""


class Kind(Enum):
    """What is filled in, or where somebody signs."""

    TEXT = auto()
    CHECK = auto()
    RADIO = auto()
    CHOICE = auto()
    SIGNATURE = auto()


@dataclass(frozen=True, slots=True)
class Widget:
    """One place of a field: page from 1, its box, the width of the border round it, what a mark in it means."""

    page: int
    edges: Edges
    border: float = 0.0
    state: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field; a ``size`` of 0 leaves the size to whoever fills it, ``options`` are values and what is printed."""

    name: str
    kind: Kind
    widgets: tuple[Widget, ...]
    size: float = 0.0
    font: str = ""
    colour: str = "000000"
    align: int = 0  # 0 left, 1 centre, 2 right
    multiline: bool = False
    comb: bool = False
    longest: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    editable: bool = False


@contextmanager
def opened(template: bytes, name: str) -> Iterator[Pdf]:
    """Open a template for reading.

    Raises:
        TemplateError: when it is no PDF, passes the bounds, or holds what a form may not hold; the message calls the
            file ``name``.
    """
    limits = set_qpdf_limits(
        flate_max_memory=LARGEST_STREAM, run_length_max_memory=LARGEST_STREAM, png_max_memory=LARGEST_STREAM
    )
    try:
        with Pdf.open(io.BytesIO(template)) as pdf:
            if pdf.is_encrypted:
                raise _holds(name, Message("encryption"))
            _refuse_what_acts(pdf, name)
            yield pdf
    except pikepdf.PasswordError as error:
        raise _holds(name, Message("encryption")) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, LookupError) as error:
        # pikepdf says so when an object is not of the kind that it should be.
        raise TemplateError(
            Message("“{name}” is not a PDF that can be used: damaged, or too large when it is unpacked", name=name)
        ) from error
    finally:
        set_qpdf_limits(**limits)  # type: ignore[arg-type]


def fields_of(pdf: Pdf, name: str) -> tuple[Field, ...]:
    """Return the fields that have a place on a page, in the order of pages and places.

    Raises:
        TemplateError: when there are none, too many, or one of a kind that cannot be filled in.
    """
    if "/AcroForm" not in pdf.Root:
        raise TemplateError(
            Message("“{name}” has no form fields: add them with a PDF editor, named as in programme.toml", name=name)
        )
    form = pdf.Root.AcroForm
    found: dict[str, tuple[Any, list[Widget]]] = {}
    count = 0
    for number, page in enumerate(pdf.pages, 1):
        for annotation in pdf.acroform.get_widget_annotations_for_page(page):
            count += 1
            if count > MOST_WIDGETS:
                raise TemplateError(Message("“{name}” has more than {most} form fields", name=name, most=MOST_WIDGETS))
            field = pdf.acroform.get_field_for_annotation(annotation)
            widget = _widget(annotation.obj, number)
            if widget is not None:
                found.setdefault(field.fully_qualified_name, (field, []))[1].append(widget)
    return tuple(_field(named, field, tuple(widgets), form, name) for named, (field, widgets) in found.items())


def _refuse_what_acts(pdf: Pdf, name: str) -> None:
    if len(pdf.objects) > MOST_OBJECTS or not 1 <= len(pdf.pages) <= MOST_PAGES:
        raise TemplateError(
            Message(
                "“{name}” has no pages, or more than {objects} objects or {pages} pages: no form has so many",
                name=name,
                objects=MOST_OBJECTS,
                pages=MOST_PAGES,
            )
        )
    unpacked = 0
    for item in pdf.objects:
        for dictionary in _dictionaries(item):
            for key, what in _PARTS.items():
                if key in dictionary:
                    raise _holds(name, what)
            kind = str(dictionary.get("/S", ""))
            if kind in _ACTIONS:
                raise _holds(name, Message("an action ({kind})", kind=kind.lstrip("/")))
        if isinstance(item, Stream):
            unpacked += _refuse_heavy(item, name)
            if unpacked > LARGEST_STREAMS:
                raise TemplateError(Message("“{name}” is too large when it is unpacked", name=name))
    drawn = 0
    for page in pdf.pages:
        drawn += _refuse_content(page, name)
        if drawn > LARGEST_CONTENT:
            raise TemplateError(
                Message(
                    "“{name}” has pages that are drawn by more than {limit} MiB", name=name, limit=LARGEST_CONTENT >> 20
                )
            )


def _dictionaries(item: Object, depth: int = 0) -> Iterator[Any]:
    """Yield the dictionaries that lie directly in an object; what it refers to comes by itself."""
    if isinstance(item, Stream):
        yield from _dictionaries(item.stream_dict, depth)
        return
    values: Any = ()
    if isinstance(item, Dictionary):
        yield item
        values = item.values()
    elif isinstance(item, Array):
        values = item
    if depth < 50:
        for value in values:
            if isinstance(value, Dictionary | Array) and not value.is_indirect:
                yield from _dictionaries(value, depth + 1)


def _refuse_heavy(stream: Stream, name: str) -> int:
    """Unpack a stream within the bounds, and return its bytes; a picture's size is told by its dictionary."""
    size = 0
    if stream.get("/Subtype") == "/Image":
        if int(stream.Width) * int(stream.Height) > MOST_PIXELS:
            raise TemplateError(
                Message(
                    "“{name}” has a picture of more than {limit} million pixels; make it smaller",
                    name=name,
                    limit=MOST_PIXELS // 10**6,
                )
            )
    else:
        size = len(stream.read_bytes())  # raises beyond LARGEST_STREAM
    if stream.get("/Subtype") == "/Form" or stream.get("/PatternType") == 1:
        inner = stream.get("/Resources", Dictionary()).get("/XObject", Dictionary())
        if any(each.get("/Subtype") == "/Form" for each in inner.values()):
            # A few levels that each draw the next one ten times would draw without end.
            raise _holds(name, Message("drawings within drawings (form XObjects)"))
    return size


def _refuse_content(page: Page, name: str) -> int:
    """Return by how many bytes a page is drawn."""
    contents = page.obj.get("/Contents", Array())
    streams = list(contents) if isinstance(contents, Array) else [contents]
    box = [float(edge) for edge in page.mediabox]
    if box[:2] != [0, 0] or [float(edge) for edge in page.cropbox] != box or int(page.obj.get("/Rotate", 0)) % 360:
        raise _holds(name, Message("rotated or cropped pages"))
    return sum(len(stream.read_bytes()) for stream in streams)


def _widget(annotation: Any, page: int) -> Widget | None:
    if int(annotation.get("/F", 0)) & _NOT_PRINTED:
        return None
    x0, y0, x1, y1 = (float(edge) for edge in annotation.Rect)
    look = annotation.get("/MK", Dictionary())
    border = 0.0
    if len(look.get("/BC", Array())):
        border = float(annotation.get("/BS", Dictionary()).get("/W", 1))
    states = annotation.get("/AP", Dictionary()).get("/N", Dictionary())
    marked = [str(key) for key in states.keys() if key != "/Off"] if isinstance(states, Dictionary) else []
    state = marked[0].lstrip("/") if len(marked) == 1 else ""
    edges = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    return Widget(page, edges, border if 0 < border < 10 else 0.0, state)


def _field(named: str, field: Any, widgets: tuple[Widget, ...], form: Any, name: str) -> Field:
    flags = int(field.flags)
    kind = {"/Tx": Kind.TEXT, "/Ch": Kind.CHOICE, "/Sig": Kind.SIGNATURE}.get(str(field.field_type))
    if str(field.field_type) == "/Btn":
        kind = Kind.RADIO if field.is_radio_button else Kind.CHECK if field.is_checkbox else None
    if kind is None or (kind is Kind.TEXT and flags & (_PASSWORD | _FILE)):
        raise TemplateError(
            Message(
                "“{name}”: the field “{field}” is a button, a password or a file, which paper has not: delete it",
                name=name,
                field=named[:80],
            )
        )
    appearance = str(field.default_appearance or "")
    font = _FONT.search(appearance)
    length = field.get_inheritable_field_value("/MaxLen")
    options = field.get_inheritable_field_value("/Opt")
    return Field(
        named,
        kind,
        _with_options(widgets, options) if kind in (Kind.RADIO, Kind.CHECK) else widgets,
        size=min(max(float(font[2]), 0.0), 100.0) if font else 0.0,
        font=_base_font(form, font[1]) if font else "",
        colour=_colour(appearance),
        align=int(field.quadding),
        multiline=bool(flags & _MULTILINE),
        comb=bool(flags & _COMB) and length is not None,
        longest=int(length) if length is not None else None,
        options=tuple(_option(each) for each in options) if kind is Kind.CHOICE and options is not None else (),
        editable=bool(flags & _EDITABLE),
    )


def _with_options(widgets: tuple[Widget, ...], options: Any) -> tuple[Widget, ...]:
    """Return the widgets with what their marks mean; states may be numbers of options (12.7.4.2.3)."""
    if options is None:
        return widgets
    texts = [str(each) for each in options]
    return tuple(
        Widget(each.page, each.edges, each.border, texts[int(each.state)])
        if each.state.isascii() and each.state.isdigit() and int(each.state) < len(texts)
        else each
        for each in widgets
    )


def _option(option: Any) -> tuple[str, str]:
    if isinstance(option, Array):
        return str(option[0]), str(option[1])
    return str(option), str(option)


def _base_font(form: Any, key: str) -> str:
    font = form.get("/DR", Dictionary()).get("/Font", Dictionary()).get(f"/{key}")
    return str(font.get("/BaseFont", "")).lstrip("/").rpartition("+")[2] if font is not None else ""


def _colour(appearance: str) -> str:
    if found := _RGB.search(appearance):
        return "".join(f"{round(min(float(part), 1.0) * 255):02X}" for part in found.groups())
    if found := _GREY.search(appearance):
        return f"{round(min(float(found[1]), 1.0) * 255):02X}" * 3
    return "000000"


def _holds(name: str, what: Message) -> TemplateError:
    return TemplateError(
        Message("“{name}” holds {what}, which no form may hold: save it again without", name=name, what=what)
    )
