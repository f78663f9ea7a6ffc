"""Automatic numbers: counted by the rules of 17.9, set on the page, and the same as LibreOffice's."""

from __future__ import annotations

from io import BytesIO

import pypdf
import pytest
from docx import Document
from set_pages import CREATED, fonts, measured, typeset_body
from word_files import word_file

from toolkit.errors import TemplateError
from toolkit.forms.blocks import Paragraph, Tab, Text
from toolkit.forms.typesetting import typeset
from toolkit.forms.word import read_form
from toolkit.forms.word_numbering import chinese

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NUMBERING = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"


def level(place: int, form: str, text: str, *more: str) -> str:
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{"".join(more)}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


LEVELS = (
    level(0, "chineseCounting", "%1、", '<w:suff w:val="nothing"/>')
    + level(1, "chineseCounting", "（%2）", '<w:suff w:val="space"/>')
    + level(2, "decimal", "%3.")
    + level(3, "decimal", "%1.%3.%4", "<w:isLgl/>")
)


def numbered(levels: str, *paragraphs: tuple[int, int, str], overrides: str = "", styles: str = "") -> bytes:
    """Return a .docx whose paragraphs are (list, level, text); list 2 has the overrides."""
    part = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="7"/>{overrides}</w:num></w:numbering>'
    )
    body = "".join(
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{place}"/><w:numId w:val="{chosen}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
        for chosen, place, text in paragraphs
    )
    return word_file(
        body,
        parts={"word/numbering.xml": part.encode()},
        relations=f'<Relationship Id="rIdN" Type="{NUMBERING}" Target="numbering.xml"/>',
    )


def labels(docx: bytes) -> list[str]:
    found = []
    for block in read_form(docx, name="form.docx").sections[0].blocks:
        assert isinstance(block, Paragraph)
        found.append(
            "".join("\t" if isinstance(p, Tab) else p.characters for p in block.content if isinstance(p, Text | Tab))
        )
    return found


def test_levels_count_and_begin_again_below_the_one_above() -> None:
    order = [(1, 0), (1, 1), (1, 2), (1, 2), (1, 3), (1, 1), (1, 2), (1, 0), (1, 2)]
    assert labels(numbered(LEVELS, *((chosen, place, "x") for chosen, place in order))) == [
        *("一、x", "（一） x", "1.\tx", "2.\tx", "1.2.1\tx", "（二） x", "1.\tx", "二、x", "1.\tx"),
    ]


def test_two_lists_of_one_kind_go_on_unless_the_second_begins_again() -> None:
    assert labels(numbered(LEVELS, (1, 0, "a"), (2, 0, "b"), (1, 0, "c"))) == ["一、a", "二、b", "三、c"]
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    assert labels(numbered(LEVELS, (1, 0, "a"), (2, 0, "b"), (2, 0, "c"), overrides=again)) == [
        "一、a",
        "五、b",
        "六、c",
    ]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("decimalEnclosedCircle", "%1", ["①", "②", "③"]),
        ("upperRoman", "%1.", ["I.", "II.", "III."]),
        ("lowerLetter", "%1)", ["a)", "b)", "c)"]),
        ("chineseLegalSimplified", "%1、", ["壹、", "贰、", "叁、"]),
        ("ideographTraditional", "%1、", ["甲、", "乙、", "丙、"]),
        ("decimalZero", "%1", ["01", "02", "03"]),
        ("none", "附件", ["附件", "附件", "附件"]),
        ("bullet", "\uf06c", ["●", "●", "●"]),
    ],
)
def test_kinds_of_numbers(form: str, text: str, expected: list[str]) -> None:
    docx = numbered(level(0, form, text, '<w:suff w:val="nothing"/>'), *[(1, 0, "x")] * 3)
    assert labels(docx) == [f"{label}x" for label in expected]


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (21, "二十一"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
    ],
)
def test_chinese_numbers(count: int, written: str) -> None:
    assert chinese(count) == written


def test_a_style_gives_its_paragraphs_their_numbers() -> None:
    document = Document()
    for text in ("甲", "乙"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("丙", style="List Bullet")
    written = BytesIO()
    document.save(written)
    assert labels(written.getvalue()) == ["1.\t甲", "2.\t乙", "•\t丙"]


def test_a_number_hangs_where_its_level_says() -> None:
    hanging = level(0, "decimal", "%1.").replace(
        "</w:lvl>", '<w:pPr><w:ind w:left="800" w:hanging="400"/></w:pPr></w:lvl>'
    )
    form = typeset(numbered(hanging, (1, 0, "文" * 60)), name="f.docx", fonts=fonts(), created=CREATED)
    (page,) = measured(form.pdf)
    assert page.at("1").x == pytest.approx(50 + 20, abs=0.5)
    first, second = page.baselines()[:2]
    starts = [min(c.x for c in page.characters if c.text == "文" and abs(c.y - line) < 1) for line in (first, second)]
    assert starts == pytest.approx([50 + 40, 50 + 40], abs=1)


@pytest.mark.parametrize(
    "levels", [level(0, "koreanCounting", "%1"), level(0, "decimal", "%1", '<w:lvlJc w:val="right"/>')]
)
def test_what_is_not_counted_is_refused(levels: str) -> None:
    with pytest.raises(TemplateError, match="numbers"):
        labels(numbered(levels, (1, 0, "x")))


def test_a_list_that_is_not_there_gives_no_number() -> None:
    assert labels(numbered(LEVELS, (9, 0, "x"), (1, 8, "y"))) == ["x", "y"]


@pytest.mark.real
def test_libreoffice_counts_the_same() -> None:
    # Without level 3: LibreOffice 7.4 does not heed w:isLgl (17.9.4).
    order = [(1, 0), (1, 1), (1, 2), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (2, 0), (2, 2)]
    docx = numbered(LEVELS, *((chosen, place, f"款{at}目") for at, (chosen, place) in enumerate(order)))
    texts = []
    for engine in ("typst", "libreoffice"):
        form = typeset(docx, name="f.docx", fonts=fonts(), created=CREATED, engine=engine)
        texts.append("".join(pypdf.PdfReader(BytesIO(form.pdf)).pages[0].extract_text().split()))
    assert texts[0] == texts[1]


def test_tracked_changes_are_as_if_accepted() -> None:
    body = (
        '<w:p><w:pPr><w:rPr><w:ins w:id="1" w:author="a"/></w:rPr></w:pPr><w:r><w:t>金额</w:t></w:r>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>五</w:delText></w:r></w:del>'
        '<w:ins w:id="3" w:author="a"><w:r><w:t>八</w:t></w:r></w:ins><w:r><w:t>万元</w:t></w:r></w:p>'
    )
    form = read_form(word_file(body), name="form.docx")
    assert form.tracked_changes
    assert [block.text for block in form.sections[0].blocks] == ["金额八万元"]
    assert not read_form(word_file("<w:p/>"), name="form.docx").tracked_changes
    assert typeset_body(body).pages == 1


def test_a_change_that_joins_paragraphs_is_refused() -> None:
    body = '<w:p><w:pPr><w:rPr><w:del w:id="1" w:author="a"/></w:rPr></w:pPr><w:r><w:t>甲</w:t></w:r></w:p><w:p/>'
    with pytest.raises(TemplateError, match="joins two paragraphs"):
        read_form(word_file(body), name="form.docx")
