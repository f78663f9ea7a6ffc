"""The seal's bytes: against an independent COSE library, at their bounds, and under random damage."""

from __future__ import annotations

import datetime
from dataclasses import replace

import cbor2
import cwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from other_cose import private_key

from toolkit.seal.certificates import RootCertificate, create_signer
from toolkit.seal.cose import cbor, sign_message
from toolkit.seal.keys import Ed25519PrivateKey, Signer
from toolkit.seal.payload import LARGEST_SEAL, Claims, Seal, SealMalformed, SignedSeal, cut, decode, encode
from toolkit.seal.signature import Algorithm
from toolkit.seal.symbol import CAPACITY, to_digits
from toolkit.seal.trust import Trust, judge
from toolkit.verdict import Reason

AAD = b"truecopy-seal-v1"


@pytest.fixture(params=["ed25519", "p256"])
def any_signer(
    request: pytest.FixtureRequest, signer: Signer, root: RootCertificate, root_key: Ed25519PrivateKey, seal: Seal
) -> Signer:
    """Return a signer of each algorithm."""
    if request.param == "ed25519":
        return signer
    key = generate_private_key(SECP256R1())
    return Signer(create_signer(root, root_key, key.public_key(), prefix="XJ", now=seal.issued_at), key)


def test_another_cose_library_verifies_our_seal(any_signer: Signer, seal: Seal) -> None:
    protected, unprotected, payload = cwt.COSE.new().decode_with_headers(
        encode(seal, any_signer), private_key(any_signer), external_aad=AAD
    )
    assert (protected, unprotected) == ({1: any_signer.algorithm, 4: any_signer.kid}, {})
    assert cbor2.loads(payload) == {
        6: int(seal.issued_at.timestamp()),
        -65537: [1, "XJSCO25-00001", 1, "P", 1, 2, 3, 14, b"r" * 32, b"p" * 32],
    }


def test_another_cose_library_refuses_our_seal_without_its_aad(signer: Signer, seal: Seal) -> None:
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(encode(seal, signer), private_key(signer), external_aad=b"truecopy-seal-v2")


def test_we_believe_the_seal_of_another_cose_library(any_signer: Signer, seal: Seal, root: RootCertificate) -> None:
    fields = [1, "XJSCO25-00001", 1, "P", 1, 2, 3, 14, b"r" * 32, b"p" * 32]
    theirs = cwt.COSE.new().encode_and_sign(
        cbor2.dumps({6: int(seal.issued_at.timestamp()), -65537: fields}),
        private_key(any_signer),
        {1: int(any_signer.algorithm), 4: any_signer.kid},
        external_aad=AAD,
    )
    signed = decode(theirs)
    assert signed.seal == seal
    assert judge(signed, Trust((root,), (any_signer.certificate,)), seal.issued_at) == ()


ANY_CBOR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=25)
    | st.binary(max_size=40)
    | st.datetimes(timezones=st.just(datetime.UTC))
    | st.builds(cbor2.CBORTag, st.integers(6000, 7000), st.integers()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(), inner, max_size=3),
    max_leaves=6,
)
digests = st.binary(min_size=32, max_size=32)
claims = st.builds(Claims, st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.integers(0, 2**53 - 1))


@st.composite
def seals(draw: st.DrawFn) -> Seal:
    """Draw any seal that the contract has room for."""
    copies, pages = draw(st.integers(1, 255)), draw(st.integers(1, 65_535))
    return Seal(
        serial=draw(st.text("ABCXYZ0189-", min_size=1, max_size=20)),
        revision=draw(st.integers(1, 65_535)),
        document=draw(st.text("ABCXYZ", min_size=1, max_size=4)),
        copy=draw(st.integers(1, copies)),
        copies=copies,
        page=draw(st.integers(1, pages)),
        pages=pages,
        record_digest=draw(digests),
        page_digest=draw(digests),
        issued_at=draw(st.datetimes(datetime.datetime(1970, 1, 2), timezones=st.just(datetime.UTC))),
        claims=draw(st.none() | claims),
    )


@given(seals())
def test_every_seal_comes_back_and_fits_its_symbol(seal: Seal) -> None:
    signer = Unverified()
    data = encode(seal, signer)
    signed = decode(data)
    assert isinstance(signed, SignedSeal)
    assert (signed.seal, signed.kid, signed.signature) == (seal, signer.kid, signer.sign(b""))
    assert len(data) <= LARGEST_SEAL
    assert len(to_digits(data)) <= CAPACITY[10 if seal.claims is None else 16]


@given(st.binary(max_size=460).map(lambda data: b"\xd2" + data) | st.binary(max_size=20))
def test_noise_is_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(SealMalformed):
        decode(data)


