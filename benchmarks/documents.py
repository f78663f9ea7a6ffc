"""The documents that are measured on: issued by an office of their own, with real seals, into a real store.

``tune`` is for those who choose numbers in toolkit/scan, ``measure`` for what is reported: no document and no seed is
in both. Beside the supplied samples there are forms of a seed (benchmarks/forms.py), and applications whose data are of
a seed for the supplied programmes.
"""

from __future__ import annotations

import io
import pickle
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import toolkit
from benchmarks import words
from benchmarks.forms import amount, person, programme, prose
from toolkit.formal.archive import Label
from toolkit.formal.description import describe
from toolkit.formal.print_set import Side, print_set
from toolkit.forms.fonts import FontCatalogue
from toolkit.forms.typesetting import typeset
from toolkit.home import Home
from toolkit.issuing import issue
from toolkit.page import PageDescription
from toolkit.resources import shared
from toolkit.scan.symbols import Content, find_symbols

NOW = datetime(2025, 6, 20, 4, 0, tzinfo=UTC)

SETS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "tune": (("application.yaml", "small-application.yaml"), (101, 102, 103, 104)),
    "measure": (("short.yaml", "generated:5001", "small-generated:5002"), tuple(range(201, 209))),
    "test": (("small-generated:7001",), (701,)),
}
"""Of every set: applications to the supplied programmes, and seeds of forms; ``test`` is what `make test` runs."""


@dataclass(frozen=True, slots=True)
class Document:
    """One issued document: as it was filled, as it was set, and as it was printed; lists are by page.

    ``sides`` are those of the first copy, whose PDF is ``pdf``; ``plain`` is without watermark and symbols.
    """

    serial: str
    name: str
    docx: bytes
    plain: bytes
    pdf: bytes
    sides: tuple[Side, ...]
    modules: tuple[int, ...]
    pages: tuple[PageDescription, ...]


def documents(name: str, folder: Path) -> tuple[Document, ...]:
    """Return the documents of a set, issued from ``folder``/home when that was not done before."""
    kept = folder / "documents.pickle"
    if not kept.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kept.write_bytes(pickle.dumps(tuple(_issued(name, folder / "home"))))
    loaded: tuple[Document, ...] = pickle.loads(kept.read_bytes())  # a file of our own
    return loaded


@lru_cache(maxsize=1)
def catalogue() -> FontCatalogue:
    """Return the supplied fonts."""
    return FontCatalogue.load(shared("fonts"))


def stamped(plain: bytes, sides: tuple[Side, ...], watermark: str) -> bytes:
    """Return a set form with watermark and symbols: what a forger makes who has the symbols of a genuine copy."""
    return print_set(plain, sides, watermark=watermark, label=Label("benchmark", NOW), fonts_folder=shared("fonts"))


def _issued(name: str, folder: Path) -> Iterator[Document]:
    home = Home.create(
        folder, office="自治区科学技术厅", prefix="XJ", passphrase=None, demo=True, now=NOW - timedelta(days=1)
    )
    home.close()
    shutil.copytree(shared("samples") / "programmes", folder / "programmes", dirs_exist_ok=True)
    supplied, seeds = SETS[name]
    paths = [_application(entry, folder) for entry in supplied]
    for seed in seeds:
        paths.append(programme(folder / "programmes" / f"form-{seed}", f"form-{seed}", seed, pages=5 + seed % 3))
    with Home.open(folder) as home:
        for path in paths:
            issued = issue(toolkit.load_application(path, home=folder), home=home, now=NOW)
            files = {file.name: file.content for file in issued.files}
            for pdf in [file for file in files if file.endswith(".pdf")]:
                document = pdf.removeprefix(f"{issued.serial}-r1-").removesuffix(".pdf")
                stored = home.store.submission(issued.serial)
                if stored is None:
                    raise SystemExit(f"{issued.serial} is not in its store")
                yield _document(home, issued.serial, document, files[pdf.replace(".pdf", ".docx")], files[pdf])


