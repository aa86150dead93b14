"""WorkerRegister: a new worker is entered, and gets a number in the register."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from .handler import RULES, handle

KIND = Description(
    version="1.0.0",
    title="Внесение работника в регистр",
    purpose="Enters a new worker: personal data, identity documents, addresses, contacts, consents.",
    writes=True,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY},
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=handle,
    rules=RULES,
    order_key=about_person("Person/Snils"),
)
