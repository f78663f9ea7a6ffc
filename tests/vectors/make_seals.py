"""Make the seal vectors: genuine seals, and negative ones with one fault each and the one reason it must be given.

    python tests/vectors/make_seals.py        writes tests/vectors/*.json, trust/ and trust-with-list/

A vector is read with the folder ``trust``, or with the one that it names.

``tests/seal/test_vectors.py`` makes them again and compares. Released vectors are never changed or removed: what was
sealed with a released 1.x verifies with every later 1.x. The keys are published here and must never be trusted.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from stdnum.iso7064 import mod_97_10

from toolkit.seal import symbol
from toolkit.seal.certificates import RootCertificate, Use, create_authority, create_signer
from toolkit.seal.keys import Signer
from toolkit.seal.payload import Claims, Seal, encode
from toolkit.seal.revocation import Revocation, create_revocation_list, crl_pem
from toolkit.seal.signature import PrivateKey, sign

FOLDER = Path(__file__).parent
START = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
ISSUED = datetime.datetime(2025, 7, 1, 1, 30, tzinfo=datetime.UTC)
READ = "2025-09-15T08:00:00+00:00"
AAD = b"truecopy-seal-v1"

Vectors = dict[str, dict[str, str]]


def ed25519(number: int) -> Ed25519PrivateKey:
    """Return a published test key."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


@dataclass(frozen=True)
class Office:
    """A root and its key, which make signers."""

    root: RootCertificate
    key: Ed25519PrivateKey

    def signer(self, key: PrivateKey, prefix: str = "XJ", use: Use = Use.SEALS) -> Signer:
        """Return a signer under this root."""
        return Signer(create_signer(self.root, self.key, key.public_key(), prefix=prefix, now=START, use=use), key)


def office(name: str, number: int) -> Office:
    """Return an office with published keys."""
    key = ed25519(number)
    return Office(create_authority(name, key, now=START), key)


OFFICE = office("新疆维吾尔自治区科学技术厅 (test vectors)", 1)
SIGNER = OFFICE.signer(ed25519(2))
OTHER = OFFICE.signer(ed25519(3), prefix="QH")
P256 = OFFICE.signer(derive_private_key(int.from_bytes(b"\4" * 32, "big"), SECP256R1()))
FOREIGN = office("Somebody else", 5).signer(ed25519(6))
"""Its certificate lies in the trust folder, its root does not."""
UNKNOWN = OFFICE.signer(ed25519(7))
"""Its certificate is not at hand."""

RETIRED = OFFICE.signer(ed25519(8))
LOST = OFFICE.signer(ed25519(9))
HEADS = OFFICE.signer(ed25519(10), use=Use.HEADS)
SHORT = OFFICE.signer(ed25519(11), prefix="X")
"""Its prefix starts serials of ``XJ`` as well, which are another key's."""
DAY, SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)
LIST = create_revocation_list(
    OFFICE.root,
    OFFICE.key,
    [
        Revocation(RETIRED.certificate.certificate.serial_number, ISSUED + DAY, compromised=False),
        Revocation(LOST.certificate.certificate.serial_number, ISSUED + DAY, compromised=True),
    ],
    number=3,
    now=ISSUED + 2 * DAY,
)

SEAL = Seal("XJSCO25-00001", 1, "P", 1, 2, 3, 14, bytes(range(32)), bytes(range(32, 64)), ISSUED)
CLAIMS = Claims("面向中亚干旱区的盐碱地改良与节水灌溉关键技术联合研究", "新疆农业大学", "阿依古丽·买买提", 5_000_000)
FIRST = replace(SEAL, page=1, claims=CLAIMS)


def trust_files() -> dict[str, bytes]:
    """Return the trust folder of the reader: path below ``trust/`` and PEM."""
    files = {"roots/office.pem": OFFICE.root.certificate}
    for name, signer in (("signer", SIGNER), ("other", OTHER), ("p256", P256), ("foreign", FOREIGN)):
        files[f"certificates/{name}.pem"] = signer.certificate.certificate
    return {name: certificate.public_bytes(Encoding.PEM) for name, certificate in files.items()}


def trust_with_list() -> bytes:
    """Return the bundle of a reader who has the office's revocation list as well, without its lines for people."""
    held = [OFFICE.root, *(signer.certificate for signer in (SIGNER, RETIRED, LOST, HEADS, SHORT))]
    return b"".join([*(one.certificate.public_bytes(Encoding.PEM) for one in held), crl_pem(LIST.crl)])


def fields() -> list[object]:
    """Return the array of the genuine seal."""
    return list(cbor2.loads(cbor2.loads(encode(SEAL, SIGNER)).value[2])[-65537])


def header() -> dict[object, object]:
    """Return the protected header of the genuine seal."""
    return {1: -19, 4: SIGNER.kid}


