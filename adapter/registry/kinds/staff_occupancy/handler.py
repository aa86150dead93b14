"""StaffOccupancy: the staff plans; for each subdivision and post what is planned, taken, vacant, taken beyond them."""

from collections.abc import Collection
from functools import cache
from typing import Any

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection, Select, bindparam, select

from ...dictionaries import POSTS, look_up
from ...kind import namespace
from ...lookup.answers import begun_answer
from ...lookup.fields import Coded, Plain
from ...lookup.organisations import OrganisationRecords, asked_organisation
from ...markup import leaf, share
from ...outcome import Answer, KindRequest, Refusal
from ...schema import staff_plans, staff_positions, subdivisions
from .occupancy import Place, occupancy, total

NAMESPACE = namespace("staff_occupancy", "1.0.0")
Q = f"{{{NAMESPACE}}}"

_DAYS = (Plain("BeginDate", "valid_from"), Plain("EndDate", "valid_to"))
_PLANS = OrganisationRecords("Plan", staff_plans, (Plain("Number", "number"), Plain("Date", "created_on"), *_DAYS))
_PROVIDED = OrganisationRecords(
    "Provided",
    staff_positions,
    (
        Plain("SubdivisionOid", "subdivision_oid"),
        Coded("Post", "post", POSTS, "valid_from"),
        Plain("Rate", "rate", share),
        *_DAYS,
    ),
    within="plan_id",
)


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with every place of the plans in force, and those that are held though no plan has them."""
    asked = asked_organisation(request, conn)
    if isinstance(asked, Refusal):
        return asked
    places = occupancy(conn, asked)
    names, posts = _subdivisions(conn, places), look_up(conn, {(POSTS, place.post) for place in places})
    root = begun_answer(request, asked)
    _rates(SubElement(root, f"{Q}Total"), *total(places.values()))
    written = _PLANS.write({asked.oid: SubElement(root, f"{Q}Plans")}, Q, conn, asked)
    _PROVIDED.write(written, Q, conn, asked)
    positions = SubElement(root, f"{Q}Positions")
    for place, held in places.items():
        element = SubElement(positions, f"{Q}Position")
        _named(SubElement(element, f"{Q}Subdivision"), "Oid", place.subdivision, names.get(place.subdivision))
        post = posts.on(POSTS, place.post, asked.day)
        _named(SubElement(element, f"{Q}Post"), "Code", place.post, post.name if post else None)
        _rates(element, held.planned, held.occupied, held.vacant, held.excess)
        leaf(element, f"{Q}Workers", str(held.workers))
    return Answer(root, (asked.oid,))


def _named(element: Element, tag: str, key: str, name: str | None) -> None:
    leaf(element, f"{Q}{tag}", key)
    if name is not None:
        leaf(element, f"{Q}Name", name)


def _rates(element: Element, planned: int, occupied: int, vacant: int, excess: int) -> None:
    rates = (("Planned", planned), ("Occupied", occupied), ("Vacant", vacant), ("Excess", excess))
    for tag, hundredths in rates:
        leaf(element, f"{Q}{tag}", share(hundredths))


def _subdivisions(conn: Connection, places: Collection[Place]) -> dict[str, str]:
    """The current names of the places' subdivisions."""
    if not places:
        return {}
    oids = sorted({place.subdivision for place in places})
    return {row.entity_id: row.name for row in conn.execute(_names(), {"oids": oids})}


@cache
def _names() -> Select[Any]:
    table = subdivisions
    wanted = select(table.c.entity_id, table.c.name)
    return wanted.where(table.c.entity_id.in_(bindparam("oids", expanding=True)), table.c.superseded_at.is_(None))
