"""Whether what a PDF template draws may stand in a PDF/A-2b (ISO 19005-2), whose colours are described as sRGB.

Transparency may, since there is an output intent (6.2.10). What may not and changes nothing that is seen is taken out;
what would look otherwise without is refused, and whoever made the form can save it as PDF/A.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Object, Pdf, Stream, parse_content_stream

from toolkit.errors import TemplateError
from toolkit.messages import Message

_DEEPEST = 12
"""Colour spaces within colour spaces."""


def make_archivable(form: Pdf, name: str) -> None:
    """Take out of a template's pages what no PDF/A may hold and nobody sees.

    Raises:
        TemplateError: when a page draws in colours of printing presses or in a font that is not embedded, or asks for
            what a printer alone understands; the message calls the file ``name``.
    """
    for number, page in enumerate(form.pages, 1):
        group, seen = page.obj.get("/Group", Dictionary()), {(0, 0)}
        drawn: list[tuple[Any, Any]] = [(page, page.resources)]
        while drawn:
            content, resources = drawn.pop()
            for what in _judged(content, resources, group):
                raise TemplateError(
                    Message(
                        "“{name}” cannot be kept in an archive: page {page} has {what}; save it as PDF/A-2b",
                        name=name,
                        page=number,
                        what=what,
                    )
                )
            for each in _inner(resources):
                if each.objgen not in seen:
                    seen.add(each.objgen)
                    drawn.append((each, each.get("/Resources", resources)))


def _inner(resources: Any) -> Iterator[Any]:
    """Yield the drawings and patterns of resources, after taking out what pictures may not say of themselves."""
    for each in resources.get("/XObject", Dictionary()).values():
        for key in ("/Interpolate", "/Alternates", "/OPI"):  # 6.2.8, 6.2.9
            if key in each:
                del each[key]
        if each.get("/Subtype") == "/Form":
            yield each
    for each in resources.get("/Pattern", Dictionary()).values():
        if isinstance(each, Stream):
            yield each


def _judged(content: Any, resources: Any, group: Any) -> Iterator[Message]:
    """Yield what of a page or drawing may not be in a PDF/A."""
    used = set()
    for instruction in parse_content_stream(content, "Tf k K cs CS"):
        operands, operator = instruction.operands, instruction.operator
        if str(operator) in {"k", "K"} or (operands and str(operands[0]) == "/DeviceCMYK"):
            yield Message("colours for printing presses (CMYK)")
        elif str(operator) == "Tf":
            used.add(str(operands[0]))
    for key, font in resources.get("/Font", Dictionary()).items():
        if key in used and not _is_embedded(font):
            yield Message("the font {font}, which is not embedded", font=str(font.get("/BaseFont", key)).lstrip("/"))
    listed = (resources.get(kind, Dictionary()) for kind in ("/XObject", "/Shading", "/Pattern"))
    coloured = [each for kind in listed for each in kind.values()]
    spaces = [*resources.get("/ColorSpace", Dictionary()).values()]
    spaces += [each.get("/ColorSpace", each.get("/Shading", Dictionary()).get("/ColorSpace")) for each in coloured]
    spaces += [each.get("/Group", Dictionary()).get("/CS") for each in coloured] + [group.get("/CS")]
    if any(_is_press(space) for space in spaces):
        yield Message("colours for printing presses (CMYK)")
    for state in resources.get("/ExtGState", Dictionary()).values():
        if "/TR" in state or "/HTP" in state or state.get("/TR2", "/Default") != "/Default":  # 6.2.5
            yield Message("settings for a certain printer")
    if any(each.get("/Subtype") == "/PS" or "/Ref" in each for each in coloured):  # 6.2.9
        yield Message("PostScript, or pages of another file")


def _is_embedded(font: Object) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    for below in (font, *font.get("/DescendantFonts", Array())):
        if any(key in below.get("/FontDescriptor", Dictionary()) for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            return True
    return False


def _is_press(space: Any, depth: int = 0) -> bool:
    """Whether a colour space is CMYK without a profile, or comes to one (separations, palettes)."""
    if isinstance(space, Array) and depth < _DEEPEST:
        kind = str(space[0])
        if kind in {"/Indexed", "/Pattern"}:
            return len(space) > 1 and _is_press(space[1], depth + 1)
        if kind in {"/Separation", "/DeviceN"}:
            return _is_press(space[2], depth + 1)
        return kind == "/DeviceCMYK"
    return isinstance(space, pikepdf.Name) and str(space) == "/DeviceCMYK"
