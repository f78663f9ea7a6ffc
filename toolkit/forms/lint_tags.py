"""The tags of a template: whether they can be read, whether they stand where they may, what variables they name.

Tags are read from the paragraphs as their author sees them. One line of source a paragraph, with what is not a tag
left out, makes Jinja's line numbers those of paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from toolkit.forms.filling import FILTERS
from toolkit.forms.lint_findings import PartParagraph, TemplateFinding
from toolkit.forms.sandbox import TemplateSandbox
from toolkit.forms.word_xml import named, qualified
from toolkit.messages import Message
from toolkit.verdict import Outcome

Names = Mapping[str, Any]
"""What a template may name: a mapping for a section, a list of one item for a list, its own path for a value, None for
what is not known further."""

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_HALF = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_WIDE = re.compile(r"[{｛][{｛%％]|[}｝％%][}｝]")  # what a Chinese keyboard writes
_PLACED = re.compile(r"^(\{[{%#])(-?)(tr|tc|p|r)\s")
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")  # docxtpl reads Word's curly quotation marks as these
_OPENING = {"for": "endfor", "if": "endif", "filter": "endfilter", "with": "endwith"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}
_INNER = {"else": ("for", "if"), "elif": ("if",)}
_DOCXTPL = {"vm", "hm"}
"""docxtpl's own tags that join cells; Jinja does not know them."""
_UNITS = {"tr": "w:tr", "tc": "w:tc", "p": "w:p", "r": "w:r"}
_SAME_LIST = {"_counted", "list", "sort", "reverse", "unique", "select", "reject", "selectattr", "rejectattr"}
_ONE_OF_LIST = {"first", "last", "max", "min"}
_FUNCTIONS = {"range": None, "picture": None}
_BETWEEN = {"w:tab", "w:br", "w:cr", "w:drawing", "w:bookmarkStart", "w:sym", "w:pict"}
"""What docxtpl takes away when it stands inside a tag."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its source for Jinja, ``unit`` as docxtpl has it (tr, tc, p, r or none), and where it stands."""

    source: str
    unit: str
    paragraph: PartParagraph

    @property
    def word(self) -> str:
        """The first word of a statement, empty for an expression or a comment."""
        found = re.match(r"\{%-?\s*(\w+)", self.source)
        return found[1] if found else ""


