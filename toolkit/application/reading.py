"""Reading an application: from its file to a typed form and every fault at once.

0. The file is decoded and its structure is read (YAML, JSON or a workbook).
1. A marking other than 公开 refuses it, before anything else is looked at and however faulty the rest is.
2. The programme is found, and the values are gathered field by field.
3. They are typed. What is faulty is set aside and the rest typed again, so that rules can judge it.
4. The files it names are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toolkit.application.enclosed import Enclosed
from toolkit.application.gathering import Gathered, Place, Raw, fault, gather
from toolkit.application.model import Form
from toolkit.application.opening import open_file, read_file
from toolkit.application.outline import outline
from toolkit.application.programme import Programme
from toolkit.application.tree import Mapping
from toolkit.application.values import Unfit, shown
from toolkit.canonical import Plain
from toolkit.messages import Message
from toolkit.verdict import Finding, Reason


@dataclass(frozen=True)
class Application:
    """What an applicant says, with what is wrong about its form.

    Attributes:
        source: name of the file, for messages.
        programme: the programme that it answers to; None when it names none that is known.
        form: all of it, typed; None when there is any fault.
        readable: the parts that could be typed; a faulty or missing field is empty there.
        faults: what is missing, unknown or invalid, in the order of the form.
        files: pictures and attachments by the name they have in the application.
        places: line or cell and label of every field, by its path (``members[4].name``, counted from 1).
    """

    source: str
    programme: Programme | None
    form: Form | None
    readable: Form
    faults: tuple[Finding, ...]
    files: AnyMapping[str, bytes]
    places: AnyMapping[str, Place]

    def complete(self) -> Form:
        """Return the whole form.

        Raises:
            ValueError: when the application has faults; check it first.
        """
        if self.form is None:
            raise ValueError("an application with faults has no complete form; check it first")
        return self.form

    def plain(self) -> dict[str, Plain]:
        """Return all that is said as plain data for the record: fen, ISO dates, and the digests of the files.

        What is left empty is left out, so that a field added to the form later changes no digest.

        Raises:
            ValueError: when the application has faults.
        """
        said = _plain(self.complete().model_dump(by_alias=True))
        files: Plain = [
            {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in sorted(self.files.items())
        ]
        return {**said, "files": files} if isinstance(said, dict) else {}

    def in_order(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return findings in the order of the form; those about no field come last."""
        end = len(self.places)

        def rank(finding: Finding) -> int:
            place = self.places.get(finding.field or "")
            return place.rank if place else end

        return tuple(sorted(findings, key=rank))


def load_application(
    source: str | Path | bytes, *, home: Path | None = None, beside: Path | None = None
) -> Application:
    """Read an application from a YAML file, a JSON file or a workbook, or from the bytes of one.

    Args:
        source: the file; files that it names are looked for beside it.
        home: the data folder, whose own programmes come before the supplied ones.
        beside: the folder of the files that bytes name; without it they can name none.

    Raises:
        InputUnreadable: when it cannot be read at all; every other fault is a finding of the application.
        ClassifiedRefused: when it is marked other than 公开.
        ProgrammeError: when the programme that it names is faulty.
    """
    if isinstance(source, bytes):
        name, folder, data = "-", beside, source
    else:
        path = Path(source)
        name, folder, data = str(path), path.parent, read_file(path)
    root, programme, unknown = open_file(data, name, home)
    if programme is None:  # which sections the text has is the programme's to say
        root = Mapping(tuple(pair for pair in root.pairs if pair.key.strip() != "text"), root.at)
    gathered = gather(root, outline(programme), name)
    faults = list(gathered.faults)
    if unknown is not None:
        faults.append(fault(Reason.FIELD_INVALID, "programme", gathered.places.get("programme"), unknown, name))
    readable, mistyped = typed(gathered, name)
    faults.extend(mistyped)
    files, unreadable = _files(readable, folder, gathered, name)
    faults.extend(unreadable)
    application = Application(name, programme, None if faults else readable, readable, (), files, gathered.places)
    return Application(
        name, programme, application.form, readable, application.in_order(tuple(faults)), files, gathered.places
    )


def typed(gathered: Gathered, source: str) -> tuple[Form, list[Finding]]:
    """Return the form of what can be typed, and the faults of what cannot."""
    try:
        return Form.model_validate(gathered.values), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    findings = []
    told = set()
    for detail in details:
        path = _path(detail["loc"], gathered.places)
        if path in told:  # a year and its amount
            continue
        told.add(path)
        cause = detail.get("ctx", {}).get("error")
        problem = cause.message if isinstance(cause, Unfit) else Message("this is not what belongs here")
        findings.append(fault(Reason.FIELD_INVALID, path, gathered.places.get(path), problem, source))
    for detail in details:
        _drop(gathered.values, detail["loc"])
    return Form.model_validate(gathered.values), findings


def _path(where: tuple[int | str, ...], places: AnyMapping[str, Place]) -> str:
    """Return the path of a value as findings have it; a text without fields of its own stands for its ``text``."""
    path = ""
    for step in where:
        if isinstance(step, int):
            path += f"[{step + 1}]"
        elif step != "[key]":  # how pydantic says that it is the key of a mapping that is wrong
            path += f".{shown(step)}" if path else shown(step)
    return path if path in places else path.rpartition(".")[0]


def _drop(values: Raw, where: tuple[int | str, ...]) -> None:
    *above, last = (step for step in where if step != "[key]")
    holder: Any = values
    for step in above:
        holder = holder.get(step) if isinstance(holder, dict) else holder[step]
        if holder is None:
            return
    if isinstance(holder, dict):
        holder.pop(last, None)


def _files(form: Form, folder: Path | None, gathered: Gathered, source: str) -> tuple[dict[str, bytes], list[Finding]]:
    enclosed = Enclosed(folder)
    wanted = [(f"text.{key}.picture", text.picture, enclosed.add_picture) for key, text in form.text.items()]
    wanted += [
        (f"attachments[{number}].file", attachment.file, enclosed.add_attachment)
        for number, attachment in enumerate(form.attachments, 1)
    ]
    findings = []
    for path, file, add in wanted:
        if file:
            try:
                add(file)
            except Unfit as unfit:
                place = gathered.places.get(path)
                findings.append(fault(Reason.FIELD_INVALID, path, place, unfit.message, source))
    return enclosed.files, findings


def _plain(value: object) -> Plain:
    """Return a value as plain data; what is empty is left out of mappings."""
    if isinstance(value, dict):
        parts = {str(key): _plain(item) for key, item in value.items() if item is not None}
        return {key: item for key, item in parts.items() if item not in ("", [], {})}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | str):
        return value
    raise TypeError(f"a {type(value).__name__} has no place in a record")
