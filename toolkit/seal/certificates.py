"""Who may sign what: the office's root, and the signing certificates under it.

Both are X.509 version 3 (RFC 5280) and Ed25519 (RFC 8410). The root stays offline and signs nothing but certificates
and revocation lists. A signing certificate names the office and carries one private, critical extension that
binds what the key may sign: seals, or tree heads, never both, since a head vouches for when a seal was made.

    id-truecopy-binding  OBJECT IDENTIFIER ::= { 2 25 170056024957002493432209580792363907938 }
        -- the UUID 7fef995c-92ea-48c6-bf07-602785787b62 under the arc for UUIDs (ITU-T X.667, 7)

    Binding ::= SEQUENCE {
        prefix   PrintableString,              -- every serial that the key may seal starts with it
        schemas  SEQUENCE OF INTEGER,          -- the seal schemas that the key may sign; none for heads
        demo     BOOLEAN DEFAULT FALSE,        -- made by a demonstration: proves nothing
        heads    [0] BOOLEAN DEFAULT FALSE }   -- the key signs heads of the ledger

A certificate is a pure function of keys, names and time: its serial number is the start of the digest of what it says,
so that the same ceremony gives the same bytes.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Annotated, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from toolkit.messages import Message
from toolkit.seal.payload import SCHEMA, SERIAL_CHARACTERS
from toolkit.seal.signature import Algorithm, PublicKey, algorithm_of

Kind = TypeVar("Kind", bound=x509.ExtensionType)

BINDING = x509.ObjectIdentifier("2.25.170056024957002493432209580792363907938")

_UNDERSTOOD = {BINDING, x509.BasicConstraints.oid, x509.KeyUsage.oid}

ROOT_YEARS, SIGNER_YEARS = 20, 3
"""Validity by our own choice: a root outlives the store's retention, a signing key serves about three notices."""

LONGEST_OFFICE = 64
"""Characters (ub-organization-name, RFC 5280, A.1)."""

LONGEST_PREFIX = 8
"""Characters; a serial has 20, and the pattern's own letters, year and counter need the other 12."""


class Unacceptable(ValueError):
    """A certificate or revocation list is not what this package describes; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        """Keep the message untranslated."""
        super().__init__(message)
        self.message = message


class Use(Enum):
    """What a key is for."""

    SEALS = "seals"
    HEADS = "heads"


_DEMO_ROOT = "root (demo)"


@asn1.sequence
class _Binding:
    prefix: asn1.PrintableString
    schemas: list[int]
    demo: Annotated[bool, asn1.Default(False)]
    heads: Annotated[bool, asn1.Default(False), asn1.Implicit(0)]


@dataclass(frozen=True, slots=True)
class RootCertificate:
    """A root that a home trusts, because someone put it there."""

    certificate: x509.Certificate

    @classmethod
    def read(cls, certificate: x509.Certificate) -> RootCertificate:
        """Accept a certificate as a root.

        Raises:
            Unacceptable: when it is not one: not self-signed, not a CA, or its key is not Ed25519.
        """
        _refuse_unknown(certificate)
        authority = (
            _extension(certificate, x509.BasicConstraints).ca and _extension(certificate, x509.KeyUsage).key_cert_sign
        )
        if not authority or not isinstance(certificate.public_key(), Ed25519PublicKey):
            raise Unacceptable(Message("it is not a root certificate with an Ed25519 key"))
        root = cls(certificate)
        if not root.issued(certificate):
            raise Unacceptable(Message("it is not signed by itself"))
        return root

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER in hexadecimal, what two people read to each other before the root is trusted."""
        return hashlib.sha256(der(self.certificate)).hexdigest()

    @property
    def office(self) -> str:
        """The name of the office."""
        return _office(self.certificate)

    @property
    def demo(self) -> bool:
        """Whether its name says that a demonstration made it."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return any(name.value == _DEMO_ROOT for name in names)

    def issued(self, certificate: x509.Certificate) -> bool:
        """Return whether this root signed the certificate, while it was valid itself (RFC 5280, 6.1.3)."""
        started = certificate.not_valid_before_utc
        if not self.certificate.not_valid_before_utc <= started <= self.certificate.not_valid_after_utc:
            return False
        return _directly_issued(certificate, self.certificate)


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate that a key identifier may name; that a root issued it is judged by ``trust``."""

    certificate: x509.Certificate
    public_key: PublicKey
    algorithm: Algorithm
    prefix: str
    schemas: tuple[int, ...]
    demo: bool
    use: Use = Use.SEALS

    @classmethod
    def read(cls, certificate: x509.Certificate) -> SigningCertificate:
        """Accept a certificate as one for signing seals or heads.

        Raises:
            Unacceptable: when its key or its binding are not what this module describes.
        """
        _refuse_unknown(certificate)
        key = certificate.public_key()
        try:
            algorithm = algorithm_of(key)
        except ValueError as error:
            raise Unacceptable(Message("its key is neither an Ed25519 nor a P-256 key")) from error
        if _extension(certificate, x509.BasicConstraints).ca:
            raise Unacceptable(Message("it is a root certificate"))
        if not _extension(certificate, x509.KeyUsage).digital_signature:
            raise Unacceptable(Message("its key is not meant for signatures"))
        found = [extension.value for extension in certificate.extensions if extension.oid == BINDING]
        if not found or not isinstance(found[0], x509.UnrecognizedExtension):
            raise Unacceptable(Message("it binds no serial prefix"))
        try:
            binding = asn1.decode_der(_Binding, found[0].value)
        except ValueError as error:
            raise Unacceptable(Message("what it binds is damaged")) from error
        prefix = binding.prefix.as_str()
        _refuse_prefix(prefix)
        if binding.heads == bool(binding.schemas):
            raise Unacceptable(Message("it must permit either seals or heads"))
        use = Use.HEADS if binding.heads else Use.SEALS
        return cls(certificate, key, algorithm, prefix, tuple(binding.schemas), binding.demo, use)  # type: ignore[arg-type]

    @property
    def kid(self) -> bytes:
        """The key identifier in messages: the first 8 bytes of the SHA-256 of the DER."""
        return hashlib.sha256(der(self.certificate)).digest()[:8]

    @property
    def office(self) -> str:
        """The name of the office that issues."""
        return _office(self.certificate)

    def valid_at(self, time: datetime.datetime) -> bool:
        """Return whether the time lies within the certificate's validity, both ends included (RFC 5280, 4.1.2.5)."""
        return self.certificate.not_valid_before_utc <= time <= self.certificate.not_valid_after_utc


