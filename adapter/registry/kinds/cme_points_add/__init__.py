"""CmePointsAdd: points of continuing medical education are credited, corrected or taken back."""

from ....exchange.roles import Role
from ...access import Access, Scope
from ...kind import Description
from ...ordering import about_person
from ...upsert import Upsert
from .section import POINTS

UPSERT = Upsert((POINTS,))

KIND = Description(
    version="1.0.0",
    title="Баллы НМО",
    purpose="Credits points of continuing medical education, corrects a credit or takes it back.",
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
