"""Whom a home trusts, and what it makes of a seal's signature.

Trust is pinned roots, because someone confirmed their fingerprints; signing certificates, which need a pinned root
behind them; and each root's list of what it revoked (``trust_bundle`` reads and writes all three). A clerk's machine
has them and no private key.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from toolkit.messages import Message
from toolkit.seal.certificates import RootCertificate, SigningCertificate, Use
from toolkit.seal.cose import SignedMessage
from toolkit.seal.payload import SignedSeal
from toolkit.seal.revocation import Revocation, RevocationList
from toolkit.seal.signature import verifies
from toolkit.verdict import Finding, Reason

CLOCK_TOLERANCE = datetime.timedelta(minutes=5)
"""How far the issuer's clock may run ahead of the reader's (the usual allowance for tokens, RFC 7519, 4.1.4)."""

Signed = SignedSeal | SignedMessage

Anchored = Callable[[datetime.datetime], bool]
"""Whether a head of the ledger, signed before the time, anchors the record that a seal names."""

_SEAL, _HEAD = Message("the seal"), Message("the tree head")


class State(Enum):
    """What has become of a certificate."""

    VALID = "valid"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    RETIRED = "retired"
    REVOKED = "revoked"
    UNTRUSTED = "untrusted"


@dataclass(frozen=True, slots=True)
class Trust:
    """The pinned roots, the signing certificates at hand, and at most one revocation list of each root."""

    roots: tuple[RootCertificate, ...] = ()
    certificates: tuple[SigningCertificate, ...] = ()
    lists: tuple[RevocationList, ...] = ()

    def root_of(self, certificate: SigningCertificate) -> RootCertificate | None:
        """Return the pinned root that issued the certificate; None when none did."""
        return next((root for root in self.roots if root.issued(certificate.certificate)), None)

    def anchored(self, certificate: SigningCertificate) -> bool:
        """Return whether one of the pinned roots issued the certificate."""
        return self.root_of(certificate) is not None

    def list_of(self, root: RootCertificate) -> RevocationList | None:
        """Return the root's revocation list; None where there is none, as in homes of before there were any."""
        return next((one for one in self.lists if one.root == root), None)

    def revocation(self, certificate: SigningCertificate) -> Revocation | None:
        """Return what its root's list says of a certificate; None when it says nothing."""
        root = self.root_of(certificate)
        held = self.list_of(root) if root is not None else None
        return held.of(certificate) if held is not None else None

    def may_sign_at(self, certificate: SigningCertificate, time: datetime.datetime) -> bool:
        """Return whether what the certificate's key signs at the time will be believed."""
        return self.state(certificate, time) is State.VALID

    def state(self, certificate: SigningCertificate, now: datetime.datetime) -> State:
        """Return what has become of a certificate by now."""
        revoked = self.revocation(certificate)
        if not self.anchored(certificate):
            return State.UNTRUSTED
        if revoked is not None and (revoked.compromised or revoked.at <= now):
            return State.REVOKED if revoked.compromised else State.RETIRED
        if now < certificate.certificate.not_valid_before_utc:
            return State.NOT_YET_VALID
        return State.VALID if certificate.valid_at(now) else State.EXPIRED

    def owner(self, serial: str) -> tuple[str, RootCertificate] | None:
        """Return the prefix and root that a serial belongs to: the longest prefix of any key at hand that starts it.

        Prefix and number are printed without a mark between them, so that ``XJSCO25-00001`` may be of ``XJ`` or of
        ``X``: it is of ``XJ`` wherever ``XJ`` is known. None when no key at hand has a prefix of it, or two roots have
        the same one.
        """
        fitting = [one for one in self.certificates if serial.startswith(one.prefix) and self.anchored(one)]
        longest = max((one.prefix for one in fitting), key=len, default="")
        roots = {root for one in fitting if one.prefix == longest and (root := self.root_of(one)) is not None}
        return (longest, roots.pop()) if len(roots) == 1 else None

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


