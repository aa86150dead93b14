"""What the queue needs for order by key and for messages that expire."""

from typing import Literal

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PLACE = ["recipient", "channel", "node_id"]
_BEFORE = "leased_until IS NULL"
_WAITING = "leased_until IS NULL AND NOT blocked"
_WAITING_BY_KIND = "leased_until IS NULL AND blocked IS FALSE"


def upgrade() -> None:
    """Applies the revision."""
    _drop("queue_entries_waiting", "queue_entries_waiting_by_kind", "queue_entries_leased")
    with op.batch_alter_table("queue_entries", recreate=_recreate()) as table:
        table.add_column(
            sa.Column(
                "order_key",
                Identifier(),
                nullable=True,
                comment="of one recipient's entries with the same key one is given out at a time",
            )
        )
        table.add_column(
            sa.Column(
                "expires_at",
                UtcDateTime(),
                nullable=True,
                comment="EOL: when it is too late to give it out; NULL: never",
            )
        )
        table.add_column(
            sa.Column(
                "blocked",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="waits behind an earlier one of its key, or is too late",
            )
        )
    _create_common(_WAITING, _WAITING_BY_KIND)
    _create("queue_entries_blocked", [*_PLACE, "position"], "leased_until IS NULL AND blocked")
    _create("queue_entries_in_order", ["recipient", "order_key", "position"], "order_key IS NOT NULL")
    _create("queue_entries_expiring", ["expires_at"], "expires_at IS NOT NULL")


def downgrade() -> None:
    """Takes the revision back."""
    _drop("queue_entries_blocked", "queue_entries_in_order", "queue_entries_expiring")
    _drop("queue_entries_waiting", "queue_entries_waiting_by_kind", "queue_entries_leased")
    with op.batch_alter_table("queue_entries", recreate=_recreate()) as table:
        for name in ("blocked", "expires_at", "order_key"):
            table.drop_column(name)
    _create_common(_BEFORE, _BEFORE)


def _recreate() -> Literal["always", "never"]:
    # SQLite writes an added column behind the constraints of the table: the table would not look as it is declared.
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _create_common(waiting: str, by_kind: str) -> None:
    _create("queue_entries_waiting", [*_PLACE, "turn", "rank", "position"], waiting)
    _create("queue_entries_waiting_by_kind", [*_PLACE, "kind", "turn", "rank", "position"], by_kind)
    _create("queue_entries_leased", [*_PLACE, "leased_until"], "leased_until IS NOT NULL")


def _create(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "queue_entries", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _drop(*names: str) -> None:
    for name in names:
        op.drop_index(name, table_name="queue_entries")
