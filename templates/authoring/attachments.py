"""附件: the list of attachments, and behind it every page of the files that the application lists."""

from __future__ import annotations

from templates.authoring.package import Section, Template
from templates.authoring.proposal_tables import header_row, list_table
from templates.authoring.word_xml import NEW_PAGE, Cell, paragraph

_COMMENT = (
    "目录之后，程序按附件清单的次序逐页放入附件的电子文件，每页一幅图，上方一行为附件序号、名称和页次。图的大小见"
    "下方 picture 的 width_mm、height_mm（毫米），连同上方文字不得超过一页。"
)

_ALONE = '<w:keepNext w:val="0"/>'  # the style of pictures keeps them with their captions below; here these are above


def attachments() -> Template:
    """Return the document of the attachments."""
    overview = list_table(
        (14, 88, 36, 18),
        header_row("序号", "附件名称", "类别", "页数"),
        "item",
        "attachments",
        [
            Cell("{{ loop.index }}", "CellCentre"),
            Cell("{{ item.name }}"),
            Cell("{{ item.kind }}", "CellCentre"),
            Cell("{{ item.pages|length }}", "CellCentre"),
        ],
    )
    blocks = [
        paragraph("附　件", "FormTitle"),
        paragraph("项目名称：{{ title }}", "CellText"),
        paragraph("申报单位：{{ applicant_unit.name }}", "CellText"),
        paragraph(style="Small"),
        overview,
        paragraph("{%p for item in attachments %}"),
        paragraph("{%p set attachment = loop %}"),
        paragraph("{%p for page in item.pages %}"),
        paragraph(
            "附件{{ attachment.index }}　{{ item.name[:60] }}（第 {{ loop.index }} 页，共 {{ loop.length }} 页）",
            "CellLabel",
            properties=NEW_PAGE,
        ),
        paragraph("{{ picture(page, width_mm=156, height_mm=205) }}", "Picture", properties=_ALONE),
        paragraph("{%p endfor %}"),
        paragraph("{%p endfor %}"),
    ]
    section = Section(header="自治区区域协同创新专项（上合计划）附件")
    return Template("附件", [(section, blocks)], (_COMMENT,))
