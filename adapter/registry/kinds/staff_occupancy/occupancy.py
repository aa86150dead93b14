"""What a staff plan provides for and what of it is taken, counted by the database: two queries, whatever the size.

Nobody is named, so no projection of a person's record is needed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, distinct, func, select

from ...lookup.organisations import AskedOrganisation
from ...lookup.owned import of_owners
from ...reading import Shape
from ...schema import employments, staff_plans, staff_positions

_OWNER = "organisation_oid"


class Place(NamedTuple):
    """Where posts of one sort are: OID of the subdivision and code of the post."""

    subdivision: str
    post: str


@dataclass(slots=True)
class Occupancy:
    """Full posts in hundredths, and how many people hold them."""

    planned: int = 0
    occupied: int = 0
    workers: int = 0

    @property
    def vacant(self) -> int:
        """What of the plan is not taken, in hundredths."""
        return max(self.planned - self.occupied, 0)

    @property
    def excess(self) -> int:
        """What is taken beyond the plan, in hundredths."""
        return max(self.occupied - self.planned, 0)


def occupancy(conn: Connection, asked: AskedOrganisation) -> dict[Place, Occupancy]:
    """Every place that a plan in force has, or somebody holds, in order."""
    values = {"owners": [asked.oid], **asked.at.values}
    places: dict[Place, Occupancy] = {}
    for subdivision, post, rate in conn.execute(_planned(asked.at.shape), values):
        places[Place(subdivision, post)] = Occupancy(planned=int(rate))
    for subdivision, post, rate, workers in conn.execute(_occupied(asked.at.shape), values):
        place = places.setdefault(Place(subdivision, post), Occupancy())
        place.occupied, place.workers = int(rate), workers
    return dict(sorted(places.items()))


def total(places: Iterable[Occupancy]) -> tuple[int, int, int, int]:
    """Planned, occupied, vacant and excess of all places together; a vacancy here is not filled by an excess there."""
    found = list(places)
    return (
        sum(one.planned for one in found),
        sum(one.occupied for one in found),
        sum(one.vacant for one in found),
        sum(one.excess for one in found),
    )


@cache
def _planned(shape: Shape) -> Select[Any]:
    table, plans = staff_positions, select(staff_plans.c.entity_id).where(of_owners(staff_plans, shape, owner=_OWNER))
    place = table.c.subdivision_oid, table.c.post
    wanted = select(*place, func.sum(table.c.rate))
    return wanted.where(of_owners(table, shape, owner=_OWNER), table.c.plan_id.in_(plans)).group_by(*place)


@cache
def _occupied(shape: Shape) -> Select[Any]:
    table = employments
    place = table.c.subdivision_oid, table.c.post
    wanted = select(*place, func.sum(table.c.rate), func.count(distinct(table.c.worker_oid)))
    return wanted.where(of_owners(table, shape, owner=_OWNER)).group_by(*place)
