"""LibreOffice as an engine: what it is given, how its failures are told, and (marked real) what it makes.

The tests marked ``real`` fail, and do not skip, where LibreOffice is missing.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pypdfium2
import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from reportlab.pdfgen.canvas import Canvas

from toolkit.errors import TypesettingError
from toolkit.forms import libreoffice
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.libreoffice import Converted, convert, convert_all, fontconfig, to_pdf

FONTS = Path(__file__).parents[2] / "fonts"
UYGHUR = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونلۇق پەن-تېخنىكا نازارىتى"
KAZAKH = "Қазақстан Республикасының ғалымы Әлия Өтеген"


@pytest.fixture(scope="module")
def fonts() -> FontCatalogue:
    return FontCatalogue.load(FONTS)


def form(text: str = "申报单位：欧阳喆、𬭎堃", *, field: str = "", chunk: bool = False) -> bytes:
    """Make a form with a paragraph in each of Word's faces and a bordered table of named cells."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(28)
    for face in ("方正小标宋简体", "宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "Comic Sans MS"):
        run = document.add_paragraph().add_run(f"{face} {text} ☑ 10⁻³ ￥50 {KAZAKH}")
        run.font.size = Pt(14)
        names = run._r.get_or_add_rPr().get_or_add_rFonts()
        names.set(qn("w:eastAsia"), face)
        for script in ("ascii", "hAnsi"):
            names.set(qn(f"w:{script}"), "Times New Roman")
    run = document.add_paragraph().add_run(UYGHUR)
    run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))
    table = document.add_table(3, 2, style="Table Grid")
    table.cell(0, 0).text = "单位（公章）"
    wide = table.cell(1, 0).merge(table.cell(1, 1))
    for number, (name, cell) in enumerate(
        {"chop": table.cell(0, 1), "opinion": wide, "date": table.cell(2, 1)}.items()
    ):
        start = OxmlElement("w:bookmarkStart")
        start.set(qn("w:id"), str(number))
        start.set(qn("w:name"), name)
        cell.paragraphs[0]._p.append(start)
    for row, height in zip(table.rows, (30, 60, 12), strict=True):
        row.height = Mm(height)
    document.add_comment(document.paragraphs[0].runs, text="给模板作者", author="office")
    if field:
        element = OxmlElement("w:fldSimple")
        element.set(qn("w:instr"), field)
        document.add_paragraph()._p.append(element)
    if chunk:
        document.element.body.insert(0, OxmlElement("w:altChunk"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# --- without LibreOffice: what it is told, and what becomes of its failures ---


@pytest.fixture
def soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program named soffice on PATH that runs the given Python, with ``out`` and ``sources`` worked out."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(libreoffice, "PLACES", ())

    def write(code: str) -> Path:
        program = tmp_path / "soffice"
        program.write_text(
            f"#!{sys.executable}\nimport os, pathlib, subprocess, sys, time\n"
            "out = pathlib.Path(sys.argv[sys.argv.index('--outdir') + 1])\n"
            "sources = [pathlib.Path(name) for name in sys.argv[sys.argv.index('--outdir') + 2 :]]\n"
            "out.mkdir()\n"
            f"{code}\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        return tmp_path

    return write


@pytest.mark.usefixtures("soffice")
def test_absence_is_told_with_what_to_do(fonts: FontCatalogue) -> None:
    with pytest.raises(
        TypesettingError, match="LibreOffice is not installed: install it .* or set the form with Typst"
    ):
        convert(form(), name="form.docx", fonts=fonts)


def test_usual_places_are_looked_in(
    fonts: FontCatalogue, soffice: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = soffice("print('from its usual place')")
    monkeypatch.setenv("PATH", str(folder / "empty"))
    monkeypatch.setattr(libreoffice, "PLACES", (folder / "nowhere", folder / "soffice"))
    with pytest.raises(TypesettingError, match="from its usual place"):
        convert(form(), name="form.docx", fonts=fonts)


def test_hung_program_is_killed_with_its_children(fonts: FontCatalogue, soffice: Callable[[str], Path]) -> None:
    folder = soffice(
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path(__file__).with_name('child').write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    begin = time.monotonic()
    with pytest.raises(TypesettingError, match="did not finish “form.docx” in 2 s and was stopped"):
        convert(form(), name="form.docx", fonts=fonts, timeout_seconds=2)
    assert time.monotonic() - begin < 20
    child = int((folder / "child").read_text())
    for _ in range(100):
        if not _alive(child):
            return
        time.sleep(0.05)
    pytest.fail("the child of the hung program lives on")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Killed, but not yet collected by init (in a container that may take until the end): it runs no more.
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("print('Error: source file could not be loaded')", r"no PDF of “form.docx” \(Error: source file could not"),
        ("os.kill(os.getpid(), 9)", r"no PDF of “form.docx” \(it said nothing\)"),
        ("[(out / f'{s.stem}.pdf').write_bytes(b'') for s in sources]", "no PDF of “form.docx”"),
        ("[(out / f'{s.stem}.pdf').write_bytes(b'%PDF-1.7 torn') for s in sources]", "a damaged PDF of “form.docx”"),
        ("(out / 'form0.pdf').write_bytes(b'%PDF-1.7')", "no PDF of “form.docx”"),  # the second form is missing
    ],
)
def test_failure_is_told(fonts: FontCatalogue, soffice: Callable[[str], Path], code: str, says: str) -> None:
    soffice(code)
    with pytest.raises(TypesettingError, match=says):
        to_pdf(form(), name="form.docx", fonts=fonts)


def test_forms_behind_a_crash_are_set_again_each_by_a_process_of_its_own(
    fonts: FontCatalogue, soffice: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of three forms kills the program whenever it is set; the first crash of the third is chance."""
    folder = soffice(
        "here = pathlib.Path(__file__).parent\n"
        "with (here / 'runs').open('a') as runs: print(*[s.stem for s in sources], file=runs)\n"
        "for source in sources:\n"
        "    if b'deadly' in source.read_bytes(): os.kill(os.getpid(), 9)\n"
        "    (out / f'{source.stem}.pdf').write_bytes(b'set ' + source.stem.encode())"
    )
    monkeypatch.setattr(libreoffice, "_reproducible", lambda data, name, fonts: (data, 1, ()))
    monkeypatch.setattr(libreoffice, "paint", lambda parts, name: (b"", {}))
    monkeypatch.setattr(libreoffice._Job, "of", lambda number, name, docx, fonts: _job(number, name, docx))
    forms = [("a.docx", b"fine"), ("b.docx", b"deadly"), ("c.docx", b"fine")]
    with pytest.raises(TypesettingError, match=r"no PDF of “b\.docx” \(it said nothing\)"):
        convert_all(forms, fonts=fonts)
    assert (folder / "runs").read_text().splitlines() == ["form0 form1 form2", "form1", "form1"]
    (folder / "runs").unlink()
    made = convert_all([forms[0], forms[2]], fonts=fonts)
    assert [each.pdf for each in made] == [b"set form0", b"set form1"]
    assert (folder / "runs").read_text().splitlines() == ["form0 form1"]


def _job(number: int, name: str, docx: bytes) -> libreoffice._Job:
    return libreoffice._Job(name, {f"form{number}": docx}, {})


def test_a_crash_by_chance_costs_nothing_but_time(
    fonts: FontCatalogue, soffice: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    soffice(
        "here = pathlib.Path(__file__).parent / 'ran'\n"
        "if not here.exists(): here.touch(); os.kill(os.getpid(), 9)\n"
        "[(out / f'{s.stem}.pdf').write_bytes(b'set') for s in sources]"
    )
    monkeypatch.setattr(libreoffice, "_reproducible", lambda data, name, fonts: (data, 1, ()))
    monkeypatch.setattr(libreoffice._Job, "of", lambda number, name, docx, fonts: _job(number, name, docx))
    assert convert(b"", name="a.docx", fonts=fonts).pdf == b"set"


def test_program_that_cannot_start_is_told(fonts: FontCatalogue, soffice: Callable[[str], Path]) -> None:
    (soffice("") / "soffice").write_bytes(b"\x7fELF no program at all")
    with pytest.raises(TypesettingError, match="cannot be started"):
        convert(form(), name="form.docx", fonts=fonts)


def test_pdf_in_other_fonts_is_refused(fonts: FontCatalogue, soffice: Callable[[str], Path], tmp_path: Path) -> None:
    strange = tmp_path / "strange.pdf"
    canvas = Canvas(str(strange))
    canvas.drawString(72, 72, "set in Helvetica")
    canvas.save()
    soffice(f"[(out / f'{{s.stem}}.pdf').write_bytes(open({str(strange)!r}, 'rb').read()) for s in sources]")
    with pytest.raises(
        TypesettingError, match=r"other fonts than Truecopy's \(Helvetica\): install the fonts of .*fonts"
    ):
        convert(form(), name="form.docx", fonts=fonts)


def test_every_run_has_a_folder_of_its_own_that_is_gone_afterwards(
    fonts: FontCatalogue, soffice: Callable[[str], Path]
) -> None:
    folder = soffice(
        "import json\n"
        "here = {k: os.environ.get(k) for k in ('HOME', 'FONTCONFIG_FILE')} | {'cwd': os.getcwd(), 'argv': sys.argv}\n"
        "profile = pathlib.Path(os.environ['HOME'], 'profile/user/registrymodifications.xcu').read_text()\n"
        "pathlib.Path(__file__).with_name('seen').write_text(json.dumps([here, profile]))"
    )
    with pytest.raises(TypesettingError):
        convert(form(), name="form.docx", fonts=fonts)
    seen, profile = json.loads((folder / "seen").read_text())
    temporary = Path(seen["HOME"])
    assert Path(seen["cwd"]).samefile(temporary) if temporary.exists() else Path(seen["cwd"]).name == temporary.name
    assert Path(seen["FONTCONFIG_FILE"]).parent == temporary
    assert f"-env:UserInstallation={(temporary / 'profile').as_uri()}" in seen["argv"]
    assert not temporary.exists()
    settings = {prop.get("{http://openoffice.org/2001/registry}name"): prop[0].text for prop in _props(profile)}
    assert settings["DisableMacrosExecution"] == "true" and settings["BlockUntrustedRefererLinks"] == "true"


def _props(profile: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(profile).iter("prop"))


@pytest.mark.parametrize("field", ["INCLUDEPICTURE http://example.org/a.png", ' includetext "/etc/passwd"', "DDE a b"])
def test_field_that_fetches_is_refused(fonts: FontCatalogue, field: str) -> None:
    with pytest.raises(TypesettingError, match=f"has a field {field.split()[0].upper()}, which fetches another file"):
        convert(form(field=field), name="form.docx", fonts=fonts)


def test_field_whose_name_is_split_over_runs_is_refused(fonts: FontCatalogue) -> None:
    document = Document()
    for tag, text in (("fldChar", None), ("instrText", " INCLUDE"), ("instrText", "TEXT x"), ("fldChar", None)):
        element = OxmlElement(f"w:{tag}")
        element.text = text
        document.add_paragraph().add_run()._r.append(element)
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(TypesettingError, match="has a field INCLUDETEXT"):
        convert(out.getvalue(), name="form.docx", fonts=fonts)


@pytest.mark.usefixtures("soffice")
def test_page_fields_and_links_are_no_fetching(fonts: FontCatalogue) -> None:
    with pytest.raises(TypesettingError, match="not installed"):
        convert(form("见 LINK 一章", field="PAGE \\* MERGEFORMAT"), name="form.docx", fonts=fonts)


def test_embedded_document_is_refused(fonts: FontCatalogue) -> None:
    with pytest.raises(TypesettingError, match="“form.docx” holds another document"):
        convert(form(chunk=True), name="form.docx", fonts=fonts)


def test_character_that_no_font_has_is_named(fonts: FontCatalogue) -> None:
    with pytest.raises(TypesettingError, match=r"“form.docx” has characters that no font has: 😀 \(U\+1F600\); write"):
        convert(form("笑😀"), name="form.docx", fonts=fonts)


def test_fontconfig_shows_only_the_catalogue(fonts: FontCatalogue, tmp_path: Path) -> None:
    root = ElementTree.fromstring(fontconfig(fonts, tmp_path / "cache"))
    assert [element.text for element in root.iter("dir")] == [str(FONTS)]
    assert root.find("include") is None
    rules = {
        match.findtext("test/string"): [
            (edit.get("name"), edit.findtext("string") or edit.findtext("const")) for edit in match.iter("edit")
        ]
        for match in root.iter("match")
    }
    assert rules["仿宋_GB2312"] == [("family", "Truecopy FangSong")]
    assert rules["方正小标宋简体"] == [("family", "Noto Serif SC"), ("weight", "bold")]
    assert rules[None] == [("family", "Noto Serif SC")]  # behind every face


# --- with LibreOffice ---


@pytest.fixture(scope="module")
def converted(fonts: FontCatalogue) -> Converted:
    return convert(form(), name="form.docx", fonts=fonts)


@pytest.mark.real
def test_faces_are_set_in_our_fonts(converted: Converted) -> None:
    assert converted.pages == 1
    assert {file.path.name for file in converted.fonts} == {
        "LiberationSerif-Regular.ttf",
        "NotoSansSC-Medium.ttf",
        "NotoSerif-Superscripts.ttf",
        "NotoSerifSC-Bold.ttf",
        "NotoSerifSC-Regular.ttf",
        "TruecopyFangSong-Regular.ttf",
        "TruecopyKai-Regular.ttf",
        "UKIJTuz.ttf",
    }


@pytest.mark.real
def test_text_can_be_taken_out_again(converted: Converted) -> None:
    with pypdfium2.PdfDocument(converted.pdf) as document:
        text = document[0].get_textpage().get_text_range()
    lines = [line for line in text.split("\r\n") if "申报单位：" in line]
    assert len(lines) == 6
    for line in lines:
        # LibreOffice writes characters of a fallback font after the run that they stand in: all there, not in order.
        assert set("申报单位：欧阳喆、𬭎堃☑10⁻³￥50") <= set(line)
    assert UYGHUR in text and KAZAKH.split()[0] in text


@pytest.mark.real
def test_same_form_gives_the_same_bytes(converted: Converted, fonts: FontCatalogue) -> None:
    assert to_pdf(form(), name="form.docx", fonts=fonts) == converted.pdf


@pytest.mark.real
def test_named_cells_lie_where_their_borders_are_drawn(converted: Converted) -> None:
    chop, opinion, date = converted.cells
    assert [cell.name for cell in converted.cells] == ["chop", "opinion", "date"]
    assert {cell.page for cell in converted.cells} == {1}
    heights = [box[3] - box[1] for _, _, box in converted.cells]
    for height, millimetres in zip(heights, (30, 60, 12), strict=True):
        assert height == pytest.approx(millimetres / 25.4 * 7200, abs=100)  # 1/100 pt; borders are 0.5 pt
    assert chop.box[0] == date.box[0] and chop.box[2] == opinion.box[2] == date.box[2]
    assert opinion.box[2] - opinion.box[0] == pytest.approx(2 * (chop.box[2] - chop.box[0]), abs=100)
    with pypdfium2.PdfDocument(converted.pdf) as document:
        page = document[0]
        bounds = [item.get_bounds() for item in page.get_objects() if item.type == 2]  # paths: the borders
        tops = [round((page.get_height() - top) * 100) for _, _, _, top in bounds]
    for cell in converted.cells:
        assert min(abs(cell.box[1] - top) for top in tops) <= 100


@pytest.mark.real
def test_pdf_is_archival_and_says_nothing_of_comments_and_times(converted: Converted) -> None:
    with pikepdf.open(io.BytesIO(converted.pdf)) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
        assert "xmp:CreateDate" not in metadata
        assert "/Info" not in pdf.trailer
        assert all("/Annots" not in page for page in pdf.pages)


@pytest.mark.real
def test_several_forms_by_one_start_are_what_each_is_alone(converted: Converted, fonts: FontCatalogue) -> None:
    first, second = convert_all([("a.docx", form("另一份")), ("b.docx", form())], fonts=fonts)
    assert (second.pdf, second.pages, second.cells) == (converted.pdf, converted.pages, converted.cells)
    assert first.pdf != second.pdf and [cell.name for cell in first.cells] == ["chop", "opinion", "date"]


@pytest.mark.real
def test_short_time_is_not_enough(fonts: FontCatalogue) -> None:
    with pytest.raises(TypesettingError, match="in 0.05 s and was stopped"):
        convert(form(), name="form.docx", fonts=fonts, timeout_seconds=0.05)
