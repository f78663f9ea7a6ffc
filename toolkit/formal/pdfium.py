"""The calls of PDFium that a page description needs, with plain integers as handles and without a wrapper between.

``pypdfium2.raw`` makes a pointer object for every handle it gives back; for a call that is made 12,000 times that is
half of the time. The prototypes here take and give integers. PDFium is not thread-safe: one thread at a time.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as raw

_HANDLE = ctypes.c_void_p
_INT = ctypes.c_int
_POINTER = ctypes.c_void_p  # the address of a buffer
_TwoFloats, _FourFloats, _FourNumbers = ctypes.c_float * 2, ctypes.c_float * 4, ctypes.c_uint * 4


def _call(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    return ctypes.cast(function, ctypes.CFUNCTYPE(result, *arguments))


class Matrix(ctypes.Structure):
    """FS_MATRIX: x' = a x + c y + e, y' = b x + d y + f."""

    _fields_ = [(name, ctypes.c_float) for name in "abcdef"]


Affine = tuple[float, float, float, float, float, float]
"""The same six numbers as a tuple."""

IDENTITY: Affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def joined(first: Affine, then: Affine) -> Affine:
    """Return the map that does ``first`` and ``then`` after it."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5
"""Kinds of page objects (fpdf_edit.h, FPDF_PAGEOBJ_*)."""

count_objects = _call(raw.FPDFPage_CountObjects, _INT, _HANDLE)
get_object = _call(raw.FPDFPage_GetObject, _HANDLE, _HANDLE, _INT)
count_form_objects = _call(raw.FPDFFormObj_CountObjects, _INT, _HANDLE)
get_form_object = _call(raw.FPDFFormObj_GetObject, _HANDLE, _HANDLE, ctypes.c_ulong)
get_type = _call(raw.FPDFPageObj_GetType, _INT, _HANDLE)
set_active = _call(raw.FPDFPageObj_SetIsActive, _INT, _HANDLE, _INT)
get_bounds = _call(raw.FPDFPageObj_GetBounds, _INT, _HANDLE, _POINTER, _POINTER, _POINTER, _POINTER)
has_transparency = _call(raw.FPDFPageObj_HasTransparency, _INT, _HANDLE)
count_marks = _call(raw.FPDFPageObj_CountMarks, _INT, _HANDLE)
get_mark = _call(raw.FPDFPageObj_GetMark, _HANDLE, _HANDLE, ctypes.c_ulong)
_mark_name = _call(raw.FPDFPageObjMark_GetName, _INT, _HANDLE, _POINTER, ctypes.c_ulong, _POINTER)
_get_matrix = _call(raw.FPDFPageObj_GetMatrix, _INT, _HANDLE, _POINTER)
_fill_colour = _call(raw.FPDFPageObj_GetFillColor, _INT, _HANDLE, _POINTER, _POINTER, _POINTER, _POINTER)
_stroke_colour = _call(raw.FPDFPageObj_GetStrokeColor, _INT, _HANDLE, _POINTER, _POINTER, _POINTER, _POINTER)
_stroke_width = _call(raw.FPDFPageObj_GetStrokeWidth, _INT, _HANDLE, _POINTER)
get_line_cap = _call(raw.FPDFPageObj_GetLineCap, _INT, _HANDLE)
get_line_join = _call(raw.FPDFPageObj_GetLineJoin, _INT, _HANDLE)
get_dash_count = _call(raw.FPDFPageObj_GetDashCount, _INT, _HANDLE)
_dash_array = _call(raw.FPDFPageObj_GetDashArray, _INT, _HANDLE, _POINTER, ctypes.c_size_t)
get_clip = _call(raw.FPDFPageObj_GetClipPath, _HANDLE, _HANDLE)
count_clip_paths = _call(raw.FPDFClipPath_CountPaths, _INT, _HANDLE)
count_clip_segments = _call(raw.FPDFClipPath_CountPathSegments, _INT, _HANDLE, _INT)
get_clip_segment = _call(raw.FPDFClipPath_GetPathSegment, _HANDLE, _HANDLE, _INT, _INT)

count_segments = _call(raw.FPDFPath_CountSegments, _INT, _HANDLE)
get_segment = _call(raw.FPDFPath_GetPathSegment, _HANDLE, _HANDLE, _INT)
_segment_point = _call(raw.FPDFPathSegment_GetPoint, _INT, _HANDLE, _POINTER, _POINTER)
segment_type = _call(raw.FPDFPathSegment_GetType, _INT, _HANDLE)
segment_closes = _call(raw.FPDFPathSegment_GetClose, _INT, _HANDLE)
_draw_mode = _call(raw.FPDFPath_GetDrawMode, _INT, _HANDLE, _POINTER, _POINTER)