def create_authority(
    office: str, key: Ed25519PrivateKey, *, now: datetime.datetime, demo: bool = False
) -> RootCertificate:
    """Return the root certificate of an office, signed with its own key.

    Args:
        office: the office's name.
        key: a new Ed25519 key, kept offline afterwards.
        now: where validity starts.
        demo: says so in the name, so that nobody pins the root of a demonstration by mistake.

    Raises:
        Unacceptable: when the name is empty or has more than 64 characters.
    """
    if not 1 <= len(office) <= LONGEST_OFFICE:
        raise Unacceptable(Message("an office's name has 1 to {longest} characters", longest=LONGEST_OFFICE))
    name = _name(office, _DEMO_ROOT if demo else "root")
    builder = _builder(name, name, key.public_key(), now, ROOT_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(root=True), critical=True)
    return RootCertificate(builder.sign(key, None))


def create_signer(
    root: RootCertificate,
    root_key: Ed25519PrivateKey,
    key: PublicKey,
    *,
    prefix: str,
    now: datetime.datetime,
    use: Use = Use.SEALS,
    demo: bool = False,
) -> SigningCertificate:
    """Return a signing certificate for a public key, issued by the root in the name of its office.

    Raises:
        Unacceptable: when the prefix is not 1 to 8 characters A-Z, 0-9, or the key is of a kind that may not seal.
    """
    _refuse_prefix(prefix)
    heads = use is Use.HEADS
    schemas = [] if heads else [SCHEMA]
    binding = asn1.encode_der(_Binding(prefix=asn1.PrintableString(prefix), schemas=schemas, demo=demo, heads=heads))
    role = f"{'head' if heads else 'seal'} {prefix}"
    name = _name(root.office, f"{role} (demo)" if demo else role)
    builder = _builder(root.certificate.subject, name, key, now, SIGNER_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(root=False), critical=True)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    builder = builder.add_extension(issuer, critical=False)  # RFC 5280, 4.2.1.1: in every certificate but a root
    # Critical: whoever does not understand what the key is bound to must not accept it (RFC 5280, 4.2).
    builder = builder.add_extension(x509.UnrecognizedExtension(BINDING, binding), critical=True)
    return SigningCertificate.read(builder.sign(root_key, None))


def der(certificate: x509.Certificate) -> bytes:
    """Return the certificate's bytes, those that digests are taken of."""
    return certificate.public_bytes(Encoding.DER)


@lru_cache(maxsize=8192)  # asked again for every page of a pile
def _directly_issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _name(office: str, role: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, office), x509.NameAttribute(NameOID.COMMON_NAME, role)]
    )


def _office(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value) if names else ""


def _usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root,
        key_cert_sign=root,
        crl_sign=root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    issuer: x509.Name, subject: x509.Name, key: PublicKey, now: datetime.datetime, years: int
) -> x509.CertificateBuilder:
    start = now.astimezone(datetime.UTC).replace(microsecond=0)
    # 365.25 days to the year: 29 February has no anniversary to end on.
    end = start + datetime.timedelta(days=years * 1461 // 4)
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    said = b"\0".join([subject.public_bytes(), start.isoformat().encode(), info])
    # Positive and at most 20 octets (RFC 5280, 4.1.2.2): 19 octets with the top bit cleared and the next one set.
    number = int.from_bytes(hashlib.sha256(said).digest()[:19], "big") >> 2 | 1 << 150
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(number)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound as error:
        raise Unacceptable(Message("its extension {name} is missing", name=kind.__name__)) from error


def _refuse_unknown(certificate: x509.Certificate) -> None:
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:  # RFC 5280, 4.2: must reject
            raise Unacceptable(
                Message("it has a critical extension that is not understood ({oid})", oid=extension.oid.dotted_string)
            )


def _refuse_prefix(prefix: str) -> None:
    if not 1 <= len(prefix) <= LONGEST_PREFIX or not (SERIAL_CHARACTERS - {"-"}).issuperset(prefix):
        raise Unacceptable(Message("a serial prefix has 1 to {longest} characters A-Z, 0-9", longest=LONGEST_PREFIX))