@dataclass(slots=True)
class TagReader:
    """Reads the tags of parts; collects what is wrong and the paths of the variables that are used.

    ``followed`` turns false where broken tags keep variables from being looked at.
    """

    names: Names | None
    findings: list[TemplateFinding] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    followed: bool = True

    def read(self, paragraphs: Sequence[PartParagraph]) -> None:
        """Read the paragraphs of a part, in their order."""
        before = len(self.findings)
        tags = [tag for paragraph in paragraphs for tag in self._tags(paragraph)]
        self._pair(tags)
        self._parse_each(tags)
        if any(finding.outcome is Outcome.FAILED for finding in self.findings[before:]):
            self.followed = False  # what could be said of the whole would follow from these
            return
        lines = [""] * (paragraphs[-1].number if paragraphs else 0)
        for tag in tags:
            lines[tag.paragraph.number - 1] += tag.source
        by_number = {paragraph.number: paragraph for paragraph in paragraphs}
        environment = TemplateSandbox(FILTERS)
        source = "\n".join(lines)
        try:
            environment.compile(source)
        except TemplateSyntaxError as error:
            self.find(Outcome.FAILED, by_number[error.lineno], _unreadable(error))
            self.followed = False
            return
        if self.names is not None:
            _Variables(self, by_number, self.names).walk(environment.parse(source).body, dict(self.names))

    def find(self, outcome: Outcome, paragraph: PartParagraph, message: Message) -> None:
        """Note a finding about a paragraph."""
        self.findings.append(TemplateFinding(outcome, message, paragraph))

    def _tags(self, paragraph: PartParagraph) -> Iterator[Tag]:
        text = paragraph.text
        for found in _TAG.finditer(text):
            source = found[0].translate(_STRAIGHT)
            placed = _PLACED.match(source)
            unit = placed[3] if placed else ""
            if placed:
                source = f"{placed[1]}{placed[2]} {source[placed.end() :]}"
            tag = Tag(source, unit, paragraph)
            self._judge_place(tag, found[0])
            self._judge_split(paragraph, found.start(), found.end())
            if not source.startswith("{#") and tag.word not in _DOCXTPL:
                yield tag
        rest = _TAG.sub(" ", text)
        if half := _HALF.search(rest):
            self.find(
                Outcome.FAILED,
                paragraph,
                Message("“{mark}” belongs to no tag: a tag begins and ends in one paragraph", mark=half[0]),
            )
        elif wide := _WIDE.search(rest):
            self.find(
                Outcome.FAILED,
                paragraph,
                Message("“{mark}” is full-width and makes no tag: type it with an English keyboard", mark=wide[0]),
            )

    def _judge_place(self, tag: Tag, written: str) -> None:
        if tag.word in ("tr", "tc", "p"):
            self.find(
                Outcome.FAILED,
                tag.paragraph,
                Message(
                    "write {right} without a blank before {word}", right="{%" + tag.word + " … %}", word=f"“{tag.word}”"
                ),
            )
        if tag.unit not in ("tr", "tc", "p"):
            return
        around = _around(tag, _UNITS[tag.unit])
        if around is None:
            self.find(
                Outcome.FAILED, tag.paragraph, Message("“{tag}” must stand in a row of a table", tag=_short(written))
            )
            return
        rest = "".join(node.text or "" for node in around.iter(qualified("w:t"))).replace(written, "", 1).strip()
        if rest:
            self.find(
                Outcome.FAILED,
                tag.paragraph,
                Message(
                    "“{tag}” takes the whole {unit} away in which it stands, with “{text}”: put it into one of its own",
                    tag=_short(written),
                    unit={"tr": Message("row"), "tc": Message("cell"), "p": Message("paragraph")}[tag.unit],
                    text=_short(rest),
                ),
            )

    def _judge_split(self, paragraph: PartParagraph, start: int, end: int) -> None:
        """Tell of what stands inside a tag, unseen or not: docxtpl takes it away."""
        at = 0
        for item in paragraph.element.iter():
            name = named(item)
            if name == "w:t":
                at += len(item.text or "")
            elif name in _BETWEEN and start < at < end:
                self.find(
                    Outcome.FAILED,
                    paragraph,
                    Message(
                        "a tag is torn apart by {element}, which filling loses: type the tag again in one go",
                        element=f"<{name}>",
                    ),
                )
                return

    def _pair(self, tags: Iterable[Tag]) -> None:
        """Match what begins with what ends, as docxtpl will cut them out of the document."""
        opened: list[Tag] = []
        for tag in tags:
            word = tag.word
            if word in _OPENING:
                opened.append(tag)
            elif word in _CLOSING:
                if not opened or opened[-1].word != _CLOSING[word]:
                    self.find(
                        Outcome.FAILED,
                        tag.paragraph,
                        Message("“{tag}” ends what did not begin", tag=_short(tag.source)),
                    )
                    return
                self._judge_pair(opened.pop(), tag)
            elif word in _INNER and (not opened or opened[-1].word not in _INNER[word]):
                self.find(
                    Outcome.FAILED,
                    tag.paragraph,
                    Message("“{tag}” stands in no {opening}", tag=_short(tag.source), opening=" / ".join(_INNER[word])),
                )
                return
        for tag in opened:
            self.find(
                Outcome.FAILED,
                tag.paragraph,
                Message("“{tag}” begins what does not end: write {closing}", tag=_short(tag.source), closing=_end(tag)),
            )

    def _judge_pair(self, opening: Tag, closing: Tag) -> None:
        unit = opening.unit
        if unit == closing.unit and unit in ("tr", "tc", "p"):
            cut = [_around(tag, _UNITS[unit]) for tag in (opening, closing)]
            whole = cut[0] is None or cut[1] is None or cut[0].getparent() is cut[1].getparent()
        else:
            whole = unit == closing.unit and opening.paragraph is closing.paragraph
        if not whole:
            self.find(
                Outcome.FAILED,
                opening.paragraph,
                Message(
                    "“{tag}” begins and ends in different places (paragraph {number}): write both as {placed}, in "
                    "whole paragraphs, rows or cells of their own",
                    tag=_short(opening.source),
                    number=closing.paragraph.number,
                    placed="{%p %}, {%tr %}, {%tc %}",
                ),
            )

    def _parse_each(self, tags: Iterable[Tag]) -> None:
        """Have Jinja read every tag by itself, so that each fault is told and not only the first."""
        environment = TemplateSandbox(FILTERS)
        for tag in tags:
            source = tag.source
            if tag.word in _CLOSING or tag.word == "else" or tag.word in ("tr", "tc", "p"):
                continue
            if tag.word == "elif":
                source = "{% if true %}" + source + "{% endif %}"
            elif tag.word in _OPENING:
                source += "{% " + _OPENING[tag.word] + " %}"
            elif tag.word in ("colspan", "cellbg"):
                source = "{{" + source[2:-2].strip().removeprefix(tag.word) + "}}"
            try:
                environment.parse(source)
            except TemplateSyntaxError as error:
                self.find(Outcome.FAILED, tag.paragraph, _unreadable(error, tag.source))


