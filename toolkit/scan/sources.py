"""Everything that a clerk hands in at once, as images one after the other: files by name, or bytes with a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from toolkit.messages import Message
from toolkit.scan.image_process import ImageProcess
from toolkit.scan.images import open_images
from toolkit.scan.page_image import MAX_FILE_BYTES, PageImage, UnreadableImage, too_large

Source = str | Path | tuple[str, bytes]
"""A file to read, or a name for messages and the bytes themselves."""

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
