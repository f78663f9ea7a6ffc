"""Compares the pictures of a page with the record's, patch by patch: scans, handwriting, any script, drawings.

Of a picture the record has no characters, only how it looks. So the image in a small window is explained by least
squares from what the record shows there and by what printing and scanning do to it (glyphs.py): its contrast, a shift,
a blur, spread toner. What is left over in every window that holds a place is ink that one of the two has and the other
has not. The record's own noise (speckle, JPEG, a grey ground) is printed and seen again, or is too pale and too small;
how far this picture strays by itself is known from all of its windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.messages import Message
from toolkit.scan.boxes import around, grown, overlap
from toolkit.scan.ink import flattened
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.rendering import Ink, blurred
from toolkit.scan.strokes import streaked
from toolkit.verdict import Box, Finding, Reason

_WINDOW, _STEP = 5.0, 2.5
"""Edge of a window and way to the next, mm: a character with some of its neighbours; each place is in four."""

_SIGMAS = (0.0, 0.35, 0.6, 0.9, 1.3, 1.8, 2.5, 3.4)
"""Standard deviations of the blur that are tried, pixels."""

_RIDGE = np.array([1e-3, 1e-2, 0.05, 0.05, 0.05, 0.1])
"""Weights against the explanations, as for characters (glyphs.py)."""

_INKED = 0.012
"""Mean ink of a window that has any."""

_PLAIN = 0.04
"""Standard deviation of a window's ink below which nothing is to be read in it, a filled area above all: those of the
sample's figure have 0.000 to 0.001, a window with nothing but a decimal point of nine points 0.06."""

_SAMPLE = 60
"""Windows by which the blur is found."""

_PAPER, _DARKEST = 0.1, 0.9
"""Ink of a blurred page that is no paper, and the part of it that is no darker than its print."""

_AT_ONCE = 120
"""Windows that are explained at once: of 50 x 50 pixels, 7 MB."""

_SMOOTH = 0.1
"""Standard deviation over which what is left over is averaged, mm: a third of a stroke."""

_LEAST, _TIMES = 0.3, 6.0
"""What must be left over for a difference: part of the contrast, and how often what this picture leaves by itself."""

_WATERMARK = 0.16
"""Ink, in parts of black, below which a difference may be the watermark's, which the record's look does not have."""

_DISPLACED, _ROUND = 1.0, 0.6
"""Millimetres that ink at a fold may lie off, and around a difference that must be in its place there."""

_JOINED = 0.3
"""Millimetres over which pieces are one difference."""

_ONE_WORD = 600
"""1/100 pt, 2 mm, over which differences are one finding."""

_A_POINT = 0.1
"""Square millimetres of ink of a difference worth telling: a decimal point of nine points."""

_STREAK = 0.3
"""Darkness of a streak, in parts of the print's contrast: what is paler is no difference (``_LEAST``)."""

_DUST, _BY_ITSELF = 1.4, 2.0
"""Millimetres of a speck, with ``_JOINED`` around it, and of blank paper around that, in which it says nothing: dots of
a copier's glass had 0.4 and 0.5 mm. A point put to a number stands within half a digit's width of one."""

_NEAR, _FEWEST = 3, 5
"""Windows to each side among which contrast is alike, 7 mm, and how many of them must have any."""

_GAINS = (0.8, 1.25)
"""Least and largest contrast of a window, in parts of that around it: toner is uneven, and fades over centimetres."""

_POOR, _FADED, _LEGIBLE = 0.5, 0.25, 0.5
"""Parts of the picture's level and contrast below which a window is not read; level below which none is."""

_WIDEST = 12.0
"""Millimetres of the widest difference that may be a fold's; what is larger is looked at by somebody."""

_EDGE = 6.0
"""Millimetres at the paper's edges in which scanners show shadows, and a photo what the page lies on."""

_MOST = 20
"""Differences told of one picture; somebody who looks there sees the others."""


class Difference(NamedTuple):
    """A place where image and record differ: ``box`` in 1/100 pt, the area of ``added`` and of ``missing`` ink in mm2.

    ``strength`` is the largest difference, in parts of the contrast of print.
    """

    box: Box
    added: float
    missing: float
    strength: float

    @property
    def area(self) -> float:
        """Ink added and missing, mm2."""
        return self.added + self.missing


