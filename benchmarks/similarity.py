"""Checking 1,000 applications against 10,000 records: `python -m benchmarks.similarity`.

Titles and indicators are put together at random from parts that real ones have, with a fixed seed; so many of them are
alike by chance, and pairs of characters are less rare than in texts that people wrote. Every tenth application is a
copy: its title reworded at random, one indicator dropped, the others shuffled, every third number replaced. Seconds are
of the processor, in one process and warm; reading the files is timed apart. Whether the index misses what comparing
with every record finds is counted on 300 of the applications (at most five are named for each). Prints the figures
and writes them to benchmarks/results/similarity.json.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from toolkit.application.checks import check
from toolkit.application.model import Indicator
from toolkit.application.reading import Application, load_application
from toolkit.application.similarity_rules import content_in
from toolkit.records.content import Content
from toolkit.records.database import Database
from toolkit.records.likeness import remember
from toolkit.records.store import Store
from toolkit.records.tables import serials, series
from toolkit.resources import shared
from toolkit.verdict import Verdict

RESULTS = Path(__file__).parent / "results" / "similarity.json"
RECORDS, APPLICATIONS, COMPARED_WITH_ALL, READ = 10_000, 1_000, 300, 20
UNITS = 400
YEARS = (2021, 2022, 2023, 2024, 2025)

REGIONS = (
    "中亚 南疆 北疆 伊犁河谷 塔里木盆地 准噶尔盆地 天山北坡 帕米尔高原 阿尔泰山区 跨境口岸 丝绸之路经济带 费尔干纳盆地"
).split()
OBJECTS = (
    "棉花 小麦 玉米 甜菜 葡萄 红枣 枸杞 核桃 番茄 牧草 马鹿 细毛羊 骆驼奶 冷水鱼 盐生植物 胡杨林 荒漠草地 "
    "湖泊湿地 冰川融水 地下水 微咸水 油田采出水 煤矸石 粉煤灰 铜镍矿尾渣 锂辉石 稀土 页岩油 天然气管道 "
    "输电线路 光伏电站 风电场 储能电池 氢能 电动客车 冷链集装箱 中欧班列 口岸货物 边境贸易 多语种文本 "
    "遥感影像 地震波 滑坡 雪崩 沙尘暴 包虫病 布鲁氏菌病 食管癌 高血压 维吾尔药材 罗布麻 雪莲 肉苁蓉"
).split()
ASPECTS = (
    "高效栽培 品种选育 病虫害防控 水肥一体化 智能灌溉 精深加工 质量标准互认 功能成分提取 早期诊断 联合防控 "
    "监测预警 生态修复 资源化利用 清洁开采 安全运行 智能运维 优化调度 装备研制 数据平台 语料库建设 机理研究 "
    "遥感反演 数值模拟 风险评估 示范推广 种质资源创新"
).split()
ENDINGS = ("研究 研究与示范 关键技术研发 技术合作研究 技术集成与应用 联合实验与推广 技术与装备").split()
INDICATORS = (
    "申请发明专利 件|发表论文 篇|培训技术人员 人次|制定标准 项|软件著作权 项|{o}新品种 个|引进{o}种质 份|"
    "{o}产量提高 %|示范面积 亩|{o}{a}成套装备 套|{o}识别准确率 %|单次响应时间 s|{o}处理成本 元/吨|"
    "{o}处理规模 立方米/天|{o}回收率 %|{a}模型误差 %|数据集规模 万条|{r}示范基地 个|{o}含水率 %|灵敏度 %|"
    "特异性 %|临床样本 例|预警提前量 h|装置耐受低温 ℃|能耗降低 %|{r}观测站点 个|新增产值 万元|"
    "共建联合实验室 个|互派访问学者 人次|{o}{a}技术规程 项"
).split("|")


def content(chance: random.Random, serial: str) -> Content:
    """Return what a made-up submission is about."""
    region, thing, aspect = chance.choice(REGIONS), chance.choice(OBJECTS), chance.choice(ASPECTS)
    second = chance.choice(ASPECTS)
    title = f"{region}{thing}{aspect}与{second}{chance.choice(ENDINGS)}"
    lines = (
        f"{one.format(o=thing, a=aspect, r=region)} ≥{chance.randint(1, 9999)}  "  # as name, unit and target are joined
        for one in chance.sample(INDICATORS, chance.randint(5, 10))
    )
    unit = f"第{chance.randrange(UNITS)}研究所"
    return Content(serial, unit, chance.choice(YEARS), title, "；".join(sorted(lines)))


def copy_of(chance: random.Random, other: Content) -> Content:
    """Return what somebody applies for who copies another submission and hides it a little."""
    title = re.sub("与", "及", other.title, count=1)
    title = title.replace("研究", "的研究", 1) if chance.random() < 0.5 else f"面向{title}"
    lines = other.indicators.split("；")
    lines.pop(chance.randrange(len(lines)))
    lines = [re.sub(r"\d+", lambda found: _other_number(chance, found[0]), line) for line in lines]
    return Content("", f"第{chance.randrange(UNITS)}研究所", 2025, title, "；".join(sorted(lines)))


def _other_number(chance: random.Random, number: str) -> str:
    return str(chance.randint(1, 9999)) if chance.random() < 1 / 3 else number


def filled(store: str, listed: list[Content]) -> float:
    """Put all contents into a new store; return the seconds that the index took."""
    Store.create(store).close()
    database = Database(store, writable=True)
    with database.writing() as connection:
        connection.execute(insert(series).values(name="s", last_number=len(listed)))
        rows = [{"serial": one.serial, "series": "s", "number": n} for n, one in enumerate(listed, 1)]
        connection.execute(insert(serials), rows)
        start = time.process_time()
        for one in listed:
            remember(connection, one)
        spent = time.process_time() - start
    database.close()
    return spent


def applying(sample: Application, own: Content) -> Application:
    """Return the sample as the application of another unit for another project."""
    said = sample.complete()
    changed = {
        "title": own.title,
        "indicators": tuple(Indicator(name=line.strip()) for line in own.indicators.split("；")),
        "applicant_unit": said.applicant_unit.model_copy(update={"name": own.unit}),
    }
    form = said.model_copy(update=changed)
    return Application(sample.source, sample.programme, form, form, (), sample.files, sample.places)


def main() -> None:
    """Measure, print and keep the figures."""
    chance = random.Random(20250530)
    records = [content(chance, f"XJSCO25-{number:05d}") for number in range(1, RECORDS + 1)]
    sample = load_application(shared("samples", "application.yaml"))
    start = time.process_time()
    for _ in range(READ):
        load_application(shared("samples", "application.yaml"))
    reading = (time.process_time() - start) / READ
    copied = {n: chance.choice(records) for n in range(0, APPLICATIONS, 10)}
    own = [copy_of(chance, copied[n]) if n in copied else content(chance, "") for n in range(APPLICATIONS)]
    applications = [applying(sample, one) for one in own]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store.sqlite3"
        indexing = filled(url, records)
        size = (Path(folder) / "store.sqlite3").stat().st_size
        with Store.open(url) as store:
            check(applications[0], others=store.alike(own[0]))
            shortlists, verdicts = [], []
            start = time.process_time()
            for application in applications:
                shortlist = store.alike(content_in(application.readable, year=2025))
                verdicts.append(check(application, others=shortlist))
                shortlists.append(shortlist)
            checking = time.process_time() - start
    held = held_too = asked = asked_too = 0
    for n in range(COMPARED_WITH_ALL):
        by_all, by_index = check(applications[n], others=records), verdicts[n]
        held += len(_similar(by_all, "indeterminate"))
        held_too += len(_similar(by_all, "indeterminate") & _similar(by_index, "indeterminate"))
        asked += bool(_similar(by_all, "note"))
        asked_too += bool(_similar(by_all, "note")) and bool(_similar(by_index, "note"))
    copies_found = sum(other in shortlists[n] for n, other in copied.items())
    figures = {
        "records": RECORDS,
        "applications": APPLICATIONS,
        "check_seconds_for_all": round(checking, 2),
        "read_a_file_ms": round(1000 * reading, 1),
        "shortlist_mean": round(sum(map(len, shortlists)) / APPLICATIONS, 1),
        "copies_on_the_shortlist": f"{copies_found}/{len(copied)}",
        "compared_with_all": COMPARED_WITH_ALL,
        "found_in_principle_by_the_index_of_those_by_all": f"{held_too}/{held}",
        "applications_asked_about_by_the_index_of_those_by_all": f"{asked_too}/{asked}",
        "index_a_record_ms": round(1000 * indexing / RECORDS, 2),
        "index_bytes_a_record": size // RECORDS,
    }
    print(json.dumps(figures, indent=2))
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


def _similar(verdict: Verdict, outcome: str) -> set[tuple[str | None, str]]:
    """Return which submissions a verdict names as alike with an outcome, with the clause."""
    listed = [one for one in verdict.findings if one.clause in ("四.5", "四.6") and one.outcome == outcome]
    return {(one.clause, "".join(re.findall(r"XJSCO25-[0-9]{5}", str(one.message)))) for one in listed}


if __name__ == "__main__":
    main()
