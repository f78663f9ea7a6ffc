"""Files that hang or crash their decoder cost a page and some seconds, and nothing else."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from toolkit.scan import image_process
from toolkit.scan.image_process import ImageProcess
from toolkit.scan.images import open_images
from toolkit.scan.page_image import PageImage, UnreadableImage

QUICK = b"0 0 100 100 re f"
ENDLESS = b"0 0 m 600 800 l S\n" * 200_000
"""Deflated, 10 kB; PDFium draws it for minutes."""


def pdf(*contents: bytes) -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as document:
        for content in contents:
            page = document.add_blank_page(page_size=(200, 200))
            page.Contents = document.make_stream(content)
        document.save(file, recompress_flate=True)
    return file.getvalue()


def forms_within_forms(levels: int) -> bytes:
    """Return 2 kB of forms that each draw the next one ten times: 10^levels rectangles, in time and in memory."""
    file = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page()
        form = document.make_stream(QUICK)
        for level in range(levels + 1):
            form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
            form.BBox = pikepdf.Array([0, 0, 600, 800])
            if level == levels:
                break
            outer = document.make_stream(b"/F Do " * 10)
            outer.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
            form = outer
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        page.Contents = document.make_stream(b"/F Do")
        document.save(file)
    return file.getvalue()


def test_page_that_takes_too_long_costs_only_itself() -> None:
    started = time.monotonic()
    with ImageProcess(seconds=2) as process:
        first, second, third = process.pages("a.pdf", pdf(QUICK, ENDLESS, QUICK))
    assert isinstance(first, PageImage) and isinstance(third, PageImage)
    assert isinstance(second, UnreadableImage)
    assert str(second.message).startswith("page 2 of a.pdf takes too much time or memory to open")
    assert [image.of for image in (first, second, third)] == [3, 3, 3]
    assert time.monotonic() - started < 30


def test_page_that_grows_without_bound() -> None:
    with ImageProcess(seconds=2) as process:
        (page,) = process.pages("a.pdf", forms_within_forms(12))
    assert isinstance(page, UnreadableImage)
    assert "too much time or memory" in str(page.message)


def test_photo_that_takes_too_long() -> None:
    """A progressive JPEG whose last scan (95 bytes) comes 2000 times: 0.07 s each, 0.6 MB in all."""
    file = io.BytesIO()
    Image.new("L", (8000, 8000), 255).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    scan = data[data.rfind(b"\xff\xda") : -2]
    with ImageProcess(seconds=2) as process:
        (page,) = process.pages("a.jpg", data[:-2] + scan * 2000 + data[-2:])
    assert isinstance(page, UnreadableImage)
    assert "too much time or memory" in str(page.message)


def test_file_with_many_such_pages_is_given_up() -> None:
    with ImageProcess(seconds=0.5) as process:
        images = list(process.pages("a.pdf", pdf(*[ENDLESS] * 6)))
    assert [image.number for image in images] == [1, 2, 3, 4]
    assert "given up from page 4 on" in str(images[-1].message)  # type: ignore[union-attr]


def test_one_process_serves_many_files_and_is_started_only_when_needed() -> None:
    with ImageProcess() as process:
        assert list(open_images("a.png", b"", process=process))
        assert process._child is None
        for _ in range(3):
            (page,) = open_images("a.pdf", pdf(QUICK), process=process)
            assert isinstance(page, PageImage)
            child = process._child
        (refused,) = open_images("b.pdf", b"%PDF-1.7 and nothing more", process=process)
        assert isinstance(refused, UnreadableImage) and "damaged or truncated" in str(refused.message)
        (page,) = open_images("a.pdf", pdf(QUICK), process=process)
        assert process._child is child and child is not None
    assert child.poll() is not None


def test_process_that_is_killed_is_started_again() -> None:
    with ImageProcess() as process:
        pages = process.pages("a.pdf", pdf(*[QUICK] * 4))
        assert isinstance(next(pages), PageImage)
        assert process._child is not None
        process._child.kill()
        process._child.wait()
        rest = list(pages)
    assert [type(image).__name__ for image in rest].count("PageImage") >= 2
    assert len(rest) == 3


def test_reading_may_stop_anywhere() -> None:
    with ImageProcess() as process:
        for _ in range(2):
            pages = process.pages("a.pdf", pdf(*[QUICK] * 5))
            next(pages)
            pages.close()  # type: ignore[attr-defined]
        assert len(list(process.pages("b.pdf", pdf(QUICK, QUICK)))) == 2


def test_nothing_beside_the_scans_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An applicant's folder may hold a numpy.py; a process started there must not import it."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    (page,) = open_images("a.pdf", pdf(QUICK))
    assert isinstance(page, PageImage)


def test_more_pages_than_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_process, "MAX_PAGES", 2)
    *opened, last = open_images("a.pdf", pdf(*[QUICK] * 3))
    assert len(opened) == 2
    assert isinstance(last, UnreadableImage) and "split the file" in str(last.message)
