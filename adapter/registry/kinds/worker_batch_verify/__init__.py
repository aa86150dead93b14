"""WorkerBatchVerify: up to a thousand questions about the right to work, each answered by itself."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Право работать, списком",
    purpose="Decides up to 1000 questions about the right to work at once; a bad one does not stop the others.",
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