load_text = _call(raw.FPDFText_LoadPage, _HANDLE, _HANDLE)
close_text = _call(raw.FPDFText_ClosePage, None, _HANDLE)
count_characters = _call(raw.FPDFText_CountChars, _INT, _HANDLE)
get_unicode = _call(raw.FPDFText_GetUnicode, ctypes.c_uint, _HANDLE, _INT)
get_text_object = _call(raw.FPDFText_GetTextObject, _HANDLE, _HANDLE, _INT)
get_advance_box = _call(raw.FPDFText_GetLooseCharBox, _INT, _HANDLE, _INT, _POINTER)
_character_matrix = _call(raw.FPDFText_GetMatrix, _INT, _HANDLE, _INT, _POINTER)
get_text = _call(raw.FPDFText_GetText, _INT, _HANDLE, _INT, _INT, _POINTER)
get_font = _call(raw.FPDFTextObj_GetFont, _HANDLE, _HANDLE)
_font_size = _call(raw.FPDFTextObj_GetFontSize, _INT, _HANDLE, _POINTER)
get_render_mode = _call(raw.FPDFTextObj_GetTextRenderMode, _INT, _HANDLE)
_font_name = _call(raw.FPDFFont_GetBaseFontName, ctypes.c_size_t, _HANDLE, _POINTER, ctypes.c_size_t)
is_embedded = _call(raw.FPDFFont_GetIsEmbedded, _INT, _HANDLE)


def handle(pointer: Any) -> int:
    """Return the address that a pointer object of ``pypdfium2`` stands for."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def object_matrix(item: int) -> Affine:
    """Return the matrix of a page object: its own space to that of the page or form it lies in."""
    matrix = Matrix()
    if not _get_matrix(item, ctypes.byref(matrix)):
        return IDENTITY
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def character_matrix(text: int, index: int) -> Affine:
    """Return the matrix of a character: text space to page space, forms included; identity when there is none."""
    matrix = Matrix()
    if not _character_matrix(text, index, ctypes.byref(matrix)):
        return IDENTITY
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def object_bounds(item: int) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top of a page object in the space of the page or form it lies in."""
    edges = _FourFloats()
    start = ctypes.addressof(edges)
    get_bounds(item, start, start + 4, start + 8, start + 12)
    left, bottom, right, top = edges[:]
    return left, bottom, right, top


def _colour(call: Callable[..., Any], item: int) -> str | None:
    parts = _FourNumbers()
    start = ctypes.addressof(parts)
    if not call(item, start, start + 4, start + 8, start + 12):
        return None
    red, green, blue, _ = parts[:]
    return f"{red:02X}{green:02X}{blue:02X}" if red or green or blue else "000000"


def fill_colour(item: int) -> str | None:
    """Return RRGGBB of the fill, None when it is no plain colour."""
    return _colour(_fill_colour, item)


def stroke_colour(item: int) -> str | None:
    """Return RRGGBB of the stroke, None when it is no plain colour."""
    return _colour(_stroke_colour, item)


def stroke_width(item: int) -> float:
    """Return the width of the stroke in the object's own space."""
    width = ctypes.c_float()
    _stroke_width(item, ctypes.byref(width))
    return width.value


def dash_array(item: int) -> tuple[float, ...]:
    """Return the lengths of dashes and gaps in the object's own space; empty for a full line."""
    count = get_dash_count(item)
    if count <= 0:
        return ()
    lengths = (ctypes.c_float * count)()
    _dash_array(item, ctypes.addressof(lengths), count)
    return tuple(lengths)


def draw_mode(item: int) -> tuple[int, bool]:
    """Return how a path is filled (0 not, 1 even-odd, 2 non-zero) and whether it is stroked."""
    fill, stroke = _INT(), _INT()
    _draw_mode(item, ctypes.byref(fill), ctypes.byref(stroke))
    return fill.value, bool(stroke.value)


def segment_point(segment: int) -> tuple[float, float]:
    """Return the end point of a path segment in the path's own space."""
    point = _TwoFloats()
    start = ctypes.addressof(point)
    _segment_point(segment, start, start + 4)
    x, y = point[:]
    return x, y


def font_size(item: int) -> float:
    """Return the font size of a text object in its own space."""
    size = ctypes.c_float()
    _font_size(item, ctypes.byref(size))
    return size.value


def font_name(font: int) -> str:
    """Return the PostScript name of a font as the PDF gives it, with the prefix of its subset."""
    buffer = ctypes.create_string_buffer(256)
    _font_name(font, ctypes.addressof(buffer), 256)
    return buffer.value.decode("utf-8", "replace")


def mark_names(item: int) -> tuple[str, ...]:
    """Return the tags of the marked content that a page object lies in, outermost first."""
    names = []
    buffer = ctypes.create_string_buffer(128)
    written = ctypes.c_ulong()
    for index in range(max(count_marks(item), 0)):
        if _mark_name(get_mark(item, index), ctypes.addressof(buffer), 128, ctypes.byref(written)):
            names.append(buffer.raw[: max(written.value - 2, 0)].decode("utf-16-le", "replace"))
    return tuple(names)
