"""WorkerVerify: may a person work on a post, in a specialty, in an organisation, on a date."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Право работать",
    purpose="Decides whether a worker may hold a post or work in a specialty on a date, with every reason against it.",
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
