"""LicenceUpdate: a licence of an organisation, or what one permits, is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_organisation
from ...upsert import ORGANISATIONS, Upsert
from .activity import ACTIVITY
from .licence import LICENCE

UPSERT = Upsert((LICENCE, ACTIVITY), ORGANISATIONS)

KIND = Description(
    version="1.0.0",
    title="Изменение сведений о лицензиях",
    purpose="Enters, changes, suspends, ends or withdraws a licence of an organisation, or what a licence permits.",
    writes=True,
    access=Access(roles=anybody(Role.AUTHORITY, Role.REGULATOR), signature=True),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_organisation("Organization/Oid"),
)
