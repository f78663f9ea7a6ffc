"""Forms of a seed: programmes with one Word form each, in faces, sizes and layouts that the supplied ones do not have.

A form has long prose, tables of numbers, a budget, lists of names, notes of nine points, lines in Latin, Russian,
Kazakh and Uyghur, and a page with places for signature, date and chop. What differs from seed to seed is everything:
faces, sizes, spacing, column widths, words and numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from benchmarks import words
from templates.authoring.package import TEXT_WIDTH, Section, Template, docx
from templates.authoring.word_xml import NEW_PAGE, bookmarked, run, twips
from toolkit.resources import shared

CHINESE_FACES = ("宋体", "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体")
LATIN_FACES = ("Times New Roman", "Arial")
BODY_SIZES = (10.5, 11, 12, 14, 15, 16)
TABLE_SIZES = (9, 9.5, 10, 10.5, 11, 12)
TITLE_SIZES = (16, 18, 20, 22)

_PROGRAMME = """\
[programme]
name = "{name}"
title = "{title}"
year = 2026
office = "自治区科学技术厅"
notice = "关于申报的通知"
timezone = "Asia/Shanghai"

[print]
watermark = "{watermark}"
draft_watermark = "草稿"
copies = 1
duplex = true
paper = "A4"

[serial]
pattern = "{{prefix}}{code}-{{number:04d}}"

[windows]
submit_from = 2025-05-01T09:00:00+08:00
submit_until = 2026-03-31T18:00:00+08:00
recommend_until = 2026-04-03T18:00:00+08:00

[seal]
describe_first_page = {describe}

[form]
required = ["title"]

