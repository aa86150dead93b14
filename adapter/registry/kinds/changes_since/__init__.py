"""ChangesSince: what has changed in the register, page by page, so that a copy of it can be kept up."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Изменения регистра",
    purpose="Lists the changes of records after a cursor, all or those of one organisation: each once, none left out.",
    writes=False,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY, Role.REGULATOR: Scope.ANY},
        organisation="Organization/Oid",
        purpose=True,
    ),
    handler=handle,
    rules=RULES,
)
