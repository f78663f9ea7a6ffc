"""An office with a signer, made once: keys are random, everything else is fixed."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import settings

from toolkit.seal import keys
from toolkit.seal.certificates import RootCertificate, create_authority, create_signer
from toolkit.seal.keys import Signer
from toolkit.seal.payload import Seal

# A deadline in milliseconds would say how busy the machine is, not whether the code is right.
settings.register_profile("truecopy", deadline=None)
settings.load_profile("truecopy")

NOW = datetime.datetime(2025, 7, 1, 8, 30, 15, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def root_key() -> keys.Ed25519PrivateKey:
    return keys.generate()


@pytest.fixture(scope="session")
def root(root_key: keys.Ed25519PrivateKey) -> RootCertificate:
    return create_authority("自治区科学技术厅", root_key, now=NOW)


@pytest.fixture(scope="session")
def signer(root: RootCertificate, root_key: keys.Ed25519PrivateKey) -> Signer:
    key = keys.generate()
    return Signer(create_signer(root, root_key, key.public_key(), prefix="XJ", now=NOW), key)


@pytest.fixture(scope="session")
def seal() -> Seal:
    return Seal("XJSCO25-00001", 1, "P", 1, 2, 3, 14, b"r" * 32, b"p" * 32, NOW)
