"""A file store for tests: a gate with a list of who may enter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mezhved.adapter.files.gate import Entry
from mezhved.adapter.files.storage import Area

MEGABYTE = 1024 * 1024


@dataclass
class Listed:
    """Lets in who is in the list, by user and password."""

    entries: Mapping[tuple[str, str], Entry] = field(
        default_factory=lambda: {
            ("REGION", "secret"): Entry(Area.of_participant("REGION"), writes=True, room=300 * MEGABYTE),
            ("m-1", "token"): Entry(Area.of_message("message"), writes=False),
        }
    )

    def enter(self, user: str, password: str) -> Entry | None:
        return self.entries.get((user, password))
