"""Files of an answer, written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from toolkit.errors import OutputNotWritten
from toolkit.messages import Message


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
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise OutputNotWritten(
            Message(
                "{path} was not written: {why}; close it if another program has it open, or name another folder",
                path=path,
                why=error.strerror or str(error),
            )
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
