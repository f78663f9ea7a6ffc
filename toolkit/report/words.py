"""The words of the reports, on the terminal and in HTML: one place, so that both say the same."""

from __future__ import annotations

import unicodedata

from toolkit.messages import Message, Translate
from toolkit.scan.paper import CopyTally, PageVerdict, PaperVerdict, Relied
from toolkit.verdict import Finding, Outcome, Reason

OUTCOMES = {
    Outcome.PASSED: Message("passed"),
    Outcome.NOTE: Message("note"),
    Outcome.INDETERMINATE: Message("indeterminate"),
    Outcome.FAILED: Message("failed"),
}
MEANINGS = {
    Outcome.PASSED: Message("everything that was checked is as it was issued"),
    Outcome.INDETERMINATE: Message("something could not be checked: it is neither accepted nor refused"),
    Outcome.FAILED: Message("something is not as it was issued"),
}

DEMO = Message("A key made by “truecopy demo” signed some of these pages: they prove nothing to an office.")
OFFLINE = Message(
    "There is no store on this computer. Not checked: whether a record was revoked or superseded since, and whether a "
    "page was received before. What is printed was compared only where a record bundle was imported."
)
LIMITS = Message(
    "A seal proves what was issued, not that this is the only print of it. Chops and signatures are at most "
    "detected, never authenticated."
)


def relied_told(relied: Relied) -> Message:
    """Return the sentence about the revocation list behind the signers of some pages."""
    office, held = relied.office, relied.list
    if held is None:
        return Message("There is no revocation list of {office}: revoked keys are not known here.", office=office)
    return Message(
        "Revocation list of {office}: number {number} of {day}, {days} days old.",
        office=office,
        number=held.number,
        day=held.updated.date().isoformat(),
        days=max(0, (relied.at - held.updated).days),
    )


def basis(verdict: PaperVerdict) -> list[Message]:
    """Return what the verdict rests on and what it leaves open, in the order in which people are told."""
    told = [relied_told(relied) for relied in verdict.relied]
    return [*told, *([OFFLINE] if verdict.offline else []), LIMITS]


LANGUAGE = Message("en")
"""The code by which browsers know the language that this is translated into: zh-CN in Chinese."""

_WORDS = {
    "heading": Message("Verdict on paper"),
    "made": Message("Made"),
    "images": Message("images"),
    "needs_an_eye": Message("What needs an eye"),
    "nothing": Message("Nothing needs an eye."),
    "places": Message("Places to look at"),
    "submissions": Message("Submissions"),
    "revision": Message("revision"),
    "document": Message("Document"),
    "copy": Message("Copy"),
    "there": Message("Pages there"),
    "missing": Message("Missing"),
    "pages": Message("Pages"),
    "pages_noted": Message("Pages with notes"),
    "pages_other": Message("Other pages"),
    "image": Message("Image"),
    "says": Message("Seal says"),
    "outcome": Message("Outcome"),
    "findings": Message("Findings"),
    "place": Message("Place"),
    "record_says": Message("Record says"),
    "paper_says": Message("Paper seems to say"),
    "signer": Message("Sealed by"),
    "recorded": Message("recorded"),
    "seen": Message("seen"),
    "no_seal": Message("no seal"),
    "claims": Message("Claims"),
    "nobody_judged": Message("What the seals claim; nothing of it was judged."),
    "checklist": Message("Checklist"),
    "asked": Message("Asked for"),
    "state": Message("State"),
    "by_hand": Message("Seen to"),
    "sheet": Message("Finding sheet"),
    "sheets": Message("Pages to look at"),
    "paper": Message("Paper"),
    "record": Message("Record"),
    "as_recorded": Message("as recorded"),
    "differs": Message("differs"),
    "unreadable": Message("cannot be read"),
    "accepted": Message("accepted"),
    "scan_again": Message("scan again"),
    "returned": Message("returned"),
    "reason": Message("Reason"),
    "clerk": Message("Clerk"),
    "date": Message("Date"),
    "signature": Message("Signature"),
}


def words(translate: Translate) -> dict[str, str]:
    """Return the labels of the reports by name, in the reader's language."""
    return {name: message.render(translate) for name, message in _WORDS.items()}


def sentence(finding: Finding, translate: Translate) -> str:
    """Return the message, with the recorded and the seen value where the finding has them and it does not."""
    said = finding.message.render(translate)
    for label, value in ((_WORDS["recorded"], finding.recorded), (_WORDS["seen"], finding.seen)):
        if value is not None and value not in said:
            detail = labelled(label.render(translate), value, translate)
            said = Message("{text} ({detail})", text=said, detail=detail).render(translate)
    return said


def labelled(label: str, text: str, translate: Translate) -> str:
    """Return ``label: text`` with the colon of the reader's language."""
    return Message("{label}: {problem}", label=label, problem=text).render(translate)


def seen_words(finding: Finding, translate: Translate) -> str:
    """Return what the paper seems to say where a finding points, in a few words."""
    if finding.seen is not None:
        return finding.seen if finding.seen.strip() else Message("nothing").render(translate)
    if finding.reason is Reason.CONTENT_ILLEGIBLE:
        return _WORDS["unreadable"].render(translate)
    return finding.message.render(translate)


_PLACES = (
    (Message("top left"), Message("top"), Message("top right")),
    (Message("left"), Message("middle"), Message("right")),
    (Message("bottom left"), Message("bottom"), Message("bottom right")),
)
_A4 = (59_528, 84_189)
"""Width and height, 1/100 pt, of the paper where the record does not tell."""


def place_words(finding: Finding, page: PageVerdict, translate: Translate) -> str:
    """Return where on the page a finding points, as one finds it: ``top right, 41 mm down`` from the edge."""
    if finding.box is None:
        return ""
    width, height = page.size or _A4
    across, down = (finding.box[0] + finding.box[2]) / 2, (finding.box[1] + finding.box[3]) / 2
    column, row = (min(max(int(3 * part), 0), 2) for part in (across / width, down / height))
    millimetres = round(down * 25.4 / 7200)
    told = Message("{place}, {mm} mm down", place=_PLACES[row][column], mm=max(millimetres, 0))
    return told.render(translate)


def there(tally: CopyTally) -> str:
    """Return how many pages of a copy came, of how many."""
    return f"{tally.pages - len(tally.missing)}/{tally.pages}"


def plain(text: str) -> str:
    """Return the text without control characters, which in a file's name could drive the terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def straight(text: str) -> str:
    """Return the text without what would turn around the text beside it in a browser, or is no character at all."""
    return "".join(
        "\ufffd" if character in _TURNING or unicodedata.category(character) in ("Cc", "Cs", "Co") else character
        for character in text
    )


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that force a direction (Unicode TR 9): ``gpj.exe`` can be made to look like ``exe.jpg`` with them."""
