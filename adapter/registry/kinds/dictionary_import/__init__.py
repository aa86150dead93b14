"""DictionaryImport: a version of a dictionary takes the place of the one before."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from ...ordering import about_dictionary
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Загрузка справочника",
    purpose="Takes over a version of a dictionary, of up to 5000 items, in the place of the one before.",
    writes=True,
    access=Access(roles=anybody(Role.DICTIONARY_KEEPER), signature=True),
    handler=handle,
    rules=RULES,
    order_key=about_dictionary("Dictionary"),
)
