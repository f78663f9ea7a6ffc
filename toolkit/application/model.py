"""The form: every field of an application with its Chinese label, its type and its bounds; and its JSON Schema.

Which fields must be filled in is the programme's to say; here every field may stay empty (``""``, ``None``, ``()``), so
that a form with faults still has the parts that could be read. Amounts are fen, dates are dates, yes and no are bools;
``None`` there means that nothing was said. The order of the fields is the order of the form and of all findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from toolkit.application import values
from toolkit.application.retirement import CATEGORIES

PUBLIC = "公开"
LONGEST_LINE = 200
LONGEST_TEXT = 20_000
MOST_ITEMS = 200
"""Items of one list, such as members; more would not be a form of some 14 pages."""

CORE_REQUIRED = ("programme", "secrecy", "title", "applicant_unit.name", "leader.name", "funds.requested")
"""Required by every programme: without these there is no submission to speak of."""

ITEM_REQUIRED = (
    "partner_units.name",
    "members.name",
    "indicators.name",
    "schedule.from",
    "schedule.to",
    "schedule.work",
    "budget.category",
    "attachments.name",
    "attachments.file",
)
"""Required in every item of a list that has any."""


Kind = Literal["text", "date", "amount", "whole"]
"""What a field takes, for the cells of a workbook: a date cell is a date only where a date belongs."""


@dataclass(frozen=True, eq=False, slots=True)
class Typed:
    """Tells pydantic how a field's text is read, and its JSON Schema; a value that has its type already passes."""

    parse: Callable[[str], object]
    schema: dict[str, Any]
    choices: tuple[str, ...] = ()
    kind: Kind = "text"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read text with ``parse`` first, then hold the result against the field's type."""
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return what a file may hold, which is text where the model has a date or a number."""
        return dict(self.schema)

    def _read(self, value: object) -> object:
        return self.parse(value) if isinstance(value, str) else value


def _text(longest: int = LONGEST_LINE, *, lines: bool = False) -> Typed:
    return Typed(lambda value: values.parse_text(value, longest, lines=lines), {"type": "string", "maxLength": longest})


def _whole(lowest: int, highest: int) -> Typed:
    schema = {"type": ["integer", "string"], "minimum": lowest, "maximum": highest, "pattern": "^[0-9]+$"}
    return Typed(lambda value: values.parse_whole(value, lowest, highest), schema, kind="whole")


def _choice(*choices: str) -> Typed:
    return Typed(lambda value: values.parse_choice(value, choices), {"type": "string", "enum": list(choices)}, choices)


_DATE = Typed(
    values.parse_date,
    {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日)$"},
    kind="date",
)
_AMOUNT = Typed(
    values.parse_amount,
    {"type": ["string", "number"], "minimum": 0, "pattern": r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$"},
    kind="amount",
)
_YES_NO = Typed(values.parse_yes_no, {"enum": ["是", "否", True, False, "true", "false", "yes", "no"]}, values.YES_NO)

Line = Annotated[str, _text()]
Name = Annotated[str, _text(100)]
Paragraphs = Annotated[str, _text(LONGEST_TEXT, lines=True)]
Day = Annotated[date | None, _DATE]
Amount = Annotated[int, _AMOUNT]
YesNo = Annotated[bool | None, _YES_NO]
Months = Annotated[int | None, _whole(0, 12)]
Count = Annotated[int | None, _whole(0, 999)]
Gender = Annotated[str, _choice("男", "女")]
Email = Annotated[str, Typed(values.parse_email, {"type": "string", "maxLength": 100})]
Phone = Annotated[str, Typed(values.parse_phone, {"type": "string", "maxLength": 24})]
Year = Annotated[int, Typed(values.parse_year, {"type": "string", "pattern": "^[0-9]{4}$"})]
CreditCode = Annotated[str, Typed(values.parse_credit_code, {"type": "string", "minLength": 18, "maxLength": 18})]
IdentityNumber = Annotated[str, Typed(values.parse_identity_number, {"type": "string", "maxLength": 20})]


_EXCEPTED = "含到期未验收；不含科技特派员服务类、自然科学基金、少数民族科技人才特殊培养项目"
_KEY_MEMBER = "骨干指除负责人外排名前两位的成员"


class Section(BaseModel):
    """A part of the form: it cannot be changed once read, and takes no field that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, validate_by_alias=True)


