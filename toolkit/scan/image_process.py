"""Files of images opened in a process of their own, which may hang or crash.

5 kB of PDF or JPEG can keep a decoder busy for hours, or take all memory. A page that does so costs that page; the
process is started again for the others. While one page is looked at here, the next is decoded there.

This module is both ends. Requests are a line of JSON, with the bytes of the file behind the one that opens it. Answers
are a line of JSON, with the pixels behind one that has any. Nothing is unpickled: a decoder may have been taken over.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, Self, cast

import numpy as np

from toolkit.messages import Message
from toolkit.scan.page_image import MAX_PAGES, MAX_PIXELS, PageImage, UnreadableImage, too_many_pages

SECONDS = 20.0
"""A page takes 0.03 to 0.4 s on the developers' machine."""

_MOST_LOST = 3
"""Pages of one file that may be lost in this way before the rest of it is given up."""
MEMORY = 3 * 2**30
"""Bytes of address space, where the system can bound it: the largest page takes 0.6 GB drawn, the libraries as much."""
_LONGEST_LINE = 65_536
_PDF_HEADER_WITHIN = 1024
"""Readers accept ``%PDF-`` anywhere in the first 1024 bytes (ISO 32000-1, Annex H.3, note 13)."""
_PACKAGES = Path(__file__).parents[2]


class Opened(Protocol):
    """A file that could be opened."""

    @property
    def count(self) -> int:
        """The number of its pages."""

    def page(self, number: int) -> PageImage | UnreadableImage:
        """Return a page, counted from 1."""

    def close(self) -> None:
        """Close the file."""


class ImageProcess:
    """The process that opens files; it is started at the first one. Use it in ``with``."""

    def __init__(self, seconds: float = SECONDS) -> None:
        """Allow a page, and the opening of a file, so many seconds each."""
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the process itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the process."""
        self.stop()

    def stop(self) -> None:
        """Stop the process, whatever it is doing."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    with suppress(OSError):  # what was written and never read
                        stream.close()
            child.wait()

    def pages(self, source: str, data: bytes) -> Iterator[PageImage | UnreadableImage]:
        """Yield the pages of a file; see ``images.open_images``."""
        opened = self._open(source, data)
        if isinstance(opened, Message):
            yield UnreadableImage(source, 1, opened)
            return
        count = min(opened, MAX_PAGES)
        lost = 0
        finished = False
        self._ask({"page": 1})
        try:
            for number in range(1, count + 1):
                image = self._page(source, number, count)
                if image is None:
                    self.stop()
                    lost += 1
                    yield UnreadableImage(source, number, _lost(source, number), of=count)
                    if number < count and (lost == _MOST_LOST or isinstance(self._open(source, data), Message)):
                        yield UnreadableImage(source, number + 1, _given_up(source, number + 1), of=number + 1)
                        return
                if number < count:
                    self._ask({"page": number + 1})
                if image is not None:
                    yield image
            finished = True
        finally:
            if not finished:
                self.stop()  # an answer that nobody will read is under way
        if opened > MAX_PAGES:
            yield UnreadableImage(source, MAX_PAGES + 1, too_many_pages(source))

    def _open(self, source: str, data: bytes) -> int | Message:
        """Return the number of pages, or why the file cannot be opened."""
        self._ask({"open": source, "size": len(data)}, data)
        answer = self._answer()
        if answer is None:
            self.stop()
            return Message("{source} takes too much time or memory to open: scan the paper itself", source=source)
        if "pages" in answer:
            return int(answer["pages"])
        return _message(answer)

    def _page(self, source: str, number: int, count: int) -> PageImage | UnreadableImage | None:
        """Return the page that was asked for; None when the process is no more."""
        answer = self._answer()
        if answer is None:
            return None
        if "text" in answer:
            return UnreadableImage(source, number, _message(answer), of=count)
        height, width, dpi = int(answer["height"]), int(answer["width"]), answer["dpi"]
        if not 0 < height * width <= MAX_PIXELS:
            return None
        pixels = np.empty((height, width, 3), np.uint8)
        if self._child is None or not _read_into(self._child.stdout, pixels.data.cast("B")):
            return None
        return PageImage(source, number, pixels, None if dpi is None else float(dpi), of=count)

    def _ask(self, request: dict[str, object], data: bytes = b"") -> None:
        """Send a request; that nobody reads it shows when the answer is waited for."""
        if self._child is None:
            self._child = _started(self._seconds)
        if self._child.stdin is not None:
            with suppress(OSError):
                self._child.stdin.write(json.dumps(request).encode("ascii") + b"\n")
                self._child.stdin.write(data)
                self._child.stdin.flush()

    def _answer(self) -> dict[str, Any] | None:
        if self._child is None or self._child.stdout is None:
            return None
        try:
            answer = json.loads(self._child.stdout.readline(_LONGEST_LINE))
        except (OSError, ValueError):
            return None
        return answer if isinstance(answer, dict) else None


