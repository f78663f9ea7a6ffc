"""Form fields put on a PDF that has none: only what a filler reads, without looks, which paper does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

MULTILINE, RADIO, COMBO = 1 << 12, 1 << 15, 1 << 17
"""Flags of fields (ISO 32000-1, tables 226 to 230)."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the first page: ``kind`` is Tx, Btn, Ch or Sig, boxes are left, bottom, right, top in points."""

    name: str
    kind: str
    boxes: tuple[tuple[float, float, float, float], ...]
    flags: int = 0
    size: float = 12.0
    options: tuple[str, ...] = ()
    border: float = 0.0


def with_fields(pdf: bytes, fields: Sequence[FormField]) -> bytes:
    """Return the PDF with the fields, the same bytes every time."""
    with Pdf.open(BytesIO(pdf)) as document:
        page = document.pages[0]
        helvetica = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        made = [_field(document, field, page.obj) for field in fields]
        page.obj.Annots = Array([widget for _, widgets in made for widget in widgets])
        document.Root.AcroForm = Dictionary(
            Fields=Array([field for field, _ in made]),
            DR=Dictionary(Font=Dictionary(Helv=helvetica)),
            DA=String("/Helv 0 Tf 0 g"),
            NeedAppearances=True,
        )
        written = BytesIO()
        document.save(written, deterministic_id=True)
        return written.getvalue()


def _field(document: Pdf, field: FormField, page: Object) -> tuple[Object, list[Object]]:
    """Return a field and its widgets: one object for both where there is one place."""
    made = Dictionary(FT=Name(f"/{field.kind}"), T=String(field.name), Ff=field.flags)
    if field.kind in ("Tx", "Ch"):
        made.DA = String(f"/Helv {field.size:g} Tf 0 g")
    if field.options:
        made.Opt = Array([String(option) for option in field.options])
    widgets = [_widget(document, field, box, number, page) for number, box in enumerate(field.boxes)]
    if len(widgets) == 1:
        for key, value in made.items():
            widgets[0][key] = value
        single = document.make_indirect(widgets[0])
        return single, [single]
    parent = document.make_indirect(made)
    kids = []
    for widget in widgets:
        widget.Parent = parent
        kids.append(document.make_indirect(widget))
    parent.Kids = Array(kids)
    return parent, kids


def _widget(
    document: Pdf, field: FormField, box: tuple[float, float, float, float], number: int, page: Object
) -> Dictionary:
    widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array([round(edge, 2) for edge in box]), F=4, P=page)
    if field.border:
        widget.MK = Dictionary(BC=Array([0]))
        widget.BS = Dictionary(W=field.border)
    if field.kind == "Btn":
        size = Array([0, 0, box[2] - box[0], box[3] - box[1]])
        looks = {
            key: document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=size)
            for key in (f"/{number}" if field.options else "/Yes", "/Off")
        }
        widget.AP = Dictionary(N=Dictionary(looks))
        widget.AS = Name.Off
    return widget
