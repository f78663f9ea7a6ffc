"""Trust bundles: what comes back, what a hostile or older one cannot do, and that nothing is half imported."""

from __future__ import annotations

import base64
import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.errors import HomeError, TrustRefused
from toolkit.seal import keys
from toolkit.seal.certificates import Use, create_authority, create_signer
from toolkit.seal.revocation import Revocation, create_revocation_list, crl_pem
from toolkit.seal.trust import Trust
from toolkit.seal.trust_bundle import (
    LARGEST_BUNDLE,
    MOST_ROOTS,
    bundle_bytes,
    load_trust,
    merged,
    read_bundle,
    save_trust,
)

NOW = datetime.datetime(2025, 7, 1, tzinfo=datetime.UTC)


class Office:
    """An office whose root makes keys and lists."""

    def __init__(self, name: str, prefix: str) -> None:
        self.key = keys.generate()
        self.root = create_authority(name, self.key, now=NOW)
        self.prefix = prefix
        self.signer = self.certify(Use.SEALS)

    def certify(self, use: Use, prefix: str | None = None):
        public = keys.generate().public_key()
        return create_signer(self.root, self.key, public, prefix=prefix or self.prefix, now=NOW, use=use)

    def trust(self, number: int | None = 1, *revocations: Revocation) -> Trust:
        lists = ()
        if number is not None:
            lists = (create_revocation_list(self.root, self.key, revocations, number=number, now=NOW),)
        return Trust((self.root,), (self.signer,), lists)


OFFICE = Office("自治区科学技术厅", "XJ")
BUNDLE = bundle_bytes(OFFICE.trust())
FINGERPRINT = {OFFICE.root.fingerprint}
SERIAL = OFFICE.signer.certificate.serial_number


def test_a_bundle_comes_back_and_is_text() -> None:
    trust = replace(OFFICE.trust(), certificates=(OFFICE.signer, OFFICE.certify(Use.HEADS)))
    data = bundle_bytes(trust)
    assert read_bundle(data) == trust
    text = data.decode("utf-8")
    assert f"# Office root of 自治区科学技术厅, fingerprint {OFFICE.root.fingerprint}" in text
    assert "# Revocation list 1 of 2025-07-01T00:00:00+00:00" in text
    assert read_bundle(data.replace(b"\n", b"\r\n")) == trust  # a mail program's line ends do no harm


def test_an_office_s_name_cannot_put_a_block_into_the_text() -> None:
    office = Office("-----BEGIN PRIVATE KEY-----\nX", "XJ")
    assert read_bundle(bundle_bytes(office.trust())) == office.trust()


def test_a_root_is_trusted_only_when_its_fingerprint_was_confirmed() -> None:
    came = read_bundle(BUNDLE)
    with pytest.raises(TrustRefused, match="nobody confirmed"):
        merged(Trust(), came, set())
    assert merged(Trust(), came, FINGERPRINT) == came
    assert merged(came, came, set()) == came


@pytest.mark.parametrize("number", [None, 1, 2])
def test_the_number_of_a_list_never_goes_back(number: int | None) -> None:
    with pytest.raises(TrustRefused, match="older than what this computer has"):
        merged(OFFICE.trust(3), OFFICE.trust(number), set())
    assert merged(OFFICE.trust(number), OFFICE.trust(3), set()).lists[0].number == 3


def test_two_lists_with_one_number_are_refused() -> None:
    revoked = OFFICE.trust(3, Revocation(SERIAL, NOW, compromised=False))
    with pytest.raises(TrustRefused, match="two revocation lists"):
        merged(OFFICE.trust(3), revoked, set())


def test_a_newer_list_takes_no_revocation_back() -> None:
    retired, lost = (Revocation(SERIAL, NOW, compromised=compromised) for compromised in (False, True))
    later = [replace(one, at=NOW + datetime.timedelta(seconds=1)) for one in (retired, lost)]
    for before, after in ((retired, None), (lost, None), (lost, retired), (retired, later[0]), (lost, later[1])):
        newer = OFFICE.trust(4, *([after] if after else []))
        with pytest.raises(TrustRefused, match="takes back"):
            merged(OFFICE.trust(3, before), newer, set())
    for stricter in (lost, replace(retired, at=NOW - datetime.timedelta(days=1))):
        assert merged(OFFICE.trust(3, retired), OFFICE.trust(4, stricter), set()).lists[0].number == 4


def test_what_a_bundle_leaves_out_stays() -> None:
    held = replace(OFFICE.trust(1), certificates=(OFFICE.signer, OFFICE.certify(Use.HEADS)))
    assert merged(held, OFFICE.trust(2), set()).certificates == held.certificates


