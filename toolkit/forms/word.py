"""The reader of .docx files: bytes -> ``blocks.Form``, or an error that names what is not set and where it stands.

It reads WordprocessingML (ECMA-376 part 1, transitional) as Word and WPS write it, and refuses what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from toolkit.errors import TemplateError
from toolkit.forms.blocks import Anchored, Block, Form, PageBreak, Paragraph, Section, Table
from toolkit.forms.package import parse_xml, read_package
from toolkit.forms.word_notes import FOOTNOTES, NoteReader, note_properties
from toolkit.forms.word_numbering import Numbering
from toolkit.forms.word_sections import continues, read_section
from toolkit.forms.word_styles import Styles
from toolkit.forms.word_tables import TableReader
from toolkit.forms.word_text import Part, Refusal, TextReader
from toolkit.forms.word_xml import (
    Element,
    Unsupported,
    attribute,
    child,
    children,
    number,
    points,
    qualified,
    switched_on,
    unsupported,
)
from toolkit.messages import Message

MAX_BLOCKS = 50_000
"""Paragraphs in one document; the sample of 14 pages has about 700."""
DOCUMENT = "word/document.xml"
_SILENT = {
    "w:bookmarkEnd",
    "w:commentRangeStart",
    "w:commentRangeEnd",
    "w:proofErr",
    "w:permStart",
    "w:permEnd",
    "w:tcPr",
}
_LEAST_BESIDE = 72.0
"""Points beside a table or drawing where Word sets no text, since a line there would be too short."""
_PAGE_REFERENCE = re.compile(r"PAGEREF\s+(\S+)")
_MARGIN_MODE = 15
"""w:compatibilityMode of Word 2013 and later, where tables begin with their border at the margin."""


def read_form(docx: bytes, *, name: str) -> Form:
    """Return what stands on a Word document, every property worked out.

    Raises:
        TemplateError: when it is no .docx, passes the bounds, or holds what is not set; the message calls it ``name``
            and gives the text where that stands.
    """
    return form_of(read_package(docx, name), name=name)


def form_of(parts: Mapping[str, bytes], *, name: str) -> Form:
    """Return what stands on a Word document whose parts ``read_package`` has opened; see ``read_form``."""
    return _FormReader(parts, name).read()


def unsettable(parts: Mapping[str, bytes], *, name: str) -> tuple[Form, list[Refusal]]:
    """Return all that keeps a Word document from being set, and the form without it.

    Raises:
        TemplateError: when it passes the bounds, or what is not set has no paragraph.
    """
    refusals: list[Refusal] = []
    return _FormReader(parts, name, refusals).read(), refusals


class _FormReader:
    """Reads one document; holds what all its parts share. With ``refusals`` it goes on where something is not set."""

    def __init__(self, parts: Mapping[str, bytes], name: str, refusals: list[Refusal] | None = None) -> None:
        self._parts = parts
        self._refusals = refusals
        self._name = name
        self._theme = self._optional("word/theme/theme1.xml")
        self._styles = Styles(self._optional("word/styles.xml"), self._theme, name)
        self._numbering = Numbering(self._optional("word/numbering.xml"), self._styles.theme, self._styles.list_of)
        self._readers: list[TextReader] = []
        self._settings = self._optional("word/settings.xml")
        self._compatibility = child(self._settings, "w:compat")
        self._blocks = 0

    def read(self) -> Form:
        document = Part(DOCUMENT, self._parts, self._name)
        body = child(document.root, "w:body")
        if body is None:
            raise TemplateError(
                Message("“{name}” is not a Word document that can be set: save it as .docx in Word", name=self._name)
            )
        tab = child(self._settings, "w:defaultTabStop")
        for folded in ("w:bookFoldPrinting", "w:bookFoldRevPrinting", "w:gutterAtTop", "w:printTwoOnOne"):
            if self._on(self._settings, folded):
                raise self._reader(document).refused(Unsupported(Message("<{name}>", name=folded)))
        sections = self._sections(document, body)
        return Form(
            sections=sections,
            tracked_changes=any(reader.tracked for reader in self._readers),
            even_differs=self._on(self._settings, "w:evenAndOddHeaders"),
            default_tab=max((points(tab, "w:val") or 0.0) if tab is not None else 36.0, 1.0),
            spacing_adds_up=self._on(self._compatibility, "w:doNotUseHTMLParagraphAutoSpacing"),
            grid_in_tables=self._on(self._compatibility, "w:adjustLineHeightInTable"),
            mirrored=self._on(self._settings, "w:mirrorMargins"),
        )

    def _sections(self, part: Part, body: Element) -> tuple[Section, ...]:
        text = self._reader(part)
        tables = self._tables(text)
        self._read_notes(text, body)
        text.targets = frozenset(_PAGE_REFERENCE.findall("".join(_instructions(body))))
        sections: list[Section] = []
        blocks: list[Block] = []
        for item in self._flattened(body, text):
            if item.tag == qualified("w:sectPr"):
                section = item
            else:
                blocks.append(self._alone(self._block(item, text, tables, None, 0), text))
                found = item.find(f"{qualified('w:pPr')}/{qualified('w:sectPr')}")
                if found is None:
                    continue
                section = found
            try:
                read = read_section(
                    section,
                    tuple(blocks),
                    sections[-1] if sections else None,
                    lambda identifier: self._running(part, identifier),
                )
                read = replace(read, blocks=tuple(_in_flow(block, read) for block in read.blocks))
            except Unsupported as error:
                raise text.refused(error) from error
            if continues(section) and sections:  # the same pages go on: one section (others were refused)
                read = replace(sections[-1], blocks=sections.pop().blocks + read.blocks)
            sections.append(read)
            blocks = []
        if blocks or not sections:
            raise TemplateError(Message("“{name}” is damaged: its last section has no end", name=self._name))
        return tuple(sections)

    def _flattened(self, element: Element, text: TextReader) -> list[Element]:
        """Return the paragraphs, tables and sections, those within content controls too."""
        found: list[Element] = []
        for name, item in children(element):
            if name in {"w:p", "w:tbl", "w:sectPr"}:
                found.append(item)
            elif name in {"w:sdt", "w:customXml"}:
                found.extend(self._flattened(item, text))
            elif name == "w:sdtContent":
                found.extend(self._flattened(item, text))
            elif name == "w:bookmarkStart":
                text.remember(item)
            elif name not in _SILENT and name not in {"w:sdtPr", "w:sdtEndPr", "w:customXmlPr"}:
                raise text.refused(unsupported(item, ""))
        return found

    def _reader(self, part: Part) -> TextReader:
        reader = TextReader(part, self._styles, self._numbering, self._name, self._refusals)
        self._readers.append(reader)
        return reader

    def _tables(self, text: TextReader) -> TableReader:
        mode = 12  # Word 2007, where the file does not say (17.15.3.4)
        for name, item in children(self._compatibility):
            if name == "w:compatSetting" and attribute(item, "w:name") == "compatibilityMode":
                mode = number(item, "w:val") or mode

        def read_blocks(element: Element, style: str | None, depth: int) -> tuple[Block, ...]:
            return self._unpaged(element, text, tables, style, depth + 1)

        tables = TableReader(text, self._styles, read_blocks, edge_at_margin=mode >= _MARGIN_MODE)
        text.read_blocks = lambda element: read_blocks(element, None, 0)
        return tables

    def _block(self, item: Element, text: TextReader, tables: TableReader, style: str | None, depth: int) -> Block:
        self._blocks += 1
        if self._blocks > MAX_BLOCKS:
            raise TemplateError(Message("“{name}” has more than {limit} paragraphs", name=self._name, limit=MAX_BLOCKS))
        if item.tag == qualified("w:tbl"):
            return tables.table(item, depth)
        return text.paragraph(item, style)

    def _read_notes(self, text: TextReader, body: Element) -> None:
        """Let the text refer to the document's footnotes."""
        if FOOTNOTES not in self._parts:
            return
        part = Part(FOOTNOTES, self._parts, self._name)
        reader = self._reader(part)
        self._tables(reader)
        try:
            text.notes = NoteReader(part.root, reader, note_properties(self._settings, body), reader.read_blocks)
        except Unsupported as error:
            raise text.refused(error) from error

    def _alone(self, block: Block, text: TextReader) -> Block:
        """Refuse a drawing beside which Word sets the lines of the text."""
        if isinstance(block, Paragraph) and any(isinstance(each, Anchored) and each.beside for each in block.content):
            raise text.refused(
                Unsupported(
                    Message("a drawing that text flows around (choose “in line”, “in front” or “top and bottom”)")
                ),
                block.text,
            )
        return block

    def _running(self, part: Part, identifier: str | None) -> tuple[Block, ...]:
        target = part.target(identifier)
        if target is None:
            raise Unsupported(Message("a header or footer that is not in the document"))
        running = Part(target, self._parts, self._name)
        text = self._reader(running)
        tables = self._tables(text)
        return self._unpaged(running.root, text, tables, None, 0)

    def _unpaged(
        self, element: Element, text: TextReader, tables: TableReader, style: str | None, depth: int
    ) -> tuple[Block, ...]:
        """Read blocks where no page can end: in cells, headers and footers."""
        blocks = []
        for item in self._flattened(element, text):
            if item.tag == qualified("w:sectPr"):
                raise text.refused(Unsupported(Message("the end of a section within a table")))
            block = self._block(item, text, tables, style, depth)
            if isinstance(block, Table) and block.floating is not None:
                raise text.refused(
                    Unsupported(Message("a table that text flows around (set its text wrapping to “none”)")), block.text
                )
            if isinstance(block, Paragraph) and (
                block.shape.page_break_before or any(isinstance(piece, PageBreak) for piece in block.content)
            ):
                raise text.refused(Unsupported(Message("a page break within a table, header or footer")), block.text)
            blocks.append(block)
        if any(block.text for block in blocks):
            blocks = [self._alone(block, text) for block in blocks]
        return tuple(blocks)

    def _optional(self, part: str) -> Element | None:
        return parse_xml(self._parts[part], self._name) if part in self._parts else None

    def _on(self, element: Element | None, name: str) -> bool:
        found = child(element, name)
        return found is not None and switched_on(found)


def _instructions(body: Element) -> Iterator[str]:
    yield from (item.text or "" for item in body.iter(qualified("w:instrText")))
    yield from (attribute(item, "w:instr") or "" for item in body.iter(qualified("w:fldSimple")))


def _in_flow(block: Block, section: Section) -> Block:
    """Return a table that text flows around as one between paragraphs, where no text has room beside it.

    Raises:
        Unsupported: where it has.
    """
    if not isinstance(block, Table) or block.floating is None:
        return block
    room = section.width - section.margins.left - section.margins.right
    if sum(block.columns) < room - _LEAST_BESIDE:
        raise Unsupported(Message("a table that text flows around (set its text wrapping to “none”)"))
    left = block.floating.left - (section.margins.left if block.floating.from_page else 0.0)
    return replace(block, left=left, floating=None)
