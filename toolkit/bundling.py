"""Makes and takes in record bundles: what an intake point without the store compares paper with.

store -> records, page descriptions, forms, fonts -> bundle -> home of an intake point -> verify
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from toolkit.canonical import canonical
from toolkit.errors import EventRefused, InputUnreadable, UsageError
from toolkit.home import Home
from toolkit.issued import stored_submission
from toolkit.messages import Message
from toolkit.records.bundle import (
    MOST_SUBMISSIONS,
    BundledFile,
    BundledSubmission,
    Manifest,
    write_content,
    write_head,
)
from toolkit.records.life import WITHDRAWN, stage
from toolkit.records.record import page_digests
from toolkit.records.revoking import revocation
from toolkit.records.store import Store, StoredSubmission

_NEEDED = frozenset({"typeset", "font"})
"""Kinds of files that comparing needs."""

_STEP = 2**20


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle has: the serials with their revisions, who made it and when; ``again`` when it was here already."""

    office: str
    made_at: datetime
    submissions: tuple[tuple[str, int], ...]
    again: bool = False

    @classmethod
    def of(cls, manifest: Manifest, *, again: bool = False) -> Bundle:
        """Return what a manifest says."""
        listed = tuple((one.serial, one.revision) for one in manifest.submissions.values())
        return cls(manifest.office, manifest.made_at, listed, again)

    def to_dict(self) -> dict[str, object]:
        """Return its entry in a JSON answer."""
        return {
            "office": self.office,
            "made_at": self.made_at.isoformat(),
            "again": self.again,
            "submissions": [{"serial": serial, "revision": revision} for serial, revision in self.submissions],
        }


def export_bundle(
    home: Home,
    stream: IO[bytes],
    serials: Sequence[str] = (),
    *,
    programme: str | None = None,
    passphrase: str | None = None,
    now: datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Bundle:
    """Write the records of submissions as one signed bundle; each in the revision that is in force.

    Args:
        home: the data folder with store and signing key.
        stream: where the bundle is written.
        serials: the submissions.
        programme: all submissions of this programme besides, but for those that were withdrawn.
        passphrase: opens the signing key, where it is encrypted.
        now: the time that the bundle bears; the clock's when left out.
        progress: called after every submission.

    Raises:
        UsageError: there are none, or too many.
        EventRefused: one of those that were named was withdrawn.
        KeyUnusable, SubmissionUnknown, StoreError: it cannot work.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    signer = home.keys.signer(now, passphrase)
    listed = dict.fromkeys([*serials, *(_of_programme(home.store, programme) if programme else ())])
    if not 1 <= len(listed) <= MOST_SUBMISSIONS:
        raise UsageError(
            Message(
                "a record bundle has 1 to {most} submissions, not {count}", most=MOST_SUBMISSIONS, count=len(listed)
            )
        )
    contents: dict[bytes, int] = {}
    submissions = {}
    with tempfile.TemporaryFile() as spool:
        for done, serial in enumerate(listed, start=1):
            stored = stored_submission(home, serial, None)
            if stage([event.kind for event in home.store.life(serial)]) == WITHDRAWN:
                raise EventRefused(Message("{serial} was withdrawn: leave it out of the bundle", serial=serial))
            if stored.revocation is not None:
                raise EventRefused(Message("{serial} was revoked: leave it out of the bundle", serial=serial))
            for data in _contents(home.store, stored, contents):
                contents[hashlib.sha256(data).digest()] = len(data)
                write_content(spool, data)
            submissions[serial] = BundledSubmission(serial, stored.revision, stored.record_digest, _files(stored))
            progress(done, len(listed))
        manifest = Manifest(home.settings.office, now, submissions, contents)
        write_head(stream, manifest, signer)
        spool.seek(0)
        while part := spool.read(_STEP):
            stream.write(part)
    return Bundle.of(manifest)


def import_bundle(home: Home, path: Path | str, *, now: datetime | None = None) -> Bundle:
    """Take a bundle into the home of an intake point, as a whole or not at all.

    Raises:
        UsageError: the home has a store, which knows more than any bundle.
        InputUnreadable: the file cannot be read.
        BundleRefused: it is damaged, from nobody who is trusted, or older than what is here.
        StoreError: it cannot be kept.
    """
    if home.has_store:
        raise UsageError(
            Message("this data folder has a store, which knows more than a record bundle: import it at an intake point")
        )
    try:
        with Path(path).open("rb") as stream:
            manifest, again = home.imported.add(stream, now=now or datetime.now(UTC))
    except OSError as error:
        raise InputUnreadable(
            Message("{path} cannot be read ({why})", path=path, why=error.strerror or error)
        ) from error
    return Bundle.of(manifest, again=again)


def _of_programme(store: Store, programme: str) -> Iterator[str]:
    for serial, revision, record, life in store.latest():
        facts = record["programme"]
        named = facts.get("name") if isinstance(facts, dict) else None
        stands = stage([event.kind for event in life]) != WITHDRAWN and revocation(life, revision) is None
        if named == programme and stands:
            yield serial


def _contents(store: Store, stored: StoredSubmission, there: dict[bytes, int]) -> Iterator[bytes]:
    """Yield what a submission needs and the bundle has not yet: its record, descriptions, forms, fonts."""
    if stored.record_digest not in there:
        yield canonical(stored.record)
    for document, digests in page_digests(stored.record).items():
        for page, digest in enumerate(digests, start=1):
            if digest not in there:
                yield store.description(stored.serial, stored.revision, document, page)
    for file in _files(stored):
        if file.digest not in there:
            yield store.file(file.digest)


def _files(stored: StoredSubmission) -> tuple[BundledFile, ...]:
    return tuple(
        BundledFile(file.name, file.kind, file.media_type, file.size, file.digest)
        for file in stored.files
        if file.kind in _NEEDED
    )
