"""Private keys: files of PKCS#8 (RFC 5958), with or without a passphrase, and closed to everyone else.

A file may hold the URI of a key in a token instead (``tokens``); its passphrase is the token's PIN.

With a passphrase a key is encrypted by PBES2 (AES-256, PBKDF2 with SHA-256 and 2 048 rounds: the library's fixed
choice). So few rounds do not save a short passphrase: the file's mode counts as well. Keys that ``openssl pkcs8 -topk8
-scrypt`` has encrypted harder are read too.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from toolkit.errors import KeyUnusable
from toolkit.messages import Message
from toolkit.seal import signature
from toolkit.seal.certificates import SigningCertificate, Use
from toolkit.seal.signature import Algorithm, PrivateKey, algorithm_of
from toolkit.seal.tokens import SCHEME, TokenUri, open_in_token
from toolkit.seal.trust import Trust

LARGEST_KEY_FILE = 16_384
"""Bytes; a key of either kind has some 300."""

_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"  # RFC 7468, 11


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing certificate and its private key: what makes seals or signs heads.

    Raises:
        KeyUnusable: when the key is not the certificate's.
    """

    certificate: SigningCertificate
    key: PrivateKey

    def __post_init__(self) -> None:
        """Refuse a key that belongs to another certificate."""
        if self.key.public_key() != self.certificate.public_key:
            raise KeyUnusable(
                Message("the private key is not the one that certificate {kid} names", kid=self.certificate.kid.hex())
            )

    @property
    def algorithm(self) -> Algorithm:
        """The algorithm that the key is bound to."""
        return self.certificate.algorithm

    @property
    def kid(self) -> bytes:
        """The key identifier that its messages carry, 8 bytes."""
        return self.certificate.kid

    def sign(self, data: bytes) -> bytes:
        """Return the signature of the data, 64 bytes."""
        return signature.sign(self.key, data)


@overload
def generate(algorithm: Literal[Algorithm.ED25519] = ...) -> Ed25519PrivateKey: ...
@overload
def generate(algorithm: Algorithm) -> PrivateKey: ...
def generate(algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
    """Return a new key from the system's random source."""
    if algorithm is Algorithm.ESP256:
        return ec.generate_private_key(ec.SECP256R1())
    return Ed25519PrivateKey.generate()


def write_key(path: Path, key: PrivateKey, passphrase: str | None) -> None:
    """Write a new key file that only its owner may read; never over another file.

    Raises:
        KeyUnusable: when the file exists or cannot be written.
    """
    encryption = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else None
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        encryption or serialization.NoEncryption(),
    )
    _write(path, data)


def write_uri(path: Path, uri: TokenUri) -> None:
    """Write a new key file that names a key in a token; never over another file.

    Raises:
        KeyUnusable: when the file exists or cannot be written.
    """
    _write(path, f"{uri}\n".encode())


def _write(path: Path, data: bytes) -> None:
    try:
        # Created closed, not closed afterwards: in between anyone could have opened it.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise KeyUnusable(
            Message("the key file {path} cannot be written: {why}", path=path, why=error.strerror or error)
        ) from error


def needs_passphrase(path: Path) -> bool:
    """Return whether the key file is encrypted, or names a key in a token, which asks for its PIN.

    Raises:
        KeyUnusable: when it cannot be read, or is open to others.
    """
    data = _read(path)
    return _ENCRYPTED in data or data.startswith(SCHEME)


