"""The supplied Word templates, filled with the samples that the project comes with."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.application.context import template_context
from toolkit.application.reading import load_application
from toolkit.forms.filling import fill
from toolkit.resources import shared

SAMPLES = ("application.yaml", "small-application.yaml")


def filled(sample: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the filled Word file of every document that a sample's programme asks for."""
    application = load_application(shared("samples", sample), home=shared("samples"))
    programme = application.programme
    assert programme is not None
    context = template_context(application, programme, serial=programme.serial("XJ", 1), revision=1)
    for document in programme.documents:
        name = f"{programme.name} {document.template}"
        yield name, fill(programme.template(document), context, name=document.template)
