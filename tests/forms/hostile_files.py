"""Templates made to exhaust the machine, to run code or to fetch from elsewhere, and what is said of each."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from functools import partial

import pikepdf
from pdf_forms import a_form, a_text, changed
from pikepdf import Array, Dictionary, Name, String
from word_files import paragraph, word_file

_DEEP = "<w:sdt><w:sdtContent>" * 5_000 + "</w:sdtContent></w:sdt>" * 5_000
_ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


def _body(text: str) -> Callable[[], bytes]:
    return lambda: word_file(text)


def _jinja(tag: str) -> Callable[[], bytes]:
    return _body(paragraph(tag.replace("<", "&lt;").replace(">", "&gt;")))


def _with(part: str, content: str | bytes) -> Callable[[], bytes]:
    return lambda: word_file(paragraph("甲"), parts={part: content.encode() if isinstance(content, str) else content})


def _replaced(change: Callable[[bytes], bytes]) -> bytes:
    """Return a Word file whose text was changed behind the package's back."""
    old = zipfile.ZipFile(io.BytesIO(word_file(paragraph("甲"))))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == "word/document.xml" else old.read(name))
    return written.getvalue()


def _entities(xml: bytes) -> bytes:
    head, rest = xml.split(b"<w:document", 1)
    return head + _ENTITIES.encode() + b"]><w:document" + rest.replace("甲".encode(), b"&j;")


def _outside(xml: bytes) -> bytes:
    head, rest = xml.split(b"<w:document", 1)
    fetched = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return head + fetched + b"<w:document" + rest.replace("甲".encode(), b"&a;")


def _pdf(change: Callable[[pikepdf.Pdf], None]) -> Callable[[], bytes]:
    return lambda: changed(a_form(a_text("a")), change)


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _content_bomb(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pikepdf.Stream(pdf, zlib.compress(b" " * (400 << 20), 9), Filter=Name.FlateDecode)


def _bomb_of_bombs(pdf: pikepdf.Pdf) -> None:
    packed = zlib.compress(zlib.compress(b" " * (400 << 20), 9), 9)
    pdf.pages[0].Contents = pikepdf.Stream(pdf, packed, Filter=Array([Name.FlateDecode, Name.FlateDecode]))


def _many_bombs(pdf: pikepdf.Pdf) -> None:
    packed = zlib.compress(b" " * (40 << 20), 9)
    spare = [pdf.make_indirect(pikepdf.Stream(pdf, packed, Filter=Name.FlateDecode)) for _ in range(60)]
    pdf.Root.Spare = Array(spare)


def _picture(pdf: pikepdf.Pdf) -> None:
    picture = pdf.make_stream(b"x", Type=Name.XObject, Subtype=Name.Image, Width=60_000, Height=60_000)
    pdf.pages[0].Resources.XObject = Dictionary(P=picture)


def _operators(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Contents = pikepdf.Stream(pdf, b"0 g " * (1 << 20))


def _circle(pdf: pikepdf.Pdf) -> None:
    field = pdf.Root.AcroForm.Fields[0]
    field.Kids = Array([field])
    field.Parent = field


_LINK = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}" '
    'TargetMode="External"/></Relationships>'
)
_ATTRIBUTES = "<w:p " + " ".join(f'a{at}=""' for at in range(2_100_000)) + "/>"

FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "paragraphs.docx": (_body("<w:p/>" * 60_000), "more than 50000 paragraphs"),
    "tags.docx": (_body("<w:p/>" * 1_100_000), "too large when it is unpacked"),
    "attributes.docx": (_body(_ATTRIBUTES), "too large"),
    "depth.docx": (_body(_DEEP), "damaged|broken"),
    "word.docx": (_body(paragraph("a" * 19_000)), "a word of more than 2000 characters"),
    "scripts.docx": (_body(paragraph("1个" * 200_000)), "a paragraph of more than 20000 characters"),
    "characters.docx": (_body(paragraph("字" * 9_000) * 60), "more than 500000 characters"),
    "bomb.docx": (_with("word/media/a.bin", bytes(70 << 20)), "too large when it is unpacked"),
    "entities.docx": (partial(_replaced, _entities), "document type|damaged"),
    "outside-entity.docx": (partial(_replaced, _outside), "document type|damaged"),
    "outside-picture.docx": (
        _with("word/_rels/header9.xml.rels", _LINK.format("image", "http://a.example/")),
        "outside",
    ),
    "outside-template.docx": (
        _with("word/_rels/settings.xml.rels", _LINK.format("attachedTemplate", "file:///a.dotm")),
        "outside",
    ),
    "macros.docx": (_with("word/vbaProject.bin", b"x"), "macros"),
    "code.docx": (_jinja("{{ a.__class__.__mro__[1].__subclasses__() }}"), "may not"),
    "loop.docx": (_jinja("{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"), "may not"),
    "power.docx": (_jinja("{{ 9 ** 9 ** 9 }}"), "may not"),
    "product.docx": (_jinja("{{ 'a' * 999999999 }}"), "may not"),
    "joined.docx": (_jinja("{% for i in range(90000) %}{{ 'a' * 900000 }}{% endfor %}"), "may not"),
    "padding.docx": (_jinja("{{ '%999999999d' % 1 }}"), "may not"),
    "script.pdf": (_pdf(_script), "JavaScript"),
    "content.pdf": (_pdf(_content_bomb), "too large|drawn by more than"),
    "bombs.pdf": (_pdf(_bomb_of_bombs), "too large|drawn by more than"),
    "streams.pdf": (_pdf(_many_bombs), "too large when it is unpacked"),
    "picture.pdf": (_pdf(_picture), "million pixels"),
    "operators.pdf": (_pdf(_operators), "drawn by more than 1 MiB"),
    "circle.pdf": (_pdf(_circle), "."),
}
# Word files that nobody fills, as `truecopy typeset` takes them.
FILES |= {
    f"set-{name}.docx": FILES[f"{name}.docx"]
    for name in ("paragraphs", "tags", "attributes", "depth", "bomb", "entities", "outside-picture", "macros")
}
