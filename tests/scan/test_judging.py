"""Three answers, from what was measured of one character: what same, differs and illegible stand on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from toolkit.page import Glyph
from toolkit.scan.glyphs import Rival, Spot, Weighed
from toolkit.scan.judging import Answer, Judged, _judged, adrift, without_guesses
from toolkit.scan.rendering import Face

LEVEL = 0.97


def weighed(character: str = "3", *, rivals: tuple[Rival, ...] = (), **measured: Any) -> Weighed:
    spot = Spot(0, Glyph(character, 0, 1200, (0, 0, 600, 1200)), Face("A", 0, 1.0), (0, 0, 20, 34))
    values = {"fit": 0.97, "gain": 0.9, "contrast": 0.9, "spread": 0.05, "rest": 1.0} | measured
    return Weighed(spot, laid=None, rivals=rivals, **values)  # type: ignore[arg-type]


def answer(each: Weighed, *, is_key: bool = False) -> tuple[Answer, str | None]:
    judged = _judged(each, LEVEL, is_key)
    return judged.answer, judged.seen


def test_a_character_that_explains_the_image_is_the_same() -> None:
    assert answer(weighed(rivals=(Rival("8", 0.1, 0.05, 0.9),)), is_key=True) == (Answer.SAME, None)


def test_a_rival_that_explains_it_better_is_what_is_printed() -> None:
    assert answer(weighed(fit=0.8, rivals=(Rival("8", 0.95, 0.05, 0.96),))) == (Answer.DIFFERS, "8")


@pytest.mark.parametrize(
    "rival",
    [
        Rival("8", 0.95, 0.2, 0.96),  # strays by as much itself
        Rival("8", 0.95, 0.05, 0.7),  # explains it badly, too
        Rival("8", 1.7, 0.05, 0.96),  # has more of it than a print can
        Rival("8", 0.5, 0.05, 0.96),  # neither
    ],
)
def test_a_rival_that_is_not_certain_leaves_it_illegible(rival: Rival) -> None:
    assert answer(weighed(fit=0.8, rivals=(rival,)))[0] is Answer.ILLEGIBLE


def test_numbers_are_judged_more_strictly() -> None:
    blurred = weighed(rivals=(Rival("8", 0.1, 0.2, 0.9),))
    assert answer(blurred) == (Answer.SAME, None)
    assert answer(blurred, is_key=True) == (Answer.ILLEGIBLE, None)


def test_point_or_comma_says_the_same() -> None:
    assert answer(weighed(".", rivals=(Rival(",", 0.0, 0.2, 0.9),)), is_key=True) == (Answer.SAME, None)


def test_nothing_printed_is_erased_and_a_blot_is_illegible() -> None:
    assert answer(weighed(fit=0.0, gain=0.0, missing=0.8)) == (Answer.DIFFERS, "")
    assert answer(weighed(fit=0.1, gain=0.1, missing=0.8, rest=30.0))[0] is Answer.ILLEGIBLE


def test_faint_print_is_illegible() -> None:
    assert answer(weighed(contrast=0.1)) == (Answer.ILLEGIBLE, None)


def test_foot_line_off_its_place_is_unknown_and_a_changed_digit_in_it_is_not() -> None:
    """Lines of six characters at the foot of A4, nothing near them."""

    def answers(differing: int) -> list[Judged]:
        return [
            Judged(number, Answer.DIFFERS if number < differing else Answer.SAME, None, weighed_at(number))
            for number in range(6)
        ]

    def weighed_at(number: int) -> Weighed:
        box = (26000 + 1000 * number, 78700, 27000 + 1000 * number, 79700)
        return replace(weighed(), spot=Spot(number, Glyph("页", 0, 1000, box), Face("F", 0, 1.0), (0, 0, 9, 9)))

    line = [list(range(6))]
    assert adrift(answers(1), line, 84189) == ()
    (place,) = adrift(answers(4), line, 84189)
    assert place == (26000, 78700, 32000, 79700)
    assert {each.answer for each in without_guesses(answers(4), [place])} == {Answer.SAME, Answer.ILLEGIBLE}
    assert adrift(answers(4), line, 95000) == ()  # in the middle of a longer page its neighbours would tell
