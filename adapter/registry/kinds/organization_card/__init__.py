"""OrganizationCard: finds one organisation and gives its record, subdivisions and licences."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Карточка организации",
    purpose="Finds an organisation by OID, ИНН or ОГРН; gives its record, its subdivisions and its licences.",
    writes=False,
    access=Access(roles=anybody(*Role)),
    handler=handle,
    rules=RULES,
)
