"""Fields of a Word file (17.16).

Page numbers are counted anew, of others what Word last showed is set, and the rest are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from toolkit.forms.blocks import Inline, Number, PageNumber, PageOf, Text
from toolkit.forms.word_properties import Properties
from toolkit.forms.word_styles import ParagraphStyle, Styles
from toolkit.forms.word_xml import Element, Unsupported, attribute, child, number, switched_on
from toolkit.messages import Message

_DEEPEST = 10
# 17.16.5: what the fields of page numbers are called, and how the general switch \* writes them.
_PAGE_FIELDS = {"PAGE": False, "NUMPAGES": True, "SECTIONPAGES": True}
NUMBER_FORMATS = {
    **{"decimal": Number.ARABIC, "numberInDash": Number.ARABIC_BETWEEN_DASHES, "lowerRoman": Number.ROMAN_LOWER},
    **{"upperRoman": Number.ROMAN_UPPER, "chineseCounting": Number.CHINESE, "chineseCountingThousand": Number.CHINESE},
}
_FIELD_NUMBERS = {
    **{"Arabic": Number.ARABIC, "ArabicDash": Number.ARABIC_BETWEEN_DASHES, "roman": Number.ROMAN_LOWER},
    **{"Roman": Number.ROMAN_UPPER, "CHINESENUM3": Number.CHINESE, "MERGEFORMAT": None},
}
# Fields whose result changes only when their author updates it: what they show is text. Dates of today are not here,
# since a formal copy does not say another day tomorrow.
_SHOWN = {
    *("HYPERLINK", "TOC", "REF", "SEQ", "STYLEREF", "FORMTEXT", "MERGEFIELD", "QUOTE", "TITLE", "SUBJECT", "AUTHOR"),
    *("DOCPROPERTY", "DOCVARIABLE", "CREATEDATE", "SAVEDATE", "COMMENTS", "KEYWORDS", "BIBLIOGRAPHY", "CITATION"),
}


@dataclass(slots=True)
class Field:
    """A field that is being read: its instruction, its result so far, and the form field (17.16.17) it is of."""

    instruction: str = ""
    in_result: bool = False
    result: list[Inline] = field(default_factory=list)
    form: Element | None = None

    @property
    def kind(self) -> str:
        """The field's name, ``PAGE``."""
        words = self.instruction.split()
        return words[0].upper() if words else ""

    @property
    def words(self) -> list[str]:
        """What stands behind the name, the sign of general switches left out."""
        return self.instruction.replace("\\*", " ").split()[1:]

    @property
    def passes(self) -> bool:
        """Whether its result stands in the text as it is."""
        return self.in_result and self.kind in _SHOWN


class Fields:
    """The fields that are open while the paragraphs of one part are read, the innermost last."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._open: list[Field] = []

    def clear(self) -> None:
        """Forget what is open, after a paragraph that was refused."""
        self._open.clear()

    def end_paragraph(self) -> None:
        """Refuse fields that go on in the next paragraph, but for those whose result is text (a table of contents).

        Raises:
            Unsupported: when there is one.
        """
        if any(not each.passes for each in self._open):
            self.clear()
            raise Unsupported(Message("a field that goes over several paragraphs"))

    def emit(self, pieces: Sequence[Inline], found: list[Inline]) -> None:
        """Put pieces where they belong: into the text, or into the result of the field that is open."""
        for each in reversed(self._open):
            if not each.in_result:
                return  # part of an instruction, which nobody sees
            if not each.passes:
                each.result.extend(pieces)
                return
        found.extend(pieces)

    def begin(self, begun: Field) -> None:
        """Open a field.

        Raises:
            Unsupported: when too many are open.
        """
        if len(self._open) >= _DEEPEST:
            raise Unsupported(Message("fields within fields"))
        self._open.append(begun)

    def instruct(self, text: str) -> None:
        """Add to the instruction of the open field.

        Raises:
            Unsupported: when none is.
        """
        self._innermost().instruction += text

    def separate(self) -> None:
        """Begin the result of the open field.

        Raises:
            Unsupported: when none is, or the field is not set.
        """
        self._innermost().in_result = True

    def character(self, item: Element, found: list[Inline], style: ParagraphStyle, direct: Properties) -> None:
        """Read a ``w:fldChar``.

        Raises:
            Unsupported: when it belongs to no field, or the field is not set.
        """
        kind = attribute(item, "w:fldCharType")
        if kind == "begin":
            self.begin(Field(form=child(item, "w:ffData")))
        elif kind == "separate":
            self.separate()
        else:
            self.end(found, style, direct)

    def end(self, found: list[Inline], style: ParagraphStyle, direct: Properties) -> None:
        """Close the open field: put in the page number that it asks for, or what else it shows.

        Raises:
            Unsupported: when none is open, or the field is not set.
        """
        ended = self._innermost()
        self._open.pop()
        kind, words = ended.kind, ended.words
        # The look is that of the result (17.16.18), or of the field's end where there is none.
        shown = next((piece.look for piece in ended.result if isinstance(piece, Text)), None)
        look = shown or self._styles.look(style, direct)
        if kind in _PAGE_FIELDS and all(word in _FIELD_NUMBERS for word in words):
            form = next((_FIELD_NUMBERS[word] for word in words if _FIELD_NUMBERS[word]), None)
            self.emit([PageNumber(look, _PAGE_FIELDS[kind], form, kind == "SECTIONPAGES")], found)
        elif kind == "PAGEREF" and words:
            otherwise = "".join(piece.characters for piece in ended.result if isinstance(piece, Text))
            self.emit([PageOf(words[0], look, otherwise)], found)
        elif kind == "FORMCHECKBOX":
            self.emit([Text("☑" if _is_ticked(ended.form) else "☐", look)], found)
        elif kind == "FORMDROPDOWN":
            self.emit([Text(_chosen(ended.form), look)], found)
        elif kind not in _SHOWN:
            raise Unsupported(Message("the field “{field}”", field=ended.instruction.strip()[:40]))

    def _innermost(self) -> Field:
        if not self._open:
            raise Unsupported(Message("a field that is damaged"))
        return self._open[-1]


def _is_ticked(form: Element | None) -> bool:
    box = child(form, "w:checkBox")
    said = child(box, "w:checked")
    said = child(box, "w:default") if said is None else said
    return said is not None and switched_on(said)


def _chosen(form: Element | None) -> str:
    listed = child(form, "w:ddList")
    entries = [] if listed is None else [item for item in listed if item.tag.endswith("}listEntry")]
    chosen = child(listed, "w:result")
    at = 0 if chosen is None else number(chosen, "w:val") or 0
    if not 0 <= at < len(entries):
        raise Unsupported(Message("a field that is damaged"))
    return attribute(entries[at], "w:val") or ""
