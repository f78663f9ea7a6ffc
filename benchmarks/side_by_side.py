"""Pages as Typst and as LibreOffice set them: `make pages`, or `python -m benchmarks.side_by_side FOLDER`.

The office forms of the tests and the filled samples are set by both engines, from the same Word files and in the same
fonts; FOLDER/index.html shows every pair of pages to leaf through, a third picture laying LibreOffice's (red) over
ours (blue). Beside each pair stands how much of the ink of one page has ink of the other within 2 mm: a figure to find
the pages that want looking at, not a verdict, since lines break differently. LibreOffice must be installed.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import typeset
from toolkit.resources import shared

ROOT = Path(__file__).parents[1]
CREATED = datetime(2025, 6, 18, tzinfo=UTC)
SCALE = 1.2
"""Pixels per point: A4 is 714 wide."""
NEAR = 13
"""Pixels, twice 2 mm and one: the square in which ink counts as near."""
INK = 160
HEAD = (
    '<!doctype html><meta charset="utf-8"><title>Typst | LibreOffice</title>'
    "<style>body{font:15px sans-serif;margin:1em}img{width:32%;border:1px solid #999}"
    "h2{margin:1.5em 0 .3em}p{margin:.3em 0}</style>"
)


def forms() -> Iterator[tuple[str, bytes]]:
    """Yield the Word files by name."""
    sys.path.insert(0, str(ROOT / "tests" / "forms"))
    from office_forms import FORMS, saved
    from supplied_forms import SAMPLES, filled

    yield from ((name, saved(make())) for name, make in FORMS.items())
    for sample in SAMPLES:
        yield from filled(sample)


def pictures(pdf: bytes) -> list[Image.Image]:
    """Return the pages of a PDF in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=SCALE).to_pil().convert("L") for page in document]
    finally:
        document.close()


def near_share(one: Image.Image, other: Image.Image) -> float:
    """Return the share of the first page's ink that has ink of the other near it; 1 where there is no ink."""
    reach = np.asarray(other.filter(ImageFilter.MinFilter(NEAR))) < INK
    ink = np.asarray(one) < INK
    return float(reach[ink].mean()) if ink.any() else 1.0


def laid_over(ours: Image.Image, theirs: Image.Image) -> Image.Image:
    """Return ours in blue and theirs in red; black is where both have ink."""
    return Image.merge("RGB", (ours, Image.fromarray(np.maximum(np.asarray(ours), np.asarray(theirs))), theirs))


def main(folder: Path) -> None:
    """Write the report into a folder and print a line for every form."""
    folder.mkdir(parents=True, exist_ok=True)
    fonts = FontCatalogue.load(shared("fonts"))
    written = [HEAD, "<h1>Typst | LibreOffice | both (blue, red)</h1>"]
    for number, (name, docx) in enumerate(forms()):
        engines = [
            pictures(typeset(docx, name=name, fonts=fonts, created=CREATED, engine=engine).pdf)
            for engine in ("typst", "libreoffice")
        ]
        counts = " | ".join(f"{len(pages)} pages" for pages in engines)
        written.append(f"<h2>{html.escape(name)}: {counts}</h2>")
        shares = []
        for page, pair in enumerate(zip_longest(*engines)):
            size = next(each.size for each in pair if each is not None)
            ours, theirs = (Image.new("L", size, 255) if each is None else each for each in pair)
            theirs = theirs if theirs.size == ours.size else theirs.resize(ours.size)
            shares.append((near_share(ours, theirs), near_share(theirs, ours)))
            written.append(f"<p>{page + 1}: {shares[-1][0]:.0%} of our ink near theirs, {shares[-1][1]:.0%} back</p>")
            for kind, image in (("a", ours), ("b", theirs), ("c", laid_over(ours, theirs))):
                file = f"{number}-{page + 1}{kind}.png"
                image.save(folder / file)
                written.append(f'<img loading="lazy" src="{file}">')
        least = min(min(pair) for pair in shares)
        print(f"{name}: {counts}, least share of ink near the other's {least:.0%}")
    (folder / "index.html").write_text("\n".join(written), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
