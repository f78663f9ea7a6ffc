"""Prints again what was issued: from the stored form, its page descriptions and its seals, without the key.

A print set drawn again whole has the bytes of the one that was issued, as long as the program draws as it did then. A
sheet that was spoilt is printed alone, front and back.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, cast

from toolkit.documents import drawn
from toolkit.errors import StoreError, UsageError
from toolkit.formal.print_set import Side
from toolkit.home import Home
from toolkit.issued import PDF, File, seals_name, stored_submission
from toolkit.messages import Message
from toolkit.records.record import typeset_name
from toolkit.records.store import StoredSubmission
from toolkit.seal.reference import Reference

_PAGES = re.compile(r"(?P<code>[A-Z]{1,4})/(?P<copy>\d)/(?P<first>\d{1,3})(?:-(?P<last>\d{1,3}))?")


def redrawn(home: Home, serial: str, revision: int | None = None) -> tuple[File, ...]:
    """Return every print set of a submission, drawn again.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: it lacks what is needed, or what it holds does not fit its digests.
    """
    stored = stored_submission(home, serial, revision)
    return tuple(
        File(f"{_submission(stored)}-{document['id']}.pdf", PDF, _drawn(home, stored, document, sides))
        for document in _documents(stored)
        for sides in (_sides(home, stored, document),)
    )


def sheets(home: Home, serial: str, pages: str, revision: int | None = None) -> File:
    """Return the sheets with some pages of one copy, to be printed again.

    Args:
        home: The data folder.
        serial: The submission.
        pages: Document, copy and pages as beside a symbol, such as ``P/1/3`` or ``P/1/3-6``.
        revision: The latest when left out.

    Raises:
        UsageError: there are no such pages.
        SubmissionUnknown, StoreError: as ``redrawn`` says.
    """
    stored = stored_submission(home, serial, revision)
    asked = _PAGES.fullmatch(pages)
    document = next((each for each in _documents(stored) if asked and each["code"] == asked["code"]), None)
    if asked is None or document is None:
        raise _no_such_pages(pages, stored)
    first, last = int(asked["first"]), int(asked["last"] or asked["first"])
    if not 1 <= first <= last:
        raise _no_such_pages(pages, stored)
    first, last = first - (first + 1) % 2, last + last % 2  # whole sheets: fronts are odd
    sides = [
        side
        for side in _sides(home, stored, document)
        if side.copy == int(asked["copy"]) and first <= side.page <= last
    ]
    if len(sides) != last - first + 1:
        raise _no_such_pages(pages, stored)
    name = f"{_submission(stored)}-{document['code']}-{asked['copy']}-{first}-{last}.pdf"
    return File(name, PDF, _drawn(home, stored, document, sides))


def _drawn(home: Home, stored: StoredSubmission, document: dict[str, Any], sides: list[Side]) -> bytes:
    programme = cast("dict[str, Any]", stored.record["programme"])
    titles = {each["id"]: each["title"] for each in programme["documents"]}
    pages = range(1, document["pages"] + 1)
    return drawn(
        _file(home, stored, typeset_name(stored.serial, stored.revision, document["id"])),
        sides,
        [home.store.page(stored.serial, stored.revision, document["id"], page) for page in pages],
        title=titles[document["id"]],
        watermark=programme["watermark"],
        submission=_submission(stored),
        issued_at=datetime.fromisoformat(str(stored.record["issued_at"])),
    )


def _sides(home: Home, stored: StoredSubmission, document: dict[str, Any]) -> list[Side]:
    listed = json.loads(_file(home, stored, seals_name(stored.serial, stored.revision, document["id"])))
    return [
        Side(page, copy, digits, str(Reference(stored.serial, stored.revision, document["code"], copy, page)))
        for copy, page, digits in listed
    ]


def _file(home: Home, stored: StoredSubmission, name: str) -> bytes:
    entry = next((file for file in stored.files if file.name == name), None)
    if entry is None:
        raise StoreError(
            Message("{name} is not in the store: an earlier version issued it; export the whole print set", name=name)
        )
    return home.store.file(entry.digest)


def _documents(stored: StoredSubmission) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", stored.record["documents"])


def _submission(stored: StoredSubmission) -> str:
    return f"{stored.serial}-r{stored.revision}"


def _no_such_pages(pages: str, stored: StoredSubmission) -> UsageError:
    known = ", ".join(f"{each['code']}/1-{each['copies']}/1-{each['pages']}" for each in _documents(stored))
    return UsageError(
        Message(
            "{submission} has no pages “{pages}”; write document/copy/pages such as P/1/3-4; there are: {known}",
            submission=_submission(stored),
            pages=pages[:40],
            known=known,
        )
    )
