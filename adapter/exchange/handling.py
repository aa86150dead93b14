"""How a message is to be handled on its way."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Handling:
    """How a message is to be handled on its way.

    `priority` is that of the sending system, for requests only (MR 2.3.5). Messages with the same `order_key` are
    given to their recipient one at a time, in the order of acceptance; `order_keys` are those of a message that has
    several. After `expires_at` (EOL) a message that nobody has fetched is not delivered any more.
    """

    priority: int = 0
    order_key: str | None = None
    expires_at: datetime | None = None
    order_keys: frozenset[str] = frozenset()
