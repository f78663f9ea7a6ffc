"""Files that an application names: pictures for its text, and attachments. Read beside the application's own file.

A name never leads out of that folder, not even through a link, and what is read is bounded and is what it should be.
"""

from __future__ import annotations

import stat
from io import BytesIO
from pathlib import Path, PurePosixPath

from toolkit.application.values import Unfit, shown
from toolkit.messages import Message

LARGEST_PICTURE = 10 << 20
"""Bytes of a picture; a page at 300 dpi in colour has some 3 MiB as JPEG."""
LARGEST_ATTACHMENT = 128 << 20
"""Bytes of an attachment: 40 pages at 300 dpi in colour, or a book that was scanned without thought."""
LARGEST_SUM = 256 << 20
"""Bytes of all files of one application; they are held in memory until they are kept."""
MOST_PIXELS = 40_000_000
"""A4 at 600 dpi has 34.8 million."""

_PICTURES_BEGIN = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
"""How JPEG, PNG and TIFF begin."""
_PDF_HEADER_WITHIN = 1024
"""Readers accept ``%PDF-`` anywhere in the first 1024 bytes (ISO 32000-1, Annex H.3, note 13)."""


class Enclosed:
    """The files of one application, by the name they have in it."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder of the application's file; None when it came as bytes and has none."""
        self._folder = folder
        self.files: dict[str, bytes] = {}

    def add_picture(self, name: str) -> None:
        """Read a picture.

        Raises:
            Unfit: when it is not a PNG or JPEG file within the folder and the bounds, or cannot be decoded.
        """
        _check_picture(self._add(name, LARGEST_PICTURE), name)

    def add_attachment(self, name: str) -> None:
        """Read an attachment.

        Raises:
            Unfit: when it is not a file within the folder and the bounds, or begins like no PDF or picture. Whether it
                can be opened is found out when it is issued, in a process of its own.
        """
        data = self._add(name, LARGEST_ATTACHMENT)
        if not data.startswith(_PICTURES_BEGIN) and b"%PDF-" not in data[:_PDF_HEADER_WITHIN]:
            raise Unfit(Message("“{name}” is not a PDF, JPEG, PNG or TIFF file", name=shown(name)))

    def _add(self, name: str, largest: int) -> bytes:
        if name in self.files:
            return self.files[name]
        data = _read(self._path(name), name, largest)
        if sum(map(len, self.files.values())) + len(data) > LARGEST_SUM:
            raise Unfit(
                Message("with “{name}” the files have more than {sum} MiB", name=shown(name), sum=LARGEST_SUM >> 20)
            )
        self.files[name] = data
        return data

    def _path(self, name: str) -> Path:
        if self._folder is None:
            raise Unfit(Message("“{name}” cannot be looked for, since the application is not a file", name=shown(name)))
        pure = PurePosixPath(name)
        if "\\" in name or ":" in name or pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise Unfit(
                Message(
                    "“{name}” is not a place within the application's folder; write it such as attachments/proof.pdf",
                    name=shown(name),
                )
            )
        try:
            folder = self._folder.resolve(strict=True)
            path = (folder / pure).resolve()
        except (OSError, RuntimeError, ValueError):
            raise _absent(name) from None
        if not path.is_relative_to(folder):
            raise Unfit(Message("“{name}” is a link that leads out of the application's folder", name=shown(name)))
        return path


def _read(path: Path, name: str, largest: int) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would wait for ever
            raise Unfit(Message("“{name}” is not a file", name=shown(name)))
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except FileNotFoundError:
        raise _absent(name) from None
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise Unfit(Message("“{name}” cannot be read: {problem}", name=shown(name), problem=problem)) from None
    if not data:
        raise Unfit(Message("“{name}” is empty", name=shown(name)))
    if len(data) > largest:
        raise Unfit(Message("“{name}” has more than {largest} MiB", name=shown(name), largest=largest >> 20))
    return data


def _absent(name: str) -> Unfit:
    return Unfit(Message("there is no file “{name}” beside the application", name=shown(name)))


def _check_picture(data: bytes, name: str) -> None:
    from PIL import Image  # only for an application that has a picture

    wrong = Message("“{name}” is not a whole PNG or JPEG picture", name=shown(name))
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise Unfit(
                    Message(
                        "“{name}” has {width} x {height} pixels; {most} million are enough for A4 at 600 dpi",
                        name=shown(name),
                        width=width,
                        height=height,
                        most=MOST_PIXELS // 1_000_000,
                    )
                )
            picture.verify()  # the check sums of PNG; a picture cannot be loaded after it
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            picture.load()
    except Unfit:
        raise
    except Exception as error:  # Pillow's plugins raise many kinds for bytes that are no picture
        raise Unfit(wrong) from error
