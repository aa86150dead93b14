"""Tables of what entitles a worker to practise, and of the points that keep the entitlement alive."""

from sqlalchemy import Boolean, Column, Date, Integer, false, text

from ....queue.columns import Identifier
from .base import covering_index, current_index, fact, needed, of_worker, optional

certificates = fact(
    "certificates",
    of_worker(),
    needed("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    needed("institution", "dictionary 1.2.643.5.1.13.13.11.1124"),
    optional("series", "series"),
    needed("number", "number, without spaces"),
    Column("exam_date", Date, nullable=False, comment="when the examination was passed"),
    Column(
        "extended", Boolean, nullable=False, server_default=false(), comment="prolonged by law beyond its five years"
    ),
    entity="UUID of the record",
    period="validity of the certificate",
    comment="Certificates of specialists",
)
covering_index("certificates_worker", certificates, "worker_oid", "valid_to", "specialty", "valid_from")
current_index("certificates_number", certificates, "number", "worker_oid")
covering_index("certificates_specialty", certificates, "specialty", "worker_oid", "valid_from", "valid_to")
covering_index("certificates_expiry", certificates, "valid_to", "worker_oid", "specialty", "valid_from")

accreditations = fact(
    "accreditations",
    of_worker(),
    needed("accreditation_kind", "dictionary 1.2.643.5.1.13.13.11.1100"),
    needed("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("post", "post to which it entitles, if it is narrower: dictionary 1.2.643.5.1.13.13.11.1002"),
    needed("institution", "dictionary 1.2.643.5.1.13.13.11.1124"),
    needed("registry_number", "number of the entry"),
    needed("protocol_number", "protocol of the commission: number"),
    Column("protocol_date", Date, nullable=False, comment="protocol of the commission: date"),
    optional("document_series", "paper certificate of accreditation, if one was issued: series"),
    optional("document_number", "paper certificate of accreditation, if one was issued: number"),
    Column(
        "extended", Boolean, nullable=False, server_default=false(), comment="prolonged by law beyond its five years"
    ),
    entity="UUID of the record",
    period="validity of the accreditation",
    comment="Accreditations passed",
)
covering_index("accreditations_worker", accreditations, "worker_oid", "valid_to", "specialty", "valid_from")
current_index("accreditations_number", accreditations, "registry_number", "worker_oid")
covering_index("accreditations_specialty", accreditations, "specialty", "worker_oid", "valid_from", "valid_to")
covering_index("accreditations_expiry", accreditations, "valid_to", "worker_oid", "specialty", "valid_from")

accreditation_procedures = fact(
    "accreditation_procedures",
    of_worker(),
    optional("accreditation_id", "entity_id of the accreditation that it gave; NULL: it gave none"),
    optional("application_number", "number of the application"),
    needed("accreditation_kind", "dictionary 1.2.643.5.1.13.13.11.1100"),
    needed("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("post", "dictionary 1.2.643.5.1.13.13.11.1002"),
    optional("professional_standard", "profession's standard: dictionary 2.999.643.18"),
    optional("activity_kind", "medical or pharmaceutical: dictionary 2.999.643.19"),
    optional("education_level", "level of education at that time: dictionary 2.999.643.12"),
    needed("institution", "where it was held: dictionary 1.2.643.5.1.13.13.11.1124"),
    optional("commission", "number or name of the commission"),
    needed("outcome", "PASSED, FAILED or EXCLUDED"),
    needed("protocol_number", "protocol of the commission: number"),
    Column("protocol_date", Date, nullable=False, comment="protocol of the commission: date"),
    optional("last_name", "surname at that time"),
    optional("first_name", "name at that time"),
    optional("patronymic", "patronymic at that time"),
    entity="UUID of the record",
    period="when it was held",
    comment="Procedures of accreditation, also those that were not passed",
)
current_index("accreditation_procedures_worker", accreditation_procedures, "worker_oid")

qualifications = fact(
    "qualifications",
    of_worker(),
    needed("category", "dictionary 1.2.643.5.1.13.2.1.1.202"),
    needed("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("post", "dictionary 1.2.643.5.1.13.13.11.1002"),
    optional("order_number", "order by which it was given: number"),
    Column("order_date", Date, comment="order by which it was given: date"),
    Column(
        "extended", Boolean, nullable=False, server_default=false(), comment="prolonged by law beyond its five years"
    ),
    entity="UUID of the record",
    period="validity of the category",
    comment="Qualification categories",
)
current_index("qualifications_worker", qualifications, "worker_oid")
covering_index(
    "qualifications_category", qualifications, "category", "worker_oid", "valid_from", "valid_to", "specialty"
)

resolutions = fact(
    "resolutions",
    of_worker(),
    needed("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("post", "dictionary 1.2.643.5.1.13.13.11.1002"),
    optional("patients", "category of patients to whom it is limited: dictionary 2.999.643.20"),
    needed("number", "number of the resolution"),
    Column("issued_on", Date, nullable=False, comment="date of the resolution"),
    optional("issuer", "who issued it"),
    entity="UUID of the record",
    period="validity of the resolution",
    comment="Resolutions to practise (допуск): of students, and of people without an accreditation of their own",
)
current_index("resolutions_worker", resolutions, "worker_oid")

cme_points = fact(
    "cme_points",
    of_worker(),
    needed("activity_kind", "kind of activity: dictionary 2.999.643.21"),
    needed("title", "what it was"),
    optional("provider", "who held it"),
    optional("specialty", "dictionary 1.2.643.5.1.13.13.11.1066"),
    needed("activity_number", "number of the activity or of its confirmation; one credit each"),
    Column(
        "points", Integer, nullable=False, comment="points (ЗЕТ), in hundredths: an entry that takes back is negative"
    ),
    Column("hours", Integer, comment="academic hours"),
    Column(
        "confirmation",
        Identifier(),
        nullable=False,
        server_default=text("'CONFIRMED'"),
        comment="PENDING, CONFIRMED or REFUSED",
    ),
    entity="UUID of the record",
    period="when the activity was held",
    comment="Ledger of points of continuing medical education (НМО)",
)
current_index("cme_points_worker", cme_points, "worker_oid", "valid_to")
current_index("cme_points_activity", cme_points, "worker_oid", "activity_number", unique=True)
