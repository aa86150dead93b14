"""RecordAttest: an official says that a worker's record, or a section of it, is right as it was seen."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from .section import ATTESTATION

UPSERT = Upsert((ATTESTATION,))

KIND = Description(
    version="1.0.0",
    title="Подтверждение записи",
    purpose="Attests that a worker's record, or a section of it, is right as it was seen; or takes that back.",
    writes=True,
    access=Access(
        roles={Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY},
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_person("Worker/Snils"),
)