@given(st.data())
def test_fields_of_every_type_are_malformed_or_a_seal(data: st.DataObject) -> None:
    """The message around the payload is whole, so that nothing stops before the payload is read."""
    fields: list[object] = [1, "XJSCO25-00001", 1, "P", 1, 2, 3, 14, b"r" * 32, b"p" * 32, "t", "u", "l", 5]
    for place in data.draw(st.lists(st.integers(0, 13), max_size=2)):
        fields[place] = data.draw(ANY_CBOR)
    payload = cbor({6: data.draw(st.just(1) | ANY_CBOR), -65537: fields[: data.draw(st.sampled_from([10, 14, 9]))]})
    message = sign_message(payload, Unverified(), aad=AAD)
    try:
        signed = decode(message)
    except SealMalformed:
        return
    assert encode(signed.seal, Unverified()) == message


@given(seals(), st.integers(0, 1 << 30), st.integers(1, 255))
def test_one_changed_byte_is_malformed_or_another_message(seal: Seal, place: int, change: int) -> None:
    data = bytearray(encode(seal, Unverified()))
    before = decode(bytes(data))
    data[place % len(data)] ^= change
    try:
        after = decode(bytes(data))
    except SealMalformed:
        return
    assert (after.to_be_signed, after.signature) != (before.to_be_signed, before.signature)


class Unverified:
    """Signs nothing: for tests about structure, where a signature would only cost time."""

    algorithm = Algorithm.ED25519
    kid = b"01234567"

    def sign(self, data: bytes) -> bytes:
        return b"s" * 64


def test_the_longest_seal_fits_its_symbol(seal: Seal) -> None:
    longest = replace(
        seal, serial="X" * 20, revision=65_535, document="PPPP", copy=255, copies=255, page=65_535, pages=65_535
    )
    assert len(to_digits(encode(longest, Unverified()))) == 499 <= CAPACITY[10]
    first = replace(longest, claims=Claims("题" * 60, "单" * 60, "名" * 60, 2**53 - 1))
    assert len(to_digits(encode(first, Unverified()))) <= CAPACITY[16]


def test_a_schema_from_the_future_is_unreadable_not_forged(seal: Seal) -> None:
    data = encode(seal, Unverified()).replace(b"\x8a\x01", b"\x8a\x02")
    with pytest.raises(SealMalformed, match="update Truecopy") as caught:
        decode(data)
    assert caught.value.reason is Reason.SEAL_UNREADABLE


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"serial": ""}, "serial"),
        ({"serial": "X" * 21}, "serial"),
        ({"serial": "XJ_1"}, "serial"),
        ({"document": "p"}, "code"),
        ({"document": "PROPO"}, "code"),
        ({"revision": 0}, "revision"),
        ({"copy": 3}, "copy"),
        ({"page": 15}, "page"),
        ({"pages": 70_000}, "pages"),
        ({"page": True}, "page"),
        ({"record_digest": b"x"}, "digests"),
        ({"schema": 2}, "schema"),
        ({"issued_at": datetime.datetime(2025, 7, 1)}, "time zone"),
    ],
)
def test_a_seal_refuses_what_the_contract_has_no_room_for(seal: Seal, change: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(seal, **change)  # type: ignore[arg-type]


def test_the_time_is_kept_in_utc_and_whole_seconds(seal: Seal) -> None:
    beijing = datetime.timezone(datetime.timedelta(hours=8))
    made = replace(seal, issued_at=datetime.datetime(2025, 7, 1, 9, 30, 0, 999_999, beijing))
    assert made.issued_at.isoformat() == "2025-07-01T01:30:00+00:00"


@pytest.mark.parametrize(
    ("text", "size", "kept"),
    [
        ("短", 3, "短"),
        ("长题目", 8, "长题"),
        ("长题目", 2, ""),
        ("👩‍🔬👩‍🔬", 13, "👩‍🔬"),  # 11 bytes each, joined by U+200D: never half of one
        ("ئۇيغۇر", 5, "ئۇ"),
        ("e\u0301x", 2, "é"),  # NFC first
        ("a\n\x1b[2J", 99, "a  [2J"),
        ("x" + "\u0301" * 400, 50, ""),  # one grapheme of 800 bytes
    ],
)
def test_texts_are_cut_at_graphemes(text: str, size: int, kept: str) -> None:
    assert cut(text, size) == kept


@given(st.text(max_size=300), st.integers(0, 120))
def test_a_cut_text_fits_and_stays_as_it_is(text: str, size: int) -> None:
    once = cut(text, size)
    assert len(once.encode()) <= size
    assert cut(once, size) == once


def test_an_amount_is_whole_fen() -> None:
    for amount in (-1, 2**53, 1.5, True):
        with pytest.raises(ValueError, match="fen"):
            Claims("t", "u", "l", amount)  # type: ignore[arg-type]
