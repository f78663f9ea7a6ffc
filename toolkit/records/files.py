"""The files of submissions: kept once by their digest, in the database or outside it, and never read without it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from toolkit.canonical import Plain
from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records.outside import OutsideFiles
from toolkit.records.tables import files, submission_files


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a submission: ``data``, or only the ``digest`` of data that the store has already (fonts)."""

    name: str
    kind: str
    media_type: str
    data: bytes | None
    digest: bytes

    @classmethod
    def of(cls, name: str, kind: str, media_type: str, data: bytes) -> StoredFile:
        """Return a file with its digest taken."""
        return cls(name, kind, media_type, data, hashlib.sha256(data).digest())

    def to_plain(self) -> dict[str, Plain]:
        """Return what an event has of it."""
        return {"name": self.name, "kind": self.kind, "media_type": self.media_type, "sha256": self.digest.hex()}


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What the store says of a submission's file; ``Store.file`` has its bytes (``size`` of them)."""

    name: str
    kind: str
    media_type: str
    size: int
    digest: bytes


class Files:
    """Where a store has its files; one that is in the database is read from there wherever new ones go."""

    def __init__(self, url: str | None) -> None:
        """Take the URL under which files are kept from now on; None keeps them in the database.

        Raises:
            StoreError: when it is none.
        """
        self._outside = OutsideFiles(url) if url is not None else None

    def put_outside(self, entries: Sequence[StoredFile], missing: Callable[[Iterable[bytes]], set[bytes]]) -> None:
        """Write the files that are new outside the database, before the transaction that names them.

        Args:
            entries: all files of a submission.
            missing: tells which of some digests the database does not name yet.

        Raises:
            StoreError: when one cannot be written, or has no data.
        """
        if self._outside is None:
            return
        unknown = missing(file.digest for file in entries)
        for file in entries:
            if file.digest in unknown:
                self._outside.put(file.digest, _own_data(file))

    def keep(self, connection: Connection, serial: str, revision: int, entries: Sequence[StoredFile]) -> None:
        """Name the files of a submission in the database, with their content unless it is kept outside.

        Raises:
            StoreError: when one that is new has no data.
        """
        for file in entries:
            self._add(connection, file)
            of = {"serial": serial, "revision": revision, "name": file.name}
            connection.execute(
                insert(submission_files).values(**of, kind=file.kind, media_type=file.media_type, digest=file.digest)
            )

    def add(self, connection: Connection, file: StoredFile) -> None:
        """Keep a file that no submission has yet, where this store keeps its own.

        Raises:
            StoreError: when it cannot be written.
        """
        if self._outside is not None:
            self._outside.put(file.digest, _own_data(file))
        self._add(connection, file)

    def _add(self, connection: Connection, file: StoredFile) -> None:
        there = connection.execute(select(files.c.size).where(files.c.digest == file.digest)).scalar_one_or_none()
        if there is None:
            data, outside = _own_data(file), self._outside is not None
            row = {"digest": file.digest, "size": len(data), "content": b"" if outside else data}
            connection.execute(insert(files).values(**row, outside=outside))

    def read(self, connection: Connection, digest: bytes) -> bytes:
        """Return the bytes of a file.

        Raises:
            StoreError: when there is none of that digest.
            ValueError: when what is stored does not fit it.
        """
        found = connection.execute(select(files).where(files.c.digest == digest)).one_or_none()
        if found is None:
            raise StoreError(Message("the store has no file with the digest {digest}", digest=digest.hex()))
        content: bytes = self._from_outside(digest) if found.outside else found.content
        refuse_other(content, digest)
        if len(content) != found.size:
            raise ValueError("its size is another")
        return content

    def names(self) -> Iterator[str]:
        """Give the names of all files that are outside the database, whether it names them or not.

        Raises:
            StoreError: when they cannot be listed.
        """
        return iter(()) if self._outside is None else self._outside.names()

    def _from_outside(self, digest: bytes) -> bytes:
        if self._outside is None:
            raise StoreError(
                Message(
                    "the file with the digest {digest} lies outside the database: say where by files = in "
                    "settings.toml",
                    digest=digest.hex(),
                )
            )
        return self._outside.get(digest)


def _own_data(file: StoredFile) -> bytes:
    if file.data is None or hashlib.sha256(file.data).digest() != file.digest:
        raise StoreError(Message("the file {name} was handed in without its data", name=file.name))
    return file.data


def refuse_other(data: bytes, digest: bytes) -> None:
    """Refuse what does not fit its digest.

    Raises:
        ValueError: for the caller to tell what it is.
    """
    if hashlib.sha256(data).digest() != digest:
        raise ValueError("its digest is another")
