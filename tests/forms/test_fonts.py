"""The catalogue of fonts: which face is set in what, what it lacks, and that the committed files are what it says."""

from __future__ import annotations

import hashlib
import time
import tomllib
from io import BytesIO
from pathlib import Path

import pytest
import typst
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from toolkit.errors import TypesettingError
from toolkit.forms.fonts import FontCatalogue

FONTS = Path(__file__).parents[2] / "fonts"


@pytest.fixture(scope="module")
def catalogue() -> FontCatalogue:
    return FontCatalogue.load(FONTS)


def standard_characters() -> set[str]:
    """通用规范汉字表, from the list that the build reads too; its length and rarest members are asserted by value."""
    lines = (FONTS / "standard_characters.txt").read_text(encoding="utf-8").splitlines()
    return {character for line in lines if not line.startswith("#") for character in line}


def test_list_of_standard_characters_is_whole() -> None:
    characters = standard_characters()
    assert len(characters) == 8105
    assert characters.issuperset("一喆堃昇玥赟𬭎𫖯㑇䶮鿍𬺈") and not characters & set("體龍囍")


@pytest.mark.parametrize(
    ("face", "family", "bold"),
    [
        ("宋体", "Noto Serif SC", False),
        ("SimSun", "Noto Serif SC", False),
        ("NSimSun", "Noto Serif SC", False),
        ("新宋体", "Noto Serif SC", False),
        ("方正小标宋简体", "Noto Serif SC", True),
        ("方正小标宋_GBK", "Noto Serif SC", True),
        ("华文中宋", "Noto Serif SC", False),
        ("STZhongsong", "Noto Serif SC", False),
        ("仿宋", "Truecopy FangSong", False),
        ("仿宋_GB2312", "Truecopy FangSong", False),
        ("FangSong", "Truecopy FangSong", False),
        ("黑体", "Noto Sans SC", False),
        ("SimHei", "Noto Sans SC", False),
        ("微软雅黑", "Noto Sans SC", False),
        ("等线", "Noto Sans SC", False),
        ("楷体", "Truecopy Kai", False),
        ("楷体_GB2312", "Truecopy Kai", False),
        ("KaiTi", "Truecopy Kai", False),
        ("Times New Roman", "Liberation Serif", False),
        ("Cambria", "Liberation Serif", False),
        ("Calibri", "Liberation Sans", False),
        ("Arial", "Liberation Sans", False),
        ("UKIJ Tuz", "UKIJ Tuz", False),
        ("UKIJ Tuz Tom", "UKIJ Tuz", False),
        ("Microsoft Uighur", "UKIJ Tuz", False),
        ("Liberation Serif", "Liberation Serif", False),
        (" simsun ", "Noto Serif SC", False),
        ("@仿宋_gb2312", "Truecopy FangSong", False),
    ],
)
def test_face_of_a_word_file_is_set_in(catalogue: FontCatalogue, face: str, family: str, bold: bool) -> None:
    found = catalogue.face(face)
    assert (found.family, found.bold, found.known) == (family, bold, True)


def test_unknown_face_is_set_in_the_default_and_told(catalogue: FontCatalogue) -> None:
    found = catalogue.face("Comic Sans MS")
    assert (found.family, found.known) == ("Noto Serif SC", False)


def test_every_face_ends_in_fonts_for_rare_characters_uyghur_and_superscripts(catalogue: FontCatalogue) -> None:
    for alias in catalogue.aliases:
        assert {"Noto Serif SC", "UKIJ Tuz", "Noto Serif Superscripts"} <= set(catalogue.face(alias.face).families)


def test_no_face_is_claimed_twice(catalogue: FontCatalogue) -> None:
    data = tomllib.loads((FONTS / "fonts.toml").read_text(encoding="utf-8"))
    faces = [face.casefold() for alias in data["alias"] for face in alias["faces"]]
    assert sorted(faces) == sorted(set(faces))


def test_files_are_those_that_were_listed(catalogue: FontCatalogue) -> None:
    assert {file.path.name for file in catalogue.files} == {path.name for path in FONTS.glob("*.ttf")}
    for file in catalogue.files:
        assert hashlib.sha256(file.read()).digest() == file.digest


def test_families_and_weights_are_what_typst_finds(catalogue: FontCatalogue) -> None:
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]).fonts()
    assert {(f.family, f.weight, f.style == "italic", Path(f.path).name) for f in found} == {
        (f.family, f.weight, f.italic, f.path.name) for f in catalogue.files
    }


def test_coverage_is_what_fonttools_reads(catalogue: FontCatalogue) -> None:
    for file in catalogue.files:
        with TTFont(file.path, lazy=True) as font:
            assert file.characters == set(font.getBestCmap())


