"""Keys for the COSE library that is not ours (cwt), in the tests of conformance."""

from __future__ import annotations

import cwt
from cryptography.hazmat.primitives import serialization

from toolkit.seal.certificates import SigningCertificate
from toolkit.seal.keys import Signer
from toolkit.seal.signature import Algorithm


def private_key(signer: Signer) -> cwt.COSEKeyInterface:
    """Return the signer's private key."""
    return _key(
        signer.certificate,
        signer.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def public_key(certificate: SigningCertificate) -> cwt.COSEKeyInterface:
    """Return the public key of a certificate."""
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return _key(certificate, certificate.public_key.public_bytes(serialization.Encoding.PEM, info))


def _key(certificate: SigningCertificate, pem: bytes) -> cwt.COSEKeyInterface:
    algorithm = "Ed25519" if certificate.algorithm is Algorithm.ED25519 else "ESP256"
    return cwt.COSEKey.from_pem(pem, kid=certificate.kid, alg=algorithm)
