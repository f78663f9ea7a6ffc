"""Files that are kept outside the database, under a URL: a local folder, or what fsspec reaches (s3://bucket/folder).

A file is named by its digest, so that writing it twice is writing it once. It is whole and on the disk before the
transaction that names it begins; an issue that is broken off leaves a file that no row names, which harms nothing and
is taken up when the same bytes come again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.on_disk import whole


class OutsideFiles:
    """The files under a URL, by digest."""

    def __init__(self, url: str) -> None:
        """Take the URL; nothing is opened yet.

        Raises:
            StoreError: when it is none, or has a password in it.
        """
        try:
            said = urlsplit(url)
        except ValueError:
            said = urlsplit("")
        of_folder = said.scheme == "file" and not said.netloc and said.path.startswith("/")
        if not (of_folder or (said.scheme not in ("", "file") and said.netloc and "@" not in said.netloc)):
            # The URL stays out of the message: it may have a password in it.
            raise StoreError(
                Message(
                    "the address of the files is none, or has a password in it: write it as file:///FOLDER or "
                    "s3://BUCKET/FOLDER"
                )
            )
        self.name = url
        self._is_local = of_folder

    def put(self, digest: bytes, data: bytes) -> None:
        """Keep a file; when this returns it is there, whole and on the disk.

        Raises:
            StoreError: when it cannot be written.
        """
        system, root = self._place
        path = f"{root}/{name_of(digest)}"
        with self._explained():
            if system.exists(path) and hashlib.sha256(system.cat_file(path)).digest() == digest:
                return
            if self._is_local:
                with whole(Path(path), private=True) as stream:
                    stream.write(data)
            else:
                system.pipe_file(path, data)  # an object is there when it is whole

    def get(self, digest: bytes) -> bytes:
        """Return the bytes of a file, as they are: whether they fit the digest is for the caller to see.

        Raises:
            StoreError: when it is not there, or cannot be read.
        """
        system, root = self._place
        with self._explained():
            try:
                data: bytes = system.cat_file(f"{root}/{name_of(digest)}")
            except FileNotFoundError as error:
                raise StoreError(
                    Message(
                        "the file with the digest {digest} is not under {name}: restore it from a backup",
                        digest=digest.hex(),
                        name=self.name,
                    )
                ) from error
        return data

    def names(self) -> Iterator[str]:
        """Give the names of all files below the URL, also of what was broken off amid its writing.

        Raises:
            StoreError: when they cannot be listed.
        """
        system, root = self._place
        with self._explained():
            listed = system.find(root)
        for path in sorted(listed):
            yield path.removeprefix(f"{root}/")

    @cached_property
    def _place(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        with self._explained():
            system, root = url_to_fs(self.name, use_listings_cache=False)
        return system, root.rstrip("/")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except ImportError as error:
            raise StoreError(
                Message("files under {name} need a package: pip install 'truecopy[s3]' for s3://", name=self.name)
            ) from error
        except Exception as error:  # each of fsspec's systems raises what its own library does
            why = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
            raise StoreError(
                Message("the files of the store under {name} cannot be used: {why}", name=self.name, why=why)
            ) from error


def name_of(digest: bytes) -> str:
    """Return the name of a file below the URL."""
    # A folder for each first byte: a hundred thousand files in one folder are slow to list.
    return f"{digest[:1].hex()}/{digest.hex()}"
