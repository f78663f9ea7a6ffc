"""Files that are on the disk whole, or not at all: after a full disk, a kill, or a power failure."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def whole(path: Path, *, private: bool = False) -> Iterator[IO[bytes]]:
    """Give a stream to write a file to, which takes the place of what was at ``path`` when all of it is on the disk.

    Args:
        path: folders on the way to it are made.
        private: file and folders are readable by this user alone.

    Raises:
        OSError: when it cannot be written; then nothing changed.
    """
    new = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(new):
        folder.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.touch(mode=0o600 if private else 0o666, exist_ok=False)
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    for folder in (path.parent, *(made.parent for made in new)):
        synced(folder)


def synced(path: Path) -> None:
    """Have what is known of a file, or the names in a folder, on the disk (fsync); Windows has no such thing."""
    if os.name == "posix":
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
