"""A programme whose document is a PDF form, from application to verdict, and what its author is told."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdf
import pytest
from pikepdf.pdfa import validate_written

from templates.authoring.commitment_form import commitment_form
from toolkit.application.reading import Application, load_application
from toolkit.authoring import faces, lint
from toolkit.errors import TemplateError
from toolkit.forms.fonts import FontCatalogue
from toolkit.home import Home
from toolkit.issuing import draft, issue
from toolkit.resources import shared
from toolkit.verdict import Outcome, Reason
from toolkit.verifying import verify

FONTS = FontCatalogue.load(shared("fonts"))
APRIL = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def application(samples: Path, home: Home) -> Application:
    return load_application(samples / "cooperation-application.yaml", home=home.folder)


@pytest.fixture
def programme(samples: Path, tmp_path: Path) -> Path:
    """Return a copy of the programme, to be spoilt."""
    folder = tmp_path / "spoilt" / "open-cooperation-2026"
    shutil.copytree(samples / "programmes" / "open-cooperation-2026", folder)
    return folder


def test_the_committed_form_is_what_its_script_makes(samples: Path) -> None:
    committed = samples / "programmes" / "open-cooperation-2026" / "commitment-unit.pdf"
    assert committed.read_bytes() == commitment_form()


def test_it_is_issued_and_verified(application: Application, home: Home) -> None:
    issued = issue(application, home=home, now=APRIL)
    names = {file.name for file in issued.files}
    assert names == {"XJGH26-0001-r1-commitment-unit.pdf", "XJGH26-0001-r1-record.json"}
    pdf = next(file.content for file in issued.files if file.name.endswith(".pdf"))
    assert list(validate_written(io.BytesIO(pdf), "2b").findings) == []
    text = "".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    order = [
        "本单位",
        "天山市绿洲林果科技有限公司",
        "申报项目",
        "干旱区特色林果高值化利用与种质资源联合评价",
        "项目负责人",
    ]
    order += ["申请资助", "8.50", "万元", "√", "联合研究", "√", "本单位确认", "Алматы", "Новосибирск", "法定代表人"]
    places = []
    for word in order:
        places.append(text.index(word, places[-1] if places else 0))
    assert places == sorted(places)
    described = home.store.page("XJGH26-0001", 1, "commitment-unit", 1)
    assert {zone.name for zone in described.zones} == {"unit_signature", "unit_date", "unit_chop"}
    found = verify([("print.pdf", pdf)], home=home, now=APRIL)
    # As it came from the printer: what is printed is in order, what belongs into the zones is not there yet.
    # Of the joined script, a word may be said to be unclear: it is compared by its look alone.
    unclear = [finding for page in found.pages for finding in page.findings]
    assert {finding.reason for finding in unclear} <= {Reason.CONTENT_ILLEGIBLE}
    assert all("\u0600" <= (finding.recorded or "x")[0] <= "\u06ff" for finding in unclear)
    assert Reason.SIGNATURE_MISSING in {finding.reason for finding in found.all_findings}


def test_drafts_are_pdfs_only(application: Application) -> None:
    (file,) = draft(application, now=APRIL)
    assert file.name == "commitment-unit-draft.pdf"
    assert "Новосибирск" in pypdf.PdfReader(io.BytesIO(file.content)).pages[0].extract_text()


def test_a_form_that_was_changed_behind_the_programme_is_refused(application: Application, home: Home) -> None:
    assert application.programme is not None
    folder = application.programme.folder
    assert folder is not None
    toml = folder / "programme.toml"
    toml.write_text(toml.read_text("utf-8").replace('"经费" =', '"费用" ='), "utf-8")
    changed = replace(application, programme=type(application.programme).load(folder))
    with pytest.raises(TemplateError, match="lacks: 费用; fields that nothing fills: 经费;"):
        issue(changed, home=home, now=APRIL)


def test_the_supplied_form_passes_the_linter(programme: Path) -> None:
    report = lint(programme / "commitment-unit.pdf", fonts=FONTS)
    assert (report.programme, report.outcome, report.findings) == ("open-cooperation-2026", Outcome.PASSED, ())


def test_the_linter_tells_every_fault_of_a_form(programme: Path) -> None:
    toml = programme / "programme.toml"
    text = toml.read_text("utf-8").replace('"项目名称" = "title"', '"项目名称" = "titel"')
    text = text.replace('"经费" =', '"费用" =').replace('name = "unit_date"', 'name = "sign_date"')
    toml.write_text(text, "utf-8")
    path = programme / "commitment-unit.pdf"
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        field = next(each for each in pdf.Root.AcroForm.Fields if str(each.T) == "applicant_unit.name")
        field.Rect = [400, 780, 560, 800]
        pdf.Root.AcroForm.DR.Font.Helv.BaseFont = pikepdf.Name("/NoSuchFont")
        pdf.save(path)
    report = lint(path, fonts=FONTS)
    assert report.outcome is Outcome.FAILED
    told = [str(finding.message) for finding in report.findings]
    for words in (
        "titel",  # an unknown variable
        "经费",
        "lacks the field “费用”",
        "zone “sign_date” is missing",
        "unit_date",
        "NoSuchFont",
        "stands where the symbol goes",
    ):
        assert any(words in message for message in told), words


def test_the_linter_refuses_forms_that_act(programme: Path) -> None:
    path = programme / "commitment-unit.pdf"
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("x"))
        pdf.save(path)
    with pytest.raises(TemplateError, match="JavaScript"):
        lint(path, fonts=FONTS)


def test_the_fonts_of_fields_are_listed(home: Home) -> None:
    found = {template: use.face for name, template, use in faces(home.folder, FONTS) if name == "open-cooperation-2026"}
    assert found == {"commitment-unit.pdf": "Helvetica"}
