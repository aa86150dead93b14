"""Which absence goes on after a transfer."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    previous: sa.Column[object] = sa.Column(
        "previous_id", Identifier(), comment="the absence that goes on here after a transfer"
    )
    op.add_column("absences", previous)
