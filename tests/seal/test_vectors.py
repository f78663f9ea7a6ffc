"""Every committed vector gets the one reason that it expects, and the committed script still makes the same ones."""

from __future__ import annotations

import datetime
import json
import runpy
from pathlib import Path

import cbor2
import cwt
import pytest
from other_cose import public_key

from toolkit.seal.payload import SealMalformed, decode
from toolkit.seal.symbol import SymbolUnreadable, from_digits
from toolkit.seal.trust import judge
from toolkit.seal.trust_bundle import load_trust

FOLDER = Path(__file__).parent.parent / "vectors"
VECTORS = sorted(FOLDER.glob("seal-*.json"))


TRUST = {name: load_trust(FOLDER / name) for name in ("trust", "trust-with-list")}
AAD = b"truecopy-seal-v1"

TAXONOMY = {
    "bad signature": ("SEAL_FORGED", "signature-flipped", "signature-short", "signature-empty", "payload-altered"),
    "wrong protected kid": ("SEAL_FORGED", "kid-of-another", "kid-short"),
    "protected kid not at hand": ("SIGNER_UNTRUSTED", "kid-unknown", "root-foreign"),
    "kid only unprotected": ("SEAL_FORGED", "kid-unprotected"),
    "algorithm mismatch": ("SEAL_FORGED", "algorithm-of-another-key", "algorithm-eddsa", "algorithm-none"),
    "clock before iat": ("SEAL_OUT_OF_VALIDITY", "clock-before-iat"),
    "not yet valid": ("SEAL_OUT_OF_VALIDITY", "iat-before-validity"),
    "expired": ("SEAL_OUT_OF_VALIDITY", "iat-after-validity"),
    "retired": ("SEAL_OUT_OF_VALIDITY", "after-retirement"),
    "compromised": ("KEY_COMPROMISED", "key-compromised", "key-compromised-later"),
    "stale revocation list": ("TRUST_STALE", "list-stale"),
    "key for heads on a seal": ("SIGNER_UNTRUSTED", "key-for-heads"),
    "prefix of another": ("SIGNER_UNTRUSTED", "prefix-of-another", "prefix-shorter"),
    "truncated": ("SEAL_FORGED", "truncated", "truncated-half", "empty"),
    "trailing bytes": ("SEAL_FORGED", "trailing-byte", "twice"),
    "CBOR not canonical": ("SEAL_FORGED", "integer-overlong", "array-indefinite", "keys-unsorted", "tag-overlong"),
    "duplicate keys": ("SEAL_FORGED", "keys-duplicate", "header-duplicate"),
    "wrong aad": ("SEAL_FORGED", "aad-other-schema", "aad-empty"),
    "wrong tag": ("SEAL_FORGED", "tag-mac"),
    "no tag": ("SEAL_FORGED", "tag-none"),
    "wrong check digits": ("SEAL_UNREADABLE", "check-digits", "slip", "transposed"),
    "other schema": ("SEAL_UNREADABLE", "schema-unknown"),
    "oversize": ("SEAL_FORGED", "too-long"),
    "too many digits": ("SEAL_UNREADABLE", "too-many"),
}
"""After the test data of the EU Digital COVID Certificate, and what only this project can get wrong: fault, the reason
that a reader must give, vectors."""


def read(name: str) -> dict[str, str]:
    return json.loads((FOLDER / f"seal-v1-{name}.json").read_text("utf-8"))


def reasons(vector: dict[str, str]) -> list[str]:
    """Return the reasons that a reader gives: from the symbol's digits, or from the bytes that they would carry."""
    try:
        data = bytes.fromhex(vector["seal_hex"]) if "seal_hex" in vector else from_digits(vector["digits"])
        trust = TRUST[vector.get("trust", "trust")]
        findings = judge(decode(data), trust, datetime.datetime.fromisoformat(vector["read_at"]))
    except SymbolUnreadable:
        return ["SEAL_UNREADABLE"]
    except SealMalformed as error:
        return [error.reason.name]
    return [finding.reason.name for finding in findings] or ["PASSED"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_a_vector_gets_its_reason_and_no_other(path: Path) -> None:
    vector = json.loads(path.read_text("utf-8"))
    assert reasons(vector) == [vector["expect"]], vector["about"]


@pytest.mark.parametrize("fault", TAXONOMY)
def test_every_fault_of_the_taxonomy_has_its_vectors(fault: str) -> None:
    reason, *names = TAXONOMY[fault]
    assert {name: read(name)["expect"] for name in names} == dict.fromkeys(names, reason)


@pytest.mark.parametrize("name", ["genuine", "genuine-first-page", "genuine-esp256", "genuine-largest"])
def test_another_cose_library_verifies_the_genuine_vectors(name: str) -> None:
    data = from_digits(read(name)["digits"])
    payload = cwt.COSE.new().decode(data, public_keys(decode(data).kid), external_aad=AAD)
    assert list(cbor2.loads(payload)) == [6, -65537]


@pytest.mark.parametrize(
    "name",
    ["signature-flipped", "payload-altered", "kid-of-another", "aad-other-schema", "aad-empty", "context-other"],
)
def test_another_cose_library_refuses_what_no_key_signed(name: str) -> None:
    data = bytes.fromhex(read(name)["seal_hex"])
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(data, public_keys(decode(data).kid), external_aad=AAD)


def public_keys(kid: bytes) -> list[cwt.COSEKeyInterface]:
    return [public_key(one) for one in TRUST["trust"].certificates if one.kid == kid]


def test_the_script_makes_the_committed_files() -> None:
    made = runpy.run_path(str(FOLDER / "make_seals.py"))["files"]()
    committed = [*VECTORS, *FOLDER.glob("trust/*/*.pem"), *FOLDER.glob("trust-*/*.pem")]
    assert made == {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in committed}
