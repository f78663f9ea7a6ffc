"""What people are shown of a judgement: findings by weight, and a checklist with every rule."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from toolkit.application.checks import Judgement, Result, judge
from toolkit.application.reading import Application, load_application
from toolkit.checklist import html_checklist, print_check
from toolkit.resources import translation

NOW = datetime(2025, 6, 20, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Application:
    folder = tmp_path_factory.mktemp("application")
    text = (Path(__file__).parents[1] / "samples" / "short.yaml").read_text("utf-8")
    for old, new in (
        ("civil_servant: 否", "civil_servant: 是"),
        ("months_per_year: 9", "months_per_year: 3"),
        ("title: 维汉双语农技问答R&D与应用", "title: <b>甲</b>&[red]"),
        ("filled_on: 2025-06-20", "filled_on: 2025-06-32"),
        ("funds: {requested: 30.00", "funds: {requested: 三十"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "a.yaml").write_text(text, "utf-8")
    (folder / "attachments").mkdir()
    (folder / "attachments" / "funds-proof.pdf").write_bytes(b"%PDF-1.7")
    return load_application(folder / "a.yaml")


@pytest.fixture(scope="module")
def judgement(application: Application) -> Judgement:
    return judge(application, now=NOW)


def test_a_rule_that_could_not_be_judged_is_not_called_kept(judgement: Judgement) -> None:
    results = {one.name: one.result for one in judgement.judged}
    assert results["no_civil_servant"] is Result.BROKEN
    assert results["working_months"] is Result.IN_PRINCIPLE
    assert results["partners_share"] is Result.NOT_JUDGED
    assert results["self_raised_proof"] is Result.KEPT


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_checklist_has_every_rule_and_every_finding(
    application: Application, judgement: Judgement, language: str
) -> None:
    translate = translation(language)
    page = html_checklist(application, judgement, now=NOW, translate=translate)
    assert "<script" not in page and "http" not in page.partition("<body>")[2]
    assert "&lt;b&gt;甲&lt;/b&gt;&amp;[red]" in page and "<b>甲" not in page
    assert "2025-06-20 12:00:00" in page  # in the programme's zone
    for one in judgement.judged:
        assert one.says.render(translate).replace("'", "&#39;") in page
    for finding in judgement.verdict.findings:
        assert finding.message.render(translate).split("：")[-1].split(": ")[-1][:12] in page


def test_the_terminal_groups_by_weight(judgement: Judgement) -> None:
    shown = StringIO()
    print_check(judgement.verdict, source="a[red].yaml", console=Console(file=shown, width=100))
    text = shown.getvalue()
    assert text.index("To be mended (3)") < text.index("civil servant") < text.index("Not kept in principle")
    assert "a[red].yaml: FAILED" in text and "line 44" in text


def test_what_was_not_asked_about_is_no_fault_of_the_form(judgement: Judgement) -> None:
    results = {one.name: one.result for one in judgement.judged}
    assert results["unchanged_once_accepted"] is results["similar_in_unit"] is Result.NOT_ASKED
