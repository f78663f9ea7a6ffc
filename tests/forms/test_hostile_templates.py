"""Templates made to exhaust the machine, to run code or to fetch: refused with a sentence, in bounded memory.

How long each takes by itself says benchmarks/hostile.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_files import FILES
from word_files import paragraph, word_file

from toolkit.errors import TemplateError
from toolkit.forms import filling
from toolkit.forms.package import read_package


def test_hostile_files_are_refused_within_bounds(tmp_path: Path) -> None:
    for name, (make, _) in FILES.items():
        (tmp_path / name).write_bytes(make())
    judge = Path(__file__).with_name("judge_hostile.py")
    done = subprocess.run([sys.executable, judge, *sorted(tmp_path.iterdir())], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # no traceback, and not killed after 20 s of processor time
    told = json.loads(done.stdout)
    assert {name: said for name, said in told["said"].items() if not re.search(FILES[name][1], said)} == {}
    assert set(told["said"]) == set(FILES)
    assert told["MiB"] < 500


def test_a_template_is_judged_before_it_is_opened_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def count(data: bytes, name: str) -> dict[str, bytes]:
        opened.append(data)
        return read_package(data, name)

    monkeypatch.setattr(filling, "read_package", count)
    good, bad = word_file(paragraph("甲乙")), word_file("<w:p/>" * 200_000)
    filling.fill(good, {}, name="judged once")
    filling.fill(good, {}, name="judged once")
    assert opened.count(good) == 1
    for _ in range(2):
        with pytest.raises(TemplateError, match="too large"):
            filling.fill(bad, {}, name="bad")
    assert opened[-2:] == [bad, bad]  # and nothing that was filled came after
