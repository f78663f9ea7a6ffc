"""Heads of the ledger: what was signed of it, kept in the store, and short enough to be typed from a receipt.

A head says how many events the ledger of an office had at a time, and their root (RFC 9162, 4.10). Whoever keeps one
elsewhere can show later that none of those events was altered, removed or added meanwhile.

    message:  COSE_Sign1 with external_aad ``truecopy-head-v1`` over {6: time, -65538: [1, log, size, root]}
    text:     LOG/SIZE/TIME/ROOT/CHECK, such as XJ/1284/20250701T083015Z/ABCD-...-4567/42

The text has no signature and the first 160 bits of the root, in Base32 (RFC 4648, 6), and two check digits of ISO 7064
MOD 97-10: it proves to whoever kept it himself.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from toolkit.errors import InputUnreadable
from toolkit.messages import Message
from toolkit.records import ledger
from toolkit.records.tables import ledger_heads
from toolkit.seal.cose import MessageMalformed, SignedMessage, cbor, not_deterministic, read_cbor, read_message
from toolkit.seal.cose import sign_message as _sign
from toolkit.seal.keys import Signer

AAD = b"truecopy-head-v1"
SCHEMA = 1
LARGEST_HEAD = 256
"""Bytes; a head has some 160."""
LARGEST_SIZE = 2**53 - 1

_WHAT = Message("the tree head")
_IAT, _HEAD_CLAIM = 6, -65538
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z
_ROOT_BYTES = 20  # of the 32, in a text: two ledgers that agree in them take 2^80 tries
_TEXT = re.compile(r"([A-Z0-9]{1,8})/([0-9]{1,16})/([0-9]{8}T[0-9]{6}Z)/([A-Z2-7]{32})/([0-9]{2})")
_SLIPS = str.maketrans("018", "OIB")  # Base32 has none of these digits


@dataclass(frozen=True, slots=True)
class Head:
    """What a head says: the ledger of ``log`` had ``size`` events at a time (aware, whole seconds).

    ``root`` has 32 bytes, or the first 20 where it was typed.
    """

    log: str
    size: int
    at: datetime
    root: bytes

    @property
    def text(self) -> str:
        """The head as a receipt prints it."""
        letters = base64.b32encode(self.root[:_ROOT_BYTES]).decode()
        groups = "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))
        said = f"{self.log}/{self.size}/{self.at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return f"{said}/{groups}/{mod_97_10.calc_check_digits(_checked(said, letters))}"

    def is_of(self, tree: ledger.Tree) -> bool:
        """Return whether the head is one of this tree."""
        return self.size == tree.size and tree.root.startswith(self.root)

    def to_dict(self) -> dict[str, object]:
        """Return the head as JSON answers have it."""
        return {
            "log": self.log,
            "size": self.size,
            "at": self.at.isoformat(),
            "root": self.root.hex(),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head with the message that says it; its signature is still to be judged (``seal.trust.judge_head``)."""

    head: Head
    data: bytes
    message: SignedMessage

    def to_dict(self) -> dict[str, object]:
        """Return the head as JSON answers have it, with its message in Base64."""
        return {**self.head.to_dict(), "signed": base64.b64encode(self.data).decode()}


def sign(connection: Connection, signer: Signer, now: datetime) -> SignedHead | None:
    """Sign the ledger as it is, and keep the head; None while nothing ever happened.

    Args:
        connection: of ``Database.writing``.
        signer: a key for heads.
        now: the time that the head carries, aware; kept in whole seconds.

    Raises:
        StoreError: the ledger is damaged.
    """
    tree = ledger.tree(connection)
    if not tree.size:
        return None
    head = head_of(tree, signer.certificate.prefix, now)
    data = _sign(_payload(head), signer, aad=AAD)
    last: int = connection.execute(select(func.coalesce(func.max(ledger_heads.c.number), 0))).scalar_one()
    connection.execute(insert(ledger_heads).values(number=last + 1, size=tree.size, at=head.at, signed=data))
    return read(data)


