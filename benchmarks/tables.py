"""Counts of a measurement as tables, and pictures of what went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.alterations import KINDS
from benchmarks.cases import SUBSTITUTIONS
from benchmarks.edits import EDITS

Row = dict[str, Any]
Test = Callable[[Row], bool]

PROFILES = ("flatbed", "feeder", "phone", "copy", "folded", "fax", "augraphy", "fakescan")
CLASSES = {
    "flatbed 300 colour, feeder 200 grey": ("flatbed", "feeder"),
    "phone, 8 MP and more": ("phone",),
    "second photocopy, folded, fax 150": ("copy", "folded", "fax"),
    "augraphy, fakescan (not written by us)": ("augraphy", "fakescan"),
}
_POINTS = ("point moved", "point inserted", "point removed")


def interval(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, count / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def report(rows: Sequence[Row]) -> str:
    """Return all tables as Markdown."""
    versions = sorted({row["at"] for row in rows})
    parts = [
        "# Paper against record: counts",
        f"{len(rows)} images, judged by {', '.join(versions)}. How: docs/measuring.md. “Found” is told as altered;"
        " “at its place” with a finding within 3 pt of what was altered; intervals are Wilson's at 95 %. Images whose"
        " symbol could not be read are counted in their own column and in no share.",
        "## By class",
        _class_table(rows),
        "## Substituted pages, exchanged letters, foreign documents",
        _kind_table(rows, SUBSTITUTIONS),
        "## Rows of their own",
        _own_rows(rows),
        "## Alterations by kind and profile: found + illegible / read",
        _matrix(rows),
        "## Genuine pages by profile",
        _genuine_table(rows),
        "## Time and memory",
        _time_table(rows),
    ]
    return "\n\n".join(parts) + "\n"


def _share(count: int, of: int) -> str:
    low, high = interval(count, of)
    return f"{count} of {of} = {100 * count / of:.1f} % ({100 * low:.1f} to {100 * high:.1f})" if of else "-"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in (heads, ["---"] * len(heads), *lines))


def _read(rows: Sequence[Row], test: Test) -> list[Row]:
    return [row for row in rows if test(row) and row["answer"] != "unread"]


def _kind(rows: Sequence[Row], kind: str, profiles: Sequence[str]) -> list[Row]:
    """Return the rows of one kind and some profiles whose symbol could be read."""
    return _read(rows, lambda row: row["kind"] == kind and row["profile"] in profiles)


def _count(rows: Sequence[Row], *answers: str) -> int:
    return sum(row["answer"] in answers for row in rows)


def _class_table(rows: Sequence[Row]) -> str:
    lines = []
    for name, profiles in CLASSES.items():
        own = [row for row in rows if row["profile"] in profiles]
        text = _read(own, lambda row: row["kind"] in KINDS)
        other = _read(own, lambda row: row["kind"] in EDITS)
        genuine = _read(own, lambda row: row["kind"] == "genuine")
        lines.append(
            [
                name,
                _share(_count(text, "altered"), len(text)),
                _share(_count(text, "altered", "illegible"), len(text)),
                _share(_count(other, "altered"), len(other)),
                _share(_count(genuine, "altered"), len(genuine)),
                _share(_count(genuine, "illegible"), len(genuine)),
                str(_count(own, "unread")),
            ]
        )
    heads = (
        "class",
        "text altered: found",
        "found or illegible",
        "other alterations: found",
        "genuine called altered",
        "genuine indeterminate",
        "symbol unread",
    )
    return _table(heads, lines)


def _kind_table(rows: Sequence[Row], kinds: Sequence[str]) -> str:
    lines = []
    for kind in kinds:
        for name, profiles in CLASSES.items():
            own = _kind(rows, kind, profiles)
            unread = sum(
                row["kind"] == kind and row["profile"] in profiles and row["answer"] == "unread" for row in rows
            )
            lines.append(
                [kind, name, _share(_count(own, "altered"), len(own)), str(_count(own, "illegible")), str(unread)]
            )
    return _table(("kind", "class", "found", "illegible", "symbol unread"), lines)


def _own_rows(rows: Sequence[Row]) -> str:
    altered: dict[str, Test] = {
        "type under 10 pt, any text altered": lambda row: row["kind"] in KINDS and 0 < row.get("size", 0) < 10,
        "decimal points under 10 pt": lambda row: row["kind"] in _POINTS and 0 < row.get("size", 0) < 10,
        "decimal points, all sizes": lambda row: row["kind"] in _POINTS,
        "look-alike hanzi": lambda row: row["kind"] == "lookalike",
        "text altered, chop over text": lambda row: row["kind"] in KINDS and bool(row.get("chop")),
    }
    genuine: dict[str, Test] = {
        "genuine, notes of nine points": lambda row: row["kind"] == "genuine" and bool(row.get("notes")),
        "genuine, chop over text": lambda row: row["kind"] == "genuine" and bool(row.get("chop")),
    }
    lines = []
    for what, test in (altered | genuine).items():
        matching = _read(rows, test)
        for name, profiles in CLASSES.items():
            own = [row for row in matching if row["profile"] in profiles]
            aimed = _share(sum(row["aimed"] for row in own), len(own)) if what in altered else ""
            told = _share(_count(own, "altered"), len(own))
            lines.append([what, name, told, aimed, _share(_count(own, "illegible"), len(own))])
    return _table(("what", "class", "told as altered", "at its place", "illegible"), lines)


def _matrix(rows: Sequence[Row]) -> str:
    lines = []
    for kind in (*KINDS, *EDITS, *SUBSTITUTIONS):
        line = [kind]
        for profile in PROFILES:
            own = _kind(rows, kind, (profile,))
            line.append(f"{_count(own, 'altered')}+{_count(own, 'illegible')}/{len(own)}" if own else "-")
        lines.append(line)
    return _table(("kind", *PROFILES), lines)


def _genuine_table(rows: Sequence[Row]) -> str:
    lines = []
    for profile in PROFILES:
        every = [row for row in rows if row["kind"] == "genuine" and row["profile"] == profile]
        own = _read(every, lambda row: True)
        counts = [str(_count(own, answer)) for answer in ("altered", "illegible", "same")]
        lines.append(
            [profile, str(len(every)), *counts, str(len(every) - len(own)), _share(_count(own, "altered"), len(own))]
        )
    heads = ("profile", "pages", "altered", "illegible", "same", "symbol unread", "called altered")
    return _table(heads, lines)


def _time_table(rows: Sequence[Row]) -> str:
    lines = []
    for profile in PROFILES:
        spent = sorted(row["cpu"] for row in rows if row["profile"] == profile)
        if spent:
            lines.append([profile, f"{spent[len(spent) // 2]:.2f}", f"{spent[int(0.95 * (len(spent) - 1))]:.2f}"])
    most = max((row["mb"] for row in rows), default=0)
    return (
        _table(("profile", "median CPU seconds a page", "95 %"), lines)
        + f"\n\nMost memory, the process that judges and the one that opens images together: {most} MB."
    )


def is_wrong(row: Row) -> bool:
    """Tell whether a result is a miss or a false alarm; a genuine page that cannot be read is one to look at."""
    return row["answer"] != "same" if row["kind"] == "genuine" else row["answer"] != "unread" and not row["aimed"]


def cut_out(rows: Sequence[Row], cases: Sequence[Row], folder: Path, target: Path) -> None:
    """Write a picture for every wrong result, the scan beside the record, and an index README."""
    import pypdfium2
    from PIL import Image

    from benchmarks.documents import documents

    known = {case["identity"]: case for case in cases}
    issued = {f"{each.serial} {each.name}": each for each in documents(folder.name, folder)}
    target.mkdir(parents=True, exist_ok=True)
    index = []
    for row in rows:
        if not is_wrong(row) or row["answer"] == "unread":
            continue
        case = known[row["id"]]
        said = row.get("said", [])
        boxes = case["boxes"] or [each[3] for each in said if each[3]]
        picture = target / f"{row['id']}.png"
        if boxes and not picture.exists():
            box = [
                min(b[0] for b in boxes),
                min(b[1] for b in boxes),
                max(b[2] for b in boxes),
                max(b[3] for b in boxes),
            ]
            if row["kind"] == "genuine":
                box = boxes[0]
            document = pypdfium2.PdfDocument(issued[case["document"]].pdf)
            drawn = document[case["page"] - 1].render(scale=300 / 72).to_pil().convert("RGB")
            record = drawn.crop([int(v / 24 + sign * 60) for v, sign in zip(box, (-2, -1, 2, 1), strict=True)])
            with Image.open(folder / case["file"]) as opened:
                scan = opened.convert("RGB")
            at = next((each[4] for each in said if each[4] and row["kind"] == "genuine"), None)
            if at is not None:
                factor = scan.width / 210 / (300 / 25.4)
                margin = int(60 * factor)
                part = scan.crop((at[0] - 2 * margin, at[1] - margin, at[2] + 2 * margin, at[3] + margin))
            elif case["place"]:
                x, y, scale = case["place"]
                half_w, half_h = (int(side / 2 * 25.4 / 300 * scale) + 20 for side in record.size)
                part = scan.crop((int(x) - half_w, int(y) - half_h, int(x) + half_w, int(y) + half_h))
                factor = scale / (300 / 25.4)
            else:
                part, factor = scan.resize((600, 850)), 1.0
            part = part.resize((max(int(part.width / factor), 1), max(int(part.height / factor), 1)))
            width, height = max(record.width, part.width), record.height + part.height + 6
            both = Image.new("RGB", (width, height), "orange")
            both.paste(record, (0, 0))
            both.paste(part, (0, record.height + 6))
            both.resize((min(width * 2, 1800), int(height * min(2, 1800 / width)))).save(picture)
        texts = [f"{each[0]} “{each[1][:24]}” → “{each[2][:24]}”" for each in said]
        index.append(
            f"{row['profile']:8} {row['kind']:18} {row['answer']:9} {row['id']}  [{row['shown']}] "
            f"{case['document']} p{case['page']}  {'; '.join(texts)}"
        )
    text = "Record above, scan below, one picture a line: ID.png; the image itself is ../images/ID.\n"
    (target / "README").write_text(text + "\n".join(sorted(index)) + "\n", encoding="utf-8")
