"""The linter of Word templates: what would fail when it is filled and set, all at once and with its paragraph."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.blocks import Form, Stretched, Text
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.lint_findings import PartParagraph, TemplateFinding, paragraphs_of, replaced_face
from toolkit.forms.lint_tags import Names, TagReader
from toolkit.forms.package import parse_xml, read_package
from toolkit.forms.typesetting import typeset
from toolkit.forms.typst_text import Script, face_name, segments
from toolkit.forms.word import unsettable
from toolkit.forms.word_xml import attribute, qualified
from toolkit.messages import Message
from toolkit.verdict import Outcome

_FILLED = re.compile(r"word/(document|header\d*\w*|footer\d*\w*|footnotes|endnotes)\.xml")
"""Parts in which docxtpl fills tags."""
TRACKED = Message("there are tracked changes, which are set as accepted: accept or reject them in Word")
_EPOCH = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class FaceUse:
    """A face that a document asks for: the family that it is set in, and whether that was meant for it."""

    face: str
    family: str
    known: bool
    text: str


@dataclass(frozen=True, slots=True)
class Linted:
    """What the linter found in a template.

    ``used`` are the paths of the variables that it prints or asks, None where broken tags hide them. ``pdf`` is the
    template as it is set, tags and all, None where it cannot be.
    """

    findings: tuple[TemplateFinding, ...]
    used: frozenset[str] | None
    pdf: bytes | None


def lint(
    template: bytes, *, name: str, fonts: FontCatalogue, names: Names | None = None, zones: Sequence[str] = ()
) -> Linted:
    """Return what is wrong with a template.

    Args:
        template: the .docx.
        name: what messages call it.
        fonts: the fonts that it will be set in.
        names: the variables there are; None where they are not known.
        zones: the bookmarks that the programme names for this template.

    Raises:
        TemplateError: when it cannot be read as a Word document at all.
    """
    parts = read_package(template, name)
    places = _places(parts, name)
    reader = _read(places, names)
    findings = list(reader.findings)
    used = frozenset(reader.used) if reader.followed else None
    try:
        form, refusals = unsettable(parts, name=name)
    except TemplateError as error:
        findings.append(TemplateFinding(Outcome.FAILED, error.message))
        return Linted(_ordered(findings), used, None)
    for refusal in refusals:
        place = (
            places.get(refusal.part, [])[(refusal.paragraph or 0) - 1 : refusal.paragraph] if refusal.paragraph else []
        )
        message = Message("{construct} is not supported yet", construct=refusal.construct)
        findings.append(TemplateFinding(Outcome.FAILED, message, place[0] if place else None))
    everything = [paragraph for paragraphs in places.values() for paragraph in paragraphs]
    if form.tracked_changes:
        findings.append(TemplateFinding(Outcome.INDETERMINATE, TRACKED))
    findings += _faces(form, fonts, everything)
    findings += _characters(form, fonts, everything)
    findings += _zones(places.get("word/document.xml", []), zones)
    pdf = None
    if not refusals:
        try:
            pdf = typeset(template, name=name, fonts=fonts, created=_EPOCH).pdf
        except (TemplateError, TypesettingError) as error:
            if not any(finding.outcome is Outcome.FAILED for finding in findings):
                findings.append(TemplateFinding(Outcome.FAILED, error.message))
    return Linted(_ordered(findings), used, pdf)


def variables(template: bytes, *, name: str, names: Names) -> frozenset[str] | None:
    """Return the paths of the variables that a template uses, None where broken tags hide them.

    Raises:
        TemplateError: when it cannot be read as a Word document at all.
    """
    reader = _read(_places(read_package(template, name), name), names)
    return frozenset(reader.used) if reader.followed else None


def _places(parts: Mapping[str, bytes], name: str) -> dict[str, list[PartParagraph]]:
    filled = [part for part in sorted(parts) if _FILLED.fullmatch(part)]
    return {part: paragraphs_of(part, parse_xml(parts[part], name)) for part in filled}


def _read(places: Mapping[str, Sequence[PartParagraph]], names: Names | None) -> TagReader:
    reader = TagReader(names)
    for paragraphs in places.values():
        reader.read(paragraphs)
    return reader


def faces_of(form: Form, fonts: FontCatalogue) -> tuple[FaceUse, ...]:
    """Return the faces that the characters of a form ask for, each once, with the first text that does."""
    found: dict[str, FaceUse] = {}
    for paragraph in form.paragraphs:
        for each in paragraph.content:
            piece = each.text if isinstance(each, Stretched) else each
            if isinstance(piece, Text) and piece.characters.strip():
                for script in _scripts(piece, paragraph.text):
                    asked = face_name(piece.look, script)
                    face = fonts.face(asked)
                    found.setdefault(asked, FaceUse(asked, face.family, face.known, paragraph.text))
    return tuple(found.values())


def _scripts(piece: Text, around: str) -> set[Script]:
    east_asian = piece.look.faces.prefers_east_asian or any("\u2e80" <= character <= "\u9fff" for character in around)
    return {script for script, _ in segments(piece.characters, east_asian=east_asian)}


def _faces(form: Form, fonts: FontCatalogue, places: Sequence[PartParagraph]) -> Iterator[TemplateFinding]:
    for use in faces_of(form, fonts):
        if not use.known:
            yield replaced_face(use.face, use.family, _place(places, use.text))


def _characters(form: Form, fonts: FontCatalogue, places: Sequence[PartParagraph]) -> Iterator[TemplateFinding]:
    seen: set[str] = set()
    for paragraph in form.paragraphs:
        missing = [character for character in fonts.missing(paragraph.text) if character not in seen]
        seen.update(missing)
        if missing:
            yield TemplateFinding(
                Outcome.FAILED,
                Message(
                    "no font has the character {characters}",
                    characters=tuple(f"“{character}” (U+{ord(character):04X})" for character in missing),
                ),
                _place(places, paragraph.text),
            )


def _zones(places: Sequence[PartParagraph], zones: Sequence[str]) -> Iterator[TemplateFinding]:
    """Tell of zones that are missing, and of bookmarks in cells that no zone is named for."""
    marked: dict[str, PartParagraph] = {}
    loose: dict[str, PartParagraph] = {}
    for place in places:
        for mark in place.element.iter(qualified("w:bookmarkStart")):
            named = attribute(mark, "w:name") or ""
            in_cell = next(mark.iterancestors(qualified("w:tc")), None) is not None
            (marked if in_cell else loose).setdefault(named, place)
    for zone in zones:
        if zone in marked:
            continue
        if zone in loose:
            message = Message("the bookmark of the zone “{zone}” stands in no table cell", zone=zone)
        else:
            message = Message("the zone “{zone}” is missing: put a bookmark of that name into a table cell", zone=zone)
        yield TemplateFinding(Outcome.FAILED, message, loose.get(zone))
    for named, place in marked.items():
        if zones and named not in zones and not named.startswith("_"):
            yield TemplateFinding(
                Outcome.NOTE, Message("the bookmark “{zone}” is no zone of the programme", zone=named), place
            )


def _place(places: Iterable[PartParagraph], text: str) -> PartParagraph | None:
    wanted = "".join(text.split())
    return next((place for place in places if wanted and "".join(place.text.split()) == wanted), None)


def _ordered(findings: Iterable[TemplateFinding]) -> tuple[TemplateFinding, ...]:
    """Return findings in the order of the document; those about all of it come last, headers after the text."""

    def rank(finding: TemplateFinding) -> tuple[bool, bool, str, int]:
        place = finding.paragraph
        if place is None:
            return (True, False, "", 0)
        return (False, place.part != "word/document.xml", place.part, place.number)

    return tuple(sorted(findings, key=rank))
