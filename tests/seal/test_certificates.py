"""Certificates: what they bind, and what is no certificate of ours."""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey

from toolkit.seal import keys
from toolkit.seal.certificates import (
    BINDING,
    RootCertificate,
    SigningCertificate,
    Use,
    create_authority,
    create_signer,
    der,
)
from toolkit.seal.keys import Ed25519PrivateKey, Signer


def test_a_root_is_a_self_signed_authority(root: RootCertificate) -> None:
    certificate = root.certificate
    certificate.verify_directly_issued_by(certificate)
    assert root.office == "自治区科学技术厅"
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).critical
    assert certificate.extensions.get_extension_for_class(x509.KeyUsage).value.crl_sign
    assert len(root.fingerprint) == 64


def test_a_signing_certificate_binds_office_prefix_schemas_and_demo(
    root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer
) -> None:
    made = signer.certificate
    assert (made.office, made.prefix, made.schemas, made.demo) == ("自治区科学技术厅", "XJ", (1,), False)
    assert root.issued(made.certificate)
    extension = made.certificate.extensions.get_extension_for_oid(BINDING)
    # SEQUENCE { PrintableString "XJ", SEQUENCE { INTEGER 1 } }, demo FALSE left out as DER wants it (X.690, 11.5)
    assert extension.critical
    assert extension.value.public_bytes().hex() == "30091302584a3003020101"
    shown = create_signer(
        root, root_key, made.public_key, prefix="XJ", now=made.certificate.not_valid_before_utc, demo=True
    )
    assert shown.demo and "demo" in shown.certificate.subject.rfc4514_string()


def test_the_same_ceremony_gives_the_same_bytes(
    root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer
) -> None:
    start = signer.certificate.certificate.not_valid_before_utc
    again = create_signer(root, root_key, signer.certificate.public_key, prefix="XJ", now=start)
    assert der(again.certificate) == der(signer.certificate.certificate)
    later = create_signer(
        root, root_key, signer.certificate.public_key, prefix="XJ", now=start + datetime.timedelta(days=1)
    )
    assert later.certificate.serial_number != again.certificate.serial_number
    assert 0 < again.certificate.serial_number < 2**159


def test_a_certificate_for_heads_binds_no_schema(root: RootCertificate, root_key: Ed25519PrivateKey) -> None:
    now = root.certificate.not_valid_before_utc
    made = create_signer(root, root_key, keys.generate().public_key(), prefix="XJ", now=now, use=Use.HEADS)
    assert (made.use, made.schemas, made.prefix) == (Use.HEADS, (), "XJ")
    extension = made.certificate.extensions.get_extension_for_oid(BINDING)
    # SEQUENCE { PrintableString "XJ", SEQUENCE {}, [0] TRUE }
    assert extension.critical
    assert extension.value.public_bytes().hex() == "30091302584a30008001ff"
    for both_or_neither in ("300c1302584a30030201018001ff", "30061302584a3000"):
        binding = x509.UnrecognizedExtension(BINDING, bytes.fromhex(both_or_neither))
        others = [e for e in made.certificate.extensions if e.critical and e.oid != BINDING]
        whole = _any(root, root_key, made.public_key, *others, x509.Extension(BINDING, True, binding))
        with pytest.raises(ValueError, match="either seals or heads"):
            SigningCertificate.read(whole)


@pytest.mark.parametrize("prefix", ["", "xj", "XJ-", "ABCDEFGHI", "新疆"])
def test_a_prefix_is_short_and_in_capitals(root: RootCertificate, root_key: Ed25519PrivateKey, prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        create_signer(
            root, root_key, keys.generate().public_key(), prefix=prefix, now=root.certificate.not_valid_before_utc
        )


def test_an_office_needs_a_name_of_at_most_64_characters() -> None:
    now = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    for name in ("", "厅" * 65):
        with pytest.raises(ValueError):
            create_authority(name, keys.generate(), now=now)


def test_roots_and_signing_certificates_are_not_taken_for_each_other(root: RootCertificate, signer: Signer) -> None:
    with pytest.raises(ValueError, match="root"):
        SigningCertificate.read(root.certificate)
    with pytest.raises(ValueError, match="not a root"):
        RootCertificate.read(signer.certificate.certificate)


def _any(
    root: RootCertificate, key: Ed25519PrivateKey, subject_key: object, *extensions: x509.Extension[x509.ExtensionType]
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .issuer_name(root.certificate.subject)
        .subject_name(root.certificate.subject)
        .public_key(subject_key)  # type: ignore[arg-type]
        .serial_number(7)
        .not_valid_before(root.certificate.not_valid_before_utc)
        .not_valid_after(root.certificate.not_valid_after_utc)
    )
    for extension in extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(key, None)


def test_a_certificate_without_its_parts_is_refused(
    root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer
) -> None:
    whole = [e for e in signer.certificate.certificate.extensions if e.critical]
    key = signer.certificate.public_key
    assert SigningCertificate.read(_any(root, root_key, key, *whole)).prefix == "XJ"
    for index in range(len(whole)):
        with pytest.raises(ValueError):
            SigningCertificate.read(_any(root, root_key, key, *whole[:index], *whole[index + 1 :]))
    with pytest.raises(ValueError, match="neither"):
        SigningCertificate.read(_any(root, root_key, Ed448PrivateKey.generate().public_key(), *whole))
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")
    with pytest.raises(ValueError, match="critical"):
        SigningCertificate.read(_any(root, root_key, key, *whole, x509.Extension(unknown.oid, True, unknown)))
    for damaged in (b"", b"\x30\x00", b"\x30\x09\x13\x02xj\x30\x03\x02\x01\x01"):
        binding = x509.UnrecognizedExtension(BINDING, damaged)
        with pytest.raises(ValueError):
            SigningCertificate.read(_any(root, root_key, key, *whole[:2], x509.Extension(BINDING, True, binding)))


def test_a_root_issues_nothing_outside_its_own_validity(root: RootCertificate, root_key: Ed25519PrivateKey) -> None:
    start = root.certificate.not_valid_before_utc - datetime.timedelta(seconds=1)
    early = create_signer(root, root_key, keys.generate().public_key(), prefix="XJ", now=start)
    assert not root.issued(early.certificate)


def test_a_namesake_root_has_issued_nothing(root: RootCertificate, signer: Signer) -> None:
    namesake = create_authority(root.office, keys.generate(), now=root.certificate.not_valid_before_utc)
    assert not namesake.issued(signer.certificate.certificate)
