"""The exceptions of Truecopy: each means that the tool could not work, says why, and knows its exit code.

That data or paper is wrong is never an exception but a verdict (see ``verdict``). The one that looks like both,
``CheckFailed``, says that an issue was refused and carries the verdict that refused it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from toolkit.messages import Message

if TYPE_CHECKING:
    from toolkit.verdict import Verdict


class TruecopyError(Exception):
    """The tool could not do what it was asked; the message says what is wrong, where, and what to do."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "ERROR"

    def __init__(self, message: Message) -> None:
        """Keep the message untranslated, so that whoever shows it chooses the language."""
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        """Return the English sentence."""
        return str(self.message)


class UsageError(TruecopyError):
    """The call itself is wrong: options that exclude each other, a reference with a slip in it."""

    exit_code = 2
    code = "USAGE"


class InputUnreadable(TruecopyError):
    """A file that was handed in cannot be read as what it should be: missing, locked, truncated, too large."""

    code = "INPUT_UNREADABLE"


class OutputNotWritten(TruecopyError):
    """A result could not be written: read-only folder, full disk, file open elsewhere. Nothing is half-written."""

    code = "OUTPUT_NOT_WRITTEN"


class ProgrammeError(TruecopyError):
    """A programme's folder is missing something, or its ``programme.toml`` says something that cannot be."""

    code = "PROGRAMME"


class TemplateError(TruecopyError):
    """A template cannot be filled or set: unknown variable, broken tag, construct that is not supported."""

    code = "TEMPLATE"


class TypesettingError(TruecopyError):
    """A filled form cannot be set: character that no font has, value too long for its box, engine missing or hung."""

    code = "TYPESETTING"


class ClassifiedRefused(TruecopyError):
    """Classified content is not processed at all (notice 五.7); nothing of it was written or logged."""

    code = "CLASSIFIED"


class HomeError(TruecopyError):
    """The data folder cannot be used: it does not exist, is read-only, or its settings are wrong."""

    code = "HOME"


class KeyUnusable(TruecopyError):
    """There is no key to sign with, its passphrase is wrong, its file is open to others, or it has expired."""

    code = "KEY"


class TrustRefused(TruecopyError):
    """A trust bundle cannot be taken: damaged, older than what is here, or of a root that nobody confirmed."""

    code = "TRUST"


class StoreError(TruecopyError):
    """The store cannot be read or written, or it holds something else than its digest says."""

    code = "STORE"


class BundleRefused(TruecopyError):
    """A record bundle is damaged, from nobody who is trusted, or older than what is here; nothing of it was taken."""

    code = "BUNDLE"


class SubmissionUnknown(TruecopyError):
    """The store has no submission of that serial and revision."""

    code = "SUBMISSION_UNKNOWN"


class EventRefused(TruecopyError):
    """What should be entered about a submission cannot have happened to it: out of turn, ahead of time, too late."""

    code = "EVENT_REFUSED"


class CalendarUnknown(TruecopyError):
    """Working days of a year were asked for whose holidays are not known."""

    code = "CALENDAR"


class ClusterUnreachable(TruecopyError):
    """There is no cluster at an address, it has no workers, or it went away; what was issued is kept."""

    code = "CLUSTER"


class CheckFailed(TruecopyError):
    """The application was not issued since its checks did not pass; ``verdict`` has all findings."""

    exit_code = 3
    code = "CHECK_FAILED"

    def __init__(self, message: Message, verdict: Verdict) -> None:
        """Keep the verdict beside the message."""
        super().__init__(message)
        self.verdict = verdict
