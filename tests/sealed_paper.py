"""Paper for the tests of intake: a small office that issues, and its pages drawn without any code of the product.

Seals and records are the product's own (they have oracles of their own); QR codes are drawn by zxing-cpp and pages by
Pillow, so that the reading side is tested against somebody else's printing.
"""

from __future__ import annotations

import datetime
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from toolkit.canonical import digest
from toolkit.home import Home
from toolkit.page import PageDescription, Rule
from toolkit.records.record import RecordedDocument, build_record
from toolkit.resources import shared
from toolkit.seal.payload import Claims, Seal, encode
from toolkit.seal.symbol import to_digits
from toolkit.verdict import Box

ISSUED = datetime.datetime(2025, 7, 1, 4, 0, tzinfo=datetime.UTC)
NOW = datetime.datetime(2025, 7, 10, 2, 0, tzinfo=datetime.UTC)
CLAIMS = Claims("中国—哈萨克斯坦棉花抗逆种质资源联合评价", "新疆农业科学院", "努尔江·阿不都热合曼", 5_000_000)
TITLES = {"proposal": ("P", "项目申报书", 4), "commitment-unit": ("CU", "诚信承诺书（单位）", 2)}
PIXEL = 0.66
"""Points: two pixels a module, where the contract has 1.32 pt."""
DPI, SIZE = 72 / PIXEL, (902, 1276)
MARGIN, MODULE, A4_WIDTH = 2268, 132, 59528
"""1/100 pt: where the contract has the symbol, and how large its modules are."""


def _lines() -> Iterator[Box]:
    """Yield boxes like words, 1/100 pt: what is printed on every page. Nothing repeats, or no one could align it."""
    random = Random(1)
    for top in range(14000, 77000, 1400):
        left = 7900
        while left < 52000:
            width = random.randrange(300, 3000)
            yield left, top, left + width, top + random.randrange(400, 900)
            left += width + random.randrange(300, 700)


LINES = tuple(_lines())
WATERMARK = "正式上报版"


@dataclass(frozen=True)
class Office:
    """An office with a home, and the seals of everything it issued, by serial and revision."""

    home: Home
    copies: int = 2

    def issue(self, revises: str | None = None, *, accepted: Mapping[str, str] | None = None) -> list[Seal]:
        """Keep a submission of a four-page and a two-page document in the store; return its seals in print order."""
        documents = {name: _descriptions(name, count) for name, (_, _, count) in TITLES.items()}
        reservation = self.home.store.reserve(
            "test", lambda number: f"XJTEST-{number:05d}", request=bytes(32), revises=revises, now=ISSUED
        )
        record = build_record(
            serial=reservation.serial,
            revision=reservation.revision,
            supersedes=reservation.supersedes,
            issued_at=ISSUED,
            programme={
                "timezone": "Asia/Shanghai",
                "paper_working_days": 5,
                "duplex": True,
                "documents": [{"id": name, "code": code, "title": title} for name, (code, title, _) in TITLES.items()],
            },
            application={"title": CLAIMS.title},
            documents=[
                RecordedDocument(name, TITLES[name][0], self.copies, tuple(page.digest for page in pages))
                for name, pages in documents.items()
            ],
            templates={},
            fonts={},
            engine="typst",
            versions={},
            salt=bytes(16),
            accepted=accepted,
        )
        self.home.store.keep(
            reservation,
            record=record,
            digest=digest(record),
            descriptions={name: [page.canonical() for page in pages] for name, pages in documents.items()},
            kept_files=(),
            who="test",
            now=ISSUED,
        )
        return [
            Seal(
                serial=reservation.serial,
                revision=reservation.revision,
                document=TITLES[name][0],
                copy=copy,
                copies=self.copies,
                page=number,
                pages=len(pages),
                record_digest=digest(record),
                page_digest=page.digest,
                issued_at=ISSUED,
                claims=CLAIMS if (name, number) == ("proposal", 1) else None,
            )
            for name, pages in documents.items()
            for copy in range(1, self.copies + 1)
            for number, page in enumerate(pages, start=1)
        ]

    def digits(self, seal: Seal) -> str:
        """Return the digits of a seal's symbol, signed with the office's key."""
        return to_digits(encode(seal, self.home.keys.signer(ISSUED)))

    def scan(self, seals: Sequence[Seal]) -> bytes:
        """Return a scan of the sealed pages as a multi-page TIFF."""
        return tiff([sheet(self.digits(seal), on_left=seal.page % 2 == 0) for seal in seals])


def make_office(folder: Path, *, prefix: str = "XJ", demo: bool = False) -> Office:
    """Return a new office with its own root."""
    return Office(Home.create(folder, office="自治区科技厅", prefix=prefix, passphrase=None, demo=demo, now=ISSUED))


def make_clerk(office: Office, folder: Path) -> Home:
    """Return a home with an office's trust, without keys and without store."""
    shutil.copytree(office.home.folder, folder, ignore=shutil.ignore_patterns("keys", "store*"))
    return Home.open(folder)


def _descriptions(name: str, count: int) -> list[PageDescription]:
    rules = tuple(Rule("box", box, "000000") for box in LINES)
    page = PageDescription(A4_WIDTH, 84189, (), (), rules, (), (), WATERMARK)
    return [replace(page, fonts=(f"{name} {number}",)) for number in range(count)]


def _watermarked() -> Image.Image:
    """Return an A4 page with the watermark: 12 % grey, rising at 45 degrees, 1.06 of the page's width long."""
    length = len(WATERMARK) + 0.28 * (len(WATERMARK) - 1)
    em = 1.06 * SIZE[0] / length
    font = ImageFont.truetype(str(shared("fonts", "NotoSerifSC-Bold.ttf")), em)
    layer = Image.new("L", (1276, 1276), 0)
    for place, character in enumerate(WATERMARK):
        at = (638 - length * em / 2 + 1.28 * em * place, 638 + 0.38 * em)
        ImageDraw.Draw(layer).text(at, character, fill=255, font=font, anchor="ls")
    turned = layer.rotate(45, Image.Resampling.BICUBIC)
    image = Image.new("L", SIZE, 255)
    image.paste(224, (SIZE[0] // 2 - 638, SIZE[1] // 2 - 638), turned)
    return image


@lru_cache(maxsize=64)
def sheet(*contents: str, on_left: bool = False) -> Image.Image:
    """Return an A4 page with lines like text and QR codes along the top edge from the outer corner."""
    image = _watermarked()
    draw = ImageDraw.Draw(image)
    for box in LINES:
        left, top, right, bottom = (round(edge / 100 / PIXEL) for edge in box)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
    top = taken = round(MARGIN / 100 / PIXEL)
    for content in contents:
        code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        modules = np.asarray(code.to_image(scale=2, add_quiet_zones=False))
        left = taken if on_left else round(A4_WIDTH / 100 / PIXEL) - taken - modules.shape[1]
        draw.rectangle((left - 8, top - 8, left + modules.shape[1] + 8, top + modules.shape[0] + 8), fill=255)
        image.paste(Image.fromarray(modules), (left, top))
        taken += modules.shape[1] + 40
    return image


def tiff(images: Sequence[Image.Image]) -> bytes:
    """Return the images as one TIFF that says its resolution."""
    file = io.BytesIO()
    first, *others = images
    first.save(file, "TIFF", save_all=True, append_images=others, compression="packbits", dpi=(DPI, DPI))
    return file.getvalue()
