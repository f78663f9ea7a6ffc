"""Issues many formal copies: by as many processes as there are cores, or by the workers of a cluster.

An application that cannot be issued keeps no other from being issued. Every one has a key, and the store gives the same
answer for the same key: a batch that was broken off is simply run again, and nothing is issued twice. What became of
each is a line of JSON, written as it comes and flushed, so memory does not grow with the batch.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from toolkit.batch_items import Batch, Item
from toolkit.canonical import digest
from toolkit.errors import CheckFailed, OutputNotWritten, TruecopyError
from toolkit.home import Home
from toolkit.issuing import Progress, issue
from toolkit.messages import Message, Translate
from toolkit.output import write_files
from toolkit.passphrases import given_passphrase
from toolkit.processes import in_order
from toolkit.verdict import FORMAT, Finding, Outcome

if TYPE_CHECKING:
    from toolkit.application.reading import Application
    from toolkit.issued import Issued

ERROR = "error"
"""Outcome of an application about which the tool could not work; the others are those of a verdict."""

_AT_A_TIME = Lock()
"""Workers of a cluster may have several threads, and the engines are made for one."""


@dataclass(frozen=True, slots=True)
class Order:
    """What all applications of a batch are issued with: home, folder for the files, engine, and what opens the key.

    ``passphrase`` is None where the key needs none, and for a cluster, whose workers have it in their environment.
    """

    home: Path
    output: Path
    engine: str
    passphrase: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one application of a batch.

    Attributes:
        name: of the item.
        outcome: of the verdict, or ``error``.
        key: its key in the store; empty where it could not be read.
        issued: serial and so on, without the files' bytes; None where nothing was issued.
        files: names of the files written, from the batch's output folder.
        findings: what kept it from being issued.
        code, message: of an error.
    """

    name: str
    outcome: str
    key: str = ""
    issued: Issued | None = None
    files: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    code: str = ""
    message: Message | None = None

    def to_dict(self, translate: Translate) -> dict[str, object]:
        """Return it as a line of the results has it."""
        issued = self.issued
        return {
            "format": FORMAT,
            "item": self.name,
            "outcome": self.outcome,
            "key": self.key or None,
            "serial": issued.serial if issued else None,
            "revision": issued.revision if issued else None,
            "record": issued.record_digest.hex() if issued else None,
            "issued_at": issued.issued_at.isoformat() if issued else None,
            "again": bool(issued and issued.again),
            "files": list(self.files),
            "findings": [finding.to_dict(translate) for finding in self.findings],
            "error": {"code": self.code, "message": self.message.render(translate)} if self.message else None,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """How many applications of a batch came to what; ``again`` of those that passed had been issued before."""

    passed: int = 0
    again: int = 0
    failed: int = 0
    indeterminate: int = 0
    errors: int = 0

    def with_one(self, done: Done) -> Tally:
        """Return the tally with one more."""
        name = "errors" if done.outcome == ERROR else done.outcome
        again = self.again + bool(done.outcome == Outcome.PASSED.value and done.issued and done.issued.again)
        return replace(self, again=again, **{name: getattr(self, name) + 1})

    @property
    def done(self) -> int:
        """How many applications it is about."""
        return self.passed + self.failed + self.indeterminate + self.errors

    @property
    def outcome(self) -> str:
        """The worst outcome: an error, then those of verdicts."""
        return ERROR if self.errors else self._verdict.value

    @property
    def exit_code(self) -> int:
        """The exit code of the worst outcome."""
        return TruecopyError.exit_code if self.errors else self._verdict.exit_code

    @property
    def _verdict(self) -> Outcome:
        return Outcome.FAILED if self.failed else Outcome.INDETERMINATE if self.indeterminate else Outcome.PASSED


def issue_batch(
    batch: Batch,
    order: Order,
    results: Path,
    *,
    translate: Translate = str,
    cluster: str | None = None,
    progress: Progress = lambda done, total: None,
) -> Iterator[Tally]:
    """Issue a batch, and yield the tally after every application of it.

    Args:
        batch: what ``read_batch`` returned.
        order: how they are issued.
        results: the file for a line of JSON about each; one of an earlier run is replaced.
        translate: for the messages in the results.
        cluster: address of a Dask scheduler (``tcp://host:8786``), whose workers see home, batch and output folder
            under the same paths; without it, processes of this computer.
        progress: called after every application.

    Raises:
        OutputNotWritten: the results cannot be written.
        ClusterUnreachable: there is no such cluster.
    """
    there = partial(issue_there, order)
    tally = Tally()
    with Home.open(order.home) as home, ExitStack() as stack:
        if cluster is None:
            answers = in_order(batch.items(), here=partial(_issue, order, home), there=there, lost=_lost)
        else:
            from toolkit.clusters import in_order_on

            answers = in_order_on(cluster, batch.items(), there=there, lost=_lost)
        stack.callback(answers.close)  # which ends the processes, also when this is broken off
        file = stack.enter_context(_written(results))
        for number, done in enumerate(answers, 1):
            _write(file, json.dumps(done.to_dict(translate), ensure_ascii=False))
            tally = tally.with_one(done)
            progress(number, batch.count)
            yield tally


def issue_there(order: Order, item: Item) -> Done:
    """Issue one application of a batch in another process, which opens the data folder for itself."""
    with _AT_A_TIME:
        try:
            home = _home(order.home)
        except TruecopyError as error:
            return Done(item.name, ERROR, code=error.code, message=error.message)
        return _issue(order, home, item)


def _issue(order: Order, home: Home, item: Item) -> Done:
    """Issue one application of a batch; nothing that goes wrong leaves this."""
    key = ""
    try:
        application = item.load(home.folder)
        key = item.key or _key(application, item.revises)
        issued = issue(
            application,
            home=home,
            passphrase=_passphrase(order, home),
            key=key or None,
            revises=item.revises or None,
            accept=item.accept,
            engine=order.engine,
        )
    except CheckFailed as refused:
        return Done(item.name, refused.verdict.outcome.value, key, findings=refused.verdict.findings)
    except TruecopyError as error:
        return Done(item.name, ERROR, key, code=error.code, message=error.message)
    except Exception as error:  # whatever a file makes a library do, it must not lose the other applications
        # What the exception says is left out: it may quote the application.
        places = "".join(traceback.format_tb(error.__traceback__))
        logging.getLogger(__name__).error("%s: %s\n%s", item.name, type(error).__name__, places)
        message = Message("the program failed on this application; report this, with what it wrote to the console")
        return Done(item.name, ERROR, key, code="INTERNAL", message=message)
    folder = f"{issued.serial}-r{issued.revision}"
    kept = replace(issued, files=())
    try:
        paths = _files_written(issued, order.output / folder)
    except OutputNotWritten as error:
        return Done(item.name, ERROR, key, kept, code=error.code, message=error.message)
    return Done(item.name, Outcome.PASSED.value, key, kept, tuple(f"{folder}/{path.name}" for path in paths))


def _passphrase(order: Order, home: Home) -> str | None:
    """Return what opens the signing key: as ordered, or as the environment of a cluster's worker has it."""
    if order.passphrase is not None or not home.keys.needs_passphrase(datetime.now(UTC)):
        return order.passphrase
    return given_passphrase()


def _key(application: Application, revises: str) -> str:
    """Return the key of an application that was given none: the same data and files have the same, whoever sends them.

    Empty for one with faults, which is not issued.
    """
    if application.form is None:
        return ""
    return f"batch-{digest({'application': application.plain(), 'revises': revises}).hex()}"


def _files_written(issued: Issued, folder: Path) -> list[Path]:
    """Write the files that are not there as they should be, and return the paths of all."""
    paths = [folder / file.name for file in issued.files]
    wanting = {
        file.name: file.content
        for file, path in zip(issued.files, paths, strict=True)
        if not (path.is_file() and path.stat().st_size == len(file.content) and path.read_bytes() == file.content)
    }
    write_files(folder, wanting)
    return paths


@lru_cache(maxsize=1)
def _home(folder: Path) -> Home:
    """Return the data folder of this process, opened once."""
    return Home.open(folder)


def _lost(item: Item) -> Done:
    message = Message("the process that issued it ended twice; run the batch again, and report this if it stays so")
    return Done(item.name, ERROR, code="PROCESS_LOST", message=message)


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    """Open the results, which a killed batch leaves up to its last whole line."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise _not_written(path, error) from error
    with file:
        yield file


def _write(file: TextIO, line: str) -> None:
    try:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise _not_written(Path(file.name), error) from error


def _not_written(path: Path, error: OSError) -> OutputNotWritten:
    return OutputNotWritten(
        Message(
            "the results {path} were not written: {why}; what was issued is kept, run the batch again",
            path=path,
            why=error.strerror or str(error),
        )
    )
