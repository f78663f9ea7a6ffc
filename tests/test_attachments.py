"""Attachments as pages of the formal copy: what becomes of files that anybody hands in."""

from __future__ import annotations

import io
import json
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pikepdf
import pypdf
import pypdfium2
import pytest
import zxingcpp
from formal_copy import FormalCopy
from PIL import Image, ImageDraw

from toolkit import attachments
from toolkit.application.reading import Application, load_application
from toolkit.attachments import attached_pages, documents_of
from toolkit.errors import InputUnreadable
from toolkit.home import Home
from toolkit.issuing import issue
from toolkit.verdict import Outcome
from toolkit.verifying import verify

PROOF = "attachments/funds-proof.pdf"
"""The one attachment of samples/short.yaml."""


def a_page(mark: tuple[int, int], size: tuple[int, int] = (620, 877)) -> Image.Image:
    """Return a white page with a black square of 60 pixels at a place."""
    page = Image.new("RGB", size, "white")
    ImageDraw.Draw(page).rectangle((*mark, mark[0] + 60, mark[1] + 60), "black")
    return page


def written(image: Image.Image, form: str, **how: object) -> bytes:
    data = io.BytesIO()
    image.save(data, form, **how)
    return data.getvalue()


def with_proof(samples: Path, folder: Path, data: bytes) -> Application:
    """Return the short sample with other bytes for its attachment."""
    (folder / "attachments").mkdir(parents=True)
    shutil.copy(samples / "short.yaml", folder / "short.yaml")
    (folder / PROOF).write_bytes(data)
    return load_application(folder / "short.yaml")


def pages_of(application: Application) -> tuple[bytes, ...]:
    assert application.programme is not None
    return attached_pages(application, application.programme.documents)[PROOF]


def corner_of_mark(picture: bytes) -> str:
    image = np.asarray(Image.open(io.BytesIO(picture)).convert("L")) < 128
    rows, columns = np.nonzero(image)
    height, width = image.shape
    return ("top" if rows.mean() < height / 2 else "bottom") + ("left" if columns.mean() < width / 2 else "right")


def rotated_pdf(angle: int) -> bytes:
    with pikepdf.open(io.BytesIO(written(a_page((20, 20)), "PDF", resolution=75))) as pdf:
        pdf.pages[0].Rotate = angle
        data = io.BytesIO()
        pdf.save(data)
    return data.getvalue()


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


@pytest.mark.parametrize(
    ("data", "corner"),
    [
        (written(a_page((20, 20)), "JPEG"), "topleft"),
        (written(a_page((20, 20)), "PNG"), "topleft"),
        (written(a_page((20, 20)), "TIFF"), "topleft"),
        (rotated_pdf(0), "topleft"),
        (rotated_pdf(90), "topright"),
        (rotated_pdf(180), "bottomright"),
        (rotated_pdf(270), "bottomleft"),
        # EXIF 6: the stored rows are the right side of the picture, so it is turned clockwise to be read.
        (written(a_page((20, 20)), "JPEG", exif=exif(6)), "topright"),
        (written(a_page((20, 20)), "JPEG", exif=exif(3)), "bottomright"),
        (written(a_page((20, 20)), "JPEG", exif=exif(8)), "bottomleft"),
        (written(a_page((20, 20)), "JPEG", exif=exif(2)), "topright"),  # mirrored
    ],
)
def test_pages_stand_upright(samples: Path, tmp_path: Path, data: bytes, corner: str) -> None:
    (picture,) = pages_of(with_proof(samples, tmp_path, data))
    assert corner_of_mark(picture) == corner


def test_a_tiff_of_several_pages_has_them_all(samples: Path, tmp_path: Path) -> None:
    frames = [a_page((20, 20)), a_page((540, 800)), a_page((540, 20))]
    data = written(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    pictures = pages_of(with_proof(samples, tmp_path, data))
    assert [corner_of_mark(picture) for picture in pictures] == ["topleft", "bottomright", "topright"]


def encrypted() -> bytes:
    with pikepdf.open(io.BytesIO(written(a_page((20, 20)), "PDF"))) as pdf:
        data = io.BytesIO()
        pdf.save(data, encryption=pikepdf.Encryption(owner="o", user="u"))
    return data.getvalue()


def bomb() -> bytes:
    """Return a PNG that says it has 60,000 x 60,000 pixels."""
    data = bytearray(written(Image.new("L", (1, 1)), "PNG"))
    data[16:24] = (60_000).to_bytes(4) * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (encrypted(), "encrypted"),
        (b"%PDF-1.7\n" + bytes(2000), "damaged"),
        (written(a_page((20, 20)), "JPEG")[:4000], "damaged"),
        (bomb(), "pixels|damaged"),
    ],
)
def test_what_cannot_be_opened_is_refused_by_name_and_uses_up_no_serial(
    samples: Path, tmp_path: Path, home: Home, moment: datetime, data: bytes, says: str
) -> None:
    application = with_proof(samples, tmp_path / "a", data)
    with pytest.raises(InputUnreadable, match=says) as refused:
        issue(application, home=home, now=moment)
    assert PROOF in str(refused.value)
    good = with_proof(samples, tmp_path / "b", written(a_page((20, 20)), "PNG"))
    assert issue(good, home=home, now=moment).serial == "XJSCO25-00001"


