"""Who may enter the file store, and what for: participants to put files there, recipients to fetch their message's."""

from dataclasses import dataclass
from typing import Protocol

from .storage import Area


@dataclass(frozen=True, slots=True)
class Entry:
    """What opens to somebody who has named a user and its password. `room` is how many octets an upload may add."""

    area: Area
    writes: bool
    room: int = 0


class Gate(Protocol):
    """Knows the users of the store. May be asked by many threads at once."""

    def enter(self, user: str, password: str) -> Entry | None:
        """What opens to them; None if the two do not belong together."""
