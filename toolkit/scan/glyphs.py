"""Weighs every recorded character against what the image shows in its place.

The image S in a character's window is explained by least squares from the character as drawn and blurred, R, and by
what printing and scanning do to it: S = b + g R + (its derivatives: shifted a little) + (its Laplacian: blurred more or
less) + (its slope: toner spread or faded). Another character A of the same face is tested by how much of A - R, freed
from all of those, is in S: t = 0 where R is printed, t = 1 where A is. How far t strays on this very page by itself is
known from all characters of the page, so a difference that this image cannot carry is known as such.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from toolkit.page import Glyph
from toolkit.scan.overlay import above
from toolkit.scan.rendering import Face, Ink, Pen, blurred, origin
from toolkit.verdict import Box

_SIGMAS = (0.3, 0.5, 0.7, 0.95, 1.25, 1.6, 2.0, 2.6, 3.4, 4.4)
"""Standard deviations of the image's blur that are tried, pixels of the drawing."""

_SAMPLE = 60
"""Characters by which the blur is found."""

_RIDGE = np.array([1e-4, 1e-3, 0.04, 0.04, 0.04, 0.1])
"""Weights against the explanations: none against background and ink, little against half a pixel of shift or blur."""

_NEIGHBOURS = 15
"""Characters around one whose median contrast is its own: about a line."""

_SLIGHT = 0.6
"""A rival is tested when the recorded character leaves this part of their difference unexplained, or more: one that is
printed leaves about 1.2 of it: both are measured against twice what they have apart."""

_LIKELY, _REFINED = 0.4, 3
"""Share of a rival from which it is asked how well it explains the image alone, and of how many: the share falls short
of 1 where the rival is printed a little shifted or spread."""

_POOR, _MOST_REFINED = 0.85, 12
"""Fit of the recorded character below which all rivals are asked, and how many: where the place is a pixel off, their
shares say nothing."""

_TOGETHER = 64
"""Characters whose rivals are weighed at once: some 10 MB."""

_MARGIN = 0.04
"""Part of the size around the em box that belongs to the window."""

_PALE = 0.3
"""Part of the contrast below which a stroke has no ink; what is blurred or faded keeps more."""


class Spot(NamedTuple):
    """One recorded character and where it stands; ``window`` is in pixels of the drawing, ``number`` in the record."""

    number: int
    glyph: Glyph
    face: Face
    window: Box


class Rival(NamedTuple):
    """Another character in a recorded one's place: ``share`` is t, ``spread`` what t strays by itself here.

    ``fit`` is the correlation of the image with its best explanation by the rival, where that is likely enough to be
    asked for (``is_alone``), else by both characters.
    """

    character: str
    share: float
    spread: float
    fit: float
    is_alone: bool = False


@dataclass(slots=True)
class _Group:
    """Characters whose windows have one size: ``basis`` has shape (characters, explanations, pixels).

    ``energy`` is how much ink varies in the drawn character's window, in all.
    """

    height: int
    width: int
    basis: NDArray[np.float32]
    normal: NDArray[np.float64]
    shown: NDArray[np.float32]
    residual: NDArray[np.float32]
    solved: NDArray[np.float64]
    energy: NDArray[np.float32]


@dataclass(slots=True)
class Weighed:
    """What was found of one character.

    ``fit`` is the correlation of the image with its best explanation by the recorded character; ``gain`` its contrast;
    ``contrast`` that of its neighbours. ``missing`` is the part of its strokes without ink, ``extra`` the ink beside
    its strokes in parts of its own ink; ``spread`` is what the gain, in parts of the contrast, strays by itself, and
    ``rest`` what the character leaves unexplained, next to what the page's characters do in the median. ``rivals`` are
    the characters tested, the likeliest first. ``laid`` is where the least squares are kept.
    """

    spot: Spot
    fit: float
    gain: float
    laid: tuple[_Group, int]
    contrast: float = 0.0
    missing: float = 0.0
    extra: float = 0.0
    spread: float = 0.0
    rest: float = 0.0
    rivals: tuple[Rival, ...] = ()


class _Test(NamedTuple):
    """A rival's coefficient in units of ink, the energy of the difference, and how well both explain the image."""

    weighed: Weighed
    character: str
    coefficient: float
    energy: float
    fit: float


