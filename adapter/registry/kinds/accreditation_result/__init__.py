"""AccreditationResult: an accreditation body tells how a procedure ended, and the accreditation that it gave."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_person
from .handler import RULES, handle

KIND = Description(
    version="1.0.0",
    title="Результат аккредитации",
    purpose="Enters, changes or withdraws the outcome of an accreditation procedure, with the accreditation it gave.",
    writes=True,
    access=Access(roles=anybody(Role.ACCREDITATION_BODY), signature=True),
    handler=handle,
    rules=RULES,
    order_key=about_person("Worker/Snils"),
)