def message(
    *,
    protected: bytes | None = None,
    unprotected: dict[object, object] | None = None,
    payload: bytes | None = None,
    aad: bytes = AAD,
    context: str = "Signature1",
    tag: int = 18,
) -> bytes:
    """Return the genuine seal with one part exchanged, signed afterwards: whatever is wrong, the signature is right."""
    protected = cbor2.dumps(header()) if protected is None else protected
    payload = cbor2.dumps({6: int(ISSUED.timestamp()), -65537: fields()}) if payload is None else payload
    signature = sign(SIGNER.key, cbor2.dumps([context, protected, aad, payload]))
    return cbor2.dumps(cbor2.CBORTag(tag, [protected, unprotected or {}, payload, signature]))


def described(*changes: tuple[int, object], claims: tuple[object, ...] = (), issued: object = None) -> bytes:
    """Return a payload with changed fields, by their place in the array."""
    changed = fields()
    for place, value in changes:
        changed[place] = value
    return cbor2.dumps({6: int(ISSUED.timestamp()) if issued is None else issued, -65537: [*changed, *claims]})


def flip(data: bytes, place: int) -> bytes:
    """Return the data with one bit changed."""
    changed = bytearray(data)
    changed[place] ^= 1
    return bytes(changed)


def genuine() -> Iterator[tuple[str, bytes, str]]:
    """Yield seals in which nothing is wrong."""
    yield "genuine", encode(SEAL, SIGNER), "a side of an inner page"
    yield "genuine-first-page", encode(FIRST, SIGNER), "the proposal's first page with its claims"
    yield "genuine-esp256", encode(SEAL, P256), "signed with P-256"
    largest = replace(SEAL, serial="XJ" + "9" * 18, document="PPPP", revision=65535, copy=255, copies=255)
    yield "genuine-largest", encode(replace(largest, page=65535, pages=65535), SIGNER), "every field at its bound"


