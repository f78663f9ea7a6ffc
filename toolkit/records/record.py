"""The record: what was issued, as plain data in one canonical form (RFC 8785), and its digest.

The digest is printed in every seal, hence the salt: without it, whoever holds a page could guess what else was applied
for and test the guess.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.canonical import Plain, digest
from toolkit.messages import Message

FORMAT = 1
"""The form of every record that this version builds."""

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class RecordedDocument:
    """One document of a record: its id (``proposal``), code (``P``), copies, and the digest of each page (32 bytes)."""

    id: str
    code: str
    copies: int
    page_digests: tuple[bytes, ...]


class Accepted(NamedTuple):
    """A rule in principle that was not held against a submission, by clause of the notice, and why not."""

    clause: str
    reason: str

    def told(self) -> Message:
        """Return a sentence that says it."""
        return Message(
            "Accepted although {clause} is not kept in principle: {reason}", clause=self.clause, reason=self.reason
        )


def accepted_in(record: Mapping[str, Any]) -> tuple[Accepted, ...]:
    """Return what a record says was accepted although it is not kept in principle."""
    return tuple(Accepted(str(one["clause"]), str(one["reason"])) for one in record.get("accepted", ()))


def build_record(
    *,
    serial: str,
    revision: int,
    supersedes: bytes | None,
    issued_at: datetime.datetime,
    programme: Mapping[str, Plain],
    application: Mapping[str, Plain],
    documents: Sequence[RecordedDocument],
    templates: Mapping[str, bytes],
    fonts: Mapping[str, bytes],
    engine: str,
    versions: Mapping[str, str],
    salt: bytes,
    accepted: Mapping[str, str] | None = None,
) -> dict[str, Plain]:
    """Return the record of an issue.

    Args:
        serial: the submission's serial.
        revision: counts from 1.
        supersedes: the record digest of the revision that this one takes the place of.
        issued_at: an aware time; kept in UTC and whole seconds, like the seals'.
        programme: the programme's facts, plain.
        application: the application's data, plain; money in fen, dates as ISO 8601 text.
        documents: in the order in which they are printed.
        templates: SHA-256 of each template's bytes by file name.
        fonts: SHA-256 of each font file by file name.
        engine: the typesetting engine's name.
        versions: version of each program that had a part in it (``truecopy``, ``typst``).
        salt: 16 random bytes.
        accepted: the reason for which a rule in principle was not held against it, by clause of the notice.

    Raises:
        TypeError: for data that has no place in a record (see ``canonical``).
        ValueError: likewise; and for a salt of another size.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt must be {SALT_BYTES} random bytes")
    return {
        "format": FORMAT,
        "serial": serial,
        "revision": revision,
        "supersedes": supersedes.hex() if supersedes else None,
        "issued_at": issued_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "programme": dict(programme),
        "application": dict(application),
        "documents": [
            {
                "id": document.id,
                "code": document.code,
                "copies": document.copies,
                "pages": len(document.page_digests),
                "page_digests": [page.hex() for page in document.page_digests],
            }
            for document in documents
        ],
        # Lists, since file names may be Chinese and keys are ASCII.
        "templates": [{"name": name, "sha256": value.hex()} for name, value in sorted(templates.items())],
        "fonts": [{"name": name, "sha256": value.hex()} for name, value in sorted(fonts.items())],
        "engine": engine,
        "versions": dict(versions),
        "salt": salt.hex(),
        # Only where there is any, so that records without are what they were.
        **(
            {"accepted": [{"clause": clause, "reason": reason} for clause, reason in accepted.items()]}
            if accepted
            else {}
        ),
    }


def record_digest(record: Mapping[str, Plain]) -> bytes:
    """Return the record digest of the contract: SHA-256 of the canonical form, 32 bytes."""
    return digest(dict(record))


def page_digests(record: Mapping[str, Plain]) -> dict[str, tuple[bytes, ...]]:
    """Return the digests that a record lists for the pages of each document, by the document's id.

    Raises:
        ValueError: when the record has another form.
    """
    listed: dict[str, tuple[bytes, ...]] = {}
    documents = record.get("documents")
    for document in documents if isinstance(documents, list) else ():
        match document:
            case {"id": str(name), "page_digests": [*digests]}:
                listed[name] = tuple(bytes.fromhex(str(value)) for value in digests)
            case _:
                raise ValueError("the record's list of documents is damaged")
    return listed


def typeset_name(serial: str, revision: int, document: str) -> str:
    """Return the name under which the store has a document as it was before watermark and seals."""
    return f"{serial}-r{revision}-{document}-typeset.pdf"