def judge(
    signed: SignedSeal, trust: Trust, now: datetime.datetime, anchored: Anchored | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with the seal's signature and signer; nothing when it is genuine.

    The steps: (1) a certificate at hand has the seal's key identifier; (2) its key made the signature, by the
    algorithm it is bound to; (3) a pinned root issued it; (4) it may sign this schema and this serial; (5) the time
    that the seal claims lies within its validity, before its retirement, and not after ``now``; (6) the key was not in
    other hands, or a head of the ledger from before anchors the record; (7) the root's revocation list is not past
    its end. Nothing the seal says is weighed before (3).

    Args:
        signed: a seal as ``payload.decode`` read it.
        trust: whom to trust.
        now: the reader's time, aware.
        anchored: asks the ledger, where there is one; called only for keys that were in other hands.
    """
    # (1) to (3)
    signer = _trusted_signer(signed, trust, _SEAL)
    if isinstance(signer, Finding):
        return (signer,)
    # (4) to (7)
    return (
        *_outside_binding(signed, signer, trust),
        *_judge_time(signed.seal.issued_at, signer, trust, now, _SEAL, anchored),
    )


def judge_message(
    message: SignedMessage, made_at: datetime.datetime, use: Use, trust: Trust, now: datetime.datetime, what: Message
) -> tuple[Finding, ...]:
    """Return what is wrong with the signature and signer of another message than a seal; nothing when it is genuine.

    The steps are those of ``judge``; for (4), the certificate must be one for ``use``; for (6), nothing anchors it.

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
    return tuple(_judge_time(made_at, signer, trust, now, what, None))


def judge_head(
    head: SignedMessage, made_at: datetime.datetime, trust: Trust, now: datetime.datetime
) -> tuple[Finding, ...]:
    """Return what is wrong with the signature and signer of a head of the ledger; nothing when it is genuine."""
    return judge_message(head, made_at, Use.HEADS, trust, now, _HEAD)


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


def _outside_binding(signed: SignedSeal, signer: SigningCertificate, trust: Trust) -> Iterator[Finding]:
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
    elif trust.owner(seal.serial) != (signer.prefix, trust.root_of(signer)):
        yield Finding(
            Reason.SIGNER_UNTRUSTED,
            Message(
                "{serial} is signed by {office}, which seals serials of {prefix}; but it is a serial of another office",
                serial=seal.serial,
                office=signer.office,
                prefix=signer.prefix,
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


def _judge_time(
    made_at: datetime.datetime,
    signer: SigningCertificate,
    trust: Trust,
    now: datetime.datetime,
    what: Message,
    anchored: Anchored | None,
) -> Iterator[Finding]:
    revoked = trust.revocation(signer)
    # (5)
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
    elif revoked is not None and not revoked.compromised and made_at >= revoked.at:
        yield Finding(
            Reason.SEAL_OUT_OF_VALIDITY,
            Message(
                "{what} says it was made at {time}, when its key {kid} was out of use since {end}",
                what=what,
                time=made_at.isoformat(),
                kid=signer.kid.hex(),
                end=revoked.at.isoformat(),
            ),
        )
    # (6)
    if revoked is not None and revoked.compromised and not (anchored is not None and anchored(revoked.at)):
        yield Finding(
            Reason.KEY_COMPROMISED,
            Message(
                "{what} is signed with the key {kid}, which may have been in other hands since {time}; nothing in the "
                "ledger here proves that it was made before: ask the issuing office",
                what=what,
                kid=signer.kid.hex(),
                time=revoked.at.isoformat(),
            ),
        )
    # (7)
    root = trust.root_of(signer)
    held = trust.list_of(root) if root is not None else None
    if held is not None and held.is_stale(now):
        yield Finding(
            Reason.TRUST_STALE,
            Message(
                "the revocation list of {office} ended at {time}, and keys may have been revoked since: import the "
                "office's newest trust bundle",
                office=signer.office,
                time=held.ends.isoformat(),
            ),
        )