def forged() -> Iterator[tuple[str, bytes, str]]:
    """Yield messages that no key of ours made: wrong signatures, and structures that ``encode`` never makes."""
    good = encode(SEAL, SIGNER)
    assert message() == good  # the parts below differ from the genuine seal by their fault alone
    yield "signature-flipped", flip(good, -1), "one bit of the signature changed"
    yield "payload-altered", good.replace(b"XJSCO25-00001", b"XJSCO25-00002"), "another serial under the signature"
    yield "kid-of-another", message(protected=cbor2.dumps({1: -19, 4: OTHER.kid})), "names another trusted key"
    swapped = cbor2.dumps({1: -9, 4: SIGNER.kid})
    yield "algorithm-of-another-key", message(protected=swapped), "says ESP256, is signed by Ed25519"
    yield "algorithm-eddsa", message(protected=cbor2.dumps({1: -8, 4: SIGNER.kid})), "the polymorphic EdDSA"
    yield "algorithm-none", message(protected=cbor2.dumps({4: SIGNER.kid})), "no algorithm"
    yield "algorithm-text", message(protected=cbor2.dumps({1: "EdDSA", 4: SIGNER.kid})), "the algorithm as text"
    yield "kid-unprotected", message(protected=cbor2.dumps({1: -19}), unprotected={4: SIGNER.kid}), "kid not signed"
    yield "kid-short", message(protected=cbor2.dumps({1: -19, 4: SIGNER.kid[:7]})), "seven bytes of key identifier"
    yield "header-critical", message(protected=cbor2.dumps({**header(), 2: [99]})), "a critical header parameter"
    yield "header-unprotected", message(unprotected={5: b"x"}), "an unprotected header parameter"
    yield "header-duplicate", message(protected=b"\xa3\x01\x32" + cbor2.dumps(header())[1:]), "alg twice"
    yield "aad-other-schema", message(aad=b"truecopy-seal-v2"), "signed for another schema"
    yield "aad-empty", message(aad=b""), "signed without aad"
    yield "context-other", message(context="Signature"), "signed as COSE_Sign"
    yield "tag-mac", message(tag=17), "COSE_Mac0"
    yield "tag-none", good[1:], "no tag"
    yield "tag-overlong", b"\xd8\x12" + good[1:], "tag 18 in two bytes"
    yield "truncated", good[:-1], "the last byte missing"
    yield "truncated-half", good[: len(good) // 2], "half a seal"
    yield "empty", b"", "no byte at all"
    yield "trailing-byte", good + b"\x00", "a byte behind the message"
    yield "twice", good + good, "two messages"
    yield "too-long", message(payload=described(claims=("x" * 400, "", "", 0))), "more than 448 bytes"
    overlong = described().replace(b"\x8a\x01", b"\x8a\x18\x01")
    yield "integer-overlong", message(payload=overlong), "1 in two bytes"
    yield "array-indefinite", message(payload=described().replace(b"\x8a\x01", b"\x9f\x01") + b"\xff"), "open array"
    keys = cbor2.dumps({-65537: fields(), 6: int(ISSUED.timestamp())})
    yield "keys-unsorted", message(payload=keys), "keys in another order"
    twice = b"\xa3" + b"\x06\x00" + described()[1:]
    yield "keys-duplicate", message(payload=twice), "iat twice"
    yield "claim-unknown", message(payload=b"\xa3" + described()[1:] + b"\x3a\x00\x01\x00\x01\x00"), "one claim more"
    yield (
        "payload-detached",
        cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps(header()), {}, None, b"x" * 64])),
        "nil payload",
    )
    yield "payload-empty", message(payload=b""), "an empty payload"
    yield "float", message(payload=described((6, 3.0))), "the page as a float"
    yield "boolean", message(payload=described((2, True))), "true as revision 1"
    yield "bignum", message(payload=described((2, 2**64))), "a revision of more than 64 bits"
    bigfloat = b"\xc5\x82\x1b" + b"\x7f" * 8 + b"\x01"
    yield "bigfloat", message(payload=described().replace(b"\x8a\x01", b"\x8a" + bigfloat)), "beyond all bounds"
    yield "nested", b"\xd2" + b"\x81" * 440, "440 arrays in each other"
    yield "time-float", message(payload=described(issued=1.5)), "iat with a fraction"
    yield "time-negative", message(payload=described(issued=-1)), "before 1970"
    yield "time-far", message(payload=described(issued=2**62)), "after the year 9999"
    yield "fields-missing", message(payload=cbor2.dumps({6: 0, -65537: fields()[:9]})), "no page digest"
    yield "serial-too-long", message(payload=described((1, "X" * 21))), "21 characters"
    yield "serial-small-letters", message(payload=described((1, "xjsco25-00001"))), "not in capitals"
    yield "revision-zero", message(payload=described((2, 0))), "revisions count from 1"
    yield "document-too-long", message(payload=described((3, "PROPO"))), "five letters"
    yield "copy-beyond", message(payload=described((4, 3))), "copy 3 of 2"
    yield "page-beyond", message(payload=described((6, 15))), "page 15 of 14"
    yield "digest-short", message(payload=described((8, b"x" * 31))), "31 bytes of digest"
    yield "digest-text", message(payload=described((8, "x" * 32))), "the digest as text"
    yield "title-too-long", message(payload=described(claims=("x" * 109, "u", "l", 1))), "109 bytes of title"
    yield "title-not-nfc", message(payload=described(claims=("e\u0301", "u", "l", 1))), "decomposed"
    yield "title-control", message(payload=described(claims=("\x1b[2J", "u", "l", 1))), "a terminal's escape"
    yield "amount-negative", message(payload=described(claims=("t", "u", "l", -1))), "minus one fen"
    short = cbor2.loads(good).value
    yield "signature-short", cbor2.dumps(cbor2.CBORTag(18, [*short[:3], short[3][:63]])), "63 bytes"
    yield "signature-empty", cbor2.dumps(cbor2.CBORTag(18, [*short[:3], b""])), "no signature"


def untrusted() -> Iterator[tuple[str, bytes, str, str]]:
    """Yield well-made seals whose signer may not make them, with the reason."""
    yield "kid-unknown", encode(SEAL, UNKNOWN), "SIGNER_UNTRUSTED", "the certificate is not at hand"
    yield "root-foreign", encode(SEAL, FOREIGN), "SIGNER_UNTRUSTED", "no pinned root issued the certificate"
    yield "prefix-of-another", encode(SEAL, OTHER), "SIGNER_UNTRUSTED", "a serial of XJ under a certificate for QH"
    late = replace(SEAL, issued_at=ISSUED + datetime.timedelta(days=365))
    yield "clock-before-iat", encode(late, SIGNER), "SEAL_OUT_OF_VALIDITY", "made after it was read"
    early = replace(SEAL, issued_at=START - datetime.timedelta(seconds=1))
    yield "iat-before-validity", encode(early, SIGNER), "SEAL_OUT_OF_VALIDITY", "a second too early"
    schema = message(payload=described((0, 2)), aad=b"truecopy-seal-v2")
    yield "schema-unknown", schema, "SEAL_UNREADABLE", "a schema from the future"


