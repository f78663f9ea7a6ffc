"""The records that bundles brought to an intake point: a folder of manifests, and of contents by their digests.

It answers what comparing paper asks of a store, and nothing that only the store knows: what was revoked, superseded or
received since a bundle was made. Every read holds what it returns against its digest, and a manifest against its
signature.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import IO

from toolkit.errors import BundleRefused, StoreError, SubmissionUnknown
from toolkit.messages import Message
from toolkit.on_disk import whole
from toolkit.page import PageDescription
from toolkit.records.bundle import (
    LARGEST_MANIFEST,
    WHAT,
    BundledSubmission,
    Manifest,
    packed,
    read_contents,
    read_manifest,
    read_signed,
    unpacked,
)
from toolkit.records.files import FileEntry
from toolkit.records.record import page_digests
from toolkit.records.store import StoredSubmission
from toolkit.seal.certificates import Use
from toolkit.seal.trust import Trust, judge_message


class ImportedRecords:
    """What bundles brought here."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        """Nothing is read before it is asked for; the folder need not exist."""
        self._folder = folder
        self._trust = trust

    def add(self, stream: IO[bytes], *, now: datetime.datetime) -> tuple[Manifest, bool]:
        """Take a bundle in, as a whole or not at all; return its manifest, and whether it was here already.

        1. The manifest is read, and who signed it is judged, before anything else is touched.
        2. Its serials must be the signer's, and none of them older than what is here.
        3. Every content is held against the manifest and kept by its digest.
        4. Every record must be the one that its entry names, and have all its pages and files in the bundle.
        5. The manifest is kept last: without it, contents count for nothing.

        Args:
            stream: the bundle, from anyone.
            now: the reader's time, aware.

        Raises:
            BundleRefused: it is damaged, from nobody who is trusted, or older than what is here.
            StoreError: it cannot be kept.
        """
        # (1)
        data, message = read_manifest(stream)
        manifest = Manifest.from_payload(message.payload)
        findings = judge_message(message, manifest.made_at, Use.SEALS, self._trust, now, WHAT)
        if findings:
            raise BundleRefused(findings[0].message)
        # (2)
        signer = self._trust.signer(message)
        own = (signer.prefix, self._trust.root_of(signer)) if signer else None
        for serial in manifest.submissions:
            if self._trust.owner(serial) != own:
                raise BundleRefused(
                    Message("the record bundle has {serial}, which its signer may not seal", serial=serial)
                )
        name = f"{hashlib.sha256(data).hexdigest()}.cose"
        if (self._folder / name).exists():
            return manifest, True
        self._refuse_older(manifest)
        try:
            # (3)
            for digest, content in read_contents(stream, manifest):
                if not self._path(digest).exists():
                    _write(self._path(digest), packed(content))
            # (4)
            for one in manifest.submissions.values():
                self._refuse_incomplete(one, manifest)
            # (5)
            _write(self._folder / name, data)
        except OSError as error:
            raise StoreError(
                Message("{folder} cannot be written: {why}", folder=self._folder, why=error.strerror or error)
            ) from error
        self.__dict__.pop("_entries", None)
        self.__dict__.pop("_sizes", None)
        return manifest, False

    def made_at(self, serial: str) -> datetime.datetime | None:
        """Return as of when a submission's record is known here; None where it is not."""
        entry = self._entries.get(serial)
        return entry[1].made_at if entry else None

    def submission(self, serial: str, revision: int | None = None) -> StoredSubmission | None:
        """Return a revision, by default the latest that is known here; None where there is none of it.

        Raises:
            StoreError: what is kept does not fit its digest.
        """
        entry = self._entries.get(serial)
        if entry is None:
            return None
        one, _ = entry
        if revision not in (None, one.revision):
            return None
        record = json.loads(self.file(one.record_digest))
        return StoredSubmission(
            serial=serial,
            revision=one.revision,
            record=record,
            record_digest=one.record_digest,
            latest_revision=one.revision,
            issued_at=datetime.datetime.fromisoformat(str(record["issued_at"])),
            files=tuple(FileEntry(f.name, f.kind, f.media_type, f.size, f.digest) for f in one.files),
            events=(),
        )

    def page(self, serial: str, revision: int, document: str, page: int) -> PageDescription:
        """Return the description of a page; documents go by their id, pages count from 1.

        Raises:
            SubmissionUnknown: there is no such page.
            StoreError: what is kept does not fit its digest.
        """
        stored = self.submission(serial, revision)
        digests = page_digests(stored.record).get(document, ()) if stored else ()
        if not 1 <= page <= len(digests):
            raise SubmissionUnknown(Message("{submission} is not in the store", submission=f"{serial}-r{revision}"))
        return PageDescription.from_plain(json.loads(self.file(digests[page - 1])))

    def file(self, digest: bytes) -> bytes:
        """Return the content of that digest.

        Raises:
            StoreError: there is none, or what is kept does not fit it.
        """
        size = self._sizes.get(digest)
        data = None if size is None else self._content(digest, size)
        if data is None:
            raise StoreError(
                Message(
                    "{name} in {folder} is missing or damaged: import the bundle again",
                    name=digest.hex(),
                    folder=self._folder,
                )
            )
        return data

    def _content(self, digest: bytes, size: int) -> bytes | None:
        try:
            data = unpacked(_bounded(self._path(digest), size + size // 1000 + 64), size)
        except OSError:
            return None
        return data if data is not None and hashlib.sha256(data).digest() == digest else None

    def _path(self, digest: bytes) -> Path:
        return self._folder / "contents" / digest.hex()

    @cached_property
    def _entries(self) -> dict[str, tuple[BundledSubmission, Manifest]]:
        """Every submission with the newest manifest that has it.

        A bundle whose signer is no longer trusted, or was revoked for when it was made, says nothing any more.
        """
        manifests = []
        for path in sorted(self._folder.glob("*.cose")):
            message = read_signed(_bounded(path, LARGEST_MANIFEST))
            manifest = Manifest.from_payload(message.payload)
            signer = self._trust.signer(message)
            if signer is not None and self._trust.may_sign_at(signer, manifest.made_at):
                manifests.append(manifest)
        manifests.sort(key=lambda manifest: manifest.made_at)
        return {one.serial: (one, manifest) for manifest in manifests for one in manifest.submissions.values()}

    @cached_property
    def _sizes(self) -> dict[bytes, int]:
        return {digest: size for _, manifest in self._entries.values() for digest, size in manifest.contents.items()}

    def _refuse_older(self, manifest: Manifest) -> None:
        for serial, one in manifest.submissions.items():
            here = self._entries.get(serial)
            if here is not None and (here[0].revision, here[1].made_at) > (one.revision, manifest.made_at):
                raise BundleRefused(
                    Message(
                        "the record bundle of {time} is older than what is here of {serial}: revision {revision}, as "
                        "of {here}",
                        time=manifest.made_at.isoformat(),
                        serial=serial,
                        revision=here[0].revision,
                        here=here[1].made_at.isoformat(),
                    )
                )

    def _refuse_incomplete(self, one: BundledSubmission, manifest: Manifest) -> None:
        """Refuse a submission whose record is another, or that lacks pages or files."""
        size = manifest.contents.get(one.record_digest)
        data = None if size is None else self._content(one.record_digest, size)
        try:
            record = json.loads(data or b"")
            pages = {digest for listed in page_digests(record).values() for digest in listed}
            datetime.datetime.fromisoformat(str(record["issued_at"]))
            is_it = (record["serial"], record["revision"]) == (one.serial, one.revision) and bool(pages)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            is_it, pages = False, set()
        files = {file.digest: file.size for file in one.files}
        if not is_it or not pages <= manifest.contents.keys() or not files.items() <= manifest.contents.items():
            raise BundleRefused(
                Message("the record bundle does not have all of {serial}: fetch it again", serial=one.serial)
            )


def _bounded(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


def _write(path: Path, data: bytes) -> None:
    with whole(path, private=True) as stream:
        stream.write(data)
