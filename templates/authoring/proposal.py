"""The 项目申报书 of the programme xinjiang-sco-2025."""

from __future__ import annotations

from templates.authoring.package import Section, Template
from templates.authoring.proposal_tables import (
    attachments,
    basic_facts,
    budget,
    indicators,
    leader,
    members,
    opinions,
    schedule,
    units,
)
from templates.authoring.word_xml import Cell, Row, paragraph, table

RUNNING_TITLE = "自治区区域协同创新专项（上合计划）项目申报书"
COMMENTS = (
    "本模板可用 Word 或 WPS 修改。双花括号 {{ }} 是填充内容的位置，{% %}、{%p %}、{%tr %} 是条件和循环，请成对保留；"
    "文字、字体、字号、表格宽度均可自由修改。每页外侧上角（奇数页右上、偶数页左上）为二维码位置，请勿放置内容；"
    "上边距请勿小于44毫米。",
    "各盖章、签字、日期、意见单元格内有书签（名称见 programme.toml 的 zones），书签所在单元格即为区域，请勿删除书签。",
)
NOTES = (
    "一、本申报书适用于自治区区域协同创新专项——上海合作组织科技伙伴计划及国际科技合作计划项目。申报单位和项目负责人"
    "应严格按照当年度申报指南如实填写，文字简练、数据准确，不得夸大不实、弄虚作假。",
    "二、申报单位应为自治区境内注册、具有独立法人资格的企业、科研院所、高等院校、新型研发机构等企事业单位以及中央驻疆"
    "非独立法人单位。行政单位不得申报，公务员不得作为项目负责人。申报受理后，申报单位和项目负责人不得更改。",
    "三、单位名称应填写全称，并与公章上的名称完全一致。外国单位和人员可用其本国文字填写。",
    "四、经费单位为万元。自筹资金必须是货币资金，并提供出资证明及其他相关财务资料；参与单位所占申请资金总额一般不超过"
    "三分之一。",
    "五、涉密项目不得通过网络填报，不得使用本申报书的电子填报方式。",
    "六、在生命科学、医学、人工智能等领域涉及人和实验动物的科技活动，应将科技伦理审查报告作为附件提交。",
    "七、没有内容的栏目打印为“无”。",
    "八、报送的纸质申报书须为带“正式上报版”水印的打印件，A4幅面，双面打印，一式2份，签字、盖章齐备。复印件无效。",
    "九、每页外侧上角的二维码为本页的数字印记，用于核对纸质材料与电子存档是否一致，请勿在其上盖章、书写、装订或折叠。"
    "打印后不得涂改；内容有变动的，应重新生成、整份打印。",
)
# Title of the heading (as programme.toml has it), key, and whether a table follows.
SECTIONS = (
    ("立项依据", "background"),
    ("研究目标与内容", "objectives"),
    ("技术路线", "route"),
    ("考核指标", "targets"),
    ("研究基础", "foundation"),
    ("国际合作基础", "cooperation"),
    ("进度安排", "plan"),
    ("组织与风险", "organisation"),
)


def _cover() -> list[str]:
    """Return the cover; its top right corner is left to the symbol of 38 mm."""
    corner = table(
        [24, 66],
        [
            Row(
                [
                    Cell("编　号：", "CoverCorner", edges=""),
                    Cell(
                        "{% if serial %}{{ serial }}（第{{ revision }}版）{% endif %}",
                        "CoverCornerText",
                        edges="b",
                        comment=0,
                    ),
                ]
            ),
            Row(
                [
                    Cell("密　级：", "CoverCorner", edges=""),
                    Cell("{{ secrecy }}", "CoverCornerText", edges="b"),
                ]
            ),
        ],
        lines=False,
        margin=0.7,
    )
    title = [
        paragraph(style="CoverCorner"),
        paragraph(style="CoverCorner"),
        paragraph("自治区区域协同创新专项", "CoverProgramme"),
        paragraph("上海合作组织科技伙伴计划及国际科技合作计划", "CoverProgramme"),
        paragraph("项目申报书", "CoverTitle"),
        paragraph(style="CoverCorner"),
    ]

    def line(name: str, text: str) -> Row:
        return Row([Cell(name, "CoverLabel", edges="", align="bottom"), _filled(text, 2)], 11)

    def short_line(name: str, text: str, chop: Cell) -> Row:
        return Row([Cell(name, "CoverLabel", edges="", align="bottom"), _filled(text, 1), chop], 13)

    chop = Cell("（公　章）", "CellHint", merge="restart", zone="cover_chop", edges="", comment=1)
    below = Cell(merge="continue", edges="")
    facts = table(
        [29, 81.5, 45.5],
        [
            line("计划类别：", "{{ category }}"),
            line("指南方向：", "{{ direction }}"),
            line("项目名称：", "{{ title }}"),
            short_line("申报单位：", "{{ applicant_unit.name }}", chop),
            short_line("负  责  人：", "{{ leader.name }}", below),
            short_line("推荐单位：", "{{ recommending_unit.name }}", below),
            short_line("填报日期：", "{{ filled_on|cn_date }}", below),
        ],
        lines=False,
        margin=0.7,
    )
    return [corner, *title, facts]


def _filled(text: str, span: int) -> Cell:
    """Return a cell of the cover that is filled in over a line."""
    return Cell(text, "CoverText", span=span, edges="b", align="bottom")


def _text_section(number: str, title: str, key: str) -> list[str]:
    """Return one section of the 正文: its paragraphs, and its picture with a caption when there is one."""
    return [
        paragraph(f"（{number}）{title}", "Heading2"),
        paragraph(f"{{%p for line in text.{key}.paragraphs %}}"),
        paragraph("{{ line }}", "BodyText"),
        paragraph("{%p endfor %}"),
        paragraph(f"{{%p if text.{key}.picture %}}"),
        paragraph(f"{{{{ picture(text.{key}.picture, width_mm=140) }}}}", "Picture"),
        paragraph(f"{{{{ text.{key}.caption|blank }}}}", "Caption"),
        paragraph("{%p endif %}"),
    ]


def _body() -> list[str]:
    """Return the 正文, with the tables that belong to its sections."""
    blocks = [paragraph("五、正文", "Heading1")]
    tables = {"targets": indicators(), "plan": schedule()}
    for number, (title, key) in zip("一二三四五六七八", SECTIONS, strict=True):
        blocks += _text_section(number, title, key)
        blocks += tables.get(key, [])
    return blocks


def proposal() -> Template:
    """Return the template."""
    notes = [paragraph("填报说明", "FormTitle"), *(paragraph(note, "NoteText") for note in NOTES)]
    content = [
        *notes,
        *basic_facts(),
        *units(),
        *leader(),
        *members(),
        *_body(),
        *budget(),
        *attachments(),
        *opinions(),
    ]
    cover = Section(footer=("新疆维吾尔自治区科学技术厅　制", "二〇二五年"), numbered=False, footer_at=20, bottom=40)
    return Template("项目申报书", [(cover, _cover()), (Section(header=RUNNING_TITLE), content)], COMMENTS)
