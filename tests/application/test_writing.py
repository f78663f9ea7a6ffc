"""The form to fill in: it reads as empty, and filled in it reads as what was filled in."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from toolkit.application.checks import check
from toolkit.application.model import Entry, Shape
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.reading import load_application
from toolkit.application.writing import new_form
from toolkit.verdict import Outcome, Reason

ROOT = Path(__file__).parents[2]
SUPPLIED = [*(ROOT / "templates").glob("*/programme.toml"), *(ROOT / "samples" / "programmes").glob("*/programme.toml")]

FILLED = {
    "applicant_unit.name": "某大学",
    "applicant_unit.central_non_legal": "否",
    "applicant_unit.credit_code": "91650100MA000004XN",
    "leader.civil_servant": "否",
    "leader.identity_number": "110101197503080014",
    "leader.months_per_year": "8",
    "partner_units.share": "1.00",
    "funds.requested": "6",
    "funds.self_raised": "6.00",
    "attachments.kind": "出资证明",
    "attachments.file": "proof.pdf",
    "ethics.humans_or_animals": "否",
}
"""What is filled in where the example or the first choice would break a rule."""


def value_of(entry: Entry) -> str:
    return FILLED.get(entry.path) or (entry.choices or (entry.example or f"“{entry.label}”&<>",))[0]


def filled(form: str, programme: Programme) -> str:
    """Fill in every field as a person would: behind its colon, or in the line below ``|2``."""
    entries = {entry.path: entry for entry in outline(programme).walk()}
    lines: list[str] = []
    above: list[tuple[int, str]] = []
    for line in form.splitlines():
        if re.fullmatch(" {4}", line) or line.startswith(" " * 4) and "#" in line:
            lines.append(line)
            continue
        match = re.match(r"( *(?:- )?)([a-z_]+):", line)
        if match is None:
            lines.append(line)
            continue
        depth = len(match[1])
        above = [step for step in above if step[0] < depth]
        path = ".".join([*(key for _, key in above), match[2]])
        entry = entries[path]
        if entry.shape is Shape.VALUE and line.endswith(":"):
            quoted = yaml.safe_dump(value_of(entry), allow_unicode=True, default_style='"', width=1000).strip()
            lines.append(f"{line} {quoted}")
        elif entry.shape is Shape.BY_YEAR:
            lines.append(re.sub(r"(\d{4}): ", r"\1: 2.00", line))
        elif entry.shape is Shape.TEXT:
            lines += [line, "        首行多缩进：# 不是注释", f"    {entry.label}"]
        else:
            lines.append(line)
        above.append((depth, match[2]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", SUPPLIED, ids=lambda path: path.parent.name)
def test_an_empty_form_lacks_what_is_required_and_nothing_else(path: Path) -> None:
    programme = Programme.load(path.parent)
    application = load_application(new_form(programme, {}).encode(), home=path.parent.parent.parent)
    assert {fault.reason for fault in application.faults} == {Reason.FIELD_MISSING}
    assert all(fault.line for fault in application.faults)
    missing = {fault.field for fault in application.faults}
    assert missing >= set(programme.form.required) - {"partner_units", "members"} | {"title", "funds.requested"}


@pytest.mark.parametrize("path", SUPPLIED, ids=lambda path: path.parent.name)
def test_a_form_filled_in_passes(path: Path, tmp_path: Path, now: datetime) -> None:
    programme = Programme.load(path.parent)
    (tmp_path / "proof.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "application.yaml").write_text(filled(new_form(programme, {}), programme), encoding="utf-8")
    application = load_application(tmp_path / "application.yaml", home=path.parent.parent.parent)
    verdict = check(application, now=now)
    assert [str(found.message) for found in verdict.findings if found.outcome is Outcome.FAILED] == []
    said = application.complete()
    for entry in outline(programme).parts:
        if entry.shape is Shape.VALUE:
            assert getattr(said, entry.key) not in ("", None), entry.path
    assert said.members[0].specialty == "“专业”&<>"
    assert all("首行多缩进：# 不是注释\n" in text.text for text in said.text.values())


def test_every_field_has_its_comment(programme: Programme) -> None:
    lines = new_form(programme, {}).splitlines()
    for entry in outline(programme).walk():
        if entry.shape is not Shape.TEXT and not entry.path.startswith("text."):
            at = next(n for n, line in enumerate(lines) if re.match(rf" *(- )?{entry.key}:", line))
            assert lines[at - 1].lstrip().startswith("#")
    assert "#   清洁能源" not in lines and any("可选：清洁能源、数字经济" in line for line in lines)
    assert "# 密级（已填好，不要改动）" in lines
