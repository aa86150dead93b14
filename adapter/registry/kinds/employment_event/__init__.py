"""EmploymentEvent: what happens to an employment, from the hire to the dismissal."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Кадровое событие",
    purpose="Records a hire, a transfer, a change of rate, an absence, its end, or a dismissal.",
    writes=True,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION},
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=handle,
    rules=RULES,
    order_key=about_person("Worker/Snils"),
)
