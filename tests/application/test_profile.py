"""A profile fills in what a unit repeats, and nothing that must be declared anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.application.profile import load_profile
from toolkit.application.programme import Programme
from toolkit.application.reading import load_application
from toolkit.application.workbook_writing import new_workbook
from toolkit.application.writing import new_form
from toolkit.errors import CheckFailed, ClassifiedRefused

ROOT = Path(__file__).parents[2]
XINJIANG = ROOT / "templates" / "xinjiang-sco-2025"
PROFILE = """\
applicant_unit:
  name: '某"研究"院: #1'
  kind: 科研院所
  postcode: "000830"
  no_misconduct: 是
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "unit.yaml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["yaml", "xlsx"])
def test_units_are_filled_in_and_declarations_are_not(kind: str, profile: Path) -> None:
    programme = Programme.load(XINJIANG)
    said = load_profile(profile, programme)
    form = new_form(programme, said).encode() if kind == "yaml" else new_workbook(programme, said)
    unit = load_application(form).readable.applicant_unit
    assert (unit.name, unit.kind, unit.postcode) == ('某"研究"院: #1', "科研院所", "000830")
    assert unit.no_misconduct is None


def test_of_an_earlier_application_only_the_units_are_taken() -> None:
    said = load_profile(ROOT / "samples" / "application.yaml", Programme.load(XINJIANG))
    assert set(said) == {"applicant_unit", "recommending_unit"}
    assert not {"no_misconduct", "central_non_legal"} & set(said["applicant_unit"])


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("kind: 科研院所\n  postcode", "knd: 科研院所\n  postcode", "applicant_unit.knd"),
        ('postcode: "000830"', "contact_email: nobody", "applicant_unit.contact_email"),
    ],
)
def test_faults_of_a_profile_are_findings(old: str, new: str, field: str, profile: Path) -> None:
    profile.write_text(PROFILE.replace(old, new), encoding="utf-8")
    with pytest.raises(CheckFailed) as refused:
        load_profile(profile, Programme.load(XINJIANG))
    assert [finding.field for finding in refused.value.verdict.findings] == [field]


def test_a_marked_profile_is_refused(profile: Path) -> None:
    profile.write_text(f"密级: 秘密\n{PROFILE}", encoding="utf-8")
    with pytest.raises(ClassifiedRefused):
        load_profile(profile, Programme.load(XINJIANG))
