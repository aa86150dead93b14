"""What the queue needs for order by key and for messages that expire."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""


def downgrade() -> None:
    """Takes the revision back."""
