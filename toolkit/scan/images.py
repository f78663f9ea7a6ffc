"""Opening what a clerk hands in: PDF, TIFF, JPEG, PNG or HEIC bytes become pages of pixels, one at a time.

One page that cannot be opened never loses the others: it is handed on as an ``UnreadableImage`` that says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

from toolkit.messages import Message
from toolkit.scan.image_process import ImageProcess
from toolkit.scan.page_image import MAX_FILE_BYTES, PageImage, UnreadableImage, too_large


def open_images(
    source: str, data: bytes, *, process: ImageProcess | None = None
) -> Iterator[PageImage | UnreadableImage]:
    """Yield the pages of one file in order, decoding each only when it is asked for.

    Args:
        source: the name of the file, for messages; what it ends in is not believed.
        data: the bytes of the file.
        process: what opens files, to be shared by many of them; one of its own when left out.

    Returns:
        At least one page or one ``UnreadableImage``. The pixels stand as they are to be read: rotation by EXIF, TIFF
        or PDF is obeyed, transparent ground is white.
    """
    refusal = _refusal(source, data)
    if refusal is not None:
        yield UnreadableImage(source, 1, refusal)
        return
    with nullcontext(process) if process is not None else ImageProcess() as opening:
        yield from opening.pages(source, data)


def _refusal(source: str, data: bytes) -> Message | None:
    """Return why the bytes are not even tried, or None."""
    if not data:
        return Message("{source} is empty: scan the page again", source=source)
    if len(data) > MAX_FILE_BYTES:
        return too_large(source, len(data))
    return None
