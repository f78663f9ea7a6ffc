"""The form of the sample programme popular-science-2026: one short form, nothing more."""

from __future__ import annotations

from templates.authoring.package import Section, Template
from templates.authoring.word_xml import Cell, Row, label, paragraph, table

_WIDTHS = (34, 48, 30, 44)


def _section(title: str, key: str) -> Row:
    """Return a row with one section of text; each of its paragraphs is a paragraph of the cell."""
    lines = (f"{{%p for line in text.{key}.paragraphs %}}", "{{ line }}", "{%p endfor %}")
    return Row([label(title), Cell(lines, "CellOpinion", span=3, align="top")], 30)


def small_form() -> Template:
    """Return the template."""

    def pair(first: str, value: str, second: str, second_value: str) -> Row:
        return Row([label(first), Cell(value), label(second), Cell(second_value)], 9.5)

    def wide(name: str, value: str) -> Row:
        return Row([label(name), Cell(value, span=3)], 9.5)

    facts = table(
        _WIDTHS,
        [
            wide("项目名称", "{{ title }}"),
            wide("申报单位", "{{ applicant_unit.name }}"),
            wide("地　　址", "{{ applicant_unit.address }}"),
            pair("负责人", "{{ leader.name }}", "联系电话", "{{ leader.phone }}"),
            pair("开始日期", "{{ start_date|cn_date }}", "结束日期", "{{ end_date|cn_date }}"),
            pair("申请资助", "{{ funds.requested|wan }} 万元", "填表日期", "{{ filled_on|cn_date }}"),
            _section("活动内容", "activity"),
            _section("预期效果", "benefit"),
        ],
    )
    chop = Cell("（公　章）", "CellHint", merge="restart", zone="unit_chop")
    signatures = table(
        (34, 72, 50),
        [
            Row([label("负责人（签字）"), Cell(zone="leader_signature"), chop], 23, keep=True),
            Row(
                [label("日　　期"), Cell("　　年　　月　　日", "CellCentre", zone="unit_date"), Cell(merge="continue")],
                21,
            ),
        ],
    )
    blocks = [
        paragraph("天山市科普小项目申报表", "FormTitle"),
        paragraph("{% if serial %}编号：{{ serial }}{% endif %}", "TableNote"),
        facts,
        paragraph(style="Small"),
        signatures,
    ]
    return Template("科普小项目申报表", [(Section(header="2026年度天山市科普小项目资助计划"), blocks)])
