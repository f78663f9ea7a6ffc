"""Files may lie outside the database.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Say of each file where it is; those that are there are inside."""
    op.add_column("files", sa.Column("outside", sa.Boolean, nullable=False, server_default=sa.false()))
