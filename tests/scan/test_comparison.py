"""Three answers, on pages that are genuine, altered by one character, covered, or another's."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from printed_lines import KEEP_OUT, LINES, SYMBOL, described, fonts, printed, scanned

from toolkit.page import Glyph, PageDescription
from toolkit.scan.comparison import Comparison, Fonts, compare
from toolkit.verdict import Outcome, Reason

RECORD = described(LINES)
FONTS = Fonts(fonts())


def compared(picture: NDArray[np.uint8], **device: float) -> Comparison:
    image, corners = scanned(picture, **device)  # type: ignore[arg-type]
    return compare(image, corners, RECORD, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS, key_texts=["王建国"])


def with_glyph(old: str, new: str, *, occurrence: int = 0) -> PageDescription:
    """Return the record with one character of ``old`` printed as ``new``; both are equally long."""
    text = RECORD.text
    at = -1
    for _ in range(occurrence + 1):
        at = text.index(old, at + 1)
    glyphs: list[Glyph] = list(RECORD.glyphs)
    for offset, character in enumerate(new):
        glyphs[at + offset] = glyphs[at + offset]._replace(character=character)
    return replace(RECORD, glyphs=tuple(glyphs))


@pytest.mark.parametrize("degrees", [0.0, 1.4, -0.8])
def test_a_genuine_page_has_no_finding(degrees: float) -> None:
    assert compared(printed(RECORD), degrees=degrees).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "recorded", "seen"),
    [
        ("120.00", "170.00", "120.00万元", "170.00万元"),
        ("0.85", "0.65", "0.85", "0.65"),
        ("王建国", "王健国", "王建国", "王健国"),
        ("土壤水盐", "士壤水盐", "括土壤水盐", None),
        ("品种筛选", "晶种筛选", None, None),
    ],
)
def test_a_changed_character_is_found_and_read(old: str, new: str, recorded: str | None, seen: str | None) -> None:
    findings = compared(printed(with_glyph(old, new))).findings
    assert [finding.reason for finding in findings] == [Reason.CONTENT_ALTERED]
    if seen is not None:
        assert (findings[0].recorded, findings[0].seen) == (recorded, seen)
    assert findings[0].box is not None and findings[0].image_box is not None
    assert findings[0].is_key is (old in ("120.00", "0.85", "王建国"))


def test_an_erased_character_is_found() -> None:
    findings = compared(printed(with_glyph("不低于", "\u3000低于"))).findings
    assert [finding.reason for finding in findings] == [Reason.CONTENT_ALTERED]


def test_a_stroke_through_a_number_is_found() -> None:
    picture = printed(RECORD)
    glyph = RECORD.glyphs[RECORD.text.index("120.00")]
    x, y = (round(edge * 200 / 7200) for edge in (glyph.box[0], glyph.box[1] + 700))
    cv2.line(picture, (x - 10, y + 4), (x + 120, y - 4), (30, 30, 120), 4, cv2.LINE_AA)
    findings = compared(picture).findings
    assert any(finding.outcome is Outcome.FAILED and "120.00" in (finding.recorded or "") for finding in findings)


def test_ink_away_from_text_is_a_note() -> None:
    picture = printed(RECORD)
    cv2.line(picture, (120, 1200), (170, 1260), (30, 30, 120), 5, cv2.LINE_AA)
    findings = compared(picture).findings
    assert [finding.reason for finding in findings] == [Reason.INK_ADDED]


def test_dust_a_hair_and_a_streak_say_nothing() -> None:
    picture = printed(RECORD)
    random = np.random.default_rng(1)
    for x, y in random.integers((100, 100), (1550, 2250), (60, 2)):
        cv2.circle(picture, (int(x), int(y)), 1, (120, 120, 120), -1, cv2.LINE_AA)
    picture[:, 1480:1482] //= 2
    assert [f for f in compared(picture).findings if f.outcome is not Outcome.NOTE] == []


def test_a_red_chop_over_text_does_not_alarm_in_colour() -> None:
    picture = printed(RECORD)
    layer = np.full_like(picture, 255)
    cv2.circle(layer, (700, 1100), 165, (200, 40, 50), 12, cv2.LINE_AA)
    assert compared(np.minimum(picture, layer)).findings == ()


def test_a_chop_in_grey_is_never_an_alteration() -> None:
    picture = printed(RECORD)
    layer = np.full_like(picture, 255)
    cv2.circle(layer, (700, 1100), 165, (95, 95, 95), 12, cv2.LINE_AA)
    assert all(finding.outcome is not Outcome.FAILED for finding in compared(np.minimum(picture, layer)).findings)


def test_a_smeared_amount_is_illegible_and_never_the_same() -> None:
    picture = printed(RECORD)
    glyph = RECORD.glyphs[RECORD.text.index("120.00")]
    x, y = (round(edge * 200 / 7200) for edge in glyph.box[:2])
    part = picture[y - 4 : y + 40, x - 4 : x + 110]
    part[:] = cv2.GaussianBlur(part, (0, 0), 9)
    findings = compared(picture).findings
    assert findings and findings[0].outcome in (Outcome.INDETERMINATE, Outcome.FAILED)
    assert "120.00" in (findings[0].recorded or "")


@pytest.mark.parametrize("other", [LINES[::-1], [line[::-1] for line in LINES]])
def test_another_page_is_told_as_one(other: list[str]) -> None:
    findings = compared(printed(described(other))).findings
    assert [finding.reason for finding in findings] == [Reason.PAGE_SUBSTITUTED]


def test_numbers_of_persons_are_not_shown() -> None:
    private = described((*LINES[:7], "身份证号码653101198610030007，见附件。"))
    glyphs = list(private.glyphs)
    at = private.text.index("1986")
    glyphs[at] = glyphs[at]._replace(character="7")
    image, corners = scanned(printed(replace(private, glyphs=tuple(glyphs))))
    found = compare(image, corners, private, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS).findings
    assert [finding.reason for finding in found] == [Reason.CONTENT_ALTERED]
    assert "6531" not in str(found[0].to_dict()) and "1986" not in str(found[0].to_dict())


def test_dots_of_the_watermark_on_a_fax_are_no_ink_that_was_put_there() -> None:
    picture = printed(RECORD)
    height, width = picture.shape[:2]
    mark = np.zeros((height, width), np.float32)
    mark[800:960, 300:900] = 1
    for y in range(804, 956, 9):
        for x in range(304, 896, 9):
            picture[y : y + 4, x : x + 4] = 0
    image, corners = scanned(picture)
    fax = np.where(image > 150, np.uint8(255), np.uint8(0))
    given = {"symbol_box": SYMBOL, "keep_out": KEEP_OUT, "fonts": FONTS}
    known = compare(fax, corners, RECORD, watermark=mark, **given).findings  # type: ignore[arg-type]
    unknown = compare(fax, corners, RECORD, **given).findings  # type: ignore[arg-type]
    assert not [finding for finding in known if finding.outcome is Outcome.FAILED]
    assert Reason.INK_ADDED not in {finding.reason for finding in known}
    assert {Reason.INK_ADDED, Reason.CONTENT_ALTERED} & {finding.reason for finding in unknown}
