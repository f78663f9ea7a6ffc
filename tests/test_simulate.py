"""Simulated scans: deterministic, damaged as asked, and still readable."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pypdfium2
import pytest
import qrcode
import zxingcpp
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from toolkit.errors import InputUnreadable
from toolkit.simulate import Chop, Device, as_pdf, scan

DIGITS = "31415926535" * 40
QUICK = Device(dpi=100)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """Two pages: a 10-M symbol on the first, in its corner; a black square of 20 mm in the middle of both."""
    code = qrcode.QRCode(version=10, border=0, mask_pattern=3)
    code.add_data(DIGITS)
    code.make(fit=False)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for page in (1, 2):
        canvas.rect(A4[0] / 2 - 28.3, A4[1] / 2 - 28.3, 56.7, 56.7, stroke=0, fill=1)
        for y, row in enumerate(code.get_matrix() if page == 1 else []):
            for x, dark in enumerate(row):
                if dark:
                    canvas.rect(22.68 + x * 1.32, A4[1] - 22.68 - (y + 1) * 1.32, 1.33, 1.33, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)))


def square(image: np.ndarray) -> tuple[float, float, float]:
    """Middle and area of the black square, in pixels."""
    height, width = image.shape[:2]
    middle = image[height // 3 : -height // 3, width // 3 : -width // 3].mean(axis=2) < 128
    rows, columns = np.nonzero(middle)
    return columns.mean() + width // 3, rows.mean() + height // 3, middle.sum()


def test_the_same_seed_gives_the_same_scan(pdf: bytes) -> None:
    first, second, other = (list(scan(pdf, seed=seed, device=QUICK)) for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert len(first) == 2


def test_pages_come_as_asked_each_with_a_skew_of_its_own(pdf: bytes) -> None:
    images = [pixels(jpeg) for jpeg in scan(pdf, seed=1, device=QUICK, pages=[2, 1, 2])]
    assert [bool((image[:200, :200].min(axis=2) < 90).any()) for image in images] == [False, True, False]
    assert not np.array_equal(images[0], images[2])


def test_a_page_that_is_not_there_is_refused(pdf: bytes) -> None:
    with pytest.raises(ValueError, match="page 3 of a PDF that has 2"):
        list(scan(pdf, seed=1, pages=[3]))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"no"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(InputUnreadable):
        list(scan(data, seed=1))


def test_size_and_resolution_are_those_of_the_device(pdf: bytes) -> None:
    (jpeg,) = scan(pdf, seed=1, device=QUICK, pages=[2])
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.size == (827, 1169) and image.mode == "RGB" and image.info["dpi"] == (100, 100)
    (grey,) = scan(pdf, seed=1, device=Device(dpi=100, colour=False), pages=[2])
    with Image.open(io.BytesIO(grey)) as image:
        assert image.mode == "L"


def test_scale_skew_and_shift_are_within_what_was_asked(pdf: bytes) -> None:
    still = Device(dpi=100, skew_degrees=0, shift=0)
    (full,) = scan(pdf, seed=1, device=still, pages=[2])
    (fitted,) = scan(pdf, seed=1, device=Device(dpi=100, skew_degrees=0, shift=0, scale=0.94), pages=[2])
    x, y, area = square(pixels(full))
    assert (x, y) == pytest.approx((413, 584), abs=1.5)
    assert area == pytest.approx((20 / 25.4 * 100) ** 2, rel=0.05)
    assert square(pixels(fitted))[2] / area == pytest.approx(0.94**2, rel=0.04)
    for seed in range(6):
        (moved,) = scan(pdf, seed=seed, device=Device(dpi=100, shift=400), pages=[2])
        assert np.abs(np.subtract(square(pixels(moved))[:2], (x, y))).max() <= 400 / 72 + 1


def test_noise_and_blur_are_felt(pdf: bytes) -> None:
    def sharpness(device: Device) -> tuple[float, float]:
        image = pixels(next(scan(pdf, seed=1, device=device, pages=[2]))).astype(float)[:, :, 1]
        return float(image[20:80, 300:400].std()), float(np.abs(np.diff(image, axis=1)).max())

    calm = sharpness(Device(dpi=150, noise=0, blur=0, jpeg_quality=95))
    noisy = sharpness(Device(dpi=150, noise=8, blur=0, jpeg_quality=95))
    blurred = sharpness(Device(dpi=150, noise=0, blur=300, jpeg_quality=95))
    assert noisy[0] > calm[0] + 4
    assert blurred[1] < calm[1] / 2


def test_a_symbol_under_a_red_chop_reads_in_the_red_channel(pdf: bytes) -> None:
    middle = 2268 + 57 * 66
    chops = {1: [Chop(middle, middle, "新疆维吾尔自治区农业科学院", turn=10)]}
    image = pixels(next(scan(pdf, seed=3, pages=[1], marks=chops)))
    assert image.shape[:2] == (3508, 2480)
    (found,) = zxingcpp.read_barcodes(np.ascontiguousarray(image[:, :, 0]), formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == DIGITS


def test_a_chop_is_a_red_ring_where_it_was_pressed(pdf: bytes) -> None:
    still = Device(dpi=150, skew_degrees=0, shift=0)
    chop = Chop(30000, 60000, "测试单位")
    image = pixels(next(scan(pdf, seed=1, device=still, pages=[2], marks={2: [chop]}))).astype(int)
    red = (image[:, :, 0] - image[:, :, 1]) > 50
    rows, columns = np.nonzero(red)
    assert (columns.min() + columns.max()) / 2 * 7200 / 150 == pytest.approx(30000, abs=100)
    assert (rows.min() + rows.max()) / 2 * 7200 / 150 == pytest.approx(60000, abs=100)
    assert (columns.max() - columns.min()) / 150 * 25.4 == pytest.approx(42, abs=1)
    assert 0.1 < red[rows.min() : rows.max(), columns.min() : columns.max()].mean() < 0.5


def test_scans_are_bound_as_they_are(pdf: bytes) -> None:
    images = list(scan(pdf, seed=1, device=QUICK)) + list(scan(pdf, seed=1, device=Device(dpi=100, colour=False)))
    bound = as_pdf(images, dpi=100)
    with pikepdf.open(io.BytesIO(bound)) as document:
        assert [page.Resources.XObject.Scan.read_raw_bytes() for page in document.pages] == images
    document = pypdfium2.PdfDocument(bound)
    assert document[0].get_size() == pytest.approx(A4, abs=0.5)
    document.close()
