"""OrganizationUpdate: an organisation's own record is changed, or a subdivision is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_organisation
from ...upsert import ORGANISATIONS, Upsert
from .card import CARD
from .subdivision import SUBDIVISION

UPSERT = Upsert((CARD, SUBDIVISION), ORGANISATIONS)

KIND = Description(
    version="1.0.0",
    title="Изменение сведений об организации",
    purpose="Changes an organisation's record, or enters, changes or withdraws one of its subdivisions.",
    writes=True,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY},
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_organisation("Organization/Oid"),
)
