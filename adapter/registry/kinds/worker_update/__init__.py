"""WorkerUpdate: what is known of a worker as a person is changed, one record at a time."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from ...upsert.person import ALTERNATE_IDENTIFIER, OF_A_NEW_WORKER, PERSON

UPSERT = Upsert((PERSON, *OF_A_NEW_WORKER, ALTERNATE_IDENTIFIER))

KIND = Description(
    version="1.0.0",
    title="Изменение сведений о работнике",
    purpose="Changes a worker's personal data, or one document, address, contact, consent or number elsewhere.",
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
