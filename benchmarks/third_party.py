"""Scans as others simulate them: the packages augraphy and fakescan, as profiles that were not written by us.

They are in the extra `measure` alone. augraphy asks for opencv-python, which lays its files over those of
opencv-python-headless; it needs nothing of the difference, so `make measure` installs it without its dependencies and
the extra names the others of them.
"""

from __future__ import annotations

import io
import random as global_random

import cv2
import numpy as np
from PIL import Image

from benchmarks.paper import PRINT_DPI, Ink, Plane, Random, Sheet, composed

NAMES = ("augraphy", "fakescan")
DPI = {"augraphy": 250, "fakescan": 200}


def scanned(name: str, sheet: Sheet, handled: list[Ink], random: Random) -> bytes:
    """Return the JPEG that a package makes of a page; its print, geometry, light and noise are the package's own."""
    picture = composed(sheet.drawn, [*sheet.inks, *handled])
    scale = DPI[name] / PRINT_DPI
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    seed = int(random.integers(2**31))
    image = _fakescan(picture, seed) if name == "fakescan" else _augraphy(picture, seed)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=87, dpi=(DPI[name],) * 2)
    return buffer.getvalue()


def _fakescan(picture: Plane, seed: int) -> Plane:
    from fakescan import apply_printed_effect

    return np.asarray(apply_printed_effect(Image.fromarray(picture), page_index=seed), np.uint8)


def _augraphy(picture: Plane, seed: int) -> Plane:
    """Return the page through augmentations of augraphy's three phases, each with a probability.

    They are called one after the other: augraphy's own pipeline lifts the ink off the page by a threshold, which takes
    every watermark with it. Left out is what writes over text or hides it (scribbles, markup, bindings, borders).
    """
    from augraphy import (
        BrightnessTexturize,
        ColorPaper,
        DirtyDrum,
        DirtyRollers,
        Geometric,
        InkBleed,
        Jpeg,
        LightingGradient,
        LowInkRandomLines,
        NoiseTexturize,
        SubtleNoise,
    )

    global_random.seed(seed)
    np.random.seed(seed)
    cv2.setRNGSeed(seed)
    image = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    for augmentation in (
        InkBleed(p=0.4),
        LowInkRandomLines(p=0.15, use_consistent_lines=False),
        ColorPaper(p=0.3, hue_range=(0, 255), saturation_range=(2, 12)),
        NoiseTexturize(p=0.2),
        DirtyDrum(p=0.08, noise_intensity=0.2, noise_value=(96, 224)),
        DirtyRollers(p=0.12, line_width_range=(8, 12)),
        SubtleNoise(p=0.5, subtle_range=6),
        LightingGradient(p=0.2, max_brightness=255, min_brightness=180),
        BrightnessTexturize(p=0.2, texturize_range=(0.9, 0.99), deviation=0.03),
        Geometric(p=0.7, rotate_range=(-2, 2), randomize=0),
        Jpeg(p=0.5, quality_range=(50, 95)),
    ):
        made = augmentation(image)
        if made is not None:
            image = np.asarray(made[0] if isinstance(made, tuple) else made, np.uint8)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
