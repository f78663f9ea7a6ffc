"""Joined script is compared with the stored PDF's look: a letter changed is found, a genuine page has no finding."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pypdfium2
import pytest
import typst
from numpy.typing import NDArray
from printed_lines import KEEP_OUT, SYMBOL, scanned

from toolkit.formal.description import describe
from toolkit.resources import shared
from toolkit.scan.comparison import Fonts, compare
from toolkit.scan.rendering import Face, Pen
from toolkit.scan.typeface import Typeface
from toolkit.scan.words import words_of
from toolkit.verdict import Finding, Outcome, Reason

LINES = ("تۈر نامى ۋە مەسئۇل كىشى ئىمزاسى", "تەتقىقات مەبلىغى ئىككى مىليون يۈەن", "ھەمكارلىق ئورنى تەجرىبە ئىشلىرى")
FONTS = Fonts({"UKIJTuz": Typeface((shared("fonts") / "UKIJTuz.ttf").read_bytes())})


@lru_cache
def pdf(*lines: str) -> bytes:
    source = (
        "#set page(width: 595.44pt, height: 842.04pt, margin: (x: 80pt, top: 140pt))\n"
        '#set text(font: "UKIJ Tuz", size: 14pt, lang: "ug", dir: rtl)\n' + "\n\n".join(lines * 5)
    )
    return typst.compile(source.encode(), format="pdf", ignore_system_fonts=True, font_paths=[str(shared("fonts"))])


def drawn(data: bytes, dpi: int) -> NDArray[np.uint8]:
    document = pypdfium2.PdfDocument(data)
    try:
        return np.asarray(document[0].render(scale=dpi / 72, rev_byteorder=True).to_numpy()[:, :, :3]).copy()
    finally:
        document.close()


def findings(old: str = "", new: str = "") -> tuple[Finding, ...]:
    record = pdf(*LINES)
    image, corners = scanned(drawn(pdf(*(line.replace(old, new) for line in LINES)) if old else record, 200))
    page = describe(record, zones=[()], watermark="")[0]
    compared = compare(
        image, corners, page, symbol_box=SYMBOL, keep_out=KEEP_OUT, fonts=FONTS, raster=drawn(record, 150)
    )
    return compared.findings


def test_letters_that_join_are_one_word() -> None:
    page = describe(pdf(*LINES), zones=[()], watermark="")[0]
    words = words_of(page.glyphs, [Face.parse(name) for name in page.fonts], Pen({}, 200))
    assert [sum(1 for word in words if word.box[1] == top) for top in sorted({word.box[1] for word in words})] == (
        [len(line.split()) for line in LINES] * 5
    )


def test_a_genuine_page_has_no_finding() -> None:
    assert findings() == ()


@pytest.mark.parametrize(("old", "new"), [("كىشى", "كىسى"), ("نامى", "نانى")])
def test_a_changed_letter_is_found(old: str, new: str) -> None:
    found = [finding for finding in findings(old, new) if finding.outcome is not Outcome.NOTE]
    assert len(found) == 5
    assert all(sorted(finding.recorded or "") == sorted(old) for finding in found)


def test_a_changed_word_is_altered() -> None:
    assert Reason.CONTENT_ALTERED in {finding.reason for finding in findings("ئىككى", "ئالتە")}
