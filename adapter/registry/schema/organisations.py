"""Tables of organisations: what they are, what they may do, which posts they have."""

from sqlalchemy import Boolean, Column, Date, Integer, false

from .base import current_index, fact, needed, of_organisation, optional

organisations = fact(
    "organisations",
    needed("full_name", "full name"),
    needed("short_name", "short name"),
    needed("inn", "ИНН, 10 digits (12 of an entrepreneur)"),
    optional("kpp", "КПП, 9 digits"),
    needed("ogrn", "ОГРН, 13 digits (15 of an entrepreneur)"),
    Column("ogrn_date", Date, comment="when the ОГРН was given"),
    needed("region", "dictionary 1.2.643.5.1.13.13.99.2.20"),
    optional("head_oid", "OID of the organisation of which it is a branch"),
    optional("old_oid", "OID under which it was known before"),
    optional("legal_address", "registered address"),
    optional("actual_address", "address of the place of work"),
    optional("organisation_type", "medical, pharmaceutical…: dictionary 2.999.643.22"),
    optional("ownership", "state, municipal, private: dictionary 2.999.643.23"),
    optional("legal_form", "code of ОКОПФ"),
    optional("department", "authority to which it belongs: dictionary 2.999.643.24"),
    optional("agency_kind", "kind of institution: dictionary 2.999.643.25"),
    optional("agency_profile", "profile of institution: dictionary 2.999.643.26"),
    optional("level", "level of care: dictionary 2.999.643.27"),
    optional("founder", "founder"),
    optional("phone", "phone number, ten digits"),
    optional("email", "e-mail address"),
    optional("site", "address in the web"),
    optional("closing_reason", "why it was closed"),
    entity="OID of the organisation",
    period="existence of the organisation",
    comment="Medical organisations",
)
current_index("organisations_inn", organisations, "inn")
current_index("organisations_ogrn", organisations, "ogrn")

subdivisions = fact(
    "subdivisions",
    of_organisation(),
    needed("name", "name"),
    optional("kind", "kind of subdivision: dictionary 2.999.643.28"),
    optional("parent_oid", "OID of the subdivision above it"),
    optional("address", "where it is"),
    entity="OID of the subdivision",
    period="existence of the subdivision",
    comment="Subdivisions of organisations",
)
current_index("subdivisions_organisation", subdivisions, "organisation_oid")

licences = fact(
    "licences",
    of_organisation(),
    optional("series", "series"),
    needed("number", "number, without spaces"),
    needed("status", "VALID, SUSPENDED, ANNULLED or CEASED"),
    Column("notification", Boolean, nullable=False, server_default=false(), comment="a notification in place of one"),
    Column("issued_on", Date, nullable=False, comment="when it was issued"),
    needed("licenser", "who issued it: name"),
    optional("licenser_inn", "who issued it: ИНН"),
    optional("licenser_ogrn", "who issued it: ОГРН"),
    entity="UUID of the record",
    period="validity of the licence",
    comment="Licences of organisations",
)
current_index("licences_organisation", licences, "organisation_oid")
current_index("licences_number", licences, "number", "organisation_oid")

licence_activities = fact(
    "licence_activities",
    of_organisation(),
    needed("licence_id", "entity_id of the licence"),
    needed("activity", "MEDICAL or PHARMACEUTICAL"),
    optional("work", "work or service of the application: dictionary 1.2.643.5.1.13.13.11.1070"),
    optional("specialty", "specialty in which it is done: dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("address", "object at which it is done"),
    entity="UUID of the record",
    period="when it is permitted",
    comment="What a licence permits, and where",
)
current_index("licence_activities_licence", licence_activities, "licence_id")
current_index("licence_activities_organisation", licence_activities, "organisation_oid")

staff_plans = fact(
    "staff_plans",
    of_organisation(),
    needed("number", "number of the staff plan"),
    Column("created_on", Date, nullable=False, comment="when it was made"),
    entity="UUID of the record",
    period="when it is in force",
    comment="Staff plans (штатное расписание)",
)
current_index("staff_plans_organisation", staff_plans, "organisation_oid")

staff_positions = fact(
    "staff_positions",
    of_organisation(),
    needed("plan_id", "entity_id of the staff plan"),
    needed("subdivision_oid", "where the posts are"),
    needed("post", "dictionary 1.2.643.5.1.13.13.11.1002"),
    Column("rate", Integer, nullable=False, comment="how many full posts, in hundredths"),
    entity="UUID of the record",
    period="when the posts are there",
    comment="Posts of a staff plan; how many are taken follows from the employments",
)
current_index("staff_positions_plan", staff_positions, "plan_id", "subdivision_oid", "post", unique=True)
current_index("staff_positions_organisation", staff_positions, "organisation_oid", "subdivision_oid", "post")
