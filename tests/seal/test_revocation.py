"""Revocation: what a list says of seals that were made before and after, and which lists are none."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from cryptography import x509

from toolkit.seal import keys
from toolkit.seal.certificates import RootCertificate, SigningCertificate, Unacceptable, create_authority, create_signer
from toolkit.seal.keys import Ed25519PrivateKey, Signer
from toolkit.seal.payload import Seal, decode, encode
from toolkit.seal.revocation import LIST_DAYS, Revocation, RevocationList, create_revocation_list
from toolkit.seal.trust import State, Trust, judge
from toolkit.verdict import Reason

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def listed(root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer, seal: Seal):
    """Return what makes the trust of a reader whose list revokes the signer at a time."""

    def make(at: datetime.datetime, compromised: bool) -> Trust:
        entry = Revocation(signer.certificate.certificate.serial_number, at, compromised)
        made = create_revocation_list(root, root_key, [entry], number=2, now=seal.issued_at)
        return Trust((root,), (signer.certificate,), (made,))

    return make


def reasons(seal: Seal, signer: Signer, trust: Trust, now: datetime.datetime, **more: object) -> list[Reason]:
    return [finding.reason for finding in judge(decode(encode(seal, signer)), trust, now, **more)]  # type: ignore[arg-type]


def test_a_retired_key_is_judged_by_the_time_of_the_seal(listed, seal: Seal, signer: Signer) -> None:
    retired = seal.issued_at + HOUR
    trust = listed(retired, compromised=False)
    second = datetime.timedelta(seconds=1)
    for time, expected in (
        (retired - second, []),
        (retired, [Reason.SEAL_OUT_OF_VALIDITY]),
        (retired + HOUR, [Reason.SEAL_OUT_OF_VALIDITY]),
    ):
        assert reasons(replace(seal, issued_at=time), signer, trust, retired + 2 * HOUR) == expected
    assert trust.state(signer.certificate, retired - second) is State.VALID
    assert trust.state(signer.certificate, retired) is State.RETIRED


def test_after_a_compromise_the_time_of_a_seal_is_worth_nothing(listed, seal: Seal, signer: Signer) -> None:
    since = seal.issued_at + HOUR
    trust = listed(since, compromised=True)
    asked: list[datetime.datetime] = []

    def ledger(answer: bool):
        def anchored(before: datetime.datetime) -> bool:
            asked.append(before)
            return answer

        return anchored

    assert reasons(seal, signer, trust, since) == [Reason.KEY_COMPROMISED]
    assert reasons(seal, signer, trust, since, anchored=ledger(False)) == [Reason.KEY_COMPROMISED]
    assert reasons(seal, signer, trust, since, anchored=ledger(True)) == []
    assert asked == [since, since]
    assert trust.state(signer.certificate, seal.issued_at) is State.REVOKED
    intact = replace(trust, lists=())
    assert reasons(seal, signer, intact, since, anchored=ledger(False)) == [] and len(asked) == 2


def test_a_list_past_its_end_makes_trust_stale(listed, seal: Seal, signer: Signer) -> None:
    trust = listed(seal.issued_at + 9999 * HOUR * 24, compromised=False)
    end = seal.issued_at + datetime.timedelta(days=LIST_DAYS)
    assert reasons(seal, signer, trust, end) == []
    assert reasons(seal, signer, trust, end + datetime.timedelta(seconds=1)) == [Reason.TRUST_STALE]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (x509.ReasonFlags.superseded, []),
        (x509.ReasonFlags.affiliation_changed, []),
        (x509.ReasonFlags.privilege_withdrawn, []),
        (x509.ReasonFlags.key_compromise, [Reason.KEY_COMPROMISED]),
        (x509.ReasonFlags.ca_compromise, [Reason.KEY_COMPROMISED]),
        (x509.ReasonFlags.certificate_hold, [Reason.KEY_COMPROMISED]),
        (None, [Reason.KEY_COMPROMISED]),
    ],
)
def test_a_list_of_another_program_is_read_and_an_unknown_reason_taken_for_the_worst(
    root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer, seal: Seal, reason, expected
) -> None:
    entry = x509.RevokedCertificateBuilder().serial_number(signer.certificate.certificate.serial_number)
    entry = entry.revocation_date(seal.issued_at + HOUR)
    if reason is not None:
        entry = entry.add_extension(x509.CRLReason(reason), critical=False)
    made = RevocationList.read(crl(root, root_key, seal.issued_at, entries=[entry.build()]), root)
    trust = Trust((root,), (signer.certificate,), (made,))
    assert reasons(seal, signer, trust, seal.issued_at + 2 * HOUR) == expected


def crl(
    root: RootCertificate,
    key: Ed25519PrivateKey,
    now: datetime.datetime,
    *,
    entries: list[x509.RevokedCertificate] | None = None,
    extensions: list[tuple[x509.ExtensionType, bool]] | None = None,
) -> x509.CertificateRevocationList:
    """Return a list as some other program might make it."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject).last_update(now)
    builder = builder.next_update(now + 24 * HOUR)
    for extension, critical in [(x509.CRLNumber(1), False)] if extensions is None else extensions:
        builder = builder.add_extension(extension, critical)
    for entry in entries or ():
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, None)


