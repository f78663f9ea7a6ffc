"""The seal as bytes: a COSE_Sign1 message (RFC 9052, 4.2; tag 18) about one side of one formal copy.

Reading is strict, since what is read comes from paper that anyone may have printed: a cap on the size first, then
decoding, then every type and bound, then encoding again and comparing (RFC 8949, 4.2.1), which refuses duplicate keys,
trailing bytes, indefinite and overlong lengths, floats and every other second way of writing the same seal.
"""

from __future__ import annotations

import datetime
import string
import unicodedata
from dataclasses import dataclass
from typing import Protocol, cast

import cbor2
import regex

from toolkit.errors import TruecopyError
from toolkit.messages import Message
from toolkit.seal.signature import SIGNATURE_BYTES, Algorithm
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

_SIGN1_TAG = b"\xd2"  # tag 18 in its shortest form
_ALG, _KID = 1, 4  # header parameters, RFC 9052, 3.1
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


class Signs(Protocol):
    """What ``encode`` needs of a key (``keys.Signer``, or a token that holds its own)."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the key is bound to."""

    @property
    def kid(self) -> bytes:
        """The first 8 bytes of the SHA-256 of the signing certificate's DER."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature of the data, 64 bytes."""


def encode(seal: Seal, signer: Signs) -> bytes:
    """Return the signed seal, at most ``LARGEST_SEAL`` bytes; without claims it fits a version 10-M symbol."""
    protected = _cbor({_ALG: int(signer.algorithm), _KID: signer.kid})
    payload = _payload(seal)
    signature = signer.sign(_to_be_signed(protected, payload))
    return _SIGN1_TAG + _cbor([protected, {}, payload, signature])


def decode(data: bytes) -> SignedSeal:
    """Return what the bytes of a symbol say, without judging who signed it.

    Raises:
        SealMalformed: for anything but the exact bytes that ``encode`` can make.
    """
    if len(data) > LARGEST_SEAL:
        raise SealMalformed(
            Message("the seal has {size} bytes; none has more than {largest}", size=len(data), largest=LARGEST_SEAL)
        )
    if not data.startswith(_SIGN1_TAG):
        raise SealMalformed(Message("the seal is not a signed COSE message (tag 18)"))
    match _load(data[1:]):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)] if not unprotected:
            pass
        case _:
            raise SealMalformed(Message("the seal's COSE message has another structure than a seal's"))
    algorithm, kid = _read_header(protected)
    seal = _read_payload(payload)
    if len(signature) != SIGNATURE_BYTES:
        raise SealMalformed(Message("the seal's signature has {size} bytes, not 64", size=len(signature)))
    if _SIGN1_TAG + _cbor([protected, {}, payload, signature]) != data:
        raise _not_deterministic()
    return SignedSeal(seal, kid, algorithm, _to_be_signed(protected, payload), signature)


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


def _cbor(value: object) -> bytes:
    # cbor2's canonical order of keys is that of RFC 7049 (shorter first); for the keys of a seal, 1 < 4 and 6 < -65537,
    # it is the bytewise order of RFC 8949, 4.2.1 as well.
    return cbor2.dumps(value, canonical=True)


def _load(data: bytes) -> object:
    try:
        return cbor2.loads(data)
    # Behind its tags cbor2 has decimals, fractions, dates, patterns ...: each fails with its own kind of exception
    # (decimal.Overflow, OverflowError, ...). The input is a few hundred bytes, so time and memory are bounded.
    except Exception as error:
        raise SealMalformed(Message("the seal is not CBOR, or it is cut short")) from error


def _payload(seal: Seal) -> bytes:
    fields: list[object] = [seal.schema, seal.serial, seal.revision, seal.document, seal.copy, seal.copies]
    fields += [seal.page, seal.pages, seal.record_digest, seal.page_digest]
    if seal.claims is not None:
        fields += [seal.claims.title, seal.claims.unit, seal.claims.leader, seal.claims.requested_fen]
    return _cbor({_IAT: int(seal.issued_at.timestamp()), _SEAL_CLAIM: fields})


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052, 4.4; the aad keeps a seal from being taken for any other message."""
    return _cbor(["Signature1", protected, f"truecopy-seal-v{SCHEMA}".encode(), payload])


def _read_header(protected: bytes) -> tuple[Algorithm, bytes]:
    match _load(protected):
        case {1: int(number), 4: bytes(kid)} as header if len(cast("dict[object, object]", header)) == 2:
            pass
        case _:
            raise SealMalformed(Message("the seal's protected header must have an algorithm and a key identifier"))
    if number not in set(Algorithm):
        raise SealMalformed(
            Message("the seal names signature algorithm {number}; -19 and -9 are allowed", number=number)
        )
    if len(kid) != 8:
        raise SealMalformed(Message("the seal's key identifier has {size} bytes, not 8", size=len(kid)))
    if _cbor({_ALG: number, _KID: kid}) != protected:
        raise _not_deterministic()
    return Algorithm(number), kid


def _read_payload(payload: bytes) -> Seal:
    match _load(payload):
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
        raise _not_deterministic()
    return seal


def _read_claims(fields: list[object]) -> Claims:
    match fields:
        case [str(title), str(unit), str(leader), int(requested)]:
            return Claims(title, unit, leader, requested)
    raise ValueError("its texts or its amount are of the wrong type")


def _not_deterministic() -> SealMalformed:
    return SealMalformed(Message("the seal is not in its one deterministic form (RFC 8949, 4.2.1)"))
