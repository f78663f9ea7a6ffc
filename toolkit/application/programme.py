"""A programme: the facts of one notice, read from ``programme.toml`` in a folder beside its templates.

Every fault of the file is named at once, with its key and with what would be right, since its author is an office
worker who edits a copy of last year's.
"""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from toolkit.application.model import field_paths
from toolkit.application.programme_faults import faults, unknown
from toolkit.application.values import Unfit, shown
from toolkit.canonical import Plain
from toolkit.errors import ProgrammeError
from toolkit.messages import Message

FILE = "programme.toml"
LARGEST_FILE = 1 << 18
"""Bytes of a ``programme.toml``; the supplied one has 8,000."""
LARGEST_TEMPLATE = 20 << 20
"""Bytes of a Word or PDF template; one with a few pictures has well below 1 MiB."""
LONGEST_SERIAL = 20
"""Characters of a serial, by the contract of the seal."""

_SERIAL = re.compile(r"[A-Z0-9-]{1,20}")
_PREFIX = re.compile(r"[A-Z0-9]{1,8}")
_WIDTH = re.compile(r"(?:0?[1-9])?d?")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]{0,39}")
_CODE = re.compile(r"(?!RC\b)[A-Z]{1,4}")  # RC is a receipt (records/received.py)
_BOOKMARK = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")  # Word takes 40 characters; a leading _ would be hidden
_TEMPLATE = re.compile(r"[^/\\:*?\"<>|\x00-\x1f]{1,100}\.(?:docx|pdf)")


def _matching(pattern: re.Pattern[str], right: Message) -> AfterValidator:
    def check(value: str) -> str:
        if pattern.fullmatch(value) is None:
            raise Unfit(Message("“{value}” is not right; {right}", value=shown(value), right=right))
        return value

    return AfterValidator(check)


