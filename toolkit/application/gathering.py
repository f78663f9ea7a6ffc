"""From the tree of a file to plain values by field, in the order of the form, with every fault of its shape.

Nothing is typed here. What is looked for: fields that the form does not know (a misspelt one counts as that fault only,
not as a missing one as well), fields given twice, required ones left out, lists where a value belongs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace

from toolkit.application.model import MOST_ITEMS, Entry, Shape
from toolkit.application.spelling import closest
from toolkit.application.tree import At, Cell, Listing, Mapping, Node, Pair, Text, where
from toolkit.application.values import shown
from toolkit.messages import Message
from toolkit.verdict import Finding, Reason

Raw = str | dict[str, "Raw"] | list["Raw"]
"""Values as written, by key; what is empty is left out."""

MOST_COMPARED = 50
"""Strange fields that are compared with the known ones; a file with more is no form, and a comparison takes 1 ms."""

_COLON = re.compile("[:：]")
_NOTHING = Mapping((), 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is: its line or cell in the file (None when it is left out), its rank in the form, its label."""

    at: At | None
    rank: int
    label: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was gathered: values, places by field (``members[4].name``, counted from 1), and faults."""

    values: dict[str, Raw]
    places: AnyMapping[str, Place]
    faults: tuple[Finding, ...]


def gather(root: Mapping, form: Entry, source: str) -> Gathered:
    """Gather the values of an application.

    Args:
        root: the tree of the file.
        form: the outline of the programme's form.
        source: name of the file for the findings.
    """
    gatherer = _Gatherer(source)
    values = gatherer.section(root, form, "")
    return Gathered(values, gatherer.places, tuple(gatherer.faults))


def fault(reason: Reason, path: str, place: Place | None, problem: Message, source: str) -> Finding:
    """Return a finding about a field; its sentence begins with the field's label."""
    label = place.label if place else path
    at = place.at if place else None
    return Finding(
        reason,
        Message("{label}: {problem}", label=label, problem=problem),
        field=path,
        source=source,
        line=at if isinstance(at, int) else None,
        cell=str(at) if isinstance(at, Cell) else None,
    )


