"""DictionaryDelta: what has changed in a dictionary between two of its versions, so that a copy can be kept up."""

from ....exchange.roles import Role
from ...access import Access, anybody
from ...kind import Description
from .handler import handle
from .rules import RULES

KIND = Description(
    version="1.0.0",
    title="Изменения справочника",
    purpose="Lists the items by which two versions of a dictionary differ, page by page; or everything that one has.",
    writes=False,
    access=Access(roles=anybody(*Role)),
    handler=handle,
    rules=RULES,
)
