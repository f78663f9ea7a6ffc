"""The two signature algorithms of a seal, each bound to one kind of key.

Both give 64 bytes, so that every seal of a page has one size whoever signed it.
"""

from __future__ import annotations

from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
PublicKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey

SIGNATURE_BYTES = 64
"""Ed25519 (RFC 8032, 5.1.6) and P-256 as r || s (RFC 9053, 2.1) are both this long."""


class Algorithm(IntEnum):
    """The COSE algorithms of RFC 9864: fully specified, so that the number alone names the curve."""

    ED25519 = -19
    ESP256 = -9


def algorithm_of(key: object) -> Algorithm:
    """Return the one algorithm that a key may be used with.

    Raises:
        ValueError: for a key that is neither Ed25519 nor P-256.
    """
    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return Algorithm.ED25519
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return Algorithm.ESP256
    raise ValueError(f"a {type(key).__name__} is neither an Ed25519 nor a P-256 key")


def sign(key: PrivateKey, data: bytes) -> bytes:
    """Return the signature, 64 bytes; the same key and data always give the same signature.

    ECDSA takes its nonce from key and data (RFC 6979), as Ed25519 does by itself: nothing hangs on a random generator,
    and test vectors can be made again.
    """
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verifies(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Return whether the signature (any bytes) is the key's signature of the data."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
