"""The two algorithms against the vectors of their RFCs."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, derive_private_key, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from toolkit.seal.signature import Algorithm, PrivateKey, algorithm_of, sign, verifies

# RFC 8032, 7.1: secret key, message, signature of tests 1, 2 and 3.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]

# RFC 6979, A.2.5: P-256, SHA-256, message "sample".
RFC_6979_KEY = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
RFC_6979_SIGNATURE = (
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
)


@pytest.mark.parametrize(("secret", "message", "signature"), RFC_8032)
def test_ed25519_is_that_of_rfc_8032(secret: str, message: str, signature: str) -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert sign(key, bytes.fromhex(message)).hex() == signature
    assert verifies(key.public_key(), bytes.fromhex(signature), bytes.fromhex(message))


def test_esp256_is_that_of_rfc_6979() -> None:
    key = derive_private_key(RFC_6979_KEY, SECP256R1())
    assert sign(key, b"sample").hex() == RFC_6979_SIGNATURE
    assert verifies(key.public_key(), bytes.fromhex(RFC_6979_SIGNATURE), b"sample")


@pytest.mark.parametrize("key", [Ed25519PrivateKey.generate(), generate_private_key(SECP256R1())], ids=["-19", "-9"])
def test_a_wrong_signature_does_not_verify(key: PrivateKey) -> None:
    good = sign(key, b"data")
    assert verifies(key.public_key(), good, b"data")
    for bad in (b"", good[:-1], good + b"\0", bytes(64), b"\xff" * 64, good[:63] + bytes([good[63] ^ 1])):
        assert not verifies(key.public_key(), bad, b"data")
    assert not verifies(key.public_key(), good, b"Data")


def test_a_key_has_one_algorithm() -> None:
    assert algorithm_of(Ed25519PrivateKey.generate()) is Algorithm.ED25519
    assert algorithm_of(generate_private_key(SECP256R1()).public_key()) is Algorithm.ESP256
    for other in (Ed448PrivateKey.generate(), generate_private_key(SECP384R1()), None):
        with pytest.raises(ValueError, match="neither"):
            algorithm_of(other)
