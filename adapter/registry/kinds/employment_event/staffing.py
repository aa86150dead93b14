"""What the organisation's staff plan provides for where a worker is to work, and what of it is taken: one query."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, select

from ...reading import Shape, holds
from ...schema import employments, staff_plans, staff_positions
from .event import Event

_ON_DAY = Shape(as_of=True, known_on=False)


@dataclass(frozen=True, slots=True)
class Staffing:
    """Full posts in hundredths: what the plan in force has, and what of it others hold."""

    planned: int
    occupied: int


def staffing(conn: Connection, event: Event) -> Staffing | None:
    """The posts of the event's place on its day, without the employment that it changes; None: no plan is in force."""
    if event.place is None:
        return None
    values = {
        "organisation": event.organisation_oid,
        "subdivision": event.place.subdivision_oid,
        "post": event.place.post,
        "employment": event.employment_id or "",
        "as_of": event.day,
    }
    row = conn.execute(_staffing(), values).one()
    return Staffing(int(row.planned), int(row.occupied)) if row.plans else None


@cache
def _staffing() -> Select[Any]:
    plans, positions, held = staff_plans, staff_positions, employments
    in_force = and_(plans.c.organisation_oid == bindparam("organisation"), holds(plans, _ON_DAY))
    here = [
        and_(
            table.c.organisation_oid == bindparam("organisation"),
            table.c.subdivision_oid == bindparam("subdivision"),
            table.c.post == bindparam("post"),
            holds(table, _ON_DAY),
        )
        for table in (positions, held)
    ]
    of_plans = positions.c.plan_id.in_(select(plans.c.entity_id).where(in_force))
    counted = select(func.count()).select_from(plans).where(in_force)
    planned = select(func.coalesce(func.sum(positions.c.rate), 0)).where(here[0], of_plans)
    others = held.c.entity_id != bindparam("employment")
    occupied = select(func.coalesce(func.sum(held.c.rate), 0)).where(here[1], others)
    return select(
        counted.scalar_subquery().label("plans"),
        planned.scalar_subquery().label("planned"),
        occupied.scalar_subquery().label("occupied"),
    )
