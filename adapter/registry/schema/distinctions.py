"""Tables of awards, titles and degrees, of membership in societies, of military service."""

from sqlalchemy import Boolean, Column, Date

from .base import current_index, fact, needed, of_worker, optional

awards = fact(
    "awards",
    of_worker(),
    needed("award_kind", "AWARD, TITLE (honorary or professional) or DEGREE (academic)"),
    needed("award", "which one: dictionary 2.999.643.7"),
    optional("number", "number of the document"),
    Column("awarded_on", Date, nullable=False, comment="date of the award"),
    optional("issuer", "who gave it"),
    entity="UUID of the record",
    period="since when it is held",
    comment="Awards, titles and academic degrees",
)
current_index("awards_worker", awards, "worker_oid")

memberships = fact(
    "memberships",
    of_worker(),
    needed("society", "professional organisation: dictionary 2.999.643.8"),
    optional("number", "number of the membership"),
    entity="UUID of the record",
    period="the membership",
    comment="Membership in professional organisations",
)
current_index("memberships_worker", memberships, "worker_oid")

military_service = fact(
    "military_service",
    of_worker(),
    Column("served", Boolean, nullable=False, comment="served, or was exempt"),
    optional("rank", "rank or speciality, as the document has it"),
    entity="UUID of the record",
    period="the service",
    comment="Military service",
)
current_index("military_service_worker", military_service, "worker_oid")
