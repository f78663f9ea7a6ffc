"""Styles of a Word file, laid over each other: document defaults, table, paragraph and character style, the run itself.

ECMA-376 part 1, 17.7.2 (style hierarchy) and 17.7.3 (toggle properties).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.errors import TemplateError
from toolkit.forms.looks import Align, Edges, Faces, LineSpacing, Look, Shape, TabStop
from toolkit.forms.word_properties import Properties, paragraph_properties, run_properties
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    qualified,
)
from toolkit.messages import Message

_TOGGLES = ("bold", "complex_bold", "italic", "complex_italic", "strike", "double_strike", "caps", "hidden")
_MAX_DEPTH = 50
"""Styles that are based on each other; Word itself allows far fewer."""
# Children of w:style that say something to Word's windows, not to paper.
_STYLE_IGNORED = {
    *("w:name", "w:aliases", "w:basedOn", "w:next", "w:link", "w:autoRedefine", "w:hidden", "w:uiPriority", "w:rsid"),
    *(
        "w:semiHidden",
        "w:unhideWhenUsed",
        "w:qFormat",
        "w:locked",
        "w:personal",
        "w:personalCompose",
        "w:personalReply",
    ),
}


@dataclass(slots=True)
class Overlay:
    """What a style sets with all it is based on; ``table`` lists the ``w:tblPr`` and like elements, base first."""

    run: Properties = field(default_factory=dict)
    paragraph: Properties = field(default_factory=dict)
    table: list[Element] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a paragraph begins with before its own properties: its style's id and everything under it."""

    style: str
    paragraph: Properties
    base: Properties  # run properties of the document's defaults
    run: Properties  # run properties of table and paragraph style


