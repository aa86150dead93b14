"""Tables of where workers work, of what interrupts their work and of what limits it."""

from sqlalchemy import Column, Date, SmallInteger

from .base import covering_index, current_index, fact, needed, of_worker, optional

MAIN_POST = "1"
"""Code of the main place of work in the dictionary of kinds of employment (1.2.643.5.1.13.2.1.1.209)."""

employments = fact(
    "employments",
    of_worker(),
    needed("organisation_oid", "employer"),
    needed("subdivision_oid", "where in it"),
    needed("region", "where the work is done: dictionary 1.2.643.5.1.13.13.99.2.20"),
    needed("post", "dictionary 1.2.643.5.1.13.13.11.1002"),
    optional("specialty", "specialty of the post: dictionary 1.2.643.5.1.13.13.11.1066"),
    needed("position_type", "dictionary 1.2.643.5.1.13.2.1.1.209; 1: main"),
    Column("rate", SmallInteger, nullable=False, comment="share of a full post, in hundredths"),
    optional("service_number", "табельный номер"),
    optional("personal_file_number", "номер личного дела"),
    needed("contract_number", "number of the labour contract"),
    Column("contract_date", Date, nullable=False, comment="date of the labour contract"),
    optional("begin_order_number", "order of hiring or transfer: number"),
    Column("begin_order_date", Date, comment="order of hiring or transfer: date"),
    optional("end_type", "how it ended: dictionary 2.999.643.1"),
    optional("dismissal_reason", "why the worker was dismissed: dictionary 2.999.643.2"),
    optional("end_order_number", "order of transfer or dismissal: number"),
    Column("end_order_date", Date, comment="order of transfer or dismissal: date"),
    optional("previous_id", "the employment that a transfer continues"),
    entity="UUID of the record",
    period="the employment itself",
    comment="Employments: one post in one subdivision from its first to its last day",
)
current_index("employments_worker", employments, "worker_oid")
covering_index(
    "employments_organisation",
    employments,
    "organisation_oid",
    "worker_oid",
    "valid_from",
    "valid_to",
    "post",
    "region",
)
covering_index(
    "employments_post", employments, "post", "worker_oid", "valid_from", "valid_to", "organisation_oid", "region"
)
covering_index(
    "employments_region", employments, "region", "worker_oid", "valid_from", "valid_to", "organisation_oid", "post"
)
# Overlaps with employments that have ended are a rule of the kinds; that nobody holds two main posts without end at
# once is certain, whatever writes to this table.
current_index(
    "employments_main_post",
    employments,
    "worker_oid",
    unique=True,
    also=f" AND valid_to IS NULL AND position_type = '{MAIN_POST}'",
)
current_index(
    "employments_natural_key",
    employments,
    "worker_oid",
    "organisation_oid",
    "post",
    "position_type",
    "valid_from",
    unique=True,
)

absences = fact(
    "absences",
    of_worker(),
    needed("employment_id", "entity_id of the employment that it interrupts"),
    needed("reason", "dictionary 2.999.643.4"),
    optional("order_number", "order: number"),
    Column("order_date", Date, comment="order: date"),
    optional("previous_id", "the absence that goes on here after a transfer"),
    entity="UUID of the record",
    period="the absence",
    comment="Absences from work: leave, parental leave, illness",
)
current_index("absences_worker", absences, "worker_oid")
current_index("absences_employment", absences, "employment_id")

restrictions = fact(
    "restrictions",
    of_worker(),
    needed("restriction_kind", "dictionary 2.999.643.5"),
    optional("specialty", "specialty to which it is limited: dictionary 1.2.643.5.1.13.13.11.1066"),
    optional("post", "post to which it is limited: dictionary 1.2.643.5.1.13.13.11.1002"),
    needed("basis", "decision on which it rests: who, what"),
    needed("basis_number", "decision on which it rests: number"),
    Column("basis_date", Date, nullable=False, comment="decision on which it rests: date"),
    optional("lift_basis", "decision by which it was lifted: who, what, number"),
    Column("lifted_on", Date, comment="date of the decision by which it was lifted before its end"),
    entity="UUID of the record",
    period="when it is in force",
    comment="Restrictions and suspensions of the right to practise",
)
current_index("restrictions_worker", restrictions, "worker_oid")

disciplinary_measures = fact(
    "disciplinary_measures",
    of_worker(),
    needed("organisation_oid", "employer that took it"),
    needed("measure", "dictionary 2.999.643.6"),
    needed("order_number", "order: number"),
    Column("order_date", Date, nullable=False, comment="order: date"),
    optional("ground", "what for"),
    Column("removed_on", Date, comment="when it was taken off before its end"),
    entity="UUID of the record",
    period="when it is in force",
    comment="Disciplinary measures, shown to few",
    section="DISCIPLINE",
)
current_index("disciplinary_measures_worker", disciplinary_measures, "worker_oid")
