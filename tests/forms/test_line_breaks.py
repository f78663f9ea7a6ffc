"""Where lines may not end: every sign of GB/T 15834 and clreq, held to every line of a page."""

from __future__ import annotations

from itertools import groupby

import pytest
from chinese_lines import NEVER_FIRST, NEVER_LAST, faults, lines
from set_pages import CREATED, Page, fonts, measured, page, pages
from supplied_forms import SAMPLES, filled
from word_files import paragraph

from toolkit.forms.line_breaks import held
from toolkit.forms.typesetting import typeset

JUSTIFIED, SIZE = '<w:jc w:val="both"/>', '<w:sz w:val="28"/>'


def shifted(text: str, count: int) -> list[Page]:
    """Set the text as many times, each time one character further along its lines."""
    return pages("".join(paragraph("一" * shift + text, JUSTIFIED, SIZE) for shift in range(count)))


@pytest.mark.parametrize("signs", [NEVER_FIRST[at : at + 8] for at in range(0, len(NEVER_FIRST), 8)])
def test_what_may_not_begin_a_line_never_does(signs: str) -> None:
    text = "".join(f"中文{sign}字，字{sign}12个" for sign in signs) * 2
    assert [fault for each in shifted(text, 6) for fault in faults(each)] == []


@pytest.mark.parametrize("signs", [NEVER_LAST[at : at + 8] for at in range(0, len(NEVER_LAST), 8)])
def test_what_may_not_end_a_line_never_does(signs: str) -> None:
    text = "".join(f"中文{sign}字字{sign}12个" for sign in signs) * 2
    assert [fault for each in shifted(text, 6) for fault in faults(each)] == []


@pytest.mark.parametrize(
    "whole",
    ["50.00万元", "2025年", "0.45～0.55", "——", "……", "第3条", "30%～50%", "1200℃", "5.2㎡", "都·热"],
)
def test_numbers_stay_with_what_they_count_and_signs_of_two_stay_whole(whole: str) -> None:
    for each in shifted(f"共{whole}字" * 14, len(whole) + 2):
        for line in lines(each):
            rest = line.replace(whole, "")
            assert not set(rest) & set(whole), (whole, line)


def test_a_unit_stays_with_its_number_over_a_blank() -> None:
    for each in shifted("面积为 240 kg·hm的。" * 9, 14):
        assert not [line for line in lines(each) if line.startswith("kg")]


def test_runs_of_other_looks_are_held_together_as_well() -> None:
    def run(text: str, bold: str = "") -> str:
        return f"<w:r><w:rPr>{bold}{SIZE}</w:rPr><w:t>{text}</w:t></w:r>"

    for shift in range(8):
        body = run("一" * shift) + (run("5", "<w:b/>") + run("～") + run("10", "<w:b/>") + run("字字字")) * 12
        assert faults(page(f"<w:p><w:pPr>{JUSTIFIED}</w:pPr>{body}</w:p>")) == []


def test_what_is_wider_than_its_line_is_not_held_together() -> None:
    assert held("12345.00万元", characters=20) == [8, 9]
    assert held("12345.00万元", characters=5) == []
    narrow = page(paragraph("1234567890千克", '<w:ind w:right="8700"/>'))
    assert max(c.x for c in narrow.characters) < 595.3 - 50 - 435


def test_a_dot_between_western_letters_is_western() -> None:
    result = page(paragraph("让·雅克与Jean·Pierre、Жан·Поль"))
    dots = [c.font for c in result.characters if c.text == "·"]
    assert dots == ["NotoSerifSC-Regular", "LiberationSerif", "LiberationSerif"]


def test_marks_beside_each_other_are_narrower_and_text_of_two_scripts_stands_apart() -> None:
    result = page(paragraph("甲（乙）。《丙》丁ab戊", "", '<w:sz w:val="40"/>'))
    place = {c.text: c.x for c in result.characters}
    assert place["丙"] - place["）"] == pytest.approx(2 * 20, abs=0.1)  # ）。《 take 2 of 3 em
    assert place["a"] - place["丁"] == pytest.approx(1.25 * 20, abs=0.1)


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_line_of_the_supplied_forms_breaks_a_rule(sample: str) -> None:
    for name, docx in filled(sample):
        form = typeset(docx, name=name, fonts=fonts(), created=CREATED)
        assert [line for each in measured(form.pdf) for line in faults(each)] == [], name


def test_lines_are_told_apart_by_their_baselines() -> None:
    result = page(paragraph("字" * 60, JUSTIFIED))
    assert [len(line) for line in lines(result)] == [len(list(g)) for _, g in groupby(c.y for c in result.characters)]
