"""The tables of the 项目申报书: facts, people, indicators, schedule, budget, opinions and attachments."""

from __future__ import annotations

from templates.authoring.word_xml import NEW_PAGE, Cell, Row, label, paragraph, table, tag

_PAIRS = (28.4, 49.3, 32.8, 45.5)
"""mm: name of a field, its value, twice. The first value has room for 11 characters, the second for a credit code."""
_PAIRS_MARGIN = 1.2


def _pair(first: str, first_value: str, second: str, second_value: str) -> Row:
    """Return a row of two fields."""
    return Row([label(first), Cell(first_value), label(second), Cell(second_value)])


def _wide(name: str, value: str, **how: str) -> Row:
    """Return a row of one field over the whole width of a table of two pairs."""
    return Row([label(name), Cell(value, span=3, **how)])  # type: ignore[arg-type]


def header_row(*names: str) -> Row:
    """Return a header row, repeated on every page."""
    return Row([label(name) for name in names], 9, header=True, keep=True)


def _none(columns: int, items: str) -> list[Row]:
    """Return the row 无 that stands in the table when there are no items."""
    return [
        tag(f"{{%tr if not {items} %}}", columns),
        Row([Cell("无", "CellCentre", span=columns)]),
        tag("{%tr endif %}", columns),
    ]


def list_table(
    widths: tuple[float, ...],
    heads: Row,
    variable: str,
    items: str,
    cells: list[Cell],
    *,
    margin: float = 1.5,
    padding: float = 0,
) -> str:
    """Return a table with one row per item and repeated header row; ``margin`` and ``padding`` as for ``table``."""
    columns = len(widths)
    rows = [
        heads,
        tag(f"{{%tr for {variable} in {items} %}}", columns),
        Row(cells),
        tag("{%tr endfor %}", columns),
        *_none(columns, items),
    ]
    return table(widths, rows, margin=margin, padding=padding)


def basic_facts() -> list[str]:
    """Return 一、项目基本信息."""
    rows = [
        _wide("项目名称", "{{ title }}"),
        _wide("英文名称", "{{ title_english }}"),
        _wide("计划类别", "{{ category }}"),
        _wide("指南方向", "{{ direction }}"),
        _pair("起始日期", "{{ start_date|cn_date }}", "结束日期", "{{ end_date|cn_date }}"),
        _pair("密　　级", "{{ secrecy }}", "填报日期", "{{ filled_on|cn_date }}"),
        _pair("申请专项经费", "{{ funds.requested|wan }} 万元", "单位自筹经费", "{{ funds.self_raised|wan }} 万元"),
        _pair(
            "经费合计",
            "{{ (funds.requested + funds.self_raised)|wan }} 万元",
            "涉及人或实验动物",
            "{{ ethics.humans_or_animals|yes_no }}",
        ),
        _pair("推荐单位", "{{ recommending_unit.name }}", "推荐单位类别", "{{ recommending_unit.kind }}"),
    ]
    return [paragraph("一、项目基本信息", "Heading1", properties=NEW_PAGE), table(_PAIRS, rows, margin=_PAIRS_MARGIN)]


def units() -> list[str]:
    """Return 二、申报单位与参与单位."""
    rows = [
        _wide("申报单位名称", "{{ applicant_unit.name }}"),
        _pair("单位类别", "{{ applicant_unit.kind }}", "统一社会信用代码", "{{ applicant_unit.credit_code }}"),
        _pair("注册地区", "{{ applicant_unit.region }}", "法定代表人", "{{ applicant_unit.legal_representative }}"),
        _wide("通讯地址", "{{ applicant_unit.address }}"),
        _pair("邮政编码", "{{ applicant_unit.postcode }}", "联系人", "{{ applicant_unit.contact_name }}"),
        _pair("联系电话", "{{ applicant_unit.contact_phone }}", "电子邮箱", "{{ applicant_unit.contact_email }}"),
        Row(
            [
                label("无不良信用记录"),
                Cell("{{ applicant_unit.no_misconduct|yes_no }}"),
                label(["中央驻疆", "非独立法人单位"]),
                Cell("{{ applicant_unit.central_non_legal|yes_no }}"),
            ]
        ),
    ]
    partners = list_table(
        (10, 42, 24, 44, 36),
        Row(
            [
                label(["序", "号"]),
                label("参与单位名称"),
                label(["国别、类别", "无不良记录"]),
                label("承担任务"),
                label(["联系人", "专项经费（万元）"]),
            ],
            12,
            header=True,
            keep=True,
        ),
        "unit",
        "partner_units",
        [
            Cell("{{ loop.index }}", "CellCentre"),
            Cell("{{ unit.name }}"),
            Cell(["{{ unit.country }}", "{{ unit.kind }}", "{{ unit.no_misconduct|yes_no }}"], "CellSmall"),
            Cell("{{ unit.role }}"),
            Cell(["{{ unit.contact_name }}", "{{ unit.share|wan }}"], "CellSmall"),
        ],
    )
    return [
        paragraph("二、申报单位与参与单位", "Heading1"),
        table(_PAIRS, rows, margin=_PAIRS_MARGIN),
        paragraph("参与单位", "TableTitle"),
        partners,
    ]


