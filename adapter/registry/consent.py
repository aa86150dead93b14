"""Whether a worker has consented to the release of the record (152-ФЗ, article 9; requirements P16, G20).

Some roles see nothing of a person without it. A question about one person is then refused (CONSENT_ABSENT) rather than
answered with empty sections: an empty list would say that there is no education, which is not so. A list of persons
leaves out those who have not consented.
"""

from datetime import date

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select

from .access import Granted
from .projection import Projection, consent_matters
from .schema import consents, persons

RELEASE = "RELEASE"
"""Kind of consent: to the release of personal data to others."""


def _given(worker: ColumnElement[str]) -> ColumnElement[bool]:
    return (
        select(consents.c.entity_id)
        .where(
            consents.c.worker_oid == worker,
            consents.c.consent_kind == RELEASE,
            consents.c.superseded_at.is_(None),
            or_(consents.c.valid_from.is_(None), consents.c.valid_from <= bindparam("consent_day")),
            or_(consents.c.valid_to.is_(None), consents.c.valid_to >= bindparam("consent_day")),
        )
        .exists()
    )


CONSENTED = _given(persons.c.entity_id)
"""Condition on `persons`, for lists: the person has consented on the day bound as `consent_day`."""
_ASKED = select(_given(bindparam("worker", type_=persons.c.entity_id.type)))


def released(conn: Connection, granted: Granted, worker_oid: str, day: date) -> Projection:
    """What a request may read of a worker: empty where it needs a consent that the worker has not given by `day`.

    Asks the database only where the answer matters. What was consented is judged as of the request's day, not of the
    day that the request asks about: a consent that was taken back protects the past too.
    """
    if not consent_matters(granted.roles):
        return granted.projection
    consent = conn.execute(_ASKED, {"worker": worker_oid, "consent_day": day}).scalar_one()
    return granted.released(consent=bool(consent))
