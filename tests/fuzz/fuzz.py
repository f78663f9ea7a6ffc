"""Fuzz what reads bytes from outside, guided by coverage (atheris): `make fuzz`, a minute of one core.

    python tests/fuzz/fuzz.py [--seconds 60] [TARGET ...]

Each target (targets.py) runs in a process of its own for its share of the time, held to the memory and the seconds for
an input that a page is held to when paper is checked. What it cannot take is written to fuzz-findings/ and ends the
run with 1; the printed command tries that one input again.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

from toolkit.scan import image_process

FINDINGS = Path("fuzz-findings")
MEMORY = image_process.MEMORY // 2**20
"""MB of resident memory."""
SECONDS = int(image_process.SECONDS)
_STATISTICS = ("number_of_executed_units", "slowest_unit_time_sec", "peak_rss_mb")


def main() -> int:
    """Fuzz the targets one after the other; return 1 when something was found."""
    from targets import TARGETS  # not above: what is fuzzed must be imported by ``run`` first, to be instrumented

    parser = argparse.ArgumentParser(description="Fuzz what reads bytes from outside.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}; all when left out")
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together")
    chosen = parser.parse_args()
    names = chosen.targets or list(TARGETS)
    unknown = set(names) - set(TARGETS)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    FINDINGS.mkdir(exist_ok=True)
    share = max(1, chosen.seconds // len(names))
    return max([fuzzed(name, share) for name in names])


def fuzzed(name: str, seconds: int) -> int:
    """Fuzz one target, say how many inputs it read, and return 1 when it could not take one."""
    command = [sys.executable, __file__, "--run", name]
    with tempfile.TemporaryDirectory() as corpus:
        options = [
            f"-max_total_time={seconds}",
            f"-timeout={SECONDS}",
            f"-rss_limit_mb={MEMORY}",
            f"-artifact_prefix={FINDINGS}/{name}-",
            "-print_final_stats=1",
        ]
        done = subprocess.run([*command, *options, corpus], stderr=subprocess.PIPE, text=True, errors="replace")
    said = dict(re.findall(r"^stat::(\w+):\s+(\d+)", done.stderr, re.MULTILINE))
    if done.returncode == 0 and int(said.get("number_of_executed_units", 0)):
        count, slowest, memory = (said[key] for key in _STATISTICS)
        print(
            f"{name:8} {count:>8} inputs, the slowest below {int(slowest) + 1} s, {memory} MB: nothing found",
            flush=True,
        )
        return 0
    print(f"{name:8} found something:\n{done.stderr[-4000:]}\nagain: {' '.join(command)} FILE", flush=True)
    return 1


def run(name: str, arguments: list[str]) -> None:
    """Be the process that fuzzes a target; the corpus is the last argument, or one file to read again."""
    with atheris.instrument_imports(include=["toolkit"]):
        from targets import TARGETS
    target = TARGETS[name]
    corpus = Path(arguments[-1])
    if corpus.is_dir():
        for number, seed in enumerate(target.seeds()):
            (corpus / f"seed-{number}").write_bytes(seed)
        arguments = [f"-max_len={target.longest}", *arguments]
    atheris.Setup([sys.argv[0], *arguments], target.read)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2], sys.argv[3:])
    sys.exit(main())
