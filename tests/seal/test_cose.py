"""Signed messages other than seals: what each kind may be signed with, and that none is taken for another."""

from __future__ import annotations

import datetime

import cbor2
import cwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from other_cose import private_key

from toolkit.messages import Message
from toolkit.seal import keys
from toolkit.seal.certificates import RootCertificate, Use, create_signer
from toolkit.seal.cose import MessageMalformed, read_cbor, read_message, sign_message
from toolkit.seal.keys import Ed25519PrivateKey, Signer
from toolkit.seal.payload import Seal, SealMalformed, decode, encode
from toolkit.seal.signature import Algorithm
from toolkit.seal.trust import Trust, judge, judge_head
from toolkit.verdict import Reason

AAD = b"truecopy-head-v1"
HEAD = Message("the tree head")
PAYLOAD = cbor2.dumps([1, 7, bytes(32)])


@pytest.fixture(scope="module", params=Algorithm)
def heads(request: pytest.FixtureRequest, root: RootCertificate, root_key: Ed25519PrivateKey, signer: Signer) -> Signer:
    key = keys.generate(request.param)
    now = signer.certificate.certificate.not_valid_before_utc
    return Signer(create_signer(root, root_key, key.public_key(), prefix="XJ", now=now, use=Use.HEADS), key)


def test_a_message_comes_back_and_another_cose_library_verifies_it(heads: Signer) -> None:
    data = sign_message(PAYLOAD, heads, aad=AAD)
    read = read_message(data, aad=AAD, largest=200, what=HEAD)
    assert (read.payload, read.kid, read.algorithm) == (PAYLOAD, heads.kid, heads.algorithm)
    assert cwt.COSE.new().decode(data, private_key(heads), external_aad=AAD) == PAYLOAD


def test_we_believe_the_head_of_another_cose_library(heads: Signer, root: RootCertificate, seal: Seal) -> None:
    header = {1: int(heads.algorithm), 4: heads.kid}
    theirs = cwt.COSE.new().encode_and_sign(PAYLOAD, private_key(heads), header, external_aad=AAD)
    read = read_message(theirs, aad=AAD, largest=200, what=HEAD)
    assert read.payload == PAYLOAD
    assert judge_head(read, seal.issued_at, Trust((root,), (heads.certificate,)), seal.issued_at) == ()


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: b"\xd2\x84" + data))
def test_noise_is_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(MessageMalformed):
        read_message(data, aad=AAD, largest=200, what=HEAD)


@given(st.sampled_from(range(256)), st.binary(max_size=60), st.integers(0, 400))
def test_cbor_of_any_first_byte_is_a_value_or_malformed(first: int, data: bytes, times: int) -> None:
    """Every kind of value, tags (0xC0 on) and nested openings among them."""
    try:
        read_cbor(bytes([first]) * times + data, HEAD)
    except MessageMalformed as error:
        assert "the tree head is not CBOR" in str(error)


def test_a_head_is_judged_by_its_use_its_signer_and_its_time(
    heads: Signer, signer: Signer, root: RootCertificate, seal: Seal
) -> None:
    trust = Trust((root,), (signer.certificate, heads.certificate))
    now = seal.issued_at

    def reasons(by: Signer, aad: bytes = AAD, trust: Trust = trust, made_at: datetime.datetime = now) -> list[Reason]:
        read = read_message(sign_message(PAYLOAD, by, aad=aad), aad=AAD, largest=200, what=HEAD)
        return [finding.reason for finding in judge_head(read, made_at, trust, now)]

    assert reasons(heads) == []
    assert reasons(signer) == [Reason.SIGNER_UNTRUSTED]
    assert reasons(heads, aad=b"truecopy-seal-v1") == [Reason.SEAL_FORGED]
    assert reasons(heads, trust=Trust((root,), (signer.certificate,))) == [Reason.SIGNER_UNTRUSTED]
    assert reasons(heads, trust=Trust((), trust.certificates)) == [Reason.SIGNER_UNTRUSTED]
    assert reasons(heads, made_at=now - datetime.timedelta(days=1)) == [Reason.SEAL_OUT_OF_VALIDITY]
    assert reasons(heads, made_at=now + datetime.timedelta(hours=1)) == [Reason.SEAL_OUT_OF_VALIDITY]


def test_a_key_for_heads_seals_nothing(heads: Signer, root: RootCertificate, seal: Seal) -> None:
    findings = judge(decode(encode(seal, heads)), Trust((root,), (heads.certificate,)), seal.issued_at)
    assert [finding.reason for finding in findings] == [Reason.SIGNER_UNTRUSTED]


def test_a_head_is_no_seal_and_a_seal_no_head(heads: Signer, signer: Signer, seal: Seal) -> None:
    with pytest.raises(SealMalformed):
        decode(sign_message(PAYLOAD, heads, aad=AAD))
    assert read_message(encode(seal, signer), aad=AAD, largest=448, what=HEAD).payload != PAYLOAD


def test_a_message_has_a_cap_and_names_its_kind(heads: Signer) -> None:
    data = sign_message(PAYLOAD, heads, aad=AAD)
    for damaged, fault in (
        (data + b"\x00", "tree head is not CBOR|one deterministic form"),
        (data[1:], "tag 18"),
        (data + bytes(200), "none has more than 200"),
        (b"\xd2\x9f" + data[2:] + b"\xff", "one deterministic form"),
    ):
        with pytest.raises(MessageMalformed, match=fault):
            read_message(damaged, aad=AAD, largest=200, what=HEAD)
