"""Paper for the tests of intake: a small office that issues, and its pages drawn without any code of the product.

Seals and records are the product's own (they have oracles of their own); QR codes are drawn by zxing-cpp and pages by
Pillow, so that the reading side is tested against somebody else's printing.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from toolkit.canonical import digest
from toolkit.home import Home
from toolkit.page import PageDescription
from toolkit.records.record import RecordedDocument, build_record
from toolkit.seal.payload import Claims, Seal, encode
from toolkit.seal.symbol import to_digits

ISSUED = datetime.datetime(2025, 7, 1, 4, 0, tzinfo=datetime.UTC)
NOW = datetime.datetime(2025, 7, 10, 2, 0, tzinfo=datetime.UTC)
CLAIMS = Claims("中国—哈萨克斯坦棉花抗逆种质资源联合评价", "新疆农业科学院", "努尔江·阿不都热合曼", 5_000_000)
TITLES = {"proposal": ("P", "项目申报书", 4), "commitment-unit": ("CU", "诚信承诺书（单位）", 2)}
DPI, SIZE = 100, (827, 1169)


@dataclass(frozen=True)
class Office:
    """An office with a home, and the seals of everything it issued, by serial and revision."""

    home: Home
    copies: int = 2

    def issue(self, revises: str | None = None) -> list[Seal]:
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
        return tiff([sheet(self.digits(seal)) for seal in seals])


def make_office(folder: Path, *, prefix: str = "XJ", demo: bool = False) -> Office:
    """Return a new office with its own root."""
    return Office(Home.create(folder, office="自治区科技厅", prefix=prefix, passphrase=None, demo=demo, now=ISSUED))


def _descriptions(name: str, count: int) -> list[PageDescription]:
    blank = PageDescription(59528, 84189, (), (), (), (), (), "正式上报版")
    return [replace(blank, fonts=(f"{name} {number}",)) for number in range(count)]


@lru_cache(maxsize=64)
def sheet(*contents: str) -> Image.Image:
    """Return an A4 page at 100 dpi with lines like text, and QR codes along the top edge from the right."""
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    for top in range(200, 1060, 20):
        for left in range(110, 720, 16):
            draw.rectangle((left, top, left + (left * top) % 9, top + 9), fill=0)
    right = SIZE[0] - 31
    for content in contents:
        code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        modules = np.asarray(code.to_image(scale=2, add_quiet_zones=False))
        image.paste(Image.fromarray(modules), (right - modules.shape[1], 31))
        right -= modules.shape[1] + 40
    return image


def tiff(images: Sequence[Image.Image]) -> bytes:
    """Return the images as one TIFF that says 100 dpi."""
    file = io.BytesIO()
    first, *others = images
    first.save(file, "TIFF", save_all=True, append_images=others, compression="packbits", dpi=(DPI, DPI))
    return file.getvalue()
