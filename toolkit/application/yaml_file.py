"""YAML as people without training write it: every scalar text, every slip named with its line.

PyYAML gives the events (through libyaml where it is built in); the tree is made here, so that nothing is resolved to
numbers or dates, no alias can blow up and no tag can construct anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from toolkit.application.tree import Budget, Listing, Mapping, Node, Pair, Text
from toolkit.errors import InputUnreadable
from toolkit.messages import Message

_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
# At the start of a line, where keys stand: a key followed by the colon of a Chinese keyboard, or by one without space.
_FULL_WIDTH_COLON = re.compile(r"\s*(?:-\s+)?[A-Za-z_]{2,40}\s*：")
_COLON_WITHOUT_SPACE = re.compile(r"\s*(?:-\s+)?[A-Za-z_]{2,40}:[^\s:/\\]")
_TAB = re.compile(r" *\t")
_LINES_TOLD = 10


def read_yaml(text: str, source: str) -> Node:
    """Return the tree of the one document in a YAML text.

    Args:
        text: what the file holds, decoded.
        source: name of the file for messages.

    Raises:
        InputUnreadable: when it is not YAML, has anchors, aliases, tags or several documents, or passes the bounds.
    """
    events = _events(text, source)
    budget = Budget(source)
    node: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            if node is not None:
                raise _refusal(source, event, Message("a second document begins (“---”); one file is one application"))
            node = _node(next(events), events, budget, 0, source)
    if node is None:
        raise InputUnreadable(Message("{source} is empty; write a form with “truecopy new”", source=source))
    if isinstance(node, Text) and (hint := _hint(text)):
        raise InputUnreadable(Message("{source} is not readable as YAML: {hint}", source=source, hint=hint))
    return node


def _events(text: str, source: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        hint = _hint(text)
        if hint is None:
            hint = Message("the indentation, a quotation mark or a colon is wrong ({problem})", problem=error.problem)
        raise InputUnreadable(
            Message("{source} is not readable as YAML from line {line} on: {hint}", source=source, line=line, hint=hint)
        ) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow; said without a mark
        problem = str(error).splitlines()[0]
        raise InputUnreadable(
            Message("{source} is not readable as YAML: {problem}", source=source, problem=problem)
        ) from None


def _node(event: yaml.Event, events: Iterator[yaml.Event], budget: Budget, depth: int, source: str) -> Node:
    line = _line(event)
    budget.spend(depth, line)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _refusal(source, event, Message("“&” and “*” have a meaning in YAML; put the value in quotation marks"))
    if getattr(event, "tag", None):
        raise _refusal(source, event, Message("“!” has a meaning in YAML; put the value in quotation marks"))
    if isinstance(event, yaml.ScalarEvent):
        value = "" if not event.style and event.value in ("~", "null") else event.value
        end = event.end_mark
        last = end.line + (1 if end.column else 0) if end else line
        return Text(value, line, max(line, last), block=bool(event.style))
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_node(event, events, budget, depth + 1, source))
        return Listing(tuple(items), line)
    pairs = []
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _node(event, events, budget, depth + 1, source)
        if not isinstance(key, Text):
            raise _refusal(source, event, Message("a list or a mapping stands where a key belongs"))
        pairs.append(Pair(key.value, _node(next(events), events, budget, depth + 1, source), key.at))
    return Mapping(tuple(pairs), line)


def _refusal(source: str, event: yaml.Event, problem: Message) -> InputUnreadable:
    return InputUnreadable(
        Message("{source}, line {line}: {problem}", source=source, line=_line(event), problem=problem)
    )


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _hint(text: str) -> Message | None:
    """Return what is most likely wrong with a text that is no YAML, or None."""
    lines = text.splitlines()
    if numbers := _numbers(lines, _FULL_WIDTH_COLON):
        return Message(
            "a full-width colon “：” follows the key on line {numbers}; type “:” and a space", numbers=numbers
        )
    if numbers := _numbers(lines, _TAB):
        return Message("line {numbers} is indented with a tab; indent with spaces", numbers=numbers)
    if numbers := _numbers(lines, _COLON_WITHOUT_SPACE):
        return Message("a space is missing behind the colon on line {numbers}", numbers=numbers)
    return None


def _numbers(lines: list[str], pattern: re.Pattern[str]) -> str:
    found = [str(number) for number, line in enumerate(lines, 1) if pattern.match(line)]
    return ", ".join(found[:_LINES_TOLD]) + (" …" if len(found) > _LINES_TOLD else "")
