"""What makes a PDF fit for an archive beside its pages: PDF/A-2b, metadata that agree, the language.

The metadata are written anew, the same in both places that a PDF has for them (ISO 19005-2, 6.6.3): XMP holds only
properties of the schemas that the standard names itself, so that no extension has to describe them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from pikepdf import Dictionary, Name, Pdf, String

PRODUCER = "Truecopy"
_LANGUAGE = "zh-CN"
"""Of the forms; runs of another language are marked in the structure where it has them."""

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
{identifier}<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
<xmp:MetadataDate>{moment}</xmp:MetadataDate><pdf:Producer>{producer}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True, slots=True)
class Label:
    """What the metadata of a PDF say; ``identifier`` is serial and revision, None for what has none."""

    title: str
    made_at: datetime
    identifier: str | None = None


def make_archival(document: Pdf, label: Label) -> None:
    """Write the metadata of a PDF anew and take out what PDF/A leaves optional and no program can check.

    Fonts, output intent and content must be those of a PDF/A-2b already.
    """
    moment = label.made_at.astimezone(UTC)
    identifier = f"<dc:identifier>{escape(label.identifier)}</dc:identifier>\n" if label.identifier else ""
    xmp = _XMP.format(
        title=escape(label.title),
        language=_LANGUAGE,
        identifier=identifier,
        moment=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        producer=PRODUCER,
    )
    document.Root.Metadata = document.make_stream(xmp.encode("utf-8"), Type=Name.Metadata, Subtype=Name.XML)
    document.Root.Lang = String(_LANGUAGE)
    date = String(moment.strftime("D:%Y%m%d%H%M%SZ"))
    document.trailer.Info = document.make_indirect(
        Dictionary(Title=String(label.title), CreationDate=date, ModDate=date, Producer=String(PRODUCER))
    )
    for item in document.objects:
        # The list of a subset's characters is optional in PDF/A-2 (6.2.11.4.2), and wrong in many a file.
        if isinstance(item, Dictionary) and "/CIDSet" in item:
            del item["/CIDSet"]
