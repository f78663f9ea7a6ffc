"""What is wrong with the file of a programme, in words for the office worker who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from toolkit.application.spelling import closest
from toolkit.application.values import Unfit, shown
from toolkit.messages import Message

Tables = Mapping[str, type[BaseModel]]


def faults(error: ValidationError, file: str, *, tables: Tables) -> Message:
    """Return one message of all faults, a line for each.

    Args:
        error: what reading the file gave.
        file: its name, to begin with.
        tables: the model of every table by its key; that of the whole file by the empty one.
    """
    lines: Message | None = None
    for fault in error.errors(include_url=False):
        line = Message("{key}: {problem}", key=_place(fault["loc"]), problem=_problem(fault, tables))
        lines = line if lines is None else Message("{before}\n  {line}", before=lines, line=line)
    return Message("{file} has {count} faults:\n  {lines}", file=file, count=error.error_count(), lines=lines)


def _place(where: tuple[int | str, ...]) -> str:
    """Return a key as the file has it; tables of a list count from 1."""
    place = ""
    for step in where:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return place.lstrip(".")


def _problem(fault: Any, tables: Tables) -> Message:
    """Return what is wrong and what would be right, in our words: those of pydantic are for programmers."""
    kind, context = fault["type"], fault.get("ctx", {})
    if isinstance(cause := context.get("error"), Unfit):
        return cause.message
    if kind == "missing":
        return Message("it is missing; add it")
    if kind == "extra_forbidden":
        return unknown(str(fault["loc"][-1]), _keys_at(fault["loc"][:-1], tables))
    if kind == "literal_error":
        return Message("write one of {expected}", expected=str(context["expected"]).replace("'", '"'))
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        return (
            Message("write a number of at least {bound}", bound=bound)
            if "ge" in context
            else Message("write a number of at most {bound}", bound=bound)
        )
    if kind.startswith("timezone"):
        return Message("give the time its offset, such as 2025-05-31T10:00:00+08:00")
    return _TYPES.get(kind.split("_")[0], Message("this is not what belongs here"))


_TYPES = {
    "string": Message("write text of 1 to 200 characters in quotation marks"),
    "int": Message("write a whole number"),
    "bool": Message("write true or false"),
    "datetime": Message("write a date and time with offset, such as 2025-05-31T10:00:00+08:00"),
    "tuple": Message("write a list in [ ], or a table in [[ ]]"),
    "model": Message("write a table, such as [print]"),
    "dict": Message("write a table, such as [print]"),
}


def _keys_at(where: tuple[int | str, ...], tables: Tables) -> list[str]:
    """Return the keys that the table at that place may have."""
    table = tables[""]
    for step in where:
        if isinstance(step, str):
            table = tables.get(step, table)
    return [info.alias or name for name, info in table.model_fields.items()]


def unknown(key: str, known: Iterable[str]) -> Message:
    """Say that nothing is called so here, and what may have been meant."""
    near = closest(key, known)
    if near is None:
        return Message("“{key}” is unknown here; delete it", key=shown(key))
    return Message("“{key}” is unknown here; is “{near}” meant?", key=shown(key), near=near)
