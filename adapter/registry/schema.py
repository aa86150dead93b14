"""Tables of the register.

Every fact is kept in versions: a change never overwrites, it closes the current version (`superseded_at`) and adds the
next one. A row thus has two times that do not depend on each other: the business period in which the fact holds
(`valid_from`–`valid_to`, both days included, in the sense each table's comment gives) and the time during which the
register knew it so (`recorded_at`–`superseded_at`). "As of a date" is a condition on the first, "as known on a date"
one on the second. Source and MessageID say who told it.

The current version is the one with `superseded_at IS NULL`. The indexes that serve it say so in words and not by a
bound value, since PostgreSQL cannot use a partial index in a generic plan otherwise.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    text,
)

from ...queue.columns import Identifier, UtcDateTime
from ...queue.schema import NAMING_CONVENTION

MAIN_POST = "1"
"""Code of the main place of work in the dictionary of kinds of employment (1.2.643.5.1.13.2.1.1.209)."""

metadata = MetaData(naming_convention=NAMING_CONVENTION)

_CURRENT = "superseded_at IS NULL"


def _fact(name: str, *columns: Column[Any], entity: str, period: str, comment: str) -> Table:
    """A table of versioned facts: `entity` says what `entity_id` is, `period` what the business period means."""
    table = Table(
        name,
        metadata,
        Column("entity_id", Identifier(), primary_key=True, comment=entity),
        Column("version", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3… within the entity"),
        *columns,
        Column("valid_from", Date, comment=f"{period}: first day; NULL: not known or since ever"),
        Column("valid_to", Date, comment=f"{period}: last day; NULL: without end"),
        Column("recorded_at", UtcDateTime(), nullable=False, comment="since when the register knows it so"),
        Column("superseded_at", UtcDateTime(), comment="when the next version took its place; NULL: current"),
        Column("source", Identifier(), nullable=False, comment="mnemonic of the system that told it"),
        Column("message_id", Identifier(), nullable=False, comment="MessageID of the message that told it"),
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="period"),
        comment=comment,
    )
    _current_index(f"{name}_current", table, "entity_id", unique=True)
    return table


def _current_index(name: str, table: Table, *columns: str, unique: bool = False, also: str = "") -> None:
    where = text(f"{_CURRENT}{also}")
    Index(name, *(table.c[column] for column in columns), unique=unique, sqlite_where=where, postgresql_where=where)


workers = Table(
    "workers",
    metadata,
    Column("oid", Identifier(), primary_key=True, comment="number of the worker in the register, NNNN.NNNNNNN"),
    Column("registered_at", UtcDateTime(), nullable=False, comment="when the worker was entered"),
    comment="Workers as such: what never changes. Whoever changes a record locks this row first",
)


def _of_worker() -> Column[str]:
    return Column("worker_oid", Identifier(), ForeignKey(workers.c.oid), nullable=False, comment="whose fact it is")


persons = _fact(
    "persons",
    Column("status", Identifier(), nullable=False, comment="ACTIVE, SUSPENDED, REVOKED, DECEASED or MERGED"),
    Column("last_name", Identifier(), nullable=False, comment="surname"),
    Column("first_name", Identifier(), nullable=False, comment="name"),
    Column("patronymic", Identifier(), comment="patronymic; not everybody has one"),
    Column("last_folded", Identifier(), nullable=False, comment="surname as it is searched (registry.names)"),
    Column("first_folded", Identifier(), nullable=False, comment="name as it is searched"),
    Column("patronymic_folded", Identifier(), nullable=False, comment="patronymic as it is searched; empty: none"),
    Column("gender", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1040"),
    Column("birth_date", Date, nullable=False, comment="date of birth"),
    Column("snils", Identifier(), comment="СНИЛС, 11 digits"),
    Column("inn", Identifier(), comment="ИНН, 12 digits"),
    Column("citizenship", Identifier(), comment="dictionary 1.2.643.5.1.13.13.99.2.315"),
    entity="OID of the worker",
    period="when the personal data held",
    comment="Personal data of workers",
)
persons.c.entity_id.append_foreign_key(ForeignKey(workers.c.oid))
_current_index("persons_snils", persons, "snils", unique=True)
_current_index("persons_inn", persons, "inn", unique=True)
_current_index("persons_names", persons, "last_folded", "first_folded", "birth_date")

identity_documents = _fact(
    "identity_documents",
    _of_worker(),
    Column("type_code", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.48"),
    Column(
        "series", Identifier(), nullable=False, server_default=text("''"), comment="series, without spaces; empty: none"
    ),
    Column("number", Identifier(), nullable=False, comment="number, without spaces"),
    Column("issuer", Identifier(), comment="who issued it"),
    Column("issuer_code", Identifier(), comment="code of the issuing office, NNN-NNN"),
    entity="UUID of the record",
    period="validity of the document",
    comment="Documents that prove who the worker is",
)
_current_index("identity_documents_number", identity_documents, "number", "series", "type_code")
_current_index("identity_documents_worker", identity_documents, "worker_oid")

organisations = _fact(
    "organisations",
    Column("full_name", Identifier(), nullable=False, comment="full name"),
    Column("short_name", Identifier(), nullable=False, comment="short name"),
    Column("inn", Identifier(), nullable=False, comment="ИНН, 10 digits"),
    Column("kpp", Identifier(), comment="КПП, 9 digits"),
    Column("ogrn", Identifier(), nullable=False, comment="ОГРН, 13 digits (15 of an entrepreneur)"),
    Column("region", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.99.2.20"),
    entity="OID of the organisation",
    period="existence of the organisation",
    comment="Medical organisations",
)

subdivisions = _fact(
    "subdivisions",
    Column("organisation_oid", Identifier(), nullable=False, comment="whose part it is"),
    Column("name", Identifier(), nullable=False, comment="name"),
    entity="OID of the subdivision",
    period="existence of the subdivision",
    comment="Subdivisions of organisations",
)
_current_index("subdivisions_organisation", subdivisions, "organisation_oid")

employments = _fact(
    "employments",
    _of_worker(),
    Column("organisation_oid", Identifier(), nullable=False, comment="employer"),
    Column("subdivision_oid", Identifier(), nullable=False, comment="where in it"),
    Column("post", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1002"),
    Column("position_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.2.1.1.209; 1: main"),
    Column("rate", SmallInteger, nullable=False, comment="share of a full post, in hundredths"),
    Column("service_number", Identifier(), comment="табельный номер"),
    Column("contract_number", Identifier(), nullable=False, comment="number of the labour contract"),
    Column("contract_date", Date, nullable=False, comment="date of the labour contract"),
    Column("begin_order_number", Identifier(), comment="order of hiring or transfer: number"),
    Column("begin_order_date", Date, comment="order of hiring or transfer: date"),
    Column("end_type", Identifier(), comment="how it ended: dictionary 2.999.643.1"),
    Column("dismissal_reason", Identifier(), comment="why the worker was dismissed: dictionary 2.999.643.2"),
    Column("end_order_number", Identifier(), comment="order of transfer or dismissal: number"),
    Column("end_order_date", Date, comment="order of transfer or dismissal: date"),
    Column("previous_id", Identifier(), comment="the employment that a transfer continues"),
    entity="UUID of the record",
    period="the employment itself",
    comment="Employments: one post in one subdivision from its first to its last day",
)
_current_index("employments_worker", employments, "worker_oid")
# Overlaps with employments that have ended are a rule of the kinds; that nobody holds two main posts without end at
# once is certain, whatever writes to this table.
_current_index(
    "employments_main_post",
    employments,
    "worker_oid",
    unique=True,
    also=f" AND valid_to IS NULL AND position_type = '{MAIN_POST}'",
)
_current_index(
    "employments_natural_key",
    employments,
    "worker_oid",
    "organisation_oid",
    "post",
    "position_type",
    "valid_from",
    unique=True,
)

education = _fact(
    "education",
    _of_worker(),
    Column("stage", Identifier(), nullable=False, comment="PROFESSIONAL, POSTGRADUATE or ADDITIONAL"),
    Column("education_type", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1110"),
    Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
    Column("specialty", Identifier(), comment="dictionary 1.2.643.5.1.13.13.11.1066"),
    Column("theme", Identifier(), comment="additional education: its subject"),
    Column("hours", Integer, comment="additional education: how many hours"),
    Column("document_series", Identifier(), comment="diploma or certificate: series"),
    Column("document_number", Identifier(), nullable=False, comment="diploma or certificate: number"),
    Column("document_date", Date, nullable=False, comment="diploma or certificate: when issued"),
    entity="UUID of the record",
    period="the studies",
    comment="Education: professional, postgraduate, additional",
)
_current_index("education_worker", education, "worker_oid")

certificates = _fact(
    "certificates",
    _of_worker(),
    Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
    Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
    Column("series", Identifier(), comment="series"),
    Column("number", Identifier(), nullable=False, comment="number"),
    Column("exam_date", Date, nullable=False, comment="when the examination was passed"),
    Column("extended", Boolean, nullable=False, comment="prolonged by law beyond its five years"),
    entity="UUID of the record",
    period="validity of the certificate",
    comment="Certificates of specialists",
)
_current_index("certificates_worker", certificates, "worker_oid")

accreditations = _fact(
    "accreditations",
    _of_worker(),
    Column("accreditation_kind", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1100"),
    Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
    Column("institution", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1124"),
    Column("registry_number", Identifier(), nullable=False, comment="number of the entry"),
    Column("protocol_number", Identifier(), nullable=False, comment="protocol of the commission: number"),
    Column("protocol_date", Date, nullable=False, comment="protocol of the commission: date"),
    entity="UUID of the record",
    period="validity of the accreditation",
    comment="Accreditations passed",
)
_current_index("accreditations_worker", accreditations, "worker_oid")

qualifications = _fact(
    "qualifications",
    _of_worker(),
    Column("category", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.2.1.1.202"),
    Column("specialty", Identifier(), nullable=False, comment="dictionary 1.2.643.5.1.13.13.11.1066"),
    entity="UUID of the record",
    period="validity of the category",
    comment="Qualification categories",
)
_current_index("qualifications_worker", qualifications, "worker_oid")

dictionaries = Table(
    "dictionaries",
    metadata,
    Column("oid", Identifier(), primary_key=True, comment="OID of the dictionary"),
    Column("version", Identifier(), primary_key=True, comment="version of it that was installed"),
    Column("title", Identifier(), nullable=False, comment="its title"),
    Column("released_on", Date, nullable=False, comment="since when this version is in force"),
    Column("installed_at", UtcDateTime(), nullable=False, comment="when it was installed here"),
    comment="Dictionaries and their versions",
)

dictionary_items = Table(
    "dictionary_items",
    metadata,
    Column("dictionary", Identifier(), primary_key=True, comment="OID of the dictionary"),
    Column("code", Identifier(), primary_key=True, comment="code of the item"),
    Column("valid_from", Date, primary_key=True, comment="first day on which the code has this name"),
    Column("valid_to", Date, comment="last day; NULL: without end"),
    Column("name", Identifier(), nullable=False, comment="its name in that period"),
    Column("parent", Identifier(), comment="code of the item above it"),
    Column("version", Identifier(), nullable=False, comment="version of the dictionary that said so"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
    comment="Items of dictionaries: the periods of a code do not overlap, so that a code has one name on a date",
    sqlite_with_rowid=False,
)
