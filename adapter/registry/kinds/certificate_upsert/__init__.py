"""CertificateUpsert: a specialist's certificate is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from .section import CERTIFICATE

UPSERT = Upsert((CERTIFICATE,))

KIND = Description(
    version="1.0.0",
    title="Сертификат специалиста",
    purpose="Enters, changes or withdraws a specialist's certificate.",
    writes=True,
    access=Access(
        roles={
            Role.EMPLOYER: Scope.OWN_ORGANISATION,
            Role.EDUCATION_BODY: Scope.ANY,
            Role.AUTHORITY: Scope.ANY,
        },
        organisation="Organization/Oid",
        signature=True,
    ),
    handler=UPSERT.handle,
    rules=UPSERT.rules,
    order_key=about_person("Worker/Snils"),
)
