"""EducationUpsert: an education of whatever stage is entered, changed or withdrawn."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from .sections import SECTIONS

UPSERT = Upsert(SECTIONS)

KIND = Description(
    version="1.0.0",
    title="Образование",
    purpose="Enters, changes or withdraws an education: professional, postgraduate, additional, general.",
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
