"""Image files with bytes changed at random: each gives pages or a sentence, whatever the decoders raise."""

from __future__ import annotations

import io
import random

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from toolkit.scan.page_image import PageImage, UnreadableImage
from toolkit.scan.pictures import OpenedPictures

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 45, 3), np.uint8))
TURNED = Image.Exif()
TURNED[0x0112], TURNED[0x011A] = 6, 300.0


def saved(kind: str, image: Image.Image = NOISE, **options: object) -> bytes:
    file = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(file)
    else:
        image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


SEEDS = {
    "png": saved("PNG", dpi=(300, 300)),
    "progressive": saved("JPEG", progressive=True, exif=TURNED),
    "tiff": saved("TIFF", save_all=True, append_images=[NOISE, NOISE], compression="tiff_lzw"),
    "fax": saved("TIFF", NOISE.convert("1"), compression="group4", dpi=(204, 98)),
    "jpeg in tiff": saved("TIFF", compression="jpeg"),
    "heic": saved("HEIF"),
}


def changed(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with a few of them replaced, deleted or repeated, in the headers rather than elsewhere."""
    mutable = bytearray(data)
    for _ in range(chance.choice([1, 2, 5, 20])):
        place = chance.randrange(min(len(mutable), chance.choice([400, len(mutable)])))
        kind = chance.random()
        if kind < 0.75:
            mutable[place] = chance.randrange(256)
        elif kind < 0.85:
            del mutable[place : place + chance.randrange(1, 30)]
        else:
            mutable[place:place] = mutable[place : place + chance.randrange(1, 60)]
        if len(mutable) < 100:
            break
    return bytes(mutable)


@pytest.mark.parametrize("kind", SEEDS)
def test_changed_files_give_pages_or_sentences(kind: str) -> None:
    chance = random.Random(kind)
    outcomes = set()
    for _ in range(200):
        opened = OpenedPictures.of("scan", changed(SEEDS[kind], chance))
        outcomes.add(type(opened))
        if isinstance(opened, UnreadableImage):
            continue
        for number in range(1, opened.count + 1):
            page = opened.page(number)
            outcomes.add(type(page))
            if isinstance(page, PageImage):
                assert page.pixels.dtype == np.uint8 and page.pixels.ndim == 3 and page.pixels.shape[2] == 3
        opened.close()
    assert UnreadableImage in outcomes and OpenedPictures in outcomes
