"""The two 诚信承诺书 of the programme xinjiang-sco-2025, signed separately (notice 五.1)."""

from __future__ import annotations

from collections.abc import Sequence

from templates.authoring.package import Section, Template
from templates.authoring.word_xml import Cell, Row, commented, label, paragraph, run, table

_COMMENT = (
    "通知附件2（自治区科技计划项目诚信承诺书）尚未取得，以下承诺文字为代拟。请计划主管处室换成附件2的正式文本，"
    "双花括号内的变量和签字、盖章、日期单元格内的书签请保留。"
)
_TITLE = "自治区科技计划项目诚信承诺书"
_RULES = (
    "《科学技术活动违规行为处理暂行规定》（科技部令第19号）、《科研失信行为调查处理规则》（国科发监〔2022〕221号）、"
    "《自治区科技计划项目管理办法》（新科规〔2024〕2号）、《自治区财政科研项目资金管理办法》（新财规〔2022〕8号）、"
    "《自治区科研诚信管理办法》（新科规〔2023〕4号）"
)
_DAY = "　　年　　月　　日"


def _letter(who: str, opening: str, promises: Sequence[str], closing: str) -> list[str]:
    """Return the letter down to its closing sentence; the title carries the comment for the office."""
    return [
        paragraph(style="LetterTitle", inner=commented(run(_TITLE), 0)),
        paragraph(f"（{who}）", "LetterParty"),
        paragraph(opening, "LetterText"),
        *(paragraph(promise, "LetterText") for promise in promises),
        paragraph(closing, "LetterText"),
        paragraph(style="LetterSpace"),
    ]


def commitment_unit() -> Template:
    """Return the letter of the applicant unit."""
    promises = (
        "一、严格遵守国家和自治区关于科技计划、科研诚信、科技伦理和科技安全的规定，包括" + _RULES + "等。",
        "二、本单位已认真审核全部申报材料，保证其真实、准确、完整，无夸大不实、弄虚作假，不存在同一或相近内容的多头、"
        "重复申报。",
        "三、本单位及法定代表人无不良信用记录，不在惩戒执行期内；项目负责人和团队成员符合申报条件和限项规定。",
        "四、自筹经费 {{ funds.self_raised|wan }} 万元为货币资金，来源真实，按期足额到位；专项经费专款专用、单独核算，"
        "不以任何方式套取、挪用。",
        "五、履行法人责任，落实项目实施所需条件，加强过程管理；不以任何形式干扰评审，不请托、不送礼。",
        "六、提交的纸质材料与系统中的正式上报版完全一致，打印后未作任何改动。",
    )
    signatures = table(
        (38, 68, 50),
        [
            Row([label("申报单位"), Cell("{{ applicant_unit.name }}"), _chop()], 14, keep=True),
            Row([label("法定代表人（签字）"), Cell(zone="unit_signature"), Cell(merge="continue")], 17, keep=True),
            Row([label("日　期"), Cell(_DAY, "CellCentre", zone="unit_date"), Cell(merge="continue")], 14),
        ],
    )
    letter = _letter(
        "申报单位",
        "本单位申报{{ programme.year }}年度{{ category }}“{{ title }}”（项目负责人：{{ leader.name }}），现郑重承诺：",
        promises,
        "如有违反，本单位愿承担相应责任，接受终止项目、追回经费、记入科研诚信档案等处理。",
    )
    section = Section(header=f"{_TITLE}（申报单位）")
    return Template(f"{_TITLE}（申报单位）", [(section, [*letter, signatures])], (_COMMENT,))


def _chop() -> Cell:
    """Return the cell for the unit's chop, beside the rows of the signature."""
    return Cell("（公　章）", "CellHint", merge="restart", zone="unit_chop")


def commitment_leader() -> Template:
    """Return the letter of the project's leader."""
    promises = (
        "一、严格遵守国家和自治区关于科技计划、科研诚信、科技伦理和科技安全的规定，包括" + _RULES + "等。",
        "二、申报材料由本人组织填写，内容真实、准确、完整；研究思路由本人提出，引用他人成果均已注明，无抄袭、剽窃、"
        "伪造、篡改等行为。",
        "三、本人符合申报条件和限项规定，不是公务员，无科研失信行为记录，不在惩戒执行期内；项目实施期间每年用于本项目的"
        "工作时间不少于 {{ leader.months_per_year }} 个月。",
        "四、团队成员和参与单位知情并同意参加本项目；合作协议、证明材料真实有效。",
        "五、按照任务书组织实施项目，合理使用经费；涉及人和实验动物的科技活动依法开展科技伦理审查。",
        "六、不以任何形式干扰评审；提交的纸质材料与系统中的正式上报版完全一致，打印后未作任何改动。",
    )
    signatures = table(
        (44, 112),
        [
            Row([label("项目负责人"), Cell("{{ leader.name }}")], 9, keep=True),
            Row([label("所在单位"), Cell("{{ applicant_unit.name }}")], 9, keep=True),
            Row([label("项目负责人（签字）"), Cell(zone="leader_signature")], 17, keep=True),
            Row([label("日　期"), Cell(_DAY, "CellCentre", zone="leader_date")], 12),
        ],
    )
    letter = _letter(
        "项目负责人",
        "本人作为项目负责人申报{{ programme.year }}年度{{ category }}“{{ title }}”，现郑重承诺：",
        promises,
        "如有违反，本人愿承担相应责任，接受终止项目、追回经费、记入科研诚信档案等处理。",
    )
    section = Section(header=f"{_TITLE}（项目负责人）")
    return Template(f"{_TITLE}（项目负责人）", [(section, [*letter, signatures])], (_COMMENT,))
