"""What is pale and broad is taken off the print; what is thin, dark or recorded stays."""

from __future__ import annotations

import numpy as np

from toolkit.scan.overlay import unveiled

DPI = 200.0


def _print() -> np.ndarray:
    ink = np.zeros((120, 160), np.float32)
    ink[20:100, 60:63] = 0.9  # a stem, 0.4 mm
    ink[20:23, 60:90] = 0.9
    return ink


def test_a_pale_broad_band_over_print_is_taken_off() -> None:
    ink = _print()
    seen = 1 - (1 - ink) * np.where((np.arange(120) // 10 % 6 == 3)[:, None], 0.6, 1.0).astype(np.float32)
    clear = unveiled(seen.astype(np.float32), ink, contrast=0.9, dpi=DPI)
    assert np.abs(seen - ink).max() > 0.3
    assert np.abs(clear - ink).max() < 0.1


def test_a_thin_stroke_stays() -> None:
    ink = _print()
    seen = ink.copy()
    seen[60:63, 20:120] = 0.8
    assert np.array_equal(unveiled(seen, ink, contrast=0.9, dpi=DPI), seen)


def test_dark_ink_and_recorded_bars_stay() -> None:
    ink = _print()
    bar = ink.copy()
    bar[60:80, 100:150] = 0.5
    blot = ink.copy()
    blot[60:80, 100:150] = 0.88
    assert np.array_equal(unveiled(bar, bar / 0.9, contrast=0.9, dpi=DPI), bar)
    assert np.array_equal(unveiled(blot, ink, contrast=0.9, dpi=DPI), blot)
