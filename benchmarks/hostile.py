"""What hostile templates cost until they are refused: `python -m benchmarks.hostile`.

Every file (those of tests/forms/hostile_files.py) is filled and set by a process of its own, as an author's or an
office's would be; its processor seconds, those of starting a process that does nothing taken off, and its largest
memory are printed and written to benchmarks/results/hostile.json. Issue: 2 s and 500 MB each.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "hostile.json"
sys.path.insert(0, str(ROOT / "tests" / "forms"))
JUDGE = ROOT / "tests" / "forms" / "judge_hostile.py"


def judged(path: Path) -> dict[str, object]:
    """Return what was said of one file, and what that took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, str(JUDGE), str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout or '{"said": {}, "MiB": 0}')  # killed after 20 s
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(seconds, 2), "MiB": round(told["MiB"]), "said": told["said"].get(path.name)}


def main() -> None:
    """Measure, print and keep."""
    from hostile_files import FILES

    found: dict[str, dict[str, object]] = {}
    with TemporaryDirectory() as folder:
        nothing = Path(folder) / "nothing.txt"
        nothing.write_text("")
        start = judged(nothing)["seconds"]
        for name, (make, _) in FILES.items():
            path = Path(folder) / name
            path.write_bytes(make())
            found[name] = judged(path)
            found[name]["seconds"] = round(max(float(str(found[name]["seconds"])) - float(str(start)), 0.0), 2)
            print(name, found[name])
    result = {"load": round(os.getloadavg()[0], 1), "seconds to start": start, "files": found}
    RESULTS.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