def _document(home: Home, serial: str, name: str, docx: bytes, pdf: bytes) -> Document:
    form = typeset(docx, name=name, fonts=catalogue(), created=NOW)
    pages = tuple(home.store.page(serial, 1, name, number + 1) for number in range(form.pages))
    again = describe(form.pdf, zones=[page.zones for page in pages], watermark=pages[0].watermark)
    if again != pages:
        raise SystemExit(f"{serial} {name}: what is set again is not what was issued")
    opened = pypdfium2.PdfDocument(pdf)
    sides, modules = [], []
    for number in range(1, form.pages + 1):
        pixels: NDArray[np.uint8] = opened[number - 1].render(scale=200 / 72).to_numpy()[:, :, :3]
        (symbol,) = [each for each in find_symbols(pixels.copy()) if each.content is Content.DIGITS]
        sides.append(Side(number, 1, symbol.digits, f"{serial}-r1/1/{number}-K"))
        edge = (symbol.corners[1][0] - symbol.corners[0][0]) * 72 / 200 / 1.32
        modules.append(17 + 4 * round((edge - 17) / 4))
    first = stamped_pages(pdf, range(form.pages))
    return Document(serial, name, docx, form.pdf, first, tuple(sides), tuple(modules), pages)


def stamped_pages(pdf: bytes, indices: range) -> bytes:
    """Return a PDF of some pages of another."""
    source, target = pypdfium2.PdfDocument(pdf), pypdfium2.PdfDocument.new()
    target.import_pages(source, list(indices))
    buffer = io.BytesIO()
    target.save(buffer)
    return buffer.getvalue()


def _application(entry: str, folder: Path) -> Path:
    """Return an application: a sample, or one with data of a seed for a sample's programme."""
    kind, _, seed = entry.partition(":")
    if not seed:
        return shared("samples", kind)
    random = Random(int(seed))
    if kind == "small-generated":
        text = shared("samples", "small-application.yaml").read_text(encoding="utf-8")
        target = folder / "small.yaml"
    else:
        # The attachments of the sample lie beside it.
        text = shared("samples", "short.yaml").read_text(encoding="utf-8").replace("file: att", "file: ./att")
        shutil.copytree(shared("samples", "attachments"), folder / "attachments")
        picture(random).save(folder / "chart.png", dpi=(300, 300))
        target = folder / "generated.yaml"
    text = re.sub(r"(?m)^title: .*$", f"title: {prose(random, 18)}", text)
    text = re.sub(r"(?m)^(  name: ).*·.*$|^(  name: )热娜.*$", f"  name: {person(random)}", text)
    text = re.sub(r"(?m)^  (\w+): \|\n(?:    .*\n)+", lambda match: _section(match[1], random), text)
    target.write_text(text, encoding="utf-8")
    return target


def _section(key: str, random: Random) -> str:
    lines = [
        prose(random, random.randrange(90, 160)) for _ in range(random.randrange(1, 3 if key == "activity" else 4))
    ]
    if key == "route":
        written = "".join(f"      {line}\n" for line in lines)
        return f"  route:\n    text: |\n{written}    picture: chart.png\n    caption: {prose(random, 10)}\n"
    if key in ("activity", "benefit"):
        lines = lines[:2]
    return f"  {key}: |\n" + "".join(f"    {line}\n" for line in lines)


def picture(random: Random) -> Image.Image:
    """Return a chart with labels and numbers."""
    image = Image.new("RGB", (1500, 900), "white")
    draw = ImageDraw.Draw(image)
    face = ImageFont.truetype(str(shared("fonts", "NotoSansSC-Medium.ttf")), 34)
    for place in range(8):
        x, top = 130 + 165 * place, random.randrange(120, 650)
        shade = random.choice(("#3b6ea5", "#b5651d", "#5a8f4e", "#777777"))
        draw.rectangle((x, top, x + 95, 780), fill=shade)
        draw.text((x, top - 48), amount(random), fill="black", font=face)
        draw.text((x + 5, 800), random.choice(words.NOUNS)[:2], fill="black", font=face)
    draw.line((100, 60, 100, 780, 1450, 780), fill="black", width=5)
    return image
