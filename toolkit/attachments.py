"""The attachments of an application as pages: composes the reader of scans and the maker of pictures.

Attachments come from anybody. They are opened in the process of their own in which scans are opened, bounded in time
and memory; what comes out of it is pixels. Seals on them (pages of another formal copy) are made unreadable: a page has
one seal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toolkit.application.programme import Document, Programme
from toolkit.application.reading import Application
from toolkit.errors import InputUnreadable
from toolkit.messages import Message

MOST_PAGES = 200
"""Pages of all attachments of one application; a thick one has some 100."""
LARGEST_SUM = 48 * 2**20
"""Bytes of their pictures; 200 pages of printed text have some 30 MB, and a Word file is refused above 64."""


def documents_of(application: Application, programme: Programme) -> tuple[Document, ...]:
    """Return the documents of an application: one for attachments only where it lists any."""
    listed = bool(application.complete().attachments)
    return tuple(document for document in programme.documents if listed or not document.attachments)


def attached_pages(application: Application, documents: Iterable[Document]) -> Mapping[str, tuple[bytes, ...]]:
    """Return the pages of every attachment as JPEG, by the name of its file; none where no document holds them.

    Raises:
        InputUnreadable: when a file cannot be opened as a whole (encrypted, damaged, hostile), or there are too many
            pages; the message names the file.
    """
    if not any(document.attachments for document in documents):
        return {}
    from toolkit.forms.attached import page_of, picture_of
    from toolkit.scan.image_process import ImageProcess
    from toolkit.scan.images import open_images
    from toolkit.scan.page_image import UnreadableImage
    from toolkit.scan.symbols import without_seals

    pages: dict[str, tuple[bytes, ...]] = {}
    count = size = 0
    with ImageProcess() as process:
        for name in dict.fromkeys(attachment.file for attachment in application.complete().attachments):
            pictures: list[bytes] = []
            for image in open_images(name, application.files[name], process=process):
                if isinstance(image, UnreadableImage):
                    raise InputUnreadable(
                        Message(
                            "an attachment cannot become pages of the formal copy: {problem}", problem=image.message
                        )
                    )
                pictures.append(picture_of(without_seals(page_of(image.pixels))))
                count, size = count + 1, size + len(pictures[-1])
                if count > MOST_PAGES or size > LARGEST_SUM:
                    raise InputUnreadable(
                        Message(
                            "with “{name}” the attachments have more than {most} pages or {size} MiB; hand in what is "
                            "needed only",
                            name=name,
                            most=MOST_PAGES,
                            size=LARGEST_SUM // 2**20,
                        )
                    )
            pages[name] = tuple(pictures)
    return pages
