"""WordprocessingML by name: elements, attributes, units, and the exception for what is not set.

Every function of the reader walks all children of an element and raises on one that it does not know; nothing of a
document is dropped in silence.
"""

from __future__ import annotations

from functools import cache

from lxml import etree

from toolkit.messages import Message

Element = etree._Element

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = {
    _W: "w",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/picture": "pic",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:word": "w10",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://www.w3.org/XML/1998/namespace": "xml",
}
_PREFIXES = {prefix: namespace for namespace, prefix in NAMESPACES.items()}
_EMU_PER_POINT = 12_700  # ECMA-376 part 1, 20.1.2.1
_MAX_LENGTH = 31_680  # twips: 22 inches, the largest length that Word takes (17.18.103)


class Unsupported(Exception):
    """A construct that is not set; the reader of the paragraph around it adds the place."""

    def __init__(self, construct: Message) -> None:
        super().__init__(str(construct))
        self.construct = construct


@cache
def qualified(name: str) -> str:
    """Return lxml's name for a prefixed one: ``w:p`` -> ``{http://…}p``."""
    prefix, local = name.split(":")
    return f"{{{_PREFIXES[prefix]}}}{local}"


_NAMES: dict[str, str] = {}


def named(element: Element) -> str:
    """Return the prefixed name of an element, ``w:p``; of an unknown namespace the name as lxml has it."""
    tag = str(element.tag)
    if tag not in _NAMES:
        namespace, _, local = tag.removeprefix("{").rpartition("}")
        _NAMES[tag] = f"{NAMESPACES[namespace]}:{local}" if namespace in NAMESPACES else tag
    return _NAMES[tag]


def children(element: Element | None) -> list[tuple[str, Element]]:
    """Return the children with their prefixed names, without XML comments; none where there is no element."""
    if element is None:
        return []
    # Comments and the like have a function for their tag, which is the name of none.
    return [(_NAMES.get(tag) or named(item), item) for item in element if isinstance(tag := item.tag, str)]


def child(element: Element | None, name: str) -> Element | None:
    """Return the first child of that prefixed name."""
    if element is None:
        return None
    wanted = qualified(name)
    # Most are the first of a few: a search by lxml itself costs more to begin than they have children.
    return next((each for each in element if each.tag == wanted), None)


def written(element: Element | None) -> bytes:
    """Return an element as bytes: properties that are written alike say the same. Empty where there is no element."""
    return b"" if element is None else etree.tostring(element, with_tail=False)


def attribute(element: Element, name: str) -> str | None:
    """Return an attribute by its prefixed name."""
    return element.get(qualified(name))


def value(element: Element) -> str:
    """Return ``w:val``.

    Raises:
        Unsupported: when it is missing.
    """
    found = attribute(element, "w:val")
    if found is None:
        raise unsupported(element)
    return found


def switched_on(element: Element) -> bool:
    """Return what an on/off property says (17.17.4): its presence is on unless the value says off."""
    return attribute(element, "w:val") not in {"0", "false", "off"}


def number(element: Element, name: str) -> int | None:
    """Return a whole number from an attribute, None when the attribute is missing.

    Raises:
        Unsupported: when it is no number or an impossible one.
    """
    text = attribute(element, name)
    if text is None:
        return None
    try:
        found = round(float(text))  # some programs write 240.0
    except (ValueError, OverflowError):
        raise unsupported(element) from None
    if abs(found) > 10**7:
        raise unsupported(element)
    return found


def points(element: Element, name: str) -> float | None:
    """Return a length in twips (1/20 pt) as points, None when the attribute is missing.

    Raises:
        Unsupported: when it is none, or longer than Word takes.
    """
    twips = number(element, name)
    if twips is not None and abs(twips) > _MAX_LENGTH:
        raise unsupported(element)
    return None if twips is None else twips / 20


def emu_points(text: str | None, element: Element, *, least: int | None = 1) -> float:
    """Return a length of DrawingML (EMU) as points; ``least`` None allows those below zero.

    Raises:
        Unsupported: when it is none, less than that, or longer than Word takes.
    """
    try:
        length = int(text or "")
    except ValueError:
        raise unsupported(element) from None
    longest = _MAX_LENGTH // 20 * _EMU_PER_POINT
    if not (-longest if least is None else least) <= length <= longest:
        raise unsupported(element)
    return length / _EMU_PER_POINT


def colour(element: Element, name: str) -> str | None:
    """Return a colour as RRGGBB; None for ``auto`` and where there is none.

    Raises:
        Unsupported: when it is no colour.
    """
    text = attribute(element, name)
    if text is None or text == "auto":
        return None
    if len(text) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in text):
        raise unsupported(element)
    return text.upper()


def unsupported(element: Element, detail: str | None = None) -> Unsupported:
    """Return the exception for an element, or for what its value says."""
    written = detail if detail is not None else attribute(element, "w:val")
    if written is None:
        return Unsupported(Message("<{name}>", name=named(element)))
    return Unsupported(Message("<{name} {value}>", name=named(element), value=written))


def is_extension(name: str) -> bool:
    """Whether a child of a properties element is a note of a newer Word that changes nothing on paper."""
    return name in _HARMLESS_EXTENSIONS


# Extensions by which newer versions of Word note what older ones do not know. They change nothing on paper, but for
# those in w14 that are drawn (glow, shadow, ...), which have names of their own and are refused like all others.
_HARMLESS_EXTENSIONS = {f"w14:{local}" for local in ("ligatures", "cntxtAlts", "stylisticSets", "numSpacing")}


def shortened(text: str) -> str:
    """Return a text as messages show it: 80 characters at most."""
    return text if len(text) <= 80 else text[:80] + "…"
