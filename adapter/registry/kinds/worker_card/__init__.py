"""WorkerCard: finds one worker and gives the chosen sections of the record."""

from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Карточка медицинского работника",
    purpose="Finds a worker by СНИЛС, or by name, birth date and identity document; gives the sections asked for.",
    writes=False,
    handler=handle,
    rules=RULES,
)
