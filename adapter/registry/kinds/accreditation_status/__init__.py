"""AccreditationStatus: where a worker may practise, until when, and what that rests on."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Состояние аккредитации",
    purpose="Tells the state of a worker's right to practise in each specialty on a date, with what it rests on.",
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
