"""What timers, archive and trace of messages need."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""


def downgrade() -> None:
    """Takes the revision back."""