def judged_with_list() -> Iterator[tuple[str, Seal, Signer, datetime.datetime, str, str]]:
    """Yield seals, their signer and reader's time for the trust with a revocation list, with the reason."""
    read = datetime.datetime.fromisoformat(READ)
    after = replace(SEAL, issued_at=ISSUED + DAY)
    yield "list-fresh", SEAL, SIGNER, read, "PASSED", "its key is on no list"
    yield (
        "before-retirement",
        replace(SEAL, issued_at=ISSUED + DAY - SECOND),
        RETIRED,
        read,
        "PASSED",
        "a second before",
    )
    yield "after-retirement", after, RETIRED, read, "SEAL_OUT_OF_VALIDITY", "made by a key that was out of use"
    yield "key-compromised", after, LOST, read, "KEY_COMPROMISED", "made when the key was in other hands"
    yield "key-compromised-later", SEAL, LOST, read, "KEY_COMPROMISED", "says it was made before: worth nothing"
    yield "list-ends", SEAL, SIGNER, LIST.ends, "PASSED", "read in the last second of the revocation list"
    yield "list-stale", SEAL, SIGNER, LIST.ends + SECOND, "TRUST_STALE", "read a second after the list ended"
    yield "key-for-heads", SEAL, HEADS, read, "SIGNER_UNTRUSTED", "a key for heads of the ledger"
    yield "prefix-shorter", SEAL, SHORT, read, "SIGNER_UNTRUSTED", "a serial of XJ under a certificate for X"
    own = replace(SEAL, serial="X0SCO25-00001")
    yield "prefix-shorter-own", own, SHORT, read, "PASSED", "a serial of X beside a key for XJ"


def unreadable() -> Iterator[tuple[str, str, str]]:
    """Yield what a symbol or a keyboard scanner may bring that is no seal's digits."""
    digits = symbol.to_digits(encode(SEAL, SIGNER))
    yield "slip", digits[:100] + str((int(digits[100]) + 1) % 10) + digits[101:], "one digit wrong"
    place = next(i for i in range(200, 300) if digits[i] != digits[i + 1])
    yield "check-digits", digits[:-1] + str((int(digits[-1]) + 1) % 10), "the last check digit wrong"
    yield "transposed", digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :], "two digits swapped"
    yield "digit-lost", digits[:50] + digits[51:], "one digit lost"
    yield "leading-zero", "0" + digits, "a zero in front"
    yield "no-digits", "https://example.org/", "a code that is not ours"
    yield "full-width", digits.translate({ord("0") + i: ord("０") + i for i in range(10)}), "through an input method"
    yield "barcode", "6901234567892", "an EAN-13"
    yield "barcode-fitting", "654321" + mod_97_10.calc_check_digits("654321"), "fitting check digits, no seal"
    other = str(int.from_bytes(b"\x02" + encode(SEAL, SIGNER), "big"))
    yield "prefix-other", other + mod_97_10.calc_check_digits(other), "0x02 in front"
    yield "too-many", "1" * 1083, "more digits than 16-M holds"
    yield "empty-text", "", "nothing"


def make() -> Vectors:
    """Return every vector by its name."""
    vectors: Vectors = {}
    for name, data, about in genuine():
        vectors[name] = {"about": about, "digits": symbol.to_digits(data), "expect": "PASSED"}
    for name, data, about in forged():
        vectors[name] = {"about": about, "seal_hex": data.hex(), "expect": "SEAL_FORGED"}
    for name, data, reason, about in untrusted():
        vectors[name] = {"about": about, "seal_hex": data.hex(), "expect": reason}
    for name, digits, about in unreadable():
        vectors[name] = {"about": about, "digits": digits, "expect": "SEAL_UNREADABLE"}
    vectors["genuine-read-later"] = {
        "about": "made in time, read after the certificate's end",
        "seal_hex": encode(SEAL, SIGNER).hex(),
        "expect": "PASSED",
        "read_at": "2035-01-01T00:00:00+00:00",
    }
    expired = {"about": "a day after the certificate's end", "expect": "SEAL_OUT_OF_VALIDITY"}
    end = SIGNER.certificate.certificate.not_valid_after_utc + datetime.timedelta(days=1)
    expired["seal_hex"] = encode(replace(SEAL, issued_at=end), SIGNER).hex()
    vectors["iat-after-validity"] = {**expired, "read_at": "2035-01-01T00:00:00+00:00"}
    for name, seal, signer, read, reason, about in judged_with_list():
        found = {"about": about, "seal_hex": encode(seal, signer).hex(), "expect": reason}
        vectors[name] = {**found, "read_at": read.isoformat(), "trust": "trust-with-list"}
    for vector in vectors.values():
        vector.setdefault("read_at", READ)
    return vectors


def files() -> dict[str, bytes]:
    """Return every file by its path below this folder."""
    made = {f"trust/{name}": data for name, data in trust_files().items()}
    made["trust-with-list/bundle.pem"] = trust_with_list()
    for name, vector in make().items():
        made[f"seal-v1-{name}.json"] = (json.dumps(vector, ensure_ascii=False, indent=2) + "\n").encode()
    return made


if __name__ == "__main__":
    for name, data in files().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