@dataclass(slots=True)
class _Variables:
    """Follows what every variable stands for through the loops of a part."""

    reader: TagReader
    paragraphs: Mapping[int, PartParagraph]
    names: Names

    def walk(self, body: Iterable[nodes.Node], scope: dict[str, Any]) -> None:
        """Follow statements in their order; ``scope`` has the names at hand, changed by ``set``."""
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    self._print(part, scope)
            elif isinstance(node, nodes.For):
                self._loop(node, scope)
            elif isinstance(node, nodes.If):
                self._look(node.test, scope)
                for branch in (node.body, node.elif_, node.else_):
                    self.walk(branch, scope)
            elif isinstance(node, nodes.Assign):
                value = self._look(node.node, scope)
                self._bind(node.target, value, scope)
            else:
                for child in node.iter_child_nodes():
                    if isinstance(child, nodes.Expr):
                        self._look(child, scope)
                    else:
                        self.walk([child], scope)

    def _loop(self, node: nodes.For, scope: dict[str, Any]) -> None:
        values = self._look(node.iter, scope)
        inner = {**scope, "loop": None}
        self._bind(node.target, values[0] if isinstance(values, list) and values else None, inner)
        if node.test is not None:
            self._look(node.test, inner)
        self.walk(node.body, inner)
        self.walk(node.else_, scope)

    def _bind(self, target: nodes.Node, value: Any, scope: dict[str, Any]) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = value
        else:
            scope.update((name.name, None) for name in target.find_all(nodes.Name))

    def _print(self, node: nodes.Node, scope: dict[str, Any]) -> None:
        if isinstance(node, nodes.TemplateData):
            return
        shape = self._look(node, scope)
        if isinstance(shape, dict | list):
            self.reader.find(
                Outcome.FAILED,
                self._place(node),
                Message(
                    "a whole section or list is printed here: name one of its fields, or use {tag}", tag="{% for %}"
                ),
            )

    def _look(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        """Return what an expression stands for: a mapping, a list, or None for a value or what cannot be known."""
        if isinstance(node, nodes.Name):
            if node.name not in scope and node.name not in _FUNCTIONS:
                self._unknown(node, node.name, node.name, scope)
            return self._met(scope.get(node.name))
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            base = self._look(node.node, scope)
            key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
            if isinstance(node, nodes.Getitem):
                self._look(node.arg, scope)
            if isinstance(base, dict) and isinstance(key, str) and key not in ("items", "keys", "values", "get"):
                if key not in base:
                    self._unknown(node, key, f"{_written(node.node)}.{key}", base)
                return self._met(base.get(key))
            if isinstance(base, list) and isinstance(node, nodes.Getitem):
                return base if isinstance(node.arg, nodes.Slice) else base[0]
            if isinstance(base, list) and isinstance(key, str):
                self._unknown(node, key, f"{_written(node.node)}.{key}", ())
            return None
        if isinstance(node, nodes.Filter) and node.node is not None:
            if node.name == "default":  # it is there for what may be missing
                return None
            value = self._look(node.node, scope)
            for argument in node.args:
                self._look(argument, scope)
            if node.name in _ONE_OF_LIST and isinstance(value, list):
                return value[0]
            return value if node.name in _SAME_LIST else None
        if isinstance(node, nodes.Test) and node.name in ("defined", "undefined"):
            return None
        if isinstance(node, nodes.CondExpr):
            shapes = [self._look(part, scope) for part in (node.test, node.expr1, node.expr2) if part is not None]
            return shapes[1]
        for child in node.iter_child_nodes():
            self._look(child, scope)
        return None

    def _met(self, shape: Any) -> Any:
        """Note a variable as used; leaves of the schema are their own paths."""
        if isinstance(shape, str):
            self.reader.used.add(shape)
            return None
        return shape

    def _unknown(self, node: nodes.Node, key: str, written: str, known: Iterable[str]) -> None:
        near = get_close_matches(key, list(known), n=1, cutoff=0.6)
        message = (
            Message("the variable “{name}” is unknown; is “{near}” meant?", name=written, near=near[0])
            if near
            else Message("the variable “{name}” is unknown", name=written)
        )
        self.reader.find(Outcome.FAILED, self._place(node), message)

    def _place(self, node: nodes.Node) -> PartParagraph:
        return self.paragraphs[node.lineno]


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"
    return "…"


def _around(tag: Tag, name: str) -> Any:
    """Return the paragraph, cell or row that a tag stands in, None where there is none."""
    element = tag.paragraph.element
    if name == "w:p":
        return element
    return next(element.iterancestors(qualified(name)), None)


def _end(tag: Tag) -> str:
    return "{%" + tag.unit + f" {_OPENING[tag.word]} %}}" if tag.unit else f"{{% {_OPENING[tag.word]} %}}"


def _unreadable(error: TemplateSyntaxError, source: str = "") -> Message:
    if source:
        return Message("“{tag}” cannot be read: {detail}", tag=_short(source), detail=error.message or str(error))
    return Message("a tag cannot be read: {detail}", detail=error.message or str(error))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
