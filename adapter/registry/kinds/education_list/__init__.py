"""EducationList: what a worker has studied."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Образование",
    purpose="Lists the stages of a worker's education, of all kinds or of some.",
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