class Styles:
    """The styles of one document; each is read once, when it is first used."""

    def __init__(self, root: Element | None, theme: Element | None, name: str) -> None:
        self._name = name
        self.theme = _theme_faces(theme)
        self.colours = _theme_colours(theme)
        self._elements: dict[tuple[str, str], Element] = {}
        self._defaults: dict[str, str] = {}
        self._read: dict[tuple[str, str], Overlay] = {}
        self._composed: dict[tuple[str | None, str | None], ParagraphStyle] = {}
        self._shapes: dict[tuple[int, float], Shape] = {}
        self._looks: dict[tuple[int, frozenset[tuple[str, object]]], Look] = {}
        defaults = child(root, "w:docDefaults")
        try:
            self._run = run_properties(child(child(defaults, "w:rPrDefault"), "w:rPr"), self.theme)
            self._paragraph = paragraph_properties(child(child(defaults, "w:pPrDefault"), "w:pPr"))
        except Unsupported as error:
            raise self._refused(Message("the document's defaults"), error) from error
        for kind_of, item in children(root):
            if kind_of == "w:style":
                kind, identifier = attribute(item, "w:type") or "paragraph", attribute(item, "w:styleId") or ""
                self._elements[kind, identifier] = item
                if attribute(item, "w:default") in {"1", "true", "on"}:
                    self._defaults[kind] = identifier

    def paragraph(self, identifier: str | None, table_style: str | None) -> ParagraphStyle:
        """Return what a paragraph of that style begins with, inside a table of that style or outside any."""
        key = (identifier, table_style)
        if key not in self._composed:
            # An unknown style is the default one, as in Word.
            if identifier is None or ("paragraph", identifier) not in self._elements:
                identifier = self._defaults.get("paragraph", "")
            style, table = self.overlay("paragraph", identifier), self.overlay("table", table_style)
            self._composed[key] = ParagraphStyle(
                identifier,
                overlaid(self._paragraph, table.paragraph, style.paragraph),
                self._run,
                _toggled(table.run, style.run),
            )
        return self._composed[key]

    def overlay(self, kind: str, identifier: str | None) -> Overlay:
        """Return what a style sets together with the styles it is based on; nothing for an unknown one.

        Raises:
            TemplateError: when it sets what is not supported, or is based on itself.
        """
        if identifier is None:
            identifier = self._defaults.get(kind) if kind == "table" else None
        return self._overlay(kind, identifier, 0)

    def _overlay(self, kind: str, identifier: str | None, depth: int) -> Overlay:
        if identifier is None or (kind, identifier) not in self._elements:
            return Overlay()
        if (kind, identifier) not in self._read:
            element = self._elements[kind, identifier]
            if depth > _MAX_DEPTH:
                raise TemplateError(
                    Message("in “{name}” the style “{style}” is based on itself", name=self._name, style=identifier)
                )
            based_on = child(element, "w:basedOn")
            base = self._overlay(kind, None if based_on is None else attribute(based_on, "w:val"), depth + 1)
            try:
                self._read[kind, identifier] = self._extended(base, element)
            except Unsupported as error:
                raise self._refused(Message("the style “{style}”", style=_style_name(element)), error) from error
        return self._read[kind, identifier]

    def _extended(self, base: Overlay, element: Element) -> Overlay:
        overlay = Overlay(base.run, base.paragraph, list(base.table))
        for name, item in children(element):
            if name == "w:rPr":
                overlay.run = overlaid(base.run, run_properties(item, self.theme))
            elif name == "w:pPr":
                overlay.paragraph = overlaid(base.paragraph, paragraph_properties(item))
            elif name in {"w:tblPr", "w:trPr", "w:tcPr", "w:tblStylePr"}:
                overlay.table.append(item)  # read, and judged, by the tables that use it
            elif name not in _STYLE_IGNORED:
                raise Unsupported(Message("<{name}>", name=name))
        return overlay

    def list_of(self, style: str) -> int | None:
        """Return the list that a list style has its numbers from."""
        properties = child(self._elements.get(("numbering", style)), "w:pPr")
        chosen: int | None = paragraph_properties(properties).get("list")
        return chosen

    def look(self, style: ParagraphStyle, direct: Properties) -> Look:
        """Return how a run with those properties of its own looks in a paragraph of that style."""
        key = (id(style), frozenset(direct.items()))  # styles live as long as their reader
        if key not in self._looks:
            self._looks[key] = as_look(self.run(style, direct))
        return self._looks[key]

    def shape(self, style: ParagraphStyle, direct: Properties, character: float) -> Shape:
        """Return how a paragraph with those properties of its own is set; ``character`` is the width of one."""
        if direct.keys() - {"style"}:
            return as_shape(style.style, overlaid(style.paragraph, direct), character)
        key = (id(style), character)
        if key not in self._shapes:
            self._shapes[key] = as_shape(style.style, style.paragraph, character)
        return self._shapes[key]

    def run(self, style: ParagraphStyle, direct: Properties) -> Properties:
        """Return all properties of a run, its character style and its own among them."""
        character = self.overlay("character", direct["style"]).run if "style" in direct else {}
        styled = _toggled(style.run, character)
        for toggle in _TOGGLES:  # what the defaults switch on stays on (17.7.3)
            if style.base.get(toggle):
                styled.pop(toggle, None)
        return overlaid(style.base, styled, direct)

    def _refused(self, place: Message, error: Unsupported) -> TemplateError:
        return TemplateError(
            Message(
                "“{name}” cannot be set: {place} asks for {construct}, which is not supported yet",
                name=self._name,
                place=place,
                construct=error.construct,
            )
        )


def overlaid(*layers: Mapping[str, object]) -> Properties:
    """Return the layers over each other, the last on top; tab stops of all layers stay, unless cleared."""
    result: Properties = {}
    for layer in layers:
        tabs = {**result.get("tabs", {}), **layer.get("tabs", {})} if "tabs" in layer else None  # type: ignore[dict-item]
        result.update(layer)
        if tabs is not None:
            result["tabs"] = tabs
    return result


