"""ValidateOnly: what would become of an update, without it."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Проверка без внесения",
    purpose="Tells what would become of any update, and changes nothing.",
    writes=False,
    # Whoever may send some update may try it; the update's own rights are judged by the handler.
    access=Access(
        roles=anybody(
            Role.EMPLOYER,
            Role.ACCREDITATION_BODY,
            Role.EDUCATION_BODY,
            Role.AUTHORITY,
            Role.DICTIONARY_KEEPER,
            Role.PORTAL,
        ),
    ),
    handler=handle,
    rules=RULES,
)