def _distinct(name: Callable[[Any], str]) -> AfterValidator:
    def check(items: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [name(item) for item in items]
        if repeated := next((one for one in names if names.count(one) > 1), None):
            raise Unfit(Message("“{name}” comes more than once; every one needs its own", name=shown(repeated)))
        return items

    return AfterValidator(check)


def _some(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        raise Unfit(Message("there is none; a programme has one at least"))
    return items


def _zone_of_time(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit(
            Message("“{value}” is not a time zone; write one such as Asia/Shanghai", value=shown(value))
        ) from None
    return value


def _serial_pattern(value: str) -> str:
    right = Unfit(
        Message(
            "“{value}” is not right; write {{prefix}} first, then capital letters, digits and hyphens around "
            "{{number}}, such as {{prefix}}SCO25-{{number:05d}}, at most 20 characters in all",
            value=shown(value),
        )
    )
    try:
        pieces = [piece[:4] for piece in string.Formatter().parse(value)]
    except ValueError:
        raise right from None
    gaps = {name: spec or "" for _, name, spec, _ in pieces if name is not None}
    plain = all(conversion is None for *_, conversion in pieces)
    if sorted(gaps) != ["number", "prefix"] or gaps["prefix"] or not _WIDTH.fullmatch(gaps["number"]) or not plain:
        raise right
    # The certificate binds what serials begin with: paper of any other would be judged SIGNER_UNTRUSTED.
    if not value.startswith("{prefix}") or _SERIAL.fullmatch(value.format(prefix="XJ", number=1)) is None:
        raise right
    return value


def _known_fields(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if path not in field_paths():
            raise Unfit(unknown(path, field_paths()))
    return paths


def _template(value: str, info: ValidationInfo) -> str:
    folder = (info.context or {}).get("folder")
    if folder is not None and not (folder / value).is_file():
        raise Unfit(Message("there is no file “{value}” in the programme's folder", value=value))
    return value


Words = Annotated[str, Field(min_length=1, max_length=200)]
Choices = Annotated[tuple[Words, ...], _distinct(str)]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Print(_Facts):
    """How formal copies are printed."""

    watermark: Words
    draft_watermark: Words
    copies: int = Field(ge=1, le=9)
    duplex: bool
    paper: Literal["A4"]


class Windows(_Facts):
    """When applications may be submitted and recommended, both ends included.

    ``paper_working_days`` after it has passed, the paper of a submission is due; None when the programme sets no day.
    """

    submit_from: AwareDatetime
    submit_until: AwareDatetime
    recommend_until: AwareDatetime
    paper_working_days: int | None = Field(None, ge=1, le=99)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.submit_from < self.submit_until <= self.recommend_until:
            raise Unfit(Message("the times are not in order: submit_from, submit_until, recommend_until"))
        return self


def _clauses_of_fields(clauses: dict[str, str]) -> dict[str, str]:
    _known_fields(tuple(clauses))
    return clauses


class FormRules(_Facts):
    """Which fields must be filled in, and the choices of those that have any; without choices any text is taken.

    ``clauses`` names the clause of the notice that asks for a field, for findings about it.
    """

    required: Annotated[tuple[str, ...], AfterValidator(_known_fields), _distinct(str)] = ()
    clauses: Annotated[dict[str, Words], AfterValidator(_clauses_of_fields)] = {}
    categories: Choices = ()
    directions: Choices = ()
    unit_kinds: Choices = ()
    recommending_unit_kinds: Choices = ()
    budget_categories: Choices = ()


class SealRules(_Facts):
    """What seals say in the open."""

    describe_first_page: bool = True


class TextRule(_Facts):
    """A section of the main text; ``max_characters`` are counted without white space."""

    key: Annotated[str, _matching(_KEY, Message("write small letters a-z, digits and _"))]
    title: Words
    required: bool = True
    max_characters: int = Field(ge=1, le=20_000)


class ZoneRule(_Facts):
    """A place for a chop, a signature, a date or an opinion.

    It is the table cell with the bookmark of that name, in a PDF form the field of that name.
    """

    name: Annotated[str, _matching(_BOOKMARK, Message("write a bookmark's name: letters, digits and _"))]
    kind: Literal["chop", "signature", "date", "opinion"]
    colour: Literal["red", "blue", "dark"] = "dark"
    shape: Literal["round", "oval", "square", "free"] = "free"
    required: bool = True
    label: Words


class Document(_Facts):
    """A form of the programme; ``code`` stands for it in seals and references.

    ``attachments`` says that it holds the pages of the files that an application lists; one that lists none has no
    such document. ``fields`` names what the fields of a PDF form print, where that is not what they are named for.
    """

    id: Annotated[str, _matching(_IDENTIFIER, Message("write small letters a-z, digits and hyphens"))]
    code: Annotated[str, _matching(_CODE, Message("write one to four capital letters, not RC, which receipts have"))]
    title: Words
    template: Annotated[
        str, _matching(_TEMPLATE, Message("write the name of a .docx or .pdf file")), AfterValidator(_template)
    ]
    attachments: bool = False
    fields: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=500)] = {}
    zones: Annotated[tuple[ZoneRule, ...], _distinct(lambda zone: zone.name)] = ()


class CheckRule(BaseModel):
    """A check of the notice: its clause, its weight, and the parameters that the check itself knows."""

    model_config = ConfigDict(frozen=True, extra="allow")

    clause: Words
    severity: Literal["must", "in principle", "ask"]

    @property
    def parameters(self) -> dict[str, Any]:
        """What the file says beside clause and severity."""
        return dict(self.model_extra or {})


class _Header(_Facts):
    name: Annotated[str, _matching(_IDENTIFIER, Message("write small letters a-z, digits and hyphens"))]
    title: Words
    year: int = Field(ge=2000, le=2199)
    office: Words
    notice: Words
    timezone: Annotated[str, AfterValidator(_zone_of_time)]


class _Serial(_Facts):
    pattern: Annotated[str, AfterValidator(_serial_pattern)]


class Programme(_Facts):
    """The facts of one notice. Attributes are named as the tables of ``programme.toml``."""

    programme: _Header
    print: Print
    serials: _Serial = Field(alias="serial")
    windows: Windows
    form: FormRules = FormRules()
    seal: SealRules = SealRules()
    texts: Annotated[tuple[TextRule, ...], _distinct(lambda text: text.key)] = Field((), alias="text")
    documents: Annotated[
        tuple[Document, ...],
        AfterValidator(_some),
        _distinct(lambda document: document.id),
        _distinct(lambda document: document.code),
    ]
    checks: dict[str, CheckRule] = {}

    _folder: Path | None = PrivateAttr(default=None)
    _digest: str = PrivateAttr(default="")

    @classmethod
    def load(cls, folder: Path) -> Programme:
        """Read the programme of a folder.

        Raises:
            ProgrammeError: when the file cannot be read, or has faults: all of them, missing templates as well.
        """
        path = folder / FILE
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise ProgrammeError(
                Message("{file} cannot be read: {problem}", file=str(path), problem=error.strerror or str(error))
            ) from error
        return cls._read(data, str(path), folder)

    @classmethod
    def parse(cls, data: bytes) -> Programme:
        """Read a programme from the bytes of its file; there is no folder, so templates are not looked for.

        Raises:
            ProgrammeError: when the file has faults: all of them.
        """
        return cls._read(data, FILE, None)

    @classmethod
    def _read(cls, data: bytes, file: str, folder: Path | None) -> Programme:
        if len(data) > LARGEST_FILE:
            raise ProgrammeError(Message("{file} is larger than {largest} bytes", file=file, largest=LARGEST_FILE))
        try:
            tables = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
        except UnicodeDecodeError:
            raise ProgrammeError(
                Message("{file} is not UTF-8; save it again with the encoding UTF-8", file=file)
            ) from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ProgrammeError(
                Message("{file} is not readable as TOML: {problem}", file=file, problem=str(error))
            ) from None
        try:
            programme = cls.model_validate(tables, context={"folder": folder})
        except ValidationError as error:
            raise ProgrammeError(faults(error, file, tables=_TABLES)) from None
        if folder is not None and programme.name != folder.resolve().name:
            raise ProgrammeError(
                Message(
                    "{file}: programme.name is “{name}”, but the folder is named “{folder}”; make them equal",
                    file=file,
                    name=programme.name,
                    folder=folder.resolve().name,
                )
            )
        programme._folder = folder
        programme._digest = hashlib.sha256(data).hexdigest()
        return programme

    @property
    def name(self) -> str:
        """The name of the programme, which is that of its folder."""
        return self.programme.name

    @property
    def title(self) -> str:
        """The title of the programme."""
        return self.programme.title

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its days and hours."""
        return ZoneInfo(self.programme.timezone)

    @property
    def folder(self) -> Path | None:
        """The folder it was loaded from."""
        return self._folder

    def document(self, id_: str) -> Document:
        """Return the document of that id.

        Raises:
            ProgrammeError: when there is none.
        """
        for document in self.documents:
            if document.id == id_:
                return document
        known = ", ".join(document.id for document in self.documents)
        raise ProgrammeError(
            Message("{programme} has no document “{id}”; it has: {known}", programme=self.name, id=id_, known=known)
        )

    def template(self, document: Document) -> bytes:
        """Return the bytes of a document's template.

        Raises:
            ProgrammeError: when the file is missing, cannot be read, is empty or too large.
        """
        path = (self._folder or Path()) / document.template
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_TEMPLATE + 1)
        except OSError as error:
            raise ProgrammeError(
                Message(
                    "the template {file} cannot be read: {problem}",
                    file=str(path),
                    problem=error.strerror or str(error),
                )
            ) from error
        if not 0 < len(data) <= LARGEST_TEMPLATE:
            raise ProgrammeError(
                Message(
                    "the template {file} is empty or larger than {largest} bytes",
                    file=str(path),
                    largest=LARGEST_TEMPLATE,
                )
            )
        return data

    def serial(self, prefix: str, number: int) -> str:
        """Return the serial of a submission: ``serial("XJ", 1)`` is ``XJSCO25-00001``.

        Raises:
            ProgrammeError: when prefix or serial is not what a seal can hold (20 characters A-Z, 0-9, hyphen).
        """
        serial = self.serials.pattern.format(prefix=prefix, number=number)
        if _PREFIX.fullmatch(prefix) is None or number < 1 or _SERIAL.fullmatch(serial) is None:
            raise ProgrammeError(
                Message(
                    "“{serial}” cannot be a serial: at most {longest} capital letters, digits and hyphens; shorten the "
                    "office's prefix or serial.pattern of {programme}",
                    serial=shown(serial),
                    longest=LONGEST_SERIAL,
                    programme=self.name,
                )
            )
        return serial

    def facts(self) -> dict[str, Plain]:
        """Return what a record keeps of the programme; ``digest`` is the SHA-256 of its ``programme.toml``."""
        windows = self.windows
        return {
            "name": self.name,
            "title": self.title,
            "year": self.programme.year,
            "office": self.programme.office,
            "notice": self.programme.notice,
            "timezone": self.programme.timezone,
            "watermark": self.print.watermark,
            "copies": self.print.copies,
            "duplex": self.print.duplex,
            "paper": self.print.paper,
            "submit_from": windows.submit_from.isoformat(),
            "submit_until": windows.submit_until.isoformat(),
            "recommend_until": windows.recommend_until.isoformat(),
            **({} if windows.paper_working_days is None else {"paper_working_days": windows.paper_working_days}),
            "documents": [
                {
                    "id": one.id,
                    "code": one.code,
                    "title": one.title,
                    "zones": [zone.model_dump() for zone in one.zones],
                }
                for one in self.documents
            ],
            "texts": [{"key": one.key, "title": one.title} for one in self.texts],
            "digest": self._digest,
        }


_TABLES: dict[str, type[BaseModel]] = {
    "": Programme,
    "programme": _Header,
    "print": Print,
    "serial": _Serial,
    "windows": Windows,
    "form": FormRules,
    "seal": SealRules,
    "text": TextRule,
    "documents": Document,
    "zones": ZoneRule,
}
