"""The seal as bytes: a signed message (see ``cose``) about one side of one formal copy.

Reading is strict, since what is read comes from paper that anyone may have printed: a seal has one form, and whatever
differs from it in a byte is none.
"""

from __future__ import annotations

import datetime
import string
import unicodedata
from dataclasses import dataclass
from typing import cast

import regex

from toolkit.errors import TruecopyError
from toolkit.messages import Message
from toolkit.seal.cose import MessageMalformed, Signs, cbor, not_deterministic, read_cbor, read_message, sign_message
from toolkit.seal.signature import Algorithm
from toolkit.verdict import Reason

SCHEMA = 1
"""The schema of every seal that this version makes, and the only one it reads."""

LARGEST_SEAL = 448
"""Bytes: 1 082 digits of a version 16-M symbol, less two check digits, are 1 + 448 bytes."""

TITLE_BYTES, UNIT_BYTES, LEADER_BYTES = 108, 66, 52
"""UTF-8 bytes of the claims of the proposal's first page: 36, 22 and 17 hanzi; with them a seal fits 16-M."""

LARGEST_AMOUNT = 2**53 - 1
"""Fen; amounts above have no exact place in a record either (RFC 8785)."""

LARGEST_REVISION = 65_535
SERIAL_CHARACTERS = frozenset(string.ascii_uppercase + string.digits + "-")
_DOCUMENT_CHARACTERS = frozenset(string.ascii_uppercase)

_SEAL = Message("the seal")
_AAD = f"truecopy-seal-v{SCHEMA}".encode()
_IAT = 6  # CWT claim, RFC 8392, 3.1.6
_SEAL_CLAIM = -65537  # below -65536: for private use, RFC 8392, 9.1
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z, the last second that datetime can say


class SealMalformed(TruecopyError):
    """The bytes are no seal; ``reason`` is the verdict that paper carrying them deserves."""

    code = "SEAL_MALFORMED"

    def __init__(self, message: Message, reason: Reason = Reason.SEAL_FORGED) -> None:
        """Keep the reason: SEAL_FORGED, or SEAL_UNREADABLE for a schema from the future."""
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What the proposal's first page says of the application, readable without any record; requested funds in fen.

    Texts are put into NFC, control characters become spaces, and what is too long is cut behind the last whole
    grapheme (UAX 29) that fits: half a Uyghur or Tibetan cluster would read as another word.
    """

    title: str
    unit: str
    leader: str
    requested_fen: int

    def __post_init__(self) -> None:
        """Cut the texts, and refuse an amount that no record can hold (ValueError)."""
        for name, size in (("title", TITLE_BYTES), ("unit", UNIT_BYTES), ("leader", LEADER_BYTES)):
            object.__setattr__(self, name, cut(getattr(self, name), size))
        if type(self.requested_fen) is not int or not 0 <= self.requested_fen <= LARGEST_AMOUNT:
            raise ValueError("requested funds must be whole fen from 0 to 2^53 - 1")


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says of the side it stands on; copies and pages count from 1, digests are SHA-256 (32 bytes).

    ``document`` is the programme's short code (P, CU, CL), ``issued_at`` an aware time, kept in UTC and in whole
    seconds; it is what the signer claimed and proves nothing by itself.

    Raises:
        ValueError: for a value that the contract has no room for.
    """

    serial: str
    revision: int
    document: str
    copy: int
    copies: int
    page: int
    pages: int
    record_digest: bytes
    page_digest: bytes
    issued_at: datetime.datetime
    claims: Claims | None = None
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        """Bring the time to its one form and hold every value against its bounds."""
        if self.issued_at.tzinfo is None:
            raise ValueError("the time of a seal needs its time zone")
        issued_at = self.issued_at.astimezone(datetime.UTC).replace(microsecond=0)
        object.__setattr__(self, "issued_at", issued_at)
        if self.schema != SCHEMA:
            raise ValueError(f"seals are made with schema {SCHEMA}")
        if not 1 <= len(self.serial) <= 20 or not SERIAL_CHARACTERS.issuperset(self.serial):
            raise ValueError("a serial has 1 to 20 characters A-Z, 0-9 and -")
        if not 1 <= len(self.document) <= 4 or not _DOCUMENT_CHARACTERS.issuperset(self.document):
            raise ValueError("a document's code has 1 to 4 letters A-Z")
        # The bounds are those that keep the longest seal of a page within a version 10-M symbol.
        for name, value, largest in (
            ("revision", self.revision, LARGEST_REVISION),
            ("copies", self.copies, 255),
            ("copy", self.copy, self.copies),
            ("pages", self.pages, 65_535),
            ("page", self.page, self.pages),
        ):
            if type(value) is not int or not 1 <= value <= largest:
                raise ValueError(f"{name} must be a whole number from 1 to {largest}")
        if any(type(digest) is not bytes or len(digest) != 32 for digest in (self.record_digest, self.page_digest)):
            raise ValueError("digests are 32 bytes each")