[[documents]]
id = "form"
code = "F"
title = "申报表"
template = "form.docx"
"""

_ZONE = """
[[documents.zones]]
name = "{name}"
kind = "{kind}"
colour = "{colour}"
shape = "{shape}"
required = true
label = "{label}"
"""

_APPLICATION = """\
programme: {name}
secrecy: 公开
title: {title}
filled_on: 2025-06-16
start_date: 2025-07-15
end_date: 2026-10-31
applicant_unit: {{name: {unit}, address: {address}}}
leader: {{name: {leader}, phone: 0991-0000401}}
funds: {{requested: {funds}}}
"""


@dataclass(frozen=True, slots=True)
class Face:
    """How a run looks; ``size`` in points."""

    chinese: str
    latin: str
    size: float
    bold: bool = False

    @property
    def properties(self) -> str:
        """The children of ``w:rPr``."""
        fonts = f'<w:rFonts w:ascii="{self.latin}" w:hAnsi="{self.latin}" w:eastAsia="{self.chinese}" w:cs="UKIJ Tuz"/>'
        half_points = round(self.size * 2)
        return f'{fonts}{"<w:b/><w:bCs/>" * self.bold}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def programme(folder: Path, name: str, seed: int, *, pages: int = 6) -> Path:
    """Write a programme of about so many pages to a folder, and return an application to it, a YAML file beside it."""
    random = Random(seed)
    folder.mkdir(parents=True)
    title = prose(random, 12)
    zones = [
        _ZONE.format(name="leader_signature", kind="signature", colour="dark", shape="free", label="签字"),
        _ZONE.format(name="sign_date", kind="date", colour="dark", shape="free", label="日期"),
        _ZONE.format(name="unit_chop", kind="chop", colour="red", shape="round", label="公章"),
    ]
    text = _PROGRAMME.format(
        name=name,
        title=f"{random.choice(words.QUALIFIERS)}{random.choice(words.NOUNS)}专项",
        watermark=random.choice(("正式上报版", "正式报送件", "报送专用", "正本")),
        code=f"G{seed % 1000}",
        describe=str(random.random() < 0.5).lower(),
    )
    (folder / "programme.toml").write_text(text + "".join(zones), encoding="utf-8")
    (folder / "form.docx").write_bytes(form(random, pages))
    application = _APPLICATION.format(
        name=name,
        title=title,
        unit=random.choice(words.UNITS),
        address=f"天山市{random.choice(words.NOUNS)}路{random.randrange(2, 400)}号",
        leader=person(random),
        funds=f"{random.randrange(10, 900)}.{random.randrange(100):02d}",
    )
    path = folder / "application.yaml"
    path.write_text(application, encoding="utf-8")
    return path


def form(random: Random, pages: int) -> bytes:
    """Return a form of about so many pages; the last one has the zones."""
    latin = random.choice(LATIN_FACES)

    def face(sizes: tuple[float, ...], bold: float = 0.1) -> Face:
        return Face(random.choice(CHINESE_FACES[:4]), latin, random.choice(sizes), random.random() < bold)

    makers: list[Callable[[Random, Callable[..., Face]], list[str]]] = [_prose_page, _numbers_page, _budget_page]
    makers += [_names_page, _notes_page, _languages_page]
    random.shuffle(makers)
    blocks = [_title(random, face(TITLE_SIZES)), *_facts(random, face(BODY_SIZES[:4]))]
    for number in range(pages):
        blocks.append(_paragraph(f"{number + 1}. {prose(random, 6)}", face(BODY_SIZES, 0.9), new_page=number > 0))
        blocks += makers[number % len(makers)](random, face)
    blocks += _sign_page(random, face(BODY_SIZES[2:]))
    return docx(Template("生成的申报表", [(Section(header=prose(random, 8)), blocks)]))


def prose(random: Random, length: int) -> str:
    """Return some text of about so many characters."""
    text = ""
    while len(text) < length:
        text += random.choice(words.QUALIFIERS) + random.choice(words.NOUNS)
        if random.random() < 0.7:
            text += random.choice(words.VERBS) + random.choice(words.NOUNS)
        if random.random() < 0.12:
            text += "".join(random.choices(_characters(), k=2))
        if random.random() < 0.18:
            text += random.choice((str(random.randrange(2, 9000)), f"{random.uniform(0.1, 99):.1f}%", amount(random)))
        if length > 20:
            text += random.choice(words.JOINS) if random.random() < 0.35 else random.choice("，，，。；、")
    return text[:length] if length <= 20 else text.rstrip("，；、") + "。"


def amount(random: Random) -> str:
    """Return an amount of money as forms print it."""
    return f"{random.choice((random.randrange(1, 10), random.randrange(10, 100), random.randrange(100, 3000)))}." + (
        f"{random.randrange(100):02d}"
    )


def person(random: Random) -> str:
    """Return a name, one in eight of them not Chinese."""
    if random.random() < 0.125:
        return random.choice(words.OTHER_NAMES)
    return random.choice(words.SURNAMES) + random.choice(words.GIVEN)


@lru_cache(maxsize=1)
def _characters() -> str:
    """The characters of 通用规范汉字表, without those beyond U+FFFF."""
    text = shared("fonts", "standard_characters.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return "".join(character for character in "".join(lines) if "\u4e00" <= character <= "\u9fff")


def _paragraph(
    text: str, face: Face, *, align: str = "both", line: float = 1.3, indent: bool = False, new_page: bool = False
) -> str:
    properties = NEW_PAGE if new_page else ""
    properties += f'<w:spacing w:before="40" w:after="40" w:line="{round(line * 240)}" w:lineRule="auto"/>'
    if indent:
        properties += f'<w:ind w:firstLineChars="200" w:firstLine="{round(face.size * 40)}"/>'
    properties += f'<w:jc w:val="{align}"/>'
    return f'<w:p><w:pPr><w:pStyle w:val="Normal"/>{properties}</w:pPr>{run(text, face.properties)}</w:p>'


def _table(
    widths: list[float], rows: list[list[str]], face: Face, *, aligns: list[str], height: float = 7, zones: bool = False
) -> str:
    """Return a table; a cell ``zone:NAME`` is that zone."""
    columns = [twips(width) for width in widths]
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    body = ""
    for row in rows:
        cells = ""
        for text, width, align in zip(row, columns, aligns, strict=True):
            inner = run("" if text.startswith("zone:") else text, face.properties) if text else ""
            if text.startswith("zone:"):
                inner = bookmarked(inner, text[5:])
            cells += (
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
                f'<w:p><w:pPr><w:pStyle w:val="Normal"/><w:spacing w:before="20" w:after="20" w:line="264" '
                f'w:lineRule="auto"/><w:jc w:val="{align}"/></w:pPr>{inner}</w:p></w:tc>'
            )
        kept = f'<w:cantSplit/><w:trHeight w:val="{twips(height)}" w:hRule="atLeast"/>'
        body += f"<w:tr><w:trPr>{kept}</w:trPr>{cells}</w:tr>"
    grid = "".join(f'<w:gridCol w:w="{column}"/>' for column in columns)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'
    )


def _title(random: Random, face: Face) -> str:
    bold = Face(random.choice(CHINESE_FACES), face.latin, face.size, face.bold)
    return _paragraph("{{ title }}申报表", bold, align="center", line=1.6)


def _facts(random: Random, face: Face) -> list[str]:
    rows = [
        ["申报单位", "{{ applicant_unit.name }}", "负责人", "{{ leader.name }}"],
        ["地址", "{{ applicant_unit.address }}", "申请资助", "{{ funds.requested|wan }} 万元"],
        ["编号", "{{ serial }}", "填表日期", "{{ filled_on|cn_date }}"],
    ]
    first = random.uniform(22, 30)
    return [_table([first, 78 - first, 26, TEXT_WIDTH - 104], rows, face, aligns=["center", "left"] * 2, height=9)]


def _prose_page(random: Random, face: Callable[..., Face]) -> list[str]:
    chosen, line = face(BODY_SIZES), random.uniform(1.15, 1.7)
    room = TEXT_WIDTH * 205 / (25.4 / 72) ** 2 / chosen.size**2 / line / 1.25
    blocks, written = [], 0
    while written < room * random.uniform(0.6, 0.85):
        text = prose(random, random.randrange(60, 220))
        written += len(text) + 30
        blocks.append(_paragraph(text, chosen, line=line, indent=True))
    return blocks


def _numbers_page(random: Random, face: Callable[..., Face]) -> list[str]:
    chosen, columns = face(TABLE_SIZES), random.randrange(5, 9)
    widths = [TEXT_WIDTH / columns] * columns
    rows = [["序号", *("".join(random.sample(words.NOUNS, 1)) for _ in range(columns - 1))]]
    for number in range(random.randrange(18, 26)):
        row = [str(number + 1)]
        for _ in range(columns - 1):
            row.append(random.choice((amount(random), str(random.randrange(10, 99999)), f"{random.uniform(0, 9):.3f}")))
        rows.append(row)
    align = random.choice(("center", "right"))
    return [_table(widths, rows, chosen, aligns=["center"] + [align] * (columns - 1), height=random.uniform(6, 7.5))]


def _budget_page(random: Random, face: Callable[..., Face]) -> list[str]:
    chosen = face(TABLE_SIZES)
    rows = [["预算科目", "专项资金", "自筹资金", "合计（万元）", "说明"]]
    for category in words.CATEGORIES:
        special, own = random.randrange(100, 90000), random.randrange(0, 40000)
        shown = [f"{value / 100:.2f}" for value in (special, own, special + own)]
        rows.append([category, *shown, prose(random, random.randrange(6, 18))])
    note = _paragraph(f"注：{prose(random, 70)}", Face(chosen.chinese, chosen.latin, 9), line=1.2)
    return [_table([36, 24, 24, 26, TEXT_WIDTH - 110], rows, chosen, aligns=["left", *["right"] * 3, "left"]), note]


def _names_page(random: Random, face: Callable[..., Face]) -> list[str]:
    chosen = face(TABLE_SIZES)
    rows = [["姓名", "性别", "出生年月", "单位", "职称", "月数"]]
    for _ in range(random.randrange(14, 22)):
        born = f"{random.randrange(1958, 2003)}-{random.randrange(1, 13):02d}"
        title = random.choice(("教授", "研究员", "副研究员", "高级工程师", "工程师", "讲师", "助理研究员"))
        rows.append(
            [
                person(random),
                random.choice("男女"),
                born,
                random.choice(words.UNITS),
                title,
                str(random.randrange(1, 13)),
            ]
        )
    return [_table([36, 13, 24, 46, 24, TEXT_WIDTH - 143], rows, chosen, aligns=["center"] * 6)]


def _notes_page(random: Random, face: Callable[..., Face]) -> list[str]:
    chosen = Face(random.choice(CHINESE_FACES[:4]), face(BODY_SIZES).latin, random.choice((9, 9, 9, 9.5)))
    line = random.uniform(1.15, 1.5)
    blocks = []
    for number in range(random.randrange(10, 16)):
        blocks.append(_paragraph(f"注{number + 1}：{prose(random, random.randrange(50, 130))}", chosen, line=line))
    return blocks


def _languages_page(random: Random, face: Callable[..., Face]) -> list[str]:
    blocks = []
    for lines in (words.LATIN, words.RUSSIAN, words.KAZAKH):
        for text in random.sample(lines, 3):
            ending = f", {random.randrange(2, 500)} {random.choice(('km', 'kg', 'MW', 'ha'))}"
            blocks.append(_paragraph(text + ending, face(BODY_SIZES, 0.3), align="left"))
    for text in random.sample(words.UYGHUR, 3):
        blocks.append(_paragraph(text, face(BODY_SIZES[2:]), align="right"))
        blocks.append(_paragraph(prose(random, random.randrange(40, 120)), face(BODY_SIZES), indent=True))
    return blocks


def _sign_page(random: Random, face: Face) -> list[str]:
    blocks = [_paragraph("承诺", Face("黑体", face.latin, face.size + 2), align="center", new_page=True)]
    for _ in range(random.randrange(2, 5)):
        blocks.append(_paragraph(prose(random, random.randrange(60, 140)), face, indent=True))
    rows = [
        ["负责人（签字）", "zone:leader_signature"],
        ["日　　期", "zone:sign_date"],
        ["单位（公章）", "zone:unit_chop"],
    ]
    for row, height in zip(rows, (18, 14, 48), strict=True):
        blocks.append(_table([42, TEXT_WIDTH - 42], [row], face, aligns=["center", "left"], height=height))
    return blocks
