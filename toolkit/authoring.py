"""For authors of templates: composes the linter, the typesetter and the fonts with what a programme says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.application.context import template_names
from toolkit.application.programme import LARGEST_TEMPLATE, Document, Programme
from toolkit.errors import InputUnreadable, TruecopyError, TypesettingError
from toolkit.formal.description import describe
from toolkit.formal.keep_out import LARGEST, intrusions
from toolkit.forms.acroform_lint import acroform_faces, acroform_variables, lint_acroform
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.lint import FaceUse, faces_of, variables
from toolkit.forms.lint import lint as lint_form
from toolkit.forms.lint_findings import TemplateFinding
from toolkit.forms.typesetting import TypesetForm, typeset
from toolkit.forms.word import read_form
from toolkit.messages import Message, Translate
from toolkit.resources import programme_folders
from toolkit.verdict import FORMAT, Outcome

LARGEST_FORM = 64 << 20
"""Bytes of a Word file that is set: what its parts may have together, unpacked (forms/package.py)."""
_OTHERS_MODULES = 57
"""Modules of the symbol on every page but the first, 10-M."""


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """What is to be said of a template; ``programme`` is the one that it was held against, None where none was."""

    source: str
    programme: str | None
    findings: tuple[TemplateFinding, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst of the findings; notes change nothing."""
        outcomes = {finding.outcome for finding in self.findings}
        return next((each for each in (Outcome.FAILED, Outcome.INDETERMINATE) if each in outcomes), Outcome.PASSED)

    def to_dict(self, translate: Translate = str) -> dict[str, object]:
        """Return the report as JSON by contract."""
        return {
            "format": FORMAT,
            "template": self.source,
            "programme": self.programme,
            "outcome": str(self.outcome),
            "findings": [finding.to_dict(translate) for finding in self.findings],
        }


def read_file(path: Path, largest: int = LARGEST_FORM) -> bytes:
    """Return the bytes of a file.

    Raises:
        InputUnreadable: when it cannot be read or is larger than any form.
    """
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise InputUnreadable(
            Message("{file} cannot be read: {problem}", file=str(path), problem=error.strerror or str(error))
        ) from error
    if len(data) > largest:
        raise InputUnreadable(Message("{file} is larger than {largest} MiB", file=str(path), largest=largest >> 20))
    return data


def lint(path: Path, *, fonts: FontCatalogue, programme: Programme | None = None) -> TemplateReport:
    """Return what is wrong with a template, held against its programme: the one named, or that of its folder.

    Raises:
        InputUnreadable: the file cannot be read.
        TemplateError: it is no Word document or PDF form, or one that no form may be (macros, outside links, scripts,
            too large).
        ProgrammeError: the programme of its folder is faulty.
    """
    data = read_file(path, LARGEST_TEMPLATE)
    programme = programme or _programme_of(path)
    document = _document_of(path, programme)
    names = None if programme is None else template_names(programme)
    zones = tuple(zone.name for zone in document.zones) if document else ()
    if path.suffix.lower() == ".pdf":
        expressions = document.fields if document else {}
        found = lint_acroform(data, name=path.name, fonts=fonts, names=names, expressions=expressions, zones=zones)
    else:
        found = lint_form(data, name=path.name, fonts=fonts, names=names, zones=zones)
    findings = [*found.findings]
    if found.pdf is not None:
        try:
            findings += _in_the_symbols_place(found.pdf, document)
        except TypesettingError as error:  # a PDF form may have anything on its pages
            findings.append(TemplateFinding(Outcome.FAILED, error.message))
    if programme is not None and document is not None and found.used is not None:
        findings += _unprinted(programme, document, found.used)
    return TemplateReport(str(path), programme.name if programme else None, tuple(findings))


def set_form(path: Path, *, fonts: FontCatalogue, engine: str, now: datetime) -> TypesetForm:
    """Return any Word file as PDF/A.

    Raises:
        InputUnreadable: the file cannot be read.
        TemplateError, TypesettingError: it holds what is not set; the message says what and where.
    """
    return typeset(read_file(path), name=path.name, fonts=fonts, created=now, engine=engine)


def faces(home: Path | None, fonts: FontCatalogue) -> Iterator[tuple[str, str, FaceUse]]:
    """Give every face that the templates of every programme ask for: programme, template, and what it is set in.

    Raises:
        ProgrammeError: a programme is faulty.
        TemplateError: a template cannot be read.
    """
    for name, folder in programme_folders(home).items():
        programme = Programme.load(folder)
        for document in programme.documents:
            data = programme.template(document)
            if document.template.endswith(".docx"):
                uses = faces_of(read_form(data, name=document.template), fonts)
            else:
                uses = acroform_faces(data, name=document.template, fonts=fonts)
            for use in uses:
                yield name, document.template, use


def _variables(programme: Programme, document: Document) -> frozenset[str] | None:
    data, names = programme.template(document), template_names(programme)
    if document.template.endswith(".docx"):
        return variables(data, name=document.template, names=names)
    return acroform_variables(data, name=document.template, names=names, expressions=document.fields)


def _programme_of(path: Path) -> Programme | None:
    folder = path.absolute().parent
    return Programme.load(folder) if (folder / "programme.toml").is_file() else None


def _document_of(path: Path, programme: Programme | None) -> Document | None:
    documents = programme.documents if programme else ()
    return next((document for document in documents if document.template == path.name), None)


def _in_the_symbols_place(pdf: bytes, document: Document | None) -> Iterator[TemplateFinding]:
    """Tell of what stands in the keep-out box of the template's own pages, filled or not."""
    from pypdfium2 import PdfDocument

    pages = len(PdfDocument(pdf))
    is_first = document is None or document.code == "P"
    for number, page in enumerate(describe(pdf, zones=[[]] * pages, watermark=""), 1):
        for intrusion in intrusions(page, number, LARGEST if number == 1 and is_first else _OTHERS_MODULES)[:1]:
            yield TemplateFinding(
                Outcome.FAILED,
                Message(
                    "on page {page} “{text}” stands where the symbol goes; keep the outer top corner free",
                    page=number,
                    text=intrusion.text or Message("a line or a picture"),
                ),
            )


def _unprinted(programme: Programme, document: Document, used: frozenset[str]) -> Iterator[TemplateFinding]:
    """Note the fields that applicants must fill in and that no template of the programme prints."""
    printed = set(used)
    for other in programme.documents:
        if other is not document:
            try:
                also = _variables(programme, other)
            except TruecopyError:
                also = None
            if also is None:
                return  # what the other template prints is not known
            printed |= also
    unused = [
        path
        for path in programme.form.required
        if not any(each == path or each.startswith(f"{path}.") or path.startswith(f"{each}.") for each in printed)
    ]
    if unused:
        yield TemplateFinding(
            Outcome.NOTE,
            Message(
                "required of applicants, but printed by no template of the programme: {fields}", fields=tuple(unused)
            ),
        )
