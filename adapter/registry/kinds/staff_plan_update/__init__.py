"""StaffPlanUpdate: a staff plan of an organisation, or posts in one, are entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_organisation
from ...upsert import ORGANISATIONS, Upsert
from .plan import PLAN
from .position import POSITION

UPSERT = Upsert((PLAN, POSITION), ORGANISATIONS)

KIND = Description(
    version="1.0.0",
    title="Изменение штатного расписания",
    purpose="Enters, changes or withdraws a staff plan of an organisation, or posts that it provides for.",
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
