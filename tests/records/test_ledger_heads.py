"""Heads of the ledger: signed, kept, typed again, and what lies under them."""

from __future__ import annotations

import datetime
from dataclasses import replace

import cbor2
import pytest
from an_issue import NOW, issue
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Delete, Update, delete, insert, update

from toolkit.errors import InputUnreadable, StoreError
from toolkit.records.ledger_heads import AAD, Head, SignedHead, read, read_text
from toolkit.records.store import Store
from toolkit.records.tables import events, ledger_heads, ledger_nodes, records
from toolkit.seal import keys
from toolkit.seal.certificates import Use, create_authority, create_signer
from toolkit.seal.cose import MessageMalformed, sign_message
from toolkit.seal.keys import Signer
from toolkit.seal.trust import Trust, judge_head
from toolkit.verdict import Reason

ROOT_KEY, KEY = keys.generate(), keys.generate()
ROOT = create_authority("某处", ROOT_KEY, now=NOW)
SIGNER = Signer(create_signer(ROOT, ROOT_KEY, KEY.public_key(), prefix="XJ", now=NOW, use=Use.HEADS), KEY)
TRUST = Trust((ROOT,), (SIGNER.certificate,))
LATER = NOW.replace(microsecond=0) + datetime.timedelta(hours=1)


def signed(store: Store, now: datetime.datetime = NOW) -> SignedHead:
    head = store.sign_head(SIGNER, now)
    assert head is not None
    return head


def genuine(head: SignedHead) -> bool:
    return not judge_head(head.message, head.head.at, TRUST, LATER)


def test_a_head_says_what_the_ledger_is_and_is_kept(store: Store) -> None:
    assert store.sign_head(SIGNER, NOW) is None and store.last_head() is None
    issue(store)
    first = signed(store)
    assert (first.head.log, first.head.size, first.head.at) == ("XJ", 2, NOW.replace(microsecond=0))
    assert genuine(first) and store.last_head() == first == read(first.data)
    issue(store)
    assert signed(store).head.size == 4 and store.last_head() != first


def test_the_message_is_a_cose_sign1_of_its_own_kind(store: Store) -> None:
    issue(store)
    head = signed(store)
    tagged = cbor2.loads(head.data)
    assert tagged.tag == 18
    assert cbor2.loads(tagged.value[2]) == {6: int(NOW.timestamp()), -65538: [1, "XJ", 2, head.head.root]}
    assert cbor2.loads(head.message.to_be_signed)[2] == b"truecopy-head-v1"


def test_no_other_bytes_are_a_head(store: Store) -> None:
    issue(store)
    data = signed(store).data
    for place in range(len(data)):
        bad = bytearray(data)
        bad[place] ^= 1
        try:
            assert not genuine(read(bytes(bad)))
        except MessageMalformed:
            pass
    for bad_data in (b"", data[:-1], data + b"\0", b"\xd2" + bytes(10)):
        with pytest.raises(MessageMalformed):
            read(bad_data)


heads = st.builds(
    Head,
    st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True),
    st.integers(1, 2**53 - 1),
    st.datetimes(datetime.datetime(2020, 1, 1), datetime.datetime(2100, 1, 1)).map(
        lambda time: time.replace(microsecond=0, tzinfo=datetime.UTC)
    ),
    st.binary(min_size=32, max_size=32),
)


@given(heads)
def test_a_text_is_read_back_however_it_is_typed(head: Head) -> None:
    typed = replace(head, root=head.root[:20])
    for text in (head.text, head.text.lower(), head.text.replace("-", " "), f"  {head.text.replace('-', '')}\n"):
        assert read_text(text) == typed


def test_a_text_is_short_and_a_slip_in_it_is_told(store: Store) -> None:
    issue(store)
    text = signed(store).head.text
    assert len(text) < 75
    letters = text.split("/")[3].replace("O", "0").replace("I", "1").replace("B", "8")
    assert read_text("/".join([*text.split("/")[:3], letters, text[-2:]])) == read_text(text)
    for place, letter in enumerate(text):
        other = {"2": "3", "A": "C"}.get(letter, "2" if letter.isdigit() else "A")
        if letter not in "/-TZ":
            with pytest.raises(InputUnreadable, match="slip"):
                read_text(text[:place] + other + text[place + 1 :])
    for nothing in ("", "XJ", "XJ/1/20250701T083015Z/ABCD/00", text + "1"):
        with pytest.raises(InputUnreadable, match="no head"):
            read_text(nothing)


