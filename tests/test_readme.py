"""What the README shows is run as it stands there, in order, in a folder that has the samples and nothing else."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXPECTED = {"check application.yaml": 3, "verify": 3, "receive": 3}
"""Exit codes other than 0: an empty form lacks its fields, and one unsigned letter is no whole submission."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)


def expected(command: str) -> int:
    return next((code for part, code in EXPECTED.items() if f" {part}" in command), 0)


@pytest.mark.slow
def test_what_the_readme_shows_works(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("TRUECOPY_HOME", None)
    commands = [line[2:] for block in blocks("console") for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 10
    for command in commands:
        words = [word for part in shlex.split(command) for word in _globbed(part, tmp_path)]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == expected(command), f"{command}\n{done.stdout}{done.stderr}"
    (python,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", python], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["passed", "XJSCO25-00001 2 failed"]


def test_every_picture_and_page_that_the_readmes_name_is_there() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / name).read_text("utf-8")):
            assert (ROOT / target).exists(), f"{name} names {target}"


def _globbed(word: str, folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob(word)) if "*" in word else [word]
