"""The zip of a .docx, opened with bounds and written again with the same bytes every time.

Templates and filled forms come from outside: everything that opens one goes through ``read_package``, which refuses
zip bombs, document type declarations (entities), macros, and parts that would be fetched from elsewhere.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath

from lxml import etree

from toolkit.errors import TemplateError
from toolkit.messages import Message

MAX_ENTRIES = 2_000
"""Parts in one package; the largest real form seen has about 60."""
MAX_SIZE = 64 * 2**20
"""Bytes of all parts together, unpacked. A form of 14 pages has about 0.5 MB, its pictures apart."""
MAX_TAGS, MAX_ATTRIBUTES = 1_000_000, 2_000_000
"""Tags and equals signs in one part; a form of 14 pages has some 40,000. A node takes libxml2 about 120 bytes and an
attribute 200, so that 64 MiB of the shortest would take gigabytes."""
CONTENT_TYPES = "[Content_Types].xml"
_ACTIVE_PARTS = ("vbaproject.bin", "vbadata.xml", "activex", "oleobject")
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DECLARATION = re.compile(
    rb"""(\xef\xbb\xbf)?(<\?xml\s+version=["']1\.0["'](\s+encoding=["'](?P<encoding>[\w-]+)["'])?"""
    rb"""(\s+standalone=["']\w+["'])?\s*\?>\s*)?<(?=[A-Za-z_])"""
)
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip entry can have


def read_package(data: bytes, name: str) -> dict[str, bytes]:
    """Return the parts of a .docx by their names, in the order of the zip.

    Raises:
        TemplateError: when the data is no .docx, passes the bounds, or holds what a form may not hold; the message
            calls the file ``name``.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = _unpack(package, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise TemplateError(
            Message("“{name}” is not a Word document (.docx): it cannot be opened as one", name=name)
        ) from error
    if CONTENT_TYPES not in parts or "word/document.xml" not in parts:
        raise TemplateError(Message("“{name}” is not a Word document (.docx): its text is missing", name=name))
    _refuse_active_content(parts, name)
    return parts


def write_package(parts: Mapping[str, bytes]) -> bytes:
    """Return a zip of the parts whose bytes depend on nothing but the parts."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        # OPC (ECMA-376 part 2) lets the parts stand in any order; Word itself puts the content types first.
        for part in sorted(parts, key=lambda part: (part != CONTENT_TYPES, part)):
            entry = zipfile.ZipInfo(part, _ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # not that of the machine
            package.writestr(entry, parts[part])
    return written.getvalue()


def parse_xml(part: bytes, name: str) -> etree._Element:
    """Return the root element of a part, read without entities, networks and huge trees.

    Raises:
        TemplateError: when it is not well formed or declares a document type (ECMA-376 part 2 forbids that).
    """
    if part.count(b"<") > MAX_TAGS or part.count(b"=") > MAX_ATTRIBUTES:
        raise TemplateError(Message("“{name}” is too large when it is unpacked", name=name))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise TemplateError(
            Message("“{name}” is damaged: {detail}; open it in Word and save it again", name=name, detail=str(error))
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise TemplateError(Message("“{name}” declares an XML document type, which no Word document does", name=name))
    return root


def _unpack(package: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_SIZE:
        raise TemplateError(Message("“{name}” is too large when it is unpacked", name=name))
    parts: dict[str, bytes] = {}
    for entry in entries:
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or entry.filename in parts:
            raise TemplateError(Message("“{name}” has a part with an impossible name", name=name))
        with package.open(entry) as stream:
            content = stream.read(entry.file_size + 1)  # the directory of a zip bomb understates sizes
        if len(content) != entry.file_size:
            raise TemplateError(Message("“{name}” is too large when it is unpacked", name=name))
        parts[entry.filename] = content
    return parts


def _refuse_active_content(parts: Mapping[str, bytes], name: str) -> None:
    if b"macroenabled" in parts[CONTENT_TYPES].lower() or any(
        active in part.lower() for part in parts for active in _ACTIVE_PARTS
    ):
        raise TemplateError(
            Message("“{name}” holds macros or embedded objects; save it as .docx without them", name=name)
        )
    for part, content in parts.items():
        suffix = part.lower().rpartition(".")[2]
        if suffix == "rels" or (suffix == "xml" and not _is_plain_utf8(content)):
            for relationship in parse_xml(content, name).iter(_RELATIONSHIP):
                kind = relationship.get("Type", "").rsplit("/", 1)[-1]
                if relationship.get("TargetMode") == "External" and kind != "hyperlink":
                    raise TemplateError(
                        Message(
                            "“{name}” links to something outside itself ({kind}); put it into the document",
                            name=name,
                            kind=kind,
                        )
                    )


def _is_plain_utf8(content: bytes) -> bool:
    """Whether XML is in UTF-8 without a document type, told from its bytes; what is in doubt is parsed."""
    declared = _DECLARATION.match(content)
    if declared is None or (declared["encoding"] or b"utf-8").lower() != b"utf-8":
        return False
    return b"<!DOCTYPE" not in content
