"""Builds the fonts that Truecopy prints with: run once, its results are committed beside it.

Usage, with the fontTools of Truecopy's own environment::

    python fonts/build_fonts.py PACKAGES [--into fonts]

PACKAGES is a folder with the seven source packages exactly as `SOURCES` names them; their digests are checked::

    npm pack @expo-google-fonts/noto-serif-sc@0.4.3 @expo-google-fonts/noto-sans-sc@0.4.3
    apt-get download texlive-lang-chinese fonts-lxgw-wenkai fonts-ukij-uyghur fonts-liberation2 fonts-noto-core

The Debian packages are bookworm's; their ``dpkg-deb`` must be installed. The same packages and fontTools give the same
bytes, since nothing here writes the time of day; the digests are written into ``fonts.toml``.

What is done to each font, and why:

* Chinese fonts are cut to what a form can need (FINDINGS: 30 MB, not 120), lose hinting and layout features that a
  printed form does not use, and get one height of line: see `LINE`. ``☐ ☑ ☒`` are drawn from each font's own ``□ √ ×``.
* FandolFang has CFF outlines, which reportlab cannot embed, so they become TrueType's quadratic ones, within 1/1000 em.
* A modified font may not keep a name that its licence reserves: LXGW WenKai becomes Truecopy Kai, FandolFang (GPL:
  changes must be told) Truecopy FangSong. "Noto" is reserved by no licence here. Liberation reserves its name and UKIJ
  Tuz shapes Arabic script by its features: both are copied as they are.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import re
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.misc.transform import Transform
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

SOURCES = {
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz": "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz": "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
    "texlive-lang-chinese_2022.20230122-1_all.deb": "9cfa07bd44e7b9098e26f0ecac1b5ad210d2249d474c8074d53de92d650b0ec0",
    "fonts-lxgw-wenkai_1.250+repack-1_all.deb": "6d1e4c4aac78ad32062aefa2c836ee4d6e58f9dcf8b3f4407c9eefe304615318",
    "fonts-ukij-uyghur_20110217-4_all.deb": "c8a8e30d2727630147926a44e41b8fdf7141a66f063c46d13b9c3fc708fa4ec3",
    "fonts-liberation2_2.1.5-1_all.deb": "35ffaa54f117e633e89a5da89af235a073b34dbe582726fbf6989568f7fd9bda",
    "fonts-noto-core_20201225-1_all.deb": "58f4f0bb6720f919f92096b3508e1412a0f1544424ade6c5b5bf1eb694dd64ba",
}
SERIF, SANS, TEXLIVE, WENKAI, UKIJ, LIBERATION, NOTO = SOURCES

LINE = (1030, -270)
"""Ascender and descender of every Chinese font, 1/1000 em: together the 1.3 em that Word gives a line of 宋体,
shared out evenly about the em box (880, -120). The fonts must agree with each other, as Windows' own do, or a rare
character taken from Noto Serif SC (1151, -286 as delivered) would push the lines of a 仿宋 paragraph apart."""

SYMBOLS = frozenset(
    code
    for first, last in (
        (0x0020, 0x024F),  # Latin, Latin-1 (² ³ · ×), pinyin
        (0x0370, 0x052F),  # Greek, Cyrillic with Kazakh
        (0x2000, 0x27BF),  # punctuation (“ ” — …), ₂ ⁻, ℃ №, Ⅰ, arrows, √ ≥, ①-⑳, □ ■, ✓
        (0x3000, 0x30FF),  # 、 。 《 》, kana
        (0x3200, 0x33FF),  # ㈠ ㎡
        (0xFE10, 0xFE4F),
        (0xFF00, 0xFFEF),  # full-width forms
    )
    for code in range(first, last + 1)
)

STANDARD_CHARACTERS = Path(__file__).with_name("standard_characters.txt")
"""通用规范汉字表: the 8105 characters in which a Chinese citizen's name may be registered today. 276 are not in GBK."""


def standard_characters() -> frozenset[int]:
    """Return the code points of 通用规范汉字表."""
    lines = STANDARD_CHARACTERS.read_text(encoding="utf-8").splitlines()
    return frozenset(ord(character) for line in lines if not line.startswith("#") for character in line)


def double_bytes(encoding: str) -> frozenset[int]:
    """Return the code points of all two-byte codes of a Chinese encoding that Python knows."""
    found: set[int] = set()
    for code in range(0x8140, 0x10000):
        text = code.to_bytes(2, "big").decode(encoding, "ignore")
        if len(text) == 1:
            found.add(ord(text))
    return frozenset(found)


COMMON = double_bytes("gb2312") | standard_characters() | SYMBOLS
WIDE = double_bytes("gbk") | standard_characters() | SYMBOLS
RARE = WIDE | frozenset(range(0x3400, 0x4DC0)) | frozenset(range(0x20000, 0x32000))  # Ext A; what there is of B to H
FANDOL = COMMON - {0x2122, 0xFFE5}  # FandolFang 1.300 draws U+FFE5 (￥) as a dollar sign and U+2122 as a blank
SUPERSCRIPTS = frozenset(range(0x2070, 0x20A0)) | {0xB2, 0xB3, 0xB9}  # with U+207B, which Times and 宋体 fonts lack


