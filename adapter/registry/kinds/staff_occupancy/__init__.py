"""StaffOccupancy: the posts of an organisation's staff plan, and how far they are taken."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Занятость штатных единиц",
    purpose="Compares an organisation's staff plan with its employments on a day: planned, occupied, vacant.",
    writes=False,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY, Role.REGULATOR: Scope.ANY},
        organisation="Organization/Oid",
    ),
    handler=handle,
    rules=RULES,
)
