"""AwardUpsert: an award, a title or an academic degree is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from .section import AWARD

UPSERT = Upsert((AWARD,))

KIND = Description(
    version="1.0.0",
    title="Награда, звание, учёная степень",
    purpose="Enters, changes or withdraws an award, a title or an academic degree.",
    writes=True,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY},
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_person("Worker/Snils"),
)