def test_a_seal_on_an_attachment_means_nothing(
    samples: Path, tmp_path: Path, home: Home, moment: datetime, formal_copy: FormalCopy
) -> None:
    """A page of an earlier formal copy and a code for WeChat are attached: paper with their pages is in order."""
    earlier = pypdfium2.PdfDocument(formal_copy.pdf("commitment-leader"))[0].render(scale=200 / 72).to_pil()
    code = zxingcpp.create_barcode("https://example.org/a", zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
    earlier.paste(Image.fromarray(np.asarray(code)), (200, 1900))
    assert len(zxingcpp.read_barcodes(earlier)) == 2
    issued = issue(with_proof(samples, tmp_path, written(earlier, "PNG")), home=home, now=moment)
    pdf = next(file.content for file in issued.files if file.name.endswith("-attachments.pdf"))
    page = pypdfium2.PdfDocument(pdf)[1].render(scale=300 / 72).to_pil()
    read = [found.text for found in zxingcpp.read_barcodes(page)]
    assert len(read) == 2 and "https://example.org/a" in read
    verdict = verify([("attachments.pdf", pdf)], home=home, now=moment, pages_only=True)
    # The picture is a whole page at 69 %, whose smallest print nobody can compare: unclear, but not false.
    assert verdict.outcome is not Outcome.FAILED
    assert [(page.seal.copy, page.seal.page) for page in verdict.pages if page.seal] == [
        (copy, page) for copy in (1, 2) for page in (1, 2)
    ]


def test_too_many_pages_are_refused(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [a_page((20, 20), (60, 80)) for _ in range(4)]
    application = with_proof(samples, tmp_path, written(frames[0], "PDF", save_all=True, append_images=frames[1:]))
    monkeypatch.setattr(attachments, "MOST_PAGES", 3)
    with pytest.raises(InputUnreadable, match=r"funds-proof\.pdf.* more than 3 pages"):
        pages_of(application)


def test_an_application_without_attachments_has_no_such_document(
    samples: Path, tmp_path: Path, small: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert small.programme is not None
    assert attached_pages(small, small.programme.documents) == {}
    listing = with_proof(samples, tmp_path, written(a_page((20, 20)), "PNG"))
    assert listing.programme is not None
    assert [each.code for each in documents_of(listing, listing.programme)] == ["P", "CU", "CL", "A"]
    form = listing.complete().model_copy(update={"attachments": ()})
    monkeypatch.setattr(Application, "complete", lambda self: form)
    assert [each.code for each in documents_of(listing, listing.programme)] == ["P", "CU", "CL"]


def test_an_attachment_becomes_sealed_pages_of_its_own(
    samples: Path, tmp_path: Path, home: Home, moment: datetime
) -> None:
    # Two pages that differ in 60 x 60 pixels only: no two different pages share a digest.
    frames = [a_page((20, 20)), a_page((540, 800)), a_page((20, 800))]
    proof = written(frames[0], "PDF", save_all=True, append_images=frames[1:], resolution=75)
    issued = issue(with_proof(samples, tmp_path, proof), home=home, now=moment)
    files = {file.name: file.content for file in issued.files}
    record = json.loads(files["XJSCO25-00001-r1-record.json"])
    (document,) = (each for each in record["documents"] if each["code"] == "A")
    assert document["pages"] == 4 and len(set(document["page_digests"])) == 4
    assert [each["name"] for each in record["application"]["files"]] == [PROOF]
    pdf = files["XJSCO25-00001-r1-attachments.pdf"]
    texts = ["".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert "自筹经费出资证明" in texts[0] and "出资证明" in texts[0]
    for number in (1, 2, 3):
        assert f"附件1自筹经费出资证明（第{number}页，共3页）" in texts[number]
        assert f"第{number + 1}页共4页" in texts[number]
    assert len(texts) == 8
    described = home.store.page("XJSCO25-00001", 1, "attachments", 2)
    (picture,) = described.pictures
    assert (picture.box[2] - picture.box[0]) / 100 == pytest.approx(205 * 620 / 877 / 25.4 * 72, abs=2)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(pikepdf.open(io.BytesIO(pdf)).Root.get("/Names", {}))
    # The watermark shows on the picture: it makes 6 % of these pixels of a white page 12 % grey.
    page = np.asarray(pypdfium2.PdfDocument(pdf)[1].render(scale=1).to_pil().convert("L"))[150:700, 100:500]
    assert 0.04 < ((page > 215) & (page < 232)).mean() < 0.3
