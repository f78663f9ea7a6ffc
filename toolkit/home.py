"""The home: the one folder in which an office, or a clerk's machine, keeps what Truecopy needs.

    settings.toml          office, serial prefix, own fonts, where the store is
    keys/                  private keys; none on a clerk's machine
    trust/bundle.pem       office roots, signing certificates, revocation lists
    programmes/            programmes beside the supplied ones
    store.sqlite3          records, unless they are in PostgreSQL; none on a clerk's machine
    records/               what record bundles brought to a clerk's machine

SQLAlchemy is loaded only when ``store`` is touched: checking seals offline needs none of it.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from toolkit.errors import HomeError, UsageError
from toolkit.messages import Message
from toolkit.resources import home_folder, programme_folders
from toolkit.seal import keys
from toolkit.seal.keys import KeyFolder
from toolkit.seal.trust import Trust
from toolkit.seal.trust_bundle import load_trust, save_trust

if TYPE_CHECKING:
    from toolkit.records.imported import ImportedRecords
    from toolkit.records.store import Store

SETTINGS = "settings.toml"
STORE = "store.sqlite3"
TRUST = "trust"
LARGEST_SETTINGS = 65_536
"""Bytes; five lines are some 300."""

_OPTIONAL = ("fonts_dir", "store", "files")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``settings.toml`` says.

    The office's name, the prefix of its serials, a folder of its own fonts, the address of a store in PostgreSQL (else
    it is ``store.sqlite3``), and the URL under which files are kept (else they are in the database).
    """

    office: str
    prefix: str
    fonts_dir: Path | None = None
    store: str | None = None
    files: str | None = None

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the settings of a home; a relative ``fonts_dir`` is below the home.

        Raises:
            HomeError: when the file is missing, is no TOML, or says something unknown.
        """
        try:
            with path.open("rb") as file:
                said = tomllib.loads(file.read(LARGEST_SETTINGS).decode("utf-8-sig"))
        except FileNotFoundError as error:
            raise HomeError(
                Message(
                    "{folder} is no data folder of Truecopy: make one with truecopy keys init, or name another with "
                    "--home or TRUECOPY_HOME",
                    folder=path.parent,
                )
            ) from error
        except OSError as error:
            raise HomeError(
                Message("the settings {path} cannot be read: {why}", path=path, why=error.strerror or error)
            ) from error
        except ValueError as error:  # not TOML, not UTF-8
            raise HomeError(
                Message("the settings {path} are not TOML in UTF-8: {why}", path=path, why=error)
            ) from error
        match said:
            case {"office": str(office), "prefix": str(prefix), **rest} if not rest.keys() - set(_OPTIONAL):
                if all(isinstance(value, str) for value in rest.values()):
                    fonts = rest.get("fonts_dir")
                    _refuse_password(rest.get("store"))
                    return cls(
                        office, prefix, path.parent / fonts if fonts else None, rest.get("store"), rest.get("files")
                    )
        raise HomeError(
            Message(
                "the settings {path} must have office and prefix, may have {others}, and nothing else",
                path=path,
                others=_OPTIONAL,
            )
        )


class Home:
    """A data folder that exists; use ``Home.open`` or ``Home.create``, and close it (or use it in ``with``)."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Take the folder as it is; nothing but the settings has been read."""
        self.folder = folder
        self.settings = settings

    @classmethod
    def open(cls, path: Path | str | None = None) -> Home:
        """Open the data folder: the one given, or else ``TRUECOPY_HOME``, or else the system's place for data.

        Raises:
            HomeError: when it is no data folder, or its settings are wrong.
        """
        folder = home_folder(path)
        return cls(folder, Settings.read(folder / SETTINGS))

    @classmethod
    def create(
        cls,
        path: Path | str | None = None,
        *,
        office: str,
        prefix: str,
        passphrase: str | None,
        demo: bool = False,
        store: str | None = None,
        files: str | None = None,
        now: datetime.datetime,
    ) -> Home:
        """Make a data folder with an office root, keys for seals and for heads under it, and an empty store.

        It is made beside its place and then renamed into it, so that it is there as a whole or not at all.

        Args:
            path: a folder that does not exist or is empty.
            office: the office's name, at most 64 characters.
            prefix: what its serials start with, 1 to 8 characters A-Z, 0-9.
            passphrase: encrypts all private keys; without it, they lie open to whoever can read the files.
            demo: marks the certificates as those of a demonstration.
            store: address of a PostgreSQL database without tables; the store is a file of the folder when left out.
            files: URL under which files are kept; in the database when left out.
            now: where the certificates' validity starts.

        Raises:
            UsageError: when office or prefix cannot be used.
            HomeError: when the folder is in use or cannot be made, or the address has a password in it.
            StoreError: when the database cannot be used, or has a store already.
        """
        _refuse_password(store)
        if any(unicodedata.category(character) == "Cc" for character in office):
            raise UsageError(Message("the office's name has a control character in it"))

        def fill(new: Path) -> None:
            _fill(new, office, prefix, passphrase, demo, now)
            _write_settings(new, {"office": office, "prefix": prefix, "store": store, "files": files})
            _create_store(new, store, files)

        return cls._made(path, fill)

    @classmethod
    def create_for_clerk(cls, path: Path | str | None, trust: Trust) -> Home:
        """Make a data folder that trusts and has no private key and no store: it checks seals, and nothing else.

        Its settings name the office of the first signing certificate.

        Args:
            path: a folder that does not exist or is empty.
            trust: what the office's trust bundle said, its roots confirmed.

        Raises:
            UsageError: when the bundle has no signing certificate.
            HomeError: when the folder is in use or cannot be made.
        """
        if not trust.certificates:
            raise UsageError(Message("the trust bundle has no signing certificate: ask the office for a newer one"))
        of = trust.certificates[0]

        def fill(new: Path) -> None:
            (new / "programmes").mkdir()
            save_trust(new / TRUST, trust)
            _write_settings(new, {"office": of.office, "prefix": of.prefix})

        return cls._made(path, fill)

    @classmethod
    def _made(cls, path: Path | str | None, fill: Callable[[Path], None]) -> Home:
        folder = home_folder(path)
        new: Path | None = None
        try:
            if folder.exists() and any(folder.iterdir()):
                raise HomeError(Message("{folder} is not empty: a new data folder needs an empty one", folder=folder))
            folder.parent.mkdir(parents=True, exist_ok=True)
            # mkdtemp makes it with mode 0700: it will hold keys and identity numbers.
            new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
            fill(new)
            if folder.exists():
                folder.rmdir()  # empty; Windows does not rename over a folder
            new.rename(folder)
        except OSError as error:
            raise HomeError(
                Message("the data folder {folder} cannot be made: {why}", folder=folder, why=error.strerror or error)
            ) from error
        finally:
            if new is not None:
                shutil.rmtree(new, ignore_errors=True)
        return cls.open(folder)

    @cached_property
    def trust(self) -> Trust:
        """Whom this home trusts."""
        return load_trust(self.folder / TRUST)

    def keep_trust(self, trust: Trust) -> None:
        """Trust this from now on, here and in the data folder, in one step.

        Raises:
            HomeError: when it cannot be written; then nothing changed.
        """
        try:
            save_trust(self.folder / TRUST, trust)
        except OSError as error:
            raise HomeError(
                Message("{path} cannot be written: {why}", path=self.folder / TRUST, why=error.strerror or error)
            ) from error
        for name in ("trust", "keys"):
            self.__dict__.pop(name, None)

    @cached_property
    def keys(self) -> KeyFolder:
        """The private keys of this home."""
        return KeyFolder(self.folder / "keys", self.trust)

    @property
    def has_store(self) -> bool:
        """Whether this home has a store: a clerk's machine has none."""
        return self.settings.store is not None or (self.folder / STORE).exists()

    @property
    def store_address(self) -> str:
        """Where the store is, or would be: a PostgreSQL database, or the file of this folder."""
        from toolkit.records.sqlite import address_of

        return self.settings.store or address_of(self.folder / STORE)

    @cached_property
    def store(self) -> Store:
        """The store, opened at the first touch; a home that cannot be written to is opened for reading.

        Raises:
            StoreError: when there is none, or it cannot be read.
        """
        from toolkit.records.store import Store

        if self.settings.store is not None:
            return Store.open(self.settings.store, files=self.settings.files)
        path = self.folder / STORE
        writable = os.access(self.folder, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))
        return Store.open(self.store_address, files=self.settings.files, writable=writable)

    @cached_property
    def imported(self) -> ImportedRecords:
        """The records that bundles brought here; a home with a store has none."""
        from toolkit.records.imported import ImportedRecords

        return ImportedRecords(self.folder / "records", self.trust)

    def owns(self, serial: str) -> bool:
        """Return whether a serial is of this home's own office, whose store has every record of it."""
        owner = self.trust.owner(serial)
        return self.has_store and owner is not None and owner[0] == self.settings.prefix

    @property
    def programmes(self) -> Mapping[str, Path]:
        """The folder of every programme by its name, the supplied ones included."""
        return programme_folders(self.folder)

    def close(self) -> None:
        """Close the store, if it was opened."""
        store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()

    def __enter__(self) -> Self:
        """Return the home itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the home."""
        self.close()