@dataclass(frozen=True)
class Cut:
    """A font that is cut: which file of which package, to what, under which name."""

    package: str
    member: str
    file: str
    characters: frozenset[int]
    family: str
    copyright_note: str | None = None
    chinese: bool = True


CUTS = (
    Cut(SERIF, "package/400Regular/NotoSerifSC_400Regular.ttf", "NotoSerifSC-Regular.ttf", RARE, "Noto Serif SC"),
    Cut(SERIF, "package/700Bold/NotoSerifSC_700Bold.ttf", "NotoSerifSC-Bold.ttf", WIDE, "Noto Serif SC"),
    # 黑体 (SimHei) is heavier than Noto Sans SC Regular: Medium stands beside 宋 and 仿宋 as a heading should.
    Cut(SANS, "package/500Medium/NotoSansSC_500Medium.ttf", "NotoSansSC-Medium.ttf", COMMON, "Noto Sans SC"),
    Cut(
        TEXLIVE,
        "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf",
        "TruecopyFangSong-Regular.ttf",
        FANDOL,
        "Truecopy FangSong",
        "Copyright © 2012-2013, the Fandol team. Cut, converted to TrueType and renamed for Truecopy in 2026 from"
        " FandolFang 1.300. GNU GPL 3 with the font exception.",
    ),
    Cut(
        WENKAI,
        "./usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf",
        "TruecopyKai-Regular.ttf",
        COMMON,
        "Truecopy Kai",
        "Copyright 2021-2023 LXGW (https://github.com/lxgw/LxgwWenKai). Copyright 2020 The Klee Project Authors"
        " (https://github.com/fontworks-fonts/Klee). Cut and renamed for Truecopy in 2026. SIL Open Font License 1.1.",
    ),
    Cut(
        NOTO,
        "./usr/share/fonts/truetype/noto/NotoSerif-Regular.ttf",
        "NotoSerif-Superscripts.ttf",
        SUPERSCRIPTS,
        "Noto Serif Superscripts",
        chinese=False,
    ),
)

COPIES = tuple(
    (LIBERATION, f"./usr/share/fonts/truetype/liberation2/{name}.ttf")
    for name in (
        "LiberationSerif-Regular",
        "LiberationSerif-Bold",
        "LiberationSerif-Italic",
        "LiberationSerif-BoldItalic",
        "LiberationSans-Regular",
        "LiberationSans-Bold",
    )
) + tuple((UKIJ, f"./usr/share/fonts/truetype/fonts-ukij-uyghur/{name}.ttf") for name in ("UKIJTuz", "UKIJTuzBold"))

LICENCES = (
    (SERIF, "package/LICENSE_FONT", "NotoSerifSC.txt"),
    (SANS, "package/LICENSE_FONT", "NotoSansSC.txt"),
    (TEXLIVE, "./usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz", "TruecopyFangSong.txt"),
    (WENKAI, "./usr/share/doc/fonts-lxgw-wenkai/copyright", "TruecopyKai.txt"),
    (NOTO, "./usr/share/doc/fonts-noto-core/copyright", "NotoSerif.txt"),
    (LIBERATION, "./usr/share/doc/fonts-liberation2/copyright", "Liberation.txt"),
    (UKIJ, "./usr/share/doc/fonts-ukij-uyghur/copyright", "UKIJTuz.txt"),
)


def open_package(path: Path) -> tarfile.TarFile:
    """Open an npm or Debian package whose digest is the expected one."""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SOURCES[path.name]:
        raise SystemExit(f"{path} is not the package that the committed fonts were made from")
    if path.suffix == ".deb":
        data = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], capture_output=True, check=True).stdout
    return tarfile.open(fileobj=io.BytesIO(data))


def read_member(package: tarfile.TarFile, name: str) -> bytes:
    """Return one file of a package, unpacked when it is gzip."""
    member = package.extractfile(name)
    if member is None:
        raise SystemExit(f"{name} is no file")
    data = member.read()
    return gzip.decompress(data) if name.endswith(".gz") else data


def cut(font: TTFont, characters: Iterable[int]) -> None:
    """Leave only the given characters; of the layout features only those that place marks and kern Latin."""
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += [
        "BASE",
        "DSIG",
        "STAT",
        "VORG",
        "gasp",
        "vhea",
        "vmtx",
    ]  # vertical writing, screens, signature
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=set(characters))
    subsetter.subset(font)