def leader() -> list[str]:
    """Return 三、项目负责人."""
    rows = [
        _pair("姓　　名", "{{ leader.name }}", "性　　别", "{{ leader.gender }}"),
        _pair("民　　族", "{{ leader.ethnicity }}", "出生日期", "{{ leader.birth_date|cn_date }}"),
        _pair("证件号码", "{{ leader.identity_number }}", "学　　位", "{{ leader.degree }}"),
        _pair("职　　称", "{{ leader.title }}", "职　　务", "{{ leader.position }}"),
        _pair("从事专业", "{{ leader.specialty }}", "每年工作时间", "{{ leader.months_per_year }} 个月"),
        _pair("联系电话", "{{ leader.phone }}", "电子邮箱", "{{ leader.email }}"),
        _pair("是否院士", "{{ leader.academician|yes_no }}", "是否公务员", "{{ leader.civil_servant|yes_no }}"),
        _pair("所在单位", "{{ applicant_unit.name }}", "无失信行为记录", "{{ leader.no_misconduct|yes_no }}"),
    ]
    return [paragraph("三、项目负责人", "Heading1"), table(_PAIRS, rows, margin=_PAIRS_MARGIN)]


def members() -> list[str]:
    """Return 四、项目组成员: the order is the rank, the last column is signed by hand."""
    listed = list_table(
        (8, 25, 17, 24, 29, 20.4, 9.3, 9.3, 14),
        Row(
            [
                label(["序", "号"]),
                label("姓名"),
                label(["性别", "出生年月"]),
                label(["职称", "专业"]),
                label("所在单位"),
                label(["项目", "分工"]),
                label(["每年", "月数"]),
                label(["骨干", "诚信"]),
                label("签字"),
            ],
            12,
            header=True,
            keep=True,
        ),
        "member",
        "members",
        [
            Cell("{{ loop.index }}", "CellSmall"),
            Cell("{{ member.name }}", "CellSmall"),
            Cell(["{{ member.gender }}", "{{ member.birth_date.strftime('%Y.%m') }}"], "CellSmall"),
            Cell(["{{ member.title }}", "{{ member.specialty }}"], "CellSmall"),
            Cell("{{ member.unit }}", "CellSmall"),
            Cell("{{ member.role }}", "CellSmall"),
            Cell("{{ member.months_per_year }}", "CellSmall"),
            Cell(["{{ member.running_as_key_member }}", "{{ member.no_misconduct|yes_no }}"], "CellSmall"),
            Cell("", "CellSmall"),
        ],
        margin=0.8,
        padding=0.3,
    )
    return [
        paragraph("四、项目组成员", "Heading1"),
        paragraph("（不含负责人，按排名填写；骨干：作为骨干的在研项目数；诚信：无失信行为记录）", "TableNote"),
        listed,
    ]


def indicators() -> list[str]:
    """Return the table of indicators that follows the text of 考核指标."""
    listed = list_table(
        (11, 75, 18, 26, 26),
        header_row("序号", "指标名称", "计量单位", "立项时已有值", "完成时目标值"),
        "item",
        "indicators",
        [
            Cell("{{ loop.index }}", "CellCentre"),
            Cell("{{ item.name }}"),
            Cell("{{ item.unit }}", "CellCentre"),
            Cell("{{ item.baseline }}", "CellCentre"),
            Cell("{{ item.target }}", "CellCentre"),
        ],
    )
    return [paragraph("项目主要考核指标", "TableTitle"), listed]


def schedule() -> list[str]:
    """Return the table of the schedule that follows the text of 进度安排."""
    listed = list_table(
        (39, 75, 42),
        header_row("起止时间", "主要工作内容", "阶段目标（里程碑）"),
        "stage",
        "schedule",
        [
            Cell(["{{ stage.from|cn_date }}", "至{{ stage.to|cn_date }}"], "CellSmall"),
            Cell("{{ stage.work }}"),
            Cell("{{ stage.milestone }}"),
        ],
    )
    return [paragraph("项目进度安排", "TableTitle"), listed]


