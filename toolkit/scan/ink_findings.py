"""Findings about ink on the paper that the record does not have: put to a number or a word, or beside the text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from toolkit.messages import Message
from toolkit.scan.boxes import grown, overlap
from toolkit.scan.laid_page import LaidPage
from toolkit.scan.passages import discreet
from toolkit.scan.strokes import added_ink, around, clusters
from toolkit.verdict import Finding, Reason

_PALE = 0.8
"""Darkness, in parts of the print's contrast, up to which ink in a grey scan may be a chop's: red is 0.7."""

_BROAD = 3000
"""Height and width, 1/100 pt, from which ink in a grey scan is no writing over a word: 10 mm."""

_APART, _SHORT = 300, 340
"""Pieces of ink within 1 mm are one stroke, which the print that it crosses has cut up; one of less than 1.2 mm is a
speck, 1/100 pt."""

_CHOP_EDGE = 600
"""How far beyond its ring a chop smears, 1/100 pt: 2 mm."""

_ZONE_EDGE = 300
"""How far beyond its zone somebody writes, 1/100 pt: 1 mm."""


def ink_findings(page: LaidPage) -> list[Finding]:
    """Return a finding for each group of strokes that the record does not have."""
    left_out = [
        page.keep_out,
        *page.undrawn,
        *(picture.box for picture in page.description.pictures),
        *(grown(zone.box, _ZONE_EDGE) for zone in page.description.zones),
        *(grown(chop, _CHOP_EDGE) for chop in page.chops),
    ]
    strokes = added_ink(
        page.seen.ink, page.soft, contrast=page.contrast, dpi=page.dpi, left_out=left_out, outside=page.seen.outside
    )
    alignment = page.alignment
    findings = []
    for group in clusters(strokes, _APART):
        box = around(group)
        if max(box[2] - box[0], box[3] - box[1]) < _SHORT:
            continue
        area = sum(stroke.area for stroke in group)
        touched = [part for part in page.parts if overlap(box, part.box)]
        hit = next((part for part in touched if part.is_key), touched[0] if touched else None)
        # In grey, a chop that was not known as one is paler than print, or wider than what anyone writes over a word.
        pale = page.is_grey and float(np.mean([stroke.darkness for stroke in group])) < _PALE
        broad = page.is_grey and min(box[2] - box[0], box[3] - box[1]) > _BROAD
        if hit is not None and area > 0.2 and not (pale or broad) and alignment.is_held(box):
            recorded = discreet(hit.text)
            message = Message("ink was put to “{recorded}”", recorded=recorded)
            found = Finding(Reason.CONTENT_ALTERED, message, recorded=recorded, is_key=hit.is_key)
        elif area > 0.6:
            found = Finding(Reason.INK_ADDED, Message("there is ink here that the record does not have"))
        else:
            continue
        findings.append(replace(found, box=box, image_box=alignment.image_box(box)))
    return findings
