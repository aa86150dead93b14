"""What may be told of each of many workers: one query for all, and none where their consent does not matter."""

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import Connection, bindparam, select

from ..access import Granted
from ..consent import CONSENTED
from ..projection import Projection, consent_matters
from ..schema import persons

_CONSENTING = select(persons.c.entity_id).where(
    persons.c.entity_id.in_(bindparam("workers", expanding=True)), persons.c.superseded_at.is_(None), CONSENTED
)


def views(conn: Connection, granted: Granted, workers: Collection[str], today: date) -> Mapping[str, Projection]:
    """The projection of each worker, in their order: empty where a consent is needed that was not given by `today`."""
    if not workers or not consent_matters(granted.roles):
        return dict.fromkeys(workers, granted.projection)
    consenting = set(conn.scalars(_CONSENTING, {"workers": sorted(workers), "consent_day": today}))
    without = granted.released(consent=False)
    return {oid: granted.projection if oid in consenting else without for oid in workers}
