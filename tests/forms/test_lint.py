"""The linter on whole Word files: constructs, fonts, characters, zones, beside the tags."""

from __future__ import annotations

import pytest
from word_files import word_file

from toolkit.errors import TemplateError
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.lint import Linted, lint, variables
from toolkit.resources import shared
from toolkit.verdict import Outcome

FONTS = FontCatalogue.load(shared("fonts"))


def linted(body: str, zones: tuple[str, ...] = (), **how: str) -> Linted:
    return lint(word_file(body, **how), name="form.docx", fonts=FONTS, names={"title": "title"}, zones=zones)  # type: ignore[arg-type]


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:r>{properties}<w:t>{text}</w:t></w:r></w:p>"


def cell(inner: str) -> str:
    return (
        '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="4000"/></w:tblGrid>'
        f'<w:tr><w:tc><w:tcPr><w:tcW w:w="4000" w:type="dxa"/></w:tcPr>{inner}</w:tc></w:tr></w:tbl>'
    )


def marked(name: str) -> str:
    return f'<w:p><w:bookmarkStart w:id="1" w:name="{name}"/><w:r><w:t>章</w:t></w:r><w:bookmarkEnd w:id="1"/></w:p>'


def test_a_sound_template() -> None:
    found = linted(p("项目：{{ title }}") + cell(marked("unit_chop")) + p("止"), zones=("unit_chop",))
    assert found.findings == () and found.used == {"title"}
    assert found.pdf is not None and found.pdf.startswith(b"%PDF")


def test_every_construct_that_is_not_set_is_told_with_its_paragraph() -> None:
    equation = "<w:p><m:oMath/></w:p>"
    found = linted(p("一") + equation + p("二") + cell("<w:p><m:oMath/></w:p>") + equation + p("三"))
    places = [(f.paragraph.number if f.paragraph else None, "m:oMath" in str(f.message)) for f in found.findings]
    assert places == [(2, True), (4, True), (5, True)]
    assert found.pdf is None


def test_fonts_that_are_not_there_are_indeterminate() -> None:
    found = linted(p("宋体") + p("华文行楷体", '<w:rPr><w:rFonts w:eastAsia="华文行楷"/></w:rPr>'))
    (finding,) = found.findings
    assert finding.outcome is Outcome.INDETERMINATE and "华文行楷" in str(finding.message)
    assert finding.paragraph is not None and finding.paragraph.number == 2


def test_characters_that_no_font_has_are_told_once() -> None:
    found = linted(p("甲\U00013000乙") + p("\U00013000"))
    (finding,) = [f for f in found.findings if "U+13000" in str(f.message)]
    assert finding.paragraph is not None and finding.paragraph.number == 1


def test_zones_must_be_bookmarks_in_cells() -> None:
    found = linted(marked("in_text") + cell(marked("extra")) + p("止"), zones=("in_text", "absent"))
    said = {str(f.message): f.outcome for f in found.findings}
    assert [outcome for text, outcome in said.items() if "“in_text” stands in no table cell" in text] == [
        Outcome.FAILED
    ]
    assert [outcome for text, outcome in said.items() if "“absent” is missing" in text] == [Outcome.FAILED]
    assert [outcome for text, outcome in said.items() if "“extra” is no zone" in text] == [Outcome.NOTE]


def test_tags_in_headers_are_read_too() -> None:
    header = (
        f'<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{p("{{ titel }}")}</w:hdr>'
    ).encode()
    found = lint(
        word_file(p("好"), parts={"word/header1.xml": header}), name="form.docx", fonts=FONTS, names={"title": "title"}
    )
    (finding,) = found.findings
    assert finding.paragraph is not None
    assert (finding.paragraph.part, finding.paragraph.number) == ("word/header1.xml", 1)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7"])
def test_what_is_no_word_file_is_an_error(data: bytes) -> None:
    with pytest.raises(TemplateError):
        lint(data, name="form.docx", fonts=FONTS)


def test_variables_alone() -> None:
    assert variables(word_file(p("{{ title }}")), name="f", names={"title": "title"}) == {"title"}
    assert variables(word_file(p("{{ title")), name="f", names={"title": "title"}) is None