def budget() -> list[str]:
    """Return 六、经费预算: by year, by category, and every category in every year."""
    sums = ("{{ %s.special|wan }}", "{{ %s.self_raised|wan }}", "{{ %s.total|wan }}")

    def numbers(of: str) -> list[Cell]:
        return [Cell(pattern % of, "CellSmallRight") for pattern in sums]

    def summary(head: str, variable: str, items: str, name: str) -> str:
        widths = (66, 30, 30, 30)
        rows = [
            header_row(head, "专项经费", "自筹经费", "合计"),
            tag(f"{{%tr for {variable} in {items} %}}", 4),
            Row([Cell(name, "CellSmall" if head == "年度" else "CellSmallLeft"), *numbers(variable)], 6.6, keep=True),
            tag("{%tr endfor %}", 4),
            Row([label("合计"), *numbers("totals")]),
        ]
        return table(widths, rows)

    def by_year(text: str, style: str) -> Cell:
        """A cell with a paragraph for every year, so that a category is one row, which no page break can part."""
        return Cell(("{%p for year in years %}", text, "{%p endfor %}"), style)

    detail = table(
        (64, 23, 23, 23, 23),
        [
            header_row("预算科目", "年度", "专项经费", "自筹经费", "合计"),
            tag("{%tr for line in budget %}", 5),
            Row(
                [
                    Cell("{{ line.category }}", "CellSmallLeft"),
                    by_year("{{ year }}", "CellYear"),
                    by_year("{{ line.special[year]|wan }}", "CellYearRight"),
                    by_year("{{ line.self_raised[year]|wan }}", "CellYearRight"),
                    by_year("{{ (line.special[year] + line.self_raised[year])|wan }}", "CellYearRight"),
                ]
            ),
            tag("{%tr endfor %}", 5),
            Row([label("合计", span=2), *numbers("totals")]),
        ],
        padding=0.5,
    )
    return [
        paragraph("六、经费预算", "Heading1"),
        paragraph("（一）分年度预算", "Heading2"),
        paragraph("单位：万元", "TableNote"),
        summary("年度", "line", "totals.by_year", "{{ line.year }}年"),
        paragraph("（二）分科目预算", "Heading2"),
        paragraph("单位：万元", "TableNote"),
        summary("预算科目", "line", "totals.by_category", "{{ line.category }}"),
        paragraph("（三）各科目分年度预算", "Heading2"),
        paragraph("单位：万元", "TableNote"),
        detail,
    ]


def attachments() -> list[str]:
    """Return 七、附件清单."""
    listed = list_table(
        (14, 92, 50),
        header_row("序号", "附件名称", "类别"),
        "item",
        "attachments",
        [Cell("{{ loop.index }}", "CellCentre"), Cell("{{ item.name }}"), Cell("{{ item.kind }}", "CellCentre")],
    )
    return [paragraph("七、附件清单", "Heading1"), listed]


_DAY = "　　年　　月　　日"


def _opinion(side: str, opinion: Cell, signer: str, name: str, *, chop: bool) -> list[Row]:
    """Return the rows of one opinion: its text, then signature, date and chop, each in a cell of its own.

    The zones are ``NAME_signature``, ``NAME_date`` and, with a chop, ``NAME_chop``. Chops are 38 to 42 mm wide.
    """
    head = Row([label(list(side), merge="restart"), opinion], 31, keep=True)
    below = Cell(merge="continue")
    signature, date = Cell(zone=f"{name}_signature"), Cell(_DAY, "CellCentre", zone=f"{name}_date")
    if not chop:
        return [head, Row([below, label(signer), signature, date], 16)]
    place = Cell("（公　章）", "CellHint", merge="restart", zone=f"{name}_chop")
    return [
        head,
        Row([below, label(signer), signature, place], 23, keep=True),
        Row([below, label("日　　期"), date, Cell(merge="continue")], 21),
    ]


def opinions() -> list[str]:
    """Return 八、承诺与审核意见: each chop, signature, date and opinion is a zone."""
    promise = (
        "本人承诺：所填内容真实、准确，不存在夸大不实和弄虚作假；遵守科研诚信、科技伦理和科技安全的有关规定；"
        "项目立项后按任务书组织实施。",
        "提出主体研究思路并实际主持：{{ leader.conceived_and_leads|yes_no }}；"
        "退休类别：{{ leader.retirement_category }}；"
        "在研项目数：主持{{ leader.running_projects }}、骨干{{ leader.running_as_key_member }}；"
        "本年度另外申报：{{ leader.other_applications }}。",
    )
    consent = (
        "本单位已对申报材料的真实性、完整性进行审核，同意申报，并承诺提供项目实施所需条件和自筹经费。",
        "具有独立法人资格：{{ applicant_unit.legal_person|yes_no }}；"
        "到期未验收项目数：{{ applicant_unit.overdue_projects }}；"
        "自筹均为货币资金：{{ funds.self_raised_monetary|yes_no }}。",
    )
    from_unit = Cell(consent, "CellOpinion", span=3, zone="unit_opinion", align="top")
    from_recommender = Cell(style="CellOpinion", span=3, zone="recommender_opinion", align="top")
    rows = [
        *_opinion(
            "项目负责人承诺", Cell(promise, "CellOpinion", span=3, align="top"), "项目负责人签字", "leader", chop=False
        ),
        *_opinion("申报单位意见", from_unit, "法定代表人签字", "unit", chop=True),
        *_opinion("推荐单位意见", from_recommender, "负责人签字", "recommender", chop=True),
    ]
    return [paragraph("八、承诺与审核意见", "Heading1", properties=NEW_PAGE), table((14, 34, 58, 50), rows)]
