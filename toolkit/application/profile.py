"""A profile: what a unit repeats in every application, so that nobody types it again.

It is a file of the same kinds as an application, and an earlier application will do: only the parts that name units are
taken. Declarations (yes or no) are not: each is made anew.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from toolkit.application.gathering import Raw, gather
from toolkit.application.model import Entry
from toolkit.application.opening import open_file, read_file
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.reading import typed
from toolkit.application.tree import Mapping
from toolkit.application.values import YES_NO
from toolkit.errors import CheckFailed
from toolkit.messages import Message
from toolkit.verdict import Verdict

PROFILE_PARTS = ("applicant_unit", "recommending_unit")


def load_profile(path: Path, programme: Programme, *, home: Path | None = None) -> dict[str, Raw]:
    """Return the values of a profile that the form of a programme takes, as ``gather`` gives them.

    Args:
        path: the profile.
        programme: whose form they are for.
        home: the data folder.

    Raises:
        InputUnreadable, ClassifiedRefused: as for an application.
        CheckFailed: when something in the parts that are taken is unknown or invalid; its verdict says what.
    """
    source = str(path)
    root, _, _ = open_file(read_file(path), source, home)
    form = outline(programme)
    taken = replace(form, parts=tuple(_optional(part) for part in form.parts if part.key in PROFILE_PARTS))
    gathered = gather(
        Mapping(tuple(pair for pair in root.pairs if pair.key.strip() in PROFILE_PARTS), root.at), taken, source
    )
    findings = (*gathered.faults, *typed(gathered, source)[1])
    if findings:
        raise CheckFailed(Message("the profile has faults; mend them first"), Verdict(findings))
    asked = {part.key: [field.key for field in part.parts if field.choices != YES_NO] for part in taken.parts}
    return {
        key: {name: value for name, value in section.items() if name in asked[key]}
        for key, section in gathered.values.items()
        if isinstance(section, dict)
    }


def _optional(entry: Entry) -> Entry:
    return replace(entry, required=False, parts=tuple(_optional(part) for part in entry.parts))
