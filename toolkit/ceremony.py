"""What only the office's root may do: make signing certificates, retire and revoke them, sign the revocation list.

The root's private key is kept away from the data folder, and every act here is given it. Each act signs the next
revocation list too, so that fetching the key once a year keeps the list fresh. What an act did is in the home's trust
when it returns, and only as a whole; clerks have it with the next trust bundle.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from toolkit.errors import KeyUnusable, UsageError
from toolkit.messages import Message
from toolkit.seal import keys
from toolkit.seal.certificates import RootCertificate, SigningCertificate, Use, create_signer
from toolkit.seal.revocation import Revocation, create_revocation_list
from toolkit.seal.signature import Algorithm, PrivateKey
from toolkit.seal.tokens import TokenUri, create_in_token

if TYPE_CHECKING:
    from toolkit.home import Home


@dataclass(frozen=True, slots=True)
class Authority:
    """A root that a home trusts, with its private key."""

    root: RootCertificate
    key: Ed25519PrivateKey

    @classmethod
    def open(cls, path: Path, passphrase: str | None, home: Home) -> Authority:
        """Read the root's private key from wherever it is kept.

        Raises:
            KeyUnusable: when it cannot be read, or is not that of a root which the home trusts.
        """
        key = keys.read_key(path, passphrase)
        root = next((one for one in home.trust.roots if one.certificate.public_key() == key.public_key()), None)
        if root is None or not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(
                Message("{path} is not the key of an office root that this data folder trusts", path=path)
            )
        return cls(root, key)


@dataclass(frozen=True, slots=True)
class NewKey:
    """What to make: an Ed25519 or P-256 key, in an encrypted file or in the token that is named.

    ``secret`` is the file's passphrase or the token's PIN; None leaves the file unencrypted.
    """

    use: Use
    secret: str | None
    algorithm: Algorithm = Algorithm.ED25519
    token: TokenUri | None = None


def create_key(home: Home, authority: Authority, new: NewKey, *, now: datetime.datetime) -> SigningCertificate:
    """Make a key for the home's own serials, certified by the root; from now on it is the one that signs.

    Raises:
        KeyUnusable: when the file cannot be written, or the token refuses.
        UsageError: when the root's validity does not reach to now.
    """
    uri: TokenUri | None = None
    key: PrivateKey
    if new.token is not None:
        uri, key = create_in_token(new.token, new.secret or "", new.algorithm)
    else:
        key = keys.generate(new.algorithm)
    demo = authority.root.demo
    prefix = home.settings.prefix
    certificate = create_signer(
        authority.root, authority.key, key.public_key(), prefix=prefix, now=now, use=new.use, demo=demo
    )
    if not authority.root.issued(certificate.certificate):
        raise UsageError(Message("the office root is not valid at this time: check the clock, or make a new office"))
    path = home.keys.path(certificate)
    if uri is not None:
        keys.write_uri(path, uri)
    else:
        keys.write_key(path, key, new.secret)
    _enact(home, authority, now, certificates=(certificate,))
    return certificate


def retire(
    home: Home, authority: Authority, certificate: SigningCertificate, *, at: datetime.datetime, now: datetime.datetime
) -> None:
    """Take a key out of use from a time on; what it signed before stays good.

    Raises:
        UsageError: when another root certified it, or it is revoked already.
    """
    _refuse_other(home, authority, certificate)
    revoked = home.trust.revocation(certificate)
    if revoked is not None:
        raise _out_of_use(certificate, revoked)
    _enact(home, authority, now, [Revocation(certificate.certificate.serial_number, at, compromised=False)])


def revoke(
    home: Home,
    authority: Authority,
    certificate: SigningCertificate,
    *,
    since: datetime.datetime,
    now: datetime.datetime,
) -> None:
    """Say that a key may have been in other hands since a time: only what the ledger anchors before still passes.

    Raises:
        UsageError: when another root certified it, the time is still to come, or it was revoked since an earlier one.
    """
    _refuse_other(home, authority, certificate)
    if since > now:
        raise UsageError(Message("{time} is still to come: say since when the key may be in other hands", time=since))
    revoked = home.trust.revocation(certificate)
    if revoked is not None and revoked.compromised and since > revoked.at:  # no clerk takes such a list
        raise _out_of_use(certificate, revoked)
    _enact(home, authority, now, [Revocation(certificate.certificate.serial_number, since, compromised=True)])


def renew_list(home: Home, authority: Authority, *, now: datetime.datetime) -> None:
    """Sign the next revocation list, which says the same as the last one and is good for longer."""
    _enact(home, authority, now)


def _enact(
    home: Home,
    authority: Authority,
    now: datetime.datetime,
    revocations: Iterable[Revocation] = (),
    certificates: tuple[SigningCertificate, ...] = (),
) -> None:
    trust = home.trust
    held = trust.list_of(authority.root)
    known = dict(held.revocations) if held is not None else {}
    known |= {one.certificate: one for one in revocations}
    number = held.number + 1 if held is not None else 1
    made = create_revocation_list(authority.root, authority.key, known.values(), number=number, now=now)
    others = tuple(one for one in trust.lists if one is not held)
    home.keep_trust(replace(trust, certificates=(*trust.certificates, *certificates), lists=(*others, made)))


def _out_of_use(certificate: SigningCertificate, revoked: Revocation) -> UsageError:
    return UsageError(
        Message(
            "the key {kid} is out of use since {time} already",
            kid=certificate.kid.hex(),
            time=revoked.at.isoformat(),
        )
    )


def _refuse_other(home: Home, authority: Authority, certificate: SigningCertificate) -> None:
    if home.trust.root_of(certificate) != authority.root:
        raise UsageError(Message("the key {kid} is certified by another root than this one", kid=certificate.kid.hex()))
