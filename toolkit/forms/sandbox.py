"""The Jinja environment in which templates run: no code of Python, nothing undefined, bounded work.

Jinja's own sandbox keeps templates from Python's internals but not from endless work. Here every loop step is counted,
every text and list that an expression makes is bounded, and macros (recursion) and imports do not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

MAX_STEPS = 100_000
"""Loop steps in one filling; the sample of 14 pages takes about 200."""
MAX_VALUE = 2**20
"""Characters of a text, or items of a list, that one expression may make."""
MAX_OUTPUT = 32 * 2**20
"""Characters of one filled part (document, header, footer)."""

EMPTY = "无"
"""What stands where nothing was given; Chinese forms leave no field empty."""

_FILTERS = (
    *("batch", "count", "default", "dictsort", "first", "float", "groupby", "int", "items", "last", "length", "list"),
    *("lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort", "sum"),
    *("trim", "unique", "upper"),
)
_TEXT_METHODS = frozenset({"endswith", "isdigit", "lower", "split", "splitlines", "startswith", "strip", "upper"})
_FORBIDDEN = (nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block)


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Blank(Markup):
    """A text that stays empty where others would print 无; made by the filter ``blank``."""


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """A Jinja environment for one filling; its count of steps begins with it."""

    intercepted_binops = frozenset({"+", "*", "%", "**"})

    def __init__(self, filters: dict[str, Callable[..., object]]) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True, finalize=_finalize)
        self._steps = 0
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.filters.update(filters, join=_join, blank=_blank)
        self.filters.update(_counted=self._counted, _concatenate=_concatenate)
        self.globals = {"range": self.globals["range"]}
        self.template_class = _BoundedTemplate

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow of a text's methods only those that cannot make a long text from a short one."""
        if isinstance(obj, (str, bytes)) and callable(value) and attr not in _TEXT_METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Leave ``format`` and ``format_map`` to ``is_safe_attribute``, which refuses them: widths have no bound."""

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute ``left operator right`` unless it could make something huge.

        Raises:
            SecurityError: when it could, and for powers and ``%`` on texts.
        """
        sized = [value for value in (left, right) if hasattr(value, "__len__")]
        if operator == "**" or (operator == "%" and sized):
            raise SecurityError(f"the operator {operator} is not allowed here")
        if operator == "*" and sized:
            if sum(map(len, sized)) * max(int(left if sized[0] is right else right), 0) > MAX_VALUE:
                raise SecurityError("a value is too long")
        elif len(sized) == 2 and len(left) + len(right) > MAX_VALUE:
            raise SecurityError("a value is too long")
        elif any(isinstance(value, int) and value.bit_length() > 256 for value in (left, right)):
            raise SecurityError("a number is too large")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(_FORBIDDEN):
            raise TemplateSyntaxError(f"the tag “{type(node).__name__.lower()}” is not allowed here", node.lineno)
        for loop in list(tree.find_all(nodes.For)):
            loop.iter = _filtered("_counted", cast("nodes.Expr", loop.iter))
        for parent in [tree, *tree.find_all(nodes.Node)]:
            for field, value in list(parent.iter_fields()):
                if isinstance(value, nodes.Concat):
                    setattr(parent, field, _bounded_concat(value))
                elif isinstance(value, list):
                    value[:] = [_bounded_concat(v) if isinstance(v, nodes.Concat) else v for v in value]
        tree.set_environment(self)
        return tree

    def _counted(self, values: Iterable[object]) -> Iterator[object]:
        for value in values:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise SecurityError("its loops never end, or take too long")
            yield value


class _BoundedTemplate(Template):
    """A template whose output is bounded, not only each of its values."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Return the rendered text.

        Raises:
            SecurityError: when it passes ``MAX_OUTPUT``.
        """
        pieces: list[str] = []
        length = 0
        for piece in self.generate(*args, **kwargs):
            pieces.append(piece)
            length += len(piece)
            if length > MAX_OUTPUT:
                raise SecurityError("what it prints is too long")
        return "".join(pieces)


def _finalize(value: object) -> object:
    if isinstance(value, Blank):
        return value
    if value is None or value == "":
        return EMPTY
    if isinstance(value, str):
        # A carriage return or a control character has no place in XML 1.0 (2.2); docxtpl would also take some of
        # them for its own marks (\a a new paragraph, \f a new page).
        plain = value.replace("\r\n", "\n").replace("\r", "\n")
        if _CONTROL.search(plain):
            raise SecurityError("a value holds a control character")
        return type(value)(plain) if isinstance(value, Markup) else plain
    return value


def _blank(value: object) -> Blank:
    return Blank("") if value is None or value == "" else Blank(Markup.escape(str(value)))


def _join(values: Iterable[object], separator: str = "") -> str:
    joined: list[str] = []
    length = 0
    for value in values:
        joined.append(str(value))
        length += len(joined[-1]) + len(separator)
        if length > MAX_VALUE:
            raise SecurityError("a value is too long")
    return separator.join(joined)


def _concatenate(values: Iterable[object]) -> str:
    return _join(values)


def _filtered(name: str, value: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(value, name, [], [], None, None, lineno=value.lineno)


def _bounded_concat(concat: nodes.Concat) -> nodes.Filter:
    return _filtered("_concatenate", nodes.List(list(concat.nodes), lineno=concat.lineno))