class _Gatherer:
    """Walks tree and form side by side; places come in the order of the form, strange fields where they stand."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._compared = 0
        self.places: dict[str, Place] = {}
        self.faults: list[Finding] = []

    def section(self, node: Mapping, entry: Entry, path: str) -> dict[str, Raw]:
        """Return the values of a section, which may be empty."""
        given: dict[str, list[Pair]] = {part.key: [] for part in entry.parts}
        for pair in node.pairs:
            given.get(pair.key.strip(), []).append(pair)
        strange: dict[str, list[tuple[Pair, Entry | None]]] = {}
        before = ""
        for pair in node.pairs:
            key = pair.key.strip()
            if key in given:
                before = key
            else:
                strange.setdefault(before, []).append((pair, self._meant(_name(key), entry.parts, given)))
        misspelt = {meant.key for pairs in strange.values() for _, meant in pairs if meant}
        values: dict[str, Raw] = {}
        self._strangers(strange.get("", []), path)
        for part in entry.parts:
            value = self._part(given[part.key], part, _below(path, part.key), part.key in misspelt)
            if value is not None:
                values[part.key] = value
            self._strangers(strange.get(part.key, []), path)
        return values

    def _part(self, pairs: list[Pair], part: Entry, path: str, misspelt: bool) -> Raw | None:
        self._place(path, part.label, pairs[0].at if pairs else None)
        for pair in pairs[1:]:
            first = where(pairs[0].at)
            self._fault(path, Message("it is given again; the first is {first}", first=first), pair.at)
        node = pairs[0].value if pairs else None
        if node is not None and not node.is_empty:
            return self._given(node, part, path)
        if misspelt:
            return None
        if part.shape in (Shape.SECTION, Shape.TEXTS) and any(one.required for one in part.parts):
            self.section(node if isinstance(node, Mapping) else _NOTHING, part, path)
        elif part.required:
            place = self.places[path]
            above = self.places.get(_above(path))
            at = place.at or (above.at if above else None)  # what is left out is missing where its section begins
            missing = Place(at, place.rank, place.label)
            self.faults.append(fault(Reason.FIELD_MISSING, path, missing, _missing(part), self._source))
        return None

    def _given(self, node: Node, part: Entry, path: str) -> Raw | None:
        match part.shape, node:
            case _, Text(problem=Message() as problem):
                self._fault(path, problem, node.at)
            case Shape.VALUE, Text():
                return node.value
            case Shape.VALUE, _:
                self._fault(path, Message("one value belongs here, not a list or several fields"))
            case Shape.TEXT, Text():
                return {"text": node.value}
            case Shape.LIST, Listing():
                return self._items(node, part, path)
            case Shape.LIST, _:
                self._fault(path, Message("a list belongs here; begin every item with “- ”"))
            case Shape.BY_YEAR, Mapping():
                return self._by_year(node, path)
            case Shape.BY_YEAR, _:
                self._fault(path, Message("years and amounts belong here, such as {{2025: 10.00, 2026: 5.00}}"))
            case _, Mapping():
                return self.section(node, part, path)
            case _:
                keys = ", ".join(one.key for one in part.parts[:3])
                self._fault(path, Message("fields belong here, indented, one on each line: {keys} …", keys=keys))
        return None

    def _items(self, node: Listing, part: Entry, path: str) -> Raw | None:
        # The form that “truecopy new” writes has an empty item to be filled in; it counts as none.
        filled = [item for item in node.items if not item.is_empty]
        if len(filled) > MOST_ITEMS:
            self._fault(path, Message("it has {count} items; at most {most} fit", count=len(filled), most=MOST_ITEMS))
            return None
        items: list[Raw] = []
        for number, item in enumerate(filled, 1):
            below = f"{path}[{number}]"
            self._place(below, str(number), item.at)
            value = self._given(item, replace(part, shape=Shape.SECTION), below)
            items.append({} if value is None else value)
        return items

    def _by_year(self, node: Mapping, path: str) -> Raw:
        amounts: dict[str, Raw] = {}
        for pair in node.pairs:
            year = pair.key.strip()
            below = _below(path, shown(year))
            if below in self.places:
                self._fault(below, Message("the year is given twice"), pair.at)
                continue
            self._place(below, shown(year), pair.at)
            if not isinstance(pair.value, Text):
                self._fault(below, Message("one amount belongs here"))
            elif pair.value.problem is not None:
                self._fault(below, pair.value.problem)
            elif not (pair.value.is_empty and year.isdecimal()):  # an empty column of the form that was written
                amounts[year] = pair.value.value
        return amounts

    def _strangers(self, pairs: list[tuple[Pair, Entry | None]], path: str) -> None:
        for pair, near in pairs:
            key = shown(_name(pair.key.strip()))
            below = _below(path, key)
            self._place(below, key, pair.at)
            problem = Message("the form has no field of that name; delete it, or write it into a text")
            if isinstance(pair.at, Cell):
                problem = Message("nothing of the form belongs here; delete it, or write it where it belongs")
                if near is not None:
                    problem = Message("the form has nothing of that name; is “{near}” meant?", near=near.label)
            elif _COLON.search(pair.key):
                problem = Message(
                    "the colon is full-width or has no space behind it; write “{key}: ” and the value", key=key
                )
            elif near is not None:
                problem = Message("the form has no field of that name; is “{near}” meant?", near=near.key)
            place = Place(pair.at, self.places[below].rank, self.places[below].label)
            self.faults.append(fault(Reason.FIELD_UNKNOWN, below, place, problem, self._source))

    def _meant(self, key: str, parts: tuple[Entry, ...], given: AnyMapping[str, list[Pair]]) -> Entry | None:
        """Return the field that a strange key stands for, by its spelling or by its label, among those not given."""
        self._compared += 1
        if self._compared > MOST_COMPARED:
            return None
        words = {word: part for part in parts if not given[part.key] for word in (part.key, part.label)}
        near = closest(key.lower(), words)
        return words[near] if near else None

    def _place(self, path: str, label: str, at: At | None) -> None:
        """Note where a field is; a label is read with those above it: 项目负责人 / 出生日期."""
        above = self.places.get(_above(path))
        if above is not None:
            label = f"{above.label}[{label}]" if path.endswith("]") else f"{above.label} / {label}"
        self.places.setdefault(path, Place(at, len(self.places), label))

    def _fault(self, path: str, problem: Message, at: At | None = None) -> None:
        place = self.places[path]
        if at is not None:
            place = Place(at, place.rank, place.label)
        self.faults.append(fault(Reason.FIELD_INVALID, path, place, problem, self._source))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _name(key: str) -> str:
    """Return the key without a value that hangs on it by a wrong colon, which may be an identity number."""
    return _COLON.split(key, maxsplit=1)[0].strip()


def _above(path: str) -> str:
    return path[: max(path.rfind("."), path.rfind("["), 0)]


def _missing(part: Entry) -> Message:
    """Return the sentence that a required field is missing, with an example or the choices where there are any."""
    if part.choices:
        return Message("it is missing; write one of: {choices}", choices=tuple(part.choices))
    if part.shape is Shape.LIST:
        return Message("it is missing; at least one item is needed")
    if part.example:
        return Message("it is missing; write it such as {example}", example=part.example)
    return Message("it is missing")
