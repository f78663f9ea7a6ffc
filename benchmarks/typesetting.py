"""How long typesetting takes and whether its memory stays flat: `python -m benchmarks.typesetting [RUNS] [DOCUMENTS]`.

The supplied proposal (14 pages) and a one-page letter, filled with the sample, are set from .docx to PDF/A in one
process, warm; in every run another title stands on every page that shows it. Typst remembers the rest: a form in
which every text is another takes it more than twice as long (300 against 137 ms, at load 2). The figures are
processor seconds, since wall time on a shared machine says little; the best of the runs stands beside the median,
since other programs on the machine only ever add to it. Then DOCUMENTS letters, and a fifth as many proposals, are
set one after the other, and the process's memory is read on the way. Prints the figures and writes them to
benchmarks/results/typesetting.json.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from toolkit.application.context import template_context
from toolkit.application.reading import load_application
from toolkit.forms.filling import fill
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import typeset
from toolkit.resources import shared

RESULTS = Path(__file__).parent / "results" / "typesetting.json"
CREATED = datetime(2025, 6, 18, tzinfo=UTC)
PROPOSAL, LETTER = "proposal.docx", "commitment-leader.docx"


def filled(template: str) -> Iterator[bytes]:
    """Yield the sample's form again and again, each with another title."""
    application = load_application(shared("samples", "application.yaml"), home=shared("samples"))
    programme = application.programme
    assert programme is not None
    document = next(each for each in programme.documents if each.template == template)
    context = template_context(application, programme, serial=programme.serial("XJ", 1), revision=1)
    number = 0
    while True:
        number += 1
        title = f"面向中亚干旱区的绿洲棉田第{number}号研究与示范"
        yield fill(programme.template(document), {**context, "title": title}, name=template)


def seconds(template: str, runs: int, fonts: FontCatalogue) -> dict[str, float]:
    """Return processor seconds of setting one form, the first two of the process left out."""
    spent = []
    for docx, _ in zip(filled(template), range(runs + 2), strict=False):
        start = time.process_time()
        form = typeset(docx, name=template, fonts=fonts, created=CREATED)
        spent.append(time.process_time() - start)
    warm = spent[2:]
    return {"pages": form.pages, "median": round(statistics.median(warm), 4), "best": round(min(warm), 4)}


def resident() -> float:
    """Return the process's memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory(template: str, documents: int, fonts: FontCatalogue) -> dict[str, float]:
    """Return the memory after each tenth of so many forms set in this process."""
    found = {}
    for number, docx in zip(range(1, documents + 1), filled(template), strict=False):
        typeset(docx, name=template, fonts=fonts, created=CREATED)
        if number % max(documents // 10, 1) == 0:
            found[str(number)] = round(resident(), 1)
    return found


def main(runs: int, documents: int) -> None:
    """Measure, print and keep."""
    fonts = FontCatalogue.load(shared("fonts"))
    result = {
        "runs": runs,
        "load": round(os.getloadavg()[0], 1),
        PROPOSAL: seconds(PROPOSAL, runs, fonts),
        LETTER: seconds(LETTER, runs, fonts),
        "MiB after so many letters": memory(LETTER, documents, fonts),
        "MiB after so many proposals": memory(PROPOSAL, documents // 5, fonts),
    }
    text = json.dumps(result, ensure_ascii=False, indent=2)
    print(text)
    RESULTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [20, 1000][len(given) :]))
