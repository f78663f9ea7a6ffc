"""Which certificates a root took back: a signed revocation list (CRL version 2, RFC 5280, 5), one for each root.

A list says for each certificate it names from when on it is worth nothing, and why. Where the key was in good hands
until then (retired, superseded, the office left), what it signed before stays good. Where it may have been in other
hands (``keyCompromise``, or no reason given), the time that a signer claims is worth nothing either; the invalidity
date says since when. Lists are numbered, ever upwards, and end at a time by which the next one must be there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from toolkit.messages import Message
from toolkit.seal.certificates import RootCertificate, SigningCertificate, Unacceptable

LIST_DAYS = 400
"""How long a list is good for, by our own choice: the root is fetched once a year, and that may be a month late."""

_IN_GOOD_HANDS = {
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
    x509.ReasonFlags.privilege_withdrawn,
}
"""Reasons (RFC 5280, 5.3.1) for which what was signed before stays good."""

_UNDERSTOOD = {
    ExtensionOID.CRL_NUMBER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    CRLEntryExtensionOID.CRL_REASON,
    CRLEntryExtensionOID.INVALIDITY_DATE,
}


@dataclass(frozen=True, slots=True)
class Revocation:
    """That a certificate is worth nothing from a time on.

    Attributes:
        certificate: the certificate's serial number.
        at: from when on; for a compromised key, since when it may have been in other hands.
        compromised: whether the key may have been in other hands.
    """

    certificate: int
    at: datetime.datetime
    compromised: bool


@dataclass(frozen=True, slots=True)
class RevocationList:
    """The list of one root, whose signature on it was checked.

    Attributes:
        crl: the list as it was signed.
        root: who signed it.
        number: the root counts its lists with it.
        updated: when it was made, UTC.
        ends: when the next one must be there, UTC.
        revocations: by the certificate's serial number.
    """

    crl: x509.CertificateRevocationList
    root: RootCertificate
    number: int
    updated: datetime.datetime
    ends: datetime.datetime
    revocations: Mapping[int, Revocation]

    @classmethod
    def read(cls, crl: x509.CertificateRevocationList, root: RootCertificate) -> RevocationList:
        """Accept a list as the root's.

        Raises:
            Unacceptable: when the root did not sign it, when it has no number or no end, or says what is not
                understood.
        """
        if not signed_by(crl, root):
            raise Unacceptable(Message("the root did not sign the revocation list"))
        _refuse_unknown(crl.extensions)
        try:
            number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        except x509.ExtensionNotFound as error:
            raise Unacceptable(Message("the revocation list has no number")) from error
        ends = crl.next_update_utc
        if ends is None:
            raise Unacceptable(Message("the revocation list has no end"))
        entries = [_read_entry(entry) for entry in crl]
        revocations = {entry.certificate: entry for entry in entries}
        if len(revocations) != len(entries):
            raise Unacceptable(Message("the revocation list names a certificate twice"))
        return cls(crl, root, number, crl.last_update_utc, ends, revocations)

    def of(self, certificate: SigningCertificate) -> Revocation | None:
        """Return what the list says of a certificate of its root; None when it says nothing."""
        return self.revocations.get(certificate.certificate.serial_number)

    def takes_back(self, newer: RevocationList) -> Iterator[Revocation]:
        """Yield what this list says and a newer one would no longer say, or no longer as strictly."""
        for number, old in self.revocations.items():
            new = newer.revocations.get(number)
            is_weaker = new is not None and old.compromised and not new.compromised
            is_later = new is not None and old.compromised == new.compromised and new.at > old.at
            if new is None or is_weaker or is_later:
                yield old

    def is_stale(self, now: datetime.datetime) -> bool:
        """Return whether the next list should have been there by now."""
        return now > self.ends

    def to_dict(self, now: datetime.datetime) -> dict[str, object]:
        """Return what people and programs are told of the list: its number, its age in days, whether it is stale."""
        return {
            "number": self.number,
            "updated": self.updated.isoformat(),
            "ends": self.ends.isoformat(),
            "age_days": max(0, (now - self.updated).days),
            "stale": self.is_stale(now),
        }


def create_revocation_list(
    root: RootCertificate,
    root_key: Ed25519PrivateKey,
    revocations: Iterable[Revocation] = (),
    *,
    number: int,
    now: datetime.datetime,
) -> RevocationList:
    """Return the root's list of revocations, which starts at ``now`` and ends 400 days later."""
    start = now.astimezone(datetime.UTC).replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(start)
        .next_update(start + datetime.timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    for revocation in sorted(revocations, key=lambda one: one.certificate):
        builder = builder.add_revoked_certificate(_entry(revocation, start))
    return RevocationList.read(builder.sign(root_key, None), root)


def signed_by(crl: x509.CertificateRevocationList, root: RootCertificate) -> bool:
    """Return whether the root signed the list; a list of any other is none of its business."""
    try:
        return crl.issuer == root.certificate.subject and crl.is_signature_valid(
            root.certificate.public_key()  # type: ignore[arg-type]
        )
    except (ValueError, TypeError):  # a damaged name, or signed by another algorithm than the root's
        return False


def crl_pem(crl: x509.CertificateRevocationList) -> bytes:
    """Return the list as PEM (RFC 7468, 6)."""
    return crl.public_bytes(Encoding.PEM)


def _entry(revocation: Revocation, now: datetime.datetime) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(revocation.certificate)
    if not revocation.compromised:
        reason = x509.CRLReason(x509.ReasonFlags.cessation_of_operation)
        return builder.revocation_date(revocation.at).add_extension(reason, critical=False).build()
    since = revocation.at.astimezone(datetime.UTC).replace(tzinfo=None, microsecond=0)
    return (
        builder.revocation_date(now)
        .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        .add_extension(x509.InvalidityDate(since), critical=False)
        .build()
    )


def _read_entry(entry: x509.RevokedCertificate) -> Revocation:
    _refuse_unknown(entry.extensions)
    reason, since = None, None
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason
        elif isinstance(extension.value, x509.InvalidityDate):
            since = extension.value.invalidity_date_utc
    if reason in _IN_GOOD_HANDS:
        return Revocation(entry.serial_number, entry.revocation_date_utc, compromised=False)
    # Without an invalidity date nobody knows since when: nothing that the key signed can be told apart.
    return Revocation(entry.serial_number, since or _EVER, compromised=True)


_EVER = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def _refuse_unknown(extensions: x509.Extensions) -> None:
    for extension in extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:  # RFC 5280, 5.2: must not be used
            raise Unacceptable(
                Message(
                    "the revocation list has a critical extension that is not understood ({oid})",
                    oid=extension.oid.dotted_string,
                )
            )
