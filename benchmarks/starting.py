"""How long `check` takes from a cold start: `python -m benchmarks.starting [RUNS]`.

Every run is a process of its own: the supplied sample, checked for a person at a terminal and for a program, as text,
as a workbook, and an empty workbook. Seconds are those of the processor, user and system; medians, the least and the
most of RUNS. Prints the figures and writes them to benchmarks/results/starting.json.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from toolkit.application.gathering import gather
from toolkit.application.opening import open_file
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.workbook_writing import new_workbook
from toolkit.resources import programme_folder, shared

RESULTS = Path(__file__).parent / "results" / "starting.json"
COMMAND = (
    "import sys; from toolkit.cli import main\ntry:\n    main({arguments!r})\nfinally:\n    print(len(sys.modules))"
)


def measured(arguments: list[str], runs: int) -> dict[str, float]:
    """Return the seconds of a command over so many runs, and how many modules it loads."""
    seconds = []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", COMMAND.format(arguments=arguments)], capture_output=True, text=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    seconds = seconds[1:]  # the first compiles the modules, and reads them from the disk
    return {
        "median": round(statistics.median(seconds), 2),
        "least": round(min(seconds), 2),
        "most": round(max(seconds), 2),
        "modules": int(done.stdout.splitlines()[-1]),
    }


def main() -> None:
    """Measure, print and keep the figures."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    sample = str(shared("samples", "application.yaml"))
    with tempfile.TemporaryDirectory() as folder:
        programme = Programme.load(programme_folder("xinjiang-sco-2025"))
        workbook = Path(folder) / "empty.xlsx"
        workbook.write_bytes(new_workbook(programme, {}))
        shutil.copytree(Path(sample).parent, folder, dirs_exist_ok=True)  # with the files that it encloses
        root, _, _ = open_file(Path(sample).read_bytes(), sample, None)
        filled = Path(folder) / "filled.xlsx"
        filled.write_bytes(new_workbook(programme, gather(root, outline(programme), sample).values))
        figures: dict[str, object] = {
            "runs": runs,
            "load average": round(os.getloadavg()[0], 1),
            "check": measured(["check", sample], runs),
            "check --json": measured(["check", sample, "--json"], runs),
            "check of the sample as a workbook": measured(["check", str(filled)], runs),
            "check of an empty workbook": measured(["check", str(workbook)], runs),
            "--help": measured(["--help"], runs),
        }
    print(json.dumps(figures, indent=2))
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