@dataclass(slots=True)
class Scale:
    """Weighs the characters of one page.

    Attributes:
        seen: the image's ink.
        soft: the drawn page, blurred by ``sigma``.
        pen: draws rivals.
        sigma: the image's blur, pixels.
        dark: part of the contrast from which there is ink where none should be: 0.55, above a watermark copied twice;
            more in grey, where a chop is as dark as that.
        floor: part of the contrast below which ink is not looked at (overlay.py).
    """

    seen: Ink
    soft: Ink
    pen: Pen
    sigma: float
    dark: float = 0.55
    floor: float = 0.0
    _noise: float = 0.0
    _usual: float = 1.0

    def above(self, floor: float, *, contrast: float) -> Scale:
        """Return a scale that looks only at what is darker than ``floor`` of the print's contrast."""
        seen, soft = above(self.seen, floor, contrast=contrast), above(self.soft, floor)
        return replace(self, seen=seen, soft=soft, floor=floor)

    def weigh(self, spots: Sequence[Spot], rivals: Callable[[str], Sequence[tuple[str, float]]]) -> list[Weighed]:
        """Weigh every character and the rivals that ``rivals`` names for it, each with how alike they are."""
        found = self._explained(spots, [(0, 0)] * len(spots))
        _set_contrasts(found)
        tests = self._tests(found, rivals)
        self._noise = _rank(found, tests)
        rests = np.array([each.rest for each in found])
        self._usual = max(float(np.median(rests)), 1e-6) if found else 1.0
        self._finish(found)
        return found

    def weigh_again(
        self,
        weighed: Sequence[Weighed],
        shifts: Sequence[tuple[int, int]],
        rivals: Callable[[str], Sequence[tuple[str, float]]],
        *,
        seen: Ink | None = None,
    ) -> list[Weighed]:
        """Weigh characters of the page again, with its own contrasts and noise.

        Args:
            weighed: what ``weigh`` returned of them.
            shifts: how far to the right of and below its place each is looked at, pixels.
            rivals: as in ``weigh``; those that were tried before are tried again.
            seen: another image of the same page.
        """
        scale = self if seen is None else replace(self, seen=seen)
        found = scale._explained([each.spot for each in weighed], shifts)
        for each, old in zip(found, weighed, strict=True):
            each.contrast = old.contrast
        tried = {id(each): old.rivals for each, old in zip(found, weighed, strict=True)}
        tests = scale._tests(found, rivals)
        _rank(found, tests, self._noise)
        scale._finish(found)
        for each in found:
            scale.try_others(each, [rival.character for rival in tried[id(each)]])
            scale._refine(each, thoroughly=True)
        return found

    def try_others(self, each: Weighed, others: Sequence[str]) -> None:
        """Weigh more rivals of a character that was weighed."""
        group, place = each.laid
        tried = {each.spot.glyph.character, *(rival.character for rival in each.rivals)}
        wanted = [other for other in others if other not in tried and self.pen.has(other, each.spot.face)]
        if not wanted:
            return
        old = each.rivals
        _rank([each], self._test(group, [(place, each, wanted)]), self._noise)
        each.rivals = tuple(sorted((*old, *each.rivals), key=_evidence))
        self._refine(each)

    def _explained(self, spots: Sequence[Spot], shifts: Sequence[tuple[int, int]]) -> list[Weighed]:
        """Explain each character's place by the recorded one."""
        sizes: dict[tuple[int, int], list[int]] = {}
        for index, spot in enumerate(spots):
            left, top, right, bottom = spot.window
            sizes.setdefault((bottom - top, right - left), []).append(index)
        found: dict[int, Weighed] = {}
        for members in sizes.values():
            group = self._explain([spots[index] for index in members], [shifts[index] for index in members])
            fit = _correlations(group.shown, group.shown - group.residual) * np.sign(group.solved[:, 1])
            rest = group.residual.var(axis=1)
            for place, index in enumerate(members):
                gain = float(group.solved[place, 1])
                found[index] = Weighed(spots[index], float(fit[place]), gain, (group, place), rest=float(rest[place]))
        return [found[index] for index in range(len(spots))]

    def _tests(self, found: Sequence[Weighed], rivals: Callable[[str], Sequence[tuple[str, float]]]) -> list[_Test]:
        """Measure the strokes of each character, and weigh those rivals that could be printed in its place."""
        tests: list[_Test] = []
        groups = {id(each.laid[0]): each.laid[0] for each in found}
        for group in groups.values():
            own = sorted((each for each in found if each.laid[0] is group), key=lambda each: each.laid[1])
            self._measure_strokes(group, own)
            unexplained = (group.residual**2).sum(axis=1)
            wanted = []
            for place, each in enumerate(own):
                # What the recorded character leaves unexplained bounds how much of a difference can be in it.
                most = unexplained[place] / (max(each.contrast, 0.05) ** 2 * float(group.energy[place]))
                near = [
                    other
                    for other, alike in rivals(each.spot.glyph.character)
                    if 1 - alike < most / _SLIGHT and self.pen.has(other, each.spot.face)
                ]
                if near:
                    wanted.append((place, each, near))
            for start in range(0, len(wanted), _TOGETHER):
                tests += self._test(group, wanted[start : start + _TOGETHER])
        return tests

    def _finish(self, found: Sequence[Weighed]) -> None:
        """Say how far gains stray, how usual the rests are, and how well the likely rivals do alone."""
        for each in found:
            group, place = each.laid
            each.spread = self._noise / (float(group.energy[place]) ** 0.5 * max(each.contrast, 0.05))
            each.rest /= self._usual
            self._refine(each)

    def _refine(self, each: Weighed, *, thoroughly: bool = False) -> None:
        """Explain the image by likely rivals alone, shifted, blurred and spread as the recorded character may be."""
        is_poor = thoroughly or each.fit < _POOR
        asked = [
            index < _MOST_REFINED if is_poor else index < _REFINED and rival.share > _LIKELY
            for index, rival in enumerate(each.rivals)
        ]
        if not any(asked):
            return
        (group, place), spot, pen = each.laid, each.spot, self.pen
        left, top, right, bottom = spot.window
        wide = (left - 1, top - 1, right + 1, bottom + 1)
        size, at = spot.glyph.size, origin(spot.glyph, spot.face, pen)
        beside = self.soft[wide[1] : wide[3], wide[0] : wide[2]] - self._drawn(
            spot.glyph.character, spot.face, size, at, wide
        )
        shown = group.shown[place].reshape(bottom - top, right - left)
        refined = []
        for is_asked, rival in zip(asked, each.rivals, strict=True):
            if is_asked and not rival.is_alone:
                drawn = self._drawn(rival.character, spot.face, size, at, wide)
                rival = rival._replace(fit=explained(shown, np.clip(beside + drawn, 0, 1), wide=True), is_alone=True)
            refined.append(rival)
        each.rivals = tuple(refined)

    def _explain(self, spots: Sequence[Spot], shifts: Sequence[tuple[int, int]]) -> _Group:
        left, top, right, bottom = spots[0].window
        height, width = bottom - top, right - left
        drawn = _windows(self.soft, spots, height, width, 1)
        basis = _basis(drawn)
        shown = _windows(self.seen, spots, height, width, 0, shifts).reshape(len(spots), -1)
        normal = (basis @ basis.transpose(0, 2, 1)).astype(np.float64) + np.diag(_RIDGE)
        right_side = (basis @ shown[:, :, None]).astype(np.float64)
        solved: NDArray[np.float64] = np.asarray(np.linalg.solve(normal, right_side)[:, :, 0], np.float64)
        residual = shown - (solved[:, None].astype(np.float32) @ basis)[:, 0]
        energy = np.maximum(basis[:, 1].var(axis=1) * basis.shape[2], np.float32(1e-3))
        return _Group(height, width, basis, normal, shown, residual, solved, energy)

    def _measure_strokes(self, group: _Group, own: Sequence[Weighed]) -> None:
        """Measure what of the strokes is missing, and what ink is beside them, a pixel of misplacement forgiven."""
        shape = (len(own), group.height, group.width)
        contrast = np.array([max(each.contrast, 0.05) for each in own], np.float32)[:, None, None]
        drawn = group.basis[:, 1].reshape(shape)
        shown = group.shown.reshape(shape) / contrast
        reach = max(1, round(self.sigma))
        covered, wide = _widened(shown, reach), _widened(drawn, reach + 1)
        core = drawn > 0.6 * drawn.max(axis=(1, 2), keepdims=True)
        amount = np.maximum(core.sum(axis=(1, 2)), 1)
        strongest = drawn.max(axis=(1, 2))[:, None, None]
        missing = ((covered < _PALE * strongest) & core).sum(axis=(1, 2)) / amount
        extra = ((shown > self.dark) & (wide < 0.12)).sum(axis=(1, 2)) / amount
        for each, lacks, has in zip(own, missing, extra, strict=True):
            each.missing, each.extra = float(lacks), float(has)

    def _drawn(self, character: str, face: Face, size: int, at: tuple[float, float], window: Box) -> Ink:
        """Return a character's ink in a window, as far as it is looked at."""
        ink = self.pen.draw(character, face, size, at, window, self.sigma)
        return above(ink, self.floor) if self.floor else ink

    def _test(self, group: _Group, wanted: Sequence[tuple[int, Weighed, Sequence[str]]]) -> list[_Test]:
        """Weigh rivals of characters of a group, each with its place in it."""
        places = np.repeat([place for place, _, _ in wanted], [len(rivals) for _, _, rivals in wanted])
        differences = np.empty((len(places), group.height * group.width), np.float32)
        row = 0
        for _, each, rivals in wanted:
            glyph, face, window = each.spot.glyph, each.spot.face, each.spot.window
            at = origin(glyph, face, self.pen)
            recorded = self._drawn(glyph.character, face, glyph.size, at, window)
            for rival in rivals:
                drawn = self._drawn(rival, face, glyph.size, at, window)
                np.subtract(drawn, recorded, out=differences[row].reshape(recorded.shape))
                row += 1
        basis = group.basis[places]
        right_side = (basis @ differences[:, :, None]).astype(np.float64)
        taken = np.linalg.solve(group.normal[places], right_side).astype(np.float32)
        free = differences - (taken.transpose(0, 2, 1) @ basis)[:, 0]
        residual = group.residual[places]
        energy = np.einsum("tp,tp->t", free, free) + np.float32(1e-3)
        share = np.einsum("tp,tp->t", free, residual) / energy
        unexplained = np.einsum("tp,tp->t", residual, residual)
        total = residual.shape[1] * group.shown[places].var(axis=1) + np.float32(1e-6)
        fit = np.sqrt(np.maximum(1 - (unexplained - share**2 * energy) / total, 0))
        tested = [(each, rival) for _, each, rivals in wanted for rival in rivals]
        rows = zip(tested, share.tolist(), energy.tolist(), fit.tolist(), strict=True)
        return [_Test(*pair, *values) for pair, *values in rows]


