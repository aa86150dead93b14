"""Contents of attachments."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "message_attachments",
        sa.Column("message_id", Identifier(), nullable=False, comment="which message"),
        sa.Column(
            "number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2… in the order of the envelope"
        ),
        sa.Column(
            "content_id", Identifier(), nullable=False, comment="Id of AttachmentContent, contentId of the header"
        ),
        sa.Column("octets", sa.LargeBinary(), nullable=False, comment="the content as it was received, decoded"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.message_id"], name=op.f("message_attachments_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("message_attachments_pkey")),
        comment="Contents of attachments that came inside messages; the kept envelopes do not hold them",
    )
