"""What timers, archive and trace of messages need."""

from contextlib import AbstractContextManager
from typing import Literal

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from mezhved.queue.columns import Identifier, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    _extend_the_log()
    op.create_table(
        "messages_aside",
        sa.Column("message_id", Identifier(), nullable=False, comment="which request"),
        sa.Column("reason", Identifier(), nullable=False, comment="why: name of the error, no content"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often it was tried"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when it was set aside"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.message_id"], name=op.f("messages_aside_message_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("messages_aside_pkey")),
        comment="Requests that the register's worker has given up, until an operator decides",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("messages_aside_at"), "messages_aside", ["at"])
    op.create_table(
        "archive_bodies",
        sa.Column("message_id", Identifier(), nullable=False, comment="which message"),
        sa.Column("month", Identifier(), nullable=False, comment="YYYY-MM (UTC) of its acceptance"),
        sa.Column("sha256", Identifier(), nullable=False, comment="digest of the octets, lower-case hex"),
        sa.Column(
            "packed", sa.LargeBinary(), nullable=False, comment="the octets as they were received, zlib (RFC 1950)"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.message_id"], name=op.f("archive_bodies_message_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("archive_bodies_pkey")),
        comment="Octets of archived messages; their rows in queue_bodies stay, empty, so that no id is accepted twice",
    )
    op.create_index(op.f("archive_bodies_month"), "archive_bodies", ["month"])
    op.create_table(
        "timers",
        sa.Column("name", Identifier(), nullable=False, comment="which job"),
        sa.Column("due_at", UtcDateTime(), nullable=False, comment="when it is to be done next"),
        sa.Column("claimed_by", Identifier(), comment="process that is doing it now"),
        sa.Column(
            "claimed_until", UtcDateTime(), comment="until when it may be silent before another process takes over"
        ),
        sa.Column("began_at", UtcDateTime(), comment="when it was last begun"),
        sa.Column("ended_at", UtcDateTime(), comment="when it last came to its end"),
        sa.Column("ran_by", Identifier(), comment="process that did it last"),
        sa.Column("done", sa.Integer(), nullable=False, comment="what its last run has done so far, in its own units"),
        sa.Column("error", Identifier(), comment="name of the error that its last run ended with; NULL: none"),
        sa.PrimaryKeyConstraint("name", name=op.f("timers_pkey")),
        comment="Work that is due at times, done by one of all processes",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Takes the revision back: fills queue_bodies again from the archive first, or the octets are gone."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM archive_bodies LIMIT 1")).first() is not None:
        raise RuntimeError("there are archived messages: their octets would be lost")
    for name in ("timers", "archive_bodies", "messages_aside"):
        op.drop_table(name)
    for index in ("messages_not_archived", "messages_in_chain", "messages_answers"):
        op.drop_index(index, table_name="messages")
    with op.batch_alter_table("messages", recreate=_recreate()) as table:
        table.drop_column("archived_at")
    with _events() as table:
        table.drop_column("last_at")
        table.drop_column("times")


def _extend_the_log() -> None:
    with op.batch_alter_table("messages", recreate=_recreate()) as table:
        table.add_column(
            sa.Column("archived_at", UtcDateTime(), comment="when its octets went to the archive; NULL: they did not")
        )
        table.alter_column("message_type", comment="REQUEST, RESPONSE or BROADCAST")
        table.alter_column("recipient", comment="mnemonic of the receiving system; empty: many or none")
        table.alter_column("events", comment="how many things have happened to it")
    with _events() as table:
        table.add_column(
            sa.Column("times", sa.Integer(), nullable=False, server_default="1", comment="how often it happened")
        )
        table.add_column(sa.Column("last_at", UtcDateTime(), comment="when it happened last; NULL: it happened once"))
        table.alter_column(
            "number",
            comment="2, 3… within the message, its acceptance being the first; what repeats takes numbers and no rows",
        )
    _create("messages_answers", ["original_message_id"], "original_message_id IS NOT NULL")
    _create("messages_in_chain", ["reference_message_id"], "reference_message_id IS NOT NULL")
    _create("messages_not_archived", ["accepted_at", "message_id"], "archived_at IS NULL")


def _events() -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table("message_events", recreate=_recreate(), table_kwargs={"sqlite_with_rowid": False})


def _recreate() -> Literal["always", "never"]:
    # SQLite writes an added column behind the constraints of the table: the table would not look as it is declared.
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _create(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "messages", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
