"""From what is typed to what is meant: text, dates, amounts, yes or no, codes. Exact, or refused with what is right.

Every scalar of an application arrives as text (YAML 1.1 would make 90 of 1:30 and False of no). Text is normalised to
Unicode form C and never to KC, which turns 10² into 102. An amount is 万元 in the file and a whole number of fen here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from toolkit.messages import Message, masked

FEN_PER_WAN = 1_000_000
"""1 万元 = 10,000 yuan = 1,000,000 fen, so six decimals of 万元 are exact."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
SHOWN = 40
"""Characters of a wrong value that a message repeats."""

_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")  # 10^9 万元 is 10^15 fen, below 2^53 (RFC 8785)
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_CHINESE_DATE = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_SOME_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_WHOLE = re.compile(r"(?:0|[1-9][0-9]{0,5})")
YES_NO = ("是", "否")
"""The choices of a declaration, as people read them."""
_YES = frozenset({"是", "true", "yes"})
_NO = frozenset({"否", "false", "no"})
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]+(?:\.[^@\s,;<>.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9() -]{4,22}[0-9]")
_RESIDENT_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_OTHER_NUMBER = re.compile(r"[0-9A-Z()-]{5,20}")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Invisible characters that text may hold: the joiners of Arabic script and the marks of writing direction. Overrides
# and isolates of direction, zero-width spaces and soft hyphens could make paper read otherwise than the record.
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\u061c")


class Unfit(ValueError):
    """A value is not what its field takes; ``message`` says what would be right and never repeats a secret value."""

    def __init__(self, message: Message) -> None:
        """Keep the message untranslated."""
        super().__init__(message)
        self.message = message


def shown(value: str) -> str:
    """Return the value as messages repeat it: one line, at most 40 characters, nothing invisible.

    Numbers of persons are masked: people write them into the field above or below, too.
    """
    printable = (character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in value)
    visible = masked("".join(printable))
    return visible if len(visible) <= SHOWN else visible[:SHOWN] + "…"


def parse_text(value: str, longest: int, *, lines: bool = False) -> str:
    """Return text in form C without white space around it.

    Args:
        value: what is typed.
        longest: characters it may have.
        lines: whether it may have several lines.

    Raises:
        Unfit: for control, invisible, private-use or half characters, a second line, or too many characters.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    for position, character in enumerate(text, 1):
        if character == "\n":
            if not lines:
                raise Unfit(Message("it has several lines; write it on one"))
            continue
        category = unicodedata.category(character)
        if category == "Co":
            raise Unfit(
                Message(
                    "character {position} ({code}) is from a private-use area and prints differently on every "
                    "computer; type it again with an input method that knows Unicode",
                    position=position,
                    code=_code(character),
                )
            )
        if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in _JOINERS):
            raise Unfit(
                Message(
                    "character {position} ({code}) is a control or invisible character; delete it",
                    position=position,
                    code=_code(character),
                )
            )
    if len(text) > longest:
        raise Unfit(
            Message("it has {length} characters; at most {longest} are taken", length=len(text), longest=longest)
        )
    return text


def parse_choice(value: str, choices: Collection[str]) -> str:
    """Return the value when it is one of the choices.

    Raises:
        Unfit: when it is not; the message lists them.
    """
    text = value.strip()
    if text not in choices:
        raise Unfit(not_among(text, choices))
    return text


def not_among(value: str, choices: Collection[str]) -> Message:
    """Return the sentence that a value is not one of the choices, and lists them."""
    return Message("“{value}” is not among: {choices}", value=shown(value), choices=tuple(choices))


def parse_date(value: str) -> date:
    """Return the date that 2025-07-01 or 2025年7月1日 says.

    Raises:
        Unfit: for any other writing (with the right one where it is clear) and for days that do not exist.
    """
    text = value.strip()
    match = _ISO_DATE.fullmatch(text) or _CHINESE_DATE.fullmatch(text)
    if match is None:
        narrow = _narrow_digits(text)
        guess = _SOME_DATE.fullmatch(narrow.replace(" ", ""))
        day = _day(guess) if guess else None
        if day is not None:
            raise Unfit(
                Message("“{value}” is not written as a date is here; write {right}", value=shown(text), right=str(day))
            )
        raise Unfit(Message("“{value}” is not a date; write it as 2025-07-01 or 2025年7月1日", value=shown(text)))
    day = _day(match)
    if day is None:
        raise Unfit(Message("there is no day “{value}”", value=shown(text)))
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise Unfit(
            Message(
                "the year {year} is not between {first} and {last}",
                year=day.year,
                first=EARLIEST_YEAR,
                last=LATEST_YEAR,
            )
        )
    return day


def parse_amount(value: str) -> int:
    """Return the fen in an amount of 万元: ``80.00`` is 80,000,000 fen; exact up to six decimals.

    Raises:
        Unfit: for signs, units, separators of thousands, full-width digits, exponents and more decimals.
    """
    text = value.strip()
    if _AMOUNT.fullmatch(text) is None:
        raise Unfit(_amount_fault(text))
    return int(Decimal(text) * FEN_PER_WAN)


def format_amount(fen: int) -> str:
    """Return fen as 万元, two decimals or as many more as it takes: ``parse_amount`` reads it back exactly."""
    whole, rest = divmod(fen, FEN_PER_WAN)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}"


def parse_whole(value: str, lowest: int, highest: int) -> int:
    """Return the whole number.

    Raises:
        Unfit: when it is none, or outside lowest to highest.
    """
    text = value.strip()
    if _WHOLE.fullmatch(text) is None or not lowest <= int(text) <= highest:
        raise Unfit(
            Message(
                "“{value}” is not a whole number from {lowest} to {highest}",
                value=shown(text),
                lowest=lowest,
                highest=highest,
            )
        )
    return int(text)


def parse_year(value: str) -> int:
    """Return the year of a budget column.

    Raises:
        Unfit: when it is not four digits within 1900 to 2199.
    """
    text = value.strip()
    if "：" in text:
        raise Unfit(Message("“{value}” has a full-width colon; write 2025: 10.00", value=shown(text)))
    if re.fullmatch("[0-9]{4}:.+", text):
        raise Unfit(Message("a space is missing behind the colon of “{value}”", value=shown(text)))
    if re.fullmatch("[0-9]{4}", text) is None or not EARLIEST_YEAR <= int(text) <= LATEST_YEAR:
        raise Unfit(Message("“{value}” is not a year; write four digits such as 2025", value=shown(text)))
    return int(text)


def parse_yes_no(value: str) -> bool:
    """Return True for 是, true, yes and False for 否, false, no.

    Raises:
        Unfit: for anything else.
    """
    text = value.strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Unfit(Message("“{value}” is neither 是 nor 否", value=shown(value)))


def parse_email(value: str) -> str:
    """Return the address when it has the shape of one.

    Raises:
        Unfit: when it has not.
    """
    text = parse_text(value, 100)
    if _EMAIL.fullmatch(text) is None:
        raise Unfit(Message("“{value}” is not an e-mail address", value=shown(text)))
    return text


def parse_phone(value: str) -> str:
    """Return the telephone number as written: digits, spaces, hyphens, brackets, a plus in front.

    Raises:
        Unfit: for anything else; the number is not repeated.
    """
    text = parse_text(value, 24)
    if _PHONE.fullmatch(text) is None:
        raise Unfit(Message("it is not a telephone number; write digits and hyphens such as 0991-1234567"))
    return text


def parse_identity_number(value: str) -> str:
    """Return the number of an identity card (GB 11643, check character by ISO 7064 MOD 11-2) or of a passport.

    Raises:
        Unfit: when it is neither; the number is not repeated.
    """
    text = parse_text(value, 20).upper()
    if _RESIDENT_NUMBER.fullmatch(text):
        total = 0  # ISO 7064 MOD 11-2: the polynomial of radix 2, X counting ten, is 1 modulo 11
        for character in text:
            total = (2 * total + "0123456789X".index(character)) % 11
        if total != 1:
            raise Unfit(Message("its last character does not fit the other 17; one of them is mistyped"))
    elif _OTHER_NUMBER.fullmatch(text) is None or (text.isdigit() and len(text) > 15):
        raise Unfit(Message("it is not the number of an identity card (18 characters) or of a passport"))
    return text


def parse_credit_code(value: str) -> str:
    """Return the unified social credit code of a unit (GB 32100-2015: 18 characters, the last one checks them).

    Raises:
        Unfit: when it is none.
    """
    text = parse_text(value, 40).upper()
    if len(text) != 18:
        raise Unfit(
            Message(
                "“{value}” has {length} characters; a credit code has 18", value=_shown_code(text), length=len(text)
            )
        )
    if not set(text) <= set(_CREDIT_ALPHABET):
        raise Unfit(
            Message(
                "“{value}” has a character that no credit code has (I, O, S, V, Z or others)", value=_shown_code(text)
            )
        )
    # GB 32100-2015, 5.6: weight of position i is 3^(i-1) mod 31, check = 31 - sum mod 31.
    total = sum(_CREDIT_ALPHABET.index(character) * pow(3, i, 31) for i, character in enumerate(text[:17]))
    if _CREDIT_ALPHABET[-total % 31] != text[17]:
        raise Unfit(
            Message(
                "the last character of “{value}” does not fit the other 17; one of them is mistyped",
                value=_shown_code(text),
            )
        )
    return text


def _shown_code(text: str) -> str:
    """Return what was written for a credit code; one without the letters of most codes may be of an identity card."""
    return text if re.search("[A-WYZ]", text) else shown(text)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _narrow_digits(text: str) -> str:
    """Return the text with the digits of other scripts as 0 to 9 and full-width marks as ASCII, for guesses only."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text).translate(
        {0xFF0E: ".", 0xFF0C: ",", 0xFF0F: "/", 0xFF0D: "-"}
    )


def _day(match: re.Match[str]) -> date | None:
    year, month, day = (int(group) for group in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _amount_fault(text: str) -> Message:
    value = shown(text)
    narrow = _narrow_digits(text)
    if narrow != text and _AMOUNT.fullmatch(narrow.replace(",", "")):
        return Message("“{value}” has full-width characters; write {right}", value=value, right=narrow.replace(",", ""))
    if re.fullmatch(r"[0-9]{1,3}(?:[, ][0-9]{3})+(?:\.[0-9]*)?", text):
        right = text.replace(",", "").replace(" ", "")
        return Message("“{value}” has separators of thousands; write {right}", value=value, right=right)
    if unit := re.fullmatch(r"([0-9.]+)\s*万元?", text):
        return Message("“{value}” has a unit; write only the number of 万元: {right}", value=value, right=unit[1])
    if text.startswith(("-", "−", "－")):
        return Message("“{value}” is below zero; an amount is zero or more", value=value)
    if re.fullmatch(r"[0-9]+\.[0-9]{7,}", text):
        return Message("“{value}” has more than six decimals; the sixth of 万元 is one fen", value=value)
    return Message("“{value}” is not an amount; write 万元 such as 80.00", value=value)
