"""Fields: page numbers are counted, form fields and references show what they show, and the rest is refused."""

from __future__ import annotations

import pytest
from set_pages import page, pages
from word_files import paragraph

from toolkit.errors import TemplateError


def begun(code: str, form: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{form}</w:fldChar></w:r><w:r><w:instrText> {code} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


END = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def shown(code: str, result: str, form: str = "") -> str:
    return f"{begun(code, form)}<w:r><w:t>{result}</w:t></w:r>{END}"


@pytest.mark.parametrize("code", ["REF 甲方 \\h", "SEQ 表 \\* ARABIC", "DOCPROPERTY 编号", "FORMTEXT", "TITLE"])
def test_fields_that_only_their_author_changes_show_their_result(code: str) -> None:
    assert page(f"<w:p><w:r><w:t>前</w:t></w:r>{shown(code, '结果')}<w:r><w:t>后</w:t></w:r></w:p>").text == "前结果后"


@pytest.mark.parametrize("code", ["DATE \\@ yyyy", "TIME", "EQ \\o(甲,乙)", "INCLUDETEXT a", "IF 1=1 a b", "=1+1"])
def test_other_fields_are_refused(code: str) -> None:
    with pytest.raises(TemplateError, match="the field “" + code[:2]):
        page(f"<w:p>{shown(code, '结果')}</w:p>")


@pytest.mark.parametrize(
    ("form", "sign"),
    [
        ('<w:checkBox><w:default w:val="0"/></w:checkBox>', "☐"),
        ('<w:checkBox><w:default w:val="1"/></w:checkBox>', "☑"),
        ('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>', "☑"),
        ('<w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox>', "☐"),
    ],
)
def test_checkboxes_of_forms_are_signs(form: str, sign: str) -> None:
    box = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{form}</w:ffData></w:fldChar></w:r>'
    box += f"<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>{END}"
    assert page(f"<w:p>{box}<w:r><w:t>同意</w:t></w:r></w:p>").text == f"{sign}同意"


def test_a_choice_of_a_form_shows_what_was_chosen() -> None:
    entries = "".join(f'<w:listEntry w:val="{each}"/>' for each in "甲乙丙")
    form = f'<w:ffData><w:ddList><w:result w:val="1"/>{entries}</w:ddList></w:ffData>'
    assert page(f"<w:p>{shown('FORMDROPDOWN', '', form)}</w:p>").text == "乙"


def heading(text: str, bookmark: str) -> str:
    return (
        f'<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:bookmarkStart w:id="1" w:name="{bookmark}"/><w:r><w:t>{text}</w:t>'
        '</w:r><w:bookmarkEnd w:id="1"/></w:p>'
    )


def test_a_table_of_contents_has_the_numbers_of_the_pages_as_they_are_set() -> None:
    def entry(text: str, target: str, before: str = "", after: str = "") -> str:
        number = shown(f"PAGEREF {target} \\h", "9")
        return (
            f'<w:p>{before}<w:hyperlink w:anchor="{target}"><w:r><w:t>{text}</w:t></w:r><w:r><w:tab/></w:r>{number}'
            f"</w:hyperlink>{after}</w:p>"
        )

    contents = entry("甲", "_Toc1", before=begun('TOC \\o "1-3" \\h')) + entry("乙", "_Toc2")
    contents += entry("丙", "_Toc9") + f"<w:p>{END}</w:p>"
    result = pages(contents + heading("甲章", "_Toc1") + heading("乙章", "_Toc2"))
    assert [each.text for each in result] == ["甲2乙3丙9", "甲章", "乙章"]


def test_a_page_number_that_goes_over_paragraphs_is_refused() -> None:
    with pytest.raises(TemplateError, match="a field that goes over several paragraphs"):
        page(f"<w:p>{begun('PAGE')}<w:r><w:t>1</w:t></w:r></w:p><w:p>{END}</w:p>")


def test_what_stands_in_an_instruction_is_not_text() -> None:
    nested = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> QUOTE </w:instrText></w:r>'
        f'{shown("TITLE", "内")}<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>外</w:t></w:r>{END}'
    )
    assert page(f"<w:p>{nested}</w:p>" + paragraph("止")).text == "外止"
