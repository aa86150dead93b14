"""Routes by values that senders name, and requests with several order keys (contract 1.3)."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, Serial

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    # The value is part of the key, and SQLite cannot change a key: the few routes are written anew.
    before = sa.table("routes", *(sa.column(name) for name in ("kind", "region", "version", "provider")))
    kept = [dict(row) for row in op.get_bind().execute(sa.select(before)).mappings()]
    op.drop_table("routes")
    op.create_table(
        "routes",
        sa.Column("kind", Identifier(), nullable=False, comment="kind of messages"),
        sa.Column("region", Identifier(), nullable=False, comment="region of the sender; empty: any"),
        sa.Column("version", Identifier(), nullable=False, comment="version of the kind; empty: any"),
        sa.Column(
            "value", Identifier(), nullable=False, comment="value that the sender names (1.3); empty: it names none"
        ),
        sa.Column("provider", Identifier(), nullable=False, comment="mnemonic of the system that answers"),
        sa.PrimaryKeyConstraint("kind", "region", "version", "value", name=op.f("routes_pkey")),
        comment="Which system answers requests of a kind; the most specific route wins",
        sqlite_with_rowid=False,
    )
    after = sa.table("routes", *(sa.column(name) for name in ("kind", "region", "version", "provider", "value")))
    if kept:
        op.bulk_insert(after, [{**row, "value": ""} for row in kept])
    op.create_table(
        "queue_entry_keys",
        sa.Column("recipient", Identifier(), nullable=False, comment="mnemonic of the system whose queue it is"),
        sa.Column("order_key", Identifier(), nullable=False, comment="one of the entry's order keys"),
        sa.Column("position", Serial(), autoincrement=False, nullable=False, comment="which entry"),
        sa.PrimaryKeyConstraint("recipient", "order_key", "position", name=op.f("queue_entry_keys_pkey")),
        comment="Order keys of entries that have several; those of all others stand in queue_entries",
        sqlite_with_rowid=False,
        postgresql_with={"vacuum_truncate": "false"},
    )
    op.create_index(op.f("queue_entry_keys_position"), "queue_entry_keys", ["position"], unique=False)
