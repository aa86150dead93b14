"""What was known when a record was attested."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    seen_at: sa.Column[object] = sa.Column(
        "seen_at", UtcDateTime(), comment="as known at which moment the record was right, if that was told"
    )
    op.add_column("attestations", seen_at)
