"""What the tests of the command line share: how a command ended, running one apart, and a folder as a value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parents[2] / "docs"
COMMAND = "from toolkit.cli import main; main()"


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit code, and what it wrote to stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What a program reads: stdout is one JSON document and nothing else."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line of an error, that is all that was written."""
        assert self.out == ""
        (line,) = self.err.splitlines()
        assert line.startswith("truecopy: ")
        return line.removeprefix("truecopy: ")


Run = Callable[..., Ran]


def run_apart(
    *arguments: str | Path, environment: Mapping[str, str | None] | None = None, **how: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own; a value of None takes a variable out of its environment."""
    given = {**os.environ, **(environment or {})}
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        env={name: value for name, value in given.items() if value is not None},
        capture_output=True,
        timeout=how.pop("timeout", 60),
        **how,
    )


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder, hidden files too; None stands for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def validate(answer: Any, name: str, definition: str | None = None) -> None:
    """Hold an answer against a schema in docs/, or a definition in it; all refer to each other by their ids."""
    known = [
        Resource.from_contents(json.loads(path.read_text("utf-8")))
        for path in SCHEMAS.glob("*.schema.json")
        if path.name != "application.schema.json"
    ]
    registry: Registry[Any] = Registry().with_resources((str(each.id()), each) for each in known)
    asked = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(asked)
    if definition is not None:
        asked = {"$ref": f"{asked['$id']}#/$defs/{definition}"}
    jsonschema.Draft202012Validator(asked, registry=registry).validate(answer)
