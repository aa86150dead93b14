"""RestrictionLift: a restriction ends before its time, by a decision."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert, Workers
from .section import LIFT

UPSERT = Upsert((LIFT,), Workers(own=False))

KIND = Description(
    version="1.0.0",
    title="Снятие ограничения допуска",
    purpose="Lifts a restriction of the right to practise before its end.",
    writes=True,
    access=Access(roles=anybody(Role.AUTHORITY), signature=True),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_person("Worker/Snils"),
)
