"""Word files made to exhaust the machine: refused with a sentence, in bounded memory and processor time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from word_files import paragraph, word_file

_JUDGE = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from toolkit.errors import TruecopyError
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import typeset
from toolkit.resources import shared
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
said = {}
for path in map(Path, sys.argv[1:]):
    try:
        typeset(path.read_bytes(), name=path.name, fonts=FontCatalogue.load(shared("fonts")), created=datetime.now(UTC))
    except TruecopyError as error:
        said[path.stem] = str(error)
# Not ru_maxrss, which has what the parent held when it started this process.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({"said": said, "MiB": int(peak.split()[1]) / 1024}))
"""
HOSTILE = {
    "paragraphs": ("<w:p/>" * 60_000, "more than 50000 paragraphs"),
    "tags": ("<w:p/>" * 1_100_000, "too large when it is unpacked"),
    "attributes": ("<w:p " + " ".join(f'a{at}=""' for at in range(2_100_000)) + "/>", "too large"),
    "depth": ("<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000, "is damaged"),
    "word": (paragraph("a" * 19_000), "a word of more than 2000 characters"),
    "scripts": (paragraph("1个" * 200_000), "a paragraph of more than 20000 characters"),
    "characters": (paragraph("字" * 9_000) * 60, "more than 500000 characters"),
}


def test_hostile_files_are_refused_within_bounds(tmp_path: Path) -> None:
    for name, (body, _) in HOSTILE.items():
        (tmp_path / f"{name}.docx").write_bytes(word_file(body))
    (tmp_path / "bomb.docx").write_bytes(word_file("", parts={"word/media/a.bin": bytes(70 * 2**20)}))
    files = sorted(tmp_path.glob("*.docx"))
    done = subprocess.run([sys.executable, "-c", _JUDGE, *files], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    wanted = {name: part for name, (_, part) in HOSTILE.items()} | {"bomb": "too large when it is unpacked"}
    assert {name: wanted[name] in said for name, said in told["said"].items()} == dict.fromkeys(wanted, True)
    assert told["MiB"] < 500
