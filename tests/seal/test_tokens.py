"""Keys in tokens, against SoftHSM2: they seal, certify, and do not come out."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from toolkit.ceremony import Authority, NewKey, create_key
from toolkit.errors import KeyUnusable
from toolkit.home import Home
from toolkit.seal.certificates import Use, create_authority, create_signer
from toolkit.seal.keys import needs_passphrase, read_key, write_uri
from toolkit.seal.payload import Seal, decode, encode
from toolkit.seal.signature import Algorithm, sign, verifies
from toolkit.seal.tokens import TokenUri, create_in_token
from toolkit.seal.trust import judge

MODULES = [Path(f"/usr/lib/{place}/libsofthsm2.so") for place in ("softhsm", "x86_64-linux-gnu/softhsm")]
NOW = datetime.datetime(2025, 7, 1, 8, tzinfo=datetime.UTC)
PIN = "2468"


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> TokenUri:
    """Return a new token of SoftHSM2, which must be installed."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(settings))
    program = shutil.which("softhsm2-util")
    assert program, "softhsm2 is not installed"
    arguments = ["--init-token", "--free", "--label", "office 厅", "--pin", PIN, "--so-pin", "1357"]
    subprocess.run([program, *arguments], check=True, capture_output=True)
    return TokenUri(str(next(path for path in MODULES if path.exists())), "office 厅")


@pytest.mark.real
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_key_in_a_token_seals(tmp_path: Path, token: TokenUri, algorithm: Algorithm) -> None:
    with Home.create(tmp_path / "home", office="厅", prefix="XJ", passphrase=None, now=NOW) as home:
        authority = Authority.open(home.folder / "keys" / "root.pem", None, home)
        later = NOW + datetime.timedelta(days=1)
        made = create_key(home, authority, NewKey(Use.SEALS, PIN, algorithm, token), now=later)
        assert made.algorithm is algorithm and home.keys.current(later) == made
        assert home.keys.needs_passphrase(later)
        path = home.keys.path(made)
        assert b"PRIVATE" not in path.read_bytes() and path.stat().st_mode & 0o777 == 0o600
        signer = home.keys.signer(later, PIN)
        seal = Seal("XJSCO25-00001", 1, "P", 1, 2, 3, 14, bytes(32), bytes(32), later)
        assert judge(decode(encode(seal, signer)), home.trust, later) == ()
        with pytest.raises(KeyUnusable, match="does not leave it"):
            signer.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        with pytest.raises(KeyUnusable, match="is encrypted"):
            home.keys.signer(later)
        with pytest.raises(KeyUnusable, match="cannot be used"):
            home.keys.signer(later, "wrong")


@pytest.mark.real
def test_a_root_in_a_token_certifies(tmp_path: Path, token: TokenUri) -> None:
    uri, _ = create_in_token(token, PIN, Algorithm.ED25519)
    write_uri(tmp_path / "root.uri", uri)
    assert needs_passphrase(tmp_path / "root.uri")
    key = read_key(tmp_path / "root.uri", PIN)
    root = create_authority("厅", key, now=NOW)  # type: ignore[arg-type]
    assert root.issued(create_signer(root, key, key.public_key(), prefix="XJ", now=NOW).certificate)  # type: ignore[arg-type]
    assert verifies(key.public_key(), sign(key, b"data"), b"data")


@pytest.mark.real
def test_a_token_that_is_not_there(tmp_path: Path, token: TokenUri) -> None:
    for uri in (
        TokenUri(token.module, "no such token", b"\1"),
        TokenUri("/nowhere/module.so", "office", b"\1"),
        TokenUri(token.module, token.token, b"no such key"),
    ):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pem"
        write_uri(path, uri)
        with pytest.raises(KeyUnusable, match="cannot be used"):
            read_key(path, PIN)


def test_a_uri_comes_back() -> None:
    uri = TokenUri("/usr/lib/a b+c/module.so", "office; 厅?", b"\x00\xff")
    assert TokenUri.parse(str(uri)) == uri
    by_hand = TokenUri.parse("pkcs11:token=office?module-path=/usr/lib/m.so\n")
    assert by_hand == TokenUri("/usr/lib/m.so", "office", b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkcs11:",
        "pkcs11:token=a",
        "pkcs11:?module-path=/m",
        "x:token=a?module-path=/m",
        "pkcs11:token=a;pin=1?module-path=/m",
    ],
)
def test_what_names_no_token_is_refused(text: str) -> None:
    with pytest.raises(KeyUnusable, match="does not name a token"):
        TokenUri.parse(text)
