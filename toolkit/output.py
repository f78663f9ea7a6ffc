"""Files of an answer, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from toolkit.errors import OutputNotWritten
from toolkit.messages import Message
from toolkit.on_disk import whole


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, each whole or not at all, and return their paths.

    Each goes to a temporary file beside its place first, so that a full disk or a kill leaves no half-written one.

    Raises:
        OutputNotWritten: read-only folder, full disk, file open in another program (Word keeps its files locked).
    """
    paths = []
    for name, content in files.items():
        with written_whole(folder / name) as stream:
            stream.write(content)
        paths.append(folder / name)
    return paths


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a stream to write a file to, which is there whole afterwards or not at all; see ``write_files``."""
    try:
        with whole(path) as stream:
            yield stream
    except OSError as error:
        raise OutputNotWritten(
            Message(
                "{path} was not written: {why}; close it if another program has it open, or name another folder",
                path=path,
                why=error.strerror or str(error),
            )
        ) from error
