"""The register."""

import sqlalchemy as sa
from alembic import op
from mezhved.queue.columns import Identifier, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "dictionaries",
        sa.Column("oid", Identifier(), nullable=False, comment="OID of the dictionary"),
        sa.Column("version", Identifier(), nullable=False, comment="version of it that was installed"),
        sa.Column("title", Identifier(), nullable=False, comment="its title"),
        sa.Column("released_on", sa.Date(), nullable=False, comment="since when this version is in force"),
        sa.Column("installed_at", UtcDateTime(), nullable=False, comment="when it was installed here"),
        sa.PrimaryKeyConstraint("oid", "version", name=op.f("dictionaries_pkey")),
        comment="Dictionaries and their versions",
    )
    op.create_table(
        "dictionary_items",
        sa.Column("dictionary", Identifier(), nullable=False, comment="OID of the dictionary"),
        sa.Column("code", Identifier(), nullable=False, comment="code of the item"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="first day on which the code has this name"),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last day; NULL: without end"),
        sa.Column("name", Identifier(), nullable=False, comment="its name in that period"),
        sa.Column("parent", Identifier(), nullable=True, comment="code of the item above it"),
        sa.Column("version", Identifier(), nullable=False, comment="version of the dictionary that said so"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("dictionary_items_period_check")),
        sa.PrimaryKeyConstraint("dictionary", "code", "valid_from", name=op.f("dictionary_items_pkey")),
        comment="Items of dictionaries: the periods of a code do not overlap, so that a code has one name on a date",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisations",
        sa.Column("entity_id", Identifier(), nullable=False, comment="OID of the organisation"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("full_name", Identifier(), nullable=False, comment="full name"),
        sa.Column("short_name", Identifier(), nullable=False, comment="short name"),
        sa.Column("inn", Identifier(), nullable=False, comment="ИНН, 10 digits"),
        sa.Column("kpp", Identifier(), nullable=True, comment="КПП, 9 digits"),
        sa.Column("ogrn", Identifier(), nullable=False, comment="ОГРН, 13 digits (15 of an entrepreneur)"),
        sa.Column("region", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.20"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="existence of the organisation: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="existence of the organisation: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("organisations_period_check")
        ),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("organisations_pkey")),
        comment="Medical organisations",
    )
    op.create_index(
        "organisations_current",
        "organisations",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "subdivisions",
        sa.Column("entity_id", Identifier(), nullable=False, comment="OID of the subdivision"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="whose part it is"),
        sa.Column("name", Identifier(), nullable=False, comment="name"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="existence of the subdivision: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="existence of the subdivision: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("subdivisions_period_check")
        ),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("subdivisions_pkey")),
        comment="Subdivisions of organisations",
    )
    op.create_index(
        "subdivisions_current",
        "subdivisions",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "subdivisions_organisation",
        "subdivisions",
        ["organisation_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "workers",
        sa.Column("oid", Identifier(), nullable=False, comment="number of the worker in the register, NNNN.NNNNNNN"),
        sa.Column("registered_at", UtcDateTime(), nullable=False, comment="when the worker was entered"),
        sa.PrimaryKeyConstraint("oid", name=op.f("workers_pkey")),
        comment="Workers as such: what never changes. Whoever changes a record locks this row first",
    )
    op.create_table(
        "accreditations",
        sa.Column("entity_id", Identifier(), nullable=False, comment="UUID of the record"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is"),
        sa.Column("accreditation_kind", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1100"),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
        sa.Column("registry_number", Identifier(), nullable=False, comment="number of the entry"),
        sa.Column("protocol_number", Identifier(), nullable=False, comment="protocol of the commission: number"),
        sa.Column("protocol_date", sa.Date(), nullable=False, comment="protocol of the commission: date"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="validity of the accreditation: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="validity of the accreditation: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("accreditations_period_check")
        ),
        sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f("accreditations_worker_oid_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("accreditations_pkey")),
        comment="Accreditations passed",
    )
    op.create_index(
        "accreditations_current",
        "accreditations",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "accreditations_worker",
        "accreditations",
        ["worker_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "certificates",
        sa.Column("entity_id", Identifier(), nullable=False, comment="UUID of the record"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is"),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
        sa.Column("series", Identifier(), nullable=True, comment="series"),
        sa.Column("number", Identifier(), nullable=False, comment="number"),
        sa.Column("exam_date", sa.Date(), nullable=False, comment="when the examination was passed"),
        sa.Column("extended", sa.Boolean(), nullable=False, comment="prolonged by law beyond its five years"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="validity of the certificate: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="validity of the certificate: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("certificates_period_check")
        ),
        sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f("certificates_worker_oid_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("certificates_pkey")),
        comment="Certificates of specialists",
    )
    op.create_index(
        "certificates_current",
        "certificates",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "certificates_worker",
        "certificates",
        ["worker_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "education",
        sa.Column("entity_id", Identifier(), nullable=False, comment="UUID of the record"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is"),
        sa.Column("stage", Identifier(), nullable=False, comment="PROFESSIONAL, POSTGRADUATE or ADDITIONAL"),
        sa.Column("education_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1110"),
        sa.Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
        sa.Column("specialty", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("theme", Identifier(), nullable=True, comment="additional education: its subject"),
        sa.Column("hours", sa.Integer(), nullable=True, comment="additional education: how many hours"),
        sa.Column("document_series", Identifier(), nullable=True, comment="diploma or certificate: series"),
        sa.Column("document_number", Identifier(), nullable=False, comment="diploma or certificate: number"),
        sa.Column("document_date", sa.Date(), nullable=False, comment="diploma or certificate: when issued"),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment="the studies: first day; NULL: not known or since ever"
        ),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="the studies: last day; NULL: without end"),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("education_period_check")
        ),
        sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f("education_worker_oid_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("education_pkey")),
        comment="Education: professional, postgraduate, additional",
    )
    op.create_index(
        "education_current",
        "education",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "education_worker",
        "education",
        ["worker_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "employments",
        sa.Column("entity_id", Identifier(), nullable=False, comment="UUID of the record"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is"),
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="employer"),
        sa.Column("subdivision_oid", Identifier(), nullable=False, comment="where in it"),
        sa.Column("post", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
        sa.Column(
            "position_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.2.1.1.209; 1: main"
        ),
        sa.Column("rate", sa.SmallInteger(), nullable=False, comment="share of a full post, in hundredths"),
        sa.Column("service_number", Identifier(), nullable=True, comment="табельный номер"),
        sa.Column("contract_number", Identifier(), nullable=False, comment="number of the labour contract"),
        sa.Column("contract_date", sa.Date(), nullable=False, comment="date of the labour contract"),
        sa.Column("begin_order_number", Identifier(), nullable=True, comment="order of hiring or transfer: number"),
        sa.Column("begin_order_date", sa.Date(), nullable=True, comment="order of hiring or transfer: date"),
        sa.Column("end_type", Identifier(), nullable=True, comment="how it ended: dictionary 2.999.643.1"),
        sa.Column(
            "dismissal_reason",
            Identifier(),
            nullable=True,
            comment="why the worker was dismissed: dictionary 2.999.643.2",
        ),
        sa.Column("end_order_number", Identifier(), nullable=True, comment="order of transfer or dismissal: number"),
        sa.Column("end_order_date", sa.Date(), nullable=True, comment="order of transfer or dismissal: date"),
        sa.Column("previous_id", Identifier(), nullable=True, comment="the employment that a transfer continues"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="the employment itself: first day; NULL: not known or since ever",
        ),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="the employment itself: last day; NULL: without end"),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("employments_period_check")
        ),
        sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f("employments_worker_oid_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("employments_pkey")),
        comment="Employments: one post in one subdivision from its first to its last day",
    )
    op.create_index(
        "employments_current",
        "employments",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "employments_main_post",
        "employments",
        ["worker_oid"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL AND valid_to IS NULL AND position_type = '1'"),
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to IS NULL AND position_type = '1'"),
    )
    op.create_index(
        "employments_natural_key",
        "employments",
        ["worker_oid", "organisation_oid", "post", "position_type", "valid_from"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "employments_worker",
        "employments",
        ["worker_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "identity_documents",
        sa.Column("entity_id", Identifier(), nullable=False, comment="UUID of the record"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is"),
        sa.Column("type_code", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.48"),
        sa.Column(
            "series",
            Identifier(),
            server_default=sa.text("''"),
            nullable=False,
            comment="series, without spaces; empty: none",
        ),
        sa.Column("number", Identifier(), nullable=False, comment="number, without spaces"),
        sa.Column("issuer", Identifier(), nullable=True, comment="who issued it"),
        sa.Column("issuer_code", Identifier(), nullable=True, comment="code of the issuing office, NNN-NNN"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="validity of the document: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="validity of the document: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from",
            name=op.f("identity_documents_period_check"),
        ),
        sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f("identity_documents_worker_oid_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("identity_documents_pkey")),
        comment="Documents that prove who the worker is",
    )
    op.create_index(
        "identity_documents_current",
        "identity_documents",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "identity_documents_number",
        "identity_documents",
        ["number", "series", "type_code"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "identity_documents_worker",
        "identity_documents",
        ["worker_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "persons",
        sa.Column("entity_id", Identifier(), nullable=False, comment="OID of the worker"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("status", Identifier(), nullable=False, comment="ACTIVE, SUSPENDED, REVOKED, DECEASED or MERGED"),
        sa.Column("last_name", Identifier(), nullable=False, comment="surname"),
        sa.Column("first_name", Identifier(), nullable=False, comment="name"),
        sa.Column("patronymic", Identifier(), nullable=True, comment="patronymic; not everybody has one"),
        sa.Column("last_folded", Identifier(), nullable=False, comment="surname as it is searched (registry.names)"),
        sa.Column("first_folded", Identifier(), nullable=False, comment="name as it is searched"),
        sa.Column(
            "patronymic_folded", Identifier(), nullable=False, comment="patronymic as it is searched; empty: none"
        ),
        sa.Column("gender", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1040"),
        sa.Column("birth_date", sa.Date(), nullable=False, comment="date of birth"),
        sa.Column("snils", Identifier(), nullable=True, comment="СНИЛС, 11 digits"),
        sa.Column("inn", Identifier(), nullable=True, comment="ИНН, 12 digits"),
        sa.Column("citizenship", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.99.2.315"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="when the personal data held: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="when the personal data held: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("persons_period_check")
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["workers.oid"], name=op.f("persons_entity_id_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("persons_pkey")),
        comment="Personal data of workers",
    )
    op.create_index(
        "persons_current",
        "persons",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "persons_inn",
        "persons",
        ["inn"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "persons_names",
        "persons",
        ["last_folded", "first_folded", "birth_date"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "persons_snils",
        "persons",
        ["snils"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "qualifications",
        sa.Column("entity_id", Identifier(), nullable=False, comment="UUID of the record"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is"),
        sa.Column("category", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.2.1.1.202"),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column(
            "valid_from",
            sa.Date(),
            nullable=True,
            comment="validity of the category: first day; NULL: not known or since ever",
        ),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="validity of the category: last day; NULL: without end"
        ),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at", UtcDateTime(), nullable=True, comment="when the next version took its place; NULL: current"
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("qualifications_period_check")
        ),
        sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f("qualifications_worker_oid_fkey")),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f("qualifications_pkey")),
        comment="Qualification categories",
    )
    op.create_index(
        "qualifications_current",
        "qualifications",
        ["entity_id"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "qualifications_worker",
        "qualifications",
        ["worker_oid"],
        unique=False,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def downgrade() -> None:
    """Takes the revision back."""
    op.drop_index(
        "qualifications_worker",
        table_name="qualifications",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "qualifications_current",
        table_name="qualifications",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("qualifications")
    op.drop_index(
        "persons_snils",
        table_name="persons",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "persons_names",
        table_name="persons",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "persons_inn",
        table_name="persons",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "persons_current",
        table_name="persons",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("persons")
    op.drop_index(
        "identity_documents_worker",
        table_name="identity_documents",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "identity_documents_number",
        table_name="identity_documents",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "identity_documents_current",
        table_name="identity_documents",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("identity_documents")
    op.drop_index(
        "employments_worker",
        table_name="employments",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "employments_natural_key",
        table_name="employments",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "employments_main_post",
        table_name="employments",
        sqlite_where=sa.text("superseded_at IS NULL AND valid_to IS NULL AND position_type = '1'"),
        postgresql_where=sa.text("superseded_at IS NULL AND valid_to IS NULL AND position_type = '1'"),
    )
    op.drop_index(
        "employments_current",
        table_name="employments",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("employments")
    op.drop_index(
        "education_worker",
        table_name="education",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "education_current",
        table_name="education",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("education")
    op.drop_index(
        "certificates_worker",
        table_name="certificates",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "certificates_current",
        table_name="certificates",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("certificates")
    op.drop_index(
        "accreditations_worker",
        table_name="accreditations",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "accreditations_current",
        table_name="accreditations",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("accreditations")
    op.drop_table("workers")
    op.drop_index(
        "subdivisions_organisation",
        table_name="subdivisions",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index(
        "subdivisions_current",
        table_name="subdivisions",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("subdivisions")
    op.drop_index(
        "organisations_current",
        table_name="organisations",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_table("organisations")
    op.drop_table("dictionary_items")
    op.drop_table("dictionaries")
