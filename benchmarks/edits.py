"""Alterations on the drawn page: rules, pictures, watermark, red print, text in free places, pens, chops, other pages.

Each starts from the page as it was printed and returns the sheet to print, with boxes of what was altered on the
record's page. What a forger removes leaves the watermark behind it as it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import pypdfium2

from benchmarks.documents import Document, stamped
from benchmarks.paper import MM, PRINT_DPI, Ink, Plane, Random, Sheet, chop, drawn_text, strokes
from toolkit.formal.keep_out import keep_out_box
from toolkit.page import Glyph, Rule
from toolkit.verdict import Box

_FACES = ("NotoSerifSC-Regular.ttf", "TruecopyFangSong-Regular.ttf", "NotoSansSC-Medium.ttf", "TruecopyKai-Regular.ttf")
_SENTENCES = (
    "经费全额拨付",
    "同意追加壹佰万元",
    "含设备购置费",
    "由乙方承担全部责任",
    "期限延长至三年",
    "以上内容作废",
    "金额以此为准",
)
_RED_PRINT = (0.85, 0.08, 0.10)


@dataclass(frozen=True, slots=True)
class Edit:
    """An altered page: what is printed, the boxes of what differs in 1/100 pt, its size in points, and words for it."""

    sheet: Sheet
    boxes: tuple[Box, ...]
    size: float
    shown: str


class Pages:
    """The drawn pages of a document; drawing takes 0.1 s, so the latest are kept."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._blank = b""
        self.printed = lru_cache(maxsize=4)(lambda number: drawn(document.pdf, number))
        self.plain = lru_cache(maxsize=4)(lambda number: drawn(document.plain, number))
        self.background = lru_cache(maxsize=4)(lambda number: drawn(self._blank_pdf(), number))

    def _blank_pdf(self) -> bytes:
        """Return the document without its content: watermark and symbols."""
        if not self._blank:
            blank = pypdfium2.PdfDocument.new()
            for page in self.document.pages:
                blank.new_page(page.width / 100, page.height / 100)
            buffer = io.BytesIO()
            blank.save(buffer)
            self._blank = stamped(buffer.getvalue(), self.document.sides, self.document.pages[0].watermark)
        return self._blank


