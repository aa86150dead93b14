"""What the rest of the node needs of the file store: a gate by the database, and the store as the operations see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from ..exchange.filed import FileLimits
from ..store.engine import read
from ..store.files import granted_message, has_password
from ..store.participants import CachedParticipants
from .gate import Entry
from .naming import BadName
from .storage import Area, Storage


@dataclass(frozen=True, slots=True)
class DatabaseGate:
    """Lets in participants that are switched on, and recipients of messages. See `gate.Gate`."""

    engine: Engine
    participants: CachedParticipants
    room: int

    def enter(self, user: str, password: str) -> Entry | None:
        """What opens to them."""
        with read(self.engine) as conn:
            message_id = granted_message(conn, user, password)
            if message_id is not None:
                return Entry(Area.of_message(message_id), writes=False)
            if not has_password(conn, user, password):
                return None
        participant = self.participants.by_mnemonic(user)
        if participant is None or not participant.active:
            return None
        return Entry(Area.of_participant(user), writes=True, room=self.room)


@dataclass(frozen=True, slots=True)
class ExchangeFiles:
    """See `exchange.filed.FileStore`."""

    storage: Storage
    limits: FileLimits

    def sizes(self, mnemonic: str, file_ids: Sequence[str]) -> Sequence[int]:
        """Octets of the files that are there."""
        area = Area.of_participant(mnemonic)
        found = []
        for file_id in file_ids:
            try:
                stored = self.storage.find(area, file_id)
            except BadName:
                continue
            if stored is not None:
                found.append(stored.size)
        return found

    def clear(self, message_id: str) -> None:
        """Removes the files of a message."""
        self.storage.clear(Area.of_message(message_id))
