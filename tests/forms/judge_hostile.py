"""Fills and sets the files that its arguments name, and prints what was said of them and the memory it took.

A program of its own, so that each file can have a process, whose memory and processor time are then those of the file.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from toolkit.errors import TruecopyError
from toolkit.forms.acroform_filling import set_acroform
from toolkit.forms.filling import fill
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import typeset
from toolkit.resources import shared


def main() -> None:
    """Judge the files."""
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    fonts, now = FontCatalogue.load(shared("fonts")), datetime(2026, 4, 10, tzinfo=UTC)
    said = {}
    for path in map(Path, sys.argv[1:]):
        data = path.read_bytes()
        try:
            if path.suffix == ".docx":
                filled = data if path.name.startswith("set-") else fill(data, {"a": "甲"}, name=path.name)
                typeset(filled, name=path.name, fonts=fonts, created=now)
            elif path.suffix == ".pdf":
                set_acroform(data, {"a": "甲"}, expressions={}, zones=(), name=path.name, fonts=fonts, created=now)
        except TruecopyError as error:
            said[path.name] = str(error)
    # Not ru_maxrss, which has what the parent held when it started this process.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"said": said, "MiB": int(peak.split()[1]) / 1024}))


main()
