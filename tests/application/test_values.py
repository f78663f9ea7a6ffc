"""From what is typed to what is meant."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from toolkit.application import values
from toolkit.application.values import Unfit

LARGEST = 10**9 * values.FEN_PER_WAN - 1


@given(st.integers(0, LARGEST))
def test_every_amount_is_read_back_to_the_fen(fen: int) -> None:
    assert values.parse_amount(values.format_amount(fen)) == fen


@given(st.decimals(0, 999_999_999, places=6))
def test_an_amount_is_exact_decimal_arithmetic(amount: Decimal) -> None:
    assert values.parse_amount(f"{amount:f}") == amount * 1_000_000


@given(st.text(max_size=30))
def test_an_amount_is_read_or_refused_and_never_guessed(text: str) -> None:
    try:
        fen = values.parse_amount(text)
    except Unfit:
        return
    assert Decimal(text.strip()) * values.FEN_PER_WAN == fen


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1,000.00", "separators of thousands; write 1000.00"),
        ("１０．５", "full-width characters; write 10.5"),
        ("80万元", "only the number of 万元: 80"),
        ("-3", "below zero"),
        ("0.1234567", "more than six decimals"),
        ("10²", "such as 80.00"),
        ("1e3", "such as 80.00"),
        ("80元", "such as 80.00"),
        ("080", "such as 80.00"),
        ("1000000000", "such as 80.00"),
        ("", "such as 80.00"),
    ],
)
def test_a_wrong_amount_is_told_what_is_right(typed: str, told: str) -> None:
    with pytest.raises(Unfit) as refused:
        values.parse_amount(typed)
    assert told in str(refused.value.message)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_date_is_read_in_both_writings(day: date) -> None:
    assert values.parse_date(day.isoformat()) == day
    assert values.parse_date(f"{day.year}年{day.month}月{day.day}日") == day
    assert values.parse_date(f"{day.year}年{day.month:02}月{day.day:02}日") == day


@given(st.text(alphabet="0123456789-/.年月日 ０１²", max_size=14))
def test_a_date_is_read_or_refused(text: str) -> None:
    try:
        day = values.parse_date(text)
    except Unfit:
        return
    assert text.strip() in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日") or "年" in text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("2025/7/1", "write 2025-07-01"),
        ("2025-7-1", "write 2025-07-01"),
        ("2025.07.01", "write 2025-07-01"),
        ("２０２５年７月１日", "write 2025-07-01"),
        ("2025 年 7 月 1 日", "write 2025-07-01"),
        ("2025-02-29", "there is no day"),
        ("2025年13月1日", "there is no day"),
        ("1899-12-31", "not between 1900 and 2199"),
        ("2025年7月", "write it as 2025-07-01 or 2025年7月1日"),
        ("01/07/2025", "write it as 2025-07-01"),
        ("明年", "write it as 2025-07-01"),
    ],
)
def test_a_wrong_date_is_told_what_is_right(typed: str, told: str) -> None:
    with pytest.raises(Unfit) as refused:
        values.parse_date(typed)
    assert told in str(refused.value.message)


@pytest.mark.parametrize(
    ("typed", "meant"), [("是", True), ("yes", True), ("TRUE", True), ("否", False), ("no", False)]
)
def test_yes_and_no_are_read(typed: str, meant: bool) -> None:
    assert values.parse_yes_no(typed) is meant


@pytest.mark.parametrize("typed", ["", "1", "有", "on", "y", "不"])
def test_neither_yes_nor_no(typed: str) -> None:
    with pytest.raises(Unfit):
        values.parse_yes_no(typed)


def test_text_becomes_form_c_and_never_kc() -> None:
    assert values.parse_text("e\u0301 10² ㎡ ①", 20) == "é 10² ㎡ ①"


@pytest.mark.parametrize(
    "character", ["\x07", "\t", "\u202e", "\u2066", "\ufeff", "\u200b", "\u00ad", "\ud800", "\u2028"]
)
def test_control_and_invisible_characters_are_refused_with_their_place(character: str) -> None:
    with pytest.raises(Unfit) as refused:
        values.parse_text(f"ab{character}c", 20)
    assert f"character 3 (U+{ord(character):04X})" in str(refused.value.message)


def test_a_private_character_is_refused_as_what_it_is() -> None:
    with pytest.raises(Unfit, match="private-use"):
        values.parse_text("李\ue000", 20)


@pytest.mark.parametrize("name", ["ئە\u200cنۋەر", "徐𬭎远", "Нұрлан", "㐂", "👍"])
def test_names_of_all_scripts_pass(name: str) -> None:
    assert values.parse_text(name, 20) == name


def test_a_second_line_and_length_are_refused() -> None:
    with pytest.raises(Unfit, match="several lines"):
        values.parse_text("a\nb", 20)
    assert values.parse_text("a\r\nb", 20, lines=True) == "a\nb"
    assert values.parse_text("字" * 20, 20) == "字" * 20
    with pytest.raises(Unfit, match="21 characters; at most 20"):
        values.parse_text("字" * 21, 20)


@given(st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_a_credit_code_is_checked_as_python_stdnum_does(code: str) -> None:
    right = uscc.calc_check_digit(code)
    assert values.parse_credit_code(code + right) == code + right
    with pytest.raises(Unfit, match="mistyped"):
        values.parse_credit_code(code + ("0" if right != "0" else "1"))


@pytest.mark.parametrize("typed", ["", "12", "91110000600037341I", "91110000600037341LL"])
def test_what_is_no_credit_code(typed: str) -> None:
    with pytest.raises(Unfit):
        values.parse_credit_code(typed)


@given(st.integers(0, 10**17 - 1))
def test_an_identity_number_is_checked_as_python_stdnum_does(number: int) -> None:
    right = ric.calc_check_digit(f"{number:017d}0")  # it leaves the last character out
    assert values.parse_identity_number(f"{number:017d}{right.lower()}") == f"{number:017d}{right}"
    wrong = "0" if right != "0" else "1"
    with pytest.raises(Unfit) as refused:
        values.parse_identity_number(f"{number:017d}{wrong}")
    assert str(number) not in str(refused.value.message) or number < 100


def test_a_passport_number_passes_and_17_digits_do_not() -> None:
    assert values.parse_identity_number("N12345678") == "N12345678"
    with pytest.raises(Unfit):
        values.parse_identity_number("65310119790516000")


@pytest.mark.parametrize("phone", ["0991-3680709", "13900000000", "+7 727 000 00 00", "(0991)3680709"])
def test_telephone_numbers(phone: str) -> None:
    if phone.startswith("("):
        with pytest.raises(Unfit) as refused:
            values.parse_phone(phone)
        assert "3680709" not in str(refused.value.message)
    else:
        assert values.parse_phone(phone) == phone


@pytest.mark.parametrize("address", ["a@b", "a b@c.cn", "a@b.cn,c@d.cn", "@b.cn", "ab.cn"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(Unfit):
        values.parse_email(address)


@pytest.mark.parametrize("year", ["25", "2025：10", "2025:10", "1899", "二〇二五", "２０２５"])
def test_what_is_no_year(year: str) -> None:
    with pytest.raises(Unfit):
        values.parse_year(year)


def test_a_long_wrong_value_is_cut_in_the_message() -> None:
    with pytest.raises(Unfit) as refused:
        values.parse_yes_no("否" * 10_000 + "\x1b[31m")
    assert len(str(refused.value.message)) < 100
