"""Opening what a clerk hands in: every kind of file, and every way it can be broken."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import numpy as np
import pikepdf
import pillow_heif
import pytest
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from toolkit.scan import image_process, images
from toolkit.scan.images import open_images
from toolkit.scan.page_image import PageImage, UnreadableImage


def pages_of(data: bytes, source: str = "scan") -> list[PageImage]:
    pages = list(open_images(source, data))
    assert all(isinstance(page, PageImage) for page in pages), pages
    return [page for page in pages if isinstance(page, PageImage)]


def refusal_of(data: bytes, source: str = "scan") -> str:
    (page,) = open_images(source, data)
    assert isinstance(page, UnreadableImage)
    return str(page.message)


def picture(width: int = 60, height: int = 90, corner: tuple[int, int, int] = (255, 0, 0)) -> Image.Image:
    """Return a white picture whose top left quarter is coloured, so that every rotation differs."""
    image = Image.new("RGB", (width, height), "white")
    image.paste(corner, (0, 0, width // 2, height // 2))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def drawn_pdf(pages: int = 1, **options: object) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, **options)
    for _ in range(pages):
        canvas.setFillColorRGB(1, 0, 0)
        canvas.rect(0, A4[1] / 2, A4[0] / 2, A4[1] / 2, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def is_red(colour: Sequence[int]) -> bool:
    return colour[0] > 200 and max(colour[1:]) < 60


def corners_red(page: PageImage) -> list[bool]:
    """Tell for top left, top right, bottom right, bottom left whether the corner is red."""
    height, width, _ = page.pixels.shape
    points = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
    return [is_red(page.pixels[int(y * height), int(x * width)]) for x, y in points]


TOP_LEFT = [True, False, False, False]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "MPO"])
def test_one_picture_is_one_page(kind: str) -> None:
    (page,) = pages_of(saved(picture(), kind, dpi=(300, 300)))
    assert page.pixels.shape == (90, 60, 3) and page.pixels.dtype == np.uint8
    assert corners_red(page) == TOP_LEFT
    assert page.number == 1
    if kind != "MPO":
        assert page.dpi == pytest.approx(300, abs=0.1)


def test_heic() -> None:
    file = io.BytesIO()
    pillow_heif.from_pillow(picture(64, 96)).save(file, quality=90)
    (page,) = pages_of(file.getvalue(), "IMG_0001.HEIC")
    assert page.pixels.shape == (96, 64, 3)
    assert corners_red(page) == TOP_LEFT


@pytest.mark.parametrize(("orientation", "where"), [(1, 0), (6, 1), (3, 2), (8, 3)])
def test_orientation_by_exif_is_obeyed(orientation: int, where: int) -> None:
    """6 means: turn a quarter clockwise to read (EXIF 2.32, 4.6.4), so the top left comes to the top right."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    (page,) = pages_of(saved(picture(), "JPEG", exif=exif, quality=95))
    assert corners_red(page).index(True) == where
    assert page.pixels.shape[:2] == ((90, 60) if orientation in (1, 3) else (60, 90))