def test_what_is_no_list_of_the_root_is_refused(
    root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer, seal: Seal
) -> None:
    now = seal.issued_at
    namesake_key = keys.generate()
    namesake = create_authority(root.office, namesake_key, now=now)
    entry = x509.RevokedCertificateBuilder().serial_number(7).revocation_date(now)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")
    delta = x509.DeltaCRLIndicator(1)
    for made, fault in (
        (crl(namesake, namesake_key, now), "did not sign"),
        (crl(root, namesake_key, now), "did not sign"),
        (crl(root, root_key, now, extensions=[]), "no number"),
        (crl(root, root_key, now, extensions=[(x509.CRLNumber(1), False), (delta, True)]), "critical"),
        (crl(root, root_key, now, entries=[entry.add_extension(unknown, critical=True).build()]), "critical"),
        (crl(root, root_key, now, entries=[entry.build(), entry.build()]), "twice"),
    ):
        with pytest.raises(Unacceptable, match=fault):
            RevocationList.read(made, root)


def test_a_serial_belongs_to_the_longest_prefix_that_anybody_here_has(
    root: RootCertificate, signer: Signer, seal: Seal
) -> None:
    def office(name: str, prefix: str) -> tuple[RootCertificate, Signer]:
        authority, key, own = keys.generate(), keys.generate(), seal.issued_at
        made = create_authority(name, authority, now=own)
        return made, Signer(create_signer(made, authority, key.public_key(), prefix=prefix, now=own), key)

    short_root, short = office("X", "X")
    both = Trust((root, short_root), (signer.certificate, short.certificate))
    assert reasons(seal, signer, both, seal.issued_at) == []
    assert reasons(seal, short, both, seal.issued_at) == [Reason.SIGNER_UNTRUSTED]
    other = replace(seal, serial="XK25-1")
    assert reasons(other, short, both, seal.issued_at) == []
    assert reasons(other, signer, both, seal.issued_at) == [Reason.SIGNER_UNTRUSTED]
    assert both.owner("XJSCO25-00001") == ("XJ", root) and both.owner("QH-1") is None
    twin_root, twin = office("another with the same prefix", "XJ")
    shared = Trust((root, twin_root), (signer.certificate, twin.certificate))
    for one in (signer, twin):
        assert reasons(seal, one, shared, seal.issued_at) == [Reason.SIGNER_UNTRUSTED]
    unanchored: tuple[SigningCertificate, ...] = (signer.certificate, twin.certificate)
    assert reasons(seal, signer, Trust((root,), unanchored), seal.issued_at) == []
