"""Messages: one sentence in whatever language it is shown in."""

from __future__ import annotations

import dataclasses

import pytest

from toolkit.messages import Message

CHINESE = {"line {line} is too long": "第 {line} 行过长", "{where}: {problem}": "{where}：{problem}"}


def test_a_message_is_english_where_nobody_translates() -> None:
    assert str(Message("line {line} is too long", line=3)) == "line 3 is too long"


def test_a_message_is_translated_where_it_is_shown() -> None:
    assert Message("line {line} is too long", line=3).render(CHINESE.__getitem__) == "第 3 行过长"


def test_messages_within_messages_are_translated_too() -> None:
    problem = Message("line {line} is too long", line=3)
    message = Message("{where}: {problem}", where="a.yaml", problem=problem)
    assert message.render(CHINESE.__getitem__) == "a.yaml：第 3 行过长"
    assert str(message) == "a.yaml: line 3 is too long"


def test_what_a_value_says_is_not_read_as_a_gap() -> None:
    assert str(Message("“{value}” is wrong", value="{other} {0}")) == "“{other} {0}” is wrong"


def test_a_gap_may_be_named_as_the_parameters_are() -> None:
    assert str(Message("{text}", text="a value")) == "a value"


def test_braces_are_doubled() -> None:
    assert str(Message("such as {{2025: 10.00}}")) == "such as {2025: 10.00}"


def test_equal_messages_are_equal_and_may_be_keys() -> None:
    assert len({Message("a {b}", b=1), Message("a {b}", b=1), Message("a {b}", b=2)}) == 2


def test_a_message_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Message("a").text = "b"  # type: ignore[misc]


def test_a_tuple_is_a_list_as_the_language_writes_it() -> None:
    message = Message("known are: {known}", known=("a", Message("b {x}", x=1)))
    assert str(message) == "known are: a, b 1"
    assert (
        message.render({", ": "、", "b {x}": "乙{x}", "known are: {known}": "已知：{known}"}.__getitem__)
        == "已知：a、乙1"
    )
