"""EmploymentHistory: where a worker has worked, and the medical seniority."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Трудовая история",
    purpose="Lists a worker's employments, and computes the medical seniority in full years and months.",
    writes=False,
    access=Access(
        roles=anybody(Role.EMPLOYER, Role.ACCREDITATION_BODY, Role.AUTHORITY, Role.PORTAL, Role.REGULATOR), purpose=True
    ),
    handler=handle,
    rules=RULES,
)