@dataclass(frozen=True, slots=True)
class SignedSeal:
    """A seal as it was read, with what is needed to judge its signature; nothing is verified yet."""

    seal: Seal
    kid: bytes
    algorithm: Algorithm
    to_be_signed: bytes
    signature: bytes


def encode(seal: Seal, signer: Signs) -> bytes:
    """Return the signed seal, at most ``LARGEST_SEAL`` bytes; without claims it fits a version 10-M symbol."""
    return sign_message(_payload(seal), signer, aad=_AAD)


def decode(data: bytes) -> SignedSeal:
    """Return what the bytes of a symbol say, without judging who signed it.

    Raises:
        SealMalformed: for anything but the exact bytes that ``encode`` can make.
    """
    try:
        message = read_message(data, aad=_AAD, largest=LARGEST_SEAL, what=_SEAL)
        seal = _read_payload(message.payload)
    except MessageMalformed as error:
        raise SealMalformed(error.message) from error
    return SignedSeal(seal, message.kid, message.algorithm, message.to_be_signed, message.signature)


def cut(text: str, size: int) -> str:
    """Return the text in NFC, without control characters, cut behind the last grapheme within ``size`` UTF-8 bytes."""
    text = unicodedata.normalize("NFC", regex.sub(r"\p{Cc}", " ", text))
    if len(text.encode()) <= size:
        return text
    end = used = 0
    for grapheme in regex.finditer(r"\X", text):
        used += len(grapheme[0].encode())
        if used > size:
            break
        end = grapheme.end()
    return text[:end]


def _payload(seal: Seal) -> bytes:
    fields: list[object] = [seal.schema, seal.serial, seal.revision, seal.document, seal.copy, seal.copies]
    fields += [seal.page, seal.pages, seal.record_digest, seal.page_digest]
    if seal.claims is not None:
        fields += [seal.claims.title, seal.claims.unit, seal.claims.leader, seal.claims.requested_fen]
    return cbor({_IAT: int(seal.issued_at.timestamp()), _SEAL_CLAIM: fields})


def _read_payload(payload: bytes) -> Seal:
    match read_cbor(payload, _SEAL):
        case {6: int(issued), -65537: [int(schema), *_] as fields} as claims if (
            len(cast("dict[object, object]", claims)) == 2
        ):
            pass
        case _:
            raise SealMalformed(Message("the seal's payload must have a time and the description of a side"))
    if schema != SCHEMA:
        raise SealMalformed(
            Message("the seal has schema {schema}; this version reads schema 1: update Truecopy", schema=schema),
            Reason.SEAL_UNREADABLE,
        )
    match fields[1:]:
        case [
            str(serial),
            int(revision),
            str(document),
            int(copy),
            int(copies),
            int(page),
            int(pages),
            bytes(record),
            bytes(described),
            *rest,
        ] if len(rest) in (0, 4):
            pass
        case _:
            raise SealMalformed(Message("the seal's description of a side has missing or wrong fields"))
    if not 0 <= issued <= _LATEST:
        raise SealMalformed(Message("the seal's time lies outside the years 1970 to 9999"))
    issued_at = datetime.datetime.fromtimestamp(issued, datetime.UTC)
    try:
        claims = _read_claims(rest) if rest else None
        seal = Seal(
            serial, revision, document, copy, copies, page, pages, record, described, issued_at=issued_at, claims=claims
        )
    except ValueError as error:
        raise SealMalformed(Message("the seal says what no seal can say: {fault}", fault=error)) from error
    if _payload(seal) != payload:
        raise not_deterministic(_SEAL)
    return seal


def _read_claims(fields: list[object]) -> Claims:
    match fields:
        case [str(title), str(unit), str(leader), int(requested)]:
            return Claims(title, unit, leader, requested)
    raise ValueError("its texts or its amount are of the wrong type")
