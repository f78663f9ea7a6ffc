"""The form of one programme: the model's fields with the programme's choices, its texts, and what it requires."""

from __future__ import annotations

from dataclasses import replace

from toolkit.application.model import Entry, Shape, form_entry
from toolkit.application.programme import Programme


def outline(programme: Programme | None) -> Entry:
    """Return the form as a tree of entries, in its order.

    Args:
        programme: without it only what every programme requires is required, and there are no sections of text.
    """
    return _fitted(form_entry(), programme)


def _fitted(entry: Entry, programme: Programme | None) -> Entry:
    if entry.shape is Shape.TEXTS:
        return replace(entry, parts=_texts(entry, programme))
    parts = tuple(_fitted(part, programme) for part in entry.parts)
    if programme is None:
        return replace(entry, parts=parts)
    return replace(
        entry,
        parts=parts,
        required=entry.required or entry.path in programme.form.required,
        choices=entry.choices or choices(programme).get(entry.path, ()),
    )


def choices(programme: Programme) -> dict[str, tuple[str, ...]]:
    """Return the programme's own choices by the path of their field; an empty tuple means that any text is taken."""
    form = programme.form
    return {
        "programme": (programme.name,),
        "category": form.categories,
        "direction": form.directions,
        "applicant_unit.kind": form.unit_kinds,
        "recommending_unit.kind": form.recommending_unit_kinds,
        "budget.category": form.budget_categories,
    }


def _texts(entry: Entry, programme: Programme | None) -> tuple[Entry, ...]:
    return tuple(
        replace(
            entry,
            key=text.key,
            path=f"text.{text.key}",
            label=text.title,
            shape=Shape.TEXT,
            required=text.required,
            parts=tuple(replace(part, path=f"text.{text.key}.{part.key}") for part in entry.parts),
        )
        for text in (programme.texts if programme else ())
    )