def test_a_record_is_anchored_by_a_head_that_came_after_it(store: Store) -> None:
    first = issue(store)
    assert not store.anchored(first.serial, 1, before=LATER, genuine=genuine)
    signed(store)
    second = issue(store)
    signed(store, LATER)
    minute = datetime.timedelta(minutes=1)
    assert store.anchored(first.serial, 1, before=NOW + minute, genuine=genuine)
    assert not store.anchored(first.serial, 1, before=NOW - minute, genuine=genuine)
    assert not store.anchored(second.serial, 1, before=LATER, genuine=genuine)
    assert store.anchored(second.serial, 1, before=LATER + minute, genuine=genuine)
    assert not store.anchored(second.serial, 1, before=LATER + minute, genuine=lambda head: False)
    assert not store.anchored("XJSCO25-99999", 1, before=LATER, genuine=genuine)


@pytest.mark.parametrize(
    "change",
    [
        update(events).where(events.c.number == 2).values(who="another"),
        update(records).values(digest=bytes(32)),
        update(ledger_nodes).where(ledger_nodes.c.level == 0).values(hash=bytes(32)),
        delete(ledger_nodes),
        update(ledger_heads).values(signed=b"\xd2"),
    ],
)
def test_what_was_altered_since_is_not_anchored(store: Store, change: Update | Delete) -> None:
    serial = issue(store).serial
    signed(store)
    with store._database.writing() as connection:
        connection.execute(change)
    with pytest.raises(StoreError):
        store.anchored(serial, 1, before=LATER, genuine=genuine)


def test_a_head_of_another_tree_anchors_nothing(store: Store) -> None:
    serial = issue(store).serial
    message = sign_message(said(6, [1, "XJ", 2, bytes(32)]), SIGNER, aad=AAD)
    with store._database.writing() as connection:
        connection.execute(insert(ledger_heads).values(number=1, size=2, at=NOW, signed=message))
    assert not store.anchored(serial, 1, before=LATER, genuine=lambda head: True)


def test_a_key_for_seals_and_a_root_that_nobody_pinned_sign_no_head(store: Store) -> None:
    issue(store)
    key = keys.generate()
    for_seals = create_signer(ROOT, ROOT_KEY, key.public_key(), prefix="XJ", now=NOW)
    root = create_authority("某处", key, now=NOW)
    unpinned = create_signer(root, key, key.public_key(), prefix="XJ", now=NOW, use=Use.HEADS)
    trust = Trust((ROOT,), (SIGNER.certificate, for_seals, unpinned))
    for certificate in (for_seals, unpinned):
        head = store.sign_head(Signer(certificate, key), LATER)
        assert head is not None
        (finding,) = judge_head(head.message, head.head.at, trust, LATER)
        assert finding.reason is Reason.SIGNER_UNTRUSTED


def said(claim: int, head: list[object], time: int = 1) -> bytes:
    return cbor2.dumps({claim: time, -65538: head}, canonical=True)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        cbor2.dumps({6: 1}),
        said(5, [1, "XJ", 1, bytes(32)]),
        said(6, [1, "XJ", 1, bytes(32)], time=-1),
        said(6, [2, "XJ", 1, bytes(32)]),
        said(6, [True, "XJ", 1, bytes(32)]),
        said(6, [1, "XJ", 0, bytes(32)]),
        said(6, [1, "XJ", 2**53, bytes(32)]),
        said(6, [1, "XJ", 1, bytes(31)]),
        said(6, [1, "XJ", 1, bytes(32), 1]),
    ],
)
def test_a_signed_message_that_says_something_else_is_no_head(payload: bytes) -> None:
    with pytest.raises(MessageMalformed):
        read(sign_message(payload, SIGNER, aad=AAD))
