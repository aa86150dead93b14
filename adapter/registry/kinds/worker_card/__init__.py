"""WorkerCard: finds one worker and gives the chosen sections of the record."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Карточка медицинского работника",
    purpose="Finds a worker by СНИЛС, or by name, birth date and identity document; gives the sections asked for.",
    writes=False,
    access=Access(
        roles=anybody(
            Role.EMPLOYER,
            Role.ACCREDITATION_BODY,
            Role.EDUCATION_BODY,
            Role.AUTHORITY,
            Role.PORTAL,
            Role.INSURER,
            Role.REGULATOR,
            Role.PUBLIC,
        ),
        purpose=True,
    ),
    handler=handle,
    rules=RULES,
)