def drawn(pdf: bytes, number: int) -> Plane:
    """Return a page of a PDF, from 1, in grey at the resolution of print."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        bitmap = document[number - 1].render(scale=PRINT_DPI / 72, grayscale=True)
        return np.asarray(bitmap.to_numpy(), np.uint8).reshape(bitmap.height, bitmap.width).copy()
    finally:
        document.close()


def _pixels(box: Box, margin: float = 0) -> tuple[slice, slice]:
    """Return where a box of the record is on the drawn page; ``margin`` in points."""
    x0, y0, x1, y1 = (
        round((edge / 100 + sign * margin) / 72 * PRINT_DPI) for edge, sign in zip(box, (-1, -1, 1, 1), strict=True)
    )
    return slice(max(y0, 0), max(y1, 0)), slice(max(x0, 0), max(x1, 0))


def _box(x: float, y: float, width: float, height: float) -> Box:
    """Return the box on the record of a rectangle in pixels of the drawn page."""
    left, top, right, bottom = (round(edge / PRINT_DPI * 7200) for edge in (x, y, x + width, y + height))
    return left, top, right, bottom


def _lines(glyphs: Sequence[Glyph]) -> list[list[Glyph]]:
    """Return the glyphs by line; a gap of one and a half ems begins another one."""
    lines: list[list[Glyph]] = []
    for glyph in glyphs:
        last = lines[-1][-1] if lines else None
        if last and abs(last.box[3] - glyph.box[3]) < 200 and -50 < glyph.box[0] - last.box[2] < 1.5 * glyph.size:
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return lines


def _around(glyphs: Sequence[Glyph]) -> Box:
    boxes = [glyph.box for glyph in glyphs]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _text(glyphs: Sequence[Glyph]) -> str:
    return "".join(glyph.character for glyph in glyphs)


def line_erased(pages: Pages, number: int, random: Random) -> Edit | None:
    """A whole line is gone, and nothing moved."""
    lines = [line for line in _lines(pages.document.pages[number - 1].glyphs) if len(line) >= 4]
    if not lines:
        return None
    line = lines[int(random.integers(len(lines)))]
    page = pages.printed(number).copy()
    where = _pixels(_around(line), 1)
    page[where] = pages.background(number)[where]
    return Edit(Sheet(page, []), tuple(g.box for g in line), min(g.size for g in line) / 100, f"-{_text(line)}")


def line_moved(pages: Pages, number: int, random: Random) -> Edit | None:
    """A line stands higher or lower by half a line and more."""
    lines = [line for line in _lines(pages.document.pages[number - 1].glyphs) if len(line) >= 3]
    plain = pages.plain(number)
    for index in random.permutation(len(lines)):
        line = lines[index]
        box = _around(line)
        rows, columns = _pixels(box, 0.5)
        by = int(random.choice([-1, 1]) * random.uniform(0.5, 1.1) * line[0].size / 7200 * PRINT_DPI)
        target = (slice(rows.start + by, rows.stop + by), columns)
        if rows.start + by < 0 or rows.stop + by >= plain.shape[0]:
            continue
        without = plain.copy()
        without[rows, columns] = 255
        if (without[target] < 200).any():
            continue
        page = pages.printed(number).copy()
        page[rows, columns] = pages.background(number)[rows, columns]
        page[target] = np.minimum(page[target], plain[rows, columns])
        return Edit(Sheet(page, []), tuple(g.box for g in line), line[0].size / 100, f"~{_text(line)}")
    return None


def _table_rules(pages: Pages, number: int, random: Random) -> list[Rule]:
    """Return the lines of tables, 30 pt and longer, in any order."""
    rules = [
        rule
        for rule in pages.document.pages[number - 1].rules
        if min(rule.box[2] - rule.box[0], rule.box[3] - rule.box[1]) < 300
        and max(rule.box[2] - rule.box[0], rule.box[3] - rule.box[1]) > 3000
    ]
    return [rules[index] for index in random.permutation(len(rules))]


def rule_removed(pages: Pages, number: int, random: Random) -> Edit | None:
    """A line of a table, 30 pt and longer, is gone."""
    rules = _table_rules(pages, number, random)
    if not rules:
        return None
    rule = rules[0]
    page = pages.printed(number).copy()
    where = _pixels(rule.box, 0.6)
    page[where] = pages.background(number)[where]
    return Edit(Sheet(page, []), (rule.box,), 0, "rule")


def rule_moved(pages: Pages, number: int, random: Random) -> Edit | None:
    """A line of a table stands 1.2 to 4 mm beside its place: a cell is larger, and its neighbour smaller."""
    page = pages.printed(number)
    plain = pages.plain(number)
    for rule in _table_rules(pages, number, random):
        wide = rule.box[2] - rule.box[0] > rule.box[3] - rule.box[1]
        by = int(random.choice([-1, 1]) * random.uniform(1.2, 4) * MM)
        where = _pixels(rule.box, 0.6)
        rows, columns = where
        target = (
            (slice(rows.start + by, rows.stop + by), columns)
            if wide
            else (rows, slice(columns.start + by, columns.stop + by))
        )
        if min(target[0].start, target[1].start) < 0 or plain[target].shape != plain[where].shape:
            continue
        moved = page.copy()
        moved[where] = pages.background(number)[where]
        moved[target] = np.minimum(moved[target], plain[where])
        return Edit(Sheet(moved, []), (rule.box,), 0, "rule moved")
    return None


def rule_added(pages: Pages, number: int, random: Random) -> Edit | None:
    """A line is printed where there is none, 25 to 120 mm long, upright or level."""
    plain = pages.plain(number)
    for _ in range(200):
        length, thick = int(random.uniform(25, 120) * MM), max(int(random.uniform(0.17, 0.36) * MM), 2)
        x, y = int(random.uniform(25, 160) * MM), int(random.uniform(45, 250) * MM)
        width, height = (length, thick) if random.random() < 0.6 else (thick, length)
        room = int(0.6 * MM)
        around = plain[y - room : y + height + room, x - room : x + width + room]
        if x + width < plain.shape[1] - 20 * MM and y + height < plain.shape[0] - 20 * MM and (around > 200).all():
            page = pages.printed(number).copy()
            page[y : y + height, x : x + width] = 0
            return Edit(Sheet(page, []), (_box(x, y, width, height),), 0, "rule added")
    return None


def picture_changed(pages: Pages, number: int, random: Random) -> Edit | None:
    """A part of a picture, 15 to 50 % each way, is mirrored or blank."""
    pictures = [
        picture
        for picture in pages.document.pages[number - 1].pictures
        if (picture.box[2] - picture.box[0]) * (picture.box[3] - picture.box[1]) > 100_000_000
    ]
    if not pictures:
        return None
    rows, columns = _pixels(pictures[0].box)
    for _ in range(20):
        height, width = (int(random.uniform(0.15, 0.5) * (part.stop - part.start)) for part in (rows, columns))
        y, x = (
            int(random.integers(rows.start, rows.stop - height)),
            int(random.integers(columns.start, columns.stop - width)),
        )
        page = pages.printed(number).copy()
        part = page[y : y + height, x : x + width]
        new = part[:, ::-1] if random.random() < 0.6 else np.full_like(part, 255)
        if (cv2.absdiff(np.ascontiguousarray(new), np.ascontiguousarray(part)) > 80).mean() > 0.02:
            page[y : y + height, x : x + width] = new.copy()
            return Edit(Sheet(page, []), (_box(x, y, width, height),), 0, "picture")
    return None


def watermark_removed(pages: Pages, number: int, random: Random) -> Edit | None:
    """The page is as it was set, with the symbol, and no watermark."""
    page = pages.plain(number).copy()
    where = _pixels(keep_out_box(number, pages.document.modules[number - 1]))
    page[where] = pages.printed(number)[where]
    return Edit(Sheet(page, []), (), 0, "watermark")


def watermark_part_removed(pages: Pages, number: int, random: Random) -> Edit | None:
    """The watermark is missing in a part of the page, 30 to 60 mm each way."""
    printed, plain = pages.printed(number), pages.plain(number)
    for _ in range(100):
        width, height = (int(random.uniform(30, 60) * MM) for _ in range(2))
        x, y = int(random.uniform(20, 185) * MM) - width // 2, int(random.uniform(50, 270) * MM) - height // 2
        where = (slice(max(y, 0), y + height), slice(max(x, 0), x + width))
        # A third of a character, on blank paper.
        if ((plain[where] > 200) & (plain[where] - printed[where].astype(int) > 15)).sum() > 90 * MM * MM:
            page = printed.copy()
            page[where] = plain[where]
            return Edit(Sheet(page, []), (_box(x, y, width, height),), 0, "watermark in part")
    return None


def digit_before(pages: Pages, number: int, random: Random) -> Edit | None:
    """A pen draws a 1 before or behind a number, as high as its digits."""
    numbers = [
        (line, start)
        for line in _lines(pages.document.pages[number - 1].glyphs)
        for start, glyph in enumerate(line)
        if glyph.character.isdigit() and (start == 0 or not line[start - 1].character.isdigit())
    ]
    for index in random.permutation(len(numbers)):
        line, start = numbers[index]
        end = start
        while end + 1 < len(line) and line[end + 1].character in "0123456789.,":
            end += 1
        behind = random.random() < 0.3
        glyph = line[end if behind else start]
        left, top, right, bottom = (edge / 7200 * PRINT_DPI for edge in glyph.box)
        high, wide = (bottom - top) * 0.7, random.uniform(0.5, 1.2) * MM
        x = right + wide if behind else left - wide
        top += 0.2 * (bottom - top)
        where = (slice(int(top), int(top + high)), slice(int(x - 0.35 * MM), int(x + 0.35 * MM)))
        if (pages.plain(number)[where] > 200).all():
            lean = random.uniform(-0.15, 0.3) * MM
            path = _smooth([(x + lean, top), (x, top + 0.5 * high), (x - lean, top + high)])
            ink = strokes([path], random, thickness=random.uniform(0.25, 0.5))
            box = _box(x - 0.5 * MM, top, MM, high)
            return Edit(Sheet(pages.printed(number), [ink]), (box,), glyph.size / 100, "1 before")
    return None


def red_print(pages: Pages, number: int, random: Random) -> Edit | None:
    """Text is printed in red, in free space or right before a number."""
    heads = [
        line[0]
        for line in _lines(pages.document.pages[number - 1].glyphs)
        if line[0].character.isdigit() and line[0].box[0] > 3000
    ]
    if heads and random.random() < 0.5:
        head = heads[int(random.integers(len(heads)))]
        ink = drawn_text(str(random.integers(1, 10)), (0, 0), head.size / 100, "LiberationSerif-Regular.ttf")
        ink.x = int(head.box[0] / 7200 * PRINT_DPI - ink.cover.shape[1] + 2)
        ink.y = int((head.box[1] + 0.2 * head.size) / 7200 * PRINT_DPI)
        if (
            pages.plain(number)[ink.y : ink.y + ink.cover.shape[0], ink.x : ink.x + ink.cover.shape[1] - 4] > 200
        ).all():
            return _with_ink(pages, number, ink, _RED_PRINT, head.size / 100, "red digit")
    return _text_somewhere(pages, number, random, None, _RED_PRINT)


def text_in_zone(pages: Pages, number: int, random: Random) -> Edit | None:
    """A sentence is printed inside a zone."""
    zones = pages.document.pages[number - 1].zones
    if not zones:
        return None
    return _text_somewhere(pages, number, random, zones[int(random.integers(len(zones)))].box, (0.05, 0.05, 0.05))


def text_in_blank(pages: Pages, number: int, random: Random) -> Edit | None:
    """A sentence is printed where the page is blank."""
    return _text_somewhere(pages, number, random, None, (0.05, 0.05, 0.05))


def pen_on_number(pages: Pages, number: int, random: Random) -> Edit | None:
    """A pen turns a digit into another one: 1 into 7 or 4, 0 into 6, 8 or 9, 3 into 8."""
    glyphs = [
        glyph
        for line in _lines(pages.document.pages[number - 1].glyphs)
        for glyph in line
        if glyph.character in "013" and sum(other.character.isdigit() for other in line) >= 2
    ]
    if not glyphs:
        return None
    glyph = glyphs[int(random.integers(len(glyphs)))]
    left, top, right, bottom = (edge / 7200 * PRINT_DPI for edge in glyph.box)
    wide, high = right - left, (bottom - top) * 0.68
    top += 0.2 * (bottom - top)
    ways = {
        "1": [[(-0.15, 0.06), (0.5, 0.02)], [(0.45, 0.0), (-0.1, 0.62), (0.95, 0.62)]],
        "0": [[(0.1, 0.5), (0.9, 0.5)], [(0.75, 0.05), (0.15, 0.5), (0.8, 0.48)], [(0.85, 0.45), (0.2, 0.52)]],
        "3": [[(0.2, 0.15), (0.12, 0.3), (0.35, 0.48)], [(0.3, 0.52), (0.1, 0.7), (0.25, 0.88)]],
    }[glyph.character]
    chosen = ways if glyph.character == "3" else [ways[int(random.integers(len(ways)))]]
    paths = [_smooth([(left + x * wide, top + y * high) for x, y in way]) for way in chosen]
    ink = strokes(paths, random, thickness=random.uniform(0.25, 0.5))
    return Edit(Sheet(pages.printed(number), [ink]), (glyph.box,), glyph.size / 100, f"pen on {glyph.character}")


def struck_out(pages: Pages, number: int, random: Random) -> Edit | None:
    """A pen strikes out two to six characters."""
    lines = [line for line in _lines(pages.document.pages[number - 1].glyphs) if len(line) >= 3]
    if not lines:
        return None
    line = lines[int(random.integers(len(lines)))]
    count = int(random.integers(2, min(len(line), 6) + 1))
    start = int(random.integers(0, len(line) - count + 1))
    struck = line[start : start + count]
    left, top, right, bottom = (edge / 7200 * PRINT_DPI for edge in _around(struck))
    ends = [(x, random.uniform(0.4, 0.62) * (bottom - top) + top) for x in (left, (left + right) / 2, right)]
    ink = strokes([_smooth(ends)], random, thickness=random.uniform(0.3, 0.6))
    boxes = tuple(glyph.box for glyph in struck)
    return Edit(Sheet(pages.printed(number), [ink]), boxes, struck[0].size / 100, f"struck {_text(struck)}")


def chop_with_text(pages: Pages, number: int, random: Random) -> Edit | None:
    """A chop was colour-printed, with text of its own beside its ring."""
    zones = [zone.box for zone in pages.document.pages[number - 1].zones if zone.kind == "chop"]
    text = _text_somewhere(pages, number, random, zones[0] if zones else None, _RED_PRINT)
    if text is None:
        return None
    words = text.sheet.inks[0]
    side = -1 if words.y > pages.plain(number).shape[0] / 2 else 1
    middle = (words.x + words.cover.shape[1] / 2, words.y + side * random.uniform(20, 24) * MM)
    ring = chop(middle, random)
    ring.colour = words.colour
    return Edit(Sheet(text.sheet.drawn, [words, ring]), text.boxes, text.size, f"chop with {text.shown}")


def substituted(claimed: Pages, claimed_number: int, used: Pages, used_number: int) -> Sheet:
    """Return the page that is used with the symbol of the page that it claims to be."""
    page = used.printed(used_number).copy()
    own = _pixels(keep_out_box(used_number, used.document.modules[used_number - 1]))
    page[own] = 255
    box = _pixels(keep_out_box(claimed_number, claimed.document.modules[claimed_number - 1]))
    page[box] = claimed.printed(claimed_number)[box]
    return Sheet(page, [])


def _text_somewhere(
    pages: Pages, number: int, random: Random, within: Box | None, colour: tuple[float, float, float]
) -> Edit | None:
    """Print a sentence at a place where nothing is, in a box of the record or anywhere in the type area."""
    plain = pages.plain(number)
    size = float(random.choice([9, 10.5, 12, 14]))
    sentence = _SENTENCES[int(random.integers(len(_SENTENCES)))]
    ink = drawn_text(sentence, (0, 0), size, _FACES[int(random.integers(len(_FACES)))])
    height, width = ink.cover.shape
    area = within or (7900, 13500, 52000, 77000)
    left, top, right, bottom = (edge / 7200 * PRINT_DPI for edge in area)
    if right - left < width + 8 or bottom - top < height + 8:
        return None
    for _ in range(300):
        x, y = int(random.uniform(left + 4, right - width - 4)), int(random.uniform(top + 4, bottom - height - 4))
        if (plain[y - 4 : y + height + 4, x - 4 : x + width + 4] > 200).all():
            ink.x, ink.y = x, y
            return _with_ink(pages, number, ink, colour, size, sentence)
    return None


def _with_ink(pages: Pages, number: int, ink: Ink, colour: tuple[float, float, float], size: float, shown: str) -> Edit:
    ink.colour = colour
    box = _box(ink.x, ink.y, ink.cover.shape[1], ink.cover.shape[0])
    if colour[0] > 0.5:
        return Edit(Sheet(pages.printed(number), [ink]), (box,), size, shown)
    page = pages.printed(number).copy()
    where = (slice(ink.y, ink.y + ink.cover.shape[0]), slice(ink.x, ink.x + ink.cover.shape[1]))
    page[where] = np.minimum(page[where], 255 - ink.cover)
    return Edit(Sheet(page, []), (box,), size, shown)


def _smooth(points: Sequence[tuple[float, float]]) -> np.ndarray:
    """Return some twenty points along a path."""
    path = np.array(points, float)
    at = np.linspace(0, len(path) - 1, 20)
    return np.column_stack([np.interp(at, np.arange(len(path)), path[:, axis]) for axis in (0, 1)])


EDITS: dict[str, Callable[[Pages, int, Random], Edit | None]] = {
    "line erased": line_erased,
    "line moved": line_moved,
    "rule removed": rule_removed,
    "rule moved": rule_moved,
    "rule added": rule_added,
    "picture changed": picture_changed,
    "watermark removed": watermark_removed,
    "watermark part": watermark_part_removed,
    "red print": red_print,
    "text in zone": text_in_zone,
    "text in blank": text_in_blank,
    "pen on number": pen_on_number,
    "digit before": digit_before,
    "struck out": struck_out,
    "chop with text": chop_with_text,
}
"""What is done to a drawn page, by the names that results are counted under."""
