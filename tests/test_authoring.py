"""What authors are told of the supplied templates, and of templates that were spoilt."""

from __future__ import annotations

import io
import shutil
from datetime import datetime
from pathlib import Path

import docx
import pikepdf
import pytest
from docx.shared import Mm

from toolkit.authoring import faces, lint, set_form
from toolkit.errors import InputUnreadable, TemplateError
from toolkit.forms.fonts import FontCatalogue
from toolkit.resources import shared
from toolkit.verdict import Outcome

FONTS = FontCatalogue.load(shared("fonts"))
SUPPLIED = sorted(shared("templates", "xinjiang-sco-2025").glob("*.docx"))


@pytest.mark.parametrize("template", SUPPLIED, ids=lambda path: path.name)
def test_the_supplied_templates_pass_without_a_note(template: Path) -> None:
    report = lint(template, fonts=FONTS)
    assert (report.programme, report.outcome, report.findings) == ("xinjiang-sco-2025", Outcome.PASSED, ())


@pytest.fixture
def programme(samples: Path, tmp_path: Path) -> Path:
    """Return a copy of the second programme, to be spoilt."""
    folder = tmp_path / "popular-science-2026"
    shutil.copytree(samples / "programmes" / "popular-science-2026", folder)
    return folder


def test_a_field_that_nothing_prints_is_noted(programme: Path) -> None:
    template = programme / "form.docx"
    assert lint(template, fonts=FONTS).findings == ()
    toml = programme / "programme.toml"
    text = toml.read_text("utf-8")
    toml.write_text(text.replace("required = [", 'required = ["leader.email", ', 1), "utf-8")
    report = lint(template, fonts=FONTS)
    (note,) = (f for f in report.findings if "leader.email" in str(f.message))
    assert (note.outcome, note.paragraph, report.outcome) == (Outcome.NOTE, None, Outcome.PASSED)


def test_what_stands_in_the_symbols_place_is_told(programme: Path) -> None:
    form = docx.Document(str(programme / "form.docx"))
    form.sections[0].top_margin = form.sections[0].header_distance = Mm(12)
    form.paragraphs[0].alignment = 2  # right
    form.save(str(programme / "form.docx"))
    report = lint(programme / "form.docx", fonts=FONTS)
    assert report.outcome is Outcome.FAILED
    assert any("where the symbol goes" in str(finding.message) for finding in report.findings)


def test_a_word_file_is_set_as_pdf_a(tmp_path: Path, moment: datetime) -> None:
    form = docx.Document()
    form.add_paragraph("会议通知")
    form.save(str(tmp_path / "notice.docx"))
    made = set_form(tmp_path / "notice.docx", fonts=FONTS, engine="typst", now=moment)
    assert made.pages == 1
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"


def test_files_that_are_none_are_errors(tmp_path: Path, moment: datetime) -> None:
    with pytest.raises(InputUnreadable, match="cannot be read"):
        lint(tmp_path / "absent.docx", fonts=FONTS)
    (tmp_path / "text.docx").write_bytes(b"no zip")
    with pytest.raises(TemplateError, match=r"text\.docx"):
        lint(tmp_path / "text.docx", fonts=FONTS)
    with pytest.raises(TemplateError, match=r"text\.docx"):
        set_form(tmp_path / "text.docx", fonts=FONTS, engine="typst", now=moment)


def test_the_faces_of_all_programmes(samples: Path, tmp_path: Path) -> None:
    shutil.copytree(samples / "programmes", tmp_path / "programmes")
    found = list(faces(tmp_path, FONTS))
    assert {programme for programme, _, _ in found} == {
        "xinjiang-sco-2025",
        "popular-science-2026",
        "open-cooperation-2026",
    }
    by_face = {use.face: use for _, _, use in found}
    assert by_face["方正小标宋简体"].family == "Noto Serif SC" and by_face["方正小标宋简体"].known