@pytest.mark.parametrize("prefix", ["X", "XJ", "XJSCO25"])
def test_two_offices_never_own_the_same_serials(prefix: str) -> None:
    other = Office("Somebody", prefix)
    with pytest.raises(TrustRefused, match="nobody could tell whose"):
        merged(OFFICE.trust(), other.trust(), {other.root.fingerprint})
    apart = Office("Somebody", "QH")
    held = merged(OFFICE.trust(), apart.trust(), {apart.root.fingerprint})
    taken = replace(apart.trust(2), certificates=(apart.signer, apart.certify(Use.SEALS, prefix)))
    with pytest.raises(TrustRefused, match="nobody could tell whose"):
        merged(held, taken, set())


def hostile() -> list[tuple[str, bytes, str]]:
    """Return bundles with one fault each, and what is said of them."""
    foreign = Office("Somebody", "QH")
    secret = OFFICE.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = foreign.signer.certificate.public_bytes(Encoding.PEM)
    return [
        ("empty", b"", "0 office roots"),
        ("text", b"hello", "0 office roots"),
        ("private-key", BUNDLE + secret, "PRIVATE KEY"),
        ("too-large", BUNDLE + b"#" * LARGEST_BUNDLE, "more than"),
        ("cut-short", BUNDLE[:-30], "cut short"),
        ("half", BUNDLE[: len(BUNDLE) // 2], "cut short"),
        ("not-base64", BUNDLE.replace(b"MII", b"M!I", 1), "not base64"),
        ("damaged", BUNDLE.replace(b"MII", b"MIJ", 1), "damaged|cannot be taken"),
        ("foreign-certificate", BUNDLE + signer, "no root in the trust bundle stands behind"),
        ("foreign-list", BUNDLE + crl_pem(foreign.trust().lists[0].crl), "signed its revocation list"),
        ("two-lists", BUNDLE + crl_pem(OFFICE.trust(2).lists[0].crl), "two revocation lists"),
        ("certificate-alone", signer, "0 office roots"),
    ]


@pytest.mark.parametrize(("data", "fault"), [one[1:] for one in hostile()], ids=[one[0] for one in hostile()])
def test_a_hostile_bundle_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(TrustRefused, match=fault):
        read_bundle(data)


def test_a_bundle_of_many_roots_is_refused() -> None:
    roots = tuple(create_authority("厅", keys.generate(), now=NOW) for _ in range(MOST_ROOTS + 1))
    with pytest.raises(TrustRefused, match="17 office roots"):
        read_bundle(bundle_bytes(Trust(roots)))


@given(st.integers(0, len(BUNDLE) - 1), st.integers(0, 255), st.integers(0, 4))
@example(428, 47, 0)  # in a name, which is read only when it is asked for
def test_a_changed_byte_is_refused_or_changes_nothing_that_was_signed(place: int, byte: int, cut: int) -> None:
    data = BUNDLE[:place] + bytes([byte]) + BUNDLE[place + 1 + cut :]
    try:
        read = read_bundle(data)
    except TrustRefused:
        return
    # A certificate or list that is left out whole is no fault; what is there is as it was signed.
    assert read.roots == (OFFICE.root,) and read.certificates in ((), (OFFICE.signer,))
    assert all(one.crl == OFFICE.trust().lists[0].crl for one in read.lists)


@given(st.binary(max_size=600), st.sampled_from([b"CERTIFICATE", b"X509 CRL", b"PRIVATE KEY", b""]))
def test_noise_is_refused_and_nothing_else_happens(noise: bytes, label: bytes) -> None:
    block = b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, base64.encodebytes(noise), label)
    for data in (noise, block, BUNDLE + block):
        try:
            read_bundle(data)
        except TrustRefused:
            continue
        assert data == BUNDLE + block and label == b"CERTIFICATE"  # a copy of what is there, which no noise is


def test_the_trust_of_a_home_is_written_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_trust(tmp_path, OFFICE.trust(1))
    before = (tmp_path / "bundle.pem").read_bytes()

    def full(*ignored: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError):
        save_trust(tmp_path, OFFICE.trust(2))
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.pem"]
    assert (tmp_path / "bundle.pem").read_bytes() == before


def test_a_damaged_bundle_in_a_home_is_named(tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_bytes(BUNDLE[:-40])
    with pytest.raises(HomeError, match=r"bundle\.pem cannot be used"):
        load_trust(tmp_path)