def to_truetype(font: TTFont) -> None:
    """Replace cubic (CFF) outlines by quadratic ones that stray at most 1/1000 em."""
    order = font.getGlyphOrder()
    outlines = font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    del font["CFF "]
    font["glyf"] = newTable("glyf")
    font["glyf"].glyphOrder = order
    font["glyf"].glyphs = glyphs
    font["loca"] = newTable("loca")
    font["maxp"] = maxp = newTable("maxp")
    maxp.tableVersion = 0x00010000
    maxp.numGlyphs = len(order)
    # One zone and nothing else: the font has no instructions (OpenType, maxp 1.0). The rest is counted on saving.
    for field in (
        "maxTwilightPoints maxStorage maxFunctionDefs maxInstructionDefs maxStackElements maxSizeOfInstructions"
        " maxPoints maxContours maxCompositePoints maxCompositeContours maxComponentElements maxComponentDepth"
    ).split():
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"
    for name, glyph in glyphs.items():
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))


def draw_ballot_boxes(font: TTFont) -> None:
    """Add ☐, ☑ and ☒, which no free Chinese font has, as components of the font's own □, √ and ×."""
    names = font.getBestCmap()
    outlines = font.getGlyphSet()
    box = names[ord("□")]

    def bounds(name: str) -> tuple[float, float, float, float]:
        pen = BoundsPen(outlines)
        outlines[name].draw(pen)
        return pen.bounds

    added = {0x2610: box}
    x0, y0, x1, y1 = bounds(box)
    for code, mark in ((0x2611, names[ord("√")]), (0x2612, names[ord("×")])):
        a0, b0, a1, b1 = bounds(mark)
        scale = 0.72 * min((x1 - x0) / (a1 - a0), (y1 - y0) / (b1 - b0))
        place = Transform(scale, 0, 0, scale, (x0 + x1 - scale * (a0 + a1)) / 2, (y0 + y1 - scale * (b0 + b1)) / 2)
        pen = TTGlyphPen(outlines)
        pen.addComponent(box, Transform())
        pen.addComponent(mark, place)
        name = f"uni{code:04X}"
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"][name] = pen.glyph()
        font["hmtx"][name] = font["hmtx"][box]
        added[code] = name
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(added)


def set_line(font: TTFont) -> None:
    """Set the height of a line in all three places that engines read it from (hhea, OS/2 typo and win)."""
    em = font["head"].unitsPerEm
    ascent, descent = (value * em // 1000 for value in LINE)
    hhea, os2 = font["hhea"], font["OS/2"]
    hhea.ascent, hhea.descent, hhea.lineGap = ascent, descent, 0
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ascent, descent, 0
    os2.usWinAscent, os2.usWinDescent = ascent, -descent


def rename(font: TTFont, family: str, copyright_note: str | None) -> None:
    """Give the font its family's name, in English only, and style Regular or Bold."""
    style = "Bold" if font["OS/2"].usWeightClass >= 700 else "Regular"
    names = font["name"]
    version = str(names.getDebugName(5)).split(";")[0]
    postscript = family.replace(" ", "") + "-" + style
    kept = {number: names.getDebugName(number) for number in (0, 13, 14)}
    if copyright_note:
        kept[0] = copyright_note
    names.names = []
    texts = {1: family, 2: style, 3: f"{version};{postscript}", 4: f"{family} {style}", 5: version, 6: postscript}
    for number, text in sorted({**kept, **texts}.items()):
        if text:
            names.setName(text, number, 3, 1, 0x409)
    os2 = font["OS/2"]
    os2.fsSelection = (os2.fsSelection & ~0x61) | (0x20 if style == "Bold" else 0x40)  # OS/2: bit 5 bold, 6 regular
    os2.fsType = 0  # may be embedded (OS/2 fsType)


def build(data: bytes, plan: Cut) -> bytes:
    """Return the font file that a plan makes of a source font."""
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    cut(font, plan.characters)
    if "CFF " in font:
        to_truetype(font)
    if plan.chinese:
        draw_ballot_boxes(font)
        set_line(font)
    rename(font, plan.family, plan.copyright_note)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def write_digests(folder: Path) -> None:
    """Put the digest of every font file into the line below its name in fonts.toml."""
    path = folder / "fonts.toml"

    def line(match: re.Match[str]) -> str:
        digest = hashlib.sha256((folder / match["file"]).read_bytes()).hexdigest()
        return f'file = "{match["file"]}"\nsha256 = "{digest}"'

    text = re.sub(r'file = "(?P<file>[^"]+)"\nsha256 = "[0-9a-f]*"', line, path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Build all fonts, copy the licences, write the digests."""
    parser = argparse.ArgumentParser(description="Build the fonts of Truecopy from their source packages.")
    parser.add_argument("packages", type=Path, help="folder with the source packages")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, help="folder for fonts and licences")
    arguments = parser.parse_args()
    folder: Path = arguments.into
    (folder / "licences").mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        with open_package(arguments.packages / name) as package:
            for plan in CUTS:
                if plan.package == name:
                    (folder / plan.file).write_bytes(build(read_member(package, plan.member), plan))
            for source, member in COPIES:
                if source == name:
                    (folder / Path(member).name).write_bytes(read_member(package, member))
            for source, member, file in LICENCES:
                if source == name:
                    (folder / "licences" / file).write_bytes(read_member(package, member))
    if (folder / "fonts.toml").exists():
        write_digests(folder)


if __name__ == "__main__":
    main()
