"""Reading the seal's digits off one page, or saying what keeps them from being read and what to do about it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from toolkit.messages import Message
from toolkit.scan.page_image import PageImage, Pixels
from toolkit.scan.symbols import Content, FoundSymbol, find_symbols, has_seal_form
from toolkit.verdict import Box, Finding, Reason

_THUMBNAIL = (280, 400)
"""Pixels, at most: enough to know a page again in the report, some 10 kB."""
_CHAT_WIDTH = 1500
"""Chat programs hand photos on 1080 to 1440 pixels wide (FINDINGS, "QR"), whatever was taken."""
_COARSE_DPI = 150
"""Below, a module of 0.45 mm has fewer than 2.7 pixels."""
_INK = 96
"""Grey levels below white at which a pixel counts as printed, on a scan of usual contrast."""
_NIGHT = 64
"""Grey level below which what an image shows all over is no paper: the darkest of 493 photos and scans had 146."""
_BLANK_SHARE = 0.0005
"""A page with less of it inked is blank; one line of 12-point text on A4 covers 0.003."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """What one image holds: the symbol of its one seal, or a finding that says why there is none.

    ``candidates`` are the digits of everything like a seal, for ``inspect``; ``is_blank`` says that next to nothing is
    printed.
    """

    seal: FoundSymbol | None
    finding: Finding | None
    candidates: tuple[str, ...]
    is_blank: bool = False


def read_page(image: PageImage) -> PageReading:
    """Return the one seal on a page; symbols that are not seals (a WeChat code in an attachment) are passed over."""
    found = find_symbols(image.pixels)
    numeric = [symbol for symbol in found if symbol.content is Content.DIGITS]
    candidates = tuple(symbol.digits for symbol in numeric)
    seals = [symbol for symbol in numeric if has_seal_form(symbol.digits)]
    if len(seals) == 1:
        return PageReading(seals[0], None, candidates)
    if seals:
        finding = Finding(
            Reason.SEAL_CONFLICT,
            Message(
                "{count} different seals are on this image, and a page has one: look at the page; photograph pages "
                "one by one",
                count=len(seals),
            ),
            image_box=_around(seals[1]),
        )
        return PageReading(None, finding, candidates)
    is_blank = not found and _is_blank(image.pixels) and not _is_dark(image.pixels)
    return PageReading(None, _no_seal(image, found, is_blank=is_blank), candidates, is_blank)


def thumbnail(pixels: Pixels) -> bytes:
    """Return a small JPEG of the page."""
    step = max(1, min(pixels.shape[0] // _THUMBNAIL[1], pixels.shape[1] // _THUMBNAIL[0]) // 2)
    part = pixels[::step, ::step]
    scale = min(_THUMBNAIL[0] / part.shape[1], _THUMBNAIL[1] / part.shape[0], 1.0)
    size = max(round(part.shape[1] * scale), 1), max(round(part.shape[0] * scale), 1)
    small = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).save(file, "JPEG", quality=60, optimize=True)
    return file.getvalue()


def _no_seal(image: PageImage, found: tuple[FoundSymbol, ...], *, is_blank: bool) -> Finding:
    """Say that there is no symbol, or that the one there is cannot be decoded, and what to do."""
    for symbol in found:
        if symbol.content is Content.DIGITS:
            return Finding(
                Reason.SEAL_UNREADABLE,
                Message("the symbol's check digits do not fit, or it is not ours: {remedy}", remedy=_remedy(image)),
                image_box=_around(symbol),
            )
    for symbol in found:
        if symbol.content is Content.DAMAGED:
            return Finding(
                Reason.SEAL_UNREADABLE,
                Message("a symbol is there but cannot be decoded: {remedy}", remedy=_remedy(image)),
                image_box=_around(symbol),
            )
    if found:
        message = Message(
            "the QR code on this page is none of ours: a formal copy has a seal in its upper outer corner"
        )
        return Finding(Reason.SEAL_ABSENT, message, image_box=_around(found[0]))
    if not found and _is_dark(image.pixels):
        return Finding(
            Reason.SEAL_ABSENT,
            Message("the image is dark all over: close the lid, and see that the sheet lies on the glass"),
        )
    if is_blank:
        return Finding(
            Reason.SEAL_ABSENT,
            Message("the page is blank; a formal copy has a seal on blank sides too: take the sheet out, or turn it"),
        )
    return Finding(
        Reason.SEAL_ABSENT,
        Message("no symbol was found: see whether the upper outer corner is whole; {remedy}", remedy=_remedy(image)),
    )


def _remedy(image: PageImage) -> Message:
    """Return how to get a better image of this page than this one."""
    width = min(image.pixels.shape[:2])
    if image.dpi is None and width < _CHAT_WIDTH:
        return Message(
            "the image is only {width} pixels wide, as chat programs leave it: hand in the original photo, or scan the "
            "page in colour at 300 dpi",
            width=width,
        )
    if image.dpi is not None and image.dpi < _COARSE_DPI:
        return Message("the scan has only {dpi} dpi: scan the page again in colour at 300 dpi", dpi=round(image.dpi))
    if _is_grey(image.pixels):
        return Message("the scan is grey, which hides a symbol under a red chop: scan the page in colour at 300 dpi")
    return Message("scan the page again, flat and whole, in colour at 300 dpi")


def _is_grey(pixels: Pixels) -> bool:
    sample = pixels[::16, ::16].astype(np.int16)
    return bool((sample.max(axis=2) - sample.min(axis=2)).max() < 12)


def _is_blank(pixels: Pixels) -> bool:
    """Tell whether next to nothing is printed; the outer twentieth is left out, scanners leave shadows there."""
    height, width = pixels.shape[:2]
    inner = pixels[height // 20 : height - height // 20 : 4, width // 20 : width - width // 20 : 4].min(axis=2)
    return inner.size == 0 or bool((inner < np.median(inner) - _INK).mean() < _BLANK_SHARE)


def _is_dark(pixels: Pixels) -> bool:
    """Tell whether an image shows no paper, which is light however badly it is lit."""
    return bool(np.median(pixels[::16, ::16]) < _NIGHT)


def _around(symbol: FoundSymbol) -> Box:
    across = [corner[0] for corner in symbol.corners]
    down = [corner[1] for corner in symbol.corners]
    return (min(across), min(down), max(across), max(down))
