"""Nobody pays for what he does not use: what commands and the package itself load, seen in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "alembic",
    "cryptography",
    "cv2",
    "docxtpl",
    "fontTools",
    "jinja2",
    "lxml",
    "numpy",
    "openpyxl",
    "pikepdf",
    "PIL",
    "pydantic",
    "pypdf",
    "pypdfium2",
    "qrcode",
    "reportlab",
    "rich",
    "sqlalchemy",
    "typst",
    "zxingcpp",
}
OTHER_STAGES = {
    "chinese_calendar",
    "loky",
    "rapidfuzz",
    "toolkit.docket",
    "toolkit.formal",
    "toolkit.forms",
    "toolkit.home",
    "toolkit.issuing",
    "toolkit.records.store",
    "toolkit.report",
    "toolkit.scan",
    "toolkit.verifying",
    "toolkit.application.workbook_writing",
}
"""What ``check`` has no use for: every tenth of a second counts when the window closes in ten minutes."""
COMMAND = "from toolkit.cli import main; main({arguments!r})"


def loaded(code: str) -> set[str]:
    """Return which heavy packages a process has loaded when the code has run, however it ended."""
    return modules(code) & HEAVY


def modules(code: str) -> set[str]:
    """Return every module that a process has loaded when the code has run, however it ended."""
    script = f"import sys\ntry:\n    {code}\nfinally:\n    print('loaded', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("loaded"))
    return set(line.split()[1:])


def test_the_package_itself_loads_nothing_heavy() -> None:
    assert loaded("import toolkit") == set()
    assert loaded("from toolkit import Outcome") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]], ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(COMMAND.format(arguments=arguments)) == set()


def test_check_loads_what_reading_needs_and_no_more(samples: Path) -> None:
    path = str(samples / "application.yaml")
    assert not modules(COMMAND.format(arguments=["check", path])) & OTHER_STAGES
    # Pillow looks at the pictures that the application encloses; rich is for people only.
    assert loaded(COMMAND.format(arguments=["check", path, "--json"])) <= {"pydantic", "PIL"}
    assert loaded(COMMAND.format(arguments=["check", path])) <= {"pydantic", "PIL", "rich"}


def test_check_of_a_workbook_leaves_numpy_out(tmp_path: Path) -> None:
    path = str(tmp_path / "application.xlsx")
    loaded(COMMAND.format(arguments=["new", "-o", path]))
    assert loaded(COMMAND.format(arguments=["check", path])) <= {"pydantic", "PIL", "rich", "openpyxl", "lxml"}


def test_show_and_inspect_load_no_typesetting(formal_home: str, samples: Path) -> None:
    setting = {"typst", "docxtpl", "jinja2", "fontTools", "reportlab", "pikepdf", "alembic"}
    assert not loaded(COMMAND.format(arguments=["--home", formal_home, "verify", "none.pdf", "--json"])) & setting
    assert not loaded(COMMAND.format(arguments=["inspect", str(samples / "route.png"), "--json"])) & setting


@pytest.fixture
def formal_home(new_home: Path) -> str:
    return str(new_home)
