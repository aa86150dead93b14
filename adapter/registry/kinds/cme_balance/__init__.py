"""CmeBalance: points and hours of continuing education."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Баллы НМО",
    purpose="Tells ledger and balance of a worker's points, and the hours that the five-year cycle lacks.",
    writes=False,
    access=Access(
        roles=anybody(
            Role.EMPLOYER, Role.ACCREDITATION_BODY, Role.EDUCATION_BODY, Role.AUTHORITY, Role.PORTAL, Role.REGULATOR
        ),
        purpose=True,
    ),
    handler=handle,
    rules=RULES,
)
