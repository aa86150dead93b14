"""Keeps the store clean: what nobody needs any more goes, whatever its owner died of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..store.files import forget, is_needed, messages_with_files
from .storage import Area, Storage


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Removes uploads that broke off, files that nobody has sent within `keep`, and those of messages that are done."""

    storage: Storage
    keep: timedelta

    def sweep(self, conn: Connection, now: datetime) -> int:
        """How many things were removed. The database forgets before the files go, so that none is told of in vain."""
        swept = self.storage.sweep() + self.storage.sweep_empty(now - self.keep)
        for area in list(self.storage.areas("uploads")):
            for found in list(self.storage.files(area)):
                if found.stored_at < now - self.keep:
                    self.storage.remove(area, found.file_id)
                    swept += 1
        # What is there now was moved there after the database had learnt of it, which is asked afterwards.
        areas = list(self.storage.areas("messages"))
        for message_id in messages_with_files(conn):
            if not is_needed(conn, message_id):
                forget(conn, message_id)
        known = set(messages_with_files(conn))
        for area in areas:
            if area.owner not in known:
                self.storage.clear(Area.of_message(area.owner))
                swept += 1
        return swept
