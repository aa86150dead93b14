"""AccessLog: who asked for or changed a worker's record."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Журнал обращений к записи работника",
    purpose="Tells who asked for or changed a worker's record: when, what for and how it ended; page by page.",
    writes=False,
    access=Access(roles=anybody(Role.PORTAL, Role.REGULATOR, Role.AUDITOR, Role.AUTHORITY), purpose=True),
    handler=handle,
    rules=RULES,
)
