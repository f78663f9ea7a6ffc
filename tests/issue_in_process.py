"""``truecopy issue`` or ``receive`` in a process that kills itself at a place in the code: no cleaning up, as kill -9.

Run as: python issue_in_process.py PLACE ARGUMENTS...   (PLACE ``-`` kills nothing)
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

PLACES = {
    "with a serial, before anything is set": "toolkit.documents.fill",
    "before the print sets": "toolkit.documents.print_set",
    "before anything is kept": "toolkit.records.store.Store.keep",
    "before the commit": "toolkit.records.store.write_event",
    "with files outside that no record names": "toolkit.records.files.Files.keep",
    "before any file is written": "toolkit.cli.office.write_files",
    "between two files": "toolkit.output.written_whole:2",
}
"""Where to die: a function, and at which of its calls."""

RECEIVING = {
    "before anything is entered": "toolkit.records.store.Store.enter_all",
    "with an event written, before the commit": "toolkit.records.ledger.append",
    "before the receipt": "toolkit.receipt.compiled",
    "with the receipt's files written, before the commit": "toolkit.records.entering.write_event:2",
    "before the receipt is written to its folder": "toolkit.cli.receiving.write_files",
}
"""The same for receiving."""


def dying(called: Callable[..., Any], at: int) -> Callable[..., Any]:
    calls = 0

    def die(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return called(*arguments, **named)

    return die


def arm(place: str) -> None:
    """Put death in the place of the function."""
    target, _, at = {**PLACES, **RECEIVING}[place].partition(":")
    above, _, name = target.rpartition(".")
    try:
        holder: Any = import_module(above)
    except ModuleNotFoundError:  # a method
        module, _, kind = above.rpartition(".")
        holder = getattr(import_module(module), kind)
    setattr(holder, name, dying(getattr(holder, name), int(at or 1)))


if __name__ == "__main__":
    from toolkit.cli import main

    if sys.argv[1] != "-":
        arm(sys.argv[1])
    main(sys.argv[2:])
