"""Participants' priority, limits and subscriptions; routes of kinds to providers; who changed any of it."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, Serial, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_RIGHTS = "What a system may send, what it provides and receives, what it is, and for whom it may change records"
_RIGHTS_BEFORE = "What a system may send, what it provides, and on whose behalf it may change records"
_COLUMNS = {
    "permission": ("a store.participants.Permission", "SENDS, PROVIDES (a kind) or ORGANISATION (an OID)"),
    "subject": ("name of the kind, * for all; OID; role", "name of the kind, * for all; OID of the organisation"),
}


def upgrade() -> None:
    """Applies the revision."""
    op.add_column(
        "participants",
        sa.Column("region", Identifier(), nullable=True, comment="code of the region where it stands; NULL: of none"),
    )
    op.add_column(
        "participants",
        sa.Column(
            "priority",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="of its requests: 1 before 0",
        ),
    )
    op.add_column(
        "participants",
        sa.Column(
            "queue_limit",
            sa.Integer(),
            nullable=True,
            comment="most messages that may wait for it; NULL: the node's own limit",
        ),
    )
    _comment_rights(_RIGHTS, _RIGHTS_BEFORE, 0)
    op.create_index("participant_rights_subject", "participant_rights", ["subject", "permission"], unique=False)
    op.create_table(
        "routes",
        sa.Column("kind", Identifier(), nullable=False, comment="kind of messages"),
        sa.Column("region", Identifier(), nullable=False, comment="region of the sender; empty: any"),
        sa.Column("version", Identifier(), nullable=False, comment="version of the kind; empty: any"),
        sa.Column("provider", Identifier(), nullable=False, comment="mnemonic of the system that answers"),
        sa.PrimaryKeyConstraint("kind", "region", "version", name=op.f("routes_pkey")),
        comment="Which system answers requests of a kind; the most specific route wins",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "participant_changes",
        sa.Column("number", Serial(), nullable=False, comment="order of the changes"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when it was changed"),
        sa.Column("actor", Identifier(), nullable=False, comment="who changed it"),
        sa.Column("object", Identifier(), nullable=False, comment="PARTICIPANT or ROUTE"),
        sa.Column("subject", Identifier(), nullable=False, comment="mnemonic of the system; kind of the route"),
        sa.Column("before", Identifier(), nullable=True, comment="what it was, JSON; NULL: it was not there"),
        sa.Column("after", Identifier(), nullable=True, comment="what it is, JSON; NULL: it is gone"),
        sa.PrimaryKeyConstraint("number", name=op.f("participant_changes_pkey")),
        comment="Who changed participants and routes, and what; rows are added and never changed",
    )
    op.create_index(op.f("participant_changes_subject"), "participant_changes", ["subject"], unique=False)


def downgrade() -> None:
    """Takes the revision back."""
    op.drop_index(op.f("participant_changes_subject"), table_name="participant_changes")
    op.drop_table("participant_changes")
    op.drop_table("routes")
    op.drop_index("participant_rights_subject", table_name="participant_rights")
    _comment_rights(_RIGHTS_BEFORE, _RIGHTS, 1)
    with op.batch_alter_table("participants") as table:
        for column in ("queue_limit", "priority", "region"):
            table.drop_column(column)


def _comment_rights(new: str, old: str, which: int) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return  # SQLite keeps no comments
    op.create_table_comment("participant_rights", new, existing_comment=old)
    for column, comments in _COLUMNS.items():
        op.alter_column(
            "participant_rights",
            column,
            comment=comments[which],
            existing_comment=comments[1 - which],
            existing_type=Identifier(),
            existing_nullable=False,
        )
