"""Where programmes, fonts, samples and translations are: in the checkout, in the wheel, or in the data folder.

No other file knows. In a checkout they lie at the top level, in an installed wheel beside the package's own files
(``toolkit/_share``, put there by the build), and a data folder may add programmes of its own.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

import platformdirs

from toolkit.errors import HomeError, ProgrammeError
from toolkit.messages import Message, Translate

_PACKAGE = Path(__file__).parent
_SHARE = _PACKAGE / "_share"
LANGUAGES = ("zh", "en")


def shared(*parts: str) -> Path:
    """Return a path among the supplied files: ``shared("fonts")``, ``shared("templates", "xinjiang-sco-2025")``."""
    root = _SHARE if _SHARE.is_dir() else _PACKAGE.parent
    return root.joinpath(*parts)


def home_folder(path: Path | str | None = None) -> Path:
    """Return the data folder that is meant: ``path``, or ``TRUECOPY_HOME``, or the system's place for data.

    Raises:
        HomeError: when it begins with ``~`` and a user whom this system does not know.
    """
    named = path or os.environ.get("TRUECOPY_HOME")
    try:
        folder = Path(named).expanduser() if named else platformdirs.user_data_path("truecopy", appauthor=False)
    except RuntimeError as error:
        raise HomeError(Message("there is no user for the data folder {folder}", folder=str(named))) from error
    return folder.absolute()


def programme_folders(home: Path | None = None) -> dict[str, Path]:
    """Return the folder of every programme by its name; those of the data folder come before the supplied ones."""
    folders: dict[str, Path] = {}
    for parent in (shared("templates"), *((home / "programmes",) if home else ())):
        if parent.is_dir():
            folders.update((path.parent.name, path.parent) for path in sorted(parent.glob("*/programme.toml")))
    return folders


def programme_folder(name: str, home: Path | None = None) -> Path:
    """Return the folder of the programme of that name.

    Raises:
        ProgrammeError: when there is none; the message lists those there are.
    """
    folders = programme_folders(home)
    if name not in folders:
        known = tuple(folders) or "-"
        raise ProgrammeError(
            Message("there is no programme named “{name}”; known are: {known}", name=name, known=known)
        )
    return folders[name]


def language(asked: str | None = None) -> str:
    """Return ``zh`` or ``en``: what was asked for, or else what the locale says (``LC_ALL``, ``LANG``, the system)."""
    named = [asked, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")), locale.getlocale()[0]]
    first = next((name for name in named if name), "").lower()  # POSIX: the first that is set decides, C included
    # Windows calls its locale “Chinese (Simplified)_China”.
    return "zh" if first.startswith(("zh", "chinese")) else "en"


def translation(asked: str | None = None) -> Translate:
    """Return the function that puts English sentences into the language asked for, or into that of the locale."""
    catalogue = gettext.translation("truecopy", _PACKAGE / "locale", [language(asked)], fallback=True)
    return catalogue.gettext
