"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_digest = sa.LargeBinary(32)
_moment = sa.DateTime(timezone=True)
_row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; written out, since ``tables`` goes on changing and this must not."""
    op.create_table(
        "series",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_series"),
    )
    op.create_table(
        "serials",
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("series", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_serials"),
        sa.ForeignKeyConstraint(["series"], ["series.name"], name="fk_serials_series"),
        sa.UniqueConstraint("series", "number", name="uq_serials_series_number"),
    )
    op.create_table(
        "reservations",
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("supersedes", sa.Integer),
        sa.Column("key", sa.String(200)),
        sa.Column("request", _digest, nullable=False),
        sa.Column("reserved_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("serial", "revision", name="pk_reservations"),
        sa.ForeignKeyConstraint(["serial"], ["serials.serial"], name="fk_reservations_serials"),
        sa.UniqueConstraint("key", name="uq_reservations_key"),
    )
    op.create_table(
        "records",
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("digest", _digest, nullable=False),
        sa.Column("canonical", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("serial", "revision", name="pk_records"),
        sa.ForeignKeyConstraint(
            ["serial", "revision"], ["reservations.serial", "reservations.revision"], name="fk_records_reservations"
        ),
        sa.UniqueConstraint("digest", name="uq_records_digest"),
    )
    op.create_table(
        "pages",
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("document", sa.String(100), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("digest", _digest, nullable=False),
        sa.Column("description", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("serial", "revision", "document", "page", name="pk_pages"),
        sa.ForeignKeyConstraint(
            ["serial", "revision"], ["records.serial", "records.revision"], name="fk_pages_records"
        ),
    )
    op.create_table(
        "files",
        sa.Column("digest", _digest, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_files"),
    )
    op.create_table(
        "submission_files",
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("digest", _digest, nullable=False),
        sa.PrimaryKeyConstraint("serial", "revision", "name", name="pk_submission_files"),
        sa.ForeignKeyConstraint(
            ["serial", "revision"], ["records.serial", "records.revision"], name="fk_submission_files_records"
        ),
        sa.ForeignKeyConstraint(["digest"], ["files.digest"], name="fk_submission_files_files"),
    )
    op.create_table(
        "events",
        sa.Column("number", _row_number, nullable=False, autoincrement=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
    )
    op.create_index("ix_events_serial_revision", "events", ["serial", "revision"])
