"""Characters drawn by one font: where they stand, what the font lacks, what is kept."""

from __future__ import annotations

import numpy as np
import pytest
from printed_lines import FACE, fonts

from toolkit.errors import StoreError
from toolkit.resources import shared
from toolkit.scan.typeface import PHASES, Typeface

FONT = fonts()[FACE]
ITALIC = Typeface((shared("fonts") / "LiberationSerif-Italic.ttf").read_bytes())


def middle(character: str, phase: tuple[int, int]) -> tuple[float, float]:
    """Return the middle of a character's ink, x and y from the corner of the pixel that its pen is in."""
    patch = FONT.patch(character, 40, phase=phase)
    assert patch is not None
    rows, columns = np.indices(patch.ink.shape) + 0.5
    ink = patch.ink.astype(float)
    return patch.left + (columns * ink).sum() / ink.sum(), patch.top + (rows * ink).sum() / ink.sum()


@pytest.mark.parametrize("phase", [(1, 0), (0, 2), (2, 1)])
def test_a_character_stands_where_its_pen_does_within_the_pixel(phase: tuple[int, int]) -> None:
    moved = np.subtract(middle("未", phase), middle("未", (0, 0)))
    assert moved == pytest.approx(np.array(phase) / PHASES, abs=0.02)


def test_what_the_font_lacks_is_no_box_but_nothing() -> None:
    assert FONT.has("未")
    assert not FONT.has("\U0001f600")
    assert FONT.patch("\U0001f600", 40) is None
    assert FONT.patch(" ", 40) is None


def test_a_blur_keeps_the_ink_and_a_stroke_adds_to_it_on_all_sides() -> None:
    plain, soft, bold = (FONT.patch("田", 40, stroke=stroke, sigma=sigma) for stroke, sigma in ((0, 0), (0, 1), (2, 0)))
    assert plain is not None and soft is not None and bold is not None
    assert soft.ink.sum() == pytest.approx(plain.ink.sum(), rel=0.02)
    assert (plain.left - bold.left, plain.top - bold.top) == (1, 1)
    assert bold.ink.shape == (plain.ink.shape[0] + 2, plain.ink.shape[1] + 2)


def test_ink_that_begins_left_of_its_pen_is_known() -> None:
    assert ITALIC.bearing("y") == pytest.approx(-0.083, abs=0.002)
    assert FONT.bearing("未") > 0


def test_a_title_that_is_too_large_is_not_drawn() -> None:
    assert FONT.patch("未", 531) is None
    assert FONT.patch("未", 529) is not None


def test_what_is_no_font_is_refused_by_name() -> None:
    with pytest.raises(StoreError, match=r"broken\.ttf"):
        Typeface(b"\0" * 100, "broken.ttf")
