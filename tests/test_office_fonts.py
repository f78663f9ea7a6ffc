"""An office's own font from its folder to the printed page: set in it, embedded, recorded, judged by it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from toolkit.application.reading import Application, load_application
from toolkit.home import Home
from toolkit.issuing import issue
from toolkit.resources import shared
from toolkit.verdict import Outcome
from toolkit.verifying import verify

NAME, POSTSCRIPT = "仿宋_GB2312", "OfficeFangSong-Regular"


@pytest.fixture
def office_font(home: Home) -> Path:
    """Put a font that is named 仿宋_GB2312 and looks like another one into the home's folder of fonts."""
    font = TTFont(io.BytesIO(shared("fonts", "NotoSansSC-Medium.ttf").read_bytes()), lazy=True)
    font["name"].names = []
    for number, said in ((1, NAME), (2, "Regular"), (4, NAME), (6, POSTSCRIPT)):
        font["name"].setName(said, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 400
    folder = home.folder / "fonts"
    folder.mkdir()
    path = folder / "office.ttf"
    with path.open("wb") as file:
        font.save(file, reorderTables=False)
    settings = home.folder / "settings.toml"
    settings.write_text(settings.read_text("utf-8") + 'fonts_dir = "fonts"\n', "utf-8")
    return path


def test_pages_are_set_in_the_offices_font_which_is_embedded_and_recorded(
    home: Home, office_font: Path, samples: Path
) -> None:
    application: Application = load_application(samples / "small-application.yaml", home=home.folder)
    assert application.programme is not None
    opens = application.programme.windows.submit_from
    with Home.open(home.folder) as office:
        issued = issue(application, home=office, now=opens)
        page = office.store.page(issued.serial, 1, "proposal", 1)
        used = {page.fonts[glyph.font] for glyph in page.glyphs if "\u4e00" <= glyph.character <= "\u9fff"}
        assert POSTSCRIPT in used and not any(name.startswith("TruecopyFangSong") for name in used)
        digest = hashlib.sha256(office_font.read_bytes()).digest()
        stored = office.store.submission(issued.serial)
        assert stored is not None
        assert {"name": "office.ttf", "sha256": digest.hex()} in stored.record["fonts"]  # type: ignore[operator]
        assert office.store.file(digest) == office_font.read_bytes()
        (printed,) = (file.content for file in issued.files if file.name.endswith("-proposal.pdf"))
        office_font.unlink()  # what is printed is judged by the record's own font
        verdict = verify([("print.pdf", printed)], home=office, now=opens, pages_only=True)
        assert verdict.outcome is Outcome.PASSED
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        names = [str(font.BaseFont) for font in fonts if POSTSCRIPT in str(font.BaseFont)]
        assert names and all(name[7] == "+" for name in names)  # /ABCDEF+Name: a subset
        for font in fonts:
            (below,) = font.get("/DescendantFonts", (font,))
            assert {"/FontFile2", "/FontFile3"} & set(below.FontDescriptor.keys())