def test_damaged_exif_is_no_reason_to_refuse_the_picture() -> None:
    assert corners_red(pages_of(saved(picture(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f"))[0]) == TOP_LEFT


def test_tiff_gives_every_page_but_no_reduced_one() -> None:
    frames = [picture(60, 90), picture(30, 45), picture(60, 90, (0, 0, 255))]
    file = io.BytesIO()
    with AppendingTiffWriter(file, new=True) as writer:
        for frame, subfile in zip(frames, (0, 1, 0), strict=True):
            frame.save(writer, "TIFF", tiffinfo={254: subfile})
            writer.newFrame()
    first, second = pages_of(file.getvalue())
    assert [first.number, second.number] == [1, 2]
    assert corners_red(first) == TOP_LEFT
    assert second.pixels[10, 10].tolist() == [0, 0, 255]


def test_fax_with_oblong_pixels_is_made_square() -> None:
    """Standard resolution of a fax: 204 x 98 dpi (ITU-T T.4)."""
    fax = Image.new("1", (204 * 2, 98 * 3), 1)
    (page,) = pages_of(saved(fax, "TIFF", compression="group4", dpi=(204, 98)))
    assert page.pixels.shape == (612, 408, 3)
    assert page.dpi == 204


def test_sixteen_bits_of_grey_keep_the_high_byte() -> None:
    grey = Image.fromarray(np.full((40, 40), 0x8040, np.uint16))
    (page,) = pages_of(saved(grey, "PNG"))
    assert page.pixels[5, 5].tolist() == [0x80] * 3


def test_transparent_ground_is_white() -> None:
    (page,) = pages_of(saved(Image.new("RGBA", (30, 30), (0, 0, 0, 0)), "PNG"))
    assert page.pixels.min() == 255


def test_pdf_is_drawn_at_300_dpi_page_by_page() -> None:
    opened = open_images("form.pdf", drawn_pdf(3))
    page = next(opened)
    assert isinstance(page, PageImage)
    assert page.pixels.shape[:2] == (3508, 2481)
    assert page.dpi == 300
    assert corners_red(page) == TOP_LEFT
    assert [rest.number for rest in opened] == [2, 3]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_scan_in_a_pdf_keeps_its_own_pixels(rotation: int) -> None:
    scan = picture(1240, 1754)
    jpeg = saved(scan, "JPEG", quality=95)
    with pikepdf.open(io.BytesIO(saved(scan, "PDF", resolution=150, quality=95))) as pdf:
        image = next(iter(pdf.pages[0].get_images().values()))
        image.write(jpeg, filter=pikepdf.Name.DCTDecode)
        pdf.pages[0].Rotate = rotation
        file = io.BytesIO()
        pdf.save(file)
    (page,) = pages_of(file.getvalue())
    expected = np.rot90(np.asarray(Image.open(io.BytesIO(jpeg))), k=-rotation // 90)
    assert np.array_equal(page.pixels, expected)
    assert page.dpi == pytest.approx(150, abs=1)


def test_scan_below_a_drawing_is_drawn_with_it() -> None:
    """What lies over a scan is what a reader of the PDF sees, so it is what is judged."""
    canvas_file = io.BytesIO()
    canvas = Canvas(canvas_file, pagesize=A4)
    canvas.drawInlineImage(picture(827, 1169), 0, 0, *A4)
    canvas.setFillColorRGB(0, 0, 1)
    canvas.rect(0, 0, A4[0], A4[1], stroke=0, fill=1)
    canvas.save()
    (page,) = pages_of(canvas_file.getvalue())
    assert page.pixels[100, 100].tolist() == [0, 0, 255]


def test_empty_file() -> None:
    assert "is empty" in refusal_of(b"", "a.pdf")


@pytest.mark.parametrize("text", [b"just notes, no scan", "申报书的扫描件".encode("gb18030"), "项目".encode()])
def test_text_named_pdf(text: bytes) -> None:
    assert "a.pdf is a text file" in refusal_of(text * 20, "a.pdf")


def test_truncated_pdf() -> None:
    assert "damaged or truncated" in refusal_of(drawn_pdf()[:300])


def test_pdf_that_lies_about_its_pages() -> None:
    with pikepdf.open(io.BytesIO(drawn_pdf(2))) as pdf:
        pdf.Root.Pages.Kids[1] = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Nonsense))
        file = io.BytesIO()
        pdf.save(file)
    first, second = open_images("a.pdf", file.getvalue())
    assert isinstance(first, PageImage)
    assert isinstance(second, UnreadableImage) and second.number == 2


def test_encrypted_pdf_says_what_to_do() -> None:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawn_pdf())) as pdf:
        pdf.save(file, encryption=pikepdf.Encryption(owner="geheim", user="geheim"))
    assert "is encrypted: remove the password" in refusal_of(file.getvalue())


def test_pdf_without_pages() -> None:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(file)
    assert "without pages" in refusal_of(file.getvalue(), "after-an-encrypted-one.pdf")


def test_enormous_page_of_a_pdf_is_bounded_in_pixels() -> None:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(5000, 5000))
    canvas.rect(0, 0, 100, 100)
    canvas.save()
    (page,) = pages_of(file.getvalue())
    assert page.pixels.shape[0] * page.pixels.shape[1] < 37_000_000


def test_enormous_image_in_a_pdf_is_not_decoded() -> None:
    """A few kilobytes of deflated zeros that would be 3.6 GB of pixels."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        image = pikepdf.Stream(pdf, b"\0" * 1000)
        image.update(
            pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=30000, Height=30000, BitsPerComponent=8
            )
        )
        image.ColorSpace = pikepdf.Name.DeviceGray
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        page.Contents = pdf.make_stream(b"612 0 0 792 0 0 cm /Im0 Do")
        file = io.BytesIO()
        pdf.save(file)
    assert "30000 x 30000 pixels" in refusal_of(file.getvalue())


def png_of_size(width: int, height: int) -> bytes:
    """Return a PNG whose header claims a size that its data does not have."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\0\0\0\0"

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(9000, 9000), (12000, 10000), (60000, 60000)])
def test_decompression_bomb(size: tuple[int, int]) -> None:
    assert "pixels" in refusal_of(png_of_size(*size))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_truncated_picture(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8))
    data = saved(noise, kind)
    assert "damaged" in refusal_of(data[: len(data) // 2])


def test_truncated_heic() -> None:
    file = io.BytesIO()
    pillow_heif.from_pillow(picture(64, 96)).save(file)
    assert "damaged" in refusal_of(file.getvalue()[:-200])


def test_animated_picture_is_no_page() -> None:
    data = saved(picture(), "PNG", save_all=True, append_images=[picture(corner=(0, 0, 255))])
    assert "animated" in refusal_of(data)


def test_other_kind_of_picture() -> None:
    assert "PDF, TIFF, JPEG, PNG, HEIC" in refusal_of(saved(picture(), "GIF"))


def test_one_bad_page_of_a_tiff_does_not_lose_the_others() -> None:
    noise = [Image.fromarray(np.random.default_rng(n).integers(0, 255, (50, 50, 3), np.uint8)) for n in range(3)]
    data = bytearray(saved(noise[0], "TIFF", save_all=True, append_images=noise[1:], compression="tiff_lzw"))
    with Image.open(io.BytesIO(data)) as tiff:
        tiff.seek(1)
        start = tiff.tag_v2[273][0]  # type: ignore[attr-defined]
    data[start : start + 400] = b"\xff" * 400
    first, second, third = open_images("scan.tif", bytes(data))
    assert isinstance(first, PageImage) and isinstance(third, PageImage) and third.number == 3
    assert isinstance(second, UnreadableImage) and "page 2 of scan.tif is damaged" in str(second.message)


def test_more_pages_than_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_process, "MAX_PAGES", 2)
    data = saved(picture(), "TIFF", save_all=True, append_images=[picture()] * 3)
    *opened, last = open_images("scan.tif", data)
    assert len(opened) == 2 and isinstance(last, UnreadableImage)
    assert "split the file" in str(last.message)


def test_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 1000)
    assert "more than the" in refusal_of(b"x" * 1001)