def as_look(run: Properties) -> Look:
    """Return the look of a run whose properties are complete; what nothing sets is as Word's own defaults."""
    western: str = run.get("face_ascii", "Times New Roman")
    size: float = run.get("size", 10.0)  # 17.3.2.38
    return Look(
        faces=Faces(
            ascii=western,
            other_western=run.get("face_hAnsi", western),
            east_asian=run.get("face_eastAsia", "宋体"),
            complex=run.get("face_cs", western),
            prefers_east_asian=run.get("prefers_east_asian", False),
        ),
        size=size,
        complex_size=run.get("complex_size", size),
        bold=run.get("bold", False),
        complex_bold=run.get("complex_bold", False),
        italic=run.get("italic", False),
        complex_italic=run.get("complex_italic", False),
        underline=run.get("underline"),
        underline_colour=run.get("underline_colour"),
        strike=run.get("strike", False),
        double_strike=run.get("double_strike", False),
        colour=run.get("colour"),
        background=run.get("highlight") or run.get("background"),
        script=run.get("script", 0),
        rise=run.get("rise", 0.0),
        tracking=run.get("tracking", 0.0),
        right_to_left=run.get("right_to_left", False) or run.get("complex", False),
        capitals=run.get("caps", False),
        hidden=run.get("hidden", False),
    )


def as_shape(style: str, paragraph: Properties, character: float) -> Shape:
    """Return the shape of a paragraph whose properties are complete; ``character`` is the width of one in points."""

    def indent(side: str) -> float:
        characters = paragraph.get(f"{side}_characters")
        return float(characters * character if characters else paragraph.get(side, 0.0))

    tabs: dict[float, TabStop | None] = paragraph.get("tabs", {})
    return Shape(
        style=style,
        align=paragraph.get("aside") or paragraph.get("align", Align.START),
        aside="aside" in paragraph,
        left=indent("left"),
        right=indent("right"),
        first_line=indent("first_line"),
        before=paragraph.get("before", 0.0),
        after=paragraph.get("after", 0.0),
        spacing=paragraph.get("spacing", LineSpacing()),
        tabs=tuple(stop for _, stop in sorted(tabs.items()) if stop is not None),
        keep_next=paragraph.get("keep_next", False),
        keep_lines=paragraph.get("keep_lines", False),
        page_break_before=paragraph.get("page_break_before", False),
        widow_control=paragraph.get("widow_control", True),
        contextual_spacing=paragraph.get("contextual_spacing", False),
        right_to_left=paragraph.get("right_to_left", False),
        snap_to_grid=paragraph.get("snap_to_grid", True),
        western_spacing=paragraph.get("western_spacing", True),
        borders=paragraph.get("borders", Edges()),
        background=paragraph.get("background"),
    )


def _toggled(under: Properties, over: Properties) -> Properties:
    """Lay styles of different kinds over each other: what both switch on is off again (17.7.3)."""
    result = overlaid(under, over)
    for toggle in _TOGGLES:
        if toggle in under and toggle in over:
            result[toggle] = under[toggle] != over[toggle]
    return result


def _style_name(element: Element) -> str:
    name = child(element, "w:name")
    return (attribute(name, "w:val") if name is not None else None) or attribute(element, "w:styleId") or ""


def _theme_faces(theme: Element | None) -> dict[str, str]:
    """Return the theme's faces by the names that runs use for them, ``minorEastAsia`` (17.18.96)."""
    faces: dict[str, str] = {}
    for kind in ("major", "minor"):
        scheme = None if theme is None else theme.find(f".//{qualified(f'a:{kind}Font')}")
        if scheme is None:
            continue
        # Where the East Asian face is left open, the document's language chooses (17.15.1.88): simplified Chinese.
        hans = scheme.find(f"{qualified('a:font')}[@script='Hans']")
        for script, element in (
            ("Ascii", child(scheme, "a:latin")),
            ("HAnsi", child(scheme, "a:latin")),
            ("EastAsia", hans),
            ("EastAsia", child(scheme, "a:ea")),
            ("Bidi", child(scheme, "a:cs")),
        ):
            face = "" if element is None else element.get("typeface", "")
            if face:
                faces[kind + script] = face
    return faces


def _theme_colours(theme: Element | None) -> dict[str, str]:
    """Return the theme's colours by their names, ``accent1``."""
    scheme = None if theme is None else theme.find(f".//{qualified('a:clrScheme')}")
    colours = {}
    for name, item in children(scheme):
        for _, said in children(item):
            colours[name.removeprefix("a:")] = said.get("lastClr") or said.get("val") or ""
    return colours
