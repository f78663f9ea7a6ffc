"""A programme and an application small enough to read, and ways to break them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from toolkit.application.programme import Programme
from toolkit.application.reading import Application, load_application

NOW = datetime(2025, 6, 20, 4, 0, tzinfo=UTC)  # noon in Asia/Shanghai, inside the window

TOML = """
[programme]
name = "try-2025"
title = "试用计划"
year = 2025
office = "试用科学技术厅"
notice = "试用通知"
timezone = "Asia/Shanghai"

[print]
watermark = "正式上报版"
draft_watermark = "草稿"
copies = 2
duplex = true
paper = "A4"

[serial]
pattern = "{prefix}TRY25-{number:05d}"

[windows]
submit_from = 2025-05-31T10:00:00+08:00
submit_until = 2025-06-30T20:00:00+08:00
recommend_until = 2025-07-03T20:00:00+08:00

[form]
required = ["direction", "start_date", "end_date", "leader.phone", "members", "budget"]
directions = ["清洁能源", "数字经济"]
unit_kinds = ["企业", "科研院所"]
budget_categories = ["设备费", "劳务费"]

[[text]]
key = "background"
title = "立项依据"
max_characters = 30

[[text]]
key = "route"
title = "技术路线"
required = false
max_characters = 30

[[documents]]
id = "proposal"
code = "P"
title = "项目申报书"
template = "proposal.docx"

[[documents.zones]]
name = "unit_chop"
kind = "chop"
colour = "red"
shape = "round"
label = "公章"

[checks.working_months]
clause = "一.4"
severity = "in principle"
least = 6

[checks.no_civil_servant]
clause = "一.7"
severity = "must"

[checks.no_misconduct]
clause = "四.7"
severity = "must"

[checks.self_raised_proof]
clause = "五.2"
severity = "must"
kind = "出资证明"

[checks.partners_share]
clause = "五.3"
severity = "in principle"
part = "1/3"

[checks.ethics_report]
clause = "五.6"
severity = "must"
kind = "科技伦理审查报告"

[checks.central_unit_funds_itself]
clause = "五.10"
severity = "must"
"""

YAML = """\
programme: try-2025
secrecy: 公开
direction: 清洁能源
title: 光伏滴灌
start_date: 2025-07-01
end_date: 2027年6月30日
applicant_unit:
  name: 新疆示例有限公司
  kind: 企业
leader:
  name: 李堃
  phone: 0991-0000001
partner_units:
  - {name: 示例大学, share: 10.00, no_misconduct: 是}
members:
  - name: 王喆
    gender: 男
    no_misconduct: 是
text:
  background: |
    第一段。

    第二段。
schedule:
  - {from: 2025-07-01, to: 2027-06-30, work: 全部}
funds:
  requested: 30.00
  self_raised: 0.50
budget:
  - {category: 设备费, special: {2025: 10.00, 2026: 20}, self_raised: {2027: 0.5}}
attachments:
  - {name: 出资证明, kind: 出资证明, file: proof.pdf}
"""

settings.register_profile("application", deadline=None)  # the first example pays for imports
settings.load_profile("application")

Load = Callable[..., Application]


@pytest.fixture
def yaml_text() -> str:
    """The application as its file has it."""
    return YAML


@pytest.fixture
def toml_text() -> str:
    """The programme as its file has it."""
    return TOML


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def programmes(tmp_path: Path) -> Path:
    """A folder with the one programme."""
    folder = tmp_path / "programmes" / "try-2025"
    folder.mkdir(parents=True)
    (folder / "programme.toml").write_text(TOML, encoding="utf-8")
    (folder / "proposal.docx").write_bytes(b"template")
    return folder.parent


@pytest.fixture
def programme(programmes: Path) -> Programme:
    return Programme.load(programmes / "try-2025")


@pytest.fixture
def load(tmp_path: Path, programmes: Path) -> Load:
    """Load the application after replacing pieces of its text: ``load(("old", "new"), ...)``."""
    (tmp_path / "proof.pdf").write_bytes(b"%PDF-1.7")

    def load(*changes: tuple[str, str], name: str = "application.yaml", encoding: str = "utf-8") -> Application:
        text = YAML
        for old, new in changes:
            assert old in text, f"{old!r} is not in the application"
            text = text.replace(old, new, 1)
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return load_application(path, home=programmes.parent)

    return load
