"""QualificationUpsert: a qualification category is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from .section import QUALIFICATION

UPSERT = Upsert((QUALIFICATION,))

KIND = Description(
    version="1.0.0",
    title="Квалификационная категория",
    purpose="Enters, changes or withdraws a qualification category.",
    writes=True,
    access=Access(
        roles={
            Role.EMPLOYER: Scope.OWN_ORGANISATION,
            Role.AUTHORITY: Scope.ANY,
        },
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_person("Worker/Snils"),
)
