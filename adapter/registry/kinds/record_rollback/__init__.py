"""RecordRollback: a record of a worker becomes again what it was in an earlier version."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_person
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Возврат записи к прежней версии",
    purpose="Makes a record of a worker what it was in an earlier version; nothing of its history is lost.",
    writes=True,
    access=Access(roles=anybody(Role.AUTHORITY), signature=True),
    handler=handle,
    rules=RULES,
    order_key=about_person("Worker/Snils"),
)
