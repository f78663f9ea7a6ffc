"""Keys that never leave a token: a card, a stick or an HSM that speaks PKCS#11 (OASIS PKCS#11 3.0).

Such a key is named by a URI (RFC 7512), which stands where a key file would have the key:

    pkcs11:token=office;id=%A1%B2...?module-path=/usr/lib/softhsm/libsofthsm2.so

The passphrase is the token's PIN. Signatures are made in the token; everything else is as with a key file, since the
classes below are private keys to ``cryptography``. Needs the extra ``hsm`` (python-pkcs11).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from toolkit.errors import KeyUnusable
from toolkit.messages import Message
from toolkit.seal.signature import Algorithm, PrivateKey

SCHEME = b"pkcs11:"

_ED25519 = bytes.fromhex("06032b6570")  # OBJECT IDENTIFIER 1.3.101.112 (RFC 8410, 3)
_P256 = bytes.fromhex("06082a8648ce3d030107")  # OBJECT IDENTIFIER 1.2.840.10045.3.1.7 (RFC 5480, 2.1.1.1)


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Where a key lies: the PKCS#11 module, the token's label, and the key's identifier in it."""

    module: str
    token: str
    id: bytes = b""

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Return what a URI names.

        Raises:
            KeyUnusable: when it is none, or names no token or no module.
        """
        path, _, query = text.strip().removeprefix("pkcs11:").partition("?")
        parts = dict(part.partition("=")[::2] for part in path.split(";"))
        module = dict(parse_qsl(query.replace("+", "%2B"))).get("module-path", "")
        token = unquote_to_bytes(parts.get("token", "")).decode("utf-8", "replace")
        if not text.startswith("pkcs11:") or not module or not token or parts.keys() - {"token", "id"}:
            raise KeyUnusable(
                Message(
                    "“{uri}” does not name a token as pkcs11:token=LABEL?module-path=/path/to/module.so", uri=text[:200]
                )
            )
        return cls(module, token, unquote_to_bytes(parts.get("id", "")))

    def __str__(self) -> str:
        """Return the URI."""
        key = ";id=" + "".join(f"%{byte:02X}" for byte in self.id) if self.id else ""
        return f"pkcs11:token={quote(self.token, safe='')}{key}?module-path={quote(self.module)}"


def create_in_token(uri: TokenUri, pin: str, algorithm: Algorithm) -> tuple[TokenUri, PrivateKey]:
    """Make a new key in a token, which does not let it out, and return its own URI with it.

    Raises:
        KeyUnusable: when the token is not there, refuses the PIN, or does not know the algorithm.
    """
    import pkcs11  # with the session below: a caller without the extra is told so there

    kind, curve = (
        (pkcs11.KeyType.EC_EDWARDS, _ED25519) if algorithm is Algorithm.ED25519 else (pkcs11.KeyType.EC, _P256)
    )
    own = TokenUri(uri.module, uri.token, secrets.token_bytes(16))
    session = _session(uri.module, uri.token, pin)
    try:
        parameters = session.create_domain_parameters(kind, {pkcs11.Attribute.EC_PARAMS: curve}, local=True)
        template = {
            pkcs11.Attribute.SENSITIVE: True,
            pkcs11.Attribute.EXTRACTABLE: False,
            pkcs11.Attribute.SIGN: True,
            pkcs11.Attribute.DERIVE: False,
        }
        parameters.generate_keypair(store=True, label="truecopy", id=own.id, private_template=template)
    except pkcs11.PKCS11Error as error:
        raise _refused(uri, error) from error
    return own, open_in_token(own, pin)


def open_in_token(uri: TokenUri, pin: str) -> PrivateKey:
    """Return a key that lies in a token, ready to sign there.

    Raises:
        KeyUnusable: when the extra ``hsm`` is not installed, or token or key cannot be used.
    """
    session = _session(uri.module, uri.token, pin)
    import pkcs11

    try:
        private = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, id=uri.id)
        public = session.get_key(pkcs11.ObjectClass.PUBLIC_KEY, id=uri.id)
        point = public[pkcs11.Attribute.EC_POINT]
        if private.key_type is pkcs11.KeyType.EC_EDWARDS:
            return _Ed25519(private, ed25519.Ed25519PublicKey.from_public_bytes(point[-32:]))
        return _P256Key(private, ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point[-65:]))
    except (pkcs11.PKCS11Error, ValueError) as error:
        raise _refused(uri, error) from error


@lru_cache(maxsize=8)  # a token takes one login; a process signs hundreds of pages in one session
def _session(module: str, token: str, pin: str) -> Any:
    uri = TokenUri(module, token)
    try:
        import pkcs11
    except ImportError as error:
        raise KeyUnusable(Message("keys in tokens need python-pkcs11: install truecopy[hsm]")) from error
    try:
        return pkcs11.lib(module).get_token(token_label=token).open(rw=True, user_pin=pin)
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise _refused(uri, error) from error


def _refused(uri: TokenUri, error: Exception) -> KeyUnusable:
    why = str(error) or type(error).__name__
    return KeyUnusable(
        Message(
            "the token {token} cannot be used ({why}): see whether it is plugged in and the PIN is right",
            token=uri.token,
            why=why,
        )
    )


def _never(*ignored: object) -> NoReturn:
    raise KeyUnusable(Message("a key in a token does not leave it"))


class _Ed25519(ed25519.Ed25519PrivateKey):
    """An Ed25519 key in a token."""

    def __init__(self, key: Any, public: ed25519.Ed25519PublicKey) -> None:
        self._key, self._public = key, public

    def public_key(self) -> ed25519.Ed25519PublicKey:
        return self._public

    def sign(self, data: bytes) -> bytes:  # type: ignore[override]
        from pkcs11 import Mechanism

        return bytes(self._key.sign(bytes(data), mechanism=Mechanism.EDDSA))

    private_bytes = private_bytes_raw = __copy__ = __deepcopy__ = _never  # type: ignore[assignment]


class _P256Key(ec.EllipticCurvePrivateKey):
    """A P-256 key in a token, which is given the digest."""

    def __init__(self, key: Any, public: ec.EllipticCurvePublicKey) -> None:
        self._key, self._public = key, public

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def sign(self, data: bytes, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # type: ignore[override]
        from pkcs11 import Mechanism

        assert isinstance(signature_algorithm.algorithm, hashes.SHA256)  # `signature` and certificates use no other
        raw = bytes(self._key.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA))
        return utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    exchange = private_numbers = private_bytes = __copy__ = __deepcopy__ = _never  # type: ignore[assignment]