class ApplicantUnit(Section):
    """The unit that applies; its name must equal the name on its chop."""

    name: Name = Field("", title="单位名称", description="与公章一致", examples=["新疆示例科技有限公司"])
    kind: Name = Field("", title="单位性质")
    credit_code: CreditCode = Field("", title="统一社会信用代码", examples=["91110000600037341L"])
    region: Line = Field("", title="所在地区", examples=["乌鲁木齐市"])
    address: Line = Field("", title="通讯地址")
    postcode: Name = Field("", title="邮政编码", examples=["830011"])
    legal_representative: Name = Field("", title="法定代表人")
    contact_name: Name = Field("", title="联系人")
    contact_phone: Phone = Field("", title="联系电话", examples=["0991-1234567"])
    contact_email: Email = Field("", title="电子邮箱", examples=["lianxi@example.com"])
    no_misconduct: YesNo = Field(None, title="单位及法定代表人无不良信用记录")
    central_non_legal: Annotated[bool, _YES_NO] = Field(False, title="中央驻疆非独立法人单位", description="不填为否")
    legal_person: YesNo = Field(None, title="具有独立法人资格")
    overdue_projects: Count = Field(
        None, title="到期未验收项目数", description="自治区科技计划；截止日前已提交验收报告的不计", examples=["0"]
    )


class RecommendingUnit(Section):
    """The authority that recommends the application."""

    name: Name = Field("", title="单位名称", examples=["乌鲁木齐市科学技术局"])
    kind: Name = Field("", title="单位类别")


class Leader(Section):
    """The person who leads the project."""

    name: Name = Field("", title="姓名")
    gender: Gender = Field("", title="性别")
    ethnicity: Name = Field("", title="民族")
    birth_date: Day = Field(None, title="出生日期", examples=["1975-03-08"])
    identity_number: IdentityNumber = Field("", title="证件号码", description="居民身份证号或护照号")
    title: Name = Field("", title="职称", examples=["研究员"])
    position: Name = Field("", title="职务")
    degree: Name = Field("", title="学位")
    specialty: Line = Field("", title="专业")
    phone: Phone = Field("", title="联系电话", examples=["0991-1234567"])
    email: Email = Field("", title="电子邮箱", examples=["fuze@example.com"])
    months_per_year: Months = Field(None, title="每年工作时间（月）", examples=["8"])
    academician: YesNo = Field(None, title="是否院士")
    civil_servant: YesNo = Field(None, title="是否公务员")
    no_misconduct: YesNo = Field(None, title="无科研失信行为记录")
    retirement_category: Annotated[str, _choice(*CATEGORIES)] = Field(
        "", title="退休类别", description="按2025年前的法定退休年龄；具有高级职称的女性原为60周岁"
    )
    conceived_and_leads: YesNo = Field(None, title="本人提出主体研究思路并实际主持研究")
    running_projects: Count = Field(None, title="主持的在研自治区科技计划项目数", description=_EXCEPTED, examples=["0"])
    other_applications: Count = Field(
        None, title="本年度另外申报的自治区科技计划项目数", description=_EXCEPTED, examples=["0"]
    )
    running_as_key_member: Count = Field(None, title="作为骨干的在研项目数", description=_KEY_MEMBER, examples=["0"])


class PartnerUnit(Section):
    """A unit that takes part; ``share`` is its fen of the funds requested."""

    name: Line = Field("", title="单位名称")
    country: Name = Field("", title="国家", examples=["哈萨克斯坦"])
    kind: Name = Field("", title="单位性质")
    role: Line = Field("", title="承担任务")
    contact_name: Name = Field("", title="联系人")
    share: Annotated[int | None, _AMOUNT] = Field(None, title="占申请资金（万元）", examples=["15.00"])
    no_misconduct: YesNo = Field(None, title="无不良信用和违规记录")


