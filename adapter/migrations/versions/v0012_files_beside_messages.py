"""Files beside messages."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "file_accounts",
        sa.Column("mnemonic", Identifier(), nullable=False, comment="the system that puts files into the store"),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="of its password"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="scrypt of its password"),
        sa.PrimaryKeyConstraint("mnemonic", name=op.f("file_accounts_pkey")),
        comment="Passwords of participants for the file store",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "file_checks",
        sa.Column("message_id", Identifier(), nullable=False, comment="which message"),
        sa.Column("due_at", UtcDateTime(), nullable=False, comment="when its files are to be looked at (again)"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="how often that was begun"),
        sa.Column("recipients", Identifier(), nullable=False, comment="into whose queues it goes then, JSON"),
        sa.Column("priority", sa.Integer(), nullable=False, comment="of its sender"),
        sa.Column(
            "order_key", Identifier(), nullable=True, comment="messages with the same one are given out one at a time"
        ),
        sa.Column("order_keys", Identifier(), nullable=False, comment="those of a message that has several, JSON"),
        sa.Column("expires_at", UtcDateTime(), nullable=True, comment="EOL"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.message_id"], name=op.f("file_checks_message_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("file_checks_pkey")),
        comment="Messages that wait for their files to be found good before they come into a queue",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("file_checks_due_at"), "file_checks", ["due_at"], unique=False)
    op.create_table(
        "file_grants",
        sa.Column("user", Identifier(), nullable=False, comment="UserName of FSAttachment"),
        sa.Column(
            "password", Identifier(), nullable=False, comment="Password of FSAttachment, told with every delivery"
        ),
        sa.Column("message_id", Identifier(), nullable=False, comment="the message whose files it opens"),
        sa.Column("recipient", Identifier(), nullable=False, comment="mnemonic of the system that is told"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.message_id"], name=op.f("file_grants_message_id_fkey")),
        sa.PrimaryKeyConstraint("user", name=op.f("file_grants_pkey")),
        comment="Who may fetch the files of a message, until it has acknowledged the message",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("file_grants_message_id"), "file_grants", ["message_id"], unique=False)
    op.create_table(
        "message_files",
        sa.Column("message_id", Identifier(), nullable=False, comment="which message"),
        sa.Column(
            "number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2… in the order of the message"
        ),
        sa.Column(
            "file_id", Identifier(), nullable=False, comment="uuid of RefAttachmentHeader, directory in the store"
        ),
        sa.Column("algorithm", Identifier(), nullable=False, comment="URI of the digest"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="what the file's signature vouches for"),
        sa.Column("kind", Identifier(), nullable=False, comment="kind of the message, whose quota they take"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="octets; 0 until the file was found"),
        sa.Column(
            "name", Identifier(), nullable=True, comment="name of the file in its directory; NULL: not found yet"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.message_id"], name=op.f("message_files_message_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("message_files_pkey")),
        comment="Files beside messages, from their acceptance until everybody has acknowledged the message",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("message_files_kind"), "message_files", ["kind"], unique=False)
