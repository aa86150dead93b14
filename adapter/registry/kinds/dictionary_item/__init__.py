"""DictionaryItem: what codes of a dictionary mean, on a day or at any time."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Элемент справочника",
    purpose="Tells the names, periods and parents of codes of a dictionary as this register knows them.",
    writes=False,
    access=Access(roles=anybody(*Role)),
    handler=handle,
    rules=RULES,
)
