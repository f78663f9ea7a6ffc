"""A PDF form filled in: values on its pages in the order of reading, nothing left to fill in, PDF/A-2b.

template -> acroform (fields) -> acroform_values (texts) -> acroform_drawing (Typst) -> reading_order -> one PDF

The file that Typst made of the values is what the pages of the template are put into, so that it has Typst's output
intent and metadata, and of the template only what draws its pages.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

import pikepdf
from pikepdf import Dictionary, Name, Page, Pdf

from toolkit.errors import TemplateError
from toolkit.forms.acroform import Field, fields_of, opened
from toolkit.forms.acroform_archival import make_archivable
from toolkit.forms.acroform_drawing import BLEED, set_texts
from toolkit.forms.acroform_values import Filled, filled
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.reading_order import Drawing, drawn_in_order
from toolkit.forms.typesetting import BLANK_PAGE, Anchor, TypesetForm, contents
from toolkit.messages import Message

_KEPT = ("/Type", "/MediaBox", "/Resources", "/Group")


def set_acroform(
    template: bytes,
    context: Mapping[str, object],
    *,
    expressions: Mapping[str, str],
    zones: Sequence[str],
    name: str,
    fonts: FontCatalogue,
    created: datetime,
    even: bool = False,
) -> TypesetForm:
    """Return the form with the values of an application, the same bytes for the same input.

    Args:
        template: the PDF with form fields.
        context: the values by the names that expressions use.
        expressions: by name of a field what it is filled with, where that is not its name; empty to leave it blank.
        zones: names of the fields that are places to sign, stamp or write in: they stay empty, and are the anchors.
        name: what messages call the form.
        fonts: the fonts to set values in; no others are used.
        created: the time that the PDF says it was made, with its time zone.
        even: whether an odd number of pages gets one more, on which stands 此页无正文.

    Raises:
        TemplateError: when the form cannot be read, is refused, or its fields are not those that can be filled.
        TypesettingError: when a value does not fit its field or box, or a character has no glyph.
    """
    with opened(template, name) as form:
        fields = fields_of(form, name)
        make_archivable(form, name)
        texts = filled(fields, context, expressions, zones=zones, name=name)
        last = [float(edge) for edge in form.pages[-1].mediabox]
        padded = even and len(form.pages) % 2 == 1
        blank = (BLANK_PAGE, last[2], last[3]) if padded else None
        values = set_texts(texts, fonts, created, blank=blank, name=name)
        pdf = joined(form, values, texts, padded=padded)
        heights = [float(page.mediabox[3]) for page in form.pages]
    pages, faces = contents(pdf, fonts)
    return TypesetForm(pdf, pages, _anchors(fields, zones, heights, name), faces, padded)


def joined(form: Pdf, values: bytes, texts: Sequence[Filled], *, padded: bool) -> bytes:
    """Return the pages of the form with the pages of the values drawn on them."""
    with Pdf.open(io.BytesIO(values)) as document:
        made = list(document.pages)
        drawn = [page.as_form_xobject() for page in made[: len(texts)]]
        spare = made[len(made) - 1].obj if padded else None
        del document.pages[:]
        for number, original in enumerate(form.pages, 1):
            document.pages.append(original)
            page = document.pages[-1]
            resources, media = page.resources, page.mediabox
            for key in list(page.obj.keys()):
                if key not in (*_KEPT, "/Contents"):
                    del page.obj[key]
            page.obj.Resources, page.obj.MediaBox = resources, media
            here = [index for index, text in enumerate(texts) if text.widget.page == number]
            _draw(document, page, {index: drawn[index] for index in here}, texts)
        if spare is not None:
            document.pages.append(Page(spare))
        for key in ("/StructTreeRoot", "/MarkInfo", "/Outlines", "/Names", "/AcroForm"):
            if key in document.Root:
                del document.Root[key]
        buffer = io.BytesIO()
        document.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return buffer.getvalue()


def _draw(document: Pdf, page: Page, drawn: Mapping[int, pikepdf.Object], texts: Sequence[Filled]) -> None:
    xobjects = Dictionary(dict(page.obj.Resources.get("/XObject", Dictionary()).items()))
    drawings = []
    for index, form in drawn.items():
        xobjects[f"/TruecopyField{index}"] = document.make_indirect(form)
        left, bottom, right, top = texts[index].widget.edges
        drawings.append(Drawing((left, bottom, right, top), f"TruecopyField{index}"))
    content = drawn_in_order(page, drawings, bleed=BLEED)
    resources = Dictionary(dict(page.obj.Resources.items()))
    resources.XObject = xobjects
    page.obj.Resources = resources
    page.obj.Contents = document.make_stream(content)
    page.obj.Type = Name.Page


def _anchors(fields: Sequence[Field], zones: Sequence[str], heights: Sequence[float], name: str) -> tuple[Anchor, ...]:
    anchors = []
    for field in fields:
        if field.name in zones:
            if len(field.widgets) != 1:
                raise TemplateError(
                    Message("“{name}” has the zone “{zone}” in more than one place", name=name, zone=field.name)
                )
            (widget,) = field.widgets
            left, bottom, right, top = widget.edges
            height = heights[widget.page - 1]
            edges = (left, height - top, right, height - bottom)
            x0, y0, x1, y1 = (round(edge * 100) for edge in edges)
            anchors.append(Anchor(field.name, widget.page, (x0, y0, x1, y1)))
    return tuple(anchors)
