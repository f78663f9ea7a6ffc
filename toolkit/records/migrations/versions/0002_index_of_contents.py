"""An index of what submissions are about, filled from the records that are there.

Revision ID: 0002
Revises: 0001
"""

import json
from collections import Counter

import sqlalchemy as sa
from alembic import op

from toolkit.records.content import content_of
from toolkit.records.likeness import text_pairs

revision = "0002"
down_revision = "0001"

_row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables and fill them; written out, since ``tables`` goes on changing and this must not."""
    contents = op.create_table(
        "contents",
        sa.Column("number", _row_number, nullable=False, autoincrement=True),
        sa.Column("serial", sa.String(20), nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("indicators", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_contents"),
        sa.ForeignKeyConstraint(["serial"], ["serials.serial"], name="fk_contents_serials"),
        sa.UniqueConstraint("serial", name="uq_contents_serial"),
    )
    op.create_index("ix_contents_unit_year", "contents", ["unit", "year"])
    pairs = op.create_table(
        "pairs",
        sa.Column("pair", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("submissions", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("pair", name="pk_pairs"),
    )
    content_pairs = op.create_table(
        "content_pairs",
        sa.Column("pair", sa.BigInteger, nullable=False),
        sa.Column("content", _row_number, nullable=False),
        sa.PrimaryKeyConstraint("pair", "content", name="pk_content_pairs"),
        sa.ForeignKeyConstraint(["pair"], ["pairs.pair"], name="fk_content_pairs_pairs"),
        sa.ForeignKeyConstraint(["content"], ["contents.number"], name="fk_content_pairs_contents"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    newest = connection.execute(
        sa.text(
            "SELECT serial, max(revision) FROM records WHERE serial NOT IN "
            "(SELECT serial FROM events WHERE kind = 'withdrawn') GROUP BY serial ORDER BY serial"
        )
    ).all()
    submissions: Counter[int] = Counter()
    sharing = []
    for serial, latest in newest:
        found = sa.text("SELECT canonical FROM records WHERE serial = :serial AND revision = :revision")
        canonical = connection.execute(found, {"serial": serial, "revision": latest}).scalar_one()
        try:
            record = json.loads(canonical)
            year = int(record["programme"].get("year", 0))
            content = content_of(record["application"], serial=serial, year=year)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue  # a damaged record is told when it is read; it must not keep the store from opening
        connection.execute(sa.insert(contents).values(**content._asdict()))
        number = connection.execute(sa.select(contents.c.number).where(contents.c.serial == serial)).scalar_one()
        said = frozenset().union(*text_pairs(content))
        submissions.update(said)
        sharing += [{"pair": pair, "content": number} for pair in sorted(said)]
    if sharing:
        listed = [{"pair": pair, "submissions": count} for pair, count in sorted(submissions.items())]
        connection.execute(sa.insert(pairs), listed)
        connection.execute(sa.insert(content_pairs), sharing)
