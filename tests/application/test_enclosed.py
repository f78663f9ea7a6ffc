"""Files that an application names: within its folder, bounded, and what they should be."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from toolkit.application import enclosed
from toolkit.application.enclosed import Enclosed
from toolkit.application.values import Unfit


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "white").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_are_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.png").write_bytes(picture(kind))
    files = Enclosed(tmp_path)
    files.add_picture("a.png")
    files.add_picture("a.png")
    assert files.files == {"a.png": picture(kind)}


@pytest.mark.parametrize(
    "data",
    [
        picture("GIF"),
        picture()[:-20],
        picture("JPEG")[:300],
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\xff" * 17,
    ],
    ids=["gif", "cut png", "cut jpeg", "pdf", "only a mark", "broken header"],
)
def test_what_is_no_whole_picture(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(Unfit, match="not a whole PNG or JPEG"):
        Enclosed(tmp_path).add_picture("a.png")


def test_a_picture_with_too_many_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed, "MOST_PIXELS", 1199)
    (tmp_path / "a.png").write_bytes(picture())
    with pytest.raises(Unfit, match="40 x 30 pixels"):
        Enclosed(tmp_path).add_picture("a.png")


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    file = BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue())
    with pytest.raises(Unfit):
        Enclosed(tmp_path).add_picture("a.png")


@pytest.mark.parametrize(
    "name", ["../a", "a/../../b", "/etc/hostname", "C:a", "C:\\a", "a\\b", "..", ".", "a\0b", "~root/x", "a/" * 200]
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unfit):
        Enclosed(tmp_path).add_attachment(name)


def test_a_link_may_not_lead_out(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "loop").symlink_to(inside / "loop")
    with pytest.raises(Unfit, match="leads out"):
        Enclosed(inside).add_attachment("link")
    with pytest.raises(Unfit):
        Enclosed(inside).add_attachment("loop")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unfit, match="is not a file"):
        Enclosed(tmp_path).add_attachment("pipe")


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("empty", 0), ("full", 1 << 20), ("over", (1 << 20) + 1), ("other", 1)):
        (tmp_path / name).write_bytes((b"%PDF-1.7" + b"x" * size)[:size])
    monkeypatch.setattr(enclosed, "LARGEST_ATTACHMENT", 1 << 20)
    monkeypatch.setattr(enclosed, "LARGEST_SUM", 1 << 20)
    files = Enclosed(tmp_path)
    with pytest.raises(Unfit, match="is empty"):
        files.add_attachment("empty")
    with pytest.raises(Unfit, match="more than 1 MiB"):
        files.add_attachment("over")
    files.add_attachment("full")
    with pytest.raises(Unfit, match="the files have more than 1 MiB"):
        files.add_attachment("other")
    with pytest.raises(Unfit, match="there is no file"):
        files.add_attachment("missing")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "PDF"])
def test_scans_and_pictures_are_attachments(tmp_path: Path, form: str) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "proof", form)
    files = Enclosed(tmp_path)
    files.add_attachment("proof")
    assert files.files["proof"] == (tmp_path / "proof").read_bytes()


@pytest.mark.parametrize("data", [b"PK\x03\x04 a Word file", b"GIF89a", "出资证明".encode(), b" " * 1024 + b"%PDF-1.7"])
def test_what_is_neither_scan_nor_picture_is_told_early(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "proof.pdf").write_bytes(data)
    with pytest.raises(Unfit, match=r"“proof\.pdf” is not a PDF, JPEG, PNG or TIFF file"):
        Enclosed(tmp_path).add_attachment("proof.pdf")
