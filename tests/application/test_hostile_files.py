"""Any bytes at all: an application with findings, or one sentence; never another exception, never long."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.application import yaml_file
from toolkit.application.checks import check
from toolkit.application.reading import load_application
from toolkit.application.tree import LARGEST_FILE
from toolkit.application.yaml_file import read_yaml
from toolkit.errors import TruecopyError

SAMPLE = Path(__file__).parents[2] / "samples" / "application.yaml"

keys = st.sampled_from(
    [
        "programme",
        "secrecy",
        "leader",
        "members",
        "text",
        "budget",
        "special",
        "2025",
        "background",
        "from",
        "x",
        "密级",
    ]
)
scalars = st.sampled_from(
    ["xinjiang-sco-2025", "公开", "2025-07-01", "1,000", "是", "", "\ud800", "e\u0301", "1" * 5000]
)
trees = st.recursive(
    scalars | st.text(max_size=8) | st.none() | st.booleans() | st.floats(allow_nan=False),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(keys | st.text(max_size=4), below, max_size=5),
    max_leaves=30,
)


def survives(data: bytes, now: datetime) -> None:
    try:
        application = load_application(data)
    except TruecopyError as error:
        assert len(str(error)) < 2000
    else:
        verdict = check(application, now=now)
        assert verdict.to_dict()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes(now: datetime, data: bytes) -> None:
    survives(data, now)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(keys, trees, max_size=8))
def test_any_tree_as_json(now: datetime, tree: dict[str, object]) -> None:
    import json

    survives(json.dumps({"programme": "xinjiang-sco-2025", **tree}).encode(), now)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(keys, trees, max_size=8))
def test_any_tree_as_yaml(now: datetime, tree: dict[str, object]) -> None:
    survives(yaml.dump({"programme": "xinjiang-sco-2025", **tree}).encode(errors="replace"), now)


def test_a_damaged_sample(now: datetime) -> None:
    sample = SAMPLE.read_bytes()
    chance = random.Random(20250530)
    for _ in range(60):
        at = chance.randrange(len(sample))
        length = chance.choice([1, 1, 3, 40, 4000])
        put = chance.choice(
            [b"", b"\t", b":", b"\xef\xbc\x9a", b"{", b"- ", b'"', b"\n", bytes([chance.randrange(256)])]
        )
        survives(sample[:at] + put + sample[at + length :], now)


@pytest.mark.parametrize(
    "piece",
    [
        b"a: 1\n",
        b"- ",
        b"[[",
        b"{a: ",
        b"? ",
        b'"',
        b"a\n",
        b"[1, ",
        b"  \n",
        b"# x\n",
        b"|\n",
        b"\xef\xbc\x9a",
        b"secrecy ",
    ],
)
@pytest.mark.parametrize("suffix", [b"", b"\n]"])
def test_a_full_file_of_one_thing_is_done_with_soon(piece: bytes, suffix: bytes, now: datetime) -> None:
    begun = time.perf_counter()
    survives((piece * (LARGEST_FILE // len(piece)))[: LARGEST_FILE - 9] + suffix, now)
    assert time.perf_counter() - begun < 10


def test_both_parsers_of_yaml_give_one_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    with_libyaml = read_yaml(text, "a")
    monkeypatch.setattr(yaml_file, "_LOADER", yaml.BaseLoader)
    assert read_yaml(text, "a") == with_libyaml


def test_check_loads_nothing_heavy() -> None:
    program = (
        "import sys; from datetime import datetime, UTC\n"
        "from toolkit.application.checks import check\n"
        "from toolkit.application.reading import load_application\n"
        f"check(load_application({str(SAMPLE)!r}), now=datetime.now(UTC))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"cv2", "typst", "sqlalchemy", "docxtpl", "docx", "numpy", "pikepdf", "reportlab"} & {
        *run.stdout.split()
    }
