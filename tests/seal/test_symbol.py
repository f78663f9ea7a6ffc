"""Digits and QR codes: round trips, every slip caught, and a reader that we did not write."""

from __future__ import annotations

import numpy
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from toolkit.seal.symbol import (
    CAPACITY,
    MOST_DIGITS,
    SymbolUnreadable,
    from_digits,
    matrix,
    modules,
    to_digits,
    version_for,
)


@given(st.binary(max_size=447))
def test_bytes_come_back(data: bytes) -> None:
    digits = to_digits(data)
    assert digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS
    assert from_digits(digits) == data
    assert mod_97_10.is_valid(digits) and mod_97_10.calc_check_digits(digits[:-2]) == digits[-2:]


# The worked example of ISO/IEC 7064:2003, and ISO 17442 (LEI) identifiers, which use the same pure system.
@pytest.mark.parametrize("number", ["79444", "3214282912345698765432161182"])
def test_check_digits_are_those_of_mod_97_10(number: str) -> None:
    assert int(number) % 97 == 1
    assert mod_97_10.calc_check_digits(number[:-2]) == number[-2:]


@given(st.binary(min_size=1, max_size=210), st.data())
def test_every_single_slip_and_every_swap_of_neighbours_is_unreadable(data: bytes, draw: st.DataObject) -> None:
    digits = to_digits(data)
    place = draw.draw(st.integers(0, len(digits) - 2))
    other = draw.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    for wrong in {digits[:place] + other + digits[place + 1 :], swapped} - {digits}:
        with pytest.raises(SymbolUnreadable):
            from_digits(wrong)


@given(st.text(max_size=30) | st.text("0123456789", max_size=1200))
def test_noise_is_unreadable_or_exact(text: str) -> None:
    try:
        data = from_digits(text)
    except SymbolUnreadable:
        return
    assert to_digits(data) == text


def test_an_input_method_is_named_when_the_digits_are_full_width() -> None:
    wide = to_digits(b"seal").translate({ord("0") + value: ord("０") + value for value in range(10)})
    with pytest.raises(SymbolUnreadable, match="input method"):
        from_digits(wide)


def test_too_much_is_refused_before_it_is_converted() -> None:
    with pytest.raises(SymbolUnreadable, match="10000000 characters"):
        from_digits("1" * 10_000_000)
    for size in (449, 10_000_000):
        with pytest.raises(ValueError, match="too many"):
            to_digits(bytes(size))


def test_the_smallest_version_is_chosen() -> None:
    assert [version_for("1" * count) for count in (1, 499, 513, 514, 1079, 1082)] == [10, 10, 10, 11, 16, 16]
    with pytest.raises(ValueError, match="do not fit"):
        version_for("1" * 1083)


@pytest.mark.parametrize("version", CAPACITY)
def test_a_reader_reads_a_full_symbol(version: int) -> None:
    digits = ("9081726354" * 110)[: CAPACITY[version]]
    rows = matrix(digits, version=version)
    assert {len(row) for row in rows} == {modules(version)} == {len(rows)}
    dark = numpy.pad(numpy.array([list(row) for row in rows]), 4)
    pixels = numpy.where(numpy.kron(dark, numpy.ones((4, 4), int)), 0, 255).astype(numpy.uint8)
    (found,) = zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)
    assert (found.text, found.ec_level, str(found.format)) == (digits, "M", str(zxingcpp.BarcodeFormat.QRCode))
    with pytest.raises(ValueError, match="do not fit"):
        matrix(digits + "0", version=version)


@pytest.mark.parametrize("version", CAPACITY)
def test_another_writer_makes_the_same_modules(version: int) -> None:
    """Print sets are drawn again years later, with the same bytes: the symbol may not be the whim of a library."""
    most = CAPACITY[version]
    for count in (1, 155, most // 2, *range(most - 4, most + 1)):
        digits = ("9081726354" * 110)[:count]
        code = zxingcpp.create_barcode(
            digits, zxingcpp.BarcodeFormat.QRCode, ec_level="M", version=version, data_mask=3
        )
        dark = numpy.asarray(code.to_image(scale=1, add_quiet_zones=False)) == 0
        assert matrix(digits, version=version) == tuple(bytes(row.astype(numpy.uint8)) for row in dark)
