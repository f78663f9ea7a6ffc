"""The linter of PDF forms: fields that nothing fills, fields and zones that are missing, fonts; all at once."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lxml import etree

from toolkit.errors import TemplateError
from toolkit.forms.acroform import Field, Kind, fields_of, opened
from toolkit.forms.acroform_archival import make_archivable
from toolkit.forms.acroform_drawing import set_texts
from toolkit.forms.acroform_filling import joined
from toolkit.forms.acroform_values import Filled, expression_of
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.lint import FaceUse, Linted
from toolkit.forms.lint_findings import PartParagraph, TemplateFinding, replaced_face
from toolkit.forms.lint_tags import Names, TagReader
from toolkit.forms.word_xml import qualified
from toolkit.messages import Message
from toolkit.verdict import Outcome

PART = "form fields"
"""What stands for the part of a Word file in findings; fields are counted as paragraphs are there."""
_EPOCH = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
_FRAME = 0.5


def lint_acroform(
    template: bytes,
    *,
    name: str,
    fonts: FontCatalogue,
    names: Names | None,
    expressions: Mapping[str, str],
    zones: Sequence[str],
) -> Linted:
    """Return what is wrong with a PDF form; its ``pdf`` has a frame where each field is, and no values.

    Args:
        template: the PDF.
        name: what messages call it.
        fonts: the fonts that values will be set in.
        names: the variables there are; None where they are not known.
        expressions: what the programme says that fields print.
        zones: the fields that the programme names as zones.

    Raises:
        TemplateError: when it cannot be read as a PDF form, or is refused.
    """
    with opened(template, name) as form:
        fields = fields_of(form, name)
        make_archivable(form, name)
        frames = [
            Filled(replace(field, kind=Kind.TEXT), replace(widget, border=_FRAME), "")
            for field in fields
            for widget in field.widgets
        ]
        pdf = joined(form, set_texts(frames, fonts, _EPOCH, blank=None, name=name), frames, padded=False)
    places = _places(fields, expressions)
    reader = TagReader(names)
    reader.read([places[field.name] for field in fields if field.name not in zones])
    findings = [*reader.findings, *_fields(fields, places, expressions, zones)]
    for use in _uses(fields, fonts):
        if not use.known:
            findings.append(replaced_face(use.face, use.family, places[use.text]))
    used = frozenset(reader.used) if reader.followed else None
    return Linted(tuple(findings), used, pdf)


def acroform_variables(template: bytes, *, name: str, names: Names, expressions: Mapping[str, str]) -> frozenset[str]:
    """Return the paths of the variables that a PDF form prints.

    Raises:
        TemplateError: when it cannot be read as a PDF form, is refused, or has a field that cannot be filled.
    """
    with opened(template, name) as form:
        fields = fields_of(form, name)
    reader = TagReader(names)
    reader.read([*_places(fields, expressions).values()])
    if not reader.followed:
        raise TemplateError(Message("“{name}” has fields that nothing fills", name=name))
    return frozenset(reader.used)


def acroform_faces(template: bytes, *, name: str, fonts: FontCatalogue) -> tuple[FaceUse, ...]:
    """Return the fonts that the fields of a PDF form ask for, each once, with the first field that does.

    Raises:
        TemplateError: when it cannot be read as a PDF form, or is refused.
    """
    with opened(template, name) as form:
        return tuple(_uses(fields_of(form, name), fonts))


def _uses(fields: Sequence[Field], fonts: FontCatalogue) -> Iterator[FaceUse]:
    seen = set()
    by_name = {file.postscript_name: file.family for file in fonts.files}
    for field in fields:
        if field.kind in (Kind.TEXT, Kind.CHOICE) and field.font and field.font not in seen:
            seen.add(field.font)
            face = fonts.face(field.font)
            known = field.font in by_name or face.known
            yield FaceUse(field.font, by_name.get(field.font, face.family), known, field.name)


def _places(fields: Sequence[Field], expressions: Mapping[str, str]) -> dict[str, PartParagraph]:
    """Return every field as a paragraph with one tag, so that its expression is read like a template's."""
    places = {}
    for number, field in enumerate(fields, 1):
        paragraph = etree.Element(qualified("w:p"))
        text = etree.SubElement(etree.SubElement(paragraph, qualified("w:r")), qualified("w:t"))
        expression = expression_of(field, expressions)
        printable = "".join(character for character in expression if character.isprintable())
        text.text = f"{{{{ {printable} }}}}" if expression and field.kind is not Kind.SIGNATURE else field.name
        places[field.name] = PartParagraph(PART, number, paragraph)
    return places


def _fields(
    fields: Sequence[Field], places: Mapping[str, PartParagraph], expressions: Mapping[str, str], zones: Sequence[str]
) -> Iterator[TemplateFinding]:
    here = {field.name: field for field in fields}
    for named in expressions:
        if named not in here:
            yield TemplateFinding(
                Outcome.FAILED, Message("the form lacks the field “{field}” of programme.toml", field=named)
            )
    for zone in zones:
        if zone not in here:
            yield TemplateFinding(
                Outcome.FAILED, Message("the zone “{zone}” is missing: add a field of that name", zone=zone)
            )
        elif len(here[zone].widgets) > 1:
            yield TemplateFinding(
                Outcome.FAILED, Message("the zone “{zone}” is in more than one place", zone=zone), places[zone]
            )
    for field in fields:
        if field.kind is Kind.SIGNATURE and field.name not in zones:
            yield TemplateFinding(
                Outcome.FAILED if zones else Outcome.NOTE,
                Message("the signature field “{field}” is no zone of the programme", field=field.name),
                places[field.name],
            )
