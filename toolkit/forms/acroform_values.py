"""What an application says for the fields of a PDF form: each field's name is an expression, as between {{ and }}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jinja2 import Undefined
from jinja2.exceptions import TemplateError as JinjaError
from markupsafe import Markup

from toolkit.errors import TemplateError, TypesettingError
from toolkit.forms.acroform import Field, Kind, Widget
from toolkit.forms.filling import FILTERS
from toolkit.forms.sandbox import EMPTY, Blank, TemplateSandbox
from toolkit.messages import Message

MARK = "√"
"""What ticks a box; a character, so that it can be taken out as text and compared like one."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text and where it is drawn."""

    field: Field
    widget: Widget
    text: str


def expression_of(field: Field, expressions: Mapping[str, str]) -> str:
    """Return what a field is filled with: what the programme says for it, or else its name; empty for nothing."""
    return expressions.get(field.name, field.name)


def filled(
    fields: Iterable[Field],
    context: Mapping[str, object],
    expressions: Mapping[str, str],
    *,
    zones: Iterable[str],
    name: str,
) -> tuple[Filled, ...]:
    """Return the texts of all fields but those that are zones, which stay empty.

    Args:
        fields: the fields of the form.
        context: the values by the names that expressions use.
        expressions: by name of a field what it is filled with, where that is not its name; empty to leave it blank.
        zones: names of fields that are places to sign, stamp or write in.
        name: what messages call the form.

    Raises:
        TemplateError: when fields are missing or unknown; the message names all of them.
        TypesettingError: when values do not fit their fields; likewise.
    """
    fields, zones = tuple(fields), frozenset(zones)
    here = {field.name for field in fields}
    missing = [each for each in (*expressions, *zones) if each not in here]
    sandbox = TemplateSandbox(FILTERS)
    texts: list[Filled] = []
    unknown: list[str] = []
    unfit: list[Message] = []
    for field in fields:
        expression = expression_of(field, expressions)
        if field.name in zones or not expression:
            continue
        if field.kind is Kind.SIGNATURE:
            unknown.append(field.name)
            continue
        try:
            value = sandbox.compile_expression(expression, undefined_to_none=False)(**context)
        except (JinjaError, ArithmeticError, LookupError, TypeError, ValueError):
            value = Undefined()
        if isinstance(value, Undefined):
            unknown.append(field.name)
        else:
            problem = _put(field, value, texts)
            if problem is not None:
                unfit.append(problem)
    if missing or unknown:
        raise TemplateError(
            Message(
                "“{name}” and the programme do not agree: fields that it lacks: {missing}; fields that nothing fills: "
                "{unknown}; name them in [documents.fields] of programme.toml, or as the variable that they print",
                name=name,
                missing=tuple(missing) or "-",
                unknown=tuple(unknown) or "-",
            )
        )
    if unfit:
        raise TypesettingError(Message("“{name}”: {problems}", name=name, problems=tuple(unfit)))
    return tuple(texts)


def _put(field: Field, value: object, texts: list[Filled]) -> Message | None:
    """Add the texts of one field; return what is wrong with its value, which itself is not told."""
    if field.kind in (Kind.CHECK, Kind.RADIO):
        return _tick(field, value, texts)
    if isinstance(value, bool | Mapping) or not (value is None or isinstance(value, str | int)):
        return Message(
            "the value of “{field}” is no text: give it a filter, such as {filters}",
            field=field.name,
            filters="|yes_no, |cn_date, |join('\\n')",
        )
    text = str(value) if isinstance(value, Blank) else EMPTY if value is None or value == "" else str(value)
    text = text.unescape() if isinstance(text, Markup) else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if field.kind is Kind.CHOICE and not field.editable and text != EMPTY:
        shown = {export: display for export, display in field.options} | {each[1]: each[1] for each in field.options}
        if text not in shown:
            return Message("the value of “{field}” is not among its choices", field=field.name)
        text = shown[text]
    if not field.multiline:
        text = " ".join(text.split("\n"))
    if field.longest is not None and len(text) > field.longest:
        return Message(
            "the value of “{field}” has {length} characters, its box takes {most}",
            field=field.name,
            length=len(text),
            most=field.longest,
        )
    texts += [Filled(field, widget, text) for widget in field.widgets]
    return None


def _tick(field: Field, value: object, texts: list[Filled]) -> Message | None:
    """Tick a box for yes, or the one of several whose state or option the value is."""
    if isinstance(value, bool) or value is None:
        if value and len(field.widgets) > 1:
            return Message("“{field}” has several boxes; its value must name one", field=field.name)
        texts += [Filled(field, widget, MARK if value else "") for widget in field.widgets]
        return None
    marked = [widget for widget in field.widgets if widget.state == str(value)]
    if not marked:
        return Message("the value of “{field}” is not among its choices", field=field.name)
    texts += [Filled(field, widget, MARK if widget in marked else "") for widget in field.widgets]
    return None
