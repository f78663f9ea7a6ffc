"""Says what seals claim, judging nothing: no key, trust or store is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.errors import InputUnreadable, UsageError
from toolkit.messages import Message
from toolkit.scan.page_image import PageImage, UnreadableImage
from toolkit.scan.paper import InspectedPage, Inspection, SealClaims
from toolkit.scan.reading import read_page
from toolkit.scan.sources import Images, Progress, Source
from toolkit.scan.typed import TYPED, typed_lines
from toolkit.seal.payload import SealMalformed, decode
from toolkit.seal.symbol import SymbolUnreadable, from_digits


def inspect(sources: Sequence[Source], *, progress: Progress | None = None) -> Inspection:
    """Return what the seals on scans claim, without judging any of it.

    Args:
        sources: files, or pairs of name and bytes.
        progress: called after every image.

    Raises:
        UsageError: there are no sources.
        InputUnreadable: not one image could be opened.
    """
    if not sources:
        raise UsageError(
            Message("there is nothing to inspect: name the scans, or use --text - with a handheld scanner")
        )
    images = Images(sources)
    pages: list[InspectedPage] = []
    for done, image in enumerate(images, start=1):
        if isinstance(image, UnreadableImage):
            pages.append(InspectedPage(image.source, image.number, problem=image.message))
        else:
            pages += _inspected_image(image)
        if progress is not None:
            progress(done, images.known)
    if len(images.refusals) == len(pages):
        raise InputUnreadable(images.nothing_opened())
    return Inspection(tuple(pages))


def inspect_digits(lines: Iterable[str]) -> Inspection:
    """Return what typed symbols claim; see ``inspect``.

    Raises:
        InputUnreadable: there was nothing on any line, or there were too many.
    """
    pages: list[InspectedPage] = []
    for line in typed_lines(lines):
        if line.digits is None:
            pages.append(InspectedPage(TYPED, line.number, problem=line.problem))
        else:
            pages.append(_inspected(line.digits, TYPED, line.number))
    return Inspection(tuple(pages))


def _inspected_image(image: PageImage) -> list[InspectedPage]:
    reading = read_page(image)
    if reading.candidates:
        return [_inspected(digits, image.source, image.number) for digits in reading.candidates]
    problem = reading.finding.message if reading.finding else None
    return [InspectedPage(image.source, image.number, problem=problem)]


def _inspected(digits: str, source: str, number: int) -> InspectedPage:
    try:
        signed = decode(from_digits(digits))
    except (SymbolUnreadable, SealMalformed) as error:
        return InspectedPage(source, number, problem=error.message)
    claims = SealClaims.of(signed)
    return InspectedPage(source, number, claims.reference, claims)
