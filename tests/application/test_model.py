"""The model: its schema and its outline say the same as the reader does."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from toolkit.application.model import CORE_REQUIRED, ITEM_REQUIRED, Form, Shape, field_paths, form_entry, schema


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


def changed(text: str, path: list[Any], value: Any) -> Any:
    plain = yaml.load(text, Loader=yaml.BaseLoader)
    holder = plain
    for step in path[:-1]:
        holder = holder[step]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return plain


def test_the_schema_takes_a_good_application(validator: Draft202012Validator, yaml_text: str) -> None:
    assert list(validator.iter_errors(yaml.load(yaml_text, Loader=yaml.BaseLoader))) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["text", "route"], {"text": "x", "picture": "a.png", "caption": "b"}),
        (["funds", "requested"], 30.5),
        (["leader", "academician"], True),
        (["leader", "months_per_year"], 8),
    ],
)
def test_the_schema_takes_what_the_reader_takes(
    validator: Draft202012Validator, yaml_text: str, path: list[Any], value: Any
) -> None:
    assert list(validator.iter_errors(changed(yaml_text, path, value))) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["title"], None),
        (["leader"], None),
        (["leader", "name"], None),
        (["members", 0, "name"], None),
        (["secrecy"], "秘密"),
        (["colour"], "red"),
        (["leader", "fax"], "1"),
        (["start_date"], "2025/7/1"),
        (["funds", "requested"], "1,000"),
        (["budget", 0, "special", "25"], "1"),
        (["members", 0, "gender"], "女性"),
        (["text", "route"], {"picture": 1}),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(
    validator: Draft202012Validator, yaml_text: str, path: list[Any], value: Any
) -> None:
    assert list(validator.iter_errors(changed(yaml_text, path, value)))


def test_every_field_has_a_chinese_label() -> None:
    assert all(any("\u4e00" <= character <= "\u9fff" for character in entry.label) for entry in form_entry().walk())


def test_required_fields_are_fields() -> None:
    assert {*CORE_REQUIRED, *ITEM_REQUIRED} <= set(field_paths())


def test_shapes_follow_the_types() -> None:
    shapes = {entry.path: entry.shape for entry in form_entry().walk()}
    assert shapes["leader"] is Shape.SECTION
    assert shapes["members"] is Shape.LIST
    assert shapes["budget.special"] is Shape.BY_YEAR
    assert shapes["text"] is Shape.TEXTS
    assert shapes["schedule.from"] is Shape.VALUE


def test_an_empty_form_is_a_form() -> None:
    form = Form()
    assert (form.title, form.members, form.funds.requested, form.leader.academician) == ("", (), 0, None)
