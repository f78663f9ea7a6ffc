"""Whom a home trusts, and what it makes of a seal's signature.

Trust is a folder: ``roots/*.pem`` are pinned, because someone put them there; ``certificates/*.pem`` are signing
certificates, which need a pinned root behind them. A clerk's machine has this folder and no private key.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from toolkit.errors import HomeError
from toolkit.messages import Message
from toolkit.seal.certificates import RootCertificate, SigningCertificate, Use
from toolkit.seal.cose import SignedMessage
from toolkit.seal.payload import SignedSeal
from toolkit.seal.signature import verifies
from toolkit.verdict import Finding, Reason

CLOCK_TOLERANCE = datetime.timedelta(minutes=5)
"""How far the issuer's clock may run ahead of the reader's (the usual allowance for tokens, RFC 7519, 4.1.4)."""

LARGEST_CERTIFICATE_FILE = 65_536
"""Bytes; a certificate has about 900 as PEM."""

Kind = TypeVar("Kind", RootCertificate, SigningCertificate)
Signed = SignedSeal | SignedMessage


@dataclass(frozen=True, slots=True)
class Trust:
    """The pinned roots, and the signing certificates at hand."""

    roots: tuple[RootCertificate, ...] = ()
    certificates: tuple[SigningCertificate, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> Trust:
        """Read the trust folder; parts that do not exist are empty.

        Raises:
            HomeError: when a file in it is no certificate of the kind that belongs there.
        """
        return cls(
            tuple(_read(folder / "roots", RootCertificate.read)),
            tuple(_read(folder / "certificates", SigningCertificate.read)),
        )

    def anchored(self, certificate: SigningCertificate) -> bool:
        """Return whether one of the pinned roots issued the certificate."""
        return any(root.issued(certificate.certificate) for root in self.roots)

    def signer(self, signed: Signed) -> SigningCertificate | None:
        """Return the certificate whose key made the signature, anchored or not; None when none at hand did.

        The key identifier is only a hint, 8 bytes that anyone can collide or copy: all that match are tried, each
        with the one algorithm that its key is bound to. One with a pinned root behind it comes before one without.
        """
        made = [
            certificate
            for certificate in self.certificates
            if certificate.kid == signed.kid
            and certificate.algorithm == signed.algorithm
            and verifies(certificate.public_key, signed.signature, signed.to_be_signed)
        ]
        return max(made, key=self.anchored, default=None)


def judge(signed: SignedSeal, trust: Trust, now: datetime.datetime) -> tuple[Finding, ...]:
    """Return what is wrong with the seal's signature and signer; nothing when it is genuine.

    The steps: (1) a certificate at hand has the seal's key identifier; (2) its key made the signature, by the
    algorithm it is bound to; (3) a pinned root issued it; (4) it may sign this schema and this serial; (5) the time
    that the seal claims lies within its validity and not after ``now``. Nothing the seal says is weighed before (3).

    Args:
        signed: a seal as ``payload.decode`` read it.
        trust: whom to trust.
        now: the reader's time, aware.
    """
    # (1) to (3)
    signer = _trusted_signer(signed, trust, Message("the seal"))
    if isinstance(signer, Finding):
        return (signer,)
    # (4) and (5)
    issued_at = signed.seal.issued_at
    return (*_outside_binding(signed, signer), *_outside_validity(issued_at, signer, now, Message("the seal")))


def judge_message(
    message: SignedMessage, made_at: datetime.datetime, use: Use, trust: Trust, now: datetime.datetime, what: Message
) -> tuple[Finding, ...]:
    """Return what is wrong with the signature and signer of another message than a seal; nothing when it is genuine.

    The steps are those of ``judge``; for (4), the certificate must be one for ``use``.

    Args:
        message: a message as ``cose.read_message`` read it.
        made_at: the time that it claims, aware.
        use: what keys may sign such messages.
        trust: whom to trust.
        now: the reader's time, aware.
        what: what the message is, as people call it.
    """
    signer = _trusted_signer(message, trust, what)
    if isinstance(signer, Finding):
        return (signer,)
    if signer.use is not use:
        return (
            Finding(
                Reason.SIGNER_UNTRUSTED,
                Message(
                    "{what} is signed with the key {kid}, which is for another use", what=what, kid=signer.kid.hex()
                ),
            ),
        )
    return tuple(_outside_validity(made_at, signer, now, what))


def judge_head(
    head: SignedMessage, made_at: datetime.datetime, trust: Trust, now: datetime.datetime
) -> tuple[Finding, ...]:
    """Return what is wrong with the signature and signer of a head of the ledger; nothing when it is genuine."""
    return judge_message(head, made_at, Use.HEADS, trust, now, Message("the tree head"))


def _trusted_signer(signed: Signed, trust: Trust, what: Message) -> SigningCertificate | Finding:
    kid = signed.kid.hex()
    # (1)
    if not any(certificate.kid == signed.kid for certificate in trust.certificates):
        return Finding(
            Reason.SIGNER_UNTRUSTED,
            Message(
                "{what} is signed with the key {kid}, which is not in the trust folder of this computer: import the "
                "issuing office's trust bundle if the office is known to you",
                what=what,
                kid=kid,
            ),
        )
    # (2)
    signer = trust.signer(signed)
    if signer is None:
        return Finding(
            Reason.SEAL_FORGED,
            Message("{what} has a signature that is not that of the key {kid} which it names", what=what, kid=kid),
        )
    # (3)
    if not trust.anchored(signer):
        return Finding(
            Reason.SIGNER_UNTRUSTED,
            Message("no root that this computer trusts stands behind the signing certificate {kid}", kid=kid),
        )
    return signer


def _outside_binding(signed: SignedSeal, signer: SigningCertificate) -> Iterator[Finding]:
    seal = signed.seal
    if not seal.serial.startswith(signer.prefix):
        yield Finding(
            Reason.SIGNER_UNTRUSTED,
            Message(
                "{office} may seal serials that start with {prefix}, not {serial}",
                office=signer.office,
                prefix=signer.prefix,
                serial=seal.serial,
            ),
        )
    if seal.schema not in signer.schemas:
        yield Finding(
            Reason.SIGNER_UNTRUSTED,
            Message(
                "the certificate of {office} does not permit seals of schema {schema}",
                office=signer.office,
                schema=seal.schema,
            ),
        )


def _outside_validity(
    made_at: datetime.datetime, signer: SigningCertificate, now: datetime.datetime, what: Message
) -> Iterator[Finding]:
    if not signer.valid_at(made_at):
        yield Finding(
            Reason.SEAL_OUT_OF_VALIDITY,
            Message(
                "{what} says it was made at {time}, outside the validity of its certificate, {start} to {end}",
                what=what,
                time=made_at.isoformat(),
                start=signer.certificate.not_valid_before_utc.isoformat(),
                end=signer.certificate.not_valid_after_utc.isoformat(),
            ),
        )
    elif made_at > now + CLOCK_TOLERANCE:
        yield Finding(
            Reason.SEAL_OUT_OF_VALIDITY,
            Message(
                "{what} says it was made at {time}, which is still to come by the clock of this computer: check the "
                "clock",
                what=what,
                time=made_at.isoformat(),
            ),
        )


def _read(folder: Path, accept: Callable[[x509.Certificate], Kind]) -> Iterator[Kind]:
    for path in sorted(folder.glob("*.pem")):
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_CERTIFICATE_FILE)
            for certificate in x509.load_pem_x509_certificates(data):
                yield accept(certificate)
        except OSError as error:
            raise HomeError(
                Message("the certificate {path} cannot be read: {why}", path=path, why=error.strerror or error)
            ) from error
        except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion) as error:
            raise HomeError(
                Message(
                    "{path} is no certificate that belongs in this folder ({why}): put the right one in or remove it",
                    path=path,
                    why=error,
                )
            ) from error
