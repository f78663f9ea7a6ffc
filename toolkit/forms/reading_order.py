"""Where in what draws a page its filled-in values belong, so that its text is taken out in the order of reading.

Values that are only drawn behind a page would be read after all of it. Between two pieces of text, wherever nothing is
under way and nothing is clipped, a value can be drawn as if the page began there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Matrix, Page

from toolkit.forms.acroform import Edges

_START = "0 g 0 G 1 w 0 J 0 j 10 M [] 0 d 0 Tc 0 Tw 100 Tz 0 TL 0 Tr 0 Ts"
"""What a page begins with (ISO 32000-1, tables 52 and 104)."""
_SHOW = {"Tj", "TJ", "'", '"'}
_PATH = {"m", "l", "c", "v", "y", "h", "re"}
_PAINT = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n"}
_SLACK = 2.0
"""Points by which a baseline may lie under the box of its line."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Something to be drawn: its box on the page, and the name of its form XObject, which is ``bleed`` larger."""

    edges: Edges
    xobject: str


@dataclass(slots=True)
class _State:
    """What ``q`` keeps; ``plain`` while nothing is in force that a drawing would be changed by."""

    matrix: Matrix
    plain: bool = True


@dataclass(slots=True)
class _Reader:
    """Follows the operators of a page as far as places of text and the state of the page are concerned."""

    page_box: Edges
    states: list[_State] = field(default_factory=lambda: [_State(Matrix())])
    line: Matrix = field(default_factory=Matrix)
    leading: float = 0.0
    in_text: bool = False
    in_path: bool = False
    marked: int = 0
    rectangles: list[Edges] = field(default_factory=list)
    clips: bool = False

    @property
    def free(self) -> bool:
        """Whether something may be drawn here."""
        return not (self.in_text or self.in_path or self.marked) and self.states[-1].plain

    def step(self, operator: str, operands: Any) -> tuple[float, float] | None:
        """Take one operator; return where the text begins that it shows, if it shows any."""
        state = self.states[-1]
        if operator == "q":
            self.states.append(_State(state.matrix, state.plain))
        elif operator == "Q":
            if len(self.states) > 1:
                self.states.pop()
        elif operator == "cm":
            state.matrix = _matrix(operands) @ state.matrix
        elif operator in ("gs", "ri", "i"):
            state.plain = False
        elif operator in ("BT", "ET"):
            self.in_text, self.line = operator == "BT", Matrix()
        elif operator in ("BDC", "BMC"):
            self.marked += 1
        elif operator == "EMC":
            self.marked = max(self.marked - 1, 0)
        elif operator in _PATH or operator in _PAINT or operator in ("W", "W*"):
            self._path(operator, operands, state)
        else:
            return self._text(operator, operands, state)
        return None

    def _path(self, operator: str, operands: Any, state: _State) -> None:
        if operator in ("W", "W*"):
            self.clips = True
        elif operator in _PATH:
            self.in_path = True
            box = _box(operands, state.matrix) if operator == "re" else None
            self.rectangles.append(box or (0.0, 0.0, 0.0, 0.0))
        else:
            covers = len(self.rectangles) == 1 and _covers(self.rectangles[0], self.page_box)
            if self.clips and not covers:  # programs begin with a clip that is the page itself
                state.plain = False
            self.in_path, self.clips, self.rectangles = False, False, []

    def _text(self, operator: str, operands: Any, state: _State) -> tuple[float, float] | None:
        if operator == "Tm":
            self.line = _matrix(operands)
        elif operator in ("Td", "TD"):
            if operator == "TD":
                self.leading = -float(operands[1])
            self.line = Matrix(1, 0, 0, 1, float(operands[0]), float(operands[1])) @ self.line
        elif operator == "TL":
            self.leading = float(operands[0])
        elif operator in ("T*", "'", '"'):
            self.line = Matrix(1, 0, 0, 1, 0, -self.leading) @ self.line
        if operator in _SHOW:
            at = self.line @ state.matrix
            return at.e, at.f
        return None


