"""Sections of a Word file: paper, margins, headers and footers, page numbers, line grid (17.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from toolkit.forms.blocks import Block, Margins, Number, Running, Section
from toolkit.forms.word_fields import NUMBER_FORMATS
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    number,
    points,
    switched_on,
    unsupported,
)
from toolkit.messages import Message

RunningReader = Callable[[str | None], tuple[Block, ...]]
"""Reads the blocks of a header or footer by the relationship that leads to it."""

_A4 = (595.3, 841.9)  # points; w:pgSz is 11906 x 16838 twips
_KINDS = {"default", "even", "first"}
_IGNORED = {
    "w:paperSrc",
    "w:noEndnote",
    "w:formProt",
    "w:printerSettings",
    "w:footnotePr",
    "w:endnotePr",
    "w:sectPrChange",
}
_STARTS = {"nextPage": None, "oddPage": "odd", "evenPage": "even"}


def read_section(
    element: Element, blocks: tuple[Block, ...], before: Section | None, read_running: RunningReader
) -> Section:
    """Return the section that a ``w:sectPr`` ends; headers that it does not name are those of the one before.

    Raises:
        Unsupported: when it asks for what is not set.
    """
    section = Section(
        *_A4,
        margins=Margins(90.0, 72.0, 90.0, 72.0, 36.0, 36.0),  # 17.6.11: what Word takes where nothing is said
        headers=before.headers if before else Running(),
        footers=before.footers if before else Running(),
        blocks=blocks,
    )
    for name, item in children(element):
        if name in {"w:headerReference", "w:footerReference"}:
            section = _with_running(section, name, item, read_running)
        elif name == "w:pgSz":
            section = replace(section, width=_length(item, "w:w"), height=_length(item, "w:h"))
        elif name == "w:pgMar":
            section = replace(section, margins=_margins(item))
        elif name == "w:type":
            section = replace(section, starts_on=_start(item, before, section))
        elif name == "w:titlePg":
            section = replace(section, first_differs=switched_on(item))
        elif name == "w:pgNumType":
            section = _with_numbers(section, item)
        elif name == "w:docGrid":
            section = replace(section, grid=_grid(item), between=_between(item))
        elif name == "w:cols":
            if (number(item, "w:num") or 1) != 1:
                raise Unsupported(Message("text in columns"))
        elif name == "w:vAlign":
            if attribute(item, "w:val") != "top":
                raise unsupported(item)
        elif name in {"w:textDirection", "w:bidi", "w:lnNumType", "w:pgBorders", "w:rtlGutter"}:
            if attribute(item, "w:val") not in {"lrTb", "tb", "0", "false", "off"}:
                raise unsupported(item)
        elif name not in _IGNORED:
            raise unsupported(item)
    kind = child(element, "w:type")
    if (
        before is not None
        and kind is not None
        and attribute(kind, "w:val") == "continuous"
        and not _alike(before, section)
    ):
        raise Unsupported(Message("a section that begins in the middle of a page with another page layout"))
    return section


def continues(element: Element) -> bool:
    """Whether the section that a ``w:sectPr`` ends begins on the page where the one before ended."""
    kind = child(element, "w:type")
    return kind is not None and attribute(kind, "w:val") == "continuous"


def _alike(one: Section, other: Section) -> bool:
    def plain(section: Section) -> Section:
        return replace(section, blocks=(), starts_on=None, first_differs=False)

    return plain(one) == plain(other)


def _start(element: Element, before: Section | None, section: Section) -> str | None:
    kind = attribute(element, "w:val") or "nextPage"
    if kind == "continuous":
        return section.starts_on
    if kind not in _STARTS:
        raise unsupported(element)
    return _STARTS[kind]


def _with_running(section: Section, name: str, element: Element, read_running: RunningReader) -> Section:
    kind = attribute(element, "w:type") or "default"
    if kind not in _KINDS:
        raise unsupported(element, kind)
    blocks = read_running(attribute(element, "r:id"))
    if name == "w:headerReference":
        return replace(section, headers=replace(section.headers, **{kind: blocks}))
    return replace(section, footers=replace(section.footers, **{kind: blocks}))


def _with_numbers(section: Section, element: Element) -> Section:
    form = attribute(element, "w:fmt") or "decimal"
    if form not in NUMBER_FORMATS or attribute(element, "w:chapStyle") is not None:
        raise unsupported(element, form)
    return replace(section, first_number=number(element, "w:start"), number=NUMBER_FORMATS.get(form, Number.ARABIC))


def _margins(element: Element) -> Margins:
    found = {side: points(element, f"w:{side}") for side in ("left", "top", "right", "bottom", "header", "footer")}
    if any(length is None or length < 0 for length in found.values()):
        raise unsupported(element)
    margins = Margins(**{side: length or 0.0 for side, length in found.items()})
    return replace(margins, left=margins.left + (points(element, "w:gutter") or 0.0))


def _length(element: Element, name: str) -> float:
    length = points(element, name)
    if length is None or length < 36:
        raise unsupported(element)
    return length


def _grid(element: Element) -> float | None:
    """Return the pitch of a line grid in points."""
    kind = attribute(element, "w:type") or "default"
    if kind == "default":
        return None
    if kind == "snapToChars":
        raise Unsupported(Message("a page grid for characters (choose “lines only”)"))
    return points(element, "w:linePitch")


def _between(element: Element) -> float:
    """Return what a grid for lines and characters adds after every Chinese character (17.6.5, w:charSpace)."""
    if attribute(element, "w:type") != "linesAndChars":
        return 0.0
    return (number(element, "w:charSpace") or 0) / 4096
