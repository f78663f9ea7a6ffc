"""Trust: who is believed, in which order things are judged, and broken trust folders."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from toolkit.errors import HomeError
from toolkit.seal import keys
from toolkit.seal.certificates import RootCertificate, SigningCertificate, create_authority, create_signer
from toolkit.seal.keys import Ed25519PrivateKey, Signer
from toolkit.seal.payload import Seal, decode, encode
from toolkit.seal.trust import CLOCK_TOLERANCE, Trust, judge
from toolkit.seal.trust_bundle import load_trust
from toolkit.verdict import Reason


@pytest.fixture
def trust(root: RootCertificate, signer: Signer) -> Trust:
    return Trust((root,), (signer.certificate,))


def reasons(seal: Seal, signer: Signer, trust: Trust, now: datetime.datetime | None = None) -> list[Reason]:
    signed = decode(encode(seal, signer))
    return [finding.reason for finding in judge(signed, trust, now or seal.issued_at)]


def test_a_genuine_seal_has_no_finding(seal: Seal, signer: Signer, trust: Trust) -> None:
    assert reasons(seal, signer, trust) == []
    assert trust.signer(decode(encode(seal, signer))) == signer.certificate


def test_who_trusts_nobody_believes_nothing(seal: Seal, signer: Signer, trust: Trust) -> None:
    assert reasons(seal, signer, Trust()) == [Reason.SIGNER_UNTRUSTED]
    assert reasons(seal, signer, replace(trust, roots=())) == [Reason.SIGNER_UNTRUSTED]


def test_a_forged_signature_comes_before_everything_that_the_seal_says(
    seal: Seal, signer: Signer, trust: Trust
) -> None:
    late = replace(seal, serial="QH-1", issued_at=seal.issued_at + datetime.timedelta(days=9999))
    signed = decode(encode(late, signer))
    forged = replace(signed, signature=bytes(64))
    assert [f.reason for f in judge(forged, trust, seal.issued_at)] == [Reason.SEAL_FORGED]
    assert [f.reason for f in judge(signed, trust, seal.issued_at)] == [
        Reason.SIGNER_UNTRUSTED,
        Reason.SEAL_OUT_OF_VALIDITY,
    ]


def test_the_key_identifier_is_a_hint_and_all_matches_are_tried(
    monkeypatch: pytest.MonkeyPatch,
    seal: Seal,
    signer: Signer,
    root: RootCertificate,
    root_key: Ed25519PrivateKey,
) -> None:
    collided = create_signer(root, root_key, keys.generate().public_key(), prefix="XJ", now=seal.issued_at)
    monkeypatch.setattr(SigningCertificate, "kid", b"collided")
    for certificates in ((collided, signer.certificate), (signer.certificate, collided)):
        trust = Trust((root,), certificates)
        assert reasons(seal, signer, trust) == []
        assert trust.signer(decode(encode(seal, signer))) == signer.certificate


def test_a_certificate_of_a_foreign_root_cannot_hide_the_office_s_own(
    monkeypatch: pytest.MonkeyPatch, seal: Seal, signer: Signer, root: RootCertificate
) -> None:
    foreign_key = keys.generate()
    foreign = create_authority("Somebody", foreign_key, now=seal.issued_at)
    copied = create_signer(foreign, foreign_key, signer.certificate.public_key, prefix="XJ", now=seal.issued_at)
    monkeypatch.setattr(SigningCertificate, "kid", b"collided")
    assert reasons(seal, signer, Trust((root,), (copied, signer.certificate))) == []


def test_a_schema_that_the_certificate_does_not_permit(seal: Seal, signer: Signer, root: RootCertificate) -> None:
    certificate = replace(signer.certificate, schemas=(2,))
    assert reasons(seal, signer, Trust((root,), (certificate,))) == [Reason.SIGNER_UNTRUSTED]


def test_validity_includes_both_ends(seal: Seal, signer: Signer, trust: Trust) -> None:
    certificate = signer.certificate.certificate
    second = datetime.timedelta(seconds=1)
    for time, expected in (
        (certificate.not_valid_before_utc - second, [Reason.SEAL_OUT_OF_VALIDITY]),
        (certificate.not_valid_before_utc, []),
        (certificate.not_valid_after_utc, []),
        (certificate.not_valid_after_utc + second, [Reason.SEAL_OUT_OF_VALIDITY]),
    ):
        assert reasons(replace(seal, issued_at=time), signer, trust, time + second) == expected


def test_a_seal_from_the_future_beyond_the_tolerance_of_clocks(seal: Seal, signer: Signer, trust: Trust) -> None:
    assert reasons(seal, signer, trust, seal.issued_at - CLOCK_TOLERANCE) == []
    early = seal.issued_at - CLOCK_TOLERANCE - datetime.timedelta(seconds=1)
    assert reasons(seal, signer, trust, early) == [Reason.SEAL_OUT_OF_VALIDITY]


def test_a_trust_folder_is_read(tmp_path: Path, trust: Trust, seal: Seal, signer: Signer) -> None:
    assert load_trust(tmp_path) == Trust()
    write(tmp_path / "roots" / "a.pem", trust.roots[0].certificate.public_bytes(Encoding.PEM))
    write(tmp_path / "certificates" / "b.pem", signer.certificate.certificate.public_bytes(Encoding.PEM))
    assert load_trust(tmp_path) == trust


@pytest.mark.parametrize("folder", ["roots", "certificates"])
def test_a_broken_trust_folder_is_named(tmp_path: Path, folder: str, root: RootCertificate, signer: Signer) -> None:
    other = signer.certificate.certificate if folder == "roots" else root.certificate
    for data in (b"", b"hello", other.public_bytes(Encoding.PEM), b"\xff" * 100_000):
        write(tmp_path / folder / "broken.pem", data)
        with pytest.raises(HomeError, match=r"broken\.pem"):
            load_trust(tmp_path)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