def read_key(path: Path, passphrase: str | None) -> PrivateKey:
    """Return the key of a file.

    Raises:
        KeyUnusable: when the file cannot be read or is open to others, when the passphrase is missing or wrong, or when
            the file holds no key that may sign seals.
    """
    data = _read(path)
    in_token = data.startswith(SCHEME)
    encrypted = _ENCRYPTED in data
    if (encrypted or in_token) and not passphrase:
        raise KeyUnusable(
            Message("the key {path} is encrypted: give its passphrase by file, environment or prompt", path=path)
        )
    if in_token and passphrase:
        return open_in_token(TokenUri.parse(data.decode("utf-8", "replace")), passphrase)
    try:
        key = serialization.load_pem_private_key(data, passphrase.encode() if passphrase and encrypted else None)
        algorithm_of(key)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if encrypted:
            raise KeyUnusable(
                Message(
                    "the key {path} cannot be decrypted: the passphrase is wrong, or the file is damaged", path=path
                )
            ) from error
        raise KeyUnusable(Message("{path} holds no Ed25519 or P-256 private key in PEM (PKCS#8)", path=path)) from error
    assert isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey)  # algorithm_of accepts no other
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # On Windows the mode says nothing: there the folder's access rights close the key.
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise KeyUnusable(
                    Message("the key {path} is open to other users: close it with chmod 600 {path}", path=path)
                )
            return file.read(LARGEST_KEY_FILE)
    except OSError as error:
        raise KeyUnusable(
            Message("the key {path} cannot be read: {why}", path=path, why=error.strerror or error)
        ) from error


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """The private keys of a home, each in a file named after its certificate's key identifier."""

    folder: Path
    trust: Trust

    def path(self, certificate: SigningCertificate) -> Path:
        """Return where the certificate's private key lies, if it lies here."""
        return self.folder / f"{certificate.kid.hex()}.pem"

    def current(self, now: datetime.datetime, use: Use = Use.SEALS) -> SigningCertificate:
        """Return the newest certificate for a use that is valid, trusted and has its private key here.

        Raises:
            KeyUnusable: when there is none; the message says why.
        """
        held = self._held(use)
        if not held:
            raise KeyUnusable(
                Message("there is no signing key in {folder}: only the issuing office has one", folder=self.folder)
                if use is Use.SEALS
                else Message("there is no key for heads of the ledger in {folder}", folder=self.folder)
            )
        usable = [certificate for certificate in held if self.trust.may_sign_at(certificate, now)]
        if not usable:
            ends = max(certificate.certificate.not_valid_after_utc for certificate in held)
            raise KeyUnusable(
                Message(
                    "no signing key in {folder} is valid now (the last certificate ends on {end}): check the clock and "
                    "whether it was retired or revoked, or make a new key",
                    folder=self.folder,
                    end=ends.date().isoformat(),
                )
            )
        # Of two made within a second, the one that was certified last.
        return max(reversed(usable), key=lambda certificate: certificate.certificate.not_valid_before_utc)

    def needs_passphrase(self, now: datetime.datetime, use: Use = Use.SEALS) -> bool:
        """Return whether the current key is encrypted, so that the caller asks for a passphrase.

        Raises:
            KeyUnusable: when there is no current key, or its file cannot be read.
        """
        return needs_passphrase(self.path(self.current(now, use)))

    def signer(self, now: datetime.datetime, passphrase: str | None = None) -> Signer:
        """Return the current key for seals, ready to sign.

        Raises:
            KeyUnusable: when there is none, or it cannot be read or decrypted.
        """
        return self._signer(now, passphrase, Use.SEALS)

    def head_signer(self, now: datetime.datetime, passphrase: str | None = None) -> Signer | None:
        """Return the current key for heads of the ledger, ready to sign; None where no such key was ever put here.

        Raises:
            KeyUnusable: when there is one, and it is not valid now or cannot be read or decrypted.
        """
        return self._signer(now, passphrase, Use.HEADS) if self._held(Use.HEADS) else None

    def _signer(self, now: datetime.datetime, passphrase: str | None, use: Use) -> Signer:
        certificate = self.current(now, use)
        return Signer(certificate, read_key(self.path(certificate), passphrase))

    def _held(self, use: Use) -> list[SigningCertificate]:
        return [one for one in self.trust.certificates if one.use is use and self.path(one).exists()]
