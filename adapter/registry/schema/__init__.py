"""Tables of the register.

Every fact is kept in versions: a change never overwrites, it closes the current version (`superseded_at`) and adds the
next one. A row thus has two times that do not depend on each other: the business period in which the fact holds
(`valid_from`–`valid_to`, both days included, in the sense each table's comment gives) and the time during which the
register knew it so (`recorded_at`–`superseded_at`, the first moment included, the last one not). "As of a date" is a
condition on the first, "as known on a date" one on the second (registry.reading). Source and MessageID say who told it.

The current version is the one with `superseded_at IS NULL`. A fact that was taken back has none: its last version is
marked `withdrawn`, says who took it back, and was superseded the moment it was recorded. So nothing is ever removed,
and nobody who asks for what is current, or was known at a time, need think of what was withdrawn.
"""

from .audit import audit_entries, audit_links, audit_pending, audit_seals
from .base import metadata, section_of
from .careers import MAIN_POST, absences, disciplinary_measures, employments, restrictions
from .credentials import (
    accreditation_procedures,
    accreditations,
    certificates,
    cme_points,
    qualifications,
    resolutions,
)
from .dictionaries import dictionaries, dictionary_items
from .distinctions import awards, memberships, military_service
from .education import education
from .organisations import (
    licence_activities,
    licences,
    organisations,
    staff_plans,
    staff_positions,
    subdivisions,
)
from .people import (
    addresses,
    alternate_identifiers,
    consents,
    contacts,
    identity_documents,
    persons,
    worker_merges,
    workers,
)
from .records import attestations, changes
from .rights import official_organisations, officials

FACTS = tuple(table for table in metadata.sorted_tables if "section" in table.info)
"""All tables of facts."""
WORKER_FACTS = tuple(table for table in FACTS if "worker_oid" in table.c)
"""The tables of facts that a worker has any number of; `persons` and `worker_merges` bear the worker's own number."""

__all__ = [
    "FACTS",
    "MAIN_POST",
    "WORKER_FACTS",
    "absences",
    "accreditation_procedures",
    "accreditations",
    "addresses",
    "alternate_identifiers",
    "attestations",
    "audit_entries",
    "audit_links",
    "audit_pending",
    "audit_seals",
    "awards",
    "certificates",
    "changes",
    "cme_points",
    "consents",
    "contacts",
    "dictionaries",
    "dictionary_items",
    "disciplinary_measures",
    "education",
    "employments",
    "identity_documents",
    "licence_activities",
    "licences",
    "memberships",
    "metadata",
    "military_service",
    "official_organisations",
    "officials",
    "organisations",
    "persons",
    "qualifications",
    "resolutions",
    "restrictions",
    "section_of",
    "staff_plans",
    "staff_positions",
    "subdivisions",
    "worker_merges",
    "workers",
]
