"""A store in a PostgreSQL database, by psycopg.

One transaction writes at a time: each takes the same advisory lock before it reads or writes anything, and so sees all
that was committed before. That is what SQLite does as well; with SERIALIZABLE instead, whatever meets another writer
(all of them count the same series and add to the same ledger) would have to be done again.
"""

from __future__ import annotations

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import NoSuchModuleError

from toolkit.errors import StoreError
from toolkit.messages import Message
from toolkit.records import failures

PATIENCE_SECONDS = 20.0
"""How long a write waits for another process's write: many times the longest, first storing of all fonts."""
STALLED_SECONDS = 60.0
"""How long a writer may be silent amid its transaction before the server ends it and lets the others write."""
CONNECT_SECONDS = 10
"""How long to wait for a server that does not answer, unless the address says otherwise."""

_LOCK = 0x7472_7565_636F_7079  # "truecopy"; advisory locks are numbers, each database has its own

# A commit that a crash of the server could take back would give its serial a second time.
_TAKE_TURN = text(
    "SELECT set_config('lock_timeout', :patience, true),"
    " set_config('idle_in_transaction_session_timeout', :stalled, true),"
    " CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END"
)

# What a failure means, by its code (PostgreSQL's documentation, appendix A); two letters stand for a class.
_MEANINGS = {
    "55P03": failures.locked,  # lock_not_available
    "40": failures.locked,  # transaction rollback
    "25006": failures.read_only,  # read_only_sql_transaction
    "42501": failures.read_only,  # insufficient_privilege
    "53100": failures.full,  # disk_full
    "XX": failures.damaged,  # internal error, data corrupted, index corrupted
}
_AWAY = ("08", "57", "25P03")  # connection exception, operator intervention, idle_in_transaction_session_timeout


class PostgreSQL:
    """A database of a PostgreSQL server."""

    def __init__(self, url: URL) -> None:
        """Take the address; nothing is connected yet."""
        self._url = url.set(drivername="postgresql+psycopg")
        host = url.query.get("host")
        shown = URL.create(
            "postgresql",
            username=url.username,
            host=url.host or (host if isinstance(host, str) else None),
            port=url.port,
            database=url.database,
        )
        self.name = shown.render_as_string()
        """The address without what may be a password."""
        self.writable = True
        """What a user may do is the server's to say, and told when it refuses."""

    def engine(self) -> Engine:
        """Return an engine that asks whether a connection still lives before it uses it again.

        Raises:
            StoreError: when psycopg is not installed, or the address has something unknown in it.
        """
        given = {"connect_timeout": CONNECT_SECONDS, "application_name": "truecopy", **self._url.query}
        try:
            return create_engine(self._url.set(query={}), connect_args=given, pool_pre_ping=True)
        except (ImportError, NoSuchModuleError) as error:
            raise StoreError(
                Message("a store in PostgreSQL needs psycopg: install it with pip install 'truecopy[postgres]'")
            ) from error

    def for_reading(self, connection: Connection) -> Connection:
        """Return the connection as one whose next transaction sees one state throughout, and writes nothing."""
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def for_writing(self, connection: Connection) -> Connection:
        """Return the connection as one in whose next transaction every statement sees what is committed."""
        return connection.execution_options(isolation_level="READ COMMITTED")

    def take_turn(self, connection: Connection) -> None:
        """Wait for the other writers; the lock ends with the transaction, and with the process."""
        times = {"patience": str(int(PATIENCE_SECONDS * 1000)), "stalled": str(int(STALLED_SECONDS * 1000))}
        connection.execute(_TAKE_TURN, times)
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})

    def make(self) -> None:
        """Make what tables can be made in: the database is there, its server's keeper has made it."""

    def make_for_filling(self) -> bool:
        """Return that nothing was made: a transaction that is not committed leaves no tables."""
        return False

    def unmake(self) -> None:
        """Remove what ``make_for_filling`` made: nothing."""

    def find(self) -> None:
        """See that the database is there: connecting will tell."""

    def explain(self, error: BaseException) -> StoreError:
        """Return what a failure of the driver means to a person."""
        state = getattr(error, "sqlstate", None)
        connected = getattr(error, "pgconn", None)
        if state is None and connected is not None and (connected.needs_password or connected.used_password):
            return StoreError(
                Message(
                    "the server of the store {name} refuses the password, or wants one: set PGPASSWORD, or put it into "
                    "the file that PGPASSFILE names (~/.pgpass)",
                    name=self.name,
                )
            )
        if state is None or state.startswith(_AWAY):
            return StoreError(
                Message(
                    "the server of the store {name} is away, or refuses the connection: {why}",
                    name=self.name,
                    why=self._said(error),
                )
            )
        meaning = _MEANINGS.get(state) or _MEANINGS.get(state[:2])
        return meaning(self.name) if meaning else failures.unusable(self.name, self._said(error))

    def _said(self, error: BaseException) -> str:
        said = " ".join(str(error).split())
        password = self._url.password
        return said.replace(str(password), "***") if password else said
