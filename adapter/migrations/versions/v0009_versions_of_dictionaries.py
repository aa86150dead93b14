"""Dictionaries keep what each of their versions said."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEEP = (
    "CREATE TABLE kept_dictionaries AS SELECT * FROM dictionaries",
    "CREATE TABLE kept_items AS SELECT * FROM dictionary_items",
)
# Of the versions before the last one nothing is there any more. The samples have the version 0.1.
_RESTORE = (
    """\
INSERT INTO dictionaries (oid, version, number, title, released_on, sample, installed_at)
SELECT oid, version, 1, title, released_on, version = '0.1', installed_at FROM kept_dictionaries AS kept
WHERE EXISTS (SELECT 1 FROM kept_items WHERE kept_items.dictionary = kept.oid AND kept_items.version = kept.version)""",
    """\
INSERT INTO dictionary_items (dictionary, code, valid_from, since, valid_to, holds_from, holds_to, name, parent)
SELECT dictionary, code, valid_from, 1, valid_to, valid_from, valid_to, name, parent FROM kept_items""",
    "DROP TABLE kept_items",
    "DROP TABLE kept_dictionaries",
)


def upgrade() -> None:
    """Applies the revision."""
    for statement in _KEEP:
        op.execute(statement)
    op.drop_table("dictionary_items")
    op.drop_table("dictionaries")
    _create()
    for statement in _RESTORE:
        op.execute(statement)


def _create() -> None:
    op.create_table(
        "dictionaries",
        sa.Column("oid", Identifier(), nullable=False, comment="OID of the dictionary"),
        sa.Column("version", Identifier(), nullable=False, comment="version of it that was taken over"),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="number of the version, from 1, in the order of release"
        ),
        sa.Column("title", Identifier(), nullable=False, comment="its title"),
        sa.Column("released_on", sa.Date(), nullable=False, comment="since when this version is in force"),
        sa.Column(
            "sample",
            sa.Boolean(),
            nullable=False,
            comment="a short one shipped with the program, until a genuine one comes",
        ),
        sa.Column("installed_at", UtcDateTime(), nullable=False, comment="when it was taken over here"),
        sa.PrimaryKeyConstraint("oid", "version", name=op.f("dictionaries_pkey")),
        sa.UniqueConstraint("oid", "number", name=op.f("dictionaries_oid_number_key")),
        comment="Dictionaries and their versions",
    )
    op.create_table(
        "dictionary_items",
        sa.Column("dictionary", Identifier(), nullable=False, comment="OID of the dictionary"),
        sa.Column("code", Identifier(), nullable=False, comment="code of the item"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=False,
            comment="first day on which the code has this name, as the version says",
        ),
        sa.Column("since", sa.Integer(), nullable=False, comment="number of the first version that has it"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last day, as the version says; NULL: without end"),
        sa.Column(
            "until",
            sa.Integer(),
            nullable=True,
            comment="number of the first version that has it no more; NULL: the last one has it",
        ),
        sa.Column("holds_from", sa.Date(), nullable=False, comment="first day by the versions in force too"),
        sa.Column(
            "holds_to",
            sa.Date(),
            nullable=True,
            comment="last day by the versions in force too; before holds_from: it never held",
        ),
        sa.Column("name", Identifier(), nullable=False, comment="its name in that period"),
        sa.Column("parent", Identifier(), nullable=True, comment="code of the item above it"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("dictionary_items_period_check")),
        sa.PrimaryKeyConstraint("dictionary", "code", "valid_from", "since", name=op.f("dictionary_items_pkey")),
        comment="Items of dictionaries: a code has one name on a date",
        sqlite_with_rowid=False,
    )
