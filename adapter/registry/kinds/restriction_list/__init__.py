"""RestrictionList: what limits a worker's right to work."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Ограничения",
    purpose="Lists a worker's restrictions, measures and resolutions, and whether a restriction is in force.",
    writes=False,
    access=Access(
        roles=anybody(
            Role.EMPLOYER, Role.ACCREDITATION_BODY, Role.AUTHORITY, Role.PORTAL, Role.INSURER, Role.REGULATOR
        ),
        purpose=True,
    ),
    handler=handle,
    rules=RULES,
)
