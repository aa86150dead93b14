"""Officials who may sign; the audit and its seals; where a message came from."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, Serial, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


# Every entry waits for the sealer, whoever has written it; one statement less for each writer.
_ON_SQLITE = """\
CREATE TRIGGER audit_entries_wait AFTER INSERT ON audit_entries
BEGIN INSERT INTO audit_pending (number) VALUES (NEW.number); END"""
_FUNCTION = """\
CREATE FUNCTION audit_entries_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO audit_pending (number) SELECT number FROM entered; RETURN NULL; END $$"""
_ON_POSTGRESQL = """\
CREATE TRIGGER audit_entries_wait AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_wait()"""
_WAITING = {"sqlite": (_ON_SQLITE,), "postgresql": (_FUNCTION, _ON_POSTGRESQL)}


def upgrade() -> None:
    """Applies the revision."""
    peer: sa.Column[str] = sa.Column(
        "peer", Identifier(), comment="network address it came from, as the node saw it; NULL: made by the node"
    )
    op.add_column("messages", peer)
    op.create_table(
        "audit_entries",
        sa.Column(
            "number", Serial(), nullable=False, comment="number of the entry; gaps are those of undone transactions"
        ),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when the request was processed"),
        sa.Column("system", Identifier(), nullable=False, comment="mnemonic of the system that asked"),
        sa.Column(
            "official",
            Identifier(),
            nullable=True,
            comment="SHA-256 of the certificate of the official who signed, if one did",
        ),
        sa.Column(
            "address", Identifier(), nullable=True, comment="network address from which the request came, if known"
        ),
        sa.Column("action", Identifier(), nullable=False, comment="kind of message"),
        sa.Column("writes", sa.Boolean(), nullable=False, comment="whether the kind changes the register"),
        sa.Column(
            "object",
            Identifier(),
            nullable=True,
            comment="OID of the worker or organisation concerned; NULL: nobody's record",
        ),
        sa.Column(
            "purpose", Identifier(), nullable=True, comment="purpose that the request gave: dictionary 2.999.643.3"
        ),
        sa.Column(
            "outcome", Identifier(), nullable=False, comment="ANSWERED, REFUSED, DENIED or UNDONE (a test, a dry run)"
        ),
        sa.Column("codes", Identifier(), nullable=False, comment="codes of the rules that refused it, by spaces"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the request"),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_entries_pkey")),
        comment="Every read and change of the register, one row for each record concerned; no names, no СНИЛС",
    )
    op.create_index("audit_entries_message", "audit_entries", ["message_id"], unique=False)
    op.create_index("audit_entries_object", "audit_entries", ["object", "number"], unique=False)
    op.create_table(
        "audit_links",
        sa.Column(
            "position", sa.BigInteger(), autoincrement=False, nullable=False, comment="place in the chain: 1, 2, 3…"
        ),
        sa.Column("entry", sa.BigInteger(), nullable=False, comment="number of the entry that stands there"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the position and the entry"),
        sa.PrimaryKeyConstraint("position", name=op.f("audit_links_pkey")),
        sa.UniqueConstraint("entry", name=op.f("audit_links_entry_key")),
        comment="The chain of entries, in the order in which they were sealed",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_pending",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="number of the entry"),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_pending_pkey")),
        comment="Entries not sealed yet, by a trigger: what the sealer takes next, whenever they were committed",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3…"),
        sa.Column("first_position", sa.BigInteger(), nullable=False, comment="first link that it covers"),
        sa.Column("last_position", sa.BigInteger(), nullable=False, comment="last link that it covers"),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the digests of these links, in order"
        ),
        sa.Column(
            "previous",
            sa.LargeBinary(),
            nullable=False,
            comment="head of the seal before; of the first one 32 zero octets",
        ),
        sa.Column("sealed_at", UtcDateTime(), nullable=False, comment="when it was sealed"),
        sa.Column("algorithm", Identifier(), nullable=False, comment="URI of the signature's algorithm"),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="certificate of the node that sealed, DER"),
        sa.Column(
            "signature",
            sa.LargeBinary(),
            nullable=False,
            comment="the node's signature over all of the above but these",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("audit_seals_pkey")),
        comment="Seals over stretches of the chain, each naming the one before",
    )
    for statement in _WAITING[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "officials",
        sa.Column("number", Serial(), nullable=False, comment="number of the entry"),
        sa.Column("fingerprint", Identifier(), nullable=False, comment="SHA-256 of the certificate, lower-case hex"),
        sa.Column("name", Identifier(), nullable=False, comment="the official's name"),
        sa.Column("position", Identifier(), nullable=False, comment="the official's post"),
        sa.Column("participant", Identifier(), nullable=False, comment="mnemonic of the system through which they act"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first day on which they may sign, by Moscow"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last day; NULL: without end"),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="the certificate itself, DER"),
        sa.Column("added_at", UtcDateTime(), nullable=False, comment="when the entry was made"),
        sa.Column("removed_at", UtcDateTime(), nullable=True, comment="when it was taken back; NULL: it holds"),
        sa.PrimaryKeyConstraint("number", name=op.f("officials_pkey")),
        comment="Officials whose personal signature makes an update legally significant",
    )
    op.create_index(
        "officials_holding",
        "officials",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "official_organisations",
        sa.Column("official", sa.BigInteger(), autoincrement=False, nullable=False, comment="whose right it is"),
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="for which organisation they sign"),
        sa.ForeignKeyConstraint(["official"], ["officials.number"], name=op.f("official_organisations_official_fkey")),
        sa.PrimaryKeyConstraint("official", "organisation_oid", name=op.f("official_organisations_pkey")),
        comment="Organisations for which an official signs; none: all that the system may act for",
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Takes the revision back."""
    op.drop_column("messages", "peer")
    op.drop_table("official_organisations")
    op.drop_index(
        "officials_holding",
        table_name="officials",
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_table("officials")
    op.drop_table("audit_seals")
    op.drop_table("audit_pending")
    op.drop_table("audit_links")
    op.drop_index("audit_entries_object", table_name="audit_entries")
    op.drop_index("audit_entries_message", table_name="audit_entries")
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entries_wait()")