def _started(seconds: float) -> subprocess.Popen[bytes]:
    paths = [str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        # -P: a file called numpy.py beside the scans must not be run.
        [sys.executable, "-P", "-m", __name__, str(seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _read_into(stream: IO[bytes] | None, buffer: memoryview) -> bool:
    """Fill the buffer; False when the stream ends before."""
    done = 0
    while stream is not None and done < len(buffer):
        read = cast(io.BufferedReader, stream).readinto(buffer[done:])
        if not read:
            return False
        done += read
    return done == len(buffer)


def _message(answer: dict[str, Any]) -> Message:
    return Message(str(answer.get("text", "")), **dict(answer.get("values", {})))


def _lost(source: str, number: int) -> Message:
    return Message(
        "page {number} of {source} takes too much time or memory to open: scan the paper itself",
        number=number,
        source=source,
    )


def _given_up(source: str, number: int) -> Message:
    return Message(
        "{source} was given up from page {number} on, after several pages that took too much time or memory: scan the "
        "paper itself",
        source=source,
        number=number,
    )


def main(arguments: list[str]) -> None:
    """Serve requests from standard input until it ends."""
    seconds = float(arguments[0])
    _bound_memory()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    opened: Opened | None = None
    while line := requests.readline(_LONGEST_LINE):
        request = json.loads(line)
        data = requests.read(int(request.get("size", 0)))
        # A watchdog in C: it needs no cooperation of a library that is busy.
        faulthandler.dump_traceback_later(seconds, exit=True)
        if "open" in request:
            if opened is not None:
                opened.close()
            result = _opened(str(request["open"]), data)
            opened = None if isinstance(result, UnreadableImage) else result
            faulthandler.cancel_dump_traceback_later()
            _send(answers, result if isinstance(result, UnreadableImage) else result.count)
        elif opened is not None:
            page = opened.page(int(request["page"]))
            faulthandler.cancel_dump_traceback_later()
            _send(answers, page)


def _opened(source: str, data: bytes) -> Opened | UnreadableImage:
    """Open a file by what it holds, whatever its name ends in."""
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        from toolkit.scan.pdf import OpenedPdf

        return OpenedPdf.of(source, data)
    from toolkit.scan.pictures import OpenedPictures

    return OpenedPictures.of(source, data)


def _send(answers: BinaryIO, result: PageImage | UnreadableImage | int) -> None:
    if isinstance(result, int):
        header: dict[str, object] = {"pages": result}
    elif isinstance(result, UnreadableImage):
        header = {"text": result.message.text, "values": dict(result.message.values)}
    else:
        height, width, _ = result.pixels.shape
        header = {"height": height, "width": width, "dpi": result.dpi}
    answers.write(json.dumps(header).encode("ascii") + b"\n")
    if isinstance(result, PageImage):
        answers.write(np.ascontiguousarray(result.pixels).data.cast("B"))
    answers.flush()


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(sys.argv[1:])
