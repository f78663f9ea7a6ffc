"""The tables: what the migrations make is what the code expects, on both databases."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from toolkit.records import database
from toolkit.records.store import Store
from toolkit.records.tables import Moment, metadata


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    with store._database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_code_knows_every_migration() -> None:
    scripts = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == database.VERSIONS


def test_every_table_can_be_made_on_postgresql() -> None:
    made = [str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in metadata.sorted_tables]
    assert len(made) == 13
    assert any("BYTEA" in statement for statement in made)
    assert any("BIGSERIAL" in statement and "TIMESTAMP WITH TIME ZONE" in statement for statement in made)


def test_a_time_is_kept_with_its_zone_on_both_databases() -> None:
    from sqlalchemy.dialects import sqlite

    noon = datetime.datetime(2025, 7, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        bound = Moment().process_bind_param(noon, dialect)
        result = Moment().process_result_value(bound, dialect)
        assert result == noon and result is not None and result.tzinfo is datetime.UTC
    with pytest.raises(ValueError, match="zone"):
        Moment().process_bind_param(datetime.datetime(2025, 7, 1), sqlite.dialect())