@dataclass(frozen=True, slots=True)
class PictureFit:
    """What comparing one picture found.

    ``differences`` are the places, the largest first. ``level`` is the median correlation of windows with ink with
    their best explanation, ``noise`` what is left over by itself. ``unread`` are windows without differences
    that show too little of what is recorded to say anything, 1/100 pt.
    """

    differences: tuple[Difference, ...]
    level: float
    noise: float
    unread: tuple[Box, ...]

    @property
    def amiss(self) -> float:
        """How badly the record explains the image, mm2: all differences, and a window that is not read as one."""
        return sum(each.area for each in self.differences) + len(self.unread)


def fit_picture(seen: Ink, recorded: Ink, dpi: float, *, left_out: NDArray[np.bool_] | None = None) -> PictureFit:
    """Compare two planes of ink that lie over each other.

    Args:
        seen: the image's ink.
        recorded: the record's, sharp; the paper's own grey is divided out of both.
        dpi: pixels per inch of both.
        left_out: pixels that are not looked at: chops, zones, what the image does not show.
    """
    step = max(round(_STEP * dpi / 25.4), 4)
    edge = 2 * step
    height, width = (max(-(-side // step), 2) * step for side in seen.shape)
    pad = ((0, height - seen.shape[0]), (0, width - seen.shape[1]))
    shown, drawn = np.pad(seen, pad, mode="edge"), np.pad(recorded, pad, mode="edge")
    rows, columns = (list(range(0, side - edge + 1, step)) for side in (height, width))
    places = np.array([(y, x) for y in rows for x in columns])
    soft = _softened(drawn, shown, places, edge)
    windows = _Windows.explained(shown, soft, places, edge, (len(rows), len(columns)))
    rest = windows.rest(shown.shape)
    millimetre = dpi / 25.4
    smooth = np.asarray(cv2.GaussianBlur(rest, (0, 0), _SMOOTH * millimetre), np.float32)
    smooth = smooth[: seen.shape[0], : seen.shape[1]]
    if left_out is not None:
        smooth[left_out] = 0
    near = cv2.dilate(soft[: seen.shape[0], : seen.shape[1]], np.ones((5, 5), np.uint8)) > 0.15
    noise = 1.4826 * float(np.median(np.abs(smooth[near]))) if near.any() else 0.0
    threshold = max(_LEAST, _WATERMARK / windows.dark, _TIMES * noise)
    found = tuple(
        each
        for each in sorted(_differences(smooth, threshold, dpi), key=lambda each: -each.area)
        if not _is_dust(each, soft, dpi) and not _is_displaced(each, shown, soft, windows, threshold, dpi)
    )
    unread = (_on_page((x, y, x + edge, y + edge), dpi) for y, x in windows.unread)
    alone = tuple(box for box in unread if not any(overlap(box, each.box) for each in found))
    return PictureFit(found, windows.level, noise, alone)


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of a picture and what explains them; ``left`` is what is left over, in parts of the print's contrast."""

    places: NDArray[np.int64]
    edge: int
    left: NDArray[np.float16]
    contrast: float
    dark: float
    level: float
    unread: NDArray[np.int64]

    @classmethod
    def explained(cls, shown: Ink, soft: Ink, places: NDArray[np.int64], edge: int, grid: tuple[int, int]) -> _Windows:
        """Explain windows of the image with their upper left corners (y, x) at ``places``, row by row."""
        padded = np.pad(soft, 1, mode="edge")
        left = np.empty((len(places), edge * edge), np.float16)  # every pixel four times over: 96 MB as float32
        gains, fits, amounts, spreads = (np.zeros(len(places)) for _ in range(4))
        for start in range(0, len(places), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            drawn = _cut(padded, places[part], edge + 2)
            values = _cut(shown, places[part], edge).reshape(-1, edge * edge)
            basis = _basis(drawn)
            normal = (basis.transpose(0, 2, 1) @ basis).astype(np.float64) + np.diag(_RIDGE)
            right = (basis.transpose(0, 2, 1) @ values[:, :, None]).astype(np.float64)
            solved = np.linalg.solve(normal, right)[:, :, 0]
            best = (basis @ solved[:, :, None].astype(np.float32))[:, :, 0]
            left[part] = values - best
            gains[part], fits[part] = solved[:, 1], _correlations(values, best)
            amounts[part], spreads[part] = basis[:, :, 1].mean(axis=1), basis[:, :, 1].std(axis=1)
        inked = (amounts > _INKED) & (spreads > _PLAIN)
        level = float(np.median(fits[inked])) if inked.any() else 1.0
        good = inked & (fits >= min(level, 0.6))
        contrast = max(float(np.median(gains[good])) if good.any() else 0.8, 0.1)
        likely = _around_each(np.where(good, gains, np.nan).reshape(grid), contrast).ravel()
        # A window all of whose ink is gone would be explained by no contrast at all.
        kept = np.clip(gains, _GAINS[0] * likely, _GAINS[1] * likely)
        for index in np.flatnonzero(inked & (kept != gains)):
            drawn = _cut(soft, places[index : index + 1], edge).ravel()
            left[index] += (np.float32(gains[index] - kept[index]) * (drawn - drawn.mean())).astype(np.float16)
        # Ink of a scanned original is itself no more than half black: differences are counted in parts of it.
        dark = float(np.quantile(soft[soft > _PAPER], _DARKEST)) if (soft > _PAPER).any() else 1.0
        poor = inked & (amounts > 2 * _INKED) & ((fits < _POOR * level) | (gains < _FADED * contrast))
        return cls(
            places, edge, np.divide(left, np.float16(contrast * dark), out=left), contrast, dark, level, places[poor]
        )

    def rest(self, shape: tuple[int, ...]) -> Ink:
        """Return what is left over at each pixel in the window that explains it best."""
        rest = np.full(shape, 9.0, np.float32)
        for (y, x), left in zip(self.places, self.left, strict=True):
            part = rest[y : y + self.edge, x : x + self.edge]
            own = left.reshape(self.edge, self.edge)
            np.copyto(part, own, where=np.abs(own) < np.abs(part))
        return rest


def picture_findings(page: LaidPage, box: Box) -> list[Finding]:
    """Return what differs in a picture of the record, whose look ``page.drawn`` has from the stored PDF.

    Args:
        page: what is compared.
        box: the picture's place, 1/100 pt; the whole page for one that is a picture.
    """
    if any(overlap(box, place) for place in page.undrawn):
        return []
    scale = page.dpi / 7200
    height, width = page.drawn.shape
    x0, y0 = (max(int(side * scale), 0) for side in box[:2])
    x1, y1 = min(int(box[2] * scale) + 1, width), min(int(box[3] * scale) + 1, height)
    if x1 - x0 < 8 or y1 - y0 < 8:
        return []
    window = slice(y0, y1), slice(x0, x1)
    # Printed in colour and seen in its red channel, or printed without colours: what explains the paper better is it.
    looks = [page.drawn, *([] if page.uncoloured is None else [page.uncoloured])]
    left_out = (_left_out(page) | _streaked(page))[window]
    fits = [fit_picture(page.seen.ink[window], look[window], page.dpi, left_out=left_out) for look in looks]
    fit = min(fits, key=lambda each: each.amiss)
    findings = []
    # Amid what cannot be read, what seems to differ may be the same halftone, chop or fading that hides the rest.
    unread = around(fit.unread) if fit.unread else None
    hidden = (page.hidden & ~page.seen.outside)[window] & (page.drawn[window] > _PAPER)
    if hidden.any():
        rows, columns = np.nonzero(hidden)
        box_hidden = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        unread = around([*([unread] if unread else []), _on_page(box_hidden, page.dpi)])
    told = [each for each in _words(fit.differences) if unread is None or not overlap(each.box, unread)]
    for difference in told[:_MOST]:
        place = _moved(difference.box, x0 / scale, y0 / scale)
        if difference.missing < _A_POINT < difference.added:
            message = Message("there is ink in this picture that the record does not have")
        elif difference.added < _A_POINT < difference.missing:
            message = Message("something that the record has in this picture is not on the paper")
        else:
            message = Message("this picture is not as it is recorded here: compare it by eye")
        findings.append(Finding(Reason.CONTENT_ALTERED, message, box=place, image_box=page.alignment.image_box(place)))
    if fit.level < _LEGIBLE or unread is not None:
        place = box if fit.level < _LEGIBLE or unread is None else _moved(unread, x0 / scale, y0 / scale)
        message = Message("a picture cannot be compared here: compare it by eye, or scan again at 300 dpi in colour")
        findings.append(
            Finding(Reason.CONTENT_ILLEGIBLE, message, box=place, image_box=page.alignment.image_box(place))
        )
    return findings


def _words(differences: Sequence[Difference]) -> list[Difference]:
    """Return differences that are near each other as one, the largest first."""
    words: list[Difference] = []
    for each in differences:
        near = [word for word in words if overlap(grown(word.box, _ONE_WORD), each.box)]
        whole = [each, *near]
        words = [word for word in words if word not in near]
        added, missing = sum(one.added for one in whole), sum(one.missing for one in whole)
        strength = max(one.strength for one in whole)
        words.append(Difference(around(one.box for one in whole), added, missing, strength))
    return sorted(words, key=lambda word: -word.area)


def without_ground(ink: Ink, dpi: float, boxes: Sequence[Box]) -> Ink:
    """Return ink with the ground of pictures divided out as the paper of an image is: a scanned original is grey."""
    plain = ink.copy()
    if boxes:
        white = flattened(np.asarray(np.rint(255 - 255 * ink), np.uint8), dpi)
        for x0, y0, x1, y1 in ([max(round(side * dpi / 7200), 0) for side in box] for box in boxes):
            plain[y0:y1, x0:x1] = white[y0:y1, x0:x1]
    return plain


def _left_out(page: LaidPage) -> NDArray[np.bool_]:
    """Mark what is not looked at: where the symbol, chops and handwriting stand, and what is hidden."""
    mask = np.asarray(cv2.dilate(page.hidden.astype(np.uint8), np.ones((9, 9), np.uint8)), np.uint8)
    edge = round(_EDGE * page.dpi / 25.4)
    mask[:edge], mask[-edge:], mask[:, :edge], mask[:, -edge:] = 1, 1, 1, 1
    zones = [grown(zone.box, 300) for zone in page.description.zones]
    for box in (page.keep_out, *zones, *(grown(chop.box, 600) for chop in page.chops)):
        x0, y0, x1, y1 = (max(round(side * page.dpi / 7200), 0) for side in box)
        mask[y0:y1, x0:x1] = 1
    return np.asarray(mask > 0, np.bool_)


def _streaked(page: LaidPage) -> NDArray[np.bool_]:
    """Mark streaks of the scanner, with their soft edges."""
    printed = (page.soft > _PAPER).view(np.uint8)
    dark = ((page.seen.ink > _STREAK * page.contrast) & (printed == 0)).astype(np.uint8)
    found = streaked(dark, printed, page.alignment)
    if not found.any():
        return found
    return np.asarray(cv2.dilate(found.view(np.uint8), np.ones((7, 7), np.uint8)) > 0, np.bool_)


def _around_each(gains: NDArray[np.float64], otherwise: float) -> NDArray[np.float64]:
    """Return the median contrast of the windows around each, of those that have one (the others are nan)."""
    views = np.lib.stride_tricks.sliding_window_view(np.pad(gains, _NEAR, constant_values=np.nan), (2 * _NEAR + 1,) * 2)
    flat = np.sort(views.reshape(*gains.shape, -1), axis=-1)
    count = np.isfinite(flat).sum(axis=-1)
    middle = np.take_along_axis(flat, np.maximum(count - 1, 0)[:, :, None] // 2, axis=-1)[:, :, 0]
    return np.where(count >= _FEWEST, np.nan_to_num(middle, nan=otherwise), otherwise)


def _softened(drawn: Ink, shown: Ink, places: NDArray[np.int64], edge: int) -> Ink:
    """Return the record blurred as the image is: by what makes windows with ink most alike."""
    amounts = np.array([float(drawn[y : y + edge, x : x + edge].std()) for y, x in places])
    chosen = places[np.argsort(-amounts)[: max(len(places) // 3, 1)]][:: max(len(places) // (3 * _SAMPLE), 1)]
    values = _cut(shown, chosen, edge).reshape(len(chosen), -1)
    best, softest = -2.0, drawn
    for sigma in _SIGMAS:
        soft = blurred(drawn, sigma) if sigma else drawn
        score = float(np.median(_correlations(values, _cut(soft, chosen, edge).reshape(len(chosen), -1))))
        if score > best:
            best, softest = score, soft
        elif score < best - 0.02:
            break
    return softest


def _differences(rest: Ink, threshold: float, dpi: float) -> Iterator[Difference]:
    """Yield the places where more is left over than the picture strays by itself, and more than a speck."""
    pixel = 25.4 / dpi
    strong = np.abs(rest) > threshold
    # What is apart by less than half a millimetre is one change; a change shows as ink gone beside ink come.
    reach = max(round(_JOINED / pixel), 1)
    joined = cv2.dilate(strong.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_32S)
    for number in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[number])
        window = slice(top, top + height), slice(left, left + width)
        own = rest[window] * (strong[window] & (labels[window] == number))
        added, missing = (float(np.clip(sign * own, 0, None).sum()) * pixel * pixel for sign in (1, -1))
        if added + missing >= _A_POINT:
            yield Difference(
                _on_page((left, top, left + width, top + height), dpi), added, missing, float(np.abs(own).max())
            )


def _is_dust(difference: Difference, soft: Ink, dpi: float) -> bool:
    """Tell whether a difference is a speck of ink by itself on blank paper."""
    x0, y0, x1, y1 = difference.box
    if difference.missing >= _A_POINT or max(x1 - x0, y1 - y0) > _DUST * 7200 / 25.4:
        return False
    room = round(_BY_ITSELF * 7200 / 25.4)
    left, top, right, bottom = (max(round(side * dpi / 7200), 0) for side in grown(difference.box, room))
    return not bool((soft[top:bottom, left:right] > _PAPER).any())


def _is_displaced(
    difference: Difference, shown: Ink, soft: Ink, windows: _Windows, threshold: float, dpi: float
) -> bool:
    """Tell whether what is recorded is all there, a little beside its place, as at a fold's step."""
    millimetre = dpi / 25.4
    reach, margin = round(_DISPLACED * millimetre), round(_ROUND * millimetre)
    x0, y0, x1, y1 = (round(side * dpi / 7200) for side in difference.box)
    x0, y0, x1, y1 = max(x0 - margin, 1), max(y0 - margin, 1), x1 + margin, y1 + margin
    x1, y1 = min(x1, shown.shape[1] - 1), min(y1, shown.shape[0] - 1)
    if max(x1 - x0, y1 - y0) > _WIDEST * millimetre:
        return False
    outer = np.pad(soft, reach + 1, mode="edge")
    around_it = outer[y0 : y1 + 2 * reach + 2, x0 : x1 + 2 * reach + 2]
    values = np.ascontiguousarray(shown[y0:y1, x0:x1])
    alike = cv2.matchTemplate(np.ascontiguousarray(around_it[1:-1, 1:-1]), values, cv2.TM_CCOEFF_NORMED)
    _, _, _, (x, y) = cv2.minMaxLoc(alike)
    basis = _basis(around_it[None, y : y + y1 - y0 + 2, x : x + x1 - x0 + 2])[0]
    normal = (basis.T @ basis).astype(np.float64) + np.diag(_RIDGE)
    solved = np.linalg.solve(normal, (basis.T @ values.ravel()).astype(np.float64))
    if solved[1] < _FADED * windows.contrast:
        return False
    rest = (values - (basis @ solved.astype(np.float32)).reshape(values.shape)) / (windows.contrast * windows.dark)
    smooth = np.abs(cv2.GaussianBlur(rest, (0, 0), _SMOOTH * millimetre))
    return float(smooth[smooth > threshold].sum()) / millimetre**2 < _A_POINT


def _basis(drawn: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the explanations by windows one pixel wider on each side: shape (windows, pixels, 6)."""
    middle = drawn[:, 1:-1, 1:-1]
    across = (drawn[:, 1:-1, 2:] - drawn[:, 1:-1, :-2]) / 2
    down = (drawn[:, 2:, 1:-1] - drawn[:, :-2, 1:-1]) / 2
    bend = drawn[:, 1:-1, 2:] + drawn[:, 1:-1, :-2] + drawn[:, 2:, 1:-1] + drawn[:, :-2, 1:-1] - 4 * middle
    planes = (np.ones_like(middle), middle, across, down, bend, np.hypot(across, down))
    return np.stack([plane.reshape(len(drawn), -1) for plane in planes], axis=2)


def _correlations(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    one, other = (plane - plane.mean(axis=1, keepdims=True) for plane in (one, other))
    norm = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(norm, 1e-6), np.float32)


def _cut(plane: Ink, places: NDArray[np.int64], edge: int) -> NDArray[np.float32]:
    views = np.lib.stride_tricks.sliding_window_view(plane, (edge, edge))
    return np.asarray(views[places[:, 0], places[:, 1]], np.float32)


def _on_page(box: Box, dpi: float) -> Box:
    x0, y0, x1, y1 = (round(side * 7200 / dpi) for side in box)
    return x0, y0, x1, y1


def _moved(box: Box, right: float, down: float) -> Box:
    return round(box[0] + right), round(box[1] + down), round(box[2] + right), round(box[3] + down)
