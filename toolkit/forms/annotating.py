"""Findings of the linter as Word comments at their places, for whoever mends the template in Word."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from docx import Document
from docx.text.paragraph import Paragraph

from toolkit.forms.lint_findings import TemplateFinding
from toolkit.forms.package import read_package
from toolkit.forms.word import DOCUMENT
from toolkit.forms.word_xml import qualified, shortened
from toolkit.messages import Translate

AUTHOR, INITIALS = "Truecopy", "TC"


def annotated(template: bytes, findings: Iterable[TemplateFinding], *, name: str, translate: Translate = str) -> bytes:
    """Return the template with a comment for every finding.

    Word has no comments in headers and footers, and none about a whole file: these go to the first paragraph, and say
    which text they are about.

    Raises:
        TemplateError: when it cannot be read as a Word document.
    """
    read_package(template, name)
    document = Document(BytesIO(template))
    elements = list(document.element.body.iter(qualified("w:p")))
    for finding in findings:
        place = finding.paragraph
        said = finding.message.render(translate)
        if place is not None and place.part == DOCUMENT:
            element = elements[place.number - 1]
        else:
            element = elements[0]
            said = said if place is None else f"{place.part} “{shortened(place.text.strip())}”: {said}"
        paragraph = Paragraph(element, document._body)
        runs = paragraph.runs or [paragraph.add_run()]
        document.add_comment(runs, said, author=AUTHOR, initials=INITIALS)
    written = BytesIO()
    document.save(written)
    return written.getvalue()
