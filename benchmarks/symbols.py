"""How many symbols read back after printing and scanning: `python benchmarks/symbols.py [PAGES]`.

Symbols of the sizes that seals have (10-M on every page, 16-M on the first of the proposal) on text pages, printed and
scanned by ``toolkit.simulate`` at every combination of resolution, print scale and chop below, and read by the cascade
of ``toolkit.scan.symbols``. Prints a table and writes it to benchmarks/results/symbols.json.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from toolkit.formal.archive import Label
from toolkit.formal.keep_out import symbol_box
from toolkit.formal.print_set import Side, print_set
from toolkit.resources import shared
from toolkit.scan.symbols import find_symbols
from toolkit.seal.symbol import modules, to_digits, version_for
from toolkit.simulate import Chop, Device, scan

RESULTS = Path(__file__).parent / "results" / "symbols.json"

ORDINARY, LARGEST = 208, 440
"""Bytes of the largest seal of an ordinary page, and of a proposal's first page (FINDINGS, "QR")."""

DEVICES = {
    "flatbed 300 dpi colour": Device(dpi=300, skew_degrees=0.7, noise=4.0, jpeg_quality=80),
    "feeder 200 dpi colour": Device(dpi=200, skew_degrees=1.5, noise=6.0, jpeg_quality=75),
    "feeder 200 dpi grey": Device(dpi=200, colour=False, skew_degrees=1.5, noise=6.0, jpeg_quality=75),
}
SCALES = (1.0, 0.97, 0.94)


def print_pages(count: int) -> tuple[bytes, list[Side]]:
    """Return a print set of ``count`` pages, an even number, with symbols of random digits."""
    face = "Benchmark"
    pdfmetrics.registerFont(ttfonts.TTFont(face, str(shared("fonts", "LiberationSerif-Regular.ttf"))))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, initialFontName=face)
    random = Random(20250701)
    sides = []
    for page in range(1, count + 1):
        canvas.setFont(face, 10.5)
        for line in range(42):
            canvas.drawString(80, 690 - 15 * line, " ".join(str(random.randrange(10**6)) for _ in range(11)))
        canvas.showPage()
        data = random.randbytes(LARGEST if page % 7 == 1 else ORDINARY)
        sides.append(Side(page, 1, to_digits(data), f"XJSCO25-00001-r1/P/1/{page}-K"))
    canvas.save()
    return (
        print_set(
            buffer.getvalue(),
            sides,
            watermark="正式上报版",
            label=Label("symbols", datetime(2025, 7, 1, tzinfo=UTC)),
            fonts_folder=shared("fonts"),
        ),
        sides,
    )


def chops_over(sides: list[Side]) -> dict[int, list[Chop]]:
    """Return a chop on every page, its middle somewhere on the symbol, turned anyhow."""
    random = Random(42)
    chops = {}
    for side in sides:
        left, top, right, bottom = symbol_box(side.page, modules(version_for(side.digits)))
        x, y = random.randint(left, right), random.randint(top, bottom)
        chops[side.page] = [Chop(x, y, "新疆维吾尔自治区农业科学院", turn=random.uniform(-40, 40))]
    return chops


def measure(count: int) -> list[dict[str, object]]:
    """Return one row a combination: symbols printed, read, and milliseconds a page for reading them."""
    pdf, sides = print_pages(count)
    rows: list[dict[str, object]] = []
    for (name, device), scale, chopped in itertools.product(DEVICES.items(), SCALES, (False, True)):
        scaled = Device(**{**{key: getattr(device, key) for key in device.__slots__}, "scale": scale})
        read, spent = 0, 0.0
        for side, data in zip(
            sides, scan(pdf, seed=len(rows), device=scaled, marks=chops_over(sides) if chopped else None), strict=True
        ):
            with Image.open(io.BytesIO(data)) as image:
                pixels = np.asarray(image.convert("RGB"))
            start = time.perf_counter()
            found = find_symbols(pixels)
            spent += time.perf_counter() - start
            read += any(symbol.digits == side.digits for symbol in found)
        rows.append(
            {
                "device": name,
                "scale": scale,
                "chop": chopped,
                "symbols": len(sides),
                "read": read,
                "milliseconds": round(1000 * spent / len(sides)),
            }
        )
        chop = "chop" if chopped else ""
        print(f"{name:24} {scale:.2f} {chop:4} {read:4}/{len(sides)}  {rows[-1]['milliseconds']} ms", flush=True)
    return rows


if __name__ == "__main__":
    rows = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 28)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
