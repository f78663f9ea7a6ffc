"""``lint``, ``typeset`` and ``fonts`` as people and programs use them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import docx
import jsonschema
import pytest
from command_line import Run
from docx.oxml import parse_xml

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SCHEMAS = Path(__file__).parents[2] / "docs"


def validate(answer: object, name: str) -> None:
    jsonschema.validate(answer, json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


@pytest.fixture
def spoilt(samples: Path, tmp_path: Path) -> Path:
    """Return a template with a misspelt variable, in a copy of its programme."""
    folder = tmp_path / "popular-science-2026"
    shutil.copytree(samples / "programmes" / "popular-science-2026", folder)
    form = docx.Document(str(folder / "form.docx"))
    form.add_paragraph("编号：{{ seriel }}")
    form.save(str(folder / "form.docx"))
    return folder / "form.docx"


def test_a_fault_is_told_with_paragraph_text_and_exit_code(run: Run, spoilt: Path) -> None:
    told = run("lint", spoilt)
    assert told.code == 3 and told.err == ""
    assert "“seriel” is unknown; is “serial” meant?" in told.out and "编号：{{ seriel }}" in told.out
    chinese = run("lint", spoilt, "--lang", "zh")
    assert "没有变量“seriel”" in chinese.out
    answer = run("lint", spoilt, "--json")
    validate(answer.json, "lint")
    (finding,) = answer.json["findings"]
    assert (finding["outcome"], finding["text"]) == ("failed", "编号：{{ seriel }}")


def test_findings_as_comments(run: Run, spoilt: Path, tmp_path: Path) -> None:
    assert run("lint", spoilt, "--annotate", tmp_path / "out.docx").code == 3
    (comment,) = docx.Document(str(tmp_path / "out.docx")).comments
    assert "seriel" in comment.text


def test_a_sound_template(run: Run, samples: Path) -> None:
    told = run("lint", samples / "programmes" / "popular-science-2026" / "form.docx", "--json")
    validate(told.json, "lint")
    assert (told.code, told.json["outcome"], told.json["findings"]) == (0, "passed", [])
    assert run("lint", samples / "route.png").code == 1


def test_a_word_file_set_as_pdf(run: Run, tmp_path: Path) -> None:
    form = docx.Document()
    form.add_paragraph("会议通知")
    form.save(str(tmp_path / "notice.docx"))
    told = run("typeset", tmp_path / "notice.docx", "-o", tmp_path / "notice.pdf", "--json")
    validate(told.json, "typeset")
    assert told.code == 0 and (tmp_path / "notice.pdf").read_bytes().startswith(b"%PDF")
    assert run("typeset", tmp_path / "absent.docx", "-o", tmp_path / "a.pdf").code == 1


def test_tracked_changes_are_told_of(run: Run, tmp_path: Path) -> None:
    form = docx.Document()
    paragraph = form.add_paragraph("金额")
    added = f'<w:ins xmlns:w="{W}" w:id="1" w:author="a"><w:r><w:t>八万元</w:t></w:r></w:ins>'
    paragraph._p.append(parse_xml(added))
    form.save(str(tmp_path / "draft.docx"))
    told = run("typeset", tmp_path / "draft.docx", "-o", tmp_path / "draft.pdf")
    assert told.code == 0 and "tracked changes" in told.err


def test_fonts(run: Run) -> None:
    told = run("fonts", "--json")
    validate(told.json, "fonts")
    assert {face["face"]: face["family"] for face in told.json["faces"]}["黑体"] == "Noto Sans SC"
    assert "方正小标宋" in run("fonts").out.replace("\n", "") and run("fonts").code == 0