class Member(Section):
    """A member of the team other than the leader; the order of members is their rank."""

    name: Name = Field("", title="姓名")
    gender: Gender = Field("", title="性别")
    birth_date: Day = Field(None, title="出生日期", examples=["1985-06-01"])
    unit: Line = Field("", title="工作单位")
    title: Name = Field("", title="职称")
    specialty: Line = Field("", title="专业")
    role: Line = Field("", title="项目分工")
    months_per_year: Months = Field(None, title="每年工作时间（月）", examples=["6"])
    running_as_key_member: Count = Field(
        None, title="作为骨干的在研项目数", description="排名前两位的填写", examples=["0"]
    )
    no_misconduct: YesNo = Field(None, title="无科研失信行为记录")


def _as_section(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


class TextSection(Section):
    """One section of the main text, with at most one picture."""

    text: Paragraphs = Field("", title="正文")
    picture: Line = Field("", title="图片", description="PNG 或 JPEG，相对本文件的路径", examples=["route.png"])
    caption: Line = Field("", title="图题")


class Indicator(Section):
    """What will be reached, from where to where."""

    name: Line = Field("", title="指标名称")
    unit: Name = Field("", title="计量单位")
    baseline: Line = Field("", title="现有水平")
    target: Line = Field("", title="目标值")


class Step(Section):
    """One step of the schedule, first and last day included. Its keys in a file are ``from`` and ``to``."""

    begins: Day = Field(None, alias="from", title="开始日期", examples=["2025-07-01"])
    ends: Day = Field(None, alias="to", title="结束日期", examples=["2026-06-30"])
    work: Annotated[str, _text(2000, lines=True)] = Field("", title="工作内容")
    milestone: Annotated[str, _text(1000, lines=True)] = Field("", title="阶段目标")


class Funds(Section):
    """What the project costs by source, in fen."""

    requested: Amount = Field(0, title="申请专项资金（万元）", examples=["80.00"])
    self_raised: Amount = Field(0, title="自筹资金（万元）", examples=["40.00"])
    self_raised_monetary: YesNo = Field(None, title="自筹资金全部为货币资金", description="有自筹资金的填写")


class BudgetLine(Section):
    """One category of spending: fen by year and by source."""

    category: Name = Field("", title="预算科目")
    special: dict[Year, Amount] = Field({}, title="专项资金（万元）", description="按年度")
    self_raised: dict[Year, Amount] = Field({}, title="自筹资金（万元）", description="按年度")


class Attachment(Section):
    """A file that is handed in with the form."""

    name: Line = Field("", title="附件名称")
    kind: Name = Field("", title="附件类别")
    file: Line = Field("", title="文件", description="相对本文件的路径", examples=["attachments/proof.pdf"])


class Ethics(Section):
    """What decides whether a report of an ethics review is needed (notice 五.6)."""

    humans_or_animals: YesNo = Field(None, title="涉及人或实验动物")


class Form(Section):
    """All that an applicant says."""

    programme: Name = Field("", title="计划", examples=["xinjiang-sco-2025"])
    secrecy: Annotated[str, _choice(PUBLIC)] = Field("", title="密级", examples=[PUBLIC])
    category: Line = Field("", title="计划类别")
    direction: Line = Field("", title="指南方向")
    title: Line = Field("", title="项目名称")
    title_english: Annotated[str, _text(400)] = Field("", title="项目英文名称")
    filled_on: Day = Field(None, title="填报日期", examples=["2025-06-20"])
    start_date: Day = Field(None, title="项目开始日期", examples=["2025-07-01"])
    end_date: Day = Field(None, title="项目结束日期", examples=["2028-06-30"])
    applicant_unit: ApplicantUnit = Field(ApplicantUnit(), title="申报单位")
    recommending_unit: RecommendingUnit = Field(RecommendingUnit(), title="推荐单位")
    leader: Leader = Field(Leader(), title="项目负责人")
    partner_units: tuple[PartnerUnit, ...] = Field((), title="参与单位")
    members: tuple[Member, ...] = Field((), title="项目组成员", description="不含负责人，按排名先后")
    text: dict[str, Annotated[TextSection, BeforeValidator(_as_section)]] = Field({}, title="项目正文")
    indicators: tuple[Indicator, ...] = Field((), title="考核指标")
    schedule: tuple[Step, ...] = Field((), title="进度安排")
    funds: Funds = Field(Funds(), title="项目资金")
    budget: tuple[BudgetLine, ...] = Field((), title="资金预算")
    attachments: tuple[Attachment, ...] = Field((), title="附件清单")
    ethics: Ethics = Field(Ethics(), title="科技伦理")


class Shape(Enum):
    """How a field looks in a file; ``TEXT`` may be one text, or a section of text, picture and caption."""

    VALUE = "value"
    SECTION = "section"
    LIST = "list"
    BY_YEAR = "by year"
    TEXTS = "texts"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Entry:
    """A field as people meet it: key, path without positions in lists, label, and what stands below it.

    The parts of ``text`` (TEXTS) are the fields of any one section; which sections there are is the programme's to say.
    """

    key: str
    path: str
    label: str
    shape: Shape
    note: str
    example: str
    choices: tuple[str, ...]
    kind: Kind
    required: bool
    parts: tuple[Entry, ...]

    def walk(self) -> Iterator[Entry]:
        """Give every part below this one, in the order of the form."""
        for part in self.parts:
            yield part
            yield from part.walk()


@cache
def form_entry() -> Entry:
    """Return the whole form as an entry without key and label."""
    return Entry("", "", "", Shape.SECTION, "", "", (), "text", True, _entries(Form, ""))


@cache
def field_paths() -> tuple[str, ...]:
    """Return the path of every field in the order of the form, without positions in lists: ``members.name``."""
    return tuple(entry.path for entry in form_entry().walk())


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an application's file, with the Chinese labels as titles."""
    plain = Form.model_json_schema(by_alias=True)
    plain["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    plain["title"] = "项目申报"
    plain["description"] = "金额单位为万元"
    definitions = plain["$defs"]
    for definition in definitions.values():  # the property that refers to it has the label
        del definition["title"], definition["description"]
    texts = plain["properties"]["text"]
    texts["additionalProperties"] = {
        "anyOf": [{"type": "string", "maxLength": LONGEST_TEXT}, texts["additionalProperties"]]
    }
    for source in ("special", "self_raised"):
        definitions["BudgetLine"]["properties"][source]["additionalProperties"] = False
    for path in (*CORE_REQUIRED, *ITEM_REQUIRED):
        section = plain
        *above, key = path.split(".")
        for step in above:
            below = section["properties"][step]
            section.setdefault("required", [])
            if path in CORE_REQUIRED and step not in section["required"]:
                section["required"].append(step)
            reference = below.get("$ref") or below["items"]["$ref"]
            section = definitions[reference.rpartition("/")[2]]
        section.setdefault("required", []).append(key)
    return plain


def _entries(section: type[BaseModel], above: str) -> tuple[Entry, ...]:
    return tuple(_entry(info.alias or name, info, above) for name, info in section.model_fields.items())


def _entry(key: str, info: FieldInfo, above: str) -> Entry:
    path = f"{above}.{key}" if above else key
    shape, below = _shape(info.annotation)
    typed = [one for one in info.metadata if isinstance(one, Typed)]
    return Entry(
        key=key,
        path=path,
        label=info.title or key,
        shape=shape,
        note=info.description or "",
        example=str((info.examples or [""])[0]),
        choices=next((tuple(one.choices) for one in typed), ()),
        kind=next((one.kind for one in typed), "text"),
        required=path in CORE_REQUIRED or path in ITEM_REQUIRED or path == "text.text",
        parts=_entries(below, path) if below else (),
    )


def _shape(annotation: Any) -> tuple[Shape, type[BaseModel] | None]:
    kind, inner = get_origin(annotation), get_args(annotation)
    if kind is dict:
        section = _section_of(inner[1:])
        return (Shape.TEXTS, section) if section else (Shape.BY_YEAR, None)
    if kind is tuple:
        return Shape.LIST, _section_of(inner)
    section = _section_of((annotation,))
    return (Shape.SECTION, section) if section else (Shape.VALUE, None)


def _section_of(candidates: Sequence[Any]) -> type[BaseModel] | None:
    for candidate in candidates:
        bare = get_args(candidate)[0] if get_origin(candidate) is Annotated else candidate
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            return bare
    return None
