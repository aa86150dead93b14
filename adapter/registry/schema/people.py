"""Tables of workers as persons: who they are, how they are reached, what they agreed to."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Table, false, text

from ....queue.columns import Identifier, UtcDateTime
from .base import current_index, fact, metadata, needed, of_worker, optional

workers = Table(
    "workers",
    metadata,
    Column("oid", Identifier(), primary_key=True, comment="number of the worker in the register, NNNN.NNNNNNN"),
    Column("registered_at", UtcDateTime(), nullable=False, comment="when the worker was entered"),
    comment="Workers as such: what never changes. Whoever changes a record locks this row first",
)

persons = fact(
    "persons",
    needed("status", "ACTIVE, SUSPENDED, REVOKED, DECEASED or MERGED"),
    needed("last_name", "surname"),
    needed("first_name", "name"),
    optional("patronymic", "patronymic; not everybody has one"),
    needed("last_folded", "surname as it is searched (registry.names)"),
    needed("first_folded", "name as it is searched"),
    needed("patronymic_folded", "patronymic as it is searched; empty: none"),
    needed("gender", "dictionary 1.2.643.5.1.13.13.11.1040"),
    Column("birth_date", Date, nullable=False, comment="date of birth"),
    Column("death_date", Date, comment="date of death"),
    optional("birth_place", "place of birth, as the document has it"),
    optional("snils", "СНИЛС, 11 digits"),
    optional("inn", "ИНН, 12 digits"),
    optional("citizenship", "dictionary 1.2.643.5.1.13.13.99.2.315"),
    optional("country", "country of citizenship: dictionary 1.2.643.5.1.13.2.1.1.63 (ОКСМ)"),
    optional("military_relation", "relation to military service: dictionary 2.999.643.10"),
    optional("disability_group", "group of disability: dictionary 2.999.643.11"),
    Column("disability_date", Date, comment="since when the group of disability is established"),
    Column("student", Boolean, nullable=False, server_default=false(), comment="is in the register as a student too"),
    entity="OID of the worker",
    period="when the personal data held",
    comment="Personal data of workers",
    section="PERSON",
)
persons.c.entity_id.append_foreign_key(ForeignKey(workers.c.oid))
current_index("persons_snils", persons, "snils", unique=True)
current_index("persons_inn", persons, "inn", unique=True)
current_index("persons_names", persons, "last_folded", "birth_date", "first_folded")
current_index("persons_surname", persons, "last_folded", "entity_id")
current_index("persons_status", persons, "status", "entity_id")

worker_merges = fact(
    "worker_merges",
    Column("into_oid", Identifier(), ForeignKey(workers.c.oid), nullable=False, comment="OID of the worker that stays"),
    needed("reason", "why the two are one person"),
    entity="OID of the worker whose record was a second one",
    period="since when the records are one",
    comment="Records of one person found under two numbers: which one stays",
)
worker_merges.c.entity_id.append_foreign_key(ForeignKey(workers.c.oid))
current_index("worker_merges_into", worker_merges, "into_oid")

contacts = fact(
    "contacts",
    of_worker(),
    needed("contact_kind", "PHONE or EMAIL"),
    needed("value", "ten digits of a phone number without the country's code, or an e-mail address"),
    Column("preferred", Boolean, nullable=False, server_default=false(), comment="how the worker wants to be told"),
    entity="UUID of the record",
    period="when the worker could be reached so",
    comment="Phone numbers and e-mail addresses of workers",
)
current_index("contacts_worker", contacts, "worker_oid")

identity_documents = fact(
    "identity_documents",
    of_worker(),
    needed("type_code", "dictionary 1.2.643.5.1.13.13.99.2.48"),
    Column(
        "series", Identifier(), nullable=False, server_default=text("''"), comment="series, without spaces; empty: none"
    ),
    needed("number", "number, without spaces"),
    optional("issuer", "who issued it"),
    optional("issuer_code", "code of the issuing office, NNN-NNN"),
    entity="UUID of the record",
    period="validity of the document",
    comment="Documents that prove who the worker is",
)
current_index("identity_documents_number", identity_documents, "number", "series", "type_code")
current_index("identity_documents_worker", identity_documents, "worker_oid")

alternate_identifiers = fact(
    "alternate_identifiers",
    of_worker(),
    needed("system", "whose number it is: ERN (единый регистр населения), EGISZ, GOSUSLUGI, or a mnemonic"),
    needed("value", "the number there"),
    entity="UUID of the record",
    period="when the worker had that number",
    comment="Numbers under which other systems know a worker",
)
current_index("alternate_identifiers_value", alternate_identifiers, "system", "value", unique=True)
current_index("alternate_identifiers_worker", alternate_identifiers, "worker_oid")

addresses = fact(
    "addresses",
    of_worker(),
    needed("address_type", "dictionary 1.2.643.5.1.13.13.99.2.296"),
    needed("region", "dictionary 1.2.643.5.1.13.13.99.2.20"),
    optional("gar_id", "UUID of the address object in the state address register (ГАР)"),
    optional("area_id", "UUID of the settlement in ГАР"),
    optional("street_id", "UUID of the street in ГАР"),
    optional("house_id", "UUID of the house in ГАР"),
    optional("postal_code", "postal code, six digits"),
    optional("area", "settlement with its kind"),
    optional("street", "street with its kind"),
    optional("house", "number of the house"),
    optional("building", "корпус"),
    optional("structure", "строение"),
    optional("flat", "number of the flat"),
    entity="UUID of the record",
    period="when the worker was registered or lived there",
    comment="Addresses of workers",
)
current_index("addresses_worker", addresses, "worker_oid")

consents = fact(
    "consents",
    of_worker(),
    needed("consent_kind", "PROCESSING: to the processing of personal data; RELEASE: to their release to others"),
    optional("document_number", "number of the paper or of the message by which it was given"),
    entity="UUID of the record",
    period="from the day it was given to the day before it was taken back",
    comment="Consents of workers to what is done with their personal data",
)
current_index("consents_worker", consents, "worker_oid", "consent_kind")