def head_of(tree: ledger.Tree, log: str, now: datetime) -> Head:
    """Return the head that says of an office's ledger what it is now (aware; kept in whole seconds)."""
    return Head(log, tree.size, now.astimezone(UTC).replace(microsecond=0), tree.root)


def last(connection: Connection) -> SignedHead | None:
    """Return the head that was signed last; None when none ever was.

    Raises:
        ValueError: it was altered.
    """
    listed = select(ledger_heads.c.signed).order_by(ledger_heads.c.number.desc()).limit(1)
    data = connection.execute(listed).scalar_one_or_none()
    return None if data is None else read_kept(data)


def covering(connection: Connection, size: int, before: datetime) -> Iterator[SignedHead]:
    """Give the kept heads of a ledger of at least ``size`` events whose time is before another, the smallest first.

    Raises:
        ValueError: one was altered.
    """
    wanted = (
        select(ledger_heads.c.signed)
        .where(ledger_heads.c.size >= size, ledger_heads.c.at < before)
        .order_by(ledger_heads.c.size, ledger_heads.c.number)
    )
    for data in connection.execute(wanted).scalars():
        kept = read_kept(data)
        if kept.head.size >= size and kept.head.at < before:
            yield kept


def read(data: bytes) -> SignedHead:
    """Return what the bytes of a signed head say, without judging who signed it.

    Raises:
        MessageMalformed: for anything but the exact bytes that ``sign`` can make.
    """
    message = read_message(data, aad=AAD, largest=LARGEST_HEAD, what=_WHAT)
    match read_cbor(message.payload, _WHAT):
        case {6: int(time), -65538: [int(schema), str(log), int(size), bytes(root)]}:
            pass
        case _:
            raise MessageMalformed(Message("{what} has another structure than ours", what=_WHAT))
    if schema != SCHEMA or not 0 <= time <= _LATEST or not 0 < size <= LARGEST_SIZE or len(root) != 32:
        raise MessageMalformed(Message("{what} has another structure than ours", what=_WHAT))
    head = Head(log, size, datetime.fromtimestamp(time, UTC), root)
    if _payload(head) != message.payload:
        raise not_deterministic(_WHAT)
    return SignedHead(head, data, message)


def read_text(text: str) -> Head:
    """Return the head of a text that was kept or typed: in letters of either case, with spaces or hyphens anywhere.

    Raises:
        InputUnreadable: it is none, or there is a slip in it.
    """
    said = re.sub(r"[\s-]", "", text.upper())
    parts = said.split("/")
    if len(parts) == 5:
        said = "/".join([*parts[:3], parts[3].translate(_SLIPS), parts[4]])
    matched = _TEXT.fullmatch(said)
    try:
        if matched is None:
            raise ValueError
        log, size, time, letters, check = matched.groups()
        mod_97_10.validate(_checked(f"{log}/{size}/{time}", letters) + check)
        at = datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except (ValueError, ValidationError) as error:
        raise InputUnreadable(
            Message(
                "“{text}” is no head of a ledger, or there is a slip in it: it reads LOG/SIZE/TIME/ROOT/CHECK, as on "
                "a receipt",
                text=text.strip()[:100],
            )
        ) from error
    return Head(log, int(size), at, base64.b32decode(letters))


def _payload(head: Head) -> bytes:
    return cbor({_IAT: int(head.at.timestamp()), _HEAD_CLAIM: [SCHEMA, head.log, head.size, head.root]})


def read_kept(data: object) -> SignedHead:
    """Return the head that the store keeps as these bytes.

    Raises:
        TypeError, ValueError: they are none.
    """
    try:
        if not isinstance(data, bytes):
            raise TypeError("a head is bytes")
        return read(data)
    except MessageMalformed as error:
        raise ValueError(str(error)) from error


def _checked(said: str, letters: str) -> str:
    return re.sub("[^A-Z0-9]", "", said) + letters
