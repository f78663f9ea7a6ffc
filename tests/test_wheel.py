"""The wheel, installed by itself: everything that the commands need lies in it, and nothing of the checkout is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = "from toolkit.cli import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with what is installed here, from the network nothing."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_what_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    committed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for path in committed.decode("utf-8").rstrip("\0").split("\0"):
        top, _, below = path.partition("/")
        if top in ("templates", "fonts", "samples") and not below.startswith("authoring/"):
            assert f"toolkit/_share/{path}" in names
        elif top == "toolkit":
            assert path in names
    assert "toolkit/locale/zh/LC_MESSAGES/truecopy.mo" in names
    for name in names:
        assert name.split("/")[0] in ("toolkit", f"truecopy-{wheel.name.split('-')[1]}.dist-info"), name
        assert "__pycache__" not in name and not name.startswith("toolkit/_share/templates/authoring")


@pytest.mark.slow
def test_the_demo_of_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    installed, elsewhere = tmp_path / "installed", tmp_path / "empty"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", installed, wheel]
    subprocess.run(pip, check=True, timeout=120)
    elsewhere.mkdir()
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "TRUECOPY_HOME")}
    # PYTHONPATH comes before the site-packages, where the checkout is entered; -P keeps this folder out of the way.
    how = {
        "cwd": elsewhere,
        "env": {**inherited, "PYTHONPATH": str(installed), "LC_ALL": "C.UTF-8"},
        "capture_output": True,
        "timeout": 240,
    }
    where = subprocess.run([sys.executable, "-P", "-c", "import toolkit; print(toolkit.__file__)"], **how)  # type: ignore[call-overload]
    assert Path(where.stdout.decode().strip()).is_relative_to(installed)
    demo = subprocess.run([sys.executable, "-P", "-c", COMMAND, "demo"], **how)  # type: ignore[call-overload]
    assert (demo.returncode, demo.stderr) == (0, b""), demo.stdout.decode() + demo.stderr.decode()
    told = demo.stdout.decode()
    for reason in ("SIGNER_UNTRUSTED", "PAGE_MISSING", "DRAFT_PAGE", "RECORD_SUPERSEDED", "CONTENT_ALTERED"):
        assert reason in told
    made = elsewhere / "truecopy-demo"
    assert (made / "report.html").stat().st_size > 10_000
    assert "8000" in (made / "altered.html").read_text("utf-8")
    assert len(list((made / "formal").glob("*.pdf"))) == 4
    command = [sys.executable, "-P", "-c", COMMAND, "--home", made / "home"]
    listed = subprocess.run([*command, "keys", "list", "--json"], **how)  # type: ignore[call-overload]
    assert json.loads(listed.stdout)["certificates"][0]["demo"] is True
    again = subprocess.run([*command, "demo", "--lang", "zh"], **how)  # type: ignore[call-overload]
    assert again.returncode == 2 and "truecopy-demo" in again.stderr.decode()
    assert any("一" <= character <= "鿿" for character in again.stderr.decode())
    assert sorted(path.name for path in elsewhere.iterdir()) == ["truecopy-demo"]
