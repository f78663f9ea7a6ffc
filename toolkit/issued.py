"""What was issued, as it is answered and read from the store again: serial, digests, files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from toolkit.canonical import Plain, canonical
from toolkit.errors import EventRefused, SubmissionUnknown
from toolkit.home import Home
from toolkit.messages import Message
from toolkit.records.content import Content
from toolkit.records.life import ACCEPTED, PASSED, WITHDRAWN, paper_due, stage
from toolkit.records.record import accepted_in
from toolkit.records.store import StoredSubmission
from toolkit.seal.payload import LARGEST_REVISION, SERIAL_CHARACTERS
from toolkit.verdict import FORMAT

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"

_ANSWERED = {"print set", "form"}
"""Kinds of stored files that belong to the answer of an issue; templates and fonts are kept beside them."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of an answer: its name, its media type, its bytes."""

    name: str
    media_type: str
    content: bytes

    def to_dict(self) -> dict[str, object]:
        """Return the file's entry in a JSON answer: its bytes stay out, their digest identifies them."""
        return {
            "name": self.name,
            "media_type": self.media_type,
            "size": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
        }


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued: serial and revision, the record's digest, and the files to print and to keep.

    ``again`` tells that an earlier call with the same key already got this answer.
    """

    serial: str
    revision: int
    record_digest: bytes
    issued_at: datetime
    files: tuple[File, ...]
    again: bool

    def to_dict(self) -> dict[str, object]:
        """Return the answer as JSON by contract; the files' bytes stay out, their digests identify them."""
        return {
            "format": FORMAT,
            "serial": self.serial,
            "revision": self.revision,
            "record": self.record_digest.hex(),
            "issued_at": self.issued_at.isoformat(),
            "again": self.again,
            "files": [file.to_dict() for file in self.files],
        }


def issued_before(home: Home, serial: str, revision: int | None = None, *, again: bool = False) -> Issued:
    """Return what was issued under a serial (its latest revision, when none is named), as it was issued.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: what the store holds does not fit its digests.
    """
    stored = stored_submission(home, serial, revision)
    kept = {entry.name: entry for entry in stored.files if entry.kind in _ANSWERED}
    documents = cast("list[dict[str, str]]", stored.record["documents"])
    # The store lists files by name; the answer has them in the order of the first one.
    first = (name for each in documents for name in file_names(stored.serial, stored.revision, each["id"]))
    names = dict.fromkeys([*(name for name in first if name in kept), *kept])
    files = tuple(File(name, kept[name].media_type, home.store.file(kept[name].digest)) for name in names)
    return Issued(
        stored.serial,
        stored.revision,
        stored.record_digest,
        stored.issued_at,
        (*files, record_file(stored.serial, stored.revision, stored.record)),
        again,
    )


def described(home: Home, serial: str, revision: int | None = None) -> dict[str, object]:
    """Return what the store has of a submission, as ``show --json`` answers once it is masked.

    Nothing of the application is in it; who entered something and why is, as it was typed.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: what the store holds does not fit its digests.
    """
    stored = stored_submission(home, serial, revision)
    documents = cast("list[dict[str, Plain]]", stored.record["documents"])
    life = home.store.life(serial)
    passed = next((event.at for event in reversed(life) if event.kind == PASSED), None)
    head = home.store.last_head()
    due = paper_due(cast("dict[str, Plain]", stored.record["programme"]), passed) if passed else None
    return {
        "format": FORMAT,
        "serial": stored.serial,
        "revision": stored.revision,
        "latest_revision": stored.latest_revision,
        "issued_at": stored.issued_at.isoformat(),
        "record": stored.record_digest.hex(),
        "documents": [{name: entry[name] for name in ("id", "code", "copies", "pages")} for entry in documents],
        "files": [
            {"name": file.name, "kind": file.kind, "size": file.size, "sha256": file.digest.hex()}
            for file in stored.files
        ],
        "accepted": [one._asdict() for one in accepted_in(stored.record)],
        "stage": stage([event.kind for event in life]),
        "revoked": stored.revocation.to_dict() if stored.revocation else None,
        "paper_due": due.isoformat() if due else None,
        "events": [{"kind": event.kind, "at": event.at.isoformat(), "who": event.who} for event in life],
        "head": head.to_dict() if head else None,
    }


def stored_submission(home: Home, serial: str, revision: int | None) -> StoredSubmission:
    """Return a submission of the store, its latest revision when none is named.

    Raises:
        SubmissionUnknown: the store has no such submission.
        StoreError: what the store holds does not fit its digests.
    """
    sealable = SERIAL_CHARACTERS.issuperset(serial) and (revision or 1) <= LARGEST_REVISION
    stored = home.store.submission(serial, revision) if sealable else None
    if stored is None:
        named = f"{serial}-r{revision}" if revision else serial
        raise SubmissionUnknown(
            Message("{submission} is not in the store; check the number below the symbol", submission=named)
        )
    return stored


def accepted_application(home: Home, serial: str) -> dict[str, Plain] | None:
    """Return the application that a revision changes, if it was accepted: not all of it may change then.

    Raises:
        SubmissionUnknown: the store has no such submission.
        EventRefused: it was withdrawn.
    """
    stored = stored_submission(home, serial, None)
    kinds = [event.kind for event in home.store.life(serial)]
    if stage(kinds) == WITHDRAWN:
        raise EventRefused(Message("{serial} was withdrawn; issue a new submission", serial=serial))
    return cast("dict[str, Plain]", stored.record["application"]) if ACCEPTED in kinds else None


def same_project(home: Home, leader: str, own: Content, others: Iterable[Content]) -> tuple[str, ...]:
    """Return the serials of those that are the same project: by unit, year, title and leader.

    Args:
        home: the data folder with the store.
        leader: name of the leader.
        own: what the application is about.
        others: the shortlist that the store gave for it.
    """
    alike = [one for one in others if (one.unit, one.year, one.title) == (own.unit, own.year, own.title)]
    records = {one.serial: stored_submission(home, one.serial, None).record for one in alike}
    said = {serial: cast("dict[str, dict[str, Plain]]", record["application"]) for serial, record in records.items()}
    return tuple(serial for serial, application in said.items() if application["leader"]["name"] == leader)


def file_names(serial: str, revision: int, document: str) -> tuple[str, str]:
    """Return the names of a document's print set and of its Word file."""
    name = f"{serial}-r{revision}-{document}"
    return f"{name}.pdf", f"{name}.docx"


def seals_name(serial: str, revision: int, document: str) -> str:
    """Return the name under which the store has the seals of a document's sides."""
    return f"{serial}-r{revision}-{document}-seals.json"


def record_file(serial: str, revision: int, record: dict[str, Plain]) -> File:
    """Return the record as a file of an answer."""
    return File(f"{serial}-r{revision}-record.json", "application/json", canonical(record))
