"""RestrictionSet: a restriction of the right to practise is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert, Workers
from .section import RESTRICTION

UPSERT = Upsert((RESTRICTION,), Workers(own=False))

KIND = Description(
    version="1.0.0",
    title="Ограничение допуска",
    purpose="Enters, changes or withdraws a restriction of the right to practise.",
    writes=True,
    access=Access(roles=anybody(Role.AUTHORITY), signature=True),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_person("Worker/Snils"),
)
