"""Everything that a clerk hands in at once, as images one after the other: files by name, or bytes with a name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from toolkit.messages import Message
from toolkit.scan.image_process import ImageProcess
from toolkit.scan.images import open_images
from toolkit.scan.page_image import MAX_FILE_BYTES, PageImage, UnreadableImage, too_large

Source = str | Path | tuple[str, bytes]
"""A file to read, or a name for messages and the bytes themselves."""

_ENDINGS = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".jpe", ".png", ".heic", ".heif"})
_BEGINNINGS = (b"%PDF-", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\xff\xd8\xff", b"\x89PNG")
"""Of PDF, TIFF (and BigTIFF), JPEG and PNG; HEIC begins with its length and then this."""
_BEGINNING_OF_HEIC = b"ftyp"

Progress = Callable[[int, int], None]
"""Called with images done and images known so far."""


class Images:
    """The images of several sources, one after the other; to be gone through once.

    ``known`` is how many there are as far as the files opened so far tell; ``refusals`` says why some could not be
    opened.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        """Nothing is opened before it is asked for."""
        self._sources = sources
        self.known = len(sources)
        self.refusals: list[Message] = []

    def __iter__(self) -> Iterator[PageImage | UnreadableImage]:
        """Yield every image, opening one file at a time."""
        done = 0
        with ImageProcess() as process:
            for position, source in enumerate(self._sources):
                before, waiting = done, len(self._sources) - position - 1
                for image in _opened(source, process):
                    done += 1
                    self.known = max(done, before + image.of) + waiting
                    if isinstance(image, UnreadableImage):
                        self.refusals.append(image.message)
                    yield image

    def nothing_opened(self) -> Message:
        """Return one sentence for when not one image could be opened."""
        if len(self.refusals) == 1:
            return self.refusals[0]
        return Message(
            "none of the {count} images could be opened; the first: {message}",
            count=len(self.refusals),
            message=self.refusals[0],
        )


def scans_below(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the scans in a folder and in the folders below it, and what was left aside; both by folder and name.

    A scan is what is named or begins as one, so that a damaged one is told as damaged and not left aside. Left aside
    are other files, those with a dot in front (systems keep their own things there), and links to folders.

    Raises:
        OSError: a folder cannot be read.
    """

    def refused(error: OSError) -> None:
        raise error

    scans: list[Path] = []
    aside: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=refused):
        folders.sort()
        aside += [path for path in (Path(place, name) for name in folders) if path.is_symlink()]
        for path in (Path(place, name) for name in sorted(names)):
            (scans if _may_be_scan(path) else aside).append(path)
    return scans, aside


def _may_be_scan(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_file():
        return False
    if path.suffix.lower() in _ENDINGS:
        return True
    try:
        with path.open("rb") as file:
            beginning = file.read(8)
    except OSError:
        return True  # opening it as a scan tells why
    return beginning.startswith(_BEGINNINGS) or beginning[4:] == _BEGINNING_OF_HEIC


def _opened(source: Source, process: ImageProcess) -> Iterator[PageImage | UnreadableImage]:
    name, data = source if isinstance(source, tuple) else (str(source), _read(Path(source)))
    if isinstance(data, Message):
        return iter([UnreadableImage(name, 1, data)])
    return open_images(name, data, process=process)


def _read(path: Path) -> bytes | Message:
    """Return the bytes of a file, or why there are none."""
    try:
        if path.is_dir():
            return Message("{path} is a folder: name the scans in it", path=path)
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            return too_large(str(path), size)
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return Message("there is no file {path}: see whether the name is right", path=path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        return Message("{path} cannot be read ({why}): close it elsewhere, or copy it", path=path, why=why)