def explained(shown: Ink, drawn: Ink, *, wide: bool = False) -> float:
    """Return the correlation of a piece of the image with its best explanation by what is drawn there.

    ``wide`` says that the drawing has a pixel more on each side.
    """
    best, gain = explanation(shown, drawn if wide else np.pad(drawn, 1, mode="edge"))
    return float(_correlations(shown.reshape(1, -1), best.reshape(1, -1))[0]) if gain > 0 else 0.0


def explanation(shown: Ink, drawn: Ink) -> tuple[Ink, float]:
    """Return the best explanation of a piece of the image by a drawing, and the drawing's gain in it.

    Args:
        shown: the image's ink, shape (height, width).
        drawn: the drawing, a pixel wider on each side.
    """
    basis = _basis(drawn[None])[0]
    values = shown.reshape(-1)
    solved = np.linalg.solve((basis @ basis.T).astype(np.float64) + np.diag(_RIDGE), basis @ values)
    return np.asarray((solved.astype(np.float32) @ basis).reshape(shown.shape), np.float32), float(solved[1])


def _basis(drawn: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the explanations by drawings one pixel wider on each side: shape (drawings, 6, pixels)."""
    middle = drawn[:, 1:-1, 1:-1]
    across = (drawn[:, 1:-1, 2:] - drawn[:, 1:-1, :-2]) / 2
    down = (drawn[:, 2:, 1:-1] - drawn[:, :-2, 1:-1]) / 2
    bend = drawn[:, 1:-1, 2:] + drawn[:, 1:-1, :-2] + drawn[:, 2:, 1:-1] + drawn[:, :-2, 1:-1] - 4 * middle
    planes = (np.ones_like(middle), middle, across, down, bend, np.sqrt(across * across + down * down))
    return np.stack([plane.reshape(len(drawn), -1) for plane in planes], axis=1)


def find_blur(seen: Ink, drawn: Ink, windows: Sequence[Box]) -> float:
    """Return the standard deviation of the blur, in pixels, that makes pieces of the drawn page most like the image."""
    chosen = [windows[index] for index in np.linspace(0, len(windows) - 1, min(len(windows), _SAMPLE)).astype(int)]
    if not chosen:
        return _SIGMAS[2]
    best, sigma = -2.0, _SIGMAS[2]
    pairs = []
    for left, top, right, bottom in chosen:
        shown = seen[top:bottom, left:right]
        shown = shown - shown.mean()
        shown /= max(float(np.linalg.norm(shown)), 1e-6)
        pairs.append((drawn[top:bottom, left:right], shown))
    for candidate in _SIGMAS:
        score = float(np.median([_likeness(blurred(own, candidate), shown) for own, shown in pairs]))
        if score > best:
            best, sigma = score, candidate
        elif score < best - 0.02:
            break
    return sigma


def _likeness(drawn: Ink, shown: Ink) -> float:
    """Return the correlation of a drawing with ink whose mean is 0 and whose norm is 1."""
    values = drawn.ravel()
    square = float(values @ values) - float(values.sum()) ** 2 / values.size
    return float(values @ shown.ravel()) / float(np.sqrt(max(square, 1e-6)))


def spots_of(glyphs: Sequence[Glyph], faces: Sequence[Face], pen: Pen, shape: tuple[int, int]) -> list[Spot]:
    """Return the characters that can be drawn and whose window, and a pixel around it, lies on the page."""
    spots = []
    for number, glyph in enumerate(glyphs):
        face = faces[glyph.font]
        if not pen.can_draw(glyph, face):
            continue
        margin = pen.pixels(glyph.size * _MARGIN) + 1
        x0, y0, x1, y1 = (pen.pixels(edge) for edge in glyph.box)
        left, top = round(x0 - margin), round(y0 - margin)
        window = (left, top, left + round(x1 - x0 + 2 * margin), top + round(y1 - y0 + 2 * margin))
        if left >= 1 and top >= 1 and window[2] + 1 <= shape[1] and window[3] + 1 <= shape[0]:
            spots.append(Spot(number, glyph, face, window))
    return spots


def _windows(
    plane: Ink,
    spots: Sequence[Spot],
    height: int,
    width: int,
    margin: int,
    shifts: Sequence[tuple[int, int]] | None = None,
) -> NDArray[np.float32]:
    """Return copies of equal windows, ``margin`` pixels wider on each side: shape (spots, height, width).

    ``shifts`` says how far to the right and below each is taken, as far as the page goes.
    """
    views = np.lib.stride_tricks.sliding_window_view(plane, (height + 2 * margin, width + 2 * margin))
    rows = [spot.window[1] - margin for spot in spots]
    columns = [spot.window[0] - margin for spot in spots]
    if shifts is not None:
        rows = [min(max(row + down, 0), views.shape[0] - 1) for row, (_, down) in zip(rows, shifts, strict=True)]
        columns = [min(max(c + across, 0), views.shape[1] - 1) for c, (across, _) in zip(columns, shifts, strict=True)]
    return np.asarray(views[rows, columns], np.float32)


def _widened(planes: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return the largest value within ``reach`` pixels, for each of several planes."""
    count, height, width = planes.shape
    padded = np.pad(planes, ((0, 0), (0, reach), (0, 0)))
    flat = padded.reshape(count * (height + reach), width)
    wide = cv2.dilate(flat, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return np.asarray(wide.reshape(count, height + reach, width)[:, :height], np.float32)


def _correlations(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    one = one - one.mean(axis=1, keepdims=True)
    other = other - other.mean(axis=1, keepdims=True)
    norm = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(norm, 1e-6), np.float32)


def _set_contrasts(weighed: Sequence[Weighed]) -> None:
    """Give every character the median gain of those around it that fit."""
    if not weighed:
        return
    middles = np.array(
        [((w.spot.window[0] + w.spot.window[2]) / 2, (w.spot.window[1] + w.spot.window[3]) / 2) for w in weighed]
    )
    fits = np.array([each.fit for each in weighed])
    good = fits >= min(0.6, float(np.median(fits)))
    gains = np.array([each.gain for each in weighed])[good]
    x, y = middles.T.astype(np.float32)
    distance = (x[:, None] - x[good]) ** 2 + (y[:, None] - y[good]) ** 2
    count = min(_NEIGHBOURS, gains.size)
    nearest = np.argpartition(distance, count - 1, axis=1)[:, :count]
    for each, contrast in zip(weighed, np.median(gains[nearest], axis=1), strict=True):
        each.contrast = float(contrast)


def _rank(weighed: Sequence[Weighed], tests: Sequence[_Test], noise: float | None = None) -> float:
    """Turn coefficients into shares of the contrast, and say how far they stray on this page by themselves.

    Returns:
        The noise of a coefficient, as found from the tests unless given.
    """
    coefficients = np.array([test.coefficient for test in tests])
    roots = np.sqrt(np.array([test.energy for test in tests]))
    if noise is None:
        noise = 1.4826 * float(np.median(np.abs(coefficients * roots))) if tests else 0.0
    found: dict[int, list[Rival]] = {}
    for test, root in zip(tests, roots, strict=True):
        contrast = max(test.weighed.contrast, 0.05)
        spread = max(noise / (float(root) * contrast), 1e-3)
        rival = Rival(test.character, test.coefficient / contrast, spread, test.fit)
        found.setdefault(id(test.weighed), []).append(rival)
    for each in weighed:
        each.rivals = tuple(sorted(found.get(id(each), []), key=_evidence))
    return noise


def _evidence(rival: Rival) -> float:
    """Return the evidence for the recorded character against a rival: a share of one half speaks for neither."""
    return (0.5 - rival.share) / rival.spread**2
