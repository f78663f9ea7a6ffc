"""The symbol: a seal's bytes as decimal digits, and the digits as a QR code (ISO/IEC 18004).

Digits, because readers and keyboard scanners hand numeric mode through unchanged where they mangle bytes, and because
it is as dense: 10 bits carry three digits. A 0x01 in front keeps leading zero bytes, and two check digits by ISO/IEC
7064 MOD 97-10 behind tell a slip of a keyboard scanner from a forgery.
"""

from __future__ import annotations

from stdnum.iso7064 import mod_97_10

from toolkit.errors import TruecopyError
from toolkit.messages import Message

CAPACITY = {10: 513, 11: 604, 12: 691, 13: 796, 14: 871, 15: 991, 16: 1082}
"""Digits that a symbol of each version holds at error correction level M (ISO/IEC 18004:2015, table 7)."""

MOST_DIGITS = max(CAPACITY.values())
"""Far below the 4 300 digits from which Python refuses to convert an integer."""

_PREFIX = b"\x01"
_MASK = 3
"""Any mask is valid (ISO/IEC 18004:2015, 7.8); a fixed one spares the trial of all eight, 33 ms against 5."""


class SymbolUnreadable(TruecopyError):
    """The digits are no seal's: a slip of the scanner, or a code that is not ours."""

    code = "SYMBOL_UNREADABLE"


def to_digits(data: bytes) -> str:
    """Return the digits of a seal's bytes.

    Raises:
        ValueError: when there are more than a version 16-M symbol holds.
    """
    if len(data) > MOST_DIGITS // 2:  # a byte is 2.4 digits; keeps the conversion itself bounded
        raise ValueError(f"{len(data)} bytes are too many for a symbol")
    number = str(int.from_bytes(_PREFIX + data, "big"))
    digits: str = number + mod_97_10.calc_check_digits(number)
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{len(digits)} digits are too many for a symbol")
    return digits


def from_digits(digits: str) -> bytes:
    """Return the bytes that the digits carry.

    Raises:
        SymbolUnreadable: when they are not digits, too many, fail the check, or are no seal's.
    """
    if len(digits) > MOST_DIGITS:
        raise SymbolUnreadable(
            Message(
                "the symbol has {count} characters; a seal's has at most {most}", count=len(digits), most=MOST_DIGITS
            )
        )
    if not digits.isascii() and digits.isdecimal():
        raise SymbolUnreadable(
            Message(
                "the digits are not ASCII: a Chinese input method changed what the scanner typed; switch the keyboard "
                "to English and scan again"
            )
        )
    if len(digits) < 3 or not (digits.isascii() and digits.isdecimal()):
        raise SymbolUnreadable(Message("the symbol holds something else than a seal's digits"))
    if not mod_97_10.is_valid(digits):
        raise SymbolUnreadable(Message("the symbol's check digits do not fit: scan it again"))
    number = int(digits[:-2])
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    # The second comparison refuses leading zeros, and 00 or 01 as check digits for 97 or 98.
    if not data.startswith(_PREFIX) or to_digits(data[1:]) != digits:
        raise SymbolUnreadable(Message("the symbol holds a number that is no seal"))
    return data[1:]


def version_for(digits: str) -> int:
    """Return the version of the smallest symbol for the digits, from 10 (57 modules) to 16 (81 modules).

    Raises:
        ValueError: when they do not fit 16-M.
    """
    for version, capacity in CAPACITY.items():
        if len(digits) <= capacity:
            return version
    raise ValueError(f"{len(digits)} digits do not fit a version 16-M symbol")


def modules(version: int) -> int:
    """Return the number of modules along an edge (ISO/IEC 18004:2015, 6.3.1): 57 for version 10, 81 for 16."""
    return 17 + 4 * version


def matrix(digits: str, *, version: int) -> tuple[bytes, ...]:
    """Return the modules of the symbol row by row, a byte each, 1 for dark and 0 for light, without quiet zone.

    Raises:
        ValueError: when the digits do not fit the version.
    """
    import qrcode  # 50 ms that reading symbols can do without
    from qrcode.util import MODE_NUMBER, QRData

    if len(digits) > CAPACITY[version]:
        raise ValueError(f"{len(digits)} digits do not fit a version {version}-M symbol")
    code = qrcode.QRCode(
        version=version, error_correction=qrcode.constants.ERROR_CORRECT_M, border=0, mask_pattern=_MASK
    )
    code.add_data(QRData(digits.encode("ascii"), mode=MODE_NUMBER, check_data=False), optimize=0)
    code.make(fit=False)
    return tuple(bytes(map(bool, row)) for row in code.get_matrix())