def test_fonts_have_outlines_that_reportlab_embeds_and_may_be_embedded(catalogue: FontCatalogue) -> None:
    for file in catalogue.files:
        with TTFont(file.path, lazy=True) as font:
            assert "glyf" in font and "CFF " not in font
            assert font["OS/2"].fsType in (0, 8)  # 0 installable, 8 editable: both allow embedding


def test_chinese_fonts_share_one_height_of_line(catalogue: FontCatalogue) -> None:
    heights = set()
    for file in catalogue.files:
        if file.role in {"song", "fangsong", "hei", "kai"}:
            with TTFont(file.path, lazy=True) as font:
                em, hhea, os2 = font["head"].unitsPerEm, font["hhea"], font["OS/2"]
                heights |= {
                    (hhea.ascent * 1000 // em, hhea.descent * 1000 // em, hhea.lineGap),
                    (os2.sTypoAscender * 1000 // em, os2.sTypoDescender * 1000 // em, os2.sTypoLineGap),
                    (os2.usWinAscent * 1000 // em, -os2.usWinDescent * 1000 // em, 0),
                }
    assert heights == {(1030, -270, 0)}


def test_names_that_licences_reserve_are_not_on_changed_fonts(catalogue: FontCatalogue) -> None:
    for file in catalogue.files:
        with TTFont(file.path, lazy=True) as font:
            names = " ".join(record.toUnicode() for record in font["name"].names if record.nameID in (1, 4, 6, 16))
        if file.family not in {"Liberation Serif", "Liberation Sans"}:  # these are as they were delivered
            assert not any(name in names for name in ("LXGW", "霞鹜", "Fandol", "Source", "Liberation"))


@pytest.mark.parametrize("face", ["宋体", "黑体", "楷体", "仿宋_GB2312"])
def test_every_registered_name_can_be_printed_in_every_face(catalogue: FontCatalogue, face: str) -> None:
    assert catalogue.missing("".join(sorted(standard_characters())), face) == ()


@pytest.mark.parametrize("family", ["Noto Sans SC", "Truecopy Kai"])
def test_registered_names_need_no_fallback(catalogue: FontCatalogue, family: str) -> None:
    assert {ord(character) for character in standard_characters()} <= catalogue.file(family).characters


def test_bold_song_has_every_registered_name_and_gbk(catalogue: FontCatalogue) -> None:
    bold = catalogue.file("Noto Serif SC", bold=True)
    assert bold.weight == 700
    assert {ord(character) for character in standard_characters()} <= bold.characters
    gbk = {bytes((a, b)).decode("gbk", "ignore") for a in range(0x81, 0xFF) for b in range(0x80, 0xFF)}
    lacking = {character for character in gbk if len(character) == 1 and ord(character) not in bold.characters}
    assert lacking <= {"≒"}  # U+2252, which Noto lacks


def test_what_forms_need_is_there(catalogue: FontCatalogue) -> None:
    need = "①⑳☐☑☒□■√×㎡℃№￥“”‘’——……·《》〔〕（）：；，。、10² m³ s⁻¹ CO₂ ± ≤ ≥ α β μ Ω Ⅰ Ⅻ"
    uyghur = "ئائەبپتجچخدرزژسشغفقكگڭلمنھئوئۇئۆئۈۋئېئىي؟،؛"
    kazakh = "ӘәҒғҚқҢңӨөҰұҮүҺһІі ЁёЪъЫыЭэ"
    assert catalogue.missing(need + uyghur + kazakh, "仿宋") == ()


def test_dollar_sign_of_fandol_is_never_drawn_for_a_yen_sign(catalogue: FontCatalogue) -> None:
    assert 0xFFE5 not in catalogue.file("Truecopy FangSong").characters


def test_ticked_box_is_the_box_with_a_tick(catalogue: FontCatalogue) -> None:
    for family in ("Noto Serif SC", "Truecopy FangSong", "Noto Sans SC", "Truecopy Kai"):
        with TTFont(catalogue.file(family).path, lazy=True) as font:
            names = font.getBestCmap()
            assert names[0x2610] == names[ord("□")]
            assert font["glyf"][names[0x2611]].getComponentNames(font["glyf"]) == [names[ord("□")], names[ord("√")]]
            assert font["hmtx"][names[0x2611]][0] == font["hmtx"][names[ord("□")]][0]


def test_missing_characters_are_named_once_in_order(catalogue: FontCatalogue) -> None:
    assert catalogue.missing("申😀报🜚😀\n\u200d\u2067ئۇ\ufe0f", "仿宋") == ("😀", "🜚")
    assert catalogue.missing("😀") == ("😀",)


def test_missing_looks_only_in_the_families_of_the_face(catalogue: FontCatalogue, tmp_path: Path) -> None:
    office = office_folder(tmp_path, "仿宋_GB2312", characters="仿宋𪚥")
    both = FontCatalogue.load(FONTS, office)
    assert (
        both.missing("𪚥", "仿宋_GB2312") == () and both.missing("𪚥", "宋体") == ("𪚥",) and both.missing("𪚥") == ()
    )


def test_file_of_a_style(catalogue: FontCatalogue) -> None:
    assert catalogue.file("Liberation Serif", bold=True, italic=True).path.name == "LiberationSerif-BoldItalic.ttf"
    assert catalogue.file("Noto Serif SC", italic=True).path.name == "NotoSerifSC-Regular.ttf"
    assert catalogue.file("Noto Sans SC", bold=True).path.name == "NotoSansSC-Medium.ttf"
    with pytest.raises(KeyError):
        catalogue.file("No Such")


def test_loading_is_fast_enough_for_every_command() -> None:
    best = min(_seconds() for _ in range(5))
    assert best < 0.030


def _seconds() -> float:
    begin = time.perf_counter()
    FontCatalogue.load(FONTS)
    return time.perf_counter() - begin


def office_folder(tmp_path: Path, *names: str, characters: str = "仿宋", collection: bool = False) -> Path:
    """Make an office's folder with a font of these names (the first one English), and a file that is no font."""
    folder = tmp_path / "office"
    folder.mkdir()
    font = TTFont(FONTS / "TruecopyFangSong-Regular.ttf")
    font["name"].names = []
    for language, name in zip((0x409, 0x804), names, strict=False):
        font["name"].setName(name, 1, 3, 1, language)
    font["name"].setName("Office-Regular", 6, 3, 1, 0x409)
    glyph = font.getBestCmap()[ord("仿")]
    wide = CmapSubtable.newSubtable(12)
    wide.platformID, wide.platEncID, wide.language = 3, 10, 0
    wide.cmap = {ord(character): glyph for character in characters}
    font["cmap"].tables = [wide]
    if collection:
        bundle = TTCollection()
        bundle.fonts = [font]
        bundle.save(folder / "office.ttc")
    else:
        font.save(folder / "office.ttf")
    (folder / "licence.txt").write_text("bought", encoding="utf-8")
    return folder


@pytest.mark.parametrize("collection", [False, True])
def test_office_font_wins_over_the_alias(tmp_path: Path, collection: bool) -> None:
    office = office_folder(tmp_path, "FangSong_GB2312", "仿宋_GB2312", collection=collection)
    catalogue = FontCatalogue.load(FONTS, office)
    face = catalogue.face("仿宋_GB2312")
    assert face.families[:2] == ("FangSong_GB2312", "Noto Serif SC")
    assert catalogue.file(face.family).role == "office"
    assert catalogue.face("仿宋").family == "Truecopy FangSong"
    assert catalogue.folders == (office, FONTS)
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(office)])
    assert found.families() == [face.family]


def test_office_font_that_is_damaged_is_named(tmp_path: Path) -> None:
    (tmp_path / "fang.ttf").write_bytes(b"\x00\x01\x00\x00" + b"\xff" * 40)
    with pytest.raises(TypesettingError, match="fang.ttf is not a font file"):
        FontCatalogue.load(FONTS, tmp_path)


def test_office_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TypesettingError, match="nowhere does not exist: correct it in the settings"):
        FontCatalogue.load(FONTS, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read"),
        ("fallback = [", "is damaged"),
        ("font = []", "is damaged"),
        ("font = 3\nalias = []\nfallback = []\ndefault = 'A'", "is damaged"),
        ("font = []\nalias = []\nfallback = []\ndefault = 'A'", "names the family A, but lists no file of it"),
        (
            "fallback = []\ndefault = 'A'\nalias = []\n"
            "[[font]]\nfamily='A'\nrole='song'\nweight=400\nitalic=false\nfile='a.ttf'\nsha256='00'",
            "a.ttf is missing: install Truecopy again",
        ),
    ],
)
def test_list_that_cannot_be_used_is_told(tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "fonts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TypesettingError, match=says):
        FontCatalogue.load(tmp_path)


def test_font_that_was_exchanged_is_refused_when_read(tmp_path: Path) -> None:
    office = office_folder(tmp_path, "仿宋_GB2312")
    file = FontCatalogue.load(FONTS, office).files[0]
    font = TTFont(BytesIO(file.read()))
    font["head"].fontRevision = 9.0
    font.save(file.path)
    with pytest.raises(TypesettingError, match="was changed since it was listed"):
        file.read()
