"""OrganizationLicences: what an organisation is licensed to do on a day, and where."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Лицензии организации",
    purpose="Lists an organisation's licences with what they permit, and whether any of them is valid on a day.",
    writes=False,
    access=Access(roles=anybody(*Role)),
    handler=handle,
    rules=RULES,
)
