"""A record bundle as a file: what an intake point without the store needs to compare paper with some submissions.

    magic | length (4 bytes, big-endian) | manifest | for each content of the manifest's list: length (4 bytes) | zlib

The manifest is a signed message (``seal.cose``) whose payload is canonical JSON; it lists every content by size and
SHA-256. So reading is a straight line: nothing behind the manifest is touched before it is known who signed it, and
nothing is read or unpacked beyond the sizes that it says.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from toolkit.canonical import Plain, canonical
from toolkit.errors import BundleRefused
from toolkit.messages import Message
from toolkit.seal.cose import MessageMalformed, SignedMessage, Signs, read_message, sign_message

AAD = b"truecopy-bundle-v1"
MAGIC = b"truecopy-bundle\n"
LARGEST_MANIFEST = 64 * 2**20
"""Bytes: 10,000 submissions of 30 pages and files each list some 300,000 contents, 25 MB."""

LARGEST_CONTENT = 128 * 2**20
"""Bytes of one content, unpacked: a font has 14 MB, a form of 500 pages some 60."""

MOST_CONTENTS, MOST_SUBMISSIONS, MOST_FILES = 500_000, 20_000, 500
WHAT = Message("the record bundle")

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of a submission in a bundle."""

    name: str
    kind: str
    media_type: str
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class BundledSubmission:
    """One submission in a bundle: the revision that was in force when the bundle was made."""

    serial: str
    revision: int
    record_digest: bytes
    files: tuple[BundledFile, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds.

    Attributes:
        office: who made it.
        made_at: when; what happened afterwards, the bundle does not know.
        submissions: by serial.
        contents: size of every record, page description and file, by its SHA-256, in the order of the bundle.
    """

    office: str
    made_at: datetime.datetime
    submissions: Mapping[str, BundledSubmission]
    contents: Mapping[bytes, int]

    def to_plain(self) -> dict[str, Plain]:
        """Return the manifest as it is signed."""
        return {
            "format": 1,
            "office": self.office,
            "made_at": self.made_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "submissions": [
                {
                    "serial": one.serial,
                    "revision": one.revision,
                    "record": one.record_digest.hex(),
                    "files": [[f.name, f.kind, f.media_type, f.size, f.digest.hex()] for f in one.files],
                }
                for one in self.submissions.values()
            ],
            "contents": [[digest.hex(), size] for digest, size in self.contents.items()],
        }

    @classmethod
    def from_payload(cls, payload: bytes) -> Manifest:
        """Return the manifest that somebody signed.

        Raises:
            BundleRefused: it has another form than this version knows.
        """
        try:
            plain: Any = json.loads(payload)
            if plain["format"] != 1 or canonical(plain) != payload:
                raise ValueError("another format, or not canonical")
            submissions = [_submission(each) for each in _few(plain["submissions"], MOST_SUBMISSIONS)]
            contents = [(_digest(digest), _size(size)) for digest, size in _few(plain["contents"], MOST_CONTENTS)]
            manifest = cls(
                office=str(plain["office"])[:200],
                made_at=datetime.datetime.fromisoformat(plain["made_at"]),
                submissions={one.serial: one for one in submissions},
                contents=dict(contents),
            )
            if manifest.to_plain() != plain:
                raise ValueError("a serial or a digest twice, or a value of another type")
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise BundleRefused(
                Message(
                    "the manifest of the record bundle has a form that this version does not know ({why})", why=error
                )
            ) from error
        return manifest


def read_manifest(stream: IO[bytes]) -> tuple[bytes, SignedMessage]:
    """Read the beginning of a bundle: return the signed manifest's bytes, and the message, not judged yet.

    Raises:
        BundleRefused: this is no bundle.
    """
    if stream.read(len(MAGIC)) != MAGIC:
        raise BundleRefused(Message("this is no record bundle of Truecopy"))
    data = _read(stream, LARGEST_MANIFEST)
    return data, read_signed(data)


def read_signed(data: bytes) -> SignedMessage:
    """Return a manifest's signed message, not judged yet.

    Raises:
        BundleRefused: it is none.
    """
    try:
        return read_message(data, aad=AAD, largest=LARGEST_MANIFEST, what=WHAT)
    except MessageMalformed as error:
        raise BundleRefused(error.message) from error


def read_contents(stream: IO[bytes], manifest: Manifest) -> Iterator[tuple[bytes, bytes]]:
    """Yield digest and bytes of every content in turn, each held against the manifest; then the file must end.

    Raises:
        BundleRefused: something is missing, too much, or not what the manifest says.
    """
    for digest, size in manifest.contents.items():
        packed = _read(stream, size + size // 1000 + 64)  # zlib adds 5 bytes to every 16 KB that it cannot pack
        data = unpacked(packed, size)
        if data is None or hashlib.sha256(data).digest() != digest:
            raise _damaged()
        yield digest, data
    if stream.read(1):
        raise _damaged()


def unpacked(packed: bytes, size: int) -> bytes | None:
    """Return what was packed, exactly so many bytes (1 or more); None when it is anything else."""
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, size)
        rest = unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error:
        return None
    whole = len(data) == size and not rest and unpacker.eof and not unpacker.unused_data
    return data if whole else None


def packed(data: bytes) -> bytes:
    """Return data as a bundle holds them."""
    return zlib.compress(data, 6)


def write_head(stream: IO[bytes], manifest: Manifest, signer: Signs) -> None:
    """Write the beginning of a bundle; the contents follow, each as ``write_content`` writes it."""
    signed = sign_message(canonical(manifest.to_plain()), signer, aad=AAD)
    stream.write(MAGIC + _LENGTH.pack(len(signed)) + signed)


def write_content(stream: IO[bytes], data: bytes) -> None:
    """Write one content."""
    small = packed(data)
    stream.write(_LENGTH.pack(len(small)) + small)


def _read(stream: IO[bytes], most: int) -> bytes:
    length = stream.read(_LENGTH.size)
    if len(length) != _LENGTH.size or (count := _LENGTH.unpack(length)[0]) > most:
        raise _damaged()
    data = stream.read(count)
    if len(data) != count:
        raise _damaged()
    return data


def _damaged() -> BundleRefused:
    return BundleRefused(
        Message("the record bundle is damaged: what is in it is not what its manifest says; fetch it again")
    )


def _submission(plain: Any) -> BundledSubmission:
    files = (
        BundledFile(str(name), str(kind), str(media_type), _size(size), _digest(digest))
        for name, kind, media_type, size, digest in _few(plain["files"], MOST_FILES)
    )
    return BundledSubmission(str(plain["serial"]), int(plain["revision"]), _digest(plain["record"]), tuple(files))


def _few(plain: Any, most: int) -> Sequence[Any]:
    if not isinstance(plain, list) or len(plain) > most:
        raise ValueError(f"a list of at most {most} is missing")
    return plain


def _digest(text: Any) -> bytes:
    digest = bytes.fromhex(text)
    if len(digest) != 32:
        raise ValueError("a digest has 32 bytes")
    return digest


def _size(size: Any) -> int:
    if type(size) is not int or not 1 <= size <= LARGEST_CONTENT:
        raise ValueError("a size is out of bounds")
    return size
