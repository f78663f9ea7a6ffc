"""A PostgreSQL server of the tests' own, started from the installed programs in a folder of its own.

It listens on a socket in that folder alone. PostgreSQL refuses to run as root; there it runs as ``postgres``, whom
Debian's package makes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, create_engine, text

OWNER = "truecopy"


class PostgresqlServer:
    """A running server; use it in ``with``, which ends it and removes what it kept."""

    def __init__(self, *settings: str) -> None:
        """Start it, with settings as postgresql.conf has them (``fsync=off``)."""
        self._programs = _programs()
        # Not below pytest's folder: nobody else may enter that, and the path of a socket has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="truecopy-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            person = pwd.getpwnam("postgres")
            os.chown(self.folder, person.pw_uid, person.pw_gid)
            self._as = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
        self._log = (self.folder / "log").open("wb")
        self._run("initdb", "-D", self.folder / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self._numbers = count(1)
        self.start(*settings)
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def __enter__(self) -> Self:
        """Return the server itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the server and remove its folder."""
        self._admin.dispose()
        self.stop()
        self._log.close()
        shutil.rmtree(self.folder)

    def start(self, *settings: str) -> None:
        """Start the server and wait until it answers."""
        given = ("listen_addresses=", f"unix_socket_directories={self.folder}", *settings)
        command = [self._programs / "postgres", "-D", self.folder / "data"]
        for setting in given:
            command += ["-c", setting]
        self._server = subprocess.Popen(command, cwd="/", stdout=self._log, stderr=self._log, **self._as)
        until = time.monotonic() + 60
        while subprocess.run([self._programs / "pg_isready", "-q", "-h", self.folder]).returncode:
            assert self._server.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server at once, as by a power failure; connections are cut."""
        self._server.send_signal(3)  # SIGQUIT, "immediate shutdown"
        self._server.wait(timeout=60)

    def url(self, database: str, owner: str = OWNER) -> str:
        """Return the address of a database."""
        address = URL.create("postgresql+psycopg", username=owner, database=database, query={"host": str(self.folder)})
        return address.render_as_string(hide_password=False)

    def new(self, template: str = "template1") -> str:
        """Make a database, empty or like another one, and return its name."""
        name = f"d{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, cutting what is connected to it."""
        self.execute(f"DROP DATABASE {database} WITH (FORCE)")

    def execute(self, *statements: str) -> None:
        """Carry out statements as the server's keeper."""
        with self._admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def _run(self, program: str, *arguments: str | Path) -> None:
        command: Sequence[str | Path] = [self._programs / program, *arguments, "--no-sync"]
        subprocess.run(command, cwd="/", stdout=self._log, stderr=self._log, check=True, **self._as)


def _programs() -> Path:
    """Return the folder of the newest installed server; Debian keeps it off the path."""
    on_path = shutil.which("postgres")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    assert on_path or installed, "no PostgreSQL server is installed: apt-get install postgresql"
    return Path(on_path).resolve().parent if on_path else installed[-1]
