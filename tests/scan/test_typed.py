"""Lines from a handheld scanner, as keyboards and Chinese input methods leave them."""

from __future__ import annotations

import pytest

from toolkit.scan.typed import MOST_CHARACTERS, typed_lines
from toolkit.seal.symbol import to_digits

DIGITS = to_digits(bytes(range(187)))
WIDE = "".join(chr(ord(digit) + 0xFEE0) for digit in DIGITS)


@pytest.mark.parametrize(
    "line",
    [DIGITS, DIGITS + "\r\n", "\ufeff" + DIGITS, "]Q1" + DIGITS, "\x02" + DIGITS + "\x03", "  " + DIGITS + "\t\n"],
)
def test_what_scanners_put_around_the_digits_is_taken_off(line: str) -> None:
    (typed,) = typed_lines([line])
    assert typed.digits == DIGITS
    assert typed.problem is None and typed.hint is None


def test_full_width_digits_are_undone_and_told() -> None:
    (typed,) = typed_lines([WIDE])
    assert typed.digits == DIGITS
    assert "switch the input method to English" in str(typed.hint)


def test_spaces_between_digits_are_undone_and_told() -> None:
    (typed,) = typed_lines([" ".join(DIGITS)])
    assert typed.digits == DIGITS
    assert "spaces" in str(typed.hint)


@pytest.mark.parametrize(
    "line", ["你" + DIGITS[5:], DIGITS[:100] + "，" + DIGITS[100:], "二维码", "“" + DIGITS + "”", "\ufffd" * 400]
)
def test_digits_lost_to_an_input_method_are_told(line: str) -> None:
    (typed,) = typed_lines([line])
    assert typed.digits is None
    assert "scan the symbol again" in str(typed.problem)
    assert "switch the input method to English" in str(typed.hint)


@pytest.mark.parametrize("line", ["12345", "9" * 2000, "hello", "https://u.wechat.com/abc"])
def test_line_that_is_no_seal(line: str) -> None:
    (typed,) = typed_lines([line])
    assert typed.digits is None and typed.problem is not None and typed.hint is None


def test_lines_come_as_they_are_typed_and_are_numbered_with_the_empty_ones() -> None:
    taken: list[int] = []

    def keyboard():  # type: ignore[no-untyped-def]
        for number, line in enumerate(["", DIGITS, "\n", WIDE], start=1):
            taken.append(number)
            yield line

    lines = typed_lines(keyboard())
    assert next(lines).number == 2
    assert taken == [1, 2]
    assert next(lines).number == 4


def test_endless_line_is_cut() -> None:
    (typed,) = typed_lines(["1" * (MOST_CHARACTERS * 100)])
    assert typed.digits is None
