"""Every committed vector gets the one reason that it expects, and the committed script still makes the same ones."""

from __future__ import annotations

import datetime
import json
import runpy
from pathlib import Path

import pytest

from toolkit.seal.payload import SealMalformed, decode
from toolkit.seal.symbol import SymbolUnreadable, from_digits
from toolkit.seal.trust import Trust, judge
from toolkit.seal.trust_bundle import load_trust

FOLDER = Path(__file__).parent.parent / "vectors"
VECTORS = sorted(FOLDER.glob("seal-*.json"))


@pytest.fixture(scope="module")
def trust() -> Trust:
    return load_trust(FOLDER / "trust")


def reasons(vector: dict[str, str], trust: Trust) -> list[str]:
    """Return the reasons that a reader gives: from the symbol's digits, or from the bytes that they would carry."""
    try:
        data = bytes.fromhex(vector["seal_hex"]) if "seal_hex" in vector else from_digits(vector["digits"])
        findings = judge(decode(data), trust, datetime.datetime.fromisoformat(vector["read_at"]))
    except SymbolUnreadable:
        return ["SEAL_UNREADABLE"]
    except SealMalformed as error:
        return [error.reason.name]
    return [finding.reason.name for finding in findings] or ["PASSED"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_gets_its_reason_and_no_other(path: Path, trust: Trust) -> None:
    vector = json.loads(path.read_text("utf-8"))
    assert reasons(vector, trust) == [vector["expect"]], vector["about"]


def test_the_script_makes_the_committed_files() -> None:
    made = runpy.run_path(str(FOLDER / "make_seals.py"))["files"]()
    committed = [*VECTORS, *FOLDER.glob("trust/*/*.pem")]
    assert made == {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in committed}
