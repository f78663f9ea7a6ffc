"""Key files: closed to others, encrypted or not, and every way in which one cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa

from toolkit.errors import KeyUnusable
from toolkit.seal import keys
from toolkit.seal.keys import Signer, needs_passphrase, read_key, write_key

posix = pytest.mark.skipif(os.name != "posix", reason="file modes mean nothing on Windows")


@pytest.mark.parametrize("passphrase", [None, "口令 with spaces"])
@pytest.mark.parametrize("key", [keys.generate(), generate_private_key(SECP256R1())], ids=["ed25519", "p256"])
def test_a_key_comes_back(tmp_path: Path, key: keys.PrivateKey, passphrase: str | None) -> None:
    path = tmp_path / "key.pem"
    write_key(path, key, passphrase)
    assert needs_passphrase(path) is (passphrase is not None)
    assert read_key(path, passphrase).public_key() == key.public_key()
    # A passphrase from the environment does no harm where a key needs none.
    assert passphrase or read_key(path, "unneeded").public_key() == key.public_key()


@posix
def test_a_key_is_created_closed_and_refused_when_open(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    write_key(path, keys.generate(), None)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(KeyUnusable, match="chmod 600"):
            read_key(path, None)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    write_key(path, keys.generate(), None)
    before = path.read_bytes()
    with pytest.raises(KeyUnusable, match="File exists"):
        write_key(path, keys.generate(), None)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("passphrase", "fault"), [(None, "is encrypted"), ("", "is encrypted"), ("wrong", "wrong")])
def test_a_passphrase_is_missing_or_wrong(tmp_path: Path, passphrase: str | None, fault: str) -> None:
    path = tmp_path / "key.pem"
    write_key(path, keys.generate(), "right")
    with pytest.raises(KeyUnusable, match=fault):
        read_key(path, passphrase)


def test_what_is_no_key_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    rsa = generate_rsa(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for data in (b"", b"hello", b"\xff" * 100_000, rsa, rsa[: len(rsa) // 2]):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(KeyUnusable, match="holds no Ed25519"):
            read_key(path, None)


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="cannot be read: No such file"):
        read_key(tmp_path / "key.pem", None)
    with pytest.raises(KeyUnusable, match="cannot be read"):
        read_key(tmp_path, None)


def test_a_signer_has_the_key_that_its_certificate_names(signer: Signer) -> None:
    with pytest.raises(KeyUnusable, match=signer.kid.hex()):
        Signer(signer.certificate, keys.generate())
