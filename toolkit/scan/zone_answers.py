"""What a programme asks for in its zones, and what is said of each: values that pass from pages to submissions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from toolkit.canonical import Plain
from toolkit.verdict import Box


class Presence(Enum):
    """What is said of a zone."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """What a record's programme says of a zone: what is asked for there, and the zone's name for people."""

    name: str
    label: str
    colour: str = "red"
    shape: str = "round"
    required: bool = True


@dataclass(frozen=True, slots=True)
class ZoneMark:
    """What stands in one zone of one page; ``box`` is the zone's, 1/100 pt."""

    name: str
    kind: str
    answer: Presence
    box: Box


def zone_rules(facts: Plain) -> tuple[ZoneRule, ...]:
    """Return the rules of a document's zones.

    Args:
        facts: the document's entry among the programme's facts in a record; the first records say nothing of zones.

    Raises:
        KeyError: when the facts have another form.
        TypeError: likewise.
    """
    zones = facts.get("zones", []) if isinstance(facts, dict) else []
    rules = []
    for zone in zones if isinstance(zones, list) else ():
        if not isinstance(zone, dict):
            raise TypeError("a zone of a record is no mapping")
        name, label, colour, shape = (str(zone[key]) for key in ("name", "label", "colour", "shape"))
        rules.append(ZoneRule(name, label, colour, shape, zone["required"] is True))
    return tuple(rules)
