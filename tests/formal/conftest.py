"""PDFs to describe, watermark and seal, set by typst with the project's own fonts."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

import pytest
import typst
from PIL import Image

from toolkit.resources import shared

HEAD = """
#set page(paper: "a4", margin: (top: 46mm, left: 28mm, right: 26mm, bottom: 25mm), footer: context align(center)[
  — #counter(page).display() —])
#set document(title: "项目申报书", date: datetime(year: 2025, month: 6, day: 20))
#set text(font: ("Liberation Serif", "Noto Serif SC", "UKIJ Tuz"), size: 10.5pt, lang: "zh", region: "cn")
#set par(justify: true)
"""

LINE = "本项目面向干旱区棉花种质资源的联合评价与利用，申请经费50.00万元，由新疆农业科学院牵头。"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(shared("fonts"))])


@lru_cache(maxsize=64)
def set_pages(source: str) -> bytes:
    picture = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(picture, "PNG")
    let = f"#let picture = bytes(({', '.join(map(str, picture.getvalue()))}))\n"
    return typst.compile((HEAD + let + source).encode(), font_paths=_fonts(), pdf_standards=["a-2b"])


@pytest.fixture(scope="session")
def typeset() -> Callable[[str], bytes]:
    return set_pages


@pytest.fixture(scope="session")
def four_pages() -> bytes:
    table = "#table(columns: (1fr, 2fr), [项目名称], [棉花种质资源], [负责人], [喆堃], [经费], [50.00 万元])\n"
    page = table + "\n\n".join([LINE * 3] * 6) + "\n#image(picture, width: 4cm)\n"
    return set_pages("#pagebreak()\n".join([page] * 4))
