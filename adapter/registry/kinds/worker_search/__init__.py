"""WorkerSearch: lists workers by any key and filter, page by page."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Поиск медицинских работников",
    purpose="Lists workers by numbers, names, posts, specialties, expiry and other filters; page by page.",
    writes=False,
    access=Access(
        roles=anybody(
            Role.EMPLOYER,
            Role.ACCREDITATION_BODY,
            Role.EDUCATION_BODY,
            Role.AUTHORITY,
            Role.INSURER,
            Role.REGULATOR,
            Role.PUBLIC,
        ),
        purpose=True,
    ),
    handler=handle,
    rules=RULES,
)