def open_home(path: Path | str | None = None) -> Home:
    """Return the opened data folder, to be used in ``with``; see ``Home.open``."""
    return Home.open(path)


def _fill(folder: Path, office: str, prefix: str, passphrase: str | None, demo: bool, now: datetime.datetime) -> None:
    from toolkit.seal.certificates import Unacceptable, Use, create_authority, create_signer
    from toolkit.seal.revocation import create_revocation_list

    root_key, own_keys = keys.generate(), {use: keys.generate() for use in Use}
    try:
        root = create_authority(office, root_key, now=now, demo=demo)
        certificates = {
            use: create_signer(root, root_key, key.public_key(), prefix=prefix, now=now, use=use, demo=demo)
            for use, key in own_keys.items()
        }
    except Unacceptable as error:
        raise UsageError(Message("no certificate can be made for this office: {why}", why=error.message)) from error
    for name in ("keys", "programmes"):
        (folder / name).mkdir()
    revocations = create_revocation_list(root, root_key, number=1, now=now)
    trust = Trust((root,), tuple(certificates.values()), (revocations,))
    keys.write_key(folder / "keys" / "root.pem", root_key, passphrase)
    for use, key in own_keys.items():
        keys.write_key(KeyFolder(folder / "keys", trust).path(certificates[use]), key, passphrase)
    save_trust(folder / TRUST, trust)


def _write_settings(folder: Path, said: Mapping[str, str | None]) -> None:
    # A JSON string without control characters is a TOML string as well (TOML 1.0, "String").
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in said.items() if value is not None]
    (folder / SETTINGS).write_text("".join(lines), "utf-8", newline="\n")


def _create_store(folder: Path, store: str | None, files: str | None) -> None:
    from toolkit.records.sqlite import address_of
    from toolkit.records.store import Store

    Store.create(store or address_of(folder / STORE), files=files).close()


def _refuse_password(store: str | None) -> None:
    """Refuse an address with a password: settings are copied to clerks' machines, and calls are seen by others."""
    try:
        said = urlsplit(store or "")
    except ValueError:
        return  # opening will say that it is no address
    if said.password is not None or "password" in parse_qs(said.query):
        raise HomeError(
            Message(
                "the address of the store has a password in it: leave it out, and set PGPASSWORD, or put it into the "
                "file that PGPASSFILE names (~/.pgpass)"
            )
        )