def drawn_in_order(page: Page, drawings: Iterable[Drawing], *, bleed: float) -> bytes:
    """Return what draws the page with the drawings among its text, each before what is read after it.

    ``bleed`` is how far their XObjects reach over their boxes. Where the page leaves no place between, they come as
    late as they must.
    """
    instructions = list(pikepdf.parse_content_stream(page))
    edges = [float(edge) for edge in page.mediabox]
    reader = _Reader((edges[0], edges[1], edges[2], edges[3]))
    places: list[tuple[int, Matrix]] = [(0, Matrix())]  # how many instructions come before, and the state there
    texts: list[tuple[int, tuple[float, float]]] = []  # behind which place, and where on the page
    for index, instruction in enumerate(instructions, 1):
        shown = reader.step(str(instruction.operator), instruction.operands)
        if shown is not None:
            texts.append((len(places) - 1, shown))
        if reader.free and texts and texts[-1][0] == len(places) - 1:
            places.append((index, reader.states[-1].matrix))
    at: dict[int, list[Drawing]] = {}
    for drawing in sorted(drawings, key=_line_by_line):
        at.setdefault(_best_place(drawing.edges, len(places), texts), []).append(drawing)
    # What comes behind all text stands outside of everything that is left open or in force.
    pieces, done = [b"q"], 0
    for place, (index, matrix) in enumerate(places):
        pieces.append(pikepdf.unparse_content_stream(instructions[done:index]))
        pieces += [_drawn(drawing, matrix, bleed) for drawing in at.get(place, ())]
        done = index
    pieces += [pikepdf.unparse_content_stream(instructions[done:]), b"Q " * len(reader.states)]
    pieces += [_drawn(drawing, Matrix(), bleed) for drawing in at.get(len(places), ())]
    return b"\n".join(pieces)


def _best_place(edges: Edges, places: int, texts: Sequence[tuple[int, tuple[float, float]]]) -> int:
    """Return the place with most text before it that is read before the box, and least that is read after it.

    Place 0 is before all text, place ``n`` behind the n-th stretch; one more is the end of the page.
    """
    gains = [0] * (places + 1)
    for behind, text in texts:
        gains[behind + 1] += 1 if _is_before(text, edges) else -1
    best = place = score = highest = 0
    for place, gain in enumerate(gains):
        score += gain
        if score > highest:
            best, highest = place, score
    return best


def _is_before(text: tuple[float, float], edges: Edges) -> bool:
    x, y = text
    left, bottom, _, top = edges
    return y > top or (y >= bottom - _SLACK and x < left)


def _line_by_line(drawing: Drawing) -> tuple[float, float]:
    left, _, _, top = drawing.edges
    return (-round(top / 4), left)


def _drawn(drawing: Drawing, matrix: Matrix, bleed: float) -> bytes:
    back = matrix.inverse()
    left, bottom = (edge - bleed for edge in drawing.edges[:2])
    numbers = " ".join(f"{number:.5f}" for number in (back.a, back.b, back.c, back.d, back.e, back.f))
    return f"q {_START} {numbers} cm 1 0 0 1 {left:.3f} {bottom:.3f} cm /{drawing.xobject} Do Q".encode("ascii")


def _matrix(operands: Sequence[Any]) -> Matrix:
    a, b, c, d, e, f = (float(operand) for operand in operands)
    return Matrix(a, b, c, d, e, f)


def _box(operands: Sequence[Any], matrix: Matrix) -> Edges:
    x, y, width, height = (float(operand) for operand in operands)
    corners = [matrix.transform((x, y)), matrix.transform((x + width, y + height))]
    (x0, y0), (x1, y1) = ((float(a), float(b)) for a, b in corners)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _covers(outer: Edges, inner: Edges) -> bool:
    lower = all(a <= b + 1 for a, b in zip(outer[:2], inner[:2], strict=True))
    return lower and all(a >= b - 1 for a, b in zip(outer[2:], inner[2:], strict=True))
