"""Makes toolkit/scan/lookalikes.txt: for every character those that look most like it in print.

    python fonts/build_lookalikes.py

Characters are drawn with the supplied faces, 32 pixels high and blurred as a 200 dpi scan of nine points blurs them,
and correlated with each other. A line of the file is a character and its likes in any face, the likest
first, each with its correlation in hundredths. Characters of other scripts are compared within their script.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FOLDER = Path(__file__).parent
TARGET = FOLDER.parent / "toolkit" / "scan" / "lookalikes.txt"

EM, BLUR = 32, 1.3
"""Pixels of the em, and standard deviation of the blur: 25 pixels are nine points at 200 dpi."""

LIKE = 0.72
"""Correlation from which two characters are alike: 未 and 末, 己 and 已 are above 0.9, 大 and 人 0.74."""

MOST = 6
"""Likes of a character that are kept."""

HAN_FACES = ("NotoSerifSC-Regular", "TruecopyFangSong-Regular", "NotoSansSC-Medium", "TruecopyKai-Regular")
LATIN_FACES = ("LiberationSerif-Regular", "LiberationSans-Regular", "NotoSerifSC-Regular")


def drawn(characters: list[str], face: str) -> NDArray[np.float32]:
    """Return one row a character: its ink, mean taken off, of length 1; zeros where the face lacks it."""
    font = ImageFont.truetype(FOLDER / f"{face}.ttf", EM, layout_engine=ImageFont.Layout.BASIC)
    missing = font.getmask("\U0010fffd").tobytes() if hasattr(font.getmask("x"), "tobytes") else b""
    rows = np.zeros((len(characters), (EM + 8) * (EM + 8)), np.float32)
    for index, character in enumerate(characters):
        if bytes(font.getmask(character)) == missing:
            continue
        canvas = Image.new("L", (EM + 8, EM + 8), 0)
        ImageDraw.Draw(canvas).text((4, 4 + EM * 0.88), character, fill=255, font=font, anchor="ls")
        row = np.asarray(canvas.filter(ImageFilter.GaussianBlur(BLUR)), np.float32).ravel()
        row -= row.mean()
        rows[index] = row / max(float(np.linalg.norm(row)), 1e-6)
    return rows


def likes(characters: list[str], faces: tuple[str, ...]) -> dict[str, str]:
    """Return the likes of each character, the likest first."""
    best = np.zeros((len(characters), len(characters)), np.float32)
    for face in faces:
        rows = drawn(characters, face)
        np.maximum(best, rows @ rows.T, out=best)
    np.fill_diagonal(best, 0)
    found = {}
    for index, character in enumerate(characters):
        order = np.argsort(-best[index], kind="stable")[:MOST]
        # Two codes of one shape are no alteration that paper could show.
        alike = [at for at in order if LIKE <= best[index, at] < 0.9995]
        found[character] = " ".join(f"{characters[at]}{min(int(best[index, at] * 100), 99)}" for at in alike)
    return found


def main() -> None:
    """Write the file."""
    han = sorted(set((FOLDER / "standard_characters.txt").read_text(encoding="utf-8").split()))
    han = sorted({c for token in han for c in token if unicodedata.name(c, "").startswith("CJK UNIFIED")})
    latin = [chr(code) for code in range(0x21, 0x7F)]
    cyrillic = [chr(code) for code in range(0x400, 0x460)] + list("ӘәҒғҚқҢңӨөҰұҮүҺһ")
    found = likes(han, HAN_FACES) | likes(latin, LATIN_FACES) | likes(cyrillic, LATIN_FACES[:2])
    lines = [f"{character} {others}" for character, others in sorted(found.items()) if others]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(lines), "characters,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
