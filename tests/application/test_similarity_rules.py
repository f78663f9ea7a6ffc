"""Similar projects: what was reworded is found, what is another subject is not; measured on texts written for it."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
from cases import found

from toolkit.application.model import Form
from toolkit.application.rules import Case
from toolkit.application.similarity_rules import content_in, similar_in_unit
from toolkit.records.content import Content, content_of

PAIRS = [
    (
        "面向中亚干旱区的绿洲棉田咸淡水轮灌与智能滴灌技术研究与示范",
        "中亚干旱区绿洲棉田咸淡水轮灌及智能滴灌技术合作研究",
    ),
    ("维汉双语农技问答系统研发与应用", "农业技术维汉双语问答系统的研究开发与应用"),
    ("哈萨克斯坦优质小麦种质资源引进与抗旱品种选育", "引进哈萨克斯坦优异小麦种质资源及抗旱新品种选育"),
    ("跨境高压输电线路覆冰监测与预警关键技术", "跨境高压输电线路覆冰在线监测预警技术研究"),
    ("中亚荒漠植被退化遥感监测与生态修复技术", "中亚荒漠植被退化的遥感监测及生态修复关键技术研究"),
    ("维吾尔药材罗布麻活性成分提取及降压机理研究", "罗布麻降压活性成分的提取与作用机理研究"),
    ("油田采出水低成本处理与回用技术示范", "低成本油田采出水处理及回用技术的示范应用"),
    ("盐碱地枸杞高效栽培与采后加工技术合作", "盐碱地枸杞高效栽培及采后加工技术合作研究"),
    ("包虫病早期诊断试剂盒研制与跨境联合防控", "包虫病早期诊断试剂盒研发及跨境联合防控研究"),
    ("中欧班列冷链集装箱智能温控装备研发", "面向中欧班列的冷链集装箱智能温控装备研制"),
    ("高寒牧区光伏储能供暖一体化系统示范", "高寒牧区光伏—储能—供暖一体化系统研究与示范"),
    ("煤矸石制备新型墙体材料关键技术", "利用煤矸石制备新型墙体材料的关键技术研究"),
    ("番茄红素高效提取与功能食品开发", "番茄红素的高效提取技术及功能食品开发"),
    ("口岸货物智能查验图像识别平台建设", "口岸货物查验图像智能识别平台的建设与应用"),
    ("多语种跨境电商智能客服关键技术研发", "跨境电商多语种智能客服关键技术研究"),
    ("天山冰川融水变化对下游灌区供水影响研究", "天山冰川融水变化及其对下游灌区供水的影响"),
    ("马鹿茸深加工与质量标准互认", "马鹿茸精深加工技术及质量标准互认研究"),
    ("铜镍矿选矿尾渣中稀有金属回收技术", "从铜镍矿选矿尾渣中回收稀有金属的技术研究"),
]
UNRELATED = [
    "面向中亚干旱区的温室番茄水肥一体化技术研究与示范",
    "维汉双语中小学科学课程资源研发与应用",
    "哈萨克斯坦优质牧草种质资源引进与耐盐品种选育",
    "跨境天然气管道泄漏监测与预警关键技术",
    "中亚湖泊水质变化遥感监测与生态保护技术",
    "维吾尔药材孜然活性成分提取及抗菌机理研究",
    "油田采出气低成本净化与回收技术示范",
    "盐碱地棉花高效栽培与机采技术合作",
    "布鲁氏菌病早期诊断试剂盒研制与跨境联合防控",
    "中欧班列粮食集装箱智能装卸装备研发",
    "高寒牧区风电制氢供能一体化系统示范",
    "粉煤灰制备新型保温材料关键技术",
    "葡萄籽油高效提取与功能食品开发",
    "口岸车辆智能调度与识别平台建设",
    "多语种跨境旅游智能导览关键技术研发",
]
LISTS = [
    "双语农技语料万句对10；问答准确率%≥90；单次响应时间s<2；服务农户人次5000",
    "灌溉水利用系数—≥0.85；淡水用量减少%≥30；盐分累积率%≤5；棉花单产—不低于常规；发明专利件4；论文篇8；示范区面积亩3000；培训人次200",
    "抗旱小麦新品种个2；引进种质份150；产量提高%≥8；示范面积亩5000；论文篇5；专利件2",
    "覆冰厚度监测误差mm≤2；预警提前量h≥6；装置耐低温℃-45；示范线路km120；软件著作权项3；标准项1",
    "诊断试剂盒种1；灵敏度%≥95；特异性%≥97；检测时间min≤20；临床样本例1200；三类注册证件1",
    "采出水含油mg/L≤5；处理成本元/吨≤3；处理规模立方米/天2000；回用率%≥90；中试装置套1；论文篇3",
    "识别准确率%≥98；单票查验时间s≤15；接入口岸个3；数据集万张20；软件著作权项4；培训人次100",
    "墙体材料导热系数W/(m·K)≤0.12；抗压强度MPa≥7.5；煤矸石掺量%≥60；生产线条1；产量万方/年10；专利件5",
]


OF_LISTS = ("农技问答", "咸淡水", "小麦", "覆冰", "包虫病", "采出水", "口岸货物", "煤矸石")
"""What the title of each list of indicators has."""
SISTER_LISTS = [
    "双语课程资源学时300；内容准确率%≥95；平台响应时间s<3；服务师生人次20000",
    "水肥利用率%≥80；淡水用量减少%≥20；番茄产量提高%≥15；果实品质—优于常规；发明专利件3；论文篇6；示范温室亩200；培训人次150",
    "耐盐牧草新品种个2；引进种质份120；产草量提高%≥10；示范面积亩8000；论文篇4；专利件2",
    "泄漏定位误差m≤20；预警响应时间s≤30；装置耐低温℃-40；示范管段km80；软件著作权项2；标准项1",
    "诊断试剂盒种1；灵敏度%≥96；特异性%≥98；检测时间min≤15；临床样本例1500；三类注册证件1",
    "采出气硫化氢mg/m³≤6；净化成本元/千立方米≤50；处理规模立方米/天50000；回收率%≥92；中试装置套1；论文篇3",
    "识别准确率%≥97；调度响应时间s≤10；接入口岸个2；数据集万张10；软件著作权项3；培训人次80",
    "保温材料导热系数W/(m·K)≤0.06；抗压强度MPa≥0.5；粉煤灰掺量%≥50；生产线条1；产量万方/年8；专利件4",
]
"""Indicators that we wrote for the projects of UNRELATED that look like LISTS; in the fifth only numbers differ."""
PARAMETERS = {"title": 65, "indicators": 80, "same_title": 95, "ask_title": 60, "ask_indicators": 55}
PROJECTS = [
    (next(place for place, (title, _) in enumerate(PAIRS) if word in title), indicators, sister)
    for word, indicators, sister in zip(OF_LISTS, LISTS, SISTER_LISTS, strict=True)
]


def form(title: str, indicators: str = "", unit: str = "甲单位") -> dict[str, object]:
    return {
        "title": title,
        "applicant_unit": {"name": unit},
        "indicators": tuple({"name": one} for one in indicators.split("；") if one),
    }


def other(title: str, indicators: str = "", unit: str = "甲单位", year: int = 2025, serial: str = "X-1") -> Content:
    return content_of(form(title, indicators, unit), serial=serial, year=year)


def told(rule: str, own: dict[str, object], others: list[Content], **changed: int) -> list[str]:
    return found(rule, own, others=others, **(PARAMETERS | changed))


def edited(chance: random.Random, indicators: str, numbers: float) -> str:
    """Return a list without one of its indicators, shuffled, and with a part of its numbers replaced."""
    items = indicators.split("；")
    items.pop(chance.randrange(len(items)))
    chance.shuffle(items)
    return re.sub(
        r"[0-9]+(\.[0-9]+)?",
        lambda number: str(chance.randint(1, 99)) if chance.random() < numbers else number[0],
        "；".join(items),
    )


@pytest.mark.parametrize(("title", "reworded"), PAIRS)
def test_a_reworded_title_is_asked_about(title: str, reworded: str) -> None:
    assert told("similar_in_unit", form(reworded), [other(title)]) == ["title?"]


def test_other_subjects_are_not_found_unless_written_to_look_alike() -> None:
    titles = [title for title, _ in PAIRS]
    assert not any(told("similar_in_unit", form(a), [other(b)]) for a, b in combinations(titles, 2))
    assert sum(bool(told("similar_in_unit", form(a), [other(b)])) for a, b in zip(UNRELATED, titles, strict=False)) > 0


def test_a_copy_with_its_numbers_is_one_in_principle() -> None:
    chance = random.Random(3)
    for place, indicators, _ in PROJECTS:
        title, reworded = PAIRS[place]
        for _ in range(20):
            own = form(reworded, edited(chance, indicators, 0))
            assert told("similar_in_unit", own, [other(title, indicators)]) == ["title"]
            assert told("similar_indicators", own, [other(title, indicators, "乙单位")]) == ["indicators"]


def test_a_project_of_the_same_kind_is_one_in_principle_only_when_nothing_but_numbers_differ() -> None:
    answers = [
        told("similar_indicators", form(UNRELATED[place], sister), [other(PAIRS[place][0], indicators, "乙单位")])
        for place, indicators, sister in PROJECTS
        if place < len(UNRELATED)
    ]
    assert answers.count(["indicators"]) == 1 and answers[4] == ["indicators"]
    assert answers.count(["indicators?"]) == 6


def test_edited_indicators_are_asked_about_in_any_order_whatever_the_title() -> None:
    chance = random.Random(3)
    for indicators in LISTS:
        for _ in range(20):
            own = form("别的", edited(chance, indicators, 1))
            assert told("similar_indicators", own, [other("题目", indicators, "乙单位")]) == ["indicators?"]


def test_other_indicators_are_not_found() -> None:
    for first, second in combinations(LISTS, 2):
        assert told("similar_indicators", form("别的", first), [other("题目", second, "乙单位")]) == []


TWENTY = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        (TWENTY, ["title"]),
        (TWENTY[:-1] + "戌", ["title"]),  # 19 of 20 are the same: 95 of 100
        (TWENTY[:-2] + "戌亥", ["title?"]),  # 90
        (TWENTY[:12] + "天地玄黄宇宙洪荒", ["title?"]),  # 60
        (TWENTY[:11] + "天地玄黄宇宙洪荒日", []),  # 55
    ],
)
def test_the_same_title_in_the_unit_is_one_in_principle(title: str, fields: list[str]) -> None:
    assert told("similar_in_unit", form(title), [other(TWENTY)]) == fields


def test_in_principle_needs_both_title_and_indicators() -> None:
    own, same = form(TWENTY, "一二三四五六七八九十"), other(TWENTY, "一二三四五六七八九十", "乙单位")
    assert told("similar_indicators", own, [same]) == ["indicators"]
    assert told("similar_indicators", own, [same], title=101) == ["indicators?"]
    assert told("similar_indicators", own, [same], indicators=101) == ["indicators?"]
    assert told("similar_indicators", own, [same], indicators=101, ask_indicators=101) == []


@pytest.mark.parametrize(
    ("others", "fields"),
    [
        ([], []),
        ([other("同一个题目")], ["title"]),
        ([other("同一个题目", unit="乙单位")], []),
        ([other("同一个题目", year=2024)], []),
        ([other("同一个题目")] * 9, ["title"] * 5),
        ([other("同一个题目"), other("同一个项目"), *[other("同一个节目")] * 9], ["title", *["title?"] * 4]),
    ],
)
def test_only_the_unit_in_the_year_and_not_too_many(others: list[Content], fields: list[str]) -> None:
    assert told("similar_in_unit", form("同一个题目"), others) == fields


def test_the_unit_and_year_are_not_told_twice() -> None:
    own = form("同一个题目", LISTS[0])
    assert told("similar_indicators", own, [other("同一个题目", LISTS[0])]) == []
    assert told("similar_indicators", own, [other("同一个题目", LISTS[0], year=2024)]) == ["indicators"]


def test_nothing_said_is_like_nothing() -> None:
    assert told("similar_in_unit", form(""), [other("")]) == told("similar_indicators", form("甲"), [other("乙")]) == []


def test_a_finding_names_the_other_submission() -> None:
    own = content_in(Form.model_validate(form("同一个题目", LISTS[0])), year=2025, serial="XJSCO25-00007")
    assert own == other("同一个题目", LISTS[0], serial="XJSCO25-00007")
    case = Case(Form.model_validate(form("同一个题目")), date(2025, 6, 20), {}, (), parameters=PARAMETERS)
    (problem,) = similar_in_unit(replace(case, year=2025, others=[other("同一个题目")]))
    assert "alike by 100 of 100 in its title" in str(problem.message) and "X-1, “同一个题目”" in str(problem.message)
