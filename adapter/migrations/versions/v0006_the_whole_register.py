"""The register's whole record: every section, versions that take a fact back, the feed of changes.

The tables of revision 0002 were never published: they are made anew, and what they held is not kept. A register that
was made before is loaded again.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from mezhved.adapter.migrations.versions import v0002_the_register
from mezhved.queue.columns import Identifier, Serial, UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BEFORE = (
    "accreditations",
    "certificates",
    "education",
    "employments",
    "identity_documents",
    "persons",
    "qualifications",
    "workers",
    "subdivisions",
    "organisations",
    "dictionary_items",
    "dictionaries",
)
_NOW = (
    "worker_merges",
    "restrictions",
    "resolutions",
    "qualifications",
    "persons",
    "military_service",
    "memberships",
    "identity_documents",
    "employments",
    "education",
    "disciplinary_measures",
    "contacts",
    "consents",
    "cme_points",
    "certificates",
    "awards",
    "attestations",
    "alternate_identifiers",
    "addresses",
    "accreditations",
    "accreditation_procedures",
    "absences",
    "workers",
    "subdivisions",
    "staff_positions",
    "staff_plans",
    "organisations",
    "licences",
    "licence_activities",
    "dictionary_items",
    "dictionaries",
    "changes",
)


def upgrade() -> None:
    """Applies the revision."""
    for table in _BEFORE:
        op.drop_table(table)
    _plain_tables()
    _people()
    _education()
    _credentials()
    _careers()
    _organisations()


def downgrade() -> None:
    """Takes the revision back."""
    for table in _NOW:
        op.drop_table(table)
    v0002_the_register.upgrade()


def _fact(name: str, *items: sa.Column[Any] | sa.ForeignKeyConstraint, entity: str, period: str, comment: str) -> None:
    op.create_table(
        name,
        sa.Column("entity_id", Identifier(), nullable=False, comment=entity),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3… within the entity"),
        *(item for item in items if isinstance(item, sa.Column)),
        sa.Column(
            "valid_from", sa.Date(), nullable=True, comment=f"{period}: first day; NULL: not known or since ever"
        ),
        sa.Column("valid_to", sa.Date(), nullable=True, comment=f"{period}: last day; NULL: without end"),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        sa.Column(
            "superseded_at",
            UtcDateTime(),
            nullable=True,
            comment="until when the register knew it so; NULL: it still does",
        ),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.Column(
            "withdrawn",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="true: this version takes the fact back, and was superseded the moment it was recorded",
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f(f"{name}_period_check")
        ),
        sa.CheckConstraint("NOT withdrawn OR superseded_at = recorded_at", name=op.f(f"{name}_withdrawn_check")),
        *(item for item in items if isinstance(item, sa.ForeignKeyConstraint)),
        *(
            sa.ForeignKeyConstraint(["worker_oid"], ["workers.oid"], name=op.f(f"{name}_worker_oid_fkey"))
            for item in items
            if isinstance(item, sa.Column) and item.name == "worker_oid"
        ),
        sa.PrimaryKeyConstraint("entity_id", "version", name=op.f(f"{name}_pkey")),
        comment=comment,
    )
    _index(f"{name}_current", name, ["entity_id"], unique=True)


def _of_worker() -> sa.Column[Any]:
    return sa.Column("worker_oid", Identifier(), nullable=False, comment="whose fact it is")


def _index(name: str, table: str, columns: list[str], *, unique: bool = False, also: str = "") -> None:
    where = sa.text(f"superseded_at IS NULL{also}")
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _plain_tables() -> None:
    op.create_table(
        "workers",
        sa.Column("oid", Identifier(), nullable=False, comment="number of the worker in the register, NNNN.NNNNNNN"),
        sa.Column("registered_at", UtcDateTime(), nullable=False, comment="when the worker was entered"),
        sa.PrimaryKeyConstraint("oid", name=op.f("workers_pkey")),
        comment="Workers as such: what never changes. Whoever changes a record locks this row first",
    )
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
        "changes",
        sa.Column(
            "sequence", Serial(), nullable=False, comment="number of the change; not the order of the feed, see xact"
        ),
        sa.Column(
            "xact",
            sa.BigInteger(),
            nullable=False,
            comment="number of the transaction on PostgreSQL, where a higher sequence may come first; 0 on SQLite",
        ),
        sa.Column("worker_oid", Identifier(), nullable=True, comment="worker whose record changed; NULL: no worker's"),
        sa.Column(
            "organisation_oid", Identifier(), nullable=True, comment="organisation that the fact is about; NULL: none"
        ),
        sa.Column("section", Identifier(), nullable=False, comment="part of the record (registry.schema.section_of)"),
        sa.Column("entity_id", Identifier(), nullable=False, comment="the fact"),
        sa.Column("version", sa.Integer(), nullable=False, comment="its version that came to be"),
        sa.Column("action", Identifier(), nullable=False, comment="ADDED, REVISED, WITHDRAWN or REINSTATED"),
        sa.Column("recorded_at", UtcDateTime(), nullable=False, comment="when"),
        sa.Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        sa.Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        sa.PrimaryKeyConstraint("sequence", name=op.f("changes_pkey")),
        comment="Every change of a fact, in the order in which they became visible (registry.changes)",
        sqlite_autoincrement=True,
    )
    op.create_index("changes_order", "changes", ["xact", "sequence"])
    op.create_index("changes_organisation", "changes", ["organisation_oid", "xact", "sequence"])
    op.create_index("changes_worker", "changes", ["worker_oid", "xact", "sequence"])


def _people() -> None:
    _fact(
        "persons",
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
        sa.Column("death_date", sa.Date(), nullable=True, comment="date of death"),
        sa.Column("birth_place", Identifier(), nullable=True, comment="place of birth, as the document has it"),
        sa.Column("snils", Identifier(), nullable=True, comment="СНИЛС, 11 digits"),
        sa.Column("inn", Identifier(), nullable=True, comment="ИНН, 12 digits"),
        sa.Column("citizenship", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.99.2.315"),
        sa.Column(
            "country",
            Identifier(),
            nullable=True,
            comment="country of citizenship: dictionary 1.2.643.5.1.13.2.1.1.63 (ОКСМ)",
        ),
        sa.Column(
            "military_relation",
            Identifier(),
            nullable=True,
            comment="relation to military service: dictionary 2.999.643.10",
        ),
        sa.Column(
            "disability_group", Identifier(), nullable=True, comment="group of disability: dictionary 2.999.643.11"
        ),
        sa.Column(
            "disability_date", sa.Date(), nullable=True, comment="since when the group of disability is established"
        ),
        sa.Column(
            "student",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="is in the register as a student too",
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["workers.oid"], name="persons_entity_id_fkey"),
        entity="OID of the worker",
        period="when the personal data held",
        comment="Personal data of workers",
    )
    _index("persons_inn", "persons", ["inn"], unique=True)
    _index("persons_names", "persons", ["last_folded", "birth_date", "first_folded"])
    _index("persons_snils", "persons", ["snils"], unique=True)
    _index("persons_status", "persons", ["status", "entity_id"])
    _index("persons_surname", "persons", ["last_folded", "entity_id"])
    _fact(
        "worker_merges",
        sa.Column("into_oid", Identifier(), nullable=False, comment="OID of the worker that stays"),
        sa.Column("reason", Identifier(), nullable=False, comment="why the two are one person"),
        sa.ForeignKeyConstraint(["entity_id"], ["workers.oid"], name="worker_merges_entity_id_fkey"),
        sa.ForeignKeyConstraint(["into_oid"], ["workers.oid"], name="worker_merges_into_oid_fkey"),
        entity="OID of the worker whose record was a second one",
        period="since when the records are one",
        comment="Records of one person found under two numbers: which one stays",
    )
    _index("worker_merges_into", "worker_merges", ["into_oid"])
    _fact(
        "contacts",
        _of_worker(),
        sa.Column("contact_kind", Identifier(), nullable=False, comment="PHONE or EMAIL"),
        sa.Column(
            "value",
            Identifier(),
            nullable=False,
            comment="ten digits of a phone number without the country's code, or an e-mail address",
        ),
        sa.Column(
            "preferred",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="how the worker wants to be told",
        ),
        entity="UUID of the record",
        period="when the worker could be reached so",
        comment="Phone numbers and e-mail addresses of workers",
    )
    _index("contacts_worker", "contacts", ["worker_oid"])
    _fact(
        "identity_documents",
        _of_worker(),
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
        entity="UUID of the record",
        period="validity of the document",
        comment="Documents that prove who the worker is",
    )
    _index("identity_documents_number", "identity_documents", ["number", "series", "type_code"])
    _index("identity_documents_worker", "identity_documents", ["worker_oid"])
    _fact(
        "alternate_identifiers",
        _of_worker(),
        sa.Column(
            "system",
            Identifier(),
            nullable=False,
            comment="whose number it is: ERN (единый регистр населения), EGISZ, GOSUSLUGI, or a mnemonic",
        ),
        sa.Column("value", Identifier(), nullable=False, comment="the number there"),
        entity="UUID of the record",
        period="when the worker had that number",
        comment="Numbers under which other systems know a worker",
    )
    _index("alternate_identifiers_value", "alternate_identifiers", ["system", "value"], unique=True)
    _index("alternate_identifiers_worker", "alternate_identifiers", ["worker_oid"])
    _fact(
        "addresses",
        _of_worker(),
        sa.Column("address_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.296"),
        sa.Column("region", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.20"),
        sa.Column(
            "gar_id",
            Identifier(),
            nullable=True,
            comment="UUID of the address object in the state address register (ГАР)",
        ),
        sa.Column("area_id", Identifier(), nullable=True, comment="UUID of the settlement in ГАР"),
        sa.Column("street_id", Identifier(), nullable=True, comment="UUID of the street in ГАР"),
        sa.Column("house_id", Identifier(), nullable=True, comment="UUID of the house in ГАР"),
        sa.Column("postal_code", Identifier(), nullable=True, comment="postal code, six digits"),
        sa.Column("area", Identifier(), nullable=True, comment="settlement with its kind"),
        sa.Column("street", Identifier(), nullable=True, comment="street with its kind"),
        sa.Column("house", Identifier(), nullable=True, comment="number of the house"),
        sa.Column("building", Identifier(), nullable=True, comment="корпус"),
        sa.Column("structure", Identifier(), nullable=True, comment="строение"),
        sa.Column("flat", Identifier(), nullable=True, comment="number of the flat"),
        entity="UUID of the record",
        period="when the worker was registered or lived there",
        comment="Addresses of workers",
    )
    _index("addresses_worker", "addresses", ["worker_oid"])
    _fact(
        "consents",
        _of_worker(),
        sa.Column(
            "consent_kind",
            Identifier(),
            nullable=False,
            comment="PROCESSING: to the processing of personal data; RELEASE: to their release to others",
        ),
        sa.Column(
            "document_number",
            Identifier(),
            nullable=True,
            comment="number of the paper or of the message by which it was given",
        ),
        entity="UUID of the record",
        period="from the day it was given to the day before it was taken back",
        comment="Consents of workers to what is done with their personal data",
    )
    _index("consents_worker", "consents", ["worker_oid", "consent_kind"])
    _fact(
        "attestations",
        _of_worker(),
        sa.Column(
            "attested_section", Identifier(), nullable=True, comment="section that is attested; NULL: the whole record"
        ),
        sa.Column(
            "attester",
            Identifier(),
            nullable=False,
            comment="who says that the record is right: the worker's OID, or that of the organisation",
        ),
        entity="UUID of the record",
        period="from the day of attestation until it must be repeated",
        comment="Attestations: somebody who must know says that the record is right",
    )
    _index("attestations_worker", "attestations", ["worker_oid", "valid_to"])


def _education() -> None:
    _fact(
        "education",
        _of_worker(),
        sa.Column("stage", Identifier(), nullable=False, comment="GENERAL, PROFESSIONAL, POSTGRADUATE or ADDITIONAL"),
        sa.Column("education_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1110"),
        sa.Column(
            "institution",
            Identifier(),
            nullable=True,
            comment="dictionary 1.2.643.5.1.13.13.11.1124; NULL: abroad, or a school (institution_name)",
        ),
        sa.Column(
            "institution_name", Identifier(), nullable=True, comment="name of a school, or of an institution abroad"
        ),
        sa.Column("level", Identifier(), nullable=True, comment="level of education: dictionary 2.999.643.12"),
        sa.Column(
            "form", Identifier(), nullable=True, comment="full-time, part-time, distance: dictionary 2.999.643.13"
        ),
        sa.Column("specialty", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("qualification", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1103"),
        sa.Column("duration_months", sa.SmallInteger(), nullable=True, comment="length of the programme, in months"),
        sa.Column("budget", sa.Boolean(), nullable=True, comment="paid by the state"),
        sa.Column(
            "studying", sa.Boolean(), server_default=sa.false(), nullable=False, comment="not finished yet: no document"
        ),
        sa.Column("theme", Identifier(), nullable=True, comment="additional education: its subject"),
        sa.Column(
            "programme_kind",
            Identifier(),
            nullable=True,
            comment="additional education: kind of programme, dictionary 2.999.643.14",
        ),
        sa.Column("hours", sa.Integer(), nullable=True, comment="additional education: how many hours"),
        sa.Column(
            "academic_degree",
            Identifier(),
            nullable=True,
            comment="postgraduate: academic degree, dictionary 2.999.643.15",
        ),
        sa.Column(
            "science_branch",
            Identifier(),
            nullable=True,
            comment="postgraduate: branch of science, dictionary 2.999.643.16",
        ),
        sa.Column("document_series", Identifier(), nullable=True, comment="diploma or certificate: series"),
        sa.Column(
            "document_number",
            Identifier(),
            nullable=True,
            comment="diploma or certificate: number; NULL: not finished yet",
        ),
        sa.Column(
            "document_date",
            sa.Date(),
            nullable=True,
            comment="diploma or certificate: when issued; NULL: not finished yet",
        ),
        sa.Column("document_link", Identifier(), nullable=True, comment="where a picture of the document is kept"),
        sa.Column(
            "duplicate", sa.Boolean(), server_default=sa.false(), nullable=False, comment="the document is a duplicate"
        ),
        sa.Column("foreign", sa.Boolean(), server_default=sa.false(), nullable=False, comment="got abroad"),
        sa.Column(
            "foreign_country", Identifier(), nullable=True, comment="abroad: dictionary 1.2.643.5.1.13.2.1.1.63 (ОКСМ)"
        ),
        sa.Column(
            "recognised", sa.Boolean(), nullable=True, comment="abroad: recognised in Russia; NULL: got in Russia"
        ),
        sa.Column("recognition_series", Identifier(), nullable=True, comment="certificate of recognition: series"),
        sa.Column("recognition_number", Identifier(), nullable=True, comment="certificate of recognition: number"),
        sa.Column("recognition_date", sa.Date(), nullable=True, comment="certificate of recognition: when issued"),
        sa.Column(
            "targeted",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="studied by a contract of target training",
        ),
        sa.Column(
            "target_region",
            Identifier(),
            nullable=True,
            comment="target training: region of the work owed, dictionary 1.2.643.5.1.13.13.99.2.20",
        ),
        sa.Column(
            "target_contract_number", Identifier(), nullable=True, comment="target training: number of the contract"
        ),
        sa.Column("target_contract_date", sa.Date(), nullable=True, comment="target training: date of the contract"),
        sa.Column("target_customer_inn", Identifier(), nullable=True, comment="target training: ИНН of the customer"),
        sa.Column("target_customer_ogrn", Identifier(), nullable=True, comment="target training: ОГРН of the customer"),
        sa.Column("target_employer_inn", Identifier(), nullable=True, comment="target training: ИНН of the employer"),
        sa.Column("target_employer_ogrn", Identifier(), nullable=True, comment="target training: ОГРН of the employer"),
        sa.Column(
            "target_duty_months",
            sa.SmallInteger(),
            nullable=True,
            comment="target training: how long the work owed lasts, in months",
        ),
        sa.Column(
            "target_terminated_on", sa.Date(), nullable=True, comment="target training: when the contract was dissolved"
        ),
        sa.Column(
            "target_termination_reason",
            Identifier(),
            nullable=True,
            comment="target training: why, dictionary 2.999.643.17",
        ),
        entity="UUID of the record",
        period="the studies",
        comment="Education: general, professional, postgraduate, additional",
    )
    _index("education_document", "education", ["document_number", "institution"])
    _index("education_worker", "education", ["worker_oid"])


def _credentials() -> None:
    _fact(
        "certificates",
        _of_worker(),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
        sa.Column("series", Identifier(), nullable=True, comment="series"),
        sa.Column("number", Identifier(), nullable=False, comment="number, without spaces"),
        sa.Column("exam_date", sa.Date(), nullable=False, comment="when the examination was passed"),
        sa.Column(
            "extended",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="prolonged by law beyond its five years",
        ),
        entity="UUID of the record",
        period="validity of the certificate",
        comment="Certificates of specialists",
    )
    _index(
        "certificates_expiry", "certificates", ["valid_to", "worker_oid", "specialty", "valid_from", "superseded_at"]
    )
    _index("certificates_number", "certificates", ["number", "worker_oid"])
    _index(
        "certificates_specialty", "certificates", ["specialty", "worker_oid", "valid_from", "valid_to", "superseded_at"]
    )
    _index(
        "certificates_worker", "certificates", ["worker_oid", "valid_to", "specialty", "valid_from", "superseded_at"]
    )
    _fact(
        "accreditations",
        _of_worker(),
        sa.Column("accreditation_kind", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1100"),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column(
            "post",
            Identifier(),
            nullable=True,
            comment="post to which it entitles, if it is narrower: dictionary 1.2.643.5.1.13.13.11.1002",
        ),
        sa.Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
        sa.Column("registry_number", Identifier(), nullable=False, comment="number of the entry"),
        sa.Column("protocol_number", Identifier(), nullable=False, comment="protocol of the commission: number"),
        sa.Column("protocol_date", sa.Date(), nullable=False, comment="protocol of the commission: date"),
        sa.Column(
            "document_series",
            Identifier(),
            nullable=True,
            comment="paper certificate of accreditation, if one was issued: series",
        ),
        sa.Column(
            "document_number",
            Identifier(),
            nullable=True,
            comment="paper certificate of accreditation, if one was issued: number",
        ),
        sa.Column(
            "extended",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="prolonged by law beyond its five years",
        ),
        entity="UUID of the record",
        period="validity of the accreditation",
        comment="Accreditations passed",
    )
    _index(
        "accreditations_expiry",
        "accreditations",
        ["valid_to", "worker_oid", "specialty", "valid_from", "superseded_at"],
    )
    _index("accreditations_number", "accreditations", ["registry_number", "worker_oid"])
    _index(
        "accreditations_specialty",
        "accreditations",
        ["specialty", "worker_oid", "valid_from", "valid_to", "superseded_at"],
    )
    _index(
        "accreditations_worker",
        "accreditations",
        ["worker_oid", "valid_to", "specialty", "valid_from", "superseded_at"],
    )
    _fact(
        "accreditation_procedures",
        _of_worker(),
        sa.Column(
            "accreditation_id",
            Identifier(),
            nullable=True,
            comment="entity_id of the accreditation that it gave; NULL: it gave none",
        ),
        sa.Column("application_number", Identifier(), nullable=True, comment="number of the application"),
        sa.Column("accreditation_kind", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1100"),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("post", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
        sa.Column(
            "professional_standard",
            Identifier(),
            nullable=True,
            comment="profession's standard: dictionary 2.999.643.18",
        ),
        sa.Column(
            "activity_kind", Identifier(), nullable=True, comment="medical or pharmaceutical: dictionary 2.999.643.19"
        ),
        sa.Column(
            "education_level",
            Identifier(),
            nullable=True,
            comment="level of education at that time: dictionary 2.999.643.12",
        ),
        sa.Column(
            "institution",
            Identifier(),
            nullable=False,
            comment="where it was held: dictionary 1.2.643.5.1.13.13.11.1124",
        ),
        sa.Column("commission", Identifier(), nullable=True, comment="number or name of the commission"),
        sa.Column("outcome", Identifier(), nullable=False, comment="PASSED, FAILED or EXCLUDED"),
        sa.Column("protocol_number", Identifier(), nullable=False, comment="protocol of the commission: number"),
        sa.Column("protocol_date", sa.Date(), nullable=False, comment="protocol of the commission: date"),
        sa.Column("last_name", Identifier(), nullable=True, comment="surname at that time"),
        sa.Column("first_name", Identifier(), nullable=True, comment="name at that time"),
        sa.Column("patronymic", Identifier(), nullable=True, comment="patronymic at that time"),
        entity="UUID of the record",
        period="when it was held",
        comment="Procedures of accreditation, also those that were not passed",
    )
    _index("accreditation_procedures_worker", "accreditation_procedures", ["worker_oid"])
    _fact(
        "qualifications",
        _of_worker(),
        sa.Column("category", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.2.1.1.202"),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("post", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
        sa.Column("order_number", Identifier(), nullable=True, comment="order by which it was given: number"),
        sa.Column("order_date", sa.Date(), nullable=True, comment="order by which it was given: date"),
        sa.Column(
            "extended",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="prolonged by law beyond its five years",
        ),
        entity="UUID of the record",
        period="validity of the category",
        comment="Qualification categories",
    )
    _index(
        "qualifications_category",
        "qualifications",
        ["category", "worker_oid", "valid_from", "valid_to", "specialty", "superseded_at"],
    )
    _index("qualifications_worker", "qualifications", ["worker_oid"])
    _fact(
        "resolutions",
        _of_worker(),
        sa.Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column("post", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
        sa.Column(
            "patients",
            Identifier(),
            nullable=True,
            comment="category of patients to whom it is limited: dictionary 2.999.643.20",
        ),
        sa.Column("number", Identifier(), nullable=False, comment="number of the resolution"),
        sa.Column("issued_on", sa.Date(), nullable=False, comment="date of the resolution"),
        sa.Column("issuer", Identifier(), nullable=True, comment="who issued it"),
        entity="UUID of the record",
        period="validity of the resolution",
        comment="Resolutions to practise (допуск): of students, and of people without an accreditation of their own",
    )
    _index("resolutions_worker", "resolutions", ["worker_oid"])
    _fact(
        "cme_points",
        _of_worker(),
        sa.Column("activity_kind", Identifier(), nullable=False, comment="kind of activity: dictionary 2.999.643.21"),
        sa.Column("title", Identifier(), nullable=False, comment="what it was"),
        sa.Column("provider", Identifier(), nullable=True, comment="who held it"),
        sa.Column("specialty", Identifier(), nullable=True, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
        sa.Column(
            "activity_number",
            Identifier(),
            nullable=False,
            comment="number of the activity or of its confirmation; one credit each",
        ),
        sa.Column(
            "points",
            sa.Integer(),
            nullable=False,
            comment="points (ЗЕТ), in hundredths: an entry that takes back is negative",
        ),
        sa.Column("hours", sa.Integer(), nullable=True, comment="academic hours"),
        sa.Column(
            "confirmation",
            Identifier(),
            server_default=sa.text("'CONFIRMED'"),
            nullable=False,
            comment="PENDING, CONFIRMED or REFUSED",
        ),
        entity="UUID of the record",
        period="when the activity was held",
        comment="Ledger of points of continuing medical education (НМО)",
    )
    _index("cme_points_activity", "cme_points", ["worker_oid", "activity_number"], unique=True)
    _index("cme_points_worker", "cme_points", ["worker_oid", "valid_to"])


def _careers() -> None:
    _fact(
        "employments",
        _of_worker(),
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="employer"),
        sa.Column("subdivision_oid", Identifier(), nullable=False, comment="where in it"),
        sa.Column(
            "region",
            Identifier(),
            nullable=False,
            comment="where the work is done: dictionary 1.2.643.5.1.13.13.99.2.20",
        ),
        sa.Column("post", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
        sa.Column(
            "specialty",
            Identifier(),
            nullable=True,
            comment="specialty of the post: dictionary 1.2.643.5.1.13.13.11.1066",
        ),
        sa.Column(
            "position_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.2.1.1.209; 1: main"
        ),
        sa.Column("rate", sa.SmallInteger(), nullable=False, comment="share of a full post, in hundredths"),
        sa.Column("service_number", Identifier(), nullable=True, comment="табельный номер"),
        sa.Column("personal_file_number", Identifier(), nullable=True, comment="номер личного дела"),
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
        entity="UUID of the record",
        period="the employment itself",
        comment="Employments: one post in one subdivision from its first to its last day",
    )
    _index(
        "employments_main_post",
        "employments",
        ["worker_oid"],
        unique=True,
        also=" AND valid_to IS NULL AND position_type = '1'",
    )
    _index(
        "employments_natural_key",
        "employments",
        ["worker_oid", "organisation_oid", "post", "position_type", "valid_from"],
        unique=True,
    )
    _index(
        "employments_organisation",
        "employments",
        ["organisation_oid", "worker_oid", "valid_from", "valid_to", "post", "region", "superseded_at"],
    )
    _index(
        "employments_post",
        "employments",
        ["post", "worker_oid", "valid_from", "valid_to", "organisation_oid", "region", "superseded_at"],
    )
    _index(
        "employments_region",
        "employments",
        ["region", "worker_oid", "valid_from", "valid_to", "organisation_oid", "post", "superseded_at"],
    )
    _index("employments_worker", "employments", ["worker_oid"])
    _fact(
        "absences",
        _of_worker(),
        sa.Column(
            "employment_id", Identifier(), nullable=False, comment="entity_id of the employment that it interrupts"
        ),
        sa.Column("reason", Identifier(), nullable=False, comment="dictionary 2.999.643.4"),
        sa.Column("order_number", Identifier(), nullable=True, comment="order: number"),
        sa.Column("order_date", sa.Date(), nullable=True, comment="order: date"),
        entity="UUID of the record",
        period="the absence",
        comment="Absences from work: leave, parental leave, illness",
    )
    _index("absences_employment", "absences", ["employment_id"])
    _index("absences_worker", "absences", ["worker_oid"])
    _fact(
        "restrictions",
        _of_worker(),
        sa.Column("restriction_kind", Identifier(), nullable=False, comment="dictionary 2.999.643.5"),
        sa.Column(
            "specialty",
            Identifier(),
            nullable=True,
            comment="specialty to which it is limited: dictionary 1.2.643.5.1.13.13.11.1066",
        ),
        sa.Column(
            "post",
            Identifier(),
            nullable=True,
            comment="post to which it is limited: dictionary 1.2.643.5.1.13.13.11.1002",
        ),
        sa.Column("basis", Identifier(), nullable=False, comment="decision on which it rests: who, what"),
        sa.Column("basis_number", Identifier(), nullable=False, comment="decision on which it rests: number"),
        sa.Column("basis_date", sa.Date(), nullable=False, comment="decision on which it rests: date"),
        sa.Column(
            "lift_basis", Identifier(), nullable=True, comment="decision by which it was lifted: who, what, number"
        ),
        sa.Column(
            "lifted_on", sa.Date(), nullable=True, comment="date of the decision by which it was lifted before its end"
        ),
        entity="UUID of the record",
        period="when it is in force",
        comment="Restrictions and suspensions of the right to practise",
    )
    _index("restrictions_worker", "restrictions", ["worker_oid"])
    _fact(
        "disciplinary_measures",
        _of_worker(),
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="employer that took it"),
        sa.Column("measure", Identifier(), nullable=False, comment="dictionary 2.999.643.6"),
        sa.Column("order_number", Identifier(), nullable=False, comment="order: number"),
        sa.Column("order_date", sa.Date(), nullable=False, comment="order: date"),
        sa.Column("ground", Identifier(), nullable=True, comment="what for"),
        sa.Column("removed_on", sa.Date(), nullable=True, comment="when it was taken off before its end"),
        entity="UUID of the record",
        period="when it is in force",
        comment="Disciplinary measures, shown to few",
    )
    _index("disciplinary_measures_worker", "disciplinary_measures", ["worker_oid"])
    _fact(
        "awards",
        _of_worker(),
        sa.Column(
            "award_kind",
            Identifier(),
            nullable=False,
            comment="AWARD, TITLE (honorary or professional) or DEGREE (academic)",
        ),
        sa.Column("award", Identifier(), nullable=False, comment="which one: dictionary 2.999.643.7"),
        sa.Column("number", Identifier(), nullable=True, comment="number of the document"),
        sa.Column("awarded_on", sa.Date(), nullable=False, comment="date of the award"),
        sa.Column("issuer", Identifier(), nullable=True, comment="who gave it"),
        entity="UUID of the record",
        period="since when it is held",
        comment="Awards, titles and academic degrees",
    )
    _index("awards_worker", "awards", ["worker_oid"])
    _fact(
        "memberships",
        _of_worker(),
        sa.Column("society", Identifier(), nullable=False, comment="professional organisation: dictionary 2.999.643.8"),
        sa.Column("number", Identifier(), nullable=True, comment="number of the membership"),
        entity="UUID of the record",
        period="the membership",
        comment="Membership in professional organisations",
    )
    _index("memberships_worker", "memberships", ["worker_oid"])
    _fact(
        "military_service",
        _of_worker(),
        sa.Column("served", sa.Boolean(), nullable=False, comment="served, or was exempt"),
        sa.Column("rank", Identifier(), nullable=True, comment="rank or speciality, as the document has it"),
        entity="UUID of the record",
        period="the service",
        comment="Military service",
    )
    _index("military_service_worker", "military_service", ["worker_oid"])


def _organisations() -> None:
    _fact(
        "organisations",
        sa.Column("full_name", Identifier(), nullable=False, comment="full name"),
        sa.Column("short_name", Identifier(), nullable=False, comment="short name"),
        sa.Column("inn", Identifier(), nullable=False, comment="ИНН, 10 digits (12 of an entrepreneur)"),
        sa.Column("kpp", Identifier(), nullable=True, comment="КПП, 9 digits"),
        sa.Column("ogrn", Identifier(), nullable=False, comment="ОГРН, 13 digits (15 of an entrepreneur)"),
        sa.Column("ogrn_date", sa.Date(), nullable=True, comment="when the ОГРН was given"),
        sa.Column("region", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.20"),
        sa.Column("head_oid", Identifier(), nullable=True, comment="OID of the organisation of which it is a branch"),
        sa.Column("old_oid", Identifier(), nullable=True, comment="OID under which it was known before"),
        sa.Column("legal_address", Identifier(), nullable=True, comment="registered address"),
        sa.Column("actual_address", Identifier(), nullable=True, comment="address of the place of work"),
        sa.Column(
            "organisation_type",
            Identifier(),
            nullable=True,
            comment="medical, pharmaceutical…: dictionary 2.999.643.22",
        ),
        sa.Column(
            "ownership", Identifier(), nullable=True, comment="state, municipal, private: dictionary 2.999.643.23"
        ),
        sa.Column("legal_form", Identifier(), nullable=True, comment="code of ОКОПФ"),
        sa.Column(
            "department", Identifier(), nullable=True, comment="authority to which it belongs: dictionary 2.999.643.24"
        ),
        sa.Column("agency_kind", Identifier(), nullable=True, comment="kind of institution: dictionary 2.999.643.25"),
        sa.Column(
            "agency_profile", Identifier(), nullable=True, comment="profile of institution: dictionary 2.999.643.26"
        ),
        sa.Column("level", Identifier(), nullable=True, comment="level of care: dictionary 2.999.643.27"),
        sa.Column("founder", Identifier(), nullable=True, comment="founder"),
        sa.Column("phone", Identifier(), nullable=True, comment="phone number, ten digits"),
        sa.Column("email", Identifier(), nullable=True, comment="e-mail address"),
        sa.Column("site", Identifier(), nullable=True, comment="address in the web"),
        sa.Column("closing_reason", Identifier(), nullable=True, comment="why it was closed"),
        entity="OID of the organisation",
        period="existence of the organisation",
        comment="Medical organisations",
    )
    _index("organisations_inn", "organisations", ["inn"])
    _index("organisations_ogrn", "organisations", ["ogrn"])
    _fact(
        "subdivisions",
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="which organisation's it is"),
        sa.Column("name", Identifier(), nullable=False, comment="name"),
        sa.Column("kind", Identifier(), nullable=True, comment="kind of subdivision: dictionary 2.999.643.28"),
        sa.Column("parent_oid", Identifier(), nullable=True, comment="OID of the subdivision above it"),
        sa.Column("address", Identifier(), nullable=True, comment="where it is"),
        entity="OID of the subdivision",
        period="existence of the subdivision",
        comment="Subdivisions of organisations",
    )
    _index("subdivisions_organisation", "subdivisions", ["organisation_oid"])
    _fact(
        "licences",
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="which organisation's it is"),
        sa.Column("series", Identifier(), nullable=True, comment="series"),
        sa.Column("number", Identifier(), nullable=False, comment="number, without spaces"),
        sa.Column("status", Identifier(), nullable=False, comment="VALID, SUSPENDED, ANNULLED or CEASED"),
        sa.Column(
            "notification",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="a notification in place of one",
        ),
        sa.Column("issued_on", sa.Date(), nullable=False, comment="when it was issued"),
        sa.Column("licenser", Identifier(), nullable=False, comment="who issued it: name"),
        sa.Column("licenser_inn", Identifier(), nullable=True, comment="who issued it: ИНН"),
        sa.Column("licenser_ogrn", Identifier(), nullable=True, comment="who issued it: ОГРН"),
        entity="UUID of the record",
        period="validity of the licence",
        comment="Licences of organisations",
    )
    _index("licences_number", "licences", ["number", "organisation_oid"])
    _index("licences_organisation", "licences", ["organisation_oid"])
    _fact(
        "licence_activities",
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="which organisation's it is"),
        sa.Column("licence_id", Identifier(), nullable=False, comment="entity_id of the licence"),
        sa.Column("activity", Identifier(), nullable=False, comment="MEDICAL or PHARMACEUTICAL"),
        sa.Column(
            "work",
            Identifier(),
            nullable=True,
            comment="work or service of the application: dictionary 1.2.643.5.1.13.13.11.1070",
        ),
        sa.Column(
            "specialty",
            Identifier(),
            nullable=True,
            comment="specialty in which it is done: dictionary 1.2.643.5.1.13.13.11.1066",
        ),
        sa.Column("address", Identifier(), nullable=True, comment="object at which it is done"),
        entity="UUID of the record",
        period="when it is permitted",
        comment="What a licence permits, and where",
    )
    _index("licence_activities_licence", "licence_activities", ["licence_id"])
    _index("licence_activities_organisation", "licence_activities", ["organisation_oid"])
    _fact(
        "staff_plans",
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="which organisation's it is"),
        sa.Column("number", Identifier(), nullable=False, comment="number of the staff plan"),
        sa.Column("created_on", sa.Date(), nullable=False, comment="when it was made"),
        entity="UUID of the record",
        period="when it is in force",
        comment="Staff plans (штатное расписание)",
    )
    _index("staff_plans_organisation", "staff_plans", ["organisation_oid"])
    _fact(
        "staff_positions",
        sa.Column("organisation_oid", Identifier(), nullable=False, comment="which organisation's it is"),
        sa.Column("plan_id", Identifier(), nullable=False, comment="entity_id of the staff plan"),
        sa.Column("subdivision_oid", Identifier(), nullable=False, comment="where the posts are"),
        sa.Column("post", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
        sa.Column("rate", sa.Integer(), nullable=False, comment="how many full posts, in hundredths"),
        entity="UUID of the record",
        period="when the posts are there",
        comment="Posts of a staff plan; how many are taken follows from the employments",
    )
    _index("staff_positions_organisation", "staff_positions", ["organisation_oid", "subdivision_oid", "post"])
    _index("staff_positions_plan", "staff_positions", ["plan_id", "subdivision_oid", "post"], unique=True)
