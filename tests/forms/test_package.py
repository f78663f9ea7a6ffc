"""What opens a .docx, and what refuses to."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest
from word_files import paragraph, relation, word_file, zipped

from toolkit.errors import TemplateError
from toolkit.forms import package
from toolkit.forms.package import read_package, write_package

SOUND = word_file(paragraph("正文"))


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_package_written_twice_has_the_same_bytes_and_the_same_parts() -> None:
    parts = read_package(SOUND, "form")
    backwards = dict(reversed(parts.items()))
    assert write_package(parts) == write_package(backwards)
    assert parts_of(write_package(parts)) == parts
    with zipfile.ZipFile(BytesIO(write_package(parts))) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert opened.namelist()[0] == "[Content_Types].xml"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text that calls itself .docx",
        SOUND[: len(SOUND) // 2],
        zipped({"a.txt": b"a"}),
        b"%PDF-1.7\n" + SOUND[:90],
    ],
    ids=["empty", "text", "truncated", "other zip", "pdf"],
)
def test_what_is_no_word_file_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(TemplateError, match="“form.docx” is not a Word document"):
        read_package(data, "form.docx")


def test_an_encrypted_zip_is_refused() -> None:
    data = bytearray(SOUND)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            flags = struct.unpack_from("<H", data, at + offset)[0]
            struct.pack_into("<H", data, at + offset, flags | 1)
            at = data.find(signature, at + 4)
    with pytest.raises(TemplateError, match="is not a Word document"):
        read_package(bytes(data), "form")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_SIZE", 100_000)
    bomb = word_file("", parts={"word/media/a.png": bytes(200_000)})
    assert len(bomb) < 5_000
    with pytest.raises(TemplateError, match="too large when it is unpacked"):
        read_package(bomb, "bomb")


def test_a_zip_that_understates_its_sizes_is_refused() -> None:
    data = bytearray(word_file("", parts={"word/media/a.png": bytes(100_000)}))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"word/media/a.png"))
    struct.pack_into("<I", data, at + 24, 10)  # the uncompressed size in the central directory (APPNOTE 4.3.12)
    with pytest.raises(TemplateError, match="too large|not a Word document"):
        read_package(bytes(data), "bomb")


def test_a_zip_of_thousands_of_entries_is_refused() -> None:
    with pytest.raises(TemplateError, match="too large"):
        read_package(word_file("", parts={f"word/{at}.bin": b"" for at in range(package.MAX_ENTRIES)}), "many")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(TemplateError, match="impossible name"):
        read_package(word_file("", parts={name: b""}), "form")


LAUGHS = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        f"<?xml version='1.0'?>{LAUGHS}<w>&b;</w>".encode(),
        f"{LAUGHS}<w>&b;</w>".encode(),
        f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<w>&b;</w>'.encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE w [+ADwAIQ-ENTITY a "ha"+AD4]+AD4 +ADw-w/+AD4-',
        b"<?xml version='1.0'?><!-- c --><!DOCTYPE w SYSTEM 'file:///etc/passwd'><w/>",
    ],
    ids=["declared", "bare", "utf-16", "utf-7", "external"],
)
def test_a_part_with_a_document_type_is_refused(content: bytes) -> None:
    with pytest.raises(TemplateError, match="declares an XML document type|is damaged"):
        read_package(word_file("", parts={"word/footnotes.xml": content}), "form")


def test_macros_are_refused() -> None:
    with pytest.raises(TemplateError, match="holds macros"):
        read_package(word_file("", parts={"word/vbaProject.bin": b"\xd0\xcf"}), "form")
    parts = parts_of(SOUND)
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"wordprocessingml.document.main", b"ms-word.document.macroEnabled.main"
    )
    with pytest.raises(TemplateError, match="holds macros"):
        read_package(zipped(parts), "form")


def test_links_to_elsewhere_are_refused_and_hyperlinks_are_not() -> None:
    outside = relation("rId9", "image", "https://example.org/a.png").replace("/>", ' TargetMode="External"/>')
    with pytest.raises(TemplateError, match="links to something outside itself \\(image\\)"):
        read_package(word_file("", relations=outside), "form")
    link = relation("rId9", "hyperlink", "https://example.org/").replace("/>", ' TargetMode="External"/>')
    assert "word/document.xml" in read_package(word_file("", relations=link), "form")


def test_a_damaged_part_is_named() -> None:
    parts = {**parts_of(SOUND), "word/_rels/document.xml.rels": b"<Relationships"}
    with pytest.raises(TemplateError, match="“form” is damaged"):
        read_package(zipped(parts), "form")
