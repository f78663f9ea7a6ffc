"""What is fuzzed: for each target what it reads first, and what one input is put to.

A target raises for anything but the error that it is documented to raise; the fuzzer takes that as a finding.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

from toolkit.errors import BundleRefused
from toolkit.messages import Message
from toolkit.records.bundle import read_signed
from toolkit.records.ledger_heads import read as read_head
from toolkit.scan.page_image import MAX_PIXELS, UnreadableImage
from toolkit.scan.pdf import OpenedPdf
from toolkit.scan.pictures import OpenedPictures
from toolkit.seal.cose import MessageMalformed, read_cbor, sign_message
from toolkit.seal.payload import SealMalformed, decode, encode
from toolkit.seal.signature import Algorithm
from toolkit.seal.symbol import SymbolUnreadable, from_digits, to_digits

VECTORS = Path(__file__).parent.parent / "vectors"
_MOST_PAGES = 3


@dataclass(frozen=True)
class Target:
    """Something that reads bytes from outside.

    Attributes:
        read: reads one input.
        seeds: gives inputs to begin with.
        longest: bytes of an input.
    """

    read: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    longest: int


class Unsigned:
    """Signs nothing: a signature would only cost time, and it is judged after everything that is read here."""

    algorithm = Algorithm.ED25519
    kid = b"01234567"

    def sign(self, data: bytes) -> bytes:
        """Return 64 bytes."""
        return bytes(64)


def payload(data: bytes) -> None:
    """Read the bytes as what a whole message says."""
    message = sign_message(data, Unsigned(), aad=b"truecopy-seal-v1")
    try:
        signed = decode(message)
    except SealMalformed:
        return
    assert encode(signed.seal, Unsigned()) == message, "another seal than the one that was read"


def cbor(data: bytes) -> None:
    """Read the bytes as CBOR, and as a message of each kind."""
    for read, refusal in (
        (lambda: read_cbor(data, Message("the fuzzed")), MessageMalformed),
        (lambda: decode(data), SealMalformed),
        (lambda: read_head(data), MessageMalformed),
        (lambda: read_signed(data), BundleRefused),
    ):
        try:
            read()
        except refusal:
            continue


def digits(data: bytes) -> None:
    """Read the bytes as what a symbol or a keyboard gives, and once more as a seal with fitting check digits."""
    text = data.decode("utf-8", "replace")
    try:
        assert to_digits(from_digits(text)) == text, "two texts for the same bytes"
    except SymbolUnreadable:
        pass
    if len(data) <= 448:
        carried = from_digits(to_digits(data))
        assert carried == data, "other bytes than the digits were made of"


def images(data: bytes) -> None:
    """Open the bytes as pictures, whatever kind they are of."""
    _pages(OpenedPictures.of("fuzzed", data))


def pdf(data: bytes) -> None:
    """Open the bytes as a PDF."""
    _pages(OpenedPdf.of("fuzzed", data))


def _pages(opened: OpenedPictures | OpenedPdf | UnreadableImage) -> None:
    if isinstance(opened, UnreadableImage):
        return
    for number in range(1, min(opened.count, _MOST_PAGES) + 1):
        page = opened.page(number)
        if not isinstance(page, UnreadableImage):
            height, width, _ = page.pixels.shape
            assert page.pixels.dtype == np.uint8 and height * width <= MAX_PIXELS, "no page of pixels within the bounds"
    opened.close()


def _seals() -> list[bytes]:
    vectors = [json.loads(path.read_text("utf-8")) for path in sorted(VECTORS.glob("seal-v1-*.json"))]
    seals = [bytes.fromhex(vector["seal_hex"]) for vector in vectors if "seal_hex" in vector]
    passed = [from_digits(one["digits"]) for one in vectors if one["expect"] == "PASSED" and "digits" in one]
    return [*passed, *(seal for seal in seals if len(seal) <= 448)]


def _payloads() -> list[bytes]:
    seals = []
    for data in _seals():
        try:
            decode(data)
        except SealMalformed:
            continue
        seals.append(data[data.index(b"\xa2\x06") : -66])
    return seals


def _digits() -> list[bytes]:
    return [to_digits(seal).encode("ascii") for seal in _seals()]


def _saved(kind: str, image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _images() -> list[bytes]:
    pillow_heif.register_heif_opener()
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (24, 16, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    return [
        _saved("JPEG", noise, exif=exif, dpi=(300, 300)),
        _saved("JPEG", noise.convert("CMYK"), progressive=True),
        _saved("PNG", noise.convert("RGBA"), dpi=(300, 300)),
        _saved("PNG", noise.convert("I;16")),
        _saved("PNG", noise.convert("P"), transparency=0),
        _saved("TIFF", noise, save_all=True, append_images=[noise.convert("L")], compression="tiff_lzw"),
        _saved("TIFF", noise.convert("1"), compression="group4", dpi=(204, 98)),
        _saved("HEIF", noise),
    ]


def _pdfs() -> list[bytes]:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 256, (24, 16, 3), np.uint8))
    drawn = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 40 60]/Rotate 90/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Length 22>>stream\n1 0 0 rg 5 5 9 9 re f\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )
    two = _saved("PDF", noise, save_all=True, append_images=[noise.convert("L")], resolution=72)
    return [drawn, two, _saved("PDF", noise.convert("1"), resolution=72)]


TARGETS = {
    "payload": Target(payload, _payloads, 400),
    "cbor": Target(cbor, _seals, 448),
    "digits": Target(digits, _digits, 1200),
    "images": Target(images, _images, 4096),
    "pdf": Target(pdf, _pdfs, 8192),
}
