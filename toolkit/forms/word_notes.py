"""Footnotes of a Word file (17.11): numbered through the document, each with its blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from toolkit.forms.blocks import Block, Note, Text
from toolkit.forms.looks import Look
from toolkit.forms.word_numbering import written
from toolkit.forms.word_xml import Element, Unsupported, attribute, child, children, number, qualified
from toolkit.messages import Message

if TYPE_CHECKING:
    from toolkit.forms.word_text import TextReader

FOOTNOTES = "word/footnotes.xml"


class NoteReader:
    """Reads the footnotes of a document in the order in which its text refers to them.

    ``label`` is the number of the one that is being read, as it stands in front of the note.
    """

    def __init__(
        self,
        root: Element,
        reader: TextReader,
        properties: Element | None,
        read: Callable[[Element], tuple[Block, ...]],
    ) -> None:
        """Read from the part's root with its text reader; ``properties`` is the ``w:footnotePr`` that holds.

        Raises:
            Unsupported: when it asks for what is not set.
        """
        self.label = ""
        self._notes = {attribute(item, "w:id"): item for name, item in children(root) if name == "w:footnote"}
        self._read = read
        self._reading = False
        reader.notes = self
        start, form, restart, place = (child(properties, f"w:{name}") for name in _PROPERTIES)
        self._count = (1 if start is None else number(start, "w:val") or 1) - 1
        self._form = "decimal" if form is None else attribute(form, "w:val") or "decimal"
        if restart is not None and attribute(restart, "w:val") not in {None, "continuous"}:
            raise Unsupported(Message("footnotes that are numbered anew on every page or in every section"))
        if place is not None and attribute(place, "w:val") not in {None, "pageBottom"}:
            raise Unsupported(Message("footnotes that stand elsewhere than at the foot of the page"))
        written(self._form, 1)

    def note(self, reference: Element, look: Look) -> Note:
        """Return the note that a ``w:footnoteReference`` of that look refers to.

        Raises:
            Unsupported: when there is none, or it is not set.
        """
        element = self._notes.get(attribute(reference, "w:id"))
        if element is None or self._reading:
            raise Unsupported(Message("a footnote in a header, a footer or another note"))
        said = attribute(reference, "w:customMarkFollows")
        own_mark = said is not None and said not in {"0", "false", "off"}
        self._count += not own_mark
        self.label = "" if own_mark else written(self._form, self._count)
        self._reading = True
        try:
            blocks = self._read(element)
        finally:
            self._reading = False
        return Note(None if own_mark else Text(self.label, look), blocks)


_PROPERTIES = ("numStart", "numFmt", "numRestart", "pos")


def note_properties(settings: Element | None, body: Element) -> Element | None:
    """Return the ``w:footnotePr`` that holds for the document: that of its sections, or of its settings.

    Raises:
        Unsupported: when its sections differ.
    """
    said = {}
    for section in body.iter(qualified("w:sectPr")):
        own = child(section, "w:footnotePr")
        said[tuple((name, attribute(item, "w:val")) for name, item in children(own))] = own
    if len(said) > 1:
        raise Unsupported(Message("footnotes that are numbered differently from section to section"))
    own = next(iter(said.values()), None)
    return own if own is not None and len(own) else child(settings, "w:footnotePr")
