"""What templates see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from toolkit.application.context import template_context
from toolkit.application.programme import Programme
from toolkit.application.reading import Application, load_application

Load = Callable[..., Application]


def test_names_are_those_of_the_file(load: Load, programme: Programme) -> None:
    context = template_context(load(), programme, serial="XJTRY25-00001", revision=2)
    assert context["title"] == "光伏滴灌"
    assert context["leader"]["phone"] == "0991-0000001"
    assert context["schedule"][0]["from"] == date(2025, 7, 1)
    assert context["members"][0]["birth_date"] is None
    assert (context["serial"], context["revision"]) == ("XJTRY25-00001", 2)
    assert context["programme"]["title"] == "试用计划"


def test_every_section_of_the_programme_is_there(load: Load, programme: Programme) -> None:
    text = template_context(load(), programme, serial=None, revision=None)["text"]
    assert text == {
        "background": {"title": "立项依据", "paragraphs": ["第一段。", "第二段。"], "picture": None, "caption": ""},
        "route": {"title": "技术路线", "paragraphs": [], "picture": None, "caption": ""},
    }


def test_a_picture_is_its_bytes(load: Load, programme: Programme, tmp_path: Path) -> None:
    Image.new("RGB", (9, 9)).save(tmp_path / "route.png")
    picture = "  route: {text: 　　甲, picture: route.png, caption: 图一}\n"
    context = template_context(load(("schedule:\n", picture + "schedule:\n")), programme, serial=None, revision=None)
    assert context["text"]["route"] == {
        "title": "技术路线",
        "paragraphs": ["甲"],
        "picture": (tmp_path / "route.png").read_bytes(),
        "caption": "图一",
    }


def test_sums_by_year_and_category(load: Load, programme: Programme) -> None:
    context = template_context(load(), programme, serial=None, revision=None)
    assert context["years"] == [2025, 2026, 2027]
    assert context["budget"][0]["special"] == {2025: 10_000_000, 2026: 20_000_000, 2027: 0}
    assert context["totals"] == {
        "special": 30_000_000,
        "self_raised": 500_000,
        "total": 30_500_000,
        "by_year": [
            {"year": 2025, "special": 10_000_000, "self_raised": 0, "total": 10_000_000},
            {"year": 2026, "special": 20_000_000, "self_raised": 0, "total": 20_000_000},
            {"year": 2027, "special": 0, "self_raised": 500_000, "total": 500_000},
        ],
        "by_category": [{"category": "设备费", "special": 30_000_000, "self_raised": 500_000, "total": 30_500_000}],
    }


def test_a_faulty_application_fills_no_template(load: Load, programme: Programme) -> None:
    with pytest.raises(ValueError, match="faults"):
        template_context(load(("title: 光伏滴灌", "title:")), programme, serial=None, revision=None)


def test_the_full_sample() -> None:
    application = load_application(Path(__file__).parents[2] / "samples" / "application.yaml")
    assert application.programme is not None
    context = template_context(application, application.programme, serial=None, revision=None)
    funds = application.complete().funds
    assert (context["totals"]["special"], context["totals"]["self_raised"]) == (funds.requested, funds.self_raised)
    assert sum(year["total"] for year in context["totals"]["by_year"]) == funds.requested + funds.self_raised
    assert context["text"]["route"]["picture"][:4] == b"\x89PNG"
