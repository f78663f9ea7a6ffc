"""Signed messages: COSE_Sign1 (RFC 9052, 4.2; tag 18) in the one form that this project makes and reads.

Seals, tree heads and the manifests of bundles are such messages; what the signature also covers (external_aad) keeps
each from being taken for another. Reading is strict, since what is read may come from anyone: a cap on the size first,
then decoding, then every type, then encoding again and comparing (RFC 8949, 4.2.1), which refuses duplicate keys,
trailing bytes, indefinite and overlong lengths and every other second way of writing the same message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

import cbor2

from toolkit.errors import TruecopyError
from toolkit.messages import Message
from toolkit.seal.signature import SIGNATURE_BYTES, Algorithm

KID_BYTES = 8

_SIGN1_TAG = b"\xd2"  # tag 18 in its shortest form
_ALG, _KID = 1, 4  # header parameters, RFC 9052, 3.1


class MessageMalformed(TruecopyError):
    """The bytes are no signed message in its one form."""

    code = "MESSAGE_MALFORMED"


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A message as it was read, with what is needed to judge its signature; nothing is verified yet."""

    payload: bytes
    kid: bytes
    algorithm: Algorithm
    to_be_signed: bytes
    signature: bytes


class Signs(Protocol):
    """What signing needs of a key (``keys.Signer``)."""

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the key is bound to."""

    @property
    def kid(self) -> bytes:
        """The first 8 bytes of the SHA-256 of the signing certificate's DER."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature of the data, 64 bytes."""


def sign_message(payload: bytes, signer: Signs, *, aad: bytes) -> bytes:
    """Return the payload signed, with algorithm and key identifier in the protected header."""
    protected = cbor({_ALG: int(signer.algorithm), _KID: signer.kid})
    signature = signer.sign(_to_be_signed(protected, payload, aad))
    return _SIGN1_TAG + cbor([protected, {}, payload, signature])


def read_message(data: bytes, *, aad: bytes, largest: int, what: Message) -> SignedMessage:
    """Return what the bytes carry, without judging who signed it.

    Args:
        data: the bytes, from anyone.
        aad: what the signature covers beside them: it says what kind of message this is.
        largest: the most bytes that a message of this kind has.
        what: the kind as people call it, such as “the seal”, for the error.

    Raises:
        MessageMalformed: for anything but the exact bytes that ``sign_message`` can make.
    """
    if len(data) > largest:
        raise MessageMalformed(
            Message("{what} has {size} bytes; none has more than {largest}", what=what, size=len(data), largest=largest)
        )
    if not data.startswith(_SIGN1_TAG):
        raise MessageMalformed(Message("{what} is not a signed COSE message (tag 18)", what=what))
    match read_cbor(data[1:], what):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)] if not unprotected:
            pass
        case _:
            raise MessageMalformed(Message("{what} is a COSE message of another structure than ours", what=what))
    algorithm, kid = _read_header(protected, what)
    if len(signature) != SIGNATURE_BYTES:
        raise MessageMalformed(
            Message("{what} has a signature of {size} bytes, not 64", what=what, size=len(signature))
        )
    if _SIGN1_TAG + cbor([protected, {}, payload, signature]) != data:
        raise not_deterministic(what)
    return SignedMessage(payload, kid, algorithm, _to_be_signed(protected, payload, aad), signature)


def cbor(value: object) -> bytes:
    """Return the value in deterministic CBOR; maps may have keys for which both orders agree.

    cbor2's canonical order of keys is that of RFC 7049 (shorter first); for the keys that are used here, 1 < 4 and
    6 < -65537, it is the bytewise order of RFC 8949, 4.2.1 as well.
    """
    return cbor2.dumps(value, canonical=True)


def read_cbor(data: bytes, what: Message) -> object:
    """Return the value of the data, at most some hundred kilobytes; whether they are its one form is not judged.

    Raises:
        MessageMalformed: they are no CBOR.
    """
    try:
        return cbor2.loads(data)
    # Behind its tags cbor2 has decimals, fractions, dates, patterns ...: each fails with its own kind of exception
    # (decimal.Overflow, OverflowError, ...). The input is capped, so time and memory are bounded.
    except Exception as error:
        raise MessageMalformed(Message("{what} is not CBOR, or it is cut short", what=what)) from error


def not_deterministic(what: Message) -> MessageMalformed:
    """Return the error that something is written in another than its one form."""
    return MessageMalformed(Message("{what} is not in its one deterministic form (RFC 8949, 4.2.1)", what=what))


def _to_be_signed(protected: bytes, payload: bytes, aad: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052, 4.4."""
    return cbor(["Signature1", protected, aad, payload])


def _read_header(protected: bytes, what: Message) -> tuple[Algorithm, bytes]:
    match read_cbor(protected, what):
        case {1: int(number), 4: bytes(kid)} as header if len(cast("dict[object, object]", header)) == 2:
            pass
        case _:
            raise MessageMalformed(
                Message("{what} must have an algorithm and a key identifier in its protected header", what=what)
            )
    if number not in set(Algorithm):
        raise MessageMalformed(
            Message("{what} names signature algorithm {number}; -19 and -9 are allowed", what=what, number=number)
        )
    if len(kid) != KID_BYTES:
        raise MessageMalformed(Message("{what} has a key identifier of {size} bytes, not 8", what=what, size=len(kid)))
    if cbor({_ALG: number, _KID: kid}) != protected:
        raise not_deterministic(what)
    return Algorithm(number), kid
