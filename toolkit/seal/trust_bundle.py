"""The trust bundle: whom to trust, as one file that an office hands to its clerks and a home keeps.

It is text: the certificates of roots and signers and the revocation lists as PEM (RFC 7468), a line that names each
above it for people; ``openssl`` reads it too. Nothing in it is secret, and nothing signs it as a whole: a root is
confirmed by its fingerprint when it first comes, and the root signs every certificate and its list. What is left out of
a bundle can only take trust away, and an older list is known by its number.

Reading is bounded and strict, since a bundle comes by mail or stick; the lines for people are not read at all.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from toolkit.errors import HomeError, TrustRefused
from toolkit.messages import Message
from toolkit.on_disk import whole
from toolkit.seal.certificates import RootCertificate, SigningCertificate, Unacceptable
from toolkit.seal.revocation import RevocationList, crl_pem, signed_by
from toolkit.seal.trust import Trust

BUNDLE = "bundle.pem"
LARGEST_BUNDLE = 262_144
"""Bytes; an office that makes two keys a year needs 2 kB a year."""

MOST_ROOTS = 16
"""Each certificate is held against each root: a hostile bundle makes some 7 000 signatures to check, 1.2 s."""

Found = TypeVar("Found")
Kind = TypeVar("Kind")

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]*)-----END \1-----")
_CERTIFICATE, _LIST = b"CERTIFICATE", b"X509 CRL"


def load_trust(folder: Path) -> Trust:
    """Read the trust folder of a home: ``bundle.pem``, and ``roots/*.pem`` and ``certificates/*.pem`` of older homes.

    Raises:
        HomeError: when a file in it is not what belongs there.
    """
    held = Trust()
    path = folder / BUNDLE
    if path.exists():
        try:
            held = read_bundle(_file(path, LARGEST_BUNDLE))
        except TrustRefused as error:
            raise HomeError(
                Message("{path} cannot be used: {why}; restore it from a copy", path=path, why=error.message)
            ) from error
    roots = (*held.roots, *_older(folder / "roots", RootCertificate.read))
    certificates = (*held.certificates, *_older(folder / "certificates", SigningCertificate.read))
    return Trust(tuple(dict.fromkeys(roots)), _distinct(certificates), held.lists)


def save_trust(folder: Path, trust: Trust) -> None:
    """Write the trust of a home in one step: whoever reads meanwhile sees all of it or nothing of it.

    Raises:
        OSError: when it cannot be written; then nothing changed.
    """
    with whole(folder / BUNDLE) as file:
        file.write(bundle_bytes(trust))


def bundle_bytes(trust: Trust) -> bytes:
    """Return the bundle of what is trusted; certificates without a root behind them are left out."""
    text: list[bytes] = [
        b"# Trust bundle of Truecopy. Compare each root's fingerprint with that on the office's paper."
    ]
    for root in trust.roots:
        text.append(f"\n# Office root of {_line(root.office)}, fingerprint {root.fingerprint}".encode())
        text.append(root.certificate.public_bytes(Encoding.PEM))
        for one in trust.certificates:
            if trust.root_of(one) == root:
                text.append(f"# Key {one.kid.hex()} for {one.use.value}, serials {one.prefix}".encode())
                text.append(one.certificate.public_bytes(Encoding.PEM))
        held = trust.list_of(root)
        if held is not None:
            text.append(f"# Revocation list {held.number} of {held.updated.isoformat()}".encode())
            text.append(crl_pem(held.crl))
    return b"\n".join(text)


def read_bundle(data: bytes) -> Trust:
    """Return what a bundle says, every signature in it checked; whether its roots may be trusted is not judged.

    Raises:
        TrustRefused: when it is too large, holds anything but certificates and revocation lists, or holds one that no
            root in it signed.
    """
    if len(data) > LARGEST_BUNDLE:
        raise TrustRefused(Message("the trust bundle has more than {largest} bytes", largest=LARGEST_BUNDLE))
    certificates, crls = [], []
    for label, block in _blocks(data):
        if label == _CERTIFICATE:
            certificates.append(_read(x509.load_pem_x509_certificate, block))
        elif label == _LIST:
            crls.append(_read(x509.load_pem_x509_crl, block))
        else:
            raise TrustRefused(
                Message(
                    "the trust bundle holds something else than certificates and revocation lists: {label}",
                    label=label.decode("ascii"),
                )
            )
    of_roots = [one for one in certificates if _read(_names_itself, one)]
    roots = [_read(RootCertificate.read, one) for one in of_roots]
    if not 1 <= len(roots) <= MOST_ROOTS:
        raise TrustRefused(
            Message(
                "the trust bundle has {count} office roots; it needs 1 to {most}", count=len(roots), most=MOST_ROOTS
            )
        )
    signers = [_read(SigningCertificate.read, one) for one in certificates if one not in of_roots]
    trust = Trust(tuple(dict.fromkeys(roots)), _distinct(signers), tuple(_lists(roots, crls)))
    for signer in trust.certificates:
        if not trust.anchored(signer):
            raise TrustRefused(
                Message("no root in the trust bundle stands behind its certificate {kid}", kid=signer.kid.hex())
            )
    return trust


def merged(held: Trust, bundle: Trust, confirmed: Collection[str]) -> Trust:
    """Return what a home trusts after it took a bundle: all that it held, and all that came.

    Args:
        held: what the home trusts.
        bundle: what ``read_bundle`` read.
        confirmed: fingerprints of the roots that a person compared.

    Raises:
        TrustRefused: a root came that nobody confirmed; the bundle is older than what is held, or takes back a
            revocation; two offices would own the same serials.
    """
    for root in bundle.roots:
        if root not in held.roots and root.fingerprint not in confirmed:
            raise TrustRefused(
                Message(
                    "the root of {office} is new here, and nobody confirmed its fingerprint: compare {fingerprint} "
                    "with that on the office's paper",
                    office=root.office,
                    fingerprint=root.fingerprint,
                )
            )
    roots = tuple(dict.fromkeys(held.roots + bundle.roots))
    lists = tuple(one for root in roots if (one := _newest(root, held, bundle)) is not None)
    trust = Trust(roots, _distinct(held.certificates + bundle.certificates), lists)
    _refuse_shared_serials(trust, bundle)
    return trust


def _newest(root: RootCertificate, held: Trust, bundle: Trust) -> RevocationList | None:
    ours, theirs = held.list_of(root), bundle.list_of(root)
    if ours is None or root not in bundle.roots:
        return ours or theirs
    if theirs is None or theirs.number < ours.number:
        raise TrustRefused(
            Message(
                "the trust bundle is older than what this computer has: its revocation list of {office} is number "
                "{theirs}, number {ours} was here before; ask the office for its newest bundle",
                office=root.office,
                theirs=theirs.number if theirs else 0,
                ours=ours.number,
            )
        )
    if theirs.number == ours.number and theirs.crl != ours.crl:
        raise TrustRefused(
            Message(
                "there are two revocation lists of {office} with the number {number}: ask the office which is right",
                office=root.office,
                number=ours.number,
            )
        )
    if any(ours.takes_back(theirs)):
        raise TrustRefused(
            Message(
                "the revocation list {number} of {office} takes back that a key was revoked: ask the office",
                office=root.office,
                number=theirs.number,
            )
        )
    return theirs


def _refuse_shared_serials(trust: Trust, bundle: Trust) -> None:
    owners = {(one.prefix, trust.root_of(one)): one for one in trust.certificates}
    for one in bundle.certificates:
        for (prefix, root), other in owners.items():
            shared = one.prefix.startswith(prefix) or prefix.startswith(one.prefix)
            if shared and root is not None and root != trust.root_of(one):
                raise TrustRefused(
                    Message(
                        "{office} seals serials that start with {prefix}, and {other} those that start with "
                        "{other_prefix}: nobody could tell whose a serial is; trust them in different data folders",
                        office=one.office,
                        prefix=one.prefix,
                        other=other.office,
                        other_prefix=prefix,
                    )
                )


def _blocks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    blocks = list(_BLOCK.finditer(data))
    if len(blocks) != data.count(b"-----BEGIN ") or len(blocks) != data.count(b"-----END "):
        raise TrustRefused(Message("the trust bundle is damaged: a block of it is cut short or not base64"))
    for block in blocks:
        yield block[1], block[0]


def _lists(roots: list[RootCertificate], crls: list[x509.CertificateRevocationList]) -> Iterator[RevocationList]:
    seen: set[RootCertificate] = set()
    for crl in crls:
        root = next((root for root in roots if signed_by(crl, root)), None)
        if root is None:
            raise TrustRefused(Message("no root in the trust bundle signed its revocation list"))
        if root in seen:
            raise TrustRefused(Message("the trust bundle has two revocation lists of {office}", office=root.office))
        seen.add(root)
        yield _read(partial(RevocationList.read, root=root), crl)


def _read(accept: Callable[[Found], Kind], found: Found) -> Kind:
    """Return what ``accept`` makes of something in a bundle, and refuse the bundle where it makes nothing of it."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of what the library still lets pass: the answer says it all
            return accept(found)
    except Unacceptable as error:
        raise TrustRefused(Message("the trust bundle cannot be taken: {why}", why=error.message)) from error
    except _DAMAGED as error:
        raise TrustRefused(
            Message("the trust bundle holds a certificate or revocation list that is damaged")
        ) from error


def _names_itself(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is one of a root; its names are read only here, and may be damaged."""
    return certificate.issuer == certificate.subject


def _older(folder: Path, accept: Callable[[x509.Certificate], Kind]) -> Iterator[Kind]:
    for path in sorted(folder.glob("*.pem")):
        try:
            for certificate in x509.load_pem_x509_certificates(_file(path, LARGEST_BUNDLE)):
                yield accept(certificate)
        except _DAMAGED as error:
            why = error.message if isinstance(error, Unacceptable) else Message("it is damaged")
            raise HomeError(
                Message(
                    "{path} is no certificate that belongs in this folder ({why}): put the right one in or remove it",
                    path=path,
                    why=why,
                )
            ) from error


_DAMAGED = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion)


def _file(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(largest + 1)
    except OSError as error:
        raise HomeError(
            Message("the certificate {path} cannot be read: {why}", path=path, why=error.strerror or error)
        ) from error


def _distinct(certificates: Iterable[SigningCertificate]) -> tuple[SigningCertificate, ...]:
    return tuple({one.certificate: one for one in certificates}.values())


def _line(text: str) -> str:
    """Return text that stays on its line, so that no name can look like a block of PEM."""
    return " ".join(text.replace("-", "‐").split())
