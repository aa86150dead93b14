"""WorkerClose: a worker has died, or a record turns out to be a second one of the same person."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_person
from .handler import RULES, handle

KIND = Description(
    version="1.0.0",
    title="Закрытие записи работника",
    purpose="Closes a worker's record: death, or merge of two records of one person.",
    writes=True,
    access=Access(roles=anybody(Role.AUTHORITY), signature=True),
    handler=handle,
    rules=RULES,
    order_key=about_person("Worker/Snils"),
)
