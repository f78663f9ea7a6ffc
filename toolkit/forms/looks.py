"""How characters and paragraphs of a form look, every property worked out: lengths are points, colours ``RRGGBB``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Align(Enum):
    """How lines are set between the indents; START is left, or right in a paragraph from right to left."""

    START = auto()
    CENTER = auto()
    END = auto()
    JUSTIFY = auto()
    DISTRIBUTE = auto()  # every line, the last one too, is stretched to both indents
    DECIMAL = auto()  # of tab stops: the decimal point stands there


class Pitch(Enum):
    """How ``LineSpacing.value`` is meant."""

    MULTIPLE = auto()  # of the fonts' own line height
    AT_LEAST = auto()  # points
    EXACT = auto()  # points


class Underline(Enum):
    """The underlines that are set."""

    SINGLE = auto()
    THICK = auto()
    DOUBLE = auto()
    DOTTED = auto()
    DASHED = auto()
    LONG_DASHED = auto()
    DASH_DOTTED = auto()
    DASH_DOT_DOTTED = auto()
    WAVY = auto()


@dataclass(frozen=True, slots=True)
class Faces:
    """The names of a run's faces as Word has them; which one a character takes depends on its script."""

    ascii: str
    other_western: str
    east_asian: str
    complex: str
    prefers_east_asian: bool = False  # w:hint, for punctuation that both scripts have


@dataclass(frozen=True, slots=True)
class Look:
    """How the characters of a run look; sizes and shifts in points."""

    faces: Faces
    size: float
    complex_size: float
    bold: bool = False
    complex_bold: bool = False
    italic: bool = False
    complex_italic: bool = False
    underline: Underline | None = None
    underline_colour: str | None = None
    strike: bool = False
    double_strike: bool = False
    colour: str | None = None
    background: str | None = None
    script: int = 0  # 1 superscript, -1 subscript
    rise: float = 0.0
    tracking: float = 0.0  # added after every character
    right_to_left: bool = False
    capitals: bool = False  # already in the characters of a Text
    hidden: bool = False  # no Text has it


@dataclass(frozen=True, slots=True)
class LineSpacing:
    """The distance from line to line."""

    pitch: Pitch = Pitch.MULTIPLE
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class TabStop:
    """A place that a tab jumps to, in points from the paragraph's margin; ``leader`` fills the jump."""

    position: float
    align: Align = Align.START
    leader: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One border: ``style`` is ``solid``, ``dotted`` or ``dashed``; ``space`` is between it and the text.

    With ``outer`` a second line of that width stands ``gap`` outside of it.
    """

    width: float
    style: str = "solid"
    colour: str = "000000"
    space: float = 0.0
    outer: float = 0.0
    gap: float = 0.0

    @property
    def apart(self) -> float:
        """Points from the middle of the line to that of the second one."""
        return self.width / 2 + self.gap + self.outer / 2


@dataclass(frozen=True, slots=True)
class Edges:
    """Four borders, each there or not."""

    left: Edge | None = None
    top: Edge | None = None
    right: Edge | None = None
    bottom: Edge | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a paragraph is set."""

    style: str
    align: Align
    left: float
    right: float
    first_line: float  # from ``left``; negative for a hanging indent
    before: float
    after: float
    spacing: LineSpacing
    tabs: tuple[TabStop, ...] = ()
    keep_next: bool = False
    keep_lines: bool = False
    page_break_before: bool = False
    widow_control: bool = True
    contextual_spacing: bool = False
    right_to_left: bool = False
    snap_to_grid: bool = True
    western_spacing: bool = True  # a thin space between Chinese and Western characters (w:autoSpaceDE, w:autoSpaceDN)
    borders: Edges = Edges()
    background: str | None = None
    aside: bool = False  # takes no room: what follows begins where it does (w:framePr)
